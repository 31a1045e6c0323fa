import uuid

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from members.models.fields import EncryptedTextField
from members.rules.roles import PLEDGE_ROLES, SECOND_FACTOR_ROLES
from members.rules.zones import Zone

#: The text of the code of conduct and pledge a user has to accept; a new text gets a new version.
PLEDGE_VERSION = "2026-11"


class User(AbstractUser):
    """Someone who signs in: by user name or e-mail, with one name field, a WhatsApp number and quiet hours."""

    class Language(models.TextChoices):
        INDONESIAN = "id", "Bahasa Indonesia"
        ENGLISH = "en", "English"

    class Theme(models.TextChoices):
        AUTO = "", _("As the phone")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    first_name = None
    last_name = None
    full_name = models.CharField(_("full name"), max_length=150)
    email = models.EmailField(_("e-mail"), blank=True)
    whatsapp = EncryptedTextField(_("WhatsApp number"), blank=True, help_text=_("Example: 0812 3456 7890"))
    zone = models.CharField(_("time zone"), max_length=20, choices=Zone, default=Zone.WIB)
    language = models.CharField(_("language"), max_length=2, choices=Language, default=Language.INDONESIAN)
    theme = models.CharField(_("look"), max_length=5, choices=Theme, blank=True, default=Theme.AUTO)
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    wants_digest = models.BooleanField(
        _("one summary at 07.00"),
        default=False,
        help_text=_("Instead of single messages; emergencies always come at once."),
    )
    wants_email = models.BooleanField(_("messages by e-mail too"), default=True)
    shortcuts = models.BooleanField(_("keyboard shortcuts"), default=True)
    is_resting = models.BooleanField(_("resting"), default=False)
    pledge_version = models.CharField(max_length=20, blank=True, editable=False)
    pledge_at = models.DateTimeField(null=True, blank=True, editable=False)
    history = HistoricalRecords(excluded_fields=["password", "last_login"])

    objects = UserManager()
    REQUIRED_FIELDS = ["email", "full_name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="one_user_per_email",
                condition=~models.Q(email=""),
            ),
            models.UniqueConstraint(Lower("username"), name="one_user_per_username"),
        ]

    def __str__(self):
        return self.full_name or self.username

    def get_full_name(self):
        return self.full_name

    def get_short_name(self):
        return self.full_name.split(" ")[0] if self.full_name else self.username

    @cached_property
    def live_roles(self) -> frozenset[str]:
        """The roles this user holds anywhere today."""
        return frozenset(role for role, _part in self._live_offices)

    @cached_property
    def looks_at_a_part(self) -> bool:
        """Whether an office of this user is for a part of the figures only."""
        return any(part for _role, part in self._live_offices)

    @cached_property
    def _live_offices(self) -> list[tuple[str, str]]:
        return list(self.appointments.live().values_list("role", "looks_at"))

    @property
    def must_use_second_factor(self) -> bool:
        return self.is_superuser or bool(self.live_roles & SECOND_FACTOR_ROLES)

    @property
    def must_pledge(self) -> bool:
        """Before the first case: whoever reads cases, and whoever holds no office (they may still carry one)."""
        if self.pledge_version == PLEDGE_VERSION:
            return False
        return bool(self.live_roles & PLEDGE_ROLES) or not (self.live_roles or self.is_superuser)
