"""Who coordinates an organisation: those appointed at it, then those above it, never a leader."""

from collections.abc import Iterable
from datetime import date

from django.db.models import F, Q

from members.models import Closure, User
from members.rules.roles import Role


def tiers(organisations: Iterable[int], *, on: date) -> dict[int, list[list[User]]]:
    """For each organisation (by id) its coordinators on a day, nearest level first; levels without any are left out.

    A coordinator who rests, is not active, or is appointed for another region only is not among them. Two queries,
    however many organisations.
    """
    # One filter(): a second one would join the appointments anew, and another user's would do.
    links = (
        Closure.objects.filter(
            Q(ancestor__appointments__until_on__isnull=True) | Q(ancestor__appointments__until_on__gte=on),
            Q(ancestor__appointments__region__isnull=True)
            | Q(descendant__region=F("ancestor__appointments__region"))
            | Q(descendant__region__parent=F("ancestor__appointments__region")),
            descendant__in=set(organisations),
            ancestor__appointments__role=Role.COORDINATOR,
            ancestor__appointments__from_on__lte=on,
            ancestor__appointments__user__is_active=True,
            ancestor__appointments__user__is_resting=False,
        )
        .order_by("descendant", "depth", "ancestor__appointments__user")
        .values_list("descendant", "depth", "ancestor__appointments__user")
    )
    found: dict[int, dict[int, list[int]]] = {}
    for organisation, depth, user in links:
        found.setdefault(organisation, {}).setdefault(depth, []).append(user)
    users = User.objects.in_bulk({user for levels in found.values() for ids in levels.values() for user in ids})
    return {organisation: _levels(levels, users) for organisation, levels in found.items()}


def _levels(levels: dict[int, list[int]], users: dict[int, User]) -> list[list[User]]:
    """Nearest level first; somebody appointed twice counts on the nearest."""
    seen: set[int] = set()
    result = []
    for depth in sorted(levels):
        fresh = [users[user] for user in dict.fromkeys(levels[depth]) if user in users and user not in seen]
        seen.update(user.pk for user in fresh)
        if fresh:
            result.append(fresh)
    return result
