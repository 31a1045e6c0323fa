"""The page of figures: what is read at once (and kept for a minute), and how it is told to who reads it.

Who may open the cases reads every number, each a link to its list. Who may not reads floors, no group under five, whole
months and few filters (ADR 17, rules.disclosure).
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.cache import cache
from django.db.models import Count, Q, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cases.models import Case, Obliged
from cases.reports import figures
from cases.reports.breakdowns import DIMENSIONS, NONE, Breakdown, breakdown
from cases.reports.figures import FIGURES, HELPED, Kind, Period, Rows, Rupiah, Times, Volunteers
from cases.rules import disclosure
from cases.rules.codes import Status
from cases.rules.disclosure import HIDDEN, AtLeast, Hidden, Withheld
from cases.rules.registers import Answer
from members.models import Body, Organisation, User
from members.reports.tables import Column, Table
from members.reports.tables import Kind as Cells
from members.rules import words
from members.rules.roles import Permission, Role

#: How old a number on the page may be.
KEPT = 60
#: Months of the chart.
MONTHS = 6
MOST_FACILITIES = 10
#: The groups behind the columns of refusals: all, said to be full, refused in words, not noted.
_REFUSED = ("ditolak-di", "penuh-di", "menolak-di", "tanpa-jawaban-di")
#: What a breakdown counts for who may open the cases, and for who may not: there no column may be worked out of others.
COLUMNS = ("baru", "terbuka", "ditutup", "hak-terpenuhi", "diskresi", "tidak-diperoleh", "meninggal")
COLUMNS_BEYOND = ("baru", "ditutup")
#: The filters of those who may not open the cases: whole units, regions, programmes and families.
FILTERS_BEYOND = frozenset({"organisasi", "wilayah", "program", "masalah", "sorot"})


@dataclass(frozen=True)
class Reader:
    """Who reads, and which cases their figures are of."""

    user: User
    cases: QuerySet[Case]
    #: Whether every one of these cases may be opened by the reader.
    opens: bool
    #: Whether there is another part that they may only count.
    has_both: bool


def reader_of(user: User, *, beyond: bool = False) -> Reader | None:
    """The figures of a coordinator, of a leader (who opens none of the cases), or of one who is both, apart.

    What they may open and what they may only count is never in one number: one could be taken from the other.
    """
    coordinates, leads = Role.COORDINATOR in user.live_roles, Role.LEADER in user.live_roles
    if not coordinates and not leads:
        return None
    cases = Case.objects.permitted(user, Permission.FIGURES_VIEW)
    if not leads:
        return Reader(user, cases, opens=True, has_both=False)
    opened = Case.objects.permitted(user, Permission.CASE_VIEW).order_by().values("pk")
    if beyond or not coordinates:
        return Reader(user, cases.exclude(pk__in=opened), opens=False, has_both=coordinates)
    return Reader(user, cases.filter(pk__in=opened), opens=True, has_both=True)


# What is read


@dataclass(frozen=True)
class Numbers:
    """The numbers of a page, plain, as they are kept for a minute."""

    counts: dict[str, int]
    months: list[tuple[date, int, int]]
    outcomes: Breakdown
    groups: Breakdown
    rows: dict[str, Rows]
    times: dict[str, Times]
    money: dict[str, Rupiah]
    clocks: list[tuple[str, Rows, Rows]]
    refusals: list[tuple[str, str, Rows, dict[str, int]]]
    volunteers: Volunteers


def read(reader: Reader, cases: QuerySet[Case], period: Period, dimension: str, *, key: str) -> Numbers:
    """The numbers, at most a minute old. ``key`` is the address; nothing of a person stands in the name it is kept under."""
    reach = list(Organisation.objects.in_reach_of(reader.user, Permission.FIGURES_VIEW).values_list("pk", flat=True))
    parts = [
        reader.user.pk,
        reader.opens,
        reader.user.looks_at_a_part,
        sorted(reach),
        key,
        dimension,
        period.first,
        period.last,
        get_language(),
    ]
    name = "figures-" + hashlib.sha256(repr(parts).encode()).hexdigest()
    found = cache.get(name)
    if found is None:
        found = _read(reader, cases, period, dimension)
        cache.set(name, found, KEPT)
    return found


def _read(reader: Reader, cases: QuerySet[Case], period: Period, dimension: str) -> Numbers:
    return Numbers(
        counts=figures.counts(cases, period),
        months=_months(cases, period),
        outcomes=breakdown(cases, period, "hasil", ["ditutup"]),
        groups=breakdown(cases, period, dimension, COLUMNS if reader.opens else COLUMNS_BEYOND),
        rows={each.code: figures.rows(each.code, cases, period) for each in figures.of_kind(Kind.ROWS)},
        times={each.code: figures.times(each.code, cases, period) for each in figures.of_kind(Kind.TIME)},
        money={each.code: figures.rupiah(each.code, cases, period) for each in figures.of_kind(Kind.MONEY)},
        clocks=_clocks(cases, period),
        refusals=_refusals(cases, period),
        volunteers=figures.volunteers(figures.units_of(reader.user, opens=reader.opens), period),
    )


def months_of(period: Period) -> list[Period]:
    """The month a period ends in (no later than now) and those before it, the oldest first."""
    day = min(period.last, period.now.astimezone(ZoneInfo(period.zone)).date())
    last = replace(period, first=day, last=day).months
    found = [last]
    while len(found) < MONTHS:
        before = found[0].first - timedelta(days=1)
        found.insert(0, replace(last, first=before, last=before).months)
    return found


def _months(cases: QuerySet[Case], period: Period) -> list[tuple[date, int, int]]:
    months = months_of(period)
    asked = {}
    for at, each in enumerate(months):
        asked[f"new{at}"] = Count("pk", filter=FIGURES["baru"].behind(each))
        asked[f"closed{at}"] = Count("pk", filter=FIGURES["ditutup"].behind(each))
    first = months[0].from_at
    recent = cases.filter(Q(created_at__gte=first) | Q(status=Status.CLOSED, closed_at__gte=first))
    found = recent.order_by().aggregate(**asked)
    return [(each.first, found[f"new{at}"], found[f"closed{at}"]) for at, each in enumerate(months)]


def _clocks(cases: QuerySet[Case], period: Period) -> list[tuple[str, Rows, Rows]]:
    found = [(side, met, missed) for side, (met, missed) in figures.clocks_by_side(cases, period).items()]
    return sorted(found, key=lambda row: (-row[2].rows, -row[1].rows, row[0]))


def _refusals(cases: QuerySet[Case], period: Period) -> list[tuple[str, str, Rows, dict[str, int]]]:
    all_of = figures.refusing_facilities(cases, period)
    most = sorted(all_of, key=lambda where: (-all_of[where].rows, where or 0))[:MOST_FACILITIES]
    answers: dict[int | None, dict[str, int]] = {where: {} for where in most}
    for (where, answer), found in figures.refusals_by_facility(cases, period).items():
        if where in answers:
            answers[where][answer] = found.rows
    bodies = Body.objects.in_bulk([where for where in most if where])
    named = {where: (str(body.uuid), body.name) for where, body in bodies.items()}
    return [(*named.get(where, ("", _("Not known yet"))), all_of[where], answers[where]) for where in most]


# How it is told


@dataclass(frozen=True)
class Cell:
    """A number as it is read, with the list behind it where it may be opened."""

    text: str
    url: str = ""


@dataclass(frozen=True)
class Tile:
    cell: Cell
    label: str
    icon: str
    state: str = ""


@dataclass(frozen=True)
class Bar:
    """A bar lying on its side: label above it, number behind it."""

    label: str
    cell: Cell
    label_y: int
    y: int
    width: int
    number_x: int
    number_y: int


@dataclass(frozen=True)
class Pair:
    """Two standing bars of one month: full for new, outlined for closed."""

    label: str
    centre: int
    new_x: int
    new_y: int
    new_height: int
    new_text: str
    new_text_y: int
    new_centre: int
    closed_x: int
    closed_y: int
    closed_height: int
    closed_text: str
    closed_text_y: int
    closed_centre: int


@dataclass(frozen=True)
class Chart:
    """A picture of a table; ``finding`` is what it shows, in one sentence."""

    finding: str
    height: int
    bars: Sequence[Bar] = ()
    columns: Sequence[Pair] = ()


@dataclass
class Section:
    """A table with its words, the numbers as links, and its picture where it has one."""

    code: str
    table: Table
    cells: list[list[Cell]]
    chart: Chart | None = None
    definitions: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Page:
    tiles: list[Tile]
    sections: list[Section]


Address = Callable[..., str]


class Telling:
    """How numbers are told to a reader; ``address(code, group="")`` is the list behind a number, or ""."""

    def __init__(self, period: Period, *, opens: bool, address: Address):
        self.period, self.opens = period, opens
        self.address = address if opens else lambda *args, **kwargs: ""
        self.language = get_language() or "id"

    def tell(self, count: int) -> Any:
        """A count as this reader reads it."""
        return count if self.opens else disclosure.told(count)

    def tell_rows(self, found: Rows) -> Any:
        """How many rows; to who may not open the cases how many cases: ten rows may be of one."""
        return found.rows if self.opens else disclosure.told(found.cases)

    def parts(self, total: int, counts: Sequence[int]) -> Sequence[Any]:
        """Counts that add up to a total that is told beside them."""
        return counts if self.opens else disclosure.told_parts(total, counts)

    def text(self, value: Any) -> str:
        """A number in words; what is hidden says so."""
        match value:
            case None:
                return "–"
            case int():
                return words.number(value, self.language)
            case AtLeast():
                return f"{words.number(value.number, self.language)}+"
            case timedelta():
                return words.span_words(value, self.language)
        return str(value)

    def cell(self, value: Any, url: str = "") -> Cell:
        return Cell(self.text(value), "" if value in (None, 0) else url)

    def section(
        self,
        code: str,
        title: str,
        columns: Sequence[Column],
        rows: list[list[Any]],
        links: list[list[str]],
        *,
        told_of: Sequence[str] = (),
        note: str = "",
        chart: Chart | None = None,
    ) -> Section:
        kinds = [column.kind for column in columns]
        cells = [
            [
                Cell(words.rupiah(value, self.language), url)
                if kind == Cells.RUPIAH and isinstance(value, int)
                else Cell(f"{value:.0%}")
                if kind == Cells.PERCENT and isinstance(value, float)
                else self.cell(value, url)
                if kind != Cells.TEXT
                else Cell(str(value), url)
                for value, url, kind in zip(row, urls, kinds, strict=True)
            ]
            for row, urls in zip(rows, links, strict=True)
        ]
        definitions = [(str(FIGURES[each].label), str(FIGURES[each].definition)) for each in told_of]
        said = " ".join(filter(None, [*(f"{label}: {text}" for label, text in definitions), note, self.permission]))
        table = Table(title, columns, rows, note=said, zone=self.period.zone, links=links)
        return Section(code, table, cells, chart, definitions)

    @property
    def permission(self) -> str:
        """Whose cases are counted; it stands under every table."""
        if self.opens:
            return _("Counted are the cases of your units. Restricted cases are in no number.")
        return _(
            "Counted are the cases of the units whose figures you may see, clocks, promises and refusals by case. “10+”"
            " means 10 to 14; groups under 5 and what would give them away are hidden. Restricted cases are in no number."
        )


class Teller(Telling):
    """Tells the numbers of the page of figures."""

    def __init__(self, numbers: Numbers, period: Period, *, opens: bool, address: Address):
        super().__init__(period, opens=opens, address=address)
        self.numbers = numbers

    def page(self) -> Page:
        """Everything there is to tell, tiles first."""
        return Page(self.tiles(), self.sections())

    def tiles(self) -> list[Tile]:
        shown = [
            ("baru", "plus-lg", ""),
            ("terbuka", "circle-half", "jalan"),
            ("ditutup", "check-square-fill", "selesai"),
            ("meninggal", "circle", ""),
        ]
        return [Tile(self._count(code), str(FIGURES[code].label), icon, state) for code, icon, state in shown]

    def sections(self) -> list[Section]:
        made = [
            self._months(),
            self._groups(),
            self._outcomes(),
            self._times(),
            self._clocks(),
            self._rows("janji", _("Promises"), ("janji-ditepati", "janji-terlambat", "janji-ingkar")),
            self._refusals(),
            self._money(),
            self._helped(),
            self._volunteers(),
        ]
        return [section for section in made if section is not None]

    def _count(self, code: str) -> Cell:
        return self.cell(self.tell(self.numbers.counts[code]), self.address(code))

    def _months(self) -> Section:
        rows, links, bars = [], [], []
        for period, (first, new, closed) in zip(months_of(self.period), self.numbers.months, strict=True):
            told = [self.tell(new), self.tell(closed)]
            rows.append([_month_word(first, self.language), *told])
            urls = [
                self.address(code, period=period) if told[at] else "" for at, code in enumerate(("baru", "ditutup"))
            ]
            links.append(["", *urls])
            bars.append((_month_word(first, self.language).split()[0], *told))
        columns = [Column(_("Month")), *_number_columns("baru", "ditutup")]
        chart = _standing(bars, self._trend(rows), self.text)
        return self.section(
            "bulan", _("Month by month"), columns, rows, links, told_of=("baru", "ditutup"), chart=chart
        )

    def _trend(self, rows: list[list[Any]]) -> str:
        first, last = rows[0], rows[-1]
        return _("New cases: %(before)s in %(then)s, %(now)s in %(month)s.") % {
            "before": self.text(first[1]),
            "then": first[0],
            "now": self.text(last[1]),
            "month": last[0],
        }

    def _groups(self) -> Section:
        given = self.numbers.groups
        by, codes = DIMENSIONS[given.dimension], given.codes
        totals = [self.numbers.counts[code] for code in codes]
        labels = [group.label for group in given.groups]
        values = [group.value for group in given.groups]
        counts = [list(group.counts) for group in given.groups]
        if given.rest:
            labels, values, counts = [*labels, _("All others")], [*values, ""], [*counts, list(given.rest)]
        if not self.opens:
            labels, values, counts = _merge_small(labels, values, counts, len(codes))
        told = [self.parts(total, [row[at] for row in counts]) for at, total in enumerate(totals)]
        rows = [[label, *(column[at] for column in told)] for at, label in enumerate(labels)]
        links = [
            [
                "",
                *(
                    self.address(code, group=f"{by.code}:{value}") if value and n else ""
                    for code, n in zip(codes, row, strict=True)
                ),
            ]
            for value, row in zip(values, counts, strict=True)
        ]
        if not self.opens:  # the order of the exact numbers would tell of them
            order = sorted(range(len(rows)), key=lambda at: (-_floor(rows[at][1]), labels[at]))
            rows, links = [rows[at] for at in order], [links[at] for at in order]
        else:
            rows.append([_("Together"), *totals])
            links.append(["", *(self.address(code) if n else "" for code, n in zip(codes, totals, strict=True))])
        lying = [(row[0], row[1], link[1]) for row, link in zip(rows, links, strict=True)][:8]
        chart = self._lying(lying[:-1] if self.opens and len(rows) <= 8 else lying, str(by.label).lower())
        note = _("A case may stand in several lines.") if by.is_multiple else ""
        return self.section(
            "kelompok",
            _("By %(what)s") % {"what": str(by.label).lower()},
            [Column(str(by.label)), *_number_columns(*codes)],
            rows,
            links,
            told_of=codes,
            note=note,
            chart=chart,
        )

    def _outcomes(self) -> Section:
        groups = self.numbers.outcomes.groups
        labels, values = [group.label for group in groups], [group.value for group in groups]
        counts = [list(group.counts) for group in groups]
        if not self.opens:
            labels, values, counts = _merge_small(labels, values, counts)
        told = self.parts(self.numbers.counts["ditutup"], [row[0] for row in counts])
        rows = [[label, value] for label, value in zip(labels, told, strict=True)]
        links = [["", self.address("ditutup", group=f"hasil:{value}")] for value in values]
        return self.section(
            "hasil",
            _("Closed cases by outcome"),
            [Column(_("Outcome")), Column(_("Cases"), Cells.NUMBER)],
            rows,
            links,
            told_of=("ditutup",),
            chart=self._lying([(row[0], row[1], link[1]) for row, link in zip(rows, links, strict=True)], _("outcome")),
        )

    def _times(self) -> Section:
        rows, links = [], []
        codes = list(self.numbers.times)
        for code in codes:
            found = self.numbers.times[code]
            half, tenth = found.half, found.tenth
            if not self.opens:
                half = coarse(half) if found.cases >= disclosure.SMALLEST else HIDDEN
                tenth = coarse(tenth) if found.cases >= disclosure.SMALLEST_FOR_TENTH else HIDDEN
            rows.append([str(FIGURES[code].label), half, tenth, self.tell(found.cases)])
            behind = self.address(code) if found.cases else ""
            links.append(["", behind, behind, behind])
        columns = [
            Column(_("What")),
            Column(_("Half within"), Cells.HOURS),
            Column(_("Nine of ten within"), Cells.HOURS),
            Column(_("Cases"), Cells.NUMBER),
        ]
        return self.section("waktu", _("How long it takes"), columns, rows, links, told_of=codes)

    def _clocks(self) -> Section:
        names = dict(Obliged.choices)
        codes = ("tenggat-terpenuhi", "tenggat-lewat")
        rows, links = [], []
        for side, *found in self.numbers.clocks:
            if not self.opens and max(each.cases for each in found) < disclosure.SMALLEST:
                continue
            rows.append([str(names[side]), *map(self.tell_rows, found)])
            urls = [self.address(code, group=f"oleh:{side}") for code in codes]
            links.append(["", *(url if each.rows else "" for url, each in zip(urls, found, strict=True))])
        rows.append([_("Together"), *(self.tell_rows(self.numbers.rows[code]) for code in codes)])
        links.append(["", *map(self.address, codes)])
        columns = [Column(_("Who owes")), Column(_("Met"), Cells.NUMBER), Column(_("Missed"), Cells.NUMBER)]
        return self.section("tenggat", _("Clocks"), columns, rows, links, told_of=codes)

    def _rows(self, code: str, title: str, codes: Sequence[str]) -> Section:
        found = [self.numbers.rows[each] for each in codes]
        rows = [
            [str(FIGURES[each].label), self.tell_rows(row), self.tell(row.cases)]
            for each, row in zip(codes, found, strict=True)
        ]
        behind = [self.address(each) if row.cases else "" for each, row in zip(codes, found, strict=True)]
        links = [["", url, url] for url in behind]
        columns = [Column(_("What")), Column(_("How many"), Cells.NUMBER), Column(_("Cases"), Cells.NUMBER)]
        return self.section(code, title, columns, rows, links, told_of=codes)

    def _refusals(self) -> Section:
        rows, links = [], []
        for uuid, name, found, answers in self.numbers.refusals:
            if not self.opens and found.cases < disclosure.SMALLEST:
                continue
            full, refused = answers.get(Answer.FULL, 0), answers.get(Answer.REFUSED, 0)
            parts = [full, refused, found.rows - full - refused]
            rows.append([name, self.tell_rows(found), *(parts if self.opens else [disclosure.WITHHELD] * 3)])
            behind = [
                self.address("penolakan", group=f"{group}:{uuid or NONE}") if n else ""
                for group, n in zip(_REFUSED, [found.rows, *parts], strict=True)
            ]
            links.append([self.address("", body=uuid) if uuid else "", *behind])
        rows.append([_("Together"), self.tell_rows(self.numbers.rows["penolakan"]), None, None, None])
        links.append(["", self.address("penolakan"), "", "", ""])
        columns = [
            Column(_("Facility or office")),
            Column(_("Refusals"), Cells.NUMBER),
            Column(_("said to be full"), Cells.NUMBER),
            Column(_("refused"), Cells.NUMBER),
            Column(_("answer not noted"), Cells.NUMBER),
        ]
        return self.section(
            "penolakan", _("Refusals by facility and answer"), columns, rows, links, told_of=("penolakan",)
        )

    def _money(self) -> Section:
        codes = list(self.numbers.money)
        rows = []
        for code in codes:
            found = self.numbers.money[code]
            amount: Any = found.amount
            if not self.opens:
                amount = disclosure.told_sum(found.amount, cases=found.cases, largest=found.largest)
            rows.append([str(FIGURES[code].label), amount, self.tell(found.cases)])
        behind = [self.address(code) if self.numbers.money[code].cases else "" for code in codes]
        links = [["", url, url] for url in behind]
        columns = [Column(_("What")), Column(_("Rupiah"), Cells.RUPIAH), Column(_("Cases"), Cells.NUMBER)]
        return self.section("rupiah", _("Money"), columns, rows, links, told_of=codes)

    def _helped(self) -> Section:
        counts = [self.numbers.counts[code] for code in HELPED]
        total = self.numbers.counts["baru"]
        told = self.parts(total, counts)
        rows = [
            [str(FIGURES[code].label), value, self._share(n, total)]
            for code, value, n in zip(HELPED, told, counts, strict=True)
        ]
        if not self.opens and any(isinstance(value, Withheld) for value in told):
            rows = [[label, value, None] for label, value, _share in rows]
        links = [["", self.address(code), ""] for code in HELPED]
        columns = [Column(_("For whom")), Column(_("Cases"), Cells.NUMBER), Column(_("Share"), Cells.PERCENT)]
        return self.section("untuk", _("Who was helped"), columns, rows, links, told_of=HELPED)

    def _share(self, part: int, whole: int) -> Any:
        if self.opens:
            return part / whole if whole else None
        share = disclosure.told_share(part, whole)
        return share if isinstance(share, Hidden) else share / 100

    def _volunteers(self) -> Section:
        found = self.numbers.volunteers
        rows = [
            [_("Relawan and coordinators"), self.tell(found.all)],
            [_("of whom women"), self.tell(found.women)],
            [_("of whom 35 or younger"), self.tell(found.young)],
            [_("of whom neither is known"), self.tell(found.unknown)],
        ]
        note = _(
            "Who served on the last day of the period where you see figures. Women and young are those who say so in"
            " their profile."
        )
        links = [["", self.address("", people=word)] for word in figures.people(self.period)]
        columns = [Column(_("Who carries")), Column(_("People"), Cells.NUMBER)]
        return self.section("relawan", _("Who carries the cases"), columns, rows, links, note=note)

    # pictures

    def _lying(self, rows: list[tuple[str, Any, str]], what: str) -> Chart | None:
        """Bars on their side, for a narrow screen; nothing to see, no picture."""
        sizes = [_floor(value) for _label, value, _url in rows]
        most = max(sizes, default=0)
        if not most:
            return None
        bars = []
        for at, ((label, value, url), size) in enumerate(zip(rows, sizes, strict=True)):
            width = round(size * 240 / most)
            top = at * 38
            short = label if len(label) <= 44 else f"{label[:43]}…"
            bars.append(Bar(short, self.cell(value, url), top + 12, top + 17, width, width + 6, top + 28))
        label, value, _url = rows[sizes.index(most)]
        finding = _("Most by %(what)s: %(label)s, %(n)s.") % {"what": what, "label": label, "n": self.text(value)}
        return Chart(finding, len(rows) * 38, bars=bars)


def _standing(rows: list[tuple[str, Any, Any]], finding: str, text: Callable[[Any], str]) -> Chart:
    most = max([_floor(value) for _label, *values in rows for value in values], default=0) or 1
    columns = []
    for at, (label, new, closed) in enumerate(rows):
        left = at * 53
        new_height, closed_height = (round(_floor(value) * 100 / most) for value in (new, closed))
        columns.append(
            Pair(
                label,
                left + 26,
                left + 4,
                120 - new_height,
                new_height,
                text(new),
                115 - new_height,
                left + 14,
                left + 28,
                120 - closed_height,
                closed_height,
                text(closed),
                115 - closed_height,
                left + 37,
            )
        )
    return Chart(finding, 140, columns=columns)


def _floor(value: Any) -> int:
    """How long a bar is: of a floor its number, of what is hidden nothing."""
    return value.number if isinstance(value, AtLeast) else value if isinstance(value, int) else 0


def coarse(span: timedelta | None) -> timedelta | None:
    """A time in whole days, from two days on, else in whole hours: the exact one is somebody's."""
    if span is None:
        return None
    unit = timedelta(days=1) if span >= timedelta(days=2) else timedelta(hours=1)
    return max(round(span / unit), 1) * unit


def _number_columns(*codes: str) -> list[Column]:
    return [Column(str(FIGURES[code].label), Cells.NUMBER) for code in codes]


def _month_word(day: date, language: str) -> str:
    """ "Nov 2026"."""
    return " ".join(words.day(day, None, language).split()[2:])


def _merge_small(
    labels: list[str], values: list[str], counts: list[list[int]], columns: int = 1
) -> tuple[list[str], list[str], list[list[int]]]:
    """Only groups with a number of five or more by name; that a smaller one is there at all would tell of somebody."""
    large = [at for at, row in enumerate(counts) if max(row) >= disclosure.SMALLEST]
    small = [row for row in counts if max(row) < disclosure.SMALLEST]
    rest = [sum(column) for column in zip(*small, strict=True)] if small else [0] * columns
    return (
        [*(labels[at] for at in large), _("All smaller groups")],
        [*(values[at] for at in large), ""],
        [*(counts[at] for at in large), rest],
    )
