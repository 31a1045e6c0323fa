"""The quick log in a real Chromium of 360 px: sixty seconds, no signal, a closed tab, an expired session, no script."""

import io
import random
import re
import time

import pytest
from django.contrib.sessions.models import Session
from PIL import Image
from playwright.sync_api import expect

from cases.models import Case
from tests.browser.steps import sign_in, until, violations
from tests.conftest import PHONE
from tests.factories import PASSWORD, make_case

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NIK = "3515014407880001"
STORY = "Pak Slamet Riyadi sesak napas, IGD minta deposit Rp3 juta dulu"

#: Everything IndexedDB, the caches and the two storages hold, as one text; bytes as latin-1.
DUMP = """async () => {
  const out = [JSON.stringify(localStorage), JSON.stringify(sessionStorage)];
  const asked = (request) => new Promise((yes, no) => { request.onsuccess = () => yes(request.result); request.onerror = no; });
  for (const { name } of await indexedDB.databases()) {
    const db = await asked(indexedDB.open(name));
    for (const store of db.objectStoreNames)
      for (const row of await asked(db.transaction(store).objectStore(store).getAll()))
        out.push(JSON.stringify(row, (key, value) => {
          if (value instanceof ArrayBuffer) return new TextDecoder("latin1").decode(value);
          if (value instanceof Uint8Array) return [...value];
          if (value instanceof CryptoKey) return `key extractable=${value.extractable}`;
          return value;
        }));
    db.close();
  }
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) out.push(request.url + " " + (await (await cache.match(request)).text()));
  }
  return out.join("\\n");
}"""


def open_log(page):
    page.goto("/catat/")
    until(page, "document.getElementById('submit_key').value")


def save(page):
    page.get_by_role("button", name="Simpan kasus").click()


def kept(page, words="Tersimpan di HP ini"):
    expect(page.locator("#tersimpan")).to_contain_text(words)


@pytest.fixture
def worker(chromium, live_server):
    """A phone whose service worker may run; it is closed before the tables are emptied."""
    context = chromium.new_context(
        viewport=PHONE, base_url=live_server.url, locale="id-ID", timezone_id="Asia/Jakarta", has_touch=True
    )
    yield context
    context.set_offline(False)
    context.close()
    time.sleep(0.3)


# --- Sixty seconds ---


def test_an_emergency_in_four_taps_and_sixty_seconds(world, phone):
    """Taps at 1.1 s, keys at 0.35 s, one thought of 1.35 s a field (keystroke-level model), and what the machine needs."""
    sign_in(phone, world.relawan)
    start, taps, keys, thoughts = time.monotonic(), 0, 0, 0

    def tap(target):
        nonlocal taps
        target.click()
        taps += 1

    tap(phone.locator(".k-nav .k-log"))
    tap(phone.get_by_label("Apa yang terjadi?"))
    words = "Bapak sesak, IGD RSUD minta deposit"
    phone.keyboard.type(words)
    keys += len(words)
    tap(phone.get_by_text("Nyawa terancam", exact=True))
    expect(phone.get_by_role("heading", name="Telepon dulu, catat kemudian")).to_be_visible()
    expect(phone.locator('#telepon-dulu a[href="tel:119"]')).to_be_visible()
    last = phone.locator("#telepon-dulu a").last.bounding_box()
    bar = phone.get_by_role("button", name="Simpan kasus").bounding_box()
    assert last["y"] + last["height"] <= bar["y"]  # all numbers in sight, none under the bar
    expect(phone.locator(f'#telepon-dulu a[href="tel:{world.koordinator.whatsapp}"]')).to_be_visible()
    tap(phone.get_by_role("button", name="Simpan kasus"))
    phone.wait_for_url("**/tersimpan/")
    thoughts += 3
    case = Case.objects.get()
    expect(phone.get_by_role("heading", name=case.number)).to_be_visible()
    assert case.urgency == "emergency" and case.assignee == world.relawan
    assert taps <= 4
    assert time.monotonic() - start + taps * 1.1 + keys * 0.35 + thoughts * 1.35 <= 60


