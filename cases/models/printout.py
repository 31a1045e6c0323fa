"""A paper that a worker makes: ordered, made, taken out by who ordered it, deleted after a week. The row is the queue."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.rules.printing import FILE_NAMES, WORK, PrintKind, PrintState
from members.models import EncryptedTextField, Organisation


class PrintoutQuerySet(models.QuerySet):
    def waiting(self, now):
        """What a worker may take: there is something to make, and nobody is at it."""
        return self.filter(state__in=WORK).filter(Q(lease_until__isnull=True) | Q(lease_until__lte=now))

    def over(self, now):
        """What is to be deleted by now."""
        return self.filter(expires_at__lte=now)


class Printout(models.Model):
    """One paper for one person. ``params`` holds ids, codes and days only; what somebody typed stands in ``content``."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=10, choices=PrintKind)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="+", verbose_name=_("organisation")
    )
    params = models.JSONField(default=dict)
    #: What was typed for it, as JSON: demands, who attends; always cipher.
    content = EncryptedTextField(blank=True)
    state = models.CharField(_("state"), max_length=8, choices=PrintState, default=PrintState.WAITING)
    done = models.PositiveSmallIntegerField(default=0)
    total = models.PositiveSmallIntegerField(default=0)
    fault = models.CharField(max_length=20, blank=True)
    stored_name = models.CharField(max_length=80, blank=True, editable=False)
    content_type = models.CharField(max_length=100, blank=True)
    extension = models.CharField(max_length=5, blank=True)
    size = models.PositiveIntegerField(default=0)
    #: The cases (by id) that it shows; they are asked again when it is taken out.
    shows = models.JSONField(default=list)
    ordered_at = models.DateTimeField(db_index=True)
    ordered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="printouts")
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(db_index=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    claimed_by = models.CharField(max_length=32, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    submit_key = models.UUIDField(null=True, blank=True, unique=True, editable=False)

    objects = PrintoutQuerySet.as_manager()

    class Meta:
        ordering = ["-ordered_at", "-pk"]
        verbose_name = _("paper made by a worker")
        verbose_name_plural = _("papers made by a worker")
        constraints = [
            models.CheckConstraint(condition=Q(done__lte=F("total")), name="printout_does_no_more_than_there_is"),
            models.CheckConstraint(
                condition=Q(state="done", finished_at__isnull=False) & ~Q(stored_name="")
                | ~Q(state="done") & Q(stored_name=""),
                name="printout_that_is_done_has_its_file",
            ),
        ]
        indexes = [
            models.Index(
                fields=["ordered_at"], name="printouts_to_make", condition=Q(state__in=["waiting", "running"])
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} · {self.ordered_at:%Y-%m-%d}"

    @property
    def is_working(self) -> bool:
        """A worker has something to do."""
        return self.state in WORK

    @property
    def file_name(self) -> str:
        """What the file is called: what it is and a random part, never about whom."""
        return f"{FILE_NAMES[PrintKind(self.kind)]}-{str(self.uuid)[:8]}.{self.extension}"
