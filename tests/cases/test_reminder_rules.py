"""The moments of reminders, worked out by hand (ADR 12)."""

from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules.codes import Urgency
from cases.rules.due import end_of_day
from cases.rules.reminders import MORNING, Plan, answer_within, moments, next_moment

ZONES = {"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura"}


def at(words: str, zone: str = "WIB") -> datetime:
    """A moment on the clock of a zone: at("2026-11-21 14:30")."""
    return datetime.fromisoformat(words).replace(tzinfo=ZoneInfo(ZONES[zone]))


def told(urgency, due, *, zone="WIB", is_day=False, first=12):
    plan = moments(urgency=urgency, due_at=due, due_is_day=is_day, zone=ZONES[zone])
    return [(f"{m.at.astimezone(ZoneInfo(ZONES[zone])):%d %b %H:%M}", m.level) for m in islice(plan, first)]


@pytest.mark.parametrize(
    ("urgency", "due", "zone", "is_day", "expected"),
    [
        pytest.param(
            Urgency.EMERGENCY,
            "2026-11-21 00:30",
            "WIB",
            False,
            [
                ("20 Nov 23:30", 0),
                ("21 Nov 00:00", 0),
                ("21 Nov 00:30", 0),
                ("21 Nov 00:30", 1),
                ("21 Nov 01:30", 0),
                ("21 Nov 01:30", 2),
                ("21 Nov 02:30", 0),
                ("21 Nov 03:30", 0),
                ("21 Nov 04:30", 0),
                ("21 Nov 05:30", 0),
                ("21 Nov 06:30", 0),
            ],
            id="emergency over midnight: 60, 30, 0, six hours, the coordinator at once",
        ),
        pytest.param(
            Urgency.URGENT,
            "2026-11-21 14:30",
            "WITA",
            False,
            [
                ("20 Nov 14:30", 0),
                ("21 Nov 08:30", 0),
                ("21 Nov 13:30", 0),
                ("21 Nov 14:30", 0),
                ("21 Nov 20:30", 1),
                ("22 Nov 14:30", 0),
                ("22 Nov 14:30", 2),
                ("23 Nov 14:30", 0),
                ("24 Nov 14:30", 0),
            ],
            id="urgent: 24, 6, 1 hours, at due, then daily",
        ),
        pytest.param(
            Urgency.UNKNOWN,
            "2026-11-21 14:30",
            "WIT",
            False,
            [("20 Nov 14:30", 0), ("21 Nov 08:30", 0), ("21 Nov 13:30", 0), ("21 Nov 14:30", 0), ("21 Nov 20:30", 1)],
            id="not known yet is urgent",
        ),
        pytest.param(
            Urgency.ORDINARY,
            "2028-03-01 10:00",
            "WIB",
            False,
            [
                ("27 Feb 10:00", 0),
                ("29 Feb 10:00", 0),
                ("01 Mar 07:00", 0),
                ("04 Mar 10:00", 0),
                ("04 Mar 10:00", 1),
                ("07 Mar 10:00", 0),
                ("07 Mar 10:00", 2),
                ("10 Mar 10:00", 0),
            ],
            id="ordinary over 29 February: three days, one day, the morning, then every three days",
        ),
        pytest.param(
            Urgency.ORDINARY,
            "2028-02-29 23:59",
            "WIT",
            True,
            [
                ("26 Feb 07:00", 0),
                ("28 Feb 07:00", 0),
                ("29 Feb 07:00", 0),
                ("03 Mar 07:00", 0),
                ("03 Mar 07:00", 1),
                ("06 Mar 07:00", 0),
                ("06 Mar 07:00", 2),
            ],
            id="ordinary due by a day: always in the morning",
        ),
        pytest.param(
            Urgency.URGENT,
            "2026-11-21 23:59",
            "WIB",
            True,
            [("20 Nov 23:59", 0), ("21 Nov 17:59", 0), ("21 Nov 22:59", 0), ("21 Nov 23:59", 0), ("22 Nov 05:59", 1)],
            id="urgent due by a day: hours before its end",
        ),
        pytest.param(
            Urgency.ORDINARY,
            "2026-11-21 05:00",
            "WIB",
            False,
            [("18 Nov 05:00", 0), ("20 Nov 05:00", 0), ("21 Nov 05:00", 0), ("24 Nov 05:00", 0)],
            id="due before seven: the morning is the due moment itself",
        ),
        pytest.param(
            Urgency.ORDINARY,
            "2027-01-01 00:00",
            "WITA",
            False,
            [("29 Dec 00:00", 0), ("31 Dec 00:00", 0), ("01 Jan 00:00", 0), ("04 Jan 00:00", 0)],
            id="midnight of the new year",
        ),
    ],
)
def test_the_table(urgency, due, zone, is_day, expected):
    assert told(urgency, at(due, zone), zone=zone, is_day=is_day, first=len(expected)) == expected


def test_an_emergency_falls_silent_after_six_hours():
    plan = Plan(Urgency.EMERGENCY, at("2026-11-21 12:00"), False, ZONES["WIB"])
    assert len(list(plan.moments())) == 3 + 6 + 2
    assert plan.next_after(at("2026-11-21 17:59")).at == at("2026-11-21 18:00")
    assert plan.next_after(at("2026-11-21 18:00")) is None


@pytest.mark.parametrize("zone", ZONES)
def test_the_morning_is_that_of_the_place(zone):
    due = end_of_day(at("2026-11-21 00:00", zone).date(), ZONES[zone])
    morning = Plan(Urgency.ORDINARY, due, True, ZONES[zone]).fixed()[2].at
    assert morning.astimezone(ZoneInfo(ZONES[zone])).time() == MORNING
    assert morning.astimezone(UTC).hour == {"WIB": 0, "WITA": 23, "WIT": 22}[zone]


