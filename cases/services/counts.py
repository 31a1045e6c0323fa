"""Dated counts of a case: how many, as of which day, by whose word; nobody's number replaces another's."""

from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case, CaseCount, Programme
from cases.rules.codes import EventCode
from cases.rules.errors import CaseIsClosed, Refused
from cases.rules.registers import Counted
from cases.services import masking, timeline
from members.models import User

#: More than the people of the country is a slip of the finger.
MOST = 300_000_000


@transaction.atomic
def add(
    *,
    case: Case,
    what: str,
    number: int,
    source: str,
    by: User,
    what_text: str = "",
    is_estimate: bool = False,
    on_date: date | None = None,
    programme: Programme | None = None,
    now: datetime | None = None,
    submit_key: UUID | None = None,
) -> CaseCount:
    """Write down one count with who says so; the words of a count known already under other capitals are the same.

    A repeated ``submit_key`` gives back the first row. Raises CaseIsClosed, and Refused for a day to come, a number that
    nobody means, or a count of something else without words.
    """
    now = now or timezone.now()
    case = timeline.lock(case)
    if submit_key and (first := CaseCount.objects.filter(submit_key=submit_key, case=case).first()):
        return first
    if not case.is_open:
        raise CaseIsClosed
    if on_date and on_date > now.astimezone(ZoneInfo(case.zone)).date():
        raise Refused(_("This day is still to come. A count holds on a day that was."))
    if not 0 <= number <= MOST:
        raise Refused(_("This number is too large. Check it."))
    words = " ".join(masking.clean(case, what_text, by, now=now).split())[:120]
    if what == Counted.OTHER and not words:
        raise Refused(_("Say in words what is counted."))
    known = case.casecounts.filter(what=what, what_text__iexact=words).values_list("what_text", flat=True).first()
    count = CaseCount(
        case=case,
        what=what,
        what_text=known or words,
        number=number,
        is_estimate=is_estimate,
        on_date=on_date,
        source=masking.clean(case, source.strip(), by, now=now)[:160],
        programme=programme,
        logged_at=now,
        logged_by=by,
        submit_key=submit_key,
    )
    count.save()
    timeline.record(case, EventCode.COUNTED, by=by, now=now, data={"count": str(count.uuid), "what": what})
    return count
