"""Where a case stands, and how two edits are joined."""

from datetime import UTC, datetime

import pytest

from cases.rules.codes import EventCode
from cases.rules.merging import fingerprint, joined, marked, merge
from cases.rules.status import Act, main_act, may_be_told

NOBODY = {
    "is_open": True,
    "is_offered_to_me": False,
    "is_carried": True,
    "may_take": False,
    "may_assign": False,
    "may_work": False,
    "has_plan": False,
}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, Act.NONE),
        ({"may_work": True}, Act.PLAN),
        ({"may_work": True, "has_plan": True}, Act.RESULT),
        ({"may_work": True, "has_plan": True, "is_offered_to_me": True}, Act.ANSWER),
        ({"is_offered_to_me": True}, Act.ANSWER),
        ({"is_carried": False, "may_take": True}, Act.TAKE),
        ({"is_carried": False, "may_take": True, "may_assign": True, "may_work": True}, Act.ASSIGN),
        ({"is_carried": False, "may_work": True, "has_plan": True}, Act.RESULT),
        ({"is_open": False, "may_work": True, "has_plan": True}, Act.REOPEN),
        ({"is_open": False}, Act.NONE),
    ],
)
def test_one_main_act(given, expected):
    assert main_act(**{**NOBODY, **given}) == expected


def test_a_closed_case_still_takes_a_note_a_death_and_a_correction():
    assert may_be_told(is_open=True, code="refused")
    assert not may_be_told(is_open=False, code="refused")
    assert may_be_told(is_open=False, code=EventCode.NOTE)
    assert may_be_told(is_open=False, code=EventCode.DIED)
    assert may_be_told(is_open=False, code="refused", is_correction=True)


def seen(**values):
    return {name: fingerprint(value) for name, value in values.items()}


def test_only_what_i_touched_is_mine():
    merged = merge(seen(a="1", b="2"), {"a": "x", "b": "2"}, {"a": "1", "b": "2"})
    assert (merged.ours, merged.conflicts) == ({"a": "x"}, ())


def test_what_only_the_other_touched_stays_theirs():
    merged = merge(seen(a="1", b="2"), {"a": "x", "b": "2"}, {"a": "1", "b": "theirs"})
    assert (merged.ours, merged.conflicts) == ({"a": "x"}, ())


def test_what_both_touched_is_asked():
    merged = merge(seen(a="1"), {"a": "mine"}, {"a": "theirs"})
    assert (merged.ours, merged.conflicts) == ({"a": "mine"}, ("a",))


def test_both_wrote_the_same():
    assert merge(seen(a="1"), {"a": "same"}, {"a": "same"}).ours == {}


def test_without_a_mark_it_is_better_asked_than_lost():
    assert merge({}, {"a": "mine"}, {"a": "theirs"}).conflicts == ("a",)


def test_line_ends_seconds_and_order_are_no_change():
    assert fingerprint("satu\r\ndua\r\n") == fingerprint("satu\ndua")
    first, later = (datetime(2026, 11, 21, 16, 0, second, tzinfo=UTC) for second in (3, 50))
    assert fingerprint(first) == fingerprint(later)
    assert fingerprint({"b", "a"}) == fingerprint(["a", "b"])
    assert fingerprint(None) == fingerprint("")


def test_what_the_other_lacks_is_marked():
    assert marked("IGD menahan pasien", "IGD menolak pasien") == [
        ("IGD ", False),
        ("menahan", True),
        (" pasien", False),
    ]
    assert marked("sama", "sama") == [("sama", False)]
    assert marked("", "ada") == []
    assert marked("kata " * 4000, "lain") == [("kata " * 4000, False)]


def test_two_versions_of_a_story_become_one():
    told = "Ditolak IGD. Keluarga panik."
    assert joined(f"{told} Sudah lapor Dinkes.", f"{told} Keluarga siap berangkat.") == (
        "Ditolak IGD. Keluarga panik. Sudah lapor Dinkes. Keluarga siap berangkat."
    )
    assert joined("Kata koordinator.", "Kata saya.") == "Kata koordinator. Kata saya."
    assert joined("Satu.\n\nDua.", "Satu.\n\nTiga.") == "Satu.\n\nDua. Tiga."
    assert joined("Sama saja", "Sama saja") == "Sama saja"


@pytest.mark.parametrize("text", ["", "tanpa titik", "Rp1.250.000 diminta", "Satu...  Dua?!\n\n- tiga\n- empat", "…"])
def test_joining_a_text_with_itself_keeps_its_words(text):
    assert joined(text, text).split() == text.split()
