"""The calculator of clocks: from a rule of law, a start and a calendar to the moment it runs out, with the reasons.

Pure: no query, no clock, no settings. A day that is due means its last minute at the place (`due.end_of_day`). What is
counted how stands in DECISIONS 20–21 and RULES 2.3; tests/cases/rules/test_clock_table.py counts every rule by hand.
"""

import calendar as months
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from cases.rules.due import end_of_day
from cases.rules.workdays import ONE_DAY, WorkCalendar

PAUSED = "paused"


class Unit(StrEnum):
    """What a span counts. WORKING_24H is time that runs only on working days, round the clock."""

    HOURS = "hours"
    CALENDAR_DAYS = "calendar_days"
    WORKING_DAYS = "working_days"
    WORKING_24H = "working_24h"
    MONTHS = "months"
    YEARS = "years"


class RuleKind(StrEnum):
    """The shape of a rule: one span, a day of the month, a window that closes, at once, stages, or no moment at all."""

    SPAN = "span"
    DAY_OF_MONTH = "day_of_month"
    WINDOW = "window"
    AT_ONCE = "at_once"
    CHAIN = "chain"
    NONE = "none"


@dataclass(frozen=True)
class Span:
    """An amount of a unit; a WORKING_24H span counts days of 24 hours ("3×24 jam hari kerja" is 3)."""

    amount: int
    unit: Unit


@dataclass(frozen=True)
class Rule:
    """What the calculator needs of a rule of law.

    ``spans``: one for a span or window, one a stage for a chain; several with ``is_unclear`` when the law does not say
    which unit it means: then each is counted and the earliest is the safe one. ``day``, ``february``, ``months_later``
    and ``moves`` (to the next working day) belong to a day of the month. ``reason`` says why there is no moment.
    """

    kind: RuleKind
    spans: tuple[Span, ...] = ()
    is_unclear: bool = False
    day: int = 0
    february: int = 0
    months_later: int = 0
    moves: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Pause:
    """A time in which the clock stands still; ``until`` None while it still does."""

    since: datetime
    until: datetime | None = None


@dataclass(frozen=True)
class Skipped:
    """A day that was not counted, and why: a holiday's name, "weekend" or "paused"."""

    day: date
    why: str


@dataclass(frozen=True)
class Count:
    """One way of counting, or one stage: where it began, what it skipped, when it is due."""

    start_at: datetime
    due_at: datetime
    is_day: bool
    span: Span | None = None
    skipped: tuple[Skipped, ...] = ()


@dataclass(frozen=True)
class Counted:
    """What a rule comes to: the safe moment, every count behind it, or the reason why there is none."""

    due_at: datetime | None = None
    is_day: bool = False
    counts: tuple[Count, ...] = ()
    reason: str = ""


@dataclass
class _Days:
    """Walks over days, remembering those it passes over."""

    calendar: WorkCalendar
    zone: str
    pauses: Sequence[Pause]
    skipped: list[Skipped] = field(default_factory=list)

    def advance(self, day: date, amount: int, *, workdays: bool) -> date:
        """The day on which ``amount`` days have been counted after ``day``."""
        while amount:
            day += ONE_DAY
            why = (self.calendar.why_off(day) if workdays else "") or (PAUSED if self.is_paused_at_end(day) else "")
            if why:
                self.skipped.append(Skipped(day, why))
            else:
                amount -= 1
        return day

    def is_paused_at_end(self, day: date) -> bool:
        end = end_of_day(day, self.zone)
        return any(pause.since <= end and (pause.until is None or end < pause.until) for pause in self.pauses)


def count(rule: Rule, *, start: datetime, calendar: WorkCalendar, zone: str, pauses: Sequence[Pause] = ()) -> Counted:
    """When a clock of this rule runs out that started at ``start`` in a place of this zone.

    An hours clock is moved by exactly the hours it was paused; a days clock does not count a day at whose end it was
    paused; months and years move by such days. A pause without an end gives no moment. Raises ValueError for a rule
    without what its kind needs.
    """
    if rule.kind == RuleKind.NONE:
        return Counted(reason=rule.reason)
    if any(pause.until is None for pause in pauses):
        return Counted(reason=PAUSED)
    there = start.astimezone(ZoneInfo(zone))
    if rule.kind == RuleKind.AT_ONCE:
        counts = [Count(there, there, is_day=False)]
    elif rule.kind == RuleKind.DAY_OF_MONTH:
        counts = [_day_of_month(rule, there, calendar, zone)]
    elif not rule.spans:
        raise ValueError(f"A rule of kind {rule.kind} needs a span.")
    elif rule.kind == RuleKind.CHAIN:
        counts = []
        for span in rule.spans:
            begin = counts[-1].due_at if counts else there
            counts.append(_span(span, begin, calendar, zone, pauses))
    else:
        counts = [_span(span, there, calendar, zone, pauses) for span in rule.spans]
    held = counts[-1] if rule.kind == RuleKind.CHAIN else min(counts, key=lambda each: each.due_at)
    return Counted(due_at=held.due_at, is_day=held.is_day, counts=tuple(counts))


