"""What a gathering is, who takes what part in it, how its people divide, and whom a pasted list names."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

#: A young worker is at most so old (the congresses of the unions draw the line there).
YOUNG = 35


def born_after(day: date) -> date:
    """Whoever was born after this day is young on ``day``."""
    return day.replace(year=day.year - YOUNG - 1, day=min(day.day, 28))


#: More lines than this in one paste are a mistake.
MOST_INVITED = 500


class GatheringKind(models.TextChoices):
    """What it is called on screen."""

    TRAINING = "training", _("Training")
    MEETING = "meeting", _("Meeting of a series")
    AUDIENCE = "audience", _("Audience with an office")
    RATIN = "ratin", _("Regular meeting (ratin)")
    INFORMAL = "informal", _("Informal meeting (ngopi bareng)")
    CONGRESS = "congress", _("Congress")
    SHARING = "sharing", _("Sharing session")


class Part(models.TextChoices):
    """What somebody did there."""

    PARTICIPANT = "peserta", _("Participant")
    SPEAKER = "pembicara", _("Speaker")
    COMMITTEE = "panitia", _("Committee")


class Presence(models.TextChoices):
    """From the invitation to the door."""

    INVITED = "invited", _("Invited")
    CONFIRMED = "confirmed", _("Said yes")
    PRESENT = "present", _("Present")
    ABSENT = "absent", _("Absent")


class Stage(models.TextChoices):
    """The path of an advocate."""

    PARTICIPANT = "peserta", _("Participant")
    APPRENTICE = "magang", _("Apprentice")
    ACTIVE = "aktif", _("Active")
    PASSIVE = "pasif", _("Passive")


class VersionState(models.TextChoices):
    """How far a text of a module is."""

    DRAFT = "draft", _("Draft")
    REVIEW = "review", _("In review")
    FINAL = "final", _("Final")


#: From which state a text goes where.
NEXT_STATES: dict[str, frozenset[str]] = {
    VersionState.DRAFT: frozenset({VersionState.REVIEW}),
    VersionState.REVIEW: frozenset({VersionState.DRAFT, VersionState.FINAL}),
    VersionState.FINAL: frozenset(),
}


@dataclass(frozen=True)
class Balance:
    """How a room divides: women and men, young and older, and of how many nothing is known."""

    women: int
    men: int
    young: int
    older: int
    total: int

    @property
    def gender_unknown(self) -> int:
        return self.total - self.women - self.men

    @property
    def age_unknown(self) -> int:
        return self.total - self.young - self.older

    @property
    def women_share(self) -> int | None:
        """Women among those of whom it is known, in whole percent; None where it is known of nobody."""
        return percent(self.women, self.women + self.men)

    @property
    def young_share(self) -> int | None:
        return percent(self.young, self.young + self.older)


def percent(part: int, whole: int) -> int | None:
    """A share in whole percent, half up; None of nothing."""
    return (part * 200 + whole) // (whole * 2) if whole else None


def balance(people: Iterable[tuple[str, bool | None]]) -> Balance:
    """Counted from (gender, young) of everyone who is present."""
    rows = list(people)
    return Balance(
        women=sum(gender == "f" for gender, _young in rows),
        men=sum(gender == "m" for gender, _young in rows),
        young=sum(young is True for _gender, young in rows),
        older=sum(young is False for _gender, young in rows),
        total=len(rows),
    )


def is_young(born_from: int | None, year: int) -> bool | None:
    """Whether somebody born in the five years from ``born_from`` was a young worker in a year; None: cannot be said."""
    if born_from is None:
        return None
    youngest, oldest = year - born_from - 4, year - born_from
    if oldest <= YOUNG:
        return True
    return False if youngest > YOUNG else None


@dataclass(frozen=True)
class Invited:
    """One line of a pasted list."""

    name: str
    organisation: str = ""


_NUMBERING = re.compile(r"^\s*(?:\d{1,3}\s*[.)]|[-*•])\s*")
_BETWEEN = re.compile(r"\t|;|\||,| [-–—] ")
_PHONE = re.compile(r"\+?\d[\d\s.-]{7,}\d")


def read_invited(text: str) -> list[Invited]:
    """Names from a pasted list: one a line, "1. Siti Aminah, SPN" or from a spreadsheet; phone numbers are dropped.

    A name with the same organisation twice is one.
    """
    found: dict[tuple[str, str], Invited] = {}
    for line in text.splitlines():
        plain = _PHONE.sub(" ", _NUMBERING.sub("", line))
        parts = [" ".join(part.split()) for part in _BETWEEN.split(plain)]
        parts = [part for part in parts if any(char.isalnum() for char in part)]
        if not parts or not any(char.isalpha() for char in parts[0]):
            parts = parts[1:]
        if not parts:
            continue
        row = Invited(parts[0][:150], parts[1][:200] if len(parts) > 1 else "")
        found.setdefault((key_of(row.name), key_of(row.organisation)), row)
    return list(found.values())


def key_of(name: str) -> str:
    """A name without case, dots and double spaces, to see whether two are the same."""
    return " ".join(re.sub(r"[^\w]+", " ", name.casefold()).split())
