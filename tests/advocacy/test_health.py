"""/healthz never fails, /readyz says when the work stands still (TRUST R60)."""

from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.utils import timezone

from advocacy import health
from members.models import Message, Tick
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticked():
    def at(seconds_ago):
        Tick.objects.update_or_create(
            name="deliver", defaults={"ran_at": timezone.now() - timedelta(seconds=seconds_ago)}
        )

    return at


def message(**fields):
    now = timezone.now()
    fields = {"state": Message.State.WAITING, "not_before": now, "channel": Message.Channel.EMAIL} | fields
    return Message.objects.create(recipient=make_user(), key=f"k{Message.objects.count()}", kind="due", **fields)


def test_alive_before_anything_ever_ran(client):
    told = client.get("/healthz").json()
    assert told["database"] == "ok"
    assert told["last_tick_seconds"] is None
    assert told["disk_free_percent"] > 0
    assert client.get("/readyz").status_code == 503


def test_ready_while_ticks_are_fresh(client, ticked):
    ticked(20)
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert 19 <= answer.json()["last_tick_seconds"] <= 22


def test_not_ready_when_the_last_tick_is_older_than_three_intervals(client, ticked):
    ticked(91)
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200


def test_a_tick_from_before_the_clock_was_set_back_is_not_fresh(client, ticked):
    ticked(-7200)
    assert client.get("/readyz").status_code == 503


def test_not_ready_while_a_message_waits_too_long(client, ticked):
    ticked(5)
    message(not_before=timezone.now() - timedelta(minutes=11))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["oldest_waiting_seconds"] >= 660


def test_a_message_for_tomorrow_is_not_late(client, ticked):
    ticked(5)
    message(not_before=timezone.now() + timedelta(days=1))
    assert client.get("/readyz").json()["oldest_waiting_seconds"] is None


def test_unsure_and_failed_messages_are_counted(client):
    message(state=Message.State.UNSURE)
    message(state=Message.State.FAILED)
    message(state=Message.State.FAILED)
    told = client.get("/healthz").json()
    assert (told["unsure"], told["failed"]) == (1, 2)


def test_a_database_that_is_away_is_told_not_raised(client, monkeypatch):
    def away(now):
        raise DatabaseError("gone")

    monkeypatch.setattr(health, "work", away)
    monkeypatch.setattr(health.connection, "close", lambda: None)
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json()["database"] == "away"
    assert client.get("/readyz").status_code == 503


def test_a_broker_that_is_away_is_told_but_the_pages_go_on(client, settings, ticked):
    ticked(5)
    settings.EMBEDDED = False
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    answer = client.get("/readyz")
    assert answer.json()["broker"] == "away"
    assert answer.status_code == 200


def test_a_disk_that_cannot_be_asked_is_told_as_unknown(client, settings, tmp_path):
    settings.DATA_DIR = tmp_path / "gone"
    assert client.get("/healthz").json()["disk_free_percent"] is None


def test_nobody_has_to_sign_in_and_nothing_may_be_posted(client):
    assert client.get("/healthz").status_code == 200
    assert client.post("/healthz").status_code == 405


def test_it_asks_few_questions(client, django_assert_max_num_queries):
    with django_assert_max_num_queries(4):
        client.get("/healthz")
