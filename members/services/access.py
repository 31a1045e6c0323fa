"""The access log: one row for every opening, reveal, search, download and refusal, in the reader's own transaction."""

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from members.models import AccessLog, AccessSeal, Tick, User

#: A row is sealed when no transaction that began before it can still be open.
SETTLED = timedelta(seconds=60)
GENESIS = "0" * 64


def record(
    action: str,
    *,
    by: User | None,
    kind: str = "",
    uuid: UUID | None = None,
    reason: str = "",
    address: str = "",
    hits: int | None = None,
) -> AccessLog:
    """Add one row; ids only, never a name or what was searched for."""
    return AccessLog.objects.create(
        at=timezone.now(),
        user=by if by is not None and by.is_authenticated else None,
        action=action,
        object_kind=kind,
        object_uuid=uuid,
        reason=reason[:200],
        address=address[:45],
        hits=hits,
    )


def _digest(previous: str, row: AccessLog) -> str:
    fields = (
        row.pk,
        row.at.isoformat(),
        row.user_id,
        row.action,
        row.object_kind,
        row.object_uuid,
        row.reason,
        row.address,
        row.hits,
    )
    return hashlib.sha256("\x1f".join([previous, *map(str, fields)]).encode()).hexdigest()


def seal(*, now: datetime, limit: int = 1000) -> int:
    """Chain the rows that have settled; returns how many. Safe to run twice or in parallel: a row has one seal."""
    rows = list(AccessLog.objects.filter(seal__isnull=True, at__lt=now - SETTLED).order_by("pk")[:limit])
    if not rows:
        return 0
    with transaction.atomic():
        # One at a time, also for the very first seal: whoever waits here then sees the last seal of the one before.
        Tick.objects.get_or_create(name="seal", defaults={"ran_at": now})
        Tick.objects.select_for_update().get(name="seal")
        last = AccessSeal.objects.order_by("-pk").first()
        previous = last.hash if last else GENESIS
        sealed = set(AccessSeal.objects.filter(log__in=rows).values_list("log", flat=True))
        fresh = []
        for row in rows:
            if row.pk in sealed:
                continue
            digest = _digest(previous, row)
            fresh.append(AccessSeal(log=row, previous_hash=previous, hash=digest))
            previous = digest
        AccessSeal.objects.bulk_create(fresh)
    return len(fresh)


def broken_seals() -> list[int]:
    """The ids of log rows whose seal no longer fits: changed, or cut out of the chain. Empty when all is well."""
    broken, previous = [], GENESIS
    for item in AccessSeal.objects.select_related("log").order_by("pk").iterator():
        if item.previous_hash != previous or item.hash != _digest(item.previous_hash, item.log):
            broken.append(item.log_id)
        previous = item.hash
    return broken
