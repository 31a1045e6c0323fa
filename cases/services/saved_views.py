"""Views of the list that people come back to; who wants it hears, once a day at most, when theirs gain cases."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case, SavedView
from cases.rules.errors import Refused
from members.models import Organisation, User
from members.rules.roles import Permission
from members.services import messages
from members.services.messages import Note

#: A view remembers so many of its cases, the newest; older ones are not news.
REMEMBERED = 1000
EVERY = timedelta(days=1)
#: Views looked at in one run.
_BATCH = 200

#: What a view shows its owner at a moment: the reader's own rights, asked anew.
Shows = Callable[[SavedView, datetime], QuerySet[Case]]


class NameTaken(Refused):
    def __init__(self):
        super().__init__(_("You already have a view of this name. Choose another."))


def units_to_share_with(user: User) -> QuerySet[Organisation]:
    """The units whose cases this user assigns: a coordinator shares views with them."""
    return Organisation.objects.in_reach_of(user, Permission.CASE_ASSIGN).order_by("name")


@transaction.atomic
def save(
    *,
    by: User,
    name: str,
    query: str,
    organisation: Organisation | None = None,
    has_alert: bool = False,
    shows: Shows,
    view: SavedView | None = None,
    version: int = 0,
    submit_key: UUID | None = None,
    now: datetime | None = None,
) -> SavedView:
    """Keep an address of the list under a name, or change one of one's own. A repeated ``submit_key`` makes one view.

    Raises Refused for a name one has already, a unit that is not one's to share with, or a view changed meanwhile.
    """
    now = now or timezone.now()
    if submit_key and (first := SavedView.objects.filter(submit_key=submit_key, owner=by).first()):
        return first
    if organisation and not units_to_share_with(by).filter(pk=organisation.pk).exists():
        raise Refused(_("Choose a unit that you look after."))
    if view is None:
        view = SavedView(owner=by, created_at=now, submit_key=submit_key)
    else:
        view = SavedView.objects.select_for_update().get(pk=view.pk)
        if view.version != version:
            raise Refused(_("Meanwhile this view was changed. Look at it, then save once more."))
        view.version += 1
    view.name, view.query, view.organisation, view.has_alert = name, query, organisation, has_alert
    view.known, view.checked_at = _cases_of(view, shows, now), now
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError as error:
        raise NameTaken from error
    return view


@transaction.atomic
def delete(*, view: SavedView) -> None:
    """Forget a view; its cases stay where they are."""
    view.delete()


def looked_at(*, view: SavedView, shows: Shows, now: datetime) -> None:
    """The owner has seen what it shows: from now on only what comes later is news."""
    if view.has_alert:
        SavedView.objects.filter(pk=view.pk).update(known=_cases_of(view, shows, now))


@transaction.atomic
def tell_gains(*, shows: Shows, now: datetime) -> int:
    """Tell the owners of views that gained cases since they looked, one message each; returns how many were told.

    A view is looked at once a day; whoever claims its row looks, so two runs tell nothing twice.
    """
    due = SavedView.objects.sounding().filter(Q(checked_at__isnull=True) | Q(checked_at__lte=now - EVERY))
    gained: dict[int, list[tuple[SavedView, int]]] = {}
    for view in due.select_related("owner").order_by("checked_at", "pk")[:_BATCH]:
        claimed = SavedView.objects.filter(pk=view.pk, checked_at=view.checked_at)
        cases = _cases_of(view, shows, now)
        fresh = _news(view.known, cases)
        changes = {"checked_at": now, "known": cases, **({"told_at": now} if fresh else {})}
        if claimed.update(**changes) and fresh:
            gained.setdefault(view.owner_id, []).append((view, len(fresh)))
    return messages.post_all((_note(rows, now) for rows in gained.values()), now=now)


def _note(rows: list[tuple[SavedView, int]], now: datetime) -> Note:
    """How many cases came, and where they stand; not what the view is called: people type names there too."""
    owner = rows[0][0].owner
    day = now.astimezone(ZoneInfo(owner.zone)).date()
    path = f"/kasus/tampilan/{rows[0][0].uuid}/" if len(rows) == 1 else "/kasus/tampilan/"
    data = {"count": sum(count for _view, count in rows), "views": len(rows)}
    return Note(owner, "saved_views_gained", f"saved_views:{owner.uuid}:{day}", data, path=path)


def _cases_of(view: SavedView, shows: Shows, now: datetime) -> list[int]:
    return list(shows(view, now).order_by("-pk").values_list("pk", flat=True)[:REMEMBERED])


def _news(known: list[int], cases: list[int]) -> list[int]:
    """The cases that were not there before; where only the newest were remembered, older ones are no news."""
    oldest, before = (min(known) if len(known) >= REMEMBERED else 0), set(known)
    return [pk for pk in cases if pk > oldest and pk not in before]
