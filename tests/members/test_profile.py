"""My account: what I may change about myself, at once, and nothing more."""

import re
from datetime import time, timedelta

import pytest
import time_machine
from django.utils import timezone

from members.models import User
from members.services import accounts
from tests.factories import PASSWORD, make_user

GIVEN = {
    "full_name": "Rina  Wulandari Putri",
    "whatsapp": "0812 1111 2222",
    "zone": "Asia/Makassar",
    "language": "id",
    "theme": "dark",
    "quiet_from": "22:00",
    "quiet_until": "05:00",
    "wants_email": "on",
    "shortcuts": "on",
}


def of(user):
    return User.objects.get(pk=user.pk)


class TestProfile:
    def test_saves_what_was_typed(self, as_user, world):
        answer = as_user(world.relawan).post("/saya/", {**GIVEN, "wants_digest": "on", "is_resting": "on"})
        assert answer["Location"] == "/saya/"
        user = of(world.relawan)
        assert user.full_name == "Rina Wulandari Putri"
        assert user.whatsapp == "+6281211112222"
        assert (user.zone, user.theme) == ("Asia/Makassar", "dark")
        assert (user.quiet_from, user.quiet_until) == (time(22), time(5))
        assert (user.wants_digest, user.is_resting, user.wants_email, user.shortcuts) == (True, True, True, True)

    def test_the_look_is_used_at_once(self, as_user, world):
        client = as_user(world.relawan)
        client.post("/saya/", GIVEN)
        assert 'data-bs-theme="dark"' in client.get("/saya/").text

    def test_the_language_is_used_at_once_and_after_signing_out(self, as_user, world):
        client = as_user(world.relawan)
        answer = client.post("/saya/", {**GIVEN, "language": "en"}, follow=True)
        assert 'lang="en"' in answer.text
        assert "Saved." in answer.text
        assert answer.headers["Content-Language"] == "en"
        client.post("/akun/keluar/")
        assert 'lang="en"' in client.get("/akun/masuk/").text

    def test_the_language_of_the_account_counts_on_a_new_phone(self, client, world):
        User.objects.filter(pk=world.relawan.pk).update(language="en")
        client.post("/akun/masuk/", {"login": "relawan", "password": PASSWORD})
        assert 'lang="en"' in client.get("/saya/").text

    def test_the_switch_of_the_gate_changes_the_account_too(self, as_user, world):
        client = as_user(world.relawan)
        client.post("/bahasa/", {"language": "en", "next": "/saya/"})
        assert of(world.relawan).language == "en"
        assert 'lang="en"' in client.get("/saya/").text

    @pytest.mark.parametrize("language", ["xx", "", "en'--"])
    def test_a_language_we_do_not_speak_changes_nothing(self, as_user, world, language):
        as_user(world.relawan).post("/bahasa/", {"language": language, "next": "/saya/"})
        assert of(world.relawan).language == "id"

    @pytest.mark.parametrize(
        ("field", "value", "says"),
        [
            ("whatsapp", "12", "Tulis nomor"),
            ("full_name", "  ", ""),
            ("quiet_until", "", "Isi kedua jam"),
            ("zone", "Europe/Paris", ""),
            ("theme", "pink", ""),
        ],
    )
    def test_what_will_not_do_is_said_and_nothing_typed_is_lost(self, as_user, world, field, value, says):
        answer = as_user(world.relawan).post("/saya/", {**GIVEN, field: value})
        assert answer.status_code == 200
        assert re.search(r"<title>\s*Periksa lagi:", answer.text)
        assert says in answer.text
        if field != "full_name":
            assert "Wulandari Putri" in answer.text
        assert of(world.relawan).full_name == "Rina Wulandari"

    def test_an_empty_number_is_welcome(self, as_user, world):
        as_user(world.relawan).post("/saya/", {**GIVEN, "whatsapp": ""})
        assert of(world.relawan).whatsapp == ""

    def test_nothing_else_of_the_account_can_be_posted(self, as_user, world):
        extra = {
            "username": "lain", "email": "lain@example.org", "is_superuser": "on", "is_staff": "on", "is_active": "",
            "password": "x", "pledge_version": "", "uuid": "0", "id": world.superuser.pk, "pk": world.superuser.pk,
        }  # fmt: skip
        before = {name: getattr(of(world.relawan), name) for name in extra if name not in ("pk",)}
        as_user(world.relawan).post("/saya/", {**GIVEN, **extra})
        assert {name: getattr(of(world.relawan), name) for name in before} == before
        assert of(world.superuser).full_name == "Admin Sistem"

    def test_the_change_stands_in_the_history_with_who_made_it(self, as_user, world):
        as_user(world.relawan).post("/saya/", GIVEN)
        row = world.relawan.history.first()
        assert row.history_user == world.relawan
        assert row.full_name == "Rina Wulandari Putri"

    def test_it_shows_roles_and_the_ways_on(self, as_user, world):
        page = as_user(world.relawan).get("/saya/").text
        for words in ("DPD Karangsari", "/akun/sandi/ganti/", "/akun/pengaman/", "/saya/perangkat/", "/saya/surel/"):
            assert words in page


