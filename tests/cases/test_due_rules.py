from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from cases.rules.codes import Urgency
from cases.rules.due import (
    FOR_A_SNOOZE,
    Quick,
    due_after_event,
    due_moment,
    end_of_day,
    first_look,
    quick_choices,
    quick_moment,
    told_moment,
)

WIB, WIT = "Asia/Jakarta", "Asia/Jayapura"


def wib(*parts):
    return datetime(*parts, tzinfo=ZoneInfo(WIB))


SATURDAY_NIGHT = wib(2026, 11, 21, 23, 47)
FRIDAY_MORNING = wib(2026, 11, 20, 9, 0)


def test_one_tap_moments_are_those_of_the_place():
    assert quick_moment(Quick.HOUR, SATURDAY_NIGHT, WIB) == SATURDAY_NIGHT + timedelta(hours=1)
    assert quick_moment(Quick.TOMORROW, SATURDAY_NIGHT, WIB) == wib(2026, 11, 22, 8)
    assert quick_moment(Quick.MONDAY, SATURDAY_NIGHT, WIB) == wib(2026, 11, 23, 8)
    assert quick_moment(Quick.THREE_DAYS, SATURDAY_NIGHT, WIB) == wib(2026, 11, 24, 8)
    # In Jayapura it is Sunday already.
    jayapura = quick_moment(Quick.TOMORROW, SATURDAY_NIGHT, WIT)
    assert jayapura == datetime(2026, 11, 23, 8, tzinfo=ZoneInfo(WIT))


def test_monday_on_a_monday_is_the_next_one():
    assert quick_moment(Quick.MONDAY, wib(2026, 11, 23, 7), WIB) == wib(2026, 11, 30, 8)


def test_choices_that_mean_nothing_now_are_not_offered():
    assert Quick.AFTERNOON in quick_choices(FRIDAY_MORNING, WIB)
    assert Quick.AFTERNOON not in quick_choices(SATURDAY_NIGHT, WIB)
    assert Quick.MONDAY not in quick_choices(wib(2026, 11, 22, 9), WIB)  # Sunday: that is tomorrow
    assert quick_choices(SATURDAY_NIGHT, WIB, FOR_A_SNOOZE) == [Quick.HOUR, Quick.TOMORROW, Quick.THREE_DAYS]


@pytest.mark.parametrize("hour", range(24))
def test_every_offered_moment_lies_ahead(hour):
    for day in range(20, 27):
        now = wib(2026, 11, day, hour, 59)
        for choice in quick_choices(now, WIB):
            assert quick_moment(choice, now, WIB) > now


def test_no_such_choice_is_an_error():
    with pytest.raises(ValueError):
        quick_moment("someday", SATURDAY_NIGHT, WIB)


def test_a_plan_without_an_hour_is_due_by_the_end_of_the_day():
    assert due_moment(date(2026, 11, 24), None, WIB) == (wib(2026, 11, 24, 23, 59), True)
    assert due_moment(date(2026, 11, 24), time(14, 30), WIB) == (wib(2026, 11, 24, 14, 30), False)
    assert end_of_day(date(2028, 2, 29), WIT).astimezone(UTC) == datetime(2028, 2, 29, 14, 59, tzinfo=UTC)


def test_a_fact_told_without_a_moment_is_now():
    assert told_moment(None, None, now=SATURDAY_NIGHT, zone=WIB) == (None, False)


def test_an_hour_alone_is_the_last_time_the_clock_showed_it():
    just_after = wib(2026, 11, 22, 0, 10)
    assert told_moment(None, time(23, 47), now=just_after, zone=WIB) == (SATURDAY_NIGHT, False)
    assert told_moment(None, time(0, 5), now=just_after, zone=WIB) == (wib(2026, 11, 22, 0, 5), False)


def test_a_day_alone_is_a_day():
    now = wib(2026, 11, 22, 9)
    assert told_moment(date(2026, 11, 20), None, now=now, zone=WIB) == (wib(2026, 11, 20, 12), True)
    assert told_moment(date(2026, 11, 22), None, now=now, zone=WIB) == (now, True)  # noon is still to come
    assert told_moment(date(2026, 11, 23), None, now=now, zone=WIB)[0] > now


def test_first_look_and_due_after_event():
    assert first_look(SATURDAY_NIGHT, Urgency.EMERGENCY) == SATURDAY_NIGHT + timedelta(hours=1)
    hours = {"emergency": 1, "urgent": 24, "ordinary": 72}
    for urgency, expected in (("emergency", 1), ("urgent", 24), ("ordinary", 72), ("unknown", 24)):
        assert due_after_event(SATURDAY_NIGHT, urgency, hours) == SATURDAY_NIGHT + timedelta(hours=expected)
    assert due_after_event(SATURDAY_NIGHT, "urgent", {}) is None
    assert due_after_event(SATURDAY_NIGHT, "urgent", {"ordinary": 5}) == SATURDAY_NIGHT + timedelta(hours=5)
