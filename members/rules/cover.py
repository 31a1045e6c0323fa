"""The words of cover and work: programmes, segments, states, kinds of work (RULES 1.1, 1.2, 2.1)."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

#: A paid month that ends within this many days is on the list of those to remind.
LAPSE_DAYS = 7


class Cover(models.TextChoices):
    """A social-security programme somebody takes part in."""

    JKN = "JKN", "JKN (BPJS Kesehatan)"
    JKK = "JKK", "JKK"
    JKM = "JKM", "JKM"
    JHT = "JHT", "JHT"
    JP = "JP", "JP"
    JKP = "JKP", "JKP"


class Segment(models.TextChoices):
    """Who pays: the segments of JKN, and of the programmes of BPJS Ketenagakerjaan."""

    PBI_JK = "PBI_JK", _("PBI-JK (central government)")
    PBPU_PEMDA = "PBPU_PEMDA", _("PBPU Pemda (the region, UHC)")
    PPU_BU = "PPU_BU", _("PPU, private employer")
    PPU_PN = "PPU_PN", _("PPU, state")
    PPU_TAMB = "PPU_TAMB", _("PPU, further family")
    PBPU = "PBPU", _("PBPU (pays alone)")
    BP = "BP", _("BP (not a worker)")
    PU = "PU", _("PU (wage earner, by the employer)")
    BPU = "BPU", _("BPU (informal, pays alone)")
    PMI = "PMI", _("PMI (works abroad)")


class CoverState(models.TextChoices):
    """What a check showed of a membership."""

    ACTIVE = "AKTIF", _("Active")
    ARREARS = "NONAKTIF_MENUNGGAK", _("Inactive: arrears")
    MUTATION = "NONAKTIF_MUTASI", _("Inactive: dropped from a segment")
    PBI_DROPPED = "NONAKTIF_PBI_DIHAPUS", _("Inactive: PBI dropped")
    LAYOFF_OVER = "NONAKTIF_PHK_HABIS", _("Inactive: six months after layoff are over")
    NIK = "NONAKTIF_NIK", _("Inactive: NIK does not match")
    NOT_REGISTERED = "BELUM_TERDAFTAR", _("Not registered")
    DIED = "MENINGGAL", _("Recorded as died")
    FINE_WINDOW = "MASA_DENDA", _("Active, in the 45 days of the fine")
    UNKNOWN = "TIDAK_DIKETAHUI", _("Not known")


class Checked(models.TextChoices):
    """How somebody came to know it."""

    APP = "app", _("In the app (Mobile JKN, JMO)")
    OFFICE = "office", _("At the office")
    PHONE = "phone", _("By phone or WhatsApp of the office")
    PAPER = "paper", _("On a card, slip or receipt")
    EMPLOYER = "employer", _("The employer said so")
    TOLD = "told", _("The member said so")


class WorkKind(models.TextChoices):
    """How somebody is employed (PRACTICE S4.11)."""

    PERMANENT = "permanent", _("Permanent (tetap)")
    CONTRACT = "contract", _("Contract (PKWT)")
    OUTSOURCED = "outsourced", _("Outsourced")
    DAILY = "daily", _("Daily (harian)")
    PARTNER = "partner", _("Partnership (kemitraan)")
    INFORMAL = "informal", _("Informal, for oneself")
    DOMESTIC = "domestic", _("Domestic worker (PRT)")
    MIGRANT = "migrant", _("Migrant worker (PMI)")
    UNKNOWN = "", _("Not known")


def lapses_soon(paid_until: date, today: date, days: int = LAPSE_DAYS) -> bool:
    """Whether what is paid runs out within ``days``, today included, or ran out within as many days past."""
    return today - timedelta(days=days) <= paid_until <= today + timedelta(days=days)


@dataclass(frozen=True)
class Share:
    """How many of the workers are registered, as one count tells it."""

    workers: int
    registered: int

    @property
    def percent(self) -> int | None:
        """Whole percent, or None where nobody was counted; more registered than workers shows as it is (104)."""
        return round(self.registered * 100 / self.workers) if self.workers else None

    @property
    def missing(self) -> int:
        return max(self.workers - self.registered, 0)

    @property
    def is_odd(self) -> bool:
        """More are registered than work there: one of the two counts is of another day or place."""
        return self.registered > self.workers


def disagree(shares: list[Share]) -> bool:
    """Whether counts of one employer and programme tell different stories."""
    return len({(share.workers, share.registered) for share in shares}) > 1
