"""Cases once carried: who handed over keeps what they wrote themselves, and learns nothing new (PRACTICE A9)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from cases.models import Case, Event, HandOver
from cases.models.case import hidden_from
from cases.rules.codes import EventCode, HandOverState
from members.models import User

#: The moments at which a case passes from one person to another.
_PASSED_ON = (EventCode.ASSIGNED, EventCode.TAKEN, EventCode.RELEASED)


@dataclass(frozen=True)
class Former:
    """A case once carried, until when, and what its carrier wrote until then."""

    case: Case
    until: datetime
    events: list[Event]


def passed_on(user: User, *, since: datetime | None = None) -> Q:
    """The cases that passed on from this user to somebody else, or to nobody; since a moment, if one is given."""
    told = Event.objects.filter(case=OuterRef("pk"), type__code__in=_PASSED_ON, data__before=str(user.uuid)).order_by()
    given = HandOver.objects.filter(case=OuterRef("pk"), from_user=user, state=HandOverState.ACCEPTED)
    if since:
        told, given = told.filter(logged_at__gte=since), given.filter(answered_at__gte=since)
    return Q(Exists(told)) | Q(Exists(given))


def cases_of(user: User) -> QuerySet[Case]:
    """The cases this user has carried and no longer does; none restricted or hidden.

    From what the user wrote, by its index: who wrote nothing has nothing to read again.
    """
    wrote = Event.objects.filter(logged_by=user).order_by().values("case")
    rows = Case.objects.filter(pk__in=wrote, is_restricted=False).exclude(assignee=user)
    rows = rows.exclude(pk__in=hidden_from(user)).filter(passed_on(user))
    return rows.order_by("-last_event_at")


def given_at(case: Case, user: User) -> datetime | None:
    """When this user last passed the case on."""
    passed = Q(type__code__in=_PASSED_ON, data__before=str(user.uuid))
    event = case.events.filter(passed).aggregate(at=Max("logged_at"))["at"]
    offer = case.handovers.filter(from_user=user, state=HandOverState.ACCEPTED).aggregate(at=Max("answered_at"))["at"]
    return max(filter(None, [event, offer]), default=None)


def read(user: User, uuid: UUID) -> Former | None:
    """A case once carried with the facts this user logged before it passed on; None where there is nothing to read."""
    case = cases_of(user).filter(uuid=uuid).first()
    until = given_at(case, user) if case else None
    if case is None or until is None:
        return None
    rows = case.events.facts().filter(logged_by=user, logged_at__lte=until)
    return Former(case, until, list(rows.select_related("type", "body").order_by("-happened_at", "-pk")))
