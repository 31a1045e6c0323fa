"""Load and rest (PRACTICE C2.7): how many nights in a row somebody wrote, and when it is time to take turns."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

#: A night lasts from the one hour to the other, by the clock of the one who works.
NIGHT_FROM, NIGHT_UNTIL = time(22), time(5)
#: So many nights in a row are enough: somebody else should take over.
NIGHTS_ENOUGH = 3
#: Further back than this nobody looks.
NIGHTS_BACK = timedelta(days=10)


def night_of(moment: datetime, zone: str) -> date | None:
    """The evening of the night to which a moment belongs; None by day."""
    there = moment.astimezone(ZoneInfo(zone))
    if there.time() >= NIGHT_FROM:
        return there.date()
    return there.date() - timedelta(days=1) if there.time() < NIGHT_UNTIL else None


def nights_in_a_row(moments: Iterable[datetime], *, zone: str, now: datetime) -> int:
    """How many nights without a gap, up to the last one (tonight counts once something was written in it)."""
    nights = {night for moment in moments if moment <= now and (night := night_of(moment, zone))}
    last = night_of(now, zone) or now.astimezone(ZoneInfo(zone)).date()
    if last not in nights:
        last -= timedelta(days=1)
    count = 0
    while last - timedelta(days=count) in nights:
        count += 1
    return count
