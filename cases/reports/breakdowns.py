"""Figures by group: by unit, region, federation, programme, problem, facility, employer, sector, outcome.

A group has an address of its own (``kelompok=faskes:UUID``), so that the list behind a number is exactly that number.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from cases.models import Case, Obliged, Outcome, ProblemFamily, ProblemType, Programme
from cases.models.case import helps, women, young
from cases.reports.figures import FIGURES, REFUSING, Period, with_answer
from cases.rules.codes import HELPED, Membership, Urgency
from cases.rules.registers import Answer
from members.models import Body, Organisation, Region, Sector

#: Groups in a table; the rest stands in one line.
MOST_GROUPS = 30
#: How an address names the cases of no group.
NONE = "-"
_PERSON = "parties__person__"


@dataclass(frozen=True)
class Dimension:
    """A way to divide cases: where the group stands, which row names it, and by which of its fields an address does."""

    code: str
    label: str | Promise
    path: str
    model: type[models.Model] | None = None
    attr: str = "code"
    #: What else must hold on the way there, in the same joins. A case may then be of several groups, or of none.
    on_the_way: dict[str, Any] = field(default_factory=dict)
    is_multiple: bool = False
    choices: Sequence[tuple[str, str | Promise]] = ()
    #: Of the rows that a figure counts (clocks, refusals) those of a group; the cases follow from them.
    of_rows: Callable[[QuerySet, str], QuerySet] | None = None

    def holds(self, value: str) -> Q:
        """That a case is of a group; of none for "-"."""
        if value == NONE and not self.is_multiple:
            return Q(**{self.path: ""}) if self.choices else Q(**{f"{self.path}__isnull": True})
        name = self.path if self.choices else f"{self.path}__{self.attr}"
        if not self.is_multiple:
            return Q(**{name: value})
        rows = Case.objects.filter(**self.on_the_way, **{name: value})
        return Q(pk__in=rows.order_by().values("pk"))

    def makes_sense(self, value: str) -> bool:
        """Whether an address could name this group."""
        if value == NONE:
            return not self.is_multiple and not (self.of_rows and self.choices)
        if self.choices:
            return value in dict(self.choices)
        return bool(value) and (self.attr != "uuid" or _is_uuid(value))


def _refused_at(rows: QuerySet, value: str) -> QuerySet:
    rows = rows.annotate(where=Coalesce("body__uuid", "case__place__uuid"))
    return rows.filter(where__isnull=True) if value == NONE else rows.filter(where=value)


def _said_there(answer: str) -> Callable[[QuerySet, str], QuerySet]:
    return lambda rows, value: _refused_at(with_answer(rows), value).filter(answer=answer)


def _silent_there(rows: QuerySet, value: str) -> QuerySet:
    return _refused_at(with_answer(rows), value).exclude(answer__in=list(REFUSING))


_AT_WORK = {"parties__role__in": HELPED}
DIMENSIONS: dict[str, Dimension] = {
    each.code: each
    for each in [
        Dimension("masalah", gettext_lazy("Kind of problem"), "problem_type__family", ProblemFamily),
        Dimension("jenis", gettext_lazy("Problem"), "problem_type", ProblemType),
        Dimension("unit", gettext_lazy("Desk"), "desk", Organisation, "uuid"),
        Dimension("wilayah", gettext_lazy("Region"), "region", Region),
        Dimension(
            "federasi",
            gettext_lazy("Federation"),
            f"{_PERSON}memberships__organisation__ancestors__ancestor",
            Organisation,
            "uuid",
            {**_AT_WORK, f"{_PERSON}memberships__organisation__ancestors__ancestor__kind__code": "federation"},
            is_multiple=True,
        ),
        Dimension(
            "serikat",
            gettext_lazy("Sector union"),
            f"{_PERSON}memberships__organisation__ancestors__ancestor",
            Organisation,
            "uuid",
            {**_AT_WORK, f"{_PERSON}memberships__organisation__ancestors__ancestor__kind__code": "sector_union"},
            is_multiple=True,
        ),
        Dimension("program", gettext_lazy("Programme"), "programmes", Programme, is_multiple=True),
        Dimension("faskes", gettext_lazy("Facility or office"), "place", Body, "uuid"),
        Dimension(
            "perusahaan",
            gettext_lazy("Employer"),
            f"{_PERSON}employments__employer",
            Body,
            "uuid",
            _AT_WORK,
            is_multiple=True,
        ),
        Dimension(
            "sektor",
            gettext_lazy("Sector"),
            f"{_PERSON}employments__sector",
            Sector,
            "code",
            _AT_WORK,
            is_multiple=True,
        ),
        Dimension("hasil", gettext_lazy("Outcome"), "outcome", Outcome),
        Dimension("untuk", gettext_lazy("For whom"), "membership", choices=Membership.choices),
        Dimension("urgensi", gettext_lazy("Urgency"), "urgency", choices=Urgency.choices),
        Dimension(
            "oleh",
            gettext_lazy("Who owes"),
            "",
            choices=Obliged.choices,
            of_rows=lambda rows, value: rows.filter(obliged=value),
        ),
        Dimension("ditolak-di", gettext_lazy("Refused at"), "", Body, "uuid", of_rows=_refused_at),
        Dimension("penuh-di", gettext_lazy("Said to be full at"), "", Body, "uuid", of_rows=_said_there(Answer.FULL)),
        Dimension(
            "menolak-di", gettext_lazy("Refused in words at"), "", Body, "uuid", of_rows=_said_there(Answer.REFUSED)
        ),
        Dimension("tanpa-jawaban-di", gettext_lazy("Answer not noted at"), "", Body, "uuid", of_rows=_silent_there),
    ]
}
#: What a reader may choose to divide the cases by.
CHOOSABLE = [code for code, each in DIMENSIONS.items() if each.path and code != "hasil"]


def group_of(text: str) -> tuple[Dimension, str] | None:
    """What ``kelompok`` of an address names, or None where that makes no sense."""
    code, _colon, value = text.partition(":")
    dimension = DIMENSIONS.get(code)
    return (dimension, value) if dimension and dimension.makes_sense(value) else None


def within(code: str, period: Period, dimension: Dimension, value: str) -> Q:
    """The cases of a group that stand behind a figure."""
    rows = FIGURES[code].rows
    if dimension.of_rows is None:
        return dimension.holds(value)
    if rows is None:
        return Q(pk=0)  # none; an empty list would leave a count without a number
    return Q(pk__in=dimension.of_rows(rows(period), value).order_by().values("case"))


#: Whom a reader may look at alone (PRACTICE S0.7).
LOOKS = {"perempuan": gettext_lazy("Women"), "muda": gettext_lazy("35 or younger")}


def looked_at(cases: QuerySet[Case], look: str, day: date) -> QuerySet[Case]:
    """Cases in which a woman, or somebody of 35 or younger on a day, is helped; all of them for no look."""
    match look:
        case "perempuan":
            return cases.filter(helps(women()))
        case "muda":
            return cases.filter(helps(young(day)))
    return cases


@dataclass(frozen=True)
class Group:
    """A group with its counts, in the order of the codes asked for; ``value`` names it in an address."""

    value: str
    label: str
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Breakdown:
    """Figures by group, the largest first; ``rest`` adds up what found no room (single groups only)."""

    dimension: str
    codes: tuple[str, ...]
    groups: tuple[Group, ...]
    rest: tuple[int, ...] | None = None


def breakdown(cases: QuerySet[Case], period: Period, dimension: str, codes: Sequence[str]) -> Breakdown:
    """The figures that count cases, by group: one statement, one more for the names."""
    by = DIMENSIONS[dimension]
    behind = [FIGURES[code].behind(period) for code in codes]
    any_of = behind[0]
    for each in behind[1:]:
        any_of = any_of | each
    if by.is_multiple:
        cases = Case.objects.filter(pk__in=cases.order_by().values("pk"))
        cases = cases.filter(**{f"{by.path}__isnull": False}, **by.on_the_way)
    found = (
        cases.filter(any_of)
        .order_by()
        .values(group=F(by.path))
        .annotate(**{f"n{at}": Count("pk", filter=each, distinct=by.is_multiple) for at, each in enumerate(behind)})
    )
    rows = sorted(
        ((row["group"], tuple(row[f"n{at}"] for at in range(len(codes)))) for row in found),
        key=lambda row: (tuple(-n for n in row[1]), str(row[0])),
    )
    kept, beyond = rows[:MOST_GROUPS], rows[MOST_GROUPS:]
    rest = tuple(map(sum, zip(*(counts for _group, counts in beyond), strict=True))) if beyond else None
    names = _names(by, [group for group, _counts in kept])
    return Breakdown(
        dimension,
        tuple(codes),
        tuple(Group(*names[group], counts) for group, counts in kept),
        None if by.is_multiple else rest,
    )


def label_of(dimension: Dimension, value: str) -> str:
    """What a group is called, asked by its address."""
    if value == NONE:
        return _("Not known yet")
    if dimension.choices:
        return str(dict(dimension.choices)[value])
    row = dimension.model.objects.filter(**{dimension.attr: value}).first() if dimension.model else None
    return _label(row) if row else "?"


def _names(by: Dimension, keys: list) -> dict[Any, tuple[str, str]]:
    """For each key its name in an address and its label."""
    unknown = (NONE, _("Not known yet"))
    if by.choices:
        words = dict(by.choices)
        return {key: (key, str(words[key])) if key else unknown for key in keys}
    rows = by.model.objects.in_bulk([key for key in keys if key is not None]) if by.model else {}
    return {key: (str(getattr(rows[key], by.attr)), _label(rows[key])) if key in rows else unknown for key in keys}


def _label(row) -> str:
    """A row in the reader's language; an organisation by its short name."""
    if isinstance(row, ProblemType):
        return row.chip
    english = getattr(row, "name_en", "") if (get_language() or "id").startswith("en") else ""
    return english or str(row)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
