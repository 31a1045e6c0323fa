"""The component page, sign-in and second factor in a real Chromium: looks, keys, no CSP violation, weight."""

import pytest
from playwright.sync_api import expect

from tests.browser.steps import fits, sign_in, violations
from tests.factories import PASSWORD, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LAPTOP = {"width": 1280, "height": 800}


@pytest.mark.parametrize("look", ["terang", "gelap"])
@pytest.mark.parametrize("size", [{"width": 320, "height": 640}, {"width": 360, "height": 740}, LAPTOP])
def test_every_component_is_accessible_and_fits(phone, look, size):
    sign_in(phone, make_user())
    phone.set_viewport_size(size)
    for errors in ("", "&salah"):
        phone.goto(f"/komponen/?tema={look}{errors}")
        assert phone.locator("html").get_attribute("data-bs-theme") == {"terang": "light", "gelap": "dark"}[look]
        assert violations(phone) == []
        assert fits(phone)


def test_large_letters_fit(phone):
    sign_in(phone, make_user())
    phone.goto("/komponen/")
    phone.add_init_script("document.documentElement.style.fontSize = '130%'")
    assert fits(phone)


def test_errors_take_the_focus_and_the_title(phone):
    sign_in(phone, make_user())
    phone.goto("/komponen/?salah")
    expect(phone.locator("#galat")).to_be_focused()
    phone.locator("#galat a").first.click()
    expect(phone.locator("#id_story")).to_be_focused()
    phone.goto("/akun/sandi/ganti/")
    phone.get_by_role("button", name="Simpan kata sandi").click()
    expect(phone).to_have_title("Periksa lagi: Ganti kata sandi – Kawal")


def test_one_bar_at_the_bottom(phone):
    sign_in(phone, make_user())
    phone.goto("/komponen/")
    expect(phone.locator(".k-nav")).to_be_hidden()
    phone.goto("/akun/pengaman/")
    expect(phone.locator(".k-nav")).to_be_visible()
    phone.set_viewport_size(LAPTOP)
    phone.goto("/komponen/")
    expect(phone.locator(".k-nav")).to_be_visible()


def test_main_acts_are_large_enough_to_hit(phone):
    sign_in(phone, make_user())
    phone.goto("/komponen/")
    for selector, least in (
        (".btn", 44),
        (".k-chip", 44),
        (".k-icon:visible", 44),
        (".k-links a", 44),
        ("main a:visible", 20),
    ):
        heights = phone.locator(selector).evaluate_all("all => all.map(one => one.getBoundingClientRect().height)")
        assert heights and min(height for height in heights if height) >= least, selector


def test_the_strip_says_that_the_signal_is_gone_and_back(phone):
    sign_in(phone, make_user())
    phone.goto("/komponen/")
    strip = phone.locator("#tanpa-sinyal")
    expect(strip).to_be_hidden()
    phone.context.set_offline(True)
    expect(strip).to_contain_text("Tidak ada sinyal")
    phone.context.set_offline(False)
    expect(strip).to_contain_text("Sinyal kembali")
    expect(strip).to_be_hidden()


def test_a_date_says_its_weekday(phone):
    sign_in(phone, make_user())
    phone.goto("/komponen/")
    expect(phone.locator("#id_since_hari")).to_have_text("Sabtu")
    phone.locator("#id_since").fill("2026-11-23")
    expect(phone.locator("#id_since_hari")).to_have_text("Senin")


def test_shortcuts_work_and_can_be_switched_off(phone):
    user = make_user()
    sign_in(phone, user)
    phone.set_viewport_size(LAPTOP)
    phone.goto("/komponen/")
    phone.keyboard.press("?")
    expect(phone.locator("#tombol-cepat")).to_be_visible()
    assert violations(phone) == []
    phone.keyboard.press("Escape")
    phone.keyboard.press("/")
    expect(phone.locator("#cari")).to_be_focused()
    phone.keyboard.press("?")
    expect(phone.locator("#tombol-cepat")).to_be_hidden()
    phone.locator("h1").click()
    phone.keyboard.press("j")
    expect(phone.locator(".k-row h3 a").first).to_be_focused()
    user.shortcuts = False
    user.save()
    phone.goto("/komponen/")
    phone.keyboard.press("/")
    expect(phone.locator("#cari")).not_to_be_focused()
    assert phone.locator("#tombol-cepat").count() == 0


def test_the_whole_second_factor_with_passkeys_under_the_strict_csp(phone):
    devtools = phone.context.new_cdp_session(phone)
    devtools.send("WebAuthn.enable")
    authenticator = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": authenticator})
    user = make_user()
    sign_in(phone, user)
    phone.goto("/akun/pengaman/kunci/tambah/")
    if "pastikan" in phone.url:
        phone.get_by_label("Kata sandi").fill(PASSWORD)
        phone.get_by_role("button", name="Lanjutkan").click()
    assert violations(phone) == []
    phone.get_by_role("button", name="Tambah").click()
    expect(phone.get_by_role("heading", name="Kode cadangan")).to_be_visible()
    assert violations(phone) == []
    phone.goto("/akun/pengaman/aplikasi/pasang/")
    expect(phone.get_by_role("img", name="Kode QR")).to_be_visible()
    assert violations(phone) == []
    phone.goto("/akun/keluar/")
    phone.get_by_role("button", name="Keluar").click()
    phone.get_by_role("button", name="Masuk dengan sidik jari").click()
    phone.wait_for_url(lambda url: "/akun/" not in url)
    phone.goto("/akun/pengaman/")
    expect(phone.get_by_text("1 kunci dikenal.")).to_be_visible()
    assert violations(phone) == []


@pytest.mark.parametrize("path", ["/akun/masuk/", "/akun/sandi/lupa/", "/akun/sandi/lupa/terkirim/", "/tidak-ada/"])
def test_pages_outside_are_accessible_in_both_looks(phone, path):
    for look in ("light", "dark"):
        phone.emulate_media(color_scheme=look)
        phone.goto(path)
        assert violations(phone) == []
        assert fits(phone)


def test_sign_in_works_without_javascript_and_in_english(chromium, live_server):
    user = make_user(language="en")
    context = chromium.new_context(
        base_url=live_server.url, java_script_enabled=False, viewport={"width": 360, "height": 740}
    )
    page = context.new_page()
    page.goto("/akun/masuk/")
    expect(page.get_by_role("button", name="Masuk dengan sidik jari")).to_be_hidden()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_label("User name or e-mail").fill(user.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.goto("/komponen/")
    expect(page.get_by_role("heading", name="Components", level=1)).to_be_visible()
    context.close()


def test_the_first_load_is_light(phone):
    sign_in(phone, make_user())
    answers = []
    phone.on("response", lambda answer: answers.append(answer))
    phone.goto("/akun/pengaman/", wait_until="networkidle")
    assert len(answers) <= 15
    sizes = [answer.request.sizes()["responseBodySize"] for answer in answers]
    assert sum(sizes) <= 250_000  # as written: the tests do not compress, production sends a quarter of it


def test_the_admin_wears_our_skin_in_both_looks(phone):
    user = make_user(is_staff=True, is_superuser=True)
    sign_in(phone, user)
    for look in ("light", "dark"):
        user.theme = look
        user.save()
        for path in ("/kelola/", "/kelola/members/organisation/", "/kelola/members/organisation/add/"):
            phone.goto(path)
            assert violations(phone) == [], path
            assert phone.locator(f"body.look-{look}").count() == 1
