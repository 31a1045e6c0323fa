"""The end of a session and the lock of names, as a person meets them in the page."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.steps import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def answer(page, rest):
    """What the server says when the page asks how long the session lasts."""
    page.unroute("**/saya/sesi/")
    page.route("**/saya/sesi/", lambda route: route.fulfill(json={"rest": rest}))


def test_a_coordinator_is_warned_and_stays(phone, world):
    phone.clock.install()
    sign_in(phone, world.koordinator)
    phone.goto("/saya/")
    box = phone.locator("#sesi")
    expect(box).to_be_hidden()
    answer(phone, 118)
    phone.clock.fast_forward("28:01")
    expect(box).to_be_visible()
    expect(box).to_contain_text("Dua menit lagi")
    phone.fill("[name=full_name]", "Belum disimpan")
    answer(phone, 1800)
    phone.click("#sesi button")
    expect(box).to_be_hidden()
    assert phone.input_value("[name=full_name]") == "Belum disimpan"


def test_another_tab_kept_it_alive(phone, world):
    phone.clock.install()
    sign_in(phone, world.koordinator)
    phone.goto("/saya/")
    answer(phone, 1500)
    phone.clock.fast_forward("28:01")
    expect(phone.locator("#sesi")).to_be_hidden()


def test_at_the_end_the_page_stays_with_what_was_typed_and_a_way_back(phone, world):
    phone.clock.install()
    sign_in(phone, world.koordinator)
    phone.goto("/saya/")
    phone.fill("[name=full_name]", "Belum disimpan")
    answer(phone, 100)
    phone.clock.fast_forward("28:21")
    expect(phone.locator("#sesi")).to_be_visible()
    answer(phone, 0)
    phone.clock.fast_forward("02:00")
    expect(phone.locator("#sesi")).to_contain_text("Anda sudah keluar")
    assert phone.locator("#sesi a").get_attribute("href") == "/akun/masuk/?next=%2Fsaya%2F"
    assert phone.input_value("[name=full_name]") == "Belum disimpan"


def test_names_are_hidden_after_half_an_hour(phone, world):
    phone.clock.install()
    sign_in(phone, world.relawan)
    phone.goto("/saya/")
    phone.evaluate("document.querySelector('h1').setAttribute('data-identity', '')")
    phone.clock.fast_forward("29:00")
    expect(phone.locator("h1")).to_be_visible()
    phone.clock.fast_forward("01:05")
    expect(phone.locator("h1")).to_be_hidden()
    link = phone.locator("#sesi a")
    expect(link).to_have_text("Buka lagi")
    assert link.get_attribute("href").startswith("/akun/pastikan/?next=")


def test_a_relawan_is_never_asked_how_long_it_lasts(phone, world):
    asked = []
    phone.on("request", lambda request: asked.append(request.url) if "/saya/sesi/" in request.url else None)
    phone.clock.install()
    sign_in(phone, world.relawan)
    phone.goto("/saya/")
    phone.clock.fast_forward("05:00:00")
    assert asked == []
    assert json.loads(phone.locator("#sesi").get_attribute("data-lock")) == 1800
