"""Numbers of people in free text: found in every way people write them, and nothing else (ADR 1, TRUST R35)."""

import time

import pytest

from cases.models import Event
from cases.rules import masking
from cases.rules.masking import NAMELESS, PHONE, Holder, share_out
from cases.services.masking import clean
from tests.factories import make_case

NIK = "3515014407880001"
FOUND = [
    (f"NIK {NIK}", [("nik", NIK)]),
    ("NIK: 3515 0144 0788 0001", [("nik", NIK)]),
    ("nik 351501-440788-0001", [("nik", NIK)]),
    ("3515.0144.0788.0001", [("nik", NIK)]),
    ("KTP nya 3515014407880001 ya", [("nik", NIK)]),
    ("no kk: 3515 0112 3456 0001", [("kk", "3515011234560001")]),
    ("Kartu Keluarga 3515014407880001", [("kk", NIK)]),
    ("9999999999999999", [("kk", "9999999999999999")]),
    ("٣٥١٥٠١٤٤٠٧٨٨٠٠٠١", [("nik", NIK)]),
    ("３５１５０１４４０７８８０００１", [("nik", NIK)]),
    ("nik ibu 3515014407880001, nik anak 3515014407880002", [("nik", NIK), ("nik", "3515014407880002")]),
    ("BPJS 0001234567891", [("jkn", "0001234567891")]),
    ("kartu 0001 2345 6789 1", [("jkn", "0001234567891")]),
    ("0001234567891", [("jkn", "0001234567891")]),
    ("BPJS mandiri 0001234567891", [("jkn", "0001234567891")]),
    ("KPJ 05K12345678", [("kpj", "05K12345678")]),
    ("no. KPJ: 1234 5678 901", [("kpj", "12345678901")]),
    ("0812 3456 7890", [(PHONE, "+6281234567890")]),
    ("081234567890", [(PHONE, "+6281234567890")]),
    ("0812-3456-7890", [(PHONE, "+6281234567890")]),
    ("0812.3456.7890", [(PHONE, "+6281234567890")]),
    ("081-234-567-890", [(PHONE, "+6281234567890")]),
    ("+62 812-3456-7890", [(PHONE, "+6281234567890")]),
    ("(+62) 812 3456 7890", [(PHONE, "+6281234567890")]),
    ("6281234567890", [(PHONE, "+6281234567890")]),
    ("wa.me/6281234567890", [(PHONE, "+6281234567890")]),
    ("\u202a+62\u00a0812\u20113456\u20117890\u202c", [(PHONE, "+6281234567890")]),
    ("(021) 789 0123", [(PHONE, "+62217890123")]),
    ("hp 8123456789", [(PHONE, "+628123456789")]),
    ("+60 12 345 6789", [(PHONE, "+60123456789")]),
    ("kelas 3 0812 3456 7890", [(PHONE, "+6281234567890")]),
    ("umur 45 081234567890 2x", [(PHONE, "+6281234567890")]),
    ("081234567890/081234567891", [(PHONE, "+6281234567890"), (PHONE, "+6281234567891")]),
    (f"0812 3456 7890 {NIK}", [(PHONE, "+6281234567890"), ("nik", NIK)]),
    (f"no 12 {NIK} RT 03", [("nik", NIK)]),
    ("norek BCA 1234567890", [("bank", "1234567890")]),
    ("jam 23.45 telp 0813.2222.3333", [(PHONE, "+6281322223333")]),
]
KEPT = [
    "",
    "Rp3.000.000 deposit",
    "Rp 12500000 sudah dibayar",
    "Rp. 7.369.000",
    "IDR 081234567",
    "3.500.000.000.000",
    "tagihan 24.345.000 rupiah",
    "21-11-2026 14.30",
    "08-11-2025 23.45",
    "08/11/2025 23:45",
    "2025-11-08 23:45",
    "pukul 05.00–13.00",
    "SEP 0301R0011117V000001",
    "119 dan 165 serta 1500400",
    "RT 03 RW 02 nomor 15",
    "UU 17/2023 pasal 174, 275, 438",
    "8.300 pekerja, 244 menolak",
    "3x24 jam, kelas 3, umur 56",
    "no RM 00812345",
    "Permenkes 47/2018 pasal 3 ayat 1",
    "tensi 180/110 nadi 120 saturasi 88",
]


