"""What waits for one relawan: late, today, next, offered, and cases nobody has planned anything for."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, Max, Min, OuterRef

from cases.models import Case, FollowUp, HandOver
from cases.reports.rest import note_nights
from cases.rules.codes import Actor, HandOverState
from members.models import User
from members.rules.roles import Permission

#: More rows than this are a list, not a day's work.
MOST = 50


@dataclass
class Work:
    """The rows of the home page; ``now`` is late and today together, in the order of due."""

    late: list[FollowUp]
    today: list[FollowUp]
    next: list[FollowUp]
    offers: list[HandOver]
    unplanned: list[Case]
    waiting_for: list[dict]
    carried: int
    #: Nights in a row in which this person wrote something.
    nights: int

    @property
    def now(self) -> list[FollowUp]:
        return [*self.late, *self.today]

    @property
    def waiting(self) -> int:
        """How many things wait for this person."""
        return len(self.late) + len(self.today) + len(self.offers) + len(self.unplanned)


def of_user(user: User, *, now: datetime) -> Work:
    """The work of a user; six statements however many rows there are."""
    zone = ZoneInfo(user.zone)
    midnight = datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time.min, tzinfo=zone)
    mine = Case.objects.filter(assignee=user).open()
    rows = list(
        FollowUp.objects.permitted(user, Permission.CASE_VIEW)
        .open()
        .filter(owner=user)
        .select_related("case", "case__place")
        .order_by("due_at")[:MOST]
    )
    waiting = (
        mine.filter(next_actor=Actor.BODY)
        .values("next_actor_name")
        .annotate(cases=Count("pk"), since=Min("last_event_at"), last=Max("last_event_at"))
        .order_by("since")[:5]
    )
    note_nights([user], now=now)
    return Work(
        late=[row for row in rows if row.due_at < now],
        today=[row for row in rows if now <= row.due_at < midnight],
        next=[row for row in rows if row.due_at >= midnight],
        offers=list(
            HandOver.objects.filter(to_user=user, state=HandOverState.OFFERED)
            .select_related("case", "case__place", "from_user")
            .order_by("offered_at")[:MOST]
        ),
        unplanned=list(
            mine.filter(~Exists(FollowUp.objects.open().filter(case=OuterRef("pk"))), next_actor=Actor.US)
            .for_rows()
            .order_by("last_event_at")[:MOST]
        ),
        waiting_for=list(waiting),
        carried=mine.count(),
        nights=user.nights,
    )
