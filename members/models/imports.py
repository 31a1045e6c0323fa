"""A list brought in from a file: the file, what was found in it, what became of every row. The row is the queue."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from members.models.fields import EncryptedTextField
from members.models.organisation import Organisation
from members.models.person import Person
from members.rules.importing import ImportKind


class ImportQuerySet(models.QuerySet):
    def waiting(self, now):
        """What a worker may take: there is something to do, and nobody is at it."""
        return self.filter(state__in=Import.WORK).filter(Q(lease_until__isnull=True) | Q(lease_until__lte=now))


class Import(models.Model):
    """One file of one kind for one organisation. ``state`` says whose turn it is: a person's, or a worker's."""

    class State(models.TextChoices):
        MAPPING = "mapping", _("Columns to choose")
        CHECKING = "checking", _("Being read")
        READY = "ready", _("Ready to look at")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")
        CANCELLED = "cancelled", _("Cancelled")
        FAILED = "failed", _("Failed")

    class Mode(models.TextChoices):
        ALL = "all", _("All or nothing")
        GOOD = "good", _("Only the rows in order")

    class Likely(models.TextChoices):
        ASK = "", _("Decided one by one")
        SAME = "same", _("Use the one already here")
        NEW = "new", _("Take them as new people")

    #: States in which a worker has something to do.
    WORK = (State.CHECKING, State.RUNNING, State.UNDOING)

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=12, choices=ImportKind)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="imports", verbose_name=_("organisation")
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.MAPPING)
    mode = models.CharField(max_length=4, choices=Mode, default=Mode.ALL)
    likely = models.CharField(max_length=4, choices=Likely, blank=True, default=Likely.ASK)
    stored_name = models.CharField(max_length=80, blank=True, editable=False)
    size = models.PositiveIntegerField(default=0)
    sheet = models.PositiveSmallIntegerField(default=0)
    head_row = models.PositiveIntegerField(default=0)
    #: The headings of the file as JSON; cipher, for a file without headings begins with people.
    headers = EncryptedTextField(blank=True)
    mapping = models.JSONField(default=dict)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    fault = models.CharField(max_length=30, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    run_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    finished_at = models.DateTimeField(null=True, blank=True)
    cleared_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    claimed_by = models.CharField(max_length=32, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    submit_key = models.UUIDField(null=True, blank=True, unique=True, editable=False)

    objects = ImportQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        constraints = [
            models.CheckConstraint(condition=Q(done__lte=F("total")), name="import_does_no_more_than_there_is"),
        ]
        indexes = [
            models.Index(
                fields=["created_at"],
                name="imports_to_work_on",
                condition=Q(state__in=["checking", "running", "undoing"]),
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} · {self.organisation} · {self.created_at:%Y-%m-%d}"

    @property
    def is_working(self) -> bool:
        """A worker has something to do."""
        return self.state in self.WORK

    @property
    def has_ended(self) -> bool:
        """Nothing more happens by itself."""
        return self.state in {self.State.DONE, self.State.UNDONE, self.State.CANCELLED, self.State.FAILED}


class ImportRow(models.Model):
    """A row of the file: what it says (cipher, until it is cleared), what is wrong with it, what came of it."""

    class State(models.TextChoices):
        GOOD = "good", _("In order")
        REFUSED = "refused", _("Refused")
        DONE = "done", _("Taken over")
        UNDONE = "undone", _("Undone")
        KEPT = "kept", _("Could not be undone")

    class Match(models.TextChoices):
        NONE = "", _("New")
        EXACT = "exact", _("Already here")
        LIKELY = "likely", _("Perhaps already here")

    class Decision(models.TextChoices):
        OPEN = "", _("Not decided")
        SAME = "same", _("The same person")
        NEW = "new", _("Somebody else")

    batch = models.ForeignKey(Import, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    level = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=8, choices=State, default=State.GOOD)
    payload = EncryptedTextField(blank=True)
    problems = models.JSONField(default=list)
    has_warning = models.BooleanField(default=False)
    #: Keyed hash of what makes a row of this file the same as another one: the NIK, or the name with its place.
    key_hash = models.CharField(max_length=64, blank=True)
    match = models.CharField(max_length=6, choices=Match, blank=True, default=Match.NONE)
    decision = models.CharField(max_length=4, choices=Decision, blank=True, default=Decision.OPEN)
    candidate = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    #: What it made and filled: keys of rows, names of fields with the hash of what was written; no value of anybody.
    effect = models.JSONField(default=dict)

    class Meta:
        ordering = ["number"]
        verbose_name = _("row of an import")
        verbose_name_plural = _("rows of imports")
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="a_row_of_a_file_once"),
        ]
        indexes = [
            models.Index(fields=["batch", "state", "level", "number"], name="rows_of_import_by_state"),
            models.Index(fields=["batch", "key_hash"], name="rows_of_import_alike", condition=~Q(key_hash="")),
        ]

    def __str__(self):
        return f"{self.batch_id}:{self.number}"
