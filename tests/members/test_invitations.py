"""The only door for a new account: a link that lives 72 hours, works once and is stored nowhere (TRUST R9)."""

import logging
import re
import threading
from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from advocacy.logs import LineFormatter
from members.models import PLEDGE_VERSION, Invitation, User
from members.rules.roles import Role
from members.services import accounts, invitations
from tests.factories import make_organisation, make_user

GIVEN = {
    "full_name": "Budi Hartono",
    "username": "budi.h",
    "password": "sawah hijau di pagi hari",
    "whatsapp": "0812-3456-7890",
    "zone": "Asia/Jakarta",
}


@pytest.fixture
def invited(world):
    invitation, token = invitations.invite(
        email="Budi@Example.org", organisation=world.desk, by=world.admin_federasi, full_name="Budi Hartono"
    )
    return SimpleNamespace(row=invitation, token=token, url=f"/undangan/{token}/")


class TestInvite:
    def test_the_token_is_long_and_only_its_hash_is_kept(self, invited):
        assert len(invited.token) >= 43  # 256 bits in base64
        stored = " ".join(str(value) for value in Invitation.objects.values_list()[0])
        assert invited.token not in stored

    def test_only_within_reach(self, world):
        with pytest.raises(ValidationError):
            invitations.invite(email="a@example.org", organisation=world.dpn, by=world.admin_federasi)
        for user in (world.koordinator, world.relawan, world.pimpinan):
            with pytest.raises(ValidationError):
                invitations.invite(email="a@example.org", organisation=world.desk, by=user)

    def test_not_to_an_address_that_has_an_account(self, world):
        with pytest.raises(ValidationError):
            invitations.invite(email="RELAWAN@example.org", organisation=world.desk, by=world.admin_federasi)

    def test_a_second_invitation_ends_the_first(self, world, invited):
        invitations.invite(email="budi@example.org", organisation=world.desk, by=world.admin_federasi)
        assert invitations.find(invited.token) is None

    def test_the_mail_holds_the_link_and_who_invites(self, invited, world):
        assert invitations.send(invited.row, invited.token)
        message = mail.outbox[0]
        assert message.to == ["budi@example.org"] or message.to == ["Budi@example.org"]
        assert "\n" not in message.subject
        assert f"http://localhost:8000/undangan/{invited.token}/" in message.body
        assert "72 jam" in message.body
        assert "Ani Lestari" in message.body

    def test_a_mail_server_that_is_away_is_told_not_raised(self, invited, monkeypatch):
        def away(*args, **kwargs):
            raise ConnectionRefusedError

        monkeypatch.setattr(invitations, "send_mail", away)
        assert invitations.send(invited.row, invited.token) is False

    def test_a_name_with_a_line_break_cannot_add_a_header(self, world):
        organisation = make_organisation("DPD\nBcc: all@example.org", parent=world.dpw)
        row, token = invitations.invite(email="b@example.org", organisation=organisation, by=world.admin_federasi)
        assert invitations.send(row, token)
        assert mail.outbox[0].recipients() == ["b@example.org"]


class TestFind:
    def test_open_for_72_hours(self, invited):
        with time_machine.travel(timezone.now() + timedelta(hours=71, minutes=59), tick=False):
            assert invitations.find(invited.token)
        with time_machine.travel(timezone.now() + timedelta(hours=72, minutes=1), tick=False):
            assert invitations.find(invited.token) is None

    @pytest.mark.parametrize("token", ["", "x", "' OR 1=1 --", "a" * 5000])
    def test_nothing_behind_a_guess(self, invited, token):
        assert invitations.find(token) is None

    def test_withdrawn(self, invited):
        invitations.withdraw(invitation=invited.row)
        assert invitations.find(invited.token) is None

    def test_renewed_the_old_link_is_dead(self, world, invited):
        fresh = invitations.renew(invitation=invited.row, by=world.superuser)
        assert invitations.find(invited.token) is None
        assert invitations.find(fresh) == invited.row

    def test_dead_with_the_account_or_the_office_of_who_gave_it(self, world, invited):
        accounts.deactivate(user=world.admin_federasi, by=world.superuser)
        assert invitations.find(invited.token) is None

    def test_dead_when_the_office_of_the_inviter_ended(self, world, invited):
        yesterday = timezone.localdate() - timedelta(days=1)
        world.admin_federasi.appointments.update(from_on=yesterday, until_on=yesterday)
        assert invitations.find(invited.token) is None

    def test_dead_when_the_organisation_is_switched_off(self, world, invited):
        type(world.desk).objects.filter(pk=world.desk.pk).update(is_active=False)
        assert invitations.find(invited.token) is None


