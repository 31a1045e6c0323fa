"""The life of a person beside their cases: household, membership, work, cover (ADR 13: not in the admin)."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models.body import Body
from members.models.fields import EncryptedTextField, keyed_hash
from members.models.organisation import Organisation
from members.models.person import Person
from members.models.region import Region
from members.models.sector import Sector, Vulnerability
from members.rules import cover
from members.rules.numbers import mask_number, normalise


def _until_after_from(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(until_on__isnull=True) | Q(from_on__isnull=True) | Q(until_on__gte=F("from_on")), name=name
    )


class SpanQuerySet(models.QuerySet):
    def on(self, day=None):
        """What held on a day (today when none is given); a beginning or end that nobody knows leaves it open."""
        day = day or timezone.localdate()
        return self.filter(
            Q(from_on__isnull=True) | Q(from_on__lte=day), Q(until_on__isnull=True) | Q(until_on__gte=day)
        )


class Household(models.Model):
    """The people of one family card; JKN counts arrears by it (RULES 1.1)."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = EncryptedTextField(_("family card number (KK)"), blank=True)
    number_hash = models.CharField(max_length=64, editable=False, blank=True, db_index=True)
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, verbose_name=_("region"))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("household")
        verbose_name_plural = _("households")

    def __str__(self):
        return self.masked or str(_("number not known"))

    def save(self, **kwargs):
        self.number = normalise(self.number)
        self.number_hash = keyed_hash(self.number)
        super().save(**kwargs)

    @property
    def masked(self) -> str:
        return mask_number(self.number)


class HouseholdMember(models.Model):
    """A person in a household, and as what; families change, so it has days."""

    class Relation(models.TextChoices):
        HEAD = "head", _("Head of the family")
        SPOUSE = "spouse", _("Husband or wife")
        CHILD = "child", _("Child")
        PARENT = "parent", _("Parent or parent-in-law")
        OTHER = "other", _("Other")
        UNKNOWN = "", _("Not known")

    household = models.ForeignKey(Household, models.CASCADE, related_name="members", verbose_name=_("household"))
    person = models.ForeignKey(Person, models.CASCADE, related_name="households", verbose_name=_("person"))
    relation = models.CharField(_("relation"), max_length=10, choices=Relation, blank=True, default=Relation.UNKNOWN)
    from_on = models.DateField(_("from"), null=True, blank=True)
    until_on = models.DateField(_("until (last day)"), null=True, blank=True)

    objects = SpanQuerySet.as_manager()

    class Meta:
        verbose_name = _("member of a household")
        verbose_name_plural = _("members of households")
        constraints = [
            models.UniqueConstraint(
                fields=["household", "person"], condition=Q(until_on__isnull=True), name="once_in_a_household"
            ),
            _until_after_from("household_member_ends_after_it_begins"),
        ]

    def __str__(self):
        return f"{self.person} · {self.get_relation_display()}"


