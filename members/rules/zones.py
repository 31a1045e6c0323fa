"""The three time zones of Indonesia."""

from django.db import models


class Zone(models.TextChoices):
    """The zone of a place; hour clocks run in it."""

    WIB = "Asia/Jakarta", "WIB"
    WITA = "Asia/Makassar", "WITA"
    WIT = "Asia/Jayapura", "WIT"
