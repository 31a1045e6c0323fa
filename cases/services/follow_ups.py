"""Set, finish, snooze, move, give and cancel a follow-up."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case, FollowUp
from cases.rules.codes import FOR_THE_LIVING, EventCode, FollowUpKind, FollowUpState
from cases.rules.due import FURTHEST_AHEAD
from cases.rules.errors import CaseIsClosed, Refused, Stale
from cases.services import masking, timeline
from members.models import User
from members.services import messages as outbox

#: "Leave the owner as it is" where None means the coordinators of the desk.
KEEP = object()


@transaction.atomic
def schedule(
    *,
    case: Case,
    title: str,
    due_at: datetime,
    owner: User | None,
    by: User | None,
    due_is_day: bool = False,
    kind: str = FollowUpKind.ACT,
    repeat_days: int | None = None,
    now: datetime | None = None,
    submit_key: UUID | None = None,
) -> FollowUp:
    """Plan something to do, due at a moment of the place. ``owner=None`` leaves it to the coordinators of the desk.

    ``repeat_days``: done, it comes again so many days later, until it is cancelled or the case ends (dialysis).

    Raises CaseIsClosed, and Refused for a due moment that has passed or that nobody means.
    """
    now = now or timezone.now()
    case = timeline.lock(case)
    if submit_key and (first := FollowUp.objects.filter(submit_key=submit_key, case=case).first()):
        return first
    if not case.is_open:
        raise CaseIsClosed
    _check_due(due_at, now)
    follow_up = timeline.plan(
        case,
        title=masking.clean(case, title, by, now=now) if by else title,
        due_at=due_at,
        due_is_day=due_is_day,
        owner=owner,
        by=by,
        kind=kind,
        repeat_days=repeat_days,
        now=now,
        submit_key=submit_key,
    )
    timeline.refresh_due(case)
    return follow_up


@transaction.atomic
def finish(*, follow_up: FollowUp, by: User, note: str = "", now: datetime | None = None) -> FollowUp:
    """Done, perhaps with the result in a sentence; what repeats is planned again. A second tap changes nothing."""
    return _end(follow_up, FollowUpState.DONE, by=by, note=note, now=now or timezone.now())


@transaction.atomic
def cancel(*, follow_up: FollowUp, by: User | None, note: str = "", now: datetime | None = None) -> FollowUp:
    """No longer needed, with the reason."""
    return _end(follow_up, FollowUpState.CANCELLED, by=by, note=note, now=now or timezone.now())


def _end(follow_up: FollowUp, state: str, *, by: User | None, note: str, now: datetime) -> FollowUp:
    case = timeline.lock(follow_up.case)
    note = masking.clean(case, note, by, now=now) if by else note
    if timeline.end_follow_up(follow_up, state=state, by=by, now=now, note=note):
        if state == FollowUpState.DONE:
            _plan_again(case, follow_up, by=by, now=now)
        timeline.refresh_due(case)
    else:
        follow_up.refresh_from_db()
    return follow_up


def _plan_again(case: Case, done: FollowUp, *, by: User | None, now: datetime) -> None:
    """The next of a row that repeats: at the same hour, on the first of its days that is still to come."""
    if not done.repeat_days or not case.is_open or (case.died_at and done.for_the_living):
        return
    step = timedelta(days=done.repeat_days)
    due_at = done.due_at + step
    if due_at <= now:
        due_at += step * ((now - due_at) // step + 1)
    timeline.plan(
        case,
        title=done.title,
        due_at=due_at,
        due_is_day=done.due_is_day,
        owner=done.owner,
        by=by,
        kind=done.kind,
        repeat_days=done.repeat_days,
        again_of=done,
        now=now,
    )


def _take_back_the_next(case: Case, done: FollowUp, *, by: User, now: datetime) -> None:
    """What a repeating row planned when it was finished goes with the finish, while it is open."""
    told = case.events.filter(type__code=EventCode.FOLLOW_UP_SET, data__again_of=str(done.uuid)).order_by("-pk").first()
    following = told and case.follow_ups.open().filter(uuid=told.data["follow_up"]).first()
    if following:
        timeline.end_follow_up(following, state=FollowUpState.CANCELLED, by=by, now=now, why="undone")


@transaction.atomic
def undo_finish(*, follow_up: FollowUp, by: User, now: datetime | None = None) -> FollowUp:
    """Take a finish or a cancel back (the undo of the toast); the timeline keeps both lines. Raises CaseIsClosed."""
    now = now or timezone.now()
    case = timeline.lock(follow_up.case)
    if not case.is_open:
        raise CaseIsClosed
    if timeline.reopen_follow_up(follow_up, case, by=by, now=now):
        _take_back_the_next(case, follow_up, by=by, now=now)
        timeline.refresh_due(case)
    return follow_up


@transaction.atomic
def move(
    *,
    follow_up: FollowUp,
    due_at: datetime,
    by: User,
    due_is_day: bool = False,
    title: str | None = None,
    owner: User | object | None = KEEP,
    kind: str | None = None,
    repeat_days: int | object | None = KEEP,
    version: int | None = None,
    now: datetime | None = None,
) -> FollowUp:
    """Give an open follow-up another due moment (and title, owner, kind or step); what is the same stays untold.

    A due moment that has passed may stay as it was, so that a late follow-up can be given to somebody else.
    Raises Stale, Refused, CaseIsClosed.
    """
    now = now or timezone.now()
    case = timeline.lock(follow_up.case)
    current = FollowUp.objects.select_for_update().get(pk=follow_up.pk)
    current.case = case
    if not case.is_open:
        raise CaseIsClosed
    if current.state != FollowUpState.OPEN:
        raise Refused(_("This follow-up has already ended."))
    if version is not None and current.version != version:
        raise Stale(current)
    before = current.due_at
    is_moved = (before, current.due_is_day) != (due_at, due_is_day)
    if is_moved:
        _check_due(due_at, now)
    changes = {"due_at": due_at, "due_is_day": due_is_day}
    if title:
        changes["title"] = masking.clean(case, title, by, now=now)[:160]
    if owner is not KEEP:
        changes["owner"] = owner
    if kind:
        changes |= {"kind": kind, "for_the_living": kind in FOR_THE_LIVING}
    if repeat_days is not KEEP:
        changes["repeat_days"] = repeat_days
    changes = {field: value for field, value in changes.items() if getattr(current, field) != value}
    if not changes:
        return current
    giver = current.owner
    for field, value in changes.items():
        setattr(current, field, value)
    if is_moved:
        current.snoozed_until = None
        current.remind_at = timeline.remind_at(current, case.urgency, now)
        outbox.cancel(thing=current.thing)
    elif "owner" in changes and giver:
        outbox.cancel(thing=current.thing, recipient=giver)
    current.version += 1
    current.save()
    data: dict[str, object] = {
        "follow_up": str(current.uuid),
        "title": current.title,
        "fields": sorted(changes),
    }
    if is_moved:
        data |= {"from": before.isoformat(), "to": due_at.isoformat(), "on_day": due_is_day}
    timeline.record(case, EventCode.FOLLOW_UP_MOVED, by=by, now=now, data=data)
    timeline.refresh_due(case)
    return current


@transaction.atomic
def snooze(*, follow_up: FollowUp, until: datetime, by: User, now: datetime | None = None) -> FollowUp:
    """Keep quiet about it until a moment; the due moment stays as it is. Raises Refused, CaseIsClosed."""
    now = now or timezone.now()
    case = timeline.lock(follow_up.case)
    if not case.is_open:
        raise CaseIsClosed
    _check_due(until, now)
    changed = FollowUp.objects.filter(pk=follow_up.pk, state=FollowUpState.OPEN).update(
        snoozed_until=until, remind_at=until, version=F("version") + 1
    )
    if not changed:
        raise Refused(_("This follow-up has already ended."))
    outbox.cancel(thing=follow_up.thing)
    data = {"follow_up": str(follow_up.uuid), "title": follow_up.title, "snoozed_until": until.isoformat()}
    timeline.record(case, EventCode.FOLLOW_UP_MOVED, by=by, now=now, data=data)
    follow_up.refresh_from_db()
    return follow_up


def _check_due(due_at: datetime, now: datetime) -> None:
    if due_at <= now:
        raise Refused(_("This moment has passed. Choose a later one."))
    if due_at - now > FURTHEST_AHEAD:
        raise Refused(_("This is too far ahead. Check the year."))
