"""What a congress or meeting resolved, and how far it is: the value now of a figure of ours, or numbers from a source."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.rules.indicators import Indicator
from members.models import Gathering, Organisation


class Resolution(models.Model):
    """A mandate of an organisation, with an indicator that says how far it is (PRACTICE S4.8)."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="resolutions", verbose_name=_("organisation")
    )
    gathering = models.ForeignKey(
        Gathering, models.SET_NULL, null=True, blank=True, related_name="resolutions", verbose_name=_("meeting")
    )
    text = models.CharField(_("what was resolved"), max_length=500)
    indicator = models.CharField(_("indicator"), max_length=30, choices=Indicator, default=Indicator.TYPED)
    unit = models.CharField(_("what is counted"), max_length=80, blank=True)
    target = models.PositiveIntegerField(_("target"), null=True, blank=True)
    target_on = models.DateField(_("until"), null=True, blank=True)
    created_at = models.DateTimeField(editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    ended_on = models.DateField(null=True, blank=True, editable=False)
    submit_key = models.UUIDField(null=True, blank=True, unique=True, editable=False)

    class Meta:
        ordering = ["ended_on", "target_on", "pk"]
        verbose_name = _("resolution")
        verbose_name_plural = _("resolutions")
        constraints = [
            models.CheckConstraint(condition=~Q(indicator="typed") | ~Q(unit=""), name="a_typed_indicator_says_what")
        ]

    def __str__(self):
        return self.text[:80]


class ResolutionValue(models.Model):
    """A number for a resolution on a day, with who says so; none is rubbed out, the newest day counts."""

    resolution = models.ForeignKey(Resolution, models.CASCADE, related_name="values")
    value = models.PositiveIntegerField(_("number"))
    on_date = models.DateField(_("as of"))
    source = models.CharField(_("source"), max_length=160)
    noted_at = models.DateTimeField(editable=False)
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    submit_key = models.UUIDField(null=True, blank=True, unique=True, editable=False)

    class Meta:
        ordering = ["-on_date", "-pk"]
        verbose_name = _("value of a resolution")
        verbose_name_plural = _("values of a resolution")

    def __str__(self):
        return f"{self.value} ({self.on_date})"
