from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case


class CaseWords(models.Model):
    """By which names and words a case is found (ADR 21). A restricted case has no row here: its number alone finds it.

    Folded, each word once. Its migration adds to the table what each database searches it by: on PostgreSQL a stored
    tsvector and trigrams, on SQLite an FTS5 table of trigrams that triggers keep. Written by ``services.words`` alone.
    """

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="words")
    names = models.TextField(blank=True)
    words = models.TextField(blank=True)

    class Meta:
        verbose_name = _("words of a case")
        verbose_name_plural = _("words of cases")

    def __str__(self):
        return str(self.case_id)
