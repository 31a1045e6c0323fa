"""Who says what: versions of one question stand side by side, and nobody is overruled."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from cases.models import Case, Claim
from cases.rules.codes import EventCode
from cases.services import masking, timeline
from members.models import User


@transaction.atomic
def add(
    *,
    case: Case,
    topic: str,
    text: str,
    source: str,
    by: User,
    stated_on: date | None = None,
    now: datetime | None = None,
    submit_key: UUID | None = None,
) -> Claim:
    """Write down one version with its source; a topic already known under other capitals is the same topic."""
    now = now or timezone.now()
    case = timeline.lock(case)
    if submit_key and (first := Claim.objects.filter(submit_key=submit_key, case=case).first()):
        return first
    topic = " ".join(masking.clean(case, topic, by, now=now).split())[:80]
    topics = case.claims.order_by("pk").values_list("topic", flat=True)  # sealed texts are compared once opened
    known = next((each for each in topics if each.lower() == topic.lower()), None)
    claim = Claim.objects.create(
        case=case,
        topic=known or topic,
        text=masking.clean(case, text, by, now=now)[:300],
        source=masking.clean(case, source, by, now=now)[:120],
        stated_on=stated_on,
        logged_at=now,
        logged_by=by,
        submit_key=submit_key,
    )
    timeline.record(case, EventCode.CLAIM_ADDED, by=by, now=now, data={"claim": str(claim.uuid), "topic": claim.topic})
    return claim
