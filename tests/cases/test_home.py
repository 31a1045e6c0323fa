from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from cases.models import Case, Clock, Rule
from cases.reports import board, figures, work
from cases.rules.codes import EventCode
from cases.rules.commitments import Terms
from cases.services import carrying, commitments, follow_ups, timeline
from tests.factories import make_case

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(hour=3, minute=0)  # 10.00 WIB: the day of the zone and of UTC agree


def plan(case, user, hours, *, title="Telepon IGD"):
    return follow_ups.schedule(
        case=case, title=title, due_at=NOW + timedelta(hours=hours), owner=user, by=user, now=NOW - timedelta(days=5)
    )


def test_work_is_divided_into_late_today_and_next(world, case):
    late, today, later = plan(case, world.relawan, -2), plan(case, world.relawan, 3), plan(case, world.relawan, 30)
    found = work.of_user(world.relawan, now=NOW)
    assert (found.late, found.today, found.next) == ([late], [today], [later])
    assert found.waiting == 2


def test_a_carried_case_without_a_plan_is_shown(world, case):
    assert work.of_user(world.relawan, now=NOW).unplanned == [case]


def test_the_work_of_others_is_not_mine(world, case):
    plan(case, world.relawan, 3)
    found = work.of_user(world.relawan2, now=NOW)
    assert (found.today, found.unplanned, found.carried) == ([], [], 0)


def test_offers_wait_for_the_one_they_are_made_to(world, case):
    offer = carrying.offer(case=case, to=world.relawan2, next_step="Telepon IGD", by=world.relawan)
    assert work.of_user(world.relawan2, now=NOW).offers == [offer]


def test_board_counts_and_shows_each_kind(world):
    def make(**fields):
        return make_case(desk=world.desk, by=world.relawan, **fields)

    alarm = make(urgency="emergency")
    lonely = make(urgency="ordinary")
    silent = make(assignee=world.relawan, now=NOW - timedelta(hours=80))
    late = make(assignee=world.relawan2)
    plan(late, world.relawan2, -3)
    make_case(desk=world.other_desk, by=world.outsider)
    found = board.of_coordinator(world.koordinator, now=NOW)
    assert found.emergencies == [alarm]
    assert found.unassigned == [lonely]
    assert silent in found.silent
    assert found.late == [late]
    assert found.counts["open"] == 4
    assert {user: user.carried for user in found.load}[world.relawan] == 1


def test_a_coordinator_above_sees_all_desks_below(world):
    make_case(desk=world.desk, by=world.relawan)
    make_case(desk=world.other_desk, by=world.outsider)
    assert board.of_coordinator(world.koordinator_atas, now=NOW).counts["open"] == 2
    assert board.of_coordinator(world.outside_koordinator, now=NOW).counts["open"] == 1


@pytest.mark.parametrize(
    ("count", "hide", "expected"), [(0, True, 0), (1, True, None), (4, True, None), (5, True, 5), (4, False, 4)]
)
def test_small_groups_are_hidden(count, hide, expected):
    assert figures.shown(count, hide_small=hide) == expected


@pytest.mark.parametrize("who", ["relawan", "koordinator", "pimpinan", "admin_federasi", "superuser", "outsider"])
def test_home_opens_for_everyone_and_shows_no_name(world, case, as_user, who):
    plan(case, world.relawan, 3)
    page = as_user(getattr(world, who)).get("/")
    assert page.status_code == 200
    assert "Siti Rahmawati" not in page.content.decode()


def test_home_of_the_relawan_names_the_work(world, case, as_user):
    plan(case, world.relawan, 3, title="Minta hasil triase")
    page = as_user(world.relawan).get("/").content.decode()
    assert "Minta hasil triase" in page
    assert f"{case.number} · S.R." in page


def test_an_empty_home_teaches(world, as_user):
    assert "Satu kalimat cukup" in as_user(world.relawan).get("/").content.decode()


@pytest.mark.parametrize("who", ["relawan", "koordinator"])
def test_home_asks_the_same_number_of_questions_for_one_row_and_for_many(
    world, as_user, who, django_assert_max_num_queries
):
    for number in range(12):
        row = make_case(
            desk=world.desk,
            by=world.relawan,
            assignee=world.relawan if number % 2 else None,
            urgency=["emergency", "urgent", "ordinary"][number % 3],
            place=world.place,
        )
        plan(row, world.relawan, number - 6)
    client = as_user(getattr(world, who))
    client.get("/")
    with django_assert_max_num_queries(17):
        client.get("/")


def test_a_leader_counts_and_opens_nothing(world, case, as_user):
    client = as_user(world.pimpinan)
    page = client.get("/angka/").content.decode()
    assert "&lt; 5" in page
    assert case.number not in page
    assert client.get(f"/kasus/{case.uuid}/").status_code == 404


def test_figures_are_closed_to_a_relawan(world, as_user):
    assert as_user(world.relawan).get("/angka/").status_code == 404


# What presses, what was promised, who needs rest


