"""Exactly the right person is reminded, once, and a coordinator hears of what is late (ADR 12)."""

import json
from datetime import UTC, datetime, time, timedelta

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection

from cases.models import Event, EventType, FollowUp, HandOver, Outcome
from cases.rules.codes import EventCode, FollowUpKind, Urgency
from cases.services import carrying, closing, follow_ups, reminders, timeline
from members.models import Message, User
from members.rules.roles import Role
from members.services import delivery
from tests.factories import make_case, make_organisation, make_region, make_user

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 3, 17, 2, 0, tzinfo=UTC)  # Wednesday 09.00 WIB
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def urgent(world):
    return make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, urgency=Urgency.URGENT, now=NOW)


def plan(case, *, due, owner="assignee", now=NOW, **fields):
    owner = case.assignee if owner == "assignee" else owner
    return follow_ups.schedule(
        case=case, title="Telepon IGD", due_at=due, owner=owner, by=case.logged_by, now=now, **fields
    )


def told(*, kind=None, channel="inbox"):
    """Who was told what, in order: [("relawan", "follow_up_due"), …]."""
    rows = Message.objects.filter(channel=channel).exclude(kind__in=["assigned"]).order_by("sent_at", "pk")
    if kind:
        rows = rows.filter(kind=kind)
    return [(row.recipient.username, row.kind) for row in rows.select_related("recipient")]


def run(until, *, start=NOW, step=timedelta(minutes=30)):
    """Beat, every so often, up to a moment."""
    now = start
    while now <= until:
        reminders.remind_all(now=now)
        now += step


# When


def test_an_urgent_follow_up_is_told_24_6_and_1_hours_before_and_at_due(urgent):
    due = NOW + 2 * DAY
    plan(urgent, due=due)
    run(due)
    rows = Message.objects.filter(kind="follow_up_due", channel="inbox").order_by("sent_at")
    assert [due - row.sent_at for row in rows] == [24 * HOUR, 6 * HOUR, HOUR, timedelta(0)]
    assert {row.recipient.username for row in rows} == {"relawan"}


def test_the_message_holds_number_and_moment_and_nothing_of_the_person(urgent):
    plan(urgent, due=NOW + 5 * HOUR)
    reminders.remind_all(now=NOW)
    row = Message.objects.get(kind="follow_up_due", channel="email")
    assert row.data["number"] == urgent.number
    assert "Siti" not in json.dumps(row.data) and "IGD" not in json.dumps(row.data)
    delivery.deliver_waiting(now=NOW)
    (letter,) = mail.outbox
    text = letter.message().as_string()
    assert urgent.number in letter.subject and "14.00 WIB" in letter.body and f"/kasus/{urgent.uuid}/" in letter.body
    assert "Siti" not in text and "uang muka" not in text and "Telepon IGD" not in text


def test_what_is_past_when_it_is_planned_is_told_once_at_once(urgent):
    plan(urgent, due=NOW + 5 * HOUR)
    run(NOW + 3 * HOUR)
    assert told() == [("relawan", "follow_up_due")]


def test_a_morning_that_was_missed_is_made_up_once(urgent):
    due = NOW + 2 * DAY
    plan(urgent, due=due)
    reminders.remind_all(now=due - timedelta(minutes=10))
    assert told() == [("relawan", "follow_up_due")]
    assert FollowUp.objects.get().remind_at == due


def test_running_it_twice_tells_nobody_twice(urgent):
    plan(urgent, due=NOW + 5 * HOUR)
    first = reminders.remind_all(now=NOW)
    again = reminders.remind_all(now=NOW)
    assert (first.told, again.told) == (1, 0)


def test_a_row_that_was_put_back_is_not_told_again(urgent):
    """Two beats that both saw the row: the key keeps the second silent."""
    follow_up = plan(urgent, due=NOW + 5 * HOUR)
    before = follow_up.remind_at
    reminders.remind_all(now=NOW)
    FollowUp.objects.update(remind_at=before)
    assert reminders.remind_all(now=NOW).told == 0
    assert len(told()) == 1


def test_an_emergency_is_told_every_hour_and_falls_silent_after_six(world):
    case = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, urgency=Urgency.EMERGENCY, now=NOW)
    due = NOW + 2 * HOUR
    plan(case, due=due)
    run(due + 12 * HOUR)
    rows = Message.objects.filter(kind="follow_up_due", channel="inbox").order_by("sent_at")
    minutes = [round((row.sent_at - due).total_seconds() / 60) for row in rows]
    assert minutes == [-60, -30, 0, 60, 120, 180, 240, 300, 360]
    assert FollowUp.objects.get().remind_at is None


