import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from members.models.fields import EncryptedTextField
from members.models.gathering import Gathering
from members.models.module import Module
from members.models.organisation import Organisation
from members.models.person import Person
from members.rules.gatherings import Stage


class VolunteerProfile(models.Model):
    """What a volunteer may tell of themselves, so that no list has to ask: gender and the years they were born in."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="volunteer_profile")
    gender = models.CharField(_("gender"), max_length=1, choices=Person.Gender, blank=True, default="")
    #: The first of five years.
    born_from = models.PositiveSmallIntegerField(_("born in"), null=True, blank=True)

    class Meta:
        verbose_name = _("volunteer profile")
        verbose_name_plural = _("volunteer profiles")

    def __str__(self):
        return str(self.user)


class AdvocatePath(models.Model):
    """Which stage a volunteer is at from when to when, and who walks along (the mentor)."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="advocate_path", verbose_name=_("volunteer")
    )
    stage = models.CharField(_("stage"), max_length=8, choices=Stage)
    mentor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="mentees",
        verbose_name=_("mentor"),
    )
    from_on = models.DateField(_("from"), default=timezone.localdate)
    until_on = models.DateField(_("until (last day)"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["-from_on", "-pk"]
        verbose_name = _("stage of a volunteer")
        verbose_name_plural = _("stages of volunteers")
        constraints = [
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gte=F("from_on")), name="stage_ends_after_it_begins"
            ),
            models.UniqueConstraint(
                fields=["user"], condition=Q(until_on__isnull=True), name="one_open_stage_of_a_volunteer"
            ),
            models.CheckConstraint(
                condition=Q(mentor__isnull=True) | ~Q(mentor=F("user")), name="nobody_is_their_own_mentor"
            ),
        ]

    def __str__(self):
        return f"{self.user} · {self.get_stage_display()}"


class Competence(models.Model):
    """What a volunteer is able to do, and how well; a trainer's says which module they may teach."""

    class Skill(models.TextChoices):
        ADVOCACY = "advocacy", _("Accompanying cases")
        TRAINER = "trainer", _("Trainer")

    class Level(models.IntegerChoices):
        BASIC = 1, _("Basic")
        SKILLED = 2, _("Skilled")
        MASTER = 3, _("Master")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="competences", verbose_name=_("volunteer")
    )
    skill = models.CharField(_("skill"), max_length=10, choices=Skill)
    level = models.PositiveSmallIntegerField(_("level"), choices=Level, default=Level.BASIC)
    module = models.ForeignKey(
        Module, models.PROTECT, null=True, blank=True, related_name="trainers", verbose_name=_("module")
    )
    gathering = models.ForeignKey(
        Gathering, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("gained at")
    )
    gained_on = models.DateField(_("gained on"), default=timezone.localdate)
    note = models.CharField(_("note"), max_length=200, blank=True, help_text=_("For example: alumni TTM III DTDA."))
    history = HistoricalRecords()

    class Meta:
        ordering = ["skill", "-level"]
        verbose_name = _("competence")
        verbose_name_plural = _("competences")
        constraints = [
            models.CheckConstraint(condition=Q(level__gte=1, level__lte=3), name="competence_has_three_levels"),
        ]

    def __str__(self):
        return f"{self.get_skill_display()} · {self.get_level_display()}"


class VolunteerCard(models.Model):
    """The card a volunteer shows; its QR code says whether it holds, and never anything of a patient."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="volunteer_cards", verbose_name=_("volunteer")
    )
    code = models.SlugField(max_length=40, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=150)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="volunteer_cards", verbose_name=_("unit")
    )
    valid_until = models.DateField(_("valid until"))
    photo = models.CharField(max_length=80, blank=True, editable=False)
    issued_at = models.DateTimeField(editable=False)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )

    class Meta:
        ordering = ["-issued_at"]
        verbose_name = _("volunteer card")
        verbose_name_plural = _("volunteer cards")
        constraints = [
            models.CheckConstraint(condition=~Q(code=""), name="card_has_a_code"),
            models.UniqueConstraint(
                fields=["user"], condition=Q(revoked_at__isnull=True), name="one_live_card_of_a_volunteer"
            ),
        ]

    def __str__(self):
        return f"{self.organisation} · {self.valid_until}"

    def holds_on(self, day) -> bool:
        """Whether the card counts on a day: neither revoked nor run out, and its volunteer still serves."""
        return self.revoked_at is None and self.valid_until >= day and self.user.is_active


class MisuseReport(models.Model):
    """Somebody outside says that a name or a card was misused. Words and contact are cipher."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    card = models.ForeignKey(VolunteerCard, models.PROTECT, related_name="misuse_reports")
    text = EncryptedTextField(_("what happened"))
    contact = EncryptedTextField(_("how to reach you"), blank=True)
    at = models.DateTimeField(editable=False)
    handled_at = models.DateTimeField(null=True, blank=True, editable=False)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )
    answer = models.CharField(_("what was done"), max_length=300, blank=True)
    submit_key = models.UUIDField(null=True, blank=True, unique=True, editable=False)

    class Meta:
        ordering = [F("handled_at").asc(nulls_first=True), "-at"]
        verbose_name = _("report of misuse")
        verbose_name_plural = _("reports of misuse")

    def __str__(self):
        return f"{self.card} · {self.at:%Y-%m-%d}"
