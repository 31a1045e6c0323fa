"""The fixed words of papers a worker makes: what they are, who may order one, how its file is called."""

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members.rules.roles import Permission


class PrintKind(models.TextChoices):
    """What is made; the values stand in rows and addresses."""

    DOSSIER = "dossier", _("Hearing dossier")
    RECAP = "recap", _("Monthly recap")
    PACK = "pack", _("Data pack")
    REVIEW = "review", _("Case review")
    LETTERS = "letters", _("Letters of a collective case")
    LIST = "list", _("List as a file")


class PrintState(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("printout", "Waits its turn")
    RUNNING = "running", pgettext_lazy("printout", "Being made")
    DONE = "done", pgettext_lazy("printout", "Ready")
    FAILED = "failed", pgettext_lazy("printout", "Failed")


#: States in which a worker has something to do.
WORK = (PrintState.WAITING, PrintState.RUNNING)

#: What whoever orders a paper, and whoever takes it out, must be allowed on every case it shows.
NEEDS = {
    PrintKind.DOSSIER: Permission.CASE_VIEW,
    PrintKind.RECAP: Permission.FIGURES_VIEW,
    PrintKind.PACK: Permission.FIGURES_VIEW,
    PrintKind.REVIEW: Permission.CASE_VIEW,
    PrintKind.LETTERS: Permission.CASE_WORK,
    PrintKind.LIST: Permission.CASE_VIEW,
}

#: The beginning of a file's name: what it is, never about whom.
FILE_NAMES = {
    PrintKind.DOSSIER: "berkas-audiensi",
    PrintKind.RECAP: "rekap",
    PrintKind.PACK: "paket-data",
    PrintKind.REVIEW: "bedah-kasus",
    PrintKind.LETTERS: "surat",
    PrintKind.LIST: "daftar",
}

#: A list of more rows is made by a worker; a file of more than `MOST_ROWS` is made by nobody, and nothing is cut.
AT_ONCE = 10_000
MOST_ROWS = 100_000

#: A file is deleted so long after it was made (issue 5 §7).
KEPT = timedelta(days=7)


class Audience(models.TextChoices):
    """Who is to read a paper: what it says of people depends on it."""

    INTERNAL = "internal", _("Ourselves")
    INSTITUTION = "institution", _("The institution")
    PUBLIC = "public", _("The public")
