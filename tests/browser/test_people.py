"""People, papers, WhatsApp, list and search in a real Chromium at 360 px: looks, script, no signal, no script."""

import re

import pytest
from playwright.sync_api import expect

from cases.models import Attachment, Case
from cases.rules.codes import EventCode, PartyRole
from cases.services import attachments, parties
from members.models import AccessLog
from members.rules.numbers import NumberKind
from tests.browser.steps import fits, sign_in, violations
from tests.browser.test_components import LAPTOP
from tests.factories import make_case
from tests.pictures import PDF, encoded, noise, phone_photo, upload

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NIK = "3171016403920011"


@pytest.fixture
def full(case, world):
    patient = case.parties.get()
    parties.keep_number(patient.person, NumberKind.NIK, NIK)
    parties.add(
        case=case,
        role=PartyRole.REPORTER,
        by=world.relawan,
        full_name="Yusuf Aditya",
        phone="0812 3456 7890",
        silent=True,
    )
    attachments.add(case=case, upload=upload(phone_photo()), by=world.relawan, title="Kartu keluarga")
    return Case.objects.get(pk=case.pk)


def file(data, name="foto.jpg", kind="image/jpeg"):
    return {"name": name, "mimeType": kind, "buffer": data}


@pytest.mark.parametrize(("scheme", "size"), [("light", {"width": 360, "height": 740}), ("dark", LAPTOP)])
def test_every_page_is_accessible_and_fits(phone, full, world, scheme, size):
    make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, title="Obat kemo tidak tersedia di apotek")
    phone.emulate_media(color_scheme=scheme)
    phone.set_viewport_size(size)
    reporter = full.parties.get(role="reporter")
    for user, paths in {
        world.relawan: [
            f"/kasus/{full.uuid}/",
            f"/kasus/{full.uuid}/orang/",
            f"/orang/{reporter.uuid}/",
            f"/kasus/{full.uuid}/wa/?orang={reporter.uuid}",
            f"/kasus/{full.uuid}/ringkasan/",
            f"/kasus/{full.uuid}/berkas/",
            "/kasus/",
            "/kasus/?lihat=diam&urgensi=ordinary",
            "/cari/",
        ],
        world.koordinator: [
            f"/kasus/{full.uuid}/",
            f"/kasus/{full.uuid}/ingatkan/",
            f"/kasus/{full.uuid}/jejak/",
            f"/kasus/{full.uuid}/wa/",
        ],
    }.items():
        phone.context.clear_cookies()
        sign_in(phone, user)
        for path in paths:
            phone.goto(path)
            assert violations(phone) == [], path
            phone.set_viewport_size({"width": 320, "height": 640})
            assert fits(phone), path
            phone.set_viewport_size(size)


def test_forms_with_errors_are_accessible_too(phone, full, world):
    sign_in(phone, world.relawan)
    phone.goto(f"/kasus/{full.uuid}/orang/")
    phone.get_by_label("Telepon").fill("belum ada")
    phone.get_by_role("button", name="Simpan orang ini").click()
    expect(phone).to_have_title(re.compile("^Periksa lagi: KWL"))
    expect(phone.locator("#galat")).to_be_focused()
    expect(phone.get_by_label("Telepon")).to_have_value("belum ada")
    assert violations(phone) == []


def test_photos_are_made_small_and_sent_one_by_one(phone, case, world):
    sign_in(phone, world.relawan)
    phone.goto(f"/kasus/{case.uuid}/")
    sent = []
    phone.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    large = encoded(noise((3000, 2200)), "JPEG", quality=75)
    assert len(large) > 2_000_000
    heic = encoded(noise((300, 200)), "HEIF")
    phone.set_input_files(
        "#berkas-pilih",
        [file(large), file(heic, "IMG_1.HEIC", "image/heic"), file(b"<html>", "surat.html", "text/html"),
         file(PDF, "surat.pdf", "application/pdf")],
    )  # fmt: skip
    expect(phone.locator("#daftar-berkas li")).to_have_count(3)
    expect(phone.locator("[data-left] li")).to_have_text(re.compile(r"surat\.html: Hanya foto"))
    expect(phone.locator("[data-left] li")).to_be_in_viewport()
    assert len(sent) == 4
    first = Attachment.objects.order_by("pk").first()
    assert first.size < 600_000
    assert (first.width, first.height) != (3000, 2200)
    assert len(first.event.data["sha256_phone"]) == 64
    assert first.event.data["sha256_phone"] != first.sha256_received
    assert violations(phone) == []


