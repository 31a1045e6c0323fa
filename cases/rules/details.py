"""The typed facts an event may carry beside its sentence: what each is called, what may stand in it, how it is read back.

An `EventType` names the codes it asks for, in order; `Event.details` keeps code → value. A value is text, a whole number,
a day ("2026-11-22"), an hour ("07:30"), a moment in ISO 8601, the code of a choice, or the code of a catalogue row.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.rules.codes import Channel
from cases.rules.payer import Payer
from cases.rules.registers import BedClass, Referral
from members.rules import words


class Kind(StrEnum):
    """What may be written in a detail."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    DAY = "day"
    HOUR = "hour"
    MOMENT = "moment"
    CHOICE = "choice"
    URL = "url"
    #: Rows of the catalogue, by their code.
    PROGRAMME = "programme"
    SEGMENT = "segment"
    STATE = "state"


#: Kinds whose choices are rows of the catalogue.
ROWS = frozenset({Kind.PROGRAMME, Kind.SEGMENT, Kind.STATE})


class YesNo(models.TextChoices):
    YES = "yes", _("Yes")
    NO = "no", _("No")


class Given(models.TextChoices):
    """What came of something that was asked for."""

    WAITING = "waiting", _("Still awaited")
    GIVEN = "given", _("Given")
    PARTLY = "partly", _("Given in part")
    REFUSED = "refused", pgettext_lazy("asked for", "Refused")


class Known(models.TextChoices):
    """On what a fact stands: a tale of one side is kept, and stays marked as one."""

    SEEN = "seen", _("We saw it ourselves")
    ONE_SIDE = "one_side", _("One side says so")
    BOTH = "both", _("Both sides say so")
    PAPER = "paper", _("It stands on paper")


class FacilityLevel(models.TextChoices):
    FIRST = "first", _("First level (puskesmas, clinic, doctor)")
    HOSPITAL = "hospital", _("Hospital")


class BodyRole(models.TextChoices):
    """What an office or company is in this case, whatever else it may be."""

    EMPLOYER = "employer", _("Employer")
    FACILITY = "facility", _("Facility")
    INSURER = "insurer", _("Insurer or guarantor")
    OFFICE = "office", pgettext_lazy("body", "Office")


class WorkState(models.TextChoices):
    """Where the employment of those concerned stands."""

    WORKING = "working", _("At work")
    UNPAID = "unpaid", _("At work, wages not paid")
    FURLOUGH = "furlough", _("Sent home without work")
    STRIKE = "strike", _("On strike")
    LOCKOUT = "lockout", _("Locked out")
    DISPUTED = "disputed", _("Laid off, disputed")
    LAID_OFF = "laid_off", _("Laid off, settled")
    RESIGNED = "resigned", _("Resigned")
    ENDED = "ended", _("Contract ended")
    PKPU = "pkpu", _("Company under PKPU")
    BANKRUPT = "bankrupt", _("Company bankrupt")
    CLOSED = "closed", _("Company closed")


class CourtState(models.TextChoices):
    """Where a matter stands in court."""

    NONE = "none", _("Not in court")
    REGISTERED = "registered", pgettext_lazy("court", "Registered")
    HEARING = "hearing", _("Being heard")
    DECIDED = "decided", _("Decided, not final")
    APPEAL = "appeal", _("In appeal or cassation")
    FINAL = "final", _("Final (inkrah)")
    WITHDRAWN = "withdrawn", pgettext_lazy("court", "Withdrawn")


class Doer(models.TextChoices):
    """Who did it, or from whose side it comes."""

    EMPLOYER = "employer", _("The employer")
    BPJS = "bpjs", "BPJS"
    GOVERNMENT = "government", _("The government")
    FACILITY = "facility", _("The facility")
    PARTICIPANT = "participant", _("The member or family")
    NOT_CLEAR = "unclear", _("Not clear, versions differ")


