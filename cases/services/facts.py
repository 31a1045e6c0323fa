"""Tell a fact: the numbers of people leave the text, the event is written, what was planned for it is done."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case, Event, EventType, FollowUp
from cases.rules.codes import Actor, FollowUpKind
from cases.rules.details import DUE_ON, EVERY_DAYS, FREE_TEXT, WHEN_TOLD, unknown
from cases.rules.due import end_of_day
from cases.rules.errors import Refused
from cases.services import clocks, follow_ups, masking, timeline
from members.models import Body, User

#: What a plan for an awaited day is called by, beside the type of the event.
_ABOUT = ("treatment", "document", "unit")


@transaction.atomic
def tell(
    *,
    case: Case,
    type: EventType,
    by: User,
    text: str = "",
    at: datetime | None = None,
    on_day: bool = False,
    body: Body | None = None,
    counterpart: str = "",
    corrects: Event | None = None,
    done: list[FollowUp] | None = None,
    look_again_at: datetime | None = None,
    look_again_title: str = "",
    now: datetime | None = None,
    details: dict[str, Any] | None = None,
    submit_key: UUID | None = None,
) -> Event:
    """Write what somebody reports, finish the follow-ups it answers, and plan when to look again.

    ``details`` are typed facts (rules.details): numbers of people leave their texts too; what they await on a day to
    come is planned for that day, and a fact of which nobody knows the day starts no clock.

    A repeated ``submit_key`` gives back the first event and does nothing else. Raises what ``add_event`` and
    ``schedule`` raise; then nothing is kept.
    """
    now = now or timezone.now()
    case = timeline.lock(case)
    if submit_key and (first := Event.objects.filter(submit_key=submit_key, case=case).first()):
        return first
    for follow_up in done or []:
        follow_ups.finish(follow_up=follow_up, by=by, now=now)
    if look_again_at:
        follow_ups.schedule(
            case=case,
            title=look_again_title,
            due_at=look_again_at,
            owner=case.assignee or by,
            by=by,
            kind=FollowUpKind.ANSWER,
            now=now,
        )
    details = _clean(case, details or {}, by, now=now)
    undated = at is None and WHEN_TOLD in details
    plan = _await(case, type, details, by=by, corrects=corrects, now=now)
    event = timeline.add_event(
        case=case,
        type=type,
        by=by,
        text=masking.clean(case, text, by, now=now),
        at=at,
        on_day=on_day or undated,
        body=body,
        counterpart=masking.clean(case, counterpart, by, now=now),
        corrects=corrects,
        data={**({"plan": str(plan.uuid)} if plan else {}), **({"undated": True} if undated else {})},
        details=details,
        now=now,
        submit_key=submit_key,
    )
    if not undated:
        clocks.on_event(event=event, by=by, now=now)
    return event


def _clean(case: Case, details: dict[str, Any], by: User, *, now: datetime) -> dict[str, Any]:
    """The details with the numbers of people taken out of their free texts. Raises Refused for a code nobody knows."""
    if strange := unknown(details):
        raise Refused(_("Unknown detail: %(codes)s.") % {"codes": ", ".join(strange)})
    return {
        code: masking.clean(case, value, by, now=now) if code in FREE_TEXT else value for code, value in details.items()
    }


def _await(
    case: Case, type: EventType, details: dict[str, Any], *, by: User, corrects: Event | None, now: datetime
) -> FollowUp | None:
    """The plan for the day that the details await; a correction moves the one that was made, or calls it off."""
    planned = _planned_by(case, corrects) if corrects else None
    day = details.get(DUE_ON)
    due_at = end_of_day(date.fromisoformat(day), case.zone) if day else None
    if planned:
        if due_at is None:
            follow_ups.cancel(follow_up=planned, by=by, now=now)
        elif due_at > now and due_at != planned.due_at:
            follow_ups.move(follow_up=planned, due_at=due_at, due_is_day=True, by=by, now=now)
        return planned
    if due_at is None or due_at <= now or not case.is_open:
        return None
    about = next((str(details[code]) for code in _ABOUT if details.get(code)), "")
    return follow_ups.schedule(
        case=case,
        title=f"{type.label}: {about}" if about else type.label,
        due_at=due_at,
        due_is_day=True,
        owner=case.assignee or by,
        by=by,
        kind=_kind(type, details),
        repeat_days=details.get(EVERY_DAYS),
        now=now,
    )


def _kind(type: EventType, details: dict[str, Any]) -> str:
    if "treatment" in details or EVERY_DAYS in type.details:
        return FollowUpKind.CARE
    return FollowUpKind.ANSWER if type.next_actor == Actor.BODY else FollowUpKind.ACT


def _planned_by(case: Case, corrected: Event) -> FollowUp | None:
    """The open plan that an event, or one of its corrections, has made."""
    first = corrected.corrects or corrected
    rows = case.events.filter(Q(pk=first.pk) | Q(corrects=first)).order_by("-pk")
    uuids = [row.data["plan"] for row in rows if row.data.get("plan")]
    return case.follow_ups.open().filter(uuid__in=uuids).first() if uuids else None
