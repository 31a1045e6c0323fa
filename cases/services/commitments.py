"""Who promised what: asked for, promised, looked at again, kept or broken; each leaves a line and at most one follow-up."""

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Max, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Attachment, Case, Commitment, EventType, FollowUp
from cases.rules import commitments as rules
from cases.rules import masking as masking_rules
from cases.rules.codes import EventCode, FollowUpKind, FollowUpState, Status
from cases.rules.commitments import Terms
from cases.rules.due import FURTHEST_AHEAD, end_of_day, first_look
from cases.rules.errors import CaseIsClosed, Refused
from cases.rules.registers import PENDING, Promise, Term
from cases.services import facts, follow_ups, masking, timeline
from members.models import Body, Gathering, GatheringOutput, Organisation, User
from members.rules.gatherings import GatheringKind
from members.services import coordinators, gatherings
from members.services import messages as outbox
from members.services.messages import Note

_TEXTS = {
    "text": 500,
    "party": 160,
    "official": 120,
    "official_role": 120,
    "where": 160,
    "proof_note": 300,
}


# Said and asked for


@transaction.atomic
def promise(**given) -> Commitment:
    """Write down what was promised, from a case or (without one) to a desk; see ``_write`` for what may be given.

    On a case it is a fact on the timeline, with a follow-up to its carrier where there is a moment to look again.
    """
    return _write(Promise.OPEN, **given)


@transaction.atomic
def demand(**given) -> Commitment:
    """Write down what we ask for: numbered, waiting to be promised or refused."""
    return _write(Promise.ASKED, **given)


def _write(
    state: str,
    *,
    text: str,
    by: User,
    case: Case | None = None,
    desk: Organisation | None = None,
    body: Body | None = None,
    form: str = "",
    said_at: datetime | None = None,
    said_on_day: bool = False,
    terms: Terms | None = None,
    proof: Attachment | None = None,
    gathering: Gathering | None = None,
    now: datetime | None = None,
    submit_key: UUID | None = None,
    **words: str,
) -> Commitment:
    """A commitment of a case or of a desk; ``words`` are party, official, official_role, where and proof_note.

    Taken from a meeting, it also stands among what came out of it, in the words of that day. ``said_at=None`` is a moment nobody knows yet. Raises CaseIsClosed, and Refused for a moment still to come or a due
    moment before it was said.
    """
    now, terms = now or timezone.now(), terms or Terms()
    if case is not None:
        case = timeline.lock(case)
        desk = case.desk
    else:
        desk = Organisation.objects.select_for_update(of=("self",)).get(pk=desk.pk)
    rows = Commitment.objects.filter(case=case) if case else Commitment.objects.filter(case=None, desk=desk)
    if submit_key and (first := rows.filter(submit_key=submit_key).first()):
        return first
    if case is not None and not case.is_open:
        raise CaseIsClosed
    _check_said(said_at, said_on_day, terms, zone=(case or desk).zone, now=now)
    number = (rows.aggregate(last=Max("number"))["last"] or 0) + 1 if state == Promise.ASKED else None
    commitment = Commitment(
        case=case,
        desk=desk,
        number=number,
        body=body,
        form=form,
        promised_at=said_at,
        promised_on_day=said_on_day,
        state=state,
        proof=proof,
        logged_at=now,
        logged_by=by,
        submit_key=submit_key,
        gathering=None if case else gathering,
    )
    for name, value in {"text": text, **words}.items():
        setattr(commitment, name, _clean(case, value, by, now)[: _TEXTS[name]])
    _set_terms(commitment, terms, by=by, now=now)
    commitment.follow_up = _plan(commitment, by=by, now=now)
    if state == Promise.OPEN:
        commitment.event = _tell(commitment, at=said_at, on_day=said_on_day, by=by, now=now)
    commitment.save()
    if commitment.gathering:
        who = commitment.party or (str(body) if body else "")
        line = f"{who}: {commitment.text}" if who else commitment.text
        GatheringOutput.objects.create(gathering=commitment.gathering, text=line[:300])
    if state == Promise.ASKED:
        _record(commitment, EventCode.PROMISE_ASKED, by=by, now=now)
    return commitment


