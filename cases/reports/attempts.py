"""The facilities asked: of one case as a timeline, and over many cases by facility and answer."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from cases.models import Attempt, Case
from cases.rules.registers import Answer
from members.models import User
from members.rules.roles import Permission

#: Each answer is a word, a shape and a colour.
ICONS = {
    Answer.ACCEPTED: "check-lg",
    Answer.FULL: "slash-circle",
    Answer.REFUSED: "x-lg",
    Answer.WAITING: "hourglass-split",
    Answer.CONDITION: "exclamation-triangle-fill",
    Answer.REFERRED: "signpost-2",
    Answer.NO_ANSWER: "question-circle",
}
STATES = {
    Answer.ACCEPTED: "selesai",
    Answer.FULL: "mendesak",
    Answer.REFUSED: "mendesak",
    Answer.WAITING: "jalan",
    Answer.CONDITION: "mendesak",
    Answer.REFERRED: "jalan",
    Answer.NO_ANSWER: "biasa",
}


@dataclass
class Shown:
    """One attempt with what its line says."""

    attempt: Attempt
    icon: str
    state: str
    on_day: bool
    #: Class, beds, waiting list, referral: only what is known.
    details: list[str]


@dataclass
class Day:
    on: date
    rows: list[Shown] = field(default_factory=list)


def of_case(case: Case) -> list[Day]:
    """The attempts of a case by day, the newest first. One query."""
    days: dict[date, Day] = {}
    for row in case.attempts.select_related("body", "logged_by", "event"):
        on = row.at.astimezone(ZoneInfo(case.zone)).date()
        days.setdefault(on, Day(on)).rows.append(shown(row))
    return list(days.values())


def shown(row: Attempt) -> Shown:
    """What the page says of one attempt."""
    details = [row.get_bed_class_display()] if row.bed_class else []
    if row.beds_free is not None:
        details.append(_("beds free: %(n)d") % {"n": row.beds_free})
    if row.queue_place is not None:
        details.append(_("waiting list: %(n)d") % {"n": row.queue_place})
    if row.referral:
        details.append(row.get_referral_display())
    if row.way:
        details.append(row.get_way_display())
    answer = Answer(row.answer)
    return Shown(row, ICONS[answer], STATES[answer], bool(row.event and row.event.happened_on_day), details)


def facilities_of(days: Iterable[Day]) -> int:
    """How many facilities were asked; each unnamed one counts as one."""
    return len({row.attempt.body_id or f"?{row.attempt.pk}" for day in days for row in day.rows})


@dataclass
class Facility:
    """How often one facility was asked, over how many cases, and what it answered."""

    name: str
    asked: int = 0
    cases: int = 0
    answers: Counter = field(default_factory=Counter)

    @property
    def turned_away(self) -> int:
        """How often it said no: full or refused."""
        return self.answers[Answer.FULL] + self.answers[Answer.REFUSED]


def within_figures_of(user: User) -> QuerySet[Attempt]:
    """The attempts whose numbers this user may see; restricted cases are in no number."""
    return Attempt.objects.permitted(user, Permission.FIGURES_VIEW)


def per_facility(attempts: QuerySet[Attempt]) -> list[Facility]:
    """Answers by facility, the one that turned people away most often first; two statements.

    The reason in words belongs to one case alone; what is counted is the answer.
    """
    rows = attempts.filter(body__isnull=False).order_by()
    found: dict[int, Facility] = {}
    for row in rows.values("body", "body__name", "answer").annotate(n=Count("pk")):
        facility = found.setdefault(row["body"], Facility(row["body__name"]))
        facility.answers[row["answer"]] += row["n"]
        facility.asked += row["n"]
    for row in rows.values("body").annotate(n=Count("case", distinct=True)):
        found[row["body"]].cases = row["n"]
    return sorted(found.values(), key=lambda each: (-each.turned_away, -each.asked, each.name))
