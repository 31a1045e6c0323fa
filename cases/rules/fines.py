"""Calculators that show their working: inpatient fine, arrears, days late (RULES 1.3, 2.3). Whole rupiah, rounded down.

The terms (percent, months, cap …) come in as values from dated rows of the catalogue; no number of law stands here.
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class FineTerms:
    """The terms of the inpatient fine on a date: percent a month, months and days that count at most, cap in rupiah."""

    percent: int
    most_months: int
    window_days: int
    cap: int


@dataclass(frozen=True)
class Line:
    """One line of the working: a code the page puts into words, and its numbers."""

    code: str
    numbers: tuple[int, ...]


@dataclass(frozen=True)
class Calculation:
    """An amount in rupiah with its working, or 0 with the reason (``why_none``)."""

    amount: int
    lines: tuple[Line, ...]
    why_none: str = ""


def inpatient_fine(
    *,
    cost: int,
    months: int,
    active_again_on: date,
    admitted_on: date,
    terms: FineTerms,
    is_exempt: bool = False,
) -> Calculation:
    """min(cap, percent × cost × months in arrears) for a hospital stay that begins within the window.

    ``cost`` is the INA-CBG cost of the first diagnosis. Raises ValueError for a cost or months below zero.
    """
    if cost < 0 or months < 0:
        raise ValueError("A cost or a number of months cannot be less than nothing.")
    days = (admitted_on - active_again_on).days
    window = Line("window", (days, terms.window_days))
    if is_exempt:
        return Calculation(0, (window,), "exempt")
    if not 0 <= days <= terms.window_days:
        return Calculation(0, (window,), "outside_window")
    counted = min(months, terms.most_months)
    full = cost * terms.percent * counted // 100
    lines = (
        window,
        Line("months", (months, terms.most_months, counted)),
        Line("product", (terms.percent, cost, counted, full)),
        Line("cap", (terms.cap, min(full, terms.cap))),
    )
    return Calculation(min(full, terms.cap), lines, "" if full else "nothing_owed")


def arrears(*, premium: int, people: int, months: int, most_months: int) -> Calculation:
    """Premium × people × months owed, of which at most ``most_months`` count (RULES 1.3)."""
    counted = min(months, most_months)
    amount = premium * people * counted
    lines = (Line("months", (months, most_months, counted)), Line("premiums", (premium, people, counted, amount)))
    return Calculation(amount, lines, "" if amount else "nothing_owed")


def late_payment(*, nominal: int, due_on: date, paid_on: date, percent_a_day: int) -> Calculation:
    """What is owed to the participant for each day a benefit is paid late (K15, K16)."""
    days = max((paid_on - due_on).days, 0)
    amount = nominal * percent_a_day * days // 100
    return Calculation(amount, (Line("late", (days, percent_a_day, nominal, amount)),), "" if days else "not_late")
