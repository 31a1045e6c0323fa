"""The gate of every page of a case: what is not yours is a 404, and the try leaves a row (TRUST R14, R47)."""

from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from cases.models import Attachment, Case, CaseParty, CaseShare, Clock, Event, FollowUp, HandOver
from cases.services import restriction
from members.models import AccessLog
from members.rules.roles import Permission
from members.services import access


def log(request: HttpRequest, action: str, *, kind: str = "case", uuid: UUID | None = None, **extra) -> None:
    """One row of the access log for this request."""
    access.record(action, by=request.user, kind=kind, uuid=uuid, address=request.META.get("REMOTE_ADDR", ""), **extra)


def case_or_404(request: HttpRequest, uuid: UUID, permission: str) -> Case:
    """The case, where this user holds the permission on it."""
    case = Case.objects.permitted(request.user, permission).for_rows().filter(uuid=uuid).first()
    return case or _refuse(request, Case, "case", uuid)


def attachment_or_404(request: HttpRequest, uuid: UUID, permission: str) -> Attachment:
    """A paper of a case on which this user holds the permission."""
    rows = Attachment.objects.permitted(request.user, permission).select_related("case")
    return rows.filter(uuid=uuid).first() or _refuse(request, Attachment, "attachment", uuid)


def party_or_404(request: HttpRequest, uuid: UUID, permission: str) -> CaseParty:
    """A person on a case on which this user holds the permission."""
    cases = Case.objects.permitted(request.user, permission)
    rows = CaseParty.objects.filter(case__in=cases).select_related("case", "case__place", "person")
    return rows.filter(uuid=uuid).first() or _refuse(request, CaseParty, "party", uuid)


def event_or_404(request: HttpRequest, uuid: UUID, permission: str) -> Event:
    """A line of the timeline of a case on which this user holds the permission."""
    rows = Event.objects.filter(case__in=Case.objects.permitted(request.user, permission))
    rows = rows.select_related("case", "case__place", "type", "logged_by", "body", "corrects__type")
    return rows.filter(uuid=uuid).first() or _refuse(request, Event, "event", uuid)


def follow_up_or_404(request: HttpRequest, uuid: UUID, permission: str) -> FollowUp:
    """A plan of a case on which this user holds the permission."""
    rows = FollowUp.objects.permitted(request.user, permission)
    rows = rows.select_related("case", "case__assignee", "case__place", "owner")
    return rows.filter(uuid=uuid).first() or _refuse(request, FollowUp, "follow_up", uuid)


def clock_or_404(request: HttpRequest, uuid: UUID, permission: str) -> Clock:
    """A clock of a case on which this user holds the permission."""
    rows = Clock.objects.permitted(request.user, permission)
    rows = rows.select_related("case", "case__place", "rule", "started_by_event__type")
    return rows.filter(uuid=uuid).first() or _refuse(request, Clock, "clock", uuid)


def of_case_or_404(request: HttpRequest, rows: QuerySet, uuid: UUID, permission: str):
    """A row of one of the registers (money, papers …) of a case on which this user holds the permission."""
    found = rows.permitted(request.user, permission).select_related("case", "case__place").filter(uuid=uuid).first()
    return found or _refuse(request, rows.model, rows.model._meta.model_name, uuid)


def handover_or_404(request: HttpRequest, uuid: UUID) -> HandOver:
    """An offer of a case that this user may open; who may answer it is for the service to say."""
    rows = HandOver.objects.filter(case__in=Case.objects.permitted(request.user, Permission.CASE_VIEW))
    rows = rows.select_related("case", "case__place", "from_user", "to_user", "to_desk")
    return rows.filter(uuid=uuid).first() or _refuse(request, HandOver, "handover", uuid)


def share_or_404(request: HttpRequest, uuid: UUID) -> CaseShare:
    """A share of a case that this user may end: who carries or assigns the case, and who it is shared with."""
    row = CaseShare.objects.select_related("case", "user", "organisation").filter(uuid=uuid).first()
    if row and (
        row.user_id == request.user.pk
        or (
            Case.objects.permitted(request.user, Permission.CASE_VIEW).filter(pk=row.case_id).exists()
            and restriction.may_restrict(request.user, row.case)
        )
    ):
        return row
    return _refuse(request, CaseShare, "share", uuid)


def _refuse(request: HttpRequest, model, kind: str, uuid: UUID):
    if model.objects.filter(uuid=uuid).exists():
        log(request, AccessLog.Action.REFUSED, kind=kind, uuid=uuid)
    raise Http404