def _check_said(said_at: datetime | None, on_day: bool, terms: Terms, *, zone: str, now: datetime) -> None:
    if said_at and said_at > now:
        raise Refused(_("This moment is still to come. For plans, use a follow-up."))
    if rules.is_backwards(said_at, terms.due_at, on_day=on_day, zone=zone):
        raise Refused(_("It cannot be due before it was said."))


@transaction.atomic
def complete(
    *,
    commitment: Commitment,
    by: User,
    said_at: datetime | None = None,
    said_on_day: bool = False,
    body: Body | None = None,
    form: str = "",
    now: datetime | None = None,
    **words: str,
) -> Commitment:
    """Fill in what was not known when it was written; what stands there already stays as it is.

    Now that it is known when it was said, the fact on the timeline moves there by a correction. ``words`` as in
    ``_write``. Raises Refused for a moment still to come, or after it was due or ended.
    """
    now = now or timezone.now()
    commitment = _locked(commitment)
    if commitment.promised_at is None and said_at:
        terms = Terms(due_at=min(filter(None, [commitment.due_at, commitment.ended_at]), default=None))
        _check_said(said_at, said_on_day, terms, zone=_zone(commitment), now=now)
        commitment.promised_at, commitment.promised_on_day = said_at, said_on_day
        if commitment.event and commitment.case:
            facts.tell(
                case=commitment.case,
                type=commitment.event.type,
                by=by,
                text=commitment.text,
                at=said_at,
                on_day=said_on_day,
                body=commitment.body or body,
                counterpart=commitment.event.counterpart,
                corrects=commitment.event,
                now=now,
            )
    commitment.body = commitment.body or body
    commitment.form = commitment.form or form
    for name, value in words.items():
        if not getattr(commitment, name):
            setattr(commitment, name, _clean(commitment.case, value, by, now)[: _TEXTS[name]])
    return _save(commitment)


# Answers to a demand


@transaction.atomic
def grant(
    *,
    commitment: Commitment,
    by: User,
    terms: Terms | None = None,
    note: str = "",
    at: datetime | None = None,
    on_day: bool = False,
    now: datetime | None = None,
) -> Commitment:
    """The office promises what was asked for, perhaps until another moment than we asked. A second time changes nothing."""
    now = now or timezone.now()
    commitment = _locked(commitment)
    if commitment.state == Promise.OPEN and commitment.number:
        return commitment
    _check_state(commitment, {Promise.ASKED})
    if commitment.case and not commitment.case.is_open:
        raise CaseIsClosed
    at = at or now
    _check_at(commitment, at, now)
    _check_said(at, on_day, terms or Terms(), zone=_zone(commitment), now=now)
    commitment.state = Promise.OPEN
    commitment.promised_at, commitment.promised_on_day = at, on_day
    if note:
        commitment.proof_note = _clean(commitment.case, note, by, now)[:300]
    if terms and terms.term != Term.NONE:
        _set_terms(commitment, terms, by=by, now=now)
    _end_plan(commitment, by=by, now=now)
    commitment.follow_up = _plan(commitment, by=by, now=now)
    commitment.event = _tell(commitment, at=at, on_day=on_day, by=by, now=now)
    return _save(commitment)


@transaction.atomic
def refuse(*, commitment: Commitment, by: User, **given) -> Commitment:
    """The office says no to what was asked for; ``given`` as in ``_end``."""
    return _end(commitment, Promise.REFUSED, among={Promise.ASKED}, by=by, **given)


# While it stands


