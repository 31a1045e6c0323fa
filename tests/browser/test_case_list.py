"""The list on a phone and on a laptop: filter, keep the view, pick several, give them, take it back."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from cases.models import Case, CaseTag, SavedView
from cases.services import follow_ups
from tests.browser.steps import fits, sign_in, violations
from tests.factories import make_case

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: Not kept in git; CI takes them along.
PICTURES = Path(__file__).parents[2] / "test-pictures"
LAPTOP = {"width": 1280, "height": 800}


def look(page, name: str) -> None:
    """The page fits and axe finds nothing; its picture is kept."""
    assert fits(page), name
    assert violations(page) == [], name
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}-{page.viewport_size['width']}.png")


def test_filter_keep_pick_and_take_back(phone, world):
    now = timezone.now()
    cases = [
        make_case(
            desk=world.desk,
            by=world.relawan,
            assignee=who,
            place=world.place,
            title=title,
            patient=name,
            urgency=urgency,
        )
        for who, title, name, urgency in (
            (world.relawan, "IGD meminta uang muka", "Ani Suryani", "emergency"),
            (world.relawan, "Obat kosong, disuruh beli sendiri", "Budi Hartono", "urgent"),
            (None, "Kartu tidak aktif saat rawat inap", "Citra Dewi", "urgent"),
            (world.relawan2, "Klaim kecelakaan kerja belum dibayar", "Dodo", "ordinary"),
        )
    ]
    follow_ups.schedule(
        case=cases[0],
        title="Minta hasil triase",
        due_at=now + timedelta(hours=1),
        owner=world.relawan,
        by=world.relawan,
    )
    CaseTag.objects.create(case=cases[1], label="obat", tagged_at=now, tagged_by=world.relawan)
    sign_in(phone, world.koordinator)
    phone.goto("/kasus/")
    phone.get_by_text("Saring dan urutkan").click()
    phone.get_by_text("Saringan lain").click()
    phone.get_by_label("Faskes atau kantor").fill(world.place.name[:6].lower())
    look(phone, "daftar-saringan")
    phone.get_by_role("button", name="Tampilkan", exact=True).click()
    phone.get_by_role("link", name="Simpan tampilan ini").click()
    phone.get_by_label("Nama tampilan").fill("RSUD minggu ini")
    look(phone, "tampilan-simpan")
    phone.get_by_role("button", name="Simpan").click()
    expect(phone.get_by_role("link", name="RSUD minggu ini")).to_be_visible()
    look(phone, "daftar-tampilan")
    assert SavedView.objects.get().query.startswith("tempat=")
    phone.get_by_role("link", name="Pilih beberapa").click()
    phone.get_by_label("IGD meminta uang muka").or_(phone.get_by_label("Minta hasil triase")).check()
    phone.get_by_label("Kartu tidak aktif").check()
    look(phone, "daftar-pilih")
    phone.set_viewport_size(LAPTOP)
    look(phone, "daftar-pilih")
    phone.get_by_role("button", name="Tugaskan").click()
    phone.get_by_text("Yoga Pratama").click()
    look(phone, "massal-tugaskan")
    phone.set_viewport_size({"width": 360, "height": 740})
    look(phone, "massal-tugaskan")
    phone.get_by_role("button", name="Tugaskan 2 kasus").click()
    toast = phone.locator(".k-toast:not(.k-clock)")
    expect(toast).to_contain_text("2 kasus ditugaskan")
    assert {case.assignee for case in Case.objects.filter(pk__in=[cases[0].pk, cases[2].pk])} == {world.relawan2}
    phone.get_by_role("button", name="Urungkan").click()
    expect(phone.locator(".k-toast:not(.k-clock)")).to_contain_text("Diurungkan pada 2 kasus")
    assert Case.objects.get(pk=cases[0].pk).assignee == world.relawan
    phone.goto("/kasus/ekspor/?lihat=semua")
    look(phone, "daftar-unduh")
    with phone.expect_download() as given:
        phone.get_by_role("button", name="CSV").click()
    assert given.value.suggested_filename.startswith("kasus-")
    phone.goto("/kasus/tampilan/")
    look(phone, "tampilan")
    phone.set_viewport_size(LAPTOP)
    phone.goto("/kasus/?lihat=semua&label=obat")
    look(phone, "daftar-label")
