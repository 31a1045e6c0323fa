"""The month of a unit on one page for its meeting (ratin), and the data pack of a period for a congress (PRACTICE A4, S4.7).

Both ask `figures` for every number. Who may not open the cases reads floors and no small group; a data pack leaves the
house, so it is read by such people always.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import TruncMonth
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from cases.models import Case, CaseParty, Printout, Programme
from cases.reports import figures
from cases.reports.dossier import paper
from cases.reports.figures import FIGURES, HELPED, OUTCOMES, Period
from cases.rules.codes import Membership, PartyRole, Urgency
from cases.rules.disclosure import told, told_parts, told_sum
from cases.services.printouts import Built, Fault, Step
from members.models import Membership as OfUnion
from members.models import Organisation, Sector, User
from members.reports import tables
from members.reports.tables import Column, Table
from members.rules import words
from members.rules.roles import Permission

#: Rows of a list on the one page; fewer where the page would run over.
MOST_ROWS = 7
#: Letters of a name on the one page.
_LONGEST = 60
_CASES = ("baru", "ditutup", "terbuka", *OUTCOMES, "meninggal")
_ROWS = ("penolakan", "tenggat-terpenuhi", "tenggat-lewat", "janji-ditepati", "janji-terlambat", "janji-ingkar")
_TIMES = ("lama-kontak", "lama-kamar", "lama-bayar", "lama-selesai")
_MONEY = ("rupiah-diklaim", "rupiah-kembali", "rupiah-hilang")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Block:
    """One small table: what it counts, and its rows. Of a list, paper shows the first rows, and its ``ends`` always."""

    title: str
    rows: list[tuple[str, Any]]
    is_list: bool = False
    ends: list[tuple[str, Any]] = field(default_factory=list)

    @property
    def whole(self) -> list[tuple[str, Any]]:
        """Every row."""
        return [*self.rows, *self.ends]

    def cut(self, most: int) -> "Block":
        """As paper has it: no more rows of a list than so many, and how many others there are."""
        over = len(self.rows) - most
        if not self.is_list or over < 2:
            return replace(self, rows=[(_short(label), value) for label, value in self.whole], ends=[])
        said = ngettext("and %(n)s more", "and %(n)s more", over) % {"n": over}
        rows = [*self.rows[:most], (said, ""), *self.ends]
        return replace(self, rows=[(_short(label), value) for label, value in rows], ends=[])


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST else f"{label[: _LONGEST - 1]}…"


@dataclass
class Page:
    """Everything that one page says."""

    title: str
    unit: str
    period: str
    made: str
    is_hiding: bool
    blocks: list[Block] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def on_paper(self) -> Built:
        """On one page, however much there is: lists are cut shorter until it fits, and say how much was cut."""
        rows = [MOST_ROWS]
        while rows[-1] > 1:
            rows.append(rows[-1] * 2 // 3)
        pages = [replace(self, blocks=[block.cut(most) for block in self.blocks]) for most in rows]
        return paper("pdf/recap.html", *({"page": page, "number": page.title, "desk": page.unit} for page in pages))


def of_unit(user: User, unit: Organisation) -> QuerySet[Case]:
    """The cases of a unit and below that count in figures for this user."""
    below = Organisation.objects.below(unit).order_by().values("pk")
    return Case.objects.permitted(user, Permission.FIGURES_VIEW).filter(desk__in=below)


def opens_cases(user: User, unit: Organisation) -> bool:
    """Whether this user may open the cases of a unit; who may not reads no small group."""
    return Organisation.objects.in_reach_of(user, Permission.CASE_VIEW).contains(unit)


def months(now, zone: str, most: int = 12) -> list[tuple[str, date]]:
    """The last months, this one first, as they stand in an address."""
    first = now.astimezone(ZoneInfo(zone)).date().replace(day=1)
    found = []
    for _each in range(most):
        found.append((f"{first:%Y-%m}", first))
        first = (first.replace(day=1) - timedelta(days=1)).replace(day=1)
    return found


def month_end(first: date) -> date:
    """The last day of the month of a day."""
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def build(row: Printout, step: Step) -> Built:
    """The month that was ordered, on one page."""
    if row.organisation is None:
        raise Fault("nothing")
    step(1, 3)
    page = of_month(row.ordered_by, row.organisation, row.params["month"])
    step(2, 3)
    return page.on_paper()


def of_month(user: User, unit: Organisation, month: str) -> Page:
    """The month of a unit ("2026-11") as this user may read it, whole."""
    first = date.fromisoformat(f"{month}-01")
    period = Period(first, month_end(first), unit.zone, timezone.now())
    cases = of_unit(user, unit)
    page = Page(
        title=_("Monthly recap"),
        unit=unit.long_name,
        period=month_name(first),
        made=words.day(timezone.now(), unit.zone, get_language()),
        is_hiding=not opens_cases(user, unit),
    )
    say = told if page.is_hiding else _plain
    page.blocks = [
        Block(_("Cases"), _case_numbers(cases, period, is_hiding=page.is_hiding)),
        Block(_("What was done"), _row_numbers(cases, period, say)),
        Block(_("How long it took (half of the cases)"), _times(cases, period, is_hiding=page.is_hiding)),
        Block(_("For whom"), _parts(cases, period, HELPED, is_hiding=page.is_hiding)),
        _list(_("New cases by problem"), _grouped(cases, period, _by("problem_type__family__name"), say)),
        _list(_("New cases by place"), _grouped(cases, period, _by("place__name"), say)),
        _list(_("New cases by regency"), _grouped(cases, period, _by("region__name"), say)),
        _list(_("New cases by union unit (PUK)"), _grouped(cases, period, _by_union, say)),
        _list(_("New cases by desk"), _grouped(cases, period, _by("desk__name"), say)),
        _list(_("Who carries how many, and late ones"), _load(cases, say)),
    ]
    if not page.is_hiding:
        page.notes.append(_("Counted: the cases of this unit and below. A restricted case is in no number."))
    else:
        page.notes.append(_("10+ stands for ten to fourteen; groups under five are not shown."))
    page.notes += _part(user)
    page.blocks = [block for block in page.blocks if block.whole]
    return page


def _part(user: User) -> list[str]:
    """What must be said where only a part of the cases is counted."""
    if not user.looks_at_a_part:
        return []
    return [_("Where your office is for women and young workers, only the cases that help one of them are counted.")]


def _list(title: str, rows: tuple[list[tuple[str, Any]], list[tuple[str, Any]]]) -> Block:
    """A list that paper may cut, and what stands under it in any case."""
    return Block(title, rows[0], is_list=True, ends=rows[1])


def build_pack(row: Printout, step: Step) -> Built:
    """The data pack that was ordered: a sheet for each table, or the tables on one page; never a small group."""
    if row.organisation is None:
        raise Fault("nothing")
    unit, user, params = row.organisation, row.ordered_by, row.params
    period = Period(date.fromisoformat(params["from"]), date.fromisoformat(params["until"]), unit.zone, timezone.now())
    cases = of_unit(user, unit)
    about = []
    if params.get("programme"):
        cases = cases.filter(
            pk__in=Case.programmes.through.objects.filter(programme__code=params["programme"]).values("case")
        )
        about += [row.label for row in Programme.objects.filter(code=params["programme"])]
    if params.get("sector"):
        works = CaseParty.objects.filter(case=OuterRef("pk"), role__in=[PartyRole.WORKER, PartyRole.PATIENT])
        cases = cases.filter(Exists(works.filter(person__employments__sector__code=params["sector"])))
        about += [str(row) for row in Sector.objects.filter(code=params["sector"])]
    step(1, 3)
    span = f"{words.day(period.first, None, get_language())} – {words.day(period.last, None, get_language())}"
    note = _("%(unit)s, %(span)s. 10+ stands for ten to fourteen; groups under five are not shown.") % {
        "unit": " · ".join([unit.long_name, *about]), "span": span,
    }  # fmt: skip
    note = " ".join([note, *_part(user)])
    made = _pack_tables(cases, period, note)
    step(2, 3)
    if params.get("format") == "xlsx":
        return Built(tables.xlsx(made), XLSX, "xlsx")
    page = Page(
        title=_("Data pack"),
        unit=" · ".join([unit.long_name, *about]),
        period=span,
        made=words.day(timezone.now(), unit.zone, get_language()),
        is_hiding=True,
        blocks=[
            # the tables of definitions have three columns and are no lists
            Block(str(table.title), [(str(cells[0]), cells[1]) for cells in table.rows], is_list=len(table.columns) < 3)
            for table in made
            if len(table.columns) <= 3
        ],
        notes=[_("10+ stands for ten to fourteen; groups under five are not shown."), *_part(user)],
    )
    page.blocks = [block for block in page.blocks if block.rows]
    return page.on_paper()


def _pack_tables(cases: QuerySet[Case], period: Period, note: str) -> list[Table]:
    """Every table of a data pack, small groups hidden."""
    named = [Column(_("What")), Column(_("Number"))]
    defined = [*named, Column(_("What is counted"))]
    numbers = [(*pair, str(FIGURES[code].definition)) for code, pair in _defined(cases, period)]
    money = []
    for code in _MONEY:
        found = figures.rupiah(code, cases, period)
        money.append(
            (
                str(FIGURES[code].label),
                told_sum(found.amount, cases=found.cases, largest=found.largest),
                str(FIGURES[code].definition),
            )
        )
    months_ = [Column(_("Month")), Column(_("New")), Column(_("Closed")), Column(_("Died"))]
    by = {
        _("By programme"): _by("programmes__name"),
        _("By problem"): _by("problem_type__family__name"),
        _("By sector"): _by_sector,
        _("By place"): _by("place__name"),
        _("By regency"): _by("region__name"),
        _("By urgency"): _by_urgency,
        _("By membership"): _by_membership,
    }
    return [
        Table(_("Numbers"), defined, numbers, note),
        Table(_("Rupiah"), defined, money, note),
        Table(_("By month"), months_, _by_month(cases, period), note),
        *(
            Table(title, named, [*rows, *ends], note)
            for title, key in by.items()
            for rows, ends in [_grouped(cases, period, key, told)]
        ),
    ]


def _defined(cases: QuerySet[Case], period: Period) -> Iterable[tuple[str, tuple[str, Any]]]:
    pairs = _case_numbers(cases, period, is_hiding=True)
    yield from zip(_CASES, pairs, strict=True)
    yield from zip(HELPED, _parts(cases, period, HELPED, is_hiding=True, keep=True), strict=True)
    for code in _ROWS:
        yield code, (str(FIGURES[code].label), _rows_told(cases, period, code))


def _plain(count: int) -> int:
    return count


def month_name(first: date) -> str:
    """A month as people write it: November 2026."""
    return f"{words.long_day(first, None, get_language()).split(' ', 2)[-1]}"


def _case_numbers(cases: QuerySet[Case], period: Period, *, is_hiding: bool) -> list[tuple[str, Any]]:
    found = figures.counts(cases, period, _CASES)
    values: dict[str, Any] = dict(found)
    if is_hiding:
        values = {code: told(count) for code, count in found.items()}
        parts = told_parts(found["ditutup"], [found[code] for code in OUTCOMES])
        values |= dict(zip(OUTCOMES, parts, strict=True))
    return [(str(FIGURES[code].label), values[code]) for code in _CASES]


def _parts(
    cases: QuerySet[Case], period: Period, codes: Iterable[str], *, is_hiding: bool, keep: bool = False
) -> list[tuple[str, Any]]:
    codes = list(codes)
    found = figures.counts(cases, period, [*codes, "baru"])
    values: list[Any] = [found[code] for code in codes]
    if is_hiding:
        values = list(told_parts(found["baru"], values))
    pairs = [(str(FIGURES[code].label), value) for code, value in zip(codes, values, strict=True)]
    return [pair for pair in pairs if keep or pair[1] != 0]


def _rows_told(cases: QuerySet[Case], period: Period, code: str) -> Any:
    found = figures.rows(code, cases, period)
    return told(found.rows if found.cases >= figures.SMALLEST else 0)


def _row_numbers(cases: QuerySet[Case], period: Period, say: Callable[[int], Any]) -> list[tuple[str, Any]]:
    return [
        (
            str(FIGURES[code].label),
            figures.rows(code, cases, period).rows if say is _plain else _rows_told(cases, period, code),
        )
        for code in _ROWS
    ]


def _times(cases: QuerySet[Case], period: Period, *, is_hiding: bool) -> list[tuple[str, Any]]:
    found = []
    for code in _TIMES:
        took = figures.times(code, cases, period)
        if took.half is not None and (took.cases >= figures.SMALLEST or not is_hiding):
            found.append((str(FIGURES[code].label), words.span_words(took.half)))
    return found


def _by(name: str) -> Callable[[QuerySet[Case]], Iterable[tuple[str, int]]]:
    def grouped(new: QuerySet[Case]) -> Iterable[tuple[str, int]]:
        rows = new.order_by().values(name).annotate(n=Count("pk", distinct=True))
        return [(row[name] or _("Not known yet"), row["n"]) for row in rows]

    return grouped


def _by_union(new: QuerySet[Case]) -> Iterable[tuple[str, int]]:
    """By the union unit of the patient or worker; somebody in two units counts in both."""
    people = CaseParty.objects.filter(
        case__in=new.order_by().values("pk"), role__in=[PartyRole.PATIENT, PartyRole.WORKER, PartyRole.INSURED]
    )
    rows = (
        OfUnion.objects.on().filter(person__in=people.values("person"))
        .values("organisation__name")
        .annotate(n=Count("person__parties__case", filter=Q(person__parties__in=people), distinct=True))
        .order_by()
    )  # fmt: skip
    return [(row["organisation__name"], row["n"]) for row in rows]


def _by_sector(new: QuerySet[Case]) -> Iterable[tuple[str, int]]:
    people = CaseParty.objects.filter(
        case__in=new.order_by().values("pk"), role__in=[PartyRole.PATIENT, PartyRole.WORKER]
    )
    rows = (
        people.filter(person__employments__sector__isnull=False)
        .values("person__employments__sector__name")
        .annotate(n=Count("case", distinct=True))
        .order_by()
    )
    return [(row["person__employments__sector__name"], row["n"]) for row in rows]


def _by_urgency(new: QuerySet[Case]) -> Iterable[tuple[str, int]]:
    rows = new.order_by().values("urgency").annotate(n=Count("pk"))
    return [(str(Urgency(row["urgency"]).label), row["n"]) for row in rows]


def _by_membership(new: QuerySet[Case]) -> Iterable[tuple[str, int]]:
    rows = new.order_by().values("membership").annotate(n=Count("pk"))
    return [(str(Membership(row["membership"]).label), row["n"]) for row in rows]


def _grouped(
    cases: QuerySet[Case],
    period: Period,
    key: Callable[[QuerySet[Case]], Iterable[tuple[str, int]]],
    say: Callable[[int], Any],
) -> tuple[list[tuple[str, Any]], list[tuple[str, Any]]]:
    """New cases by something, the largest group first; those too small to be shown are put together, apart, unnamed."""
    found = sorted(key(figures.behind("baru", cases, period)), key=lambda pair: (-pair[1], pair[0]))
    if say is not told:
        return [(label, say(count)) for label, count in found], []
    large = [pair for pair in found if pair[1] >= figures.SMALLEST]
    rest = sum(count for _label, count in found) - sum(count for _label, count in large)
    sizes = told_parts(sum(count for _label, count in found), [*(count for _label, count in large), rest])
    shown: list[tuple[str, Any]] = [(label, size) for (label, _n), size in zip(large, sizes, strict=False)]
    return shown, [(_("Others, in small groups"), sizes[-1])] if rest else []


def _by_month(cases: QuerySet[Case], period: Period) -> list[tuple[str, Any, Any, Any]]:
    zone = ZoneInfo(period.zone)
    found: dict[date, list[int]] = {}
    for at, moment in enumerate(("created_at", "closed_at", "died_at")):
        rows = cases.filter(period.holds(moment)).order_by().annotate(month=TruncMonth(moment, tzinfo=zone))
        for row in rows.values("month").annotate(n=Count("pk")):
            found.setdefault(row["month"].date(), [0, 0, 0])[at] = row["n"]
    return [(month_name(month), *(told(count) for count in counts)) for month, counts in sorted(found.items())]


def _load(cases: QuerySet[Case], say: Callable[[int], Any]) -> tuple[list[tuple[str, Any]], list[tuple[str, Any]]]:
    """Open cases by who carries them, with how many plans of theirs are late; those that nobody carries apart."""
    now = timezone.now()
    rows = (
        cases.open().filter(assignee__isnull=False).order_by()
        .values("assignee__full_name", "assignee")
        .annotate(n=Count("pk"), late=Count("pk", filter=Q(next_due_at__lt=now)))
        .order_by("-n", "assignee__full_name")
    )  # fmt: skip
    if say is told:
        return [(row["assignee__full_name"], told(row["n"])) for row in rows], []
    shown = [
        (row["assignee__full_name"], _("%(n)d, late %(late)d") % {"n": row["n"], "late": row["late"]}) for row in rows
    ]
    free = cases.unassigned().count()
    return shown, [(_("Nobody"), free)] if free else []
