"""The timeline of a case as it is read: facts by day, a correction in the place of what it corrects, system lines apart."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from cases.models import Case, CaseParty, Event, EventType, FollowUp, MembershipState, Outcome, Programme, Segment
from cases.rules.codes import CaseKind, Channel, EventCode, Membership, PartyRole, Urgency, Whereabouts
from cases.rules.details import DETAILS, ROWS, Kind, say
from members.models import Person, User
from members.rules.numbers import NumberKind

#: Told later than this after it happened, a line says when it was told.
TOLD_LATE = timedelta(hours=1)
#: System lines that everybody wants to see: how it began and ended.
_MILESTONES = (EventCode.OPENED, EventCode.CLOSED, EventCode.REOPENED)
#: What people wrote: facts, and lines of the system that carry somebody's words.
TOLD = (
    Q(type__is_system=False)
    | ~Q(text="")
    | Q(type__code__in=_MILESTONES)
    | Q(data__has_key="story_before")
    | Q(data__has_key="title_before")
)
_STATES = {EventType.Tone.GOOD: "selesai", EventType.Tone.DEATH: "biasa"}
_CHOICES = {
    "urgency": Urgency,
    "whereabouts": Whereabouts,
    "channel": Channel,
    "membership": Membership,
    "kind": CaseKind,
}


@dataclass(frozen=True)
class Typed:
    """A typed fact in words; ``url`` where it is a link that may be followed."""

    label: str
    text: str
    url: str = ""


@dataclass
class Line:
    """One line: ``shown`` is what counts, ``first`` what was told at first, with every correction in between."""

    first: Event
    shown: Event
    earlier: list[Event] = field(default_factory=list)
    state: str = "jalan"
    #: What a system line adds to its name: "ke Yoga Pratama", "Urgensi: biasa → darurat".
    details: list[str] = field(default_factory=list)
    #: The typed facts of what counts now.
    typed: list[Typed] = field(default_factory=list)
    #: Words that stood there before an edit.
    before: str = ""

    @property
    def is_told_late(self) -> bool:
        if self.shown.happened_on_day:
            return False
        return self.first.logged_at - self.shown.happened_at > TOLD_LATE

    @property
    def is_undated(self) -> bool:
        """Whether nobody knows the day; the line stands where it was told."""
        return bool(self.shown.data.get("undated"))

    @property
    def is_fact(self) -> bool:
        return not self.first.type.is_system

    @property
    def follow_up(self) -> str:
        """The follow-up that a line says has ended, to open it again."""
        ended = self.first.type.code in {EventCode.FOLLOW_UP_DONE, EventCode.FOLLOW_UP_CANCELLED}
        return self.first.data.get("follow_up", "") if ended else ""


@dataclass
class Day:
    on: date
    lines: list[Line]


@dataclass
class Chronicle:
    """Some lines of the timeline, newest first; ``older`` is the event to go on from, None at the beginning."""

    days: list[Day]
    older: UUID | None

    @property
    def lines(self) -> list[Line]:
        return [line for day in self.days for line in day.lines]


def count_system_lines() -> Coalesce:
    """How many lines are folded away, to be annotated on a case."""
    rows = Event.objects.filter(case=OuterRef("pk")).exclude(TOLD).order_by().values("case")
    return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n")), 0)


def of_case(case: Case, *, before: UUID | None = None, most: int = 30, with_system: bool = False) -> Chronicle:
    """The newest lines (or those before an event), one statement whether the case has four events or thousands."""
    rows = case.events.annotate(
        moment=Coalesce("corrects__happened_at", "happened_at"), head=Coalesce("corrects", F("pk"))
    )
    if not with_system:
        rows = rows.filter(TOLD)
    if before and (last := case.events.filter(uuid=before).first()):
        rows = rows.filter(Q(moment__lt=last.happened_at) | Q(moment=last.happened_at, head__lt=last.pk))
    found = list(rows.select_related("type", "logged_by", "body").order_by("-moment", "-head", "pk")[: most + 1])
    threads: dict[int, list[Event]] = {}
    for event in found:
        threads.setdefault(event.head, []).append(event)
    older = None
    if len(found) > most:
        if len(threads) > 1:
            threads.popitem()
        older = threads[next(reversed(threads))][0].uuid
    lines = [_line(thread, case) for thread in threads.values()]
    _name_outcomes(lines, case)
    _say_details(lines, case.zone)
    if before is None:
        _count_days(lines, case.zone)
    if with_system:
        _name_people(lines)
    return Chronicle(_by_day(lines, case.zone), older)


def _line(thread: list[Event], case: Case) -> Line:
    first, shown = thread[0], thread[-1]
    bad = "darurat" if case.urgency == Urgency.EMERGENCY else "mendesak"
    line = Line(
        first=first,
        shown=shown,
        earlier=thread[:-1],
        state=bad if shown.type.tone == EventType.Tone.BAD else _STATES.get(shown.type.tone, "jalan"),
    )
    data = first.data
    line.before = "\n\n".join(filter(None, [data.get("title_before", ""), data.get("story_before", "")]))
    line.details = list(_details(data))
    return line


def _details(data: dict) -> Iterable[str]:
    if title := data.get("title"):
        yield title
    if topic := data.get("topic"):
        yield topic
    if role := data.get("role"):
        yield str(PartyRole(role).label) if role in PartyRole.values else role
    for name in data.get("fields", []):
        words = [_said(name, value) for value in data[name]] if isinstance(data.get(name), list) else []
        yield f"{_field(name)}: {' → '.join(words)}" if words else _field(name)


def _said(name: str, value: str) -> str:
    choices = _CHOICES.get(name)
    if choices and value in choices.values:
        return str(choices(value).label)
    return value or _("empty")


def _field(name: str) -> str:
    """The name of an edited field, of the case or of a person or plan."""
    if name == "parent":
        return _("collective case")
    for model in (Case, FollowUp, Person, CaseParty):
        if found := next(
            (row for row in model._meta.concrete_fields + model._meta.many_to_many if row.name == name), None
        ):
            return str(found.verbose_name)
    return str(NumberKind(name).label) if name in NumberKind.values else _("phone") if name == "phone" else name


def typed_of(event: Event) -> list[Typed]:
    """The typed facts of one event, in words."""
    return _typed(event, event.case.zone, _row_names([event]))


def _say_details(lines: list[Line], zone: str) -> None:
    """The typed facts of every line, and of what it corrects; rows of the catalogue are named in one statement a kind."""
    names = _row_names([event for line in lines for event in (line.shown, *line.earlier)])
    for line in lines:
        line.typed = _typed(line.shown, zone, names)
        for event in line.earlier:
            event.said = _typed(event, zone, names)


_ROWS_OF = {Kind.PROGRAMME: Programme, Kind.SEGMENT: Segment, Kind.STATE: MembershipState}


def _row_names(events: list[Event]) -> dict[str, str]:
    kinds = {DETAILS[code].kind for event in events for code in event.typed if code in DETAILS}
    return {row.code: row.label for kind in kinds & ROWS for row in _ROWS_OF[kind].objects.all()}


def _typed(event: Event, zone: str, names: dict[str, str]) -> list[Typed]:
    """In the order of the vocabulary; a code that no longer stands there keeps its value and shows its code."""
    kept, language = event.typed, get_language() or "id"
    codes = sorted(kept, key=lambda code: _ORDER.get(code, len(_ORDER)))
    return [
        Typed(
            label=str(DETAILS[code].label) if code in DETAILS else code,
            text=say(code, kept[code], zone=zone, language=language, names=names),
            url=str(kept[code]) if code in DETAILS and DETAILS[code].kind == Kind.URL else "",
        )
        for code in codes
    ]


_ORDER = {code: at for at, code in enumerate(DETAILS)}
#: What goes on from one fact until another: how many days it has lasted stands beside the first.
_LASTING = {
    "admitted": (frozenset({"discharged", "died", "let_go"}), _lazy("Days in care")),
    "claim_submitted": (frozenset({"benefit_paid"}), _lazy("Age of the claim in days")),
}


def _count_days(lines: list[Line], zone: str) -> None:
    """How long a stay or a claim has lasted. Only where the newest lines are at hand: what ended it stands among them."""
    for line in lines:
        if line.shown.type.code not in _LASTING or line.is_undated:
            continue
        ends, label = _LASTING[line.shown.type.code]
        begun = line.shown.happened_at
        over = [
            each.shown.happened_at
            for each in lines
            if each.shown.type.code in ends and each.shown.happened_at >= begun and not each.is_undated
        ]
        last = min(over) if over else timezone.now()
        days = (last.astimezone(ZoneInfo(zone)).date() - begun.astimezone(ZoneInfo(zone)).date()).days
        line.typed.append(Typed(str(label), str(days)))


def _name_outcomes(lines: list[Line], case: Case) -> None:
    """What a closing ended with; the case knows the last one, older ones are looked up."""
    codes = {line.first.data["outcome"] for line in lines if line.first.data.get("outcome")}
    names = {case.outcome.code: case.outcome.label} if case.outcome else {}
    if missing := codes - names.keys():
        names |= {row.code: row.label for row in Outcome.objects.filter(code__in=missing)}
    for line in lines:
        if code := line.first.data.get("outcome"):
            line.details.append(names.get(code, code))


def _name_people(lines: list[Line]) -> None:
    """To whom a case was given or offered."""
    uuids = {line.first.data["to"] for line in lines if _is_person(line)}
    users = {str(user.uuid): user for user in User.objects.filter(uuid__in=uuids)} if uuids else {}
    for line in lines:
        if _is_person(line) and (user := users.get(line.first.data["to"])):
            line.details.append(user.full_name)


def _is_person(line: Line) -> bool:
    return line.first.type.code in {EventCode.ASSIGNED, EventCode.HANDOVER_OFFERED, EventCode.TAKEN} and bool(
        line.first.data.get("to")
    )


def _by_day(lines: list[Line], zone: str) -> list[Day]:
    """Newest first; a corrected moment puts a line where it belongs."""
    days: dict[date, list[Line]] = {}

    def moment(line: Line) -> tuple[datetime, int]:
        return line.shown.happened_at, line.first.pk

    for line in sorted(lines, key=moment, reverse=True):
        days.setdefault(line.shown.happened_at.astimezone(ZoneInfo(zone)).date(), []).append(line)
    return [Day(on, of_day) for on, of_day in days.items()]
