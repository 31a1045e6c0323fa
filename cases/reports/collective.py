"""A collective case in numbers: its sub-cases that a reader may open, month by month, and who refused how often."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Attempt, Case, CaseCount, Rule
from cases.reports import clocks
from cases.rules.registers import Answer
from members.models import User
from members.rules.roles import Permission


@dataclass
class Month:
    """What happened to the sub-cases in a month: by when each began, ended and died."""

    first: date
    begun: int = 0
    closed: int = 0
    died: int = 0


@dataclass
class OfFacility:
    """How one facility answered those of a collective case."""

    name: str
    asked: int = 0
    accepted: int = 0
    full: int = 0
    refused: int = 0
    reasons: Counter = field(default_factory=Counter)

    @property
    def said(self) -> str:
        return ", ".join(
            f"{reason} ({count})" if count > 1 else reason for reason, count in self.reasons.most_common(5)
        )


@dataclass
class Rollup:
    """The sub-cases a reader may open, added up. What they may not open is not counted, and not hinted at."""

    all: int
    open: int
    died: int
    outcomes: list[tuple[str, int]]
    months: list[Month]
    facilities: list[OfFacility]
    counts: list[CaseCount]

    @property
    def closed(self) -> int:
        return self.all - self.open


def sub_cases(case: Case, user: User) -> QuerySet[Case]:
    """The sub-cases of a case that this user may open."""
    return Case.objects.permitted(user, Permission.CASE_VIEW).filter(parent=case)


def rollup(case: Case, user: User) -> Rollup:
    """Count the sub-cases, in the months of the place: they begin when it happened, else when it was reported or logged."""
    rows = list(
        sub_cases(case, user).values_list(
            "pk", "status", "outcome__name", "occurred_at", "reported_at", "created_at", "closed_at", "died_at"
        )
    )
    months: dict[date, Month] = {}
    zone = ZoneInfo(case.zone)

    def of_month(moment) -> Month:
        first = moment.astimezone(zone).date().replace(day=1)
        return months.setdefault(first, Month(first))

    outcomes: Counter = Counter()
    died = 0
    for _pk, _status, outcome, occurred, reported, created, closed, death in rows:
        of_month(occurred or reported or created).begun += 1
        if closed:
            of_month(closed).closed += 1
            outcomes[outcome] += 1
        if death:
            of_month(death).died += 1
            died += 1
    return Rollup(
        all=len(rows),
        open=sum(1 for row in rows if row[6] is None),
        died=died,
        outcomes=outcomes.most_common(),
        months=sorted(months.values(), key=lambda month: month.first, reverse=True),
        facilities=_facilities([case.pk, *(row[0] for row in rows)]),
        counts=list(CaseCount.objects.filter(case=case).order_by("what", "on_date", "pk")),
    )


def _facilities(pks: list[int]) -> list[OfFacility]:
    """Every facility that was asked for these cases, the one that refused most first."""
    found: dict[str, OfFacility] = {}
    for row in Attempt.objects.filter(case__in=pks).select_related("body").order_by("pk"):
        name = row.body.name if row.body else _("Facility not known yet")
        each = found.setdefault(name, OfFacility(name))
        each.asked += 1
        each.accepted += row.answer == Answer.ACCEPTED
        each.full += row.answer == Answer.FULL
        each.refused += row.answer == Answer.REFUSED
        if row.reason and row.answer in {Answer.FULL, Answer.REFUSED}:
            each.reasons[str(row.reason)] += 1
    return sorted(found.values(), key=lambda each: (-(each.full + each.refused), each.name))


#: What happens to an employer that does not register or pay, step by step (RULES 4, K25).
SANCTIONS = "K25"


@dataclass(frozen=True)
class Sanctions:
    """The steps an office must take against an employer; ``running`` is the clock that says where it stands."""

    rule: Rule
    steps: list[str]
    running: clocks.Shown | None


def sanctions(case: Case) -> Sanctions | None:
    """The sanctions ladder of the employer of a collective case; None where the catalogue has none."""
    rule = Rule.objects.filter(code=SANCTIONS).first()
    if rule is None:
        return None
    running = next((each for each in clocks.of_case(case, now=timezone.now()) if each.clock.rule_id == rule.pk), None)
    return Sanctions(rule, [clocks.span_words(span) for span in rule.spans], running)
