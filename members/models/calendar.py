"""The secret address of a calendar: only its keyed hash is kept."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class CalendarFeed(models.Model):
    """The calendar of a user behind a secret address, shown once; renewed by another secret, revoked for good."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="calendar_feed")
    secret_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(editable=False)
    #: When a calendar last fetched it, to the hour: so that its owner sees whether it is in use.
    fetched_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("calendar address")
        verbose_name_plural = _("calendar addresses")
        constraints = [models.CheckConstraint(condition=~Q(secret_hash=""), name="calendar_has_a_secret")]

    def __str__(self):
        return str(self.user)
