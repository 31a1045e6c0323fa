import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case
from cases.models.event import Event
from members.models import SealableTextField


class AttachmentQuerySet(models.QuerySet):
    def permitted(self, user, permission):
        """The papers of the cases on which this user holds this permission."""
        return self.filter(case__in=Case.objects.permitted(user, permission))


class Attachment(models.Model):
    """A photo or paper: re-encoded, upright, without location, encrypted on disk under a random name.

    The hash of what the phone had stands beside the hash of what we keep (ADR 27).
    """

    class Kind(models.TextChoices):
        PHOTO = "photo", _("Photo")
        PDF = "pdf", _("PDF")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="attachments")
    event = models.ForeignKey(Event, models.PROTECT, null=True, blank=True, related_name="attachments")
    kind = models.CharField(max_length=5, choices=Kind)
    title = SealableTextField(_("what it is"), max_length=120, blank=True)
    stored_name = models.CharField(max_length=80, unique=True, editable=False)
    content_type = models.CharField(max_length=40, editable=False)
    size = models.PositiveIntegerField(editable=False, help_text="bytes of the stored paper, before encryption")
    width = models.PositiveIntegerField(null=True, blank=True, editable=False)
    height = models.PositiveIntegerField(null=True, blank=True, editable=False)
    sha256_received = models.CharField(max_length=64, editable=False)
    sha256_stored = models.CharField(max_length=64, editable=False)
    uploaded_at = models.DateTimeField(editable=False)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    submit_key = models.UUIDField(null=True, blank=True, unique=True, editable=False)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        ordering = ["uploaded_at"]
        verbose_name = _("paper")
        verbose_name_plural = _("papers")

    def __str__(self):
        return self.title or self.get_kind_display()

    @property
    def is_sealed(self) -> bool:
        return self.case.is_restricted
