"""What stands in the cells of a union's list: every way of writing it, and why it is refused."""

from datetime import date, datetime

import pytest

from members.rules.importing import (
    PROBLEMS,
    ImportKind,
    columns_of,
    find_head,
    guess,
    head_at,
    name_key,
    read_cell,
    read_row,
    safe_cell,
    same_name,
    show,
)
from members.rules.sheets import Broken

TODAY = date(2026, 11, 22)


def read(code, cell, kind=ImportKind.MEMBERS):
    column = next(column for column in columns_of(kind) if column.code == code)
    value, problems = read_cell(column, cell, today=TODAY)
    return value, [problem.code for problem in problems]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("3515 0112.0390-0001", ("3515011203900001", [])),
        ("'3515011203900001", ("3515011203900001", [])),
        ("３５１５０１１２０３９００００１", ("3515011203900001", [])),
        (3515011203900001, ("3515011203900001", [])),
        (3515011203900001.0, ("3515011203900001", [])),
        ("3515011203900001,00", ("3515011203900001", [])),
        # digits are lost: refused, never guessed
        (3515011203900000, ("", ["digits_lost"])),
        (3515011203900010, ("", ["digits_lost"])),
        (1.2e15, ("", ["digits_lost"])),
        ("1,2E+15", ("", ["digits_lost"])),
        ("3.51501E+15", ("", ["digits_lost"])),
        ("3515011203900000", ("", ["digits_lost"])),
        (35150112039000011, ("", ["digits_lost"])),
        # kept with a note (RULES 6.2)
        ("351501120390001", ("351501120390001", ["odd_number"])),
        ("3515019913900001", ("3515019913900001", ["odd_number"])),
        # nothing there
        ("-", ("", [])),
        ("belum ada", ("", [])),
        (None, ("", [])),
        # not a number at all
        ("menyusul ya", ("", ["no_number"])),
        (True, ("", ["no_number"])),
        (date(1990, 3, 12), ("", ["no_number"])),
        (1.5, ("", ["no_number"])),
        ("=A1&B1", ("", ["no_number"])),
        (Broken.FORMULA, ("", ["formula_without_value"])),
        (Broken.ERROR, ("", ["error_cell"])),
        (Broken.TOO_LONG, ("", ["too_long_cell"])),
    ],
)
def test_nik(cell, expected):
    assert read("nik", cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("0001234567890", ("0001234567890", [])),
        (1234567890123, ("1234567890123", [])),
        (1234567890, ("1234567890", ["zeros_lost"])),
    ],
)
def test_jkn(cell, expected):
    assert read("jkn", cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("0812-3456-7890", ("+6281234567890", [])),
        ("+62 812 3456 7890", ("+6281234567890", [])),
        ("'081234567890", ("+6281234567890", [])),
        (81234567890, ("+6281234567890", [])),
        (81234567890.0, ("+6281234567890", [])),
        (6281234567890, ("+6281234567890", [])),
        ("0812 3456 7890 / 0857 1111 2222", ("+6281234567890 +6285711112222", [])),
        ("081234567890, 081234567890", ("+6281234567890", [])),
        ("8,12E+10", ("", ["digits_lost"])),
        ("tanya RT", ("", ["no_phone"])),
        ("12", ("", ["no_phone"])),
        (0.5, ("", ["no_phone"])),
        ("-", ("", [])),
    ],
)
def test_phone(cell, expected):
    assert read("phone", cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (date(1990, 5, 3), ("1990-05-03", [])),
        (datetime(1990, 5, 3, 7, 30), ("1990-05-03", [])),
        ("03/05/1990", ("1990-05-03", [])),
        ("3-5-1990", ("1990-05-03", [])),
        ("3.5.1990", ("1990-05-03", [])),
        ("1990-05-03", ("1990-05-03", [])),
        ("1990-05-03 00:00:00", ("1990-05-03", [])),
        ("19900503", ("1990-05-03", [])),
        (19900503, ("1990-05-03", [])),
        ("3 Mei 1990", ("1990-05-03", [])),
        ("03-MEI-1990", ("1990-05-03", [])),
        ("17 Agustus 1945", ("1945-08-17", [])),
        ("1 Pebruari 1988", ("1988-02-01", [])),
        ("5 Nopember 1975", ("1975-11-05", [])),
        ("Sidoarjo, 3 Mei 1990", ("1990-05-03", [])),
        ("Sidoarjo, 03/05/1990", ("1990-05-03", [])),
        (32996, ("1990-05-03", ["serial_day"])),
        (32996.0, ("1990-05-03", ["serial_day"])),
        ("32996", ("1990-05-03", ["serial_day"])),
        ("3/5/90", ("1990-05-03", ["two_digit_year"])),
        ("3/5/05", ("2005-05-03", ["two_digit_year"])),
        ("29 Feb 88", ("1988-02-29", ["two_digit_year"])),
        (1990, ("1990", ["only_year"])),
        ("1990", ("1990", ["only_year"])),
        ("31/02/1990", ("", ["no_such_day"])),
        ("29/02/1990", ("", ["no_such_day"])),
        ("12/31/1990", ("", ["no_such_month"])),
        ("3 Mai 1990", ("", ["no_day"])),
        ("tidak tahu", ("", ["no_day"])),
        (12, ("", ["no_day"])),
        (True, ("", ["no_day"])),
        ("03/05/2030", ("", ["future"])),
        ("03/05/1820", ("", ["too_early"])),
    ],
)
def test_birth(cell, expected):
    assert read("born_on", cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("L", ("m", [])),
        ("Laki-laki", ("m", [])),
        ("Pria", ("m", [])),
        ("P", ("f", [])),
        ("PEREMPUAN", ("f", [])),
        ("Wanita", ("f", [])),
        ("X", ("", ["no_gender"])),
        (1, ("", ["no_gender"])),
    ],
)
def test_gender(cell, expected):
    assert read("gender", cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("  Siti\u00a0 Rahmawati\n", ("Siti Rahmawati", [])),
        ("'Siti", ("Siti", [])),
        (None, ("", ["needed"])),
        ("-", ("", ["needed"])),
        (17, ("", ["digits_in_name"])),
        ("=HYPERLINK(1)", ("", ["formula_text"])),
        ("JUMLAH 45", ("", ["total_row"])),
        ("Total", ("", ["total_row"])),
        ("Totalina Sari", ("Totalina Sari", [])),
        ("a" * 151, ("", ["too_long"])),
    ],
)
def test_name(cell, expected):
    assert read("full_name", cell) == expected


