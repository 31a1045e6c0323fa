"""Roles and reach: what an appointment opens, downwards, until its last day, and never more."""

from datetime import date, timedelta

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from members.models import Organisation, Region
from members.rules.roles import GRANTS, Permission, Role, roles_granting
from members.services.appointments import appoint
from tests.factories import make_organisation, make_user

PERMISSIONS = list(Permission)


def reach(user, permission=Permission.CASE_VIEW):
    return set(Organisation.objects.in_reach_of(user, permission).values_list("name", flat=True))


class TestGrants:
    def test_a_leader_never_opens_a_case(self):
        assert GRANTS[Role.LEADER] == {Permission.FIGURES_VIEW, Permission.ANNOUNCE}

    def test_a_federation_admin_runs_organisations_and_nothing_of_cases(self):
        members = {Permission.MEMBERS_VIEW, Permission.MEMBERS_IMPORT}
        assert GRANTS[Role.FEDERATION_ADMIN] == {Permission.ORGANISATION_ADMIN, Permission.ANNOUNCE, *members}

    def test_an_advocate_opens_no_case_by_role_alone(self):
        assert Permission.CASE_VIEW not in GRANTS[Role.ADVOCATE]

    def test_every_role_has_its_line(self):
        assert set(GRANTS) == set(Role)

    @pytest.mark.parametrize("permission", PERMISSIONS)
    def test_roles_granting_reads_the_same_table(self, permission):
        assert {role for role in Role if permission in GRANTS[role]} == set(roles_granting(permission))


class TestReach:
    def test_downwards_and_no_further(self, world):
        assert reach(world.koordinator_atas) == {"DPW Uji Timur", "DPD Karangsari", "DPD Bukit Lor"}
        assert reach(world.koordinator) == {"DPD Karangsari"}

    def test_nobody_reaches_with_a_permission_their_role_does_not_grant(self, world):
        everyone = [world.relawan, world.koordinator, world.pimpinan, world.admin_federasi]
        granted = {
            (user.username, permission)
            for user in everyone
            for permission in PERMISSIONS
            if Organisation.objects.in_reach_of(user, permission).exists()
        }
        assert granted == {
            ("relawan", "case_log"),
            ("relawan", "case_take"),
            *(("koordinator", permission) for permission in GRANTS[Role.COORDINATOR]),
            ("pimpinan", "figures_view"),
            ("pimpinan", "announce"),
            ("adminfed", "announce"),
            ("adminfed", "organisation_admin"),
            ("adminfed", "members_view"),
            ("adminfed", "members_import"),
        }

    @pytest.mark.parametrize("permission", PERMISSIONS)
    def test_a_superuser_reaches_nothing_without_an_appointment(self, world, permission):
        assert not Organisation.objects.in_reach_of(world.superuser, permission).exists()

    @pytest.mark.parametrize("permission", PERMISSIONS)
    def test_a_stranger_and_a_deactivated_user_reach_nothing(self, world, permission):
        world.koordinator.is_active = False
        assert not Organisation.objects.in_reach_of(AnonymousUser(), permission).exists()
        assert not Organisation.objects.in_reach_of(world.koordinator, permission).exists()

    def test_appointments_combine(self, world):
        appoint(user=world.relawan, role=Role.COORDINATOR, organisation=world.other_desk)
        assert reach(world.relawan) == {"DPD Bukit Lor"}
        assert reach(world.relawan, Permission.CASE_TAKE) == {"DPD Karangsari", "DPD Bukit Lor"}

    def test_roles_at_two_places_do_not_mix(self, world):
        """Coordinator here and admin there: each role stays where it was given."""
        appoint(user=world.koordinator, role=Role.FEDERATION_ADMIN, organisation=world.other_desk)
        assert reach(world.koordinator) == {"DPD Karangsari"}
        assert reach(world.koordinator, Permission.ORGANISATION_ADMIN) == {"DPD Bukit Lor"}


class TestTime:
    def test_an_appointment_ends_by_itself_after_its_last_day(self, world):
        user = make_user("sementara")
        appoint(
            user=user,
            role=Role.COORDINATOR,
            organisation=world.desk,
            from_on=date(2026, 11, 1),
            until_on=date(2026, 11, 30),
        )
        with time_machine.travel("2026-11-30 23:59 +0700", tick=False):
            assert reach(user) == {"DPD Karangsari"}
        with time_machine.travel("2026-12-01 00:01 +0700", tick=False):
            assert reach(user) == set()

    def test_an_ended_appointment_stays_ended_where_others_serve_on(self, world):
        """The live appointment of somebody else at the same place must not revive mine."""
        appointment = world.koordinator.appointments.get()
        appointment.until_on = timezone.localdate() - timedelta(days=1)
        appointment.from_on = appointment.until_on - timedelta(days=30)
        appointment.save()
        make_user(role=Role.COORDINATOR, at=world.desk)
        assert reach(world.koordinator) == set()

    def test_an_ended_role_is_not_revived_by_another_role_of_the_same_user(self, world):
        appointment = world.koordinator.appointments.get()
        appointment.from_on = timezone.localdate() - timedelta(days=30)
        appointment.until_on = timezone.localdate() - timedelta(days=1)
        appointment.save()
        appoint(user=world.koordinator, role=Role.ADVOCATE, organisation=world.desk)
        assert reach(world.koordinator) == set()
        assert world.koordinator.live_roles == {Role.ADVOCATE}

    def test_an_appointment_that_has_not_begun_opens_nothing(self, world):
        user = make_user()
        appoint(
            user=user,
            role=Role.COORDINATOR,
            organisation=world.desk,
            from_on=timezone.localdate() + timedelta(days=1),
        )
        assert reach(user) == set()


class TestRegion:
    @pytest.fixture
    def places(self, world):
        province = Region.objects.get_or_create(code="35", defaults={"name": "Jawa Timur", "kind": "province"})[0]
        other = Region.objects.get_or_create(code="33", defaults={"name": "Jawa Tengah", "kind": "province"})[0]
        world.desk.region.parent = province
        world.desk.region.save()
        elsewhere = Region.objects.get_or_create(
            code="33.01", defaults={"name": "Kabupaten Cilacap", "kind": "regency", "parent": other}
        )[0]
        world.other_desk.region = elsewhere
        world.other_desk.save()
        return province

    def test_limited_to_a_regency(self, world, places):
        user = make_user()
        appoint(user=user, role=Role.COORDINATOR, organisation=world.dpn, region=world.desk.region)
        assert reach(user) == {"DPD Karangsari"}

    def test_limited_to_a_province(self, world, places):
        user = make_user()
        appoint(user=user, role=Role.COORDINATOR, organisation=world.dpn, region=places)
        assert reach(user) == {"DPD Karangsari"}

    def test_an_organisation_without_region_is_outside_a_limited_reach(self, world, places):
        user = make_user()
        make_organisation("DPD Tanpa Daerah", parent=world.dpw)
        appoint(user=user, role=Role.COORDINATOR, organisation=world.dpw, region=places)
        assert reach(user) == {"DPD Karangsari"}

    def test_a_limit_of_mine_is_not_lifted_by_the_appointment_of_another(self, world, places):
        user = make_user()
        appoint(user=user, role=Role.COORDINATOR, organisation=world.dpw, region=places)
        make_user(role=Role.COORDINATOR, at=world.dpw)
        assert reach(user) == {"DPD Karangsari"}
