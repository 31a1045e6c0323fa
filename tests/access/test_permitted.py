"""The one gate to cases: Case.objects.permitted(user, permission)."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from cases.models import Attachment, Case, CaseShare, FollowUp, HandOver, Outcome
from cases.rules.codes import HandOverState
from cases.services import carrying, rights
from members.models import Appointment, User
from members.rules.roles import Permission, Role
from members.services.appointments import appoint
from tests.factories import make_case, make_user

LOOK = Permission.CASE_VIEW
WRITE = Permission.CASE_WORK
FIGURES = Permission.FIGURES_VIEW


def may(user, permission, case):
    return Case.objects.permitted(user, permission).filter(pk=case.pk).exists()


def granted(user, case):
    return {permission for permission in Permission if may(user, permission, case)}


@pytest.fixture
def unassigned(world):
    return make_case(desk=world.desk, by=world.koordinator)


@pytest.fixture
def restricted(world):
    return make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, is_restricted=True)


class TestWhoSeesWhat:
    def test_of_a_case_that_somebody_carries(self, world, case):
        table = {
            "relawan": {LOOK, WRITE},  # carries it
            "relawan2": set(),  # same desk, another's case
            "koordinator": {LOOK, WRITE, Permission.CASE_ASSIGN, FIGURES},
            "koordinator_atas": {LOOK, WRITE, Permission.CASE_ASSIGN, FIGURES},
            "pimpinan": {FIGURES},
            "admin_federasi": set(),
            "outsider": set(),
            "outside_koordinator": set(),
            "superuser": set(),
        }
        assert {name: granted(getattr(world, name), case) for name in table} == table

    def test_an_unassigned_case_is_seen_and_taken_by_its_own_desk_alone(self, world, unassigned):
        for user in (world.relawan, world.relawan2, world.koordinator):
            assert may(user, LOOK, unassigned)
            assert may(user, Permission.CASE_TAKE, unassigned)
        assert not may(world.relawan, WRITE, unassigned)
        for user in (world.outsider, world.outside_koordinator, world.pimpinan, world.admin_federasi, world.superuser):
            assert granted(user, unassigned) <= {FIGURES}

    def test_once_taken_it_closes_for_the_others_of_the_desk(self, world, unassigned):
        carrying.take(case=unassigned, by=world.relawan)
        assert may(world.relawan, WRITE, unassigned)
        assert not may(world.relawan2, LOOK, unassigned)

    @pytest.mark.parametrize("permission", list(Permission))
    def test_nobody_who_is_not_signed_in_or_no_longer_active(self, world, case, permission):
        world.relawan.is_active = False
        assert not may(AnonymousUser(), permission, case)
        assert not may(world.relawan, permission, case)

    def test_papers_and_follow_ups_stand_behind_the_same_gate(self, world, case):
        now = timezone.now()
        FollowUp.objects.create(case=case, title="x", due_at=now + timedelta(hours=1), created_at=now)
        Attachment.objects.create(
            case=case, kind="photo", stored_name="x", content_type="image/webp", size=1, sha256_received="a",
            sha256_stored="b", uploaded_at=now, uploaded_by=world.relawan,
        )  # fmt: skip
        for model in (FollowUp, Attachment):
            assert model.objects.permitted(world.relawan, LOOK).count() == 1
            assert model.objects.permitted(world.koordinator_atas, LOOK).count() == 1
            for user in (world.relawan2, world.outsider, world.pimpinan, world.admin_federasi, world.superuser):
                assert model.objects.permitted(user, LOOK).count() == 0


class TestTime:
    def test_a_role_that_ended_yesterday_opens_nothing_today(self, world, case):
        make_user(role=Role.COORDINATOR, at=world.desk)
        yesterday = timezone.localdate() - timedelta(days=1)
        Appointment.objects.filter(user=world.koordinator).update(from_on=yesterday, until_on=yesterday)
        assert granted(world.koordinator, case) == set()

    def test_a_new_role_works_at_once(self, world, case):
        appoint(user=world.outsider, role=Role.COORDINATOR, organisation=world.desk)
        assert {LOOK, WRITE} <= granted(world.outsider, case)

    def test_a_share_opens_from_its_moment_until_its_moment(self, world, case):
        now = timezone.now()
        share = CaseShare.objects.create(
            case=case, user=world.outsider, from_at=now + timedelta(hours=1), shared_by=world.koordinator
        )
        assert not may(world.outsider, LOOK, case)
        CaseShare.objects.filter(pk=share.pk).update(from_at=now - timedelta(hours=1))
        assert may(world.outsider, LOOK, case)
        assert may(world.outsider, WRITE, case)
        CaseShare.objects.filter(pk=share.pk).update(until_at=now - timedelta(minutes=1))
        assert granted(world.outsider, case) == set()

    def test_a_share_with_a_unit_opens_for_its_coordinators_not_for_its_relawan(self, world, case):
        CaseShare.objects.create(
            case=case, organisation=world.other_desk, from_at=timezone.now(), shared_by=world.koordinator
        )
        assert may(world.outside_koordinator, LOOK, case)
        assert not may(world.outsider, LOOK, case)
        assert not may(world.outside_koordinator, Permission.CASE_ASSIGN, case)


class TestHandOver:
    @pytest.fixture
    def offer(self, world, case):
        return carrying.offer(
            case=case,
            to=world.outsider,
            without_consent=True,
            reason="Malam ini juga",
            next_step="Telepon keluarga",
            by=world.relawan,
        )

    def test_the_one_it_is_offered_to_may_look_only(self, world, case, offer):
        assert granted(world.outsider, case) == {LOOK}

    @pytest.mark.parametrize("state", [HandOverState.DECLINED, HandOverState.WITHDRAWN])
    def test_an_answered_offer_opens_nothing(self, world, case, offer, state):
        HandOver.objects.filter(pk=offer.pk).update(state=state, answered_at=timezone.now())
        assert granted(world.outsider, case) == set()

    def test_after_accepting_the_case_has_moved_whole(self, world, case, offer):
        carrying.accept(handover=offer, by=world.outsider)
        assert {LOOK, WRITE} <= granted(world.outsider, case)
        assert not may(world.relawan, LOOK, case)


class TestRestricted:
    def test_named_people_only(self, world, restricted):
        assert granted(world.relawan, restricted) == {LOOK, WRITE}
        for user in (world.koordinator, world.koordinator_atas, world.relawan2, world.pimpinan, world.superuser):
            assert granted(user, restricted) == set()

    def test_an_unassigned_restricted_case_is_not_offered_to_the_desk(self, world):
        case = make_case(desk=world.desk, by=world.koordinator, is_restricted=True)
        assert granted(world.relawan, case) == set()
        assert granted(world.koordinator, case) == set()

    def test_a_share_with_a_person_opens_it_and_one_with_a_unit_does_not(self, world, restricted):
        now = timezone.now()
        CaseShare.objects.create(case=restricted, user=world.koordinator, from_at=now, shared_by=world.relawan)
        CaseShare.objects.create(case=restricted, organisation=world.other_desk, from_at=now, shared_by=world.relawan)
        assert {LOOK, WRITE} <= granted(world.koordinator, restricted)
        assert granted(world.outside_koordinator, restricted) == set()

    def test_it_is_in_no_figure(self, world, restricted):
        assert not may(world.pimpinan, Permission.FIGURES_VIEW, restricted)


class TestOneAnswer:
    """A page reads all rights on a case in one statement (cases.services.rights); it must never say more than the gate."""

    @pytest.fixture
    def cases(self, world):
        now = timezone.now()
        made = [
            make_case(desk=desk, by=world.koordinator, assignee=carrier, is_restricted=restricted)
            for desk in (world.desk, world.other_desk)
            for carrier in (None, world.relawan, world.outsider, world.pimpinan)
            for restricted in (False, True)
        ]
        for case in made[::2]:
            CaseShare.objects.create(case=case, user=world.relawan2, from_at=now, shared_by=world.koordinator)
            CaseShare.objects.create(
                case=case, organisation=world.other_desk, from_at=now - timedelta(days=2), shared_by=world.koordinator
            )
        for case in made[1::2]:
            CaseShare.objects.create(
                case=case,
                user=world.outsider,
                from_at=now - timedelta(days=2),
                until_at=now - timedelta(days=1),
                shared_by=world.koordinator,
            )
            HandOver.objects.create(
                case=case, from_user=world.koordinator, to_user=world.relawan2, next_step="x", offered_at=now
            )
        closed = make_case(desk=world.desk, by=world.koordinator)
        outcome = Outcome.objects.first()
        Case.objects.filter(pk=closed.pk).update(status="closed", outcome=outcome, closed_at=now)
        return [*made, closed]

    def test_for_everybody_on_every_kind_of_case(self, world, cases):
        users = [user for user in vars(world).values() if isinstance(user, User)]
        assert len(users) >= 9
        for user in users:
            gate = {
                name: set(Case.objects.permitted(user, permission).values_list("pk", flat=True))
                for name, permission in {
                    "view": Permission.CASE_VIEW,
                    "work": Permission.CASE_WORK,
                    "assign": Permission.CASE_ASSIGN,
                    "take": Permission.CASE_TAKE,
                }.items()
            }
            for case in rights.with_rights(user):
                told = vars(rights.rights_on(case))
                assert told == {name: case.pk in pks for name, pks in gate.items()}, (user.username, case.pk, told)
