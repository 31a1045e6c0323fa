"""Close a case with an outcome, and open it again."""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case, Outcome
from cases.rules.codes import Actor, EventCode, FollowUpState, HandOverState, Status
from cases.rules.due import first_look
from cases.rules.errors import Refused, Stale
from cases.services import carrying, follow_ups, masking, timeline
from members.models import User
from members.services import messages as outbox


@transaction.atomic
def close(
    *, case: Case, outcome: Outcome, by: User, note: str = "", version: int | None = None, now: datetime | None = None
) -> Case:
    """End the case with an outcome; open follow-ups and offers end with it. A second tap changes nothing.

    Raises Stale when somebody wrote or planned something in between.
    """
    now = now or timezone.now()
    case = timeline.lock(case)
    if not case.is_open:
        return case
    if version is not None and case.version != version:
        raise Stale(case)
    note = masking.clean(case, note, by, now=now)
    for follow_up in case.follow_ups.open():
        timeline.end_follow_up(
            follow_up, state=FollowUpState.CANCELLED, by=by, now=now, note=_("The case was closed."), why="closed"
        )
    offer = case.handovers.filter(state=HandOverState.OFFERED).first()
    if offer:
        carrying.withdraw(handover=offer, by=by, now=now)
    Case.objects.filter(pk=case.pk).update(
        status=Status.CLOSED,
        outcome=outcome,
        outcome_note=timeline.said(case, note),
        closed_at=now,
        next_due_at=None,
        next_due_is_day=False,
        version=F("version") + 1,
    )
    outbox.cancel(about=case.about)
    timeline.record(case, EventCode.CLOSED, by=by, now=now, text=note, data={"outcome": outcome.code})
    case.refresh_from_db()
    return case


@transaction.atomic
def reopen(*, case: Case, by: User, reason: str, now: datetime | None = None) -> Case:
    """Open a closed case again with a reason; somebody looks at it as at a new one. Raises Refused without a reason."""
    now = now or timezone.now()
    if not reason.strip():
        raise Refused(_("Say why the case is opened again."))
    case = timeline.lock(case)
    if case.is_open:
        return case
    reason = masking.clean(case, reason, by, now=now)
    Case.objects.filter(pk=case.pk).update(
        status=Status.RUNNING,
        outcome=None,
        outcome_note="",
        closed_at=None,
        next_actor=Actor.US,
        next_actor_name="",
        version=F("version") + 1,
    )
    case.refresh_from_db()
    timeline.record(case, EventCode.REOPENED, by=by, now=now, text=reason)
    follow_ups.schedule(
        case=case,
        title=_("Look at the case again"),
        due_at=first_look(now, case.urgency),
        owner=case.assignee,
        by=by,
        now=now,
    )
    case.refresh_from_db()
    return case
