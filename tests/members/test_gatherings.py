"""Gatherings, their door, attendance and certificates: services and the pages around them."""

from datetime import date, time, timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.models import AccessLog, Affiliation, Attendance, Certificate, Feedback, Gathering, GatheringSeries
from members.reports import calendar, presence
from members.rules.gatherings import Invited, Presence
from members.services import attendance, certificates, gatherings, trees
from members.views.attendance import KNOCKS
from tests.factories import make_organisation, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_cache():
    cache.clear()


@pytest.fixture
def training(world):
    return gatherings.hold(
        kind="training",
        title="Pelatihan Pendamping",
        organisers=[world.desk],
        by=world.koordinator,
        held_on=date(2026, 11, 2),
    )


class TestHolding:
    def test_twice_sent_is_one(self, world):
        key = uuid4()
        said = {"kind": "ratin", "title": "Ratin", "organisers": [world.desk], "by": world.koordinator}
        first = gatherings.hold(submit_key=key, **said)
        assert gatherings.hold(submit_key=key, **said) == first
        assert Gathering.objects.count() == 1

    def test_at_least_one_organiser_is_ones_own(self, world):
        with pytest.raises(ValidationError):
            gatherings.hold(kind="ratin", title="x", organisers=[world.other_desk], by=world.koordinator)

    def test_a_guest_organiser_runs_it_too_and_is_not_dropped_by_the_other(self, world):
        both = [world.desk, world.other_desk]
        gathering = gatherings.hold(kind="ratin", title="Bersama", organisers=both, by=world.koordinator)
        assert gatherings.may_run(gathering, world.outside_koordinator)
        gatherings.change(gathering=gathering, by=world.koordinator, organisers=[world.desk], title="Bersama lagi")
        assert set(gathering.organisers.all()) == set(both)

    @pytest.mark.parametrize(
        ("fields", "wrong"),
        [
            ({"held_on": date(2026, 11, 2), "until_on": date(2026, 11, 1)}, "until_on"),
            ({"until_on": date(2026, 11, 1)}, "until_on"),
            ({"held_on": date(2026, 11, 2), "from_hour": time(9), "until_hour": time(8)}, "until_hour"),
        ],
    )
    def test_it_ends_after_it_begins(self, world, fields, wrong):
        with pytest.raises(ValidationError) as refusal:
            gatherings.hold(kind="ratin", title="x", organisers=[world.desk], by=world.koordinator, **fields)
        assert list(refusal.value.error_dict) == [wrong]

    def test_numbers_of_a_series_are_given_once(self, world):
        said = {"kind": "meeting", "title": "x", "organisers": [world.desk], "by": world.koordinator, "series": "Seri"}
        assert [gatherings.hold(**said).number for _each in range(2)] == [1, 2]
        with pytest.raises(ValidationError):
            gatherings.hold(number=2, **said)

    def test_a_series_is_one_whoever_of_its_organisers_writes(self, world):
        both = [world.desk, world.other_desk]
        said = {"kind": "meeting", "title": "x", "series": "Kelas Bersama"}
        first = gatherings.hold(organisers=both, by=world.koordinator, **said)
        second = gatherings.hold(organisers=both, by=world.outside_koordinator, **said)
        gatherings.change(
            gathering=first, by=world.outside_koordinator, organisers=[world.other_desk], series="kelas bersama"
        )
        first.refresh_from_db()
        assert GatheringSeries.objects.get() == first.series == second.series
        assert (first.number, second.number) == (1, 2)

    def test_the_form_keeps_what_was_typed_and_says_which_organisation_is_unknown(self, world, as_user):
        sent = {
            "kind": "ratin",
            "title": "Rapat bulanan",
            "organisers": "DPD Karangsari\nSerikat Entah",
            "held_on": "31-02-2026",
        }
        page = as_user(world.koordinator).post(reverse("members:gathering-add"), sent).text
        assert "Periksa lagi:" in page
        assert "Tidak kami kenal: Serikat Entah" in page
        assert "Tanggal ini tidak ada" in page
        assert "Rapat bulanan" in page
        assert not Gathering.objects.exists()

    def test_a_leader_and_a_relawan_make_none(self, world, as_user):
        for user in (world.relawan, world.pimpinan):
            assert as_user(user).get(reverse("members:gathering-add")).status_code == 404


