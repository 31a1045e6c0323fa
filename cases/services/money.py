"""The ledger of a case: a line for every bill, payment, donation and refund; a mistake is taken back by a second line."""

from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Attachment, Case, MoneyLine
from cases.rules.codes import EventCode
from cases.rules.errors import CaseIsClosed, Refused
from cases.services import masking, timeline
from members.models import Body, User

#: What stands in place of a receipt number where somebody says that there is no proof.
NO_PROOF = "-"


@transaction.atomic
def add(
    *,
    case: Case,
    kind: str,
    amount: int,
    by: User,
    on_date: date | None = None,
    payer: str = "",
    payee: str = "",
    body: Body | None = None,
    note: str = "",
    proof: Attachment | None = None,
    proof_note: str = "",
    now: datetime | None = None,
    submit_key: UUID | None = None,
) -> MoneyLine:
    """Write down one line. A repeated ``submit_key`` gives back the first one.

    Raises CaseIsClosed, and Refused for a day to come or a proof of another case.
    """
    now = now or timezone.now()
    case = timeline.lock(case)
    if submit_key and (first := MoneyLine.objects.filter(submit_key=submit_key, case=case).first()):
        return first
    if not case.is_open:
        raise CaseIsClosed
    if on_date and on_date > now.astimezone(ZoneInfo(case.zone)).date():
        raise Refused(_("This day is still to come. Note money when it moves."))
    if proof and proof.case_id != case.pk:
        raise Refused(_("This proof belongs to another case."))
    line = MoneyLine(
        case=case,
        kind=kind,
        amount=amount,
        on_date=on_date,
        payer=masking.clean(case, payer.strip(), by, now=now)[:120],
        payee=masking.clean(case, payee.strip(), by, now=now)[:120],
        body=body,
        note=masking.clean(case, note.strip(), by, now=now)[:200],
        proof=proof,
        proof_note=masking.clean(case, proof_note.strip(), by, now=now)[:120],
        logged_at=now,
        logged_by=by,
        submit_key=submit_key,
    )
    return _keep(line, by=by, now=now)


@transaction.atomic
def take_back(*, line: MoneyLine, by: User, now: datetime | None = None) -> MoneyLine:
    """Take a line back with a second line of the same kind and amount; a second tap gives back the first one's.

    Raises CaseIsClosed, and Refused for a line that itself takes another back.
    """
    now = now or timezone.now()
    case = timeline.lock(line.case)
    if first := MoneyLine.objects.filter(takes_back=line).first():
        return first
    if not case.is_open:
        raise CaseIsClosed
    if line.takes_back_id:
        raise Refused(_("This line already takes another one back. Note the money once more instead."))
    back = MoneyLine(
        case=case,
        kind=line.kind,
        amount=line.amount,
        on_date=now.astimezone(ZoneInfo(case.zone)).date(),
        body=line.body,
        takes_back=line,
        logged_at=now,
        logged_by=by,
    )
    return _keep(back, by=by, now=now)


def _keep(line: MoneyLine, *, by: User, now: datetime) -> MoneyLine:
    """Save a line and tell the timeline that there is one: never for whom."""
    line.save()
    data = {"line": str(line.uuid), "kind": line.kind, "amount": line.amount}
    if line.takes_back:
        data["takes_back"] = str(line.takes_back.uuid)
    timeline.record(line.case, EventCode.MONEY_NOTED, by=by, now=now, data=data)
    return line
