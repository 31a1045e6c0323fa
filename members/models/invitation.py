import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models.organisation import Organisation
from members.rules.roles import Role


class Invitation(models.Model):
    """An offer of an account with a first appointment; the link lives 72 hours and works once (TRUST R9)."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(_("e-mail"))
    full_name = models.CharField(_("full name"), max_length=150, blank=True)
    role = models.CharField(_("role"), max_length=20, choices=Role, default=Role.ADVOCATE)
    organisation = models.ForeignKey(Organisation, models.CASCADE, verbose_name=_("organisation"))
    until_on = models.DateField(_("appointment until"), null=True, blank=True)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("invited by"), editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(_("valid until"), editable=False)
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="invitations"
    )

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")

    def __str__(self):
        return f"{self.organisation} · {self.get_role_display()}"
