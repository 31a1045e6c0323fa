"""Why somebody was reminded, or was not: each follow-up with its moments, who heard of them, and how."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from cases.models import Case, FollowUp
from cases.rules.codes import FollowUpState
from cases.rules.reminders import Moment, Plan
from cases.services.reminders import Audience, audience_of
from members.models import Message, User

MOST = 20


@dataclass
class Told:
    """One person told of one moment, by each channel."""

    person: User
    rows: list[Message]


@dataclass
class Line:
    """One reminder moment: told to whom, or why to nobody."""

    at: datetime
    level: int
    told: list[Told] = field(default_factory=list)
    #: Why nobody was told: "before", "snoozed", "merged", "nobody_above", "ended", "too_soon", "coming", "missed".
    why_not: str = ""


@dataclass
class Reminding:
    """A follow-up with everything that was, was not and will be told about it."""

    follow_up: FollowUp
    lines: list[Line]
    audience: Audience | None
    next_at: datetime | None

    @property
    def is_open(self) -> bool:
        return self.follow_up.state == FollowUpState.OPEN

    @property
    def is_silent(self) -> bool:
        """Open, and yet nothing more will be told."""
        return self.is_open and self.next_at is None


def of_case(case: Case, *, now: datetime) -> list[Reminding]:
    """The follow-ups of a case, open ones first, with what was told about each."""
    rows = case.follow_ups.select_related("case__assignee", "case__desk", "owner", "ended_by")
    open_first = sorted(rows, key=lambda row: (row.state != FollowUpState.OPEN, row.due_at))[:MOST]
    told: dict[str, list[Message]] = defaultdict(list)
    messages = Message.objects.filter(thing__in=[row.thing for row in open_first]).select_related("recipient")
    for message in messages.order_by("created_at", "pk"):
        told[message.thing].append(message)
    return [_reminding(row, told[row.thing], now) for row in open_first]


def _reminding(row: FollowUp, messages: list[Message], now: datetime) -> Reminding:
    is_open = row.state == FollowUpState.OPEN
    audience = audience_of(row, now=now) if is_open else None
    lines = _told(messages)
    plan = Plan(row.case.urgency, row.due_at, row.due_is_day, row.zone)
    known = {(line.at, line.level) for line in lines}
    last_told = max((line.at for line in lines if line.level == 0), default=None)
    coming = [moment for moment in plan.fixed() if moment.at > now][:4] if is_open else []
    for moment in [*(moment for moment in plan.fixed() if moment.at <= now), *coming]:
        if (moment.at, moment.level) not in known:
            why = _why_not(row, moment, audience, last_told, now)
            lines.append(Line(moment.at, moment.level, why_not=why))
    return Reminding(
        follow_up=row,
        lines=sorted(lines, key=lambda line: (line.at, line.level)),
        audience=audience,
        next_at=row.remind_at if is_open else None,
    )


def _told(messages: list[Message]) -> list[Line]:
    by_moment: dict[tuple[datetime, int], dict[int, Told]] = defaultdict(dict)
    for message in messages:
        if "moment_at" in message.data:
            at = datetime.fromisoformat(message.data["moment_at"])
            people = by_moment[at, message.data.get("level", 0)]
            people.setdefault(message.recipient_id, Told(message.recipient, [])).rows.append(message)
    return [Line(at, level, told=list(people.values())) for (at, level), people in by_moment.items()]


def _why_not(
    row: FollowUp, moment: Moment, audience: Audience | None, last_told: datetime | None, now: datetime
) -> str:
    if row.ended_at and moment.at >= row.ended_at:
        return "ended"
    if row.snoozed_until and row.snoozed_until > max(moment.at, now):
        return "snoozed"
    if moment.at > now:
        return "coming" if audience and audience.at(moment.level) else "nobody_above"
    if moment.at < row.created_at:
        return "before"
    if moment.level:
        return "nobody_above"
    if last_told and last_told > moment.at:
        return "merged"
    return "missed" if row.state == FollowUpState.OPEN else "too_soon"
