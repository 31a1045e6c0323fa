from django.db import models
from django.utils.translation import gettext_lazy as _


class Sector(models.Model):
    """A branch of work: metal, health, fishers … a row that admins add to (PRACTICE S3.14)."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    name_en = models.CharField(_("name in English"), max_length=80, blank=True)
    is_informal = models.BooleanField(_("mostly informal"), default=False)

    class Meta:
        ordering = ["name"]
        verbose_name = _("sector")
        verbose_name_plural = _("sectors")

    def __str__(self):
        return self.name


class Vulnerability(models.Model):
    """What makes a worker easier to hurt: pregnant, disabled, far from home … a row that admins add to."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    name_en = models.CharField(_("name in English"), max_length=80, blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("vulnerability")
        verbose_name_plural = _("vulnerabilities")

    def __str__(self):
        return self.name
