from datetime import timedelta

import pytest
from django.utils import timezone

from cases.models import Case, Outcome
from cases.rules.codes import Actor, EventCode, FollowUpState, HandOverState, Status
from cases.rules.errors import Refused, Stale
from cases.services import carrying, closing, follow_ups
from members.services import messages as outbox

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(microsecond=0)


@pytest.fixture
def outcome(catalogue):
    return Outcome.objects.get(code="rights_met")


def test_the_five_outcomes(catalogue):
    assert [row.code for row in Outcome.objects.all()] == [
        "rights_met",
        "discretion",
        "not_obtained",
        "referred_out",
        "void",
    ]


def test_closing_ends_plans_offers_and_messages(case, world, outcome):
    plan = follow_ups.schedule(
        case=case, title="Telepon", due_at=NOW + timedelta(hours=3), owner=world.relawan, by=world.relawan, now=NOW
    )
    offer = carrying.offer(case=case, to=world.relawan2, next_step="Telepon", by=world.relawan, now=NOW)
    message = outbox.post(recipient=world.relawan, kind="reminder", key="a", data={}, about=case.about)[1]
    closed = closing.close(case=case, outcome=outcome, note="Dirawat.", by=world.relawan, now=NOW)
    plan.refresh_from_db(), offer.refresh_from_db(), message.refresh_from_db()
    assert (closed.status, closed.outcome, closed.closed_at, closed.next_due_at) == (Status.CLOSED, outcome, NOW, None)
    assert (plan.state, offer.state) == (FollowUpState.CANCELLED, HandOverState.WITHDRAWN)
    assert message.state == message.State.CANCELLED
    event = case.events.latest("pk")
    assert (event.type.code, event.text, event.data["outcome"]) == (EventCode.CLOSED, "Dirawat.", "rights_met")


def test_a_second_tap_closes_nothing_twice(case, world, outcome):
    closing.close(case=case, outcome=outcome, by=world.relawan, now=NOW)
    closing.close(case=case, outcome=Outcome.objects.get(code="void"), by=world.relawan2, now=NOW)
    assert Case.objects.get(pk=case.pk).outcome == outcome
    assert case.events.filter(type__code=EventCode.CLOSED).count() == 1


def test_what_was_written_or_planned_meanwhile_is_looked_at_first(case, world, outcome):
    version = Case.objects.get(pk=case.pk).version
    follow_ups.schedule(
        case=case, title="Telepon", due_at=NOW + timedelta(hours=3), owner=None, by=world.relawan2, now=NOW
    )
    with pytest.raises(Stale):
        closing.close(case=case, outcome=outcome, by=world.relawan, version=version, now=NOW)


def test_opened_again_somebody_looks_at_it(case, world, outcome):
    closing.close(case=case, outcome=outcome, by=world.relawan, now=NOW)
    again = closing.reopen(case=case, by=world.koordinator, reason="Rumah sakit menagih lagi.", now=NOW)
    assert (again.status, again.outcome, again.closed_at, again.next_actor) == (Status.RUNNING, None, None, Actor.US)
    plan = case.follow_ups.open().get()
    assert (plan.owner, again.next_due_at) == (world.relawan, plan.due_at)
    assert case.events.filter(type__code=EventCode.REOPENED).get().text == "Rumah sakit menagih lagi."
    closing.reopen(case=case, by=world.koordinator, reason="Sekali lagi.", now=NOW)
    assert case.events.filter(type__code=EventCode.REOPENED).count() == 1


def test_without_a_reason_it_stays_closed(case, world, outcome):
    closing.close(case=case, outcome=outcome, by=world.relawan, now=NOW)
    with pytest.raises(Refused):
        closing.reopen(case=case, by=world.koordinator, reason="  ", now=NOW)


def test_a_case_that_was_opened_again_is_our_turn_until_something_happens(case, world, outcome):
    closing.close(case=case, outcome=outcome, by=world.relawan, now=NOW)
    again = closing.reopen(case=case, by=world.koordinator, reason="Ditagih lagi.", now=NOW)
    assert again.next_actor == Actor.US
