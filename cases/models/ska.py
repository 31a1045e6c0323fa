"""What we do beside cases: consultations and outreach (SKA), in three fields."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case
from cases.rules.ska import SkaKind
from members.models import Organisation


class SkaEntryQuerySet(models.QuerySet):
    def permitted(self, user, permission):
        """The entries of the desks where this user holds this permission."""
        return self.filter(desk__in=Organisation.objects.narrowed_reach_of(user, permission))


class SkaEntry(models.Model):
    """A consultation or an outreach: about what, and how many people. Names nobody; numbers of people are masked."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    desk = models.ForeignKey(Organisation, models.PROTECT, related_name="ska_entries", verbose_name=_("desk (posko)"))
    kind = models.CharField(_("what kind"), max_length=12, choices=SkaKind)
    topic = models.CharField(_("about what"), max_length=160)
    people = models.PositiveIntegerField(_("how many people"), default=1)
    on_day = models.DateField(_("day"))
    case = models.ForeignKey(Case, models.SET_NULL, null=True, blank=True, related_name="+")
    logged_at = models.DateTimeField(editable=False)
    logged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    submit_key = models.UUIDField(null=True, blank=True, unique=True, editable=False)

    objects = SkaEntryQuerySet.as_manager()

    class Meta:
        ordering = ["-on_day", "-pk"]
        verbose_name = _("consultation or outreach")
        verbose_name_plural = _("consultations and outreach")
        constraints = [
            models.CheckConstraint(condition=Q(people__gt=0), name="ska_reached_somebody"),
            models.CheckConstraint(condition=~Q(topic=""), name="ska_has_a_topic"),
        ]
        indexes = [models.Index(fields=["desk", "-on_day"], name="ska_of_desk")]

    def __str__(self):
        return f"{self.get_kind_display()} · {self.on_day}"