class TestSeeing:
    def test_those_it_concerns_and_nobody_else(self, world, training):
        sees = {
            user.username
            for user in (
                world.relawan, world.relawan2, world.koordinator, world.koordinator_atas, world.pimpinan,
                world.admin_federasi, world.outsider, world.outside_koordinator, world.superuser,
            )
            if gatherings.seen_by(user).filter(pk=training.pk).exists()
        }  # fmt: skip
        assert sees == {"relawan", "relawan2", "koordinator", "koordinator_atas", "adminfed", "sistem"}

    def test_who_is_invited_sees_it(self, world, training):
        attendance.check_in_user(gathering=training, user=world.outsider)
        assert gatherings.seen_by(world.outsider).filter(pk=training.pk).exists()
        assert not gatherings.may_run(training, world.outsider)

    def test_the_list_of_people_is_for_organisers_and_every_opening_is_noted(self, world, training, as_user):
        attendance.invite(gathering=training, people=[Invited("Siti Aminah", "SPN")])
        page = reverse("members:gathering-people", args=[training.uuid])
        assert as_user(world.relawan).get(page).status_code == 404
        assert "Siti Aminah" not in as_user(world.relawan).get(reverse("members:gathering", args=[training.uuid])).text
        assert "Siti Aminah" in as_user(world.koordinator).get(page).text
        actions = list(AccessLog.objects.filter(object_uuid=training.uuid).values_list("action", "user__username"))
        assert actions == [("refused", "relawan"), ("reveal", "koordinator")]


class TestAttendance:
    def test_it_stays_when_the_organisation_changes(self, world, training, as_user):
        """S2.3, S2.4: what was written of a day is what was that day."""
        gatherings.invite_parties(gathering=training, names=["DPW Uji Timur"])
        row = attendance.check_in_user(gathering=training, user=world.relawan)
        assert (row.organisation_name, row.party.name) == ("DPD Karangsari", "DPW Uji Timur")
        other = make_organisation("DPW Lain")
        trees.move(world.desk, parent=other)
        world.relawan.appointments.update(organisation=world.other_desk)
        world.desk.name = "DPD Nama Baru"
        world.desk.save()
        attendance.check_in_user(gathering=training, user=world.relawan)
        row.refresh_from_db()
        assert (row.organisation_name, row.party.name) == ("DPD Karangsari", "DPW Uji Timur")
        assert presence.of(training).there == 1
        assert Affiliation.objects.filter(organisation=world.desk).count() == 2

    def test_organisations_may_be_invited_after_the_people(self, world, training):
        attendance.check_in_name(gathering=training, name="Siti", organisation="SPN")
        attendance.check_in_user(gathering=training, user=world.relawan)
        attendance.invite_organisations(gathering=training, names=["SPN", "DPW Uji Timur", "FARKES"])
        room = presence.of(training)
        assert (room.there, room.missing) == (2, ["FARKES"])

    def test_a_user_is_found_by_name_where_they_serve(self, world, training):
        attendance.invite(
            gathering=training,
            people=[Invited("Rina Wulandari", "DPD Karangsari"), Invited("Tono Kusuma", "DPD Karangsari")],
        )
        rows = {row.name: row.user for row in training.attendances.select_related("user")}
        assert rows == {"Rina Wulandari": world.relawan, "Tono Kusuma": None}

    def test_one_name_in_two_unions_is_two_people(self, world, training):
        attendance.invite(gathering=training, people=[Invited("Siti", "SPN"), Invited("Siti", "FARKES")])
        attendance.check_in_name(gathering=training, name="siti", organisation="farkes")
        states = dict(training.attendances.values_list("organisation_name", "state"))
        assert states == {"SPN": "invited", "FARKES": "present"}

    def test_a_name_without_union_that_fits_two_is_somebody_new(self, world, training):
        attendance.invite(gathering=training, people=[Invited("Siti", "SPN"), Invited("Siti", "FARKES")])
        attendance.check_in_name(gathering=training, name="Siti")
        assert training.attendances.count() == 3
        assert training.attendances.present().get().organisation_name == ""

    def test_twice_sent_is_one(self, world, training):
        key = uuid4()
        for _again in range(2):
            attendance.check_in_name(gathering=training, name="Siti", submit_key=key)
        assert training.attendances.count() == 1

    def test_the_database_keeps_a_user_once_and_the_present_with_a_moment(self, world, training):
        attendance.check_in_user(gathering=training, user=world.relawan)
        with pytest.raises(IntegrityError), transaction.atomic():
            Attendance.objects.create(gathering=training, user=world.relawan, name="Rina")
        with pytest.raises(IntegrityError), transaction.atomic():
            Attendance.objects.create(gathering=training, name="x", state=Presence.PRESENT)

    def test_marked_here_and_not_here(self, world, training, as_user):
        attendance.invite(gathering=training, people=[Invited("Siti")])
        row = training.attendances.get()
        address = reverse("members:gathering-mark", args=[training.uuid, row.uuid])
        client = as_user(world.koordinator)
        client.post(address, {"state": "present"})
        row.refresh_from_db()
        assert (row.state, row.checked_in_by) == ("present", world.koordinator)
        client.post(address, {"state": "absent"})
        row.refresh_from_db()
        assert (row.state, row.checked_in_at) == ("absent", None)
        client.post(address, {"state": "presiden"})
        row.refresh_from_db()
        assert row.state == "absent"

    def test_more_than_a_hall_holds_is_refused(self, world, training, as_user):
        paste = "\n".join(f"Nama Ke{at}, SPN" for at in range(501))
        page = as_user(world.koordinator).post(
            reverse("members:gathering-people", args=[training.uuid]),
            {"undang-people": paste, "undang-part": "peserta"},
        )
        assert "Lebih dari 500 orang" in page.text
        assert not training.attendances.exists()


