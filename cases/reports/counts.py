"""The counts of a case as they are read: by what is counted, the last word of every source side by side, and how it went."""

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from cases.models import Case, CaseCount
from cases.rules.registers import Counted

#: From so many days on, a picture says more than the table alone.
_ENOUGH = 3
#: The picture: its size and the room around the line.
WIDTH, HEIGHT, ROOM = 320, 120, 16


@dataclass(frozen=True)
class Point:
    """A count in the picture."""

    x: int
    y: int
    number: int


@dataclass(frozen=True)
class Group:
    """One thing that is counted (of one programme): every count by day, and what each source said last."""

    label: str
    rows: list[CaseCount]
    latest: list[CaseCount]
    points: list[Point]

    @property
    def differs(self) -> bool:
        """Whether the sources do not agree."""
        return len({row.number for row in self.latest}) > 1

    @property
    def line(self) -> str:
        """The points as a line is drawn."""
        return " ".join(f"{point.x},{point.y}" for point in self.points)


def of_case(case: Case) -> list[Group]:
    """The groups in one statement; those on which sources differ first."""
    found: dict[tuple, list[CaseCount]] = {}
    for row in case.casecounts.select_related("programme", "logged_by").order_by("pk"):
        found.setdefault((row.what, row.what_text.lower(), row.programme_id), []).append(row)
    groups = [_group(rows, case.zone) for rows in found.values()]
    return sorted(groups, key=lambda group: not group.differs)


def _group(rows: list[CaseCount], zone: str) -> Group:
    def day(row: CaseCount) -> date:
        return row.on_date or row.logged_at.astimezone(ZoneInfo(zone)).date()

    rows = sorted(rows, key=lambda row: (day(row), row.pk))
    by_source = {" ".join(row.source.lower().split()): row for row in rows}
    return Group(_label(rows[0]), rows, list(by_source.values()), _points([(day(row), row.number) for row in rows]))


def _label(row: CaseCount) -> str:
    what = row.what_text if row.what == Counted.OTHER else str(row.get_what_display())
    if row.what_text and row.what != Counted.OTHER:
        what = f"{what} ({row.what_text})"
    return f"{what}, {row.programme.label}" if row.programme else what


def _points(counts: list[tuple[date, int]]) -> list[Point]:
    """Where each count stands in the picture, from nothing at the bottom; none while there are too few days."""
    if len({on for on, _number in counts}) < _ENOUGH:
        return []
    first, last, most = counts[0][0], counts[-1][0], max(number for _on, number in counts) or 1
    span = (last - first).days
    return [
        Point(
            ROOM + (WIDTH - 2 * ROOM) * (on - first).days // span,
            HEIGHT - ROOM - (HEIGHT - 2 * ROOM) * number // most,
            number,
        )
        for on, number in counts
    ]
