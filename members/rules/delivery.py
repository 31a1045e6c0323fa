"""When a message may go out: quiet hours, the summary of the morning, and how long to wait after a refusal.

Pure: the user's choices, the urgency and the present moment come in as values.
"""

import uuid
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

#: When the summary goes out, on the clock of the reader.
DIGEST_TIME = time(7, 0)
#: The urgency that is told at once, whatever the hour and whatever else was chosen.
AT_ONCE = "emergency"
#: The longest wait between two tries (TRUST R57), and how many seconds the first one is.
LONGEST_WAIT = timedelta(minutes=5)
FIRST_WAIT = timedelta(seconds=30)
#: How long a mailbox may say "not now" before a coordinator is asked to look at it.
PATIENCE = timedelta(days=3)
#: A summary after quiet hours is the furthest away a message is ever put.
FURTHEST = timedelta(hours=48)

_NAMESPACE = uuid.UUID("6f7d2a52-8d0f-5e0b-9f50-3f4ad1f6c0b7")


def in_quiet_hours(at: datetime, *, zone: str, quiet_from: time | None, quiet_until: time | None) -> bool:
    """Whether this moment lies in the quiet hours, which may go past midnight; the last minute is no longer quiet."""
    if quiet_from is None or quiet_until is None or quiet_from == quiet_until:
        return False
    clock = at.astimezone(ZoneInfo(zone)).time()
    if quiet_from < quiet_until:
        return quiet_from <= clock < quiet_until
    return clock >= quiet_from or clock < quiet_until


def after_quiet(
    at: datetime, *, urgency: str, zone: str, quiet_from: time | None, quiet_until: time | None
) -> datetime:
    """The same moment, or the end of the quiet hours it lies in; an emergency knows no quiet hours."""
    quiet = in_quiet_hours(at, zone=zone, quiet_from=quiet_from, quiet_until=quiet_until)
    if quiet_until is None or urgency == AT_ONCE or not quiet:
        return at
    return next_time(quiet_until, at, zone=zone)


def next_time(clock: time, at: datetime, *, zone: str) -> datetime:
    """The next moment (or this very one) at which the clock in a zone shows a time."""
    here = at.astimezone(ZoneInfo(zone))
    day = here.date() if here.time() <= clock else here.date() + timedelta(days=1)
    return datetime.combine(day, clock, tzinfo=ZoneInfo(zone))


def digest_at(at: datetime, *, zone: str, quiet_from: time | None, quiet_until: time | None) -> datetime:
    """When the next summary goes out: 07.00 of the reader, or the end of quiet hours that last longer."""
    morning = next_time(DIGEST_TIME, at, zone=zone)
    return after_quiet(morning, urgency="", zone=zone, quiet_from=quiet_from, quiet_until=quiet_until)


def wait_after(tries: int) -> timedelta:
    """How long to wait after the ``tries``-th refusal: twice as long each time, never over five minutes."""
    return min(FIRST_WAIT * 2 ** min(max(tries - 1, 0), 8), LONGEST_WAIT)


def message_id(*words: str, host: str) -> str:
    """A Message-ID that is the same on every try, since it is made of what the mail is about."""
    return f"<{uuid.uuid5(_NAMESPACE, chr(31).join(words))}@{host}>"


def one_line(words: str) -> str:
    """Words that fit in a header: no line breaks, no other control characters, single spaces."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in words).split())
