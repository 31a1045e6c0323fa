"""What the admin does with organisations beyond the form: doubles, merging, boards, many at once."""

import time
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from members.models import BoardTerm, Office, Organisation, OrganisationKind, Registration
from members.services import known
from tests.factories import make_organisation
from tests.members.test_admin import inline, organisation_form


@pytest.fixture
def enter(as_user):
    def sign_in(user):
        client = as_user(user)
        session = client.session
        session["proved_at"] = int(time.time())
        session.save()
        return client

    return sign_in


def page(name, *args):
    return reverse(f"admin:members_organisation_{name}", args=args)


class TestLookAlikes:
    @pytest.fixture
    def given(self, world):
        known.load()
        kind = OrganisationKind.objects.get(code="federation").pk
        return {"name": "Kesatuan Serikat Pekerja Niaga", "abbreviation": "KSPN", "kind": kind, "is_active": "on"}

    def test_a_new_kspn_is_shown_its_doubles_with_name_and_parent(self, enter, world, given):
        answer = enter(world.superuser).post(page("add"), given)
        assert answer.status_code == 200
        assert "Konfederasi Serikat Pekerja Nasional (KSPN)" in answer.text
        assert "Serikat Pekerja Nasional (SPN) · KSPI" in answer.text
        assert 'type="checkbox" name="is_another"' in answer.text
        assert not Organisation.objects.filter(name=given["name"]).exists()

    def test_who_has_checked_goes_on(self, enter, world, given):
        assert enter(world.superuser).post(page("add"), {**given, "is_another": "on"}).status_code == 302
        assert Organisation.objects.filter(name=given["name"]).exists()

    def test_saving_without_touching_the_name_asks_nothing(self, enter, world, given):
        row = Organisation.objects.get(code="kspn")
        answer = enter(world.superuser).post(
            page("change", row.pk),
            organisation_form(row, abbreviation=row.abbreviation, source=row.source, sector="x"),
        )
        assert answer.status_code == 302

    def test_the_choice_of_an_organisation_says_its_whole_name(self, enter, world, given):
        query = {"app_label": "members", "model_name": "organisation", "field_name": "parent", "term": "SPN"}
        texts = [row["text"] for row in enter(world.superuser).get("/kelola/autocomplete/", query).json()["results"]]
        assert "Serikat Pekerja Nasional (SPN) · KSPI" in texts
        assert "Konfederasi Serikat Pekerja Nasional (KSPN)" in texts


class TestMerge:
    @pytest.fixture
    def twin(self, world):
        row = make_organisation("Posko Karangsari Lama", parent=world.dpw)
        Office.objects.create(organisation=row, name="Eko", title="Ketua")
        return row

    def test_choose_see_and_do(self, enter, world, twin):
        client = enter(world.admin_federasi)
        assert client.get(page("merge", twin.pk)).status_code == 200
        first = client.post(page("merge", twin.pk), {"into": world.desk.pk})
        assert first.status_code == 200
        assert "Pengurus dan pejabat: 1" in first.text
        assert not Organisation.objects.exclude(merged_into=None).exists()
        answer = client.post(page("merge", twin.pk), {"into": world.desk.pk, "sure": "1"}, follow=True)
        assert "Keduanya sudah menjadi satu" in answer.text
        assert Office.objects.get().organisation == world.desk
        assert LogEntry.objects.filter(object_id=str(twin.pk)).exists()
        # ... and a second tap finds nothing to do
        assert client.post(page("merge", twin.pk), {"into": world.desk.pk, "sure": "1"}).status_code == 404

    def test_two_chosen_on_the_list(self, enter, world, twin):
        client = enter(world.admin_federasi)
        given = {"action": "merge_chosen", "_selected_action": [world.desk.pk, twin.pk]}
        answer = client.post(page("changelist"), given, follow=True)
        assert answer.redirect_chain[-1][0] == f"{page('merge', twin.pk)}?ke={world.desk.pk}"
        assert 'name="sure"' in answer.text
        one = client.post(page("changelist"), {**given, "_selected_action": [twin.pk]}, follow=True)
        assert "Pilih dua." in one.text

    @pytest.mark.parametrize("into", ["", "x", "999999", "dpn", "itself"])
    def test_what_cannot_be_is_said_beside_the_form(self, enter, world, twin, into):
        into = {"dpn": world.dpn.pk, "itself": twin.pk}.get(into, into)
        answer = enter(world.admin_federasi).post(page("merge", twin.pk), {"into": into, "sure": "1"})
        assert answer.status_code == 200
        assert "errornote" in answer.text
        assert not Organisation.objects.exclude(merged_into=None).exists()

    def test_contradictions_are_said(self, enter, world, twin):
        answer = enter(world.superuser).post(page("merge", world.desk.pk), {"into": world.dpw.pk, "sure": "1"})
        assert "bukan satu organisasi" in answer.text


