"""The directory of facilities and offices, and the pages of organisations."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from members.models import Body, BodyFix, Membership, Office, Organisation, Person
from members.services import directory, known, trees
from tests.factories import make_body, make_organisation


def url(name, *args):
    return reverse(f"members:{name}", args=args)


class TestFinding:
    def test_by_name_kind_and_province(self, as_user, world):
        make_body("Dinsos Karang Utara", kind="social_office", phone="021 1", hours="08.00–15.00")
        client = as_user(world.relawan)
        text = client.get(url("directory")).text
        assert "RSUD Cempaka Raya" in text
        assert "Dinsos Karang Utara" in text
        for query, shown in [
            ({"q": "cempaka"}, "RSUD Cempaka Raya"),
            ({"jenis": "social_office"}, "Dinsos Karang Utara"),
            ({"provinsi": "35"}, "RSUD Cempaka Raya"),
        ]:
            text = client.get(url("directory"), query).text
            assert [name for name in ("RSUD Cempaka Raya", "Dinsos Karang Utara") if name in text] == [shown]
        assert client.get(url("directory"), {"jenis": "x", "provinsi": "99", "page": "z"}).status_code == 200

    def test_a_merged_one_leads_on(self, as_user, world):
        old = Body.objects.create(name="RS Lama", merged_into=world.place)
        assert world.place.name in as_user(world.relawan).get(url("body", old.uuid)).text


class TestFixes:
    def given(self, body, **more):
        fields = {name: getattr(body, name) for name in BodyFix.FIELDS}
        return {**fields, "phone": "(021) 555 0199", "why": "Saya telepon hari ini", **more}

    def test_proposed_by_anyone_accepted_by_a_coordinator(self, as_user, world):
        client = as_user(world.relawan)
        assert client.post(url("body-fix", world.place.uuid), self.given(world.place)).status_code == 302
        fix = BodyFix.objects.get()
        assert fix.values == {"phone": "(021) 555 0199"}
        world.place.refresh_from_db()
        assert world.place.phone == ""
        client = as_user(world.koordinator)
        assert "(021) 555 0199" in client.get(url("body-fixes")).text
        client.post(url("body-fix-decide", fix.uuid), {"act": "accept", "answer": "Terima kasih"})
        world.place.refresh_from_db()
        assert (world.place.phone, world.place.verified_on) == ("(021) 555 0199", timezone.localdate())
        assert world.place.history.first().history_user == world.koordinator
        assert "Terima kasih" in as_user(world.relawan).get(url("body", world.place.uuid)).text

    def test_declined_changes_nothing_and_decided_is_decided(self, as_user, world):
        fix = directory.propose(body=world.place, values={"hours": "24 jam"}, why="kata satpam", by=world.relawan)
        client = as_user(world.koordinator)
        client.post(url("body-fix-decide", fix.uuid), {"act": "decline"})
        client.post(url("body-fix-decide", fix.uuid), {"act": "accept"})
        fix.refresh_from_db()
        world.place.refresh_from_db()
        assert (fix.state, world.place.hours, world.place.verified_on) == ("declined", "", None)

    def test_who_may_not_decide(self, as_user, world):
        fix = directory.propose(body=world.place, values={"hours": "24 jam"}, why="x", by=world.relawan)
        for user in (world.relawan, world.pimpinan):
            assert as_user(user).get(url("body-fixes")).status_code == 404
            assert as_user(user).post(url("body-fix-decide", fix.uuid), {"act": "accept"}).status_code == 404
            with pytest.raises(ValidationError):
                directory.decide(fix=fix, accept=True, by=user)

    def test_a_new_name_keeps_the_old_one_as_another(self, world):
        fix = directory.propose(body=world.place, values={"name": "RSUD Baru"}, why="SK", by=world.relawan)
        directory.decide(fix=fix, accept=True, by=world.koordinator)
        world.place.refresh_from_db()
        assert (world.place.name, world.place.aliases) == ("RSUD Baru", "RSUD Cempaka Raya")

    @pytest.mark.parametrize("more", [{"why": ""}, {"name": ""}, {"email": "bukan surel"}, {"phone": ""}])
    def test_nonsense_and_nothing_new(self, as_user, world, more):
        answer = as_user(world.relawan).post(url("body-fix", world.place.uuid), self.given(world.place, **more))
        assert answer.status_code == 200
        assert not BodyFix.objects.exists()

    def test_sent_twice_is_one(self, as_user, world):
        key = "7b0e7c06-55a5-4b2f-9d23-50a8f8ddc3c4"
        for _again in range(2):
            as_user(world.relawan).post(url("body-fix", world.place.uuid), self.given(world.place, submit_key=key))
        assert BodyFix.objects.count() == 1

    def test_decided_by_and_at_go_together(self, world):
        fix = directory.propose(body=world.place, values={"hours": "24 jam"}, why="x", by=world.relawan)
        with pytest.raises(IntegrityError), transaction.atomic():
            BodyFix.objects.filter(pk=fix.pk).update(state="accepted")


class TestOrganisations:
    @pytest.fixture
    def seeded(self, world):
        known.load()
        return {row.code: row for row in Organisation.objects.exclude(code=None)}

    @pytest.mark.parametrize("words", ["Sejahtera", "Seluruh Buruh", "ksbsi"])
    def test_every_name_finds_it(self, as_user, world, seeded, words):
        assert (
            "Konfederasi Serikat Buruh Sejahtera" in as_user(world.relawan).get(url("organisations"), {"q": words}).text
        )

    def test_aspek_in_september_and_in_november(self, as_user, world, seeded):
        client, address = as_user(world.relawan), url("organisation", seeded["aspek-indonesia"].uuid)
        assert "Konfederasi Serikat Pekerja Indonesia" in client.get(address, {"pada": "2025-09-29"}).text
        assert "berdiri sendiri" in client.get(address, {"pada": "2025-11-19"}).text
        kspi = url("organisation", seeded["kspi"].uuid)
        assert "Konfederasi ASPEK Indonesia" in client.get(kspi, {"pada": "2025-09-29"}).text
        assert "Konfederasi ASPEK Indonesia" not in client.get(kspi).text
        assert client.get(kspi, {"pada": "31-02-2025"}).status_code == 200

    def test_a_union_inside_its_counterpart_stands_on_both_pages(self, as_user, world, seeded):
        client, union = as_user(world.relawan), seeded["sp-bpjstk"]
        assert union.name in client.get(url("body", union.body.uuid)).text
        assert "BPJS Ketenagakerjaan" in client.get(url("organisation", union.uuid)).text
        assert Organisation.objects.filter(name__icontains="SP BPJS").count() <= 1

    def test_board_registration_and_officers_of_then_and_now(self, as_user, world, seeded):
        row = seeded["kerah-biru-jember"]
        row.board_terms.create(name="2023–2028", decree="SK 9/2023", from_on=date(2023, 5, 1))
        Office.objects.create(organisation=row, name="Ketua Lama", title="Ketua", until_on=date(2024, 12, 31))
        Office.objects.create(organisation=row, name="Ketua Baru", title="Ketua", from_on=date(2025, 1, 1))
        client, address = as_user(world.relawan), url("organisation", row.uuid)
        today, then = client.get(address), client.get(address, {"pada": "2024-06-20"})
        assert "SK 9/2023" in today.text
        assert "Masih kurang:" in today.text
        assert [each.name for each in today.context["offices"]] == ["Ketua Baru"]
        assert [each.name for each in then.context["offices"]] == ["Ketua Lama"]

    def test_members_are_counted_for_those_who_keep_them(self, as_user, world):
        pokja = make_organisation("Pokja Nelayan", parent=world.desk, kind="worker_group", line="union", is_desk=False)
        for number in range(40):
            person = Person.objects.create(full_name=f"N {number}")
            Membership.objects.create(person=person, organisation=pokja)
        page = url("organisation", world.desk.uuid)
        assert as_user(world.koordinator).get(page).context["members"] == 40
        assert as_user(world.relawan).get(page).context["members"] is None
        yesterday = timezone.localdate() - timedelta(days=1)
        trees.move(pokja, parent=world.other_desk)
        assert as_user(world.koordinator).get(page).context["members"] == 0
        assert as_user(world.koordinator).get(page, {"pada": str(yesterday)}).context["members"] == 40
