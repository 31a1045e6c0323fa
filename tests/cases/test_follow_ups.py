from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from cases.models import Case, FollowUp, Outcome
from cases.rules.codes import EventCode, FollowUpKind, FollowUpState
from cases.rules.errors import CaseIsClosed, Refused, Stale
from cases.services import closing, follow_ups
from members.services import messages as outbox

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(microsecond=0)


@pytest.fixture
def plan(world, case):
    def plan(hours=24, **given):
        fields = {"title": "Telepon IGD", "owner": world.relawan, "by": world.relawan, "now": NOW}
        return follow_ups.schedule(case=case, due_at=NOW + timedelta(hours=hours), **{**fields, **given})

    return plan


def codes(case):
    return list(case.events.order_by("pk").values_list("type__code", flat=True))


def waiting_for(follow_up, user):
    return outbox.post(
        recipient=user, kind="reminder", key=str(uuid4()), data={}, thing=follow_up.thing, about=follow_up.case.about
    )[1]


def test_a_plan_is_set_once_and_told_on_the_timeline(plan, case):
    key = uuid4()
    first = plan(submit_key=key)
    assert plan(submit_key=key) == first
    assert case.follow_ups.count() == 1
    assert first.remind_at is not None
    assert Case.objects.get(pk=case.pk).next_due_at == first.due_at
    assert codes(case)[-1] == EventCode.FOLLOW_UP_SET


def test_a_plan_of_the_coordinators_has_no_owner(plan):
    assert plan(owner=None).owner is None


def test_only_care_and_consent_end_with_the_patient(plan):
    assert plan(kind=FollowUpKind.CARE).for_the_living
    assert not plan(kind=FollowUpKind.LETTER).for_the_living


@pytest.mark.parametrize("hours", [0, -1, 24 * 365 * 6])
def test_moments_nobody_means_are_refused(plan, hours):
    with pytest.raises(Refused):
        plan(hours=hours)


def test_a_closed_case_takes_no_plan(plan, case, world):
    closing.close(case=case, outcome=Outcome.objects.first(), by=world.relawan, now=NOW)
    with pytest.raises(CaseIsClosed):
        plan()


def test_numbers_leave_titles_and_notes(plan, world):
    follow_up = plan(title="Telepon adik di 081234567890")
    assert "081234567890" not in follow_up.title
    follow_ups.finish(follow_up=follow_up, by=world.relawan, note="Nomor baru 081298765432.", now=NOW)
    assert "081298765432" not in follow_up.end_note


def test_finishing_twice_is_finishing_once(plan, case, world):
    follow_up = plan()
    message = waiting_for(follow_up, world.relawan)
    follow_ups.finish(follow_up=follow_up, by=world.relawan, note="Sudah.", now=NOW)
    follow_ups.finish(follow_up=follow_up, by=world.relawan2, note="Juga saya.", now=NOW)
    follow_up.refresh_from_db(), message.refresh_from_db()
    assert (follow_up.state, follow_up.ended_by, follow_up.end_note) == (FollowUpState.DONE, world.relawan, "Sudah.")
    assert follow_up.remind_at is None
    assert message.state == message.State.CANCELLED
    assert codes(case).count(EventCode.FOLLOW_UP_DONE) == 1


def test_undo_opens_it_again_with_its_reminders(plan, case, world):
    follow_up = plan()
    follow_ups.finish(follow_up=follow_up, by=world.relawan, now=NOW)
    follow_ups.undo_finish(follow_up=follow_up, by=world.relawan, now=NOW)
    follow_ups.undo_finish(follow_up=follow_up, by=world.relawan, now=NOW)
    assert follow_up.state == FollowUpState.OPEN
    assert follow_up.remind_at is not None
    assert Case.objects.get(pk=case.pk).next_due_at == follow_up.due_at
    assert codes(case)[-2:] == [EventCode.FOLLOW_UP_DONE, EventCode.FOLLOW_UP_SET]


def test_undo_on_a_closed_case_is_refused(plan, case, world):
    follow_up = plan()
    follow_ups.finish(follow_up=follow_up, by=world.relawan, now=NOW)
    closing.close(case=case, outcome=Outcome.objects.first(), by=world.relawan, now=NOW)
    with pytest.raises(CaseIsClosed):
        follow_ups.undo_finish(follow_up=follow_up, by=world.relawan, now=NOW)


