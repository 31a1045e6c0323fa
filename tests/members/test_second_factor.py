"""The second factor: asked of whoever has authority, kept as cipher, taken away by another admin only (TRUST R5)."""

import pytest
import time_machine
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client

from members.models import AccessLog
from members.rules.roles import Role
from members.services import accounts
from members.services.appointments import appoint
from tests.factories import PASSWORD

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code(secret=SECRET):
    counter = list(yield_hotp_counters_from_time())[1]
    return format_hotp_value(hotp_value(secret, counter))


@pytest.fixture
def clock():
    with time_machine.travel("2026-11-21 08:00 +0700", tick=False) as traveller:
        yield traveller


@pytest.fixture
def asked(settings):
    settings.MFA_REQUIRED = True


def sign_in(user, client=None):
    client = client or Client()
    return client, client.post("/akun/masuk/", {"login": user.username, "password": PASSWORD})


class TestAsked:
    @pytest.mark.parametrize("name", ["koordinator", "koordinator_atas", "admin_federasi", "superuser"])
    def test_whoever_has_authority_sets_one_up_before_anything_else(self, world, asked, name):
        client, _answer = sign_in(getattr(world, name))
        for path in ("/", "/kasus/", "/saya/", "/kelola/", "/kelola/members/user/", "/ikrar/"):
            assert client.get(path)["Location"] == "/akun/pengaman/"
        assert client.post("/kelola/members/invitation/add/", {})["Location"] == "/akun/pengaman/"
        assert "Peran Anda membutuhkan ini" in client.get("/akun/pengaman/").text
        assert client.get("/akun/keluar/").status_code == 200

    @pytest.mark.parametrize("name", ["relawan", "pimpinan"])
    def test_others_are_not(self, world, asked, name):
        client, _answer = sign_in(getattr(world, name))
        assert client.get("/saya/").status_code == 200

    def test_not_in_the_demo(self, world):
        client, _answer = sign_in(world.koordinator)
        assert client.get("/saya/").status_code == 200

    def test_from_the_request_after_a_relawan_becomes_coordinator(self, world, asked):
        client, _answer = sign_in(world.relawan)
        assert client.get("/saya/").status_code == 200
        appoint(user=world.relawan, role=Role.COORDINATOR, organisation=world.desk)
        assert client.get("/saya/")["Location"] == "/akun/pengaman/"

    def test_setting_up_right_after_signing_in_asks_no_second_password(self, world, asked, clock):
        client, _answer = sign_in(world.koordinator)
        page = client.get("/akun/pengaman/aplikasi/pasang/")
        assert page.status_code == 200
        secret = client.session["mfa.totp.secret"]
        answer = client.post("/akun/pengaman/aplikasi/pasang/", {"code": code(secret)})
        assert answer.status_code == 302
        assert accounts.has_second_factor(world.koordinator)
        assert client.get("/saya/").status_code == 200

    def test_a_stranger_with_a_false_reset_link_cannot_stop_the_set_up(self, world, asked, clock):
        uid = user_pk_to_url_str(world.koordinator)
        Client().get(f"/akun/sandi/lupa/{uid}-abc-def/")
        client, _answer = sign_in(world.koordinator)
        assert client.get("/akun/pengaman/aplikasi/pasang/").status_code == 200

    def test_ten_minutes_later_it_does(self, world, asked, clock):
        client, _answer = sign_in(world.koordinator)
        clock.shift(601)
        answer = client.get("/akun/pengaman/aplikasi/pasang/")
        assert answer["Location"].startswith("/akun/pastikan/")


class TestSignIn:
    @pytest.fixture
    def holder(self, world):
        TOTP.activate(world.koordinator, SECRET)
        RecoveryCodes.activate(world.koordinator)
        return world.koordinator

    def test_the_password_alone_opens_nothing(self, holder, asked):
        client, answer = sign_in(holder)
        assert answer["Location"].startswith("/akun/pengaman/periksa/")
        assert client.get("/saya/")["Location"].startswith("/akun/masuk/")

    def test_a_code_works_once(self, holder, asked, clock):
        used = code()
        client, _answer = sign_in(holder)
        client.post("/akun/pengaman/periksa/", {"code": used})
        assert client.get("/saya/").status_code == 200
        other, _answer = sign_in(holder)
        other.post("/akun/pengaman/periksa/", {"code": used})
        assert other.get("/saya/").status_code == 302

    def test_a_backup_code_works_once(self, holder, asked):
        backup = RecoveryCodes.activate(holder).get_unused_codes()
        assert len(backup) == 10
        client, _answer = sign_in(holder)
        client.post("/akun/pengaman/periksa/", {"code": backup[0]})
        assert client.get("/saya/").status_code == 200
        other, _answer = sign_in(holder)
        other.post("/akun/pengaman/periksa/", {"code": backup[0]})
        assert other.get("/saya/").status_code == 302

    def test_secrets_are_cipher_in_the_database(self, holder):
        backup = RecoveryCodes.activate(holder).get_unused_codes()
        with connection.cursor() as cursor:
            cursor.execute("SELECT data FROM mfa_authenticator")
            stored = " ".join(str(row[0]) for row in cursor.fetchall())
        assert SECRET not in stored
        assert not any(one in stored for one in backup)

    def test_taking_the_factor_off_again_leads_back_to_the_set_up(self, holder, asked, clock):
        client, _answer = sign_in(holder)
        client.post("/akun/pengaman/periksa/", {"code": code()})
        Authenticator.objects.filter(user=holder).delete()
        assert client.get("/")["Location"] == "/akun/pengaman/"


class TestReset:
    @pytest.fixture(autouse=True)
    def factor(self, world):
        for user in (world.relawan, world.koordinator, world.admin_federasi, world.superuser):
            TOTP.activate(user, SECRET)

    def test_by_another_admin_it_takes_keys_and_sessions_away_and_is_logged(self, world):
        client = Client()
        client.force_login(world.koordinator, backend="allauth.account.auth_backends.AuthenticationBackend")
        assert accounts.reset_second_factor(user=world.koordinator, by=world.admin_federasi, address="10.0.0.7") == 1
        assert not accounts.has_second_factor(world.koordinator)
        row = AccessLog.objects.latest("pk")
        assert (row.user, row.object_uuid, row.reason) == (
            world.admin_federasi,
            world.koordinator.uuid,
            "second factor reset",
        )

    @pytest.mark.parametrize(
        ("by", "of"),
        [
            ("admin_federasi", "admin_federasi"),
            ("superuser", "superuser"),
            ("admin_federasi", "superuser"),
            ("koordinator", "relawan"),
            ("koordinator_atas", "koordinator"),
            ("relawan", "koordinator"),
        ],
    )
    def test_never_by_oneself_nor_upwards_nor_without_the_office(self, world, by, of):
        with pytest.raises(ValidationError):
            accounts.reset_second_factor(user=getattr(world, of), by=getattr(world, by))
        assert accounts.has_second_factor(getattr(world, of))

    def test_afterwards_the_next_sign_in_leads_to_the_set_up(self, world, asked):
        accounts.reset_second_factor(user=world.koordinator, by=world.superuser)
        client, _answer = sign_in(world.koordinator)
        assert client.get("/")["Location"] == "/akun/pengaman/"