def test_a_sign_of_danger_makes_it_an_emergency_in_sight(world, phone):
    sign_in(phone, world.relawan)
    open_log(phone)
    expect(phone.locator("#telepon-dulu")).to_be_hidden()
    phone.get_by_text("Ragu? Lihat tanda bahaya").click()
    phone.get_by_text("Pingsan, kejang, atau sulit dibangunkan?").click()
    expect(phone.get_by_label("Nyawa terancam", exact=True)).to_be_checked()
    expect(phone.locator("#telepon-dulu")).to_be_visible()


def test_the_whole_form_with_hints_place_and_photo(world, phone):
    known = make_case(desk=world.desk, by=world.relawan2, phone="0812 0000 4417")
    sign_in(phone, world.relawan)
    open_log(phone)
    phone.get_by_label("Apa yang terjadi?").fill(f"{STORY}. NIK {NIK}")
    expect(phone.locator("#nomor")).to_be_visible()
    expect(phone.locator("#nomor [data-found]")).to_contain_text("Pasien")
    assert NIK not in phone.locator("#nomor").inner_text()
    phone.locator("#place").type("cempaka")
    phone.get_by_role("button", name="RSUD Cempaka Raya").click()
    assert phone.locator("#place_body").input_value() == str(world.place.uuid)
    expect(phone.get_by_label("Di faskes")).to_be_checked()
    phone.get_by_text("Kartu nonaktif, ada tunggakan").click()
    phone.get_by_text("Ditolak IGD / diminta uang muka").click()
    phone.get_by_text("Keluarga", exact=True).click()
    phone.get_by_label("Telepon pelapor").fill("0812-0000-4417")
    expect(phone.locator("#mirip")).to_contain_text(known.number)
    expect(phone.locator("#mirip")).to_contain_text("Telepon atau nomor sama")
    phone.locator("#photo").set_input_files({"name": "besar.png", "mimeType": "image/png", "buffer": picture()})
    expect(phone.locator("#foto-siap")).to_be_visible(timeout=15_000)
    size = int(re.search(r"(\d+) kB", phone.locator("#foto-siap").inner_text())[1])
    assert size <= 500
    save(phone)
    phone.wait_for_url("**/tersimpan/")
    expect(phone.get_by_text("Sudah pernah dicatat?")).to_be_visible()
    case = Case.objects.exclude(pk=known.pk).get()
    assert case.place == world.place and case.problem_type.code == "D01"
    assert NIK not in case.story
    assert case.parties.get(role="patient").person.identifiers.get().value == NIK
    photo = case.attachments.get()
    assert photo.size <= 500 * 1024 and photo.width <= 1600


