"""How a session ends: by time, by sign-out, by the account's fate; and when names lock (ADR 17, R6, R7)."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from members.models import User
from members.rules import sessions as rules
from members.rules.devices import device_name, is_handheld
from members.rules.roles import Role
from members.services import accounts
from members.services.appointments import appoint
from tests.factories import PASSWORD

START = timezone.make_aware(timezone.datetime(2026, 11, 21, 8, 0))
CHROME = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36"


def signed_in(user, agent=CHROME):
    client = Client(headers={"user-agent": agent})
    answer = client.post("/akun/masuk/", {"login": user.username, "password": PASSWORD})
    assert answer.status_code == 302, answer.text
    return client


def is_in(client):
    return client.get("/saya/").status_code == 200


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


class TestRules:
    def test_whose_session_lasts_how_long(self):
        def of(authority, factor, asked):
            return rules.limits_for(has_authority=authority, has_second_factor=factor, second_factor_asked=asked)

        assert of(True, True, True) is rules.SHORT
        assert of(True, True, False) is rules.SHORT
        assert of(False, True, True) is rules.LONG
        assert of(False, False, False) is rules.LONG
        assert of(False, False, True) is rules.SHORT

    def test_rest(self):
        assert rules.SHORT.rest(now=100, signed_in_at=0, seen_at=40) == 1740
        assert rules.SHORT.rest(now=43190, signed_in_at=0, seen_at=43190) == 10
        assert rules.SHORT.rest(now=43201, signed_in_at=0, seen_at=43200) == 0
        assert rules.LONG.rest(now=86400, signed_in_at=0, seen_at=0) == 13 * 86400

    def test_a_clock_set_back_lengthens_nothing(self):
        assert rules.SHORT.rest(now=0, signed_in_at=7200, seen_at=7200) == rules.IDLE


class TestCoordinator:
    def test_ends_after_30_idle_minutes_and_says_so(self, world, clock):
        client = signed_in(world.koordinator)
        clock.shift(timedelta(minutes=29))
        assert is_in(client)
        clock.shift(timedelta(minutes=31))
        answer = client.get("/saya/")
        assert answer["Location"] == "/akun/masuk/?next=/saya/"
        assert "Anda lama tidak aktif" in client.get(answer["Location"]).text

    def test_ends_after_12_hours_whatever_one_does(self, world, clock):
        client = signed_in(world.koordinator)
        for _quarter in range(47):
            clock.shift(timedelta(minutes=15))
            assert is_in(client)
        clock.shift(timedelta(minutes=16))
        assert not is_in(client)

    def test_a_post_comes_back_to_its_form_after_signing_in(self, world, clock, case):
        client = signed_in(world.koordinator)
        clock.shift(timedelta(minutes=31))
        referer = f"http://testserver/kasus/{case.uuid}/"
        answer = client.post(f"/kasus/{case.uuid}/tutup/", {}, headers={"referer": referer})
        assert answer["Location"] == f"/akun/masuk/?next=/kasus/{case.uuid}/"

    def test_a_referer_of_another_site_leads_home(self, world, clock):
        client = signed_in(world.koordinator)
        clock.shift(timedelta(minutes=31))
        answer = client.post("/ikrar/", {}, headers={"referer": "https://evil.example/kasus/"})
        assert answer["Location"] == "/akun/masuk/?next=/"

    def test_the_page_asks_how_long_it_lasts_without_making_it_longer(self, world, clock):
        client = signed_in(world.koordinator)
        clock.shift(timedelta(minutes=20))
        assert client.get("/saya/sesi/").json() == {"rest": 600}
        clock.shift(timedelta(minutes=9))
        assert client.get("/saya/sesi/").json() == {"rest": 60}
        assert client.post("/saya/sesi/").json() == {"rest": 1800}
        clock.shift(timedelta(minutes=29))
        assert is_in(client)
        clock.shift(timedelta(minutes=31))
        assert client.get("/saya/sesi/").json() == {"rest": 0}

    def test_the_clock_of_the_page_is_in_the_frame(self, world, clock):
        page = signed_in(world.koordinator).get("/saya/").text
        assert 'data-rest="1800"' in page
        assert 'data-warning="120"' in page
        assert "js/session.js" in page

    def test_a_relawan_made_coordinator_gets_the_short_session_at_once(self, world, clock):
        client = signed_in(world.relawan)
        appoint(user=world.relawan, role=Role.COORDINATOR, organisation=world.desk)
        clock.shift(timedelta(minutes=31))
        assert not is_in(client)


class TestRelawan:
    def test_14_days_on_the_device(self, world, clock):
        client = signed_in(world.relawan)
        for _day in range(13):
            clock.shift(timedelta(days=1))
            assert is_in(client)
        clock.shift(timedelta(days=1, minutes=1))
        assert not is_in(client)

    def test_without_a_second_factor_where_one_is_asked_30_minutes(self, world, clock, settings):
        settings.MFA_REQUIRED = True
        client = signed_in(world.relawan)
        clock.shift(timedelta(minutes=31))
        assert not is_in(client)

    def test_names_lock_after_30_idle_minutes_and_open_with_the_password(self, world, clock):
        client = signed_in(world.relawan)
        client.get("/saya/")
        assert not client.session.get("identity_locked")
        clock.shift(timedelta(minutes=31))
        assert client.get("/catat/").status_code == 200  # the quick log stays open
        assert client.session["identity_locked"]
        clock.shift(timedelta(minutes=1))
        client.get("/catat/")
        assert client.session["identity_locked"]  # being busy again is no proof
        answer = client.post("/akun/pastikan/?next=/catat/", {"password": PASSWORD, "next": "/catat/"})
        assert answer["Location"] == "/catat/"
        client.get("/catat/")
        assert not client.session["identity_locked"]

    def test_a_wrong_password_leaves_them_locked(self, world, clock):
        client = signed_in(world.relawan)
        clock.shift(timedelta(minutes=31))
        client.get("/catat/")
        client.post("/akun/pastikan/", {"password": "bukan ini"})
        client.get("/catat/")
        assert client.session["identity_locked"]

    def test_an_active_relawan_is_never_locked(self, world, clock):
        client = signed_in(world.relawan)
        for _quarter in range(20):
            clock.shift(timedelta(minutes=15))
            client.get("/catat/")
            assert not client.session.get("identity_locked")


class TestEnds:
    def test_signing_in_makes_a_new_session(self, world):
        client = Client()
        client.get("/akun/masuk/")
        client.session["x"] = 1
        session = client.session
        session.save()
        client.cookies["sesi"] = session.session_key
        client.post("/akun/masuk/", {"login": "relawan", "password": PASSWORD})
        assert client.session.session_key != session.session_key

    def test_signing_out_kills_it_on_the_server(self, world):
        client = signed_in(world.relawan)
        cookie = client.cookies["sesi"].value
        answer = client.post("/akun/keluar/")
        assert answer.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
        assert not Session.objects.filter(session_key=cookie).exists()
        thief = Client()
        thief.cookies["sesi"] = cookie
        assert not is_in(thief)

    def test_deactivating_kills_every_session_within_one_request(self, world):
        clients = [signed_in(world.relawan), signed_in(world.relawan)]
        accounts.deactivate(user=world.relawan, by=world.admin_federasi)
        assert not any(is_in(client) for client in clients)
        assert not Session.objects.exists()
        accounts.reactivate(user=world.relawan, by=world.admin_federasi)
        assert not any(is_in(client) for client in clients)

    def test_even_when_only_the_flag_was_set(self, world):
        client = signed_in(world.relawan)
        User.objects.filter(pk=world.relawan.pk).update(is_active=False)
        assert not is_in(client)

    def test_a_deactivated_user_cannot_sign_in(self, world):
        accounts.deactivate(user=world.relawan, by=world.admin_federasi)
        client = Client()
        client.post("/akun/masuk/", {"login": "relawan", "password": PASSWORD})
        assert not is_in(client)

    def test_a_new_password_ends_all_but_this_one(self, world):
        here, there = signed_in(world.relawan), signed_in(world.relawan)
        fresh = "gunung tinggi berkabut tebal"
        answer = here.post("/akun/sandi/ganti/", {"oldpassword": PASSWORD, "password1": fresh, "password2": fresh})
        assert answer.status_code == 302
        assert is_in(here)
        assert not is_in(there)

    def test_a_reset_by_mail_ends_all(self, world, mailoutbox):
        client = signed_in(world.relawan)
        visitor = Client()
        visitor.post("/akun/sandi/lupa/", {"email": "relawan@example.org"})
        link = next(word for word in mailoutbox[0].body.split() if "/akun/sandi/lupa/" in word)
        assert link.startswith("http://localhost:8000/")
        page = visitor.get(link.removeprefix("http://localhost:8000"), follow=True)
        fresh = "gunung tinggi berkabut tebal"
        visitor.post(page.redirect_chain[-1][0], {"password1": fresh, "password2": fresh})
        assert User.objects.get(username="relawan").check_password(fresh)
        assert not is_in(client)
        assert not is_in(visitor)

    def test_nothing_is_mailed_to_an_unknown_address_and_the_answer_is_the_same(self, world, mailoutbox):
        known = Client().post("/akun/sandi/lupa/", {"email": "relawan@example.org"})
        unknown = Client().post("/akun/sandi/lupa/", {"email": "siapa@example.org"})
        assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
        assert [message.to for message in mailoutbox] == [["relawan@example.org"]]

    def test_a_mail_server_that_is_away_fails_no_page(self, world, monkeypatch):
        def away(*args, **kwargs):
            raise ConnectionRefusedError

        monkeypatch.setattr("django.core.mail.message.EmailMessage.send", away)
        answer = Client().post("/akun/sandi/lupa/", {"email": "relawan@example.org"})
        assert answer.status_code == 302


class TestDevices:
    def test_each_sign_in_is_listed_by_a_name_its_owner_knows(self, world):
        signed_in(world.relawan, agent="Mozilla/5.0 (Windows NT 10.0; Win64; x64) Firefox/140.0")
        page = signed_in(world.relawan).get("/saya/perangkat/").text
        assert "Chrome · Android" in page
        assert "Firefox · Windows" in page
        assert page.count("Perangkat ini") == 1

    def test_one_is_signed_out_from_afar(self, world):
        here, lost = signed_in(world.relawan), signed_in(world.relawan)
        other = next(row for row in accounts.sessions_of(world.relawan) if row.session_key != here.session.session_key)
        assert here.post("/saya/perangkat/", {"session": other.pk}).status_code == 302
        assert not is_in(lost)
        assert is_in(here)

    def test_all_others_at_once(self, world):
        here, lost, old = (signed_in(world.relawan) for _ in range(3))
        here.post("/saya/perangkat/")
        assert [is_in(client) for client in (here, lost, old)] == [True, False, False]

    def test_never_somebody_elses(self, world):
        mine, theirs = signed_in(world.relawan), signed_in(world.relawan2)
        foreign = accounts.sessions_of(world.relawan2)[0]
        mine.post("/saya/perangkat/", {"session": foreign.pk})
        assert is_in(theirs)

    @pytest.mark.parametrize("value", ["x", "-1", "9" * 40, "1 OR 1=1"])
    def test_nonsense_signs_nobody_out(self, world, value):
        here, there = signed_in(world.relawan), signed_in(world.relawan)
        here.post("/saya/perangkat/", {"session": value})
        assert is_in(there)

    def test_the_list_says_when_a_device_was_last_used(self, world, clock):
        client = signed_in(world.relawan)
        clock.shift(timedelta(hours=2))
        client.get("/saya/")
        assert accounts.sessions_of(world.relawan)[0].last_seen_at == START + timedelta(hours=2)

    @pytest.mark.parametrize(
        ("agent", "name", "handheld"),
        [
            (CHROME, "Chrome · Android", True),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
                "Safari · iPhone",
                True,
            ),
            (
                "Mozilla/5.0 (Linux; Android 14) SamsungBrowser/25 Chrome/121 Safari/537",
                "Samsung Internet · Android",
                True,
            ),
            ("Mozilla/5.0 (Windows NT 10.0) Chrome/130 Safari/537 Edg/130", "Edge · Windows", False),
            ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14) Chrome/130 Safari/537", "Chrome · Mac", False),
            ("curl/8.0", "", False),
            ("", "", False),
        ],
    )
    def test_names_of_browsers(self, agent, name, handheld):
        assert device_name(agent) == name
        assert is_handheld(agent) is handheld


def test_a_session_is_written_once_a_minute_however_many_pages_are_opened(world, clock, django_assert_num_queries):
    client = signed_in(world.relawan)
    client.get("/saya/sesi/")
    with django_assert_num_queries(3):  # session, user, roles
        client.get("/saya/sesi/")
