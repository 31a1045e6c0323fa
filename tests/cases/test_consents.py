from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.models import Consent, Outcome
from cases.rules.codes import EventCode, FollowUpKind
from cases.rules.errors import Refused
from cases.services import closing, consents, follow_ups
from tests.factories import make_case


@pytest.fixture
def url(case):
    return reverse("cases:consents", args=[case.uuid])


def test_the_newest_answer_of_each_purpose_holds(world, case):
    now = timezone.now()
    consents.state(case=case, answers={"help": True, "share": True}, by=world.relawan, now=now)
    assert consents.is_live(case, "share")
    consents.state(case=case, answers={"share": False}, by=world.relawan, now=now + timedelta(minutes=1))
    assert not consents.is_live(case, "share")
    # told late: what was said before does not overrule what was said after
    consents.state(
        case=case, answers={"share": True}, by=world.relawan, stated_at=now - timedelta(days=2),
        now=now + timedelta(minutes=2),
    )  # fmt: skip
    held = consents.standing(case)
    assert {purpose: row.is_given for purpose, row in held.items()} == {"help": True, "share": False}
    assert not consents.is_live(make_case(desk=world.desk, by=world.relawan), "share")


def test_it_does_what_was_planned_for_it(world, case):
    plan = follow_ups.schedule(
        case=case,
        title="Minta persetujuan",
        due_at=timezone.now() + timedelta(hours=5),
        owner=world.relawan,
        by=world.relawan,
        kind=FollowUpKind.CONSENT,
    )
    other = follow_ups.schedule(
        case=case, title="Telepon", due_at=timezone.now() + timedelta(hours=5), owner=world.relawan, by=world.relawan
    )
    consents.state(case=case, answers={"help": False}, by=world.relawan)
    plan.refresh_from_db()
    other.refresh_from_db()
    assert (plan.state, other.state) == ("done", "open")
    assert case.events.get(type__code=EventCode.CONSENT_STATED).data == {"consent_help": False}


def test_the_same_form_counts_once(world, case):
    key = uuid4()
    first = consents.state(case=case, answers={"help": True, "share": False}, by=world.relawan, submit_key=key)
    again = consents.state(case=case, answers={"help": True, "share": False}, by=world.relawan, submit_key=key)
    assert {row.pk for row in again} == {row.pk for row in first}
    assert Consent.objects.count() == 2


def test_refused(world, case):
    other = make_case(desk=world.desk, by=world.relawan)
    for wrong in (
        {"answers": {}},
        {"answers": {"help": True}, "stated_at": timezone.now() + timedelta(hours=1)},
        {"answers": {"help": True}, "party": other.parties.get()},
    ):
        with pytest.raises(Refused):
            consents.state(case=case, by=world.relawan, **wrong)
    assert not Consent.objects.exists()


def test_numbers_leave_the_note(world, case):
    row = consents.state(case=case, answers={"help": True}, note="Telepon 081234567890", by=world.relawan)[0]
    assert "081234567890" not in row.note


class TestPage:
    def test_ask_keep_and_show(self, world, case, url, as_user):
        client = as_user(world.relawan)
        assert client.get(url).status_code == 200
        party = case.parties.get()
        sent = {
            "submit_key": uuid4(),
            "may_help": "yes",
            "may_share": "no",
            "may_publish": "",
            "party": str(party.uuid),
            "form": "oral",
            "note": "Lewat telepon",
        }
        assert client.post(url, sent).status_code == 302
        assert client.post(url, sent).status_code == 302
        assert Consent.objects.filter(case=case, party=party).count() == 2
        page = client.get(url).content.decode()
        assert "Lewat telepon" in page

    def test_nothing_answered_keeps_what_was_typed(self, world, case, url, as_user):
        page = as_user(world.relawan).post(url, {"note": "Besok ditanya lagi"})
        assert page.status_code == 200
        assert "Besok ditanya lagi" in page.content.decode()
        assert not Consent.objects.exists()

    def test_bad_input(self, world, case, url, as_user):
        tomorrow = timezone.localdate() + timedelta(days=1)
        for wrong in ({"on": tomorrow.isoformat()}, {"on": "2026-02-31"}, {"party": str(uuid4())}, {"proof": "x"}):
            page = as_user(world.relawan).post(url, {"may_help": "yes", **wrong})
            assert page.status_code == 200, wrong
        assert not Consent.objects.exists()

    def test_a_closed_case_may_be_asked_too(self, world, case, url, as_user):
        closing.close(case=case, outcome=Outcome.objects.first(), by=world.relawan)
        assert as_user(world.relawan).post(url, {"may_publish": "yes"}).status_code == 302
        assert consents.is_live(case, "publish")

    def test_only_who_works_on_it(self, world, case, url, as_user):
        for user in (world.relawan2, world.outsider, world.pimpinan):
            assert as_user(user).get(url).status_code == 404
            assert as_user(user).post(url, {"may_help": "yes"}).status_code == 404
        assert not Consent.objects.exists()
