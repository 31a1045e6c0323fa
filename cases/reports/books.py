"""The books of a case at a glance: facilities asked, letters, promises, papers, money; how much, and what waits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Model, OuterRef, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.models import Attempt, Case, CaseCount, CasePaper, CasePartner, Commitment, Letter, MoneyLine
from cases.rules.registers import PENDING, LetterState
from cases.services.papers import count_missing


@dataclass(frozen=True)
class Book:
    """One book: its name, where it opens, how much stands in it, and what in it waits."""

    name: str
    url: str
    icon: str
    entries: int = 0
    waits: str = ""


def marks(now: datetime) -> Mapping[str, Combinable]:
    """What `of_case` reads, to be annotated on a case; none of it joins another table to the case."""
    letters = Letter.objects.all()
    pending = Commitment.objects.filter(state__in=PENDING)
    return {
        "n_attempts": _count(Attempt.objects.all()),
        "n_letters": _count(letters),
        "n_unanswered": _count(letters.filter(state=LetterState.SENT)),
        "n_promises": _count(Commitment.objects.all()),
        "n_late": _count(pending.filter(due_at__lt=now)),
        "n_papers": _count(CasePaper.objects.all()),
        "n_missing": count_missing(),
        "n_money": _count(MoneyLine.objects.all()),
        "n_counts": _count(CaseCount.objects.all()),
        "n_partners": _count(CasePartner.objects.all()),
    }


def _count(rows: QuerySet[Model]) -> Coalesce:
    of_case = rows.filter(case=OuterRef("pk")).order_by().values("case")
    return Coalesce(Subquery(of_case.annotate(n=Count("pk")).values("n")), 0)


def of_case(case: Case) -> list[Book]:
    """The books of a case that came with `marks`, in the order of a working day."""
    late = ngettext("%(n)d late", "%(n)d late", case.n_late) % {"n": case.n_late} if case.n_late else ""
    silent = _("%(n)d not answered") % {"n": case.n_unanswered} if case.n_unanswered else ""
    return [
        Book(_("Facilities asked"), "cases:attempts", "hospital", case.n_attempts),
        Book(_("Promises"), "cases:case-commitments", "calendar-event", case.n_promises, late),
        Book(_("Ladder and letters"), "cases:case-ladder", "send", case.n_letters, silent),
        Book(_("Papers needed"), "cases:case-papers", "list-check", case.n_papers, _missing_words(case)),
        Book(_("Money"), "cases:money", "wallet2", case.n_money),
        Book(_("Partners"), "cases:partners", "people", case.n_partners),
        Book(_("Counts"), "cases:counts", "bar-chart", case.n_counts),
        # How many sub-cases there are depends on the reader: the page itself says so.
        Book(_("Collective case"), "cases:collective", "diagram-3"),
    ]


def _missing_words(case: Case) -> str:
    return ngettext("%(n)d missing", "%(n)d missing", case.n_missing) % {"n": case.n_missing} if case.n_missing else ""