@pytest.mark.parametrize(("text", "expected"), FOUND)
def test_a_number_of_a_person_is_found_and_masked(text, expected):
    found = masking.find(text)
    assert [(item.kind, item.value) for item in found] == expected
    masked = masking.mask(text)
    assert "*" in masked
    assert masking.find(masked) == []
    for _, value in expected:
        assert value.lstrip("+") not in masked


@pytest.mark.parametrize("text", KEPT)
def test_what_is_no_number_of_a_person_stays_as_written(text):
    assert masking.mask(text) == text


def test_the_words_around_a_number_stay():
    assert masking.mask(f"NIK {NIK} hp 0812 3456 7890 ya") == "NIK 351501******0001 hp **********7890 ya"


@pytest.mark.parametrize(
    "piece", ["0812 3456 ", "1 ", "kpj ", "12-", "+", "(0", "08", "3515 0144 0788 ", "Rp1.000.", "BPJS 1"]
)
def test_a_hundred_thousand_characters_take_no_time(piece):
    text = piece * (100_000 // len(piece))
    start = time.process_time()
    masking.find(text)
    assert time.process_time() - start < 1.5


@pytest.mark.parametrize(
    "text", ["\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"), "²³¹" * 10, "Ⅷ" * 20, "\x00" * 5, "१२३"]
)
def test_odd_characters_are_no_error(text):
    masking.mask(text)


def test_names_become_initials_in_a_title():
    text = "Pak Slamet Riyadi sesak di RSUD Cempaka. Bu guru marah, siti aminah datang"
    assert masking.without_names(text, ["Siti Aminah"]) == "Pak S.R. sesak di RSUD Cempaka. Bu guru marah, S.A. datang"


def found(*kinds):
    return [masking.Found(0, 1, kind, f"{number}") for number, kind in enumerate(kinds)]


def roles(pairs):
    return [(item.kind, holder.role) for item, holder in pairs]


def test_numbers_of_a_story_go_to_patient_and_reporter():
    holders = [Holder("reporter", False, {}), Holder("patient", False, {})]
    pairs = share_out(found("nik", PHONE, "kpj"), holders, from_story=True)
    assert roles(pairs) == [("nik", "patient"), (PHONE, "reporter"), ("kpj", "patient")]


def test_a_second_number_of_a_kind_is_said_of_nobody():
    holders = [Holder("patient", False, {})]
    assert roles(share_out(found("nik", "nik", "kk"), holders, from_story=True)) == [
        ("nik", "patient"),
        ("nik", NAMELESS),
        ("kk", "patient"),
    ]


def test_the_relawan_who_reports_does_not_get_the_phone():
    holders = [Holder("reporter", True, {})]
    assert roles(share_out(found(PHONE), holders, from_story=True)) == [(PHONE, NAMELESS)]


def test_a_number_already_known_is_not_kept_twice():
    holders = [Holder("reporter", False, {PHONE: {"0"}})]
    assert share_out(found(PHONE), holders, from_story=True) == []


def test_a_later_note_keeps_its_phone_with_another_contact(world):
    case = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan)
    text = clean(case, f"Telepon dr. Budi 0812 3456 7890, NIK pasien {NIK}", by=world.relawan)
    assert "3456" not in text and NIK not in text
    patient = case.parties.get(role="patient").person
    assert [row.value for row in patient.identifiers.all()] == [NIK]
    other = case.parties.get(role="other").person
    assert [row.value for row in other.contacts.all()] == ["+6281234567890"]
    assert clean(case, "lagi: 0812-3456-7890", by=world.relawan) == "lagi: **********7890"
    assert case.parties.count() == 2
    assert Event.objects.get(case=case, type__code="identity_kept").data == {"kinds": ["phone", "nik"]}


def test_thrown_away_leaves_only_the_mask(world):
    case = make_case(desk=world.desk, by=world.relawan)
    assert clean(case, f"NIK {NIK}", by=world.relawan, keep=False) == "NIK 351501******0001"
    assert not case.parties.get().person.identifiers.exists()


def test_a_text_without_numbers_costs_nothing(world, django_assert_num_queries):
    case = make_case(desk=world.desk, by=world.relawan)
    with django_assert_num_queries(2):  # the savepoint
        assert clean(case, "IGD minta Rp3.000.000", by=world.relawan) == "IGD minta Rp3.000.000"
