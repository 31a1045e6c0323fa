"""The calendar behind a secret address (TRUST R20)."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from cases.models import Case, Clock, Rule
from cases.services import follow_ups
from cases.views import calendars as view
from members.models import AccessLog, Appointment, CalendarFeed
from members.services import calendars, gatherings
from tests.factories import make_user

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def secret(world):
    return calendars.renew(world.relawan, now=NOW)


def fetch(secret, client=None):
    return (client or Client()).get(f"/kalender/{secret}.ics")


def events(answer):
    assert answer.status_code == 200
    return {str(row["uid"]): row for row in Calendar.from_ical(answer.content).walk("VEVENT")}


def test_it_holds_what_is_due_by_number_and_kind_and_no_word_of_anybody(world, case, secret):
    plan = follow_ups.schedule(
        case=case, title="Telepon Bu Siti", due_at=NOW + timedelta(hours=3), owner=world.relawan, by=world.relawan, kind="call"
    )  # fmt: skip
    Clock.objects.create(
        case=case, rule=Rule.objects.get(code="K26"), obliged="employer", zone=case.zone, started_at=NOW,
        due_at=NOW + timedelta(days=1), logged_at=NOW,
    )  # fmt: skip
    gatherings.hold(
        kind="training", title="Pelatihan bersama Pak Joko", organisers=[world.desk], by=world.koordinator,
        held_on=date.today() + timedelta(days=3), topics=[],
    )  # fmt: skip
    answer = fetch(secret)
    found = events(answer)
    assert len(found) == 3
    assert str(found[f"{plan.uuid}@kawal"]["summary"]).startswith(case.number)
    for word in ("Siti", "Joko", "IGD", case.initials, case.title):
        assert word not in answer.text
    row = AccessLog.objects.latest("pk")
    assert (row.user, row.action, row.object_kind, row.hits) == (world.relawan, "export", "calendar", 3)


def test_a_day_is_a_day_at_the_place_and_a_moment_is_a_moment(world, case, secret):
    Case.objects.filter(pk=case.pk).update(zone="Asia/Jayapura")
    case.refresh_from_db()
    there = ZoneInfo("Asia/Jayapura")
    evening = datetime.combine(timezone.localdate() + timedelta(days=5), datetime.max.time(), tzinfo=there).replace(
        hour=23, minute=59, second=0, microsecond=0
    )
    whole = follow_ups.schedule(
        case=case, title="a", due_at=evening, due_is_day=True, owner=world.relawan, by=world.relawan
    )
    hour = follow_ups.schedule(case=case, title="b", due_at=evening, owner=world.relawan, by=world.relawan)
    found = events(fetch(secret))
    assert found[f"{whole.uuid}@kawal"]["dtstart"].dt == evening.date()
    assert found[f"{whole.uuid}@kawal"]["dtstart"].params["VALUE"] == "DATE"
    assert found[f"{hour.uuid}@kawal"]["dtstart"].dt == evening


def test_nothing_of_others_and_nothing_restricted(world, case, secret):
    follow_ups.schedule(case=case, title="a", due_at=NOW + timedelta(days=1), owner=world.relawan2, by=world.relawan)
    follow_ups.schedule(case=case, title="b", due_at=NOW + timedelta(days=1), owner=world.relawan, by=world.relawan)
    assert len(events(fetch(secret))) == 1
    Case.objects.filter(pk=case.pk).update(is_restricted=True)
    assert not events(fetch(secret))


def test_the_secret_is_long_and_kept_nowhere(world, secret):
    assert len(secret) >= 43  # 256 bits
    feed = CalendarFeed.objects.get()
    assert secret not in str(vars(feed))


@pytest.mark.parametrize("how", ["wrong", "renewed", "revoked", "switched off", "no office"])
def test_a_dead_address_is_as_if_it_did_not_exist(world, secret, how):
    assert fetch(secret).status_code == 200
    if how == "renewed":
        calendars.renew(world.relawan, now=NOW)
    elif how == "revoked":
        calendars.revoke(world.relawan)
    elif how == "switched off":
        world.relawan.is_active = False
        world.relawan.save()
    elif how == "no office":
        Appointment.objects.filter(user=world.relawan).update(
            from_on=timezone.localdate() - timedelta(days=9), until_on=timezone.localdate() - timedelta(days=1)
        )
    assert fetch("salah" if how == "wrong" else secret).status_code == 404


def test_knocking_too_often_is_refused(world, secret, monkeypatch):
    monkeypatch.setattr(view, "KNOCKS", 2)
    assert [fetch(word).status_code for word in ("a", "b", secret)] == [404, 404, 429]


def test_the_page_shows_the_address_once(world, as_user):
    client = as_user(world.relawan)
    page = client.post("/saya/kalender/", {"act": "renew"}, follow=True)
    address = page.context["address"]
    assert address in page.text
    assert page.headers["Cache-Control"].startswith("max-age=0")
    assert address not in client.get("/saya/kalender/").text
    assert Client().get(address.split("//", 1)[1].partition("/")[2].join(["/", ""])).status_code == 200
    client.post("/saya/kalender/", {"act": "revoke"})
    assert not CalendarFeed.objects.exists()


def test_whoever_holds_no_office_makes_no_calendar(world, as_user):
    nobody = make_user("tanpa", full_name="Tanpa Jabatan")
    secret = calendars.renew(nobody, now=NOW)
    assert fetch(secret).status_code == 404
