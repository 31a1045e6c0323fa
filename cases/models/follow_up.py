import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case
from cases.rules.codes import FollowUpKind, FollowUpState, HandOverState
from members.models import Organisation, SealableTextField
from members.rules.zones import Zone


class FollowUpQuerySet(models.QuerySet):
    def permitted(self, user, permission):
        """The follow-ups of the cases on which this user holds this permission."""
        return self.filter(case__in=Case.objects.permitted(user, permission))

    def open(self):
        return self.filter(state=FollowUpState.OPEN)

    def overdue(self, now):
        return self.open().filter(due_at__lt=now)

    def to_remind(self, now):
        """Open rows with a reminder moment that has come."""
        return self.open().filter(remind_at__lte=now)


class FollowUp(models.Model):
    """Something to do, due at a moment (or by the end of a day) of the place; the only thing of a case that is reminded."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="follow_ups")
    title = SealableTextField(_("what to do"), max_length=160)
    kind = models.CharField(_("kind"), max_length=10, choices=FollowUpKind, default=FollowUpKind.ACT)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="follow_ups",
        verbose_name=_("whose"),
        help_text="empty: the coordinators of the desk",
    )
    due_at = models.DateTimeField(_("due"))
    due_is_day = models.BooleanField(_("by the end of the day"), default=False)
    zone = models.CharField(max_length=20, choices=Zone, default=Zone.WIB)
    repeat_days = models.PositiveSmallIntegerField(_("again every so many days"), null=True, blank=True)
    for_the_living = models.BooleanField(_("only while the patient lives"), default=False)
    state = models.CharField(max_length=10, choices=FollowUpState, default=FollowUpState.OPEN, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    end_note = SealableTextField(max_length=200, blank=True, editable=False)
    snoozed_until = models.DateTimeField(null=True, blank=True, editable=False)
    remind_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="the next reminder moment")
    created_at = models.DateTimeField(editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    submit_key = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        ordering = ["due_at"]
        verbose_name = _("follow-up")
        verbose_name_plural = _("follow-ups")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", ended_at__isnull=True) | (~Q(state="open") & Q(ended_at__isnull=False)),
                name="ended_and_its_moment_together",
            ),
        ]
        indexes = [
            models.Index(fields=["remind_at"], name="follow_up_to_remind", condition=Q(state="open")),
            models.Index(fields=["owner", "due_at"], name="follow_up_of_owner", condition=Q(state="open")),
            models.Index(fields=["case", "due_at"], name="follow_up_of_case", condition=Q(state="open")),
        ]

    def __str__(self):
        return f"{self.case.number} · {self.due_at:%Y-%m-%d %H:%M}"

    @property
    def is_sealed(self) -> bool:
        return self.case.is_restricted

    @property
    def thing(self) -> str:
        """How messages name this follow-up."""
        return f"follow_up:{self.uuid}"

    @property
    def due_day(self) -> bool:
        return self.due_is_day


class HandOver(models.Model):
    """A case offered to a person or a unit; until it is accepted the sender stays responsible."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="handovers")
    from_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="handovers_given", verbose_name=_("from")
    )
    to_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="handovers_received", verbose_name=_("to")
    )
    to_desk = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("new desk")
    )
    next_step = SealableTextField(_("next step"), max_length=200)
    reason = SealableTextField(_("why"), max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=HandOverState, default=HandOverState.OFFERED, editable=False)
    offered_at = models.DateTimeField(editable=False)
    answered_at = models.DateTimeField(null=True, blank=True, editable=False)
    answer_note = SealableTextField(max_length=200, blank=True, editable=False)
    alerted_at = models.DateTimeField(null=True, blank=True, editable=False)
    batch = models.UUIDField(null=True, blank=True, editable=False, help_text="offered together: a whole desk")
    submit_key = models.UUIDField(null=True, blank=True, unique=True, editable=False)

    class Meta:
        ordering = ["-offered_at"]
        verbose_name = _("hand-over")
        verbose_name_plural = _("hand-overs")
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(state="offered"), name="one_open_offer_per_case"),
            models.CheckConstraint(
                condition=Q(state="offered", answered_at__isnull=True)
                | (~Q(state="offered") & Q(answered_at__isnull=False)),
                name="answered_and_its_moment_together",
            ),
        ]

    def __str__(self):
        return f"{self.case.number} → {self.to_user}"

    @property
    def is_sealed(self) -> bool:
        return self.case.is_restricted