@transaction.atomic
def meet_condition(
    *, commitment: Commitment, by: User, at: datetime | None = None, now: datetime | None = None
) -> Commitment:
    """What it waited for has happened: now it is due, so many days later. A second time changes nothing."""
    now = now or timezone.now()
    at = at or now
    commitment = _locked(commitment)
    if commitment.term != Term.CONDITION:
        raise Refused(_("This commitment waits for no condition."))
    if commitment.condition_met_at:
        return commitment
    _check_state(commitment, {Promise.OPEN})
    _check_at(commitment, at, now)
    commitment.condition_met_at = at
    commitment.due_at = rules.due_after_condition(at, commitment.span_days, _zone(commitment))
    commitment.due_is_day = True
    _end_plan(commitment, by=by, now=now)
    commitment.follow_up = _plan(commitment, by=by, now=now)
    _record(commitment, EventCode.PROMISE_MET, by=by, now=now, at=at)
    return _save(commitment)


@transaction.atomic
def review(
    *,
    commitment: Commitment,
    by: User,
    note: str = "",
    last_review_on: object = None,
    now: datetime | None = None,
) -> Commitment:
    """A standing commitment was looked at again and goes on; the next look is its months later.

    ``last_review_on`` is the day the reader saw: where somebody has looked in between, nothing changes.
    """
    now = now or timezone.now()
    commitment = _locked(commitment)
    _check_state(commitment, {Promise.OPEN})
    if commitment.term != Term.STANDING:
        raise Refused(_("Only a standing commitment is looked at again and again."))
    if last_review_on and last_review_on != commitment.next_review_on:
        return commitment
    today = now.astimezone(ZoneInfo(_zone(commitment))).date()
    since = commitment.next_review_on or today
    commitment.next_review_on = rules.next_review(since, commitment.review_months or 1, today=today)
    note = _clean(commitment.case, note, by, now)
    _end_plan(commitment, by=by, now=now)
    commitment.follow_up = _plan(commitment, by=by, now=now)
    if commitment.case:
        said = _("A standing commitment was looked at again.")
        facts.tell(
            case=commitment.case,
            type=EventType.objects.get(code=EventCode.NOTE),
            text=f"{said} {note}".strip(),
            body=commitment.body,
            by=by,
            now=now,
        )
    elif note:
        commitment.proof_note = note[:300]
    return _save(commitment)


@transaction.atomic
def begin_series(*, commitment: Commitment, by: User) -> Gathering:
    """What was promised is a series of events (S1.10): make the series and its first one, its day to be completed.

    A second time gives back the newest event of the series. Raises Refused for a commitment of a case, and
    ValidationError where ``by`` looks after no gatherings of the desk.
    """
    commitment = _locked(commitment)
    if commitment.case:
        raise Refused(_("Events come from commitments of a meeting, not of a case."))
    if commitment.series and (known := commitment.series.gatherings.order_by("-number").first()):
        return known
    _check_state(commitment, {Promise.OPEN})
    event = gatherings.hold(
        kind=GatheringKind.SHARING,
        title=commitment.text[:200],
        organisers=[commitment.desk],
        series=f"{commitment.text[:100]} ({commitment.pk})",
        by=by,
    )
    commitment.series = event.series
    _save(commitment)
    return event


# How it ended


@transaction.atomic
def keep(*, commitment: Commitment, by: User, **given) -> Commitment:
    """It was kept: in time, or late, as its due moment says; ``given`` as in ``_end``."""
    return _end(commitment, Promise.KEPT, among=PENDING, by=by, **given)


@transaction.atomic
def break_(*, commitment: Commitment, by: User, **given) -> Commitment:
    """It was not kept."""
    return _end(commitment, Promise.BROKEN, among={Promise.OPEN}, by=by, **given)


@transaction.atomic
def withdraw(*, commitment: Commitment, by: User, **given) -> Commitment:
    """It no longer stands: taken back by who gave it, or asked for no longer."""
    return _end(commitment, Promise.WITHDRAWN, among=PENDING, by=by, **given)


