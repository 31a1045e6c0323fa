"""Commitments as they are read: of a case, in the register of a reader, and what became of them by office."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from cases.models import Case, Commitment, Event
from cases.rules.codes import Status
from cases.rules.commitments import FEWEST, Move, Rate, days_between, moves
from cases.rules.registers import PENDING, Promise, Term
from cases.services.commitments import moment_of
from members.models import Body, GatheringSeries, Region, User
from members.rules import words
from members.rules.roles import Permission
from members.services import gatherings, places

PER_PAGE = 30
#: Offices in the table of rates.
MOST_OFFICES = 30

ICONS = {
    Promise.ASKED: "megaphone",
    Promise.OPEN: "hourglass-split",
    Promise.KEPT: "check-square-fill",
    Promise.LATE: "clock-history",
    Promise.BROKEN: "x-lg",
    Promise.WITHDRAWN: "arrow-counterclockwise",
    Promise.REFUSED: "slash-circle",
}
STATES = {
    Promise.ASKED: "biasa",
    Promise.OPEN: "jalan",
    Promise.KEPT: "selesai",
    Promise.LATE: "mendesak",
    Promise.BROKEN: "lewat",
    Promise.WITHDRAWN: "biasa",
    Promise.REFUSED: "lewat",
}


@dataclass
class Shown:
    """A commitment with everything a page says of it."""

    row: Commitment
    zone: str
    who: str
    official: str
    #: When, how and where it was said; "" while nobody knows.
    said: str
    #: Until when, in words: a day, a condition, the next look, or that nothing was named.
    until: str
    #: How it ended: "kept within 6 days".
    ended: str
    icon: str
    state: str
    #: What a due pill reads; None once it has ended.
    due_at: datetime | None
    due_day: bool

    @property
    def is_open(self) -> bool:
        return self.row.state in PENDING

    @property
    def moves(self) -> list[Move]:
        return moves(self.row.state, self.row.term, is_met=self.row.condition_met_at is not None)


def explain(row: Commitment) -> Shown:
    """What a page says of one commitment; its case, desk and body must have been fetched."""
    zone = row.case.zone if row.case else row.desk.zone
    state = Promise(row.state)
    is_open = state in PENDING
    return Shown(
        row=row,
        zone=zone,
        who=" · ".join(filter(None, [str(row.body) if row.body else "", row.party])) or _("not known who"),
        official=", ".join(filter(None, [row.official, row.official_role])),
        said=_said(row, zone),
        until=_until(row, zone),
        ended=_ended(row, zone),
        icon=ICONS[state],
        state=STATES[state],
        due_at=moment_of(row) if is_open else None,
        due_day=row.due_is_day or row.term == Term.STANDING,
    )


def _when(at: datetime, zone: str, *, is_day: bool) -> str:
    return words.day(at, zone, get_language()) if is_day else words.moment(at, zone, get_language())


def _said(row: Commitment, zone: str) -> str:
    when = _when(row.promised_at, zone, is_day=row.promised_on_day) if row.promised_at else ""
    return ", ".join(filter(None, [when, str(row.get_form_display()).lower() if row.form else "", row.where]))


def _until(row: Commitment, zone: str) -> str:
    if row.term == Term.STANDING:
        months = row.review_months or 1
        every = ngettext("standing, looked at every month", "standing, looked at every %(n)d months", months)
        return every % {"n": months}
    if row.term == Term.CONDITION:
        return " ".join(filter(None, [_condition(row), _met(row, zone)]))
    if row.due_at:
        return _("until %(when)s") % {"when": _when(row.due_at, zone, is_day=row.due_is_day)}
    return _("no date was named")


def _condition(row: Commitment) -> str:
    if not row.span_days:
        return _("when: %(condition)s") % {"condition": row.condition}
    after = ngettext("%(n)d day after: %(condition)s", "%(n)d days after: %(condition)s", row.span_days)
    return after % {"n": row.span_days, "condition": row.condition}


def _met(row: Commitment, zone: str) -> str:
    if not row.condition_met_at or not row.due_at:
        return ""
    met, due = _when(row.condition_met_at, zone, is_day=True), _when(row.due_at, zone, is_day=True)
    return _("(met %(met)s, so until %(due)s)") % {"met": met, "due": due}


def _ended(row: Commitment, zone: str) -> str:
    if not row.ended_at:
        return ""
    if row.state not in {Promise.KEPT, Promise.LATE}:
        return words.day(row.ended_at, zone, get_language())
    if not row.promised_at:
        return _("kept on %(day)s") % {"day": words.day(row.ended_at, zone, get_language())}
    days = days_between(row.promised_at, row.ended_at, zone)
    if days == 0:
        said = _("kept the same day")
    else:
        said = ngettext("kept within %(n)d day", "kept within %(n)d days", days) % {"n": days}
    if row.state == Promise.LATE and row.due_at:
        late = days_between(row.due_at, row.ended_at, zone)
        said += ", " + (ngettext("%(n)d day late", "%(n)d days late", late) % {"n": late} if late else _("late"))
    return said


@dataclass
class OfCase:
    """The commitments of one case: still open, asked for (by number, with their answers), and ended."""

    open: list[Shown]
    demands: list[Shown]
    ended: list[Shown]


def of_case(case: Case) -> OfCase:
    """One query. A demand stays among the demands with whatever was answered; its promise is that same row."""
    rows = case.commitments.select_related("body", "case", "desk__region")
    rows = [explain(row) for row in rows.order_by("number", "-ended_at", F("due_at").asc(nulls_last=True), "pk")]
    plain = [each for each in rows if each.row.number is None]
    return OfCase(
        open=[each for each in plain if each.is_open],
        demands=[each for each in rows if each.row.number is not None],
        ended=[each for each in plain if not each.is_open],
    )


# Looking again at a standing one, and the events that were promised


def review_note(row: Commitment, user: User) -> str:
    """What a review opens with (S1.13): the open cases that concern the office, by desk; "" where it is no review.

    Only cases the reader may open; restricted ones are left out, because the note is kept for others.
    """
    if row.term != Term.STANDING or row.body_id is None or row.is_sealed:
        return ""
    offices = Body.objects.filter(Q(pk=row.body_id) | Q(parent=row.body_id)).values("pk")
    told = Event.objects.filter(case=OuterRef("pk"), body__in=places.with_merged(offices))
    rows = Case.objects.permitted(user, Permission.CASE_VIEW).filter(is_restricted=False)
    rows = rows.exclude(status=Status.CLOSED).filter(Q(place__in=offices) | Q(Exists(told)))
    desks = list(rows.order_by("desk__name").values_list("desk__name").annotate(n=Count("pk", distinct=True)))
    total = sum(n for _name, n in desks)
    said = ngettext("%(n)d open case concerns this office", "%(n)d open cases concern this office", total) % {
        "n": total
    }
    parts = ", ".join(f"{name} {n}" for name, n in desks)
    return (f"{said}: {parts}" if parts else said)[:300]


@dataclass(frozen=True)
class Events:
    """The events that a commitment has brought about: how many, and in how many provinces of all."""

    series: GatheringSeries
    count: int
    provinces: int
    all_provinces: int


def events_of(row: Commitment, now: datetime) -> Events | None:
    """None where it has brought about no series."""
    if row.series is None:
        return None
    today = now.astimezone(ZoneInfo(words.DEFAULT_ZONE)).date()
    return Events(
        series=row.series,
        count=row.series.gatherings.count(),
        provinces=gatherings.provinces_reached(row.series, today=today),
        all_provinces=Region.objects.filter(kind=Region.Kind.PROVINCE).count(),
    )


# The register

View = Callable[[QuerySet[Commitment], datetime], QuerySet[Commitment]]


def _overdue(rows: QuerySet[Commitment], now: datetime) -> QuerySet[Commitment]:
    return rows.pending().filter(due_at__lt=now)


def _this_week(rows: QuerySet[Commitment], now: datetime) -> QuerySet[Commitment]:
    return rows.pending().filter(due_at__gte=now, due_at__lt=now + timedelta(days=7))


def _undated(rows: QuerySet[Commitment], now: datetime) -> QuerySet[Commitment]:
    return rows.pending().filter(due_at__isnull=True).exclude(term=Term.STANDING)


def _to_review(rows: QuerySet[Commitment], now: datetime) -> QuerySet[Commitment]:
    return rows.pending().filter(
        term=Term.STANDING, next_review_on__lte=now.astimezone(ZoneInfo(words.DEFAULT_ZONE)).date()
    )


#: What a chip shows; the key stands in the address as ``?lihat=``.
VIEWS: dict[str, View] = {
    "": lambda rows, now: rows.pending(),
    "lewat": _overdue,
    "pekan-ini": _this_week,
    "tanpa-tanggal": _undated,
    "tinjau": _to_review,
    "lengkapi": lambda rows, now: rows.filter(promised_at__isnull=True, state=Promise.OPEN),
    "selesai": lambda rows, now: rows.exclude(state__in=PENDING),
}


def register(user: User) -> QuerySet[Commitment]:
    """The commitments this user may open."""
    return Commitment.objects.permitted(user, Permission.CASE_VIEW)


def counts(rows: QuerySet[Commitment], now: datetime) -> dict[str, int]:
    """How many each chip would show, in one statement."""
    pks = Commitment.objects.filter(pk__in=rows.values("pk"))
    named = {
        f"n{at}": Count("pk", filter=Q(pk__in=view(rows, now).order_by().values("pk")))
        for at, view in enumerate(VIEWS.values())
    }
    found = pks.aggregate(**named)
    return {key: found[f"n{at}"] for at, key in enumerate(VIEWS)}


def ordered(rows: QuerySet[Commitment], view: str) -> QuerySet[Commitment]:
    """In the order of due; what has ended, the last one first. With what a row shows."""
    rows = rows.select_related("body", "case", "desk__region")
    if view == "selesai":
        return rows.order_by("-ended_at", "-pk")
    return rows.order_by(F("due_at").asc(nulls_last=True), F("next_review_on").asc(nulls_last=True), "-pk")


# What became of them


@dataclass
class Office:
    """The commitments of one office, in numbers that say how many they are."""

    name: str
    uuid: str
    rate: Rate

    @property
    def said(self) -> str:
        """ "3 of 5 kept"; while none has ended, that there is nothing to say yet."""
        if not self.rate.ended:
            return _("none has come due yet")
        kept = self.rate.kept + self.rate.late
        return _("%(kept)d of %(all)d kept") % {"kept": kept, "all": self.rate.ended}

    @property
    def details(self) -> str:
        """What the sentence above is made of."""
        parts = []
        if self.rate.late:
            parts.append(ngettext("%(n)d of them late", "%(n)d of them late", self.rate.late) % {"n": self.rate.late})
        if self.rate.broken:
            parts.append(ngettext("%(n)d broken", "%(n)d broken", self.rate.broken) % {"n": self.rate.broken})
        if self.rate.pending:
            parts.append(ngettext("%(n)d still open", "%(n)d still open", self.rate.pending) % {"n": self.rate.pending})
        return ", ".join(parts)


def offices(rows: QuerySet[Commitment], *, least: int = 1, with_parties: bool = True) -> list[Office]:
    """Kept and broken by office, the most commitments first; an office with fewer than ``least`` is left out.

    What was promised by somebody without an office stands under the party's own words, for those who may open it.
    """
    found: dict[tuple, Office] = {}
    if not with_parties:
        rows = rows.filter(body__isnull=False)
    named = rows.order_by().values("body", "body__name", "body__uuid", "party", "state").annotate(n=Count("pk"))
    for row in named:
        party = "" if row["body"] else " ".join(row["party"].split())
        if row["body"] is None and not party:
            continue
        key = (row["body"], party.lower())
        office = found.setdefault(key, Office(row["body__name"] or party, str(row["body__uuid"] or ""), Rate()))
        office.rate.add(row["state"], row["n"])
    shown = [office for office in found.values() if office.rate.all >= max(least, 1)]
    return sorted(shown, key=lambda office: (-office.rate.all, office.name))[:MOST_OFFICES]


def offices_beyond(user: User) -> list[Office]:
    """What a leader sees: numbers of the whole reach, none of an office with too few to hide anybody among."""
    rows = Commitment.objects.permitted(user, Permission.FIGURES_VIEW)
    return offices(rows.exclude(pk__in=register(user).values("pk")), least=FEWEST, with_parties=False)
