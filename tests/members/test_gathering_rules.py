"""Pasted lists, balance, ages and simple Markdown: pure functions."""

import pytest

from members.rules.gatherings import Invited, balance, is_young, key_of, percent, read_invited
from members.rules.markdown import blocks


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Siti Aminah", Invited("Siti Aminah")),
        ("1. Siti Aminah, SPN", Invited("Siti Aminah", "SPN")),
        ("12) Siti Aminah - FSP FARKES REF", Invited("Siti Aminah", "FSP FARKES REF")),
        ("- Siti Aminah; SPN; 0812-3456-7890", Invited("Siti Aminah", "SPN")),
        ("3\tSiti Aminah\tSPN\t+62 812 3456 7890", Invited("Siti Aminah", "SPN")),
        ("Siti Aminah 081234567890", Invited("Siti Aminah")),
        ("Nur-Aini | PUK SPEE", Invited("Nur-Aini", "PUK SPEE")),
    ],
)
def test_a_line_of_a_pasted_list(line, expected):
    assert read_invited(line) == [expected]


def test_a_pasted_list_has_nobody_twice_and_drops_empty_lines():
    text = "Siti, SPN\n\n  \nsiti , spn\nSiti, SPEE\n---\n0812 3456 7890\n"
    assert read_invited(text) == [Invited("Siti", "SPN"), Invited("Siti", "SPEE")]


def test_a_name_is_the_same_however_it_is_written():
    assert key_of("H. Abdul  BAIS") == key_of("h abdul bais")
    assert key_of("Siti") != key_of("Sity")


def test_balance_counts_only_what_is_known():
    room = balance([("f", True), ("f", False), ("m", None), ("", None)])
    assert (room.women, room.men, room.gender_unknown, room.women_share) == (2, 1, 1, 67)
    assert (room.young, room.older, room.age_unknown, room.young_share) == (1, 1, 2, 50)
    assert balance([]).women_share is None


def test_half_is_half():
    assert percent(1, 2) == 50
    assert percent(1, 3) == 33
    assert percent(2, 3) == 67
    assert percent(0, 0) is None


@pytest.mark.parametrize(
    ("born_from", "expected"),
    [(None, None), (2000, True), (1990, True), (1988, None), (1986, None), (1985, False), (1960, False)],
)
def test_young_is_at_most_thirty_five(born_from, expected):
    """Born 1988–1992 were 33 to 37 in 2025: it cannot be said."""
    assert is_young(born_from, 2025) is expected


def test_markdown_becomes_blocks_and_never_html():
    found = blocks("# Judul\n\nSatu **dua** *tiga*\nmasih satu\n\n- a\n- b\n1. x\n\n> kata\n<script>")
    assert [block.kind for block in found] == ["h2", "p", "ul", "ol", "quote", "p"]
    assert [(run.text, run.dress) for run in found[1].runs] == [
        ("Satu ", ""), ("dua", "b"), (" ", ""), ("tiga", "i"), (" masih satu", ""),
    ]  # fmt: skip
    assert len(found[2].items) == 2
    assert found[-1].runs[0].text == "<script>"


def test_endless_stars_are_read_at_once():
    assert blocks("*" * 50_000)[0].kind == "p"
