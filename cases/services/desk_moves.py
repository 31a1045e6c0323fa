"""All open cases of one person move in one act: somebody leaves, a board lapses (PRACTICE C3.3, A9).

What it costs in statements depends on how many receive, not on how many cases move.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case, Event, FollowUp, HandOver
from cases.rules.codes import FOR_THE_LIVING, EventCode, FollowUpKind, FollowUpState, HandOverState, Status, Urgency
from cases.rules.due import first_look
from cases.rules.errors import Refused
from cases.services import carrying, timeline
from cases.services.rights import hidden_people
from members.models import Appointment, Organisation, User
from members.rules.roles import Permission, roles_granting
from members.services import messages as outbox

#: More than this is moved in several acts.
MOST = 500


@dataclass(frozen=True)
class Carrier:
    """Somebody with open cases that the reader may assign; ``is_gone`` carries them no longer, whatever the row says."""

    user: User
    cases: int
    is_gone: bool


@dataclass(frozen=True)
class Moved:
    """How many cases moved (or were offered), to how many people, and how many stayed behind."""

    cases: int
    people: int
    left: int
    is_offer: bool
    batch: UUID


def is_abandoned() -> Q:
    """Open cases whose carrier is switched off, or holds no office any more: nobody carries them ("tanpa pemikul")."""
    office = Appointment.objects.live().filter(
        user=OuterRef("assignee"), role__in=roles_granting(Permission.CASE_LOG), user__is_active=True
    )
    return Q(assignee__isnull=False) & ~Q(Exists(office))


def carriers(by: User) -> list[Carrier]:
    """Who carries the open cases this user may assign, those who are gone first; three statements."""
    cases = Case.objects.permitted(by, Permission.CASE_ASSIGN).open().filter(assignee__isnull=False)
    counts = dict(cases.order_by().values_list("assignee").annotate(Count("pk")))
    gone = set(cases.filter(is_abandoned()).order_by().values_list("assignee", flat=True).distinct())
    users = User.objects.in_bulk(counts)
    rows = [Carrier(users[pk], count, pk in gone) for pk, count in counts.items()]
    return sorted(rows, key=lambda row: (not row.is_gone, -row.cases, row.user.full_name))


def receivers(by: User, *, besides: User | None = None, now: datetime) -> list[User]:
    """Who may be given cases by this user: relawan and coordinators within their reach, with their load."""
    reach = Organisation.objects.in_reach_of(by, Permission.CASE_ASSIGN)
    offices = carrying.those_who_carry().filter(organisation__in=reach, user=OuterRef("pk"))
    users = carrying.with_load(User.objects.filter(Exists(offices)), now)
    return [user for user in users[: carrying.MOST] if besides is None or user.pk != besides.pk]


def to_move(by: User, carrier: User) -> tuple[QuerySet[Case], int]:
    """The open cases of somebody that this user may assign, and how many more they carry that are not theirs to move."""
    mine = Case.objects.permitted(by, Permission.CASE_ASSIGN).open().filter(assignee=carrier)
    return mine, Case.objects.open().filter(assignee=carrier).count() - mine.count()


@transaction.atomic
def move(
    *,
    by: User,
    carrier: User,
    to: Sequence[User],
    reason: str,
    at_once: bool,
    batch: UUID,
    now: datetime | None = None,
) -> Moved:
    """Give all open cases of ``carrier`` to others, evenly: at once, or as offers that each may accept.

    Their open follow-ups go along when the case does. Cases that are not the mover's to assign stay (restricted ones,
    unless the mover is named on them), and so do those hidden from everyone they could go to, and those already offered.
    A repeated ``batch`` moves nothing twice. Raises Refused without a reason or somebody to give to.
    """
    now = now or timezone.now()
    if not reason.strip():
        raise Refused(_("Say why the cases move."))
    if not to or carrier in to:
        raise Refused(_("Choose to whom."))
    allowed = {user.pk for user in receivers(by, besides=carrier, now=now)}
    if any(user.pk not in allowed for user in to):
        raise Refused(_("This person carries no cases. Choose someone else."))
    if done := done_before(batch, by, is_offer=not at_once):
        return done
    movable, left = to_move(by, carrier)
    pks = list(movable.order_by("pk").values_list("pk", flat=True)[:MOST])
    rows = Case.objects.select_for_update().filter(pk__in=pks, assignee=carrier).exclude(status=Status.CLOSED)
    cases = list(rows.order_by("pk"))
    offered = set(HandOver.objects.filter(case__in=cases, state=HandOverState.OFFERED).values_list("case", flat=True))
    if not at_once:
        left += len(offered)
        cases = [case for case in cases if case.pk not in offered]
    moving, stay = shared_out(cases, to, now)
    if at_once:
        withdraw_offers([case for case, _user in moving if case.pk in offered], by=by, now=now)
        give(moving, by=by, reason=reason, batch=batch, now=now)
    else:
        offer(moving, by=by, reason=reason, batch=batch, now=now)
    people = {user.pk for _case, user in moving}
    return Moved(len(moving), len(people), left + stay, is_offer=not at_once, batch=batch)


def offers_of(batch: UUID, user: User) -> QuerySet[HandOver]:
    """The open offers of one move to one person, on cases they may look at."""
    cases = Case.objects.permitted(user, Permission.CASE_VIEW)
    rows = HandOver.objects.filter(batch=batch, to_user=user, state=HandOverState.OFFERED, case__in=cases)
    return rows.select_related("case", "case__place", "from_user").order_by("case__next_due_at", "pk")


@transaction.atomic
def accept_all(*, batch: UUID, by: User, now: datetime | None = None) -> int:
    """Take over every case of a move that is still offered to this user; returns how many."""
    now = now or timezone.now()
    pks = list(offers_of(batch, by).values_list("case", flat=True))
    cases = {case.pk: case for case in Case.objects.select_for_update().filter(pk__in=pks).order_by("pk")}
    offers = [
        offer
        for offer in HandOver.objects.filter(batch=batch, to_user=by, state=HandOverState.OFFERED, case__in=cases)
        if cases[offer.case_id].is_open
    ]
    if not offers:
        return 0
    HandOver.objects.filter(pk__in=[offer.pk for offer in offers]).update(state=HandOverState.ACCEPTED, answered_at=now)
    taken = [(cases[offer.case_id], by) for offer in offers]
    before = {case.pk: case.assignee_id for case, _user in taken}
    names = dict(User.objects.filter(pk__in=set(before.values()) - {None}).values_list("pk", "uuid"))
    take_along(taken, by)
    lines = [
        (cases[offer.case_id], {"handover": str(offer.uuid), "to": str(by.uuid), "before": _name(names, before, offer)})
        for offer in offers
    ]
    timeline.record_all(EventCode.HANDOVER_ACCEPTED, lines, by=by, now=now)
    timeline.record_all(EventCode.TAKEN, lines, by=by, now=now)
    _plan_first_looks([(cases[offer.case_id], offer.next_step) for offer in offers], owner=by, by=by, now=now)
    for sender in User.objects.filter(pk__in={offer.from_user_id for offer in offers}, is_active=True):
        count = sum(offer.from_user_id == sender.pk for offer in offers)
        outbox.post(
            recipient=sender,
            kind="cases_taken",
            key=f"taken:{batch}:{by.uuid}:{now.isoformat()}",
            thing=f"batch:{batch}:answer",
            data={"count": count},
            path="/pernah/",
            now=now,
        )
    return len(offers)


def _name(names: dict, before: dict, offer: HandOver) -> str:
    return str(names.get(before[offer.case_id], ""))


def done_before(batch: UUID, by: User, *, is_offer: bool) -> Moved | None:
    """What this act has done already, when it is sent twice."""
    if is_offer:
        rows = HandOver.objects.filter(batch=batch)
        count = rows.aggregate(cases=Count("pk"), people=Count("to_user", distinct=True))
    else:
        events = Event.objects.filter(type__code=EventCode.ASSIGNED, logged_by=by, data__batch=str(batch))
        given = [data["to"] for data in events.values_list("data", flat=True)]
        count = {"cases": len(given), "people": len(set(given))}
    return Moved(count["cases"], count["people"], 0, is_offer, batch) if count["cases"] else None


def shared_out(cases: list[Case], to: Sequence[User], now: datetime) -> tuple[list[tuple[Case, User]], int]:
    """Each case to the one who got the fewest so far and may see it; and how many nobody of them may see."""
    hidden = hidden_people([case.pk for case in cases], on=timezone.localdate(now)) if cases else {}
    got = {user.pk: 0 for user in to}
    pairs, stay = [], 0
    for case in cases:
        may = [user for user in to if user.pk not in hidden.get(case.pk, set())]
        if not may:
            stay += 1
            continue
        user = min(may, key=lambda one: got[one.pk])
        got[user.pk] += 1
        pairs.append((case, user))
    return pairs, stay


def withdraw_offers(cases: list[Case], *, by: User, now: datetime) -> None:
    """Take back whatever is offered of these cases."""
    rows = list(HandOver.objects.filter(case__in=cases, state=HandOverState.OFFERED)) if cases else []
    if not rows:
        return
    by_pk = {case.pk: case for case in cases}
    HandOver.objects.filter(pk__in=[row.pk for row in rows]).update(state=HandOverState.WITHDRAWN, answered_at=now)
    outbox.cancel_all(things=[f"handover:{row.uuid}" for row in rows])
    lines = [(by_pk[row.case_id], {"handover": str(row.uuid)}) for row in rows]
    timeline.record_all(EventCode.HANDOVER_WITHDRAWN, lines, by=by, now=now)


def take_along(pairs: Sequence[tuple[Case, User]], *everyone: User) -> None:
    """Make each user the carrier of their cases; open follow-ups of the one before (or of nobody) go along."""
    for user in everyone:
        rows = [case for case, one in pairs if one.pk == user.pk]
        pks = [case.pk for case in rows]
        if not pks:
            continue
        before = {case.assignee_id for case in rows}
        Case.objects.filter(pk__in=pks, status=Status.NEW).update(status=Status.RUNNING)
        plans = FollowUp.objects.filter(case__in=pks, state=FollowUpState.OPEN)
        plans.filter(Q(owner__in=before - {None}) | Q(owner__isnull=True)).update(owner=user)
        Case.objects.filter(pk__in=pks).update(assignee=user, version=F("version") + 1)
        for previous in User.objects.filter(pk__in=before - {None, user.pk}):
            outbox.cancel_all(
                abouts=[case.about for case in rows if case.assignee_id == previous.pk], recipient=previous
            )


def give(pairs: list[tuple[Case, User]], *, by: User, reason: str, batch: UUID, now: datetime) -> None:
    """Each case to its user at once; the timeline says who had it before, and each user is told once."""
    before = dict(User.objects.filter(pk__in={case.assignee_id for case, _user in pairs}).values_list("pk", "uuid"))
    everyone = list({user.pk: user for _case, user in pairs}.values())
    take_along(pairs, *everyone)
    lines = [
        (case, {"to": str(user.uuid), "before": str(before.get(case.assignee_id or 0, "")), "batch": str(batch)})
        for case, user in pairs
    ]
    timeline.record_all(EventCode.ASSIGNED, lines, by=by, text=reason, now=now)
    for user in everyone:
        if user != by:
            count = sum(one.pk == user.pk for _case, one in pairs)
            _tell(user, "cases_moved", batch, count, path="/kasus/?lihat=saya", now=now)


def offer(pairs: list[tuple[Case, User]], *, by: User, reason: str, batch: UUID, now: datetime) -> None:
    """Offer each case to its user; who carries it stays responsible until then, and each user is told once."""
    steps = _next_steps([case for case, _user in pairs])
    offers = HandOver.objects.bulk_create(
        HandOver(
            case=case,
            from_user_id=case.assignee_id or by.pk,
            to_user=user,
            next_step=steps.get(case.pk, _("Look at the case again"))[:200],
            reason=reason[:200],
            offered_at=now,
            batch=batch,
        )
        for case, user in pairs
    )
    lines = [
        (case, {"handover": str(offer.uuid), "to": str(user.uuid), "batch": str(batch)})
        for offer, (case, user) in zip(offers, pairs, strict=True)
    ]
    timeline.record_all(EventCode.HANDOVER_OFFERED, lines, by=by, text=reason, now=now)
    for user in {user.pk: user for _case, user in pairs}.values():
        count = sum(one.pk == user.pk for _case, one in pairs)
        _tell(user, "cases_offered", batch, count, path=reverse("cases:desk-move-offers", args=[batch]), now=now)


def _tell(user: User, kind: str, batch: UUID, count: int, *, path: str, now: datetime) -> None:
    outbox.post(
        recipient=user,
        kind=kind,
        key=f"batch:{batch}",
        thing=f"batch:{batch}",
        data={"count": count},
        path=path,
        urgency=Urgency.URGENT,
        now=now,
    )


def _next_steps(cases: list[Case]) -> dict[int, str]:
    """What each case plans next, in one statement."""
    rows = FollowUp.objects.open().filter(case__in=cases).order_by("-due_at").values_list("case", "title")
    return dict(rows)


def _plan_first_looks(steps: list[tuple[Case, str]], *, owner: User, by: User, now: datetime) -> None:
    """A case that arrives without a plan gets one, as after every hand-over."""
    planned = set(
        FollowUp.objects.open().filter(case__in=[case for case, _step in steps]).values_list("case", flat=True)
    )
    plans = []
    for case, step in steps:
        if case.pk in planned:
            continue
        kind = FollowUpKind.ACT
        plan = FollowUp(
            case=case,
            title=step[:160],
            kind=kind,
            owner=owner,
            due_at=first_look(now, case.urgency),
            zone=case.zone,
            for_the_living=kind in FOR_THE_LIVING,
            created_at=now,
            created_by=by,
        )
        plan.remind_at = timeline.remind_at(plan, case.urgency, now)
        plans.append(plan)
    FollowUp.objects.bulk_create(plans)
    for due_at in {plan.due_at for plan in plans}:
        pks = [plan.case_id for plan in plans if plan.due_at == due_at]
        Case.objects.filter(pk__in=pks).update(next_due_at=due_at, next_due_is_day=False)
    lines = [(plan.case, {"follow_up": str(plan.uuid), "title": plan.title}) for plan in plans]
    if lines:
        timeline.record_all(EventCode.FOLLOW_UP_SET, lines, by=by, now=now)