class Membership(models.Model):
    """A person is a member of an organisation, with a card number, from a day to a day; of several at once."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="memberships", verbose_name=_("person"))
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="memberships", verbose_name=_("organisation")
    )
    number = models.CharField(_("membership number"), max_length=60, blank=True, db_index=True)
    from_on = models.DateField(_("from"), null=True, blank=True)
    until_on = models.DateField(_("until (last day)"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SpanQuerySet.as_manager()

    class Meta:
        ordering = ["until_on", "organisation__name"]
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "organisation"], condition=Q(until_on__isnull=True), name="a_member_of_it_once"
            ),
            _until_after_from("membership_ends_after_it_begins"),
        ]
        indexes = [models.Index(fields=["organisation", "person"], name="members_of_organisation")]

    def __str__(self):
        return f"{self.person} · {self.organisation}"


class Employment(models.Model):
    """Work: of what kind, for whom, and where it is really done (an outsourced worker has a user company)."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="employments", verbose_name=_("person"))
    kind = models.CharField(
        _("kind of work"), max_length=12, choices=cover.WorkKind, blank=True, default=cover.WorkKind.UNKNOWN
    )
    employer = models.ForeignKey(
        Body, models.PROTECT, null=True, blank=True, related_name="employments", verbose_name=_("employer")
    )
    user_company = models.ForeignKey(
        Body, models.PROTECT, null=True, blank=True, related_name="hosted_employments", verbose_name=_("user company")
    )
    sector = models.ForeignKey(
        Sector, models.PROTECT, null=True, blank=True, related_name="employments", verbose_name=_("sector")
    )
    job = models.CharField(_("job"), max_length=120, blank=True)
    from_on = models.DateField(_("from"), null=True, blank=True)
    until_on = models.DateField(_("until (last day)"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SpanQuerySet.as_manager()

    class Meta:
        ordering = ["until_on", "-from_on", "-pk"]
        verbose_name = _("employment")
        verbose_name_plural = _("employments")
        constraints = [_until_after_from("employment_ends_after_it_begins")]

    def __str__(self):
        return f"{self.person} · {self.employer or self.get_kind_display()}"


class PersonVulnerability(models.Model):
    """That a vulnerability holds for a person."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="vulnerabilities")
    vulnerability = models.ForeignKey(Vulnerability, models.PROTECT, related_name="people")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "vulnerability"], name="vulnerable_once_a_kind")]

    def __str__(self):
        return f"{self.person} · {self.vulnerability}"


class CoverRowQuerySet(models.QuerySet):
    def latest(self, *_fields):  # type: ignore[override]
        """Of every person and programme the row that was checked last: the others are its history."""
        newest = (
            self.model.objects.filter(person=OuterRef("person"), programme=OuterRef("programme"))
            .order_by("-checked_on", "-pk")
            .values("pk")[:1]
        )
        return self.filter(pk=Subquery(newest))

    def paid_until_within(self, first, last):
        """Rows of those who pay alone whose paid time ends between two days."""
        return self.filter(segment__in=[cover.Segment.BPU, cover.Segment.PBPU], paid_until__range=(first, last))


class CoverRow(models.Model):
    """What was known of a person's cover under one programme on a day; a later check is a new row, nothing is overwritten."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="covers", verbose_name=_("person"))
    programme = models.CharField(_("programme"), max_length=3, choices=cover.Cover)
    segment = models.CharField(_("segment"), max_length=12, choices=cover.Segment, blank=True)
    state = models.CharField(
        _("state"), max_length=24, choices=cover.CoverState, default=cover.CoverState.UNKNOWN, blank=True
    )
    class_of_right = models.CharField(_("class"), max_length=10, blank=True)
    facility = models.ForeignKey(
        Body, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("first facility (FKTP)")
    )
    employer = models.ForeignKey(
        Body, models.PROTECT, null=True, blank=True, related_name="covers", verbose_name=_("employer")
    )
    reported_wage = models.DecimalField(_("reported wage"), max_digits=14, decimal_places=2, null=True, blank=True)
    real_wage = models.DecimalField(_("real wage"), max_digits=14, decimal_places=2, null=True, blank=True)
    paid_until = models.DateField(_("paid until"), null=True, blank=True)
    agent = models.CharField(_("agent (Perisai)"), max_length=120, blank=True)
    from_on = models.DateField(_("from"), null=True, blank=True)
    until_on = models.DateField(_("until (last day)"), null=True, blank=True)
    checked_on = models.DateField(_("checked on"), default=timezone.localdate)
    checked_how = models.CharField(_("checked how"), max_length=10, choices=cover.Checked, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    logged_at = models.DateTimeField(auto_now_add=True)
    logged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    objects = CoverRowQuerySet.as_manager()

    class Meta:
        ordering = ["programme", "-checked_on", "-pk"]
        verbose_name = _("cover")
        verbose_name_plural = _("covers")
        constraints = [
            _until_after_from("cover_ends_after_it_begins"),
            models.CheckConstraint(
                condition=(Q(reported_wage__isnull=True) | Q(reported_wage__gte=0))
                & (Q(real_wage__isnull=True) | Q(real_wage__gte=0)),
                name="wage_is_not_below_nothing",
            ),
        ]
        indexes = [
            models.Index(fields=["person", "programme", "-checked_on"], name="cover_of_person"),
            models.Index(fields=["paid_until"], name="cover_lapses", condition=Q(paid_until__isnull=False)),
        ]

    def __str__(self):
        return f"{self.programme} · {self.get_state_display()}"

    @property
    def wage_gap(self):
        """By how much the reported wage lies below the real one; None where one of them is not known."""
        if self.reported_wage is None or self.real_wage is None or self.reported_wage >= self.real_wage:
            return None
        return self.real_wage - self.reported_wage


class CoverageSurvey(models.Model):
    """A count: so many workers, so many of them registered. Two that disagree stand side by side (PRACTICE S4.10)."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    employer = models.ForeignKey(
        Body, models.PROTECT, null=True, blank=True, related_name="surveys", verbose_name=_("employer")
    )
    sector = models.ForeignKey(
        Sector, models.PROTECT, null=True, blank=True, related_name="surveys", verbose_name=_("sector")
    )
    region = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("region")
    )
    programme = models.CharField(_("programme"), max_length=3, choices=cover.Cover)
    workers = models.PositiveIntegerField(_("workers"))
    registered = models.PositiveIntegerField(_("registered"))
    counted_on = models.DateField(_("counted on"))
    source = models.CharField(_("source"), max_length=300)
    logged_at = models.DateTimeField(auto_now_add=True)
    logged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-counted_on", "-pk"]
        verbose_name = _("coverage survey")
        verbose_name_plural = _("coverage surveys")
        constraints = [
            models.CheckConstraint(
                condition=Q(employer__isnull=False) | Q(sector__isnull=False), name="survey_is_about_somebody"
            ),
            models.CheckConstraint(condition=~Q(source=""), name="survey_names_its_source"),
        ]

    def __str__(self):
        return f"{self.employer or self.sector} · {self.programme}"

    @property
    def share(self) -> cover.Share:
        return cover.Share(self.workers, self.registered)