def test_cancelled_with_its_reason(plan, case, world):
    follow_up = plan()
    follow_ups.cancel(follow_up=follow_up, by=world.relawan, note="Sudah ditelepon keluarga.", now=NOW)
    assert follow_up.state == FollowUpState.CANCELLED
    assert case.events.latest("pk").text == "Sudah ditelepon keluarga."


def test_moved_it_is_reminded_anew(plan, case, world):
    follow_up = plan(hours=24)
    message = waiting_for(follow_up, world.relawan)
    later = NOW + timedelta(days=10)
    moved = follow_ups.move(follow_up=follow_up, due_at=later, by=world.relawan, version=follow_up.version, now=NOW)
    message.refresh_from_db()
    assert message.state == message.State.CANCELLED
    assert moved.due_at == later
    assert moved.remind_at > follow_up.remind_at
    assert Case.objects.get(pk=case.pk).next_due_at == later
    data = case.events.latest("pk").data
    assert (data["from"], data["to"]) == (follow_up.due_at.isoformat(), later.isoformat())


def test_a_late_plan_may_be_given_away_without_a_new_moment(plan, world):
    follow_up = plan(hours=1)
    later = NOW + timedelta(hours=5)
    given = follow_ups.move(
        follow_up=follow_up, due_at=follow_up.due_at, owner=world.relawan2, by=world.koordinator, now=later
    )
    assert given.owner == world.relawan2
    with pytest.raises(Refused):
        follow_ups.move(follow_up=given, due_at=NOW + timedelta(hours=2), by=world.koordinator, now=later)


def test_given_away_the_first_owner_hears_no_more_of_it(plan, world):
    follow_up = plan()
    message = waiting_for(follow_up, world.relawan)
    follow_ups.move(follow_up=follow_up, due_at=follow_up.due_at, owner=world.relawan2, by=world.relawan, now=NOW)
    message.refresh_from_db()
    assert message.state == message.State.CANCELLED


def test_saving_what_is_the_same_tells_nothing(plan, case, world):
    follow_up = plan()
    before = codes(case)
    follow_ups.move(
        follow_up=follow_up,
        due_at=follow_up.due_at,
        title=follow_up.title,
        owner=follow_up.owner,
        by=world.relawan,
        now=NOW,
    )
    assert codes(case) == before


def test_a_stale_version_is_refused_with_what_is_there(plan, world):
    follow_up = plan()
    follow_ups.move(follow_up=follow_up, due_at=NOW + timedelta(days=2), by=world.relawan, version=1, now=NOW)
    with pytest.raises(Stale) as refusal:
        follow_ups.move(follow_up=follow_up, due_at=NOW + timedelta(days=3), by=world.relawan2, version=1, now=NOW)
    assert refusal.value.current.due_at == NOW + timedelta(days=2)


def test_what_has_ended_is_neither_moved_nor_snoozed(plan, world):
    follow_up = plan()
    follow_ups.finish(follow_up=follow_up, by=world.relawan, now=NOW)
    with pytest.raises(Refused):
        follow_ups.move(follow_up=follow_up, due_at=NOW + timedelta(days=2), by=world.relawan, now=NOW)
    with pytest.raises(Refused):
        follow_ups.snooze(follow_up=follow_up, until=NOW + timedelta(hours=1), by=world.relawan, now=NOW)


def test_snoozed_it_is_quiet_and_still_due(plan, world):
    follow_up = plan(hours=2)
    until = NOW + timedelta(hours=1)
    follow_ups.snooze(follow_up=follow_up, until=until, by=world.relawan, now=NOW)
    assert (follow_up.remind_at, follow_up.snoozed_until) == (until, until)
    assert follow_up.due_at == NOW + timedelta(hours=2)
    with pytest.raises(Refused):
        follow_ups.snooze(follow_up=follow_up, until=NOW, by=world.relawan, now=NOW)


def test_a_plan_of_the_system_steps_back_for_a_plan_of_a_person(plan, case, world):
    system = FollowUp.objects.create(
        case=case, title="Tentukan langkah berikutnya", due_at=NOW + timedelta(hours=3), zone=case.zone, created_at=NOW
    )
    plan()
    system.refresh_from_db()
    assert system.state == FollowUpState.CANCELLED
    ended = case.events.get(type__code=EventCode.FOLLOW_UP_CANCELLED)
    assert (ended.text, ended.logged_by, ended.data["why"]) == ("", None, "planned")