def test_without_signal_a_photo_waits_and_goes_once(phone, case, world):
    sign_in(phone, world.relawan)
    phone.goto(f"/kasus/{case.uuid}/")
    phone.context.set_offline(True)
    phone.set_input_files("#berkas-kamera", [file(phone_photo())])
    expect(phone.locator("[data-left] li")).to_contain_text("Menunggu sinyal")
    phone.context.set_offline(False)
    expect(phone.locator("#daftar-berkas li")).to_have_count(1)
    expect(phone.locator("[data-said]")).to_have_text("Terkirim dan tersimpan.")
    assert Attachment.objects.count() == 1


def test_a_lost_answer_makes_no_second_photo(phone, case, world):
    sign_in(phone, world.relawan)
    phone.goto(f"/kasus/{case.uuid}/")
    lost = []

    def lose(route):
        if lost:
            return route.continue_()
        lost.append(route.fetch())
        return route.abort()

    phone.route("**/berkas/", lose)
    phone.set_input_files("#berkas-kamera", [file(phone_photo())])
    phone.get_by_role("button", name="Coba lagi").click()
    expect(phone.locator("#daftar-berkas li")).to_have_count(1)
    assert Attachment.objects.count() == 1


def test_photos_without_javascript(chromium, live_server, case, world):
    context = chromium.new_context(
        base_url=live_server.url, java_script_enabled=False, viewport={"width": 360, "height": 740}
    )
    page = context.new_page()
    sign_in(page, world.relawan)
    page.goto(f"/kasus/{case.uuid}/")
    page.set_input_files("#berkas-pilih", [file(phone_photo()), file(PDF, "surat.pdf", "application/pdf")])
    page.get_by_role("button", name="Kirim yang dipilih").click()
    assert page.url.endswith("#berkas")
    assert page.locator("#daftar-berkas li").count() == 2
    context.close()


def test_a_number_is_seen_once(phone, full, world):
    sign_in(phone, world.relawan)
    phone.goto(f"/kasus/{full.uuid}/")
    people = phone.locator("#orang")
    people.locator("summary").click()
    people.get_by_role("button", name="cek kepesertaan").click()
    expect(people).to_contain_text(NIK)
    phone.reload()
    expect(people).not_to_contain_text(NIK)
    assert AccessLog.objects.filter(action="reveal_number").count() == 1


def test_a_coordinator_opens_names_in_one_tap(phone, full, world):
    sign_in(phone, world.koordinator)
    phone.goto(f"/kasus/{full.uuid}/")
    people = phone.locator("#orang")
    expect(people).not_to_contain_text("Yusuf")
    people.get_by_role("button", name="Buka nama (pembukaan dicatat)").click()
    expect(people).to_contain_text("Yusuf Aditya")
    expect(people.get_by_role("link", name="Telepon Yusuf Aditya")).to_have_attribute("href", "tel:+6281234567890")


def test_after_whatsapp_the_page_asks_whether_it_was_sent(phone, full, world):
    phone.context.route("https://wa.me/**", lambda route: route.abort())
    sign_in(phone, world.relawan)
    phone.goto(f"/kasus/{full.uuid}/")
    link = phone.get_by_role("link", name="WhatsApp ke Yusuf Aditya")
    assert "Yusuf" not in link.get_attribute("href")
    with phone.expect_popup() as popup:
        link.click()
    popup.value.close()
    phone.get_by_role("button", name="Sudah, catat").click()
    expect(phone.get_by_role("status").filter(has_text="Tercatat di perjalanan kasus.")).to_be_visible()
    assert full.events.filter(type__code=EventCode.WHATSAPP_SENT).count() == 1


def test_search_from_every_page_leaves_nothing_in_the_address(phone, full, world):
    phone.set_viewport_size(LAPTOP)
    sign_in(phone, world.relawan)
    phone.goto("/kasus/")
    phone.keyboard.press("/")
    phone.keyboard.type("yusuf")
    phone.keyboard.press("Enter")
    expect(phone.locator("#hasil")).to_have_text("1 kasus ditemukan")
    assert phone.url.endswith("/cari/")
    phone.get_by_role("link", name=re.compile("IGD meminta")).click()
    assert phone.url.endswith(f"/kasus/{full.uuid}/")


def test_the_summary_is_copied(phone, full, world):
    phone.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sign_in(phone, world.relawan)
    phone.goto(f"/kasus/{full.uuid}/ringkasan/")
    phone.get_by_role("button", name="Salin").click()
    expect(phone.locator("#ringkasan-tersalin")).to_have_text("Tersalin.")
    assert full.number in phone.evaluate("navigator.clipboard.readText()")


def test_main_acts_are_in_reach_of_the_thumb(phone, full, world):
    sign_in(phone, world.relawan)
    for path in (f"/kasus/{full.uuid}/wa/", f"/kasus/{full.uuid}/orang/", f"/kasus/{full.uuid}/ringkasan/"):
        phone.goto(path)
        box = phone.locator(".k-act .btn-primary").bounding_box()
        assert box["height"] >= 44
        assert box["y"] + box["height"] <= 740
        assert box["y"] > 600
