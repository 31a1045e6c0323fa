import uuid

import pytest

from cases.models import Case, CaseParty, Event
from cases.rules.codes import EventCode, PartyRole, Relation
from cases.rules.errors import Refused, Stale
from cases.services import parties
from cases.services.parties import Phone
from members.models import Identifier, Person
from members.rules.numbers import NumberKind
from tests.factories import make_case

NIK = "3171016403920011"


@pytest.fixture
def reporter(case, world):
    return parties.add(
        case=case,
        role=PartyRole.REPORTER,
        by=world.relawan,
        full_name="Yusuf",
        phone="0812 3456 7890",
        relation="sibling",
    )


def edit(party, world, *, version=None, phones=None, numbers=None, **changes):
    contacts = party.person.contacts.order_by("pk")
    return parties.edit(
        party=party,
        by=world.relawan,
        version=party.person.version if version is None else version,
        changes=changes,
        phones=[Phone(row.value, row.pk, row.is_safe, row.note) for row in contacts] if phones is None else phones,
        numbers=numbers or {},
    )


class TestAdd:
    def test_a_new_person_with_what_is_known(self, case, world):
        party = parties.add(
            case=case,
            role=PartyRole.REPORTER,
            by=world.relawan,
            full_name="  Yusuf  Aditya ",
            phone="0812-3456-7890",
            age_text="46 tahun",
            gender="m",
            relation=Relation.SIBLING,
            numbers={NumberKind.NIK: "3171 0164 0392 0011", NumberKind.KK: ""},
        )
        person = party.person
        assert (person.full_name, person.age_text, person.gender) == ("Yusuf Aditya", "46 tahun", "m")
        assert person.contacts.get().value == "+6281234567890"
        assert person.identifiers.get().value == NIK
        event = case.events.get(type__code=EventCode.PARTY_ADDED)
        assert event.data == {"party": str(party.uuid), "role": "reporter"}

    def test_nothing_known_is_enough(self, case, world):
        party = parties.add(case=case, role=PartyRole.INSURED, by=world.relawan)
        assert party.person.full_name == ""
        assert not party.person.contacts.exists()

    def test_one_person_in_several_roles(self, case, world):
        patient = case.parties.get()
        parties.add(case=case, role=PartyRole.INSURED, by=world.relawan, person=patient.person)
        parties.add(case=case, role=PartyRole.WORKER, by=world.relawan, person=patient.person)
        assert case.parties.count() == 3
        assert Person.objects.count() == 1
        parties.add(case=case, role=PartyRole.WORKER, by=world.relawan, person=patient.person)
        assert case.parties.count() == 3, "a person has a role once"

    def test_a_second_patient_is_refused_in_words(self, case, world):
        with pytest.raises(Refused, match="Kasus ini sudah punya pasien"):
            parties.add(case=case, role=PartyRole.PATIENT, by=world.relawan, full_name="Orang Lain")
        assert Person.objects.count() == 1

    def test_several_reporters_and_contacts_are_fine(self, case, world):
        for role in (PartyRole.REPORTER, PartyRole.REPORTER, PartyRole.OTHER, PartyRole.OTHER):
            parties.add(case=case, role=role, by=world.relawan, full_name="Seseorang")
        assert case.parties.count() == 5

    def test_pressing_twice_adds_one(self, case, world):
        key = uuid.uuid4()
        given = {"case": case, "role": PartyRole.OTHER, "by": world.relawan, "full_name": "Ani", "submit_key": key}
        assert parties.add(**given) == parties.add(**given)
        assert case.parties.count() == 2
        assert case.events.filter(type__code=EventCode.PARTY_ADDED).count() == 1

    def test_initials_follow_the_patient_then_the_others(self, world):
        case = make_case(desk=world.desk, by=world.relawan, patient="")
        assert case.initials == ""
        for role, name, said in [
            (PartyRole.REPORTER, "Yusuf", "Y."),
            (PartyRole.INSURED, "Dewi Kartika", "D.K."),
            (PartyRole.WORKER, "Bambang", "B."),
            (PartyRole.PATIENT, "Bu Siti Rahmawati", "S.R."),
        ]:
            parties.add(case=case, role=role, by=world.relawan, full_name=name)
            case.refresh_from_db()
            assert case.initials == said

    def test_the_version_of_the_case_moves(self, case, world):
        parties.add(case=case, role=PartyRole.OTHER, by=world.relawan, full_name="Ani")
        assert Case.objects.get(pk=case.pk).version == case.version + 1

    def test_what_holds_no_digit_is_no_phone(self, case, world):
        party = parties.add(case=case, role=PartyRole.OTHER, by=world.relawan, full_name="Ani", phone="belum ada")
        assert not party.person.contacts.exists()

    def test_a_short_phone_is_kept_as_typed(self, case, world):
        party = parties.add(case=case, role=PartyRole.OTHER, by=world.relawan, full_name="Ani", phone="0812 3")
        assert party.person.contacts.get().value == "08123"


