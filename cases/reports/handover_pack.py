"""The hand-over pack of an officer who leaves: cases, promises, meetings and access on one sheet (PRACTICE S4.5, C3.3)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from cases.models import Case
from cases.reports import commitments
from cases.reports.commitments import Shown
from cases.rules.registers import PENDING, Term
from cases.services import former
from members.models import Appointment, Gathering, Organisation, User
from members.rules.roles import Permission
from members.services import accounts, gatherings

#: How far back a pack looks, and more rows than a sheet holds.
SINCE = timedelta(days=90)
MOST = 300
#: A term that ends within so many days is prepared beforehand.
SOON = timedelta(days=30)


@dataclass(frozen=True)
class Pack:
    """What the one who comes after needs to know; only what the reader may see."""

    person: User
    offices: list[Appointment]
    #: Open cases that passed on from this person, now carried by somebody else or nobody.
    moved: list[Case]
    #: Open cases still in this person's name.
    left: list[Case]
    promises: list[Shown]
    meetings: list[Gathering]
    devices: int


def _reach(by: User) -> QuerySet[Organisation]:
    return Organisation.objects.in_reach_of(by, Permission.CASE_ASSIGN)


def people(by: User, *, now: datetime) -> list[Appointment]:
    """Offices in the reader's reach that ended of late or end soon, with who held them, the latest first."""
    today = timezone.localdate(now)
    rows = Appointment.objects.filter(organisation__in=_reach(by), until_on__range=(today - SINCE, today + SOON))
    return list(rows.select_related("user", "organisation").order_by("-until_on", "user__full_name", "pk")[:MOST])


def person(by: User, uuid: UUID) -> User | None:
    """Who holds or held an office in the reader's reach; None for anybody else."""
    here = Appointment.objects.filter(user=OuterRef("pk"), organisation__in=_reach(by))
    return User.objects.filter(Exists(here), uuid=uuid).first()


def of(person: User, *, by: User, now: datetime) -> Pack:
    """The pack of one person as this reader may see it: no restricted case, no name of a patient."""
    offices = Appointment.objects.filter(user=person, organisation__in=_reach(by))
    places = offices.order_by().values("organisation")
    cases = Case.objects.permitted(by, Permission.CASE_VIEW).open().filter(is_restricted=False)
    cases = cases.select_related("assignee", "desk", "place", "problem_type")
    rows = commitments.register(by).filter(Q(case__isnull=True) | Q(case__is_restricted=False), state__in=PENDING)
    promises = rows.filter(Q(case__isnull=True) | Q(term=Term.STANDING), desk__in=places)
    moved = cases.exclude(assignee=person).filter(former.passed_on(person, since=now - SINCE))
    return Pack(
        person=person,
        offices=list(offices.select_related("organisation").order_by("-from_on", "pk")),
        moved=list(moved.order_by("number")[:MOST]),
        left=list(cases.filter(assignee=person).order_by("number")[:MOST]),
        promises=[commitments.explain(row) for row in commitments.ordered(promises, "")[:MOST]],
        meetings=list(_meetings(person, by, places, now)[:MOST]),
        devices=len(accounts.sessions_of(person)),
    )


def _meetings(person: User, by: User, places, now: datetime) -> QuerySet[Gathering]:
    today = timezone.localdate(now)
    organised = Gathering.organisers.through.objects.filter(organisation__in=places)
    invited = person.attendances.order_by().values("gathering")
    rows = gatherings.seen_by(by).filter(
        Q(pk__in=organised.values("gathering")) | Q(pk__in=invited), is_cancelled=False
    )
    rows = rows.filter(Q(held_on__gte=today) | Q(until_on__gte=today) | Q(held_on__isnull=True, minutes=""))
    return rows.select_related("region").order_by(F("held_on").asc(nulls_last=True), "pk")
