"""Initials: how a person is written in every list."""

import re

_HONORIFIC = re.compile(
    r"^(?:bapak|pak|bpk|ibu|bu|sdr|sdri|saudara|saudari|mas|mbak|mba|kang|teh|bang|kak|adik|dik|an|h|hj|dr|ny|nn|tn|anak|bayi)(?:\.\s*|\s+)",
    re.IGNORECASE,
)

_BRACKETS = re.compile(r"[()\[\]\"“”]")


def initials(name: str) -> str:
    """Up to three initials ("Siti Rahmawati" -> "S.R."); titles fall away; "" for no name."""
    rest = _BRACKETS.sub(" ", name or "").strip()
    while (shorter := _HONORIFIC.sub("", rest)) != rest and shorter:
        rest = shorter
    firsts = (next((char for char in word if char.isalnum()), "") for word in re.split(r"[\s.]+", rest))
    letters = [first.upper() for first in firsts if first]
    return "".join(f"{letter}." for letter in letters[:3])
