"""Two phones at once, in real threads on the real database: one of them wins, nothing is lost, nothing happens twice."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from cases.models import Case, EventType, Outcome
from cases.rules.codes import EventCode, FollowUpState, HandOverState, Status
from cases.rules.errors import Refused, Stale
from cases.services import carrying, closing, editing, facts, follow_ups
from members.models import Body
from members.services import body_merging, gathering_photos, gatherings
from tests.factories import make_body, make_case
from tests.pictures import phone_photo, upload

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts):
    """Run acts in threads that start together; what each gave back or raised, in order."""
    start = threading.Barrier(len(acts))
    found = [None] * len(acts)

    def run(at, act):
        try:
            start.wait()
            found[at] = act()
        except Exception as error:
            found[at] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def ended_well(found):
    return [one for one in found if not isinstance(one, Exception)]


@pytest.fixture
def plan(world, case):
    return follow_ups.schedule(
        case=case,
        title="Telepon IGD",
        due_at=timezone.now() + timedelta(hours=2),
        owner=world.relawan,
        by=world.relawan,
    )


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def test_finished_by_two_it_is_finished_once(world, case, plan):
    found = at_once(
        lambda: follow_ups.finish(follow_up=fresh(plan), by=world.relawan, note="Satu."),
        lambda: follow_ups.finish(follow_up=fresh(plan), by=world.relawan2, note="Dua."),
    )
    assert len(ended_well(found)) == 2
    assert fresh(plan).state == FollowUpState.DONE
    assert case.events.filter(type__code=EventCode.FOLLOW_UP_DONE).count() == 1


def test_finished_and_cancelled_at_once_it_ends_once(world, case, plan):
    at_once(
        lambda: follow_ups.finish(follow_up=fresh(plan), by=world.relawan),
        lambda: follow_ups.cancel(follow_up=fresh(plan), by=world.relawan2, note="Tidak perlu."),
    )
    ends = case.events.filter(type__code__in=[EventCode.FOLLOW_UP_DONE, EventCode.FOLLOW_UP_CANCELLED])
    assert ends.count() == 1


def test_two_take_and_one_gets_it(world):
    case = make_case(desk=world.desk, by=world.koordinator)
    found = at_once(
        lambda: carrying.take(case=fresh(case), by=world.relawan),
        lambda: carrying.take(case=fresh(case), by=world.relawan2),
    )
    assert len(ended_well(found)) == 1
    assert [type(one) for one in found if isinstance(one, Exception)] == [Refused]
    assert case.events.filter(type__code=EventCode.TAKEN).count() == 1


def test_accepted_and_withdrawn_at_once_only_one_holds(world, case):
    offer = carrying.offer(case=case, to=world.relawan2, next_step="Telepon", by=world.relawan)
    at_once(
        lambda: carrying.accept(handover=fresh(offer), by=world.relawan2),
        lambda: carrying.withdraw(handover=fresh(offer), by=world.relawan),
    )
    state, carrier = fresh(offer).state, fresh(case).assignee
    assert (state, carrier) in {
        (HandOverState.ACCEPTED, world.relawan2),
        (HandOverState.WITHDRAWN, world.relawan),
    }


def test_accepted_twice_at_once_it_is_accepted_once(world, case):
    offer = carrying.offer(case=case, to=world.relawan2, next_step="Telepon", by=world.relawan)
    at_once(*[lambda: carrying.accept(handover=fresh(offer), by=world.relawan2)] * 3)
    assert case.events.filter(type__code=EventCode.HANDOVER_ACCEPTED).count() == 1
    assert case.follow_ups.open().count() == 1


def test_two_offers_at_once_leave_one(world, case):
    found = at_once(
        lambda: carrying.offer(case=fresh(case), to=world.relawan2, next_step="Telepon", by=world.relawan),
        lambda: carrying.offer(case=fresh(case), to=world.koordinator, next_step="Surat", by=world.relawan),
    )
    assert len(ended_well(found)) == 1
    assert case.handovers.filter(state=HandOverState.OFFERED).count() == 1


def test_two_coordinators_assign_and_one_sees_the_other(world, case):
    found = at_once(
        lambda: carrying.assign(case=fresh(case), to=world.relawan2, by=world.koordinator, instead_of=world.relawan),
        lambda: carrying.assign(
            case=fresh(case), to=world.koordinator, by=world.koordinator_atas, instead_of=world.relawan
        ),
    )
    assert len(ended_well(found)) == 1
    assert [type(one) for one in found if isinstance(one, Exception)] == [Stale]


def test_two_close_and_one_outcome_stands(world, case):
    outcomes = list(Outcome.objects.all()[:2])
    at_once(
        lambda: closing.close(case=fresh(case), outcome=outcomes[0], by=world.relawan),
        lambda: closing.close(case=fresh(case), outcome=outcomes[1], by=world.koordinator),
    )
    closed = fresh(case)
    assert closed.status == Status.CLOSED
    assert case.events.filter(type__code=EventCode.CLOSED).get().data["outcome"] == closed.outcome.code


def test_closed_while_somebody_plans_no_plan_stays_open(world, case):
    at_once(
        lambda: closing.close(case=fresh(case), outcome=Outcome.objects.first(), by=world.relawan),
        lambda: follow_ups.schedule(
            case=fresh(case),
            title="Telepon",
            due_at=timezone.now() + timedelta(hours=2),
            owner=world.relawan2,
            by=world.relawan2,
        ),
    )
    assert fresh(case).status == Status.CLOSED
    assert not case.follow_ups.open().exists()


def test_the_same_chip_pressed_by_two_is_two_facts_and_pressed_twice_is_one(world, case):
    refused = EventType.objects.get(code="refused")
    key = uuid4()

    def tell(by, submit_key):
        return lambda: facts.tell(case=fresh(case), type=refused, by=by, text="Loket menolak.", submit_key=submit_key)

    found = at_once(tell(world.relawan, key), tell(world.relawan, key), tell(world.relawan2, uuid4()))
    assert len(ended_well(found)) == 3
    assert found[0] == found[1] != found[2]
    assert case.events.filter(type__code="refused").count() == 2


def test_two_edits_of_one_version_lose_nothing(world, case):
    version = fresh(case).version
    found = at_once(
        lambda: editing.edit(case=fresh(case), changes={"title": "Satu"}, version=version, by=world.relawan),
        lambda: editing.edit(
            case=fresh(case), changes={"place_note": "Lantai 2"}, version=version, by=world.koordinator
        ),
    )
    assert len(ended_well(found)) == 1
    assert [type(one) for one in found if isinstance(one, Exception)] == [Stale]
    assert Case.objects.get(pk=case.pk).version == version + 1


def test_two_records_of_one_body_are_merged_once_whoever_presses_first(world):
    lost, kept = make_body("RS Cempaka"), make_body("RS Cempaka Raya Baru")
    by = world.koordinator
    found = at_once(
        lambda: body_merging.merge(lost=lost, kept=kept, by=by), lambda: body_merging.merge(lost=kept, kept=lost, by=by)
    )
    assert len(ended_well(found)) == 1, found
    assert [type(one) for one in found if isinstance(one, Exception)] == [ValidationError]
    assert Body.objects.filter(pk__in=[lost.pk, kept.pk], merged_into=None).count() == 1


def test_a_photo_of_a_meeting_sent_twice_at_once_is_kept_once(world):
    meeting = gatherings.hold(kind="audience", title="Audiensi", organisers=[world.desk], by=world.koordinator)
    key, raw = uuid4(), phone_photo()

    def send():
        return gathering_photos.add(gathering=meeting, upload=upload(raw), by=world.koordinator, submit_key=key)

    first, second = at_once(send, send)
    assert first == second == meeting.photos.get()