class TestDoor:
    def test_a_wrong_secret_opens_nothing(self, world, training):
        attendance.open_door(gathering=training)
        for secret in ("salah", training.door_secret[:-1], "x" * 300):
            assert Client().get(reverse("members:check-in", args=[training.uuid, secret])).status_code == 404
        assert Client().get(reverse("members:check-in", args=[uuid4(), training.door_secret])).status_code == 404

    def test_it_closes_by_itself(self, world, training):
        attendance.open_door(gathering=training, now=timezone.now() - timedelta(hours=13))
        assert attendance.behind_door(training.uuid, training.door_secret) is None

    def test_the_secret_is_cipher_and_in_no_history(self, world, training):
        attendance.open_door(gathering=training)
        raw = (
            Gathering.objects.filter(pk=training.pk)
            .extra(select={"raw": "door_secret"})
            .values_list("raw", flat=True)[0]
        )
        assert training.door_secret not in raw
        assert not hasattr(training.history.first(), "door_secret")

    def test_one_address_knocks_so_often_and_no_more(self, world, training):
        attendance.open_door(gathering=training)
        entrance = reverse("members:check-in", args=[training.uuid, training.door_secret])
        guest = Client()
        codes = [guest.post(entrance, {}).status_code for _knock in range(KNOCKS + 1)]
        assert codes[0] == codes[-2] == 200
        assert codes[-1] == 429
        assert KNOCKS >= 120, "sixty people behind one address, twice over"

    def test_a_signed_in_user_notes_somebody_beside_them(self, world, training, as_user):
        attendance.open_door(gathering=training)
        entrance = reverse("members:check-in", args=[training.uuid, training.door_secret])
        client = as_user(world.relawan)
        assert "Saya hadir: Rina Wulandari" in client.get(entrance).text
        client.post(entrance, {"name": "Tetangga Duduk", "organisation": "SPN"})
        assert training.attendances.get().name == "Tetangga Duduk"
        client.post(entrance, {"act": "me"})
        assert training.attendances.count() == 2

    def test_an_empty_name_is_asked_for_again(self, world, training):
        attendance.open_door(gathering=training)
        entrance = reverse("members:check-in", args=[training.uuid, training.door_secret])
        page = Client().post(entrance, {"name": "...", "organisation": "SPN Bekasi"}).text
        assert "Tulis nama Anda." in page
        assert "SPN Bekasi" in page
        assert not training.attendances.exists()

    def test_feedback_names_nobody(self, world, training):
        attendance.open_door(gathering=training)
        address = reverse("members:feedback", args=[training.uuid, training.door_secret])
        key = str(uuid4())
        for _again in range(2):
            Client().post(address, {"score": "4", "useful": "Simulasi", "submit_key": key})
        assert Feedback.objects.get().score == 4
        assert {field.name for field in Feedback._meta.fields} & {"user", "name", "person"} == set()
        assert Client().post(address, {"score": "9"}).status_code == 200
        assert Feedback.objects.count() == 1


