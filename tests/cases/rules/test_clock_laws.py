"""Laws that every clock keeps, whatever the dates."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from cases.rules.clocks import Pause, Rule, RuleKind, Span, Unit, add_months, count
from cases.rules.due import end_of_day
from cases.rules.workdays import DayOff, WorkCalendar

ZONES = st.sampled_from(["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"])
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
UNITS = st.sampled_from(list(Unit))
AMOUNTS = st.integers(1, 60)
CALENDARS = st.builds(
    lambda days, week: WorkCalendar.of([DayOff(day, "libur") for day in days], week=week),
    st.sets(st.dates(date(2025, 1, 1), date(2028, 12, 31)), max_size=80),
    st.sampled_from([5, 6]),
)


def due(amount, unit, start, calendar, zone, pauses=()):
    rule = Rule(kind=RuleKind.SPAN, spans=(Span(amount, unit),))
    return count(rule, start=start, calendar=calendar, zone=zone, pauses=pauses).due_at


@given(AMOUNTS, UNITS, MOMENTS, st.timedeltas(timedelta(0), timedelta(days=30)), CALENDARS, ZONES)
def test_a_later_start_is_never_due_earlier(amount, unit, start, later, calendar, zone):
    assert due(amount, unit, start, calendar, zone) <= due(amount, unit, start + later, calendar, zone)


@given(AMOUNTS, UNITS, MOMENTS, CALENDARS, ZONES)
def test_one_more_is_never_due_earlier(amount, unit, start, calendar, zone):
    assert start < due(amount, unit, start, calendar, zone) <= due(amount + 1, unit, start, calendar, zone)


@given(AMOUNTS, st.sampled_from([Unit.WORKING_DAYS, Unit.WORKING_24H]), MOMENTS, CALENDARS, ZONES)
def test_working_time_never_ends_on_a_day_off(amount, unit, start, calendar, zone):
    assert calendar.works(due(amount, unit, start, calendar, zone).astimezone(ZoneInfo(zone)).date())


@given(AMOUNTS, MOMENTS, st.integers(1, 200), st.integers(0, 400), CALENDARS, ZONES)
def test_a_pause_of_n_hours_moves_an_hours_clock_by_n_hours(amount, start, hours, after, calendar, zone):
    plain = due(amount, Unit.HOURS, start, calendar, zone)
    since = start + timedelta(minutes=after)
    paused = due(amount, Unit.HOURS, start, calendar, zone, [Pause(since, since + timedelta(hours=hours))])
    assert paused - plain == (timedelta(hours=hours) if since < plain else timedelta(0))


@given(AMOUNTS, UNITS, MOMENTS, st.integers(1, 200), CALENDARS, ZONES)
def test_a_pause_never_brings_due_nearer(amount, unit, start, hours, calendar, zone):
    pause = Pause(start, start + timedelta(hours=hours))
    assert due(amount, unit, start, calendar, zone) <= due(amount, unit, start, calendar, zone, [pause])


@given(AMOUNTS, MOMENTS, CALENDARS, ZONES)
def test_counting_back_gives_the_working_days_again(amount, start, calendar, zone):
    there = start.astimezone(ZoneInfo(zone)).date()
    last = due(amount, Unit.WORKING_DAYS, start, calendar, zone).astimezone(ZoneInfo(zone)).date()
    between = (there + timedelta(days=step) for step in range(1, (last - there).days + 1))
    assert sum(calendar.works(day) for day in between) == amount


@given(AMOUNTS, MOMENTS, CALENDARS, ZONES)
def test_every_day_is_either_counted_or_named_as_skipped(amount, start, calendar, zone):
    rule = Rule(kind=RuleKind.SPAN, spans=(Span(amount, Unit.WORKING_DAYS),))
    found = count(rule, start=start, calendar=calendar, zone=zone)
    days = (found.due_at.astimezone(ZoneInfo(zone)).date() - start.astimezone(ZoneInfo(zone)).date()).days
    assert days == amount + len(found.counts[0].skipped)


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.integers(0, 60))
def test_months_clamp_and_never_jump_over_a_month(day, amount):
    later = add_months(day, amount)
    assert (later.year - day.year) * 12 + later.month - day.month == amount
    assert later.day <= day.day


@given(MOMENTS, ZONES)
def test_an_open_pause_gives_no_moment(start, zone):
    assert due(3, Unit.HOURS, start, WorkCalendar(), zone, [Pause(start)]) is None


@given(st.dates(date(2025, 1, 1), date(2027, 12, 31)), ZONES)
def test_a_day_ends_at_its_last_minute_at_the_place(day, zone):
    end = end_of_day(day, zone)
    assert end.date() == day
    assert (end + timedelta(minutes=1)).date() == day + timedelta(days=1)
