"""Case numbers: KWL-26-00417, a counter a year, without a gap and without a repeat."""

from datetime import datetime

from django.db import connection
from django.utils import timezone

from cases.models import CaseCounter

#: One statement on either database: raise the counter, hold its row, say what it became.
RAISE = "UPDATE cases_casecounter SET last = last + 1 WHERE year = %s RETURNING last"


def next_number(now: datetime) -> str:
    """The next case number of the year of ``now`` (Jakarta).

    The row of the year is held until the transaction ends, so a case that is not saved gives its number back. Raises
    RuntimeError outside a transaction, where it could hand a number out twice.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("A case number is given inside the transaction that saves the case.")
    year = timezone.localtime(now).year
    last = _raise(year)
    if last is None:
        CaseCounter.objects.get_or_create(year=year)
        last = _raise(year)
    return f"KWL-{year % 100:02d}-{last:05d}"


def _raise(year: int) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(RAISE, [year])
        rows = cursor.fetchall()
    return rows[0][0] if rows else None
