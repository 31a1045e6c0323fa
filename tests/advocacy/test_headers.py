"""Every answer carries the headers, and what no page needs is refused (TRUST R36-R41)."""

import gzip

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse

from advocacy.middleware import HeaderMiddleware
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db

PUBLIC = ["/healthz", "/readyz", "/akun/masuk/", "/akun/sandi/lupa/", "/kelola/login/", "/no-such-page/"]


@pytest.mark.parametrize("path", PUBLIC)
def test_every_answer_carries_the_headers(client, path):
    answer = client.get(path)
    headers = answer.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in headers["Cache-Control"]
    assert "geolocation=()" in headers["Permissions-Policy"]
    assert "publickey-credentials-get=(self)" in headers["Permissions-Policy"]


@pytest.mark.parametrize("path", PUBLIC)
def test_the_policy_starts_from_nothing_and_has_no_unsafe_source(client, path):
    policy = client.get(path).headers["Content-Security-Policy"]
    parts = dict(part.strip().split(" ", 1) for part in policy.split(";") if part.strip())
    assert parts["default-src"] == parts["frame-ancestors"] == parts["base-uri"] == "'none'"
    assert parts["script-src"] == parts["style-src"] == parts["connect-src"] == parts["form-action"] == "'self'"
    assert parts["report-uri"] == "/csp-report/"
    for word in ("unsafe", "nonce-", "data:", "http", "*"):
        assert word not in policy


@pytest.mark.parametrize("method", ["TRACE", "PUT", "PATCH", "DELETE", "CONNECT", "PROPFIND"])
def test_other_methods_are_refused_and_the_refusal_carries_the_headers(client, method):
    answer = client.generic(method, "/akun/masuk/")
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD, POST, OPTIONS"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("path", "extra", "status"),
    [
        ("/akun/masuk/?next=%00", {}, 400),
        ("/akun/masuk/", {"HTTP_HOST": "evil.example.com"}, 400),
        ("/akun/masuk/", {"CONTENT_LENGTH": "12x"}, 400),
        ("/%00", {}, 400),
        ("/tidak-ada/", {}, 404),
    ],
)
def test_hostile_requests_are_refused_without_a_server_error(client, path, extra, status):
    assert client.get(path, **extra).status_code == status


def test_a_request_with_1200_fields_is_refused(client):
    assert client.post("/akun/masuk/", {f"f{i}": "1" for i in range(1200)}).status_code == 400


def test_a_request_that_is_too_large_is_refused_before_it_is_read(client):
    answer = client.post("/akun/masuk/", CONTENT_LENGTH=str(settings.MAX_REQUEST + 1))
    assert answer.status_code == 413
    assert "terlalu besar" in answer.content.decode()


def test_a_post_without_the_token_is_refused(client):
    client.handler.enforce_csrf_checks = True
    assert client.post("/akun/masuk/", {"login": "a", "password": "b"}).status_code == 403


def test_signing_out_clears_the_browser_and_only_then(client):
    client.force_login(make_user("relawan"))
    answer = client.post(reverse("account_logout"))
    assert answer.status_code == 302
    assert answer.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert "Clear-Site-Data" not in client.get("/akun/masuk/").headers


def test_a_view_that_says_how_long_its_answer_keeps_is_heard(rf):
    answer = HeaderMiddleware(lambda request: HttpResponse(headers={"Cache-Control": "max-age=60"}))(rf.get("/"))
    assert answer.headers["Cache-Control"] == "max-age=60"


def test_pages_are_compressed(client):
    answer = client.get("/akun/masuk/", HTTP_ACCEPT_ENCODING="gzip")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert b"<html" in gzip.decompress(answer.content)


@pytest.mark.parametrize("path", ["/", "/kelola/", "/tidak-ada/", "/akun/pengaman/", "/akun/sandi/ganti/"])
def test_a_stranger_is_sent_to_the_door_or_sees_nothing(client, path):
    answer = client.get(path)
    assert answer.status_code in (302, 404)
    if answer.status_code == 302:
        assert "/masuk/" in answer.headers["Location"] or "/login/" in answer.headers["Location"]


def test_sign_up_does_not_exist(client):
    for path in ("/akun/daftar/", "/akun/signup/", "/accounts/signup/", "/signup/"):
        assert client.get(path).status_code == 404


def test_the_admin_signs_in_by_the_common_door(client):
    answer = client.get("/kelola/login/")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/akun/masuk/")


def test_signing_in_works_by_name_and_by_mail(client):
    make_user("relawan", email="relawan@example.org")
    for login in ("relawan", "relawan@example.org"):
        answer = client.post(reverse("account_login"), {"login": login, "password": PASSWORD})
        assert answer.status_code == 302
        client.logout()


def test_five_wrong_passwords_lock_the_right_one_out(client):
    make_user("relawan")
    for _ in range(5):
        client.post(reverse("account_login"), {"login": "relawan", "password": "salah salah salah"})
    answer = client.post(reverse("account_login"), {"login": "relawan", "password": PASSWORD})
    assert answer.status_code == 200
    assert not client.session.get("_auth_user_id")


class TestLanguage:
    def test_indonesian_whatever_the_browser_says(self, client):
        answer = client.get("/akun/masuk/", HTTP_ACCEPT_LANGUAGE="en-US,en;q=0.9")
        assert answer.headers["Content-Language"] == "id"

    def test_english_by_choice(self, client):
        client.post("/bahasa/", {"language": "en", "next": "/akun/masuk/"})
        assert client.get("/akun/masuk/").headers["Content-Language"] == "en"

    def test_a_language_we_do_not_speak_is_indonesian(self, client):
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "xx"
        assert client.get("/akun/masuk/").headers["Content-Language"] == "id"


class TestPolicyReports:
    def test_a_report_leaves_one_line_without_the_query(self, client, caplog):
        report = {"csp-report": {"effective-directive": "img-src", "blocked-uri": "https://x.example/a?nik=1"}}
        answer = client.post("/csp-report/", report, content_type="application/json")
        assert answer.status_code == 204
        assert "img-src from https://x.example/a on -" in caplog.text
        assert "nik" not in caplog.text

    @pytest.mark.parametrize("body", ["", "{", "[]", '{"csp-report": 3}', "null", "x" * 9000, '"\\ud800"'])
    def test_nonsense_is_swallowed(self, client, body):
        assert client.post("/csp-report/", body, content_type="application/csp-report").status_code == 204


class TestProduction:
    """What `__Host-` cookies, HSTS and the redirect to TLS look like with a production environment."""

    def test_secure_settings(self, production):
        assert production["SESSION_COOKIE_NAME"].startswith("__Host-")
        assert production["CSRF_COOKIE_NAME"].startswith("__Host-")
        assert production["LANGUAGE_COOKIE_NAME"].startswith("__Host-")
        for name in ("SESSION", "CSRF", "LANGUAGE"):
            assert production[f"{name}_COOKIE_SECURE"] is True
            assert production[f"{name}_COOKIE_HTTPONLY"] is True
            assert production[f"{name}_COOKIE_SAMESITE"] == "Lax"
        assert production["SECURE_HSTS_SECONDS"] >= 31536000
        assert production["SECURE_HSTS_INCLUDE_SUBDOMAINS"] is True
        assert production["SECURE_SSL_REDIRECT"] is True
        assert production["ALLOWED_HOSTS"] == ["kawal.example.org"]
        assert production["MFA_REQUIRED"] is True
        assert production["MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN"] is False
        assert production["ADMINS"] == []
        assert production["STATICFILES"].endswith("HashedStaticFiles")
