import uuid
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from members.models.body import Body
from members.models.fields import EncryptedTextField
from members.models.organisation import Organisation
from members.models.person import Person
from members.models.region import Region
from members.models.sector import Sector
from members.rules.gatherings import GatheringKind, Part, Presence
from members.rules.zones import Zone


class Topic(models.Model):
    """What gatherings and modules are about: rows, typed freely."""

    name = models.CharField(_("name"), max_length=60, unique=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("topic")
        verbose_name_plural = _("topics")

    def __str__(self):
        return self.name


class GatheringSeries(models.Model):
    """A working group that meets again and again; what one meeting made, the next one goes on with."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=120)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="gathering_series", verbose_name=_("organisation")
    )
    aim = models.CharField(_("aim"), max_length=300, blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("series of meetings")
        verbose_name_plural = _("series of meetings")
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="a_series_stands_once")]

    def __str__(self):
        return self.name


class Gathering(models.Model):
    """A training, meeting, audience or congress. Its day may be unknown; then it waits on the to-complete list."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=10, choices=GatheringKind)
    title = models.CharField(_("title"), max_length=200)
    theme = models.CharField(_("theme"), max_length=200, blank=True)
    topics = models.ManyToManyField(Topic, blank=True, related_name="gatherings", verbose_name=_("topics"))
    sectors = models.ManyToManyField(Sector, blank=True, related_name="gatherings", verbose_name=_("sectors"))
    held_on = models.DateField(_("day"), null=True, blank=True, help_text=_("Empty: not known yet."))
    until_on = models.DateField(_("last day"), null=True, blank=True)
    from_hour = models.TimeField(_("from"), null=True, blank=True)
    until_hour = models.TimeField(_("until"), null=True, blank=True)
    venue = models.CharField(_("venue"), max_length=200, blank=True)
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, verbose_name=_("region"))
    organisers = models.ManyToManyField(Organisation, related_name="gatherings", verbose_name=_("organised by"))
    series = models.ForeignKey(
        GatheringSeries, models.PROTECT, null=True, blank=True, related_name="gatherings", verbose_name=_("series")
    )
    number = models.PositiveSmallIntegerField(_("number in the series"), null=True, blank=True)
    minutes = models.TextField(_("minutes"), blank=True)
    is_cancelled = models.BooleanField(_("cancelled"), default=False)
    #: What the QR code at the door says; "" while the door is closed.
    door_secret = EncryptedTextField(blank=True, editable=False)
    door_until = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )
    submit_key = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    history = HistoricalRecords(excluded_fields=["door_secret", "door_until"])

    class Meta:
        ordering = [F("held_on").desc(nulls_first=True), "-pk"]
        verbose_name = _("gathering")
        verbose_name_plural = _("gatherings")
        constraints = [
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(held_on__isnull=False, until_on__gte=F("held_on")),
                name="gathering_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(number__isnull=True) | Q(series__isnull=False), name="a_number_belongs_to_a_series"
            ),
            models.UniqueConstraint(fields=["series", "number"], name="one_gathering_per_number"),
        ]
        indexes = [models.Index(fields=["kind", "held_on"], name="gathering_of_a_kind")]

    def __str__(self):
        return self.title

    @property
    def zone(self) -> str:
        """The zone of the place; WIB where no region is known."""
        return self.region.zone if self.region else Zone.WIB

    @property
    def is_training(self) -> bool:
        return self.kind == GatheringKind.TRAINING

    def moment(self, hour) -> datetime | None:
        """An hour of its day, at its place."""
        return datetime.combine(self.held_on, hour, tzinfo=ZoneInfo(self.zone)) if self.held_on and hour else None


class AgendaItem(models.Model):
    """One point of the agenda, with who speaks and in what office they did so that day."""

    gathering = models.ForeignKey(Gathering, models.CASCADE, related_name="agenda")
    from_hour = models.TimeField(_("from"), null=True, blank=True)
    until_hour = models.TimeField(_("until"), null=True, blank=True)
    title = models.CharField(_("what"), max_length=200)
    speaker = models.CharField(_("who speaks"), max_length=150, blank=True)
    speaker_role = models.CharField(_("in what office"), max_length=150, blank=True)
    submit_key = models.UUIDField(null=True, blank=True, unique=True, editable=False)

    class Meta:
        ordering = [F("from_hour").asc(nulls_last=True), "pk"]
        verbose_name = _("point of the agenda")
        verbose_name_plural = _("agenda")

    def __str__(self):
        return self.title


