"""Beat goes on whatever the wall clock does (TRUST A1, R58)."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from celery.schedules import crontab

from advocacy.beat import MonotonicScheduler
from advocacy.celery import app

HOURS = 2 * 3600


@pytest.fixture
def sent(monkeypatch):
    """The names of the entries sent, instead of messages to a broker."""
    names: list[str] = []
    monkeypatch.setattr(MonotonicScheduler, "apply_entry", lambda self, entry, producer=None: names.append(entry.name))
    monkeypatch.setattr(MonotonicScheduler, "producer", None)
    return names


@pytest.fixture
def elapsed(monkeypatch):
    """A monotonic clock that the test turns by hand."""

    class Elapsed:
        seconds = 1000.0

    monkeypatch.setattr("advocacy.beat.time.monotonic", lambda: Elapsed.seconds)
    return Elapsed


def scheduler(**schedules):
    entries = {name: {"task": f"x.{name}", "schedule": every} for name, every in schedules.items()}
    app.conf.beat_schedule, before = entries, app.conf.beat_schedule
    try:
        return MonotonicScheduler(app)
    finally:
        app.conf.beat_schedule = before


def test_everything_runs_at_once_and_then_every_interval(sent, elapsed):
    beat = scheduler(fast=30.0, slow=60.0)
    assert beat.tick() == MonotonicScheduler.max_interval
    assert sorted(sent) == ["fast", "slow"]
    for _ in range(60):
        elapsed.seconds += 1
        beat.tick()
    assert sent.count("fast") == 3
    assert sent.count("slow") == 2


def test_the_wait_is_never_longer_than_the_next_run(sent, elapsed):
    beat = scheduler(fast=2.0)
    assert beat.tick() == 2.0
    elapsed.seconds += 1.5
    assert beat.tick() == 0.5


@pytest.mark.parametrize("step", [-HOURS, HOURS, -365 * 24 * 3600])
def test_a_clock_that_is_set_stops_nothing(sent, elapsed, step):
    now = datetime(2026, 11, 21, 16, 45, tzinfo=UTC)
    with time_machine.travel(now, tick=False):
        beat = scheduler(fast=30.0)
        beat.tick()
    with time_machine.travel(now + timedelta(seconds=step), tick=False):
        elapsed.seconds += 29
        beat.tick()
        assert sent == ["fast"]
        elapsed.seconds += 2
        beat.tick()
        assert sent == ["fast", "fast"]


def test_what_was_missed_is_made_up_once(sent, elapsed):
    beat = scheduler(fast=30.0)
    beat.tick()
    elapsed.seconds += 3600
    beat.tick()
    beat.tick()
    assert sent == ["fast", "fast"]


def test_a_broker_that_is_away_does_not_stop_beat(elapsed, monkeypatch):
    tries = []

    def away(*args, **kwargs):
        tries.append(args)
        raise OSError("no broker")

    monkeypatch.setattr(MonotonicScheduler, "producer", None)
    monkeypatch.setattr(MonotonicScheduler, "apply_async", away)
    beat = scheduler(fast=30.0)
    beat.tick()
    elapsed.seconds += 31
    beat.tick()
    assert len(tries) == 2


def test_dates_are_refused_they_belong_in_rows():
    with pytest.raises(ValueError, match="number of seconds"):
        scheduler(morning=crontab(hour=7))


def test_the_project_runs_it_with_wake_ups_that_expire(settings):
    assert settings.CELERY_BEAT_SCHEDULER == "advocacy.beat:MonotonicScheduler"
    app.loader.import_default_modules()
    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= set(app.tasks)
    assert all(entry["options"]["expires"] <= 60 for entry in settings.CELERY_BEAT_SCHEDULE.values())
