"""Two records that are one person: found, merged with nothing lost, undone (issue 4, 3)."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from cases.models import CaseParty
from cases.services.search import find
from cases.tasks import refresh_words
from members.models import Contact, CoverRow, Employment, Identifier, Membership, Person, PersonMerge
from members.services import people, twins
from tests.factories import make_case

NIK = "3515014107900001"


def member(at, name, **fields):
    person = Person.objects.create(full_name=name, **fields)
    Membership.objects.create(person=person, organisation=at, number=f"KTA-{name[:3]}")
    return person


@pytest.fixture
def pair(world):
    """One woman twice: with her NIK and phone, and with her birth date, work and cover."""
    kept = member(world.desk, "Sri Wahyuni", gender="f")
    lost = member(world.dpw, "Sri Wahyuni S.", born_on=date(1990, 7, 1))
    for person in (kept, lost):
        Identifier.objects.create(person=person, kind="nik", value=NIK)
    Identifier.objects.create(person=lost, kind="kpj", value="AB345678901")
    Contact.objects.create(person=lost, value="0812 3456 7890", is_safe=False)
    Employment.objects.create(person=lost, kind="contract", job="Operator")
    CoverRow.objects.create(person=lost, programme="jkn", checked_on=date(2026, 11, 1), logged_by=world.koordinator)
    return kept, lost


def url(person, name="person-merge", *more):
    return reverse(f"members:{name}", args=[person.uuid, *more])


def state(*persons):
    """Everything that hangs on these records, as it stands."""
    return [
        (
            person.pk,
            *(getattr(Person.objects.get(pk=person.pk), name) for name in (*twins.FILLED, "merged_into_id")),
            *(
                sorted(model.objects.filter(person=person).values_list("pk", flat=True))
                for model in (Identifier, Contact, Employment, CoverRow, Membership, CaseParty)
            ),
            sorted(Membership.objects.filter(person=person, until_on=None).values_list("pk", flat=True)),
        )
        for person in persons
    ]


class TestLike:
    def test_by_number_phone_or_name_and_birth(self, world, pair):
        kept, lost = pair
        phone = member(world.desk, "Wahyuni")
        Contact.objects.create(person=phone, value="+62 812-3456-7890")
        born = member(world.desk, "Wahyuni Sri", born_on=date(1990, 7, 1))
        member(world.desk, "Joko Susilo", born_on=date(1990, 7, 1))
        assert twins.like(kept, world.koordinator_atas) == [lost]
        assert set(twins.like(lost, world.koordinator_atas)) == {kept, phone, born}

    def test_only_whom_one_sees(self, world, pair):
        kept, _lost = pair
        assert twins.like(kept, world.koordinator) == []  # the other record is kept a level above
        assert twins.like(kept, world.relawan) == []


class TestMerge:
    def test_nothing_is_lost_and_undo_brings_everything_back(self, world, pair):
        kept, lost = pair
        case = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, patient="")
        CaseParty.objects.create(case=case, role="patient", person=lost)
        before = state(kept, lost)
        merge = twins.merge(lost=lost, kept=kept, by=world.koordinator_atas)
        kept.refresh_from_db()
        assert (kept.full_name, kept.gender, kept.born_on) == ("Sri Wahyuni", "f", date(1990, 7, 1))
        assert set(kept.identifiers.values_list("kind", flat=True)) == {"nik", "kpj"}
        assert (kept.contacts.count(), kept.employments.count(), kept.covers.count()) == (1, 1, 1)
        assert set(kept.memberships.values_list("organisation", flat=True)) == {world.desk.pk, world.dpw.pk}
        assert CaseParty.objects.get(case=case).person == kept
        assert lost not in people.seen_by(world.koordinator_atas)
        refresh_words()
        assert find(world.relawan, "sri wahyuni").cases == [case]
        twins.undo(merge=merge, by=world.koordinator_atas)
        assert state(kept, lost) == before

    def test_what_was_added_since_stays(self, world, pair):
        kept, lost = pair
        merge = twins.merge(lost=lost, kept=kept, by=world.koordinator_atas)
        later = Identifier.objects.create(person=kept, kind="kk", value="3171012304100002")
        Person.objects.filter(pk=kept.pk).update(born_on=date(1991, 1, 1))
        twins.undo(merge=merge, by=world.koordinator_atas)
        kept.refresh_from_db()
        assert later in kept.identifiers.all()
        assert kept.born_on == date(1991, 1, 1)

    def test_two_memberships_of_one_organisation(self, world, pair):
        kept, lost = pair
        twice = Membership.objects.create(person=lost, organisation=world.desk, number="KTA-lama")
        merge = twins.merge(lost=lost, kept=kept, by=world.koordinator_atas)
        twice.refresh_from_db()
        assert (twice.person, twice.until_on) == (kept, timezone.localdate())
        assert kept.memberships.filter(organisation=world.desk, until_on=None).count() == 1
        twins.undo(merge=merge, by=world.koordinator_atas)
        twice.refresh_from_db()
        assert (twice.person, twice.until_on) == (lost, None)

    def test_one_case_with_both(self, world, pair):
        kept, lost = pair
        case = make_case(desk=world.desk, by=world.relawan, patient="")
        rows = [CaseParty.objects.create(case=case, role="affected", person=person) for person in pair]
        twins.merge(lost=lost, kept=kept, by=world.koordinator_atas)
        assert [CaseParty.objects.get(pk=row.pk).person for row in rows] == [kept, lost]

    def test_refusals(self, world, pair):
        kept, lost = pair
        with pytest.raises(ValidationError):
            twins.merge(lost=kept, kept=kept, by=world.koordinator_atas)
        for user in (world.koordinator, world.relawan, world.outside_koordinator, world.pimpinan, world.superuser):
            with pytest.raises(ValidationError):
                twins.merge(lost=lost, kept=kept, by=user)
        Membership.objects.create(person=lost, organisation=world.dpn)
        with pytest.raises(ValidationError, match="lain"):
            twins.merge(lost=lost, kept=kept, by=world.koordinator_atas)
        assert not PersonMerge.objects.exists()

    def test_a_chain_is_undone_from_its_end(self, world, pair):
        kept, lost = pair
        third = member(world.desk, "Sri W.")
        first = twins.merge(lost=lost, kept=kept, by=world.koordinator_atas)
        with pytest.raises(ValidationError):
            twins.merge(lost=lost, kept=third, by=world.koordinator_atas)
        second = twins.merge(lost=kept, kept=third, by=world.koordinator_atas)
        with pytest.raises(ValidationError):
            twins.undo(merge=first, by=world.koordinator_atas)
        twins.undo(merge=second, by=world.koordinator_atas)
        twins.undo(merge=first, by=world.koordinator_atas)
        with pytest.raises(ValidationError):
            twins.undo(merge=first, by=world.koordinator_atas)
        assert Person.objects.filter(merged_into=None).count() >= 3

    def test_every_table_that_names_a_person_is_moved(self):
        """A new foreign key to a person is part of it without anybody thinking of it."""
        tables = {label for label, _model, _name in twins._relations()}
        assert {
            "members.identifier.person", "members.contact.person", "members.membership.person", "members.employment.person",
            "members.coverrow.person", "members.householdmember.person", "members.personvulnerability.person",
            "members.attendance.person", "members.office.person", "cases.caseparty.person",
        } <= tables  # fmt: skip

    def test_promises_of_the_database(self, world, pair):
        kept, lost = pair
        common = {"merged_at": timezone.now(), "merged_by": world.koordinator}
        with pytest.raises(IntegrityError, match=r"themselves|CHECK"), transaction.atomic():
            PersonMerge.objects.create(lost=kept, kept=kept, **common)
        PersonMerge.objects.create(lost=lost, kept=kept, **common)
        with pytest.raises(IntegrityError), transaction.atomic():
            PersonMerge.objects.create(lost=lost, kept=kept, **common)
        with pytest.raises(IntegrityError), transaction.atomic():
            PersonMerge.objects.update(undone_at=timezone.now())


class TestPages:
    def test_from_the_hint_to_the_undo(self, as_user, world, pair):
        kept, lost = pair
        client = as_user(world.koordinator_atas)
        page = client.get(reverse("members:person", args=[kept.uuid])).text
        assert "Mungkin orang yang sama" in page
        assert f"?dengan={lost.uuid}" in page
        side = client.get(url(kept), {"dengan": lost.uuid})
        assert "Sri Wahyuni S." in side.text
        assert NIK not in side.text
        given = {"dengan": lost.uuid, "tinggal": kept.uuid, "versi": side.context["versions"]}
        answer = client.post(url(kept), given)
        assert answer.url == reverse("members:person", args=[kept.uuid])
        page = client.get(answer.url).text
        assert "Batalkan penggabungan" in page
        assert client.get(reverse("members:person", args=[lost.uuid])).url == answer.url
        merge = PersonMerge.objects.get()
        client.post(url(kept, "person-part", merge.uuid))
        assert client.get(reverse("members:person", args=[lost.uuid])).status_code == 200
        assert client.post(url(kept, "person-part", merge.uuid)).status_code == 404

    @pytest.mark.parametrize("wrong", [{"tinggal": ""}, {"tinggal": "x"}, {"versi": "9-9"}])
    def test_what_cannot_be_is_said(self, as_user, world, pair, wrong):
        kept, lost = pair
        client = as_user(world.koordinator_atas)
        given = {"dengan": lost.uuid, "tinggal": kept.uuid, "versi": f"{kept.version}-{lost.version}", **wrong}
        answer = client.post(url(kept), given)
        assert answer.status_code == 200
        assert 'role="alert"' in answer.text
        assert not PersonMerge.objects.exists()

    def test_choosing_by_a_search_that_stays_out_of_the_address(self, as_user, world, pair):
        kept, lost = pair
        answer = as_user(world.koordinator_atas).post(url(kept), {"q": "wahyuni"})
        assert f"?dengan={lost.uuid}" in answer.text
        assert "Wahyuni S." not in answer.text

    def test_whom_one_does_not_see_is_nowhere(self, as_user, world, pair):
        kept, lost = pair
        client = as_user(world.koordinator)
        assert client.get(url(kept), {"dengan": lost.uuid}).status_code == 404
        assert client.post(url(kept), {"dengan": lost.uuid, "tinggal": kept.uuid}).status_code == 404
        assert as_user(world.outside_koordinator).get(url(kept)).status_code == 404
