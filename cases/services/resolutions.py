"""Resolutions of a congress: writing one down, noting a number, and that it is carried out."""

from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Resolution, ResolutionValue
from members.models import Organisation, User
from members.services import registers


def seen_by(user: User) -> QuerySet[Resolution]:
    """The resolutions this user reads: of the organisations they run, or whose figures they see."""
    rows = Resolution.objects.filter(organisation__in=registers.read_by(user))
    return rows.select_related("organisation", "gathering")


@transaction.atomic
def add(
    *, organisation: Organisation, by: User, submit_key: UUID | None = None, now: datetime | None = None, **fields
) -> Resolution:
    """Write a resolution down; a repeated key gives back the first. Raises ValidationError."""
    if submit_key and (first := Resolution.objects.filter(submit_key=submit_key, created_by=by).first()):
        return first
    if not registers.kept_by(by).filter(pk=organisation.pk).exists():
        raise ValidationError({"organisation": _("Choose at least one organisation that you look after.")})
    try:
        with transaction.atomic():
            return Resolution.objects.create(
                organisation=organisation,
                created_by=by,
                created_at=now or timezone.now(),
                submit_key=submit_key,
                **fields,
            )
    except IntegrityError:
        raise ValidationError(_("This form was sent already. Open the list to see it.")) from None


@transaction.atomic
def note_value(
    *,
    resolution: Resolution,
    value: int,
    on_date: date,
    source: str,
    by: User,
    submit_key: UUID | None = None,
    now: datetime | None = None,
) -> ResolutionValue:
    """Note a number with its day and source; earlier ones stay. A repeated key gives back the first."""
    if submit_key and (first := ResolutionValue.objects.filter(submit_key=submit_key, noted_by=by).first()):
        return first
    return ResolutionValue.objects.create(
        resolution=resolution,
        value=value,
        on_date=on_date,
        source=source,
        noted_by=by,
        noted_at=now or timezone.now(),
        submit_key=submit_key,
    )


def end(*, resolution: Resolution, today: date | None = None) -> None:
    """It is carried out; a second time changes nothing."""
    rows = Resolution.objects.filter(pk=resolution.pk, ended_on__isnull=True)
    rows.update(ended_on=today or timezone.localdate())
