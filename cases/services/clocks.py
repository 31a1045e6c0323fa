"""Clocks of a case: started, paused, resumed, stopped and waived by events, counted by rules.clocks (HOUSE 3).

Every clock leaves one follow-up, because only a follow-up is ever reminded.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case, Clock, ClockPause, Event, Obliged, Rule
from cases.rules import clocks as rules
from cases.rules.codes import EventCode, FollowUpKind, FollowUpState
from cases.rules.due import end_of_day
from cases.rules.errors import CaseIsClosed, Refused
from cases.services import follow_ups, law, masking, timeline
from members.models import User

#: Whose deadline is ours to meet; the others' deadlines are ours to watch.
_OURS = frozenset({Obliged.US, Obliged.FAMILY, Obliged.WORKER})
_OPEN = (Clock.State.RUNNING, Clock.State.PAUSED)


@transaction.atomic
def start(
    *,
    case: Case,
    rule: Rule,
    by: User | None,
    started_at: datetime,
    event: Event | None = None,
    now: datetime | None = None,
) -> Clock:
    """Start a rule on a case; a rule that already runs there is given back as it is.

    A rule without a moment is kept too, so that the page can say why there is none. Raises CaseIsClosed.
    """
    now = now or timezone.now()
    case = timeline.lock(case)
    if not case.is_open:
        raise CaseIsClosed
    if running := case.clocks.filter(rule=rule, state__in=_OPEN).first():
        return running
    clock = Clock(
        case=case,
        rule=rule,
        obliged=rule.obliged,
        started_at=started_at,
        zone=case.zone,
        started_by_event=event,
        logged_at=now,
        logged_by=by,
    )
    _count(clock, pauses=[])
    clock.save()
    clock.follow_up = _plan(clock, by=by, now=now)
    clock.save(update_fields=["follow_up"])
    timeline.record(case, EventCode.CLOCK_STARTED, by=by, now=now, data=_told(clock))
    timeline.refresh_due(case)
    return clock


@transaction.atomic
def start_by_hand(*, case: Case, rule: Rule, by: User, started_at: datetime, now: datetime | None = None) -> Clock:
    """Start a rule because somebody says so, and with it the one that is counted beside it. Raises CaseIsClosed."""
    clock = start(case=case, rule=rule, by=by, started_at=started_at, now=now)
    if rule.beside:
        start(case=case, rule=rule.beside, by=by, started_at=started_at, now=now)
    return clock


@transaction.atomic
def pause(
    *, clock: Clock, reason: str, caused_by: str, by: User, since: datetime | None = None, now: datetime | None = None
) -> Clock:
    """Let a running clock stand still, because of somebody and for a reason. Raises Refused without one."""
    now = now or timezone.now()
    clock = _locked(clock)
    if not reason.strip():
        raise Refused(_("Say why the clock stands still."))
    if clock.state != Clock.State.RUNNING:
        raise Refused(_("This clock does not run."))
    since = since or now
    if since < clock.started_at or since > now:
        raise Refused(_("Choose a moment between the start and now."))
    reason = masking.clean(clock.case, reason.strip(), by, now=now)[:200]
    ClockPause.objects.create(clock=clock, since=since, reason=reason, caused_by=caused_by, logged_by=by)
    clock.state, clock.due_at = Clock.State.PAUSED, None
    clock.save()
    _end_plan(clock, by=by, now=now)
    timeline.record(clock.case, EventCode.CLOCK_PAUSED, by=by, now=now, text=reason, data=_told(clock))
    timeline.refresh_due(clock.case)
    return clock


@transaction.atomic
def resume(*, clock: Clock, by: User, until: datetime | None = None, now: datetime | None = None) -> Clock:
    """Let it run again; it is due later by what it stood still. Raises Refused for a clock that does not stand still."""
    now = now or timezone.now()
    clock = _locked(clock)
    if clock.state != Clock.State.PAUSED:
        raise Refused(_("This clock does not stand still."))
    until = until or now
    standing = clock.pauses.get(until__isnull=True)
    if until < standing.since or until > now:
        raise Refused(_("Choose a moment between the pause and now."))
    standing.until = until
    standing.save()
    clock.state = Clock.State.RUNNING
    _count(clock, pauses=clock.pauses.all())
    clock.save()
    clock.follow_up = _plan(clock, by=by, now=now)
    clock.save(update_fields=["follow_up"])
    timeline.record(clock.case, EventCode.CLOCK_RESUMED, by=by, now=now, data=_told(clock))
    timeline.refresh_due(clock.case)
    return clock


@transaction.atomic
def stop(
    *,
    clock: Clock,
    by: User | None,
    at: datetime | None = None,
    event: Event | None = None,
    now: datetime | None = None,
) -> Clock:
    """What was owed has been done; a second time changes nothing."""
    return _end(clock, Clock.State.STOPPED, EventCode.CLOCK_STOPPED, by=by, at=at, event=event, now=now)


@transaction.atomic
def waive(*, clock: Clock, reason: str, by: User, now: datetime | None = None) -> Clock:
    """The clock does not matter here, for a reason. Raises Refused without one."""
    if not reason.strip():
        raise Refused(_("Say why this clock is not needed."))
    reason = masking.clean(clock.case, reason.strip(), by, now=now)
    return _end(clock, Clock.State.WAIVED, EventCode.CLOCK_WAIVED, by=by, note=reason, now=now)


@transaction.atomic
def on_event(*, event: Event, by: User | None, now: datetime | None = None) -> list[Clock]:
    """Start and stop the clocks that an event's type touches on its case; returns those that changed.

    A rule starts when its ``started_by`` names the type and the case has a problem type that lists the rule; it stops
    when its ``stopped_by`` names the type, and is due no later than an event that its ``cut_short_by`` names. Of a
    correction only the last follows by itself: what was started or stopped is mended by hand.
    An event that names a programme touches no clock of another: a JHT claim leaves the six months of JKP running.
    """
    now = now or timezone.now()
    case, code = event.case, event.type.code
    if not case.is_open:
        return []
    if event.corrects_id:
        return _cut_short_anew(case, by=by, now=now)
    changed = [stop(clock=clock, by=by, at=event.happened_at, event=event, now=now) for clock in _stopped_by(event)]
    changed += _cut_short_anew(case, by=by, now=now)
    if event.type.closes_living:
        note = _("The patient has died.")
        changed += [
            _end(clock, Clock.State.WAIVED, EventCode.CLOCK_WAIVED, by=by, note=note, event=event, now=now)
            for clock in case.clocks.filter(state__in=_OPEN, rule__outlives=False)
        ]
    on = event.happened_at.astimezone(ZoneInfo(case.zone)).date()
    for rule in law.rules_for(case.problem_types.all(), on, case.region):
        if code in rule.started_by and _concerns(rule, event):
            changed.append(start(case=case, rule=rule, by=by, started_at=event.happened_at, event=event, now=now))
    return changed


@transaction.atomic
def recompute_open(*, now: datetime | None = None) -> int:
    """Count every running clock again, after a change of holidays or of a rule; returns how many moved."""
    now = now or timezone.now()
    moved = 0
    for clock in Clock.objects.filter(state=Clock.State.RUNNING).select_related("rule", "case", "follow_up"):
        moved += _count_again(clock, by=None, now=now)
    return moved


def _count_again(clock: Clock, *, by: User | None, now: datetime) -> bool:
    """Count a running clock anew and record it when its moment moved."""
    before = clock.due_at
    _count(clock, pauses=clock.pauses.all())
    if clock.due_at == before:
        return False
    clock.save()
    _end_plan(clock, by=by, now=now)
    clock.follow_up = _plan(clock, by=by, now=now)
    clock.save(update_fields=["follow_up"])
    data = {**_told(clock), "from": before.isoformat() if before else ""}
    timeline.record(clock.case, EventCode.CLOCK_MOVED, by=by, now=now, data=data)
    timeline.refresh_due(clock.case)
    return True


def _cut_short_anew(case: Case, *, by: User | None, now: datetime) -> list[Clock]:
    """Count the running clocks anew whose act must be done before some event; returns those that moved."""
    running = case.clocks.filter(state=Clock.State.RUNNING).exclude(rule__cut_short_by=[])
    rows = running.select_related("rule", "case", "follow_up")
    return [clock for clock in rows if _count_again(clock, by=by, now=now)]


def _cut(clock: Clock) -> Event | None:
    """The first event since its start before which the act of a clock must be done; one without a date cuts nothing."""
    if not clock.rule.cut_short_by:
        return None
    facts = clock.case.events.filter(type__code__in=clock.rule.cut_short_by)
    found = timeline.effective(facts).select_related("type").order_by("happened_at", "pk")
    dated = (event for event in found if not event.data.get("undated"))
    return next((event for event in dated if _moment_of(event, clock.zone)[0] >= clock.started_at), None)


def _concerns(rule: Rule, event: Event) -> bool:
    """Whether an event is about the programme of a rule; most rules and events name none."""
    programme = event.typed.get("programme")
    return not programme or not rule.programmes or programme in rule.programmes


def _from_there(clock: Clock, event: Event) -> bool:
    """Whether an answer may come from the office that owes one: what the hospital says answers no complaint at LAPOR!"""
    asked = clock.started_by_event.body_id if clock.started_by_event else None
    if event.type.code != EventCode.ANSWERED or asked is None or asked == clock.case.place_id:
        return True
    return (event.body_id or clock.case.place_id) in (None, asked)  # nothing written means the place of the case


def _stopped_by(event: Event) -> list[Clock]:
    """The open clocks that an event ends. One that names no programme ends none of several: which one, nobody has said."""
    clocks = event.case.clocks.filter(state__in=_OPEN).select_related("rule", "started_by_event")
    found = [
        clock
        for clock in clocks
        if event.type.code in clock.rule.stopped_by and _concerns(clock.rule, event) and _from_there(clock, event)
    ]
    meant = {tuple(clock.rule.programmes) for clock in found if clock.rule.programmes}
    if len(meant) > 1 and not event.typed.get("programme"):
        return [clock for clock in found if not clock.rule.programmes]
    return found


def _locked(clock: Clock) -> Clock:
    timeline.lock(clock.case)
    return Clock.objects.select_for_update(of=("self",)).select_related("case", "rule", "follow_up").get(pk=clock.pk)


def _end(
    clock: Clock,
    state: str,
    code: str,
    *,
    by: User | None,
    at: datetime | None = None,
    event: Event | None = None,
    note: str = "",
    now: datetime | None = None,
) -> Clock:
    now = now or timezone.now()
    clock = _locked(clock)
    if clock.state not in _OPEN:
        return clock
    clock.pauses.filter(until__isnull=True).update(until=at or now)
    clock.state, clock.ended_at, clock.ended_by_event, clock.end_note = state, at or now, event, note[:200]
    clock.save()
    _end_plan(clock, by=by, now=now)
    timeline.record(clock.case, code, by=by, now=now, text=note, data=_told(clock))
    timeline.refresh_due(clock.case)
    return clock


def _count(clock: Clock, *, pauses) -> None:
    """Set due and working of a clock from its rule, start, calendar and pauses."""
    found = rules.count(
        law.as_rule(clock.rule),
        start=clock.started_at,
        calendar=law.calendar_for(clock.rule, region=clock.case.region),
        zone=clock.zone,
        pauses=[rules.Pause(row.since, row.until) for row in pauses],
    )
    clock.due_at, clock.due_is_day = found.due_at, found.is_day
    cut = _cut(clock)
    if cut and clock.due_at and (moment := _moment_of(cut, clock.zone))[0] < clock.due_at:
        clock.due_at, clock.due_is_day = moment
    else:
        cut = None
    clock.working = {
        "cut_short_by": {"id": cut.type.name, "en": cut.type.name_en} if cut else {},
        "reason": found.reason,
        "counts": [
            {
                "start": each.start_at.isoformat(),
                "due": each.due_at.isoformat(),
                "is_day": each.is_day,
                "amount": each.span.amount if each.span else None,
                "unit": each.span.unit.value if each.span else "",
                "skipped": [[skip.day.isoformat(), skip.why] for skip in each.skipped],
            }
            for each in found.counts
        ],
    }


def _moment_of(event: Event, zone: str) -> tuple[datetime, bool]:
    """When something happened, as a due moment: a day lasts until its end."""
    if not event.happened_on_day:
        return event.happened_at, False
    return end_of_day(event.happened_at.astimezone(ZoneInfo(zone)).date(), zone), True


def _plan(clock: Clock, *, by: User | None, now: datetime):
    """The follow-up a running clock leaves; none for a moment that has passed or does not exist."""
    if clock.due_at is None or clock.due_at <= now:
        return None
    ours = clock.obliged in _OURS
    title = _("Before the deadline: %(rule)s") if ours else _("Ask whether it was done: %(rule)s")
    return follow_ups.schedule(
        case=clock.case,
        title=(title % {"rule": clock.rule.label})[:160],
        due_at=min(clock.due_at, now + follow_ups.FURTHEST_AHEAD),  # one of years is looked at on the way
        due_is_day=clock.due_is_day,
        owner=clock.case.assignee,
        by=by,
        kind=FollowUpKind.ACT if ours else FollowUpKind.ANSWER,
        now=now,
    )


def _end_plan(clock: Clock, *, by: User | None, now: datetime) -> None:
    if clock.follow_up and clock.follow_up.state == FollowUpState.OPEN:
        follow_ups.cancel(follow_up=clock.follow_up, by=by, note=_("The clock has changed."), now=now)


def _told(clock: Clock) -> dict:
    return {
        "clock": str(clock.uuid),
        "rule": clock.rule.code,
        "due": clock.due_at.isoformat() if clock.due_at else "",
    }