class TestManyAtOnce:
    def test_asks_first_then_switches_off_and_on(self, enter, world):
        client = enter(world.admin_federasi)
        given = {"action": "switch_off_chosen", "_selected_action": [world.other_desk.pk, world.desk.pk]}
        asked = client.post(page("changelist"), given)
        assert "DPD Bukit Lor" in asked.text
        assert Organisation.objects.filter(is_active=False).count() == 0
        client.post(page("changelist"), {**given, "sure": "1"})
        assert set(Organisation.objects.filter(is_active=False)) == {world.other_desk, world.desk}
        client.post(page("changelist"), {**given, "action": "switch_on_chosen", "sure": "1"})
        assert not Organisation.objects.filter(is_active=False).exists()
        assert world.desk.history.count() >= 3

    def test_nothing_beyond_reach(self, enter, world):
        given = {"action": "switch_off_chosen", "_selected_action": [world.dpn.pk], "sure": "1"}
        answer = enter(world.admin_federasi).post(page("changelist"), given, follow=True)
        assert "Tidak ada yang perlu diubah" in answer.text
        assert not Organisation.objects.filter(is_active=False).exists()


class TestFilters:
    def test_unregistered_units(self, as_user, world):
        kind = "branch"
        bare = make_organisation("PC Belum Tercatat", parent=world.dpw, kind=kind, line="union", is_desk=False)
        half = make_organisation("PC Setengah", parent=world.dpw, kind=kind, line="union", is_desk=False)
        full = make_organisation("PC Lengkap", parent=world.dpw, kind=kind, line="union", is_desk=False)
        Registration.objects.create(organisation=half, number="1")
        Registration.objects.create(
            organisation=full, number="2", registered_on=timezone.localdate(), office=world.place
        )
        client = as_user(world.superuser)
        for value, shown in {"belum": [bare], "kurang": [half], "sudah": [half, full]}.items():
            text = client.get(page("changelist"), {"tercatat": value}).text
            assert [row for row in (bare, half, full) if row.name in text] == shown, value
        assert "DPD Karangsari" not in client.get(page("changelist"), {"tercatat": "belum"}).text

    def test_boards_that_end(self, as_user, world):
        today = timezone.localdate()
        BoardTerm.objects.create(organisation=world.desk, until_on=today + timedelta(days=20))
        BoardTerm.objects.create(organisation=world.other_desk, until_on=today - timedelta(days=400))
        client = as_user(world.superuser)
        for value, shown in {"segera": "DPD Karangsari", "lewat": "DPD Bukit Lor", "kosong": "DPW Uji Timur"}.items():
            text = client.get(page("changelist"), {"pengurus": value}).text
            names = ("DPD Karangsari", "DPD Bukit Lor", "DPW Uji Timur")
            assert [name for name in names if f">{name}<" in text] == [shown], value


def test_board_offices_and_registration_are_filled_in_on_one_page(enter, world):
    given = organisation_form(
        world.desk,
        region=world.desk.region_id,
        **inline("board_terms", [{"name": "2023–2028", "decree": "SK 7/2023", "from_on": "2023-05-01"}]),
        **inline("offices", [{"name": "Eko", "title": "Sekretaris", "from_on": "2023-05-01", "contact": "0812"}]),
        **inline("registrations", [{"number": "560/1", "office": world.place.pk}]),
    )
    assert enter(world.admin_federasi).post(page("change", world.desk.pk), given).status_code == 302
    assert world.desk.board_terms.get().decree == "SK 7/2023"
    assert world.desk.offices.get().history.get().history_user == world.admin_federasi
    assert not hasattr(world.desk.offices.get().history.get(), "contact")
    assert world.desk.registrations.get().office == world.place
