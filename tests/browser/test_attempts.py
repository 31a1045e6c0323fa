"""Four facilities in a row on a phone: the next form is ready, and a facility somebody asked before is named at once."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from cases.services import attempts
from tests.browser.steps import sign_in
from tests.factories import make_body

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_four_calls_in_under_two_minutes(phone, world, case):
    melati = make_body("RS Melati")
    ago = timezone.now() - timedelta(minutes=20)
    attempts.ask(case=case, body=melati, answer="full", by=world.koordinator, at=ago)
    sign_in(phone, world.relawan)
    phone.goto(f"/kasus/{case.uuid}/faskes/")
    started = time.monotonic()
    field = phone.get_by_label("Faskes mana?")
    for at, name in enumerate(["RSUD Cempaka Raya", "RS Kenanga", "RS Bukit Lor", "rs melati"]):
        if at:
            expect(field).to_be_focused()
        field.fill(name)
        if name == "rs melati":
            expect(phone.locator("[data-said]")).to_contain_text("RS Melati sudah ditanya 20 menit lalu oleh Kartika")
        phone.get_by_text("Katanya penuh", exact=True).first.click()
        phone.get_by_role("button", name="Simpan").click()
        expect(phone.locator(".k-toast:not(.k-clock)")).to_contain_text("Tercatat:")
    assert time.monotonic() - started < 120
    assert [row.body.name for row in case.attempts.order_by("logged_at", "pk")][1:] == [
        "RSUD Cempaka Raya", "RS Kenanga", "RS Bukit Lor", "RS Melati",
    ]  # fmt: skip


def test_a_promise_shows_only_the_fields_of_its_term(phone, world, case):
    sign_in(phone, world.relawan)
    phone.goto(f"/kasus/{case.uuid}/janji/")
    due, condition = phone.get_by_label("Tanggal jatuh tempo"), phone.get_by_label("Syaratnya")
    expect(due).to_be_hidden()
    phone.get_by_text("Setelah syarat terpenuhi", exact=True).click()
    expect(condition).to_be_visible()
    expect(due).to_be_hidden()
    phone.get_by_label("Apa persisnya?").fill("Membayar klaim")
    condition.fill("berkas lengkap")
    phone.get_by_label("Berapa hari setelah itu").fill("7")
    phone.get_by_role("button", name="Simpan").click()
    expect(phone.locator(".k-toast:not(.k-clock)")).to_contain_text("Janji dicatat.")
    row = case.commitments.get()
    assert (row.term, row.condition, row.span_days) == ("condition", "berkas lengkap", 7)
