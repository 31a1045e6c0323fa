"""Whole rupiah: read as people type them, and added up."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import pairwise

from cases.rules.registers import MoneyKind

_UNIT = r"rb|ribu|k|jt|juta|m|miliar|milyar"
_SHAPE = re.compile(rf"^(?:rp\.?\s*)?([\d.,]+?)(?:,-)?\s*({_UNIT})?$")
#: "2 jt 500 rb": several amounts, each with its unit, said one after the other.
_PARTS = re.compile(rf"^(?:rp\.?\s*)?((?:[\d.,]+\s*(?:{_UNIT})\s*){{2,3}})$")
_TIMES = {
    "": 1,
    **dict.fromkeys(("rb", "ribu", "k"), 1_000),
    **dict.fromkeys(("jt", "juta"), 1_000_000),
    **dict.fromkeys(("m", "miliar", "milyar"), 1_000_000_000),
}
#: More than this is a slip of the finger.
MOST = 10**13


class NotMoney(ValueError):
    """What was typed cannot be read as an amount above nothing."""


def parse(typed: str) -> int:
    """Whole rupiah from "1,5 jt", "500rb", "2 jt 500 rb", "Rp1.250.000" or "1250000". Raises NotMoney for anything else."""
    text = typed.strip().lower()
    if several := _PARTS.match(text):
        parts = [_one(found) for found in re.findall(rf"[\d.,]+\s*(?:{_UNIT})", several[1])]
        if any(later >= earlier for earlier, later in pairwise(parts)):
            raise NotMoney(typed)
        amount = sum(parts)
    else:
        amount = _one(text)
    if not 0 < amount <= MOST:
        raise NotMoney(typed)
    return amount


def _one(text: str) -> int:
    match = _SHAPE.match(text)
    if not match:
        raise NotMoney(text)
    unit = match[2] or ""
    if re.fullmatch(r"\d{1,3}\.\d{3}", match[1]) and _TIMES[unit] >= 1_000_000:
        raise NotMoney(text)  # "1.250 juta": 1,25 million to one reader, 1250 million to another
    try:
        amount = Decimal(_plain(match[1], unit)) * _TIMES[unit]
    except InvalidOperation:
        raise NotMoney(text) from None
    if amount != int(amount):
        raise NotMoney(text)
    return int(amount)


def _plain(digits: str, unit: str) -> str:
    """Digits with a decimal point: groups of three are thousands, a short tail after one sign is a fraction."""
    is_fraction = len(re.split(r"[.,]", digits)) == 2 and unit and not ("." in digits and _TIMES[unit] == 1_000)
    if re.fullmatch(r"\d{1,3}([.,])\d{3}(\1\d{3})*([.,]\d{1,2})?", digits) and not is_fraction:
        whole, tail = (digits[:-3], digits[-2:]) if re.search(r"[.,]\d{2}$", digits) else (digits, "0")
        return re.sub(r"[.,]", "", whole) + "." + tail
    return digits.replace(",", ".")


#: What somebody asks for.
OWED = frozenset({MoneyKind.BILL, MoneyKind.FINE})
#: What makes the bill smaller, whoever bore it.
SETTLES = frozenset({MoneyKind.PAID, MoneyKind.DEPOSIT_PAID, MoneyKind.COVERED, MoneyKind.DONATION_OUT})
#: What moves no money yet: shown, and counted for nothing.
COUNTS_FOR_NOTHING = frozenset({MoneyKind.DEPOSIT_ASKED, MoneyKind.COLLATERAL})


@dataclass(frozen=True)
class Balance:
    """The sums of a ledger in rupiah. ``left`` is what is still asked for; each pair below it has a rest of its own."""

    owed: int = 0
    settled: int = 0
    donations_in: int = 0
    donations_out: int = 0
    refundable: int = 0
    refunded: int = 0
    claimed: int = 0
    recovered: int = 0
    lost: int = 0
    #: What the family has laid out and not got back.
    from_family: int = 0
    #: Claims and things, not payments: a deposit asked for, a value held as security.
    deposit_asked: int = 0
    held: int = 0

    @property
    def left(self) -> int:
        """What is still to be settled; below nothing, more was paid than asked for."""
        return self.owed - self.settled

    @property
    def donations_left(self) -> int:
        """What is in the tin; below nothing, more was spent than came in."""
        return self.donations_in - self.donations_out

    @property
    def refund_open(self) -> int:
        """What has still to be given back; more than was agreed leaves nothing open."""
        return max(self.refundable - self.refunded, 0)

    @property
    def claim_open(self) -> int:
        """What was claimed and has not come yet."""
        return max(self.claimed - self.recovered, 0)


def balance(lines: Iterable[tuple[str, int]]) -> Balance:
    """Add up (kind, amount) lines; kinds are those of MoneyKind. A line taken back is negative.

    A deposit asked for and a thing held as security are claims, not payments: they count for nothing until paid. A
    refund does not open the bill again. Raises ValueError for a kind that nobody knows.
    """
    sums = dict.fromkeys(MoneyKind, 0)
    for kind, amount in lines:
        sums[MoneyKind(kind)] += amount
    return Balance(
        owed=sum(sums[kind] for kind in OWED),
        settled=sum(sums[kind] for kind in SETTLES),
        donations_in=sums[MoneyKind.DONATION_IN],
        donations_out=sums[MoneyKind.DONATION_OUT],
        refundable=sums[MoneyKind.REFUNDABLE],
        refunded=sums[MoneyKind.REFUNDED],
        claimed=sums[MoneyKind.CLAIMED],
        recovered=sums[MoneyKind.RECOVERED],
        lost=sums[MoneyKind.LOST],
        from_family=sums[MoneyKind.PAID] + sums[MoneyKind.DEPOSIT_PAID] - sums[MoneyKind.REFUNDED],
        deposit_asked=sums[MoneyKind.DEPOSIT_ASKED],
        held=sums[MoneyKind.COLLATERAL],
    )


def moves_the_bill(kind: str) -> int:
    """+1 where a line of this kind makes the open bill larger, -1 smaller, 0 where it leaves it alone."""
    return 1 if kind in OWED else -1 if kind in SETTLES else 0
