import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class MessageQuerySet(models.QuerySet):
    def inbox_of(self, user):
        """What the inbox shows: everything told to this user on the screen, newest first."""
        return self.filter(recipient=user, channel=Message.Channel.INBOX, state=Message.State.SENT).order_by("-sent_at")

    def unread(self):
        return self.filter(read_at__isnull=True)

    def to_send(self, now):
        """Rows whose turn has come, or whose sender died holding them (its lease ran out)."""
        return self.filter(
            Q(state=Message.State.WAITING, not_before__lte=now)
            | Q(state__in=[Message.State.CLAIMED, Message.State.SENDING, Message.State.UNSURE], lease_until__lte=now)
        )


class Message(models.Model):
    """One thing told to one user on one channel, once: the row is the queue (ADR 9, TRUST A3).

    waiting → claimed → sending → sent; a refusal goes back to waiting with backoff; a process that dies while
    sending leaves ``unsure``, sent again after the lease with the same Message-ID. It holds no identity and no
    foreign key to a case: ``kind`` names a template under templates/messages/, ``data`` fills it.
    """

    class Channel(models.TextChoices):
        INBOX = "inbox", _("Inbox")
        EMAIL = "email", _("E-mail")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        CLAIMED = "claimed", _("Claimed")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        UNSURE = "unsure", _("Unsure")
        FAILED = "failed", _("Failed")
        SKIPPED = "skipped", _("Not sent")
        CANCELLED = "cancelled", _("No longer needed")

    class Skip(models.TextChoices):
        NO_ADDRESS = "no_address", _("has no e-mail address")
        NOT_WANTED = "not_wanted", _("does not want e-mail")
        INACTIVE = "inactive", _("account is not active")
        SUPERSEDED = "superseded", _("told in a later message")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="messages")
    channel = models.CharField(max_length=10, choices=Channel)
    key = models.CharField(max_length=200, help_text="thing + its due moment + the reminder moment")
    kind = models.CharField(max_length=40)
    data = models.JSONField(default=dict)
    path = models.CharField(max_length=200, blank=True, help_text="where the link leads; holds ids only")
    thing = models.CharField(max_length=80, blank=True, db_index=True, help_text="e.g. follow_up:<uuid>")
    about = models.CharField(max_length=80, blank=True, db_index=True, help_text="e.g. case:<uuid>")
    urgency = models.CharField(max_length=10, blank=True)
    is_digest = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    not_before = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    claimed_by = models.CharField(max_length=80, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    message_id = models.CharField(max_length=120, blank=True, db_index=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    skip_reason = models.CharField(max_length=20, choices=Skip, blank=True)
    error = models.CharField(max_length=300, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.UniqueConstraint(fields=["recipient", "channel", "key"], name="told_once"),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False), name="sent_message_has_its_moment"
            ),
            models.CheckConstraint(
                condition=~Q(state="skipped") | ~Q(skip_reason=""), name="skipped_message_has_its_reason"
            ),
        ]
        indexes = [
            models.Index(
                fields=["not_before"],
                name="message_waiting",
                condition=Q(state="waiting"),
            ),
            models.Index(
                fields=["lease_until"],
                name="message_leased",
                condition=Q(state__in=["claimed", "sending", "unsure"]),
            ),
            models.Index(fields=["recipient", "-sent_at"], name="message_inbox", condition=Q(channel="inbox")),
        ]

    def __str__(self):
        return f"{self.kind} · {self.state}"


class Tick(models.Model):
    """When a periodic task last ran; its age is what /readyz shows."""

    name = models.CharField(max_length=60, unique=True)
    ran_at = models.DateTimeField()

    def __str__(self):
        return f"{self.name} {self.ran_at:%H:%M:%S}"
