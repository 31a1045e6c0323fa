"""What every test stands on: closed sockets, an empty cache, its own folder for files, and a phone-sized browser."""

import os
import shutil
import uuid
from urllib.parse import urlsplit

import hypothesis
import pytest
from django.core.cache import cache
from playwright.sync_api import expect, sync_playwright

from tests.world import as_user, bare, case, catalogue, django_db_setup, world  # noqa: F401 (fixtures for every test)

# A slow machine is not a wrong answer; on CI the examples are the same at every run.
hypothesis.settings.register_profile(
    "kawal",
    deadline=None,
    derandomize=os.environ.get("CI") == "true",
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("kawal")

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
PHONE = {"width": 360, "height": 740}
expect.set_options(timeout=15_000)  # two cores run two browsers and a server each


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session, exitstatus):
    """On CI a skipped test is a failed one: nothing may hide behind a missing server or browser."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") == "true" and reporter and reporter.stats.get("skipped") and exitstatus == 0:
        reporter.write_line("CI: skipped tests count as failed", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(autouse=True)
def own_corner(settings, tmp_path):
    """Files in a folder of this test and a cache nobody else has written to, rate limits included."""
    settings.MEDIA_ROOT = tmp_path / "media"
    if settings.EMBEDDED:
        cache.clear()
    else:  # Redis is shared by the processes of one run: another prefix is another cache, and another
        # database for each process, because to clear a cache is to empty its whole database.
        default = settings.CACHES["default"]
        address = urlsplit(default["LOCATION"])
        process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) + 1
        location = address._replace(path=f"/{int(address.path.strip('/') or 0) + process}").geturl()
        settings.CACHES = {"default": {**default, "LOCATION": location, "KEY_PREFIX": f"tests-{uuid.uuid4()}"}}


@pytest.fixture(scope="session")
def chromium():
    """One Chromium for the session; each test opens contexts of its own in it."""
    # Playwright keeps an event loop in this thread; Django's rows are read beside it, not inside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE")


@pytest.fixture
def phone(chromium, live_server):
    """A page 360 px wide on the live server, in Indonesian; a JavaScript error or a CSP violation fails the test."""
    context = chromium.new_context(
        viewport=PHONE,
        base_url=live_server.url,
        locale="id-ID",
        timezone_id="Asia/Jakarta",
        has_touch=True,
        service_workers="block",  # it fetches when nobody looks, also while the next test empties the tables
    )
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
    page.on(
        "console",
        lambda message: wrong.append(f"console: {message.text}") if "Content Security Policy" in message.text else None,
    )
    yield page
    context.close()
    assert not wrong, wrong
