"""The page of a case in a real Chromium: one hand at 360 px, two taps and a sentence, no script, axe, CSP, two phones."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from cases.models import Case, EventType, Outcome, ProblemType
from cases.rules.codes import FollowUpState
from cases.services import carrying, claims, closing, editing, facts, follow_ups
from tests.browser.steps import fits, sign_in, violations
from tests.browser.test_components import LAPTOP
from tests.factories import make_case

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def full(world):
    """A case with everything on it."""
    kind = ProblemType.objects.get(code="A01")
    case = make_case(
        desk=world.desk,
        by=world.relawan,
        assignee=world.relawan,
        place=world.place,
        place_note="IGD lantai 1",
        urgency="emergency",
        title="IGD meminta uang muka, kartu dikira nonaktif",
        problem_type=kind,
        phone="0812 3456 7890",
        now=timezone.now() - timedelta(days=2),
    )
    case.problem_types.add(kind)

    def tell(code, text="", *, hours_ago=0, **given):
        at = timezone.now() - timedelta(hours=hours_ago)
        return facts.tell(case=case, type=EventType.objects.get(code=code), by=world.relawan, text=text, at=at, **given)

    first = tell("asked_payment", "Loket meminta deposit Rp3.000.000.", hours_ago=30)
    tell("asked_payment", "Depositnya Rp2.000.000.", hours_ago=30, corrects=first)
    tell("called", "Saturasi 88, dipasang oksigen.", hours_ago=3, counterpart="dr. F., dokter jaga")
    for text, source in (("Datang 21.26.", "Adik pasien"), ("Tercatat 22.05.", "Loket IGD")):
        claims.add(case=case, topic="Jam tiba", text=text, source=source, by=world.relawan)
    fresh = Case.objects.get(pk=case.pk)
    editing.edit(case=fresh, changes={"story": "Sudah di kasur IGD."}, version=fresh.version, by=world.koordinator)
    for title, hours in (("Minta hasil triase secara tertulis", 1.5), ("Antar kartu keluarga", 30)):
        follow_ups.schedule(
            case=case,
            title=title,
            due_at=timezone.now() + timedelta(hours=hours),
            owner=world.relawan,
            by=world.relawan,
        )
    return Case.objects.get(pk=case.pk)


def other_phone(chromium, live_server):
    context = chromium.new_context(viewport={"width": 360, "height": 740}, base_url=live_server.url, locale="id-ID")
    return context.new_page()


def see_all(page):
    """Opens what is folded, for axe sees only what is shown."""
    page.evaluate("document.querySelectorAll('main details').forEach(one => one.open = true)")


@pytest.mark.parametrize(("scheme", "size"), [("light", None), ("dark", None), ("dark", LAPTOP)])
def test_every_page_is_accessible_and_fits(phone, full, world, scheme, size):
    phone.emulate_media(color_scheme=scheme)
    if size:
        phone.set_viewport_size(size)
    plan = full.follow_ups.open().first()
    event = full.events.filter(type__code="called").first()
    ended = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, title="Kartu aktif lagi")
    closing.close(case=ended, outcome=Outcome.objects.get(code="discretion"), by=world.relawan)
    sign_in(phone, world.relawan)
    of_case = ["", "perjalanan/?sistem=1", "ubah/", "kejadian/refused/", "kejadian/died/", "tindak-lanjut/"]
    of_case += ["serah-terima/", "tutup/", "versi/"]
    addresses = [f"/kasus/{full.uuid}/{name}" for name in of_case]
    addresses += [f"/tindak-lanjut/{plan.uuid}/{name}" for name in ("", "selesai/", "tunda/", "batal/")]
    addresses += [f"/kejadian/{event.uuid}/koreksi/", f"/kasus/{ended.uuid}/", f"/kasus/{ended.uuid}/buka-lagi/"]
    for address in addresses:
        phone.goto(address)
        see_all(phone)
        assert violations(phone) == [], address
        assert fits(phone), address
    phone.set_viewport_size({"width": 320, "height": 640})
    phone.goto(f"/kasus/{full.uuid}/")
    assert fits(phone)


def test_errors_and_choices_are_accessible(phone, full, world):
    sign_in(phone, world.koordinator)
    for address in ("tindak-lanjut/", "tutup/", "serah-terima/", "tugaskan/"):
        phone.goto(f"/kasus/{full.uuid}/{address}")
        if address == "serah-terima/":
            phone.get_by_label("Apa langkah berikutnya?").fill("")
        phone.locator(".k-act .btn-primary").click()
        expect(phone.locator("#galat")).to_be_focused()
        assert phone.title().startswith("Periksa lagi:")
        assert violations(phone) == [], address
        phone.locator("#galat a").first.click()
        assert fits(phone), address


def test_first_screen_says_it_all(phone, full, world):
    sign_in(phone, world.relawan)
    phone.goto(f"/kasus/{full.uuid}/")
    bar = phone.locator(".k-act")
    top_of_bar = bar.bounding_box()["y"]
    for words in (
        full.title,
        "RSUD Cempaka Raya, IGD lantai 1",
        "1 jam",
        "Giliran kita: Rina",
        "Minta hasil triase secara tertulis",
    ):
        box = phone.get_by_text(words).first.bounding_box()
        assert box["y"] + box["height"] <= top_of_bar, words
    expect(phone.locator(".k-now .k-say")).to_be_in_viewport()
    expect(bar.get_by_role("link", name="Catat hasil")).to_be_in_viewport()
    assert bar.locator(".btn:visible").count() == 2
    heights = phone.locator("main .btn:visible, main .k-chip:visible").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().height)"
    )
    assert min(heights) >= 44


def test_two_taps_and_a_sentence_without_leaving(phone, full, world):
    sign_in(phone, world.relawan)
    phone.goto(f"/kasus/{full.uuid}/")
    sentence = phone.locator("#baru-text")
    expect(sentence).to_be_hidden()
    phone.locator("#baru").get_by_text("Ditolak", exact=True).click()
    expect(phone.locator("#baru-hint")).to_contain_text("Siapa yang menolak")
    expect(sentence).to_be_focused()
    sentence.fill("Satpam melarang masuk.")
    phone.locator("#baru").get_by_role("button", name="Simpan").click()
    expect(phone.get_by_text("Satpam melarang masuk.")).to_be_visible()
    toast = phone.locator(".k-toasts .k-toast")
    expect(toast).to_contain_text("Dicatat: Ditolak.")
    assert violations(phone) == []
    toast.get_by_role("link", name="Koreksi").click()
    phone.get_by_label("Dalam satu kalimat").fill("Petugas loket melarang masuk.")
    phone.get_by_role("button", name="Simpan koreksi").click()
    expect(phone.get_by_text("Petugas loket melarang masuk.")).to_be_visible()
    assert full.events.filter(type__code="refused").count() == 2


def test_back_and_again_makes_no_second_one(phone, full, world):
    sign_in(phone, world.relawan)
    phone.goto(f"/kasus/{full.uuid}/")
    phone.locator("#baru").get_by_text("Telepon", exact=True).click()
    phone.locator("#baru").get_by_role("button", name="Simpan").click()
    phone.wait_for_load_state()
    phone.go_back()
    phone.go_forward()
    phone.reload()
    assert full.events.filter(type__code="called").count() == 2  # the one of the fixture and this one


def test_done_in_one_tap_and_taken_back_in_one(phone, full, world):
    sign_in(phone, world.relawan)
    phone.goto(f"/kasus/{full.uuid}/")
    plan = full.follow_ups.open().order_by("due_at").first()
    phone.locator("#rencana").get_by_role("button", name="Selesai").first.click()
    expect(phone.locator("#rencana").get_by_text(plan.title, exact=True)).to_be_hidden()
    plan.refresh_from_db()
    assert plan.state == FollowUpState.DONE
    phone.locator(".k-toasts .k-toast").get_by_role("button", name="Urungkan").click()
    expect(phone.locator("#rencana").get_by_text(plan.title, exact=True)).to_be_visible()


def test_quiet_for_an_hour(phone, full, world):
    sign_in(phone, world.relawan)
    phone.goto(f"/kasus/{full.uuid}/")
    phone.locator("#rencana").get_by_text("Tunda").first.click()
    phone.locator("#rencana").get_by_role("button", name="1 jam").first.click()
    expect(phone.locator("#rencana").get_by_text("Diam sampai").first).to_be_visible()


def test_a_hand_over_on_two_phones(phone, chromium, live_server, full, world):
    carrying.offer(case=full, to=world.relawan2, next_step="Telepon dokter jaga", by=world.relawan)
    sign_in(phone, world.relawan2)
    phone.goto(f"/kasus/{full.uuid}/")
    expect(phone.get_by_role("heading", name="Rina menyerahkan kasus ini kepada Anda")).to_be_in_viewport()
    expect(phone.get_by_text("Telepon dokter jaga")).to_be_in_viewport()
    accept = phone.get_by_role("button", name="Terima")
    expect(accept).to_be_in_viewport()
    assert accept.bounding_box()["height"] >= 44
    assert violations(phone) == []
    accept.click()
    expect(phone.get_by_text("Giliran kita: Yoga")).to_be_visible()
    expect(phone.get_by_text("Siti Rahmawati", exact=True)).to_be_visible()


def test_two_people_edit_and_nothing_is_lost(phone, chromium, live_server, full, world):
    sign_in(phone, world.relawan)
    phone.goto(f"/kasus/{full.uuid}/ubah/")
    other = other_phone(chromium, live_server)
    sign_in(other, world.koordinator)
    other.goto(f"/kasus/{full.uuid}/ubah/")
    other.get_by_label("Dalam satu baris").fill("IGD menahan pasien, minta deposit")
    other.get_by_label("Di bagian mana").fill("IGD lantai 2")
    other.get_by_role("button", name="Simpan").click()
    expect(other.get_by_role("heading", name="IGD menahan pasien, minta deposit")).to_be_visible()
    other.context.close()
    phone.get_by_label("Dalam satu baris").fill("Deposit Rp2 juta diminta IGD")
    phone.get_by_label("Apa yang terjadi").fill("Adik pasien menelepon dari IGD.")
    phone.get_by_role("button", name="Simpan").click()
    expect(phone.get_by_role("heading", name="Sudah disimpan orang lain")).to_be_visible()
    expect(phone.locator("fieldset")).to_have_count(1)
    assert violations(phone) == []
    assert fits(phone)
    phone.get_by_text("Deposit Rp2 juta diminta IGD").click()
    phone.get_by_role("button", name="Simpan pilihan").click()
    expect(phone.get_by_role("heading", name="Deposit Rp2 juta diminta IGD")).to_be_visible()
    saved = Case.objects.get(pk=full.pk)
    assert (saved.story, saved.place_note) == ("Adik pasien menelepon dari IGD.", "IGD lantai 2")


def test_everything_works_without_script(chromium, live_server, full, world):
    context = chromium.new_context(
        viewport={"width": 360, "height": 740}, base_url=live_server.url, locale="id-ID", java_script_enabled=False
    )
    page = context.new_page()
    sign_in(page, world.relawan)
    page.goto(f"/kasus/{full.uuid}/")
    page.locator("#baru").get_by_text("Dijawab", exact=True).click()
    page.locator("#baru-text").fill("Kamar siap.")
    page.locator("#baru").get_by_role("button", name="Simpan").click()
    expect(page.get_by_text("Kamar siap.")).to_be_visible()
    page.get_by_role("link", name="Catat hasil").click()
    page.get_by_label("Apa hasilnya?").fill("Surat diterima.")
    page.get_by_label("Lalu?").fill("Antar ke loket")
    page.get_by_text("1 jam lagi").click()
    page.get_by_role("button", name="Selesai").click()
    expect(page.get_by_text("Antar ke loket").first).to_be_visible()
    page.locator("#rencana").get_by_text("Tunda").first.click()
    page.locator("#rencana").get_by_role("button", name="Besok pagi").first.click()
    expect(page.get_by_text("Diam sampai").first).to_be_visible()
    page.get_by_role("link", name="Tutup kasus").last.click()
    page.get_by_text("Hak terpenuhi").click()
    page.get_by_role("button", name="Lanjut").click()
    expect(page.get_by_role("heading", name="Sudah benar?")).to_be_visible()
    page.get_by_role("button", name="Tutup kasus").click()
    expect(page.get_by_role("heading", name="Hak terpenuhi")).to_be_visible()
    context.close()
    assert not Case.objects.get(pk=full.pk).is_open


def test_the_timeline_and_the_chips_are_reached_by_keys(phone, full, world):
    sign_in(phone, world.relawan)
    phone.set_viewport_size(LAPTOP)
    phone.goto(f"/kasus/{full.uuid}/")
    phone.locator("#jenis-refused").focus()
    phone.keyboard.press("Space")
    expect(phone.locator("#baru-text")).to_be_visible()
    phone.keyboard.type("Ditolak lagi.")
    phone.keyboard.press("Tab")
    phone.keyboard.press("Tab")
    expect(phone.locator("#baru").get_by_role("button", name="Simpan")).to_be_focused()
    phone.keyboard.press("Enter")
    expect(phone.get_by_text("Ditolak lagi.")).to_be_visible()
