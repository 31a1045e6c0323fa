"""Money as people type it, and the ledger that adds up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules.registers import MoneyKind
from cases.rules.rupiah import Balance, NotMoney, balance, moves_the_bill, parse


@pytest.mark.parametrize(
    ("typed", "rupiah"),
    [
        ("500rb", 500_000),
        ("500 ribu", 500_000),
        ("1,5 jt", 1_500_000),
        ("1.5jt", 1_500_000),
        ("2 juta", 2_000_000),
        ("1,25 juta", 1_250_000),
        ("1,250 juta", 1_250_000),
        ("2 jt 500 rb", 2_500_000),
        ("Rp2jt500rb", 2_500_000),
        ("1 M 2 jt 3 rb", 1_002_003_000),
        ("1.500 rb", 1_500_000),
        ("Rp1.250.000", 1_250_000),
        ("Rp 1.250.000,00", 1_250_000),
        ("1,250,000", 1_250_000),
        ("1250000", 1_250_000),
        ("rp. 3.000.000,-", 3_000_000),
        ("3 M", 3_000_000_000),
        ("118 miliar", 118_000_000_000),
        ("1,2 miliar", 1_200_000_000),
        ("750k", 750_000),
        ("12.500", 12_500),
        ("1.250 juta", None),
        ("500 rb 2 jt", None),
        ("2 jt 3 jt", None),
        ("1.5", None),
        ("", None),
        ("gratis", None),
        ("-5000", None),
        ("0", None),
        ("1,2345 rb", None),
        ("9" * 20, None),
        ("jt", None),
        ("...", None),
    ],
)
def test_money_as_it_is_typed(typed, rupiah):
    if rupiah is None:
        with pytest.raises(NotMoney):
            parse(typed)
    else:
        assert parse(typed) == rupiah


@given(st.integers(min_value=1, max_value=10**13))
def test_what_we_write_we_can_read(amount):
    """The amount as the page shows it, typed back, is the same amount."""
    assert parse(f"Rp{amount:,}".replace(",", ".")) == amount


def test_the_balance_adds_up():
    """Bill 10 jt and fine 1 jt; paid 3 jt, deposit 1 jt, donation spent 2 jt, a payer took 4 jt: 1 jt is left."""
    found = balance(
        [
            ("bill", 10_000_000),
            ("fine", 1_000_000),
            ("deposit_paid", 1_000_000),
            ("paid", 3_000_000),
            ("donation_in", 2_500_000),
            ("donation_out", 2_000_000),
            ("covered", 4_000_000),
            ("refundable", 500_000),
            ("refunded", 200_000),
            ("claimed", 900_000),
            ("recovered", 300_000),
            ("lost", 750_000),
            ("deposit_asked", 1_500_000),
            ("collateral", 5_000_000),
        ]
    )
    assert (found.owed, found.settled, found.left) == (11_000_000, 10_000_000, 1_000_000)
    assert found.donations_left == 500_000
    assert found.refund_open == 300_000
    assert found.claim_open == 600_000
    assert found.lost == 750_000
    # 3 jt paid and 1 jt deposit, of which 200 rb came back
    assert found.from_family == 3_800_000
    assert (found.deposit_asked, found.held) == (1_500_000, 5_000_000)


#: What one line of 100 of a kind does to the sums, written by hand; every kind stands here.
ALONE = {
    "bill": {"owed": 100},
    "paid": {"settled": 100, "from_family": 100},
    "covered": {"settled": 100},
    "deposit_asked": {"deposit_asked": 100},
    "deposit_paid": {"settled": 100, "from_family": 100},
    "collateral": {"held": 100},
    "donation_in": {"donations_in": 100},
    "donation_out": {"donations_out": 100, "settled": 100},
    "fine": {"owed": 100},
    "refundable": {"refundable": 100},
    "refunded": {"refunded": 100, "from_family": -100},
    "claimed": {"claimed": 100},
    "recovered": {"recovered": 100},
    "lost": {"lost": 100},
}


@pytest.mark.parametrize("kind", MoneyKind.values)
def test_each_kind_counts_where_it_should_and_nowhere_else(kind):
    found = balance([(kind, 100)])
    assert found == Balance(**ALONE[kind])
    assert found.left == moves_the_bill(kind) * 100


def test_a_claim_for_money_is_no_payment():
    """A deposit asked for and an ID card held as security leave the bill as it is."""
    found = balance([("bill", 10), ("deposit_asked", 4), ("collateral", 6)])
    assert (found.owed, found.settled, found.left) == (10, 0, 10)


@pytest.mark.parametrize("kind", MoneyKind.values)
def test_a_line_taken_back_counts_for_nothing(kind):
    assert balance([(kind, 10), (kind, -10)]) == Balance()


def test_more_than_was_owed_leaves_nothing_open_and_says_so():
    found = balance([("bill", 10), ("paid", 12), ("refundable", 1), ("refunded", 2), ("claimed", 3), ("recovered", 5)])
    assert (found.left, found.refund_open, found.claim_open) == (-2, 0, 0)


def test_a_kind_nobody_knows_is_an_error():
    with pytest.raises(ValueError, match="sogokan"):
        balance([("sogokan", 1)])