def _end(
    commitment: Commitment,
    state: str,
    *,
    among: frozenset | set,
    by: User,
    at: datetime | None = None,
    on_day: bool = False,
    note: str = "",
    proof_note: str = "",
    proof: Attachment | None = None,
    now: datetime | None = None,
) -> Commitment:
    """End a commitment once, with the moment, a note and perhaps proof; its follow-up ends with it.

    Raises Refused where it has ended otherwise, and for a moment still to come or before it was said.
    """
    now = now or timezone.now()
    at = at or now
    commitment = _locked(commitment)
    if state == Promise.KEPT:
        state = rules.verdict(due_at=commitment.due_at, kept_at=at, kept_on_day=on_day, zone=_zone(commitment))
        again = commitment.state in {Promise.KEPT, Promise.LATE}
    else:
        again = commitment.state == state
    if again:
        return commitment
    _check_state(commitment, among)
    _check_at(commitment, at, now)
    commitment.state, commitment.ended_at = state, at
    commitment.end_note = _clean(commitment.case, note, by, now)[:300]
    if proof_note:
        commitment.proof_note = _clean(commitment.case, proof_note, by, now)[:300]
    commitment.proof = proof or commitment.proof
    _end_plan(commitment, by=by, now=now, is_done=state != Promise.WITHDRAWN)
    outbox.cancel(thing=thing_of(commitment))
    _record(commitment, EventCode.PROMISE_ENDED, by=by, now=now, at=at, state=str(state))
    if commitment.case:
        timeline.move_turn(commitment.case)
    return _save(commitment)


# What they share


def _locked(commitment: Commitment) -> Commitment:
    if commitment.case:
        timeline.lock(commitment.case)
    rows = Commitment.objects.select_for_update(of=("self",)).select_related(
        "case", "desk__region", "body", "follow_up"
    )
    return rows.get(pk=commitment.pk)


def _save(commitment: Commitment) -> Commitment:
    commitment.version += 1
    commitment.save()
    return commitment


def _zone(commitment: Commitment) -> str:
    return commitment.case.zone if commitment.case else commitment.desk.zone


def _clean(case: Case | None, text: str, by: User, now: datetime) -> str:
    """Numbers of people leave the text; without a case there is nobody to keep them with."""
    return masking.clean(case, text, by, now=now) if case else masking_rules.mask(text)


def _check_state(commitment: Commitment, among: frozenset | set) -> None:
    if commitment.state not in among:
        raise Refused(_("Not possible any more: %(state)s.") % {"state": commitment.get_state_display()})


def _check_at(commitment: Commitment, at: datetime, now: datetime) -> None:
    if at > now:
        raise Refused(_("This is still to come. Check day and hour."))
    said = commitment.promised_at
    if said and rules.days_between(said, at, _zone(commitment)) < 0:
        raise Refused(_("This is before it was said. Check the day."))


def _set_terms(commitment: Commitment, terms: Terms, *, by: User, now: datetime) -> None:
    commitment.term = terms.term
    commitment.due_at, commitment.due_is_day = terms.due_at, terms.due_is_day
    commitment.condition = _clean(commitment.case, terms.condition, by, now)[:200]
    commitment.span_days, commitment.review_months = terms.span_days, terms.review_months
    if terms.term == Term.STANDING:
        there = ZoneInfo(_zone(commitment))
        today = now.astimezone(there).date()
        since = commitment.promised_at.astimezone(there).date() if commitment.promised_at else today
        commitment.next_review_on = rules.next_review(since, terms.review_months or 1, today=today)
    else:
        commitment.next_review_on = None


def moment_of(commitment: Commitment) -> datetime | None:
    """When to look whether it is kept: its due moment, or the day of the next look; None while nothing says when."""
    if commitment.term == Term.STANDING and commitment.next_review_on:
        return end_of_day(commitment.next_review_on, _zone(commitment))
    return commitment.due_at


def _plan(commitment: Commitment, *, by: User, now: datetime) -> FollowUp | None:
    """The follow-up to the carrier; of a moment that has passed, to ask soon. None without a case that runs."""
    case, due_at = commitment.case, moment_of(commitment)
    if case is None or not case.is_open or due_at is None:
        return None
    is_past = due_at <= now
    if commitment.term == Term.STANDING:
        title = _("Look again at the commitment: %(what)s")
    elif commitment.state == Promise.ASKED:
        title = _("Ask for an answer: %(what)s")
    else:
        title = _("Ask whether it was kept: %(what)s")
    return follow_ups.schedule(
        case=case,
        title=(title % {"what": commitment.text})[:160],
        due_at=first_look(now, case.urgency) if is_past else min(due_at, now + FURTHEST_AHEAD - timedelta(days=1)),
        due_is_day=not is_past and (commitment.due_is_day or commitment.term == Term.STANDING),
        owner=case.assignee,
        by=by,
        kind=FollowUpKind.ANSWER,
        now=now,
    )


