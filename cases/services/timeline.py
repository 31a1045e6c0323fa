"""The one module that writes events and moves a case's status, turn and due moment (ADR 5, HOUSE 3)."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case, Event, EventType, FollowUp
from cases.rules.codes import FOR_THE_LIVING, Actor, EventCode, FollowUpKind, FollowUpState, Status
from cases.rules.due import due_after_event
from cases.rules.errors import CaseIsClosed, Refused
from cases.rules.reminders import next_moment
from cases.rules.status import may_be_told
from cases.services import words
from members.models import Body, Sealed, User
from members.services import messages as outbox


def lock(case: Case) -> Case:
    """The case row as it is now, held until the end of the transaction.

    The row in hand learns whether the case is restricted by now: what is saved through it is sealed, or not, as it must.
    """
    held = Case.objects.select_for_update().get(pk=case.pk)
    case.is_restricted, case.restriction = held.is_restricted, held.restriction
    return held


def said(case: Case, text: str) -> str:
    """A text for ``queryset.update`` on a row of this case: sealed where the case is restricted (save() asks the row)."""
    return Sealed(text) if case.is_restricted else str(text)


def record(
    case: Case,
    code: str,
    *,
    by: User | None,
    text: str = "",
    at: datetime | None = None,
    on_day: bool = False,
    now: datetime | None = None,
    body: Body | None = None,
    counterpart: str = "",
    corrects: Event | None = None,
    data: dict | None = None,
    details: dict | None = None,
    submit_key: UUID | None = None,
) -> Event:
    """Write one event. A repeated ``submit_key`` gives back the first one. ``by=None`` is the system."""
    now = now or timezone.now()
    if submit_key and (first := Event.objects.filter(submit_key=submit_key, case=case).first()):
        return first
    event = Event.objects.create(
        case=case,
        type=EventType.objects.get(code=code),
        text=text,
        happened_at=at or now,
        happened_on_day=on_day,
        logged_at=now,
        logged_by=by,
        body=body,
        counterpart=counterpart,
        corrects=corrects,
        data=data or {},
        details=details or {},
        submit_key=submit_key,
    )
    if text and not event.type.is_system:
        words.add(case, text)
    if by is not None and code != EventCode.NUDGED:  # asking somebody is no sign of life
        Case.objects.filter(pk=case.pk).update(last_event_at=now)
        case.last_event_at = now
    return event


def begin(case: Case, lines: list[tuple[str, dict]], *, by: User, now: datetime) -> list[Event]:
    """The first events of a case that has just been saved, all of one moment, in two statements: (code, data) each."""
    types = {row.code: row for row in EventType.objects.filter(code__in={code for code, _data in lines})}
    return Event.objects.bulk_create(
        Event(case=case, type=types[code], happened_at=now, logged_at=now, logged_by=by, data=data)
        for code, data in lines
    )


def record_all(
    code: str, lines: Iterable[tuple[Case, dict]], *, now: datetime, by: User | None = None, text: str = ""
) -> None:
    """Write one line on each of many cases, in two statements: (case, data) pairs. ``by=None`` is the system."""
    type = EventType.objects.get(code=code)
    events = Event.objects.bulk_create(
        Event(case=case, type=type, text=text, happened_at=now, logged_at=now, logged_by=by, data=data)
        for case, data in lines
    )
    if by is not None:
        Case.objects.filter(pk__in={event.case_id for event in events}).update(last_event_at=now)


@transaction.atomic
def add_event(
    *,
    case: Case,
    type: EventType,
    by: User,
    text: str = "",
    at: datetime | None = None,
    on_day: bool = False,
    now: datetime | None = None,
    body: Body | None = None,
    counterpart: str = "",
    corrects: Event | None = None,
    data: dict | None = None,
    details: dict | None = None,
    submit_key: UUID | None = None,
) -> Event:
    """Write a fact that somebody reports and move the case as its type says: turn, due, and what ends at death.

    The turn follows what happened last, not what was logged last: a fact told late does not move it back. A case that
    would be left without a plan gets one, because only a plan is ever reminded. A correction stands beside the event it
    corrects; taking back a death opens again what ended with it. ``text`` has been through ``masking.clean`` before
    (``facts.tell`` does both). Raises CaseIsClosed for a closed case (a note, a death or a correction is still welcome)
    and Refused for a moment in the future, a system type, or a correction of what the system wrote.
    """
    now = now or timezone.now()
    case = lock(case)
    if submit_key and (first := Event.objects.filter(submit_key=submit_key, case=case).first()):
        return first
    if type.is_system:
        raise Refused(_("The system writes this kind of event itself."))
    if not may_be_told(is_open=case.is_open, code=type.code, is_correction=corrects is not None):
        raise CaseIsClosed
    if at and at > now:
        raise Refused(_("This moment is still to come. For plans, use a follow-up."))
    if corrects is not None:
        corrects = _first_of(corrects)
        at, on_day = (at, on_day) if at else (corrects.happened_at, corrects.happened_on_day)
    event = record(
        case,
        type.code,
        by=by,
        text=text,
        at=at,
        on_day=on_day,
        now=now,
        body=body,
        counterpart=counterpart,
        corrects=corrects,
        data=data,
        details=details,
        submit_key=submit_key,
    )
    _refresh_death(case, by=by, now=now)
    if case.is_open and case.status == Status.NEW:
        case.status = Status.RUNNING
    if case.is_open:
        _refresh_turn(case)
    Case.objects.filter(pk=case.pk).update(
        version=F("version") + 1,
        died_at=case.died_at,
        status=case.status,
        next_actor=case.next_actor,
        next_actor_name=case.next_actor_name,
    )
    if case.is_open and corrects is None:
        _plan_another_look(case, type, now=now)
    refresh_due(case)
    return event


def _first_of(event: Event) -> Event:
    """The event that began a row of corrections. Raises Refused for what the system wrote, or another case's event."""
    if event.type.is_system:
        raise Refused(_("Only what a person told can be corrected."))
    return event.corrects or event


