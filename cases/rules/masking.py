"""Identity numbers and phones inside free text: found, told apart by the words before them, and masked (ADR 1).

What is no number of a person stays as it was written: money, dates, hours, the numbers of a guarantee letter (SEP),
public short numbers (119, 165). When in doubt a number is taken for a person's: a mask too many can be read in the
identity fields, a mask too few cannot be taken back.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from cases.rules.codes import PartyRole
from members.rules.names import initials
from members.rules.numbers import NumberKind, birth_of, mask_number, normalise, phone_e164

PHONE = "phone"
#: The role of somebody without a name whom only a number in a text tells of.
NAMELESS = "nameless"

#: Marks that WhatsApp and word processors put around numbers, of no width.
_NO_WIDTH = "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
#: What may stand between two groups of one number; never a line break: lists of numbers stand in lines.
_GAP = rf"[ \t\u00a0\u2000-\u200a\u202f.\-\u2010-\u2015_(){_NO_WIDTH}]{{1,4}}"
_GROUPS = re.compile(rf"\+?[0-9]+(?:{_GAP}[0-9]+)*")
_GROUP = re.compile(r"[0-9]+")
_DATE = re.compile(
    r"(?<![0-9])(?:[0-3]?[0-9]([-/.])[01]?[0-9]\1(?:[12][0-9])?[0-9]{2}"
    r"|[12][0-9]{3}([-/.])[01]?[0-9]\2[0-3]?[0-9])(?![-/.]?[0-9])"
)
_HOUR = re.compile(r"(?<![0-9.])[0-2]?[0-9][.:][0-5][0-9](?![0-9]|[.:-][0-9])")
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+(?![0-9])")
_MONEY_BEFORE = re.compile(r"(?:\brp|\bidr|\brupiah)[\s.:]*$", re.IGNORECASE)
_MONEY_AFTER = re.compile(r"^[\s]*(?:,-|,00\b|jt\b|juta\b|rb\b|ribu\b|rupiah\b|milyar\b|miliar\b)", re.IGNORECASE)
_KPJ = re.compile(r"\bkpj\b[^0-9A-Za-z\n]{0,4}(?:(?:no|nomor|nya)\b[^0-9A-Za-z\n]{0,4})?", re.IGNORECASE)
_KPJ_VALUE = re.compile(rf"[0-9A-Za-z](?:[ .\-{_NO_WIDTH}]?[0-9A-Za-z]){{10}}(?![0-9A-Za-z])")

#: Words before a number that say what it is; the nearest one wins.
_LABELS = {
    NumberKind.KK: r"\bkk\b|kartu keluarga",
    NumberKind.NIK: r"\bnik\b|\bktp\b|nomor induk",
    NumberKind.KPJ: r"\bkpj\b",
    NumberKind.JKN: r"\bjkn\b|\bkis\b|\bbpjs\b|\bbpjskes\b|no\.? ?kartu|nomor kartu|\bkartu\b|\bnoka\b",
    NumberKind.BANK: r"\brek\b|\brekening\b|\bnorek\b|\bbank\b|\bbca\b|\bbni\b",
    PHONE: r"\bhp\b|\bwa\b|\bwhatsapp\b|\btel(?:p|pon|epon)?\b|\bhub\b|\bhubungi\b|\bkontak\b|\bcall\b|\bphone\b|wa\.me",
}
_LABEL = re.compile("|".join(f"(?P<{kind}>{words})" for kind, words in _LABELS.items()), re.IGNORECASE)
#: How far before a number its label may stand.
_REACH = 32
#: No number of a person is shorter, and none is written in more groups.
_FEWEST_DIGITS, _MOST_GROUPS = 8, 7
#: What is read at most; forms stop long before.
_LONGEST = 100_000


@dataclass(frozen=True)
class Found:
    """A number of a person in a text: where it stands, what it is (a NumberKind, or "phone") and its plain value."""

    start: int
    end: int
    kind: str
    value: str

    @property
    def masked(self) -> str:
        """What stands in the text afterwards: "351511******0001"."""
        return mask_number(self.value)


def find(text: str) -> list[Found]:
    """The identity numbers and phones in a text, in the order in which they stand. Never raises, linear in length."""
    plain = "".join(str(int(char)) if char.isdecimal() else char for char in (text or "")[:_LONGEST])
    found = _labelled_kpj(plain)
    taken = [(item.start, item.end) for item in found]
    for start, end in _stretches(plain):
        if not any(start < stop and begin < end for begin, stop in taken):
            found += _numbers_in(plain, start, end)
    return sorted(found, key=lambda item: item.start)


def mask(text: str, found: Iterable[Found] | None = None) -> str:
    """The text with every found number masked."""
    parts, at = [], 0
    for item in find(text) if found is None else found:
        parts += [text[at : item.start], item.masked]
        at = item.end
    return "".join([*parts, (text or "")[at:]])


def _labelled_kpj(plain: str) -> list[Found]:
    found = []
    for label in _KPJ.finditer(plain):
        value = _KPJ_VALUE.match(plain, label.end())
        if value and sum(char.isdigit() for char in value[0]) >= 8:
            found.append(Found(value.start(), value.end(), NumberKind.KPJ, normalise(value[0])))
    return found


def _stretches(plain: str):
    """Stretches of digit groups, cut where a date or an hour stands and where a letter touches the digits."""
    closed = [match.span() for pattern in (_DATE, _HOUR) for match in pattern.finditer(plain)]
    blank = list(plain)
    for start, end in closed:
        blank[start:end] = "\n" * (end - start)
    cleared = "".join(blank)
    for match in _GROUPS.finditer(cleared):
        start, end = match.span()
        if start and cleared[start - 1].isalpha():  # "0301R0011117V000001" is one thing
            first = _GROUP.search(cleared, start, end)
            start = first.end() if first else end
        if end < len(cleared) and cleared[end].isalpha():
            groups = [group.start() for group in _GROUP.finditer(cleared, start, end)]
            end = groups[-1] if groups else start
        if start < end:
            yield start, end


def _numbers_in(plain: str, start: int, end: int) -> list[Found]:
    groups = [match.span() for match in _GROUP.finditer(plain, start, end)]
    found, at = [], 0
    while at < len(groups):
        item, used = _number_at(plain, groups, at)
        if item:
            found.append(item)
        at += used
    return found


def _number_at(plain: str, groups: list[tuple[int, int]], at: int) -> tuple[Found | None, int]:
    """The number that begins with this group, and how many groups it (or what is no number) takes."""
    begin = groups[at][0]
    if sum(right - left for left, right in groups[at : at + _MOST_GROUPS]) < _FEWEST_DIGITS:
        return None, 1
    label = _label_before(plain, begin)
    if _MONEY_BEFORE.search(plain[max(0, begin - 8) : begin]):
        money = _THOUSANDS.match(plain, begin)
        return None, sum(1 for group in groups[at:] if group[0] < money.end()) if money else 1
    for count in range(min(len(groups) - at, _MOST_GROUPS), 0, -1):
        stop = groups[at + count - 1][1]
        if not _FEWEST_DIGITS <= sum(right - left for left, right in groups[at : at + count]) <= 16:
            continue
        if _MONEY_AFTER.match(plain[stop : stop + 12]) and label is None:
            continue
        pieces = [plain[left:right] for left, right in groups[at : at + count]]
        kind = _kind(pieces, label, plus=plain[begin - 1 : begin] == "+", written=plain[begin:stop])
        if kind:
            left = begin
            while kind == PHONE and left and plain[left - 1] in "+(":
                left -= 1
            return Found(left, stop, kind, _value(kind, plain[left:stop])), count
    return None, 1


def _kind(pieces: list[str], label: str | None, *, plus: bool, written: str) -> str | None:
    digits = "".join(pieces)
    length, whole = len(digits), len(pieces) == 1
    if label == PHONE and _like_phone(digits, plus=plus, labelled=True):
        return PHONE
    if length == 16 and label != PHONE and (whole or label or _in_card_groups(pieces, digits)):
        return _sixteen(digits, label)
    if length == 13 and label in {NumberKind.JKN, NumberKind.KK, NumberKind.NIK}:
        return NumberKind.JKN
    if length == 13 and digits.startswith("000") and label is None:
        return NumberKind.JKN
    is_phone = _like_phone(digits, plus=plus, labelled=False)
    if label == NumberKind.BANK and 9 <= length <= 16 and not is_phone:
        return NumberKind.BANK
    if is_phone and not _THOUSANDS.fullmatch(written):
        return PHONE
    if _like_area_code(pieces):
        return PHONE
    if length == 13 and whole:
        return NumberKind.JKN
    return None


def _sixteen(digits: str, label: str | None) -> str:
    if label in {NumberKind.NIK, NumberKind.KK, NumberKind.BANK}:
        return label
    return NumberKind.NIK if birth_of(digits) else NumberKind.KK


def _in_card_groups(pieces: list[str], digits: str) -> bool:
    return min(map(len, pieces)) >= 2 and (all(len(piece) == 4 for piece in pieces) or birth_of(digits) is not None)


def _like_phone(digits: str, *, plus: bool, labelled: bool) -> bool:
    if plus:
        return 8 <= len(digits) <= 15
    if digits.startswith("08"):
        return 9 <= len(digits) <= 13
    if digits.startswith("628"):
        return 10 <= len(digits) <= 14
    if not labelled:
        return False
    return (digits[0] in "08" or digits.startswith("62")) and 8 <= len(digits) <= 14


def _like_area_code(pieces: list[str]) -> bool:
    """A fixed line written with its area code apart: (021) 789 0123, 0341-123456."""
    return (
        len(pieces) > 1
        and re.fullmatch(r"0[2-79][0-9]{1,2}", pieces[0]) is not None
        and len(pieces[1]) >= 3
        and 9 <= len("".join(pieces)) <= 12
    )


def _label_before(plain: str, at: int) -> str | None:
    before = plain[max(0, at - _REACH) : at]
    line = re.split(r"[\n;]", before)[-1]
    line = re.split(r"[0-9]{4,}", line)[-1]  # a label belongs to the first number after it
    last = None
    for match in _LABEL.finditer(line):
        last = match.lastgroup
    return last


def _value(kind: str, written: str) -> str:
    return phone_e164(written) or normalise(written) if kind == PHONE else normalise(written)


# --- Names ------------------------------------------------------------------------------------------------------------

_TITLE_AND_NAME = re.compile(
    r"\b(?P<title>bapak|pak|bpk|ibu|bu|sdr|sdri|saudara|saudari|mas|mbak|kang|teh|bang|ny|nn|tn|dr|hj|h)\b\.?\s+"
    r"(?P<name>[A-Z][\w'’]*[a-z][\w'’]*(?:\s+[A-Z][\w'’]*[a-z][\w'’]*){0,3})",
    re.IGNORECASE,
)


def without_names(text: str, names: Iterable[str] = ()) -> str:
    """The text with the known names, and capitalised names after Pak, Bu and the like, as initials.

    For titles, which stand in lists. A name that nobody told us and that follows no title cannot be known.
    """
    for name in sorted({name.strip() for name in names if len(name.strip()) >= 3}, key=len, reverse=True):
        text = re.sub(rf"\b{re.escape(name)}\b", initials(name) or "–", text, flags=re.IGNORECASE)
    return _TITLE_AND_NAME.sub(_title_and_initials, text)


def _title_and_initials(match: re.Match) -> str:
    words = []
    for word in match["name"].split():
        if not word[0].isupper():
            break
        words.append(word)
    if not words:
        return match[0]
    rest = match["name"].split()[len(words) :]
    return " ".join([match["title"], initials(" ".join(words)), *rest])


# --- Whose number it is -----------------------------------------------------------------------------------------------


@dataclass
class Holder:
    """Somebody on the case and the numbers already known of them, by kind (a NumberKind, or "phone")."""

    role: str
    is_user: bool
    numbers: dict[str, set[str]]

    @property
    def is_us(self) -> bool:
        """A relawan who reports what others told: the numbers of the story are not theirs."""
        return self.is_user and self.role == PartyRole.REPORTER

    def has(self, kind: str) -> bool:
        return bool(self.numbers.get(kind))


#: Who is asked first for a number of a kind; a role that has one already is passed over.
_ORDER = {
    NumberKind.KPJ: (PartyRole.WORKER, PartyRole.INSURED, PartyRole.PATIENT),
    NumberKind.BANK: (PartyRole.WORKER, PartyRole.INSURED, PartyRole.PATIENT),
}
_OF_PATIENT = (PartyRole.PATIENT, PartyRole.INSURED, PartyRole.WORKER)


def share_out(found: Iterable[Found], holders: list[Holder], *, from_story: bool) -> list[tuple[Found, Holder]]:
    """Whose each number is taken to be: new (number, holder) pairs; holders that are missing are added to the list.

    A NIK, family card or JKN number is the patient's; a KPJ the worker's; a phone in the story the reporter's while no
    other is known. A second number of one kind, and a phone in a later note, goes to a nameless "other contact": we
    never say that a number is somebody's when the text does not.
    """
    pairs = []
    for item in found:
        if any(item.value in holder.numbers.get(item.kind, ()) for holder in holders):
            continue
        roles: tuple = _ORDER.get(item.kind, _OF_PATIENT)
        if item.kind == PHONE:
            roles = (PartyRole.REPORTER,) if from_story else ()
        holder = next(
            (row for role in roles for row in holders if row.role == role and not row.is_us and not row.has(item.kind)),
            None,
        ) or _stranger(item.kind, roles, holders)
        holder.numbers.setdefault(item.kind, set()).add(item.value)
        pairs.append((item, holder))
    return pairs


def _stranger(kind: str, roles: tuple, holders: list[Holder]) -> Holder:
    """A nameless one: the patient when nobody else is known, otherwise another contact."""
    if kind != PHONE and not any(row.role in roles for row in holders):
        fresh = Holder(PartyRole.PATIENT, False, {})
    else:
        known = next((row for row in holders if row.role == NAMELESS and not row.has(kind)), None)
        if known:
            return known
        fresh = Holder(NAMELESS, False, {})
    holders.append(fresh)
    return fresh
