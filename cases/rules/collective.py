"""Collective cases: what may stand under what, and names read from a pasted list."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice

from cases.rules import masking
from members.rules.importing import show
from members.rules.numbers import NumberKind

#: More names than this are pasted in two goes.
MOST_NAMES = 500

_NUMBERING = re.compile(r"^\s*(?:[-*•·]|\d{1,4}\s*[.):-])\s*")
_LABEL = re.compile(
    r"[\s,;:|\t(/-]*(?:\b(?:no|nomor|nik|ktp|kk|jkn|kis|bpjs|kartu|kpj|hp|wa|telp|tlp|telepon|phone)\b[\s.:]*)+$",
    re.IGNORECASE,
)
_CUT = re.compile(r"[,;|\t]")


@dataclass(frozen=True)
class Named:
    """One line of a list: a name, and the numbers that stood beside it."""

    name: str
    phone: str = ""
    numbers: dict[str, str] = field(default_factory=dict)
    #: Whether the same name stands in the list before this line.
    is_again: bool = False
    #: Whether somebody of this name is on the case, or on one of its sub-cases, already.
    is_known: bool = False

    @property
    def is_doubtful(self) -> bool:
        return self.is_again or self.is_known


def key(name: str) -> str:
    """A name as it is compared: without titles' dots, capitals and double spaces."""
    return " ".join(re.sub(r"[^\w\s]+", " ", name.lower()).split())


def read_names(text: str, known: Iterable[str] = ()) -> list[Named]:
    """The names of a list, one a line; numbering goes, phones and identity numbers become those of the person.

    ``known``: names that are there already. A line without any letter is passed over.
    """
    known_keys, seen, found = {key(name) for name in known if name}, set(), []
    for line in text.splitlines():
        line = _NUMBERING.sub("", line, count=1)
        numbers = masking.find(line)
        end = min((item.start for item in numbers), default=len(line))
        before = _CUT.split(_LABEL.sub("", line[:end]), maxsplit=1)[0]
        name = " ".join(_LABEL.sub("", before).strip(" ,;:|-–\t").lstrip(".").split())[:150]
        if not any(char.isalpha() for char in name):
            continue
        here = key(name)
        found.append(
            Named(
                name=name,
                phone=next((item.value for item in numbers if item.kind == masking.PHONE), ""),
                numbers={str(item.kind): item.value for item in numbers if item.kind in NumberKind.values},
                is_again=here in seen,
                is_known=here in known_keys,
            )
        )
        seen.add(here)
    return found


_HEADED = re.compile(
    r"^\s*(?:nama(?:\s+(?:lengkap|pekerja|peserta|karyawan|anggota|buruh))?|name)\s*:?\s*$", re.IGNORECASE
)
#: Rows among which the heading of a list is looked for.
_HEAD_ROWS = 15


def lines_of_table(rows: Iterable[tuple[int, list]]) -> list[str]:
    """The rows of a sheet as lines of a list: the name first, then what stands beside it.

    The column under a heading that says name is taken; without one, the first column that holds letters.
    """
    table = [[show(cell).strip() for cell in cells] for _number, cells in islice(rows, MOST_NAMES + _HEAD_ROWS + 1)]
    head, column = next(
        (
            (at, place)
            for at, cells in enumerate(table[:_HEAD_ROWS])
            for place, cell in enumerate(cells)
            if _HEADED.match(cell)
        ),
        (-1, -1),
    )
    if column < 0:
        column = next((at for cells in table for at, cell in enumerate(cells) if any(map(str.isalpha, cell))), 0)
    lines = []
    for cells in table[head + 1 :]:
        if column < len(cells) and cells[column]:
            beside = [cell for at, cell in enumerate(cells) if at != column and cell]
            lines.append("\t".join([cells[column], *beside]))
    return lines
