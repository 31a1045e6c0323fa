"""Delivery: nothing lost and nothing told twice, whatever refuses, breaks or dies on the way."""

import threading
from datetime import UTC, datetime, time, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from members.models import Message, User
from members.services import delivery
from members.services import messages as outbox
from members.services.channels import Never, NotNow, Turn, Unclear, Unreachable
from tests.factories import make_user

pytestmark = pytest.mark.django_db

NOON = datetime(2027, 3, 20, 5, 0, tzinfo=UTC)  # 12.00 WIB
NIGHT = datetime(2027, 3, 20, 15, 30, tzinfo=UTC)  # 22.30 WIB
State, Channel = Message.State, Message.Channel


@pytest.fixture
def reader():
    return make_user("pembaca", full_name="Rina Wulandari", email="pembaca@example.org")


def tell(reader, key="a", *, now=NOON, kind="assigned", **fields):
    fields = {"data": {"number": "KWL-26-00001"}, "path": "/kasus/1/", "thing": f"thing:{key}"} | fields
    rows = outbox.post(recipient=reader, kind=kind, key=key, now=now, **fields)
    Message.objects.filter(key=key).update(created_at=now)  # the clock of the test
    return rows


def email_of(reader, key="a"):
    return Message.objects.get(recipient=reader, key=key, channel=Channel.EMAIL)


class Line:
    """A channel of the test: what happens is set from outside."""

    code = Channel.EMAIL

    def __init__(self):
        self.given, self.opened, self.withdrawn = [], 0, 0
        self.on_open = self.on_offer = self.on_hand_over = lambda *args: None

    def skip_reason(self, user):
        return "" if user.wants_email else Message.Skip.NOT_WANTED

    def turn(self, user, urgency, now):
        return Turn(now)

    def open(self):
        self.on_open()
        self.opened += 1
        return self

    def offer(self, letter):
        self.on_offer(letter)

    def withdraw(self):
        self.withdrawn += 1

    def hand_over(self, letter):
        self.on_hand_over(letter)
        self.given.append((letter.message_id, [row.key for row in letter.rows]))

    def close(self):
        pass


@pytest.fixture
def channel(monkeypatch):
    line = Line()
    monkeypatch.setattr(outbox, "OUTSIDE", (line,))
    return line


def fail_with(problem, *, times=10**6):
    left = iter([problem] * times) if times < 10**6 else None

    def act(*args):
        if left is None:
            raise problem
        found = next(left, None)
        if found:
            raise found

    return act


class Killed(BaseException):
    """kill -9: nothing after it runs."""


# Through Django's mail


def test_a_mail_says_number_and_link_and_no_name(reader, settings):
    settings.SITE_URL = "https://kawal.example.org"
    tell(reader)
    done = delivery.deliver_waiting(now=NOON)
    assert (done.sent, done.mails) == (1, 1)
    (letter,) = mail.outbox
    assert letter.to == ["pembaca@example.org"]
    assert "KWL-26-00001" in letter.subject
    assert "https://kawal.example.org/kasus/1/" in letter.body
    assert "Rina" not in letter.message().as_string()
    assert letter.extra_headers["Message-ID"] == email_of(reader).message_id
    assert letter.extra_headers["Auto-Submitted"] == "auto-generated"


def test_a_mail_speaks_the_language_of_its_reader(reader):
    english = make_user("english", language="en")
    tell(reader)
    tell(english)
    delivery.deliver_waiting(now=NOON)
    subjects = {letter.to[0]: letter.subject for letter in mail.outbox}
    assert subjects["english@example.org"] == "KWL-26-00001: this case is now yours"
    assert subjects["pembaca@example.org"] != subjects["english@example.org"]


def test_nothing_goes_out_before_its_hour(reader):
    tell(reader, now=NOON + timedelta(hours=1))
    Message.objects.update(created_at=NOON - timedelta(hours=1))  # put off on purpose
    assert delivery.deliver_waiting(now=NOON).sent == 0
    assert delivery.deliver_waiting(now=NOON + timedelta(hours=1)).sent == 1


def test_a_second_run_sends_nothing_again(reader):
    tell(reader)
    assert delivery.deliver_waiting(now=NOON).sent == 1
    assert delivery.deliver_waiting(now=NOON + timedelta(hours=9)).sent == 0
    assert len(mail.outbox) == 1


