"""When a follow-up is told: the moments before and after due, by urgency (ADR 12).

Pure: rows and the present moment come in as values. A moment has a level: 0 tells the owner, 1 the coordinators of
the desk, 2 the next coordinators up the tree.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from cases.rules.codes import Urgency

MORNING = time(7, 0)


@dataclass(frozen=True, order=True)
class Moment:
    """A moment at which a follow-up is told, and to which level."""

    at: datetime
    level: int = 0
    is_late: bool = False


@dataclass(frozen=True)
class Pace:
    """How an urgency is reminded: spans before due, the span and number of repeats after it, spans to escalate."""

    before: tuple[timedelta, ...]
    every: timedelta
    times: int | None
    escalate: tuple[timedelta, ...]
    #: Told on the morning of the day too; and when due by a day, always in the morning, never at the last minute of it.
    in_the_morning: bool = False


PACES = {
    Urgency.EMERGENCY: Pace(
        before=(timedelta(minutes=60), timedelta(minutes=30), timedelta(0)),
        every=timedelta(hours=1),
        times=6,
        escalate=(timedelta(0), timedelta(hours=1)),
    ),
    Urgency.URGENT: Pace(
        before=(timedelta(hours=24), timedelta(hours=6), timedelta(hours=1), timedelta(0)),
        every=timedelta(days=1),
        times=None,
        escalate=(timedelta(hours=6), timedelta(hours=24)),
    ),
    Urgency.ORDINARY: Pace(
        before=(timedelta(days=3), timedelta(days=1)),
        every=timedelta(days=3),
        times=None,
        escalate=(timedelta(days=3), timedelta(days=6)),
        in_the_morning=True,
    ),
}
#: How long a hand-over may stay unanswered before the coordinator hears of it.
ANSWER_WITHIN = {
    Urgency.EMERGENCY: timedelta(hours=2),
    Urgency.URGENT: timedelta(hours=24),
    Urgency.ORDINARY: timedelta(hours=24),
}


def pace_of(urgency: str) -> Urgency:
    """Which row of the tables an urgency follows; what is not known yet is treated as urgent."""
    return Urgency.URGENT if urgency == Urgency.UNKNOWN else Urgency(urgency)


def answer_within(urgency: str) -> timedelta:
    """How long an offer of hand-over may wait."""
    return ANSWER_WITHIN[pace_of(urgency)]


@dataclass(frozen=True)
class Plan:
    """All reminder moments of one follow-up: some fixed, then a regular row of repeats."""

    urgency: str
    due_at: datetime
    due_is_day: bool
    zone: str

    @property
    def pace(self) -> Pace:
        return PACES[pace_of(self.urgency)]

    def fixed(self) -> list[Moment]:
        """The moments that come once, in order of time."""
        pace = self.pace
        found = {self._told_at(self.due_at - before) for before in pace.before}
        if pace.in_the_morning:
            found.add(min(self._morning(self.due_at), self.due_at))
        late = [
            Moment(self._told_at(self.due_at + span), level=level, is_late=True)
            for level, span in enumerate(pace.escalate, 1)
        ]
        return sorted([*(Moment(at) for at in found), *late])

    def repeat(self, step: int) -> Moment:
        """The ``step``-th repeat after due, from 1."""
        return Moment(self._told_at(self.due_at + self.pace.every * step), is_late=True)

    def moments(self) -> Iterator[Moment]:
        """Every moment in order of time, without end where they repeat until the follow-up ends."""
        pace = self.pace
        rest = self.fixed()
        for step in range(1, pace.times + 1) if pace.times else count(1):
            repeat = self.repeat(step)
            while rest and rest[0] <= repeat:
                yield rest.pop(0)
            yield repeat
        yield from rest

    def last_repeat(self, now: datetime) -> int:
        """The number of the latest repeat that has come by ``now``; 0 when none has. Constant cost, however late."""
        pace = self.pace
        step = max((now - self.due_at) // pace.every + 1, 0)
        if pace.times:
            step = min(step, pace.times)
        while step and self.repeat(step).at > now:
            step -= 1
        return step

    def due_now(self, *, since: datetime | None, now: datetime) -> list[Moment]:
        """The moments in [since, now], those of one level collapsed into the latest: what was missed is made up once."""
        latest: dict[int, Moment] = {}
        past = [moment for moment in self.fixed() if moment.at <= now]
        if step := self.last_repeat(now):
            past.append(self.repeat(step))
        for moment in sorted(past):
            if since is None or moment.at >= since:
                latest[moment.level] = moment
        return sorted(latest.values())

    def next_after(self, now: datetime) -> Moment | None:
        """The first moment later than ``now``; None when none is left."""
        pace = self.pace
        coming = [moment for moment in self.fixed() if moment.at > now]
        step = self.last_repeat(now) + 1
        if not pace.times or step <= pace.times:
            coming.append(self.repeat(step))
        return min(coming, default=None)

    def _told_at(self, at: datetime) -> datetime:
        return self._morning(at) if self.due_is_day and self.pace.in_the_morning else at

    def _morning(self, at: datetime) -> datetime:
        zone = ZoneInfo(self.zone)
        return datetime.combine(at.astimezone(zone).date(), MORNING, tzinfo=zone)


def moments(*, urgency: str, due_at: datetime, due_is_day: bool, zone: str) -> Iterator[Moment]:
    """All reminder moments of a follow-up in order of time, without end where they repeat."""
    return Plan(urgency, due_at, due_is_day, zone).moments()


def next_moment(
    *, urgency: str, due_at: datetime, due_is_day: bool, zone: str, after: datetime | None, now: datetime
) -> datetime | None:
    """When to tell a follow-up next: the first moment after ``after``.

    Without ``after`` (a new or moved follow-up, or another urgency) the moments already past collapse into the latest
    of each level, and those are due at once. The answer is always a moment of the plan, so a clock that was wrong
    for a while leaves nothing out of reach.
    """
    plan = Plan(urgency, due_at, due_is_day, zone)
    if after is None and (missed := plan.due_now(since=None, now=now)):
        return missed[0].at
    coming = plan.next_after(now if after is None else after)
    return coming.at if coming else None
