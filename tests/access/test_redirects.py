"""No address of ours sends anybody to another site (TRUST R31), and no form is taken from one (R36)."""

from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from members.models import PLEDGE_VERSION, User
from tests.access.test_matrix import address, cells
from tests.access.visitors import build
from tests.factories import PASSWORD

TRICKS = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example",
    "https:evil.example",
    "http:///evil.example/",
    "/%09/evil.example",
    "/\t/evil.example",
    "https://testserver@evil.example/",
    "https://testserver.evil.example/",
    " https://evil.example/",
    "javascript:alert(1)",
    "data:text/html,<b>x",
    "/%5cevil.example",
    "\x00//evil.example",
]


def stays(response) -> bool:
    """Whether a browser at http://testserver/x/ that follows this answer is still with us."""
    return is_ours(response.headers.get("Location", "/"))


def is_ours(location: str) -> bool:
    # Browsers read a backslash as a slash, and drop tabs, line breaks and blanks at the ends.
    seen = location.strip().replace("\\", "/")
    for drop in "\t\n\r":
        seen = seen.replace(drop, "")
    target = urlsplit(urljoin("http://testserver/x/", seen))
    return target.scheme in ("http", "https") and target.netloc == "testserver"


@pytest.mark.parametrize("trick", TRICKS)
class TestNext:
    def test_after_signing_in(self, world, trick):
        client = Client()
        answer = client.post("/akun/masuk/", {"login": "relawan", "password": PASSWORD, "next": trick})
        assert answer.status_code == 302
        assert stays(answer), answer["Location"]
        assert stays(client.get("/akun/masuk/", {"next": trick}))

    def test_after_switching_the_language(self, world, as_user, trick):
        answer = Client().post("/bahasa/", {"language": "en", "next": trick}, headers={"referer": trick})
        assert stays(answer), answer["Location"]
        assert stays(as_user(world.relawan).post("/bahasa/", {"language": "en", "next": trick}))

    def test_after_the_pledge(self, world, as_user, trick):
        User.objects.filter(pk=world.relawan.pk).update(pledge_version="")
        client = as_user(world.relawan)
        page = client.get("/ikrar/", {"next": trick}).text
        assert is_ours(trick) or f'"{escape(trick)}' not in page  # neither as a link nor as what the form sends on
        answer = client.post("/ikrar/", {"conduct": "on", "secrecy": "on", "next": trick})
        assert answer.status_code == 302
        assert stays(answer), answer["Location"]
        assert User.objects.get(pk=world.relawan.pk).pledge_version == PLEDGE_VERSION

    def test_after_proving_who_one_is(self, world, as_user, trick):
        client = as_user(world.relawan)
        answer = client.post("/akun/pastikan/", {"password": PASSWORD, "next": trick})
        assert stays(answer), answer["Location"]

    def test_after_signing_out(self, world, as_user, trick):
        answer = as_user(world.relawan).post("/akun/keluar/", {"next": trick})
        assert stays(answer), answer["Location"]

    def test_at_every_address_that_may_read_it(self, world, trick):
        scene = build(world)
        for name, thing in cells():
            if thing == "-" and not name.startswith("admin:"):
                for who in ("anonym", "carrier"):
                    answer = scene.clients[who].get(reverse(name), {"next": trick, "url": trick, "kembali": trick})
                    assert stays(answer), (name, who, answer.headers.get("Location"))

    def test_through_the_referer_of_a_post_after_the_session_ended(self, db, trick):
        answer = Client().post("/kasus/", {}, headers={"referer": trick.replace("\x00", "")})
        assert stays(answer)
        assert is_ours(trick) or "evil" not in answer["Location"]


def test_no_form_is_taken_without_its_token(world):
    """From another site, a POST has the cookie of the session and no token."""
    scene = build(world)
    cookies = scene.clients["superu"].cookies, scene.clients["carrier"].cookies
    for mine in cookies:
        client = Client(enforce_csrf_checks=True)
        client.cookies = mine
        for name, thing in cells():
            if name == "csp-report" or (thing not in scene.things and thing != "row"):
                continue
            answer = client.post(address(scene, name, thing), {})
            assert answer.status_code in (403, 405), (name, answer.status_code)
