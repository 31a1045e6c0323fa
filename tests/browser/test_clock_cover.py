"""Deadlines, card, payer and calculators at 360 px: nothing sticks out, axe finds nothing, no violation of the policy."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from cases.models import MembershipState, Rule, Segment
from cases.services import clocks, cover
from tests.browser.steps import fits, sign_in, violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_pages_on_a_phone(phone, world, case):
    for code in ("K02", "K22", "K26"):
        rule = Rule.objects.get(code=code)
        started = timezone.now() - timedelta(hours=5)
        clocks.start_by_hand(case=case, rule=rule, by=world.relawan, started_at=started)
    cover.record_check(
        case=case,
        is_check=True,
        state=MembershipState.objects.get(code="NONAKTIF_PBI_DIHAPUS"),
        segment=Segment.objects.get(code="PBI_JK"),
        source="Mobile JKN",
        by=world.relawan,
    )
    sign_in(phone, world.relawan)
    clock = case.clocks.get(rule__code="K02")
    fine = reverse("cases:calculator-fine") + "?biaya=100jt&bulan=12&aktif=01-11-2026&masuk=20-11-2026"
    for address in (
        reverse("cases:case-detail", args=[case.uuid]),
        reverse("cases:clock-add", args=[case.uuid]),
        reverse("cases:clock-pause", args=[clock.uuid]),
        reverse("cases:event-others", args=[case.uuid]),
        reverse("cases:case-cover", args=[case.uuid]),
        reverse("cases:case-payer", args=[case.uuid]),
        fine,
    ):
        phone.goto(address)
        assert fits(phone), address
        assert violations(phone) == [], address
    phone.goto(reverse("cases:case-detail", args=[case.uuid]) + "#tenggat")
    phone.locator("#tenggat details.k-why summary").first.click()
    expect(phone.locator("#tenggat dl.k-facts").first).to_contain_text("Dasar")
    phone.goto(reverse("cases:case-payer", args=[case.uuid]))
    phone.get_by_role("button", name="Tampilkan penjamin").click()
    phone.get_by_role("button", name="Catat penjamin ini").click()
    expect(phone.locator("#riwayat")).to_contain_text("JKN")
