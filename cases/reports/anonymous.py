"""Cases told without identity: what happened, where and when, for a paper that leaves the house (PRACTICE A7, S0.6)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cases.models import Case, CaseParty, Event
from cases.reports import chronicle
from cases.rules.anonymity import Secrets, without_identity
from cases.rules.details import DETAILS, Kind
from cases.rules.printing import Audience
from cases.services import timeline
from members.models import User
from members.rules import words

#: Lines of one story on paper, and letters of one sentence.
MOST_LINES, MOST_LETTERS = 60, 700
#: Kinds of typed facts that hold somebody's own words; they stay out of a paper without identity.
_FREE = frozenset({Kind.TEXT, Kind.URL})


@dataclass(frozen=True)
class Day:
    """A day of a story as it is headed on paper, and what happened on it."""

    label: str
    lines: list[str]


@dataclass(frozen=True)
class Story:
    """A case as a paper tells it."""

    ref: str
    title: str
    place: str
    days: list[Day]
    ending: str


def secrets_of(cases: Iterable[Case], *, diagnosis: bool = True) -> Secrets:
    """Whom a paper about these cases must not name: everybody on them, and everybody of ours who wrote on them."""
    cases = list(cases)
    people = CaseParty.objects.filter(case__in=cases).values_list("person__full_name", flat=True)
    writers = Event.objects.filter(case__in=cases, logged_by__isnull=False).order_by().values("logged_by")
    ours = User.objects.filter(pk__in=writers).values_list("full_name", flat=True)
    illness = " ".join(case.diagnosis for case in cases) if diagnosis else ""
    return Secrets.of([*people, *ours], diagnosis=illness)


def story(case: Case, *, secrets: Secrets | None, audience: str = Audience.INTERNAL, ref: str = "") -> Story:
    """One case, oldest first; with ``secrets`` nobody is named, and for the public the days are counted, not dated."""
    say = _veiled(secrets)
    events = list(
        timeline.effective(case.events.facts()).select_related("type", "body", "case").order_by("happened_at", "pk")
    )[-MOST_LINES:]
    label = _labels(events, case, audience)
    days: dict[str, list[str]] = {}
    if case.story and case.story != case.title:
        days[_("What was told")] = [say(case.story)]
    for event in events:
        days.setdefault(label(event), []).append(_line(event, case, say, is_veiled=secrets is not None))
    return Story(
        ref=ref,
        title=case.problem_type.label if case.problem_type else say(case.title),
        place=case.place.name if case.place else "",
        days=[Day(day, lines) for day, lines in days.items()],
        ending=_ending(case),
    )


def _veiled(secrets: Secrets | None) -> Callable[[str], str]:
    def say(text: str) -> str:
        text = " ".join(text.split())
        text = text if secrets is None else without_identity(text, secrets)
        return text if len(text) <= MOST_LETTERS else f"{text[:MOST_LETTERS]}…"

    return say


def _labels(events: list[Event], case: Case, audience: str) -> Callable[[Event], str]:
    zone = ZoneInfo(case.zone)
    dated = [event.happened_at for event in events if not event.data.get("undated")]
    first = min(dated).astimezone(zone).date() if dated else None

    def label(event: Event) -> str:
        if event.data.get("undated") or first is None:
            return _("Day not known")
        if audience == Audience.PUBLIC:
            return _("Day %(n)d") % {"n": (event.happened_at.astimezone(zone).date() - first).days + 1}
        return words.long_day(event.happened_at, case.zone, get_language())

    return label


def _line(event: Event, case: Case, say: Callable[[str], str], *, is_veiled: bool) -> str:
    hour = "" if event.happened_on_day else f"{words.clock(event.happened_at, case.zone, get_language())} "
    where = [event.body.name] if event.body and event.body_id != case.place_id else []
    where += [say(event.counterpart)] if event.counterpart and not is_veiled else []
    at = f" ({', '.join(where)})" if where else ""
    typed = [f"{row.label}: {row.text}" for row in chronicle.typed_of(event)] if not is_veiled else _safe(event)
    said = f": {say(event.text)}" if event.text else ""
    more = f" [{'; '.join(typed)}]" if typed else ""
    return f"{hour}{event.type.label}{at}{said}{more}"


def _safe(event: Event) -> list[str]:
    """Typed facts that are no words of somebody: amounts, days, choices."""
    labels = {str(DETAILS[code].label) for code in event.typed if code in DETAILS and DETAILS[code].kind not in _FREE}
    return [f"{row.label}: {row.text}" for row in chronicle.typed_of(event) if row.label in labels]


def _ending(case: Case) -> str:
    ending = case.outcome.label if case.outcome else _("The case is still open")
    return f"{ending}. {_('The patient died.')}" if case.died_at else ending


def day_of(at: datetime, zone: str) -> str:
    """A day as papers write it."""
    return words.day(at, zone, get_language())
