"""What a coordinator sees first: what burns, whose clock runs out, what nobody answers, what was promised for today."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, DateTimeField, DurationField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet
from django.db.models import Value as V
from django.db.models.functions import Coalesce

from cases.models import Case, Clock, Commitment, FollowUp, HandOver
from cases.reports.counting import RowCount
from cases.reports.rest import note_nights
from cases.rules.codes import HandOverState, Status, Urgency
from cases.rules.rest import NIGHTS_ENOUGH
from cases.services.desk_moves import is_abandoned
from members.models import Appointment, Organisation, User
from members.rules.roles import Permission, Role

#: A case without a fact for this long is silent (PRACTICE C2.1).
SILENCE = timedelta(hours=72)
#: A clock is at risk when it runs out within a day, or when a fifth of its span is left.
SOON, LAST_PART = timedelta(hours=24), 5
#: Rows of a section; the rest is one tap away in the list.
SHOWN = 5


@dataclass
class Board:
    """Counts over all open cases of the reach, and the first rows of each section."""

    counts: dict[str, int]
    emergencies: list[Case]
    late: list[Case]
    unassigned: list[Case]
    silent: list[Case]
    offers: list[HandOver]
    clocks: list[Clock]
    promises: list[Commitment]
    plans: list[FollowUp]
    load: list[User]

    @property
    def most_carried(self) -> int:
        return max([user.carried for user in self.load], default=0) or 1

    @property
    def tired(self) -> list[User]:
        """Those who wrote so many nights in a row that somebody should take over."""
        return [user for user in self.load if user.nights >= NIGHTS_ENOUGH]

    @property
    def is_calm(self) -> bool:
        rows = (self.emergencies, self.late, self.unassigned, self.silent, self.offers, self.clocks, self.promises)
        return not (any(rows) or self.plans or self.counts["abandoned"])


def pressing(clocks: QuerySet[Clock], now: datetime) -> QuerySet[Clock]:
    """The running clocks that have run out, or will within a day or the last fifth of their span."""
    left = ExpressionWrapper(F("due_at") - V(now, output_field=DateTimeField()), DurationField())
    part = ExpressionWrapper((F("due_at") - F("started_at")) / LAST_PART, DurationField())
    running = clocks.filter(state=Clock.State.RUNNING, due_at__isnull=False).alias(left=left, part=part)
    return running.filter(Q(due_at__lte=now + SOON) | Q(left__lte=F("part")))


def day_of(user: User, now: datetime) -> tuple[datetime, datetime]:
    """Midnight before and after a moment, where the reader is."""
    zone = ZoneInfo(user.zone)
    today = now.astimezone(zone).date()
    midnight = datetime.combine(today, time.min, tzinfo=zone)
    return midnight, datetime.combine(today + timedelta(days=1), time.min, tzinfo=zone)


def of_coordinator(user: User, *, now: datetime) -> Board:
    """The board of everything this user may assign; the number of statements does not grow with rows."""
    reach = Organisation.objects.narrowed_reach_of(user, Permission.CASE_ASSIGN)
    cases = Case.objects.permitted(user, Permission.CASE_ASSIGN).open()
    morning, midnight = day_of(user, now)
    offers = HandOver.objects.filter(state=HandOverState.OFFERED, case__in=cases)
    clocks = pressing(Clock.objects.filter(case__in=cases), now)
    promises = Commitment.objects.pending().filter(
        Q(case__in=cases) | Q(case__isnull=True, desk__in=reach), due_at__gte=morning, due_at__lt=midnight
    )
    plans = FollowUp.objects.open().filter(case__in=cases, due_at__gte=now, due_at__lt=midnight)
    plans = plans.filter(~Q(owner=user) | Q(owner__isnull=True), clocks__isnull=True, commitments__isnull=True)
    counts = _counts(user, cases, now, offers=offers, clocks=clocks, promises=promises, plans=plans)
    counts["missed"] = counts.pop("clocks_missed")
    counts["today"] = counts["promises"] + counts["plans"]
    promised = list(promises.select_related("case", "desk", "body").order_by("due_at", "pk")[:SHOWN])
    planned = list(plans.select_related("case__place", "owner").order_by("due_at", "pk")[:SHOWN])
    return Board(
        counts=counts,
        **_sections(cases, now),
        offers=list(offers.select_related("case", "from_user", "to_user").order_by("offered_at")[:SHOWN]),
        clocks=list(clocks.select_related("case__assignee", "case__place", "rule").order_by("due_at", "pk")[:SHOWN]),
        promises=promised,
        plans=planned[: SHOWN - len(promised)],
        load=load(user, reach, now=now),
    )


def _counts(user: User, cases: QuerySet[Case], now: datetime, **others: QuerySet) -> dict[str, int]:
    """Two statements: over the cases in one pass, and over what hangs on them."""
    counts = cases.aggregate(
        open=Count("pk"),
        emergencies=Count("pk", filter=Q(urgency=Urgency.EMERGENCY)),
        late=Count("pk", filter=Q(next_due_at__lt=now)),
        unassigned=Count("pk", filter=Q(assignee__isnull=True)),
        silent=Count("pk", filter=Q(last_event_at__lt=now - SILENCE)),
        abandoned=Count("pk", filter=is_abandoned()),
    )
    others["clocks_missed"] = others["clocks"].filter(due_at__lt=now)
    asked = {name: RowCount(rows) for name, rows in others.items()}
    counts |= User.objects.filter(pk=user.pk).values(**asked).get()
    return counts


def _sections(cases: QuerySet[Case], now: datetime) -> dict[str, list[Case]]:
    """The first rows of each kind of case in one statement: the first of every kind are fetched, then sorted apart."""
    far = now + timedelta(days=36_500)
    due = Coalesce("next_due_at", V(far, output_field=DateTimeField()))
    is_alarm = Q(urgency=Urgency.EMERGENCY)
    kinds: dict[str, tuple[QuerySet[Case], Callable[[Case], bool], Callable[[Case], tuple]]] = {
        "emergencies": (
            cases.filter(is_alarm).order_by(due, "pk"),
            lambda case: case.urgency == Urgency.EMERGENCY,
            lambda case: (case.next_due_at or far, case.pk),
        ),
        "late": (
            cases.filter(~is_alarm, next_due_at__lt=now).order_by("next_due_at", "pk"),
            lambda case: case.urgency != Urgency.EMERGENCY and (case.next_due_at or far) < now,
            lambda case: (case.next_due_at or far, case.pk),
        ),
        "unassigned": (
            cases.filter(~is_alarm, assignee__isnull=True).order_by("created_at", "pk"),
            lambda case: case.urgency != Urgency.EMERGENCY and case.assignee_id is None,
            lambda case: (case.created_at, case.pk),
        ),
        "silent": (
            cases.filter(last_event_at__lt=now - SILENCE, assignee__isnull=False).order_by("last_event_at", "pk"),
            lambda case: case.last_event_at < now - SILENCE and case.assignee_id is not None,
            lambda case: (case.last_event_at, case.pk),
        ),
    }
    first = Q()
    for rows, _holds, _key in kinds.values():
        first |= Q(pk__in=rows.values("pk")[:SHOWN])
    found = list(Case.objects.filter(first).for_rows().defer("story", "diagnosis", "outcome_note", "red_flags"))
    return {name: _first(found, holds, key) for name, (_rows, holds, key) in kinds.items()}


def _first(found: Iterable[Case], holds: Callable[[Case], bool], key: Callable[[Case], tuple]) -> list[Case]:
    return sorted(filter(holds, found), key=key)[:SHOWN]


def load(user: User, reach, *, now: datetime) -> list[User]:
    """The relawan and coordinators in this reach with ``carried``, ``late`` and ``nights``, the busiest first."""
    team = Appointment.objects.live().filter(
        user=OuterRef("pk"), organisation__in=reach, role__in=[Role.ADVOCATE, Role.COORDINATOR]
    )
    carried = Q(cases__status__in=[Status.NEW, Status.RUNNING], cases__is_restricted=False)
    people: list[User] = list(
        User.objects.filter(Exists(team), is_active=True)
        .annotate(
            carried=Count("cases", filter=carried),
            late=Count("cases", filter=carried & Q(cases__next_due_at__lt=now)),
        )
        .order_by("-carried", "full_name")[:30]
    )
    note_nights(people, now=now)
    return people