class SanctionStep(models.TextChoices):
    """The rungs of a sanction."""

    WARNING_1 = "warning_1", _("First warning")
    WARNING_2 = "warning_2", _("Second warning")
    WARNING_3 = "warning_3", _("Third warning")
    FINE = "fine", _("Administrative fine")
    SERVICE_ASKED = "service_asked", _("Withholding of public services proposed")
    SERVICE = "service", _("Public services withheld")
    LICENCE = "licence", _("Licence suspended or withdrawn")
    OFFICIAL = "official", _("Official warned or replaced")
    PROSECUTION = "prosecution", _("Handed to prosecutors or police")
    OTHER = "other", pgettext_lazy("sanction", "Another sanction")


class ClaimState(models.TextChoices):
    """Where a claim stands in the system of somebody else."""

    NOT_SUBMITTED = "not_submitted", _("Could not be handed in")
    RECEIVED = "received", pgettext_lazy("claim", "Received")
    INCOMPLETE = "incomplete", _("Papers lacking")
    CHECKING = "checking", _("Being checked")
    WAITING = "waiting", _("Waiting for payment")
    PAID = "paid", pgettext_lazy("claim", "Paid")
    REFUSED = "refused", pgettext_lazy("claim", "Refused")


class ReactivationState(models.TextChoices):
    """Where the reactivation of a card stands, office by office."""

    LETTER = "letter", _("Letter of the facility asked for")
    SOCIAL = "social", _("At the social office (Dinsos)")
    MINISTRY = "ministry", _("At the ministry")
    BPJS = "bpjs", _("At BPJS")
    ACTIVE = "active", pgettext_lazy("card", "Active")
    REFUSED = "refused", pgettext_lazy("card", "Refused")


class Vehicle(models.TextChoices):
    AMBULANCE = "ambulance", _("Ambulance")
    BORROWED = "borrowed", _("Borrowed car")
    OWN = "own", _("Own vehicle")
    HIRED = "hired", _("Hired or online taxi")
    MOTORCYCLE = "motorcycle", _("Motorcycle")
    PUBLIC = "public", _("Public transport")
    COMPANY = "company", _("Company car")
    PLANE = "plane", _("Plane")
    SHIP = "ship", _("Ship or boat")
    OTHER = "other", pgettext_lazy("vehicle", "Other")


class Condition(models.TextChoices):
    """How the patient is, in words of those who stand beside."""

    BETTER = "better", _("Better")
    SAME = "same", _("The same")
    WORSE = "worse", _("Worse")
    CRITICAL = "critical", _("Critical")


class Blood(models.TextChoices):
    """The group of the blood that is looked for."""

    A = "a", "A"
    B = "b", "B"
    AB = "ab", "AB"
    O = "o", "O"  # noqa: E741
    A_NEGATIVE = "a-", "A rhesus –"
    B_NEGATIVE = "b-", "B rhesus –"
    AB_NEGATIVE = "ab-", "AB rhesus –"
    O_NEGATIVE = "o-", "O rhesus –"


class Harm(models.TextChoices):
    """The kinds of violence and harassment of ILO convention 190."""

    PHYSICAL = "physical", _("Physical")
    SEXUAL = "sexual", _("Sexual")
    VERBAL = "verbal", _("Verbal or threats")
    PSYCHOLOGICAL = "psychological", _("Psychological")
    ECONOMIC = "economic", _("Economic")
    SEVERAL = "several", _("Several kinds")


@dataclass(frozen=True)
class Detail:
    """One typed fact. ``most``: letters of a text, or the highest number."""

    code: str
    label: str | Promise
    kind: Kind = Kind.TEXT
    most: int = 120
    choices: type[models.TextChoices] | None = None
    hint: str | Promise = ""


def _choice(code: str, label, choices: type[models.TextChoices], hint="") -> Detail:
    return Detail(code, label, Kind.CHOICE, choices=choices, hint=hint)


#: A day here is something that is waited for: it becomes a follow-up due on that day.
DUE_ON = "due_on"
#: A number of days here makes that follow-up come again.
EVERY_DAYS = "every_days"
#: When it happened, where no day is known; every fact may carry it.
WHEN_TOLD = "when_told"

