"""Names that are easily taken for each other: KSPN, SPN, KSPI, KSPSI, KSBSI, K-SBSI (PRACTICE S1.4)."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from members.rules.numbers import normalise

#: Abbreviations up to this many letters are compared letter by letter; longer ones, and full names, as a whole.
SHORT = 6
#: How many letters may differ once "confederation" and "federation" have fallen away.
FEW = 2
#: From which share of equal text two full names are called alike.
CLOSE = 0.86
#: How many are shown, the nearest first.
MOST = 10


@dataclass(frozen=True)
class Named:
    """An organisation as it is compared: its key and the names it is known by."""

    key: int
    name: str
    abbreviation: str = ""
    aliases: str = ""

    @property
    def short_names(self) -> list[str]:
        """Every short name: the abbreviation, and of the other names those of one word."""
        others = [each.strip() for each in self.aliases.replace(";", ",").split(",")]
        return [each for each in [self.abbreviation, *others] if each and len(normalise(each)) <= SHORT]

    @property
    def long_names(self) -> list[str]:
        others = [each.strip() for each in self.aliases.replace(";", ",").split(",")]
        return [each for each in [self.name, *others] if len(normalise(each)) > SHORT]


def alike(typed: Named, known: Iterable[Named]) -> list[int]:
    """The keys of those a reader might take ``typed`` for, the nearest first; itself is not among them."""
    found = []
    for other in known:
        if other.key == typed.key:
            continue
        distance = _distance(typed, other)
        if distance is not None:
            found.append((distance, other.name.lower(), other.key))
    return [key for *_order, key in sorted(found)[:MOST]]


def _distance(one: Named, other: Named) -> tuple[int, int, int] | None:
    distances = [each for a in one.short_names for b in other.short_names if (each := _short(a, b))]
    distances += [(0, 1, 0) for a in one.long_names for b in other.long_names if _is_close(a, b)]
    return min(distances) if distances else None


def _short(one: str, other: str) -> tuple[int, int, int] | None:
    """How far two abbreviations lie apart: without their K or F, whether both had one, and letter by letter."""
    a, b = normalise(one), normalise(other)
    core_a, core_b = _core(a), _core(b)
    if min(len(core_a), len(core_b)) < FEW:
        return (0, 0, 0) if a == b else None
    apart = _edits(core_a, core_b)
    if apart > FEW or apart >= min(len(core_a), len(core_b)):
        return None
    return apart, a[0] != b[0], _edits(a, b)


def _core(letters: str) -> str:
    """Without the K of a confederation or the F of a federation; "buruh" and "pekerja" are taken for each other."""
    core = letters[1:] if len(letters) > FEW and letters[0] in "KF" else letters
    return core.replace("B", "P")


def _is_close(one: str, other: str) -> bool:
    a, b = " ".join(one.lower().split()), " ".join(other.lower().split())
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    return matcher.real_quick_ratio() >= CLOSE and matcher.quick_ratio() >= CLOSE and matcher.ratio() >= CLOSE


def _edits(one: str, other: str) -> int:
    """Letters to add, drop or change to come from one to the other."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]
