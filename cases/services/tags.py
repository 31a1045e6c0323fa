"""The labels of one case."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case, CaseTag, TakenTag
from cases.rules.errors import Refused
from cases.rules.tags import MOST
from cases.services import timeline
from members.models import User


@transaction.atomic
def put(*, case: Case, labels: Sequence[str], by: User, now: datetime | None = None) -> None:
    """The case carries these labels and no others. Raises Refused for too many, and for a restricted case."""
    now = now or timezone.now()
    case = timeline.lock(case)
    if case.is_restricted:
        raise Refused(_("A restricted case carries no labels."))
    if len(labels) > MOST:
        raise Refused(_("At most ten labels on a case. Take some away."))
    CaseTag.objects.filter(case=case).exclude(label__in=labels).delete()
    rows = [CaseTag(case=case, label=label, tagged_at=now, tagged_by=by) for label in labels]
    CaseTag.objects.bulk_create(rows, ignore_conflicts=True)


def forget(case: Case) -> None:
    """A case that becomes restricted is found by no label, and gets none back."""
    CaseTag.objects.filter(case=case).delete()
    TakenTag.objects.filter(case=case).delete()