_ALL = (
    # who
    Detail("officer", _("Name of the official")),
    Detail("officer_role", _("Their post")),
    Detail("unit", _("Office, unit or ward")),
    Detail("organiser", _("Who called it")),
    Detail("participants", _("Who was there"), most=600, hint=_("Names and posts, separated by commas.")),
    Detail("signed_by", _("Who signed")),
    Detail("holder", _("Who holds the original")),
    Detail("witnesses", _("Who saw it"), most=300, hint=_("Names and posts, separated by commas.")),
    Detail("accused", _("Who is accused")),
    Detail("accused_role", _("Post of the accused")),
    Detail("told_to", _("Who came to know it"), most=300),
    _choice("by_whom", _("By whom"), Doer),
    _choice("body_role", _("What this office or company is in this case"), BodyRole),
    _choice("facility_level", _("Level of the facility"), FacilityLevel),
    _choice("channel", _("How it came"), Channel),
    # papers and numbers
    Detail("reference", _("Number of the letter, case or report"), most=80),
    Detail("paper_on", _("Date on the paper"), Kind.DAY),
    Detail("document", _("Paper or evidence"), most=160),
    Detail("basis", _("Rule that was cited"), most=200, hint=_("Regulation and article, as it was said.")),
    Detail("url", _("Link"), Kind.URL, most=300),
    Detail("queue", _("Queue number"), most=20),
    Detail("called_to", _("How many were called"), Kind.NUMBER, 100_000),
    Detail("count", _("How many"), Kind.NUMBER, 10_000_000),
    Detail("amount", _("Rupiah"), Kind.MONEY, hint=_("For example: 1,5 jt or 500rb.")),
    Detail("months", _("How many months"), Kind.NUMBER, 600),
    Detail("years", _("Years of service"), Kind.NUMBER, 70),
    Detail("got", _("How many were obtained"), Kind.NUMBER, 10_000),
    Detail("interviews", _("How many interviews"), Kind.NUMBER, 1000),
    Detail("wage_real", _("Real wage a month"), Kind.MONEY, hint=_("For example: 1,5 jt or 500rb.")),
    Detail("wage_reported", _("Wage as reported to BPJS"), Kind.MONEY),
    Detail("security", _("What was left as security"), hint=_("For example: identity card, vehicle papers, money.")),
    # when
    Detail("since", _("Since"), Kind.DAY),
    Detail("until", _("Until"), Kind.DAY),
    Detail("until_at", _("Until (day and hour)"), Kind.MOMENT),
    Detail("read_at", _("Read at"), Kind.MOMENT, hint=_("When it was seen; above stands when it was sent.")),
    Detail("opens_at", _("Opens at"), Kind.HOUR),
    Detail("closes_at", _("Closes at"), Kind.HOUR),
    Detail(DUE_ON, _("Awaited on"), Kind.DAY, hint=_("We remind on that day.")),
    Detail(EVERY_DAYS, _("Again every so many days"), Kind.NUMBER, 366),
    Detail(WHEN_TOLD, _("When, as told"), most=120, hint=_("If no day is known. For example: in May, year not said.")),
    # care
    _choice("bed_class", _("Class or unit of the bed"), BedClass),
    _choice("right_class", _("Class of right"), BedClass),
    Detail("beds_free", _("Beds free"), Kind.NUMBER, 1000),
    _choice("referral", _("Referral"), Referral),
    Detail("treatment", _("Treatment")),
    Detail("need", _("What is needed"), most=160, hint=_("For example: ventilator, incubator, isolation room.")),
    Detail("medicine", _("Which medicine or device"), most=160),
    Detail("days_left", _("Enough for how many days"), Kind.NUMBER, 366),
    _choice("blood_type", _("Blood group"), Blood),
    Detail("weight_grams", _("Weight at birth, grams"), Kind.NUMBER, 10_000),
    Detail("weeks", _("Weeks of pregnancy at birth"), Kind.NUMBER, 45),
    Detail("cause", _("What caused it"), most=300),
    Detail("injury", _("What was hurt"), most=160),
    Detail("other_party", _("The other vehicle or party"), most=160),
    _choice("harm_kind", _("Kind of violence"), Harm),
    _choice("condition", _("How the patient is"), Condition),
    _choice("vehicle", _("Vehicle"), Vehicle),
    Detail("from_place", _("From where")),
    Detail("to_place", _("To where")),
    # cover and claim
    Detail("programme", _("Programme"), Kind.PROGRAMME),
    Detail("segment", _("Segment"), Kind.SEGMENT),
    Detail("from_segment", _("From segment"), Kind.SEGMENT),
    Detail("to_segment", _("To segment"), Kind.SEGMENT),
    Detail("card_state", _("State of the card"), Kind.STATE),
    Detail("decile", _("Decile in DTSEN"), Kind.NUMBER, 10),
    _choice("payer", _("Payer"), Payer),
    Detail("scheme", _("Scheme")),
    Detail("system", _("Where it was looked up"), most=80),
    _choice("claim_state", _("Where the claim stands"), ClaimState),
    _choice("reactivation_state", _("Where the reactivation stands"), ReactivationState),
    # work and law
    _choice("work_state", _("Employment"), WorkState),
    Detail("work_kind", _("What work")),
    Detail("exposure", _("What they were exposed to"), most=160, hint=_("Dust, chemicals, noise, blood, heat …")),
    Detail("exposed_years", _("For how many years"), Kind.NUMBER, 70),
    _choice("protected", _("Was protection given?"), Given),
    _choice("on_duty", _("At work or on the way?"), YesNo),
    _choice("court_state", _("In court"), CourtState),
    _choice("sanction_step", _("Step of the sanction"), SanctionStep),
    # what came of it
    Detail("reason", _("Reason given"), most=300),
    Detail("result", _("What came of it"), most=300),
    Detail("next_office", _("Sent on to which office"), most=160),
    _choice("given", _("Was it given?"), Given),
    _choice("forced", _("Against their will?"), YesNo),
    _choice("served", _("Served?"), YesNo),
    _choice("attended", _("Did they come?"), YesNo),
    _choice("consented", _("Does the family agree to it being public?"), YesNo),
    _choice("how_known", _("How do we know?"), Known),
)