def picture(longest=2700):
    """A noisy photo: nothing of it compresses well."""
    noise = random.Random(1).randbytes(900 * 700 * 3)
    picture = Image.frombytes("RGB", (900, 700), noise).resize((longest, longest * 7 // 9))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def test_help_takes_what_was_typed_to_the_case_that_is_there(world, phone):
    known = make_case(desk=world.desk, by=world.relawan2, phone="0812 0000 4417")
    sign_in(phone, world.relawan)
    open_log(phone)
    phone.get_by_label("Telepon pelapor").fill("081200004417")
    phone.get_by_label("Apa yang terjadi?").fill("Anaknya telepon lagi, masih di IGD")
    phone.locator("#mirip").get_by_role("button", name="Bantu").click()
    phone.wait_for_url(f"**/kasus/{known.uuid}/")
    assert "Anaknya telepon lagi" in known.events.get(type__code="note").text
    assert Case.objects.count() == 1


# --- Pressed twice, something to put right ---


def test_pressed_twice_makes_one_case(world, phone):
    sign_in(phone, world.relawan)
    open_log(phone)
    phone.get_by_label("Apa yang terjadi?").fill(STORY)
    phone.evaluate(
        "() => { const b = document.querySelector('.k-act button'); b.click(); b.click(); b.form.requestSubmit(); }"
    )
    phone.wait_for_url("**/tersimpan/")
    assert Case.objects.count() == 1


def test_back_after_saving_starts_anew_and_sends_nothing(world, phone):
    sign_in(phone, world.relawan)
    open_log(phone)
    phone.get_by_label("Apa yang terjadi?").fill(STORY)
    save(phone)
    phone.wait_for_url("**/tersimpan/")
    phone.go_back()
    phone.wait_for_load_state("networkidle")
    assert Case.objects.count() == 1
    open_log(phone)
    expect(phone.get_by_label("Apa yang terjadi?")).to_have_value("")


def test_something_to_put_right_keeps_everything_and_takes_the_focus(world, phone):
    sign_in(phone, world.relawan)
    open_log(phone)
    phone.locator("#photo").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": picture()})
    expect(phone.locator("#foto-siap")).to_be_visible(timeout=15_000)
    phone.get_by_label("Telepon pelapor").fill("0812 34")
    save(phone)
    expect(phone.locator("#galat")).to_be_focused()
    expect(phone).to_have_title(re.compile("^Periksa lagi: Catat cepat"))
    expect(phone.locator("#foto-siap")).to_be_visible()
    phone.get_by_role("link", name="Tulis apa yang terjadi").click()
    expect(phone.get_by_label("Apa yang terjadi?")).to_be_focused()
    phone.get_by_label("Apa yang terjadi?").fill(STORY)
    phone.get_by_label("Telepon pelapor").fill("0812 0000 4417")
    save(phone)
    phone.wait_for_url("**/tersimpan/")
    assert Case.objects.get().attachments.count() == 1


# --- No signal ---


def test_signal_lost_in_the_middle_and_back(world, phone):
    sign_in(phone, world.relawan)
    open_log(phone)
    phone.get_by_label("Apa yang terjadi?").fill(STORY)
    phone.context.set_offline(True)
    phone.get_by_label("Telepon pelapor").fill("0812 0000 4417")
    save(phone)
    expect(phone.locator("#belum-terkirim")).to_contain_text(
        "Belum terkirim. Tersimpan di HP ini; dikirim saat ada sinyal."
    )
    expect(phone.get_by_label("Apa yang terjadi?")).to_have_value(STORY)
    assert not Case.objects.exists()
    phone.context.set_offline(False)
    phone.wait_for_url("**/tersimpan/")
    case = Case.objects.get()
    assert case.story == STORY
    assert stored(phone).count('"id"') == 0


def test_an_answer_that_was_lost_makes_no_second_case(world, phone):
    sign_in(phone, world.relawan)
    open_log(phone)
    phone.get_by_label("Apa yang terjadi?").fill(STORY)
    lost = []

    def lose(route):
        if lost:
            return route.continue_()
        lost.append(route.fetch())  # the server has it, the phone never hears
        return route.abort()

    phone.route("**/catat/", lambda route: lose(route) if route.request.method == "POST" else route.continue_())
    save(phone)
    expect(phone.locator("#belum-terkirim")).to_be_visible()
    phone.get_by_role("button", name="Kirim sekarang").click()
    phone.wait_for_url("**/tersimpan/")
    assert Case.objects.count() == 1


def test_what_waits_goes_out_from_any_page(world, phone):
    sign_in(phone, world.relawan)
    open_log(phone)
    phone.get_by_label("Apa yang terjadi?").fill(STORY)
    phone.context.set_offline(True)
    save(phone)
    expect(phone.locator("#belum-terkirim")).to_be_visible()
    phone.context.set_offline(False)
    phone.route("**/catat/", lambda route: route.abort())
    phone.wait_for_timeout(300)
    phone.unroute("**/catat/")
    phone.goto("/")
    expect(phone.locator(".k-toasts .k-toast")).to_contain_text("Terkirim dari HP ini: KWL-")
    assert Case.objects.count() == 1
    expect(phone.locator("[data-draft-card]")).to_be_hidden()


def test_the_form_opens_without_signal_and_sends_later(world, worker):
    page = worker.new_page()
    sign_in(page, world.relawan)
    open_log(page)
    page.evaluate("async () => { await navigator.serviceWorker.ready; }")
    until(page, "navigator.serviceWorker.controller !== null")
    worker.set_offline(True)
    page.goto("/kasus/")
    expect(page.get_by_role("heading", name="Tidak ada sinyal")).to_be_visible()
    page.get_by_role("link", name="Catat kasus").click()
    expect(page.get_by_role("heading", name="Catat cepat")).to_be_visible()
    page.get_by_label("Apa yang terjadi?").fill(STORY)
    page.get_by_text("Kamar penuh, tertahan di IGD").click()
    kept(page)
    save(page)
    expect(page.locator("#belum-terkirim")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Apa yang terjadi?")).to_have_value(STORY)
    assert not Case.objects.exists()
    worker.set_offline(False)
    page.wait_for_url("**/tersimpan/")
    case = Case.objects.get()
    assert case.story == STORY and case.problem_type.code == "A03" and case.logged_by == world.relawan


def test_the_worker_stores_nothing_of_anybody(world, worker):
    case = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, story=STORY)
    page = worker.new_page()
    sign_in(page, world.relawan)
    page.evaluate("async () => { await navigator.serviceWorker.ready; }")
    for url in ("/", "/kasus/", f"/kasus/{case.uuid}/tersimpan/", "/catat/"):
        page.goto(url)
        page.wait_for_load_state("networkidle")
    held = page.evaluate(DUMP)
    assert "kawal-" in held or "/catat/kosong/" in held
    for secret in (
        case.number,
        "Slamet",
        "Siti",
        world.relawan.full_name,
        str(case.uuid),
        'name="csrfmiddlewaretoken"',
    ):
        assert secret not in held, secret


# --- The draft ---


def stored(page):
    return page.evaluate(DUMP)


def test_a_closed_tab_loses_nothing(world, phone):
    sign_in(phone, world.relawan)
    open_log(phone)
    start = time.monotonic()
    phone.get_by_label("Apa yang terjadi?").fill(STORY)
    kept(phone)
    assert time.monotonic() - start < 1.5
    phone.get_by_text("Harus hari ini").click()
    phone.get_by_text("Pasien: nama, umur, NIK").click()
    phone.locator("#patient_nik").fill(NIK)
    phone.wait_for_timeout(900)
    tab = phone.context.new_page()
    phone.close()
    open_log(tab)
    expect(tab.get_by_label("Apa yang terjadi?")).to_have_value(STORY)
    expect(tab.get_by_label("Harus hari ini")).to_be_checked()
    expect(tab.locator("#patient_nik")).to_have_value(NIK)
    expect(tab.locator("#patient_nik")).to_be_visible()
    expect(tab.locator("#draf")).to_contain_text("Dipulihkan dari HP ini")
    save(tab)
    tab.wait_for_url("**/tersimpan/")
    assert Case.objects.count() == 1
    tab.close()


def test_start_anew_keeps_the_old_draft_for_later(world, phone):
    sign_in(phone, world.relawan)
    open_log(phone)
    phone.get_by_label("Apa yang terjadi?").fill(STORY)
    kept(phone)
    open_log(phone)
    phone.get_by_role("button", name="Mulai baru").click()
    expect(phone.get_by_label("Apa yang terjadi?")).to_have_value("")
    phone.get_by_label("Apa yang terjadi?").fill("Kasus yang lain sama sekali")
    save(phone)
    phone.wait_for_url("**/tersimpan/")
    phone.goto("/")
    card = phone.locator("[data-draft-card]")
    expect(card).to_be_visible()
    expect(card).to_contain_text("Pak Slamet")
    card.get_by_role("link").first.click()
    expect(phone.get_by_label("Apa yang terjadi?")).to_have_value(STORY)


def test_a_draft_is_thrown_away_after_a_second_tap(world, phone):
    sign_in(phone, world.relawan)
    open_log(phone)
    phone.get_by_label("Apa yang terjadi?").fill(STORY)
    kept(phone)
    open_log(phone)
    phone.get_by_role("button", name="Buang").click()
    expect(phone.get_by_label("Apa yang terjadi?")).to_have_value(STORY)
    phone.get_by_role("button", name="Yakin buang?").click()
    expect(phone.get_by_label("Apa yang terjadi?")).to_have_value("")
    open_log(phone)
    phone.wait_for_timeout(400)
    expect(phone.get_by_label("Apa yang terjadi?")).to_have_value("")


def test_the_draft_is_cipher_with_a_key_that_cannot_leave(world, phone):
    sign_in(phone, world.relawan)
    open_log(phone)
    phone.get_by_label("Apa yang terjadi?").fill(f"{STORY}, NIK {NIK}, 0812 0000 4417")
    phone.get_by_label("Nama pelapor").fill("Dewi Anggraini")
    phone.wait_for_timeout(900)
    held = stored(phone)
    assert "key extractable=false" in held
    assert str(world.relawan.uuid) in held
    for secret in ("Slamet", NIK, "4417", "Dewi", "deposit"):
        assert secret not in held, secret


def test_sign_out_leaves_nothing(world, worker):
    page = worker.new_page()
    sign_in(page, world.relawan)
    open_log(page)
    page.get_by_label("Apa yang terjadi?").fill(STORY)
    kept(page)
    page.evaluate("async () => { await navigator.serviceWorker.ready; }")
    page.goto("/akun/keluar/")
    page.locator("main form button[type=submit], form[action*=keluar] button[type=submit]").first.click()
    page.wait_for_url("**/akun/masuk/**")
    page.wait_for_timeout(500)
    held = stored(page)
    assert '"id"' not in held and "key extractable" not in held and str(world.relawan.uuid) not in held
    assert page.evaluate("async () => (await caches.keys()).length") == 0
    sign_in(page, world.relawan)
    open_log(page)
    expect(page.get_by_label("Apa yang terjadi?")).to_have_value("")


def test_another_user_of_the_phone_sees_no_draft(world, phone):
    sign_in(phone, world.relawan)
    open_log(phone)
    phone.get_by_label("Apa yang terjadi?").fill(STORY)
    kept(phone)
    Session.objects.all().delete()
    sign_in(phone, world.relawan2)
    open_log(phone)
    phone.wait_for_timeout(500)
    expect(phone.get_by_label("Apa yang terjadi?")).to_have_value("")
    phone.goto("/")
    expect(phone.locator("[data-draft-card]")).to_be_hidden()


# --- The session ended ---


def test_an_expired_session_keeps_the_text_and_returns_to_it(world, phone):
    sign_in(phone, world.relawan)
    open_log(phone)
    phone.get_by_label("Apa yang terjadi?").fill("x sesak")
    phone.get_by_text("Nyawa terancam", exact=True).click()
    Session.objects.all().delete()
    save(phone)
    expect(phone.locator("#belum-terkirim")).to_contain_text("Masuk lagi; tulisan Anda aman.")
    expect(phone.get_by_label("Apa yang terjadi?")).to_have_value("x sesak")
    phone.get_by_role("link", name="Masuk lagi").click()
    phone.get_by_label("Nama pengguna atau e-mail").fill(world.relawan.username)
    phone.get_by_label("Kata sandi").fill(PASSWORD)
    phone.get_by_role("button", name="Masuk", exact=True).click()
    phone.wait_for_url("**/catat/")
    expect(phone.get_by_label("Apa yang terjadi?")).to_have_value("x sesak")
    expect(phone.get_by_label("Nyawa terancam", exact=True)).to_be_checked()
    assert not Case.objects.exists()
    save(phone)
    phone.wait_for_url("**/tersimpan/")
    assert Case.objects.get().urgency == "emergency"


def test_signed_in_again_in_another_tab_the_form_still_sends(world, phone):
    sign_in(phone, world.relawan)
    open_log(phone)
    phone.get_by_label("Apa yang terjadi?").fill(STORY)
    Session.objects.all().delete()
    other = phone.context.new_page()
    sign_in(other, world.relawan)
    other.close()
    save(phone)
    phone.wait_for_url("**/tersimpan/")
    assert Case.objects.count() == 1


def test_another_account_does_not_send_what_i_wrote(world, phone):
    sign_in(phone, world.relawan)
    open_log(phone)
    phone.get_by_label("Apa yang terjadi?").fill(STORY)
    Session.objects.all().delete()
    other = phone.context.new_page()
    sign_in(other, world.relawan2)
    other.close()
    save(phone)
    expect(phone.locator("#belum-terkirim")).to_contain_text("Ini ditulis dengan akun lain.")
    assert not Case.objects.exists()


# --- Without a script, without a safe connection ---


def test_without_a_script(world, chromium, live_server):
    context = chromium.new_context(
        viewport=PHONE, base_url=live_server.url, java_script_enabled=False, service_workers="block"
    )
    page = context.new_page()
    sign_in(page, world.relawan)
    page.locator(".k-nav .k-log").click()
    page.get_by_role("button", name="Simpan kasus").click()
    expect(page.locator("#galat")).to_contain_text("Tulis apa yang terjadi.")
    page.get_by_label("Apa yang terjadi?").fill(f"{STORY}. NIK {NIK}")
    page.get_by_text("Nyawa terancam", exact=True).click()
    page.locator("#place").fill("RSUD Cempaka Raya")
    page.get_by_text("Masalah lain").click()
    page.get_by_text("Cari ICU / NICU / PICU").click()
    page.get_by_text("Pasien: nama, umur, NIK").click()
    page.locator("#patient_name").fill("Slamet Riyadi")
    page.locator("#photo").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": picture(600)})
    page.get_by_role("button", name="Simpan kasus").click()
    expect(page.get_by_role("heading", name="Telepon dulu, catat kemudian")).to_be_visible()
    case = Case.objects.get()
    expect(page.get_by_role("heading", name=case.number)).to_be_visible()
    assert case.place == world.place and case.problem_type.code == "A04" and case.initials == "S.R."
    assert NIK not in case.story and case.attachments.count() == 1
    context.close()


def test_without_a_safe_connection_the_page_says_that_nothing_is_kept(world, phone):
    phone.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false })")
    sign_in(phone, world.relawan)
    open_log(phone)
    kept(phone, "Tidak disimpan di HP")
    phone.get_by_label("Apa yang terjadi?").fill(STORY)
    phone.wait_for_timeout(900)
    assert "Slamet" not in stored(phone)
    save(phone)
    phone.wait_for_url("**/tersimpan/")


