"""What a user's calendar holds: case numbers and kinds of acts, never a name, a typed title or a restricted case."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.models import Clock, FollowUp
from members.models import User
from members.reports.calendar import Entry, of_gathering
from members.rules.roles import Permission
from members.services import gatherings

#: How far back and how many rows of each kind: a calendar is no archive.
BACK, MOST = timedelta(days=30), 500
#: How long a due moment is shown.
SHOWN = timedelta(minutes=30)


def of_user(user: User, *, now: datetime) -> list[Entry]:
    """My open follow-ups, the deadlines of the cases I carry, and the meetings I am invited to or my unit holds."""
    plans = (
        FollowUp.objects.permitted(user, Permission.CASE_VIEW)
        .open()
        .filter(owner=user, due_at__gte=now - BACK, case__is_restricted=False)
        .select_related("case")
        .order_by("due_at", "pk")[:MOST]
    )
    clocks = (
        Clock.objects.permitted(user, Permission.CASE_VIEW)
        .filter(state=Clock.State.RUNNING, case__assignee=user, due_at__gte=now - BACK, case__is_restricted=False)
        .select_related("case")
        .order_by("due_at", "pk")[:MOST]
    )
    meetings = gatherings.seen_by(user).filter(held_on__gte=(now - BACK).date()).select_related("region")
    entries = [_due(row, f"{row.case.number} · {row.get_kind_display()}") for row in plans]
    for row in clocks:
        said = _("%(number)s · deadline (%(who)s)") % {"number": row.case.number, "who": row.get_obliged_display()}
        entries.append(_due(row, said))
    for row in meetings.order_by("held_on", "pk")[:MOST]:
        link = settings.SITE_URL + reverse("members:gathering", args=[row.uuid])
        entry = of_gathering(row, summary=str(row.get_kind_display()), url=link)
        place = row.region.name if row.region else ""
        entries.append(Entry(entry.uid, entry.summary, entry.starts, entry.ends, link, place, entry.is_cancelled))
    return entries


def _due(row: FollowUp | Clock, summary: str) -> Entry:
    link = settings.SITE_URL + reverse("cases:case-detail", args=[row.case.uuid])
    if row.due_at is None:
        raise ValueError("what is never due is in no calendar")
    starts: date | datetime = row.due_at
    ends: date | datetime = row.due_at + SHOWN
    if row.due_is_day:
        starts = ends = row.due_at.astimezone(ZoneInfo(row.zone)).date()
    return Entry(str(row.uuid), summary, starts, ends, link)
