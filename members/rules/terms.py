"""When the end of something is told: the latest of the agreed days before it that has come."""

from datetime import date, timedelta

#: Days before the end of a board's term on which its admins are told; 0 is the last day itself.
BOARD_DAYS = (90, 30, 7, 0)
#: A term that ended longer ago than this is told to nobody: it was entered as history.
STALE = timedelta(days=60)


def told_at(until: date, today: date, days: tuple[int, ...] = BOARD_DAYS) -> int | None:
    """Which of the ``days`` before the end is the one that has come last; None before the first, or long after."""
    left = (until - today).days
    if left < -STALE.days:
        return None
    return min((each for each in days if each >= left), default=None)
