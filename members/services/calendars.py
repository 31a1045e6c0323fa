"""The secret address of a calendar: made, shown once, renewed, revoked; dead with the account or the last office."""

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse

from members.models import CalendarFeed, User, keyed_hash

#: How exactly is kept when a calendar was last fetched.
AN_HOUR = timedelta(hours=1)


def renew(user: User, *, now: datetime) -> str:
    """A new secret of 256 bits for this user, kept nowhere; the one before is dead at once."""
    secret = secrets.token_urlsafe(32)
    CalendarFeed.objects.update_or_create(
        user=user, defaults={"secret_hash": keyed_hash(secret), "created_at": now, "fetched_at": None}
    )
    return secret


def revoke(user: User) -> bool:
    """The address is dead; whether there was one."""
    return bool(CalendarFeed.objects.filter(user=user).delete()[0])


def address_of(secret: str) -> str:
    """The address that a calendar is told."""
    return settings.SITE_URL + reverse("cases:calendar", args=[secret])


def owner_of(secret: str, *, now: datetime) -> User | None:
    """Whose calendar this secret opens: nobody's once it was renewed or revoked, the account ended, or the last office."""
    feed = CalendarFeed.objects.select_related("user").filter(secret_hash=keyed_hash(secret)).first()
    if feed is None or not feed.user.is_active or not feed.user.live_roles:
        return None
    if feed.fetched_at is None or now - feed.fetched_at > AN_HOUR:
        CalendarFeed.objects.filter(pk=feed.pk).update(fetched_at=now)
    return feed.user