@pytest.mark.parametrize(
    ("urgency", "left", "first", "second"),
    [
        (Urgency.URGENT, timedelta(hours=5), timedelta(hours=-1), timedelta(hours=4)),
        (Urgency.URGENT, timedelta(hours=24), timedelta(0), timedelta(hours=18)),
        (Urgency.URGENT, timedelta(hours=48), timedelta(hours=24), timedelta(hours=42)),
        (Urgency.EMERGENCY, timedelta(minutes=5), timedelta(minutes=-25), timedelta(minutes=5)),
        (Urgency.ORDINARY, timedelta(days=9), timedelta(days=6), timedelta(days=8)),
    ],
)
def test_what_is_past_at_creation_collapses_into_the_latest(urgency, left, first, second):
    now = at("2026-11-18 09:00")
    told_first = next_moment(
        urgency=urgency, due_at=now + left, due_is_day=False, zone=ZONES["WIB"], after=None, now=now
    )
    assert told_first - now == first
    then = next_moment(
        urgency=urgency, due_at=now + left, due_is_day=False, zone=ZONES["WIB"], after=max(told_first, now), now=now
    )
    assert then - now == second


def test_a_late_row_that_becomes_an_emergency_is_told_on_every_level_at_once():
    due = at("2026-11-21 10:00")
    now = due + timedelta(hours=2, minutes=10)
    since = next_moment(urgency=Urgency.EMERGENCY, due_at=due, due_is_day=False, zone=ZONES["WIB"], after=None, now=now)
    found = Plan(Urgency.EMERGENCY, due, False, ZONES["WIB"]).due_now(since=since, now=now)
    assert {(m.level, m.at - due) for m in found} == {
        (0, timedelta(hours=2)),
        (1, timedelta(0)),
        (2, timedelta(hours=1)),
    }


def test_a_missed_morning_is_made_up_once():
    due = at("2026-11-21 14:30")
    plan = Plan(Urgency.URGENT, due, False, ZONES["WIB"])
    found = plan.due_now(since=due - timedelta(hours=24), now=due - timedelta(minutes=10))
    assert [m.at for m in found] == [due - timedelta(hours=1)]


def test_offers_wait_two_hours_or_a_day():
    assert answer_within(Urgency.EMERGENCY) == timedelta(hours=2)
    assert {answer_within(u) for u in (Urgency.URGENT, Urgency.ORDINARY, Urgency.UNKNOWN)} == {timedelta(hours=24)}


plans = st.builds(
    Plan,
    urgency=st.sampled_from(list(Urgency)),
    due_at=st.datetimes(min_value=datetime(2025, 1, 1), max_value=datetime(2031, 1, 1), timezones=st.just(UTC)),
    due_is_day=st.booleans(),
    zone=st.sampled_from(list(ZONES.values())),
)
spans = st.timedeltas(min_value=timedelta(days=-40), max_value=timedelta(days=4000))


@given(plans)
def test_moments_come_in_order_and_never_twice_for_one_level(plan):
    found = list(islice(plan.moments(), 40))
    assert found == sorted(found)
    assert len({(m.at, m.level) for m in found}) == len(found)
    assert all(m.is_late or m.at <= plan.due_at for m in found)


@given(plans, spans)
def test_at_most_one_moment_a_level_however_long_it_slept(plan, late):
    now = plan.due_at + late
    found = plan.due_now(since=None, now=now)
    assert len({m.level for m in found}) == len(found) <= 3
    assert all(m.at <= now for m in found)


@given(plans, spans)
def test_the_shortcut_agrees_with_walking_all_moments(plan, late):
    now = min(plan.due_at + late, plan.due_at + timedelta(days=200))
    walked = []
    for moment in plan.moments():
        walked.append(moment)
        if moment.at > now and moment.level == 0 and moment.at > plan.due_at + timedelta(days=7):
            break
    latest = {m.level: m for m in sorted(walked) if m.at <= now}
    assert plan.due_now(since=None, now=now) == sorted(latest.values())
    coming = min((m.at for m in walked if m.at > now), default=None)
    following = plan.next_after(now)
    assert (following.at if following else None) == coming


@given(plans, spans)
def test_told_in_turn_nothing_before_creation_is_told_twice(plan, since_creation):
    """From creation on, following next_moment tells the collapsed past once and then each moment once."""
    created = plan.due_at - abs(since_creation) - timedelta(minutes=1)
    given_plan = {"urgency": plan.urgency, "due_at": plan.due_at, "due_is_day": plan.due_is_day, "zone": plan.zone}
    remind_at = next_moment(**given_plan, after=None, now=created)
    told_before, now = [], created
    for _ in range(12):
        if remind_at is None:
            break
        now = max(now, remind_at)
        due = plan.due_now(since=remind_at, now=now)
        assert due, "a row that comes up always has something to tell"
        told_before += due
        remind_at = next_moment(**given_plan, after=now, now=now)
        assert remind_at is None or remind_at > now
    assert len(told_before) == len(set(told_before))
    assert sum(m.at <= created for m in told_before) <= 1


@given(plans, st.integers(min_value=0, max_value=5000))
def test_the_cost_does_not_grow_with_lateness(plan, days):
    calls = 0
    repeat = Plan.repeat

    def counted(self, step):
        nonlocal calls
        calls += 1
        return repeat(self, step)

    Plan.repeat = counted
    try:
        plan.due_now(since=None, now=plan.due_at + timedelta(days=days))
        plan.next_after(plan.due_at + timedelta(days=days))
    finally:
        Plan.repeat = repeat
    assert calls <= 10
