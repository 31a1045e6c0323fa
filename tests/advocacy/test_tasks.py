"""Every task may run twice, and twice at the same time, and leaves the same state (TRUST R59, GitLab's rule)."""

import threading
import time
from datetime import timedelta

import pytest
from celery.contrib.testing.worker import start_worker
from django.core import mail
from django.db import connection
from django.utils import timezone

from advocacy.celery import app
from cases.models import Event, FollowUp, HandOver, Printout
from cases.rules.codes import EventCode, Urgency
from cases.rules.printing import PrintKind
from cases.services import carrying, follow_ups, printouts
from members.models import AccessLog, AccessSeal, Message, Tick
from members.services import access, vault
from tests.factories import make_case

app.loader.import_default_modules()
OURS = sorted(name for name in app.tasks if not name.startswith("celery."))

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def work(world):
    """Something for every task to do: a late follow-up, one due soon, an unanswered offer, mail that waits, opened cases."""
    now = timezone.now()
    for urgency in (Urgency.EMERGENCY, Urgency.URGENT):
        case = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, urgency=urgency)
        row = follow_ups.schedule(
            case=case, title="Telepon", due_at=now + timedelta(hours=5), owner=world.relawan, by=world.relawan
        )
        FollowUp.objects.filter(pk=row.pk).update(due_at=now - timedelta(hours=8), remind_at=now - timedelta(hours=9))
        carrying.offer(case=case, to=world.relawan2, next_step="Telepon", by=world.relawan, now=now)
    HandOver.objects.update(offered_at=now - timedelta(days=2))
    today = timezone.localdate()
    printouts.order(
        kind=PrintKind.PACK,
        by=world.koordinator,
        organisation=world.desk,
        params={"from": f"{today - timedelta(days=30)}", "until": f"{today}", "format": "xlsx"},
    )
    for _ in range(5):
        access.record(AccessLog.Action.OPEN, by=world.relawan, kind="case", uuid=case.uuid)
    return world


def state():
    """Everything a task may leave behind, without the moments at which it did."""
    return {
        "messages": sorted(Message.objects.values_list("recipient__username", "channel", "key", "state", "message_id")),
        "plans": sorted(FollowUp.objects.values_list("pk", "remind_at")),
        "lines": Event.objects.filter(type__code=EventCode.ESCALATED).count(),
        "alerted": HandOver.objects.filter(alerted_at__isnull=False).count(),
        "seals": sorted(AccessSeal.objects.values_list("log", "hash")),
        "ticks": sorted(Tick.objects.values_list("name", flat=True)),
        "papers": list(Printout.objects.values_list("state", "stored_name", "attempts")),
        "files": vault.names_older_than(timezone.now() + timedelta(days=1)),
        "mails": sorted(letter.extra_headers["Message-ID"] for letter in mail.outbox),
    }


def run_all():
    for name in OURS:
        app.tasks[name].apply(throw=True)


def test_beat_knows_every_task_and_no_other():
    scheduled = sorted(entry["task"] for entry in app.conf.beat_schedule.values())
    assert scheduled == OURS


def test_twice_is_as_good_as_once(work, settle):
    run_all()
    before = state()
    for name in OURS:
        app.tasks[name].apply(throw=True)
        app.tasks[name].apply(throw=True)
        assert state() == before, name
    assert [paper[0] for paper in before["papers"]] == ["done"] and len(before["files"]) == 1
    assert before["messages"] and before["lines"] and before["alerted"] and before["mails"] and before["seals"]


def test_four_at_once_are_as_good_as_one(work, settle):
    wrong = []

    def once(name):
        try:
            app.tasks[name].apply(throw=True)
        except Exception as problem:
            wrong.append((name, problem))
        finally:
            connection.close()

    for name in OURS:
        threads = [threading.Thread(target=once, args=[name]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert wrong == []
    found = state()
    assert len(found["mails"]) == len(set(found["mails"])) == Message.objects.filter(channel="email").count()
    assert len(found["messages"]) == len({row[:3] for row in found["messages"]})
    assert found["papers"] == [("done", found["files"][0], 1)] and len(found["files"]) == 1
    assert found["lines"] == 3  # the emergency to two levels, the urgent one to one
    assert found["alerted"] == 2
    assert len(found["seals"]) == AccessLog.objects.count() and access.broken_seals() == []


@pytest.fixture
def settle(monkeypatch):
    """Rows of the access log count as settled at once."""
    monkeypatch.setattr(access, "SETTLED", timedelta(seconds=-1))


def test_each_leaves_its_pulse(world):
    run_all()
    assert {"remind", "deliver", "seal"} <= set(Tick.objects.values_list("name", flat=True))
    assert all(timezone.now() - tick.ran_at < timedelta(minutes=1) for tick in Tick.objects.all())


def test_a_paper_comes_through_a_real_worker(work):
    """The page's wake-up goes through the broker; a worker of Celery takes it and the file is there."""
    with start_worker(app, pool="solo", perform_ping_check=False):
        app.tasks["cases.tasks.make_papers"].apply_async(retry=False)
        until = time.monotonic() + 30
        while Printout.objects.get().state != "done" and time.monotonic() < until:
            time.sleep(0.1)
    row = Printout.objects.get()
    assert row.state == "done" and vault.fetch(row.stored_name).startswith(b"PK")
