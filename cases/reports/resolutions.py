"""How far a resolution is: a figure of ours as it is now, or the newest number that somebody noted (PRACTICE S4.8)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Q, QuerySet, Sum

from cases.models import Case, Commitment, Resolution
from cases.reports.figures import SMALLEST, shown
from cases.rules.codes import Status
from cases.rules.indicators import PERCENT, Indicator
from cases.rules.registers import Promise
from members.models import Attendance, CoverageSurvey, Membership, Organisation, User
from members.rules.gatherings import GatheringKind, Presence, percent
from members.rules.roles import Permission, Role

#: Programmes of BPJS Ketenagakerjaan; the problem types of family F are theirs too.
CLAIMS = ("JKK", "JKM", "JHT", "JP")
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Present:
    """The value now. ``is_small``: too few to show; ``value`` None otherwise: nothing is known or none may be seen."""

    value: int | None
    is_small: bool = False
    is_percent: bool = False
    on: date | None = None
    source: str = ""
    share: int | None = None


@dataclass(frozen=True)
class _Asked:
    """For whom and where a figure is looked up."""

    cases: QuerySet[Case]
    below: QuerySet[Organisation]
    now: datetime
    today: date


def present(row: Resolution, user: User, *, now: datetime) -> Present:
    """The value of a resolution as this reader may see it: groups of one to four are hidden from who sees no case."""
    today = now.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    if row.indicator == Indicator.TYPED:
        newest = row.values.first()
        if newest is None:
            return Present(None)
        return Present(newest.value, on=newest.on_date, source=newest.source, share=_share(newest.value, row.target))
    below = Organisation.objects.below(row.organisation)
    reach = Organisation.objects.in_reach_of(user, Permission.FIGURES_VIEW)
    if not reach.filter(pk=row.organisation_id).exists():
        return Present(None)
    cases = Case.objects.permitted(user, Permission.FIGURES_VIEW).filter(desk__in=below)
    number = LOOK_UP[Indicator(row.indicator)](_Asked(cases, below, now, today))
    is_percent = row.indicator in PERCENT
    value = (
        number if is_percent or number is None else shown(number, hide_small=Role.COORDINATOR not in user.live_roles)
    )
    is_small = number is not None and value is None
    share = None if value is None else _share(value, row.target)
    return Present(value, is_small=is_small, is_percent=is_percent, on=today, share=share)


def _share(value: int, target: int | None) -> int | None:
    return min(percent(value, target) or 0, 100) if target else None


def _open(asked: _Asked) -> int:
    return asked.cases.exclude(status=Status.CLOSED).count()


def _closed(asked: _Asked) -> int:
    return asked.cases.filter(status=Status.CLOSED, closed_at__gte=asked.now - YEAR).count()


def _claims(asked: _Asked) -> int:
    rows = asked.cases.exclude(status=Status.CLOSED)
    claims = Q(programmes__code__in=CLAIMS) | Q(problem_type__family__code="F")
    return rows.filter(claims).order_by().values("pk").distinct().count()


def _kept(asked: _Asked) -> int | None:
    rows = Commitment.objects.filter(Q(case__in=asked.cases) | Q(case__isnull=True, desk__in=asked.below))
    ended = rows.filter(state__in=[Promise.KEPT, Promise.LATE, Promise.BROKEN])
    counts = ended.aggregate(all=Count("pk"), kept=Count("pk", filter=~Q(state=Promise.BROKEN)))
    # Fewer than five in all would say how a single office did.
    return percent(counts["kept"], counts["all"]) if counts["all"] >= SMALLEST else None


def _covered(asked: _Asked) -> int | None:
    sums = CoverageSurvey.objects.aggregate(workers=Sum("workers"), registered=Sum("registered"))
    return percent(sums["registered"] or 0, sums["workers"] or 0)


def _trained(asked: _Asked) -> int:
    rows = Attendance.objects.filter(
        state=Presence.PRESENT,
        gathering__kind=GatheringKind.TRAINING,
        gathering__held_on__gt=asked.today - YEAR,
        gathering__organisers__in=asked.below,
    )
    return rows.order_by().values("pk").distinct().count()


def _members(asked: _Asked) -> int:
    rows = Membership.objects.on(asked.today).filter(organisation__in=asked.below)
    return rows.order_by().values("person").distinct().count()


LOOK_UP: dict[Indicator, Callable[[_Asked], int | None]] = {
    Indicator.OPEN_CASES: _open,
    Indicator.CLOSED_YEAR: _closed,
    Indicator.CLAIMS_OPEN: _claims,
    Indicator.PROMISES_KEPT: _kept,
    Indicator.COVERED: _covered,
    Indicator.TRAINED: _trained,
    Indicator.MEMBERS: _members,
}