def _end_plan(commitment: Commitment, *, by: User, now: datetime, is_done: bool = True) -> None:
    follow_up = commitment.follow_up
    if follow_up is None or follow_up.state != FollowUpState.OPEN:
        return
    if is_done:
        follow_ups.finish(follow_up=follow_up, by=by, now=now)
    else:
        follow_ups.cancel(follow_up=follow_up, by=by, now=now)


def _tell(commitment: Commitment, *, at: datetime | None, on_day: bool, by: User, now: datetime):
    """The fact that it was promised, on the timeline of the case; a moment nobody knows is said to be unknown."""
    if commitment.case is None:
        return None
    text = commitment.text if at else f"{commitment.text} ({_('when it was said is not known yet')})"
    return facts.tell(
        case=commitment.case,
        type=EventType.objects.get(code=EventCode.PROMISED),
        by=by,
        text=text,
        at=at,
        on_day=on_day,
        body=commitment.body,
        counterpart=(commitment.official or commitment.party)[:120],
        now=now,
    )


def _record(
    commitment: Commitment, code: str, *, by: User, now: datetime, at: datetime | None = None, **data: str
) -> None:
    if commitment.case:
        data = {"commitment": str(commitment.uuid), **data}
        timeline.record(commitment.case, code, by=by, now=now, at=at, body=commitment.body, data=data)


# Commitments that no follow-up speaks of


def thing_of(commitment: Commitment) -> str:
    """How messages name it."""
    return f"commitment:{commitment.uuid}"


def remind_due(*, now: datetime) -> int:
    """Tell of commitments that no follow-up can remind of: those of a desk, and those of cases that are closed.

    The coordinators of the desk hear the day before, when the moment has passed, and each week after that, four times.
    Of a restricted case only who carried it hears. Safe to run often: the key names the moment and the telling.
    """
    soon = now + rules.TELL_BEFORE
    rows = (
        Commitment.objects.pending()
        .filter(Q(case__isnull=True) | Q(case__status=Status.CLOSED))
        .filter(Q(term=Term.STANDING, next_review_on__lte=soon.date() + timedelta(days=1)) | Q(due_at__lte=soon))
        .select_related("case__assignee", "desk__region")
    )
    rows = list(rows)
    if not rows:
        return 0
    tiers = coordinators.tiers({row.desk_id for row in rows}, on=timezone.localdate(now))
    notes = [note for row in rows for note in _notes(row, tiers.get(row.desk_id, []), now)]
    return outbox.post_all(notes, now=now) if notes else 0


def _notes(row: Commitment, tiers: list[list[User]], now: datetime) -> list[Note]:
    due_at = moment_of(row)
    telling = rules.tells_due(due_at, now) if due_at else None
    if due_at is None or telling is None:
        return []
    if row.case and row.case.is_restricted:
        people = [row.case.assignee] if row.case.assignee and row.case.assignee.is_active else []
    else:
        people = tiers[0] if tiers else []
    return [
        Note(
            recipient=one,
            kind="commitment_due",
            key=f"{thing_of(row)}@{due_at.isoformat()}:{telling}",
            data={
                "due_at": due_at.isoformat(),
                "due_is_day": row.due_is_day or row.term == Term.STANDING,
                "zone": _zone(row),
                "is_late": now >= due_at,
                "is_review": row.term == Term.STANDING,
            },
            path=reverse("cases:commitment", args=[row.uuid]),
            thing=thing_of(row),
            about=row.case.about if row.case else "",
        )
        for one in people
    ]
