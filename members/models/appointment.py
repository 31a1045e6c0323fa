from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from members.models.organisation import Organisation
from members.models.region import Region
from members.rules.roles import LooksAt, Role


class AppointmentQuerySet(models.QuerySet):
    def live(self, on=None):
        """Appointments in force on a day (today when none is given)."""
        on = on or timezone.localdate()
        return self.filter(Q(until_on__isnull=True) | Q(until_on__gte=on), from_on__lte=on)


class Appointment(models.Model):
    """A user holds a role at an organisation from a day to a day; several combine, and they end by themselves."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="appointments", verbose_name=_("user")
    )
    role = models.CharField(_("role"), max_length=20, choices=Role)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="appointments", verbose_name=_("organisation")
    )
    region = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, verbose_name=_("only this region"), related_name="+"
    )
    title = models.CharField(_("title of the office"), max_length=120, blank=True)
    looks_at = models.CharField(
        _("figures of"),
        max_length=12,
        choices=LooksAt,
        blank=True,
        default="",
        help_text=_("Empty: of everybody. Only a leader's office can be for a part of the figures."),
    )
    from_on = models.DateField(_("from"), default=timezone.localdate)
    until_on = models.DateField(_("until (last day)"), null=True, blank=True)
    history = HistoricalRecords()

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        ordering = ["-from_on"]
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        constraints = [
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gte=F("from_on")),
                name="appointment_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(looks_at="") | Q(role=Role.LEADER),
                name="only_a_leader_looks_at_a_part",
                violation_error_message=_("Only a leader's office can be for a part of the figures."),
            ),
        ]
        indexes = [models.Index(fields=["user", "role"], name="appointment_of_user")]

    def __str__(self):
        return f"{self.user} · {self.get_role_display()} · {self.organisation}"
