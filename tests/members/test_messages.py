"""The outbox: told once, planned for the right hour, called off when it is over."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import IntegrityError

from members.models import Message, User
from members.services import messages as outbox
from members.services.messages import Note
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


# Posting


def test_a_note_is_in_the_inbox_at_once_and_waits_as_mail(reader):
    inbox, email = tell(reader)
    assert (inbox.channel, inbox.state, inbox.sent_at) == (Channel.INBOX, State.SENT, NOON)
    assert (email.channel, email.state, email.not_before) == (Channel.EMAIL, State.WAITING, NOON)
    assert list(Message.objects.inbox_of(reader).unread()) == [inbox]


def test_the_same_key_tells_nothing_twice(reader):
    first = tell(reader)
    assert tell(reader, now=NOON + timedelta(hours=1)) == first
    assert Message.objects.count() == 2


def test_the_database_itself_refuses_to_tell_twice(reader):
    inbox, _ = tell(reader)
    inbox.pk, inbox.uuid = None, None
    with pytest.raises(IntegrityError):
        Message.objects.bulk_create([inbox])


def test_many_notes_take_a_few_statements_however_many(reader, django_assert_max_num_queries):
    others = [make_user(f"lain{number}", password=None) for number in range(30)]
    notes = [Note(other, "assigned", f"key:{other.pk}", {"number": "KWL"}, thing=f"t:{other.pk}") for other in others]
    with django_assert_max_num_queries(6):
        assert outbox.post_all(notes, now=NOON) == 30
    assert outbox.post_all(notes, now=NOON) == 0
    assert Message.objects.count() == 60


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"email": ""}, Message.Skip.NO_ADDRESS),
        ({"wants_email": False}, Message.Skip.NOT_WANTED),
        ({"is_active": False}, Message.Skip.INACTIVE),
    ],
)
def test_why_no_mail_goes_out_is_kept(fields, reason):
    reader = make_user("pembaca", **fields)
    _, email = tell(reader)
    assert (email.state, email.skip_reason) == (State.SKIPPED, reason)


def test_quiet_hours_put_a_mail_off_but_not_an_emergency(reader):
    User.objects.filter(pk=reader.pk).update(quiet_from=time(21), quiet_until=time(6))
    reader.refresh_from_db()
    _, later = tell(reader, "later", now=NIGHT, urgency="urgent")
    _, at_once = tell(reader, "at-once", now=NIGHT, urgency="emergency")
    assert later.not_before == datetime(2027, 3, 20, 23, 0, tzinfo=UTC)
    assert at_once.not_before == NIGHT


def test_the_summary_waits_for_seven_and_never_holds_an_emergency(reader):
    User.objects.filter(pk=reader.pk).update(wants_digest=True)
    reader.refresh_from_db()
    _, later = tell(reader, "later", urgency="urgent")
    _, at_once = tell(reader, "at-once", urgency="emergency")
    assert (later.is_digest, later.not_before) == (True, datetime(2027, 3, 21, 0, 0, tzinfo=UTC))
    assert (at_once.is_digest, at_once.not_before) == (False, NOON)


def test_what_waits_for_its_hour_gives_way_to_the_later_message(reader):
    User.objects.filter(pk=reader.pk).update(quiet_from=time(21), quiet_until=time(6))
    reader.refresh_from_db()
    tell(reader, "first", now=NIGHT, thing="follow_up:1")
    tell(reader, "other", now=NIGHT, thing="follow_up:2")
    tell(reader, "second", now=NIGHT + timedelta(hours=1), thing="follow_up:1")
    states = {row.key: (row.state, row.skip_reason) for row in Message.objects.filter(channel=Channel.EMAIL)}
    assert states == {
        "first": (State.SKIPPED, Message.Skip.SUPERSEDED),
        "other": (State.WAITING, ""),
        "second": (State.WAITING, ""),
    }


# Calling off


def test_cancel_calls_off_what_was_not_given_away_yet(reader):
    for key, state in (("w", State.WAITING), ("c", State.CLAIMED), ("s", State.SENDING), ("d", State.SENT)):
        tell(reader, key, thing="follow_up:1")
        Message.objects.filter(key=key, channel=Channel.EMAIL).update(state=state, sent_at=NOON)
    assert outbox.cancel(thing="follow_up:1") == 2
    states = [email_of(reader, key).state for key in "wcsd"]
    assert states == [State.CANCELLED, State.CANCELLED, State.SENDING, State.SENT]
    assert not Message.objects.inbox_of(reader).unread().exists()


def test_cancel_of_a_case_may_mean_one_reader_only(reader):
    other = make_user("lain")
    tell(reader, about="case:1")
    tell(other, about="case:1")
    outbox.cancel(about="case:1", recipient=reader)
    assert (email_of(reader).state, email_of(other).state) == (State.CANCELLED, State.WAITING)


def test_what_was_called_off_comes_back_when_it_is_needed_after_all(reader):
    tell(reader)
    outbox.cancel(thing="thing:a")
    tell(reader, now=NOON + timedelta(seconds=8))
    assert email_of(reader).state == State.WAITING
    assert Message.objects.count() == 2
