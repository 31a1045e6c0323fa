import uuid

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from members.models.body import Body
from members.models.region import Region
from members.rules.roles import roles_granting
from members.rules.zones import Zone

#: More organisations than this are a wide reach: a page then walks its index in order instead of looking each up.
MANY = 500


class OrganisationKind(models.Model):
    """A level or form of the union line or the advocacy line; labels are rows, never code."""

    class Line(models.TextChoices):
        UNION = "union", _("Union line")
        ADVOCACY = "advocacy", _("Advocacy line")

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    name_en = models.CharField(_("name in English"), max_length=80, blank=True)
    line = models.CharField(_("line"), max_length=10, choices=Line, default=Line.UNION)
    rank = models.PositiveSmallIntegerField(_("rank"), default=50, help_text=_("Smaller stands higher in the tree."))

    class Meta:
        ordering = ["line", "rank", "name"]
        verbose_name = _("kind of organisation")
        verbose_name_plural = _("kinds of organisation")

    def __str__(self):
        return self.name


class OrganisationQuerySet(models.QuerySet):
    def in_reach_of(self, user, permission, *, looks_at=None):
        """The organisations below (and at) those where a live appointment of this user grants this permission.

        With ``looks_at`` only appointments for this part of the figures count, "" being those for all of them.
        """
        if not user.is_authenticated or not user.is_active:
            return self.none()
        today = timezone.localdate()
        part = {} if looks_at is None else {"ancestor__appointments__looks_at": looks_at}
        # One filter(): a second one would join the appointments anew, and another user's would do.
        return self.filter(
            Exists(
                Closure.objects.filter(
                    Q(ancestor__appointments__until_on__isnull=True) | Q(ancestor__appointments__until_on__gte=today),
                    Q(ancestor__appointments__region__isnull=True)
                    | Q(descendant__region=F("ancestor__appointments__region"))
                    | Q(descendant__region__parent=F("ancestor__appointments__region")),
                    descendant=OuterRef("pk"),
                    ancestor__appointments__user=user,
                    ancestor__appointments__role__in=roles_granting(permission),
                    ancestor__appointments__from_on__lte=today,
                    **part,
                )
            )
        )

    def narrowed_reach_of(self, user, permission, *, looks_at=None):
        """The same as ids while they are few (the planner then knows how few), else as the question itself."""
        reach = self.in_reach_of(user, permission, looks_at=looks_at)
        ids = list(reach.values_list("pk", flat=True)[: MANY + 1])
        return reach if len(ids) > MANY else ids

    def below(self, organisation, *, itself=True):
        """The subtree of an organisation."""
        links = Closure.objects.filter(ancestor=organisation)
        if not itself:
            links = links.filter(depth__gt=0)
        return self.filter(pk__in=links.values("descendant"))

    def above(self, organisation, *, itself=False):
        """The chain from an organisation up to its root, nearest first."""
        links = self.filter(descendants__descendant=organisation)
        if not itself:
            links = links.exclude(pk=organisation.pk)
        return links.order_by("descendants__depth")


class Organisation(models.Model):
    """A union or advocacy unit in one of the two trees; ``parent`` is today's, `Affiliation` keeps the past."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.SlugField(max_length=60, unique=True, null=True, blank=True, editable=False)
    name = models.CharField(_("official name"), max_length=200, db_index=True)
    abbreviation = models.CharField(_("abbreviation"), max_length=60, blank=True, db_index=True)
    aliases = models.CharField(_("other names"), max_length=300, blank=True)
    alias_note = models.CharField(_("note on disputed names"), max_length=300, blank=True)
    kind = models.ForeignKey(OrganisationKind, models.PROTECT, verbose_name=_("kind"))
    parent = models.ForeignKey(
        "self", models.PROTECT, verbose_name=_("parent"), null=True, blank=True, related_name="children"
    )
    region = models.ForeignKey(Region, models.PROTECT, verbose_name=_("region"), null=True, blank=True)
    body = models.ForeignKey(
        Body,
        models.PROTECT,
        verbose_name=_("inside this body"),
        null=True,
        blank=True,
        related_name="unions",
        help_text=_("For a union inside an employer or an office."),
    )
    sector = models.CharField(_("sector"), max_length=80, blank=True)
    is_desk = models.BooleanField(_("carries cases"), default=False, help_text=_("A posko: cases may be logged here."))
    is_active = models.BooleanField(_("active"), default=True)
    source = models.CharField(_("source"), max_length=300, blank=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, editable=False, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    history = HistoricalRecords()

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        constraints = [
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("pk")), name="organisation_is_not_its_own_parent"
            ),
        ]

    def __str__(self):
        return self.abbreviation or self.name

    @property
    def long_name(self) -> str:
        """The official name with the abbreviation, and under whom it stands: enough to tell KSPN from SPN."""
        words = f"{self.name} ({self.abbreviation})" if self.abbreviation else self.name
        return f"{words} · {self.parent}" if self.parent else words

    @property
    def zone(self) -> str:
        """The zone of the place; WIB where no region is known."""
        return self.region.zone if self.region else Zone.WIB


class Closure(models.Model):
    """One row for every pair (ancestor, descendant) of the tree, itself included at depth 0; kept by services.trees."""

    ancestor = models.ForeignKey(Organisation, models.CASCADE, related_name="descendants")
    descendant = models.ForeignKey(Organisation, models.CASCADE, related_name="ancestors")
    depth = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ancestor", "descendant"], name="one_path_between_two_organisations"),
        ]
        indexes = [models.Index(fields=["descendant", "ancestor"], name="closure_upwards")]

    def __str__(self):
        return f"{self.ancestor_id} → {self.descendant_id} ({self.depth})"


class Affiliation(models.Model):
    """Who was whose parent from when to when; a report about a date reads this, not ``parent``."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="affiliations")
    parent = models.ForeignKey(Organisation, models.PROTECT, related_name="past_children", verbose_name=_("parent"))
    from_on = models.DateField(_("from"), null=True, blank=True, help_text=_("Empty: not known."))
    to_on = models.DateField(_("until"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=300, blank=True)

    class Meta:
        ordering = ["-from_on"]
        verbose_name = _("affiliation")
        verbose_name_plural = _("affiliations")
        constraints = [
            models.CheckConstraint(
                condition=Q(to_on__isnull=True) | Q(from_on__isnull=True) | Q(to_on__gte=F("from_on")),
                name="affiliation_ends_after_it_begins",
            ),
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(to_on__isnull=True), name="one_open_affiliation"
            ),
        ]

    def __str__(self):
        return f"{self.organisation} → {self.parent}"
