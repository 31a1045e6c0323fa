"""The calendar behind a secret address (TRUST R20): works without a session, says nothing of anybody."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cases.reports import calendar
from members.models import AccessLog
from members.reports.calendar import ics
from members.services import access, calendars, limits

#: Knocks from one address in an hour: many phones of one office fetch every quarter of an hour.
KNOCKS, KNOCK_SECONDS = 240, 3600


@login_not_required
@never_cache
@require_safe
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """What is due, as a calendar; 404 for any secret that opens nothing."""
    address = request.META.get("REMOTE_ADDR", "")
    if not limits.allow("calendar", address, limit=KNOCKS, seconds=KNOCK_SECONDS):
        return HttpResponse(status=429, headers={"Retry-After": str(KNOCK_SECONDS)})
    now = timezone.now()
    user = calendars.owner_of(secret, now=now)
    if user is None:
        raise Http404
    with translation.override(user.language):
        entries = calendar.of_user(user, now=now)
        text = ics(entries, now=now, name="Kawal")
    access.record(AccessLog.Action.EXPORT, by=user, kind="calendar", address=address, hits=len(entries))
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="kawal.ics"'
    return response
