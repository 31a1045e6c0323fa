import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case
from cases.models.catalogue import EventType
from members.models import AppendOnly, Body, SealableJSONField, SealableTextField

#: Keys of an event's data that hold codes of ours, never words of a case; rows are found by them.
CODES = frozenset(
    {"channel", "urgency", "kind", "kinds", "fields", "role", "why", "outcome", "rule", "state", "sha256_phone", "what"}
)


class EventQuerySet(models.QuerySet):
    def update(self, **kwargs):
        raise AppendOnly("Events are facts: write a correction instead.")

    def facts(self):
        """What people wrote; without the lines of the system."""
        return self.filter(type__is_system=False)


class Event(models.Model):
    """A fact on the timeline: what happened and when, told by whom and when. Append-only; a correction is a new event."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="events")
    type = models.ForeignKey(EventType, models.PROTECT, related_name="+")
    text = SealableTextField(_("in one sentence"), blank=True)
    happened_at = models.DateTimeField(_("when it happened"))
    happened_on_day = models.BooleanField(default=False, help_text="only the day is known")
    logged_at = models.DateTimeField()
    logged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", help_text="empty: the system"
    )
    body = models.ForeignKey(Body, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("where"))
    counterpart = SealableTextField(_("with whom"), max_length=120, blank=True)
    corrects = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="corrections")
    data = SealableJSONField(default=dict, blank=True, clear=CODES)
    details = SealableJSONField(
        default=dict, blank=True, help_text="the typed facts its type asks for (rules.details), as read from the form"
    )
    submit_key = models.UUIDField(null=True, blank=True, unique=True, editable=False)

    #: A merge of two records leaves these rows as they were told; who looks for a body asks `places.with_merged`.
    only_added = True

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["-happened_at", "-pk"]
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [models.Index(fields=["case", "-happened_at"], name="event_timeline")]

    def __str__(self):
        return f"{self.type.code} · {self.case.number}"

    def save(self, **kwargs):
        if self.pk:
            raise AppendOnly("Events are facts: write a correction instead.")
        super().save(**kwargs)

    @property
    def is_sealed(self) -> bool:
        return self.case.is_restricted

    @property
    def typed(self) -> dict:
        """The typed facts of this event in clear, also where the column holds cipher."""
        return self.details


class Claim(models.Model):
    """Who says what about one question; versions that differ stand side by side with their source."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="claims")
    topic = SealableTextField(_("about"), max_length=80)
    text = SealableTextField(_("what is said"), max_length=300)
    source = SealableTextField(_("who says so"), max_length=120)
    stated_on = models.DateField(_("said on"), null=True, blank=True)
    logged_at = models.DateTimeField()
    logged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    submit_key = models.UUIDField(null=True, blank=True, unique=True, editable=False)

    class Meta:
        ordering = ["topic", "pk"]
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        indexes = [models.Index(fields=["case", "topic"], name="claim_topic")]

    def __str__(self):
        return self.topic

    @property
    def is_sealed(self) -> bool:
        return self.case.is_restricted