def running(case, hours_back, hours_left, **fields):
    """A clock of the case that began so many hours ago and has so many left."""
    return Clock.objects.create(
        case=case,
        rule=Rule.objects.get(code=fields.pop("code", "K26")),
        obliged="employer",
        zone=case.zone,
        started_at=NOW - timedelta(hours=hours_back),
        due_at=NOW + timedelta(hours=hours_left),
        logged_at=NOW,
        **fields,
    )


@pytest.mark.parametrize(
    ("hours_back", "hours_left", "presses"),
    [(100, -1, True), (100, 23, True), (10, 25, False), (101, 25, True), (99, 25, False), (24 * 80, 24 * 19, True)],
    ids=["missed", "within a day", "far", "last fifth", "not yet the last fifth", "long, last fifth"],
)
def test_clocks_press_within_a_day_or_in_the_last_fifth_of_their_span(world, case, hours_back, hours_left, presses):
    clock = running(case, hours_back, hours_left)
    found = board.of_coordinator(world.koordinator, now=NOW)
    assert found.clocks == ([clock] if presses else [])
    assert (found.counts["clocks"], found.counts["missed"]) == (int(presses), int(hours_left < 0))


def test_a_clock_that_stands_still_or_was_met_does_not_press(world, case):
    running(case, 100, -1, state="paused")
    running(case, 100, -1, state="stopped", ended_at=NOW, code="K27")
    assert board.of_coordinator(world.koordinator, now=NOW).clocks == []


def test_what_was_promised_for_today_stands_on_the_board(world, case, as_user):
    def promise(text, hours, **fields):
        return commitments.promise(
            desk=world.desk,
            text=text,
            terms=Terms("date", due_at=NOW + timedelta(hours=hours)),
            by=world.koordinator,
            now=NOW - timedelta(days=2),
            **fields,
        )

    today = promise("Kamar malam ini", 5, case=case)
    meeting = promise("Petugas loket khusus", 6)
    promise("Surat jaminan", 40, case=case)
    mine, theirs = plan(case, world.koordinator, 3), plan(case, world.relawan, 4)
    found = board.of_coordinator(world.koordinator, now=NOW)
    assert found.promises == [today, meeting]
    assert theirs in found.plans
    assert mine not in found.plans
    assert found.counts["today"] == len(found.promises) + len(found.plans)
    assert board.of_coordinator(world.outside_koordinator, now=NOW).promises == []


def test_the_board_says_nothing_of_a_restricted_case_or_one_hidden_from_the_reader(world, case):
    running(case, 100, -1)
    plan(case, world.relawan, 3)
    carrying.offer(case=case, to=world.relawan2, next_step="Telepon IGD", without_consent=True, by=world.relawan)
    Case.objects.filter(pk=case.pk).update(is_restricted=True)
    found = board.of_coordinator(world.koordinator, now=NOW)
    assert found.is_calm
    assert not any(found.counts.values())


def test_each_row_of_the_board_has_its_act(world, as_user):
    def make(**fields):
        return make_case(desk=world.desk, by=world.relawan, **fields)

    alarm = make(urgency="emergency", assignee=world.relawan)
    lonely = make(urgency="ordinary")
    silent = make(assignee=world.relawan2, now=timezone.now() - timedelta(hours=80))
    page = as_user(world.koordinator).get("/").content.decode()
    assert f'href="tel:{world.relawan.whatsapp}"' in page
    assert f"/kasus/{lonely.uuid}/tugaskan/" in page
    assert f"/kasus/{silent.uuid}/ingatkan/" in page
    assert alarm.number in page


@pytest.mark.parametrize(
    ("nights", "tired"), [([1, 2, 3], True), ([1, 2], False), ([1, 2, 4], False), ([2, 3, 4], False)]
)
def test_three_nights_in_a_row_are_enough(world, case, as_user, nights, tired):
    now = datetime(2026, 11, 27, 10, tzinfo=ZoneInfo("Asia/Jakarta"))
    for back in nights:
        moment = datetime(2026, 11, 27, 1, 30, tzinfo=ZoneInfo("Asia/Jakarta")) - timedelta(days=back - 1)
        timeline.record(case, EventCode.NOTE, by=world.relawan, text="Jaga malam", now=moment)
    found = board.of_coordinator(world.koordinator, now=now)
    assert (world.relawan in found.tired) == tired


def test_a_few_questions_make_the_board(world, case, django_assert_max_num_queries):
    running(case, 100, -1)
    plan(case, world.relawan, 3)
    with django_assert_max_num_queries(15):
        board.of_coordinator(world.koordinator, now=NOW)


def test_the_admin_begins_with_the_federation(world, as_user):
    for admin in (world.superuser, world.admin_federasi):
        page = as_user(admin).get("/").text
        assert page.index("Kelola federasi") < page.index("k-links")
        assert 'href="/kelola/members/invitation/add/"' in page
    assert "Kelola federasi" not in as_user(world.relawan).get("/").text
