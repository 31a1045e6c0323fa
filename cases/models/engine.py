"""What the engine keeps on a case: its clocks, who pays, and what is believed and checked of the card."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.models.case import Case
from cases.models.event import Event
from cases.models.follow_up import FollowUp
from cases.models.law import (
    MembershipState,
    Obliged,
    Rule,
    Segment,
)
from members.models import Person, SealableTextField
from members.rules.zones import Zone


class OfCaseQuerySet(models.QuerySet):
    def permitted(self, user, permission):
        """The rows of the cases on which this user holds this permission."""
        return self.filter(case__in=Case.objects.permitted(user, permission))


class OfCase(models.Model):
    """What every row of a case has: an id for addresses, who wrote it when, and the key of the form that made it."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="%(class)ss")
    logged_at = models.DateTimeField(editable=False)
    logged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False)
    submit_key = models.UUIDField(null=True, blank=True, unique=True, editable=False)

    objects = OfCaseQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def is_sealed(self) -> bool:
        return self.case.is_restricted


class Clock(OfCase):
    """A rule started on a case: it runs, stands still, stops or is waived, and can always say why this date."""

    class State(models.TextChoices):
        RUNNING = "running", pgettext_lazy("clock", "Running")
        PAUSED = "paused", pgettext_lazy("clock", "Standing still")
        STOPPED = "stopped", pgettext_lazy("clock", "Met")
        WAIVED = "waived", pgettext_lazy("clock", "Not needed")

    rule = models.ForeignKey(Rule, models.PROTECT, related_name="clocks")
    obliged = models.CharField(max_length=15, choices=Obliged)
    started_at = models.DateTimeField(_("started"))
    zone = models.CharField(max_length=20, choices=Zone)
    due_at = models.DateTimeField(null=True, blank=True)
    due_is_day = models.BooleanField(default=False)
    working = models.JSONField(default=dict, help_text="how it was counted: stages, skipped days, reason")
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    started_by_event = models.ForeignKey(Event, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by_event = models.ForeignKey(Event, models.PROTECT, null=True, related_name="+")
    end_note = SealableTextField(max_length=200, blank=True)
    follow_up = models.ForeignKey(FollowUp, models.PROTECT, null=True, blank=True, related_name="clocks")

    class Meta:
        ordering = ["due_at"]
        verbose_name = _("clock")
        verbose_name_plural = _("clocks")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["running", "paused"], ended_at__isnull=True)
                | Q(state__in=["stopped", "waived"], ended_at__isnull=False),
                name="ended_clock_has_its_moment",
            ),
            models.UniqueConstraint(
                fields=["case", "rule"], condition=Q(state__in=["running", "paused"]), name="one_open_clock_per_rule"
            ),
        ]
        indexes = [models.Index(fields=["due_at"], name="clock_running", condition=Q(state="running"))]

    def __str__(self):
        return f"{self.rule.code} · {self.case.number}"


class ClockPause(models.Model):
    """A clock stands still from a moment, because of somebody, for a reason."""

    clock = models.ForeignKey(Clock, models.CASCADE, related_name="pauses")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    reason = SealableTextField(_("why"), max_length=200)
    caused_by = models.CharField(_("because of"), max_length=15, choices=Obliged)
    logged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["since"]
        constraints = [
            models.UniqueConstraint(fields=["clock"], condition=Q(until__isnull=True), name="one_open_pause_per_clock"),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="pause_ends_after_it_begins"
            ),
        ]

    def __str__(self):
        return self.reason

    @property
    def is_sealed(self) -> bool:
        return self.clock.case.is_restricted


class PayerDecision(OfCase):
    """Who pays, on which facts, and why; the newest holds, the older ones are the history."""

    facts = models.JSONField(default=dict)
    payers = models.JSONField(default=list)
    chosen = models.CharField(_("payer"), max_length=15)
    reason = SealableTextField(_("why"), max_length=300, blank=True)

    class Meta:
        ordering = ["-logged_at", "-pk"]
        verbose_name = _("payer decision")
        verbose_name_plural = _("payer decisions")

    def __str__(self):
        return self.chosen


class CoverCheck(OfCase):
    """What the family believes of the card, or what a check showed: two facts, each with its time and source."""

    is_check = models.BooleanField(_("checked (not only believed)"), default=True)
    segment = models.ForeignKey(Segment, models.PROTECT, null=True, blank=True, related_name="+")
    state = models.ForeignKey(MembershipState, models.PROTECT, null=True, blank=True, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    class_of_right = models.CharField(_("class of right"), max_length=10, blank=True)
    source = SealableTextField(_("who says so, or where it was looked up"), max_length=160, blank=True)
    stated_at = models.DateTimeField(_("when"))
    note = SealableTextField(_("note"), max_length=300, blank=True)

    class Meta:
        ordering = ["-stated_at", "-pk"]
        verbose_name = _("check of the card")
        verbose_name_plural = _("checks of the card")

    def __str__(self):
        return f"{self.segment or '?'} · {self.state or '?'}"
