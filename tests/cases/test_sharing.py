import re
from datetime import timedelta

import pytest
from django.utils import timezone, translation

from cases.models import Case, EventType, ProblemType
from cases.rules import sharing as rules
from cases.rules.codes import FollowUpKind, PartyRole
from cases.rules.sharing import Draft, Facts, compose, secret_words, without_identity
from cases.services import follow_ups, parties, sharing, timeline
from members.rules.numbers import NumberKind
from tests.factories import make_body, make_case

NIK = "3171016403920011"
SECRETS = ["Zulaikha", "Nurhidayati", "Wijayakusuma", "Gagal Ginjal", "gagal ginjal", "Hemodialisa", NIK, "81234567890",
           "0812 3456 7890", "3456 7890", "0001234567890", "12345678901", "317101"]  # fmt: skip


@pytest.fixture
def secret_case(world):
    """A case with an identity in every field that takes text."""
    case = make_case(
        desk=world.desk,
        by=world.relawan,
        assignee=world.relawan,
        patient="Zulaikha Nurhidayati",
        phone="0812 3456 7890",
        title="Zulaikha ditolak, gagal ginjal",
        story=f"Zulaikha Nurhidayati NIK {NIK} gagal ginjal, hp 0812 3456 7890",
        place=make_body("Klinik Hemodialisa Zulaikha"),
        place_note="rumah Wijayakusuma 081234567890",
        diagnosis="Gagal Ginjal",
        problem_type=ProblemType.objects.first(),
        next_actor_name="Wijayakusuma",
    )
    patient = case.parties.get()
    for kind, number in [(NumberKind.NIK, NIK), (NumberKind.JKN, "0001234567890"), (NumberKind.KPJ, "12345678901")]:
        parties.keep_number(patient.person, kind, number)
    parties.add(case=case, role=PartyRole.REPORTER, by=world.relawan, full_name="Wijayakusuma", phone="0812 3456 7890")
    follow_ups.schedule(
        case=case,
        title="Telepon Zulaikha 081234567890 soal gagal ginjal",
        due_at=timezone.now() + timedelta(hours=5),
        owner=world.relawan,
        by=world.relawan,
    )
    for code in ("refused", "note"):
        timeline.add_event(
            case=case,
            type=EventType.objects.get(code=code),
            by=world.relawan,
            text=f"dr. bilang Zulaikha ({NIK}) gagal ginjal",
            counterpart="Wijayakusuma",
        )
    return Case.objects.for_rows().get(pk=case.pk)


@pytest.mark.parametrize("kind", Draft.values)
def test_no_identity_in_any_draft(secret_case, kind):
    text = sharing.draft(secret_case, kind)
    for secret in SECRETS:
        assert secret not in text
    assert secret_case.number in text
    assert not re.search(r"\d{7,}", re.sub(r"/kasus/[0-9a-f-]{36}/", "", text)), "no long number of any kind"


def test_a_name_that_is_also_a_word_of_the_place(world):
    for name in ("Siti Rahmawati", "Budi", "Raya", "Ana Cempaka"):
        case = make_case(desk=world.desk, by=world.relawan, patient=name, diagnosis="demam berdarah", place=world.place)
        for kind in Draft.values:
            text = sharing.draft(case, kind)
            assert name not in text
            assert "demam berdarah" not in text


def test_a_place_that_repeats_a_name_is_left_out(world):
    case = make_case(desk=world.desk, by=world.relawan, patient="Bu Cempaka", place=world.place)
    assert "Cempaka" not in sharing.draft(case, Draft.PAPERS)
    case = make_case(desk=world.desk, by=world.relawan, patient="Siti", place=world.place)
    assert "RSUD Cempaka Raya" in sharing.draft(case, Draft.PAPERS)


def test_a_hospital_is_named_though_the_diagnosis_says_sick(world):
    place = make_body("Rumah Sakit Bina Kasih")
    case = make_case(desk=world.desk, by=world.relawan, place=place, diagnosis="sakit jantung")
    assert "Rumah Sakit Bina Kasih" in sharing.draft(case, Draft.DESK)


def test_the_text_is_indonesian_whatever_the_reader_speaks(case):
    with translation.override("en"):
        assert sharing.draft(case, Draft.PAPERS).startswith("Salam, kami dari DPD Karangsari, tentang kasus KWL-")


def test_the_nudge_says_what_waits_and_until_when(case, world):
    follow_ups.schedule(
        case=case,
        title="rahasia",
        kind=FollowUpKind.PAPER,
        due_at=timezone.now() + timedelta(days=1),
        owner=world.relawan,
        by=world.relawan,
    )
    text = sharing.draft(case, Draft.NUDGE)
    assert "Yang menunggu: mengambil kertas." in text
    assert "Tenggat: " in text
    assert "WIB" in text
    assert f"/kasus/{case.uuid}/" in text
    assert "rahasia" not in text


def test_the_summary_tells_days_and_kinds_only(secret_case):
    text = sharing.draft(secret_case, Draft.SUMMARY)
    assert text.startswith(f"{secret_case.number} · Mendesak")
    assert "Ditolak" in text
    assert "dr. bilang" not in text
    assert "Masuk untuk melihat" in text


def test_a_corrected_event_is_not_told(case, world):
    refused = EventType.objects.get(code="refused")
    wrong = timeline.add_event(case=case, type=refused, by=world.relawan, text="salah")
    right = EventType.objects.get(code="got_room")
    timeline.add_event(case=case, type=right, by=world.relawan, text="benar", corrects=wrong)
    text = sharing.draft(case, Draft.SUMMARY)
    assert "Ditolak" not in text
    assert "Dapat kamar" in text


class TestRules:
    def test_words_and_numbers_that_may_not_go_out(self):
        secrets = secret_words(names=["Siti Al Rahmawati", ""], diagnosis="sakit ginjal")
        assert secrets == {"siti", "rahmawati", "ginjal"}
        assert without_identity("RS Siti Khadijah", secrets) == ""
        assert without_identity("RS SITI", secrets) == ""
        assert without_identity("Klinik Ginjal", secrets) == ""
        assert without_identity("Rumah Sakit Umum", secrets) == "Rumah Sakit Umum"
        assert without_identity("Jl. Mawar 0812 3456 7890", secrets) == ""
        assert without_identity("RSUD 2", secrets) == "RSUD 2"

    @pytest.mark.parametrize("kind", Draft)
    def test_every_kind_is_written_from_the_least(self, kind):
        text = compose(kind, Facts(number="KWL-26-00001", desk="Posko", link="https://x/"))
        assert "KWL-26-00001" in text
        assert "None" not in text
        assert "%(" not in text

    def test_every_kind_of_follow_up_has_its_words(self):
        assert set(rules.STEPS) == set(FollowUpKind)

    def test_a_text_fits_a_link(self, secret_case):
        assert all(len(sharing.draft(secret_case, kind)) < 2000 for kind in Draft.values)
