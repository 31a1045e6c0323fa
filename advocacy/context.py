"""What admins are told on every page while something under the pages stands still (TRUST R60)."""

from django.conf import settings
from django.core.cache import cache
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from advocacy import health
from members.rules.roles import Role

KEY, SECONDS = "troubles", 15
#: Uploads need room; below this share of the disk somebody has to make some.
LEAST_DISK_PERCENT = 5


def troubles(request) -> dict:
    """``troubles``: sentences for the admins of the machine or the federation, asked for only where a page shows them."""
    return {"troubles": SimpleLazyObject(lambda: _sentences(getattr(request, "user", None)))}


def _sentences(user) -> list[str]:
    if user is None or not user.is_authenticated:
        return []
    if not user.is_superuser and Role.FEDERATION_ADMIN not in user.live_roles:
        return []
    told = cache.get_or_set(KEY, health.facts, SECONDS)
    found = []
    if told["broker"] == "away":
        found.append(_("Redis does not answer. Pages work; reminders wait until it is back."))
    if told["last_tick_seconds"] is None:
        found.append(_("Reminders have not started yet. Check that worker and beat run."))
    elif told["last_tick_seconds"] > settings.TICK_LATE:
        minutes = max(round(told["last_tick_seconds"] / 60), 1)
        found.append(
            _("Reminders have stood still for %(minutes)d minutes. Check worker and beat.") % {"minutes": minutes}
        )
    elif (told["oldest_waiting_seconds"] or 0) > settings.MESSAGE_LATE:
        minutes = round(told["oldest_waiting_seconds"] / 60)
        found.append(_("Mail has waited for %(minutes)d minutes. Check the mail server.") % {"minutes": minutes})
    free = told["disk_free_percent"]
    if free is not None and free < LEAST_DISK_PERCENT:
        found.append(_("The disk is nearly full: %(percent)d percent is free.") % {"percent": free})
    return found
