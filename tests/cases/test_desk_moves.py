"""A whole desk moves in one act (PRACTICE C3.3): forty cases, one message, a reason on every timeline."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, CaseShare, Event, EventType, FollowUp, HandOver
from cases.reports import board
from cases.rules.codes import EventCode, HandOverState
from cases.rules.errors import Refused
from cases.services import bars, carrying, desk_moves, facts, follow_ups, former, reminders, timeline
from members.models import Message, User
from members.rules.roles import Role
from tests.factories import make_case, make_organisation, make_user

URL = reverse("cases:desk-move")


def make_many(world, count, carrier=None):
    carrier = carrier or world.relawan
    cases = [make_case(desk=world.desk, by=carrier, assignee=carrier, title=f"Kasus {at}") for at in range(count)]
    now = timezone.now()
    FollowUp.objects.bulk_create(
        FollowUp(
            case=case, title=f"Telepon {at}", due_at=now + timedelta(hours=at + 1), created_at=now, owner=carrier,
            created_by=carrier,
        )
        for at, case in enumerate(cases)
    )  # fmt: skip
    return cases


def move(world, **changes):
    given = {
        "by": world.koordinator,
        "carrier": world.relawan,
        "to": [world.relawan2],
        "reason": "Rina pindah tugas",
        "at_once": True,
        "batch": uuid4(),
    }
    return desk_moves.move(**{**given, **changes})


class TestAtOnce:
    def test_forty_cases_in_one_act(self, world):
        cases = make_many(world, 40)
        hidden = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, is_restricted=True)
        named = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, is_restricted=True)
        CaseShare.objects.create(case=named, user=world.koordinator, from_at=timezone.now(), shared_by=world.relawan)
        elsewhere = make_case(desk=world.other_desk, by=world.relawan, assignee=world.relawan)
        moved = move(world)
        assert (moved.cases, moved.people, moved.left) == (41, 1, 2)
        assert Case.objects.filter(assignee=world.relawan2).count() == 41
        assert set(Case.objects.filter(assignee=world.relawan)) == {hidden, elsewhere}
        assert FollowUp.objects.filter(case__in=cases, owner=world.relawan2).count() == 40
        lines = Event.objects.filter(type__code=EventCode.ASSIGNED)
        assert lines.count() == 41
        assert {line.text for line in lines} == {"Rina pindah tugas"}
        assert {line.logged_by for line in lines} == {world.koordinator}
        assert Message.objects.filter(recipient=world.relawan2, channel="inbox").count() == 1
        assert Message.objects.get(recipient=world.relawan2, channel="inbox").data == {"count": 41}

    def test_what_it_costs_does_not_grow_with_the_cases(self, world):
        def cost(count):
            make_many(world, count)
            with CaptureQueriesContext(connection) as queries:
                move(world)
            Case.objects.update(assignee=world.relawan)
            return len(queries)

        few = cost(2)
        assert cost(40) == few
        assert few < 45

    def test_several_share_them_evenly(self, world):
        make_many(world, 7)
        moved = move(world, to=[world.relawan2, world.koordinator])
        assert (moved.cases, moved.people) == (7, 2)
        counts = sorted(Case.objects.filter(assignee=user).count() for user in (world.relawan2, world.koordinator))
        assert counts == [3, 4]

    def test_an_open_offer_falls_away(self, world):
        (case,) = make_many(world, 1)
        offer = carrying.offer(case=case, to=world.koordinator, next_step="x", by=world.relawan)
        move(world)
        offer.refresh_from_db()
        assert offer.state == HandOverState.WITHDRAWN

    def test_reminders_of_the_one_before_are_called_off(self, world):
        (case,) = make_many(world, 1)
        Message.objects.create(
            recipient=world.relawan, channel="email", key="r", kind="follow_up_due", about=case.about,
            not_before=timezone.now(),
        )  # fmt: skip
        move(world)
        assert Message.objects.get(key="r").state == "cancelled"

    def test_the_same_form_twice_moves_once(self, world):
        make_many(world, 3)
        batch = uuid4()
        first, again = move(world, batch=batch), move(world, batch=batch)
        assert (first.cases, again.cases) == (3, 3)
        assert Event.objects.filter(type__code=EventCode.ASSIGNED).count() == 3

    def test_what_is_hidden_from_the_receiver_stays_or_goes_to_another(self, world):
        cases = make_many(world, 4)
        unit = make_organisation("PUK", parent=world.desk, is_desk=False)
        world.relawan2.appointments.create(organisation=unit, role=Role.ADVOCATE, from_on=timezone.localdate())
        bars.hide(case=cases[0], organisation=unit, by=world.koordinator)
        moved = move(world)
        assert (moved.cases, moved.left) == (3, 1)
        cases[0].refresh_from_db()
        assert cases[0].assignee == world.relawan

    @pytest.mark.parametrize(
        "wrong", [{"reason": " "}, {"to": []}, {"to": ["carrier"]}, {"to": ["outsider"]}, {"to": ["pimpinan"]}]
    )
    def test_refused(self, world, wrong):
        make_many(world, 2)
        names = {"carrier": world.relawan, "outsider": world.outsider, "pimpinan": world.pimpinan}
        if "to" in wrong:
            wrong = {"to": [names[name] for name in wrong["to"]]}
        with pytest.raises(Refused):
            move(world, **wrong)
        assert Case.objects.filter(assignee=world.relawan).count() == 2

    def test_a_coordinator_of_another_desk_moves_nothing(self, world):
        make_many(world, 2)
        moved = move(world, by=world.outside_koordinator, to=[world.outsider])
        assert (moved.cases, moved.left) == (0, 2)


class TestOffers:
    def test_offered_and_accepted_in_one_tap(self, world):
        cases = make_many(world, 40)
        bare = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan)
        batch = uuid4()
        moved = move(world, at_once=False, batch=batch)
        assert (moved.cases, moved.is_offer) == (41, True)
        assert Case.objects.filter(assignee=world.relawan).count() == 41  # until then the sender stays responsible
        assert Message.objects.filter(recipient=world.relawan2, channel="inbox").count() == 1
        assert HandOver.objects.filter(batch=batch, state=HandOverState.OFFERED).count() == 41
        assert HandOver.objects.get(case=cases[3]).next_step == "Telepon 3"
        assert desk_moves.accept_all(batch=batch, by=world.koordinator) == 0
        assert desk_moves.accept_all(batch=batch, by=world.relawan2) == 41
        assert desk_moves.accept_all(batch=batch, by=world.relawan2) == 0
        assert Case.objects.filter(assignee=world.relawan2).count() == 41
        assert FollowUp.objects.filter(owner=world.relawan2, state="open").count() == 41
        bare.refresh_from_db()
        assert bare.next_due_at is not None
        assert Message.objects.filter(recipient=world.relawan, kind="cases_taken", channel="inbox").count() == 1

    def test_accepting_costs_the_same_for_three_and_for_thirty(self, world):
        def cost(count):
            make_many(world, count)
            batch = uuid4()
            move(world, at_once=False, batch=batch)
            with CaptureQueriesContext(connection) as queries:
                desk_moves.accept_all(batch=batch, by=world.relawan2)
            Case.objects.update(assignee=world.relawan)
            FollowUp.objects.update(owner=world.relawan)
            return len(queries)

        assert cost(3) == cost(30)

    def test_one_may_be_declined_and_what_is_offered_already_stays(self, world):
        cases = make_many(world, 3)
        carrying.offer(case=cases[0], to=world.koordinator, next_step="x", by=world.relawan)
        batch = uuid4()
        moved = move(world, at_once=False, batch=batch)
        assert (moved.cases, moved.left) == (2, 1)
        carrying.decline(handover=HandOver.objects.get(case=cases[1], batch=batch), by=world.relawan2)
        assert desk_moves.accept_all(batch=batch, by=world.relawan2) == 1

    def test_unanswered_the_coordinators_hear_once_not_forty_times(self, world):
        make_many(world, 5)
        now = timezone.now()
        FollowUp.objects.all().delete()
        move(world, at_once=False, now=now)
        reminders.remind_all(now=now + timedelta(hours=25))
        told = Message.objects.filter(kind="handover_unanswered", recipient=world.koordinator, channel="inbox")
        assert told.count() == 1


class TestAbandoned:
    def test_cases_of_who_is_gone_are_counted_and_named(self, world):
        make_many(world, 2)
        gone = make_user("pergi", role=Role.ADVOCATE, at=world.desk, full_name="Gatot Pergi")
        make_many(world, 3, carrier=gone)
        assert board.of_coordinator(world.koordinator, now=timezone.now()).counts["abandoned"] == 0
        yesterday = timezone.localdate() - timedelta(days=1)
        gone.appointments.update(from_on=yesterday, until_on=yesterday)
        assert board.of_coordinator(world.koordinator, now=timezone.now()).counts["abandoned"] == 3
        User.objects.filter(pk=world.relawan.pk).update(is_active=False)
        assert board.of_coordinator(world.koordinator, now=timezone.now()).counts["abandoned"] == 5
        rows = desk_moves.carriers(world.koordinator)
        assert [(row.user, row.cases, row.is_gone) for row in rows] == [(gone, 3, True), (world.relawan, 2, True)]
        move(world, carrier=gone)
        assert board.of_coordinator(world.koordinator, now=timezone.now()).counts["abandoned"] == 2

    def test_the_board_leads_there(self, world, as_user):
        make_many(world, 2)
        User.objects.filter(pk=world.relawan.pk).update(is_active=False)
        page = as_user(world.koordinator).get("/").content.decode()
        assert f'href="{URL}"' in page


class TestPages:
    def test_choose_confirm_done(self, world, as_user):
        make_many(world, 3)
        make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, is_restricted=True)
        client = as_user(world.koordinator)
        page = client.get(URL + f"?dari={world.relawan.uuid}")
        assert "Rina Wulandari" in page.content.decode()
        sent = {
            "submit_key": str(uuid4()),
            "carrier": str(world.relawan.uuid),
            "to": [str(world.relawan2.uuid)],
            "how": "at-once",
            "reason": "Rina cuti panjang",
        }
        asked = client.post(URL, sent)
        assert asked.status_code == 200
        assert "Pindahkan 3 kasus" in asked.content.decode()
        assert "1 lagi tetap" in asked.content.decode()
        assert Case.objects.filter(assignee=world.relawan2).count() == 0
        assert client.post(URL, {**sent, "confirm": "1"}).status_code == 302
        assert client.post(URL, {**sent, "confirm": "1"}).status_code in (200, 302)
        assert Case.objects.filter(assignee=world.relawan2).count() == 3

    def test_the_receiver_accepts_all(self, world, as_user):
        make_many(world, 3)
        batch = uuid4()
        move(world, at_once=False, batch=batch)
        url = reverse("cases:desk-move-offers", args=[batch])
        assert Message.objects.get(recipient=world.relawan2, channel="inbox").path == url
        client = as_user(world.relawan2)
        assert "3 kasus ditawarkan" in client.get(url).content.decode()
        assert as_user(world.outsider).get(url).status_code == 404
        assert as_user(world.outsider).post(url).status_code == 404
        client = as_user(world.relawan2)
        assert client.post(url).status_code == 302
        assert Case.objects.filter(assignee=world.relawan2).count() == 3
        assert client.get(url).status_code == 404

    def test_bad_input_keeps_what_was_typed(self, world, as_user):
        make_many(world, 1)
        client = as_user(world.koordinator)
        me = str(world.relawan.uuid)
        for wrong in ({}, {"carrier": me, "to": [me], "how": "offer", "reason": "Alasan saya"}):
            page = client.post(URL, wrong)
            assert page.status_code == 200
        assert "Alasan saya" in page.content.decode()

    def test_only_coordinators(self, world, as_user):
        for user in (world.relawan, world.pimpinan, world.admin_federasi):
            assert as_user(user).get(URL).status_code == 404
            assert as_user(user).post(URL, {}).status_code == 404


class TestFormer:
    @pytest.fixture
    def passed_on(self, world, case):
        note = EventType.objects.get(code="note")
        facts.tell(case=case, type=note, by=world.relawan, text="Saya antar suratnya")
        facts.tell(case=case, type=note, by=world.koordinator, text="Catatan koordinator")
        carrying.assign(case=case, to=world.relawan2, by=world.koordinator)
        facts.tell(case=case, type=note, by=world.relawan2, text="Kabar rahasia kemudian")
        case.refresh_from_db()
        return case

    def test_who_passed_it_on_reads_their_own_words_and_no_more(self, world, passed_on, as_user):
        client = as_user(world.relawan)
        assert client.get(reverse("cases:case-detail", args=[passed_on.uuid])).status_code == 404
        assert passed_on.number in client.get(reverse("cases:former-list")).content.decode()
        page = client.get(reverse("cases:former", args=[passed_on.uuid])).content.decode()
        assert "Saya antar suratnya" in page
        for other in ("Catatan koordinator", "Kabar rahasia", "Siti", "S.R.", passed_on.title, "Yoga"):
            assert other not in page, other

    def test_nobody_else(self, world, passed_on, as_user):
        for user in (world.relawan2, world.koordinator, world.outsider, world.pimpinan):
            assert as_user(user).get(reverse("cases:former", args=[passed_on.uuid])).status_code == 404

    def test_what_is_written_after_it_passed_on_is_not_there(self, world, passed_on):
        CaseShare.objects.create(case=passed_on, user=world.relawan, from_at=timezone.now(), shared_by=world.relawan2)
        timeline.record(
            passed_on, EventCode.NOTE, by=world.relawan, text="Belakangan", now=timezone.now() + timedelta(hours=1)
        )
        found = former.read(world.relawan, passed_on.uuid)
        assert [event.text for event in found.events] == ["Saya antar suratnya"]

    def test_by_an_accepted_hand_over_and_by_a_whole_desk_too(self, world):
        cases = make_many(world, 2)
        follow_ups.schedule(
            case=cases[0], title="x", due_at=timezone.now() + timedelta(hours=1), owner=world.relawan, by=world.relawan
        )
        offer = carrying.offer(case=cases[0], to=world.relawan2, next_step="x", by=world.relawan)
        carrying.accept(handover=offer, by=world.relawan2)
        move(world)
        assert set(former.cases_of(world.relawan)) == set(cases)

    def test_not_while_restricted_or_hidden(self, world, passed_on):
        Case.objects.filter(pk=passed_on.pk).update(is_restricted=True)
        assert former.read(world.relawan, passed_on.uuid) is None
        Case.objects.filter(pk=passed_on.pk).update(is_restricted=False)
        assert former.read(world.relawan, passed_on.uuid)
        bars.hide(case=passed_on, organisation=world.desk, by=world.koordinator_atas)
        assert former.read(world.relawan, passed_on.uuid) is None

    def test_taken_again_it_is_theirs_as_any_other(self, world, passed_on):
        carrying.assign(case=passed_on, to=world.relawan, by=world.koordinator)
        assert former.read(world.relawan, passed_on.uuid) is None
