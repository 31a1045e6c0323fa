from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from members.models.body import Body
from members.models.fields import EncryptedTextField
from members.models.organisation import Organisation
from members.models.person import Person


class Registration(models.Model):
    """That an organisation is registered at a manpower office: number, day, office, paper (PRACTICE S3.3)."""

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="registrations", verbose_name=_("organisation")
    )
    number = models.CharField(_("registration number"), max_length=80, blank=True)
    registered_on = models.DateField(_("registered on"), null=True, blank=True, help_text=_("Empty: not known."))
    office = models.ForeignKey(
        Body, models.PROTECT, null=True, blank=True, related_name="registrations", verbose_name=_("office")
    )
    document = models.CharField(_("document number"), max_length=80, blank=True)
    source = models.CharField(_("source"), max_length=300, blank=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["-registered_on", "-pk"]
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")

    def __str__(self):
        return self.number or str(_("number not known"))

    @property
    def gaps(self) -> list[str]:
        """What of this registration is not known yet."""
        fields = ("number", "registered_on", "office", "document")
        return [self._meta.get_field(name).verbose_name for name in fields if not getattr(self, name)]


class TermQuerySet(models.QuerySet):
    def on(self, day=None):
        """What held on a day (today when none is given); a beginning that nobody knows counts from ever."""
        day = day or timezone.localdate()
        return self.filter(
            Q(from_on__isnull=True) | Q(from_on__lte=day), Q(until_on__isnull=True) | Q(until_on__gte=day)
        )


class BoardTerm(models.Model):
    """The period a board serves by decree; its end is told to the admins before it comes (PRACTICE S4.5)."""

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="board_terms", verbose_name=_("organisation")
    )
    name = models.CharField(_("period"), max_length=80, blank=True, help_text=_("For example: 2023–2028"))
    decree = models.CharField(_("decree (SK) number"), max_length=80, blank=True)
    from_on = models.DateField(_("from"), null=True, blank=True, help_text=_("Empty: not known."))
    until_on = models.DateField(_("until (last day)"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=300, blank=True)
    history = HistoricalRecords()

    objects = TermQuerySet.as_manager()

    class Meta:
        ordering = ["-from_on", "-pk"]
        verbose_name = _("board term")
        verbose_name_plural = _("board terms")
        constraints = [
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(from_on__isnull=True) | Q(until_on__gte=F("from_on")),
                name="board_term_ends_after_it_begins",
            ),
        ]

    def __str__(self):
        return self.name or self.decree or str(self.organisation)


class Office(models.Model):
    """Who holds which office from when to when: an officer of an organisation, or an official of a body (a regent).

    Names in old minutes stay what they were: a new officer is a new row, and the old one ends (PRACTICE S1.12, S3.4).
    """

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, null=True, blank=True, related_name="offices", verbose_name=_("organisation")
    )
    body = models.ForeignKey(
        Body, models.CASCADE, null=True, blank=True, related_name="offices", verbose_name=_("body")
    )
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="offices", verbose_name=_("person")
    )
    name = models.CharField(_("name"), max_length=150)
    title = models.CharField(_("office"), max_length=120, help_text=_("For example: Ketua Umum"))
    field = models.CharField(_("field (bidang)"), max_length=120, blank=True)
    from_on = models.DateField(_("from"), null=True, blank=True, help_text=_("Empty: not known."))
    until_on = models.DateField(_("until (last day)"), null=True, blank=True)
    is_spokesperson = models.BooleanField(_("speaks for it"), default=False)
    contact = EncryptedTextField(_("contact for others"), blank=True)
    source = models.CharField(_("source"), max_length=300, blank=True)
    history = HistoricalRecords(excluded_fields=["contact"])

    objects = TermQuerySet.as_manager()

    class Meta:
        ordering = ["until_on", "title", "name"]
        verbose_name = _("office holder")
        verbose_name_plural = _("office holders")
        constraints = [
            models.CheckConstraint(
                condition=Q(organisation__isnull=True) ^ Q(body__isnull=True), name="office_is_of_one_place"
            ),
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(from_on__isnull=True) | Q(until_on__gte=F("from_on")),
                name="office_ends_after_it_begins",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="office_has_a_holder"),
        ]

    def __str__(self):
        return f"{self.name} · {self.title}"
