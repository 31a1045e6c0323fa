"""What people add to the list of cases: short labels of their own, and views they come back to."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case
from members.models import Appointment, Organisation


class CaseTag(models.Model):
    """A short label on a case, in small letters. A restricted case carries none: its words are found by nobody.

    ``batch`` is the act that put it on many cases at once, so that it can be taken back.
    """

    case = models.ForeignKey(Case, models.CASCADE, related_name="tags")
    label = models.CharField(_("label"), max_length=30, db_index=True)
    tagged_at = models.DateTimeField(editable=False)
    tagged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    batch = models.UUIDField(null=True, blank=True, editable=False, db_index=True)

    class Meta:
        ordering = ["label"]
        verbose_name = _("label")
        verbose_name_plural = _("labels")
        constraints = [
            models.UniqueConstraint(fields=["case", "label"], name="a_label_once_per_case"),
            models.CheckConstraint(condition=~Q(label=""), name="label_has_letters"),
        ]

    def __str__(self):
        return self.label


class TakenTag(models.Model):
    """A label that was taken off many cases at once, as long as that can be taken back. A restricted case has none."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="+")
    label = models.CharField(_("label"), max_length=30)
    tagged_at = models.DateTimeField(editable=False)
    tagged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    taken_at = models.DateTimeField(db_index=True, editable=False)
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    batch = models.UUIDField(editable=False, db_index=True)

    class Meta:
        verbose_name = _("label taken off")
        verbose_name_plural = _("labels taken off")
        constraints = [models.UniqueConstraint(fields=["batch", "case"], name="a_label_taken_off_once_per_act")]

    def __str__(self):
        return self.label


class SavedViewQuerySet(models.QuerySet):
    def for_user(self, user):
        """The user's own views, and those shared with a unit at which, or below which, they hold an office now."""
        offices = Appointment.objects.live().filter(user=user).order_by().values("organisation")
        units = Organisation.objects.filter(descendants__descendant__in=offices).order_by().values("pk")
        return self.filter(Q(owner=user) | Q(organisation__in=units))

    def sounding(self):
        """Views whose owner wants to hear when they gain rows."""
        return self.filter(has_alert=True, owner__is_active=True)


class SavedView(models.Model):
    """An address of the list of cases under a name: one's own, or shared with a unit.

    What it shows is what its reader may see. ``known`` holds the ids of the cases it showed its owner when they last
    looked or were last told, so that a message counts what came since.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views")
    organisation = models.ForeignKey(
        Organisation, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("shared with")
    )
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(_("address"), max_length=600, blank=True)
    has_alert = models.BooleanField(_("tell me when it gains cases"), default=False)
    known = models.JSONField(default=list, editable=False)
    told_at = models.DateTimeField(null=True, blank=True, editable=False)
    checked_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(editable=False)
    submit_key = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="saved_view_has_a_name"),
            models.UniqueConstraint(fields=["owner", "name"], name="a_view_name_once_per_owner"),
        ]
        indexes = [models.Index(fields=["checked_at"], name="saved_view_sounding", condition=Q(has_alert=True))]

    def __str__(self):
        return self.name