class TestAccept:
    def test_the_page_opens_an_account_signs_in_and_leads_to_the_pledge(self, client, world, invited):
        page = client.get(invited.url)
        assert page.status_code == 200
        assert "DPD Karangsari" in page.text
        answer = client.post(invited.url, GIVEN)
        assert (answer.status_code, answer["Location"]) == (302, "/ikrar/")
        user = User.objects.get(username="budi.h")
        assert user.email.lower() == "budi@example.org"
        assert user.whatsapp == "+6281234567890"
        assert user.check_password(GIVEN["password"])
        assert user.live_roles == {Role.ADVOCATE}
        assert user.appointments.get().organisation == world.desk
        assert user.pledge_version != PLEDGE_VERSION
        assert not user.is_superuser
        assert client.get("/ikrar/").status_code == 200
        assert client.get("/catat/")["Location"].startswith("/ikrar/?next=")

    def test_it_works_once(self, client, invited):
        client.post(invited.url, GIVEN)
        client.logout()
        again = client.get(invited.url)
        assert again.status_code == 404
        assert "tidak berlaku" in again.text
        assert client.post(invited.url, {**GIVEN, "username": "lain"}).status_code == 404
        assert User.objects.filter(email__iexact="budi@example.org").count() == 1

    def test_an_expired_link_says_what_to_do(self, client, invited):
        with time_machine.travel(timezone.now() + timedelta(hours=73), tick=False):
            answer = client.get(invited.url)
        assert answer.status_code == 404
        assert "Minta" in answer.text

    @pytest.mark.parametrize("path", ["/undangan/{}/", "/saya/surel/{}/", "/akun/sandi/lupa/1-{}/"])
    def test_no_link_stands_in_a_log(self, invited, path):
        record = logging.LogRecord("django.request", 30, "", 1, "Not Found: %s", (path.format(invited.token),), None)
        line = LineFormatter().format(record)
        assert invited.token not in line
        assert path.split("{")[0].removesuffix("1-") in line

    def test_what_is_typed_stays_and_the_title_says_check_again(self, client, invited):
        answer = client.post(invited.url, {**GIVEN, "password": "rahasia1", "username": "relawan"})
        assert answer.status_code == 200
        assert re.search(r"<title>\s*Periksa lagi:", answer.text)
        assert "Budi Hartono" in answer.text
        assert "rahasia1" not in answer.text
        assert not User.objects.filter(username="budi.h").exists()

    @pytest.mark.parametrize("username", ["", "dua kata", "a@b.org", "relawan", "RELAWAN", "x" * 61, "<b>"])
    def test_user_names_that_will_not_do(self, client, invited, username):
        assert client.post(invited.url, {**GIVEN, "username": username}).status_code == 200
        assert not User.objects.filter(email__iexact="budi@example.org").exists()

    @pytest.mark.parametrize("password", ["", "pendek", "123456789012", "password1234", "bpjs serikat"])
    def test_passwords_that_will_not_do(self, client, invited, password):
        assert client.post(invited.url, {**GIVEN, "password": password}).status_code == 200
        assert not User.objects.filter(email__iexact="budi@example.org").exists()

    def test_nothing_else_of_the_account_can_be_posted(self, client, world, invited):
        extra = {
            "is_superuser": "on", "is_staff": "on", "is_active": "", "email": "lain@example.org", "role": "coordinator",
            "organisation": world.dpn.pk, "pledge_version": PLEDGE_VERSION, "until_on": "2099-01-01", "language": "xx",
        }  # fmt: skip
        client.post(invited.url, {**GIVEN, **extra})
        user = User.objects.get(username="budi.h")
        assert (user.is_superuser, user.is_staff, user.is_active) == (False, False, True)
        assert user.email.lower() == "budi@example.org"
        assert user.live_roles == {Role.ADVOCATE}
        assert user.appointments.get().organisation == world.desk
        assert user.pledge_version == ""
        assert user.language == "id"

    def test_somebody_signed_in_is_told_so(self, as_user, world, invited):
        client = as_user(world.relawan)
        assert "Rina Wulandari" in client.get(invited.url).text
        client.post(invited.url, GIVEN)
        assert not User.objects.filter(username="budi.h").exists()

    def test_an_end_of_the_office_comes_along(self, world):
        until = timezone.localdate() + timedelta(days=90)
        _row, token = invitations.invite(
            email="c@example.org",
            organisation=world.desk,
            by=world.admin_federasi,
            until_on=until,
            role=Role.COORDINATOR,
        )
        given = {name: GIVEN[name] for name in ("full_name", "username", "password")}
        user = invitations.accept(token=token, **given)
        assert user.appointments.get().until_on == until

    def test_sign_up_is_closed_otherwise(self, client, db):
        for path in ("/akun/daftar/", "/accounts/signup/", "/akun/signup/", "/signup/"):
            assert client.get(path).status_code in (302, 404)
        assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_taps_make_one_account(catalogue):
    organisation = make_organisation()
    boss = make_user("bos", is_superuser=True)
    _row, token = invitations.invite(email="d@example.org", organisation=organisation, by=boss)
    gate, outcomes = threading.Barrier(2), []

    def accept(username):
        gate.wait()
        try:
            invitations.accept(token=token, username=username, password="x", full_name="D")
            outcomes.append("made")
        except ValidationError:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=accept, args=(name,)) for name in ("satu", "dua")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["made", "refused"]
    assert User.objects.filter(email="d@example.org").count() == 1
