"""Moments, spans, money and phones in Indonesian and English; the night is the one of the design's pictures."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members.rules import words

WIB = "Asia/Jakarta"
NIGHT = datetime(2026, 11, 21, 23, 47, tzinfo=ZoneInfo(WIB))


def at(day, hour, minute=0, month=11):
    return datetime(2026, month, day, hour, minute, tzinfo=ZoneInfo(WIB))


@pytest.mark.parametrize(
    ("zone", "words_there"),
    [
        (WIB, "Sab, 21 Nov 2026 23.47 WIB"),
        ("Asia/Makassar", "Min, 22 Nov 2026 00.47 WITA"),
        ("Asia/Jayapura", "Min, 22 Nov 2026 01.47 WIT"),
        (ZoneInfo("Asia/Jayapura"), "Min, 22 Nov 2026 01.47 WIT"),
        (None, "Sab, 21 Nov 2026 23.47 WIB"),
    ],
)
def test_a_moment_is_said_in_the_zone_of_its_place(zone, words_there):
    assert words.moment(NIGHT.astimezone(UTC), zone) == words_there


def test_a_moment_in_english():
    assert words.moment(NIGHT, WIB, "en") == "Sat, 21 Nov 2026 23:47 WIB"
    assert words.moment(NIGHT, WIB, "en-gb") == "Sat, 21 Nov 2026 23:47 WIB"


def test_days():
    assert words.day(date(2026, 8, 17)) == "Sen, 17 Agu 2026"
    assert words.long_day(NIGHT, WIB) == "Sabtu, 21 November 2026"
    assert words.long_day(NIGHT, WIB, "en") == "Saturday, 21 November 2026"
    assert words.weekday(NIGHT, WIB, short=False) == "Sabtu"
    assert words.zone_label("Europe/Paris") == "Europe/Paris"


@pytest.mark.parametrize(
    ("due_at", "indonesian", "english"),
    [
        (at(22, 1, 15), "1 j 28 m lagi", "1 h 28 m left"),
        (at(22, 0, 28), "41 m lagi", "41 m left"),
        (at(22, 5, 47), "6 j lagi", "6 h left"),
        (NIGHT + timedelta(seconds=20), "Sekarang", "Now"),
        (NIGHT - timedelta(seconds=20), "Sekarang", "Now"),
        (at(23, 8), "Sen, 08.00", "Mon, 08:00"),
        (at(27, 23), "Jum, 23.00", "Fri, 23:00"),
        (at(3, 8, month=12), "12 hari lagi", "12 days left"),
        (at(21, 23, 22), "Lewat 25 menit", "25 minutes late"),
        (at(21, 14), "Lewat 9 jam", "9 hours late"),
        (at(19, 20), "Lewat 2 hari", "2 days late"),
        (at(20, 23, 40), "Lewat 1 hari", "1 day late"),
    ],
)
def test_until_when(due_at, indonesian, english):
    assert words.due_words(due_at, NIGHT, WIB) == indonesian
    assert words.due_words(due_at, NIGHT, WIB, "en") == english


@pytest.mark.parametrize(
    ("end", "said", "day"),
    [
        (at(22, 0), "Hari ini", "Sab, 21 Nov 2026"),
        (at(21, 23, 59), "Hari ini", "Sab, 21 Nov 2026"),
        (at(23, 0), "Besok", "Min, 22 Nov 2026"),
        (at(25, 0), "Sel", "Sel, 24 Nov 2026"),
        (at(4, 0, month=12), "12 hari lagi", "Kam, 3 Des 2026"),
        (at(20, 0), "Lewat 1 hari", "Kam, 19 Nov 2026"),
    ],
)
def test_a_whole_day_names_no_hour(end, said, day):
    assert words.due_words(end, NIGHT, WIB, due_day=True) == said
    assert words.due_day(end, WIB) == day


def test_relative_days_and_big_words():
    assert words.due_words(at(23, 8), NIGHT, WIB, relative=True) == "2 hari lagi"
    assert words.countdown(at(22, 1, 15), NIGHT, WIB) == "1 jam 28 menit"
    assert words.countdown(at(24, 21, 26), NIGHT, WIB) == "2 hari 21 jam"
    assert words.countdown(at(19, 20), NIGHT, WIB) == "Lewat 2 hari"
    assert words.countdown(at(23, 0), NIGHT, WIB, due_day=True) == "Besok"
    assert words.big_words(timedelta(seconds=5)) == "1 menit"
    assert words.big_words(timedelta(days=1), "en") == "1 day"


def test_ago():
    assert words.ago(NIGHT, NIGHT) == "baru saja"
    assert words.ago(at(21, 14), NIGHT) == "9 jam lalu"
    assert words.ago(at(17, 14), NIGHT, "en") == "4 days ago"


@pytest.mark.parametrize(
    ("amount", "full", "short"),
    [
        (1_250_000, "Rp1.250.000", "Rp1,3 jt"),
        (412_300_000, "Rp412.300.000", "Rp412 jt"),
        (1_300_000_000, "Rp1.300.000.000", "Rp1,3 M"),
        (100_000_000, "Rp100.000.000", "Rp100 jt"),
        (950_000, "Rp950.000", "Rp950 rb"),
        (950, "Rp950", "Rp950"),
        (-75_000, "-Rp75.000", "-Rp75 rb"),
        (Decimal("10.50"), "Rp10,50", "Rp10,50"),
    ],
)
def test_money(amount, full, short):
    assert words.rupiah(amount) == full
    assert words.short_rupiah(amount) == short


def test_money_in_english():
    assert words.rupiah(1_250_000, "en") == "Rp1,250,000"
    assert words.short_rupiah(1_300_000_000, "en") == "Rp1.3 bn"


@pytest.mark.parametrize(
    ("number", "said"),
    [("+6281234567890", "0812 3456 7890"), ("081234567", "0812 3456 7"), ("+6591234567", "+659 1234 567"), ("", "")],
)
def test_phones_are_said_in_groups_of_four(number, said):
    assert words.phone(number) == said


def test_two_letters_stand_for_a_user():
    assert words.avatar("Rina Wulandari") == "RW"
    assert words.avatar("Rina") == "R"
    assert words.avatar("Siti Nur Aisyah") == "SA"
    assert words.avatar("") == ""


@given(st.integers(min_value=-(10**7), max_value=10**7), st.sampled_from(["id", "en"]), st.booleans(), st.booleans())
def test_every_due_moment_has_words(seconds, language, due_day, relative):
    said = words.due_words(NIGHT + timedelta(seconds=seconds), NIGHT, WIB, language, due_day=due_day, relative=relative)
    assert said
    assert ("Lewat" in said or "late" in said) == (seconds <= -60)
