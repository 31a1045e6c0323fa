"""What the columns of a union's list mean and what stands in its cells: guessed, read, and refused with the reason.

Nothing is guessed where digits or days are lost. A `Problem` that is ``hard`` keeps its row out; the others are told.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from members.rules.numbers import NumberKind, birth_of, normalise, phone_e164, warnings_for
from members.rules.sheets import Broken, Cell, Fault, Row


class ImportKind(models.TextChoices):
    """What a file lists."""

    MEMBERS = "members", gettext_lazy("Members")
    OFFICERS = "officers", gettext_lazy("Officers")
    UNITS = "units", gettext_lazy("Units")
    EMPLOYERS = "employers", gettext_lazy("Employers")
    FACILITIES = "facilities", gettext_lazy("Health facilities")


@dataclass(frozen=True)
class Problem:
    """What is wrong with a cell, or (``field`` "") with a row; ``other`` is the number of another row."""

    code: str
    hard: bool = True
    field: str = ""
    other: int = 0

    def packed(self) -> list:
        return [self.code, self.hard, self.field, self.other]


#: The words of every problem.
PROBLEMS = {
    "needed": gettext_lazy("Is empty, and has to be filled in."),
    "formula_without_value": gettext_lazy("A formula without a result. Open the file, save it, and send it again."),
    "formula_text": gettext_lazy("This is a formula, not a text."),
    "error_cell": gettext_lazy("The cell shows an error of the spreadsheet."),
    "too_long_cell": gettext_lazy("Longer than we can keep. Make it shorter."),
    "too_long": gettext_lazy("Longer than we can keep. Make it shorter."),
    "digits_lost": gettext_lazy(
        "The spreadsheet has rounded this number, digits are lost. Type it again in a column formatted as text."
    ),
    "zeros_lost": gettext_lazy("Kept as a number: zeros at the front may be missing."),
    "no_number": gettext_lazy("This is not a number."),
    "odd_number": gettext_lazy("Unusual for this kind of number. Kept as it is."),
    "nik_not_birth": gettext_lazy("The birth date inside the NIK is another one."),
    "nik_not_gender": gettext_lazy("The gender inside the NIK is another one."),
    "no_phone": gettext_lazy("This is not a phone number."),
    "no_day": gettext_lazy("This is not a date. Write it like 31/12/1990."),
    "no_such_day": gettext_lazy("This day does not exist."),
    "no_such_month": gettext_lazy("This month does not exist. Write the day first, then the month."),
    "future": gettext_lazy("This day is still to come."),
    "too_early": gettext_lazy("This year is too early."),
    "two_digit_year": gettext_lazy("The year has two digits; read as the one of the past."),
    "serial_day": gettext_lazy("A date written as a number of the spreadsheet; read as a date."),
    "only_year": gettext_lazy("Only a year: kept as text."),
    "no_gender": gettext_lazy("Write L or P."),
    "total_row": gettext_lazy("A row of totals, not a person or a place."),
    "ends_before": gettext_lazy("The end lies before the beginning."),
    "digits_in_name": gettext_lazy("A name without letters."),
    "no_region": gettext_lazy("No city or regency has this name. Kept empty."),
    "no_unit": gettext_lazy("No unit below the chosen organisation has this name."),
    "many_units": gettext_lazy("Several units have this name. Write its full name."),
    "no_kind": gettext_lazy("There is no such kind."),
    "ring": gettext_lazy("These units stand below each other in a ring."),
    "same_row": gettext_lazy("The same as row %(other)d."),
    "same_nik": gettext_lazy("Row %(other)d has the same NIK and another name. Check both cards."),
    "nik_of_other": gettext_lazy("Somebody with another name is already known by this NIK. Check the card."),
    "undo_used": gettext_lazy("Could not be undone: somebody has worked with it since."),
    "undo_changed": gettext_lazy("Could not be undone: somebody has changed it since."),
    "appeared": gettext_lazy("Meanwhile somebody with the same details was added. Import this row again."),
}

FAULTS = {
    Fault.EMPTY: gettext_lazy("This file is empty. Choose it again."),
    Fault.TOO_BIG: gettext_lazy("This file is over 20 MB. Split it into several files."),
    Fault.TOO_BIG_UNPACKED: gettext_lazy("Unpacked this file is over 100 MB. Save only the sheet with the list."),
    Fault.TOO_MANY_ROWS: gettext_lazy("This file has more than 200,000 rows. Split it into several files."),
    Fault.TOO_MANY_COLUMNS: gettext_lazy("This file has more than 100 columns. Remove those that are not needed."),
    Fault.OLD_EXCEL: gettext_lazy("An old Excel file, or one under a password. Save it as .xlsx without a password."),
    Fault.OPEN_DOCUMENT: gettext_lazy("An OpenDocument file. Save it as .xlsx or .csv."),
    Fault.NOT_A_TABLE: gettext_lazy("This is no table. Choose an .xlsx or .csv file."),
    Fault.BROKEN: gettext_lazy("This file is broken. Open it, save it as .xlsx, and send it again."),
}


def words_of(problem: Problem) -> str:
    """The problem as a sentence."""
    text = PROBLEMS.get(problem.code)
    return str(text) % {"other": problem.other} if text else problem.code


# --- Columns -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Column:
    """What a column may mean, and how unions head it; ``read`` names a reader below."""

    code: str
    label: str | Promise
    names: str
    read: str = "text"
    longest: int = 200
    needed: bool = False

    @property
    def headers(self) -> list[str]:
        return _tidied(self.names)


_REGION = Column(
    "region",
    gettext_lazy("City or regency"),
    "kabupaten kota, kab kota, kota, kabupaten, kota kabupaten, domisili, kota domisili, wilayah, daerah, region",
    longest=120,
)

_NIK = Column(
    "nik",
    gettext_lazy("NIK"),
    "nik, no ktp, nomor ktp, nik ktp, no nik, ktp, nomor induk kependudukan, no identitas",
    "nik",
    40,
)
_PHONE = Column(
    "phone",
    gettext_lazy("Phone"),
    "hp, no hp, nomor hp, telepon, telp, no telp, no telepon, nomor telepon, wa, no wa, nomor wa, whatsapp,"
    " no whatsapp, hp wa, no hp wa, handphone, no handphone, nomor handphone, ponsel, no ponsel, kontak, phone, hape, no hape, tlp, no tlp",
    "phone",
    100,
)
_GENDER = Column(
    "gender",
    gettext_lazy("Gender"),
    "jenis kelamin, jk, l p, lp, kelamin, gender, sex, jns kelamin, p l, laki laki perempuan",
    "gender",
)
_BORN = Column(
    "born_on",
    gettext_lazy("born on"),
    "tanggal lahir, tgl lahir, tgl lhr, ttl, tempat tanggal lahir, tempat tgl lahir, tmp tgl lahir, lahir,"
    " tempat dan tanggal lahir, birth date, date of birth, dob, tanggal kelahiran",
    "birth",
)
_UNIT = Column(
    "unit",
    gettext_lazy("Unit"),
    "unit, unit kerja, puk, nama puk, psp, pk, pps, plk, basis, pengurus unit kerja, ranting, cabang, pokja, serikat, organisasi, unit serikat",
)

COLUMNS: dict[str, tuple[Column, ...]] = {
    ImportKind.MEMBERS: (
        Column(
            "full_name",
            gettext_lazy("Name"),
            "nama, nama lengkap, nama anggota, nama pekerja, nama karyawan, nama peserta, nama buruh, name, full name,"
            " nama pengurus",
            "name",
            150,
            needed=True,
        ),
        _NIK,
        Column(
            "kk",
            gettext_lazy("Family card number (KK)"),
            "kk, no kk, nomor kk, kartu keluarga, no kartu keluarga, nomor kartu keluarga",
            "kk",
            40,
        ),
        Column(
            "jkn",
            gettext_lazy("JKN card number"),
            "bpjs kesehatan, no bpjs kesehatan, nomor bpjs kesehatan, jkn, no jkn, nomor jkn, kis, no kis, bpjs kes,"
            " no bpjs kes, bpjskes, no kartu bpjs kesehatan, noka, no kartu jkn, nomor kartu jkn",
            "jkn",
            40,
        ),
        Column(
            "kpj",
            gettext_lazy("KPJ (BPJS Ketenagakerjaan)"),
            "kpj, no kpj, nomor kpj, bpjs ketenagakerjaan, no bpjs ketenagakerjaan, nomor bpjs ketenagakerjaan, bpjs tk,"
            " no bpjs tk, bpjstk, jamsostek, no jamsostek, bpjs naker",
            "kpj",
            40,
        ),
        _PHONE,
        _GENDER,
        _BORN,
        _REGION,
        _UNIT,
        Column(
            "member_number",
            gettext_lazy("Membership number"),
            "kta, no kta, nomor kta, no anggota, nomor anggota, nomor induk anggota, nia, id anggota, no induk anggota, member number",
            "code",
            60,
        ),
        Column(
            "from_on",
            gettext_lazy("Member since"),
            "anggota sejak, tanggal masuk, tgl masuk, tanggal bergabung, tgl bergabung, masuk anggota, tanggal daftar,"
            " tgl daftar, sejak, member since, tmt",
            "day",
        ),
    ),
    ImportKind.OFFICERS: (
        Column(
            "full_name",
            gettext_lazy("Name"),
            "nama, nama lengkap, nama pengurus, nama anggota, name, full name",
            "name",
            150,
            needed=True,
        ),
        Column(
            "title",
            gettext_lazy("office"),
            "jabatan, posisi, title, office, jabatan pengurus, kedudukan",
            "text",
            120,
            needed=True,
        ),
        Column("field", gettext_lazy("field (bidang)"), "bidang, divisi, departemen, seksi, field", "text", 120),
        _NIK,
        _PHONE,
        _GENDER,
        _BORN,
        _UNIT,
        Column(
            "from_on",
            gettext_lazy("from"),
            "mulai, sejak, mulai menjabat, tanggal mulai, tgl mulai, awal, awal jabatan, dari, from, tmt",
            "day",
        ),
        Column(
            "until_on",
            gettext_lazy("until (last day)"),
            "sampai, selesai, akhir, akhir jabatan, berakhir, tanggal selesai, tgl selesai, until, s d",
            "later",
        ),
    ),
    ImportKind.UNITS: (
        Column(
            "name",
            gettext_lazy("Name"),
            "nama, nama unit, nama puk, nama organisasi, nama serikat, unit, puk, organisasi, serikat, name, nama basis, nama pokja",
            "title",
            needed=True,
        ),
        Column(
            "abbreviation",
            gettext_lazy("abbreviation"),
            "singkatan, akronim, kode, abbreviation, nama pendek",
            "text",
            60,
        ),
        Column(
            "kind", gettext_lazy("kind"), "jenis, tingkat, jenjang, level, kind, bentuk, jenis organisasi, tingkatan"
        ),
        Column(
            "parent",
            gettext_lazy("parent"),
            "induk, di bawah, atasan, pc, dpc, cabang, induk organisasi, parent, organisasi induk, perangkat di atas",
        ),
        _REGION,
        Column(
            "sector", gettext_lazy("sector"), "sektor, bidang usaha, sector, jenis usaha, industri, bidang", "text", 80
        ),
        Column(
            "employer",
            gettext_lazy("Employer"),
            "perusahaan, nama perusahaan, pt, tempat kerja, pemberi kerja, pabrik, employer",
        ),
    ),
    ImportKind.EMPLOYERS: (
        Column(
            "name",
            gettext_lazy("Name"),
            "nama, nama perusahaan, perusahaan, pt, nama pt, pemberi kerja, nama pemberi kerja, employer, company, pabrik, name",
            "title",
            needed=True,
        ),
        Column("aliases", gettext_lazy("other names"), "nama lain, alias, singkatan, dikenal sebagai", "text", 300),
        _REGION,
        Column(
            "address",
            gettext_lazy("address"),
            "alamat, alamat perusahaan, lokasi, alamat lengkap, address",
            "text",
            300,
        ),
        Column(
            "phone",
            gettext_lazy("public phone"),
            "telepon, telp, no telp, no telepon, nomor telepon, phone, kontak, tlp",
            "line",
            40,
        ),
        Column("source", gettext_lazy("source"), "sumber, source, asal data", "text", 300),
    ),
    ImportKind.FACILITIES: (
        Column(
            "name",
            gettext_lazy("Name"),
            "nama, nama faskes, faskes, nama rs, rumah sakit, nama rumah sakit, nama fasilitas kesehatan, fasilitas kesehatan, rs, klinik, puskesmas, name, nama fasilitas",
            "title",
            needed=True,
        ),
        Column("kind", gettext_lazy("kind"), "jenis, jenis faskes, tipe, tipe faskes, kind, jenis fasilitas"),
        Column("aliases", gettext_lazy("other names"), "nama lain, alias, singkatan", "text", 300),
        _REGION,
        Column(
            "address", gettext_lazy("address"), "alamat, alamat faskes, lokasi, alamat lengkap, address", "text", 300
        ),
        Column(
            "phone",
            gettext_lazy("public phone"),
            "telepon, telp, no telp, no telepon, nomor telepon, phone, kontak, tlp, igd",
            "line",
            40,
        ),
        Column("hours", gettext_lazy("opening hours"), "jam buka, jam layanan, jam pelayanan, jam, hours", "text", 120),
        Column("source", gettext_lazy("source"), "sumber, source, asal data", "text", 300),
    ),
}

#: Words that say nothing more about a column whose other words are known.
_NOISE = frozenset(
    [
        "no",
        "nomor",
        "sesuai",
        "ktp",
        "lengkap",
        "dan",
        "atau",
        "wajib",
        "diisi",
        "jika",
        "ada",
        "aktif",
        "dd",
        "mm",
        "yyyy",
        "yy",
        "tahun",
        "bulan",
        "hari",
        "e",
        "yang",
        "di",
        "digit",
        "16",
        "angka",
        "peserta",
        "anggota",
        "pekerja",
        "pribadi",
    ]
)
#: A column about somebody else.
_OTHERS = frozenset(
    [
        "ibu",
        "ayah",
        "bapak",
        "istri",
        "suami",
        "pasangan",
        "anak",
        "kandung",
        "darurat",
        "ahli",
        "waris",
        "orang",
        "tua",
        "wali",
        "atasan",
        "kerabat",
        "saudara",
        "hrd",
        "pic",
    ]
)


def tidy_header(text: Cell) -> str:
    """ "No. HP/WA *" is "no hp wa", "N.I.K" is "nik"."""
    words = re.sub(r"[^a-z0-9]+", " ", str(text if text is not None else "").lower()).strip()
    return re.sub(r"\b[a-z](?: [a-z])+\b", lambda letters: letters[0].replace(" ", ""), words)


@lru_cache
def _tidied(names: str) -> list[str]:
    return [tidy_header(name) for name in names.split(",")]


def columns_of(kind: str) -> tuple[Column, ...]:
    """The columns a list of this kind may have."""
    return COLUMNS[kind]


def guess(kind: str, headers: Sequence[str]) -> dict[str, int]:
    """Which column of the file is which of ours: the surest header wins, and no column is taken twice."""
    found: list[tuple[int, int, str]] = []
    for at, header in enumerate(headers):
        words = tidy_header(header)
        for column in columns_of(kind):
            score = _likeness(words, column)
            if score:
                found.append((-score, at, column.code))
    taken: dict[str, int] = {}
    for _score, at, code in sorted(found):
        if code not in taken and at not in taken.values():
            taken[code] = at
    return taken


def _likeness(words: str, column: Column) -> int:
    if not words:
        return 0
    best = 0
    for at, name in enumerate(column.headers):
        if words == name:
            return 1000 - at
        spare = set(words.split()) - set(name.split())
        if set(name.split()) <= set(words.split()) and spare <= _NOISE and not spare & _OTHERS:
            best = max(best, 100 + 10 * len(name.split()))
    return best


@dataclass(frozen=True)
class Head:
    """Where the headings stand: the row (or the second of two) with them, and their words."""

    row: int
    headers: list[str]


def find_head(kind: str, rows: Sequence[Row]) -> Head:
    """The heading among the first rows: titles stand above it, and a merged cell may stand over two columns."""
    best, best_score = None, -1
    for at, (number, cells) in enumerate(rows):
        own = [_header(cell) for cell in cells]
        choices = [Head(number, own)]
        if guess(kind, own) and at + 1 < len(rows) and _is_second_head(rows[at + 1][1]):
            choices.append(Head(rows[at + 1][0], _joined(own, [_header(cell) for cell in rows[at + 1][1]])))
        for head in choices:
            known = guess(kind, head.headers)
            score = 10 * len(known) + (5 if columns_of(kind)[0].code in known else 0)
            if score > best_score and (known or best is None):
                best, best_score = head, score
    return best or Head(0, [])


def head_at(rows: Sequence[Row], number: int, kind: str) -> Head:
    """The heading in a row that somebody named; with the row above it where that says more."""
    before: list[str] = []
    for found, cells in rows:
        if found == number:
            own = [_header(cell) for cell in cells]
            joined = _joined(before, own) if before else own
            return Head(number, joined if len(guess(kind, joined)) > len(guess(kind, own)) else own)
        before = [_header(cell) for cell in cells]
    return Head(number, [])


def _header(cell: Cell) -> str:
    return " ".join(show(cell).split())[:80]


def _is_second_head(cells: list[Cell]) -> bool:
    filled = [cell for cell in cells if cell not in (None, "")]
    return bool(filled) and all(isinstance(cell, str) and not any(map(str.isdigit, cell)) for cell in filled)


def _joined(upper: list[str], lower: list[str]) -> list[str]:
    """Two rows of headings as one: a merged cell above belongs to the empty columns right of it."""
    width, joined, last = max(len(upper), len(lower)), [], ""
    for at in range(width):
        top = upper[at] if at < len(upper) else ""
        below = lower[at] if at < len(lower) else ""
        last = top or (last if below else "")
        whole = " ".join(filter(None, [last, below]))
        joined.append(
            below
            if below and any(_likeness(tidy_header(below), c) >= 900 for k in COLUMNS.values() for c in k)
            else whole
        )
    return joined


# --- Cells ---------------------------------------------------------------------------------------------------------

_BLANKS = frozenset(
    {"", "-", "--", "---", "n/a", "na", "nihil", "tidak ada", "belum ada", "tdk ada", "null", "none", "?", "."}
)
_SCIENTIFIC = re.compile(r"^\s*[\d.,]*\d\s*[eE]\s*\+?\s*\d+\s*$")
_DECIMALS = re.compile(r"^(\d+)[.,]0+$")
_ISO = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T]\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?Z?)?$")
_DAY_FIRST = re.compile(r"^(\d{1,2})\s*[-/. ]\s*(\d{1,2})\s*[-/. ]\s*(\d{2}|\d{4})$")
_WORDS = re.compile(r"^(\d{1,2})[\s\-/.]*([a-z]+)[\s\-/.,]*(\d{2}|\d{4})$")
_MONTHS = {
    name: number
    for number, names in enumerate(
        [
            "januari jan january",
            "februari feb pebruari peb february febuari",
            "maret mar march mrt",
            "april apr",
            "mei may",
            "juni jun june",
            "juli jul july",
            "agustus agu ags agt aug august agus",
            "september sep sept",
            "oktober okt oct october",
            "november nov nopember nop",
            "desember des dec december",
        ],
        1,
    )
    for name in names.split()
}
#: The first day of the spreadsheets' calendar that we read as a number, and the last: 1927 to 2064.
_SERIALS = range(10_000, 60_001)
_FIRST_YEAR = 1900

Read = tuple[str, list[Problem]]


def show(cell: Cell) -> str:
    """A cell as people saw it, for a file that goes back to them."""
    if cell is None or isinstance(cell, Broken):
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e17:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.strftime("%d/%m/%Y %H:%M")
    if isinstance(cell, date):
        return f"{cell.day:02}/{cell.month:02}/{cell.year:04}"
    return str(cell)


def read_cell(column: Column, cell: Cell, *, today: date) -> Read:
    """The value of a cell for this column, and what is wrong with it. Days come as ISO text; "" is nothing."""
    if isinstance(cell, Broken):
        problems = [Problem(cell.value)]
        return "", problems
    if _is_blank(cell):
        return "", [Problem("needed")] if column.needed else []
    value, problems = READERS[column.read](cell, today)
    if len(value) > column.longest:
        return "", [Problem("too_long")]
    if not value and column.needed and not any(problem.hard for problem in problems):
        problems = [*problems, Problem("needed")]
    return value, problems


def _is_blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and _plain(cell).lower() in _BLANKS)


def _plain(text: str) -> str:
    """One line, one space between words, without what cannot be seen and without the mark "this is text"."""
    text = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(text.split()).removeprefix("'").strip()


def _text(cell: Cell, today: date) -> Read:
    text = _plain(show(cell))
    return ("", [Problem("formula_text")]) if text.startswith("=") else (text, [])


def _line(cell: Cell, today: date) -> Read:
    """A public phone: as it is printed."""
    if _SCIENTIFIC.match(show(cell)) or (isinstance(cell, float) and not cell.is_integer()):
        return "", [Problem("digits_lost")]
    return _text(cell, today)


def _name(cell: Cell, today: date) -> Read:
    text, problems = _text(cell, today)
    if text and not any(char.isalpha() for char in text):
        return "", [Problem("digits_in_name")]
    if re.fullmatch(r"(sub ?)?(jumlah|total)\b.{0,20}", text.lower()):
        return "", [Problem("total_row")]
    return text, problems


def _number(kind: str) -> Callable[[Cell, date], Read]:
    def read(cell: Cell, today: date) -> Read:
        problems = []
        if isinstance(cell, bool | date):
            return "", [Problem("no_number")]
        if isinstance(cell, float):
            if not cell.is_integer():
                return "", [Problem("no_number")]
            cell = int(cell)
        if isinstance(cell, int):
            text = str(cell)
            # A spreadsheet keeps fifteen digits and writes zeros for the rest.
            if cell < 0 or len(text) > 16 or (len(text) == 16 and (text.endswith("0") or cell >= 2**53)):
                return "", [Problem("digits_lost")]
            if kind in (NumberKind.JKN, NumberKind.KPJ) and len(text) < {"jkn": 13, "kpj": 11}[kind]:
                problems.append(Problem("zeros_lost", hard=False))
        else:
            text = _plain(str(cell))
            if _SCIENTIFIC.match(text):
                return "", [Problem("digits_lost")]
            if whole := _DECIMALS.match(text):
                text = whole[1]
        number = normalise(text)
        if not any(char.isdigit() for char in number) or text.startswith("="):
            return "", [Problem("no_number")]
        if kind in (NumberKind.NIK, NumberKind.KK) and len(number) >= 16 and number.endswith("0000"):
            return "", [Problem("digits_lost")]
        if not problems and warnings_for(kind, number):
            problems.append(Problem("odd_number", hard=False))
        return number, problems

    return read


def _code(cell: Cell, today: date) -> Read:
    text, problems = _text(cell, today)
    if _SCIENTIFIC.match(text):
        return "", [Problem("digits_lost")]
    return text, problems


def _phone(cell: Cell, today: date) -> Read:
    """One number or several ("0812… / 0857…"), in E.164, separated by spaces."""
    if isinstance(cell, float):
        if not cell.is_integer():
            return "", [Problem("no_phone")]
        cell = int(cell)
    if isinstance(cell, bool | date):
        return "", [Problem("no_phone")]
    text = _plain(str(cell))
    if _SCIENTIFIC.match(text):
        return "", [Problem("digits_lost")]
    found = []
    for part in re.split(r"[/,;&|]|\batau\b|\bdan\b", text):
        part = _DECIMALS.sub(r"\1", part.strip())
        if not part:
            continue
        number = phone_e164(part)
        if not number:
            return "", [Problem("no_phone")]
        if number not in found:
            found.append(number)
    return " ".join(found), [] if found else [Problem("no_phone")]


def _gender(cell: Cell, today: date) -> Read:
    words = re.sub(r"[^a-z]+", "", show(cell).lower())
    if words in {"l", "lk", "lakilaki", "laki", "pria", "cowok", "m", "male"}:
        return "m", []
    if words in {"p", "pr", "perempuan", "wanita", "w", "f", "female", "cewek"}:
        return "f", []
    return "", [Problem("no_gender")]


def _birth(cell: Cell, today: date) -> Read:
    year = show(cell).strip()
    if re.fullmatch(r"(19|20)\d\d", year) and int(year) <= today.year:
        return year, [Problem("only_year", hard=False)]
    return _day_read(cell, today, from_place=True)


def _day(cell: Cell, today: date) -> Read:
    return _day_read(cell, today, from_place=False)


def _later(cell: Cell, today: date) -> Read:
    """A day that may be still to come: the end of a term."""
    return _day_read(cell, today.replace(year=today.year + 50, day=min(today.day, 28)), from_place=False)


def _day_read(cell: Cell, today: date, *, from_place: bool) -> Read:
    if isinstance(cell, bool):
        return "", [Problem("no_day")]
    problems: list[Problem] = []
    if isinstance(cell, datetime):
        day = cell.date()
    elif isinstance(cell, date):
        day = cell
    elif isinstance(cell, int | float):
        day, problems = _serial(cell)
    else:
        text = _plain(str(cell)).lower()
        if from_place and "," in text and not _WORDS.match(text):
            text = text.rpartition(",")[2].strip()  # "Sidoarjo, 3 Mei 1990"
        day, problems = _written_day(text, today)
    if day is None:
        return "", problems
    if day > today:
        return "", [Problem("future")]
    if day.year < _FIRST_YEAR:
        return "", [Problem("too_early")]
    return day.isoformat(), problems


def _serial(number: int | float) -> tuple[date | None, list[Problem]]:
    if 19_000_101 <= number <= 21_001_231 and float(number).is_integer():
        return _written_day(str(int(number)), date.max)
    if int(number) not in _SERIALS:
        return None, [Problem("no_day")]
    return date(1899, 12, 30) + timedelta(days=int(number)), [Problem("serial_day", hard=False)]


def _written_day(text: str, today: date) -> tuple[date | None, list[Problem]]:
    if text.isdigit() and len(text) == 8 and text[:2] in {"19", "20"}:
        return _made(int(text[:4]), int(text[4:6]), int(text[6:]))
    if text.isdigit() and int(text) in _SERIALS:
        return _serial(int(text))
    if found := _ISO.match(text):
        return _made(int(found[1]), int(found[2]), int(found[3]))
    if found := _DAY_FIRST.match(re.sub(r"\s+\d{1,2}[:.]\d{2}([:.]\d{2})?$", "", text)):
        day, month, year = int(found[1]), int(found[2]), found[3]
    elif (found := _WORDS.match(text)) and found[2] in _MONTHS:
        day, month, year = int(found[1]), _MONTHS[found[2]], found[3]
    else:
        return None, [Problem("no_day")]
    if len(year) == 4:
        return _made(int(year), month, day)
    made, problems = _made(2000 + int(year), month, day)
    if made is None or made > today:
        made, problems = _made(1900 + int(year), month, day)
    return made, problems or [Problem("two_digit_year", hard=False)]


def _made(year: int, month: int, day: int) -> tuple[date | None, list[Problem]]:
    if not 1 <= month <= 12:
        return None, [Problem("no_such_month")]
    try:
        return date(year, month, day), []
    except ValueError:
        return None, [Problem("no_such_day")]


READERS: dict[str, Callable[[Cell, date], Read]] = {
    "text": _text,
    "title": _name,
    "name": _name,
    "line": _line,
    "code": _code,
    "nik": _number(NumberKind.NIK),
    "kk": _number(NumberKind.KK),
    "jkn": _number(NumberKind.JKN),
    "kpj": _number(NumberKind.KPJ),
    "phone": _phone,
    "gender": _gender,
    "birth": _birth,
    "day": _day,
    "later": _later,
}


def read_row(kind: str, mapping: dict[str, int], cells: Sequence[Cell], *, today: date) -> tuple[dict, list[Problem]]:
    """What a row says in our words, and everything that is wrong with it."""
    values: dict[str, str] = {}
    problems: list[Problem] = []
    for column in columns_of(kind):
        at = mapping.get(column.code)
        if at is None:
            continue
        value, found = read_cell(column, cells[at] if at < len(cells) else None, today=today)
        problems += [Problem(each.code, each.hard, column.code) for each in found]
        if value:
            values[column.code] = value
    if kind in (ImportKind.MEMBERS, ImportKind.OFFICERS):
        problems += _against_nik(values)
    if values.get("from_on") and values.get("until_on", "9") < values["from_on"]:
        problems.append(Problem("ends_before", field="until_on"))
    return values, problems


def _against_nik(values: dict) -> list[Problem]:
    inside = birth_of(values.get("nik", ""))
    if inside is None:
        return []
    found, born, gender = [], values.get("born_on", ""), values.get("gender", "")
    if len(born) == 10:
        told = date.fromisoformat(born)
        if (told.day, told.month, told.year % 100) != (inside.day, inside.month, inside.year2):
            found.append(Problem("nik_not_birth", hard=False, field="born_on"))
    if gender and (gender == "f") != inside.female:
        found.append(Problem("nik_not_gender", hard=False, field="gender"))
    return found


# --- Matching ------------------------------------------------------------------------------------------------------

_TITLES = frozenset(
    [
        "bapak",
        "bpk",
        "ibu",
        "sdr",
        "sdri",
        "h",
        "hj",
        "haji",
        "hajah",
        "drs",
        "dr",
        "ir",
        "st",
        "se",
        "sh",
        "skm",
        "spd",
        "spdi",
        "mm",
        "msi",
        "amd",
        "skom",
    ]
)


def name_key(name: str) -> str:
    """A name as two lists would agree on it: letters only, without titles; Moh., Muh. and Mohamad are Muhammad."""
    words = [word for word in re.sub(r"[^a-z ]+", " ", name.lower().replace("'", "")).split() if word not in _TITLES]
    same = {
        "m",
        "moh",
        "muh",
        "mohd",
        "muhd",
        "mohammad",
        "muhammad",
        "muhamad",
        "mohamad",
        "mochamad",
        "mochammad",
        "mukhamad",
        "much",
        "moch",
    }
    return " ".join("muhammad" if word in same and len(words) > 1 else word for word in words)


def same_name(one: str, other: str) -> bool:
    """Whether two names may be of one person: the words of the shorter one stand in the longer one, in full or begun."""
    first, second = sorted([name_key(one).split(), name_key(other).split()], key=len)
    if not first or not second:
        return True
    left = list(second)
    for word in first:
        fit = next(
            (each for each in left if each == word or (min(len(each), len(word)) == 1 and each[0] == word[0])), None
        )
        if fit is None:
            fit = next((each for each in left if _close(each, word)), None)
        if fit is None:
            return False
        left.remove(fit)
    return True


def _close(one: str, other: str) -> bool:
    """At most one letter more, less or other, in words of five letters and more."""
    if min(len(one), len(other)) < 5 or abs(len(one) - len(other)) > 1:
        return False
    at = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one[at + 1 :] == other[at + 1 :] or one[at:] == other[at + 1 :] or one[at + 1 :] == other[at:]


# --- On the way out ------------------------------------------------------------------------------------------------


def safe_cell(text: str) -> str:
    """A text no spreadsheet computes (TRUST R26), and no number it rounds: an apostrophe says "this is text"."""
    risky = text.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "'", "|", "%"))
    rounded = text.isdigit() and (len(text) > 11 or (text.startswith("0") and len(text) > 1))
    return f"'{text}" if risky or rounded else text
