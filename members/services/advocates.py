"""The path of a volunteer, what they are able to do, their card, and reports that a card or name was misused."""

import base64
import secrets
from datetime import date, datetime, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from members.models import (
    AdvocatePath,
    Appointment,
    Competence,
    Gathering,
    MisuseReport,
    Module,
    Organisation,
    User,
    VolunteerCard,
    VolunteerProfile,
)
from members.rules.pictures import BadPicture, tidy
from members.services import gatherings, vault

#: Pictures of cards live one folder deeper than the papers of cases: the sweep of those does not see them.
FOLDER = "kartu"
#: More open reports about one card than this tell nothing new.
MOST_REPORTS = 50


def volunteers_of(user: User) -> QuerySet[User]:
    """Those who hold an office where this user is coordinator or admin."""
    offices = Appointment.objects.live().filter(
        user=OuterRef("pk"), organisation__in=gatherings.run_organisations(user)
    )
    return User.objects.filter(Exists(offices), is_active=True, is_superuser=False)


@transaction.atomic
def set_stage(
    *, user: User, stage: str, by: User, mentor: User | None = None, on: date | None = None, note: str = ""
) -> AdvocatePath:
    """A volunteer reaches another stage, or gets another mentor; the stage before ends the day before."""
    on = on or timezone.localdate()
    if mentor and mentor.pk == user.pk:
        raise ValidationError({"mentor": _("Nobody is their own mentor.")})
    User.objects.select_for_update().get(pk=user.pk)
    before = AdvocatePath.objects.filter(user=user, until_on__isnull=True).first()
    if before:
        if before.stage == stage and before.mentor == mentor:
            return before
        if before.from_on >= on:  # set wrongly today: put right, nothing ended
            before.stage, before.mentor, before.note = stage, mentor, note
            before.save()
            return before
        before.until_on = on - timedelta(days=1)
        before.save()
    return AdvocatePath.objects.create(user=user, stage=stage, mentor=mentor, from_on=on, note=note)


def give_competence(
    *,
    user: User,
    skill: str,
    level: int,
    module: Module | None = None,
    gathering: Gathering | None = None,
    on: date | None = None,
    note: str = "",
) -> Competence:
    """Note what somebody is able to do; the same skill for the same module is one row whose level moves."""
    row = Competence.objects.filter(user=user, skill=skill, module=module).first()
    row = row or Competence(user=user, skill=skill, module=module)
    row.level, row.gathering, row.note = level, gathering, note
    row.gained_on = on or timezone.localdate()
    row.save()
    return row


def tell_of_oneself(*, user: User, gender: str, born_from: int | None) -> VolunteerProfile:
    """What a volunteer tells of themselves; both may stay empty."""
    return VolunteerProfile.objects.update_or_create(user=user, defaults={"gender": gender, "born_from": born_from})[0]


# The card


@transaction.atomic
def issue_card(
    *, user: User, organisation: Organisation, valid_until: date, by: User, now: datetime | None = None
) -> VolunteerCard:
    """A fresh card with a code of 128 bits; the one before is revoked, its picture goes along. Raises ValidationError."""
    now = now or timezone.now()
    if valid_until < timezone.localdate(now):
        raise ValidationError({"valid_until": _("This day has passed.")})
    User.objects.select_for_update().get(pk=user.pk)
    before = VolunteerCard.objects.filter(user=user).order_by("-issued_at").first()
    VolunteerCard.objects.filter(user=user, revoked_at__isnull=True).update(revoked_at=now, revoked_by=by)
    return VolunteerCard.objects.create(
        user=user,
        code=base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower(),
        name=user.full_name,
        organisation=organisation,
        valid_until=valid_until,
        photo=before.photo if before else "",
        issued_at=now,
        issued_by=by,
    )


def revoke_card(*, card: VolunteerCard, by: User, now: datetime | None = None) -> None:
    """The card says from now on that it does not count."""
    VolunteerCard.objects.filter(pk=card.pk, revoked_at__isnull=True).update(
        revoked_at=now or timezone.now(), revoked_by=by
    )


def set_photo(*, card: VolunteerCard, raw: bytes, max_pixels: int) -> None:
    """The face on the card, small and without the traces of the phone. Raises ValidationError."""
    try:
        small = tidy(raw, max_pixels=max_pixels).thumbnail
    except BadPicture:
        raise ValidationError(_("Only photos (JPEG, PNG, WebP, HEIC) can be kept.")) from None
    name, before = secrets.token_hex(16), card.photo
    try:
        card.photo = vault.keep(small, name=f"{FOLDER}/{name[:2]}/{name}")
    except vault.NoRoom:
        raise ValidationError(_("Storage is full. Tell the admin; what you typed is safe.")) from None
    card.save(update_fields=["photo"])
    if before and not VolunteerCard.objects.filter(photo=before).exists():
        vault.remove(before)


def photo(card: VolunteerCard) -> bytes:
    """The WebP of the face. Raises FileNotFoundError."""
    if not card.photo:
        raise FileNotFoundError
    return vault.fetch(card.photo)


def card_behind(code: str) -> VolunteerCard | None:
    """The card of this code."""
    code = code.replace("-", "").lower()
    cards = VolunteerCard.objects.select_related("user", "organisation")
    return cards.filter(code=code).first() if code else None


# Misuse


@transaction.atomic
def report_misuse(
    *, card: VolunteerCard, text: str, contact: str = "", now: datetime | None = None, submit_key: UUID | None = None
) -> MisuseReport | None:
    """Keep what somebody outside says; None where the card has more open reports than anybody can read."""
    if submit_key and (first := MisuseReport.objects.filter(submit_key=submit_key, card=card).first()):
        return first
    if card.misuse_reports.filter(handled_at__isnull=True).count() >= MOST_REPORTS:
        return None
    return MisuseReport.objects.create(
        card=card, text=text, contact=contact, at=now or timezone.now(), submit_key=submit_key
    )


def misuse_seen_by(user: User) -> QuerySet[MisuseReport]:
    """Reports about cards of units this user looks after; one's own card is for others to look into."""
    return MisuseReport.objects.filter(card__organisation__in=gatherings.run_organisations(user)).exclude(
        card__user=user
    )


def answer_misuse(*, report: MisuseReport, answer: str, by: User, now: datetime | None = None) -> None:
    """Write down what was done; the first answer stands."""
    MisuseReport.objects.filter(pk=report.pk, handled_at__isnull=True).update(
        handled_at=now or timezone.now(), handled_by=by, answer=answer[:300]
    )
