import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from members.models.body import Body


class BodyFix(models.Model):
    """A correction of the directory that somebody proposes; a coordinator accepts or declines it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")

    #: What may be proposed.
    FIELDS = ("name", "address", "phone", "email", "website", "hours")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    body = models.ForeignKey(Body, models.CASCADE, related_name="fixes", verbose_name=_("body"))
    values = models.JSONField(_("new values"), default=dict)
    why = models.CharField(_("how do you know"), max_length=300)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    answer = models.CharField(_("answer"), max_length=300, blank=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    submit_key = models.UUIDField(null=True, blank=True, unique=True, editable=False)

    class Meta:
        ordering = ["-proposed_at"]
        verbose_name = _("proposed fix")
        verbose_name_plural = _("proposed fixes")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="waiting", decided_at__isnull=True, decided_by__isnull=True)
                | Q(~Q(state="waiting"), decided_at__isnull=False, decided_by__isnull=False),
                name="fix_decided_by_and_at_together",
            ),
        ]

    def __str__(self):
        return f"{self.body} · {self.get_state_display()}"
