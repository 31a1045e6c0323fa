import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from members.models.region import Region


class BodyKind(models.Model):
    """What a body is: hospital, employer, BPJS office … an editable row."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    name_en = models.CharField(_("name in English"), max_length=80, blank=True)
    is_facility = models.BooleanField(_("treats patients"), default=False)

    class Meta:
        ordering = ["name"]
        verbose_name = _("kind of body")
        verbose_name_plural = _("kinds of body")

    def __str__(self):
        return self.name


class Body(models.Model):
    """Any legal body or office outside the unions; one body may be several things at once (ADR 3).

    A place typed freely becomes an unverified body that a coordinator can merge: ``merged_into`` then points on.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.SlugField(max_length=60, unique=True, null=True, blank=True, editable=False)
    name = models.CharField(_("name"), max_length=200, db_index=True)
    aliases = models.CharField(_("other names"), max_length=300, blank=True)
    kinds = models.ManyToManyField(BodyKind, verbose_name=_("kinds"), blank=True, related_name="bodies")
    region = models.ForeignKey(Region, models.PROTECT, verbose_name=_("region"), null=True, blank=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, verbose_name=_("belongs to"), null=True, blank=True, related_name="branches"
    )
    address = models.CharField(_("address"), max_length=300, blank=True)
    phone = models.CharField(_("public phone"), max_length=40, blank=True)
    email = models.EmailField(_("public e-mail"), blank=True)
    website = models.CharField(_("website"), max_length=120, blank=True)
    hours = models.CharField(_("opening hours"), max_length=120, blank=True)
    source = models.CharField(_("source"), max_length=300, blank=True)
    verified_on = models.DateField(_("verified on"), null=True, blank=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, editable=False, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    renamed_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="saved since, perhaps with another name: a queue for searches"
    )
    history = HistoricalRecords(excluded_fields=["renamed_at"])

    class Meta:
        ordering = ["name"]
        verbose_name = _("body")
        verbose_name_plural = _("bodies")
        indexes = [
            models.Index(fields=["renamed_at"], name="body_renamed", condition=Q(renamed_at__isnull=False)),
        ]

    def __str__(self):
        return self.name

    def save(self, *, update_fields=None, **kwargs):
        if not self._state.adding and (update_fields is None or {"name", "aliases"} & set(update_fields)):
            self.renamed_at = timezone.now()
            update_fields = update_fields and {*update_fields, "renamed_at"}
        super().save(update_fields=update_fields, **kwargs)
