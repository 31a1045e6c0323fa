"""The catalogue: rows that an admin edits and `seed_reference` loads from cases/data/."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from cases.rules.codes import Actor, Urgency


class Confidence(models.TextChoices):
    """How sure we are of a rule (RULES §0)."""

    LAW = "L", _("law text read")
    NEWS = "N", _("read in an official or news page")
    DERIVED = "D", _("derived")
    GENERAL = "G", _("general knowledge, not verified")
    DISPUTED = "!", _("sources disagree")


class CatalogueRow(models.Model):
    """What every row of the catalogue has: code, words in two languages, validity, basis, source, confidence."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=160)
    name_en = models.CharField(_("name in English"), max_length=160, blank=True)
    position = models.PositiveSmallIntegerField(_("order"), default=100)
    effective_from = models.DateField(_("in force from"), null=True, blank=True)
    effective_to = models.DateField(_("in force until"), null=True, blank=True)
    legal_basis = models.CharField(_("legal basis"), max_length=300, blank=True)
    source = models.CharField(_("source"), max_length=300, blank=True)
    confidence = models.CharField(_("confidence"), max_length=1, choices=Confidence, blank=True)
    verified_on = models.DateField(_("verified on"), null=True, blank=True)
    is_practice = models.BooleanField(_("our own practice proposal"), default=False)
    edited_at = models.DateTimeField(_("edited in admin at"), null=True, blank=True, editable=False)

    class Meta:
        abstract = True
        ordering = ["position", "code"]

    def __str__(self):
        return self.label

    @property
    def label(self) -> str:
        """The name in the reader's language."""
        return self.in_language("name")

    def in_language(self, field: str) -> str:
        """A text of this row in the reader's language; Indonesian where English is missing."""
        english = getattr(self, f"{field}_en", "") if (get_language() or "id").startswith("en") else ""
        return english or getattr(self, field)

    @property
    def is_verified(self) -> bool:
        """Whether it may be cited as law: a written basis, read in the law or an official page."""
        return self.confidence in {Confidence.LAW, Confidence.NEWS} and bool(self.legal_basis)


def effective_constraint(model_name: str) -> models.CheckConstraint:
    """A catalogue row ends after it begins."""
    return models.CheckConstraint(
        condition=Q(effective_to__isnull=True)
        | Q(effective_from__isnull=True)
        | Q(effective_to__gte=F("effective_from")),
        name=f"{model_name}_ends_after_it_begins",
    )


class ProblemFamily(CatalogueRow):
    """A family of problems: A to F."""

    history = HistoricalRecords()

    class Meta(CatalogueRow.Meta):
        verbose_name = _("problem family")
        verbose_name_plural = _("problem families")
        constraints = [effective_constraint("problem_family")]


class ProblemType(CatalogueRow):
    """A code of the taxonomy, A01 … F09, with what to do first and what to say."""

    family = models.ForeignKey(ProblemFamily, models.PROTECT, related_name="types", verbose_name=_("family"))
    plain = models.CharField(_("plain words"), max_length=80)
    plain_en = models.CharField(_("plain words in English"), max_length=80, blank=True)
    programmes = models.JSONField(_("programmes"), default=list, blank=True)
    severity = models.CharField(_("usual urgency"), max_length=10, choices=Urgency, default=Urgency.ORDINARY)
    responsible = models.CharField(_("who must act"), max_length=160, blank=True)
    responsible_en = models.CharField(_("who must act, in English"), max_length=160, blank=True)
    first_step = models.CharField(_("first step"), max_length=300, blank=True)
    first_step_en = models.CharField(_("first step in English"), max_length=300, blank=True)
    say = models.TextField(_("sentence to say"), blank=True)
    say_en = models.TextField(_("sentence to say in English"), blank=True)
    evidence = models.TextField(_("ask for in writing"), blank=True)
    evidence_en = models.TextField(_("ask for in writing, in English"), blank=True)
    do_not_sign = models.TextField(_("do not sign yet"), blank=True)
    do_not_sign_en = models.TextField(_("do not sign yet, in English"), blank=True)
    ladder = models.CharField(_("ladder"), max_length=20, blank=True)
    clocks = models.JSONField(_("clocks"), default=list, blank=True)
    papers = models.JSONField(_("papers"), default=list, blank=True)
    words = models.JSONField(_("words in a story"), default=list, blank=True)
    is_quick = models.BooleanField(_("first chips of the quick log"), default=False)
    history = HistoricalRecords()

    class Meta(CatalogueRow.Meta):
        verbose_name = _("problem type")
        verbose_name_plural = _("problem types")
        constraints = [effective_constraint("problem_type")]

    @property
    def chip(self) -> str:
        """The plain words, in the reader's language."""
        return self.in_language("plain")


class EventType(CatalogueRow):
    """A kind of fact on the timeline: what the chip says, whose turn it then is, and by when."""

    class Tone(models.TextChoices):
        GOOD = "good", _("good")
        BAD = "bad", _("bad")
        NEUTRAL = "neutral", _("neutral")
        DEATH = "death", _("death")

    icon = models.CharField(_("icon"), max_length=40, default="pencil")
    tone = models.CharField(_("tone"), max_length=10, choices=Tone, default=Tone.NEUTRAL)
    prompt = models.CharField(_("hint for the sentence"), max_length=160, blank=True)
    prompt_en = models.CharField(_("hint in English"), max_length=160, blank=True)
    next_actor = models.CharField(_("whose turn afterwards"), max_length=10, choices=Actor, blank=True)
    next_due_hours = models.JSONField(_("due after, in hours by urgency"), default=dict, blank=True)
    is_chip = models.BooleanField(_("chip on the case page"), default=False)
    is_system = models.BooleanField(_("written by the system"), default=False)
    closes_living = models.BooleanField(_("ends what was for the living"), default=False)
    details = models.JSONField(
        _("typed facts it asks for"), default=list, blank=True, help_text=_("Codes of rules/details.py, in order.")
    )
    history = HistoricalRecords()

    class Meta(CatalogueRow.Meta):
        verbose_name = _("event type")
        verbose_name_plural = _("event types")
        constraints = [effective_constraint("event_type")]


class Outcome(CatalogueRow):
    """How a case ended; death is a fact beside it, never an outcome (ADR 24)."""

    hint = models.CharField(_("hint"), max_length=200, blank=True)
    hint_en = models.CharField(_("hint in English"), max_length=200, blank=True)
    history = HistoricalRecords()

    class Meta(CatalogueRow.Meta):
        verbose_name = _("outcome")
        verbose_name_plural = _("outcomes")
        constraints = [effective_constraint("outcome")]


class EmergencyLine(CatalogueRow):
    """Whom to call now; shown on the emergency card."""

    phone = models.CharField(_("phone"), max_length=40)
    history = HistoricalRecords()

    class Meta(CatalogueRow.Meta):
        verbose_name = _("emergency line")
        verbose_name_plural = _("emergency lines")
        constraints = [effective_constraint("emergency_line")]


class RedFlag(CatalogueRow):
    """A question whose yes makes it an emergency; ``name`` is the question."""

    history = HistoricalRecords()

    class Meta(CatalogueRow.Meta):
        verbose_name = _("red-flag question")
        verbose_name_plural = _("red-flag questions")
        constraints = [effective_constraint("red_flag")]
