"""Two records of one organisation become one; nothing is lost."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from members.models import Affiliation, Membership, Office, Organisation, Person
from members.rules.roles import Permission, Role
from members.services import merging, trees
from tests.factories import make_case, make_organisation, make_user
from tests.members.test_trees import is_sound


@pytest.fixture
def twin(world):
    """The same desk, typed a second time by somebody in a hurry, with a part below it and people."""
    twin = make_organisation("Posko Karang Sari", parent=world.dpw, abbreviation="PKS", source="telepon")
    below = make_organisation("Pokja Nelayan", parent=twin, is_desk=False)
    user = make_user("kembar", role=Role.COORDINATOR, at=twin)
    Office.objects.create(organisation=twin, name="Eko", title="Ketua")
    case = make_case(desk=twin, by=user)
    member, both = Person.objects.create(full_name="A"), Person.objects.create(full_name="B")
    Membership.objects.create(person=member, organisation=twin)
    Membership.objects.create(person=both, organisation=twin, number="2")
    Membership.objects.create(person=both, organisation=world.desk, number="1")
    return {"twin": twin, "below": below, "user": user, "case": case}


def test_everything_moves_and_the_names_are_joined(world, twin):
    merging.merge(lost=twin["twin"], kept=world.desk, by=world.superuser)
    kept, lost = Organisation.objects.get(pk=world.desk.pk), Organisation.objects.get(pk=twin["twin"].pk)
    twin["case"].refresh_from_db()
    assert twin["case"].desk == kept
    assert Organisation.objects.in_reach_of(twin["user"], Permission.CASE_VIEW).filter(pk=kept.pk).exists()
    assert kept.offices.get().name == "Eko"
    assert kept.children.get() == twin["below"]
    assert (kept.aliases, kept.abbreviation) == ("Posko Karang Sari", "PKS")
    assert kept.source == "telepon"
    assert sorted(kept.memberships.values_list("number", flat=True)) == ["", "1", "2"]
    assert kept.memberships.on().count() >= 2
    assert (lost.is_active, lost.is_desk, lost.merged_into) == (False, False, kept)
    assert lost.history.count() >= 2
    assert merging.what_moves(lost) == []
    assert is_sound()


def test_the_past_of_both_reads_on_under_the_one_that_stays(world, twin):
    Affiliation.objects.filter(organisation=twin["twin"]).update(from_on=date(2019, 1, 1))
    Affiliation.objects.filter(organisation=world.desk).update(from_on=date(2020, 1, 1))
    Affiliation.objects.filter(organisation=twin["below"]).update(from_on=date(2021, 1, 1))
    merging.merge(lost=twin["twin"], kept=world.desk, by=world.superuser)
    assert Affiliation.objects.get(organisation=world.desk).from_on == date(2019, 1, 1)
    assert trees.parent_on(twin["below"], date(2021, 5, 1)) == world.desk
    assert trees.parent_on(twin["below"], date(2020, 5, 1)) is None


def test_the_history_of_an_office_is_kept_and_goes_on(world, twin):
    merging.merge(lost=twin["twin"], kept=world.desk, by=world.superuser)
    assert [row.organisation_id for row in Office.objects.get().history.order_by("history_id")] == [
        twin["twin"].pk,
        world.desk.pk,
    ]


def test_what_contradicts_is_refused_and_nothing_moves(world, twin):
    elsewhere = make_organisation("DPD Lain", parent=world.dpn)
    for lost, kept in [
        (elsewhere, world.desk),
        (twin["below"], twin["twin"]),
        (twin["twin"], twin["below"]),
        (world.desk, world.desk),
    ]:
        with pytest.raises(ValidationError):
            merging.merge(lost=lost, kept=kept, by=world.superuser)
    assert not Organisation.objects.exclude(merged_into=None).exists()
    assert is_sound()


def test_not_twice_and_not_beyond_reach(world, twin):
    branch = make_user("cabang", role=Role.FEDERATION_ADMIN, at=world.desk)
    with pytest.raises(ValidationError):
        merging.merge(lost=twin["twin"], kept=world.desk, by=branch)
    merging.merge(lost=twin["twin"], kept=world.desk, by=world.admin_federasi)
    with pytest.raises(ValidationError):
        merging.merge(lost=twin["twin"], kept=world.desk, by=world.superuser)


def test_names_that_do_not_fit_are_refused_as_a_whole(world, twin):
    Organisation.objects.filter(pk=world.desk.pk).update(aliases="x" * 299)
    with pytest.raises(ValidationError):
        merging.merge(lost=twin["twin"], kept=world.desk, by=world.superuser)
    twin["case"].refresh_from_db()
    assert twin["case"].desk == twin["twin"]
