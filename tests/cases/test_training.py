"""From training to practice: trained without a first case, and closed within 90 days (S0.11, S0.21, S4.16)."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, Outcome
from cases.reports import training
from members.models import Gathering, Sector, TrainingPlan
from members.services import attendance, gatherings
from tests.factories import make_case

pytestmark = pytest.mark.django_db


def train(world, user, days_ago, **fields):
    held_on = timezone.localdate() - timedelta(days=days_ago)
    gathering = gatherings.hold(
        kind="training", title="Pelatihan", organisers=[world.desk], by=world.koordinator, held_on=held_on, **fields
    )
    attendance.check_in_user(gathering=gathering, user=user)
    return gathering


def close(case, days_ago):
    at = timezone.now() - timedelta(days=days_ago)
    outcome = Outcome.objects.get(code="discretion")
    Case.objects.filter(pk=case.pk).update(status="closed", closed_at=at, outcome=outcome)


def of(user, *, hide_small=False):
    return training.of(user, now=timezone.now(), hide_small=hide_small)


def test_trained_and_no_first_case_in_thirty_days(world):
    train(world, world.relawan, 40)
    train(world, world.relawan2, 29)
    found = of(world.koordinator)
    assert found.trained == 2
    assert [row.user for row in found.waiting] == [world.relawan]
    make_case(desk=world.desk, by=world.koordinator, assignee=world.relawan)
    assert of(world.koordinator).waiting == []


def test_share_of_those_who_closed_a_case_within_ninety_days(world):
    train(world, world.relawan, 200)
    train(world, world.relawan2, 120)
    assert of(world.koordinator).share == 0
    close(make_case(desk=world.desk, by=world.relawan, assignee=world.relawan), 200 - 90)
    close(make_case(desk=world.desk, by=world.relawan2, assignee=world.relawan2), 120 - 100)
    found = of(world.koordinator)
    assert (found.closed, found.due, found.share) == (1, 2, 50)


def test_only_trainings_only_participants_present_and_only_of_ones_part(world):
    gathering = train(world, world.relawan, 40)
    train(world, world.outsider, 40)
    assert of(world.koordinator).trained == 1
    gathering.attendances.update(part="panitia")
    assert of(world.koordinator).trained == 0
    gathering.attendances.update(part="peserta")
    Gathering.objects.filter(pk=gathering.pk).update(kind="ratin")
    assert of(world.koordinator).trained == 0


def test_a_leader_sees_no_name_and_no_small_group(world, as_user):
    train(world, world.relawan, 40)
    page = as_user(world.pimpinan).get(reverse("cases:training")).text
    assert "Rina Wulandari" not in page
    found = of(world.pimpinan, hide_small=True)
    assert (found.trained, found.waiting) == (None, [])
    assert "Rina Wulandari" in as_user(world.koordinator).get(reverse("cases:training")).text


def test_what_was_planned_beside_what_was_held(world):
    metal = Sector.objects.create(code="logam-uji", name="Logam uji")
    TrainingPlan.objects.create(organisation=world.dpw, year=timezone.localdate().year, sector=metal, planned=4)
    train(world, world.relawan, 0, sectors=[metal])
    train(world, world.relawan2, 0)
    found = of(world.koordinator_atas).plans
    assert [(row.sector, row.planned, row.held) for row in found] == [("Logam uji", 4, 1)]
    assert of(world.koordinator).plans == []
