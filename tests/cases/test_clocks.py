"""Clocks on a case: events start, pause and stop them, and each leaves one follow-up."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cases.models import Clock, EventType, FollowUp, Holiday, Outcome, ProblemType, Rule
from cases.reports import clocks as clock_report
from cases.rules.errors import CaseIsClosed, Refused
from cases.services import clocks, closing, facts
from tests.factories import make_body, make_case

pytestmark = pytest.mark.django_db
WIB = ZoneInfo("Asia/Jakarta")
NOW = datetime(2026, 11, 23, 21, 30, tzinfo=WIB)
ADMITTED = datetime(2026, 11, 23, 21, 26, tzinfo=WIB)


@pytest.fixture
def bed(world):
    """A case of a full ward, opened on Monday night."""
    case = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, now=NOW - timedelta(hours=2))
    case.problem_types.add(ProblemType.objects.get(code="B06"))
    return case


def tell(case, code, by, at=ADMITTED, now=NOW):
    return facts.tell(case=case, type=EventType.objects.get(code=code), by=by, at=at, now=now)


def test_an_admission_starts_the_clock_of_the_papers_and_the_hospitals_own_beside_it(world, bed):
    tell(bed, "admitted", world.relawan)
    found = {clock.rule.code: clock for clock in bed.clocks.all()}
    assert found["K02"].due_at == found["K02H"].due_at == datetime(2026, 11, 26, 21, 26, tzinfo=WIB)
    assert found["K02"].follow_up.due_at == found["K02"].due_at
    assert found["K02"].follow_up.owner == world.relawan


def test_the_same_event_twice_starts_it_once(world, bed):
    tell(bed, "admitted", world.relawan)
    tell(bed, "admitted", world.relawan)
    assert bed.clocks.filter(rule__code="K02").count() == 1


def test_an_event_stops_what_it_meets_and_its_plan(world, bed):
    tell(bed, "admitted", world.relawan)
    tell(bed, "guarantee_issued", world.relawan, at=NOW, now=NOW + timedelta(minutes=1))
    clock = bed.clocks.get(rule__code="K02")
    assert (clock.state, clock.ended_at) == (Clock.State.STOPPED, NOW)
    assert clock.follow_up.state == "cancelled"


def test_a_pause_moves_an_hours_clock_by_its_hours_and_ends_the_plan_meanwhile(world, bed):
    clock = clocks.start(case=bed, rule=Rule.objects.get(code="K03"), by=world.relawan, started_at=ADMITTED, now=NOW)
    before = clock.due_at
    clock = clocks.pause(clock=clock, reason="RS minta waktu", caused_by="facility", by=world.relawan, now=NOW)
    assert clock.due_at is None
    assert not FollowUp.objects.open().filter(case=bed).exists()
    clock = clocks.resume(clock=clock, by=world.relawan, now=NOW + timedelta(hours=5))
    assert clock.due_at - before == timedelta(hours=5)
    assert FollowUp.objects.open().filter(case=bed).count() == 1


@pytest.mark.parametrize("act", ["pause", "resume", "waive"])
def test_what_makes_no_sense_is_refused_with_a_reason(world, bed, act):
    clock = clocks.start(case=bed, rule=Rule.objects.get(code="K03"), by=world.relawan, started_at=ADMITTED, now=NOW)
    with pytest.raises(Refused):
        if act == "pause":
            clocks.pause(clock=clock, reason=" ", caused_by="facility", by=world.relawan, now=NOW)
        elif act == "resume":
            clocks.resume(clock=clock, by=world.relawan, now=NOW)
        else:
            clocks.waive(clock=clock, reason="", by=world.relawan, now=NOW)


def test_death_ends_the_clocks_of_the_living_and_keeps_the_others(world, bed):
    living = clocks.start(case=bed, rule=Rule.objects.get(code="K12"), by=world.relawan, started_at=ADMITTED, now=NOW)
    heirs = clocks.start(case=bed, rule=Rule.objects.get(code="K17"), by=world.relawan, started_at=ADMITTED, now=NOW)
    tell(bed, "died", world.relawan, at=NOW, now=NOW + timedelta(minutes=1))
    living.refresh_from_db()
    heirs.refresh_from_db()
    assert (living.state, heirs.state) == (Clock.State.WAIVED, Clock.State.RUNNING)


def test_a_rule_without_a_moment_is_kept_with_its_reason(world, bed):
    clock = clocks.start(case=bed, rule=Rule.objects.get(code="K26"), by=world.relawan, started_at=ADMITTED, now=NOW)
    assert clock.due_at is None
    assert clock.working["reason"]
    assert clock.follow_up is None


def test_a_new_holiday_moves_the_open_clocks_and_writes_it_down(world, bed):
    clock = clocks.start(case=bed, rule=Rule.objects.get(code="K16"), by=world.relawan, started_at=ADMITTED, now=NOW)
    assert clock.due_at.astimezone(WIB).date() == date(2026, 11, 26)
    Holiday.objects.create(day=date(2026, 11, 25), name="Libur sekali ini", decree="uji")
    assert clocks.recompute_open(now=NOW) == 1
    clock.refresh_from_db()
    assert clock.due_at.astimezone(WIB).date() == date(2026, 11, 27)
    assert clock.follow_up.due_at == clock.due_at
    assert bed.events.filter(type__code="clock_moved").count() == 1
    assert clocks.recompute_open(now=NOW) == 0


def test_a_closed_case_starts_no_clock(world, bed):
    closing.close(case=bed, outcome=Outcome.objects.get(code="rights_met"), by=world.relawan, now=NOW)
    with pytest.raises(CaseIsClosed):
        clocks.start(case=bed, rule=Rule.objects.get(code="K03"), by=world.relawan, started_at=ADMITTED, now=NOW)


def claim(case, by, code, programme=""):
    details = {"programme": programme} if programme else {}
    facts.tell(case=case, type=EventType.objects.get(code=code), by=by, at=NOW, now=NOW, details=details)


def concerns(case, *codes):
    case.problem_types.add(*ProblemType.objects.filter(code__in=codes))


def test_a_claim_of_one_programme_leaves_the_clock_of_another_running(world, bed):
    """After a layoff JHT and JKP run side by side: a JHT claim must not end the six months in which JKP is lost."""
    concerns(bed, "F06", "F08")
    claim(bed, world.relawan, "phk")
    claim(bed, world.relawan, "claim_submitted", "JHT")
    claim(bed, world.relawan, "claim_complete", "JHT")
    assert bed.clocks.get(rule__code="K21").state == Clock.State.RUNNING
    assert bed.clocks.get(rule__code="K19").state == Clock.State.RUNNING
    claim(bed, world.relawan, "claim_submitted", "JKP")
    assert bed.clocks.get(rule__code="K21").state == Clock.State.STOPPED


def test_a_claim_that_names_no_programme_ends_none_of_several(world, bed):
    concerns(bed, "F04", "F08")
    for code in ("phk", "accident", "claim_submitted"):
        claim(bed, world.relawan, code)
    states = dict(bed.clocks.filter(rule__code__in=["K17", "K21"]).values_list("rule__code", "state"))
    assert states == {"K17": Clock.State.RUNNING, "K21": Clock.State.RUNNING}


def test_a_claim_that_names_no_programme_ends_the_only_one(world, bed):
    concerns(bed, "F08")
    for code in ("phk", "claim_submitted"):
        claim(bed, world.relawan, code)
    assert bed.clocks.get(rule__code="K21").state == Clock.State.STOPPED


def test_the_duties_of_a_month_of_jkp_end_with_their_proof(world, bed):
    concerns(bed, "F08")
    for code in ("benefit_paid", "job_search_shown"):
        claim(bed, world.relawan, code)
    assert bed.clocks.get(rule__code="K23").state == Clock.State.STOPPED


def test_what_another_office_says_answers_no_complaint(world, bed):
    """The 14 days of LAPOR! go on when the hospital says something."""
    hotline = make_body("SP4N-LAPOR!", kind="government")
    type = EventType.objects.get(code="complaint_sent")
    sent = facts.tell(case=bed, type=type, by=world.relawan, at=ADMITTED, now=NOW, body=hotline)
    rule = Rule.objects.get(code="K27")
    clocks.start(case=bed, rule=rule, by=world.relawan, started_at=ADMITTED, event=sent, now=NOW)
    answered = {"case": bed, "type": EventType.objects.get(code="answered"), "by": world.relawan, "at": NOW, "now": NOW}
    facts.tell(**answered, body=world.place)
    assert bed.clocks.get(rule=rule).state == Clock.State.RUNNING
    facts.tell(**answered, body=hotline)
    assert bed.clocks.get(rule=rule).state == Clock.State.STOPPED


def test_going_home_without_the_papers_ends_their_time_and_a_later_discharge_does_not(world, bed):
    tell(bed, "admitted", world.relawan)
    tell(bed, "discharged", world.relawan, at=NOW, now=NOW + timedelta(minutes=1))
    clock = bed.clocks.get(rule__code="K02")
    assert (clock.state, clock.due_at, clock.due_is_day) == (Clock.State.RUNNING, NOW, False)
    assert clock.follow_up is None
    assert bed.clocks.get(rule__code="K02H").due_at > NOW
    lines = {line.label: line.text for line in clock_report.explain(clock, now=NOW).lines}
    assert lines["Harus beres sebelum"] == "Pulang"

    late = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, now=NOW - timedelta(hours=2))
    late.problem_types.add(ProblemType.objects.get(code="B06"))
    tell(late, "admitted", world.relawan)
    due = late.clocks.get(rule__code="K02").due_at
    tell(late, "discharged", world.relawan, at=due + timedelta(hours=1), now=due + timedelta(hours=2))
    assert late.clocks.get(rule__code="K02").due_at == due


def test_a_discharge_put_right_counts_the_papers_anew(world, bed):
    tell(bed, "admitted", world.relawan)
    usual = bed.clocks.get(rule__code="K02").due_at
    event = tell(bed, "discharged", world.relawan, at=NOW, now=NOW + timedelta(minutes=1))
    later = NOW + timedelta(hours=9)
    facts.tell(case=bed, type=event.type, by=world.relawan, at=later, corrects=event, now=later)
    assert bed.clocks.get(rule__code="K02").due_at == later
    note = EventType.objects.get(code="note")
    facts.tell(case=bed, type=note, by=world.relawan, at=later, corrects=event, now=later + timedelta(hours=1))
    clock = bed.clocks.get(rule__code="K02")
    assert (clock.due_at, clock.working["cut_short_by"]) == (usual, {})
    assert clock.follow_up.due_at == usual


def test_a_discharge_of_which_only_the_day_is_known_leaves_that_day(world, bed):
    tell(bed, "admitted", world.relawan)
    type = EventType.objects.get(code="discharged")
    day = ADMITTED.replace(hour=0, minute=0)
    facts.tell(case=bed, type=type, by=world.relawan, at=day, on_day=True, now=NOW + timedelta(hours=1))
    clock = bed.clocks.get(rule__code="K02")
    assert (clock.due_at, clock.due_is_day) == (datetime(2026, 11, 23, 23, 59, tzinfo=WIB), True)