def test_the_summary_is_one_mail_with_one_message_id(reader):
    User.objects.filter(pk=reader.pk).update(wants_digest=True)
    reader.refresh_from_db()
    for key in "abc":
        tell(reader, key, data={"number": f"KWL-26-0000{key}"})
    tell(reader, "sos", urgency="emergency")
    morning = datetime(2027, 3, 21, 0, 0, tzinfo=UTC)
    done = delivery.deliver_waiting(now=morning)
    assert (done.sent, done.mails) == (4, 2)
    (digest,) = [letter for letter in mail.outbox if "KWL-26-0000a" in letter.body]
    assert all(f"KWL-26-0000{key}" in digest.body for key in "abc")
    rows = Message.objects.filter(is_digest=True)
    assert {row.message_id for row in rows} == {digest.extra_headers["Message-ID"]}


def test_a_reader_who_has_changed_their_mind_gets_no_mail(reader):
    tell(reader)
    User.objects.filter(pk=reader.pk).update(wants_email=False)
    done = delivery.deliver_waiting(now=NOON)
    assert (done.sent, done.skipped) == (0, 1)
    assert email_of(reader).skip_reason == Message.Skip.NOT_WANTED


def test_a_mail_that_was_late_still_respects_the_night(reader):
    tell(reader)
    User.objects.filter(pk=reader.pk).update(quiet_from=time(21), quiet_until=time(6))
    assert delivery.deliver_waiting(now=NIGHT).sent == 0
    assert email_of(reader).not_before == datetime(2027, 3, 20, 23, 0, tzinfo=UTC)
    assert delivery.deliver_waiting(now=datetime(2027, 3, 20, 23, 0, tzinfo=UTC)).sent == 1


@pytest.mark.parametrize("address", ["rina@example.org\nBcc: all@example.org", "bukan alamat", "@", "rina@"])
def test_an_address_that_is_none_fails_and_holds_nobody_up(reader, address):
    tell(reader, "good")
    broken = make_user("rusak", email="")
    User.objects.filter(pk=broken.pk).update(email=address)
    tell(User.objects.get(pk=broken.pk), "broken", now=NOON - timedelta(hours=1))
    delivery.deliver_waiting(now=NOON)
    assert [letter.to for letter in mail.outbox if letter.to == ["pembaca@example.org"]]
    assert all("all@example.org" not in letter.recipients() for letter in mail.outbox)
    assert email_of(reader, "good").state == State.SENT


def test_a_title_cannot_break_out_of_the_subject(reader):
    tell(reader, data={"number": "KWL-1\r\nBcc: all@example.org"})
    delivery.deliver_waiting(now=NOON)
    (letter,) = mail.outbox
    assert letter.recipients() == ["pembaca@example.org"]
    assert letter.message()["Bcc"] is None


# With a channel that refuses, breaks and dies


def test_a_refusal_for_now_is_tried_again_sooner_at_first(reader, channel):
    tell(reader)
    channel.on_offer = fail_with(NotNow("451 later"))
    now, waits = NOON, []
    for _ in range(7):
        delivery.deliver_waiting(now=now)
        row = email_of(reader)
        assert (row.state, row.error) == (State.WAITING, "451 later")
        waits.append(round((row.not_before - now).total_seconds()))
        now = row.not_before
    assert waits == [30, 60, 120, 240, 300, 300, 300]
    channel.on_offer = lambda letter: None
    delivery.deliver_waiting(now=now)
    assert email_of(reader).state == State.SENT


def test_a_server_that_is_away_for_an_hour_loses_nothing_and_sees_no_storm(reader, channel):
    for number in range(100):
        tell(reader, f"key{number}")
    tries = []
    channel.on_open = lambda: (tries.append(1), fail_with(Unreachable("refused"))())
    now = NOON
    while now < NOON + timedelta(hours=1):
        delivery.deliver_waiting(now=now)
        now += timedelta(seconds=30)
    assert len(tries) <= 120
    assert Message.objects.filter(channel=Channel.EMAIL, state=State.WAITING).count() == 100
    channel.on_open = lambda: None
    for _ in range(20):  # ten minutes after it came back
        delivery.deliver_waiting(now=now)
        now += timedelta(seconds=30)
    assert Message.objects.filter(channel=Channel.EMAIL, state=State.SENT).count() == 100
    assert len(channel.given) == len({given[0] for given in channel.given}) == 100


