"""The card and the payer of a case: what was believed, what a check showed, who pays and why (RULES 1.2–1.9)."""

from dataclasses import asdict
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case, CoverCheck, EventType, MembershipState, PayerDecision, Segment
from cases.rules import payer
from cases.rules.codes import EventCode
from cases.rules.errors import CaseIsClosed, Refused
from cases.services import facts, masking, timeline
from members.models import User

#: The kind of event a check of the card is.
CHECKED = "membership_checked"


@transaction.atomic
def record_check(
    *,
    case: Case,
    is_check: bool,
    by: User,
    segment: Segment | None = None,
    state: MembershipState | None = None,
    class_of_right: str = "",
    source: str = "",
    note: str = "",
    stated_at: datetime | None = None,
    now: datetime | None = None,
    submit_key: UUID | None = None,
) -> CoverCheck:
    """Keep what the family believes of the card, or what a check showed, and tell it on the timeline.

    A repeated ``submit_key`` gives back the first row. Raises CaseIsClosed, and Refused where nothing was said.
    """
    now = now or timezone.now()
    case = timeline.lock(case)
    if submit_key and (first := CoverCheck.objects.filter(submit_key=submit_key, case=case).first()):
        return first
    if not case.is_open:
        raise CaseIsClosed
    if not (segment or state or note.strip()):
        raise Refused(_("Choose a segment or a state, or write a note."))
    check = CoverCheck.objects.create(
        case=case,
        is_check=is_check,
        segment=segment,
        state=state,
        class_of_right=class_of_right,
        source=masking.clean(case, source.strip(), by, now=now),
        note=masking.clean(case, note.strip(), by, now=now),
        stated_at=stated_at or now,
        logged_at=now,
        logged_by=by,
        submit_key=submit_key,
    )
    said = [str(each) for each in (state, segment) if each] + [each for each in (check.source, check.note) if each]
    text = "; ".join(said)
    _tell(
        case,
        CHECKED if is_check else EventCode.NOTE,
        by=by,
        text=text if is_check else _("Believed of the card: %(what)s") % {"what": text},
        at=check.stated_at,
        now=now,
    )
    return check


@transaction.atomic
def decide_payer(
    *,
    case: Case,
    known: payer.Facts,
    chosen: str,
    by: User,
    reason: str = "",
    now: datetime | None = None,
    submit_key: UUID | None = None,
) -> PayerDecision:
    """Keep who pays, on which facts; the earlier decisions stay as the history.

    Raises CaseIsClosed, and Refused for another payer than the first one without a reason.
    """
    now = now or timezone.now()
    case = timeline.lock(case)
    if submit_key and (first := PayerDecision.objects.filter(submit_key=submit_key, case=case).first()):
        return first
    if not case.is_open:
        raise CaseIsClosed
    found = payer.decide(known)
    if found.steps[0].payer != chosen and not reason.strip():
        raise Refused(_("Say why it is another payer than the first."))
    reason = masking.clean(case, reason.strip(), by, now=now)[:300]
    decision = PayerDecision.objects.create(
        case=case,
        facts=asdict(known),
        payers=[
            {"payer": str(step.payer), "why": str(step.why), "source": step.source, "confidence": step.confidence}
            for step in found.steps
        ],
        chosen=chosen,
        reason=reason,
        logged_at=now,
        logged_by=by,
        submit_key=submit_key,
    )
    text = _("Payer: %(payer)s") % {"payer": payer.Payer(chosen).label}
    _tell(case, EventCode.NOTE, by=by, text=f"{text}. {reason}".strip(), at=None, now=now)
    return decision


def newest_check(case: Case) -> CoverCheck | None:
    """What to go by: the newest check; without one, what was believed last."""
    rows = CoverCheck.objects.filter(case=case).select_related("segment", "state")
    return rows.order_by("-is_check", "-stated_at", "-pk").first()


def day_of(case: Case) -> date:
    """The day whose law counts for a case: when it happened, else when it was logged, by the clock of the place."""
    return (case.occurred_at or case.created_at).astimezone(ZoneInfo(case.zone)).date()


def _tell(case: Case, code: str, *, by: User, text: str, at: datetime | None, now: datetime) -> None:
    facts.tell(case=case, type=EventType.objects.get(code=code), by=by, text=text, at=at, now=now)
