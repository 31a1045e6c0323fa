"""The list of cases: what a reader chose to see, how many of each there are (up to a cap), and one page of rows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case as When_
from django.db.models import Exists, F, IntegerField, OuterRef, Prefetch, Q, QuerySet, Subquery, Value, When

from cases.models import Case, CasePaper, CaseTag, Event, FollowUp, HandOver
from cases.models.case import helps
from cases.reports.board import SILENCE
from cases.rules.codes import HandOverState, Status, Urgency
from cases.rules.registers import MISSING
from members.models import Body, Closure, Region, User
from members.services import places

#: Counts stop here and say "1000+"; so do pages.
CAP = 1000
PER_PAGE = 25
#: How an address says that nobody knows yet whether somebody is a member: the value itself is empty.
UNKNOWN_MEMBERSHIP = "belum-tahu"

View = Callable[[QuerySet[Case], User, datetime], QuerySet[Case]]


def _today(cases: QuerySet[Case], user: User, now: datetime) -> QuerySet[Case]:
    zone = ZoneInfo(user.zone)
    midnight = datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time.min, tzinfo=zone)
    return cases.open().filter(next_due_at__lt=midnight)


#: What a chip shows; the key stands in the address as ``?lihat=``.
VIEWS: dict[str, View] = {
    "": lambda cases, user, now: cases.open(),
    "darurat": lambda cases, user, now: cases.emergencies(),
    "lewat": lambda cases, user, now: cases.overdue(now),
    "hari-ini": _today,
    "tanpa-relawan": lambda cases, user, now: cases.unassigned(),
    "diam": lambda cases, user, now: cases.silent_since(now - SILENCE),
    "ditawarkan": lambda cases, user, now: cases.open().filter(
        Exists(HandOver.objects.filter(case=OuterRef("pk"), state=HandOverState.OFFERED))
    ),
    "saya": lambda cases, user, now: cases.open().filter(assignee=user),
    "ditutup": lambda cases, user, now: cases.filter(status=Status.CLOSED),
    "semua": lambda cases, user, now: cases,
}


def of_employer(cases: QuerySet[Case], bodies: list[Body]) -> QuerySet[Case]:
    """The cases of these employers: they are its place, somebody helped works for them or there, or a fact names them."""
    works = Q(person__employments__employer__in=bodies) | Q(person__employments__user_company__in=bodies)
    facts = Event.objects.filter(case=OuterRef("pk"), body__in=places.with_merged(bodies))
    return cases.filter(Q(place__in=bodies) | helps(works) | Exists(facts))


def in_region(cases: QuerySet[Case], region: Region) -> QuerySet[Case]:
    """The cases of a region or below it; where a case names none, the region of its place says."""
    regions = Region.objects.filter(Q(pk=region.pk) | Q(parent=region)).order_by().values("pk")
    return cases.filter(Q(region__in=regions) | Q(region__isnull=True, place__region__in=regions))


def _papers_missing(cases: QuerySet[Case]) -> QuerySet[Case]:
    return cases.filter(Exists(CasePaper.objects.filter(case=OuterRef("pk"), state__in=MISSING)))


def _since(day: date, zone: str) -> datetime:
    return datetime.combine(day, time.min, tzinfo=ZoneInfo(zone))


#: What each filter of the address leaves over; the value has been through `CaseListForm`, the zone is the reader's.
FILTERS: dict[str, Callable[[QuerySet[Case], Any, str], QuerySet[Case]]] = {
    "posko": lambda cases, uuid, zone: cases.filter(desk__uuid=uuid),
    "urgensi": lambda cases, code, zone: cases.filter(urgency=code),
    "masalah": lambda cases, code, zone: cases.filter(problem_type__family__code=code),
    "jenis": lambda cases, code, zone: cases.filter(problem_type__code=code),
    "relawan": lambda cases, uuid, zone: cases.filter(assignee__uuid=uuid),
    "dari": lambda cases, day, zone: cases.filter(created_at__gte=_since(day, zone)),
    "sampai": lambda cases, day, zone: cases.filter(created_at__lt=_since(day + timedelta(days=1), zone)),
    "tempat": lambda cases, bodies, zone: cases.filter(place__in=bodies),
    "perusahaan": lambda cases, bodies, zone: of_employer(cases, bodies),
    "program": lambda cases, code, zone: cases.filter(
        pk__in=Case.programmes.through.objects.filter(programme__code=code).values("case")
    ),
    "hasil": lambda cases, code, zone: cases.filter(outcome__code=code),
    "wilayah": lambda cases, region, zone: in_region(cases, region),
    "organisasi": lambda cases, unit, zone: cases.filter(
        desk__in=Closure.objects.filter(ancestor=unit).values("descendant")
    ),
    "anggota": lambda cases, value, zone: cases.filter(membership="" if value == UNKNOWN_MEMBERSHIP else value),
    "label": lambda cases, label, zone: cases.filter(pk__in=CaseTag.objects.filter(label=label).values("case")),
    "kertas": lambda cases, value, zone: _papers_missing(cases),
    # what is behind a figure; the form narrows by them, because they need each other and the period
    "angka": lambda cases, code, zone: cases,
    "kelompok": lambda cases, group, zone: cases,
    "sorot": lambda cases, look, zone: cases,
}


def narrowed(cases: QuerySet[Case], chosen: dict, *, zone: str) -> QuerySet[Case]:
    """The cases that every chosen filter leaves over."""
    for name, narrow in FILTERS.items():
        if name in chosen:
            cases = narrow(cases, chosen[name], zone)
    return cases


_RANK = When_(
    *[When(urgency=code, then=Value(rank)) for rank, code in enumerate(Urgency.values)],
    default=Value(9),
    output_field=IntegerField(),
)
#: Orders of the list; the key stands in the address as ``?urut=``.
ORDERS = {
    "": [F("next_due_at").asc(nulls_last=True), "-pk"],
    "urgensi": [_RANK, F("next_due_at").asc(nulls_last=True), "-pk"],
    "baru": ["-created_at", "-pk"],
    "diam": ["last_event_at", "pk"],
    "selesai": ["-closed_at", "-pk"],
}


class CappedCount(Subquery):
    """How many rows, counted no further than the cap: one subquery of a larger statement."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) capped)"

    def __init__(self, queryset: QuerySet, **extra):
        super().__init__(queryset.order_by().values("pk")[: CAP + 1], output_field=IntegerField(), **extra)