def effective(events: QuerySet[Event]) -> QuerySet[Event]:
    """What counts of events: of a corrected one only the last correction."""
    corrected = Event.objects.filter(corrects=OuterRef("pk"))
    corrected_again = Event.objects.filter(corrects=OuterRef("corrects"), pk__gt=OuterRef("pk"))
    return events.filter(~Exists(corrected), ~Exists(corrected_again))


def _moving(events: QuerySet[Event]) -> QuerySet[Event]:
    """Events that say whose turn it is, the last one first."""
    says_so = ~Q(type__next_actor="") | Q(type__code=EventCode.REOPENED)
    return effective(events).filter(says_so).order_by("-happened_at", "-pk")


def turn_since() -> Subquery:
    """Since when it is whose turn it is, to be annotated on a case; empty while no event has moved it."""
    return Subquery(_moving(Event.objects.filter(case=OuterRef("pk"))).values("happened_at")[:1])


def _refresh_turn(case: Case) -> None:
    """Whose turn it is: as the last event says that moves it; without one the turn stays where it is."""
    last = _moving(case.events.all()).select_related("type", "body").first()
    if last is None:
        return
    place = last.body or case.place
    case.next_actor = last.type.next_actor or Actor.US
    case.next_actor_name = place.name[:120] if case.next_actor == Actor.BODY and place else ""


def move_turn(case: Case) -> None:
    """Whose turn it is after a line of the system that says so (a promise was kept, an office answered)."""
    if not case.is_open:
        return
    _refresh_turn(case)
    Case.objects.filter(pk=case.pk).update(
        version=F("version") + 1, next_actor=case.next_actor, next_actor_name=case.next_actor_name
    )


def _refresh_death(case: Case, *, by: User, now: datetime) -> None:
    """Death is a fact: it ends what was for the living, and taken back (a slip of the finger) opens that again."""
    death = effective(case.events.all()).filter(type__closes_living=True).order_by("happened_at").first()
    before, case.died_at = case.died_at, death.happened_at if death else None
    if case.died_at and not before:
        for follow_up in case.follow_ups.open().filter(for_the_living=True):
            end_follow_up(
                follow_up, state=FollowUpState.CANCELLED, by=by, now=now, note=_("The patient has died."), why="died"
            )
    elif before and not case.died_at and case.is_open:
        ended = case.events.filter(type__code=EventCode.FOLLOW_UP_CANCELLED, data__why="died")
        uuids = [data["follow_up"] for data in ended.values_list("data", flat=True)]
        for follow_up in case.follow_ups.filter(uuid__in=uuids, state=FollowUpState.CANCELLED):
            reopen_follow_up(follow_up, case, by=by, now=now)


# Plans


def remind_at(follow_up: FollowUp, urgency: str, now: datetime) -> datetime | None:
    """The next reminder moment of a follow-up that has just been set, moved or opened again."""
    return next_moment(
        urgency=urgency,
        due_at=follow_up.due_at,
        due_is_day=follow_up.due_is_day,
        zone=follow_up.zone,
        after=None,
        now=now,
    )


