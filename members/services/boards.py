"""Boards: whose term ends soon, and telling the admins before it does (PRACTICE S4.5)."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from members.models import BoardTerm, User
from members.rules import terms
from members.services import administration, messages
from members.services.messages import Note


def ending(*, today: date, days: int = terms.BOARD_DAYS[0]) -> Iterable[BoardTerm]:
    """Terms that end within so many days, or ended a while ago, and that no later term follows."""
    later = BoardTerm.objects.filter(organisation=OuterRef("organisation")).filter(
        Q(until_on__gt=OuterRef("until_on")) | Q(until_on__isnull=True, from_on__gte=OuterRef("until_on"))
    )
    return (
        BoardTerm.objects.filter(
            ~Exists(later),
            until_on__range=(today - terms.STALE, today + timedelta(days=days)),
            organisation__is_active=True,
        )
        .select_related("organisation")
        .order_by("until_on", "pk")
    )


def remind(*, now: datetime) -> int:
    """Tell the nearest admins of every board whose term ends soon; running it again tells nothing twice."""
    today = timezone.localdate(now)
    notes = [
        _note(term, admin, moment)
        for term in ending(today=today)
        if term.until_on and (moment := terms.told_at(term.until_on, today)) is not None
        for admin in administration.nearest_admins(term.organisation, on=today)
    ]
    return messages.post_all(notes, now=now)


def _note(term: BoardTerm, admin: User, moment: int) -> Note:
    thing = f"board:{term.pk}"
    return Note(
        recipient=admin,
        kind="board_ends",
        key=f"{thing}:{term.until_on}:{moment}",
        data={"organisation": str(term.organisation), "term": term.name, "until_at": term.until_on.isoformat()},
        path=reverse("admin:members_organisation_change", args=[term.organisation_id]),
        thing=thing,
    )
