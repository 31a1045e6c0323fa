"""Offices are given within reach, never to oneself, and end."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils import timezone

from members.models import Appointment
from members.rules.roles import Role
from members.services import administration
from members.services.appointments import appoint, check_may_appoint, end
from tests.factories import make_organisation

TODAY = timezone.localdate


class TestWhoMayAppoint:
    def test_an_admin_of_the_organisation_or_above(self, world):
        check_may_appoint(user=world.relawan, organisation=world.desk, by=world.admin_federasi)
        check_may_appoint(user=world.relawan, organisation=world.dpn, by=world.superuser)

    @pytest.mark.parametrize("name", ["relawan", "koordinator", "koordinator_atas", "pimpinan", "outsider"])
    def test_nobody_else(self, world, name):
        with pytest.raises(ValidationError):
            check_may_appoint(user=world.relawan2, organisation=world.desk, by=getattr(world, name))

    def test_not_above_the_own_place(self, world):
        with pytest.raises(ValidationError):
            check_may_appoint(user=world.relawan, organisation=world.dpn, by=world.admin_federasi)

    def test_not_beside_the_own_tree(self, world):
        other_tree = make_organisation("DPP Lain", line="union")
        with pytest.raises(ValidationError):
            check_may_appoint(user=world.relawan, organisation=other_tree, by=world.admin_federasi)

    @pytest.mark.parametrize("name", ["admin_federasi", "superuser"])
    def test_never_oneself(self, world, name):
        user = getattr(world, name)
        with pytest.raises(ValidationError):
            check_may_appoint(user=user, organisation=world.desk, by=user)

    def test_an_admin_whose_office_ended_may_no_more(self, world):
        yesterday = TODAY() - timedelta(days=1)
        Appointment.objects.filter(user=world.admin_federasi).update(from_on=yesterday, until_on=yesterday)
        with pytest.raises(ValidationError):
            check_may_appoint(user=world.relawan, organisation=world.desk, by=world.admin_federasi)
        assert not administration.may_administer(world.admin_federasi)


class TestEnd:
    def test_over_from_now_on(self, world):
        appointment = world.relawan.appointments.get()
        end(appointment, by=world.admin_federasi)
        assert not world.relawan.appointments.live().exists()
        assert appointment.history.count() == 2

    def test_on_a_day(self, world):
        appointment = world.relawan.appointments.get()
        end(appointment, by=world.admin_federasi, on=TODAY() + timedelta(days=30))
        assert world.relawan.appointments.live().exists()
        assert not world.relawan.appointments.live(on=TODAY() + timedelta(days=31)).exists()

    def test_one_that_began_today_is_taken_back_and_leaves_its_history(self, world):
        appointment = appoint(user=world.relawan, role=Role.COORDINATOR, organisation=world.desk)
        pk = appointment.pk
        end(appointment, by=world.admin_federasi)
        assert not Appointment.objects.filter(pk=pk).exists()
        assert Appointment.history.filter(id=pk, history_type="-").exists()

    def test_only_by_whoever_runs_the_place(self, world):
        with pytest.raises(ValidationError):
            end(world.relawan.appointments.get(), by=world.koordinator)


def test_appointment_ends_after_it_begins(world):
    with pytest.raises(IntegrityError):
        appoint(
            user=world.relawan,
            role=Role.ADVOCATE,
            organisation=world.desk,
            from_on=date(2026, 5, 1),
            until_on=date(2026, 4, 30),
        )


class TestPeopleInReach:
    def test_those_who_serve_or_served_there(self, world):
        names = set(administration.users_of(world.admin_federasi).values_list("username", flat=True))
        assert names == {
            "relawan",
            "relawan2",
            "koordinator",
            "koordinator_atas",
            "adminfed",
            "orang_luar",
            "koordinator_lain",
        }

    def test_a_system_admin_is_not_shown_to_a_federation_admin(self, world):
        appoint(user=world.superuser, role=Role.ADVOCATE, organisation=world.desk)
        assert world.superuser not in administration.users_of(world.admin_federasi)
        assert not administration.answers_for(world.admin_federasi, world.superuser)

    def test_somebody_who_also_serves_elsewhere_is_not_theirs_to_close(self, world):
        appoint(user=world.relawan, role=Role.ADVOCATE, organisation=world.dpn)
        assert not administration.answers_for(world.admin_federasi, world.relawan)
        assert administration.answers_for(world.superuser, world.relawan)

    def test_nobody_answers_for_themselves_and_no_relawan_for_anyone(self, world):
        assert not administration.answers_for(world.superuser, world.superuser)
        assert not administration.answers_for(world.relawan, world.relawan2)
        assert not administration.answers_for(world.koordinator_atas, world.relawan2)

    def test_a_superuser_who_is_switched_off_runs_nothing(self, world):
        world.superuser.is_active = False
        assert not administration.may_administer(world.superuser)
        assert not administration.organisations_of(world.superuser).exists()
        assert not administration.users_of(world.superuser).exists()