class TestCertificates:
    def test_only_of_a_training_with_its_day(self, world, training):
        ratin = gatherings.hold(kind="ratin", title="x", organisers=[world.desk], by=world.koordinator)
        with pytest.raises(ValidationError):
            certificates.issue(gathering=ratin, by=world.koordinator)
        training.held_on = None
        training.save()
        with pytest.raises(ValidationError):
            certificates.issue(gathering=training, by=world.koordinator)

    def test_only_for_those_who_were_there_and_once(self, world, training):
        attendance.invite(gathering=training, people=[Invited("Tidak Datang")])
        attendance.check_in_name(gathering=training, name="Siti Aminah")
        assert certificates.issue(gathering=training, by=world.koordinator) == 1
        assert certificates.issue(gathering=training, by=world.koordinator) == 0
        code = Certificate.objects.get().code
        assert len(code) == 26
        assert certificates.find(code.upper()) == Certificate.objects.get()

    def test_who_has_one_was_there(self, world, training):
        row = attendance.check_in_name(gathering=training, name="Siti Aminah")
        certificates.issue(gathering=training, by=world.koordinator)
        with pytest.raises(ValidationError):
            attendance.mark(attendance=row, state=Presence.ABSENT, by=world.koordinator)

    def test_it_runs_out_and_may_be_revoked(self, world, training):
        attendance.check_in_name(gathering=training, name="Siti Aminah")
        yesterday = timezone.localdate() - timedelta(days=1)
        certificates.issue(gathering=training, by=world.koordinator, valid_until=yesterday)
        certificate = Certificate.objects.get()
        address = reverse("members:certificate", args=[certificate.code])
        assert "Tidak berlaku lagi" in Client().get(address).text
        certificates.revoke(certificate=certificate, by=world.koordinator)
        assert "Dicabut" in Client().get(address).text

    def test_a_number_nobody_gave(self, world):
        answer = Client().get(reverse("members:certificate", args=["tidakada"]))
        assert answer.status_code == 404
        assert "Tidak ada sertifikat dengan nomor ini" in answer.text

    def test_the_coordinator_of_elsewhere_revokes_nothing(self, world, training, as_user):
        attendance.check_in_name(gathering=training, name="Siti Aminah")
        certificates.issue(gathering=training, by=world.koordinator)
        certificate = Certificate.objects.get()
        address = reverse("members:certificate-revoke", args=[certificate.code])
        assert as_user(world.outside_koordinator).post(address).status_code == 404
        certificate.refresh_from_db()
        assert certificate.revoked_at is None


def test_a_calendar_of_a_day_without_hours(world, training):
    training.title = "Pelatihan; satu, dua " + "panjang " * 12
    text = calendar.ics([calendar.of_gathering(training)], now=timezone.now())
    assert "DTSTART;VALUE=DATE:20261102" in text
    assert "DTEND;VALUE=DATE:20261103" in text
    assert "SUMMARY:Pelatihan\\; satu\\, dua" in text
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))


def test_minutes_are_kept_and_outputs_written_once(world, training):
    for outputs in (["Draf awal", "Tim kecil"], ["draf  awal", "Jadwal"]):
        gatherings.note_outcome(gathering=training, minutes=" Disepakati. ", outputs=outputs)
    assert [row.text for row in training.outputs.all()] == ["Draf awal", "Jadwal"]
    training.refresh_from_db()
    assert training.minutes == "Disepakati."


def test_the_list_costs_the_same_however_many(world, as_user, django_assert_max_num_queries):
    for number in range(12):
        gatherings.hold(
            kind="ratin", title=f"Ratin {number}", organisers=[world.desk], by=world.koordinator,
            held_on=date(2027, 1, 1 + number), topics=["rutin"],
        )  # fmt: skip
    client = as_user(world.koordinator)
    client.get(reverse("members:gatherings"))
    with django_assert_max_num_queries(22):
        assert client.get(reverse("members:gatherings")).text.count("Ratin ") >= 12


def test_somebody_without_office_makes_no_gathering(world, as_user):
    nobody = make_user("tanpa", full_name="Tanpa Jabatan")
    assert not gatherings.run_organisations(nobody).exists()
    assert not gatherings.seen_by(nobody).exists()
    assert as_user(nobody).get(reverse("members:gatherings")).status_code == 200