class GatheringParty(models.Model):
    """An organisation or body that was invited to be there: the missing ones are named by these rows."""

    gathering = models.ForeignKey(Gathering, models.CASCADE, related_name="parties")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")
    body = models.ForeignKey(Body, models.PROTECT, null=True, blank=True, related_name="+")
    #: What it was called that day.
    name = models.CharField(_("name"), max_length=200)

    class Meta:
        ordering = ["name"]
        verbose_name = _("invited organisation or body")
        verbose_name_plural = _("invited organisations and bodies")
        constraints = [
            models.CheckConstraint(
                condition=Q(organisation__isnull=True) | Q(body__isnull=True), name="a_party_is_one_thing"
            ),
            models.UniqueConstraint(fields=["gathering", "name"], name="a_party_is_invited_once"),
        ]

    def __str__(self):
        return self.name


class GatheringOutput(models.Model):
    """What a gathering made or decided; the next one of the series sees it."""

    gathering = models.ForeignKey(Gathering, models.CASCADE, related_name="outputs")
    text = models.CharField(_("what came out"), max_length=300)
    is_finished = models.BooleanField(_("finished"), default=False)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("output")
        verbose_name_plural = _("outputs")

    def __str__(self):
        return self.text


class AttendanceQuerySet(models.QuerySet):
    def present(self):
        return self.filter(state=Presence.PRESENT)


class Attendance(models.Model):
    """Somebody at a gathering, with the name, organisation, gender and age as of that day: it stays as it was.

    A user, a person of our books, or only a plain name. ``party`` is the invited organisation they stood for.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    gathering = models.ForeignKey(Gathering, models.CASCADE, related_name="attendances")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="attendances"
    )
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="attendances")
    name = models.CharField(_("name"), max_length=150)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")
    organisation_name = models.CharField(_("union or office"), max_length=200, blank=True)
    party = models.ForeignKey(GatheringParty, models.SET_NULL, null=True, blank=True, related_name="attendances")
    part = models.CharField(_("role"), max_length=10, choices=Part, default=Part.PARTICIPANT)
    gender = models.CharField(_("gender"), max_length=1, choices=Person.Gender, blank=True, default="")
    is_young = models.BooleanField(_("young worker"), null=True, blank=True)
    state = models.CharField(_("presence"), max_length=10, choices=Presence, default=Presence.INVITED)
    checked_in_at = models.DateTimeField(null=True, blank=True)
    checked_in_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    #: They came in by the QR code at the door.
    by_door = models.BooleanField(default=False)
    submit_key = models.UUIDField(null=True, blank=True, unique=True, editable=False)

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("attendance")
        verbose_name_plural = _("attendance")
        constraints = [
            models.UniqueConstraint(
                fields=["gathering", "user"], condition=Q(user__isnull=False), name="a_user_attends_once"
            ),
            models.CheckConstraint(
                condition=~Q(state="present") | Q(checked_in_at__isnull=False), name="who_is_present_has_a_moment"
            ),
        ]
        indexes = [models.Index(fields=["user", "state"], name="attendance_of_user")]

    def __str__(self):
        return self.name


class Feedback(models.Model):
    """What somebody thought of a gathering; nobody is named."""

    gathering = models.ForeignKey(Gathering, models.CASCADE, related_name="feedback")
    score = models.PositiveSmallIntegerField(_("how useful"))
    useful = models.TextField(_("what helped"), blank=True)
    missing = models.TextField(_("what was missing"), blank=True)
    at = models.DateTimeField(editable=False)
    submit_key = models.UUIDField(null=True, blank=True, unique=True, editable=False)

    class Meta:
        ordering = ["-at"]
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        constraints = [
            models.CheckConstraint(condition=Q(score__gte=1, score__lte=5), name="feedback_is_one_to_five"),
        ]

    def __str__(self):
        return f"{self.score}/5"


class Certificate(models.Model):
    """That somebody was at a training, as it stood that day; anyone verifies it by its number."""

    attendance = models.OneToOneField(Attendance, models.PROTECT, related_name="certificate")
    code = models.SlugField(max_length=40, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=150)
    title = models.CharField(_("title"), max_length=200)
    organisers = models.CharField(_("organised by"), max_length=400, blank=True)
    held_on = models.DateField(_("day"), null=True, blank=True)
    issued_at = models.DateTimeField(editable=False)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        constraints = [models.CheckConstraint(condition=~Q(code=""), name="certificate_has_a_number")]

    def __str__(self):
        return self.code
