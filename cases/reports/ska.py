"""SKA per desk and month: outreach, consultations and, beside them, the cases."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext as _

from cases.models import Case, SkaEntry
from cases.rules.ska import SkaKind
from members.models import Organisation, User
from members.reports.tables import HIDDEN, Column, Hidden, Kind, Table
from members.rules.roles import Permission

#: So many months are shown, this one included; fewer cases than this are not counted out to who may not open them.
MONTHS, FEWEST = 6, 5


@dataclass
class Line:
    """What one desk did in one month. ``cases`` is None where the reader sees no figures, HIDDEN where they are few."""

    month: date
    desk: str
    outreach: int = 0
    reached: int = 0
    consultations: int = 0
    cases: int | Hidden | None = 0


def of_reader(user: User) -> QuerySet[SkaEntry]:
    """The entries of the desks this user writes for, or sees the figures of."""
    return SkaEntry.objects.permitted(user, Permission.CASE_LOG) | SkaEntry.objects.permitted(
        user, Permission.FIGURES_VIEW
    )


def first_month(now: datetime, zone: str) -> date:
    """The first day of the months shown."""
    today = now.astimezone(ZoneInfo(zone)).date()
    months = today.year * 12 + today.month - MONTHS
    return date(months // 12, months % 12 + 1, 1)


def per_month(user: User, *, now: datetime, hide_small: bool) -> list[Line]:
    """The newest month first; two statements and the reach. Months begin by the clock of the reader."""
    zone = ZoneInfo(user.zone)
    since = first_month(now, user.zone)
    counts: dict[tuple[date, int], Line] = {}
    entries = of_reader(user).filter(on_day__gte=since).order_by()
    months = entries.annotate(month=TruncMonth("on_day")).values("month", "desk", "kind")
    found: dict[tuple[date, int], dict] = defaultdict(dict)
    for row in months.annotate(n=Count("pk"), people=Sum("people")):
        found[row["month"], row["desk"]][row["kind"]] = (row["n"], row["people"])
    cases = Case.objects.permitted(user, Permission.FIGURES_VIEW)
    begun = cases.filter(created_at__gte=datetime(since.year, since.month, 1, tzinfo=zone)).order_by()
    logged = begun.annotate(month=TruncMonth("created_at", tzinfo=zone)).values("month", "desk")
    carried = {(row["month"].date(), row["desk"]): row["n"] for row in logged.annotate(n=Count("pk"))}
    desks = Organisation.objects.in_bulk({desk for _month, desk in [*found, *carried]})
    sees_figures = set(Organisation.objects.in_reach_of(user, Permission.FIGURES_VIEW).values_list("pk", flat=True))
    for month, desk in {*found, *carried}:
        kinds = found.get((month, desk), {})
        outreach, consultations = kinds.get(SkaKind.OUTREACH, (0, 0)), kinds.get(SkaKind.CONSULTATION, (0, 0))
        number = carried.get((month, desk), 0)
        shown = HIDDEN if hide_small and number < FEWEST else number
        counts[month, desk] = Line(
            month,
            str(desks[desk]),
            outreach=outreach[0],
            reached=outreach[1],
            consultations=consultations[0],
            cases=shown if desk in sees_figures else None,
        )
    return sorted(counts.values(), key=lambda line: (-line.month.toordinal(), line.desk))


def table(lines: list[Line], *, zone: str) -> Table:
    """The same as a table to take along."""
    columns = [
        Column(_("Month")),
        Column(_("Desk")),
        Column(_("Outreach"), Kind.NUMBER),
        Column(_("People reached"), Kind.NUMBER),
        Column(_("Consultations"), Kind.NUMBER),
        Column(_("Cases"), Kind.NUMBER),
    ]
    rows = [(f"{x.month:%Y-%m}", x.desk, x.outreach, x.reached, x.consultations, x.cases) for x in lines]
    note = _("Outreach and consultations by the day they were noted, cases by the day they were logged.")
    return Table("SKA", columns, rows, note, zone)
