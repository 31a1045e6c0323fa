"""What the one concerned agrees to, or refuses: asked once in words, kept with who said it and how (DECISIONS 19)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Attachment, Case, CaseParty, Consent
from cases.rules.codes import EventCode, FollowUpKind
from cases.rules.errors import Refused
from cases.rules.registers import Purpose
from cases.services import follow_ups, masking, timeline
from members.models import User


@transaction.atomic
def state(
    *,
    case: Case,
    answers: Mapping[str, bool],
    by: User,
    party: CaseParty | None = None,
    form: str = "",
    stated_at: datetime | None = None,
    note: str = "",
    proof: Attachment | None = None,
    now: datetime | None = None,
    submit_key: UUID | None = None,
) -> list[Consent]:
    """Keep an answer for each purpose that was asked about; the newest of a purpose holds.

    What was planned to ask for consent is done by it. A repeated ``submit_key`` gives back what was kept then. Raises
    Refused where nothing was answered, for a moment to come, and for a person or paper of another case.
    """
    now = now or timezone.now()
    case = timeline.lock(case)
    if submit_key and (first := Consent.objects.filter(submit_key=submit_key, case=case).first()):
        return list(Consent.objects.filter(case=case, logged_at=first.logged_at, logged_by=first.logged_by_id))
    if not answers:
        raise Refused(_("Choose at least one answer."))
    if stated_at and stated_at > now:
        raise Refused(_("This is still to come. Check day and hour."))
    if any(row is not None and row.case_id != case.pk for row in (party, proof)):
        raise Refused(_("Choose one from the list."))
    note = masking.clean(case, note.strip(), by, now=now)[:200]
    rows = Consent.objects.bulk_create(
        Consent(
            case=case,
            purpose=purpose,
            is_given=is_given,
            party=party,
            form=form,
            stated_at=stated_at or now,
            note=note,
            proof=proof,
            logged_at=now,
            logged_by=by,
            submit_key=submit_key if at == 0 else None,
        )
        for at, (purpose, is_given) in enumerate(answers.items())
    )
    said = {f"consent_{purpose}": is_given for purpose, is_given in answers.items()}
    timeline.record(case, EventCode.CONSENT_STATED, by=by, at=stated_at, now=now, text=note, data=said)
    for follow_up in case.follow_ups.open().filter(kind=FollowUpKind.CONSENT):
        follow_ups.finish(follow_up=follow_up, by=by, now=now)
    return rows


def standing(case: Case) -> dict[str, Consent]:
    """The answer that holds for each purpose somebody was asked about; one statement."""
    found: dict[str, Consent] = {}
    for row in Consent.objects.filter(case=case).select_related("party__person", "proof").order_by("stated_at", "pk"):
        found[row.purpose] = row
    return found


def is_live(case: Case, purpose: str = Purpose.SHARE) -> bool:
    """Whether the newest answer for a purpose is yes."""
    newest = Consent.objects.filter(case=case, purpose=purpose).order_by("-stated_at", "-pk").first()
    return newest is not None and newest.is_given


def agreed(cases: Iterable[Case], purpose: str) -> set[int]:
    """Of these cases (by id) those whose newest answer for a purpose is yes; one statement."""
    newest: dict[int, bool] = {}
    rows = Consent.objects.filter(case__in=[case.pk for case in cases], purpose=purpose).order_by("stated_at", "pk")
    for case, is_given in rows.values_list("case", "is_given"):
        newest[case] = is_given
    return {case for case, is_given in newest.items() if is_given}
