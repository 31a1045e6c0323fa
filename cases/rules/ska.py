"""SKA: sosialisasi, konsultasi, advokasi. The first two are written down in three fields; the third is a case."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class SkaKind(models.TextChoices):
    """Work beside cases: advice to somebody, or telling many."""

    CONSULTATION = "consultation", _("Consultation")
    OUTREACH = "outreach", pgettext_lazy("ska", "Outreach (sosialisasi)")


#: More people than this were not reached at one meeting.
MOST_PEOPLE = 100_000
