"""Photos and papers of a case: checked, re-encoded, encrypted, handed out again (ADR 27, TRUST R28–R30)."""

from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Attachment, Case, Printout
from cases.rules.codes import EventCode
from cases.rules.errors import Refused
from cases.services import timeline
from members.models import GatheringPhoto, Import, User
from members.rules.pictures import Picture
from members.services import uploads, vault
from members.services.uploads import SMALL

#: Papers of one case, and bytes of one desk (TRUST R28).
MOST_PER_CASE = 20
MOST_BYTES_PER_DESK = 500 * 1024 * 1024


def add(
    *,
    case: Case,
    upload: UploadedFile,
    by: User,
    title: str = "",
    now: datetime | None = None,
    submit_key: UUID | None = None,
    sha256_phone: str = "",
) -> Attachment:
    """Keep a photo or a PDF of a case; a repeated ``submit_key`` gives back the first one.

    ``sha256_phone`` is the hash of what the phone had, where the browser made the photo smaller; the event keeps it.

    Raises Refused with the cause in words; then nothing is kept, neither row nor file.
    """
    try:
        raw = uploads.read(upload)
        picture = None if raw.startswith(b"%PDF-") else uploads.tidied(raw, or_pdf=True)
        with uploads.keeping() as kept, transaction.atomic():
            case = timeline.lock(case)
            if submit_key and (first := Attachment.objects.filter(submit_key=submit_key).first()):
                if first.case_id != case.pk:
                    raise Refused(_("Open the form again and send the photo once more."))
                return first
            _check_room(case)
            attachment = Attachment(
                case=case,
                title=" ".join(title.split())[:120],
                uploaded_at=now or timezone.now(),
                uploaded_by=by,
                submit_key=submit_key,
            )
            return _keep(attachment, raw, picture, kept, sha256_phone)
    except ValidationError as bad:
        raise Refused(bad.messages[0]) from None


def content(attachment: Attachment) -> bytes:
    """The stored paper. Raises FileNotFoundError."""
    return vault.fetch(attachment.stored_name)


def thumbnail(attachment: Attachment) -> bytes:
    """The small WebP of a photo. Raises FileNotFoundError."""
    return vault.fetch(attachment.stored_name + SMALL)


def sweep(*, now: datetime) -> int:
    """Remove files older than a day that no row speaks of (a transaction around `add` failed); returns how many."""
    found = vault.names_older_than(now - timedelta(days=1))
    known = set(Attachment.objects.values_list("stored_name", flat=True))
    known.update(Import.objects.exclude(stored_name="").values_list("stored_name", flat=True))
    known.update(GatheringPhoto.objects.values_list("stored_name", flat=True))
    known.update(Printout.objects.exclude(stored_name="").values_list("stored_name", flat=True))
    orphans = [name for name in found if name.removesuffix(SMALL) not in known]
    uploads.forget(orphans)
    return len(orphans)


def _check_room(case: Case) -> None:
    if case.attachments.count() >= MOST_PER_CASE:
        raise Refused(_("This case already has %(count)d papers, and that is the most.") % {"count": MOST_PER_CASE})
    used = Attachment.objects.filter(case__desk=case.desk_id).aggregate(Sum("size"))["size__sum"] or 0
    if used >= MOST_BYTES_PER_DESK:
        raise Refused(_("The storage of this desk is full. Tell the admin."))


def _keep(
    attachment: Attachment, raw: bytes, picture: Picture | None, kept: list[str], sha256_phone: str
) -> Attachment:
    data = picture.jpeg if picture else raw
    name = uploads.keep(data, picture, kept)
    attachment.kind, attachment.content_type = Attachment.Kind.PDF, "application/pdf"
    if picture:
        attachment.kind, attachment.content_type = Attachment.Kind.PHOTO, "image/jpeg"
        attachment.width, attachment.height = picture.width, picture.height
    attachment.stored_name, attachment.size = name, len(data)
    attachment.sha256_received = uploads.hash_of(raw)
    attachment.sha256_stored = uploads.hash_of(data)
    about = {"attachment": str(attachment.uuid), "kind": attachment.kind, "sha256_phone": sha256_phone}
    attachment.event = timeline.record(
        attachment.case,
        EventCode.ATTACHMENT_ADDED,
        by=attachment.uploaded_by,
        now=attachment.uploaded_at,
        text=attachment.title,
        data={key: value for key, value in about.items() if value},
    )
    attachment.save()
    return attachment
