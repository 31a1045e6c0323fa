"""Certificates of a training: made for everybody who was there in one act, verified by anyone, revoked by the organiser."""

import base64
import secrets
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from members.models import Certificate, Gathering, User
from members.rules.gatherings import Presence


def new_code() -> str:
    """128 random bits as 26 letters and digits that can be read aloud."""
    return base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()


@transaction.atomic
def issue(*, gathering: Gathering, by: User, valid_until: date | None = None, now: datetime | None = None) -> int:
    """Make a certificate for everyone present who has none; returns how many. Raises ValidationError."""
    gathering = Gathering.objects.select_for_update().get(pk=gathering.pk)
    if not gathering.is_training:
        raise ValidationError(_("Certificates are made for a training."))
    if gathering.held_on is None:
        raise ValidationError(_("Write the day of the training first."))
    organisers = " · ".join(str(row) for row in gathering.organisers.order_by("name"))[:400]
    rows = gathering.attendances.filter(state=Presence.PRESENT, certificate__isnull=True)
    fresh = [
        Certificate(
            attendance=row,
            code=new_code(),
            name=row.name,
            title=gathering.title,
            organisers=organisers,
            held_on=gathering.held_on,
            issued_at=now or timezone.now(),
            issued_by=by,
            valid_until=valid_until,
        )
        for row in rows
    ]
    Certificate.objects.bulk_create(fresh)
    return len(fresh)


def find(code: str) -> Certificate | None:
    """The certificate of this number, however its letters were written."""
    code = code.replace("-", "").lower()
    return Certificate.objects.filter(code=code).first() if code else None


def holds(certificate: Certificate, *, today: date) -> bool:
    """Whether it counts on a day."""
    return certificate.revoked_at is None and (certificate.valid_until is None or certificate.valid_until >= today)


def revoke(*, certificate: Certificate, by: User, now: datetime | None = None) -> None:
    """It stays to be found, and says that it no longer counts."""
    Certificate.objects.filter(pk=certificate.pk, revoked_at__isnull=True).update(
        revoked_at=now or timezone.now(), revoked_by=by
    )
