"""Admins are told on their pages when something under them stands still; nobody else is (TRUST R60)."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from members.models import Message, Tick

pytestmark = pytest.mark.django_db

REDIS = "Redis tidak menjawab"


@pytest.fixture
def ticked():
    def at(seconds_ago):
        Tick.objects.update_or_create(
            name="deliver", defaults={"ran_at": timezone.now() - timedelta(seconds=seconds_ago)}
        )
        cache.clear()

    at(5)
    return at


@pytest.fixture
def redis_is_away(settings):
    settings.EMBEDDED = False
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"


def test_admins_are_told_that_redis_is_away(world, as_user, ticked, redis_is_away):
    for admin in (world.superuser, world.admin_federasi):
        for path in ("/", "/kelola/"):
            page = as_user(admin).get(path)
            assert page.status_code == 200
            assert REDIS in page.text


def test_whoever_carries_cases_is_not_troubled_with_it(world, as_user, ticked, redis_is_away):
    for person in (world.relawan, world.koordinator, world.pimpinan):
        assert REDIS not in as_user(person).get("/kabar/").text


def test_nothing_is_said_while_all_is_well(world, as_user, ticked):
    assert "k-trouble" not in as_user(world.superuser).get("/").text
    assert "k-trouble" not in as_user(world.superuser).get("/kelola/").text


def test_reminders_that_stand_still_are_told_with_the_minutes(world, as_user, ticked):
    ticked(15 * 60)
    assert "Pengingat berhenti 15 menit" in as_user(world.superuser).get("/").text
    Tick.objects.all().delete()
    cache.clear()
    assert "Pengingat belum berjalan" in as_user(world.superuser).get("/").text


def test_mail_that_waits_too_long_is_told(world, as_user, ticked, settings):
    Message.objects.create(
        recipient=world.relawan,
        key="k1",
        kind="due",
        channel=Message.Channel.EMAIL,
        state=Message.State.WAITING,
        not_before=timezone.now() - timedelta(minutes=30),
    )
    assert "Surel menunggu 30 menit" in as_user(world.superuser).get("/").text
