"""Modules on their way, the path of a volunteer, the card and its misuse."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.models import AdvocatePath, Competence, MisuseReport, Module, ModuleVersion, VolunteerCard
from members.services import advocates, modules
from members.views.volunteers import REPORTS
from tests.pictures import phone_photo

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_cache():
    cache.clear()


@pytest.fixture
def module(world):
    return Module.objects.create(title="Kebebasan Berserikat", organisation=world.desk)


@pytest.fixture
def card(world):
    return advocates.issue_card(
        user=world.relawan,
        organisation=world.desk,
        valid_until=timezone.localdate() + timedelta(days=30),
        by=world.koordinator,
    )


def final(module, text, by):
    version = modules.write(module=module, text=text, by=by)
    modules.move(version=version, to="review")
    modules.review(version=version, reviewer="Alumni", note="", by=by)
    return modules.move(version=version, to="final")


class TestModules:
    def test_nothing_becomes_final_unseen_or_from_a_draft(self, world, module):
        version = modules.write(module=module, text="x", by=world.koordinator)
        with pytest.raises(ValidationError):
            modules.move(version=version, to="final")
        modules.move(version=version, to="review")
        with pytest.raises(ValidationError):
            modules.move(version=version, to="final")
        modules.move(version=version, to="draft")
        version.refresh_from_db()
        assert version.state == "draft"

    def test_a_final_text_moves_no_more(self, world, module):
        version = final(module, "x", world.koordinator)
        with pytest.raises(ValidationError):
            modules.move(version=version, to="draft")
        with pytest.raises(ValidationError):
            modules.review(version=version, reviewer="x", note="", by=world.koordinator)
        assert modules.move(version=version, to="final").final_at == version.final_at

    def test_a_newer_draft_does_not_hide_the_text_that_holds(self, world, module, as_user):
        final(module, "Naskah berlaku", world.koordinator)
        modules.write(module=module, text="Naskah rahasia", by=world.koordinator)
        page = as_user(world.outsider).get(reverse("members:module", args=[module.uuid])).text
        assert "Naskah berlaku" in page
        assert "Naskah rahasia" not in page

    def test_twice_sent_is_one_and_the_old_stays(self, world, module, as_user):
        key = str(uuid4())
        address = reverse("members:module-versions", args=[module.uuid])
        for _again in range(2):
            as_user(world.koordinator).post(address, {"text": "Draf", "submit_key": key})
        final(module, "Dua", world.koordinator)
        assert list(module.versions.values_list("number", "text")) == [(2, "Dua"), (1, "Draf")]

    def test_the_database_keeps_final_and_moment_together(self, world, module):
        with pytest.raises(IntegrityError), transaction.atomic():
            ModuleVersion.objects.create(module=module, number=1, text="x", state="final", made_at=timezone.now())

    def test_somebody_elsewhere_neither_reads_drafts_nor_moves_them(self, world, module, as_user):
        version = modules.write(module=module, text="x", by=world.koordinator)
        client = as_user(world.outside_koordinator)
        assert client.get(reverse("members:module-version", args=[version.uuid])).status_code == 404
        assert (
            client.post(reverse("members:module-version-move", args=[version.uuid]), {"state": "review"}).status_code
            == 404
        )

    def test_a_retired_module_is_read_by_nobody_in_the_field(self, world, module, as_user):
        final(module, "x", world.koordinator)
        Module.objects.update(is_retired=True)
        assert as_user(world.relawan).get(reverse("members:module", args=[module.uuid])).status_code == 404


class TestPath:
    def test_a_stage_ends_when_the_next_begins(self, world):
        today = timezone.localdate()
        advocates.set_stage(user=world.relawan, stage="peserta", by=world.koordinator, on=today - timedelta(days=9))
        advocates.set_stage(user=world.relawan, stage="magang", mentor=world.relawan2, by=world.koordinator, on=today)
        assert list(world.relawan.advocate_path.values_list("stage", "until_on")) == [
            ("magang", None),
            ("peserta", today - timedelta(days=1)),
        ]
        advocates.set_stage(user=world.relawan, stage="aktif", by=world.koordinator, on=today)
        assert world.relawan.advocate_path.count() == 2, "what was wrong today is put right"

    def test_nobody_is_their_own_mentor(self, world):
        with pytest.raises(ValidationError):
            advocates.set_stage(user=world.relawan, stage="magang", mentor=world.relawan, by=world.koordinator)
        with pytest.raises(IntegrityError), transaction.atomic():
            AdvocatePath.objects.create(user=world.relawan, stage="magang", mentor=world.relawan)

    def test_a_coordinator_writes_for_their_own_part_alone_and_not_for_themselves(self, world, as_user):
        sent = {"act": "stage", "jalan-stage": "aktif", "jalan-mentor": ""}
        address = reverse("members:volunteer", args=[world.relawan.uuid])
        assert as_user(world.outside_koordinator).post(address, sent).status_code == 404
        assert as_user(world.koordinator).post(address, sent).status_code == 302
        own = reverse("members:volunteer", args=[world.koordinator.uuid])
        as_user(world.koordinator).post(own, sent)
        assert list(AdvocatePath.objects.values_list("user__username", "stage")) == [("relawan", "aktif")]

    def test_a_mentor_from_elsewhere_is_refused_and_what_was_typed_stays(self, world, as_user):
        sent = {
            "act": "stage",
            "jalan-stage": "aktif",
            "jalan-mentor": str(world.outsider.uuid),
            "jalan-note": "Berani",
        }
        page = as_user(world.koordinator).post(reverse("members:volunteer", args=[world.relawan.uuid]), sent).text
        assert "Periksa lagi:" in page
        assert "Berani" in page
        assert not AdvocatePath.objects.exists()

    def test_the_same_skill_moves_its_level(self, world):
        for level in (1, 3):
            advocates.give_competence(user=world.relawan, skill="trainer", level=level)
        assert Competence.objects.get().level == 3

    def test_what_one_tells_of_oneself_may_stay_empty(self, world, as_user):
        address = reverse("members:my-volunteering")
        client = as_user(world.relawan)
        assert client.post(address, {"gender": "f", "born_from": "1995"}).status_code == 302
        world.relawan.refresh_from_db()
        assert (world.relawan.volunteer_profile.gender, world.relawan.volunteer_profile.born_from) == ("f", 1995)
        assert client.post(address, {"gender": "", "born_from": ""}).status_code == 302
        assert client.post(address, {"gender": "x", "born_from": "1"}).status_code == 200


class TestCard:
    def test_it_shows_name_unit_and_validity_and_nothing_else(self, world, card, case):
        answer = Client().get(reverse("members:card", args=[card.code]))
        assert answer.status_code == 200
        page = answer.text
        assert "Rina Wulandari" in page and "DPD Karangsari" in page and "Berlaku sampai" in page
        for secret in ("Siti", case.number, "relawan@", "81200000001", world.relawan.username + '"'):
            assert secret not in page

    def test_a_new_card_ends_the_old_one(self, world, card):
        fresh = advocates.issue_card(
            user=world.relawan, organisation=world.desk, valid_until=card.valid_until, by=world.koordinator
        )
        card.refresh_from_db()
        assert card.revoked_at is not None
        assert fresh.code != card.code
        assert "Tidak berlaku lagi" in Client().get(reverse("members:card", args=[card.code])).text
        with pytest.raises(IntegrityError), transaction.atomic():
            VolunteerCard.objects.filter(pk=card.pk).update(revoked_at=None)

    def test_it_ends_with_its_day_and_with_the_account(self, world, card):
        today = timezone.localdate()
        assert card.holds_on(today)
        assert not card.holds_on(card.valid_until + timedelta(days=1))
        world.relawan.is_active = False
        world.relawan.save()
        assert "Tidak berlaku lagi" in Client().get(reverse("members:card", args=[card.code])).text

    def test_a_card_nobody_made(self, db):
        assert Client().get(reverse("members:card", args=["tidakada"])).status_code == 404

    def test_the_face_is_small_cipher_and_shown_while_the_card_holds(self, world, card, as_user):
        photo = SimpleUploadedFile("wajah.jpg", phone_photo(), content_type="image/jpeg")
        as_user(world.relawan).post(reverse("members:my-card-photo"), {"foto-photo": photo})
        card.refresh_from_db()
        address = reverse("members:card-photo", args=[card.code])
        answer = Client().get(address)
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
        assert len(answer.content) <= 20_000
        assert card.photo.count("/") == 2, "one folder deeper than what the sweep of case papers reads"
        advocates.revoke_card(card=card, by=world.koordinator)
        assert Client().get(address).status_code == 404

    def test_what_is_no_photo_is_refused(self, world, card, as_user):
        bad = SimpleUploadedFile("x.jpg", b"<svg onload=1>", content_type="image/jpeg")
        page = as_user(world.relawan).post(reverse("members:my-card-photo"), {"foto-photo": bad}, follow=True).text
        assert "Hanya foto" in page
        card.refresh_from_db()
        assert card.photo == ""


class TestMisuse:
    def test_told_outside_read_by_the_coordinator_answered_once(self, world, card, as_user):
        address = reverse("members:card", args=[card.code])
        key = str(uuid4())
        for _again in range(2):
            sent = {"text": "Meminta uang rokok", "contact": "0812 0000 1111", "submit_key": key}
            assert Client().post(address, sent).status_code == 302
        report = MisuseReport.objects.get()
        with connection.cursor() as cursor:
            cursor.execute("SELECT text, contact FROM members_misusereport")
            assert not any("uang" in value or "0812" in value for value in cursor.fetchone())
        reports = reverse("members:misuse-reports")
        assert "Meminta uang rokok" in as_user(world.koordinator).get(reports).text
        assert "Meminta uang rokok" not in as_user(world.outside_koordinator).get(reports).text
        assert as_user(world.relawan).get(reports).status_code == 404
        as_user(world.outside_koordinator).post(reports, {"report": str(report.uuid), "answer": "Bukan"})
        as_user(world.koordinator).post(reports, {"report": str(report.uuid), "answer": "Sudah dibicarakan"})
        as_user(world.koordinator_atas).post(reports, {"report": str(report.uuid), "answer": "Lagi"})
        report.refresh_from_db()
        assert (report.answer, report.handled_by) == ("Sudah dibicarakan", world.koordinator)

    def test_nobody_reads_reports_about_themselves(self, world):
        own = advocates.issue_card(
            user=world.koordinator, organisation=world.desk, valid_until=timezone.localdate(), by=world.koordinator_atas
        )
        advocates.report_misuse(card=own, text="Meminta uang")
        assert not advocates.misuse_seen_by(world.koordinator).exists()
        assert advocates.misuse_seen_by(world.koordinator_atas).exists()

    def test_one_address_tells_so_often(self, world, card):
        address = reverse("members:card", args=[card.code])
        guest = Client()
        for number in range(REPORTS + 2):
            answer = guest.post(address, {"text": f"Laporan {number}"})
        assert "Terlalu banyak laporan" in answer.text
        assert MisuseReport.objects.count() == REPORTS

    def test_an_empty_report_is_asked_for_again(self, world, card):
        page = Client().post(reverse("members:card", args=[card.code]), {"text": " ", "contact": "0812"}).text
        assert "Periksa lagi:" in page
        assert not MisuseReport.objects.exists()
