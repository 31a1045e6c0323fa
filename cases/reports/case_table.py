"""The list of cases as a table that leaves the house: numbers and initials, never a name, an identity number, a phone,
a diagnosis or anything typed freely."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.models import Case
from cases.reports.case_list import ORDERS
from members.models import User
from members.reports.tables import Column, Kind, Table
from members.rules.roles import Permission

_CHUNK = 500
#: Hears of each row as it is written.
Told = Callable[[Any], None]

#: What a file may show, by the word of the form: heading, kind, and how it is read.
COLUMNS: dict[str, tuple[Promise, Kind, Callable[[Case], Any]]] = {
    "nomor": (gettext_lazy("Case number"), Kind.TEXT, lambda case: case.number),
    "inisial": (gettext_lazy("Initials"), Kind.TEXT, lambda case: case.initials),
    "urgensi": (gettext_lazy("How urgent"), Kind.TEXT, lambda case: case.get_urgency_display()),
    "status": (gettext_lazy("Status"), Kind.TEXT, lambda case: case.get_status_display()),
    "jenis": (gettext_lazy("Problem"), Kind.TEXT, lambda case: case.problem_type.chip if case.problem_type else None),
    "program": (
        gettext_lazy("Programmes"),
        Kind.TEXT,
        lambda case: ", ".join(row.label for row in case.programmes.all()) or None,
    ),
    "tempat": (gettext_lazy("Facility or office"), Kind.TEXT, lambda case: case.place.name if case.place else None),
    "wilayah": (gettext_lazy("Region"), Kind.TEXT, lambda case: case.region.name if case.region else None),
    "posko": (gettext_lazy("Desk"), Kind.TEXT, lambda case: str(case.desk)),
    "relawan": (gettext_lazy("Relawan"), Kind.TEXT, lambda case: case.assignee.full_name if case.assignee else None),
    "anggota": (gettext_lazy("Union member?"), Kind.TEXT, lambda case: case.get_membership_display()),
    "dicatat": (gettext_lazy("Logged"), Kind.MOMENT, lambda case: case.created_at),
    "terjadi": (gettext_lazy("Happened"), Kind.MOMENT, lambda case: case.occurred_at),
    "kabar": (gettext_lazy("Last note"), Kind.MOMENT, lambda case: case.last_event_at),
    "tenggat": (gettext_lazy("Next due"), Kind.MOMENT, lambda case: case.next_due_at),
    "meninggal": (gettext_lazy("Died"), Kind.MOMENT, lambda case: case.died_at),
    "hasil": (gettext_lazy("Outcome"), Kind.TEXT, lambda case: case.outcome.label if case.outcome else None),
    "ditutup": (gettext_lazy("Closed"), Kind.MOMENT, lambda case: case.closed_at),
}
#: Ticked when the page opens.
USUAL = ("nomor", "inisial", "urgensi", "status", "jenis", "tempat", "posko", "relawan", "dicatat", "tenggat", "hasil")


def may_leave(cases: QuerySet[Case], user: User) -> QuerySet[Case]:
    """Of some cases those this user may take out: what a coordinator assigns, or what one carries oneself.

    A restricted case stays in the house.
    """
    mine = Q(assignee=user) | Q(pk__in=Case.objects.permitted(user, Permission.CASE_ASSIGN).order_by().values("pk"))
    return cases.filter(mine, is_restricted=False)


def table(
    cases: QuerySet[Case], columns: Sequence[str], *, order: str = "", zone: str, told: Told = lambda case: None
) -> Table:
    """The cases with the chosen columns, in the order of the list, all of them; rows are read as they are written."""
    names = [name for name in COLUMNS if name in columns] or ["nomor"]
    return Table(
        title=_("Cases"),
        columns=[Column(str(COLUMNS[name][0]), COLUMNS[name][1]) for name in names],
        rows=_rows(cases.order_by(*ORDERS.get(order, ORDERS[""])), names, told),
        zone=zone,
    )


def _rows(cases: QuerySet[Case], names: list[str], told: Told) -> Iterator[list[Any]]:
    rows = (
        cases.select_related("assignee", "desk", "place", "problem_type", "region", "outcome")
        .defer("title", "story", "diagnosis", "outcome_note", "red_flags", "place_note", "occurred_text")
        .prefetch_related("programmes")
    )
    for case in rows.iterator(chunk_size=_CHUNK):
        told(case)
        yield [COLUMNS[name][2](case) for name in names]
