"""Is it alive, and does it do its work? Two addresses without sign-in, and without anything about people."""

import shutil
import socket
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from members.models import Message, Tick

TICK = "deliver"
PORTS = {"redis": 6379, "rediss": 6379, "amqp": 5672}


@login_not_required
@require_safe
def healthz(request):
    """Alive: this process answers. What it leans on is told but does not fail it: a restart would mend none of it."""
    return JsonResponse(facts())


@login_not_required
@require_safe
def readyz(request):
    """Working: the database answers, the last tick is fresh and no message waits too long; otherwise 503."""
    told = facts()
    answer = JsonResponse(told, status=200 if told["ready"] else 503)
    answer._has_been_logged = True  # type: ignore[attr-defined]  # being asked is not an error
    return answer


def facts() -> dict[str, Any]:
    """What is known right now; a question that cannot be answered is None or "away", never an error."""
    told: dict[str, Any] = {
        "ready": False,
        "database": "away",
        "broker": broker(),
        "last_tick_seconds": None,
        "oldest_waiting_seconds": None,
        "unsure": None,
        "failed": None,
        "disk_free_percent": disk_free_percent(),
    }
    try:
        told |= work(timezone.now())
    except DatabaseError:
        connection.close()
        return told
    told["ready"] = (
        told["last_tick_seconds"] is not None
        and told["last_tick_seconds"] <= settings.TICK_LATE
        and (told["oldest_waiting_seconds"] or 0) <= settings.MESSAGE_LATE
    )
    return told


def work(now: datetime) -> dict[str, Any]:
    """How the outbox is doing, from the rows."""
    ticked_at = Tick.objects.filter(name=TICK).values_list("ran_at", flat=True).first()
    waiting = Message.objects.filter(state=Message.State.WAITING, not_before__lte=now)
    waiting_since = waiting.order_by("not_before").values_list("not_before", flat=True).first()
    return {
        "database": "ok",
        # A tick in the future was stamped before the clock was set back: as good as long ago.
        "last_tick_seconds": abs(round((now - ticked_at).total_seconds())) if ticked_at else None,
        "oldest_waiting_seconds": round((now - waiting_since).total_seconds()) if waiting_since else None,
        "unsure": Message.objects.filter(state=Message.State.UNSURE).count(),
        "failed": Message.objects.filter(state=Message.State.FAILED).count(),
    }


def broker() -> str:
    """Whether the broker's door opens: "memory", "ok" or "away"."""
    url = urlsplit(settings.CELERY_BROKER_URL)
    if settings.EMBEDDED:
        return "memory"
    if not url.hostname:
        return "unknown"
    try:
        with socket.create_connection((url.hostname, url.port or PORTS.get(url.scheme, 6379)), timeout=1):
            return "ok"
    except OSError:
        return "away"


def disk_free_percent() -> int | None:
    try:
        disk = shutil.disk_usage(settings.DATA_DIR)
    except OSError:
        return None
    return round(100 * disk.free / disk.total)
