"""Who carries a case: assign, take, release, hand over with acceptance; and who could."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.models import Case, FollowUp, HandOver
from cases.rules.codes import EventCode, FollowUpState, HandOverState, Status
from cases.rules.due import first_look
from cases.rules.errors import CaseIsClosed, Refused, Stale
from cases.services import follow_ups, masking, shares, timeline
from cases.services.rights import is_hidden_from
from members.models import Appointment, Organisation, User
from members.rules.roles import Permission, roles_granting
from members.services import messages as outbox

#: ``assign`` whoever carries it now.
ANYBODY = object()
_HIDDEN = gettext_lazy("This case is hidden from the unit of this person. Choose someone else.")
#: Nobody is offered a longer list than this; the rest is found by name.
MOST = 60


def those_who_carry() -> QuerySet[Appointment]:
    """Live appointments of people who work on cases."""
    return Appointment.objects.live().filter(role__in=roles_granting(Permission.CASE_LOG), user__is_active=True)


def with_load(users: QuerySet[User], now: datetime) -> QuerySet[User]:
    """Users with ``carried`` and ``overdue``, the ones with the least to do first and the resting ones last.

    Restricted cases are in no count of others.
    """
    carried = Case.objects.open().filter(assignee=OuterRef("pk"), is_restricted=False).order_by().values("assignee")
    late = FollowUp.objects.overdue(now).filter(owner=OuterRef("pk"), case__is_restricted=False)
    overdue = late.order_by().values("owner")
    return users.annotate(
        carried=Coalesce(Subquery(carried.annotate(n=Count("pk")).values("n")), 0),
        overdue=Coalesce(Subquery(overdue.annotate(n=Count("pk")).values("n")), 0),
    ).order_by("is_resting", "carried", "full_name")


def candidates(case: Case, *, now: datetime) -> QuerySet[User]:
    """Who may carry this case: relawan and coordinators whose appointment reaches its desk, with their load."""
    desk = case.desk
    above = Organisation.objects.above(desk, itself=True).order_by()
    regions = [desk.region_id, desk.region.parent_id] if desk.region else []
    reaching = those_who_carry().filter(Q(region=None) | Q(region__in=regions), organisation__in=above)
    return with_load(User.objects.filter(Exists(reaching.filter(user=OuterRef("pk")))), now)


def elsewhere(case: Case, words: str, *, now: datetime) -> QuerySet[User]:
    """Relawan and coordinators of any desk, found by their name or by the name of the desk."""
    appointments = those_who_carry()
    for word in words.split()[:5]:
        appointments = appointments.filter(
            Q(user__full_name__icontains=word)
            | Q(organisation__name__icontains=word)
            | Q(organisation__abbreviation__icontains=word)
        )
    here = candidates(case, now=now).values("pk")
    found = User.objects.filter(Exists(appointments.filter(user=OuterRef("pk")))).exclude(pk__in=here)
    return with_load(found, now)


def may_carry(case: Case, user: User) -> bool:
    """Whether a case may be given or offered to this user at all: an active relawan or coordinator, wherever."""
    return user.is_active and those_who_carry().filter(user=user).exists()


def _carry(case: Case, user: User | None, *, by: User, code: str, now: datetime, data: dict | None = None) -> None:
    """Make a user the carrier; open follow-ups of the one before (or of nobody) go along."""
    before = case.assignee
    Case.objects.filter(pk=case.pk).update(
        assignee=user,
        status=Status.RUNNING if user and case.status == Status.NEW else case.status,
        version=F("version") + 1,
    )
    case.follow_ups.filter(state=FollowUpState.OPEN, owner=before).update(owner=user)
    if before and before != user:
        outbox.cancel(about=case.about, recipient=before)
    told = {"to": str(user.uuid) if user else "", "before": str(before.uuid) if before else ""}
    timeline.record(case, code, by=by, now=now, data={**told, **(data or {})})
    case.refresh_from_db()


def _withdraw_open_offer(case: Case, *, by: User, now: datetime) -> None:
    offer = case.handovers.filter(state=HandOverState.OFFERED).first()
    if offer:
        _answer(offer, HandOverState.WITHDRAWN, by=by, now=now, code=EventCode.HANDOVER_WITHDRAWN)


def _answer(offer: HandOver, state: str, *, by: User, now: datetime, code: str, note: str = "") -> bool:
    changed = HandOver.objects.filter(pk=offer.pk, state=HandOverState.OFFERED).update(
        state=state, answered_at=now, answer_note=timeline.said(offer.case, note[:200])
    )
    if changed:
        outbox.cancel(thing=f"handover:{offer.uuid}")
        timeline.record(offer.case, code, by=by, now=now, text=note, data={"handover": str(offer.uuid)})
        offer.refresh_from_db()
    return bool(changed)


@transaction.atomic
def assign(
    *, case: Case, to: User | None, by: User, instead_of: User | object | None = ANYBODY, now: datetime | None = None
) -> Case:
    """A coordinator gives the case to a relawan (or to nobody). An open offer falls away.

    ``instead_of`` is who carried it when the page was opened. Raises Stale when that has changed since, Refused for
    somebody who carries no cases, CaseIsClosed.
    """
    now = now or timezone.now()
    case = timeline.lock(case)
    if not case.is_open:
        raise CaseIsClosed
    if case.assignee == to:
        return case
    if instead_of is not ANYBODY and case.assignee != instead_of:
        raise Stale(case)
    if to and not may_carry(case, to):
        raise Refused(_("This person carries no cases. Choose someone else."))
    if to and is_hidden_from(case, to):
        raise Refused(_HIDDEN)
    _withdraw_open_offer(case, by=by, now=now)
    _carry(case, to, by=by, code=EventCode.ASSIGNED if to else EventCode.RELEASED, now=now)
    if to and to != by:
        outbox.post(
            recipient=to,
            kind="assigned",
            key=f"assigned:{case.uuid}:{now.isoformat()}",
            about=case.about,
            thing=case.about,
            path=f"/kasus/{case.uuid}/",
            data={"number": case.number},
            urgency=case.urgency,
            now=now,
        )
    return case


@transaction.atomic
def take(*, case: Case, by: User, now: datetime | None = None) -> Case:
    """A relawan takes an unassigned case. Raises Refused when somebody was faster, CaseIsClosed."""
    now = now or timezone.now()
    case = timeline.lock(case)
    if not case.is_open:
        raise CaseIsClosed
    if case.assignee == by:
        return case
    if case.assignee is not None:
        raise Refused(_("Someone else already carries this case."))
    _carry(case, by, by=by, code=EventCode.TAKEN, now=now)
    return case


@transaction.atomic
def offer(
    *,
    case: Case,
    to: User,
    next_step: str,
    by: User,
    reason: str = "",
    to_desk: Organisation | None = None,
    without_consent: bool = False,
    now: datetime | None = None,
    submit_key: UUID | None = None,
) -> HandOver:
    """Offer the case to a user with the next step; the sender stays responsible until it is accepted.

    Somebody outside the unit, or another unit's desk, needs live consent to share; ``without_consent`` with a reason
    says that it cannot wait. Raises NeedsConsent, Refused when an offer is already open or the offer goes to its own
    carrier or to somebody the case is hidden from, CaseIsClosed.
    """
    now = now or timezone.now()
    case = timeline.lock(case)
    if submit_key and (first := HandOver.objects.filter(submit_key=submit_key, case=case).first()):
        return first
    if not case.is_open:
        raise CaseIsClosed
    if to == case.assignee:
        raise Refused(_("This relawan already carries the case."))
    if not may_carry(case, to):
        raise Refused(_("This person carries no cases. Choose someone else."))
    if case.handovers.filter(state=HandOverState.OFFERED).exists():
        raise Refused(_("A hand-over is already waiting for an answer. Withdraw it first."))
    if is_hidden_from(case, to):
        raise Refused(_HIDDEN)
    for target in (to, to_desk):
        if target:
            shares.check_consent(case, target, by=by, reason=reason, without_consent=without_consent, now=now)
    next_step, reason = masking.clean(case, next_step, by, now=now), masking.clean(case, reason, by, now=now)
    handover = HandOver.objects.create(
        case=case,
        from_user=case.assignee or by,
        to_user=to,
        to_desk=to_desk,
        next_step=next_step[:200],
        reason=reason[:200],
        offered_at=now,
        submit_key=submit_key,
    )
    timeline.record(
        case,
        EventCode.HANDOVER_OFFERED,
        by=by,
        now=now,
        text=reason,
        data={"handover": str(handover.uuid), "to": str(to.uuid)},
    )
    outbox.post(
        recipient=to,
        kind="handover_offered",
        key=f"handover:{handover.uuid}",
        thing=f"handover:{handover.uuid}",
        about=case.about,
        path=f"/kasus/{case.uuid}/",
        data={"number": case.number},
        urgency=case.urgency,
        now=now,
    )
    return handover


@transaction.atomic
def accept(*, handover: HandOver, by: User, now: datetime | None = None) -> HandOver:
    """Accept: from now on the case is carried by the one who accepts. Raises Refused for anyone else or too late."""
    now = now or timezone.now()
    case = timeline.lock(handover.case)
    if by != handover.to_user:
        raise Refused(_("Only the one it was offered to can accept."))
    if not case.is_open:
        raise CaseIsClosed
    if not _answer(handover, HandOverState.ACCEPTED, by=by, now=now, code=EventCode.HANDOVER_ACCEPTED):
        handover.refresh_from_db()
        if handover.state == HandOverState.ACCEPTED:
            return handover
        raise Refused(_("This offer has already ended."))
    if handover.to_desk and handover.to_desk_id != case.desk_id:
        Case.objects.filter(pk=case.pk).update(desk=handover.to_desk)
        case.desk = handover.to_desk
    _carry(case, by, by=by, code=EventCode.TAKEN, now=now, data={"handover": str(handover.uuid)})
    _plan_next_step(handover, case, by=by, now=now)
    _tell_sender(handover, "handover_accepted", now=now)
    return handover


@transaction.atomic
def decline(*, handover: HandOver, by: User, note: str = "", now: datetime | None = None) -> HandOver:
    """Decline: the sender stays responsible and is told. Raises Refused for anyone else."""
    now = now or timezone.now()
    case = timeline.lock(handover.case)
    if by != handover.to_user:
        raise Refused(_("Only the one it was offered to can decline."))
    note = masking.clean(case, note, by, now=now)
    if _answer(handover, HandOverState.DECLINED, by=by, now=now, note=note, code=EventCode.HANDOVER_DECLINED):
        _tell_sender(handover, "handover_declined", now=now)
    return handover


@transaction.atomic
def withdraw(*, handover: HandOver, by: User, now: datetime | None = None) -> HandOver:
    """The sender (or a coordinator) takes the offer back."""
    timeline.lock(handover.case)
    _answer(handover, HandOverState.WITHDRAWN, by=by, now=now or timezone.now(), code=EventCode.HANDOVER_WITHDRAWN)
    return handover


def _tell_sender(handover: HandOver, kind: str, *, now: datetime) -> None:
    """Tell who offered the case; with a link only where they may still open it."""
    case = handover.case
    may_open = Case.objects.permitted(handover.from_user, Permission.CASE_VIEW).filter(pk=case.pk).exists()
    outbox.post(
        recipient=handover.from_user,
        kind=kind,
        key=f"{kind}:{handover.uuid}",
        thing=f"handover:{handover.uuid}:answer",
        about=case.about,
        path=f"/kasus/{case.uuid}/" if may_open else "",
        data={"number": case.number},
        urgency=case.urgency,
        now=now,
    )


def _plan_next_step(handover: HandOver, case: Case, *, by: User, now: datetime) -> None:
    """What the sender asked for becomes a plan, unless it is one already."""
    title = handover.next_step[:160]
    if title in case.follow_ups.open().values_list("title", flat=True):  # sealed texts are compared once opened
        return
    follow_ups.schedule(case=case, title=title, due_at=first_look(now, case.urgency), owner=by, by=by, now=now)