class TestEdit:
    def test_what_differs_is_saved_and_named_without_its_value(self, reporter, case, world):
        edit(reporter, world, full_name="Yusuf Aditya", age_text="40", gender="m", relation="spouse", role="other")
        reporter.refresh_from_db()
        person = Person.objects.get(pk=reporter.person_id)
        assert (person.full_name, person.age_text, person.gender, person.version) == ("Yusuf Aditya", "40", "m", 2)
        assert (reporter.relation, reporter.role) == ("spouse", "other")
        event = case.events.get(type__code=EventCode.PARTY_EDITED)
        assert event.data["fields"] == ["full_name", "age_text", "gender", "relation", "role"]
        assert "Aditya" not in str(event.data)

    def test_saving_nothing_new_leaves_no_trace(self, reporter, world):
        edit(reporter, world, full_name="Yusuf", relation="sibling", role="reporter")
        assert Person.objects.get(pk=reporter.person_id).version == 1
        assert not Event.objects.filter(type__code=EventCode.PARTY_EDITED).exists()

    def test_the_second_to_save_is_told(self, reporter, world):
        edit(reporter, world, full_name="Yusuf A.", version=1)
        with pytest.raises(Stale) as stale:
            edit(reporter, world, full_name="Yusuf B.", version=1)
        assert stale.value.current.full_name == "Yusuf A."
        assert Person.objects.get(pk=reporter.person_id).full_name == "Yusuf A."

    def test_a_wrong_phone_is_corrected_and_a_second_added(self, reporter, world):
        first = reporter.person.contacts.get()
        edit(
            reporter,
            world,
            phones=[Phone("0813 1111 2222", first.pk, note="HP tetangga"), Phone("0814 3333 4444", is_safe=False)],
        )
        rows = list(reporter.person.contacts.order_by("pk"))
        assert [row.value for row in rows] == ["+6281311112222", "+6281433334444"]
        assert rows[0].pk == first.pk
        assert (rows[0].note, rows[1].is_safe) == ("HP tetangga", False)

    def test_an_emptied_phone_goes(self, reporter, world):
        edit(reporter, world, phones=[Phone("", reporter.person.contacts.get().pk)])
        assert not reporter.person.contacts.exists()

    def test_the_same_phone_twice_stays_one(self, reporter, world):
        first = reporter.person.contacts.get()
        edit(reporter, world, phones=[Phone(first.value, first.pk), Phone("081234567890")])
        assert reporter.person.contacts.count() == 1

    def test_two_phones_that_change_places(self, reporter, world):
        first = reporter.person.contacts.get()
        second = parties.keep_phone(reporter.person, "0814 3333 4444")
        edit(reporter, world, phones=[Phone(second.value, first.pk), Phone(first.value, second.pk)])
        assert {row.value for row in reporter.person.contacts.all()} == {"+6281234567890", "+6281433334444"}

    def test_a_phone_of_somebody_else_cannot_be_touched(self, reporter, case, world):
        other = parties.add(case=case, role=PartyRole.OTHER, by=world.relawan, full_name="Ani", phone="0819 9999 9999")
        theirs = other.person.contacts.get()
        edit(reporter, world, phones=[Phone("0811 0000 0000", theirs.pk)])
        theirs.refresh_from_db()
        assert theirs.value == "+6281999999999"

    def test_a_number_typed_anew_takes_the_place_of_the_old(self, reporter, world):
        edit(reporter, world, numbers={NumberKind.NIK: "3171"})
        reporter.person.refresh_from_db()
        edit(reporter, world, numbers={NumberKind.NIK: NIK, NumberKind.KPJ: ""})
        assert [(row.kind, row.value) for row in reporter.person.identifiers.all()] == [("nik", NIK)]

    def test_an_empty_number_leaves_the_kept_one(self, reporter, world):
        edit(reporter, world, numbers={NumberKind.NIK: NIK})
        reporter.person.refresh_from_db()
        edit(reporter, world, numbers={NumberKind.NIK: ""}, full_name="Yusuf B.")
        assert Identifier.objects.get().value == NIK

    def test_a_role_that_is_taken_is_refused(self, reporter, world):
        with pytest.raises(Refused, match="sudah punya pasien"):
            edit(reporter, world, role="patient")

    def test_initials_follow_the_name(self, case, world):
        patient = case.parties.get()
        edit(patient, world, full_name="Dewi Kartika")
        case.refresh_from_db()
        assert case.initials == "D.K."

    def test_a_person_of_two_cases_changes_in_both(self, case, world):
        other = make_case(desk=world.desk, by=world.relawan, patient="")
        patient = case.parties.get()
        parties.add(case=other, role=PartyRole.PATIENT, by=world.relawan, person=patient.person)
        edit(patient, world, full_name="Dewi Kartika")
        other.refresh_from_db()
        assert other.initials == "D.K."
        assert CaseParty.objects.filter(person=patient.person).count() == 2
