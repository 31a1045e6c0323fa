"""The playbook of a case: which one, how far along, and its steps taken up as follow-ups or left out with a reason."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case, Event, EventType, FollowUp, PayerDecision, Playbook, PlaybookStep
from cases.rules import playbook as rules
from cases.rules.codes import EventCode, FollowUpState
from cases.rules.errors import CaseIsClosed, Refused
from cases.services import follow_ups, masking, timeline
from members.models import User

#: Keys of follow-ups and notes are made from case and step, so that two people who take up one step make one follow-up.
_SPACE = UUID("5a1e1f3e-3f8c-4a53-9d0a-9c4d5a7c2f10")
#: How often one step can be taken up anew after it was cancelled.
_TIMES = 6


@dataclass
class StepState:
    """A step as it stands on a case: taken up, done, left out with a reason, or still free, and when it would be due."""

    step: PlaybookStep
    due: rules.Due
    follow_up: FollowUp | None = None
    skipped: Event | None = None

    @property
    def is_taken(self) -> bool:
        return self.follow_up is not None and self.follow_up.state == FollowUpState.OPEN

    @property
    def is_done(self) -> bool:
        return self.follow_up is not None and self.follow_up.state == FollowUpState.DONE

    @property
    def is_skipped(self) -> bool:
        return self.skipped is not None and not (self.is_taken or self.is_done)

    @property
    def is_free(self) -> bool:
        return not (self.is_taken or self.is_done or self.is_skipped)

    @property
    def reason(self) -> str:
        """Why it was left out, in the words of who did."""
        return self.skipped.data.get("reason", "") if self.skipped else ""


@dataclass
class Progress:
    """A playbook on a case."""

    playbook: Playbook
    steps: list[StepState] = field(default_factory=list)

    @property
    def done(self) -> int:
        return sum(each.is_done for each in self.steps)

    @property
    def settled(self) -> int:
        """Steps that somebody has decided about."""
        return sum(not each.is_free for each in self.steps)


def in_force(*, on=None) -> QuerySet[Playbook]:
    """The playbooks that hold on a day."""
    on = on or timezone.localdate()
    began = Q(effective_from__isnull=True) | Q(effective_from__lte=on)
    return Playbook.objects.filter(began, Q(effective_to__isnull=True) | Q(effective_to__gte=on))


def choose(case: Case, *, problem_type=None) -> Playbook | None:
    """The playbook of the case's main problem (or of another one) for its place and its payer; None where none holds."""
    problem_type = problem_type or case.problem_type
    if problem_type is None:
        return None
    rows = list(in_force().filter(problem_type=problem_type).select_related("problem_type"))
    if len(rows) < 2 and all(not row.facility_level and not row.payer for row in rows):
        return rows[0] if rows else None
    return rules.best(rows, levels=_levels(case), payer=_payer(case))


def take_up(*, case: Case, step: PlaybookStep, by: User, now: datetime | None = None) -> FollowUp:
    """Make a step a follow-up; one that is taken up or done already is given back as it is. Raises CaseIsClosed."""
    now = now or timezone.now()
    with transaction.atomic():
        case = timeline.lock(case)
        if not case.is_open:
            raise CaseIsClosed
        keys = list(_keys(case, step))
        known = {row.submit_key: row for row in case.follow_ups.filter(submit_key__in=keys)}
        for row in known.values():
            if row.state != FollowUpState.CANCELLED:
                return row
        key = next((key for key in keys if key not in known), None)
        if key is None:
            raise Refused(_("This step was cancelled too often. Add a plan of your own."))
        moment = rules.due(moments_of(case), after_event=step.after_event, offset_hours=step.offset_hours, now=now)
        return follow_ups.schedule(
            case=case,
            title=step.title,
            due_at=moment.at,
            owner=case.assignee or by,
            by=by,
            kind=step.kind,
            now=now,
            submit_key=key,
        )


def skip(*, case: Case, step: PlaybookStep, reason: str, by: User, now: datetime | None = None) -> Event:
    """Leave a step out, for a reason that the timeline keeps. A second time changes nothing.

    Raises Refused without a reason or for a step that is taken up, and CaseIsClosed.
    """
    reason = " ".join(reason.split())
    if not reason:
        raise Refused(_("Say why this step is left out."))
    now = now or timezone.now()
    with transaction.atomic():
        case = timeline.lock(case)
        if not case.is_open:
            raise CaseIsClosed
        if case.follow_ups.filter(submit_key__in=_keys(case, step)).exclude(state=FollowUpState.CANCELLED).exists():
            raise Refused(_("This step is taken up already. Cancel its plan first."))
        reason = masking.clean(case, reason, by, now=now)
        return timeline.add_event(
            case=case,
            type=EventType.objects.get(code=EventCode.NOTE),
            by=by,
            text=_("Step left out: %(step)s. Reason: %(reason)s") % {"step": step.title, "reason": reason},
            now=now,
            data={"playbook": step.playbook.code, "step": step.position, "reason": reason},
            submit_key=_skip_key(case, step),
        )


def progress(case: Case, playbook: Playbook, *, now: datetime | None = None) -> Progress:
    """How far the case is along a playbook, in a fixed number of statements."""
    now = now or timezone.now()
    steps = list(playbook.steps.prefetch_related("rules"))
    moments = moments_of(case)
    keys = {key: step.pk for step in steps for key in _keys(case, step)}
    taken: dict[int, FollowUp] = {}
    for row in case.follow_ups.filter(submit_key__in=keys).select_related("owner").order_by("pk"):
        if row.state != FollowUpState.CANCELLED:
            taken[keys[row.submit_key]] = row
    skip_keys = {_skip_key(case, step): step.pk for step in steps}
    skipped = {
        skip_keys[row.submit_key]: row
        for row in case.events.filter(submit_key__in=skip_keys).select_related("logged_by")
    }
    return Progress(
        playbook,
        [
            StepState(
                step,
                rules.due(moments, after_event=step.after_event, offset_hours=step.offset_hours, now=now),
                taken.get(step.pk),
                skipped.get(step.pk),
            )
            for step in steps
        ],
    )


def moments_of(case: Case) -> dict[str, datetime]:
    """The last moment of every event type of a case; what was corrected counts as the correction says."""
    rows = case.events.filter(corrections__isnull=True).order_by()
    return dict(rows.values_list("type__code").annotate(last=Max("happened_at")))


def _levels(case: Case) -> set[str]:
    return set(case.place.kinds.values_list("code", flat=True)) if case.place else set()


def _payer(case: Case) -> str:
    """Who pays, by the newest decision on the case."""
    newest = PayerDecision.objects.filter(case=case).order_by("-logged_at", "-pk").first()
    return newest.chosen if newest else ""


def _keys(case: Case, step: PlaybookStep) -> Iterator[UUID]:
    name = f"{case.uuid}/{step.playbook.code}/{step.position}"
    return (uuid5(_SPACE, f"{name}/{number}") for number in range(_TIMES))


def _skip_key(case: Case, step: PlaybookStep) -> UUID:
    return uuid5(_SPACE, f"{case.uuid}/{step.playbook.code}/{step.position}/skip")
