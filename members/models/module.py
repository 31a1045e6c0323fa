import uuid

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from members.models.gathering import Gathering, Topic
from members.models.organisation import Organisation
from members.models.sector import Sector
from members.rules.gatherings import VersionState


class ModuleQuerySet(models.QuerySet):
    def with_current(self):
        """With the id of the text that holds now (``current_id``): the newest final one, or None."""
        final = ModuleVersion.objects.filter(module=OuterRef("pk"), state=VersionState.FINAL).order_by("-number")
        return self.annotate(current_id=Subquery(final.values("pk")[:1]))

    def overdue(self, today):
        """Those whose day has come and that have no final text yet."""
        return self.with_current().filter(target_on__lt=today, current_id__isnull=True, is_retired=False)


class Module(models.Model):
    """One lesson of the programme. Only its newest final text is read in the field; older ones are kept."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(_("title"), max_length=160)
    abbreviation = models.CharField(_("abbreviation"), max_length=20, blank=True)
    summary = models.CharField(_("what it teaches"), max_length=300, blank=True)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="modules", verbose_name=_("organisation")
    )
    topics = models.ManyToManyField(Topic, blank=True, related_name="modules", verbose_name=_("topics"))
    sectors = models.ManyToManyField(Sector, blank=True, related_name="modules", verbose_name=_("sectors"))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("owner")
    )
    target_on = models.DateField(_("to be final by"), null=True, blank=True)
    is_retired = models.BooleanField(_("no longer taught"), default=False)
    history = HistoricalRecords()

    objects = ModuleQuerySet.as_manager()

    class Meta:
        ordering = ["title"]
        verbose_name = _("module")
        verbose_name_plural = _("modules")
        constraints = [models.UniqueConstraint(fields=["organisation", "title"], name="a_module_stands_once")]

    def __str__(self):
        return self.abbreviation or self.title


class ModuleVersion(models.Model):
    """One text of a module: draft, in review, final. A final text is never changed; a new version follows it."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    module = models.ForeignKey(Module, models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=8, choices=VersionState, default=VersionState.DRAFT)
    text = models.TextField(_("text"))
    changes = models.CharField(_("what changed"), max_length=300, blank=True)
    gathering = models.ForeignKey(
        Gathering, models.SET_NULL, null=True, blank=True, related_name="module_versions", verbose_name=_("made at")
    )
    made_at = models.DateTimeField(editable=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False)
    final_at = models.DateTimeField(null=True, blank=True, editable=False)
    submit_key = models.UUIDField(null=True, blank=True, unique=True, editable=False)

    class Meta:
        ordering = ["-number"]
        verbose_name = _("version of a module")
        verbose_name_plural = _("versions of a module")
        constraints = [
            models.UniqueConstraint(fields=["module", "number"], name="one_text_per_version"),
            models.CheckConstraint(
                condition=Q(state="final", final_at__isnull=False) | (~Q(state="final") & Q(final_at__isnull=True)),
                name="final_text_has_its_moment",
            ),
        ]

    def __str__(self):
        return f"{self.module} v{self.number}"


class ModuleReview(models.Model):
    """Who looked at a version, and what they said."""

    version = models.ForeignKey(ModuleVersion, models.CASCADE, related_name="reviews")
    reviewer = models.CharField(_("reviewer"), max_length=150)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    note = models.CharField(_("remark"), max_length=500, blank=True)
    at = models.DateTimeField(editable=False)

    class Meta:
        ordering = ["at"]
        verbose_name = _("review")
        verbose_name_plural = _("reviews")

    def __str__(self):
        return self.reviewer


class ModulePackage(models.Model):
    """Modules that are taught together ("Hak-Hak Dasar Pekerja" contains FOA)."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(_("title"), max_length=160)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="module_packages", verbose_name=_("organisation")
    )
    summary = models.CharField(_("what it is for"), max_length=300, blank=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["title"]
        verbose_name = _("package of modules")
        verbose_name_plural = _("packages of modules")
        constraints = [models.UniqueConstraint(fields=["organisation", "title"], name="a_package_stands_once")]

    def __str__(self):
        return self.title


class PackagePart(models.Model):
    """A place in a package; without a module, or before the module's first final text, it is missing."""

    package = models.ForeignKey(ModulePackage, models.CASCADE, related_name="parts")
    position = models.PositiveSmallIntegerField(_("position"), default=1)
    title = models.CharField(_("what belongs here"), max_length=160)
    module = models.ForeignKey(
        Module, models.PROTECT, null=True, blank=True, related_name="parts", verbose_name=_("module")
    )

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("part of a package")
        verbose_name_plural = _("parts of a package")

    def __str__(self):
        return self.title


class TrainingPlan(models.Model):
    """How many trainings an organisation wants to hold in a year, for a sector."""

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="training_plans", verbose_name=_("organisation")
    )
    year = models.PositiveSmallIntegerField(_("year"))
    sector = models.ForeignKey(Sector, models.PROTECT, related_name="training_plans", verbose_name=_("sector"))
    planned = models.PositiveSmallIntegerField(_("trainings planned"))

    class Meta:
        ordering = ["-year", "sector__name"]
        verbose_name = _("training plan")
        verbose_name_plural = _("training plans")
        constraints = [
            models.UniqueConstraint(fields=["organisation", "year", "sector"], name="one_plan_per_sector_and_year"),
        ]

    def __str__(self):
        return f"{self.sector} {self.year}"
