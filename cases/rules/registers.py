"""The fixed words of the registers of a case: attempts, letters, commitments, money, papers, counts, partners, consent."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Way(models.TextChoices):
    """How an office or facility was reached."""

    UNKNOWN = "", _("Not known yet")
    VISIT = "visit", _("Face to face")
    PHONE = "phone", _("By phone")
    WHATSAPP = "whatsapp", _("By WhatsApp")
    LETTER = "letter", _("By letter")
    ONLINE = "online", _("Online or in an app")


class Answer(models.TextChoices):
    """What a facility that was asked answered."""

    ACCEPTED = "accepted", pgettext_lazy("attempt", "Accepted")
    FULL = "full", _("Said to be full")
    REFUSED = "refused", pgettext_lazy("attempt", "Refused")
    WAITING = "waiting", _("Waiting list")
    CONDITION = "condition", _("Only on a condition")
    REFERRED = "referred", _("Sent on to another facility")
    NO_ANSWER = "no_answer", pgettext_lazy("attempt", "No answer")


class BedClass(models.TextChoices):
    """The class of a bed, or the kind of unit."""

    UNKNOWN = "", _("Not known yet")
    ONE = "1", _("Class 1")
    TWO = "2", _("Class 2")
    THREE = "3", _("Class 3")
    KRIS = "kris", "KRIS"
    VIP = "vip", "VIP"
    ER = "er", _("ER (IGD)")
    ICU = "icu", "ICU"
    HCU = "hcu", "HCU"
    PICU = "picu", "PICU"
    NICU = "nicu", "NICU"
    ISOLATION = "isolation", _("Isolation")
    BIRTH = "birth", _("Delivery room")


class Referral(models.TextChoices):
    """With what kind of referral a facility was asked."""

    UNKNOWN = "", _("Not known yet")
    NONE = "none", _("Without a referral")
    TIERED = "tiered", _("Tiered referral (BPJS)")
    LOOSE = "loose", _("Loose referral (outside BPJS)")
    EMERGENCY = "emergency", _("Emergency, no referral needed")
    BETWEEN = "between", _("Between hospitals")


class LetterKind(models.TextChoices):
    """What is laid before an office."""

    COMPLAINT = "complaint", _("Complaint")
    REQUEST = "request", _("Request")
    NOTICE = "notice", _("Union notice of a work accident or disease (art. 8A/48A)")
    SUMMONS = "summons", _("Somasi")
    POLICE = "police", _("Police report")
    COURT = "court", _("Court case")
    OBSTACLE = "obstacle", _("Report of an obstacle")


class LetterState(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("letter", "Draft")
    SENT = "sent", pgettext_lazy("letter", "Sent, no answer yet")
    ANSWERED = "answered", pgettext_lazy("letter", "Answered")
    ENDED = "ended", pgettext_lazy("letter", "No longer needed")


class Reply(models.TextChoices):
    """What the answer of an office came to."""

    UNKNOWN = "", _("Not known yet")
    SOLVED = "solved", _("Solved")
    PARTLY = "partly", _("Partly solved")
    PROMISED = "promised", _("Promised something")
    REFUSED = "refused", pgettext_lazy("letter", "Refused")
    FORWARDED = "forwarded", _("Sent on to another office")


class Term(models.TextChoices):
    """By when a commitment is to be kept."""

    DATE = "date", _("On a date")
    CONDITION = "condition", _("When a condition is met")
    STANDING = "standing", _("Always, looked at again and again")
    NONE = "none", _("No date was named")


class Promise(models.TextChoices):
    """Where a commitment stands; ``asked`` is a demand that was not answered yet."""

    ASKED = "asked", pgettext_lazy("commitment", "Asked for, not given yet")
    OPEN = "open", pgettext_lazy("commitment", "Promised")
    KEPT = "kept", pgettext_lazy("commitment", "Kept")
    LATE = "late", pgettext_lazy("commitment", "Kept late")
    BROKEN = "broken", pgettext_lazy("commitment", "Broken")
    WITHDRAWN = "withdrawn", pgettext_lazy("commitment", "Withdrawn")
    REFUSED = "refused", pgettext_lazy("commitment", "Refused")


#: States in which something is still expected.
PENDING = frozenset({Promise.ASKED, Promise.OPEN})


class Form(models.TextChoices):
    """In what form something was said."""

    UNKNOWN = "", _("Not known yet")
    ORAL = "oral", _("By word of mouth")
    WRITTEN = "written", _("In writing")
    MESSAGE = "message", _("By message")


class MoneyKind(models.TextChoices):
    """What a line of the ledger is; `rules.rupiah.balance` adds them up."""

    BILL = "bill", _("Bill")
    PAID = "paid", pgettext_lazy("money", "Paid by the family")
    COVERED = "covered", _("Borne by a guarantor")
    DEPOSIT_ASKED = "deposit_asked", _("Deposit asked for")
    DEPOSIT_PAID = "deposit_paid", _("Deposit paid")
    COLLATERAL = "collateral", _("Held as security")
    DONATION_IN = "donation_in", _("Donation received")
    DONATION_OUT = "donation_out", _("Donation spent")
    FINE = "fine", _("Fine")
    REFUNDABLE = "refundable", _("To be refunded")
    REFUNDED = "refunded", _("Refunded")
    CLAIMED = "claimed", _("Claimed")
    RECOVERED = "recovered", _("Received or recovered")
    LOST = "lost", _("Lost (wage, cut premium)")


class PaperState(models.TextChoices):
    NEEDED = "needed", pgettext_lazy("paper", "Still needed")
    ASKED = "asked", pgettext_lazy("paper", "Asked for")
    RECEIVED = "received", pgettext_lazy("paper", "Received")
    SUBMITTED = "submitted", pgettext_lazy("paper", "Handed in")
    RETURNED = "returned", _("Original given back")
    UNNEEDED = "unneeded", pgettext_lazy("paper", "Not needed")


#: States in which a paper is missing.
MISSING = frozenset({PaperState.NEEDED, PaperState.ASKED})


class Counted(models.TextChoices):
    """What a dated count counts."""

    AFFECTED = "affected", _("People affected")
    WORKERS = "workers", _("Workers")
    MEMBERS = "members", _("Union members")
    REGISTERED = "registered", _("Registered")
    INACTIVE = "inactive", _("Card not active")
    LAID_OFF = "laid_off", _("Laid off")
    SICK = "sick", _("Sick")
    DIED = "died", pgettext_lazy("count", "Died")
    REFUSED = "refused", _("Refused by a facility")
    FAMILIES = "families", _("Families")
    POOR = "poor", _("Poor residents")
    CASES = "cases", pgettext_lazy("count", "Cases")
    OTHER = "other", pgettext_lazy("count", "Other")


class PartnerState(models.TextChoices):
    ASKED = "asked", pgettext_lazy("partner", "Asked")
    ACCEPTED = "accepted", pgettext_lazy("partner", "Takes part")
    DECLINED = "declined", pgettext_lazy("partner", "Declined")
    DONE = "done", pgettext_lazy("partner", "Task done")


class Purpose(models.TextChoices):
    """What somebody agrees to."""

    HELP = "help", _("Accompaniment and keeping data")
    SHARE = "share", _("Sharing with another unit or office")
    PUBLISH = "publish", _("Publishing the story")
    NAME = "name", _("Naming the name")


class Restriction(models.TextChoices):
    """Why a case opens for named people only."""

    NONE = "", _("Not restricted")
    HIV = "hiv", "HIV"
    MENTAL = "mental", _("Mental health")
    REPRODUCTIVE = "reproductive", _("Reproductive health")
    VIOLENCE = "violence", _("Violence or harassment (ILO C190)")
    OTHER = "other", pgettext_lazy("restriction", "Another reason")