def test_every_problem_has_words_that_can_be_said():
    for code, words in PROBLEMS.items():
        assert str(words) % {"other": 7}, code


HEADERS = [
    ("Nama Lengkap", "full_name"),
    ("NAMA LENGKAP (sesuai KTP)", "full_name"),
    ("Nama Anggota", "full_name"),
    ("No. KTP", "nik"),
    ("No. KTP / NIK", "nik"),
    ("N.I.K.", "nik"),
    ("N A M A", "full_name"),
    ("NIK Karyawan", None),  # a number of the employer's
    ("Nama Ibu Kandung", None),
    ("No. HP/WA", "phone"),
    ("Nomor WhatsApp Aktif", "phone"),
    ("HP Ahli Waris", None),
    ("Tempat, Tgl. Lahir", "born_on"),
    ("TTL", "born_on"),
    ("Tanggal Lahir (dd/mm/yyyy)", "born_on"),
    ("L/P", "gender"),
    ("Jenis Kelamin *", "gender"),
    ("BPJS TK", "kpj"),
    ("BPJS Kesehatan", "jkn"),
    ("Kab./Kota", "region"),
    ("PUK", "unit"),
    ("No. KTA", "member_number"),
    ("Agama", None),
]


@pytest.mark.parametrize(("header", "code"), HEADERS)
def test_headings_are_guessed(header, code):
    assert guess(ImportKind.MEMBERS, [header]) == ({code: 0} if code else {})


def test_a_column_is_taken_once_and_the_surest_heading_wins():
    assert guess(ImportKind.MEMBERS, ["Nama Peserta", "Nama", "HP", "No HP"]) == {"full_name": 1, "phone": 2}


