"""Identity numbers and phones as Indonesians write them: normalised, checked with warnings, never blocked.

Source of the formats: RULES 6.2.
"""

import re
from dataclasses import dataclass
from datetime import date

import phonenumbers
from django.db import models
from django.utils.translation import gettext_lazy as _


class NumberKind(models.TextChoices):
    """The numbers a person is known by in offices."""

    NIK = "nik", _("NIK")
    KK = "kk", _("Family card number (KK)")
    JKN = "jkn", _("JKN card number")
    KPJ = "kpj", _("KPJ (BPJS Ketenagakerjaan)")
    BANK = "bank", _("Bank account")


#: Once the digits of every script have become ASCII, only ASCII letters and digits count.
_NOT_WORD = re.compile(r"[^0-9A-Za-z]")
#: "+" and at most 15 digits (E.164); shorter than this is a number somebody has not finished typing.
_SHORTEST_E164, _LONGEST_E164 = 9, 16


def normalise(value: str) -> str:
    """Letters and digits only, upper case: spaces, dots and dashes fall away; non-ASCII digits become ASCII."""
    plain = "".join(str(int(char)) if char.isdecimal() else char for char in (value or "").strip())
    return _NOT_WORD.sub("", plain).upper()


def warnings_for(kind: str, value: str) -> list[str]:
    """What looks wrong with a number; the number is kept all the same (RULES 6.2: warn, never block)."""
    number, found = normalise(value), []
    wanted = {NumberKind.NIK: 16, NumberKind.KK: 16, NumberKind.JKN: 13, NumberKind.KPJ: 11}.get(kind)
    if wanted and len(number) != wanted:
        found.append(
            _("Usually %(wanted)d characters, this has %(length)d.") % {"wanted": wanted, "length": len(number)}
        )
    if kind in {NumberKind.NIK, NumberKind.KK, NumberKind.JKN} and not number.isdigit():
        found.append(_("Usually digits only."))
    if kind == NumberKind.NIK and len(number) == 16 and number.isdigit() and birth_of(number) is None:
        found.append(_("The birth date inside this NIK is not a date."))
    return found


@dataclass(frozen=True)
class NikBirth:
    """Day, month and two-digit year as the NIK tells them, and the sex that the day encodes (+40 for women)."""

    day: int
    month: int
    year2: int
    female: bool


def birth_of(nik: str) -> NikBirth | None:
    """The birth part of a 16-digit NIK, or None where it cannot be a date."""
    if len(nik) != 16 or not (nik.isascii() and nik.isdigit()):
        return None
    day, month, year2 = int(nik[6:8]), int(nik[8:10]), int(nik[10:12])
    female = day > 40
    day -= 40 if female else 0
    try:
        date(2000 + year2, month, day)
    except ValueError:
        return None
    return NikBirth(day, month, year2, female)


def phone_e164(value: str) -> str:
    """A phone number in E.164, or "" where it is none. Spaces, dots, 08…, 62… and +62… are all understood."""
    try:
        number = phonenumbers.parse((value or "").strip(), "ID")
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return written if _SHORTEST_E164 <= len(written) <= _LONGEST_E164 else ""


def mask_number(value: str) -> str:
    """The number with its middle as asterisks: "317101******0011"; less of a shorter one, nothing of a short one."""
    if len(value) >= 16:  # NIK, KK: the region and the running number stay, the birth date goes
        return f"{value[:6]}{'*' * (len(value) - 10)}{value[-4:]}"
    return f"{'*' * (len(value) - 4)}{value[-4:]}" if len(value) >= 10 else "*" * len(value)