def plan(
    case: Case,
    *,
    title: str,
    due_at: datetime,
    owner: User | None,
    by: User | None,
    now: datetime,
    due_is_day: bool = False,
    kind: str = FollowUpKind.ACT,
    repeat_days: int | None = None,
    again_of: FollowUp | None = None,
    submit_key: UUID | None = None,
) -> FollowUp:
    """Write down something to do; ``by=None`` is the system, whose plan steps back as soon as a person makes one.

    ``repeat_days``: finished, it comes again that many days later. ``again_of``: the one it comes after.
    """
    if by is not None:
        for follow_up in case.follow_ups.open().filter(created_by=None):
            end_follow_up(follow_up, state=FollowUpState.CANCELLED, by=None, now=now, why="planned")
    follow_up = FollowUp(
        case=case,
        title=title[:160],
        kind=kind,
        owner=owner,
        due_at=due_at,
        due_is_day=due_is_day,
        zone=case.zone,
        repeat_days=repeat_days,
        for_the_living=kind in FOR_THE_LIVING,
        created_at=now,
        created_by=by,
        submit_key=submit_key,
    )
    follow_up.remind_at = remind_at(follow_up, case.urgency, now)
    follow_up.save()
    Case.objects.filter(pk=case.pk).update(version=F("version") + 1)
    data = {"follow_up": str(follow_up.uuid), "title": follow_up.title}
    if again_of:
        data["again_of"] = str(again_of.uuid)
    record(case, EventCode.FOLLOW_UP_SET, by=by, now=now, data=data)
    return follow_up


def _plan_another_look(case: Case, type: EventType, *, now: datetime) -> None:
    """After an event that says how soon to look again, a case without a plan gets one by itself."""
    due_at = due_after_event(now, case.urgency, type.next_due_hours)
    if due_at is None or case.follow_ups.open().exists():
        return
    if type.closes_living:
        title = _("Offer condolences and ask what the family needs")
    elif case.next_actor == Actor.BODY and case.next_actor_name:
        title = _("Ask %(office)s again") % {"office": case.next_actor_name}
    else:
        title = _("Decide the next step")
    kind = FollowUpKind.ANSWER if case.next_actor == Actor.BODY else FollowUpKind.ACT
    plan(case, title=title, due_at=due_at, owner=case.assignee, by=None, now=now, kind=kind)


def refresh_due(case: Case) -> None:
    """Set the case's next due moment to that of its next open follow-up."""
    row = case.follow_ups.open().order_by("due_at").first()
    case.next_due_at = row.due_at if row else None
    case.next_due_is_day = row.due_is_day if row else False
    Case.objects.filter(pk=case.pk).update(next_due_at=case.next_due_at, next_due_is_day=case.next_due_is_day)


def end_follow_up(
    follow_up: FollowUp, *, state: str, by: User | None, now: datetime, note: str = "", why: str = ""
) -> bool:
    """Move an open follow-up to done or cancelled, once; its waiting messages are no longer needed.

    ``why`` marks an end nobody chose for this follow-up (closed, died, planned); its note is ours, not a fact told.
    """
    changed = FollowUp.objects.filter(pk=follow_up.pk, state=FollowUpState.OPEN).update(
        state=state,
        ended_at=now,
        ended_by=by,
        end_note=said(follow_up.case, note[:200]),
        remind_at=None,
        version=F("version") + 1,
    )
    if changed:
        outbox.cancel(thing=follow_up.thing)
        code = EventCode.FOLLOW_UP_DONE if state == FollowUpState.DONE else EventCode.FOLLOW_UP_CANCELLED
        data = {"follow_up": str(follow_up.uuid), "title": follow_up.title, **({"why": why} if why else {})}
        record(follow_up.case, code, by=by, text="" if why else note, now=now, data=data)
        follow_up.refresh_from_db()
    return bool(changed)


def reopen_follow_up(follow_up: FollowUp, case: Case, *, by: User, now: datetime) -> bool:
    """Open an ended follow-up again, once; the timeline keeps both lines."""
    changed = (
        FollowUp.objects.filter(pk=follow_up.pk)
        .exclude(state=FollowUpState.OPEN)
        .update(
            state=FollowUpState.OPEN,
            ended_at=None,
            ended_by=None,
            end_note="",
            snoozed_until=None,
            version=F("version") + 1,
            remind_at=remind_at(follow_up, case.urgency, now),
        )
    )
    if changed:
        data = {"follow_up": str(follow_up.uuid), "title": follow_up.title, "undone": True}
        record(case, EventCode.FOLLOW_UP_SET, by=by, now=now, data=data)
    follow_up.refresh_from_db()
    return bool(changed)
