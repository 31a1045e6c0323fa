"""The main job, end to end: a call at 23.45, logged on a phone, reminded by mail, carried, closed."""

import re
import socket
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from django.utils import timezone
from playwright.sync_api import expect

from cases.models import Case
from cases.services import reminders
from members.models import AccessLog, Message
from members.services import access, delivery
from tests.browser.steps import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NAME, NIK, PHONE = "Slamet Riyadi", "3515014407880001", "081234567890"
STORY = f"Pak {NAME} sesak napas di IGD RSUD Cempaka Raya, diminta deposit dulu. NIK {NIK}, istri {PHONE}"
SECRETS = [NAME, "Slamet", NIK, PHONE, PHONE[1:], "sesak"]


class Letters:
    """A real mail server on loopback that keeps what it is given."""

    def __init__(self):
        self.taken: list[str] = []

    async def handle_DATA(self, server, session, envelope):
        self.taken.append(envelope.content.decode(errors="replace"))
        return "250 OK"


@pytest.fixture
def letters(settings):
    handler = Letters()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    yield handler.taken
    controller.stop()


def test_from_the_call_to_the_closing(world, phone, letters):
    sign_in(phone, world.relawan)

    # The call: one tap from home, one sentence, one chip, saved.
    phone.get_by_role("link", name="Catat", exact=True).click()
    phone.get_by_label("Apa yang terjadi?").fill(STORY)
    phone.get_by_text("Nyawa terancam", exact=True).click()
    expect(phone.get_by_text("Telepon dulu, catat kemudian")).to_be_visible()
    phone.get_by_role("button", name="Simpan kasus").click()
    phone.wait_for_url(re.compile(r"/tersimpan/$"))
    case = Case.objects.get()
    expect(phone.get_by_text(case.number).first).to_be_visible()
    assert (case.urgency, case.assignee) == ("emergency", world.relawan)
    assert NIK not in case.story
    assert PHONE not in case.story

    # The reminder: exactly the right person, in the inbox and by mail, without identity.
    due = case.follow_ups.open().order_by("due_at").first().due_at
    for moment in (due - timedelta(minutes=30), due, due):
        reminders.remind_all(now=moment)
        delivery.deliver_waiting(now=moment)
    told = Message.objects.filter(kind__startswith="follow_up", channel="inbox")
    assert {row.recipient for row in told} >= {world.relawan}
    assert world.outsider not in {row.recipient for row in told}
    mine = [letter for letter in letters if world.relawan.email in letter]
    assert mine
    assert any(case.number in letter for letter in mine)
    for letter in letters:
        assert not [secret for secret in SECRETS if secret in letter]

    # The case, carried: a fact in two taps and a sentence, the plan done.
    phone.goto("/kabar/")
    expect(phone.get_by_text(case.number).first).to_be_visible()
    phone.goto(f"/kasus/{case.uuid}/")
    assert NAME not in phone.title()
    phone.get_by_text("Dapat kamar", exact=True).click()
    phone.get_by_label(re.compile("^Dalam satu kalimat")).fill("Dipindah ke kelas dua tanpa biaya.")
    phone.locator("#baru").get_by_role("button", name="Simpan").click()
    phone.wait_for_url(re.compile(rf"/kasus/{case.uuid}/(#.*)?$"))
    expect(phone.get_by_text("Dipindah ke kelas dua tanpa biaya.").first).to_be_visible()

    # The closing, after looking at the answers once more.
    phone.goto(f"/kasus/{case.uuid}/tutup/")
    phone.get_by_text("Hak terpenuhi", exact=True).first.click()
    phone.locator("button[name=step][value=check]").click()
    phone.locator("button[name=step][value=close]").click()
    phone.wait_for_url(re.compile(rf"/kasus/{case.uuid}/$"))
    case.refresh_from_db()
    assert (case.status, case.outcome.code) == ("closed", "rights_met")
    assert not case.follow_ups.open().exists()

    # Nothing is told any more, every opening left a row, and the chain of the log holds.
    before = len(letters)
    reminders.remind_all(now=due + timedelta(days=3))
    delivery.deliver_waiting(now=due + timedelta(days=3))
    assert not [letter for letter in letters[before:] if case.number in letter]
    assert AccessLog.objects.filter(object_uuid=case.uuid, user=world.relawan).exists()
    access.seal(now=timezone.now() + timedelta(hours=1))
    assert access.broken_seals() == []
