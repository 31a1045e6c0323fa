"""The board and a list, as a coordinator holds them: on a phone and on a laptop, with a picture of each."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import expect

from cases.models import Clock, Rule
from cases.rules.commitments import Terms
from cases.services import carrying, commitments, follow_ups
from tests.browser.steps import sign_in
from tests.conftest import PHONE
from tests.factories import make_case

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LAPTOP = {"width": 1280, "height": 800}
#: Pictures for whoever looks at a run; git does not keep them.
PICTURES = Path(settings.BASE_DIR) / "test-pictures"


@pytest.fixture
def morning(world):
    """A morning on which everything waits."""
    now = timezone.now()

    def make(title, **fields):
        return make_case(desk=world.desk, by=world.relawan, title=title, place=world.place, **fields)

    alarm = make("Ditolak IGD, diminta uang muka", urgency="emergency", assignee=world.relawan)
    make("Kartu BPJS mati", urgency="ordinary")
    make("Obat tidak ada", assignee=world.relawan2, now=now - timedelta(hours=90))
    passed = make("Jaminan belum keluar", assignee=world.relawan)
    carrying.offer(case=passed, to=world.relawan2, next_step="Telepon IGD", without_consent=True, by=world.relawan)
    Clock.objects.create(
        case=alarm, rule=Rule.objects.get(code="K02"), obliged="facility", zone=alarm.zone,
        started_at=now - timedelta(days=2), due_at=now + timedelta(hours=5), logged_at=now,
    )  # fmt: skip
    commitments.promise(
        case=alarm, desk=world.desk, text="Kamar malam ini", terms=Terms("date", due_at=now + timedelta(minutes=5)),
        by=world.koordinator, now=now,
    )  # fmt: skip
    due, before = now - timedelta(hours=2), now - timedelta(hours=3)
    who = {"owner": world.relawan, "by": world.relawan}
    follow_ups.schedule(case=passed, title="Minta surat jaminan", due_at=due, now=before, **who)
    return alarm


def picture(page, name: str, size: dict) -> None:
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}-{size['width']}.png")


def fits(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_board_and_the_list_behind_it(phone, world, morning):
    sign_in(phone, world.koordinator)
    for size in (PHONE, LAPTOP):
        phone.set_viewport_size(size)
        phone.goto("/")
        chips = phone.get_by_role("navigation", name="Hitungan").get_by_role("link")
        expect(chips.first).to_have_text("Darurat 1")
        first = phone.locator(".k-row").first
        expect(first).to_contain_text("Ditolak IGD")
        call = first.locator("a.k-icon")
        expect(call).to_have_attribute("href", f"tel:{world.relawan.whatsapp}")
        box, row = call.bounding_box(), first.bounding_box()
        assert min(box["width"], box["height"]) >= 44
        assert row["y"] + row["height"] < size["height"], "the first emergency stands above the fold"
        assert fits(phone)
        picture(phone, "papan", size)
        phone.goto("/tindak-lanjut/?siapa=semua")
        phone.get_by_label("Jenis").select_option("call")
        phone.get_by_role("button", name="Tampilkan").click()
        expect(phone.get_by_role("heading", name="Tidak ada yang cocok")).to_be_visible()
        phone.get_by_role("link", name="Lepas saringan").first.click()
        assert fits(phone)
        picture(phone, "tindak-lanjut", size)
