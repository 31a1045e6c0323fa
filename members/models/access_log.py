from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class AppendOnly(Exception):
    """Raised when code tries to change or delete a row that is only ever added."""


class AccessLogQuerySet(models.QuerySet):
    def update(self, **kwargs):
        raise AppendOnly("The access log is only ever added to.")

    def delete(self):
        raise AppendOnly("The access log is only ever added to.")


class AccessLog(models.Model):
    """Who opened, revealed, searched, took out or was refused what, when and from where: ids only (TRUST R47).

    Rows are only added (a database trigger refuses changes); `AccessSeal` chains their hashes.
    """

    class Action(models.TextChoices):
        OPEN = "open", _("opened a case")
        OPEN_IDENTITY = "open_identity", _("opened a case with names")
        REVEAL = "reveal", _("revealed names")
        REVEAL_NUMBER = "reveal_number", _("revealed a number")
        DOWNLOAD = "download", _("opened a paper")
        SEARCH = "search", _("searched")
        EXPORT = "export", _("exported")
        PRINT = "print", _("printed")
        REFUSED = "refused", _("was refused")
        ADMIN_VIEW = "admin_view", _("viewed in admin")

    at = models.DateTimeField(db_index=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    action = models.CharField(max_length=20, choices=Action)
    object_kind = models.CharField(max_length=40, blank=True)
    object_uuid = models.UUIDField(null=True, blank=True, db_index=True)
    reason = models.CharField(max_length=200, blank=True)
    address = models.CharField(max_length=45, blank=True)
    hits = models.PositiveIntegerField(null=True, blank=True)

    objects = AccessLogQuerySet.as_manager()

    class Meta:
        verbose_name = _("access")
        verbose_name_plural = _("access log")
        indexes = [models.Index(fields=["object_kind", "object_uuid", "at"], name="access_of_object")]

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M} {self.action}"

    def save(self, **kwargs):
        if self.pk:
            raise AppendOnly("The access log is only ever added to.")
        super().save(**kwargs)

    def delete(self, **kwargs):
        raise AppendOnly("The access log is only ever added to.")


class AccessSeal(models.Model):
    """The hash of one access row chained to the seal before it; written by a worker, checked nightly."""

    log = models.OneToOneField(AccessLog, models.PROTECT, related_name="seal")
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return self.hash[:12]
