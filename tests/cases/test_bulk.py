"""Many cases in one act: refused in words row by row, nothing twice, taken back within ten minutes."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, CaseTag, Event, HandOver, Outcome
from cases.services import bulk, closing, restriction
from members.models import Message
from tests.factories import make_case

LIST, URL = reverse("cases:case-list"), reverse("cases:bulk")


@pytest.fixture
def some(world):
    """Three open cases of the desk (one free), a closed one, one of another desk."""
    carried = [
        make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, title=f"Dipegang {at}") for at in (1, 2)
    ]
    free = make_case(desk=world.desk, by=world.relawan, title="Bebas")
    closed = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, title="Selesai")
    closing.close(case=closed, outcome=Outcome.objects.first(), by=world.relawan)
    elsewhere = make_case(desk=world.other_desk, by=world.outsider, assignee=world.outsider, title="Lain")
    return [*carried, free, closed, elsewhere]


def send(client, cases, **data):
    return client.post(URL, {"kasus": [str(case.uuid) for case in cases], **data})


def assignees(cases):
    return [Case.objects.get(pk=case.pk).assignee for case in cases]


class TestAssign:
    def test_the_page_says_how_many_and_why_not_others(self, some, world, as_user):
        answer = send(as_user(world.koordinator), some, act="assign")
        text = answer.content.decode()
        assert answer.context["count"] == 3
        assert f"{some[3].number}" in text
        assert "sudah ditutup" in text
        assert some[4].number not in text
        assert "Tugaskan 3 kasus" in text
        assert 'name="act" value="assign"' in text

    def test_given_once_told_once_and_taken_back(self, some, world, as_user):
        client, key = as_user(world.koordinator), uuid4()
        data = {"act": "assign", "to": str(world.relawan2.uuid), "reason": "Cuti", "submit_key": key, "confirm": 1}
        for _time in range(2):
            answer = send(client, some[:3], **data)
            assert answer.status_code == 302
        assert assignees(some[:3]) == [world.relawan2] * 3
        assert Event.objects.filter(type__code="assigned", text="Cuti").count() == 3
        told = Message.objects.get(recipient=world.relawan2, channel="inbox", kind="cases_moved")
        assert told.data == {"count": 3}
        text = client.get(LIST).content.decode()
        assert "3 kasus ditugaskan" in text
        undo = reverse("cases:bulk-undo", args=[key])
        assert undo in text
        Case.objects.filter(pk=some[1].pk).update(assignee=world.koordinator)  # somebody went on with it
        client.post(undo)
        assert assignees(some[:3]) == [world.relawan, world.koordinator, None]
        assert bulk.undo(batch=key, by=world.koordinator) == 0

    def test_not_by_others_and_not_after_ten_minutes(self, some, world):
        key, picked = uuid4(), [some[0].uuid]
        bulk.hand(picked=picked, act="assign", to=world.relawan2, reason="", by=world.koordinator, batch=key)
        assert bulk.undo(batch=key, by=world.koordinator_atas) == 0
        assert bulk.undo(batch=key, by=world.koordinator, now=timezone.now() + timedelta(minutes=11)) == 0
        assert bulk.undo(batch=key, by=world.koordinator) == 1

    def test_a_relawan_assigns_nothing(self, some, world, as_user):
        client = as_user(world.relawan)
        answer = send(client, some, act="assign", to=str(world.relawan2.uuid), confirm=1)
        assert answer.context["count"] == 0
        assert assignees(some[:2]) == [world.relawan] * 2

    def test_somebody_of_another_desk_is_not_on_the_list(self, some, world, as_user):
        client = as_user(world.koordinator)
        answer = send(client, some[:1], act="assign", to=str(world.outsider.uuid), confirm=1, reason="Pindah kota")
        assert answer.status_code == 200
        assert "Pindah kota" in answer.content.decode()
        assert assignees(some[:1]) == [world.relawan]

    def test_all_of_the_list(self, some, world, as_user):
        answer = as_user(world.koordinator).post(f"{URL}?relawan={world.relawan.uuid}", {"semua": 1, "act": "assign"})
        assert answer.context["count"] == 2

    def test_nothing_ticked_says_so(self, some, world, as_user):
        answer = as_user(world.koordinator).post(URL, {"act": "assign"}, follow=True)
        assert "Centang paling sedikit satu kasus" in answer.content.decode()


class TestOffer:
    def test_offered_and_withdrawn(self, some, world, as_user):
        client, key = as_user(world.relawan), uuid4()
        data = {"act": "offer", "to": str(world.relawan2.uuid), "submit_key": key, "confirm": 1}
        for _time in range(2):
            send(client, some[:2], **data)
        offers = HandOver.objects.filter(batch=key)
        assert {(offer.from_user, offer.to_user, offer.state) for offer in offers} == {
            (world.relawan, world.relawan2, "offered")
        }
        assert offers.count() == 2
        assert assignees(some[:2]) == [world.relawan] * 2
        again = send(client, some[:2], act="offer")
        assert "sudah ditawarkan" in again.content.decode()
        client.post(reverse("cases:bulk-undo", args=[key]))
        assert {offer.state for offer in HandOver.objects.filter(batch=key)} == {"withdrawn"}


class TestLabels:
    def test_put_on_many_and_taken_off(self, some, world, as_user):
        client, key = as_user(world.relawan), uuid4()
        old = CaseTag.objects.create(
            case=some[0], label="cuci darah", tagged_at=timezone.now(), tagged_by=world.koordinator
        )
        for _time in range(2):
            send(client, some, act="tag", label="  Cuci   Darah ", submit_key=key, confirm=1)
        assert set(CaseTag.objects.values_list("case", "label")) == {
            (case.pk, "cuci darah") for case in (some[0], some[1], some[3])
        }
        assert len(client.get(f"{LIST}?label=cuci darah&lihat=semua").context["rows"]) == 3
        client.post(reverse("cases:bulk-undo", args=[key]))
        assert list(CaseTag.objects.all()) == [old]

    def test_taken_off_many_and_put_back(self, some, world, as_user):
        client, key, before = as_user(world.relawan), uuid4(), timezone.now() - timedelta(days=3)
        for case in (some[0], some[1], some[4]):
            CaseTag.objects.create(case=case, label="obat", tagged_at=before, tagged_by=world.koordinator)
        CaseTag.objects.create(case=some[0], label="bpjs", tagged_at=before, tagged_by=world.koordinator)
        assert 'value="untag"' in client.get(f"{LIST}?pilih=1").content.decode()
        page = send(client, some[:4], act="untag").content.decode()
        assert "obat (2 kasus)" in page and "bpjs (1 kasus)" in page
        assert f"{some[2].number}" in page and "tidak berlabel" in page
        assert send(client, some[:4], act="untag", label="lain", confirm=1).status_code == 409
        for _time in range(2):
            answer = send(client, some, act="untag", label="obat", submit_key=key, confirm=1)
        assert answer.status_code == 302
        assert set(CaseTag.objects.values_list("case", "label")) == {(some[0].pk, "bpjs"), (some[4].pk, "obat")}
        assert "Label dilepas dari 2 kasus" in client.get(LIST).content.decode()
        assert bulk.undo(batch=key, by=world.koordinator) == 0
        assert bulk.undo(batch=key, by=world.relawan, now=timezone.now() + timedelta(minutes=11)) == 0
        restriction.restrict(case=some[1], reason="other", by=world.relawan)
        client.post(reverse("cases:bulk-undo", args=[key]))
        assert list(some[0].tags.values_list("label", "tagged_by", "tagged_at")) == [
            ("bpjs", world.koordinator.pk, before), ("obat", world.koordinator.pk, before)
        ]  # fmt: skip
        assert not some[1].tags.exists() and bulk.undo(batch=key, by=world.relawan) == 0

    @pytest.mark.parametrize("label", ["", "3515014107850002", "081234567890", "#"])
    def test_no_label_of_nothing_or_of_a_number(self, some, world, as_user, label):
        answer = send(as_user(world.relawan), some[:1], act="tag", label=label, confirm=1)
        assert answer.status_code == 200
        assert not CaseTag.objects.exists()

    def test_those_of_one_case(self, some, world, as_user):
        url = reverse("cases:case-tags", args=[some[0].uuid])
        client = as_user(world.relawan)
        client.post(url, {"labels": "Cuci darah, BPJS , cuci  darah,"})
        assert list(some[0].tags.values_list("label", flat=True)) == ["bpjs", "cuci darah"]
        assert 'value="bpjs, cuci darah"' in client.get(url).content.decode()
        wrong = client.post(url, {"labels": "bpjs, 3515014107850002"})
        assert "3515014107850002" in wrong.content.decode()
        client.post(url, {"labels": "bpjs"})
        assert list(some[0].tags.values_list("label", flat=True)) == ["bpjs"]
        restriction.restrict(case=some[0], reason="other", by=world.relawan)
        assert not some[0].tags.exists()
        assert client.post(url, {"labels": "bpjs"}).status_code == 409


def test_the_statements_do_not_grow_with_the_cases(world):
    def spent(many):
        cases = [make_case(desk=world.desk, by=world.relawan, assignee=world.relawan) for _at in range(many)]
        with CaptureQueriesContext(connection) as asked:
            done = bulk.hand(
                picked=[case.uuid for case in cases],
                act="assign",
                to=world.relawan2,
                reason="",
                by=world.koordinator,
                batch=uuid4(),
            )
        assert done.count == many
        return len(asked)

    assert spent(2) == spent(12)
