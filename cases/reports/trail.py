"""Who opened a case: the access log of the case, its people and its papers (TRUST R47)."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q, QuerySet

from cases.models import Attachment, Case, CaseParty
from members.models import AccessLog


@dataclass(frozen=True)
class Trail:
    """How many people opened the case, and when last."""

    people: int
    last_at: datetime | None


def rows(case: Case) -> QuerySet[AccessLog]:
    """Every row about the case, newest first."""
    parts = Q(object_kind="case", object_uuid=case.uuid)
    parts |= Q(object_kind="party", object_uuid__in=CaseParty.objects.filter(case=case).values("uuid"))
    parts |= Q(object_kind="attachment", object_uuid__in=Attachment.objects.filter(case=case).values("uuid"))
    return AccessLog.objects.filter(parts).select_related("user").order_by("-at", "-pk")


def over(case: Case) -> Trail:
    """The line on the case page: openings by people who were let in."""
    opened = rows(case).exclude(action=AccessLog.Action.REFUSED).order_by()
    found = opened.aggregate(people=Count("user", distinct=True), last_at=Max("at"))
    return Trail(found["people"], found["last_at"])
