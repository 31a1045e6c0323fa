"""What people send as files: read, made plain, kept encrypted; and forgotten again when its row could not be kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from members.rules.pictures import BadPicture, Fault, Picture, tidy
from members.services import vault

#: What stands behind the stored name of a photo's thumbnail.
SMALL = "-kecil"


def read(upload: UploadedFile) -> bytes:
    """The bytes of an upload. Raises ValidationError where there are none, or too many."""
    if (upload.size or 0) > settings.MAX_UPLOAD:
        size = settings.MAX_UPLOAD // 1024**2
        raise ValidationError(_("This file is over %(size)d MB. Choose a smaller one.") % {"size": size})
    raw = upload.read()
    if not raw:
        raise ValidationError(_("This file is empty. Choose it again."))
    return raw


def tidied(raw: bytes, *, or_pdf: bool = False) -> Picture:
    """The picture made plain; ``or_pdf`` only words the refusal. Raises ValidationError."""
    try:
        return tidy(raw, max_pixels=settings.MAX_PIXELS)
    except BadPicture as bad:
        only = _("Only photos (JPEG, PNG, WebP, HEIC) can be kept.")
        if or_pdf:
            only = _("Only photos (JPEG, PNG, WebP, HEIC) and PDF can be kept.")
        raise ValidationError(
            {
                Fault.NOT_A_PICTURE: only,
                Fault.TOO_MANY_PIXELS: _("This photo is too large. Take it again at a lower resolution."),
                Fault.BROKEN: _("This photo is broken. Take it again."),
            }[bad.fault]
        ) from None


@contextmanager
def keeping() -> Iterator[list[str]]:
    """Where `keep` notes what it wrote; all of it is forgotten again if the block fails.

    Raises ValidationError for a full disk, else what the block raised.
    """
    kept: list[str] = []
    try:
        yield kept
    except BaseException as failure:
        forget(kept)
        if isinstance(failure, vault.NoRoom):
            raise ValidationError(_("Storage is full. Tell the admin; what you typed is safe.")) from None
        raise


def keep(data: bytes, picture: Picture | None, kept: list[str]) -> str:
    """Store a paper, with the thumbnail of a picture; every name written is noted in ``kept``. Raises vault.NoRoom."""
    kept.append(name := vault.keep(data))
    if picture:
        kept.append(vault.keep(picture.thumbnail, name=name + SMALL))
    return name


def forget(names: list[str]) -> None:
    """Remove files whose row was not kept."""
    for name in names:
        vault.remove(name)


def hash_of(data: bytes) -> str:
    """The hash that is kept beside a file."""
    return sha256(data).hexdigest()
