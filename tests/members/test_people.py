"""Members: identity, membership, work, cover and its lapse, counts (PRACTICE S3.13, S4.10, S4.11, S4.14)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from members.models import (
    AccessLog,
    Body,
    CoverageSurvey,
    CoverRow,
    Household,
    Membership,
    Message,
    Person,
    Sector,
    Vulnerability,
)
from members.rules.cover import Share, disagree
from members.services import people
from tests.factories import make_case, make_organisation

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
TODAY = date(2026, 11, 22)
NIK = "3515014107900001"


@pytest.fixture
def member(world):
    person = Person.objects.create(full_name="Sri Wahyuni")
    Membership.objects.create(person=person, organisation=world.desk, number="KTA-7")
    return person


def url(name, *args):
    return reverse(f"members:{name}", args=args)


class TestWhoSeesWhom:
    def test_coordinators_and_admins_of_the_unit_and_above(self, world, member):
        for user in (world.koordinator, world.koordinator_atas, world.admin_federasi):
            assert member in people.seen_by(user)
        for user in (world.relawan, world.outside_koordinator, world.pimpinan, world.superuser):
            assert member not in people.seen_by(user)

    def test_somebody_known_from_a_case_alone_is_no_member(self, as_user, world, member):
        case = make_case(desk=world.desk, by=world.relawan, patient="Zulaikha Purnama")
        person = case.parties.get().person
        client = as_user(world.koordinator)
        assert "Z.P." not in client.get(url("people")).text
        assert client.get(url("person", person.uuid)).status_code == 404
        assert AccessLog.objects.filter(action="refused", object_uuid=person.uuid).exists()

    def test_a_case_stands_on_no_page_of_a_member(self, as_user, world, member):
        case = make_case(desk=world.desk, by=world.relawan, patient="")
        case.parties.create(person=member, role="patient")
        text = as_user(world.admin_federasi).get(url("person", member.uuid)).text
        assert case.number not in text
        assert case.title not in text

    def test_the_list_shows_initials_the_page_the_name_and_the_opening_is_noted(self, as_user, world, member):
        client = as_user(world.koordinator)
        text = client.get(url("people")).text
        assert "S.W." in text
        assert "Sri Wahyuni" not in text
        assert "Sri Wahyuni" in client.get(url("person", member.uuid)).text
        assert AccessLog.objects.filter(
            action="open_identity", object_uuid=member.uuid, user=world.koordinator
        ).exists()

    def test_without_the_pledge_no_name(self, as_user, world, member):
        world.koordinator.pledge_version = ""
        world.koordinator.save()
        assert as_user(world.koordinator).get(url("people"))["Location"].startswith("/ikrar/")


class TestSearch:
    @pytest.mark.parametrize("typed", ["sri", "WAHYUNI sri", "3515 0141 0790 0001", "0812-3456-7890"])
    def test_by_name_number_or_phone_and_never_in_the_address(self, as_user, world, member, typed):
        people.save_identity(member, numbers=[("nik", NIK)], phone="081234567890")
        answer = as_user(world.koordinator).post(url("people"), {"q": typed})
        assert "S.W." in answer.text
        assert "1 ditemukan" in answer.text
        assert AccessLog.objects.filter(action="search", object_kind="person", hits=1).exists()

    def test_not_beyond_reach(self, as_user, world, member):
        people.save_identity(member, numbers=[("nik", NIK)])
        answer = as_user(world.outside_koordinator).post(url("people"), {"q": NIK})
        assert "S.W." not in answer.text


class TestAdding:
    def given(self, world, **more):
        return {"full_name": "Budi Nelayan", "organisation": world.desk.pk, "number": "12", **more}

    def test_a_member_with_several_cards_and_flags(self, as_user, world):
        flag = Vulnerability.objects.get(code="hazard")
        given = self.given(
            world, nik=NIK, kpj="12345678901, 10987654321", phone="0812 3456 7890", vulnerabilities=[flag.pk],
            born_on="01-07-1990", region="Kabupaten Sidoarjo",
        )  # fmt: skip
        assert as_user(world.koordinator).post(url("person-add"), given).status_code == 302
        person = Person.objects.get(full_name="Budi Nelayan")
        assert person.identifiers.filter(kind="kpj").count() == 2
        assert person.vulnerabilities.get().vulnerability == flag
        assert person.memberships.get().organisation == world.desk
        text = as_user(world.koordinator).get(url("person", person.uuid)).text
        assert NIK not in text
        assert "351501******0001" in text

    def test_a_strange_number_is_kept_and_said(self, as_user, world):
        answer = as_user(world.koordinator).post(url("person-add"), self.given(world, nik="123"), follow=True)
        assert "Biasanya 16" in answer.text
        assert Person.objects.get(full_name="Budi Nelayan").identifiers.get().value == "123"

    def test_the_same_nik_twice_is_said_not_refused(self, as_user, world, member):
        people.save_identity(member, numbers=[("nik", NIK)])
        answer = as_user(world.koordinator).post(url("person-add"), self.given(world, nik=NIK), follow=True)
        assert "Periksa kedua kartunya" in answer.text
        assert Person.objects.with_number(NIK).count() == 2

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("full_name", ""),
            ("organisation", ""),
            ("organisation", "other"),
            ("phone", "kosong"),
            ("born_on", "31-02-1990"),
            ("born_on", "01-01-2100"),
            ("region", "Kota Antah Berantah"),
        ],
    )
    def test_what_cannot_be_is_said_beside_the_field_and_nothing_is_lost(self, as_user, world, field, value):
        value = world.other_desk.pk if value == "other" else value
        answer = as_user(world.koordinator).post(url("person-add"), self.given(world, job="x") | {field: value})
        assert answer.status_code == 200
        assert field in answer.context["form"].errors
        assert 'value="12"' in answer.text
        assert not Person.objects.filter(full_name="Budi Nelayan").exists()

    def test_edit_keeps_what_is_known(self, as_user, world, member):
        people.save_identity(member, numbers=[("nik", NIK)], phone="081234567890")
        as_user(world.koordinator).post(url("person-edit", member.uuid), {"full_name": "Sri W.", "nik": NIK})
        member.refresh_from_db()
        assert member.full_name == "Sri W."
        assert member.identifiers.count() == member.contacts.count() == 1


class TestMembership:
    def test_two_at_once_and_none_twice(self, world, member):
        pokja = make_organisation("Pokja Nelayan", parent=world.desk, is_desk=False)
        people.join(person=member, organisation=pokja, by=world.koordinator)
        with pytest.raises(ValidationError):
            people.join(person=member, organisation=pokja, by=world.koordinator)
        with pytest.raises(IntegrityError), transaction.atomic():
            Membership.objects.create(person=member, organisation=pokja)
        with pytest.raises(ValidationError):
            people.join(person=member, organisation=world.other_desk, by=world.koordinator)

    def test_ending_by_the_button(self, as_user, world, member):
        row = member.memberships.get()
        client = as_user(world.koordinator)
        assert as_user(world.outside_koordinator).post(url("membership-end", member.uuid, row.pk)).status_code == 404
        client = as_user(world.koordinator)
        client.post(url("membership-end", member.uuid, row.pk), {"on": "31-02-2026"})
        assert Membership.objects.get().until_on is None
        client.post(url("membership-end", member.uuid, row.pk))
        assert Membership.objects.get().until_on == timezone.localdate()


class TestWork:
    def test_outsourced_with_a_user_company_and_a_sector(self, as_user, world, member):
        given = {
            "kind": "outsourced", "employer": "PT Penyalur Jaya", "user_company": world.place.name,
            "sector": Sector.objects.get(code="health").pk, "job": "Petugas kebersihan", "from_on": "01-02-2024",
        }  # fmt: skip
        assert as_user(world.koordinator).post(url("work-add", member.uuid), given).status_code == 302
        row = member.employments.get()
        assert row.user_company == world.place
        assert row.employer == Body.objects.get(name="PT Penyalur Jaya")
        text = as_user(world.koordinator).get(url("people"), {"kerja": "outsourced", "sektor": "health"}).text
        assert "S.W." in text
        assert "S.W." not in as_user(world.koordinator).get(url("people"), {"kerja": "domestic"}).text
        assert as_user(world.koordinator).get(url("people"), {"kerja": "x", "unit": "y"}).status_code == 200

    @pytest.mark.parametrize(
        "given", [{}, {"kind": "x"}, {"job": "a", "from_on": "02-01-2024", "until_on": "01-01-2024"}]
    )
    def test_nothing_and_nonsense(self, as_user, world, member, given):
        assert as_user(world.koordinator).post(url("work-add", member.uuid), given).status_code == 200
        assert not member.employments.exists()


class TestCover:
    def check(self, member, world, **given):
        given = {"programme": "JKN", "state": "AKTIF", "checked_on": TODAY, **given}
        return people.note_cover(person=member, by=world.koordinator, **given)

    def test_every_check_is_a_row_and_the_last_one_counts(self, as_user, world, member):
        old = self.check(member, world, state="NONAKTIF_MENUNGGAK", checked_on=TODAY - timedelta(days=30))
        new = self.check(member, world)
        other = self.check(member, world, programme="JHT", checked_on=TODAY - timedelta(days=400))
        assert set(CoverRow.objects.latest()) == {new, other}
        late = self.check(member, world, checked_on=TODAY - timedelta(days=10))
        assert late not in CoverRow.objects.latest()
        text = as_user(world.koordinator).get(url("person", member.uuid)).text
        assert "Cek sebelumnya" in text
        assert str(old.get_state_display()) in text

    def test_a_wage_reported_too_low_is_shown(self, as_user, world, member):
        given = {"programme": "JKK", "state": "AKTIF", "employer": "PT Contoh", "reported_wage": "2.500.000",
                 "real_wage": "4.500.000", "checked_how": "paper"}  # fmt: skip
        client = as_user(world.koordinator)
        assert client.post(url("cover-add", member.uuid), given).status_code == 302
        row = member.covers.get()
        assert row.wage_gap == 2_000_000
        assert row.checked_on == timezone.localdate()
        assert "kurang Rp2.000.000" in client.get(url("person", member.uuid)).text

    @pytest.mark.parametrize("given", [{}, {"programme": "X"}, {"programme": "JKN", "state": "AKTIF", "checked_on": "2099-01-01"},
                                       {"programme": "JKN", "state": "AKTIF", "real_wage": "-5"}])  # fmt: skip
    def test_nonsense_is_refused(self, as_user, world, member, given):
        assert as_user(world.koordinator).post(url("cover-add", member.uuid), given).status_code == 200
        assert not member.covers.exists()


class TestLapse:
    @pytest.fixture
    def pokja(self, world):
        """Two fishers who pay until Wednesday, one who paid for the year, and one whose old check lapses."""
        pokja = make_organisation("Pokja Nelayan", parent=world.desk, is_desk=False)
        soon, far = TODAY + timedelta(days=3), TODAY + timedelta(days=300)
        rows = [("A", [soon]), ("B", [soon]), ("C", [far]), ("D", [soon, far])]
        for number, (name, days) in enumerate(rows):
            person = Person.objects.create(full_name=f"Nelayan {name}")
            people.join(person=person, organisation=pokja, by=world.koordinator, number=str(number))
            for ago, day in enumerate(reversed(days)):
                people.note_cover(
                    person=person, by=world.koordinator, programme="JKK", segment="BPU", paid_until=day,
                    checked_on=TODAY - timedelta(days=ago),
                )  # fmt: skip
        return pokja

    def test_the_list_of_seven_days(self, world, pokja):
        found = people.lapsing(world.koordinator, today=TODAY)
        assert [row.person.full_name for row in found] == ["Nelayan A", "Nelayan B"]
        assert not people.lapsing(world.outside_koordinator, today=TODAY).exists()
        assert not people.lapsing(world.koordinator, today=TODAY - timedelta(days=5)).exists()
        assert people.lapsing(world.koordinator, today=TODAY + timedelta(days=9)).count() == 2

    def test_the_coordinator_is_told_a_number_once(self, as_user, world, pokja):
        people.remind_lapses(now=NOW)
        people.remind_lapses(now=NOW + timedelta(days=1))
        told = Message.objects.filter(kind="cover_lapses", channel="inbox")
        assert [(row.recipient, row.data["count"]) for row in told] == [(world.koordinator, 2)]
        text = as_user(world.koordinator).get("/kabar/").text
        assert "Pokja Nelayan: iuran 2 anggota dibayar sampai" in text
        assert "Nelayan A" not in str(told.get().data)

    def test_the_page(self, as_user, world, member):
        until = timezone.localdate() + timedelta(days=2)
        people.note_cover(
            person=member, by=world.koordinator, programme="JKM", segment="BPU", paid_until=until, agent="Perisai Ani"
        )
        text = as_user(world.koordinator).get(url("cover-lapses")).text
        assert "S.W." in text
        assert "Perisai Ani" in text
        assert "Sri Wahyuni" not in text


class TestHousehold:
    def test_a_move_to_another_card_ends_the_first(self, world, member):
        people.put_in_household(person=member, number="3515010101010001", relation="child")
        again = people.put_in_household(person=member, number="3515 0101 0101 0001", relation="child")
        people.put_in_household(person=member, number="3515010101010002", relation="head")
        assert Household.objects.count() == 2
        again.refresh_from_db()
        assert again.until_on
        assert member.households.on().get().relation == "head"

    def test_by_the_page_masked(self, as_user, world, member):
        client = as_user(world.koordinator)
        client.post(url("household-add", member.uuid), {"number": "3515010101010001", "relation": "spouse"})
        text = client.get(url("person", member.uuid)).text
        assert "3515010101010001" not in text
        assert "351501******0001" in text


class TestSurvey:
    def given(self, **more):
        return {"employer": "RS Contoh", "programme": "JKK", "workers": "1.200", "registered": "300",
                "counted_on": "01-10-2026", "source": "PUK", **more}  # fmt: skip

    def test_two_counts_that_differ_stand_side_by_side(self, as_user, world):
        client = as_user(world.koordinator)
        client.post(url("survey-add"), self.given())
        client.post(url("survey-add"), self.given(registered="1.100", source="HRD"))
        assert CoverageSurvey.objects.count() == 2
        assert CoverageSurvey.objects.values("employer").distinct().count() == 1
        text = as_user(world.relawan).get(url("surveys"), {"program": "JKK"}).text
        assert "Hitungan berbeda" in text
        assert "25%" in text
        assert "92%" in text
        assert "900 belum terdaftar" in text
        assert "RS Contoh" not in as_user(world.relawan).get(url("surveys"), {"program": "JP"}).text

    @pytest.mark.parametrize("wrong", [{"employer": ""}, {"workers": "0"}, {"source": ""}, {"counted_on": "2099-01-01"},
                                       {"registered": "-1"}, {"programme": "X"}])  # fmt: skip
    def test_half_a_count_is_none(self, as_user, world, wrong):
        answer = as_user(world.koordinator).post(url("survey-add"), self.given(**wrong))
        assert answer.status_code == 200
        assert next(iter(wrong)) in answer.context["form"].errors
        assert not CoverageSurvey.objects.exists()

    def test_shares(self):
        assert (Share(200, 50).percent, Share(200, 50).missing) == (25, 150)
        assert Share(10, 12).is_odd
        assert Share(0, 5).percent is None
        assert disagree([Share(1, 1), Share(1, 0)])
        assert not disagree([Share(1, 1), Share(1, 1)])


class TestManyMembers:
    """A page of a big union comes at once: counting stops, and of many organisations each person is asked in turn."""

    @pytest.fixture
    def many(self, world):
        pokja = make_organisation("Pokja Nelayan", parent=world.desk, is_desk=False)
        rows = Person.objects.bulk_create(Person(full_name=f"Nelayan {at:02}") for at in range(60))
        Membership.objects.bulk_create(Membership(person=row, organisation=pokja) for row in rows)

    def test_counting_stops_and_the_page_says_so(self, as_user, world, many, monkeypatch):
        client = as_user(world.koordinator)
        assert "Lebih dari" not in client.get(url("people")).text
        monkeypatch.setattr("members.views.people.CAP", 55)
        page = client.get(url("people"), {"page": "9"})
        assert "Lebih dari 55 anggota" in page.text
        assert (page.context["page_obj"].number, len(page.context["page_obj"])) == (2, 5)

    def test_few_organisations_or_many_are_the_same_people(self, world, many, monkeypatch):
        users = (world.koordinator, world.koordinator_atas, world.outside_koordinator, world.relawan)
        few = [set(people.seen_by(user)) for user in users]
        monkeypatch.setattr("members.models.organisation.MANY", 0)
        assert [set(people.seen_by(user)) for user in users] == few
        assert [len(rows) for rows in few] == [60, 60, 0, 0]
