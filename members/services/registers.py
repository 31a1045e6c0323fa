"""Proposals to an office, and findings in a programme of the government: who keeps them, adding and changing one."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from members.models import Finding, Organisation, Proposal, User
from members.rules.roles import Permission
from members.services import gatherings, places

#: Fields that the history tells of, in the words of the page.
Row = Proposal | Finding


def kept_by(user: User) -> QuerySet[Organisation]:
    """The organisations whose registers this user writes."""
    return gatherings.run_organisations(user)


def read_by(user: User) -> QuerySet[Organisation]:
    """The organisations whose registers this user reads: those, and where they see figures."""
    reach = Organisation.objects.in_reach_of(user, Permission.FIGURES_VIEW)
    return Organisation.objects.filter(Q(pk__in=kept_by(user).values("pk")) | Q(pk__in=reach.values("pk")))


def seen_by(user: User, model: type[Row]) -> QuerySet:
    """The rows of a register this user reads."""
    return model.objects.filter(organisation__in=read_by(user)).select_related("organisation", "body")


@transaction.atomic
def add(
    model: type[Row],
    *,
    organisation: Organisation,
    by: User,
    office: str = "",
    submit_key: UUID | None = None,
    **fields,
) -> Row:
    """Write a row down; a repeated key gives back the first. Raises ValidationError."""
    if submit_key and (first := model.objects.filter(submit_key=submit_key, created_by=by).first()):
        return first
    if not kept_by(by).filter(pk=organisation.pk).exists():
        raise ValidationError({"organisation": _("Choose at least one organisation that you look after.")})
    body = places.find_or_create(office, region=organisation.region) if office else None
    try:
        with transaction.atomic():
            return model.objects.create(
                organisation=organisation, body=body, created_by=by, submit_key=submit_key, **fields
            )
    except IntegrityError:
        raise ValidationError(_("This form was sent already. Open the list to see it.")) from None


@transaction.atomic
def change(row: Row, *, by: User, version: int, office: str = "", **fields) -> Row:
    """Change a row that nobody has changed since ``version``; the state of a proposal keeps the day it came to hold.

    Raises ValidationError.
    """
    held = type(row).objects.select_for_update(of=("self",)).get(pk=row.pk)
    if held.version != version:
        raise ValidationError(
            _("Somebody else has saved this meanwhile. Look at the history below; send it again to save yours.")
        )
    held.body = places.find_or_create(office, region=held.organisation.region) if office else None
    if "state" in fields and fields["state"] != held.state:
        held.state_on = timezone.localdate()
    for name, value in fields.items():
        setattr(held, name, value)
    held.version += 1
    held.save()
    return held
