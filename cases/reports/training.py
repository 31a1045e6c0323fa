"""From training to practice: who was trained and has no first case, and who closed one within 90 days (S0.11, S0.21).

Whether somebody has a case is counted over all cases, also those their coordinator may not open; nothing of a case is
read but who carried it and when it was logged and closed.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Min, Q

from cases.models import Case
from cases.reports.figures import shown
from members.models import Appointment, Attendance, Gathering, Organisation, TrainingPlan, User
from members.rules.gatherings import GatheringKind, Part, Presence, percent
from members.rules.roles import Permission

#: By when a first case is hoped for, and by when one closed.
FIRST_CASE, FIRST_CLOSED = timedelta(days=30), timedelta(days=90)
#: Older trainings say nothing about the next one.
PERIOD = timedelta(days=365)
MOST = 200


@dataclass(frozen=True)
class Waiting:
    """A trained volunteer without a first case."""

    user: User
    trained_on: date


@dataclass(frozen=True)
class Planned:
    """Trainings of a sector in a year: planned and held."""

    organisation: Organisation
    sector: str
    planned: int
    held: int


@dataclass(frozen=True)
class Practice:
    """The figures of a year of trainings."""

    trained: int | None
    waiting_count: int | None
    waiting: list[Waiting]
    due: int | None
    closed: int | None
    share: int | None
    plans: list[Planned]


def of(user: User, *, now: datetime, hide_small: bool) -> Practice:
    """The volunteers that serve where this user sees figures; without names where small groups are hidden."""
    reach = Organisation.objects.in_reach_of(user, Permission.FIGURES_VIEW)
    today = now.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    first = _first_trainings(reach, today)
    with_case = _with_case(set(first))
    waiting = {pk: on for pk, on in first.items() if pk not in with_case and today - on >= FIRST_CASE}
    due = {pk: on for pk, on in first.items() if today - on >= FIRST_CLOSED}
    closed = _closed_in_time(due)
    share = percent(len(closed), len(due))
    people = {} if hide_small else User.objects.in_bulk(sorted(waiting, key=lambda pk: waiting[pk])[:MOST])
    small = hide_small and 0 < len(due) < 5
    return Practice(
        trained=shown(len(first), hide_small=hide_small),
        waiting_count=shown(len(waiting), hide_small=hide_small),
        waiting=sorted(
            (Waiting(person, waiting[pk]) for pk, person in people.items()),
            key=lambda row: (row.trained_on, row.user.full_name),
        ),
        due=shown(len(due), hide_small=hide_small),
        closed=shown(len(closed), hide_small=hide_small),
        share=None if small else share,
        plans=_plans(reach, today),
    )


def _first_trainings(reach, today: date) -> dict[int, date]:
    """Who took part in a training of the last year, and when first."""
    serving = Appointment.objects.live(today).filter(organisation__in=reach).values("user")
    rows = Attendance.objects.filter(
        user__in=serving,
        user__is_active=True,
        state=Presence.PRESENT,
        part=Part.PARTICIPANT,
        gathering__kind=GatheringKind.TRAINING,
        gathering__held_on__gt=today - PERIOD,
        gathering__held_on__lte=today,
    )
    return dict(rows.order_by().values_list("user").annotate(first=Min("gathering__held_on")))


def _with_case(users: set[int]) -> set[int]:
    """Those who have ever carried or logged a case; a restricted one is in no figure (ADR 17)."""
    open_to_figures = Case.objects.filter(is_restricted=False)
    carried = open_to_figures.filter(assignee__in=users).order_by().values_list("assignee", flat=True)
    logged = open_to_figures.filter(logged_by__in=users).order_by().values_list("logged_by", flat=True)
    return {*carried.distinct(), *logged.distinct()}


def _closed_in_time(due: dict[int, date]) -> set[int]:
    """Those who closed a case within the 90 days after their first training."""
    zone, found = ZoneInfo(settings.TIME_ZONE), set()
    closed = Case.objects.filter(is_restricted=False, assignee__in=set(due), closed_at__isnull=False)
    for pk, closed_at in closed.values_list("assignee", "closed_at"):
        begins = datetime.combine(due[pk], time.min, tzinfo=zone)
        if closed_at and begins <= closed_at < begins + FIRST_CLOSED + timedelta(days=1):
            found.add(pk)
    return found


def _plans(reach, today: date) -> list[Planned]:
    """What was planned for this year, beside what was held below the organisation that planned it (S4.16)."""
    plans = TrainingPlan.objects.filter(organisation__in=reach, year=today.year)
    rows = []
    for plan in plans.select_related("organisation", "sector")[:100]:
        held = Gathering.objects.filter(
            Q(organisers__in=Organisation.objects.below(plan.organisation)),
            kind=GatheringKind.TRAINING,
            sectors=plan.sector_id,
            held_on__year=plan.year,
            held_on__lte=today,
            is_cancelled=False,
        )
        rows.append(Planned(plan.organisation, plan.sector.name, plan.planned, held.distinct().count()))
    return rows
