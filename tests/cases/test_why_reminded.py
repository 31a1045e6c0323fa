"""Why somebody was reminded, or was not."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cases.reports import reminding
from cases.rules.codes import Urgency
from cases.services import follow_ups, reminders
from members.models import AccessLog, Message, User
from members.services import delivery
from tests.factories import make_case

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def start():
    return timezone.now() - 12 * HOUR


@pytest.fixture
def urgent(world, start):
    return make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, urgency=Urgency.URGENT, now=start)


def plan(case, due, start, **fields):
    return follow_ups.schedule(
        case=case,
        title="Telepon IGD",
        due_at=due,
        owner=fields.pop("owner", case.assignee),
        by=case.logged_by,
        now=start,
    )


def read(as_user, user, case):
    return as_user(user).get(f"/kasus/{case.uuid}/pengingat/")


def why(case, now):
    (item,) = reminding.of_case(case, now=now)
    return {
        (round((line.at - item.follow_up.due_at) / HOUR), line.level): line.why_not
        or [t.person.username for t in line.told]
        for line in item.lines
    }


def test_every_moment_says_who_was_told_or_why_nobody(urgent, start):
    due = start + 5 * HOUR
    plan(urgent, due, start)
    reminders.remind_all(now=start)
    reminders.remind_all(now=due + 7 * HOUR)
    assert why(urgent, due + 7 * HOUR) == {
        (-24, 0): "before",
        (-6, 0): ["relawan"],
        (-1, 0): "merged",
        (0, 0): ["relawan"],
        (6, 1): ["koordinator"],
        (24, 2): "coming",
    }


def test_ended_and_snoozed_say_so(urgent, start, world):
    due = start + 2 * DAY
    follow_up = plan(urgent, due, start)
    follow_ups.snooze(follow_up=follow_up, until=due - HOUR / 2, by=world.relawan, now=start)
    assert why(urgent, start + 30 * HOUR)[-1, 0] == "snoozed"
    follow_ups.finish(follow_up=follow_up, by=world.relawan, now=start + 26 * HOUR)
    assert why(urgent, start + 60 * HOUR)[0, 0] == "ended"


def test_the_page_for_the_carrier_and_the_coordinator(as_user, world, urgent, start):
    plan(urgent, start + 20 * HOUR, start)
    reminders.remind_all(now=timezone.now())
    delivery.deliver_waiting(now=timezone.now())
    for user in (world.relawan, world.koordinator):
        text = read(as_user, user, urgent).content.decode()
        assert "Rina Wulandari" in text and "Masuk Kabar" in text and "E-mail terkirim" in text
        assert "Siti" not in text
    assert AccessLog.objects.filter(object_uuid=urgent.uuid, action="open").count() == 2


def test_nobody_else_opens_it(as_user, world, urgent):
    for user in (world.relawan2, world.pimpinan, world.outsider, world.outside_koordinator, world.admin_federasi):
        assert read(as_user, user, urgent).status_code == 404


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"is_resting": True}, "Rina Wulandari sedang istirahat, jadi koordinator yang diingatkan."),
        ({"is_active": False}, "Akun Rina Wulandari tidak aktif, jadi koordinator yang diingatkan."),
    ],
)
def test_it_says_why_the_coordinator_hears_instead(as_user, world, urgent, start, change, words):
    plan(urgent, start + 20 * HOUR, start)
    User.objects.filter(pk=world.relawan.pk).update(**change)
    text = read(as_user, world.koordinator, urgent).content.decode()
    assert words in text
    assert "Kartika Sari" in text


def test_it_says_why_no_mail_went_out(as_user, world, urgent, start):
    User.objects.filter(pk=world.relawan.pk).update(wants_email=False)
    plan(urgent, start + 20 * HOUR, start, owner=User.objects.get(pk=world.relawan.pk))
    reminders.remind_all(now=timezone.now())
    assert Message.objects.filter(channel="email", state="skipped").exists()
    assert "Tanpa e-mail: tidak mau e-mail" in read(as_user, world.koordinator, urgent).content.decode()


def test_without_a_plan_it_teaches(as_user, world, urgent):
    text = read(as_user, world.relawan, urgent).content.decode()
    assert "Yang diingatkan hanya tindak lanjut." in text


def test_the_cost_does_not_grow_with_the_follow_ups(as_user, world, urgent, start, django_assert_max_num_queries):
    for number in range(6):
        plan(urgent, start + (4 + number) * DAY, start)
    reminders.remind_all(now=timezone.now() + 10 * DAY)
    client = as_user(world.koordinator)
    client.get(f"/kasus/{urgent.uuid}/pengingat/")
    with django_assert_max_num_queries(40):
        client.get(f"/kasus/{urgent.uuid}/pengingat/")
