"""The clocks of a case as the page shows them: who owes, until when, and why this date, line by line."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Subquery
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from cases.models import Case, Clock, ClockPause, Obliged, Rule
from cases.rules.clocks import PAUSED, Unit
from cases.rules.workdays import ONE_DAY, WEEKEND
from cases.services import law
from members.rules import words

#: Those whose deadline is on our side of the rope; the deadline of the others is for us to watch.
OURS = frozenset({Obliged.US, Obliged.FAMILY, Obliged.WORKER})
#: More weekends than this are counted, not named one by one.
MOST_WEEKENDS = 3


@dataclass(frozen=True)
class Line:
    """One line of the explanation; ``is_unsure`` puts the badge beside it."""

    label: str
    text: str
    is_unsure: bool = False


@dataclass(frozen=True)
class Reckoning:
    """One way of counting beside others: how, until when, and whether it is the one to hold to."""

    label: str
    due: str
    is_safe: bool


@dataclass
class Shown:
    """A clock with everything the page says of it."""

    clock: Clock
    zone: str
    owes: str
    is_ours: bool
    used: int = 0
    whole: int = 0
    due: str = ""
    no_moment: str = ""
    standing: str = ""
    reckonings: list[Reckoning] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    @property
    def due_at(self) -> datetime | None:
        return self.clock.due_at

    @property
    def due_day(self) -> bool:
        return self.clock.due_is_day

    @property
    def is_paused(self) -> bool:
        return self.clock.state == Clock.State.PAUSED

    @property
    def is_open(self) -> bool:
        return self.clock.state in {Clock.State.RUNNING, Clock.State.PAUSED}


def of_case(case: Case, *, now: datetime) -> list[Shown]:
    """The clocks of a case: the open ones by their moment, then those that ended, the last one first. One query."""
    last = ClockPause.objects.filter(clock=OuterRef("pk"), until__isnull=True)
    rows = list(
        case.clocks.select_related("rule", "started_by_event__type").annotate(
            pause_since=Subquery(last.values("since")[:1]),
            pause_reason=Subquery(last.values("reason")[:1]),
            pause_caused_by=Subquery(last.values("caused_by")[:1]),
        )
    )
    shown = [explain(row, now=now) for row in rows]
    _side_by_side(shown)
    running = [each for each in shown if each.is_open]
    ended = [each for each in shown if not each.is_open]
    running.sort(key=lambda each: (each.due_at is None, each.due_at or now))
    return running + sorted(ended, key=lambda each: each.clock.ended_at or now, reverse=True)


def explain(clock: Clock, *, now: datetime) -> Shown:
    """What the page says of one clock."""
    counts = clock.working.get("counts", [])
    shown = Shown(clock, clock.zone, _owes(clock), clock.obliged in OURS)
    if clock.due_at:
        shown.due = moment(clock.due_at, clock.zone, is_day=clock.due_is_day)
        shown.whole = max(int((clock.due_at - clock.started_at).total_seconds() // 60), 1)
        shown.used = min(max(int((now - clock.started_at).total_seconds() // 60), 0), shown.whole)
    elif clock.state == Clock.State.RUNNING:
        shown.no_moment = clock.rule.in_language("reason") or clock.working.get("reason", "")
    if since := getattr(clock, "pause_since", None):
        shown.standing = _("Stands still since %(since)s because of %(who)s: %(reason)s") % {
            "since": words.moment(since, clock.zone, get_language()),
            "who": Obliged(clock.pause_caused_by).label,
            "reason": clock.pause_reason,
        }
    if clock.rule.is_unclear and len(counts) > 1:
        shown.reckonings = _reckonings(
            [(span_words(each), _when(each), _due_words(each, clock.zone)) for each in counts]
        )
    shown.lines = _lines(clock, counts, shown)
    return shown


def span_words(span: dict) -> str:
    """An amount of a unit as people say it: "3×24 hours, working days only"."""
    amount, unit = span.get("amount"), span.get("unit", "")
    if not amount or not unit:
        return ""
    texts = {
        Unit.HOURS: ngettext("%(n)s hour, nights and holidays too", "%(n)s hours, nights and holidays too", amount),
        Unit.CALENDAR_DAYS: ngettext("%(n)s calendar day", "%(n)s calendar days", amount),
        Unit.WORKING_DAYS: ngettext("%(n)s working day", "%(n)s working days", amount),
        Unit.WORKING_24H: _("%(n)s×24 hours, on working days only"),
        Unit.MONTHS: ngettext("%(n)s month", "%(n)s months", amount),
        Unit.YEARS: ngettext("%(n)s year", "%(n)s years", amount),
    }
    return texts[Unit(unit)] % {"n": amount}


def moment(at: datetime, zone: str, *, is_day: bool) -> str:
    """A due moment in words: a day is due until its end."""
    language = get_language()
    return words.day(at, zone, language) if is_day else words.moment(at, zone, language)


def skipped_words(skipped: Iterable[tuple[date, str]]) -> list[str]:
    """The days that were not counted: holidays by name, weekends folded to ranges, many weekends to a number."""
    ranges: list[tuple[date, date, str]] = []
    for day, why in sorted(skipped):
        if ranges and ranges[-1][2] == why and ranges[-1][1] == day - ONE_DAY:
            ranges[-1] = (ranges[-1][0], day, why)
        elif not ranges or ranges[-1][1] < day:
            ranges.append((day, day, why))
    weekends = [each for each in ranges if each[2] == WEEKEND]
    told = []
    if len(weekends) > MOST_WEEKENDS:
        text = ngettext("%(n)s weekend (%(days)s)", "%(n)s weekends (%(days)s)", len(weekends))
        told.append(text % {"n": len(weekends), "days": _range(weekends[0][0], weekends[-1][1])})
        ranges = [each for each in ranges if each[2] != WEEKEND]
    names = {WEEKEND: _("weekend"), PAUSED: _("stood still")}
    return [f"{_range(first, last)}: {names.get(why, why)}" for first, last, why in ranges] + told


def rules_of(case: Case, *, on: date) -> tuple[list[Rule], list[Rule]]:
    """The rules that can be started by hand: those of the case's problem types, and all others that hold here today."""
    own = law.rules_for(case.problem_types.all(), on, case.region)
    known = {rule.pk for rule in own}
    here = [None] if case.region is None else [None, case.region_id, case.region.parent_id]
    others = [rule for rule in Rule.objects.filter(law.in_force(on)) if rule.pk not in known and rule.region_id in here]
    return own, others


