"""Words as they are searched (cases.rules.spelling)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules.spelling import fold, key, names_of, nearness, typed, ways, words_of


@pytest.mark.parametrize(
    "spelling", ["Muhammad", "Mohamad", "Muh.", "Moh.", "Mochammad", "Muhamad", "Mohammed", "Mhd", "MUCHAMAD"]
)
def test_one_name_however_it_is_spelled(spelling):
    assert key(fold(spelling)) == "muhammad"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Joesoef", "Jusup"), ("Rahmawaty", "Rahmawati"), ("Achmad", "Ahmad"), ("Zaenal", "Zainal"),
        ("Syarifuddin", "Saripudin"), ("Fatimah", "Patima"), ("Soekarno", "Sukarno"), ("Djoko", "Joko"),
        ("Tjahjo", "Cahjo"), ("Iqbal", "Ikbal"), ("Dewie", "Dewi"), ("Noor", "Nur"),
    ],
)  # fmt: skip
def test_spellings_that_sound_alike(one, other):
    assert key(fold(one)) == key(fold(other))


def test_other_names_stay_others():
    assert len({key(name) for name in ("siti", "sri", "budi", "dewi", "agus", "ahmad", "muhammad", "rahmat")}) == 8


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Qur'an Jum’at", "quran jumat"), ("RSUD/IGD: Rp1.500.000!", "rsud igd rp1 500 000"), ("Café", "cafe"),
        ("anak-anak", "anak anak"), ("s_ti", "sti"), ("%", ""), ("😀", ""), ("\x00", ""), ("  ", ""),
    ],
)  # fmt: skip
def test_fold(text, folded):
    assert fold(text) == folded


def test_a_single_m_is_muhammad_in_a_name_alone():
    assert "muhammad" in names_of(["M. Rizki"]).split()
    assert ways("m") == ["m"]


def test_initials_are_one_word():
    assert typed("S.R.", 6) == typed("s.r", 6) == ["inisialsr"]
    assert "inisialsr" in names_of([""], "S.R.").split()
    assert typed("R.S. Cempaka", 6) == ["inisialrs", "cempaka"]


def test_the_nearest_name_wins():
    words = ["rahmawty"]
    assert nearness(words, names_of(["Siti Rahmawati"])) > nearness(words, names_of(["Rahmat"])) == 0
    assert nearness(["rahmawati"], "rahmawati") == 1
    assert nearness(["rahmawati", "zulkarnaen"], "rahmawati") == 0


@given(st.text(max_size=80))
def test_a_folded_text_holds_words_alone(text):
    """Nothing that an index would read as a sign of its language is left of what somebody typed."""
    for word in typed(text, 6):
        assert word
        assert all(way.isalnum() and way == way.lower() for way in ways(word)), word
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet="abcdefhijkmnostuvyz", min_size=1, max_size=12))
def test_a_key_is_its_own_key_or_nearer(word):
    assert key(word) == key(word.upper().lower())
    assert word in names_of([word]).split()


def test_long_texts_are_cut():
    assert len(words_of([" ".join(f"kata{at}" for at in range(20_000))])) == 60_000
