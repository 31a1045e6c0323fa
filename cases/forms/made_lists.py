"""A long list as a file: its address is kept when it is ordered, and read through the form of its page when it is made."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from cases.forms.lists import (
    AttemptListForm,
    ClockListForm,
    CommitmentListForm,
    FollowUpListForm,
    LetterListForm,
    ListForm,
    PaperListForm,
)
from cases.forms.search import CaseListForm
from cases.models import Case, Printout
from cases.reports import case_table, lists
from cases.rules.errors import Refused
from cases.rules.printing import AT_ONCE, MOST_ROWS, PrintKind
from cases.services import printouts
from cases.services.printouts import Built, Fault, Step
from members.models import User
from members.reports import tables
from members.reports.tables import Table

CASES = "kasus"
#: The other lists, by the name of their file.
LISTS: dict[str, type[ListForm]] = {
    "tindak-lanjut": FollowUpListForm,
    "tenggat": ClockListForm,
    "faskes-ditanya": AttemptListForm,
    "berkas-perlu": PaperListForm,
    "surat": LetterListForm,
    "janji": CommitmentListForm,
}
#: Rows between two looks at how far it is.
_EVERY = 500


def is_long(rows: QuerySet) -> bool:
    """Whether a list is made by a worker."""
    return rows.order_by()[AT_ONCE : AT_ONCE + 1].exists()


def order(
    *, name: str, query: str, file: str, rows: QuerySet, by: User, columns: list[str] | None = None, key: UUID | None
) -> Printout:
    """Put a list into the queue of papers; ``rows`` are what its address shows now. Raises Refused where it is too long."""
    if rows.order_by()[MOST_ROWS : MOST_ROWS + 1].exists():
        said = _(
            "This list has more than %(most)s rows, more than one file may hold. Narrow it with the filters, for example by day."
        )
        raise Refused(said % {"most": f"{MOST_ROWS:,}".replace(",", ".")})
    content = {"query": query, "file": file, "columns": columns or [], "language": translation.get_language() or "id"}
    return printouts.order(kind=PrintKind.LIST, by=by, params={"list": name}, content=content, submit_key=key)


def build(row: Printout, step: Step) -> Built:
    """The list as whoever ordered it may take it out at this moment. Raises Fault, and Lost from ``step``."""
    asked, now, user = printouts.content_of(row), timezone.now(), row.ordered_by
    cases: set[int] = set()
    written = 0

    def told(each: Any) -> None:
        nonlocal written
        written += 1
        if pk := each.pk if isinstance(each, Case) else each.case_id:
            cases.add(pk)
        if written % _EVERY == 0:
            step(min(written * 100 // count, 100), 100)

    with translation.override(asked["language"]):
        rows, table = _table(row.params["list"], asked, user, now, told)
        count = rows.order_by()[: MOST_ROWS + 1].count()
        if not count:
            raise Fault("nothing")
        if count > MOST_ROWS:
            raise Fault("too_many")
        step(0, 100)
        data = tables.as_bytes(table, asked["file"])
    return Built(data, tables.FILES[asked["file"]], asked["file"], list(cases))


def _table(name: str, asked: dict, user: User, now: datetime, told) -> tuple[QuerySet, Table]:
    query = QueryDict(asked["query"])
    if name == CASES:
        form = CaseListForm(query, user=user)
        rows = case_table.may_leave(form.shown(now), user)
        return rows, case_table.table(rows, asked["columns"], order=form.order, zone=user.zone, told=told)
    rows = LISTS[name](query, user=user, now=now).shown()
    return rows, lists.table(rows, by=user, now=now, told=told)
