from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from cases.models import Case, HandOver, Outcome
from cases.rules.codes import EventCode, HandOverState, Status
from cases.rules.errors import CaseIsClosed, Refused, Stale
from cases.services import carrying, closing, follow_ups
from members.models import Message
from members.rules.roles import Permission, Role
from tests.factories import make_case, make_region, make_user

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(microsecond=0)


@pytest.fixture
def free(world):
    """A case nobody carries."""
    return make_case(desk=world.desk, by=world.koordinator)


@pytest.fixture
def offer(world, case):
    return carrying.offer(
        case=case, to=world.relawan2, next_step="Telepon dokter jaga", reason="Ganti giliran", by=world.relawan, now=NOW
    )


def told(user, kind):
    return Message.objects.filter(recipient=user, kind=kind, channel=Message.Channel.INBOX).count()


# Assign and take


def test_assigned_the_case_runs_and_the_relawan_is_told(free, world):
    plan = follow_ups.schedule(
        case=free, title="Telepon", due_at=NOW + timedelta(hours=3), owner=None, by=world.koordinator, now=NOW
    )
    case = carrying.assign(case=free, to=world.relawan, by=world.koordinator, instead_of=None, now=NOW)
    plan.refresh_from_db()
    assert (case.assignee, case.status, plan.owner) == (world.relawan, Status.RUNNING, world.relawan)
    assert told(world.relawan, "assigned") == 1


def test_given_on_the_plans_go_along_and_the_one_before_hears_no_more(case, world):
    plan = follow_ups.schedule(
        case=case, title="Telepon", due_at=NOW + timedelta(hours=3), owner=world.relawan, by=world.relawan, now=NOW
    )
    of_desk = follow_ups.schedule(
        case=case, title="Surat", due_at=NOW + timedelta(hours=3), owner=None, by=world.relawan, now=NOW
    )
    carrying.assign(case=case, to=world.relawan2, by=world.koordinator, now=NOW)
    plan.refresh_from_db(), of_desk.refresh_from_db()
    assert (plan.owner, of_desk.owner) == (world.relawan2, None)


def test_back_to_the_desk(case, world):
    back = carrying.assign(case=case, to=None, by=world.koordinator, now=NOW)
    assert back.assignee is None
    assert case.events.latest("pk").type.code == EventCode.RELEASED


def test_two_coordinators_do_not_overwrite_each_other_unseen(case, world):
    carrying.assign(case=case, to=world.relawan2, by=world.koordinator, instead_of=world.relawan, now=NOW)
    with pytest.raises(Stale) as refusal:
        carrying.assign(case=case, to=world.koordinator, by=world.koordinator_atas, instead_of=world.relawan, now=NOW)
    assert refusal.value.current.assignee == world.relawan2


def test_who_carries_no_cases_is_given_none(case, world):
    for user in (world.pimpinan, world.admin_federasi):
        with pytest.raises(Refused):
            carrying.assign(case=case, to=user, by=world.koordinator, now=NOW)
        with pytest.raises(Refused):
            carrying.offer(case=case, to=user, next_step="Telepon", by=world.relawan, now=NOW)


def test_taking_what_nobody_carries(free, world):
    assert carrying.take(case=free, by=world.relawan, now=NOW).assignee == world.relawan
    assert carrying.take(case=free, by=world.relawan, now=NOW).assignee == world.relawan
    with pytest.raises(Refused):
        carrying.take(case=free, by=world.relawan2, now=NOW)


def test_a_closed_case_changes_no_hands(case, world):
    closing.close(case=case, outcome=Outcome.objects.first(), by=world.relawan, now=NOW)
    for act in (
        lambda: carrying.assign(case=case, to=world.relawan2, by=world.koordinator, now=NOW),
        lambda: carrying.take(case=case, by=world.relawan2, now=NOW),
        lambda: carrying.offer(case=case, to=world.relawan2, next_step="Telepon", by=world.relawan, now=NOW),
    ):
        with pytest.raises(CaseIsClosed):
            act()


# Who could


def test_candidates_reach_the_desk_and_show_their_load(case, world):
    follow_ups.schedule(
        case=case, title="Telepon", due_at=NOW + timedelta(hours=1), owner=world.relawan, by=world.relawan, now=NOW
    )
    world.koordinator.is_resting = True
    world.koordinator.save()
    found = list(carrying.candidates(case, now=NOW + timedelta(hours=2)))
    assert {user.username for user in found} == {"relawan", "relawan2", "koordinator", "koordinator_atas"}
    assert found[-1] == world.koordinator  # who rests stands last
    loads = {user: (user.carried, user.overdue) for user in found}
    assert loads[world.relawan] == (1, 1)
    assert loads[world.relawan2] == (0, 0)
    assert found.index(world.relawan2) < found.index(world.relawan)


def test_appointments_of_another_region_or_time_are_no_reach(case, world):
    far = make_user("jauh", role=Role.COORDINATOR, at=world.dpw)
    far.appointments.update(region=make_region("73.71", "Kota Makassar", "Asia/Makassar"))
    gone = make_user("purna", role=Role.ADVOCATE, at=world.desk)
    gone.appointments.update(from_on=NOW.date() - timedelta(days=9), until_on=NOW.date() - timedelta(days=5))
    names = {user.username for user in carrying.candidates(case, now=NOW)}
    assert not names & {"jauh", "purna"}


