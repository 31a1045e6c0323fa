"""Moments, spans, money and phones as people read them, in Indonesian ("id") and English ("en").

Pure functions: the zone, the language and the present moment come in as values.
"""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

DEFAULT_ZONE = "Asia/Jakarta"
ZONE_LABELS = {"Asia/Jakarta": "WIB", "Asia/Pontianak": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}

_WEEKDAYS = {
    "id": ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS = {
    "id": (
        "Januari", "Februari", "Maret", "April", "Mei", "Juni",
        "Juli", "Agustus", "September", "Oktober", "November", "Desember",
    ),
    "en": (
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ),
}  # fmt: skip
#: How a weekday or month is cut: the first three letters, but for the months whose usual short form differs.
_SHORT_MONTHS = {"id": {"Agustus": "Agu"}, "en": {}}

_WORDS = {
    "id": {
        "now": "Sekarang", "today": "Hari ini", "tomorrow": "Besok", "just_now": "baru saja",
        "left": "{} lagi", "late": "Lewat {}", "ago": "{} lalu", "h": "{} j", "m": "{} m",
    },
    "en": {
        "now": "Now", "today": "Today", "tomorrow": "Tomorrow", "just_now": "just now",
        "left": "{} left", "late": "{} late", "ago": "{} ago", "h": "{} h", "m": "{} m",
    },
}  # fmt: skip
#: One and several of a unit.
_UNITS = {
    "id": {"day": ("{} hari", "{} hari"), "hour": ("{} jam", "{} jam"), "minute": ("{} menit", "{} menit")},
    "en": {"day": ("{} day", "{} days"), "hour": ("{} hour", "{} hours"), "minute": ("{} minute", "{} minutes")},
}

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def _language(language: str | None) -> str:
    return "en" if (language or "").startswith("en") else "id"


def _zone(zone: str | tzinfo | None) -> tzinfo:
    return zone if isinstance(zone, tzinfo) else ZoneInfo(zone or DEFAULT_ZONE)


def _there(value: datetime, zone: str | tzinfo | None) -> datetime:
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(_zone(zone))


def _count(unit: str, number: int, language: str) -> str:
    return _UNITS[language][unit][number != 1].format(number)


def zone_label(zone: str | tzinfo | None) -> str:
    """ "WIB", "WITA" or "WIT"; any other zone says its own name."""
    name = str(getattr(zone, "key", zone) or DEFAULT_ZONE)
    return ZONE_LABELS.get(name, name)


def weekday(
    value: date | datetime, zone: str | tzinfo | None = None, language: str = "id", *, short: bool = True
) -> str:
    """ "Sab", or the whole word: "Sabtu"."""
    there = _there(value, zone) if isinstance(value, datetime) else value
    name = _WEEKDAYS[_language(language)][there.weekday()]
    return name[:3] if short else name


def day(value: date | datetime, zone: str | tzinfo | None = None, language: str = "id") -> str:
    """ "Sab, 21 Nov 2026"; a moment is read in the zone of its place."""
    language = _language(language)
    there = _there(value, zone) if isinstance(value, datetime) else value
    month = _MONTHS[language][there.month - 1]
    return f"{weekday(there, zone, language)}, {there.day} {_SHORT_MONTHS[language].get(month, month[:3])} {there.year}"


def long_day(value: date | datetime, zone: str | tzinfo | None = None, language: str = "id") -> str:
    """ "Sabtu, 21 November 2026"."""
    language = _language(language)
    there = _there(value, zone) if isinstance(value, datetime) else value
    return (
        f"{weekday(there, zone, language, short=False)}, {there.day} {_MONTHS[language][there.month - 1]} {there.year}"
    )


def hours(value: datetime, zone: str | tzinfo | None = None, language: str = "id") -> str:
    """ "23.47", without the zone; English writes "23:47"."""
    there = _there(value, zone)
    return f"{there:%H}{':' if _language(language) == 'en' else '.'}{there:%M}"


def clock(value: datetime, zone: str | tzinfo | None = None, language: str = "id") -> str:
    """ "23.47 WIB"."""
    return f"{hours(value, zone, language)} {zone_label(zone)}"


def moment(value: datetime, zone: str | tzinfo | None = None, language: str = "id") -> str:
    """ "Sab, 21 Nov 2026 14.30 WIB"."""
    return f"{day(value, zone, language)} {clock(value, zone, language)}"


def span_words(span: timedelta, language: str = "id") -> str:
    """A length of time in its largest whole unit: "4 hari", "9 jam", "25 menit"."""
    language, span = _language(language), abs(span)
    for unit, size in (("day", _DAY), ("hour", _HOUR)):
        if span >= size:
            return _count(unit, span // size, language)
    return _count("minute", span // _MINUTE, language)


def big_words(span: timedelta, language: str = "id") -> str:
    """A span for the big countdown, two units in whole words: "1 jam 28 menit", "2 hari 21 jam"."""
    language, span = _language(language), abs(span)
    parts: tuple[tuple[str, int], ...]
    if span >= _DAY:
        parts = (("day", span // _DAY), ("hour", span % _DAY // _HOUR))
    elif span >= _HOUR:
        parts = (("hour", span // _HOUR), ("minute", span % _HOUR // _MINUTE))
    else:
        parts = (("minute", max(span // _MINUTE, 1)),)
    return " ".join(_count(unit, number, language) for unit, number in parts if number)


def is_late(due_at: datetime, now: datetime) -> bool:
    """Whether a due moment has passed by a minute or more (within the minute it is "now")."""
    return now - due_at >= _MINUTE


def _last_moment(due_at: datetime, zone: str | tzinfo | None, *, due_day: bool) -> datetime:
    """The due moment at its place; a whole day that ends at midnight still belongs to the day before it."""
    end = _there(due_at, zone)
    return end - timedelta(microseconds=1) if due_day and end.time() == time.min else end


def due_day(due_at: datetime, zone: str | tzinfo | None = None, language: str = "id") -> str:
    """The day at whose end something is due: "Min, 22 Nov 2026"."""
    return day(_last_moment(due_at, zone, due_day=True).date(), zone, language)


def due_words(
    due_at: datetime,
    now: datetime,
    zone: str | tzinfo | None = None,
    language: str = "id",
    *,
    due_day: bool = False,
    relative: bool = False,
) -> str:
    """Until when, for a pill: "1 j 28 m lagi", "Sen, 08.00", "12 hari lagi", "Lewat 2 hari", "Lewat 9 jam".

    ``due_day`` means due at the end of a day: then no hour is named ("Hari ini", "Besok", "Sel").
    ``relative`` says "2 hari lagi" where a weekday and hour would stand.
    """
    language = _language(language)
    words = _WORDS[language]
    left = due_at - now
    if is_late(due_at, now):
        return words["late"].format(span_words(left, language))
    last = _last_moment(due_at, zone, due_day=due_day)
    days = (last.date() - _there(now, zone).date()).days
    if due_day and days <= 1:
        return words["today"] if days <= 0 else words["tomorrow"]
    if not due_day and left < _DAY:
        if left < _MINUTE:
            return words["now"]
        parts = (("h", left // _HOUR), ("m", left % _HOUR // _MINUTE))
        return words["left"].format(" ".join(words[unit].format(number) for unit, number in parts if number))
    if days < 7 and not relative:
        name = weekday(last.date(), zone, language)
        return name if due_day else f"{name}, {hours(due_at, zone, language)}"
    return words["left"].format(_count("day", days, language))


def countdown(
    due_at: datetime, now: datetime, zone: str | tzinfo | None = None, language: str = "id", *, due_day: bool = False
) -> str:
    """The big words of a due moment: "1 jam 28 menit" before it, "Lewat 2 hari" after, a day's name for a whole day."""
    if is_late(due_at, now) or due_day:
        return due_words(due_at, now, zone, language, due_day=due_day, relative=True)
    return big_words(due_at - now, language)


def ago(then: datetime, now: datetime, language: str = "id") -> str:
    """How long since: "baru saja", "25 menit lalu", "4 hari lalu"."""
    words = _WORDS[_language(language)]
    return words["just_now"] if now - then < _MINUTE else words["ago"].format(span_words(now - then, language))


def number(value: int, language: str = "id") -> str:
    """ "1.250.000"; English writes "1,250,000"."""
    grouped = f"{value:,}"
    return grouped if _language(language) == "en" else grouped.replace(",", ".")


def rupiah(amount: int | Decimal, language: str = "id") -> str:
    """ "Rp1.250.000"; sen are shown only where there are any."""
    amount = Decimal(amount)
    whole = int(abs(amount))
    cents = int((abs(amount) - whole) * 100)
    text = number(whole, language)
    if cents:
        text += f"{'.' if _language(language) == 'en' else ','}{cents:02d}"
    return f"{'-' if amount < 0 else ''}Rp{text}"


def short_rupiah(amount: int | Decimal, language: str = "id") -> str:
    """Money for a tile: "Rp412 jt", "Rp1,3 M", "Rp950 rb"; English: "Rp412 m", "Rp1.3 bn", "Rp950 k"."""
    language = _language(language)
    units = {"id": ("rb", "jt", "M", "T"), "en": ("k", "m", "bn", "tn")}[language]
    size = abs(Decimal(amount))
    for power, unit in zip((12, 9, 6, 3), reversed(units), strict=True):
        scaled = size / Decimal(10) ** power
        if scaled >= 1:
            shown = scaled.quantize(Decimal("0.1") if scaled < 10 else Decimal(1), rounding=ROUND_HALF_UP).normalize()
            text = f"{shown:f}" if language == "en" else f"{shown:f}".replace(".", ",")
            return f"{'-' if Decimal(amount) < 0 else ''}Rp{text} {unit}"
    return rupiah(amount, language)


def phone(value: str) -> str:
    """A number as it is said, in groups of four: "+6281234567890" -> "0812 3456 7890"; a foreign one keeps its code."""
    digits = "".join(char for char in str(value or "") if char.isdigit() or char == "+")
    if digits.startswith("+62"):
        digits = "0" + digits[3:]
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))


def avatar(name: str) -> str:
    """Two letters that stand for a user: "Rina Wulandari" -> "RW", "Rina" -> "R"."""
    words = [word for word in (name or "").split() if word[0].isalnum()]
    return "".join(word[0].upper() for word in words[:1] + words[1:][-1:])
