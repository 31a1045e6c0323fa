"""The way to a working card and the working of the calculators, as the pages show them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from cases.models import FineTerm, LocalScheme, PaperType, Route, Rule, Segment
from cases.reports.clocks import skipped_words
from cases.rules import clocks, fines
from cases.rules.payer import Decision
from cases.services import law
from members.models import Region
from members.rules import words

#: Arrears count for at most this many months (RULES 1.3: S12, S13).
ARREARS_MOST_MONTHS = 24
#: What a day of delay costs (RULES 2.3 K15, K16: S106, S107).
LATE_PERCENT = 1
_HELPERS = {
    "social_office": gettext_lazy("Social office"),
    "health_office": gettext_lazy("Health office"),
    "local_government": gettext_lazy("Local government"),
    "employer": gettext_lazy("Employer"),
    "union": gettext_lazy("The union"),
    "family": gettext_lazy("The family itself"),
    "bpjs_kesehatan": "BPJS Kesehatan",
}
_ASK = {
    "accident": gettext_lazy("What happened? Was it an accident, and was it at work?"),
    "police_report": gettext_lazy("Is there a police report? It decides what kind of accident it was."),
    "jkn_active": gettext_lazy("Is the JKN card active? Look it up in Mobile JKN or ask 165."),
}


def helper_words(code: str) -> str:
    """Who helps on a route, in words."""
    return str(_HELPERS.get(code, code))


def questions(decision: Decision) -> list[str]:
    """What still has to be asked to know who pays."""
    return [str(_ASK[code]) for code in decision.to_ask]


@dataclass(frozen=True)
class Paper:
    """A paper to bring, and who issues it."""

    name: str
    issuer: str


@dataclass(frozen=True)
class ShownStep:
    """One office of a way, in the reader's language."""

    office: str
    act: str
    contact: str
    papers: list[Paper]
    rule: Rule | None


@dataclass(frozen=True)
class ShownRoute:
    """One way to a working card."""

    route: Route
    helper: str
    say: str
    warning: str
    steps: list[ShownStep]


def routes(*, segment: Segment | None, state, on: date, helper: str = "") -> list[ShownRoute]:
    """The ways for this card; none while its state is not known."""
    if state is None:
        return []
    code = segment.code if segment else ""
    return [_shown(route) for route in law.routes_for(segment=code, state=state.code, on=on, helper=helper)]


def _shown(route: Route) -> ShownRoute:
    steps = [
        ShownStep(
            office=step.office_en if step.office_en and _is_english() else step.office,
            act=step.act_en if step.act_en and _is_english() else step.act,
            contact=step.channel.in_language("contact") if step.channel else "",
            papers=_papers(step.papers.all()),
            rule=step.rule,
        )
        for step in route.steps.all()
    ]
    helper = helper_words(route.helper)
    return ShownRoute(route, helper, route.in_language("say"), route.in_language("warning"), steps)


def _papers(rows: Iterable[PaperType]) -> list[Paper]:
    return [Paper(row.label, row.in_language("issuer")) for row in rows]


def _is_english() -> bool:
    return (get_language() or "id").startswith("en")


@dataclass(frozen=True)
class ShownScheme:
    """A local scheme with what to bring."""

    scheme: LocalScheme
    covers: str
    eligibility: str
    activation: str
    papers: list[Paper]


def schemes(region: Region | None, on: date) -> list[ShownScheme]:
    """The local schemes that hold here on a day."""
    return [
        ShownScheme(
            row,
            row.in_language("covers"),
            row.in_language("eligibility"),
            row.in_language("activation"),
            _papers(law.papers_of(row)),
        )
        for row in law.schemes_for(region, on)
    ]


@dataclass(frozen=True)
class Worked:
    """A sum with its working line by line, and the row of law it stands on."""

    title: str
    amount: int
    lines: list[str]
    why_none: str
    basis: FineTerm | Rule | None = None


