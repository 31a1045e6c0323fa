import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models.fields import EncryptedTextField, keyed_hash
from members.models.region import Region
from members.rules.names import initials
from members.rules.numbers import NumberKind, mask_number, normalise, phone_e164


class PersonQuerySet(models.QuerySet):
    def with_number(self, value: str):
        """People known by this identity number, found by its keyed hash."""
        return self.filter(identifiers__value_hash=keyed_hash(normalise(value))).distinct()

    def with_phone(self, value: str):
        """People with this phone number, however it was written."""
        number = phone_e164(value)
        return self.filter(contacts__value_hash=keyed_hash(number)).distinct() if number else self.none()


class Person(models.Model):
    """A patient, worker, relative or anyone else a case speaks of; a single name or none is enough."""

    class Gender(models.TextChoices):
        FEMALE = "f", _("Woman")
        MALE = "m", _("Man")
        UNKNOWN = "", _("Not known")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    full_name = models.CharField(_("name"), max_length=150, blank=True, db_index=True)
    gender = models.CharField(_("gender"), max_length=1, choices=Gender, blank=True, default=Gender.UNKNOWN)
    born_on = models.DateField(_("born on"), null=True, blank=True)
    age_text = models.CharField(_("age as told"), max_length=40, blank=True)
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, verbose_name=_("lives in"))
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, editable=False, related_name="+")
    renamed_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="saved since, perhaps with another name: a queue for searches"
    )

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        indexes = [
            models.Index(fields=["renamed_at"], name="person_renamed", condition=Q(renamed_at__isnull=False)),
        ]

    def __str__(self):
        return self.initials or str(_("name not known"))

    def save(self, *, update_fields=None, **kwargs):
        if not self._state.adding and (update_fields is None or "full_name" in update_fields):
            self.renamed_at = timezone.now()
            update_fields = update_fields and {*update_fields, "renamed_at"}
        super().save(update_fields=update_fields, **kwargs)

    @property
    def initials(self) -> str:
        return initials(self.full_name)


class PersonMerge(models.Model):
    """Two records of one person made one by somebody, and all it takes to undo that: keys of rows, no value of anybody."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    lost = models.ForeignKey(Person, models.PROTECT, related_name="merges", editable=False)
    kept = models.ForeignKey(Person, models.PROTECT, related_name="absorbed", editable=False)
    moved = models.JSONField(default=dict, editable=False, help_text="keys of moved rows by table and column")
    filled = models.JSONField(default=list, editable=False, help_text="fields that were empty before")
    ended = models.JSONField(default=list, editable=False, help_text="memberships ended because there were two")
    merged_at = models.DateTimeField(editable=False)
    merged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    undone_at = models.DateTimeField(null=True, editable=False)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False)

    class Meta:
        ordering = ["-merged_at", "-pk"]
        verbose_name = _("merge of two people")
        verbose_name_plural = _("merges of people")
        constraints = [
            models.CheckConstraint(condition=~Q(lost=F("kept")), name="nobody_is_merged_with_themselves"),
            models.UniqueConstraint(
                fields=["lost"], condition=Q(undone_at__isnull=True), name="somebody_is_merged_once"
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by__isnull=True)
                | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="merge_undone_by_and_at_together",
            ),
        ]

    def __str__(self):
        return f"{self.lost_id} → {self.kept_id}"


class Identifier(models.Model):
    """An identity number of a person: cipher and keyed hash. Not unique: two people with one NIK is a problem (D08)."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="identifiers")
    kind = models.CharField(_("kind"), max_length=5, choices=NumberKind)
    value = EncryptedTextField(_("number"))
    value_hash = models.CharField(max_length=64, editable=False, db_index=True)

    class Meta:
        verbose_name = _("identity number")
        verbose_name_plural = _("identity numbers")
        constraints = [
            models.UniqueConstraint(fields=["person", "kind", "value_hash"], name="a_person_has_a_number_once"),
            models.CheckConstraint(condition=~Q(value_hash=""), name="identifier_has_a_hash"),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.masked}"

    def save(self, **kwargs):
        self.value = normalise(self.value)
        self.value_hash = keyed_hash(self.value)
        super().save(**kwargs)

    @property
    def masked(self) -> str:
        return mask_number(self.value)


class Contact(models.Model):
    """A phone number of a person (E.164 where it can be read as one), with whether it is safe to call."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="contacts")
    value = EncryptedTextField(_("phone"))
    value_hash = models.CharField(max_length=64, editable=False, db_index=True)
    is_safe = models.BooleanField(_("safe to call"), default=True)
    note = models.CharField(_("note"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("phone")
        verbose_name_plural = _("phones")
        constraints = [
            models.UniqueConstraint(fields=["person", "value_hash"], name="a_person_has_a_phone_once"),
        ]

    def __str__(self):
        return mask_number(self.value)

    def save(self, **kwargs):
        self.value = phone_e164(self.value) or normalise(self.value)
        self.value_hash = keyed_hash(self.value)
        super().save(**kwargs)
