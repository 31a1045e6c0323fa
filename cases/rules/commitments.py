"""Questions about a commitment: when it is due, whether it was kept in time, what may be done with it, how often kept."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from cases.rules.clocks import add_months
from cases.rules.due import end_of_day
from cases.rules.registers import Promise, Term

#: A rate over fewer commitments than this is not shown to who may not open them.
FEWEST = 5
#: How often a late one is told again, and how far apart.
MOST_TELLS, TELL_AGAIN = 4, timedelta(days=7)
#: How long before its moment a commitment is told first.
TELL_BEFORE = timedelta(days=1)


class Move(StrEnum):
    """What may be done with a commitment; the values stand in forms."""

    GRANT = "disanggupi"
    REFUSE = "ditolak"
    MET = "syarat"
    REVIEW = "tinjau"
    KEEP = "ditepati"
    BREAK = "ingkar"
    WITHDRAW = "tarik"


@dataclass(frozen=True)
class Terms:
    """Until when something is to be kept: on a date, after a condition, standing, or nothing said of it."""

    term: str = Term.NONE
    due_at: datetime | None = None
    due_is_day: bool = False
    condition: str = ""
    span_days: int | None = None
    review_months: int | None = None


def moves(state: str, term: str, *, is_met: bool) -> list[Move]:
    """What may be done now, the likeliest first; nothing with what has ended."""
    if state == Promise.ASKED:
        return [Move.GRANT, Move.REFUSE, Move.KEEP, Move.WITHDRAW]
    if state != Promise.OPEN:
        return []
    if term == Term.CONDITION and not is_met:
        return [Move.MET, Move.KEEP, Move.BREAK, Move.WITHDRAW]
    if term == Term.STANDING:
        return [Move.REVIEW, Move.KEEP, Move.BREAK, Move.WITHDRAW]
    return [Move.KEEP, Move.BREAK, Move.WITHDRAW]


def due_after_condition(met_at: datetime, span_days: int | None, zone: str) -> datetime:
    """The end of the day, at the place, so many days after the condition was met; without days that same day."""
    return end_of_day(met_at.astimezone(ZoneInfo(zone)).date() + timedelta(days=span_days or 0), zone)


def next_review(since: date, months: int, *, today: date) -> date:
    """So many months after the last look; counted from today where that has passed already."""
    coming = add_months(since, months)
    return coming if coming > today else add_months(today, months)


def verdict(*, due_at: datetime | None, kept_at: datetime, kept_on_day: bool, zone: str) -> Promise:
    """Kept, or kept late. Where only the day is known, the day of the due moment is in time."""
    if due_at is None or kept_at <= due_at:
        return Promise.KEPT
    there = ZoneInfo(zone)
    same_day = kept_at.astimezone(there).date() == due_at.astimezone(there).date()
    return Promise.KEPT if kept_on_day and same_day else Promise.LATE


def days_between(first: datetime, last: datetime, zone: str) -> int:
    """Days from one day to the other at the place: 13 May to 19 May are 6, whatever the hours."""
    there = ZoneInfo(zone)
    return (last.astimezone(there).date() - first.astimezone(there).date()).days


def is_backwards(said_at: datetime | None, due_at: datetime | None, *, on_day: bool, zone: str) -> bool:
    """Whether it would be due before it was said; where only the day it was said is known, days are compared."""
    if said_at is None or due_at is None:
        return False
    return days_between(said_at, due_at, zone) < 0 if on_day else due_at < said_at


def tells_due(due_at: datetime, now: datetime) -> int | None:
    """Which telling has come for a commitment due then: 0 the day before, 1 when it has passed, 2 a week later …"""
    if now < due_at - TELL_BEFORE:
        return None
    if now < due_at:
        return 0
    return min((now - due_at) // TELL_AGAIN + 1, MOST_TELLS)


@dataclass
class Rate:
    """What became of the commitments of one office. What was withdrawn or refused counts neither way."""

    kept: int = 0
    late: int = 0
    broken: int = 0
    pending: int = 0

    def add(self, state: str, n: int = 1) -> None:
        name = {
            Promise.KEPT: "kept", Promise.LATE: "late", Promise.BROKEN: "broken", Promise.OPEN: "pending",
        }.get(Promise(state))  # fmt: skip
        if name:
            setattr(self, name, getattr(self, name) + n)

    @property
    def ended(self) -> int:
        return self.kept + self.late + self.broken

    @property
    def all(self) -> int:
        return self.ended + self.pending