def fines_of(
    *, cost: int, months: int, active_again_on: date, admitted_on: date, segment: Segment | None
) -> list[Worked]:
    """The inpatient fine by every term in force on the day of admission; where they agree there is one."""
    found = []
    for term in law.fine_terms(admitted_on):
        calculation = fines.inpatient_fine(
            cost=cost,
            months=months,
            active_again_on=active_again_on,
            admitted_on=admitted_on,
            terms=fines.FineTerms(term.percent, term.most_months, term.window_days, term.cap),
            is_exempt=bool(segment and segment.is_exempt_from_fine),
        )
        found.append(_worked(term.label, calculation, term))
    return found


def arrears_of(*, premium: int, people: int, months: int) -> Worked:
    """What is owed before the card works."""
    calculation = fines.arrears(premium=premium, people=people, months=months, most_months=ARREARS_MOST_MONTHS)
    return _worked(_("Arrears"), calculation)


def late_of(*, rule: Rule, nominal: int, complete_on: date, paid_on: date, zone: str) -> Worked:
    """What a late benefit costs the one who owes it; the due day is counted by the rule, holidays and all."""
    start = datetime.combine(complete_on, time(12), tzinfo=ZoneInfo(zone))
    counted = clocks.count(law.as_rule(rule), start=start, calendar=law.calendar_for(rule), zone=zone)
    if counted.due_at is None:
        return Worked(rule.label, 0, [], counted.reason, rule)
    due_on = counted.due_at.astimezone(ZoneInfo(zone)).date()
    calculation = fines.late_payment(nominal=nominal, due_on=due_on, paid_on=paid_on, percent_a_day=LATE_PERCENT)
    worked = _worked(rule.label, calculation, rule)
    language = get_language()
    until = [_("Must be paid by %(day)s.") % {"day": words.day(due_on, None, language)}]
    skipped = [(each.day, each.why) for count in counted.counts for each in count.skipped]
    if skipped:
        until.append(_("Skipped: %(days)s.") % {"days": "; ".join(skipped_words(skipped))})
    return Worked(worked.title, worked.amount, until + worked.lines, worked.why_none, rule)


def _worked(title: str, calculation: fines.Calculation, basis: FineTerm | Rule | None = None) -> Worked:
    lines = [_line(line) for line in calculation.lines]
    return Worked(title, calculation.amount, lines, _why_none(calculation.why_none), basis)


def _why_none(code: str) -> str:
    return {
        "": "",
        "exempt": _("No fine: this segment is exempt."),
        "outside_window": _("No fine: the admission is outside the window."),
        "nothing_owed": _("Nothing is owed."),
        "not_late": _("Not late: nothing is owed for delay."),
    }[code]


def _line(line: fines.Line) -> str:
    language = get_language()
    numbers = line.numbers

    def money(amount: int) -> str:
        return words.rupiah(amount, language)

    if line.code == "window":
        return _("Admitted %(days)s days after the card was active again; the fine counts up to %(most)s days.") % {
            "days": numbers[0],
            "most": numbers[1],
        }
    if line.code == "months":
        return _("%(months)s months in arrears, at most %(most)s count: %(counted)s.") % dict(
            zip(("months", "most", "counted"), numbers, strict=True)
        )
    if line.code == "product":
        return f"{numbers[0]}% × {money(numbers[1])} × {numbers[2]} = {money(numbers[3])}"
    if line.code == "cap":
        return _("At most %(cap)s: %(amount)s.") % {"cap": money(numbers[0]), "amount": money(numbers[1])}
    if line.code == "premiums":
        return _("%(premium)s × %(people)s people × %(months)s months = %(amount)s") % {
            "premium": money(numbers[0]),
            "people": numbers[1],
            "months": numbers[2],
            "amount": money(numbers[3]),
        }
    return _("%(days)s days late × %(percent)s%% × %(nominal)s = %(amount)s") % {
        "days": numbers[0],
        "percent": numbers[1],
        "nominal": money(numbers[2]),
        "amount": money(numbers[3]),
    }