def test_a_clock_set_back_stops_nothing(urgent):
    due = NOW + 3 * DAY
    plan(urgent, due=due)
    reminders.remind_all(now=due - 23 * HOUR)  # the clock was ahead
    run(due)
    assert len(told()) == 4


def test_planned_by_a_clock_that_was_ahead_nothing_is_out_of_reach(urgent):
    follow_up = plan(urgent, due=NOW + 2 * DAY, now=NOW + 2 * HOUR)
    assert follow_up.remind_at == NOW + DAY
    follow_up = plan(urgent, due=NOW + 7 * HOUR, now=NOW + 2 * HOUR)
    assert follow_up.remind_at <= NOW + 2 * HOUR


# Whom


def test_a_follow_up_of_nobody_goes_to_the_coordinators_of_the_desk(world):
    case = make_case(desk=world.desk, by=world.relawan, urgency=Urgency.URGENT, now=NOW)
    plan(case, due=NOW + 5 * HOUR, owner=None)
    reminders.remind_all(now=NOW)
    assert told() == [("koordinator", "follow_up_due")]
    assert Message.objects.get(channel="inbox").data["instead"] == "nobody"


@pytest.mark.parametrize(("field", "value", "why"), [("is_resting", True, "resting"), ("is_active", False, "inactive")])
def test_whoever_rests_or_has_left_is_stood_in_for(world, urgent, field, value, why):
    plan(urgent, due=NOW + 5 * HOUR)
    User.objects.filter(pk=world.relawan.pk).update(**{field: value})
    reminders.remind_all(now=NOW)
    assert told() == [("koordinator", "follow_up_due")]
    assert Message.objects.get(channel="inbox").data["instead"] == why


def test_an_owner_who_may_no_longer_open_the_case_is_stood_in_for(world, urgent):
    plan(urgent, due=NOW + 5 * HOUR, owner=world.outsider)
    reminders.remind_all(now=NOW)
    assert told() == [("koordinator", "follow_up_due")]


def test_a_desk_without_coordinator_looks_further_up(world):
    desk = make_organisation("DPD Sepi", parent=world.dpw)
    case = make_case(desk=desk, by=world.relawan, urgency=Urgency.URGENT, now=NOW)
    plan(case, due=NOW + 5 * HOUR, owner=None)
    reminders.remind_all(now=NOW)
    assert told() == [("koordinator_atas", "follow_up_due")]


def test_where_nobody_coordinates_even_a_resting_carrier_is_told(world):
    alone = make_organisation("Posko Sendiri")
    relawan = make_user("sendiri", role=Role.ADVOCATE, at=alone, is_resting=True)
    case = make_case(desk=alone, by=relawan, assignee=relawan, urgency=Urgency.URGENT, now=NOW)
    plan(case, due=NOW + 5 * HOUR)
    reminders.remind_all(now=NOW)
    assert told() == [("sendiri", "follow_up_due")]


def test_late_goes_to_the_coordinator_then_to_the_next_one_and_never_to_a_leader(world, urgent):
    due = NOW + 5 * HOUR
    plan(urgent, due=due)
    run(due + 3 * DAY)
    up = Message.objects.filter(kind="follow_up_escalated", channel="inbox").order_by("sent_at")
    assert [(row.recipient.username, row.sent_at - due) for row in up] == [
        ("koordinator", 6 * HOUR),
        ("koordinator_atas", 24 * HOUR),
    ]
    assert "pimpinan" not in {who for who, _ in told()}


def test_an_emergency_goes_up_the_moment_it_is_late(world):
    case = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, urgency=Urgency.EMERGENCY, now=NOW)
    due = NOW + 2 * HOUR
    plan(case, due=due)
    reminders.remind_all(now=due)
    assert set(told()) == {("relawan", "follow_up_due"), ("koordinator", "follow_up_escalated")}


def test_a_coordinator_who_carries_the_case_is_not_told_about_themselves(world):
    case = make_case(desk=world.desk, by=world.relawan, assignee=world.koordinator, urgency=Urgency.URGENT, now=NOW)
    due = NOW + 5 * HOUR
    plan(case, due=due)
    run(due + 7 * HOUR)
    assert told(kind="follow_up_escalated") == [("koordinator_atas", "follow_up_escalated")]


