"""The lists as tables to take along. Nothing that was typed about a person leaves: the number of the case stands for it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from cases.models import Attempt, CasePaper, CaseParty, Clock, Commitment, Event, FollowUp, Letter
from cases.reports.letters import row_of as letter_row
from cases.rules.anonymity import Secrets, without_identity
from members.models import User
from members.reports.tables import Column, Kind, Table

_CHUNK = 500
#: Hears of each row as it is written.
Told = Callable[[Any], None]

NUMBER = Column(gettext_lazy("Case"))
INITIALS = Column(gettext_lazy("Initials"))
DESK = Column(gettext_lazy("Desk"))


NOTE = gettext_lazy("Only what %(name)s may open. Names and what was typed about people are left out.")


@dataclass(frozen=True)
class Sheet:
    """How a list becomes a file: what it is called, its columns, what is fetched with a row, and the cells of a row."""

    title: Any
    columns: tuple[Column, ...]
    related: tuple[str, ...]
    cells: Callable[[Any, datetime], tuple]
    #: Fetches what the cells need for some rows at once.
    prepare: Callable[[list], None] = lambda rows: None
    note: Any = NOTE


def _case(case) -> tuple:
    return (case.number, case.initials, str(case.desk)) if case else ("", "", "")


def _follow_up(row: FollowUp, now: datetime) -> tuple:
    owner = row.owner.full_name if row.owner else ""
    return (*_case(row.case), row.get_kind_display(), owner, row.due_at, row.get_state_display(), row.ended_at)


def _clock(row: Clock, now: datetime) -> tuple:
    kept = row.ended_at <= row.due_at if row.ended_at and row.due_at and row.state == Clock.State.STOPPED else None
    is_missed = (row.state == Clock.State.RUNNING and row.due_at and row.due_at < now) or kept is False
    missed = _("missed") if is_missed else _("in time") if kept else ""
    told = (row.rule.code, str(row.rule), row.get_obliged_display(), row.get_state_display())
    return (*_case(row.case), *told, row.started_at, row.due_at, row.ended_at, missed)


def _attempt(row: Attempt, now: datetime) -> tuple:
    told = (row.get_answer_display(), row.get_way_display() if row.way else "")
    bed = row.get_bed_class_display() if row.bed_class else ""
    referral = row.get_referral_display() if row.referral else ""
    return (*_case(row.case), str(row.body or ""), row.at, *told, bed, row.beds_free, row.queue_place, referral)


def _paper(row: CasePaper, now: datetime) -> tuple:
    kind = row.paper
    named = (kind.label, kind.in_language("issuer")) if kind else (_("another paper"), "")
    return (*_case(row.case), *named, str(row.checklist or ""), row.get_state_display(), row.state_at)


def _letter(row: Letter, now: datetime) -> tuple:
    shown = letter_row(row, now=now)
    office = str(row.body) if row.body else ""
    days = shown.days if row.sent_at else None
    return (*_case(row.case), row.get_kind_display(), office, row.get_state_display(), row.sent_at, days)


def _veil(rows: list[Commitment]) -> None:
    """Give each row its text without names: of those on its case, of ours who wrote there, and of others announced.

    What a restricted case says stays in the house.
    """
    names: dict[int | None, set[str]] = {}
    cases = {row.case_id for row in rows if row.case_id}
    people = CaseParty.objects.filter(case__in=cases).order_by().values_list("case", "person__full_name")
    ours = Event.objects.filter(case__in=cases, logged_by__isnull=False).order_by()
    for case, name in [*people, *ours.values_list("case", "logged_by__full_name").distinct()]:
        names.setdefault(case, set()).add(name)
    for row in rows:
        text = "" if row.case and row.case.is_restricted else row.text
        row.veiled = without_identity(text, Secrets.of(names.get(row.case_id, ())))  # type: ignore[attr-defined]


def _commitment(row: Commitment, now: datetime) -> tuple:
    office = str(row.body) if row.body else ""
    form = row.get_form_display() if row.form else ""
    told = (
        row.veiled,  # type: ignore[attr-defined]
        row.number,
        row.get_state_display(),
        form,
        row.promised_at,
        row.get_term_display(),
        row.due_at,
        row.ended_at,
    )
    number = row.case.number if row.case else ""
    return (number, row.case.initials if row.case else "", str(row.desk), office, *told)


_OF_A_CASE = (NUMBER, INITIALS, DESK)
DUE = Column(gettext_lazy("Due"), Kind.MOMENT)
STATE = Column(pgettext_lazy("column", "State"))
ENDED = Column(pgettext_lazy("column", "Ended"), Kind.MOMENT)
KIND = Column(pgettext_lazy("column", "Kind"))
OFFICE = Column(gettext_lazy("Office"))

SHEETS: dict[type, Sheet] = {
    FollowUp: Sheet(
        gettext_lazy("Follow-ups"),
        (*_OF_A_CASE, KIND, Column(gettext_lazy("Whose")), DUE, STATE, ENDED),
        ("case__desk", "owner"),
        _follow_up,
    ),
    Clock: Sheet(
        gettext_lazy("Deadlines"),
        (
            *_OF_A_CASE,
            Column(gettext_lazy("Code")),
            Column(gettext_lazy("Deadline")),
            Column(gettext_lazy("Who owes it")),
            STATE,
            Column(gettext_lazy("Started"), Kind.MOMENT),
            DUE,
            ENDED,
            Column(gettext_lazy("Missed")),
        ),
        ("case__desk", "rule"),
        _clock,
    ),
    Attempt: Sheet(
        gettext_lazy("Facilities asked"),
        (
            *_OF_A_CASE,
            Column(gettext_lazy("Facility")),
            Column(gettext_lazy("When"), Kind.MOMENT),
            Column(gettext_lazy("Answer")),
            Column(gettext_lazy("How")),
            Column(gettext_lazy("Class or unit")),
            Column(gettext_lazy("Beds free"), Kind.NUMBER),
            Column(gettext_lazy("Place on the waiting list"), Kind.NUMBER),
            Column(gettext_lazy("Referral")),
        ),
        ("case__desk", "body"),
        _attempt,
    ),
    CasePaper: Sheet(
        gettext_lazy("Papers needed"),
        (
            *_OF_A_CASE,
            Column(gettext_lazy("Paper")),
            Column(gettext_lazy("Who issues it")),
            Column(gettext_lazy("Checklist")),
            STATE,
            Column(gettext_lazy("Since"), Kind.MOMENT),
        ),
        ("case__desk", "paper", "checklist"),
        _paper,
    ),
    Letter: Sheet(
        gettext_lazy("Letters"),
        (
            *_OF_A_CASE,
            KIND,
            OFFICE,
            STATE,
            Column(gettext_lazy("Sent"), Kind.MOMENT),
            Column(gettext_lazy("Days without an answer"), Kind.NUMBER),
        ),
        ("case__desk", "body"),
        _letter,
    ),
    Commitment: Sheet(
        gettext_lazy("Commitments"),
        (
            *_OF_A_CASE,
            OFFICE,
            Column(gettext_lazy("What was promised or asked for")),
            Column(gettext_lazy("Demand"), Kind.NUMBER),
            STATE,
            Column(gettext_lazy("In what form")),
            Column(gettext_lazy("Said"), Kind.MOMENT),
            Column(gettext_lazy("Until when")),
            DUE,
            ENDED,
        ),
        ("case", "desk", "body"),
        _commitment,
        _veil,
        gettext_lazy(
            "Only what %(name)s may open. The words of a promise are without the names we know; read them before the file"
            " goes on."
        ),
    ),
}


def table(rows: QuerySet[Any], *, by: User, now: datetime, told: Told = lambda row: None) -> Table:
    """The rows of a list as a table, in the order they have, all of them; they are read as they are written."""
    sheet = SHEETS[rows.model]

    def cells() -> Iterator[tuple]:
        found = rows.select_related(*sheet.related).iterator(chunk_size=_CHUNK)
        while some := list(islice(found, _CHUNK)):
            sheet.prepare(some)
            for row in some:
                told(row)
                yield sheet.cells(row, now)

    return Table(str(sheet.title), sheet.columns, cells(), sheet.note % {"name": by.full_name}, by.zone)
