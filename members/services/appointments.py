"""Giving and ending roles."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models import Appointment, Organisation, User
from members.services import administration


def appoint(
    *,
    user: User,
    role: str,
    organisation: Organisation,
    from_on: date | None = None,
    until_on: date | None = None,
    **extra,
) -> Appointment:
    """Give a user a role at an organisation; it is in force from ``from_on`` (today) and ends by itself."""
    return Appointment.objects.create(
        user=user,
        role=role,
        organisation=organisation,
        from_on=from_on or timezone.localdate(),
        until_on=until_on,
        **extra,
    )


def check_may_appoint(*, user: User | None, organisation: Organisation | None, by: User) -> None:
    """Raise ValidationError unless ``by`` runs this organisation and the office is for somebody else."""
    if user is not None and user.pk == by.pk:
        raise ValidationError(_("Nobody gives a role to themselves. Ask another admin."), code="own")
    if organisation is None or not administration.organisations_of(by).filter(pk=organisation.pk).exists():
        raise ValidationError(_("Choose an organisation that you run."), code="reach")


def end(appointment: Appointment, *, by: User, on: date | None = None) -> None:
    """End an appointment after its last day ``on`` (yesterday: it is over from now on); one that had not begun by then
    is taken back. Its history stays. Raises ValidationError.
    """
    check_may_appoint(user=appointment.user, organisation=appointment.organisation, by=by)
    last_day = on or timezone.localdate() - timedelta(days=1)
    if appointment.from_on > last_day:
        appointment.delete()
        return
    appointment.until_on = last_day
    appointment.save()
