"""Collective cases: what stands under what, lists of names, and what they come to."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.models import Attempt, Case, CaseCount, EventType, Outcome, ProblemType
from cases.reports.collective import rollup
from cases.rules.codes import CaseKind, PartyRole
from cases.rules.collective import read_names
from cases.rules.errors import CaseIsClosed, Refused
from cases.services import carrying, closing, collective, facts
from tests.factories import make_case

pytestmark = pytest.mark.django_db


def url(name, row):
    return reverse(f"cases:{name}", args=[row.uuid])


@pytest.fixture
def parent(world):
    return make_case(
        desk=world.desk, by=world.relawan, assignee=world.relawan, place=world.place, kind=CaseKind.COLLECTIVE,
        title="Iuran dihentikan pabrik", patient="",
    )  # fmt: skip


@pytest.fixture
def mine(as_user, world):
    return as_user(world.relawan)


# What may stand under what


def test_made_collective_and_back(mine, case):
    assert "Jadikan kolektif" in mine.get(url("collective", case)).content.decode()
    mine.post(url("collective-kind", case))
    case.refresh_from_db()
    assert case.kind == CaseKind.COLLECTIVE
    assert "Jenis: Perorangan → Kolektif" in mine.get(url("timeline", case) + "?sistem=1").content.decode().replace(
        "jenis", "Jenis"
    ).replace("Satu orang", "Perorangan")
    mine.post(url("collective-kind", case), {"jenis": "individual"})
    case.refresh_from_db()
    assert case.kind == CaseKind.INDIVIDUAL


def test_a_linked_case_stands_under_the_other_once(mine, parent, case):
    for _tap in range(2):
        answer = mine.post(url("collective-link", parent), {"number": case.number})
        assert answer["Location"] == url("collective", parent)
    case.refresh_from_db()
    assert case.parent == parent
    assert parent.events.filter(type__code="sub_case_added").count() == 1
    assert case.number in mine.get(url("collective", parent)).content.decode()
    mine.post(url("collective-unlink", case))
    case.refresh_from_db()
    assert case.parent is None


def test_no_circles_and_no_second_storey(world, parent, case):
    other = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, kind=CaseKind.COLLECTIVE)
    collective.link(parent=parent, case=case, by=world.relawan)
    for wrong in (
        {"parent": parent, "case": parent},
        {"parent": case, "case": parent},
        {"parent": parent, "case": other},
        {"parent": other, "case": case},
        {"parent": case, "case": make_case(desk=world.desk, by=world.relawan)},
    ):
        with pytest.raises(Refused):
            collective.link(**wrong, by=world.relawan)
    with pytest.raises(Refused):
        collective.set_kind(case=case, kind=CaseKind.COLLECTIVE, by=world.relawan)
    with pytest.raises(Refused):
        collective.set_kind(case=parent, kind=CaseKind.INDIVIDUAL, by=world.relawan)
    assert set(Case.objects.filter(parent__isnull=False)) == {case}


def test_a_number_that_is_not_mine_is_no_case(mine, world, parent):
    strange = make_case(desk=world.other_desk, by=world.outsider, assignee=world.outsider)
    for number in (strange.number, "KWL-99-99999", "nama orang"):
        answer = mine.post(url("collective-link", parent), {"number": number})
        assert answer.status_code == 409
        assert "Tidak ada kasus bernomor ini" in answer.content.decode()
    assert not Case.objects.filter(parent=parent).exists()


def test_what_one_may_not_open_is_neither_listed_nor_counted(mine, world, parent, case):
    hidden = make_case(desk=world.other_desk, by=world.outsider, assignee=world.outsider, patient="Rahasia Sekali")
    Case.objects.filter(pk__in=[hidden.pk, case.pk]).update(parent=parent)
    page = mine.get(url("collective", parent)).content.decode()
    assert hidden.number not in page and case.number in page
    assert rollup(parent, world.relawan).all == 1
    answer = mine.post(url("collective-names", parent), {"names": "Rahasia Sekali", "how": "cases"})
    assert ">sudah ada<" not in answer.content.decode()


def test_a_sub_case_does_not_tell_the_number_of_a_parent_one_may_not_open(mine, world, case):
    strange = make_case(desk=world.other_desk, by=world.outsider, assignee=world.outsider, kind=CaseKind.COLLECTIVE)
    Case.objects.filter(pk=case.pk).update(parent=strange)
    for name in ("case-detail", "collective"):
        page = mine.get(url(name, case)).content.decode()
        assert strange.number not in page and strange.title not in page.replace(case.title, "")
    assert "Anda tidak punya akses" in mine.get(url("collective", case)).content.decode()


# The quick log


def test_a_sub_case_takes_over_what_it_shares(mine, world, parent):
    problem = ProblemType.objects.get(code="D03")
    Case.objects.filter(pk=parent.pk).update(problem_type=problem)
    parent.problem_types.add(problem)
    address = reverse("cases:quick-log") + f"?induk={parent.uuid}"
    page = mine.get(address).content.decode()
    assert parent.number in page and world.place.name in page
    assert f'name="parent" value="{parent.uuid}"' in page
    sent = {"submit_key": uuid4(), "parent": parent.uuid, "story": "Kartu istrinya mati.", "worker_name": "Budi"}
    for _tap in range(2):
        assert mine.post(reverse("cases:quick-log"), sent).status_code == 302
    [sub] = Case.objects.filter(parent=parent)
    assert sub.parties.get(role="worker").person.full_name == "Budi"
    assert parent.events.filter(type__code="sub_case_added").count() == 1


def test_a_strange_parent_is_refused_kindly(mine, world, case):
    strange = make_case(desk=world.other_desk, by=world.outsider, assignee=world.outsider, kind=CaseKind.COLLECTIVE)
    for uuid in (strange.uuid, case.uuid, uuid4()):
        assert 'name="parent"' not in mine.get(reverse("cases:quick-log") + f"?induk={uuid}").content.decode()
        sent = {"submit_key": uuid4(), "parent": uuid, "story": "Sesuatu."}
        answer = mine.post(reverse("cases:quick-log"), sent)
        assert answer.status_code == 200 and "Kasus kolektifnya tidak bisa ditambah" in answer.content.decode()
    assert not Case.objects.filter(story="Sesuatu.").exists()
    assert mine.get(reverse("cases:quick-log") + "?induk=bukan-nomor").status_code == 200


# A list of names


def test_a_list_as_sheets_and_chats_have_it():
    found = read_names(
        "1. Budi Santoso, 0812 3456 7890\n2) Siti Aminah\tNIK 3515014407880001\n- Slamet\n\n•  budi  santoso\n12\n"
        "Tono (HP 0813-1111-2222)\nAni; bagian gudang\n",
        known=["SLAMET"],
    )
    assert [one.name for one in found] == ["Budi Santoso", "Siti Aminah", "Slamet", "budi santoso", "Tono", "Ani"]
    assert found[0].phone and not found[0].is_doubtful
    assert found[1].numbers == {"nik": "3515014407880001"}
    assert found[2].is_known and found[3].is_again
    assert found[4].phone


def test_looked_at_then_added_all_at_once_and_once(mine, world, parent):
    key = uuid4()
    sent = {"names": "Budi\nSiti\nbudi\nTono", "how": "cases", "submit_key": key}
    first = mine.post(url("collective-names", parent), sent)
    assert "dua kali di daftar" in first.content.decode() and not Case.objects.filter(parent=parent).exists()
    for _tap in range(2):
        assert mine.post(url("collective-names", parent), {**sent, "sure": "1"}).status_code == 302
    rows = Case.objects.filter(parent=parent)
    assert sorted(row.parties.get().person.full_name for row in rows) == ["Budi", "Siti", "Tono"]
    assert {(row.desk, row.place, row.assignee) for row in rows} == {(parent.desk, parent.place, world.relawan)}
    assert not any(row.follow_ups.exists() for row in rows)
    plan = parent.follow_ups.get()
    assert plan.title == "Tanya keadaan dan persetujuan 3 orang di daftar"
    assert "Budi" not in "".join(rows.values_list("title", flat=True))


def test_doubles_only_where_they_are_wanted(mine, parent):
    sent = {"names": "Budi\nbudi", "how": "people", "sure": "1"}
    mine.post(url("collective-names", parent), {**sent, "submit_key": uuid4()})
    assert parent.parties.filter(role=PartyRole.AFFECTED).count() == 1
    answer = mine.post(url("collective-names", parent), {**sent, "names": "Budi", "submit_key": uuid4()})
    assert answer.status_code == 409 and "sudah ada" in answer.content.decode()
    mine.post(url("collective-names", parent), {**sent, "doubles": "on", "submit_key": uuid4()})
    assert parent.parties.filter(role=PartyRole.AFFECTED).count() == 3


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ("", "Tempel paling sedikit satu nama."),
        ("12\n--\n", "Tidak ada nama di daftar."),
        ("\n".join(f"Orang {chr(97 + n % 26)}{n}x" for n in range(501)), "Paling banyak 500 nama"),
    ],
)
def test_bad_lists_say_why_and_keep_what_was_typed(mine, parent, names, words):
    answer = mine.post(url("collective-names", parent), {"names": names, "how": "cases", "sure": "1"})
    page = answer.content.decode()
    assert words in page
    assert names[:20].strip() in page
    assert not Case.objects.filter(parent=parent).exists()


def test_nobody_is_added_where_one_cannot_be(mine, world, parent, monkeypatch):
    real, made = collective.intake.open_case, []

    def third_fails(**given):
        made.append(given)
        if len(made) == 3:
            raise Refused("Tidak bisa.")
        return real(**given)

    monkeypatch.setattr(collective.intake, "open_case", third_fails)
    sent = {"names": "Budi\nSiti\nTono", "how": "cases", "sure": "1", "submit_key": uuid4()}
    assert mine.post(url("collective-names", parent), sent).status_code == 409
    assert not Case.objects.filter(parent=parent).exists()


def test_nothing_is_added_to_a_closed_case_or_one_that_is_not_collective(mine, world, parent, case):
    sent = {"names": "Budi", "how": "cases", "sure": "1"}
    assert "Hanya kasus kolektif" in mine.post(url("collective-names", case), sent).content.decode()
    closing.close(case=parent, outcome=Outcome.objects.get(code="void"), by=world.koordinator, note="x")
    for how in ("cases", "people"):
        answer = mine.post(url("collective-names", parent), {**sent, "how": how})
        assert answer.status_code == 409 and "sudah ditutup" in answer.content.decode()
    with pytest.raises(CaseIsClosed):
        collective.link(parent=parent, case=case, by=world.relawan)
    assert not Case.objects.filter(parent=parent).exists() and not parent.parties.exists()


# Added up


def test_what_it_comes_to(mine, world, parent):
    now = timezone.now()
    rows = [make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, parent=parent) for _n in range(3)]
    Case.objects.filter(pk=rows[0].pk).update(occurred_at=now - timedelta(days=70))
    facts.tell(case=rows[0], type=EventType.objects.get(code="died"), by=world.relawan)
    closing.close(case=rows[1], outcome=Outcome.objects.get(code="rights_met"), by=world.relawan, note="Aktif lagi.")
    for row, answer, reason in ((rows[0], "full", "penuh"), (rows[1], "full", "penuh"), (rows[2], "accepted", "")):
        Attempt.objects.create(case=row, body=world.place, at=now, answer=answer, reason=reason, logged_at=now)
    CaseCount.objects.create(case=parent, what="died", number=31, source="Pendamping hukum", logged_at=now)
    found = rollup(parent, world.relawan)
    assert (found.all, found.open, found.closed, found.died) == (3, 2, 1, 1)
    assert found.outcomes == [("Hak terpenuhi", 1)]
    assert [month.begun for month in found.months] == [2, 1]
    [facility] = found.facilities
    assert (facility.asked, facility.full, facility.accepted, facility.said) == (3, 2, 1, "penuh (2)")
    page = mine.get(url("collective", parent)).content.decode()
    for words in ("Hak terpenuhi 1", "31", "Pendamping hukum", "penuh (2)", world.place.name):
        assert words in page


def test_the_statements_do_not_grow_with_the_sub_cases(as_user, world, parent):
    client = as_user(world.relawan)

    def statements():
        with CaptureQueriesContext(connection) as queries:
            client.get(url("collective", parent))
        return len(queries)

    def more(count):
        for _n in range(count):
            make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, parent=parent)

    more(2)
    few = statements()
    more(6)
    assert statements() <= few <= 34


def test_handed_over_to_another_the_list_stays(world, parent):
    collective.add_people(parent=parent, people=read_names("Budi"), by=world.relawan, submit_key=uuid4())
    carrying.assign(case=parent, to=world.relawan2, by=world.koordinator)
    assert Case.objects.filter(parent=parent).count() == 1
