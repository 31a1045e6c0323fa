"""The conversation with a real SMTP server: when is a letter still ours, when may it have gone?"""

import asyncio
import json
import socket
import threading
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from members.models import Message
from members.services import delivery
from members.services import mail as mail_service
from members.services import messages as outbox
from members.services.channels import Letter, Unreachable
from tests.factories import make_user
from tests.faults.sink import serve

pytestmark = [pytest.mark.django_db, pytest.mark.opens_sockets]
State = Message.State


class Sink:
    """The sink of the fault tests, in a thread."""

    def __init__(self, folder):
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.loop = asyncio.new_event_loop()
        self.started = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        assert self.started.wait(5)

    def _run(self):
        asyncio.set_event_loop(self.loop)
        self.server = self.loop.run_until_complete(serve(self.port, self.folder))
        self.started.set()
        self.loop.run_forever()
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()

    def set(self, mode):
        (self.folder / "mode").write_text(mode)

    @property
    def accepted(self):
        return [json.loads(line) for line in (self.folder / "accepted").read_text().splitlines()]

    def stop(self):
        async def end():
            self.server.close()
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()

        asyncio.run_coroutine_threadsafe(end(), self.loop).result(5)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)


@pytest.fixture
def sink(tmp_path, settings):
    server = Sink(tmp_path)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 5
    yield server
    server.stop()


@pytest.fixture
def reader():
    return make_user("pembaca")


def tell(reader, key="a"):
    outbox.post(recipient=reader, kind="assigned", key=key, data={"number": "KWL-26-00001"}, thing=key)
    return email(key)


def email(key="a"):
    return Message.objects.get(key=key, channel="email")


def deliver(after=0):
    return delivery.deliver_waiting(now=timezone.now() + timedelta(seconds=after))


def test_a_letter_arrives_with_its_message_id(sink, reader):
    tell(reader)
    sink.set("ok+text")
    assert deliver().sent == 1
    (letter,) = sink.accepted
    assert (letter["to"], letter["id"]) == ("pembaca@example.org", email().message_id)
    assert "KWL-26-00001" in letter["text"]
    assert reader.full_name not in letter["text"]


def test_many_letters_go_over_one_line(sink, reader, monkeypatch):
    opened = []
    real = mail_service.Email.open
    monkeypatch.setattr(mail_service.Email, "open", lambda self: (opened.append(1), real(self))[1])
    for number in range(50):
        tell(reader, f"key{number}")
    assert deliver().sent == 50
    assert len(opened) == 1
    assert len({letter["id"] for letter in sink.accepted}) == 50


@pytest.mark.parametrize("mode", ["451", "data451"])
def test_not_now_is_tried_again(sink, reader, mode):
    tell(reader)
    sink.set(mode)
    assert deliver().put_back == 1
    assert email().state == State.WAITING
    assert email().error.startswith("451")
    sink.set("ok")
    assert deliver(after=31).sent == 1
    assert len(sink.accepted) == 1


@pytest.mark.parametrize("mode", ["550", "data550"])
def test_never_is_final(sink, reader, mode):
    tell(reader)
    sink.set(mode)
    assert deliver().failed == 1
    assert email().state == State.FAILED
    sink.set("ok")
    assert deliver(after=3600).sent == 0


def test_after_a_refusal_the_next_letter_goes_over_the_same_line(sink, reader):
    tell(reader, "a")
    tell(reader, "b")
    modes = iter(["550", "ok"])
    real = delivery._Run._offer

    def offer(self, letter):
        sink.set(next(modes))
        real(self, letter)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delivery._Run, "_offer", offer)
        done = deliver()
    assert (done.failed, done.sent) == (1, 1)


def test_hung_up_after_the_text_is_unsure_and_repeated_under_the_same_id(sink, reader, settings):
    tell(reader)
    sink.set("drop")
    assert deliver().unsure == 1
    assert email().state == State.UNSURE
    sink.set("ok")
    assert deliver(after=settings.MESSAGE_LEASE + 1).sent == 1
    first, second = sink.accepted
    assert first["id"] == second["id"]


def test_a_server_that_is_away_keeps_everything_waiting(sink, reader):
    tell(reader)
    sink.stop()
    try:
        assert deliver().put_back == 1
        assert email().state == State.WAITING
    finally:
        sink.stop = lambda: None


def test_a_line_that_was_closed_between_two_letters_is_opened_again(sink, reader):
    tell(reader)
    session = mail_service.Email().open()
    session.smtp.close()
    letter = Letter(recipient=reader, rows=[email()], message_id="<a@b>")
    with pytest.raises(Unreachable):
        session.offer(letter)


def test_a_line_that_begins_with_a_dot_arrives_whole(sink, reader):
    tell(reader)
    session = mail_service.Email().open()
    content = b"Message-ID: <dot@test>\r\nSubject: x\r\n\r\n.one\r\n..two\r\n.\r\nend"
    letter = Letter(recipient=reader, rows=[email()], message_id="<dot@test>")
    session.offer(letter)
    letter.content = content
    sink.set("ok+text")
    session.hand_over(letter)
    session.close()
    assert sink.accepted[0]["text"].split("\r\n\r\n", 1)[1] == ".one\r\n..two\r\n.\r\nend\r\n"


def test_a_slow_server_does_not_hold_a_run_beyond_its_time(sink, reader):
    for number in range(10):
        tell(reader, f"key{number}")
    sink.set("slow")
    started = time.monotonic()
    done = delivery.deliver_waiting(now=timezone.now(), seconds=2)
    assert time.monotonic() - started < 5
    assert 1 <= done.sent < 10
    assert Message.objects.filter(channel="email", state=State.WAITING).count() == 10 - done.sent
