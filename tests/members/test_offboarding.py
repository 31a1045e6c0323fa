"""Somebody stops: offices, devices, account, and the word to whoever hands out their cases."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.models import Case
from members.models import Message, User
from members.rules.roles import Permission, Role
from members.services import offboarding
from members.services.appointments import appoint
from tests.factories import PASSWORD, make_case, make_user
from tests.members.test_admin_organisations import enter  # noqa: F401 (a fixture)


def page(user):
    return reverse("admin:members_user_leave", args=[user.pk])


@pytest.fixture
def yesterday():
    return timezone.localdate() - timedelta(days=1)


def test_one_page_ends_offices_signs_out_closes_and_tells(enter, world, yesterday):  # noqa: F811
    case = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan)
    phone = Client()
    phone.post("/akun/masuk/", {"login": "relawan", "password": PASSWORD})
    assert UserSession.objects.filter(user=world.relawan).exists()
    client = enter(world.admin_federasi)
    shown = client.get(page(world.relawan)).text
    assert "DPD Karangsari" in shown
    assert case.number not in shown
    answer = client.post(page(world.relawan), {"last_day": yesterday, "close_account": "on"}, follow=True)
    assert "1 jabatan sudah diakhiri" in answer.text
    assert not User.objects.get(pk=world.relawan.pk).live_roles
    assert not User.objects.get(pk=world.relawan.pk).is_active
    assert not UserSession.objects.filter(user=world.relawan).exists()
    told = Message.objects.get(kind="somebody_left", channel="inbox")
    assert (told.recipient, told.path) == (world.koordinator, "/posko/pindah/")
    assert "Rina" not in str(told.data)
    # The case is where it was, for the coordinator to move; and a second time there is nothing left to end.
    assert case in Case.objects.permitted(world.koordinator, Permission.CASE_ASSIGN)
    assert client.get(page(world.relawan)).status_code == 404


def test_who_serves_elsewhere_keeps_that_and_the_account(enter, world, yesterday):  # noqa: F811
    branch = make_user("cabang", role=Role.FEDERATION_ADMIN, at=world.desk)
    appoint(user=world.relawan, role=Role.ADVOCATE, organisation=world.other_desk)
    given = {"last_day": yesterday, "close_account": "on"}
    answer = enter(branch).post(page(world.relawan), given, follow=True)
    assert "Akun tetap terbuka" in answer.text
    user = User.objects.get(pk=world.relawan.pk)
    assert user.is_active
    assert user.appointments.live().get().organisation == world.other_desk


@pytest.mark.parametrize("day", ["", "31-02-2026x", "2999-01-01"])
def test_a_day_that_cannot_be(enter, world, day):  # noqa: F811
    answer = enter(world.admin_federasi).post(page(world.relawan), {"last_day": day})
    assert answer.status_code == 200
    assert "errornote" in answer.text
    assert User.objects.get(pk=world.relawan.pk).live_roles


def test_not_oneself_and_not_beyond_reach(enter, world, yesterday):  # noqa: F811
    client = enter(world.admin_federasi)
    for user in (world.admin_federasi, world.pimpinan):
        assert client.get(page(user)).status_code == 404
        with pytest.raises(ValidationError):
            offboarding.leave(user=user, by=world.admin_federasi, last_day=yesterday)
    with pytest.raises(ValidationError):
        offboarding.leave(user=world.relawan, by=world.koordinator, last_day=yesterday)


def test_the_last_coordinator_leaves_and_the_one_above_is_told(world, yesterday):
    left = offboarding.leave(user=world.koordinator, by=world.superuser, last_day=yesterday)
    assert left.told == 1
    assert Message.objects.get(kind="somebody_left", channel="inbox").recipient == world.koordinator_atas
    assert not world.koordinator.appointments.live().exists()
