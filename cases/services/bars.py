"""A case hidden from a unit and everything below it: the member's own hospital never sees a case against it (S4.17)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case, CaseBar, CaseShare
from cases.rules.codes import EventCode, HandOverState
from cases.rules.errors import Refused
from cases.services import carrying, masking, timeline
from cases.services.rights import is_hidden_from, people_of
from members.models import Closure, Organisation, User


@transaction.atomic
def hide(
    *,
    case: Case,
    organisation: Organisation,
    by: User,
    reason: str = "",
    now: datetime | None = None,
    submit_key: UUID | None = None,
) -> CaseBar:
    """Hide the case from everybody who holds an office at this unit or below; who is named on it stays.

    An open offer to somebody there is taken back. A unit it is hidden from already gives back that row. Raises Refused
    where whoever does it would lose the case by it.
    """
    now = now or timezone.now()
    case = timeline.lock(case)
    if submit_key and (first := CaseBar.objects.filter(submit_key=submit_key, case=case).first()):
        return first
    if standing := open_bars(case).filter(organisation=organisation).first():
        return standing
    if by.pk in people_of(organisation, on=timezone.localdate(now)) and not _is_named(case, by, now):
        raise Refused(_("You hold an office there yourself. Hand the case over first, or let somebody else hide it."))
    bar = CaseBar.objects.create(
        case=case,
        organisation=organisation,
        reason=masking.clean(case, reason.strip(), by, now=now)[:200],
        logged_at=now,
        logged_by=by,
        submit_key=submit_key,
    )
    for offer in case.handovers.filter(state=HandOverState.OFFERED).select_related("to_user"):
        if is_hidden_from(case, offer.to_user):
            carrying.withdraw(handover=offer, by=by, now=now)
    data = {"bar": str(bar.uuid), "unit": str(organisation.uuid)}
    timeline.record(
        case, EventCode.BARRED, by=by, text=": ".join(filter(None, [str(organisation), bar.reason])), now=now, data=data
    )
    return bar


@transaction.atomic
def show(*, bar: CaseBar, by: User, now: datetime | None = None) -> CaseBar:
    """Let the unit see the case again as any other; a second tap changes nothing."""
    now = now or timezone.now()
    case = timeline.lock(bar.case)
    if CaseBar.objects.filter(pk=bar.pk, ended_at__isnull=True).update(ended_at=now):
        timeline.record(case, EventCode.UNRESTRICTED, by=by, now=now, data={"bar": str(bar.uuid)})
    bar.refresh_from_db()
    return bar


def open_bars(case: Case):
    """The units this case is hidden from now."""
    return CaseBar.objects.filter(case=case, ended_at__isnull=True).select_related("organisation").order_by("pk")


def proposals(case: Case) -> list[Organisation]:
    """The unions inside the facility or employer this case is about, from which nothing hides it yet (two statements)."""
    if case.place_id is None:
        return []
    about = Q(body=case.place_id) | Q(body__merged_into=case.place_id)
    if case.place and case.place.merged_into_id:
        about |= Q(body=case.place.merged_into_id)
    barred = Closure.objects.filter(ancestor__in=open_bars(case).values("organisation")).values("descendant")
    rows = Organisation.objects.filter(about, is_active=True).exclude(pk__in=barred)
    return list(rows.order_by("name")[:5])


def may_propose() -> Q:
    """Whether a union stands inside the place of a case that is hidden from nobody yet, to be annotated on a case."""
    inside = Organisation.objects.filter(body=OuterRef("place"), is_active=True)
    open_ones = CaseBar.objects.filter(case=OuterRef("pk"), ended_at__isnull=True)
    return Q(Exists(inside)) & ~Q(Exists(open_ones))


def _is_named(case: Case, user: User, now: datetime) -> bool:
    if case.assignee_id == user.pk:
        return True
    return CaseShare.objects.live(now).filter(case=case, user=user).exists()
