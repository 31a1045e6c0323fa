"""The calculators of RULES 1.3 and 2.3 (K15, K16), with the working."""

from datetime import date

import pytest

from cases.rules.fines import FineTerms, arrears, inpatient_fine, late_payment

#: RULES 1.3: 5 %, at most 12 months, within 45 days; the cap of Perpres 59/2024.
TERMS = FineTerms(percent=5, most_months=12, window_days=45, cap=20_000_000)
ON = date(2026, 11, 1)


@pytest.mark.parametrize(
    ("cost", "months", "admitted", "expected"),
    [
        # The example of RULES 1.3: 5 % of 5,000,000 is 250,000; ten months: 2,500,000.
        (5_000_000, 10, date(2026, 11, 10), 2_500_000),
        # 14 months count as 12: 250,000 × 12.
        (5_000_000, 14, date(2026, 11, 10), 3_000_000),
        # 5 % of 80,000,000 is 4,000,000; × 12 = 48,000,000; the cap holds.
        (80_000_000, 12, date(2026, 11, 10), 20_000_000),
        # The 45th day still counts, the 46th does not.
        (5_000_000, 1, date(2026, 12, 16), 250_000),
        (5_000_000, 1, date(2026, 12, 17), 0),
        # Admitted before the card was active again: no fine.
        (5_000_000, 1, date(2026, 10, 31), 0),
        # Rupiah are whole: 5 % of 1,234,567 is 61,728.35, rounded down.
        (1_234_567, 1, date(2026, 11, 10), 61_728),
    ],
)
def test_inpatient_fine(cost, months, admitted, expected):
    found = inpatient_fine(cost=cost, months=months, active_again_on=ON, admitted_on=admitted, terms=TERMS)
    assert found.amount == expected
    assert found.lines


def test_the_exempt_pay_nothing_and_the_reason_is_said():
    found = inpatient_fine(cost=5_000_000, months=3, active_again_on=ON, admitted_on=ON, terms=TERMS, is_exempt=True)
    assert (found.amount, found.why_none) == (0, "exempt")


@pytest.mark.parametrize(("cost", "months"), [(-1, 1), (1, -1)])
def test_less_than_nothing_is_refused(cost, months):
    with pytest.raises(ValueError, match="less than nothing"):
        inpatient_fine(cost=cost, months=months, active_again_on=ON, admitted_on=ON, terms=TERMS)


@pytest.mark.parametrize(
    ("premium", "people", "months", "expected"),
    [(42_000, 1, 3, 126_000), (35_000, 4, 30, 3_360_000), (150_000, 2, 0, 0)],
)
def test_arrears_count_at_most_24_months(premium, people, months, expected):
    assert arrears(premium=premium, people=people, months=months, most_months=24).amount == expected


@pytest.mark.parametrize(
    ("nominal", "due", "paid", "expected"),
    [
        # 42,000,000 × 1 % × 5 days.
        (42_000_000, date(2026, 11, 20), date(2026, 11, 25), 2_100_000),
        (42_000_000, date(2026, 11, 20), date(2026, 11, 20), 0),
        (42_000_000, date(2026, 11, 20), date(2026, 11, 1), 0),
    ],
)
def test_one_percent_a_day_late(nominal, due, paid, expected):
    assert late_payment(nominal=nominal, due_on=due, paid_on=paid, percent_a_day=1).amount == expected
