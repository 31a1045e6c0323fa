"""Two people save the same form: what can be joined by itself, and what only a person can decide (TRUST R53)."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any


def plain(value: Any) -> str:
    """A value of a form or a row as comparable text: a row by its key, a moment to the minute, line ends alike."""
    if value is None:
        return ""
    if hasattr(value, "pk"):
        return str(value.pk)
    if isinstance(value, datetime):
        return str(int(value.timestamp()) // 60)  # forms show no seconds
    if isinstance(value, str):
        return "\n".join(value.splitlines()).strip()
    if isinstance(value, Iterable):
        return ",".join(sorted(plain(item) for item in value))
    return str(value)


def fingerprint(value: Any) -> str:
    """A short mark of a value, to carry through a form what was seen without repeating it."""
    return hashlib.sha256(plain(value).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Merge:
    """``ours`` is what to save; ``conflicts`` are the fields both sides changed to different values."""

    ours: dict[str, Any]
    conflicts: tuple[str, ...]


def merge(seen: Mapping[str, str], typed: Mapping[str, Any], current: Mapping[str, Any]) -> Merge:
    """Compare what was seen when the form was opened (fingerprints), what was typed, and what is there now.

    A field only we changed is ours; a field only they changed stays theirs; one that both changed to the same thing is
    nobody's quarrel. A field whose fingerprint is missing counts as changed on both sides: better asked than lost.
    """
    ours, conflicts = {}, []
    for field, value in typed.items():
        mine, theirs = fingerprint(value), fingerprint(current[field])
        if mine in (theirs, seen.get(field)):
            continue
        ours[field] = value
        if theirs != seen.get(field):
            conflicts.append(field)
    return Merge(ours, tuple(conflicts))


#: Longer texts are shown without marks: comparing them word by word would take too long.
MOST_WORDS = 3000
_WORDS = re.compile(r"\s+|[^\s]+")
_SENTENCES = re.compile(r".+?(?:[.!?…]+\s+|\n\s*|$)", re.DOTALL)


def marked(text: str, other: str) -> list[tuple[str, bool]]:
    """A text in pieces, each with whether the other text lacks it: what a reader has to look at."""
    mine, theirs = _WORDS.findall(text), _WORDS.findall(other)
    if len(mine) + len(theirs) > MOST_WORDS:
        return [(text, False)]
    pieces: list[tuple[str, bool]] = []
    for kind, start, end, _from, _to in SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes():
        if end > start:
            pieces.append(("".join(mine[start:end]), kind != "equal"))
    return pieces


def joined(theirs: str, mine: str) -> str:
    """Two versions of one text as one: what both say stands once, what only one says is kept, theirs before mine."""
    first, second = (_sentences(text) for text in (theirs, mine))
    parts: list[str] = []
    for kind, start, end, begin, stop in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        parts += first[start:end]
        parts += second[begin:stop] if kind != "equal" else []
    return "".join(part if part[-1:].isspace() else f"{part} " for part in parts).strip()


def _sentences(text: str) -> list[str]:
    """The sentences of a text with what stands after them; at its end a space, so that they compare alike."""
    found = [part for part in _SENTENCES.findall("\n".join(text.splitlines())) if part.strip()]
    return [part if part.endswith("\n") else f"{part.rstrip()} " for part in found]
