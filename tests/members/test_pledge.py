"""The pledge stands before the first case; nobody reads one without it."""

import re

import pytest
import time_machine

from members.models import PLEDGE_VERSION, User
from members.rules.roles import Role
from tests.factories import make_user

CASE_PAGES = ["/", "/catat/", "/kasus/", "/lainnya/"]


@pytest.fixture
def fresh(world):
    return make_user("baru", role=Role.ADVOCATE, at=world.desk, pledged=False)


class TestBefore:
    @pytest.mark.parametrize("path", CASE_PAGES)
    def test_every_page_of_cases_leads_to_it_and_back(self, as_user, fresh, path):
        client = as_user(fresh)
        answer = client.get(path)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/ikrar/?next=")
        page = client.get(answer["Location"])
        assert f'name="next" value="{path}"' in page.text

    def test_a_case_too_and_a_post_changes_nothing(self, as_user, fresh, case):
        client = as_user(fresh)
        before = type(case).objects.filter(pk=case.pk).values().get()
        for path in (f"/kasus/{case.uuid}/", f"/kasus/{case.uuid}/ambil/"):
            assert client.get(path)["Location"].startswith("/ikrar/")
            answer = client.post(path, {}, headers={"referer": "http://testserver/kasus/"})
            assert answer["Location"] == "/ikrar/?next=%2Fkasus%2F"
        assert type(case).objects.filter(pk=case.pk).values().get() == before

    def test_account_pages_stay_open(self, as_user, fresh):
        client = as_user(fresh)
        for path in ("/saya/", "/saya/perangkat/", "/ikrar/"):
            assert client.get(path).status_code == 200

    def test_a_new_wording_asks_again(self, as_user, world):
        User.objects.filter(pk=world.relawan.pk).update(pledge_version="2020-01")
        assert as_user(world.relawan).get("/kasus/")["Location"].startswith("/ikrar/")

    def test_somebody_without_any_office_is_asked_too(self, as_user, db, catalogue):
        assert as_user(make_user(pledged=False)).get("/")["Location"].startswith("/ikrar/")

    def test_leaders_and_admins_who_read_no_case_are_not_asked(self, world):
        for user in (world.pimpinan, world.admin_federasi, world.superuser):
            User.objects.filter(pk=user.pk).update(pledge_version="")
            assert not User.objects.get(pk=user.pk).must_pledge


class TestAccepting:
    def test_both_promises_and_then_back_to_where_one_wanted(self, as_user, fresh):
        client = as_user(fresh)
        with time_machine.travel("2026-11-21 15:00Z", tick=False):
            answer = client.post("/ikrar/", {"conduct": "on", "secrecy": "on", "next": "/kasus/"})
        assert (answer.status_code, answer["Location"]) == (302, "/kasus/")
        fresh.refresh_from_db()
        assert fresh.pledge_version == PLEDGE_VERSION
        assert fresh.pledge_at.isoformat() == "2026-11-21T15:00:00+00:00"
        assert client.get("/kasus/").status_code == 200

    @pytest.mark.parametrize("given", [{}, {"conduct": "on"}, {"secrecy": "on"}])
    def test_one_is_not_enough(self, as_user, fresh, given):
        answer = as_user(fresh).post("/ikrar/", {**given, "next": "/kasus/"})
        assert answer.status_code == 200
        assert re.search(r"<title>\s*Periksa lagi:", answer.text)
        assert 'value="/kasus/"' in answer.text
        fresh.refresh_from_db()
        assert fresh.pledge_version == ""

    def test_afterwards_it_can_be_read_again_and_says_since_when(self, as_user, world):
        page = as_user(world.relawan).get("/ikrar/")
        assert "Anda menyetujuinya pada" in page.text
        assert "Saya berikrar" not in page.text

    def test_a_second_tap_keeps_the_first_moment(self, as_user, world):
        before = world.relawan.pledge_at
        as_user(world.relawan).post("/ikrar/", {"conduct": "on", "secrecy": "on"})
        world.relawan.refresh_from_db()
        assert world.relawan.pledge_at == before

    def test_what_it_says(self, as_user, fresh):
        page = as_user(fresh).get("/ikrar/").text
        for words in ("tidak berbayar", "seperlunya", "foto", "dicatat", "UU 27/2022", "penyalahgunaan"):
            assert words in page
