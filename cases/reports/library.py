"""The library of rules: how they held on a day, what changed, and which cases hang on one (PRACTICE S4.13)."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, QuerySet

from cases.models import Case, Clock, Rule
from cases.reports.figures import shown
from cases.services.law import in_force
from members.models import User
from members.rules.roles import Permission, Role

#: Cases shown on the page of a rule.
MOST = 100


@dataclass(frozen=True)
class Line:
    """A rule with the number of cases that hang on it; None where the group is too small to show."""

    rule: Rule
    cases: int | None
    is_in_force: bool


def _linked(user: User) -> QuerySet[Clock]:
    """The clocks of cases of which this user sees figures, or which they may open."""
    figures = Case.objects.permitted(user, Permission.FIGURES_VIEW)
    own = Case.objects.permitted(user, Permission.CASE_VIEW)
    return Clock.objects.filter(case__in=figures) | Clock.objects.filter(case__in=own)


def _hides(user: User) -> bool:
    """Whoever opens no cases by role or hand sees no small groups."""
    return not user.live_roles & {Role.COORDINATOR, Role.ADVOCATE}


def rules(user: User, *, today: date, past: bool = False) -> list[Line]:
    """The rules in force today (or no longer), with their cases, in two statements."""
    rows = Rule.objects.exclude(in_force(today)) if past else Rule.objects.filter(in_force(today))
    counts = dict(_linked(user).order_by().values_list("rule").annotate(n=Count("case", distinct=True)))
    hides = _hides(user)
    return [Line(row, shown(counts.get(row.pk, 0), hide_small=hides), not past) for row in rows]


def count_of(rule: Rule, user: User) -> int | None:
    """How many cases hang on a rule, as this user may know."""
    number = _linked(user).filter(rule=rule).values("case").distinct().count()
    return shown(number, hide_small=_hides(user))


def cases_of(rule: Rule, user: User) -> list[Case]:
    """The cases on a rule that this user may open, the newest first."""
    rows = Case.objects.permitted(user, Permission.CASE_VIEW).for_rows()
    return list(rows.filter(pk__in=Clock.objects.filter(rule=rule).values("case")).order_by("-created_at")[:MOST])


def versions_of(rule: Rule) -> list:
    """What stood there before, the newest first; rows are changed in admin or by the files of the programme."""
    return list(rule.history.order_by("-history_date", "-history_id")[:30])