def moving_codes(case: Case) -> set[str]:
    """The event types that start, stop or cut short a clock of this case."""
    codes = {code for kind in case.problem_types.all() for code in kind.clocks}
    started = Rule.objects.filter(code__in=codes).values_list("started_by", flat=True)
    ending = Clock.objects.filter(case=case, ended_at__isnull=True).values_list(
        "rule__stopped_by", "rule__cut_short_by"
    )
    return {code for row in [*started, *(codes for both in ending for codes in both)] for code in row}


def _owes(clock: Clock) -> str:
    if clock.obliged == Obliged.NOBODY:
        return _("Nobody owes anything: this is a time of waiting.")
    who = clock.get_obliged_display()
    if clock.obliged in OURS:
        return _("On our side: %(who)s must do it.") % {"who": who}
    return _("They owe it: %(who)s. We watch.") % {"who": who}


def _when(count: dict) -> datetime:
    return datetime.fromisoformat(count["due"])


def _due_words(count: dict, zone: str) -> str:
    return moment(_when(count), zone, is_day=count.get("is_day", False))


def _reckonings(ways: list[tuple[str, datetime, str]]) -> list[Reckoning]:
    safe = min(ways, key=lambda way: way[1])
    return [Reckoning(label, due, (label, due) == (safe[0], safe[2])) for label, _at, due in ways]


def _side_by_side(shown: list[Shown]) -> None:
    """A rule and the one counted beside it show both moments, each with its source."""
    running = {each.clock.rule_id: each for each in shown if each.is_open and each.due_at}
    for each in shown:
        other = running.get(each.clock.rule.beside_id or 0)
        if other is None or each.clock.rule_id not in running:
            continue
        both = [each, other]
        ways = [(_source(one.clock.rule), one.clock.due_at, one.due) for one in both if one.clock.due_at]
        each.reckonings = other.reckonings = _reckonings(ways)


def _source(rule: Rule) -> str:
    return f"{rule.label} ({rule.legal_basis or _('no written basis')})"


def _lines(clock: Clock, counts: list[dict], shown: Shown) -> list[Line]:
    rule, zone, language = clock.rule, clock.zone, get_language()
    lines = [Line(_("Rule"), rule.label)]
    spans = [text for each in counts if (text := span_words(each))]
    if spans:
        is_chain = rule.kind == "chain"
        lines.append(Line(_("Counted"), (_(", then ") if is_chain else _(" or ")).join(spans)))
    lines.append(Line(_("Counts from"), rule.in_language("starts_from")))
    start = words.moment(clock.started_at, zone, language)
    event = clock.started_by_event
    lines.append(Line(_("Start"), f"{start}, {event.type.label}" if event else start))
    if rule.kind == "chain" and len(counts) > 1:
        lines += [
            Line(_("Stage %(n)s") % {"n": number}, _due_words(each, zone)) for number, each in enumerate(counts, 1)
        ]
    skipped = {(date.fromisoformat(day), why) for each in counts for day, why in each.get("skipped", [])}
    if skipped:
        lines.append(Line(_("Skipped"), "; ".join(skipped_words(skipped))))
    elif counts and any(each.get("unit") in {Unit.WORKING_DAYS, Unit.WORKING_24H} for each in counts):
        lines.append(Line(_("Skipped"), _("No day off on the way.")))
    if cut := clock.working.get("cut_short_by"):
        lines.append(Line(_("Had to be done before"), cut.get(get_language() or "") or cut["id"]))
    lines.append(Line(_("Due"), shown.due or shown.no_moment or _("Not while it stands still.")))
    if missed := rule.in_language("consequence"):
        lines.append(Line(_("If missed"), missed))
    lines.append(Line(_("Basis"), _basis(rule)))
    sure = _("Read in the law or an official page.") if rule.is_verified else ""
    lines.append(Line(_("Sure?"), sure, is_unsure=not rule.is_verified))
    return lines


def _basis(rule: Rule) -> str:
    text = rule.legal_basis or _("No written basis found")
    if rule.verified_on:
        checked = _("checked %(day)s") % {"day": words.day(rule.verified_on, None, get_language())}
        text = f"{text}, {checked}"
    return text


def _range(first: date, last: date) -> str:
    language = get_language()
    if first == last:
        return words.day(first, None, language)
    return f"{words.day(first, None, language)} – {words.day(last, None, language)}"


def local_day(at: datetime, zone: str) -> date:
    """The day a moment is at a place."""
    return at.astimezone(ZoneInfo(zone)).date()
