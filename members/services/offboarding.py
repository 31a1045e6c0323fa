"""Somebody stops: their offices end, their devices are signed out, and the coordinators hear that cases wait."""

from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models import AccessLog, Appointment, User
from members.services import access, accounts, administration, appointments, coordinators, messages
from members.services.messages import Note


@dataclass(frozen=True)
class Left:
    """How many offices ended, how many devices were signed out, who was told, and whether the account is closed."""

    offices: int
    sessions: int
    told: int
    is_closed: bool


def offices_of(user: User, *, by: User) -> QuerySet[Appointment]:
    """The offices that hold today or later, and that ``by`` may end."""
    reach = administration.organisations_of(by)
    rows = user.appointments.filter(organisation__in=reach).exclude(until_on__lt=timezone.localdate())
    return rows.select_related("organisation", "region").order_by("from_on", "pk")


def may_leave(user: User, *, by: User) -> bool:
    """Whether there is something to end, for this administrator, of somebody else."""
    return user.pk != by.pk and administration.may_administer(by) and offices_of(user, by=by).exists()


@transaction.atomic
def leave(*, user: User, by: User, last_day: date, close_account: bool = False, address: str = "") -> Left:
    """End every office of a person within reach after its last day, sign them out, and tell who hands out their cases.

    The account is closed where asked for, and where ``by`` answers for it. Cases stay where they are until a
    coordinator moves them: an admin opens none. Raises ValidationError.
    """
    if not may_leave(user, by=by):
        raise ValidationError(_("There is no office that you could end."))
    if last_day > timezone.localdate():
        raise ValidationError(_("Choose today or an earlier day."))
    rows = list(offices_of(user, by=by))
    for row in rows:
        appointments.end(row, by=by, on=last_day)
    told = _tell({row.organisation_id: str(row.organisation) for row in rows}, user, last_day, timezone.now())
    ended = accounts.end_sessions(user)
    closes = close_account and user.is_active and administration.answers_for(by, user)
    if closes:
        accounts.deactivate(user=user, by=by, address=address)
    access.record(
        AccessLog.Action.ADMIN_VIEW, by=by, kind="user", uuid=user.uuid, reason="left", address=address
    )  # fmt: skip
    return Left(len(rows), ended, told, closes)


def _tell(names: dict[int, str], user: User, last_day: date, now: datetime) -> int:
    near = coordinators.tiers(names, on=timezone.localdate(now))
    path = reverse("cases:desk-move")
    notes = {
        reader.pk: Note(reader, "somebody_left", f"left:{user.uuid}:{last_day}", {"organisation": names[pk]}, path=path)
        for pk, levels in sorted(near.items())
        for reader in (levels[0] if levels else [])
        if reader.pk != user.pk
    }
    messages.post_all(notes.values(), now=now)
    return len(notes)
