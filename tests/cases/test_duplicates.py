"""Is it logged already: whom we show it to, and whom we tell (ADR 16)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cases.models import Case
from cases.rules.likeness import alike, appears_in
from cases.services import duplicates
from cases.services.intake import Someone, open_case
from members.models import Message
from tests.factories import make_body, make_case


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Siti Rahmawati", "siti  rahmawati", True),
        ("Siti Rahmawati", "Ibu Siti Rahmawaty", True),
        ("Rahmawati, Siti", "Siti Rahmawati", True),
        ("Muhammad Ridwan", "Mohammad Ridwan", True),
        ("Siti Rahmawati", "Siti Aminah", False),
        ("Slamet", "Selamet", True),
        ("Budi", "Budi", False),
        ("S.R.", "S.R.", False),
        ("", "Siti Rahmawati", False),
    ],
)
def test_names_of_one_person(one, other, expected):
    assert alike(one, other) is expected


def test_a_full_name_in_a_story():
    assert appears_in("Slamet Riyadi", "tadi pak slamet riyadi sesak")
    assert not appears_in("Slamet Riyadi", "tadi slamet sesak")
    assert not appears_in("Siti", "siti sesak")


def hits(user, **given):
    return [(hit.case, hit.why) for hit in duplicates.find(user, duplicates.clues_of(**given))]


def test_by_phone_by_name_and_by_place_in_that_order(world):
    other = make_body("RS Bunda")
    by_place = make_case(desk=world.desk, by=world.koordinator, place=world.place, patient="")
    by_name = make_case(desk=world.desk, by=world.koordinator, place=other, patient="Slamet Riyadi")
    by_phone = make_case(desk=world.desk, by=world.koordinator, patient="Orang Lain", phone="0812 0000 4417")
    found = hits(world.koordinator, phones=["08120000 4417"], names=["Slamet Riady"], place=world.place)
    assert found == [(by_phone, "number"), (by_name, "name"), (by_place, "place")]


def test_a_number_in_the_story_is_a_clue(world):
    case = make_case(desk=world.desk, by=world.koordinator, phone="0812 0000 4417")
    assert hits(world.koordinator, story="hubungi 0812.0000.4417 ya") == [(case, "number")]


def test_a_name_in_the_story_is_a_clue(world):
    case = make_case(desk=world.desk, by=world.koordinator, patient="Slamet Riyadi")
    assert hits(world.koordinator, story="Pak Slamet Riyadi sesak napas di IGD") == [(case, "name")]


def test_the_same_initials_count_on_the_same_day_only(world):
    now = timezone.now()
    make_case(desk=world.desk, by=world.koordinator, patient="Slamet Riyadi", now=now - timedelta(days=3))
    assert hits(world.koordinator, names=["Sari Rahayu"]) == []
    fresh = make_case(desk=world.desk, by=world.koordinator, patient="Slamet Riyadi", now=now - timedelta(hours=3))
    assert hits(world.koordinator, names=["Sari Rahayu"]) == [(fresh, "name")]


def test_the_same_place_with_other_initials_is_another_case(world):
    make_case(desk=world.desk, by=world.koordinator, place=world.place, patient="Slamet Riyadi")
    assert hits(world.koordinator, place=world.place, names=["Dewi Anggraini"]) == []


def test_old_closed_cases_are_left_alone(world, as_user):
    case = make_case(
        desk=world.desk, by=world.koordinator, phone="0812 0000 4417", now=timezone.now() - timedelta(days=90)
    )
    assert hits(world.koordinator, phones=["0812 0000 4417"]) == [(case, "number")]
    outcome = Case._meta.get_field("outcome").related_model.objects.first()
    Case.objects.filter(pk=case.pk).update(status="closed", outcome=outcome, closed_at=timezone.now())
    assert hits(world.koordinator, phones=["0812 0000 4417"]) == []


def test_a_relawan_sees_only_what_is_theirs(world):
    make_case(desk=world.desk, by=world.relawan2, assignee=world.relawan2, phone="0812 0000 4417")
    waiting = make_case(desk=world.desk, by=world.relawan2, phone="0812 0000 4417")
    assert hits(world.relawan, phones=["0812 0000 4417"]) == [(waiting, "number")]


def log(world, **given):
    return open_case(
        by=world.relawan, desk=world.desk, story="x", people=[Someone("reporter", phone="0812 0000 4417")], **given
    )


def told():
    rows = Message.objects.filter(kind="duplicate_elsewhere", channel="inbox")
    return {(row.recipient.username, row.data["number"], row.data["other"]) for row in rows}


def test_the_coordinators_of_both_desks_are_told_of_a_case_elsewhere(world):
    theirs = make_case(desk=world.other_desk, by=world.outsider, assignee=world.outsider, phone="0812 0000 4417")
    ours = log(world)
    assert told() == {
        ("koordinator", ours.number, theirs.number),
        ("koordinator_lain", theirs.number, ours.number),
    }
    row = Message.objects.filter(kind="duplicate_elsewhere").first()
    assert set(row.data) == {"number", "other"}


def test_nobody_is_told_of_a_restricted_case(world):
    make_case(
        desk=world.other_desk, by=world.outsider, assignee=world.outsider, phone="0812 0000 4417", is_restricted=True
    )
    log(world)
    assert told() == set()


def test_a_restricted_case_tells_nobody(world):
    make_case(desk=world.other_desk, by=world.outsider, assignee=world.outsider, phone="0812 0000 4417")
    log(world, is_restricted=True)
    assert told() == set()


def test_what_the_relawan_sees_needs_no_message(world):
    make_case(desk=world.desk, by=world.relawan2, phone="0812 0000 4417")
    log(world)
    assert told() == set()


def test_the_same_place_day_and_initials_elsewhere_are_told_too(world):
    theirs = make_case(
        desk=world.other_desk, by=world.outsider, assignee=world.outsider, place=world.place, patient="Slamet Riyadi"
    )
    Case.objects.filter(pk=theirs.pk).update(initials="S.R.")
    open_case(
        by=world.relawan,
        desk=world.desk,
        story="x",
        place=world.place,
        people=[Someone("patient", name="Slamet Riyadi")],
    )
    assert len(told()) == 2
