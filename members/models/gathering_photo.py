import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models.gathering import Gathering


class GatheringPhoto(models.Model):
    """A photo of a gathering: re-encoded, upright, without location, encrypted on disk under a random name (S1.7).

    The hash of what the phone had stands beside the hash of what we keep (ADR 27).
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    gathering = models.ForeignKey(Gathering, models.CASCADE, related_name="photos")
    title = models.CharField(_("what it shows"), max_length=120, blank=True)
    stored_name = models.CharField(max_length=80, unique=True, editable=False)
    size = models.PositiveIntegerField(editable=False, help_text="bytes of the stored photo, before encryption")
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    sha256_phone = models.CharField(max_length=64, blank=True, editable=False)
    sha256_received = models.CharField(max_length=64, editable=False)
    sha256_stored = models.CharField(max_length=64, editable=False)
    uploaded_at = models.DateTimeField(editable=False)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    submit_key = models.UUIDField(null=True, blank=True, unique=True, editable=False)

    class Meta:
        ordering = ["uploaded_at", "pk"]
        verbose_name = _("photo of a gathering")
        verbose_name_plural = _("photos of gatherings")

    def __str__(self):
        return self.title or str(_("Photo"))