def test_people_of_other_desks_are_found_by_name_or_desk(case, world):
    assert list(carrying.elsewhere(case, "tono", now=NOW)) == [world.outsider]
    assert set(carrying.elsewhere(case, "bukit lor", now=NOW)) == {world.outsider, world.outside_koordinator}
    assert not carrying.elsewhere(case, "rina", now=NOW)  # she is of this desk
    assert not carrying.elsewhere(case, "pimpinan", now=NOW)


# Hand-over


def test_an_offer_tells_and_shows_but_gives_nothing_yet(offer, case, world):
    assert told(world.relawan2, "handover_offered") == 1
    assert Case.objects.get(pk=case.pk).assignee == world.relawan
    assert Case.objects.permitted(world.relawan2, Permission.CASE_VIEW).filter(pk=case.pk).exists()
    assert not Case.objects.permitted(world.relawan2, Permission.CASE_WORK).filter(pk=case.pk).exists()


def test_one_offer_at_a_time(offer, case, world):
    with pytest.raises(Refused):
        carrying.offer(case=case, to=world.koordinator, next_step="Telepon", by=world.relawan, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        HandOver.objects.create(
            case=case, from_user=world.relawan, to_user=world.koordinator, next_step="Telepon", offered_at=NOW
        )


def test_the_same_key_is_one_offer(case, world):
    key = uuid4()
    give = {"case": case, "to": world.relawan2, "next_step": "Telepon", "by": world.relawan, "submit_key": key}
    assert carrying.offer(**give) == carrying.offer(**give)


def test_nobody_hands_over_to_the_carrier(case, world):
    with pytest.raises(Refused):
        carrying.offer(case=case, to=world.relawan, next_step="Telepon", by=world.koordinator, now=NOW)


def test_accepted_it_changes_hands_with_its_plans_and_next_step(offer, case, world):
    plan = follow_ups.schedule(
        case=case, title="Antar surat", due_at=NOW + timedelta(hours=3), owner=world.relawan, by=world.relawan, now=NOW
    )
    carrying.accept(handover=offer, by=world.relawan2, now=NOW)
    plan.refresh_from_db(), offer.refresh_from_db()
    assert Case.objects.get(pk=case.pk).assignee == world.relawan2
    assert (offer.state, plan.owner) == (HandOverState.ACCEPTED, world.relawan2)
    assert set(case.follow_ups.open().values_list("title", flat=True)) == {"Antar surat", "Telepon dokter jaga"}
    assert told(world.relawan, "handover_accepted") == 1
    carrying.accept(handover=offer, by=world.relawan2, now=NOW)  # a second tap
    assert told(world.relawan, "handover_accepted") == 1
    assert case.follow_ups.open().count() == 2


def test_a_next_step_that_is_planned_already_is_not_planned_twice(case, world):
    follow_ups.schedule(
        case=case, title="Antar surat", due_at=NOW + timedelta(hours=3), owner=world.relawan, by=world.relawan, now=NOW
    )
    offer = carrying.offer(case=case, to=world.relawan2, next_step="Antar surat", by=world.relawan, now=NOW)
    carrying.accept(handover=offer, by=world.relawan2, now=NOW)
    assert case.follow_ups.open().get().owner == world.relawan2


def test_accepted_with_its_desk(case, world):
    offer = carrying.offer(
        case=case,
        to=world.outsider,
        without_consent=True,
        reason="Malam ini juga",
        to_desk=world.other_desk,
        next_step="Telepon",
        by=world.relawan,
        now=NOW,
    )
    carrying.accept(handover=offer, by=world.outsider, now=NOW)
    assert Case.objects.get(pk=case.pk).desk == world.other_desk


def test_declined_the_sender_keeps_it_and_is_told(offer, case, world):
    carrying.decline(handover=offer, by=world.relawan2, note="Saya di luar kota.", now=NOW)
    assert offer.state == HandOverState.DECLINED
    assert Case.objects.get(pk=case.pk).assignee == world.relawan
    assert told(world.relawan, "handover_declined") == 1
    assert not Case.objects.permitted(world.outsider, Permission.CASE_VIEW).filter(pk=case.pk).exists()


def test_only_the_one_it_is_offered_to_answers(offer, world):
    for answer in (carrying.accept, carrying.decline):
        with pytest.raises(Refused):
            answer(handover=offer, by=world.koordinator, now=NOW)


def test_withdrawn_it_can_no_longer_be_accepted(offer, world):
    carrying.withdraw(handover=offer, by=world.relawan, now=NOW)
    with pytest.raises(Refused):
        carrying.accept(handover=offer, by=world.relawan2, now=NOW)
    offer.refresh_from_db()
    assert offer.state == HandOverState.WITHDRAWN


def test_given_to_somebody_else_the_offer_falls_away(offer, case, world):
    carrying.assign(case=case, to=world.koordinator, by=world.koordinator, now=NOW)
    offer.refresh_from_db()
    assert offer.state == HandOverState.WITHDRAWN


def test_numbers_leave_what_is_written_on_an_offer(case, world):
    offer = carrying.offer(case=case, to=world.relawan2, next_step="Telepon 081234567890", by=world.relawan, now=NOW)
    assert "081234567890" not in offer.next_step