class TestHead:
    def test_titles_stand_above_it(self):
        rows = [(1, ["DATA ANGGOTA PUK"]), (2, ["Tahun 2026"]), (4, ["No", "Nama", "NIK"]), (5, [1, "Budi", "35"])]
        head = find_head(ImportKind.MEMBERS, rows)
        assert (head.row, head.headers) == (4, ["No", "Nama", "NIK"])

    def test_merged_cells_over_two_rows(self):
        rows = [
            (1, ["No", "Nama", "Identitas", None, "Kontak"]),
            (2, [None, None, "NIK", "KK", "HP"]),
            (3, [1, "Budi", "35", "36", "08"]),
        ]
        head = find_head(ImportKind.MEMBERS, rows)
        assert head.row == 2
        assert guess(ImportKind.MEMBERS, head.headers) == {"full_name": 1, "nik": 2, "kk": 3, "phone": 4}

    def test_somebody_names_the_row(self):
        rows = [(1, ["Nama", "NIK"]), (2, ["Nama", "HP"]), (3, ["Budi", "08"])]
        assert head_at(rows, 2, ImportKind.MEMBERS).headers == ["Nama", "HP"]
        assert head_at(rows, 9, ImportKind.MEMBERS).headers == []


def test_the_nik_is_held_against_birth_and_gender():
    mapping = {"full_name": 0, "nik": 1, "born_on": 2, "gender": 3}
    _values, problems = read_row(
        ImportKind.MEMBERS, mapping, ["Siti", "3515015203900001", "13/03/1990", "L"], today=TODAY
    )
    assert [(problem.code, problem.hard) for problem in problems] == [
        ("nik_not_birth", False),
        ("nik_not_gender", False),
    ]
    values, problems = read_row(
        ImportKind.MEMBERS, mapping, ["Siti", "3515015203900001", "12/03/1990", "P"], today=TODAY
    )
    assert problems == []
    assert values == {"full_name": "Siti", "nik": "3515015203900001", "born_on": "1990-03-12", "gender": "f"}


def test_an_office_does_not_end_before_it_begins():
    mapping = {"full_name": 0, "title": 1, "from_on": 2, "until_on": 3}
    cells = ["Budi", "Ketua", "01/01/2026", "01/01/2023"]
    assert [p.code for p in read_row(ImportKind.OFFICERS, mapping, cells, today=TODAY)[1]] == ["ends_before"]
    assert read_row(ImportKind.OFFICERS, mapping, ["Budi", "Ketua", "01/01/2026", "31/12/2030"], today=TODAY)[1] == []


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Siti Rahmawati", "SITI RAHMAWATI", True),
        ("Siti Rahmawati", "Siti Rachmawati", True),
        ("Moh. Budi S.", "Muhammad Budi Santoso", True),
        ("H. Agus Salim, S.H.", "Agus Salim", True),
        ("Siti", "Budi", False),
        ("Siti Aminah", "Siti Rahmawati", False),
        ("", "Siti", True),
    ],
)
def test_same_name(one, other, same):
    assert same_name(one, other) is same is same_name(other, one)


def test_name_key_has_no_titles():
    assert name_key("Hj. Siti Nur'aini, S.E.") == "siti nuraini s e"


@pytest.mark.parametrize(
    ("text", "out"),
    [
        ("=1+1", "'=1+1"),
        ("+62812", "'+62812"),
        ("-3", "'-3"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("3515011203900001", "'3515011203900001"),
        ("0812", "'0812"),
        ("12", "12"),
        ("0", "0"),
        ("Siti", "Siti"),
        ("", ""),
    ],
)
def test_nothing_goes_out_that_a_spreadsheet_computes_or_rounds(text, out):
    assert safe_cell(text) == out


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (3515011203900001.0, "3515011203900001"),
        (1.5, "1.5"),
        (date(1990, 5, 3), "03/05/1990"),
        (None, ""),
        (True, "TRUE"),
        (Broken.ERROR, ""),
    ],
)
def test_show(cell, text):
    assert show(cell) == text
