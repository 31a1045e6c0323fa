"""Invitations: the only door for a new account (TRUST R9). The link lives 72 hours and works once."""

import logging
import secrets
from datetime import date, datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from members.models import Invitation, Organisation, User, keyed_hash
from members.rules.roles import Role
from members.services import administration
from members.services.appointments import appoint

logger = logging.getLogger(__name__)

LIFETIME = timedelta(hours=72)


def _new_token() -> tuple[str, str]:
    """A token of 256 bits, and the hash that is stored in its place."""
    token = secrets.token_urlsafe(32)
    return token, keyed_hash(token)


def check(*, email: str, organisation: Organisation, by: User) -> None:
    """Raise ValidationError unless ``by`` runs this organisation and nobody has this address yet."""
    if not administration.organisations_of(by).filter(pk=organisation.pk, is_active=True).exists():
        raise ValidationError(_("Choose an organisation that you run."))
    _check_email(email)


def _check_email(email: str) -> None:
    if User.objects.filter(email__iexact=email).exists():
        raise ValidationError(_("This address has an account. Give it an appointment instead."))


@transaction.atomic
def invite(
    *,
    email: str,
    organisation: Organisation,
    by: User,
    role: str = Role.ADVOCATE,
    full_name: str = "",
    until_on: date | None = None,
    now: datetime | None = None,
) -> tuple[Invitation, str]:
    """Offer an account with a first appointment; returns the row and the token, which is kept nowhere.

    An earlier open invitation of this address to this organisation ends. Raises ValidationError.
    """
    now = now or timezone.now()
    check(email=email, organisation=organisation, by=by)
    open_ones = Invitation.objects.filter(email__iexact=email, organisation=organisation, accepted_at__isnull=True)
    open_ones.filter(expires_at__gt=now).update(expires_at=now)
    token, hashed = _new_token()
    invitation = Invitation.objects.create(
        email=User.objects.normalize_email(email),
        full_name=full_name.strip(),
        role=role,
        organisation=organisation,
        until_on=until_on,
        token_hash=hashed,
        invited_by=by,
        expires_at=now + LIFETIME,
    )
    return invitation, token


@transaction.atomic
def renew(*, invitation: Invitation, by: User, now: datetime | None = None) -> str:
    """A fresh link for an invitation nobody has used; the old one is dead. Raises ValidationError."""
    if invitation.accepted_at:
        raise ValidationError(_("This invitation has been accepted."))
    check(email=invitation.email, organisation=invitation.organisation, by=by)
    token, invitation.token_hash = _new_token()
    invitation.expires_at = (now or timezone.now()) + LIFETIME
    invitation.invited_by = by
    invitation.save()
    return token


def withdraw(*, invitation: Invitation, now: datetime | None = None) -> None:
    """The link stops working at once."""
    if invitation.accepted_at is None:
        invitation.expires_at = now or timezone.now()
        invitation.save(update_fields=["expires_at"])


def link(token: str) -> str:
    """The address that a person opens."""
    return settings.SITE_URL + reverse("members:invitation", args=[token])


def send(invitation: Invitation, token: str) -> bool:
    """Mail the link; False when the mail server did not take it (the link can still be handed over)."""
    context = {"invitation": invitation, "link": link(token), "hours": int(LIFETIME.total_seconds() // 3600)}
    with translation.override(settings.LANGUAGE_CODE):
        subject = " ".join(render_to_string("emails/invitation_subject.txt", context).split())
        text = render_to_string("emails/invitation.txt", context)
    try:
        return bool(send_mail(subject, text, None, [invitation.email]))
    except OSError:
        logger.warning("The mail of invitation %s was not accepted.", invitation.uuid)
        return False


def find(token: str, *, now: datetime | None = None) -> Invitation | None:
    """The open invitation behind a link, or None: used, too old, withdrawn, never given, or given by a former admin."""
    now = now or timezone.now()
    invitation = (
        Invitation.objects.filter(token_hash=keyed_hash(token), accepted_at__isnull=True, expires_at__gt=now)
        .exclude(until_on__lt=timezone.localdate(now))
        .select_related("organisation", "invited_by")
        .first()
    )
    if invitation is None:
        return None
    run = administration.organisations_of(invitation.invited_by)
    return invitation if run.filter(pk=invitation.organisation_id, is_active=True).exists() else None


@transaction.atomic
def accept(
    *,
    token: str,
    username: str,
    password: str,
    full_name: str,
    whatsapp: str = "",
    zone: str | None = None,
    language: str | None = None,
    now: datetime | None = None,
) -> User:
    """Open the account with its first appointment. Raises ValidationError for a link that no longer works."""
    now = now or timezone.now()
    invitation = find(token, now=now)
    over = ValidationError(_("This invitation no longer works. Ask for a new one."))
    if invitation is None:
        raise over
    if not Invitation.objects.filter(pk=invitation.pk, accepted_at__isnull=True).update(accepted_at=now):
        raise over
    _check_email(invitation.email)
    user = User(username=username, email=invitation.email, full_name=full_name.strip(), whatsapp=whatsapp)
    user.zone = zone or invitation.organisation.zone
    user.language = language or settings.LANGUAGE_CODE
    user.set_password(password)
    user.full_clean()
    user.save()
    appoint(
        user=user,
        role=invitation.role,
        organisation=invitation.organisation,
        until_on=invitation.until_on,
    )
    Invitation.objects.filter(pk=invitation.pk).update(user=user)
    return user