class TestEmail:
    NEW = "rina.baru@example.org"

    @pytest.fixture
    def client_in(self, client, world):
        client.post("/akun/masuk/", {"login": "relawan", "password": PASSWORD})
        return client

    def link(self, mailoutbox):
        word = next(word for word in mailoutbox[0].body.split() if "/saya/surel/" in word)
        return word.removeprefix("http://localhost:8000")

    def test_asks_who_one_is_unless_just_signed_in(self, client, world):
        with time_machine.travel("2026-11-21 08:00 +0700", tick=False) as clock:
            client.post("/akun/masuk/", {"login": "relawan", "password": PASSWORD})
            assert client.get("/saya/surel/").status_code == 200
            clock.shift(timedelta(minutes=11))
            assert client.get("/saya/surel/")["Location"].startswith("/akun/pastikan/")
            assert client.post("/saya/surel/", {"email": self.NEW})["Location"].startswith("/akun/pastikan/")
        assert of(world.relawan).email == "relawan@example.org"

    def test_the_new_address_counts_once_its_link_is_opened(self, client_in, world, mailoutbox):
        client_in.post("/saya/surel/", {"email": self.NEW})
        assert mailoutbox[0].to == [self.NEW]
        assert of(world.relawan).email == "relawan@example.org"
        link = self.link(mailoutbox)
        assert "rina" not in link
        assert client_in.get(link).status_code == 200
        assert of(world.relawan).email == "relawan@example.org"  # a mail scanner that follows links changes nothing
        client_in.post(link)
        assert of(world.relawan).email == self.NEW
        assert mailoutbox[1].to == ["relawan@example.org"]
        client_in.post("/akun/keluar/")
        assert client_in.post("/akun/masuk/", {"login": self.NEW, "password": PASSWORD}).status_code == 302

    def test_the_link_works_once(self, client_in, world, mailoutbox):
        client_in.post("/saya/surel/", {"email": self.NEW})
        link = self.link(mailoutbox)
        client_in.post(link)
        accounts.change_email(user=of(world.relawan), email="lain@example.org")
        client_in.post(link)
        assert of(world.relawan).email == "lain@example.org"

    def test_it_is_nobody_elses_and_lives_a_day(self, world):
        token = accounts.email_token(user=world.relawan, email=self.NEW)
        assert accounts.email_of_token(token, user=world.relawan) == self.NEW
        assert accounts.email_of_token(token, user=world.relawan2) is None
        assert accounts.email_of_token(token[:-4] + "AAAA", user=world.relawan) is None
        assert accounts.email_of_token("", user=world.relawan) is None
        with time_machine.travel(timezone.now() + timedelta(hours=25)):
            assert accounts.email_of_token(token, user=world.relawan) is None

    def test_an_address_of_somebody_else_is_refused_at_the_end(self, client_in, world, mailoutbox):
        client_in.post("/saya/surel/", {"email": self.NEW})
        make_user("lain", email=self.NEW.upper())
        answer = client_in.post(self.link(mailoutbox), follow=True)
        assert "milik akun lain" in answer.text
        assert of(world.relawan).email == "relawan@example.org"

    def test_a_mail_server_that_is_away_is_said(self, client_in, monkeypatch):
        def away(*args, **kwargs):
            raise ConnectionRefusedError

        monkeypatch.setattr("django.core.mail.message.EmailMessage.send", away)
        answer = client_in.post("/saya/surel/", {"email": self.NEW})
        assert answer.status_code == 200
        assert "Coba lagi nanti" in answer.text
        assert self.NEW in answer.text

    @pytest.mark.parametrize("email", ["", "bukan", "relawan@example.org", "a@b.c\nBcc: x@y.z", "RELAWAN@EXAMPLE.ORG"])
    def test_what_is_no_new_address(self, client_in, mailoutbox, email):
        assert client_in.post("/saya/surel/", {"email": email}).status_code == 200
        assert not mailoutbox


class TestFirstAdmin:
    def test_on_an_empty_installation(self, db):
        user = accounts.create_first_admin(
            username="pusat", email="pusat@example.org", password="hujan turun di bulan juni", full_name="Admin Pusat"
        )
        assert user.is_superuser
        assert user.check_password("hujan turun di bulan juni")

    def test_never_beside_others(self, world):
        with pytest.raises(accounts.ValidationError):
            accounts.create_first_admin(username="x", email="", password="hujan turun di bulan juni")

    @pytest.mark.parametrize("given", [{"password": "pendek"}, {"username": "dua kata"}, {"email": "bukan"}])
    def test_what_will_not_do(self, db, given):
        good = {"username": "pusat", "email": "pusat@example.org", "password": "hujan turun di bulan juni"}
        with pytest.raises(accounts.ValidationError):
            accounts.create_first_admin(**{**good, **given})
        assert not User.objects.exists()
