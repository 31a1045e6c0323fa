"""Photos of a gathering: who adds, sees and removes them; kept as the papers of a case are (S1.7, ADR 27)."""

from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from members.models import Gathering, GatheringPhoto, User
from members.services import gatherings, uploads, vault

MOST_PER_GATHERING = 30


def seen_by(user: User) -> QuerySet[GatheringPhoto]:
    """The photos of the gatherings this user belongs to; a guest of a shared meeting sees none (S1.14)."""
    return GatheringPhoto.objects.filter(gathering__in=gatherings.belonging_to(user).order_by().values("pk"))


def may_add(gathering: Gathering, user: User) -> bool:
    """Whether this user runs the gathering or is on its list of people."""
    return gatherings.may_run(gathering, user) or gathering.attendances.filter(user=user).exists()


def removable_by(user: User) -> QuerySet[GatheringPhoto]:
    """The photos this user added, and those of the gatherings they run."""
    mine = gatherings.run_by(user).order_by().values("pk")
    seen = seen_by(user)
    return seen.filter(uploaded_by=user) | seen.filter(gathering__in=mine)


def add(
    *,
    gathering: Gathering,
    upload: UploadedFile,
    by: User,
    title: str = "",
    now: datetime | None = None,
    submit_key: UUID | None = None,
    sha256_phone: str = "",
) -> GatheringPhoto:
    """Keep a photo of a gathering; a repeated ``submit_key`` gives back the first one.

    ``sha256_phone`` is the hash of what the phone had, where the browser made the photo smaller.

    Raises ValidationError with the cause in words; then nothing is kept, neither row nor file.
    """
    raw = uploads.read(upload)
    picture = uploads.tidied(raw)
    with uploads.keeping() as kept, transaction.atomic():
        gathering = Gathering.objects.select_for_update(of=["self"]).get(pk=gathering.pk)
        if submit_key and (first := GatheringPhoto.objects.filter(submit_key=submit_key).first()):
            if first.gathering_id != gathering.pk:
                raise ValidationError(_("Open the form again and send the photo once more."))
            return first
        if gathering.photos.count() >= MOST_PER_GATHERING:
            raise ValidationError(
                _("This meeting already has %(count)d photos, and that is the most.") % {"count": MOST_PER_GATHERING}
            )
        return GatheringPhoto.objects.create(
            gathering=gathering,
            title=" ".join(title.split())[:120],
            stored_name=uploads.keep(picture.jpeg, picture, kept),
            size=len(picture.jpeg),
            width=picture.width,
            height=picture.height,
            sha256_phone=sha256_phone,
            sha256_received=uploads.hash_of(raw),
            sha256_stored=uploads.hash_of(picture.jpeg),
            uploaded_at=now or timezone.now(),
            uploaded_by=by,
            submit_key=submit_key,
        )


def content(photo: GatheringPhoto) -> bytes:
    """The stored photo. Raises FileNotFoundError."""
    return vault.fetch(photo.stored_name)


def thumbnail(photo: GatheringPhoto) -> bytes:
    """The small WebP of a photo. Raises FileNotFoundError."""
    return vault.fetch(photo.stored_name + uploads.SMALL)


@transaction.atomic
def remove(photo: GatheringPhoto) -> None:
    """Forget a photo for good: the row now, its files once that is certain."""
    names = [photo.stored_name, photo.stored_name + uploads.SMALL]
    photo.delete()
    transaction.on_commit(lambda: uploads.forget(names))
