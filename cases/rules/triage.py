"""What a story tells by its words: its title, a guess at the problem and the urgency, and the first thing to do.

A guess is shown as a question ("Perhaps: …"), never used silently.
"""

import re
from collections.abc import Iterable, Mapping

from cases.rules.codes import Urgency
from cases.rules.masking import without_names

TITLE_LENGTH, STEP_LENGTH = 140, 160

_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+(?=[A-Z\"“(])|\n+")
#: WhatsApp writes these before a pasted message: "[21/11/26 23.41] Budi: " or "21/11/26, 23.41 - Budi: ".
_PASTED_HEAD = re.compile(
    r"^\s*\[?\d{1,2}/\d{1,2}/\d{2,4},? \d{1,2}[.:]\d{2}(?:[.:]\d{2})?\]?\s*(?:[-–]\s*)?[^:\n]{1,60}:\s*", re.MULTILINE
)
_GREETING = re.compile(
    r"^(?:ass?ala?mu'?alaiku?m[^.,!\n]*|selamat (?:pagi|siang|sore|malam)|malam|pagi|siang|sore|"
    r"permisi|mohon (?:izin|ijin|bantuan)|halo|hallo|hai|tolong)"
    r"(?:\s+(?:pak|bapak|bu|ibu|bang|kang|mas|mbak|kak|min|semua|rekan|rekan2|kawan|ya))*"
    r"[\s,.!]+(?=\S)",
    re.IGNORECASE,
)

#: Words of danger to life, and of haste, in the stories that relawan paste.
_DANGER = re.compile(
    r"\b(kritis|sekarat|tidak sadar|tak sadar|ga sadar|gak sadar|pingsan|kejang|sesak|henti napas|pendarahan|perdarahan|"
    r"stroke|serangan jantung|icu|nicu|picu|koma|gawat|darurat|biru|mau melahirkan|ketuban)\b",
    re.IGNORECASE,
)
_HASTE = re.compile(
    r"\b(igd|ugd|sekarang|malam ini|hari ini|besok|segera|cuci darah|transfusi|kemo|operasi|ditahan|jenazah|"
    r"melahirkan|demam tinggi)\b",
    re.IGNORECASE,
)


def cut(text: str, length: int) -> str:
    """A text no longer than this, ended at a word with an ellipsis."""
    text = " ".join(text.split())
    if len(text) <= length:
        return text
    return text[: length - 1].rsplit(" ", 1)[0].rstrip(" ,;:–-") + "…"


def first_sentence(story: str) -> str:
    """What happened, without the head of a pasted message and without the greeting."""
    text = _PASTED_HEAD.sub("", story).strip()
    for _ in range(3):
        text = _GREETING.sub("", text)
    sentence = next((part.strip() for part in _SENTENCE_END.split(text) if part.strip()), "")
    return sentence[:1].upper() + sentence[1:]


def title(story: str, *, problem: str = "", names: Iterable[str] = ()) -> str:
    """One line for lists: the problem where one was chosen, else the first sentence with names as initials."""
    return cut(problem or without_names(first_sentence(story), names), TITLE_LENGTH).rstrip(".") or "…"


def first_step(step: str) -> str:
    """A first step of the catalogue as the title of a follow-up: its first sentence when the whole is too long."""
    if len(step) <= STEP_LENGTH:
        return step.rstrip(".")
    return cut(_SENTENCE_END.split(step)[0].rstrip("."), STEP_LENGTH)


def guess_problems(story: str, words: Mapping[int, Iterable[str]], most: int = 2) -> list[int]:
    """The keys of the problem types whose words stand in the story: longer words tell more; best first."""
    text = " ".join(re.findall(r"[a-z0-9]+", story.lower()))
    text = f" {text} "
    points = {}
    for key, phrases in words.items():
        hits = {phrase for phrase in phrases if f" {phrase.lower()} " in text}
        if hits:
            points[key] = sum(len(phrase.split()) ** 2 for phrase in hits)
    return sorted(points, key=lambda key: (-points[key], list(words).index(key)))[:most]


def guess_urgency(story: str) -> str:
    """Emergency or urgent where the words say so, "" where they say nothing."""
    if _DANGER.search(story):
        return Urgency.EMERGENCY
    return Urgency.URGENT if _HASTE.search(story) else ""
