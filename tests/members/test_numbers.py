import pytest

from members.rules.numbers import NumberKind, birth_of, mask_number, normalise, phone_e164, warnings_for
from members.rules.words import phone

GOOD_NIK = "3171016403920011"

#: What people type into a field for a NIK, and what becomes of it: kept, and with how many warnings.
NIK = [
    (GOOD_NIK, GOOD_NIK, 0),
    ("3171 0164 0392 0011", GOOD_NIK, 0),
    ("3171.0164.0392.0011", GOOD_NIK, 0),
    ("3171-0164-0392-0011", GOOD_NIK, 0),
    ("  3171016403920011\n", GOOD_NIK, 0),
    ("3171016403920011", GOOD_NIK, 0),
    ("٣١٧١٠١٦٤٠٣٩٢٠٠١١", GOOD_NIK, 0),
    ("۳۱۷۱۰۱۶۴۰۳۹۲۰۰۱۱", GOOD_NIK, 0),
    ("३१७१०१६४०३९२००११", GOOD_NIK, 0),
    ("3171016403920011 😀", GOOD_NIK, 0),
    ("NIK: 3171016403920011", "NIK3171016403920011", 2),
    ("317101640392001", "317101640392001", 1),
    ("31710164039200112", "31710164039200112", 1),
    ("3171013213920011", "3171013213920011", 1),
    ("3171010013920011", "3171010013920011", 1),
    ("0000000000000000", "0000000000000000", 1),
    ("9999999999999999", "9999999999999999", 1),
    ("3171017202920011", "3171017202920011", 1),
    ("3171016902920011", "3171016902920011", 0),
    ("31710164O3920011", "31710164O3920011", 1),
    ("²³¹", "", 0),
    ("belum tahu", "BELUMTAHU", 2),
    ("😀😀😀", "", 0),
    ("'; drop table --", "DROPTABLE", 2),
    ("<script>", "SCRIPT", 2),
    ("\u202e11002930461017 13", "1100293046101713", 1),
    ("-", "", 0),
    ("", "", 0),
    (None, "", 0),
    ("1" * 5000, "1" * 5000, 1),
]

#: What people type into a field for a phone, and its E.164 form ("" where it is none).
PHONES = [
    ("081234567890", "+6281234567890"),
    ("0812 3456 7890", "+6281234567890"),
    ("0812-3456-7890", "+6281234567890"),
    ("0812.3456.7890", "+6281234567890"),
    ("(0812) 34567890", "+6281234567890"),
    ("6281234567890", "+6281234567890"),
    ("+6281234567890", "+6281234567890"),
    ("+62 812-3456-7890", "+6281234567890"),
    ("+62 (0)812 3456 7890", "+6281234567890"),
    ("81234567890", "+6281234567890"),
    ("٠٨١٢٣٤٥٦٧٨٩٠", "+6281234567890"),
    ("۰۸۱۲۳۴۵۶۷۸۹۰", "+6281234567890"),
    ("081234567890", "+6281234567890"),
    ("0812 3456 7890 😀", "+6281234567890"),
    ("wa 081234567890", "+6281234567890"),
    ("\u202a081234567890\u202c", "+6281234567890"),
    ("031-8912345", "+62318912345"),
    ("(0341) 551234", "+62341551234"),
    ("+65 9123 4567", "+6591234567"),
    ("3171016403920011", ""),
    ("0000000000000000", ""),
    ("0812", ""),
    ("08123", ""),
    ("081234567890123456789", ""),
    ("belum ada", ""),
    ("😀", ""),
    ("²³", ""),
    ("-", ""),
    ("", ""),
    (None, ""),
    ("0" * 5000, ""),
    ("+" * 300, ""),
    ("<script>alert(1)</script>", ""),
]


def test_the_tables_hold_sixty_values():
    assert len(NIK) + len(PHONES) >= 60


@pytest.mark.parametrize(("typed", "kept", "warned"), NIK)
def test_a_nik_is_kept_and_warned_about(typed, kept, warned):
    assert normalise(typed) == kept
    found = warnings_for(NumberKind.NIK, typed) if kept else []
    assert len(found) == warned
    assert all(str(words) for words in found)


@pytest.mark.parametrize(("typed", "number"), PHONES)
def test_a_phone_is_read_or_is_none(typed, number):
    assert phone_e164(typed) == number


@pytest.mark.parametrize("typed", [typed for typed, *_ in NIK + PHONES])
@pytest.mark.parametrize("kind", [*NumberKind.values, "unknown"])
def test_nothing_typed_ever_raises(kind, typed):
    assert isinstance(warnings_for(kind, typed), list)
    assert normalise(normalise(typed)) == normalise(typed)
    assert normalise(typed).isascii()
    assert phone_e164(phone_e164(typed)) == phone_e164(typed)
    birth_of(typed or "")
    mask_number(typed or "")
    phone(typed or "")


@pytest.mark.parametrize(
    ("kind", "number", "warned"),
    [
        (NumberKind.KK, "3171012304100002", 0),
        (NumberKind.KK, "31710123041000", 1),
        (NumberKind.JKN, "0001234567890", 0),
        (NumberKind.JKN, "0001 2345 6789 0", 0),
        (NumberKind.JKN, "000123456789", 1),
        (NumberKind.JKN, "A001234567890", 1),
        (NumberKind.KPJ, "12345678901", 0),
        (NumberKind.KPJ, "AB345678901", 0),
        (NumberKind.KPJ, "123", 1),
        (NumberKind.BANK, "1", 0),
    ],
)
def test_other_numbers(kind, number, warned):
    assert len(warnings_for(kind, number)) == warned


def test_warnings_are_said_in_words():
    assert str(warnings_for(NumberKind.NIK, "12345")[0]) == "Biasanya 16 angka, ini 5."


def test_the_birth_inside_a_nik():
    woman = birth_of(GOOD_NIK)
    assert (woman.day, woman.month, woman.year2, woman.female) == (24, 3, 92, True)
    assert birth_of("3171012402000011").female is False
    assert birth_of("3171013002000011") is None
    assert birth_of("٣١٧١٠١٦٤٠٣٩٢٠٠١١") is None, "only what was normalised is read"
    assert birth_of("²" * 16) is None


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (GOOD_NIK, "317101******0011"),
        ("0001234567890", "*********7890"),
        ("12345678901", "*******8901"),
        ("+6281234567890", "**********7890"),
        ("1234567890", "******7890"),
        ("123456789", "*********"),
        ("1", "*"),
        ("", ""),
    ],
)
def test_masks(number, shown):
    assert mask_number(number) == shown