def add_months(day: date, amount: int) -> date:
    """The same day ``amount`` months on; the last day of the month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + amount, 12)
    return date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))


def _span(span: Span, start: datetime, calendar: WorkCalendar, zone: str, pauses: Sequence[Pause]) -> Count:
    if span.unit == Unit.HOURS:
        return Count(start, _after_hours(span.amount, start, pauses, zone), is_day=False, span=span)
    walk = _Days(calendar, zone, pauses)
    if span.unit == Unit.WORKING_24H:
        due = _after_working_time(timedelta(days=span.amount), start, walk)
        return Count(start, due, is_day=False, span=span, skipped=tuple(walk.skipped))
    first = start.date()
    if span.unit in {Unit.CALENDAR_DAYS, Unit.WORKING_DAYS}:
        last = walk.advance(first, span.amount, workdays=span.unit == Unit.WORKING_DAYS)
    else:
        last = add_months(first, span.amount * (12 if span.unit == Unit.YEARS else 1))
        day, owed = first, 0
        while day < last:
            day += ONE_DAY
            owed += walk.is_paused_at_end(day)
        last = walk.advance(last, owed, workdays=False)
    return Count(start, end_of_day(last, zone), is_day=True, span=span, skipped=tuple(walk.skipped))


def _after_hours(hours: int, start: datetime, pauses: Sequence[Pause], zone: str) -> datetime:
    due = start + timedelta(hours=hours)
    stood_until = start  # two pauses that overlap stand still once
    for pause in sorted(pauses, key=lambda each: each.since):
        since = max(pause.since, stood_until)
        if pause.until is not None and since < due and pause.until > since:
            due += pause.until - since
            stood_until = pause.until
    return due.astimezone(ZoneInfo(zone))


def _after_working_time(rest: timedelta, start: datetime, walk: _Days) -> datetime:
    """Time that runs only on working days and outside pauses; a full last day ends at its last minute."""
    zone = ZoneInfo(walk.zone)
    now = start
    while True:
        midnight = datetime.combine(now.date() + ONE_DAY, time.min, tzinfo=zone)
        why = walk.calendar.why_off(now.date())
        if why:
            walk.skipped.append(Skipped(now.date(), why))
            now = midnight
            continue
        pause = next((each for each in walk.pauses if each.since <= now < (each.until or now)), None)
        if pause and pause.until:
            now = pause.until.astimezone(zone)
            continue
        pauses_ahead = [each.since.astimezone(zone) for each in walk.pauses if now < each.since < midnight]
        stop = min([midnight, *pauses_ahead])
        if now + rest < stop:
            return now + rest
        rest -= stop - now
        if not rest:
            return end_of_day(now.date(), walk.zone) if stop == midnight else stop
        now = stop


def _day_of_month(rule: Rule, start: datetime, calendar: WorkCalendar, zone: str) -> Count:
    if not rule.day:
        raise ValueError("A rule of a day of the month needs its day.")

    def in_month(first: date) -> date:
        day = rule.february if first.month == 2 and rule.february else rule.day
        return first.replace(day=min(day, months.monthrange(first.year, first.month)[1]))

    first = start.date().replace(day=1)
    due = in_month(add_months(first, rule.months_later))
    if due < start.date():
        due = in_month(add_months(first, rule.months_later + 1))
    skipped = []
    if rule.moves:
        moved = calendar.next_workday(due)
        days = (due + ONE_DAY * step for step in range((moved - due).days))
        skipped, due = [Skipped(day, calendar.why_off(day)) for day in days], moved
    return Count(start, end_of_day(due, zone), is_day=True, skipped=tuple(skipped))