def test_a_mailbox_that_says_later_for_days_is_shown_to_somebody(reader, channel):
    tell(reader)
    Message.objects.update(created_at=NOON - timedelta(days=4))
    channel.on_offer = fail_with(NotNow("452 full"))
    assert delivery.deliver_waiting(now=NOON).failed == 1


def test_a_refusal_for_good_is_told_to_the_coordinators_once_a_day(world, channel):
    channel.on_offer = lambda letter: (
        fail_with(Never("550 no such user"))() if letter.recipient == world.relawan else None
    )
    tell(world.relawan, "a")
    tell(world.relawan, "b")
    done = delivery.deliver_waiting(now=NOON)
    assert done.failed == 2
    assert email_of(world.relawan).error == "550 no such user"
    told = Message.objects.filter(kind="mail_failed")
    assert [(row.recipient, row.channel) for row in told] == [(world.koordinator, Channel.INBOX)]
    delivery.deliver_waiting(now=NOON)
    assert told.count() == 1


def test_a_coordinators_own_refused_mail_is_told_to_the_next_one_up(world, channel):
    channel.on_offer = fail_with(Never("550"))
    tell(world.koordinator)
    delivery.deliver_waiting(now=NOON)
    assert [row.recipient for row in Message.objects.filter(kind="mail_failed")] == [world.koordinator_atas]


def test_a_claimed_row_that_is_called_off_does_not_go_out(reader, channel):
    tell(reader)
    channel.on_offer = lambda letter: outbox.cancel(thing="thing:a")
    delivery.deliver_waiting(now=NOON)
    assert channel.given == []
    assert channel.withdrawn == 1
    assert email_of(reader).state == State.CANCELLED


def test_a_broken_line_after_the_text_is_unsure_and_goes_out_again_under_the_same_id(reader, channel, settings):
    tell(reader)
    channel.on_hand_over = fail_with(Unclear("reset"), times=1)
    assert delivery.deliver_waiting(now=NOON).unsure == 1
    row = email_of(reader)
    assert row.state == State.UNSURE
    first_id = row.message_id
    assert delivery.deliver_waiting(now=NOON + timedelta(seconds=settings.MESSAGE_LEASE - 5)).sent == 0
    assert delivery.deliver_waiting(now=NOON + timedelta(seconds=settings.MESSAGE_LEASE + 1)).sent == 1
    assert [given[0] for given in channel.given] == [first_id]


def test_killed_while_sending_it_is_sent_again_after_the_lease_with_the_same_id(reader, channel, settings):
    tell(reader)
    ids = []

    def die(letter):
        ids.append(letter.message_id)
        raise Killed

    channel.on_hand_over = die
    with pytest.raises(Killed):
        delivery.deliver_waiting(now=NOON)
    assert email_of(reader).state == State.SENDING
    channel.on_hand_over = lambda letter: None
    assert delivery.deliver_waiting(now=NOON + timedelta(seconds=60)).sent == 0
    assert delivery.deliver_waiting(now=NOON + timedelta(seconds=settings.MESSAGE_LEASE + 1)).sent == 1
    assert [given[0] for given in channel.given] == ids


def test_killed_before_the_recipient_was_accepted_nothing_is_in_doubt(reader, channel, settings):
    tell(reader)
    channel.on_offer = fail_with(Killed())
    with pytest.raises(Killed):
        delivery.deliver_waiting(now=NOON)
    row = email_of(reader)
    assert (row.state, row.message_id) == (State.CLAIMED, "")
    channel.on_offer = lambda letter: None
    assert delivery.deliver_waiting(now=NOON + timedelta(seconds=settings.MESSAGE_LEASE + 1)).sent == 1
    assert len(channel.given) == 1


def test_a_kill_in_the_middle_of_a_batch_repeats_at_most_one(reader, channel, settings):
    for number in range(10):
        tell(reader, f"key{number}")
    seen = []

    def die_at_the_sixth(letter):
        seen.append(letter.message_id)
        if len(seen) == 6:
            channel.given.append((letter.message_id, []))  # accepted, and then the power goes
            raise Killed

    channel.on_hand_over = die_at_the_sixth
    with pytest.raises(Killed):
        run = delivery._Run(channel, NOON, None)
        run._settle = crash_safe(run._settle, seen)
        run.work()
    after = NOON + timedelta(seconds=settings.MESSAGE_LEASE + 1)
    channel.on_hand_over = lambda letter: None
    delivery.deliver_waiting(now=after)
    ids = [given[0] for given in channel.given]
    assert len(set(ids)) == 10
    assert len(ids) == 11


