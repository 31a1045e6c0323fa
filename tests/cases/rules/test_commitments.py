"""When a commitment is due, kept or late, and what its numbers say; every working stands beside its line."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules import commitments as rules
from cases.rules.commitments import Move, Rate
from cases.rules.registers import Promise, Term

WIB, WIT = "Asia/Jakarta", "Asia/Jayapura"


def at(zone, *parts):
    return datetime(*parts, tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("met", "days", "zone", "due"),
    [
        # One week after the file is complete: Friday 13 + 7 = Friday 20, by the end of that day.
        (at(WIB, 2022, 5, 13, 9, 0), 7, WIB, at(WIB, 2022, 5, 20, 23, 59)),
        # 22.30 WIB is already Saturday in Jayapura: 14 + 7 = 21.
        (at(WIB, 2022, 5, 13, 22, 30), 7, WIT, at(WIT, 2022, 5, 21, 23, 59)),
        # No number of days: the day it is met.
        (at(WIB, 2026, 2, 28, 8, 0), None, WIB, at(WIB, 2026, 2, 28, 23, 59)),
        # Over the end of February of a year that is no leap year.
        (at(WIB, 2027, 2, 26, 8, 0), 3, WIB, at(WIB, 2027, 3, 1, 23, 59)),
    ],
)
def test_due_after_a_condition(met, days, zone, due):
    assert rules.due_after_condition(met, days, zone) == due


@pytest.mark.parametrize(
    ("since", "months", "today", "coming"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 1), date(2026, 2, 28)),  # clamped
        (date(2026, 5, 1), 3, date(2026, 5, 2), date(2026, 8, 1)),
        (date(2024, 5, 1), 3, date(2026, 11, 22), date(2027, 2, 22)),  # long past: from today
        (date(2026, 8, 22), 3, date(2026, 11, 22), date(2027, 2, 22)),  # due today has been looked at today
    ],
)
def test_the_next_look(since, months, today, coming):
    assert rules.next_review(since, months, today=today) == coming


DUE = at(WIB, 2022, 5, 20, 10, 0)


@pytest.mark.parametrize(
    ("due", "kept", "on_day", "verdict"),
    [
        (None, DUE, False, Promise.KEPT),
        (DUE, DUE, False, Promise.KEPT),
        (DUE, DUE + timedelta(minutes=1), False, Promise.LATE),
        (DUE, at(WIB, 2022, 5, 20, 12, 0), True, Promise.KEPT),  # only the day is known, and it is the right one
        (DUE, at(WIB, 2022, 5, 21, 12, 0), True, Promise.LATE),
    ],
)
def test_kept_or_late(due, kept, on_day, verdict):
    assert rules.verdict(due_at=due, kept_at=kept, kept_on_day=on_day, zone=WIB) == verdict


def test_rc47_was_kept_in_six_days():
    """BPJS Ketenagakerjaan Manado: promised 13 May 2022, done 19 May 2022, whatever the hours."""
    manado = "Asia/Makassar"
    assert rules.days_between(at(manado, 2022, 5, 13, 16, 0), at(manado, 2022, 5, 19, 9, 0), manado) == 6


def test_a_day_that_is_the_same_is_not_backwards():
    said = at(WIB, 2026, 11, 22, 12, 0)  # the noon of a mere day
    assert not rules.is_backwards(said, at(WIB, 2026, 11, 22, 10, 0), on_day=True, zone=WIB)
    assert rules.is_backwards(said, at(WIB, 2026, 11, 22, 10, 0), on_day=False, zone=WIB)
    assert rules.is_backwards(said, at(WIB, 2026, 11, 21, 23, 59), on_day=True, zone=WIB)
    assert not rules.is_backwards(None, said, on_day=True, zone=WIB)


@pytest.mark.parametrize(
    ("after", "telling"),
    [
        (-timedelta(days=1, minutes=1), None),
        (-timedelta(days=1), 0),
        (-timedelta(minutes=1), 0),
        (timedelta(0), 1),
        (timedelta(days=6, hours=23), 1),
        (timedelta(days=7), 2),
        (timedelta(days=21), 4),
        (timedelta(days=400), 4),
    ],
)
def test_when_it_is_told_again(after, telling):
    assert rules.tells_due(DUE, DUE + after) == telling


@given(st.timedeltas(-timedelta(days=60), timedelta(days=60)), st.timedeltas(timedelta(0), timedelta(days=60)))
def test_tellings_only_count_up(first, more):
    before, later = rules.tells_due(DUE, DUE + first), rules.tells_due(DUE, DUE + first + more)
    assert (-1 if before is None else before) <= (-1 if later is None else later)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)), st.integers(0, 1000))
def test_a_condition_is_due_on_its_day_and_never_before(met, days):
    due = rules.due_after_condition(met, days, WIB)
    assert due > met - timedelta(minutes=1) and rules.days_between(met, due, WIB) == days


def test_what_may_be_done():
    assert rules.moves(Promise.ASKED, Term.NONE, is_met=False)[:2] == [Move.GRANT, Move.REFUSE]
    assert rules.moves(Promise.OPEN, Term.CONDITION, is_met=False)[0] == Move.MET
    assert Move.MET not in rules.moves(Promise.OPEN, Term.CONDITION, is_met=True)
    assert rules.moves(Promise.OPEN, Term.STANDING, is_met=False)[0] == Move.REVIEW
    for ended in set(Promise) - {Promise.ASKED, Promise.OPEN}:
        assert rules.moves(ended, Term.DATE, is_met=False) == []


def test_a_rate_counts_what_ended_and_leaves_out_what_was_withdrawn():
    rate = Rate()
    for state in ("kept", "kept", "late", "broken", "open", "withdrawn", "refused", "asked"):
        rate.add(state)
    assert (rate.kept, rate.late, rate.broken, rate.pending, rate.ended, rate.all) == (2, 1, 1, 1, 4, 5)
