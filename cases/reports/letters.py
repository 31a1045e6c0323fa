"""Letters that nobody has answered, over what a reader may see; and the letters of one case."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from cases.models import Case, Letter
from cases.rules.codes import Status
from cases.rules.ladder import silent_days
from cases.rules.registers import LetterState
from members.models import User
from members.rules.roles import Permission

#: "No reply in 14 days" (PRACTICE S3.10, C2.5).
SILENT_DAYS = 14


@dataclass(frozen=True)
class Row:
    """A letter as a line of a list, with the days of silence until now (or until its answer)."""

    letter: Letter
    days: int

    @property
    def is_long(self) -> bool:
        return self.letter.state == LetterState.SENT and self.days >= SILENT_DAYS


def waiting(rows: QuerySet[Letter]) -> QuerySet[Letter]:
    """Those of open cases that were sent and not answered, the oldest first."""
    return rows.filter(state=LetterState.SENT).exclude(case__status=Status.CLOSED).order_by("sent_at", "pk")


def begun(rows: QuerySet[Letter]) -> QuerySet[Letter]:
    """Those of open cases that were begun and not sent yet, the newest first."""
    return rows.filter(state=LetterState.DRAFT).exclude(case__status=Status.CLOSED).order_by("-logged_at", "-pk")


def unanswered(user: User) -> QuerySet[Letter]:
    """Letters within this reader's reach that wait for an answer."""
    return waiting(Letter.objects.permitted(user, Permission.CASE_VIEW))


def silent(rows: QuerySet[Letter], *, now: datetime, days: int = SILENT_DAYS) -> QuerySet[Letter]:
    """Those sent at least so many days ago."""
    return rows.filter(sent_at__lte=now - timedelta(days=days))


def row_of(letter: Letter, *, now: datetime) -> Row:
    """A letter with its days of silence."""
    until = letter.answered_at or now
    return Row(letter, silent_days(letter.sent_at, until=until, zone=letter.case.zone) if letter.sent_at else 0)


def of_case(case: Case, *, now: datetime) -> list[Row]:
    """The letters of a case, the newest first."""
    rows = list(case.letters.select_related("rung__ladder").order_by("-logged_at", "-pk"))
    for letter in rows:
        letter.case = case
    return [row_of(letter, now=now) for letter in rows]
