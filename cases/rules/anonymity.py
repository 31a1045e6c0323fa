"""Stories without identity: names, of relatives too, places of living and numbers go; what happened stays.

Known names go wherever they stand and however they are written, also by one of their words or by its beginning. Names
nobody told us go after the words that announce one ("suaminya Joko", "atas nama Wati"). A name that neither is known nor
announced cannot be seen by a machine: whoever hands a paper out reads it first, and the page says so.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from cases.rules import masking
from cases.rules.sharing import secret_words
from members.rules.names import initials

#: What stands where something was taken out.
GONE, PLACE_GONE = "…", "[alamat]"

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
#: Words of a name that are also words of every story; alone they point at nobody.
_COMMON = frozenset(
    _WORD.findall(
        "bapak ibu pak bu anak bayi adik kakak nyonya tuan almarhum almarhumah haji hajjah dokter suster bidan perawat "
        "rumah sakit kelas kartu surat bulan hari tahun senin selasa rabu kamis jumat sabtu minggu januari februari maret "
        "april mei juni juli agustus september oktober november desember indonesia jawa timur barat utara selatan tengah "
        "bin binti van der dan dari yang putra putri di ke da de la el al an bu pa ny tn nn sr jr st dr"
    )
)
#: A word of a name at least so long is also known by its beginning: Rahma for Rahmawati.
_SHORTEST_BEGINNING = 4

_NAME = r"[A-Z][\w'’]*[a-z][\w'’]*|[A-Z]\."
_NAMES = rf"(?:{_NAME})(?:\s+(?:{_NAME}|bin|binti)){{0,3}}"
_KIN = (
    "suami|istri|isteri|anak|putra|putri|ayah|bapak|bapa|ibu|mama|papa|kakak|adik|kakek|nenek|mbah|paman|bibi|om|tante"
    "|pakde|bude|mertua|menantu|keponakan|sepupu|cucu|saudara|saudari|tetangga|ipar|wali|ahli waris|kerabat|teman"
)
_ANNOUNCED = re.compile(
    rf"\b(?P<before>(?i:(?:{_KIN})(?:nya|ku|mu)?|bernama|nama(?:nya)?|atas\s+nama|a\.?n\.|an\.|pasien|peserta|pekerja"
    rf"|buruh|karyawan|karyawati|almarhumah?|alm\.?|almh\.?|keluarga|relawan|pendamping|pelapor|dr\.?|suster|bidan"
    rf"|perawat|petugas|pak|bu|bpk\.?|sdri?\.?|mas|mbak|mba|kang|teh|bang|kak|ny\.?|nn\.?|tn\.?|hj\.?)"
    rf"(?:\s+(?:saya|kami|dia|pasien|korban|kandung|beliau|bernama|yaitu|yakni))*"
    rf"(?:\s*[:,(]\s*|\s+))(?P<name>{_NAMES})"
)
#: Words with a capital that follow such a word and are no name.
_NO_NAME = frozenset(
    _WORD.findall(
        "bpjs jkn kis pbi ppu umum rumah klinik dinas rsud rsu igd icu nicu sudah belum tidak datang masuk harus akan dan "
        "yang di ke dari pada untuk dengan hari senin selasa rabu kamis jumat sabtu minggu januari februari maret april mei "
        "juni juli agustus september oktober november desember kelas mandiri aktif covid demam indonesia jamkesda sakit "
        "meninggal dirawat ditolak disuruh diminta kabupaten kota provinsi"
    )
)
#: "namanya diumumkan": a verb, not a name.
_PASSIVE = re.compile(r"(?:di|ter|ber)\w{3,}(?:kan|i)$")
_STREET = re.compile(
    r"\b(?:(?i:jalan|jl|jln|gang|gg|dusun|dsn|dukuh|desa|ds|kampung|kp|kelurahan|kel|kecamatan|kec|lingkungan|perumahan"
    r"|perum|komplek|kompleks|kontrakan|kos(?:an)?|blok|rusun|apartemen|nagari|banjar)\b\.?\s*)"
    r"(?:[A-Z0-9][\w'’/.-]*)(?:\s+(?:(?i:no|nomor|blok)\b\.?|[A-Z0-9][\w'’/-]*)){0,4}"
)
#: The same where nobody took the trouble of capitals.
_VILLAGE = re.compile(
    r"\b(?:desa|dusun|kelurahan|kampung|gang)\s+(?!yang|itu|ini|tidak|sudah|untuk|dan|di|ke|kami)[a-z]{3,}\b"
)
_NAMED = re.compile(
    r"\b(?P<before>(?:bernama|namanya|atas\s+nama)\s*:?\s+)(?P<name>[^\W\d_]{2,}(?:\s+[A-Z][\w'’]+){0,3})",
    re.IGNORECASE,
)
_RT = re.compile(
    r"\bRT\s*[./:]?\s*\d{1,3}(?:\s*[,/-]?\s*RW\s*[./:]?\s*\d{1,3})?|\bRW\s*[./:]?\s*\d{1,3}", re.IGNORECASE
)
_MAIL = re.compile(r"\S+@\S+\.\w+|@\w{3,}|\bhttps?://\S+|\bwa\.me/\S+", re.IGNORECASE)
_MASKED = re.compile(r"\+?\d*\*{3,}\d*")
#: Long numbers that are no money and no date: papers with a number, plates of a policy, half a NIK.
_LONG = re.compile(r"(?<![\w.,])\d[\d ]*(?:[.\-/ ]?\d){5,}(?![\w])")
_HARMLESS = re.compile(
    r"^(?:\d{1,3}(?:\.\d{3})+|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2} \d{1,2} \d{4})$"
)
_MONEY_BEFORE = re.compile(r"(?:rp|idr)[\s.:]*$", re.IGNORECASE)


@dataclass(frozen=True)
class Secrets:
    """Whom a text must not name: names of people, places where they live, and an illness."""

    names: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    diagnosis: str = ""
    _words: frozenset[str] = field(default=frozenset(), repr=False)
    #: Words of two letters, which count only where they have a capital: Ni, Li.
    _short: frozenset[str] = field(default=frozenset(), repr=False)

    @classmethod
    def of(cls, names: Iterable[str], places: Iterable[str] = (), diagnosis: str = "") -> "Secrets":
        """With the single words of the names, which point at somebody too."""
        whole = frozenset(" ".join(name.split()) for name in names if name and len(name.strip()) > 1)
        single = {word.lower() for name in whole for word in _WORD.findall(name) if len(word) > 1} - _COMMON
        return cls(
            whole,
            frozenset(place for place in places if place and len(place) > 3),
            diagnosis,
            frozenset(word for word in single if len(word) > 2),
            frozenset(word for word in single if len(word) == 2),
        )


def without_known(text: str, secrets: Secrets) -> str:
    """The text without known names and without numbers; for words that somebody wrote for this paper."""
    return _WORD.sub(lambda match: _one_word(match[0], secrets), _whole_names(_without_numbers(text), secrets))


def _whole_names(text: str, secrets: Secrets) -> str:
    for name in sorted(secrets.names, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", initials(name) or GONE, text, flags=re.IGNORECASE)
    return text


def without_identity(text: str, secrets: Secrets) -> str:
    """The text with names as initials, and numbers, addresses and the illness left out."""
    if not text:
        return ""
    text = _whole_names(_without_numbers(_MAIL.sub(GONE, text)), secrets)
    text = _NAMED.sub(_to_initials, _ANNOUNCED.sub(_to_initials, text))
    text = _WORD.sub(lambda match: _one_word(match[0], secrets), text)
    text = _VILLAGE.sub(PLACE_GONE, _STREET.sub(PLACE_GONE, _RT.sub(PLACE_GONE, text)))
    for place in sorted(secrets.places, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(place)}(?!\w)", PLACE_GONE, text, flags=re.IGNORECASE)
    for word in secret_words(names=[], diagnosis=secrets.diagnosis):
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", GONE, text, flags=re.IGNORECASE)
    text = re.sub(r"(?<=[A-Z])\.\.(?!\.)", ".", text)  # initials at the end of a sentence
    return re.sub(rf"(?:{re.escape(PLACE_GONE)}[\s,.]*)+{re.escape(PLACE_GONE)}", PLACE_GONE, text)


def _without_numbers(text: str) -> str:
    parts, at = [], 0
    for item in masking.find(text):
        parts += [text[at : item.start], GONE]
        at = item.end
    text = _MASKED.sub(GONE, "".join([*parts, text[at:]]))
    return _LONG.sub(_long_number, text)


def _long_number(match: re.Match) -> str:
    number = match[0].strip()
    if _HARMLESS.match(number) or _MONEY_BEFORE.search(match.string[max(0, match.start() - 6) : match.start()]):
        return match[0]
    return GONE


def _to_initials(match: re.Match) -> str:
    words, kept = [], match["name"].split()
    while kept and kept[0].lower().strip(".") not in _NO_NAME and not _PASSIVE.match(kept[0]):
        words.append(kept.pop(0))
    if not words:
        return match[0]
    return match["before"] + " ".join([initials(" ".join(words)) or GONE, *kept])


def _one_word(word: str, secrets: Secrets) -> str:
    low = word.lower()
    if low in secrets._words or (low in secrets._short and word[0].isupper()):
        return f"{word[0].upper()}."
    if (
        word[0].isupper()
        and len(word) >= _SHORTEST_BEGINNING
        and low not in _COMMON
        and any(name.startswith(low) for name in secrets._words)
    ):
        return f"{word[0]}."
    return word