def crash_safe(settle, seen):
    """After the kill nothing is written any more, not even in a finally."""

    def settle_unless_dead(*args):
        return None if len(seen) >= 6 else settle(*args)

    return settle_unless_dead


def test_an_unsure_summary_goes_out_again_with_the_same_rows_and_id(reader, channel, settings):
    User.objects.filter(pk=reader.pk).update(wants_digest=True)
    reader.refresh_from_db()
    for key in "ab":
        tell(reader, key)
    Message.objects.filter(channel=Channel.EMAIL).update(is_digest=True)
    channel.on_hand_over = fail_with(Unclear("reset"), times=1)
    delivery.deliver_waiting(now=NOON)
    first_id = email_of(reader, "a").message_id
    tell(reader, "c")
    Message.objects.filter(channel=Channel.EMAIL, key="c").update(is_digest=True)
    delivery.deliver_waiting(now=NOON + timedelta(seconds=settings.MESSAGE_LEASE + 1))
    assert (first_id, ["a", "b"]) in channel.given
    assert [keys for _, keys in channel.given if "c" in keys] == [["c"]]


def test_of_a_summary_only_the_row_called_off_falls_out(reader, channel):
    for key in "ab":
        tell(reader, key)
    Message.objects.filter(channel=Channel.EMAIL).update(is_digest=True)
    channel.on_offer = lambda letter: outbox.cancel(thing="thing:a")
    delivery.deliver_waiting(now=NOON)
    assert [keys for _, keys in channel.given] == [["b"]]


@pytest.mark.django_db(transaction=True)
def test_however_many_workers_a_summary_is_one_mail(channel):
    readers = [make_user(f"pembaca{number}") for number in range(3)]
    for reader in readers:
        for number in range(30):
            tell(reader, f"key{number}")
    Message.objects.filter(channel=Channel.EMAIL).update(is_digest=True)
    wrong = []

    def work():
        try:
            delivery.deliver_waiting(now=NOON)
        except Exception as problem:
            wrong.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == []
    assert [len(keys) for _, keys in channel.given] == [30, 30, 30]


def test_a_line_that_closes_after_each_letter_is_opened_again(reader, channel):
    for number in range(5):
        tell(reader, f"key{number}")
    used = []

    def once_per_line(letter):
        if used and used[-1] == channel.opened:
            raise Unreachable("421 too many")
        used.append(channel.opened)

    channel.on_offer = once_per_line
    assert delivery.deliver_waiting(now=NOON).sent == 5
    assert channel.opened == 5


def test_one_line_serves_many_letters(reader, channel):
    for number in range(90):
        tell(reader, f"key{number}")
    assert delivery.deliver_waiting(now=NOON).sent == 90
    assert channel.opened == 1


def test_a_fault_of_ours_in_one_message_holds_nobody_up(reader, channel, caplog):
    tell(reader, "broken", now=NOON - timedelta(hours=1))
    tell(reader, "good")
    channel.on_offer = lambda letter: fail_with(KeyError("x"))() if letter.rows[0].key == "broken" else None
    done = delivery.deliver_waiting(now=NOON)
    assert (done.sent, done.put_back) == (1, 1)
    assert email_of(reader, "broken").state == State.WAITING


def test_oldest_first(reader, channel):
    for number in (3, 1, 2):
        tell(reader, f"key{number}", now=NOON - timedelta(minutes=number))
    delivery.deliver_waiting(now=NOON)
    assert [keys for _, keys in channel.given] == [["key3"], ["key2"], ["key1"]]


def test_when_the_time_is_up_the_rest_is_given_back_as_if_never_claimed(reader, channel, monkeypatch):
    for number in range(5):
        tell(reader, f"key{number}")
    clock = [0.0]
    monkeypatch.setattr(delivery.time, "monotonic", lambda: clock[0])
    channel.on_hand_over = lambda letter: clock.__setitem__(0, clock[0] + 10)
    assert delivery.deliver_waiting(now=NOON, seconds=25).sent == 3
    rest = Message.objects.filter(channel=Channel.EMAIL, state=State.WAITING)
    assert list(rest.values_list("attempts", "claimed_by", "lease_until")) == [(0, "", None)] * 2


# Another way out of the house


