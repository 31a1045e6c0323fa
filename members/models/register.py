"""What an organisation says to everybody below it, asks of an office, and watches in a programme of the government."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from members.models.body import Body
from members.models.gathering import Gathering
from members.models.organisation import Organisation
from members.rules.registers import ProposalState


class Announcement(models.Model):
    """Said once by an organisation to everybody who serves at it or below; ``reach`` is how many that were."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="announcements", verbose_name=_("organisation")
    )
    title = models.CharField(_("title"), max_length=120)
    text = models.TextField(_("text"))
    reach = models.PositiveIntegerField(_("people reached"), default=0)
    units = models.PositiveIntegerField(_("units reached"), default=0)
    sent_at = models.DateTimeField(editable=False)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    submit_key = models.UUIDField(null=True, blank=True, unique=True, editable=False)

    class Meta:
        ordering = ["-sent_at"]
        verbose_name = _("announcement")
        verbose_name_plural = _("announcements")
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="announcement_says_something")]

    def __str__(self):
        return self.title


class OfOrganisation(models.Model):
    """A row of a register that an organisation keeps; every change stays in its history."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="%(class)ss", verbose_name=_("organisation")
    )
    body = models.ForeignKey(Body, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("office"))
    gathering = models.ForeignKey(
        Gathering, models.SET_NULL, null=True, blank=True, related_name="%(class)ss", verbose_name=_("meeting")
    )
    next_check_on = models.DateField(_("next check"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )
    submit_key = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True


class Proposal(OfOrganisation):
    """A programme laid before an office: drafted, submitted, reviewed, funded or refused (PRACTICE S3.11)."""

    title = models.CharField(_("title"), max_length=160)
    amount = models.PositiveBigIntegerField(_("rupiah asked for"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=ProposalState, default=ProposalState.DRAFT)
    state_on = models.DateField(_("since"), default=timezone.localdate)
    history = HistoricalRecords()

    class Meta:
        ordering = [F("next_check_on").asc(nulls_last=True), "-pk"]
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")

    def __str__(self):
        return self.title


class Finding(OfOrganisation):
    """What was found wrong in a programme of the government, what shows it, and when to look again (PRACTICE S3.15)."""

    programme = models.CharField(_("programme"), max_length=160)
    text = models.CharField(_("what was found"), max_length=500)
    evidence = models.CharField(_("what shows it"), max_length=300)
    found_on = models.DateField(_("found on"), default=timezone.localdate)
    closed_on = models.DateField(_("settled on"), null=True, blank=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["found_on", "pk"]
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("found_on")),
                name="finding_ends_after_it_began",
            ),
        ]
        indexes = [models.Index(fields=["found_on"], name="finding_open", condition=Q(closed_on__isnull=True))]

    def __str__(self):
        return self.programme
