"""The figures of ours that a resolution may name as its indicator."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Indicator(models.TextChoices):
    """What is looked up; ``typed`` is a number that somebody notes with its source."""

    TYPED = "typed", _("A number that we note, with its source")
    OPEN_CASES = "open_cases", _("Open cases")
    CLOSED_YEAR = "closed_year", _("Cases closed in the last 12 months")
    CLAIMS_OPEN = "claims_open", _("Open cases of JKK, JKM, JHT and JP")
    PROMISES_KEPT = "promises_kept", _("Promises kept, in percent")
    COVERED = "covered", _("Workers registered, in percent of those counted")
    TRAINED = "trained", _("People trained in the last 12 months")
    MEMBERS = "members", _("Members")


#: Those that are a share of a hundred.
PERCENT = frozenset({Indicator.PROMISES_KEPT, Indicator.COVERED})
