"""What the frame of every page shows: navigation, count on the bell, look and the present moment."""

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from members.models import Message
from members.rules.roles import Role
from members.rules.words import avatar


def _navigation(user, path: str) -> list[dict]:
    roles = user.live_roles
    works = bool(roles & {Role.ADVOCATE, Role.COORDINATOR})
    items: list[dict] = [
        {
            "url": reverse("cases:home"),
            "icon": "house",
            "label": _("Board") if Role.COORDINATOR in roles else _("Home"),
        },
    ]
    if works:
        items += [
            {"url": reverse("cases:case-list"), "icon": "folder2", "label": _("Cases")},
            {"url": reverse("cases:quick-log"), "icon": "plus-lg", "label": _("Log"), "log": True},
        ]
    items.append({"url": reverse("members:inbox"), "icon": "bell", "label": _("Messages")})
    items.append({"url": reverse("cases:playbooks"), "icon": "list-check", "label": _("Playbooks"), "only": "laptop"})
    if Role.COORDINATOR in roles:
        items.append({"url": reverse("cases:my-work"), "icon": "clipboard", "label": _("My work"), "only": "laptop"})
    if roles & {Role.COORDINATOR, Role.LEADER}:
        items.append({"url": reverse("cases:figures"), "icon": "bar-chart", "label": _("Figures"), "only": "laptop"})
    if user.is_superuser or Role.FEDERATION_ADMIN in roles:
        items.append({"url": reverse("admin:index"), "icon": "gear", "label": _("Organisations"), "only": "laptop"})
    items += [
        {"url": reverse("cases:more"), "icon": "three-dots", "label": _("More"), "only": "phone"},
        {"url": reverse("members:profile"), "icon": "person", "label": _("My account"), "only": "laptop"},
    ]
    best = max((item["url"] for item in items if path.startswith(item["url"])), key=len, default="")
    for item in items:
        item["current"] = item["url"] == best and (best != "/" or path == "/")
    return items


def shell(request) -> dict:
    """Context of base.html; for a visitor who has not signed in only the moment."""
    user = getattr(request, "user", None)
    now = timezone.now()
    if user is None or not user.is_authenticated:
        return {"now": now, "zone": settings.TIME_ZONE}
    return {
        "now": now,
        "zone": user.zone,
        "theme": user.theme,
        "unread": Message.objects.inbox_of(user).unread().count(),
        "nav": _navigation(user, request.path),
        "initials_of_user": avatar(user.full_name or user.username),
    }
