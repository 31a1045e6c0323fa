"""S4.17: a case against the member's own hospital is not seen by the unit there, nor by anything below it, by any way."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, CaseBar, CaseShare, HandOver
from cases.reports import board, figures, work
from cases.rules.codes import EventCode
from cases.rules.errors import Refused
from cases.services import bars, carrying, duplicates, reminders, rights, search, shares
from members.models import Body, Message
from members.rules.roles import Permission, Role
from members.services.appointments import appoint
from tests.factories import make_case, make_organisation, make_user

LOOK = Permission.CASE_VIEW


def may(user, permission, case):
    return Case.objects.permitted(user, permission).filter(pk=case.pk).exists()


@pytest.fixture
def hospital_unit(world):
    """The union inside the hospital of the case, under the desk, with a unit below it and people in both."""
    unit = make_organisation("PUK RSUD Cempaka", parent=world.desk, is_desk=False, body=world.place)
    below = make_organisation("Ranting IGD", parent=unit, is_desk=False)
    world.officer = make_user("pengurus", role=Role.COORDINATOR, at=unit, full_name="Pengurus Puk")
    world.below = make_user("ranting", role=Role.ADVOCATE, at=below, full_name="Rantinga Bawah")
    for user in (world.officer, world.below):
        appoint(user=user, role=Role.COORDINATOR, organisation=world.desk)
    return unit


class TestByAnyWay:
    def test_they_could_open_it_and_then_nobody_there_can(self, world, case, hospital_unit):
        assert may(world.officer, LOOK, case) and may(world.below, Permission.CASE_ASSIGN, case)
        bars.hide(case=case, organisation=hospital_unit, by=world.koordinator)
        for user in (world.officer, world.below):
            for permission in Permission:
                assert not may(user, permission, case), (user, permission)
            assert rights.case_of(user, case.uuid) is None
        assert may(world.koordinator, LOOK, case) and may(world.relawan, Permission.CASE_WORK, case)
        assert may(world.koordinator_atas, LOOK, case)

    def test_not_to_take_not_in_figures_not_on_the_board_not_by_number(self, world, hospital_unit):
        case = make_case(desk=world.desk, by=world.koordinator, patient="Siti Rahmawati", title="Aduan ke rumah sakit")
        bars.hide(case=case, organisation=hospital_unit, by=world.koordinator)
        assert not may(world.below, Permission.CASE_TAKE, case)
        now = timezone.now()
        assert board.of_coordinator(world.officer, now=now).counts["open"] == 0
        assert search.find(world.officer, case.number).cases == []
        assert search.find(world.officer, "Aduan").cases == []
        counted = Case.objects.permitted(world.officer, Permission.FIGURES_VIEW)
        assert set(figures.counts(counted, figures.thirty_days(now, "Asia/Jakarta")).values()) == {0}
        clues = duplicates.clues_of(story="x" * 30, names=["Siti Rahmawati"])
        assert duplicates.find(world.officer, clues) == []
        assert [hit.case for hit in duplicates.find(world.koordinator, clues)] == [case]

    def test_a_share_with_their_unit_and_an_offer_open_nothing(self, world, case, hospital_unit):
        far = make_case(desk=world.other_desk, by=world.outsider, assignee=world.outsider)
        CaseShare.objects.create(
            case=far, organisation=world.desk, from_at=timezone.now() - timedelta(hours=1), shared_by=world.outsider
        )
        assert may(world.officer, LOOK, far)
        bars.hide(case=far, organisation=hospital_unit, by=world.koordinator_atas)
        assert not may(world.officer, LOOK, far)
        assert may(world.koordinator, LOOK, far)
        HandOver.objects.create(
            case=far, from_user=world.outsider, to_user=world.below, next_step="x", offered_at=timezone.now()
        )
        assert not may(world.below, LOOK, far)
        assert rights.case_of(world.below, far.uuid) is None

    def test_who_is_named_stays_the_carrier_and_a_share_by_name(self, world, case, hospital_unit):
        carrying.assign(case=case, to=world.below, by=world.koordinator)
        bars.hide(case=case, organisation=hospital_unit, by=world.koordinator)
        assert may(world.below, Permission.CASE_WORK, case)
        assert not may(world.officer, LOOK, case)
        shares.share(case=case, to=world.officer, reason="Saksi", by=world.koordinator)
        assert may(world.officer, Permission.CASE_WORK, case)

    def test_an_office_that_ended_hides_nothing(self, world, case, hospital_unit):
        bars.hide(case=case, organisation=hospital_unit, by=world.koordinator)
        yesterday = timezone.localdate() - timedelta(days=1)
        world.officer.appointments.filter(organisation=hospital_unit).update(from_on=yesterday, until_on=yesterday)
        assert may(world.officer, LOOK, case)

    def test_lifted_it_is_as_before(self, world, case, hospital_unit):
        bar = bars.hide(case=case, organisation=hospital_unit, by=world.koordinator)
        bars.show(bar=bar, by=world.koordinator)
        bars.show(bar=bar, by=world.koordinator)
        assert may(world.officer, LOOK, case)
        assert case.events.filter(type__code=EventCode.UNRESTRICTED).count() == 1

    def test_nobody_there_is_told_by_message_either(self, world, case, hospital_unit):
        bars.hide(case=case, organisation=hospital_unit, by=world.koordinator)
        plan = case.follow_ups.create(
            title="Telepon", due_at=timezone.now(), created_at=timezone.now(), remind_at=timezone.now()
        )
        told = reminders.audience_of(plan, now=timezone.now())
        assert world.koordinator in told.first
        assert not {world.officer, world.below} & {one for tier in [told.first, *told.above] for one in tier}
        other = make_case(
            desk=world.other_desk,
            by=world.outsider,
            patient="Siti Rahmawati",
            phone="0812 3456 7890",
            place=world.place,
        )
        given = duplicates.same_story(other)
        case.parties.get().person.contacts.create(value="+6281234567890")
        assert duplicates.tell_elsewhere(other, given, by=world.outsider, now=timezone.now()) == [case]
        told_of = set(Message.objects.filter(kind="duplicate_elsewhere").values_list("recipient", flat=True))
        assert world.koordinator.pk in told_of
        assert not {world.officer.pk, world.below.pk} & told_of


class TestActs:
    def test_an_open_offer_to_them_is_taken_back_and_none_is_made_again(self, world, case, hospital_unit):
        offer = carrying.offer(case=case, to=world.below, next_step="x", by=world.relawan)
        bars.hide(case=case, organisation=hospital_unit, by=world.koordinator)
        offer.refresh_from_db()
        assert offer.state == "withdrawn"
        assert work.of_user(world.below, now=timezone.now()).offers == []
        with pytest.raises(Refused):
            carrying.offer(case=case, to=world.below, next_step="x", by=world.relawan)
        with pytest.raises(Refused):
            carrying.assign(case=case, to=world.below, by=world.koordinator)

    def test_once_per_unit(self, world, case, hospital_unit):
        first = bars.hide(case=case, organisation=hospital_unit, by=world.koordinator)
        assert bars.hide(case=case, organisation=hospital_unit, by=world.koordinator) == first
        assert CaseBar.objects.count() == 1
        assert case.events.filter(type__code=EventCode.BARRED).count() == 1

    def test_nobody_locks_themselves_out(self, world, case, hospital_unit):
        with pytest.raises(Refused):
            bars.hide(case=case, organisation=hospital_unit, by=world.officer)
        assert not CaseBar.objects.exists()

    def test_it_is_proposed_where_the_place_has_a_union(self, world, case, hospital_unit):
        assert bars.proposals(case) == [hospital_unit]
        bars.hide(case=case, organisation=hospital_unit, by=world.koordinator)
        assert bars.proposals(case) == []
        elsewhere = make_case(desk=world.desk, by=world.relawan)
        assert bars.proposals(elsewhere) == []
        merged = Body.objects.create(name="RS Cempaka lama", merged_into=world.place)
        hospital_unit.body = merged
        hospital_unit.save()
        again = make_case(desk=world.desk, by=world.relawan, place=world.place)
        assert bars.proposals(again) == [hospital_unit]

    def test_as_many_statements_with_bars_as_without(self, world, case, hospital_unit):
        def count():
            with CaptureQueriesContext(
                connection,
            ) as queries:
                list(Case.objects.permitted(world.officer, LOOK))
                rights.case_of(world.officer, case.uuid)
            return len(queries)

        before = count()
        for at in range(5):
            row = make_case(desk=world.desk, by=world.relawan, title=f"Kasus {at}")
            bars.hide(case=row, organisation=hospital_unit, by=world.koordinator)
        assert count() == before


class TestPage:
    def url(self, case):
        return reverse("cases:restriction", args=[case.uuid])

    def test_one_tap_hides_it_and_one_shows_it_again(self, world, case, hospital_unit, as_user):
        client = as_user(world.relawan)
        page = client.get(self.url(case)).content.decode()
        assert "PUK RSUD Cempaka" in page
        response = client.post(self.url(case), {"act": "hide", "unit": str(hospital_unit.uuid)})
        assert response.status_code == 302
        bar = CaseBar.objects.get()
        assert bar.organisation == hospital_unit
        client.post(self.url(case), {"act": "show", "bar": str(bar.uuid)})
        client.post(self.url(case), {"act": "show", "bar": str(bar.uuid)})
        bar.refresh_from_db()
        assert bar.ended_at

    def test_another_unit_is_found_by_name(self, world, case, as_user):
        client = as_user(world.relawan)
        page = client.post(self.url(case), {"act": "hide", "unit_words": "bukit", "search": "1"})
        assert "DPD Bukit Lor" in page.content.decode()
        sent = {"act": "hide", "unit_words": "bukit", "unit": str(world.other_desk.uuid), "reason": "Konflik"}
        assert client.post(self.url(case), sent).status_code == 302
        assert CaseBar.objects.get().reason == "Konflik"

    @pytest.mark.parametrize("unit", ["", "tidak-ada"])
    def test_no_unit_is_hidden_by_mistake(self, world, case, as_user, unit):
        page = as_user(world.relawan).post(self.url(case), {"act": "hide", "unit": unit})
        assert page.status_code == 200
        assert not CaseBar.objects.exists()
