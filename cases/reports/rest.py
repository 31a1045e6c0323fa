"""Who has written through several nights: read from the facts, restricted cases left out."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db.models.functions import TruncHour

from cases.models import Event
from cases.rules.rest import NIGHTS_BACK, nights_in_a_row
from members.models import User


def note_nights(people: Sequence[User], *, now: datetime) -> None:
    """Put ``nights`` on each of these people: nights in a row with an entry; one statement, one row an hour."""
    rows = Event.objects.filter(
        logged_by__in=[user.pk for user in people],
        logged_at__gt=now - NIGHTS_BACK,
        logged_at__lte=now,
        case__is_restricted=False,
    )
    hours = defaultdict(list)
    for pk, hour in rows.order_by().values_list("logged_by", TruncHour("logged_at")).distinct():
        hours[pk].append(hour)
    for user in people:
        user.nights = nights_in_a_row(hours[user.pk], zone=user.zone, now=now)
