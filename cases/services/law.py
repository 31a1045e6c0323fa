"""Reading the catalogue of law: rules for the calculator, calendars of days off, and what holds on a date."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Q, QuerySet

from cases.models import FineTerm, Holiday, LocalScheme, PaperType, ProblemType, Route, Rule
from cases.rules import clocks
from cases.rules.workdays import DayOff, WorkCalendar
from members.models import Region


def in_force(on: date) -> Q:
    """The rows of a catalogue table that hold on this day; a missing end is open."""
    begun = Q(effective_from__isnull=True) | Q(effective_from__lte=on)
    return begun & (Q(effective_to__isnull=True) | Q(effective_to__gte=on))


def as_rule(row: Rule) -> clocks.Rule:
    """A row as the calculator takes it. Raises ValueError for a shape or unit it does not know."""
    return clocks.Rule(
        kind=clocks.RuleKind(row.kind),
        spans=tuple(clocks.Span(int(each["amount"]), clocks.Unit(each["unit"])) for each in row.spans),
        is_unclear=row.is_unclear,
        day=row.day,
        february=row.february,
        months_later=row.months_later,
        moves=row.moves,
        reason=row.in_language("reason"),
    )


def days_off(region: Region | None = None) -> list[DayOff]:
    """The days off of a place: the national ones, and those of its region and province."""
    here = Q(region__isnull=True)
    if region is not None:
        here |= Q(region_id__in=[region.pk, region.parent_id])
    return [
        DayOff(row.day, row.name, is_joint_leave=row.kind == Holiday.Kind.JOINT_LEAVE)
        for row in Holiday.objects.filter(here).order_by("region_id", "day").only("day", "name", "kind")
    ]


def calendar_for(rule: Rule, region: Region | None = None, *, days: Iterable[DayOff] | None = None) -> WorkCalendar:
    """The working calendar a rule counts by in a place; ``days`` spares the query where many clocks are counted."""
    found = days_off(region) if days is None else days
    return WorkCalendar.of(found, week=rule.week, joint_leave_works=rule.joint_leave_works)


def rules_for(problem_types: Iterable[ProblemType], on: date, region: Region | None = None) -> list[Rule]:
    """The clock rules that belong to these problem types and hold on this day here, with those counted beside them."""
    codes = {code for each in problem_types for code in each.clocks}
    here = Q(region__isnull=True)
    if region is not None:
        here |= Q(region_id__in=[region.pk, region.parent_id])
    held = Rule.objects.filter(in_force(on), here)
    beside = Rule.objects.filter(code__in=codes, beside__isnull=False).values("beside")
    return list(held.filter(Q(code__in=codes) | Q(pk__in=beside)).select_related("beside"))


def schemes_for(region: Region | None, on: date) -> QuerySet[LocalScheme]:
    """The local schemes of a region and its province on a day: J-Keren in 2024, UHC Prioritas in 2026."""
    if region is None:
        return LocalScheme.objects.none()
    return LocalScheme.objects.filter(in_force(on), region_id__in=[region.pk, region.parent_id]).select_related(
        "region", "rule"
    )


def papers_of(scheme: LocalScheme) -> list[PaperType]:
    """The kinds of paper a local scheme asks for, in its order."""
    known = PaperType.objects.in_bulk(scheme.papers, field_name="code")
    return [known[code] for code in scheme.papers if code in known]


def fine_terms(on: date) -> QuerySet[FineTerm]:
    """The terms of the inpatient fine on a day; where sources disagree there are several, the one to hold to first."""
    return FineTerm.objects.filter(in_force(on))


def routes_for(*, segment: str, state: str, on: date, helper: str = "") -> list[Route]:
    """The ways to a working card: those of this segment first; without one, those for any segment."""
    held = Route.objects.filter(in_force(on), state__code=state).select_related("segment", "state")
    held = held.prefetch_related("steps__papers", "steps__channel", "steps__rule")
    if helper:
        held = held.filter(helper=helper)
    own = [each for each in held if each.segment is not None and each.segment.code == segment]
    return own or [each for each in held if each.segment is None]