def test_another_channel_comes_beside_e_mail_without_a_word_to_cases(reader, channel, monkeypatch):
    """What WhatsApp or web push will be: one class, one line in OUTSIDE."""
    whatsapp = Line()
    whatsapp.code = "whatsapp"
    monkeypatch.setattr(outbox, "OUTSIDE", (channel, whatsapp))
    whatsapp.on_offer = fail_with(NotNow("limit"), times=1)
    tell(reader)
    assert set(Message.objects.values_list("channel", "state")) == {
        ("inbox", "sent"),
        ("email", "waiting"),
        ("whatsapp", "waiting"),
    }
    done = delivery.deliver_waiting(now=NOON)
    assert (done.sent, done.put_back) == (1, 1)
    assert delivery.deliver_waiting(now=NOON + timedelta(minutes=1)).sent == 1
    assert [keys for _, keys in whatsapp.given] == [["a"]]
    assert channel.given[0][0] != whatsapp.given[0][0]


# The clock


@pytest.mark.parametrize("state", [State.CLAIMED, State.SENDING])
def test_a_lease_given_by_a_clock_that_was_ahead_ends_after_one_lease(reader, channel, settings, state):
    tell(reader)
    ahead = NOON + timedelta(hours=2, seconds=settings.MESSAGE_LEASE)
    Message.objects.filter(channel=Channel.EMAIL).update(state=state, lease_until=ahead, claimed_by="dead")
    assert delivery.deliver_waiting(now=NOON).sent == 0
    assert delivery.deliver_waiting(now=NOON + timedelta(seconds=settings.MESSAGE_LEASE + 1)).sent == 1


def test_a_row_written_by_a_clock_that_was_ahead_goes_out_at_once(reader, channel):
    tell(reader, now=NOON + timedelta(hours=2))
    Message.objects.update(created_at=NOON + timedelta(hours=2, seconds=1))
    assert delivery.deliver_waiting(now=NOON).sent == 1


def test_a_wait_counted_by_a_clock_that_was_ahead_is_cut_short(reader, channel):
    tell(reader)
    Message.objects.filter(channel=Channel.EMAIL).update(not_before=NOON + timedelta(hours=2), attempts=2)
    assert delivery.deliver_waiting(now=NOON).sent == 1


def test_quiet_hours_are_not_mistaken_for_a_wrong_clock(reader, channel):
    tell(reader)
    Message.objects.filter(channel=Channel.EMAIL).update(
        not_before=NOON + timedelta(hours=18), created_at=NOON - timedelta(seconds=1)
    )
    assert delivery.deliver_waiting(now=NOON).sent == 0


def test_during_a_run_time_is_counted_on_the_clock_that_never_jumps(reader, channel, monkeypatch, settings):
    tell(reader)
    monkeypatch.setattr(timezone, "now", lambda: NOON - timedelta(hours=2))
    seen = []
    channel.on_hand_over = lambda letter: seen.append(email_of(reader).lease_until)
    delivery.deliver_waiting(now=NOON)
    assert NOON <= seen[0] - timedelta(seconds=settings.MESSAGE_LEASE) < NOON + timedelta(seconds=20)


# What it costs


def test_nothing_due_is_a_few_reads(reader, django_assert_num_queries):
    for number in range(20):
        tell(reader, f"key{number}")
    delivery.deliver_waiting(now=NOON)
    with django_assert_num_queries(5):
        delivery.deliver_waiting(now=NOON)


def test_one_commit_a_mail_and_little_more(reader, channel):
    for number in range(200):
        tell(reader, f"key{number}")
    commits = []
    settle, claim = delivery._Run._settle, delivery._Run._claim
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delivery._Run, "_settle", lambda self, *args: (commits.append(1), settle(self, *args))[1])
        patch.setattr(delivery._Run, "_claim", lambda self: (commits.append(1), claim(self))[1])
        delivery.deliver_waiting(now=NOON)
    assert len(commits) <= 220


@pytest.mark.parametrize("question", ["waiting", "leased", "unsure"])
def test_the_questions_of_the_beat_use_their_partial_index(reader, question):
    now = NOON
    rows = Message.objects.filter(channel=Channel.EMAIL)
    asked = {
        "waiting": rows.filter(state=State.WAITING, not_before__lte=now),
        "leased": rows.filter(delivery.HELD, lease_until__lte=now),
        "unsure": rows.filter(delivery.HELD, state=State.UNSURE, lease_until__lte=now),
    }[question]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    assert "message_" in asked.explain()
