"""What is known of one facility, office or employer: cases by problem, times, promises, refusals, contacts, what worked."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.models import Attempt, Case, Commitment, EventType, Letter, ProblemType
from cases.reports import figures
from cases.reports.breakdowns import breakdown
from cases.reports.figure_page import Reader, Section, Telling, Tile, coarse, reader_of
from cases.reports.figures import FIGURES, STARTED, Period, Rows, Times
from cases.rules import disclosure
from cases.rules.codes import Status
from cases.rules.registers import PENDING, LetterState, Promise
from members.models import Body, Organisation, User
from members.reports.tables import Column
from members.reports.tables import Kind as Cells
from members.rules import words
from members.rules.roles import Permission, Role

#: Contacts shown; the cases hold the rest.
MOST_CONTACTS = 8
MOST_WAYS = 12
#: Outcomes after which it can be said that something worked.
WORKED = ("rights_met", "discretion")


@dataclass(frozen=True)
class Contact:
    """The institution was asked or written to: when, what it answered, and the case."""

    at: datetime
    what: str
    answer: str
    case: Case


@dataclass(frozen=True)
class Way:
    """A problem solved here before: how often, by which desk, in what time."""

    text: str
    url: str


@dataclass
class Institution:
    """Everything the page says of a body."""

    tiles: list[Tile]
    sections: list[Section]
    contacts: list[Contact]
    ways: list[Way]
    permission: str


#: Who has a page of each institution.
READERS = frozenset({Role.ADVOCATE, Role.COORDINATOR, Role.LEADER})


def reader_for(user: User, *, beyond: bool = False) -> Reader | None:
    """Who reads figures; a relawan reads of the cases they may open."""
    if found := reader_of(user, beyond=beyond):
        return found
    if Role.ADVOCATE in user.live_roles:
        return Reader(user, Case.objects.permitted(user, Permission.CASE_VIEW), opens=True, has_both=False)
    return None


def twelve_months(now: datetime, zone: str) -> Period:
    """This month and the eleven before it."""
    found = figures.month(now, zone)
    first = found.first
    for _step in range(11):
        first = (first - timedelta(days=1)).replace(day=1)
    return Period(first, found.last, zone, now)


def of(reader: Reader, body: Body, telling: Telling) -> Institution:
    """The page of a body for a reader; a steady number of statements."""
    here = reader.cases.filter(place=body)
    period = telling.period
    counts = figures.counts(here, period, ["baru", "terbuka", "ditutup"])
    missed, refused = figures.rows("tenggat-lewat", here, period), _refusals(reader.cases, body, period)
    return Institution(
        tiles=_tiles(telling, body, counts, missed, refused),
        sections=[_problems(telling, here, counts), _times(telling, here, body), _promises(telling, reader, body)],
        contacts=_contacts(reader, body) if reader.opens else [],
        ways=_ways(telling, here, body),
        permission=telling.permission,
    )


def _refusals(cases: QuerySet[Case], body: Body, period: Period) -> Rows:
    rows = figures.rows_of("penolakan", cases, period).annotate(where=Coalesce("body", "case__place"))
    found = rows.filter(where=body.pk).aggregate(n=Count("pk"), of=Count("case", distinct=True))
    return Rows(found["n"], found["of"])


def _tiles(telling: Telling, body: Body, counts: dict[str, int], missed: Rows, refused: Rows) -> list[Tile]:
    here = f"faskes:{body.uuid}"
    cells = [
        ("baru", telling.tell(counts["baru"]), here, "plus-lg", ""),
        ("terbuka", telling.tell(counts["terbuka"]), here, "circle-half", "jalan"),
        ("penolakan", telling.tell_rows(refused), f"ditolak-di:{body.uuid}", "slash-circle", ""),
        ("tenggat-lewat", telling.tell_rows(missed), here, "alarm-fill", "lewat"),
    ]
    return [
        Tile(telling.cell(value, telling.address(code, group=group)), str(FIGURES[code].label), icon, state)
        for code, value, group, icon, state in cells
    ]


def _problems(telling: Telling, here: QuerySet[Case], counts: dict[str, int]) -> Section:
    codes = ("baru", "terbuka", "ditutup") if telling.opens else ("baru",)
    found = breakdown(here, telling.period, "jenis", codes)
    groups = [each for each in found.groups if telling.opens or each.counts[0] >= disclosure.SMALLEST]
    rest = counts["baru"] - sum(each.counts[0] for each in groups)
    parts = telling.parts(counts["baru"], [*(each.counts[0] for each in groups), rest])
    rows = [[each.label, parts[at], *each.counts[1:]] for at, each in enumerate(groups)]
    # the place stands in the list already, so a group by problem needs the filter of the problem itself
    links = [
        [
            "",
            *(
                telling.address(code, problem=each.value) if n else ""
                for code, n in zip(codes, each.counts, strict=True)
            ),
        ]
        for each in groups
    ]
    if rest and not telling.opens:
        rows.append([_("All smaller groups"), parts[-1]])
        links.append(["", ""])
    columns = [Column(_("Problem")), *(Column(str(FIGURES[code].label), Cells.NUMBER) for code in codes)]
    return telling.section("masalah", _("Cases by problem"), columns, rows, links, told_of=codes)


def _times(telling: Telling, here: QuerySet[Case], body: Body) -> Section:
    rows, links = [], []
    codes = ("lama-kamar", "lama-bayar", "lama-selesai")
    for code in codes:
        found = figures.times(code, here, telling.period)
        rows.append([str(FIGURES[code].label), _half(telling, found), telling.tell(found.cases)])
        behind = telling.address(code, group=f"faskes:{body.uuid}") if found.cases else ""
        links.append(["", behind, behind])
    columns = [Column(_("What")), Column(_("Half within"), Cells.HOURS), Column(_("Cases"), Cells.NUMBER)]
    return telling.section("waktu", _("How long it takes"), columns, rows, links, told_of=codes)


def _half(telling: Telling, found: Times) -> Any:
    if telling.opens:
        return found.half
    return coarse(found.half) if found.cases >= disclosure.SMALLEST else disclosure.HIDDEN


def _promises(telling: Telling, reader: Reader, body: Body) -> Section:
    permission = Permission.CASE_VIEW if reader.opens else Permission.FIGURES_VIEW
    rows = Commitment.objects.permitted(reader.user, permission).filter(body=body)
    if not reader.opens:
        rows = rows.exclude(pk__in=Commitment.objects.permitted(reader.user, Permission.CASE_VIEW).values("pk"))
    states = [(Promise.KEPT, [Promise.KEPT]), (Promise.LATE, [Promise.LATE]), (Promise.BROKEN, [Promise.BROKEN])]
    wanted = [*states, (Promise.OPEN, list(PENDING))]
    found = rows.order_by().aggregate(
        **{f"n{at}": Count("pk", filter=Q(state__in=among)) for at, (_state, among) in enumerate(wanted)}
    )
    told = [[str(state.label), telling.tell(found[f"n{at}"])] for at, (state, _among) in enumerate(wanted)]
    # what is still open stands under the first chip of the register, the rest under its last
    links = [["", telling.address("janji", state="" if state == Promise.OPEN else state)] for state, _among in wanted]
    columns = [Column(_("Promises of this office")), Column(_("How many"), Cells.NUMBER)]
    note = _("All commitments of this office since the beginning, also those made to a desk without a case.")
    return telling.section("janji", _("What became of promises"), columns, told, links, note=note)


def _contacts(reader: Reader, body: Body) -> list[Contact]:
    """The last times it was asked or written to, the newest first."""
    cases = reader.cases.order_by().values("pk")
    asked = Attempt.objects.filter(body=body, case__in=cases).select_related("case").order_by("-at")[:MOST_CONTACTS]
    sent = (
        Letter.objects.filter(body=body, case__in=cases, sent_at__isnull=False)
        .exclude(state=LetterState.DRAFT)
        .select_related("case")
        .order_by("-sent_at")[:MOST_CONTACTS]
    )
    found = [
        Contact(row.at, row.get_way_display() if row.way else _("Asked"), row.get_answer_display(), row.case)
        for row in asked
    ]
    found += [
        Contact(
            row.sent_at or row.logged_at,
            row.get_kind_display(),
            row.get_reply_display() if row.reply else row.get_state_display(),
            row.case,
        )
        for row in sent
        if row.sent_at
    ]
    return sorted(found, key=lambda row: row.at, reverse=True)[:MOST_CONTACTS]


def _ways(telling: Telling, here: QuerySet[Case], body: Body) -> list[Way]:
    """What worked here before: problem, how often, by which desk, and half of the times to the first good fact."""
    good = (
        figures.facts(
            *EventType.objects.filter(tone=EventType.Tone.GOOD, is_system=False).values_list("code", flat=True)
        )
        .filter(case=OuterRef("pk"), happened_at__gte=OuterRef("started"))
        .values("case")
        .annotate(at=Min("happened_at"))
        .values("at")
    )
    solved = (
        here.filter(status=Status.CLOSED, outcome__code__in=WORKED, problem_type__isnull=False)
        .annotate(started=STARTED)
        .annotate(ended=Coalesce(Subquery(good), "closed_at"))
    )
    keys = ["problem_type", "desk"] if telling.opens else ["problem_type"]
    found = sorted(figures.halves(solved, keys).items(), key=lambda row: (-row[1].cases, str(row[0])))
    if not telling.opens:
        found = [row for row in found if row[1].cases >= disclosure.SMALLEST]
    found = found[:MOST_WAYS]
    problems = ProblemType.objects.in_bulk({key[0] for key, _times in found})
    desks = Organisation.objects.in_bulk({key[1] for key, _times in found if len(key) > 1})
    return [
        Way(
            _way(telling, problems[key[0]].chip, str(desks[key[1]]) if len(key) > 1 else "", times),
            _worked_url(telling, body, problems[key[0]].code, str(desks[key[1]].uuid)) if telling.opens else "",
        )
        for key, times in found
    ]


def _way(telling: Telling, problem: str, desk: str, times: Times) -> str:
    half = words.span_words(_half(telling, times), telling.language)
    often = times.cases if telling.opens else disclosure.told(times.cases)
    if desk:
        text = ngettext(
            "%(problem)s: solved %(n)s time by %(desk)s, in %(half)s",
            "%(problem)s: solved %(n)s times by %(desk)s, half of them within %(half)s",
            times.cases,
        )
        return text % {"problem": problem, "n": telling.text(often), "desk": desk, "half": half}
    text = _("%(problem)s: solved %(n)s times, half of them within about %(half)s")
    return text % {"problem": problem, "n": telling.text(often), "half": half}


def _worked_url(telling: Telling, body: Body, problem: str, desk: str) -> str:
    query = {"lihat": "ditutup", "tempat": body.uuid, "jenis": problem, "posko": desk}
    return f"{telling.address('list')}?{urlencode(query)}"