def test_what_nobody_has_goes_up_one_level_further(world):
    case = make_case(desk=world.desk, by=world.relawan, urgency=Urgency.URGENT, now=NOW)
    due = NOW + 5 * HOUR
    plan(case, due=due, owner=None)
    run(due + 2 * DAY)
    assert told(kind="follow_up_escalated") == [("koordinator_atas", "follow_up_escalated")]


def test_a_coordinator_of_another_region_only_hears_nothing(world, urgent):
    appointment = world.koordinator.appointments.get()
    appointment.region = make_region("35.07", "Kabupaten Malang")
    appointment.save()
    due = NOW + 5 * HOUR
    plan(urgent, due=due)
    run(due + 7 * HOUR)
    assert told(kind="follow_up_escalated") == [("koordinator_atas", "follow_up_escalated")]


def test_of_a_restricted_case_only_named_coordinators_hear(world, urgent):
    type(urgent).objects.filter(pk=urgent.pk).update(is_restricted=True)
    urgent.shares.create(user=world.koordinator_atas, from_at=NOW - DAY, shared_by=world.relawan)
    due = NOW + 5 * HOUR
    plan(urgent, due=due)
    run(due + 7 * HOUR)
    assert told(kind="follow_up_escalated") == [("koordinator_atas", "follow_up_escalated")]


def test_going_up_stands_on_the_timeline_once(world, urgent):
    due = NOW + 5 * HOUR
    follow_up = plan(urgent, due=due)
    run(due + 5 * DAY)
    lines = Event.objects.filter(type__code=EventCode.ESCALATED).order_by("pk")
    assert [line.data["level"] for line in lines] == [1, 2]
    assert lines[0].data["follow_up"] == str(follow_up.uuid)
    assert lines[0].data["to"] == [str(world.koordinator.uuid)]
    assert lines[0].logged_by is None


# Quiet


def test_snoozed_is_quiet_until_its_end_and_then_told_once(urgent):
    due = NOW + 2 * DAY
    follow_up = plan(urgent, due=due)
    until = due - 20 * HOUR
    follow_ups.snooze(follow_up=follow_up, until=until, by=urgent.assignee, now=NOW)
    run(until - timedelta(minutes=1))
    assert told() == []
    run(due - 10 * HOUR, start=until)
    assert told() == [("relawan", "follow_up_due")]
    run(due, start=until)
    assert len(told()) == 4


def test_what_went_by_while_it_was_snoozed_still_goes_up(world, urgent):
    due = NOW + 5 * HOUR
    follow_up = plan(urgent, due=due)
    run(due)
    follow_ups.snooze(follow_up=follow_up, until=due + 8 * HOUR, by=urgent.assignee, now=due)
    run(due + 7 * HOUR, start=due)
    assert told(kind="follow_up_escalated") == []
    reminders.remind_all(now=due + 8 * HOUR)
    assert told(kind="follow_up_escalated") == [("koordinator", "follow_up_escalated")]


def test_finished_cancelled_and_closed_are_never_told(world, urgent, catalogue):
    one = plan(urgent, due=NOW + 30 * HOUR)
    two = plan(urgent, due=NOW + 31 * HOUR)
    plan(urgent, due=NOW + 32 * HOUR)
    follow_ups.finish(follow_up=one, by=world.relawan, now=NOW)
    follow_ups.cancel(follow_up=two, by=world.relawan, now=NOW)
    closing.close(case=urgent, outcome=Outcome.objects.first(), by=world.koordinator, now=NOW)
    run(NOW + 4 * DAY, step=6 * HOUR)
    assert told() == []


def test_a_waiting_mail_is_called_off_when_the_thing_is_done(world, urgent):
    User.objects.filter(pk=world.relawan.pk).update(quiet_from=time(8), quiet_until=time(20))
    urgent.refresh_from_db()
    follow_up = plan(urgent, due=NOW + 5 * HOUR, owner=User.objects.get(pk=world.relawan.pk))
    reminders.remind_all(now=NOW)
    follow_ups.finish(follow_up=follow_up, by=world.relawan, now=NOW + HOUR)
    assert Message.objects.get(channel="email", kind="follow_up_due").state == Message.State.CANCELLED


