"""Whether two names are one person's, for hints: "Siti Rahmawati", "ibu siti rahmawaty" and "Rahmawati, Siti"."""

import re

from members.rules.names import initials

#: How many of the letter triples two names must share.
ENOUGH = 0.5


def plain(name: str) -> str:
    """Lower case, letters only, single spaces; titles stay, they weigh little."""
    return " ".join(re.findall(r"[^\W\d_]+", name.lower()))


def likeness(one: str, other: str) -> float:
    """The share of common letter triples of the words of two names, 0 to 1, whatever their order."""
    first, second = _triples(one), _triples(other)
    return len(first & second) / len(first | second) if first and second else 0.0


def alike(one: str, other: str) -> bool:
    """Whether two names, each with at least five letters, are likely the same; mere initials never are."""
    if min(len(plain(one).replace(" ", "")), len(plain(other).replace(" ", ""))) < 5:
        return False
    return likeness(one, other) >= ENOUGH


def appears_in(name: str, story: str) -> bool:
    """Whether a full name of two words or more stands in a story."""
    words = plain(name)
    return len(words) >= 7 and " " in words and len(initials(name)) > 2 and f" {words} " in f" {plain(story)} "


def _triples(name: str) -> set[str]:
    return {f"  {word} "[at : at + 3] for word in plain(name).split() for at in range(len(word) + 1)}
