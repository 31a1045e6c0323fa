"""Kabar and the page that says why somebody was reminded, in a real Chromium."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from cases.services import follow_ups, reminders
from members.models import Message
from members.services import delivery
from tests.browser.steps import fits, sign_in, violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SIZES = [{"width": 360, "height": 740}, {"width": 1280, "height": 800}]


@pytest.fixture
def reminded(world, case):
    """A follow-up that was told, and a mail to the relawan that was refused."""
    now = timezone.now()
    follow_ups.schedule(
        case=case, title="Telepon IGD", due_at=now + timedelta(hours=5), owner=world.relawan, by=world.relawan
    )
    reminders.remind_all(now=now)
    Message.objects.filter(channel="email").update(state=Message.State.FAILED, error="550 no such user")
    delivery.tell_coordinators(world.relawan, now=now)
    return case


def test_news_is_read_in_one_tap_and_leads_to_the_case(phone, world, reminded):
    sign_in(phone, world.relawan)
    phone.goto("/kabar/")
    expect(phone.locator(".k-dot")).to_have_text("1")
    phone.get_by_role("button", name="segera jatuh tempo").click()
    expect(phone).to_have_url(f"{phone.url.split('/kasus/')[0]}/kasus/{reminded.uuid}/")
    phone.goto("/kabar/")
    expect(phone.locator(".k-dot")).to_have_count(0)
    expect(phone.get_by_text("Sudah dibaca semua")).to_be_visible()


def test_the_pages_are_accessible_and_fit(phone, world, reminded):
    for user, urls in (
        (world.relawan, ["/kabar/", f"/kasus/{reminded.uuid}/pengingat/"]),
        (world.koordinator, ["/kabar/", f"/kasus/{reminded.uuid}/pengingat/"]),
        (world.relawan2, ["/kabar/"]),
    ):
        phone.context.clear_cookies()
        sign_in(phone, user)
        for url in urls:
            for size in SIZES:
                phone.set_viewport_size(size)
                phone.goto(url)
                assert fits(phone), (user, url, size)
                assert violations(phone) == [], (user, url, size)