#: Every detail by its code.
DETAILS: Mapping[str, Detail] = {detail.code: detail for detail in _ALL}
#: Texts in which a number is no number of a person, but of a paper, a queue or an address.
_OF_PAPERS = frozenset({"reference", "queue", "url"})
#: Free texts: the numbers of people leave them before they are kept.
FREE_TEXT = frozenset(code for code, detail in DETAILS.items() if detail.kind == Kind.TEXT) - _OF_PAPERS


def unknown(codes: Iterable[str]) -> list[str]:
    """Those among the codes that no detail has."""
    return [code for code in codes if code not in DETAILS]


def stored(value: object) -> str | int:
    """A value read from a form, as JSON keeps it."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return value if isinstance(value, int) else str(value)


def read(code: str, value: object) -> object:
    """A stored value as a form field takes it; what can no longer be read stays as it was written."""
    kind = DETAILS[code].kind if code in DETAILS else Kind.TEXT
    parse = {Kind.DAY: date.fromisoformat, Kind.HOUR: time.fromisoformat, Kind.MOMENT: datetime.fromisoformat}.get(kind)
    try:
        return parse(str(value)) if parse else value
    except ValueError:
        return value


def say(code: str, value: object, *, zone: str, language: str, names: Mapping[str, str] | None = None) -> str:
    """A stored value in words. ``names``: code → name of the catalogue rows."""
    detail, found = DETAILS.get(code), read(code, value)
    if detail is None:
        return str(value)
    if detail.kind == Kind.CHOICE and detail.choices and value in detail.choices.values:
        return str(detail.choices(value).label)
    if detail.kind in ROWS:
        return (names or {}).get(str(value), str(value))
    if detail.kind == Kind.MONEY and isinstance(value, int):
        return words.rupiah(value, language)
    if detail.kind == Kind.NUMBER and isinstance(value, int):
        return words.number(value, language)
    if isinstance(found, datetime):
        return words.moment(found, zone, language)
    if isinstance(found, date):
        return words.day(found, None, language)
    if isinstance(found, time):
        return f"{found:%H.%M}" if not language.startswith("en") else f"{found:%H:%M}"
    return str(value)