# --- Looks ---


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("size", [{"width": 320, "height": 640}, PHONE, {"width": 1280, "height": 800}])
def test_every_state_is_accessible_and_fits(world, phone, look, size):
    phone.emulate_media(color_scheme=look)
    phone.set_viewport_size(size)
    make_case(desk=world.desk, by=world.relawan2, phone="0812 0000 4417")
    sign_in(phone, world.relawan)
    open_log(phone)
    save(phone)
    expect(phone.locator("#galat")).to_be_visible()
    for summary in phone.locator("#catat summary").all():
        summary.click()
    phone.get_by_text("Nyawa terancam", exact=True).click()
    phone.get_by_label("Apa yang terjadi?").fill(f"{STORY}. NIK {NIK}")
    phone.get_by_label("Telepon pelapor").fill("0812 0000 4417")
    expect(phone.locator("#mirip")).to_be_visible()
    phone.locator("#place").type("cemp")
    expect(phone.get_by_role("button", name="RSUD Cempaka Raya")).to_be_visible()
    assert violations(phone) == []
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert too_small(phone) == []
    save(phone)
    phone.wait_for_url("**/tersimpan/")
    assert violations(phone) == []
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def too_small(page):
    """Controls of the form under 44 px (links in rows keep 24)."""
    wanted = (
        "button, .k-chip, input:not([type=hidden], .k-pick, [type=file], [type=checkbox]), select, summary, textarea"
    )
    return page.evaluate(
        """(wanted) => [...document.querySelectorAll(`#catat :is(${wanted})`)]
            .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 43.5)
            .map((one) => one.outerHTML.slice(0, 90))""",
        wanted,
    )