@dataclass(frozen=True)
class Page:
    """One page of rows, and whether there is one before and after."""

    rows: list[Case]
    number: int
    has_next: bool

    @property
    def has_previous(self) -> bool:
        return self.number > 1


def counts(cases: QuerySet[Case], user: User, *, now: datetime) -> dict[str, int]:
    """How many cases each chip would show, in one statement; a count over the cap is the cap plus one."""
    named = {f"n{at}": CappedCount(view(cases, user, now)) for at, view in enumerate(VIEWS.values())}
    found = User.objects.filter(pk=user.pk).values(**named).get()
    return {key: found[f"n{at}"] for at, key in enumerate(VIEWS)}


def page(cases: QuerySet[Case], number: int, *, order: str = "") -> Page:
    """A page of rows with each case's next act; two statements however many rows there are."""
    last = max(CAP // PER_PAGE, 1)
    number = min(max(number, 1), last)
    start = (number - 1) * PER_PAGE
    rows = list(with_next_act(cases).order_by(*ORDERS.get(order, ORDERS[""]))[start : start + PER_PAGE + 1])
    return Page(rows[:PER_PAGE], number, has_next=len(rows) > PER_PAGE and number < last)


def for_rows(cases: QuerySet[Case]) -> QuerySet[Case]:
    """With what a row shows and without the long and the secret texts: less to sort, nothing to decipher."""
    return cases.for_rows().defer("story", "diagnosis", "outcome_note", "red_flags")


def with_next_act(cases: QuerySet[Case]) -> QuerySet[Case]:
    """With what a row shows, and the open follow-ups of each case, the nearest first, as ``next_acts``."""
    acts = FollowUp.objects.open().order_by("due_at")
    return for_rows(cases).prefetch_related(Prefetch("follow_ups", queryset=acts, to_attr="next_acts"))
