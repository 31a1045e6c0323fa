"""What may be told of a group to who may not open its cases: no group under five, no number to subtract one from (ADR 17).

A count that is told is a floor: "10+" stands for ten to fourteen. Any two floors differ by a span that holds every small
number, so no difference of two figures tells the size of a group under five.
"""

from collections.abc import Sequence
from dataclasses import dataclass

#: A smaller group could point at a person (RULES 9.15).
SMALLEST = 5
#: The slowest tenth of fewer cases than this is one or two people.
SMALLEST_FOR_TENTH = 20
#: Above this part of a sum it tells of one case.
MOST_OF_A_SUM = 0.5
#: A sum is told in steps of this many rupiah, or of its second digit where it is larger.
STEP = 1_000_000


@dataclass(frozen=True)
class AtLeast:
    """A count told as a floor."""

    number: int

    def __str__(self) -> str:
        return f"{self.number}+"


class Hidden:
    """A group of fewer than five, nobody included."""

    def __str__(self) -> str:
        return "< 5"


class Withheld:
    """A number of any size that is not told, because another could be worked out of it."""

    def __str__(self) -> str:
        return "–"


HIDDEN = Hidden()
WITHHELD = Withheld()
Told = AtLeast | Hidden | Withheld


def told(count: int) -> AtLeast | Hidden:
    """A count as who may not open the cases reads it."""
    return AtLeast(count - count % SMALLEST) if count >= SMALLEST else HIDDEN


def span(value: Told) -> tuple[int, int | None]:
    """What a reader knows of a number: at least, and at most (None where there is no limit)."""
    if isinstance(value, AtLeast):
        return value.number, value.number + SMALLEST - 1
    return (0, SMALLEST - 1) if isinstance(value, Hidden) else (0, None)


def told_parts(total: int, parts: Sequence[int]) -> list[Told]:
    """The parts of a total that is told: floors, and enough withheld that the total gives no small part away.

    Of the parts that add up to the total, a small one could be forced above nothing when all others are taken at their
    most. Then the largest parts are withheld until no small part is forced; where that leaves none, all are.
    """
    found: list[Told] = [told(part) for part in parts]
    floor = span(told(total))[0]
    largest_first = sorted(range(len(parts)), key=lambda at: (-parts[at], at))
    for at in [None, *largest_first]:
        if at is not None:
            found[at] = WITHHELD
        if not _forces(floor, found):
            return found
    return [WITHHELD for _part in parts]


def _forces(floor: int, parts: Sequence[Told]) -> bool:
    """Whether a total of at least ``floor`` forces a hidden part above nothing."""
    most = [span(part)[1] for part in parts]
    if None in most:
        return False
    return any(isinstance(part, Hidden) for part in parts) and floor > sum(each or 0 for each in most) - (SMALLEST - 1)


def told_sum(amount: int, *, cases: int, largest: int) -> int | Hidden | Withheld:
    """A sum of rupiah in coarse steps; hidden for few cases, withheld where one case makes up most of it."""
    if cases < SMALLEST:
        return HIDDEN
    if largest > amount * MOST_OF_A_SUM:
        return WITHHELD
    step = max(STEP, 10 ** (len(str(amount)) - 2))
    return amount - amount % step


def told_share(part: int, whole: int) -> int | Hidden:
    """A share in steps of ten per cent; hidden where the part or the rest is small."""
    if part < SMALLEST or whole - part < SMALLEST:
        return HIDDEN
    return round(part * 10 / whole) * 10