def test_a_death_silences_what_was_for_the_living_and_nothing_else(world, urgent, catalogue):
    plan(urgent, due=NOW + 30 * HOUR, kind=FollowUpKind.CARE)
    paper = plan(urgent, due=NOW + 30 * HOUR, kind=FollowUpKind.PAPER)
    timeline.add_event(case=urgent, type=EventType.objects.get(code=EventCode.DIED), by=world.relawan, now=NOW)
    run(NOW + 30 * HOUR)
    things = set(Message.objects.filter(kind="follow_up_due").values_list("thing", flat=True))
    assert things == {paper.thing}


def test_after_a_hand_over_the_new_carrier_is_told(world, urgent):
    plan(urgent, due=NOW + 2 * DAY)
    carrying.assign(case=urgent, to=world.relawan2, by=world.koordinator, now=NOW)
    run(NOW + 26 * HOUR)
    assert told() == [("relawan2", "follow_up_due")]


# Hand-overs nobody answers


@pytest.mark.parametrize(("urgency", "hours"), [(Urgency.EMERGENCY, 2), (Urgency.URGENT, 24), (Urgency.ORDINARY, 24)])
def test_an_offer_nobody_answers_is_told_to_the_coordinator_once(world, urgency, hours):
    case = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, urgency=urgency, now=NOW)
    carrying.offer(case=case, to=world.relawan2, next_step="Telepon IGD", by=world.relawan, now=NOW)
    reminders.remind_all(now=NOW + hours * HOUR - timedelta(minutes=1))
    assert told(kind="handover_unanswered") == []
    for minutes in (0, 1, 600):
        reminders.remind_all(now=NOW + hours * HOUR + timedelta(minutes=minutes))
    assert told(kind="handover_unanswered") == [("koordinator", "handover_unanswered")]
    assert HandOver.objects.get().alerted_at == NOW + hours * HOUR


def test_an_answered_offer_alarms_nobody(world, urgent):
    offer = carrying.offer(case=urgent, to=world.relawan2, next_step="Telepon IGD", by=world.relawan, now=NOW)
    carrying.decline(handover=offer, by=world.relawan2, now=NOW + HOUR)
    reminders.remind_all(now=NOW + 30 * HOUR)
    assert told(kind="handover_unanswered") == []


# Cost and faults


def test_one_row_that_cannot_be_told_does_not_silence_the_others(urgent, monkeypatch, caplog):
    broken = plan(urgent, due=NOW + 5 * HOUR)
    good = plan(urgent, due=NOW + 5 * HOUR)
    real = reminders._moments

    def moments(row, *args):
        if row.pk == broken.pk:
            raise ValueError("broken row")
        return real(row, *args)

    monkeypatch.setattr(reminders, "_moments", moments)
    done = reminders.remind_all(now=NOW)
    assert (done.stuck, done.told) == (1, 1)
    assert Message.objects.get(channel="inbox").thing == good.thing


def test_a_hundred_at_once_take_as_many_statements_as_two(world, django_assert_max_num_queries):
    cases = [
        make_case(
            desk=world.desk, by=world.relawan, assignee=world.relawan, urgency=Urgency.URGENT, now=NOW, patient=""
        )
        for _ in range(60)
    ]
    for case in cases:
        plan(case, due=NOW + 5 * HOUR)
    with django_assert_max_num_queries(20):
        assert reminders.remind_all(now=NOW).told == 60


def test_nothing_due_is_two_reads(urgent, django_assert_num_queries):
    plan(urgent, due=NOW + 9 * DAY)
    with django_assert_num_queries(2):
        reminders.remind_all(now=NOW)


def test_what_is_due_is_found_by_its_partial_index(urgent):
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")  # a table of three rows needs no index
            cursor.execute("SET LOCAL enable_sort = off")
    asked = FollowUp.objects.to_remind(NOW).exclude(pk__in=set()).order_by("remind_at").values_list("pk", flat=True)
    assert "follow_up_to_remind" in asked.explain()


def test_the_command_does_it_all_and_says_what_it_did(urgent, capsys):
    plan(urgent, due=NOW + 5 * HOUR)
    FollowUp.objects.update(due_at=datetime(2020, 1, 1, tzinfo=UTC), remind_at=datetime(2020, 1, 1, tzinfo=UTC))
    call_command("remind")
    done = json.loads(capsys.readouterr().out)
    assert done["reminded"]["follow_ups"] == 1
    assert done["reminded"]["told"] == done["delivered"]["sent"] == 3  # the relawan and two coordinators
    call_command("remind")
    again = json.loads(capsys.readouterr().out)
    assert (again["reminded"]["follow_ups"], again["delivered"]["sent"]) == (0, 0)
