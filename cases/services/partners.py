"""Who else helps on a case: a union, a body or a group, each asked on a day, with its own task. It opens the case to nobody."""

from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case, CasePartner
from cases.rules.codes import EventCode
from cases.rules.errors import CaseIsClosed, Refused
from cases.rules.registers import PartnerState
from cases.services import masking, timeline
from members.models import Body, Organisation, User
from members.services import places


def search(words: str) -> QuerySet[Organisation]:
    """Organisations whose name, short name or other name holds every word; those that are active."""
    rows = Organisation.objects.filter(is_active=True)
    for word in words.split()[:6]:
        rows = rows.filter(Q(name__icontains=word) | Q(abbreviation__icontains=word) | Q(aliases__icontains=word))
    return rows.order_by("name")


def search_bodies(words: str) -> QuerySet[Body]:
    """Facilities, offices and social bodies whose name holds every word."""
    return places.search(words)


@transaction.atomic
def add(
    *,
    case: Case,
    by: User,
    organisation: Organisation | None = None,
    body: Body | None = None,
    name: str = "",
    task: str = "",
    contact: str = "",
    state: str = PartnerState.ACCEPTED,
    state_on: date | None = None,
    now: datetime | None = None,
    submit_key: UUID | None = None,
) -> CasePartner:
    """Write down who helps and with what. A repeated ``submit_key`` gives back the first row.

    Raises CaseIsClosed, and Refused for a partner without a name or a day to come.
    """
    now = now or timezone.now()
    case = timeline.lock(case)
    if submit_key and (first := CasePartner.objects.filter(submit_key=submit_key, case=case).first()):
        return first
    _check(case, state_on, now)
    name = " ".join(masking.clean(case, name, by, now=now).split())[:160]
    if not (organisation or body or name):
        raise Refused(_("Say who helps."))
    partner = CasePartner(
        case=case,
        organisation=organisation,
        body=None if organisation else body,
        name="" if organisation or body else name,
        task=masking.clean(case, task.strip(), by, now=now)[:200],
        contact=masking.clean(case, contact.strip(), by, now=now)[:120],
        state=state,
        state_on=state_on,
        logged_at=now,
        logged_by=by,
        submit_key=submit_key,
    )
    return _keep(partner, by=by, now=now, is_told=True)


@transaction.atomic
def move(
    *,
    partner: CasePartner,
    state: str,
    by: User,
    state_on: date | None = None,
    task: str = "",
    contact: str = "",
    now: datetime | None = None,
) -> CasePartner:
    """Say what became of it, on which day; the earlier days stay on the timeline. The same once more tells nothing.

    Raises CaseIsClosed, and Refused for a day to come.
    """
    now = now or timezone.now()
    case = timeline.lock(partner.case)
    current = CasePartner.objects.select_related("case").get(pk=partner.pk)
    _check(case, state_on, now)
    is_told = (current.state, current.state_on) != (state, state_on)
    current.state, current.state_on = state, state_on
    current.task = masking.clean(case, task.strip(), by, now=now)[:200]
    current.contact = masking.clean(case, contact.strip(), by, now=now)[:120]
    return _keep(current, by=by, now=now, is_told=is_told)


def _check(case: Case, day: date | None, now: datetime) -> None:
    if not case.is_open:
        raise CaseIsClosed
    if day and day > now.astimezone(ZoneInfo(case.zone)).date():
        raise Refused(_("This day is still to come. For what is to be done, use a follow-up."))


def _keep(partner: CasePartner, *, by: User, now: datetime, is_told: bool) -> CasePartner:
    partner.save()
    if is_told:
        on = partner.state_on.isoformat() if partner.state_on else ""
        data = {"partner": str(partner.uuid), "state": partner.state, "on": on}
        timeline.record(partner.case, EventCode.PARTNER_ADDED, by=by, now=now, data=data)
    return partner
