"""Every figure of the house: one code, one written definition, its number, and the cases behind it.

A page, a chart, a file, the list behind a number and the papers all ask here, so that they cannot disagree. The cases
come in as a queryset permitted by FIGURES_VIEW; nothing here looks at who reads. What a reader may be told is for
`told`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import (
    Count,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    Window,
)
from django.db.models.functions import Coalesce, RowNumber
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.models import Attempt, Case, Clock, Commitment, Event, MoneyLine
from cases.rules.codes import EventCode, Membership, Status
from cases.rules.registers import Answer, MoneyKind
from cases.rules.registers import Promise as State
from members.models import Appointment, Organisation, User
from members.rules.gatherings import YOUNG
from members.rules.roles import Permission, Role

#: Who may not open the cases never reads of a smaller group.
SMALLEST = 5
#: Nothing of ours is older, and no calendar ends there.
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 1, 1)


def shown(count: int, *, hide_small: bool) -> int | None:
    """The count, or None for a group of one to four where small groups are hidden."""
    return None if hide_small and 0 < count < SMALLEST else count


# Time


@dataclass(frozen=True)
class Period:
    """From a day to a day, both counted whole in the zone of the reader; ``now`` is the moment it is asked."""

    first: date
    last: date
    zone: str
    now: datetime

    @cached_property
    def from_at(self) -> datetime:
        return datetime.combine(self.first, time.min, tzinfo=ZoneInfo(self.zone))

    @cached_property
    def until_at(self) -> datetime:
        """The first moment after it."""
        return datetime.combine(self.last + timedelta(days=1), time.min, tzinfo=ZoneInfo(self.zone))

    @property
    def end(self) -> datetime:
        """The end of what has happened: now, in a period that still runs."""
        return min(self.until_at, self.now)

    def holds(self, field: str) -> Q:
        """That a moment lies in the period."""
        return Q(**{f"{field}__gte": self.from_at, f"{field}__lt": self.until_at})

    @property
    def months(self) -> "Period":
        """The whole months it touches; more than its days, never less."""
        return replace(self, first=self.first.replace(day=1), last=_month_end(self.last))

    @property
    def is_whole_months(self) -> bool:
        return self.first == self.months.first and self.last == self.months.last


def _month_end(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def month(now: datetime, zone: str) -> Period:
    """The calendar month of a moment."""
    today = now.astimezone(ZoneInfo(zone)).date()
    return Period(today.replace(day=1), _month_end(today), zone, now)


def days(first: date, last: date, zone: str, now: datetime) -> Period:
    """From a day to a day in whichever order they come, within what our calendars hold."""
    first, last = (min(max(day, FIRST_DAY), LAST_DAY) for day in sorted([first, last]))
    return Period(first, last, zone, now)


def thirty_days(now: datetime, zone: str) -> Period:
    """Today and the twenty-nine days before it."""
    today = now.astimezone(ZoneInfo(zone)).date()
    return Period(today - timedelta(days=29), today, zone, now)


def quarter(now: datetime, zone: str) -> Period:
    """The calendar quarter of a moment."""
    today = now.astimezone(ZoneInfo(zone)).date()
    first = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    return Period(first, _month_end(first.replace(month=first.month + 2)), zone, now)


def year(now: datetime, zone: str) -> Period:
    """The calendar year of a moment."""
    today = now.astimezone(ZoneInfo(zone)).date()
    return Period(today.replace(month=1, day=1), today.replace(month=12, day=31), zone, now)


# What a figure is


class Kind(StrEnum):
    """What a figure counts."""

    CASES = "cases"
    ROWS = "rows"  # clocks, commitments, refusals: several may be of one case
    TIME = "time"
    MONEY = "money"


@dataclass(frozen=True)
class Figure:
    """A figure: its code in addresses and files, its label, what it counts in one sentence, and the cases behind it."""

    code: str
    label: str | Promise
    definition: str | Promise
    kind: Kind
    #: Which cases of those given stand behind the number.
    behind: Callable[[Period], Q]
    #: The rows that are counted or added up, for ROWS and MONEY.
    rows: Callable[[Period], QuerySet] | None = None
    #: When the time ran out that TIME measures, as a field or expression of a case.
    ended: Callable[[], object] | None = None


def _of(rows: Callable[[Period], QuerySet]) -> Callable[[Period], Q]:
    return lambda period: Q(pk__in=rows(period).order_by().values("case"))


# Cases


def _new(period: Period) -> Q:
    return period.holds("created_at")


def _open(period: Period) -> Q:
    return Q(created_at__lt=period.until_at) & (Q(closed_at__isnull=True) | Q(closed_at__gte=period.until_at))


def _closed(period: Period) -> Q:
    return Q(status=Status.CLOSED) & period.holds("closed_at")


def _closed_with(code: str) -> Callable[[Period], Q]:
    return lambda period: _closed(period) & Q(outcome__code=code)


def _helped(membership: str) -> Callable[[Period], Q]:
    return lambda period: _new(period) & Q(membership=membership)


def _died(period: Period) -> Q:
    return period.holds("died_at")


# Rows of the books


def facts(*codes: str) -> QuerySet[Event]:
    """The events of these types as they hold today: what was corrected later is not counted, its correction is."""
    later = Event.objects.filter(corrects=OuterRef("corrects"), pk__gt=OuterRef("pk"))
    held = Event.objects.filter(type__code__in=codes, corrections__isnull=True)
    return held.filter(Q(corrects__isnull=True) | ~Exists(later)).order_by()


def _refusals(period: Period) -> QuerySet[Event]:
    return facts("refused").filter(period.holds("happened_at"))


def _clocks_met(period: Period) -> QuerySet[Clock]:
    return _clocks_due(period).filter(state=Clock.State.STOPPED, ended_at__lte=F("due_at"))


def _clocks_missed(period: Period) -> QuerySet[Clock]:
    return _clocks_due(period).filter(
        Q(state=Clock.State.STOPPED, ended_at__gt=F("due_at")) | Q(state=Clock.State.RUNNING, due_at__lte=period.now)
    )


def _clocks_due(period: Period) -> QuerySet[Clock]:
    return Clock.objects.filter(period.holds("due_at"))


def _promises(state: str) -> Callable[[Period], QuerySet[Commitment]]:
    return lambda period: Commitment.objects.filter(period.holds("ended_at"), state=state, case__isnull=False)


def _money(*kinds: str) -> Callable[[Period], QuerySet[MoneyLine]]:
    def rows(period: Period) -> QuerySet[MoneyLine]:
        said = Q(on_date__gte=period.first, on_date__lte=period.last)
        undated = Q(on_date__isnull=True) & period.holds("logged_at")
        return MoneyLine.objects.filter(
            said | undated, kind__in=kinds, takes_back__isnull=True, taken_back_by__isnull=True
        )

    return rows


# Times

#: Facts that are a first contact: somebody of ours spoke, wrote or came.
CONTACTS = (
    "called",
    "visited",
    "message_received",
    "advice_given",
    "office_visited",
    "letter_sent",
    EventCode.WHATSAPP_SENT,
    EventCode.FACILITY_ASKED,
    EventCode.COMPLAINT_SENT,
)
ROOMS = ("got_room",)
PAYMENTS = ("paid", "benefit_paid")
#: When the report reached us; where nobody wrote that down, when it was logged.
STARTED = Coalesce("reported_at", "created_at")


def _first(codes: tuple[str, ...]) -> Callable[[], Subquery]:
    def ended() -> Subquery:
        rows = facts(*codes).filter(case=OuterRef("pk")).values("case").annotate(at=Min("happened_at"))
        return Subquery(rows.values("at"), output_field=DateTimeField())

    return ended


def _first_within(codes: tuple[str, ...]) -> Callable[[Period], Q]:
    """Cases in which the first such fact fell into the period, and not before the report."""

    def behind(period: Period) -> Q:
        candidates = facts(*codes).filter(period.holds("happened_at")).values("case")
        rows = Case.objects.filter(pk__in=candidates).annotate(ended=_first(codes)(), started=STARTED)
        return Q(pk__in=rows.filter(period.holds("ended"), ended__gte=F("started")).order_by().values("pk"))

    return behind


def _closed_in_order(period: Period) -> Q:
    return _closed(period) & (Q(reported_at__isnull=True) | Q(closed_at__gte=F("reported_at")))


FIGURES: dict[str, Figure] = {
    figure.code: figure
    for figure in [
        Figure("baru", _("New cases"), _("Cases logged in the period."), Kind.CASES, _new),
        Figure(
            "terbuka",
            _("Open at the end"),
            _("Cases logged before the end of the period and not closed by then."),
            Kind.CASES,
            _open,
        ),
        Figure(
            "ditutup",
            _("Closed cases"),
            _("Cases closed in the period and still closed; a case opened again leaves this number."),
            Kind.CASES,
            _closed,
        ),
        Figure(
            "hak-terpenuhi",
            _("Rights met"),
            _("Closed in the period because what was due was given."),
            Kind.CASES,
            _closed_with("rights_met"),
        ),
        Figure(
            "diskresi",
            _("By discretion"),
            _("Closed in the period after help by goodwill or policy; the right was not recognised."),
            Kind.CASES,
            _closed_with("discretion"),
        ),
        Figure(
            "tidak-diperoleh",
            _("Not obtained"),
            _("Closed in the period although what was due was not given."),
            Kind.CASES,
            _closed_with("not_obtained"),
        ),
        Figure(
            "meninggal",
            _("Patient died"),
            _("Cases whose patient died in the period, however the case ended. They stay in every other number too."),
            Kind.CASES,
            _died,
        ),
        Figure(
            "untuk-anggota",
            _("Helped: union members"),
            _("Cases logged in the period for a union member."),
            Kind.CASES,
            _helped(Membership.MEMBER),
        ),
        Figure(
            "untuk-keluarga",
            _("Helped: family of members"),
            _("Cases logged in the period for the family of a member."),
            Kind.CASES,
            _helped(Membership.FAMILY),
        ),
        Figure(
            "untuk-masyarakat",
            _("Helped: not members"),
            _("Cases logged in the period for somebody who is not of the union."),
            Kind.CASES,
            _helped(Membership.PUBLIC),
        ),
        Figure(
            "untuk-belum-tahu",
            _("Helped: not known yet"),
            _("Cases logged in the period of which nobody wrote down whether they are of the union."),
            Kind.CASES,
            _helped(Membership.UNKNOWN),
        ),
        Figure(
            "penolakan",
            _("Refusals"),
            _("Refusals that happened in the period, each time counted; what was corrected later is not."),
            Kind.ROWS,
            _of(_refusals),
            _refusals,
        ),
        Figure(
            "tenggat-terpenuhi",
            _("Clocks met"),
            _("Clocks due in the period and met by their due moment. Clocks that were waived do not count."),
            Kind.ROWS,
            _of(_clocks_met),
            _clocks_met,
        ),
        Figure(
            "tenggat-lewat",
            _("Clocks missed"),
            _("Clocks due in the period and met later, or still running past their due moment."),
            Kind.ROWS,
            _of(_clocks_missed),
            _clocks_missed,
        ),
        Figure(
            "janji-ditepati",
            _("Promises kept"),
            _("Commitments made on a case and kept in time, settled in the period."),
            Kind.ROWS,
            _of(_promises(State.KEPT)),
            _promises(State.KEPT),
        ),
        Figure(
            "janji-terlambat",
            _("Promises kept late"),
            _("Commitments made on a case and kept after their day, settled in the period."),
            Kind.ROWS,
            _of(_promises(State.LATE)),
            _promises(State.LATE),
        ),
        Figure(
            "janji-ingkar",
            _("Promises broken"),
            _("Commitments made on a case and noted as broken in the period."),
            Kind.ROWS,
            _of(_promises(State.BROKEN)),
            _promises(State.BROKEN),
        ),
        Figure(
            "lama-kontak",
            _("Time to first contact"),
            _("From the report to the first call, message, visit or letter of ours, where that fell into the period."),
            Kind.TIME,
            _first_within(CONTACTS),
            ended=_first(CONTACTS),
        ),
        Figure(
            "lama-kamar",
            _("Time to a bed"),
            _("From the report to the first bed, where that fell into the period."),
            Kind.TIME,
            _first_within(ROOMS),
            ended=_first(ROOMS),
        ),
        Figure(
            "lama-bayar",
            _("Time to payment"),
            _("From the report to the first payment of a bill or benefit, where that fell into the period."),
            Kind.TIME,
            _first_within(PAYMENTS),
            ended=_first(PAYMENTS),
        ),
        Figure(
            "lama-selesai",
            _("Time to closing"),
            _("From the report to the closing, of the cases closed in the period."),
            Kind.TIME,
            _closed_in_order,
            ended=lambda: F("closed_at"),
        ),
        Figure(
            "rupiah-hilang",
            _("Rupiah lost"),
            _(
                "Wages lost and premiums cut in the period, without lines taken back. Lines without a day count when noted."
            ),
            Kind.MONEY,
            _of(_money(MoneyKind.LOST)),
            _money(MoneyKind.LOST),
        ),
        Figure(
            "rupiah-diklaim",
            _("Rupiah claimed"),
            _("What was claimed in the period, without lines taken back. Lines without a day count when noted."),
            Kind.MONEY,
            _of(_money(MoneyKind.CLAIMED)),
            _money(MoneyKind.CLAIMED),
        ),
        Figure(
            "rupiah-kembali",
            _("Rupiah recovered"),
            _("What was recovered or refunded in the period, without lines taken back."),
            Kind.MONEY,
            _of(_money(MoneyKind.RECOVERED, MoneyKind.REFUNDED)),
            _money(MoneyKind.RECOVERED, MoneyKind.REFUNDED),
        ),
    ]
}
OUTCOMES = ("hak-terpenuhi", "diskresi", "tidak-diperoleh")
HELPED = ("untuk-anggota", "untuk-keluarga", "untuk-masyarakat", "untuk-belum-tahu")


def of_kind(kind: Kind) -> list[Figure]:
    return [figure for figure in FIGURES.values() if figure.kind == kind]


def behind(code: str, cases: QuerySet[Case], period: Period) -> QuerySet[Case]:
    """Exactly the cases a figure stands on."""
    return cases.filter(FIGURES[code].behind(period))


# Numbers: a few statements however many rows


@dataclass(frozen=True)
class Rows:
    """How many rows, of how many cases."""

    rows: int
    cases: int


@dataclass(frozen=True)
class Times:
    """Half of ``cases`` took this long or less; nine of ten took ``tenth`` or less. None where there is no case."""

    half: timedelta | None
    tenth: timedelta | None
    cases: int


@dataclass(frozen=True)
class Rupiah:
    """A sum over some cases, and the largest part one case has in it."""

    amount: int
    cases: int
    largest: int


def counts(cases: QuerySet[Case], period: Period, codes: Iterable[str] | None = None) -> dict[str, int]:
    """The figures that count cases, in one statement."""
    wanted = list(codes) if codes is not None else [figure.code for figure in of_kind(Kind.CASES)]
    found = cases.order_by().aggregate(
        **{f"n{at}": Count("pk", filter=FIGURES[code].behind(period)) for at, code in enumerate(wanted)}
    )
    return {code: found[f"n{at}"] for at, code in enumerate(wanted)}


def rows(code: str, cases: QuerySet[Case], period: Period) -> Rows:
    """A figure that counts rows: one statement."""
    found = rows_of(code, cases, period).aggregate(rows=Count("pk"), cases=Count("case", distinct=True))
    return Rows(found["rows"], found["cases"])


def rows_of(code: str, cases: QuerySet[Case], period: Period) -> QuerySet:
    """The rows themselves, of these cases only."""
    made = FIGURES[code].rows
    if made is None:
        raise ValueError(code)
    return made(period).filter(case__in=cases.order_by().values("pk")).order_by()


def rupiah(code: str, cases: QuerySet[Case], period: Period) -> Rupiah:
    """A sum of money: one statement."""
    per_case = rows_of(code, cases, period).values("case").annotate(sum=Sum("amount"))
    found = per_case.aggregate(amount=Sum("sum"), cases=Count("case"), largest=Max("sum"))
    return Rupiah(found["amount"] or 0, found["cases"], found["largest"] or 0)


def times(code: str, cases: QuerySet[Case], period: Period) -> Times:
    """How long it took, in one statement: the k-th of n in order, k being half and nine tenths of n rounded up."""
    return times_by(code, cases, period, "").get(None, Times(None, None, 0))


def times_by(code: str, cases: QuerySet[Case], period: Period, key: str) -> dict[Any, Times]:
    """The times of a figure for each value of a field of the case; with no field, of all together under None."""
    made = FIGURES[code].ended
    if made is None:
        raise ValueError(code)
    found = halves(behind(code, cases, period).annotate(ended=made(), started=STARTED), [key] if key else [])
    return {group[0] if key else None: each for group, each in found.items()}


def halves(cases: QuerySet[Case], keys: Sequence[str]) -> dict[tuple, Times]:
    """Of cases with ``started`` and ``ended``: the times of each group of these fields, the whole under ()."""
    part = [F(key) for key in keys] or None
    ranked = (
        cases.order_by()
        .annotate(took=ExpressionWrapper(F("ended") - F("started"), output_field=DurationField()))
        .annotate(
            of=Window(Count("pk"), partition_by=part),
            nth=Window(RowNumber(), partition_by=part, order_by=[F("took"), F("pk")]),
        )
        .annotate(half=F("nth") * 2 - F("of"), tenth=F("nth") * 10 - F("of") * 9)
        .filter(Q(half__in=[0, 1]) | Q(tenth__range=(0, 9)))
    )
    found: dict[tuple, Times] = {}
    for row in ranked.values("took", "of", "half", "tenth", *keys):
        group = tuple(row[key] for key in keys)
        known = found.get(group, Times(None, None, row["of"]))
        if row["half"] in (0, 1):
            known = replace(known, half=row["took"])
        if 0 <= row["tenth"] <= 9:
            known = replace(known, tenth=row["took"])
        found[group] = known
    return found


# Who carries


@dataclass(frozen=True)
class Volunteers:
    """Relawan and coordinators who served on the last day of a period; of whom women, and young (35 or less)."""

    all: int
    women: int
    young: int
    #: Of whom neither gender nor years are known.
    unknown: int


def units_of(user: User, *, opens: bool) -> QuerySet[Organisation]:
    """Where those who carry are counted: where this user coordinates; else where they only see figures (ADR 17, 5)."""
    coordinated = Organisation.objects.in_reach_of(user, Permission.CASE_ASSIGN)
    if opens:
        return coordinated
    counted = Organisation.objects.in_reach_of(user, Permission.FIGURES_VIEW)
    return counted.exclude(pk__in=coordinated.order_by().values("pk"))


def serving(units: QuerySet[Organisation], period: Period) -> QuerySet[User]:
    """Relawan and coordinators who served in these units on the last day of a period, no later than now."""
    day = _last_day(period)
    serves = Appointment.objects.filter(
        Q(until_on__isnull=True) | Q(until_on__gte=day),
        user=OuterRef("pk"),
        from_on__lte=day,
        role__in=[Role.ADVOCATE, Role.COORDINATOR],
        organisation__in=units,
    )
    return User.objects.filter(Exists(serves), is_active=True)


def _last_day(period: Period) -> date:
    return min(period.last, period.now.astimezone(ZoneInfo(period.zone)).date())


def people(period: Period) -> dict[str, Q]:
    """Who is meant by each number of `Volunteers`, by its word in an address."""
    profile = "volunteer_profile"
    return {
        "semua": Q(),
        "perempuan": Q(**{f"{profile}__gender": "f"}),
        # a profile tells five years; who is young for sure in all of them counts
        "muda": Q(**{f"{profile}__born_from__gte": _last_day(period).year - YOUNG}),
        "belum-tahu": (Q(**{f"{profile}__gender": ""}) | Q(**{f"{profile}__gender__isnull": True}))
        & Q(**{f"{profile}__born_from__isnull": True}),
    }


def volunteers(units: QuerySet[Organisation], period: Period) -> Volunteers:
    """Those who serve in these units; what a volunteer does not tell is not known. One statement."""
    meant = people(period)
    found = serving(units, period).aggregate(
        all=Count("pk"),
        women=Count("pk", filter=meant["perempuan"]),
        young=Count("pk", filter=meant["muda"]),
        unknown=Count("pk", filter=meant["belum-tahu"]),
    )
    return Volunteers(**found)


#: What a facility that refused had said, where an attempt was written down.
REFUSING = {Answer.FULL: _("said to be full"), Answer.REFUSED: _("refused")}


def with_answer(rows: QuerySet[Event]) -> QuerySet[Event]:
    """Refusals with what the facility said, of an attempt; "" where nobody tied one to it."""
    answer = Attempt.objects.filter(event=OuterRef("pk")).order_by("pk").values("answer")[:1]
    return rows.annotate(answer=Coalesce(Subquery(answer), Value("")))


def refusals_by_facility(cases: QuerySet[Case], period: Period) -> dict[tuple[int | None, str], Rows]:
    """Refusals by facility and reason: of an attempt its answer, else "" (a refusal nobody tied to an attempt)."""
    found = (
        with_answer(rows_of("penolakan", cases, period))
        .annotate(where=Coalesce("body", "case__place"))
        .values("where", "answer")
        .annotate(n=Count("pk"), of=Count("case", distinct=True))
    )
    return {(row["where"], row["answer"]): Rows(row["n"], row["of"]) for row in found}


def refusing_facilities(cases: QuerySet[Case], period: Period) -> dict[int | None, Rows]:
    """Refusals by facility: how often, and in how many cases."""
    found = (
        rows_of("penolakan", cases, period)
        .annotate(where=Coalesce("body", "case__place"))
        .values("where")
        .annotate(n=Count("pk"), of=Count("case", distinct=True))
    )
    return {row["where"]: Rows(row["n"], row["of"]) for row in found}


def clocks_by_side(cases: QuerySet[Case], period: Period) -> dict[str, tuple[Rows, Rows]]:
    """Clocks met and missed, by who owes."""
    found: dict[str, list[Rows]] = {}
    for at, code in enumerate(("tenggat-terpenuhi", "tenggat-lewat")):
        by_side = (
            rows_of(code, cases, period).values("obliged").annotate(n=Count("pk"), of=Count("case", distinct=True))
        )
        for row in by_side:
            found.setdefault(row["obliged"], [Rows(0, 0), Rows(0, 0)])[at] = Rows(row["n"], row["of"])
    return {side: (met, missed) for side, (met, missed) in found.items()}
