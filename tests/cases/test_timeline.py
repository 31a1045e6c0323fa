from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from cases.models import Case, Event, EventType, FollowUp, Outcome
from cases.reports import chronicle
from cases.rules.codes import Actor, EventCode, FollowUpKind, FollowUpState, Status
from cases.rules.errors import CaseIsClosed, Refused
from cases.services import closing, editing, facts, follow_ups, timeline
from members.models import AppendOnly, Identifier
from tests.factories import make_body, make_case

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(microsecond=0)


@pytest.fixture
def case(world):
    """A running case opened two days ago."""
    return make_case(
        desk=world.desk, by=world.relawan, assignee=world.relawan, place=world.place, now=NOW - timedelta(days=2)
    )


@pytest.fixture
def tell(world, case):
    """Tell a fact on the case, some hours ago."""

    def tell(code, text="", *, hours_ago=0, by=world.relawan, on=case, **given):
        at = NOW - timedelta(hours=hours_ago)
        type_ = EventType.objects.get(code=code)
        return facts.tell(case=on, type=type_, by=by, text=text, at=at, now=given.pop("now", NOW), **given)

    return tell


def now_of(case):
    return Case.objects.get(pk=case.pk)


# Facts


def test_a_fact_is_only_ever_added(tell):
    event = tell("refused", "Loket menolak.")
    with pytest.raises(AppendOnly):
        event.save()
    with pytest.raises(AppendOnly):
        Event.objects.filter(pk=event.pk).update(text="tidak jadi")


def test_the_turn_goes_where_the_event_says(tell, case, world):
    tell("promised")
    assert (now_of(case).next_actor, now_of(case).next_actor_name) == (Actor.BODY, world.place.name)
    other = make_body("BPJS Karangsari", kind="bpjs")
    tell("letter_sent", body=other)
    assert now_of(case).next_actor_name == "BPJS Karangsari"
    tell("answered")
    assert (now_of(case).next_actor, now_of(case).next_actor_name) == (Actor.US, "")


def test_a_call_moves_no_turn(tell, case):
    tell("promised", hours_ago=2)
    tell("called")
    assert now_of(case).next_actor == Actor.BODY


def test_a_fact_told_late_does_not_move_the_turn_back(tell, case):
    tell("promised", hours_ago=1)
    tell("refused", hours_ago=5)
    assert now_of(case).next_actor == Actor.BODY


def test_the_first_fact_makes_a_new_case_run(tell, world):
    case = make_case(desk=world.desk, by=world.koordinator)
    tell("note", "Keluarga menelepon lagi.", on=case)
    assert now_of(case).status == Status.RUNNING


def test_the_future_is_no_fact(tell):
    with pytest.raises(Refused):
        tell("refused", hours_ago=-1)


def test_what_the_system_writes_nobody_else_writes(tell):
    with pytest.raises(Refused):
        tell(EventCode.ASSIGNED)


def test_the_same_key_is_one_fact_and_two_people_are_two(tell, world, case):
    key = uuid4()
    first = tell("refused", "Loket menolak.", submit_key=key)
    assert tell("refused", "Loket menolak.", submit_key=key) == first
    tell("refused", "Loket menolak.", submit_key=uuid4(), by=world.relawan2)
    assert case.events.filter(type__code="refused").count() == 2


def test_numbers_leave_the_text(tell, case):
    event = tell("note", "NIK pasien 3515114107800001, HP 081234567890")
    assert "3515114107800001" not in event.text
    assert "081234567890" not in event.text
    assert Identifier.objects.filter(person__parties__case=case).count() == 1


def test_a_closed_case_takes_a_note_and_nothing_that_moves_it(tell, case, world):
    closing.close(case=case, outcome=Outcome.objects.first(), by=world.relawan, now=NOW)
    tell("note", "Keluarga berterima kasih.")
    with pytest.raises(CaseIsClosed):
        tell("refused")
    assert now_of(case).status == Status.CLOSED
    assert not case.follow_ups.open().exists()


# Corrections


def test_a_correction_stands_in_the_place_of_what_it_corrects(tell, case):
    tell("called", "Belum dijawab.", hours_ago=5)
    wrong = tell("refused", "Loket menolak.", hours_ago=4)
    tell("answered", "Nanti dikabari.", hours_ago=3)
    right = tell("promised", "Loket berjanji besok.", hours_ago=4, corrects=wrong)
    lines = chronicle.of_case(case).lines
    assert [line.shown.type.code for line in lines] == ["answered", "promised", "called", "opened"]
    assert (lines[1].first, lines[1].shown, lines[1].earlier) == (wrong, right, [wrong])


def test_a_correction_of_a_correction_points_at_the_first(tell, case):
    first = tell("refused", "Satu.", hours_ago=4)
    second = tell("refused", "Dua.", hours_ago=4, corrects=first)
    third = tell("refused", "Tiga.", hours_ago=4, corrects=second)
    assert third.corrects == first
    line = chronicle.of_case(case).lines[0]
    assert (line.shown.text, [old.text for old in line.earlier]) == ("Tiga.", ["Satu.", "Dua."])


def test_a_correction_keeps_the_moment_unless_it_says_another(tell, case, world):
    first = tell("refused", hours_ago=4)
    same = facts.tell(case=case, type=EventType.objects.get(code="promised"), by=world.relawan, corrects=first, now=NOW)
    assert same.happened_at == first.happened_at


def test_correcting_the_type_moves_the_turn_as_if_it_had_been_told_so(tell, case):
    tell("letter_sent", hours_ago=5)
    wrong = tell("answered", hours_ago=4)
    assert now_of(case).next_actor == Actor.US
    tell("called", hours_ago=4, corrects=wrong)
    assert now_of(case).next_actor == Actor.BODY


def test_what_the_system_wrote_is_not_corrected(tell, case):
    with pytest.raises(Refused):
        tell("note", "Bukan begitu.", corrects=case.events.get(type__code="opened"))


# Death


def plan_for_the_living(case, world):
    return follow_ups.schedule(
        case=case,
        title="Cuci darah",
        kind=FollowUpKind.CARE,
        due_at=NOW + timedelta(days=1),
        owner=world.relawan,
        by=world.relawan,
        now=NOW,
    )


def test_death_is_a_fact_and_ends_what_was_for_the_living(tell, case, world):
    living = plan_for_the_living(case, world)
    paper = follow_ups.schedule(
        case=case,
        title="Surat kematian",
        kind=FollowUpKind.PAPER,
        due_at=NOW + timedelta(days=1),
        owner=world.relawan,
        by=world.relawan,
        now=NOW,
    )
    death = tell("died", "Di ICU.", hours_ago=1)
    living.refresh_from_db(), paper.refresh_from_db()
    assert (living.state, paper.state) == (FollowUpState.CANCELLED, FollowUpState.OPEN)
    assert now_of(case).died_at == death.happened_at
    assert now_of(case).is_open


def test_a_death_alone_leaves_a_plan_to_condole(tell, case):
    tell("died")
    assert case.follow_ups.open().get().created_by is None


def test_a_slip_of_the_finger_gives_back_what_death_ended(tell, case, world):
    living = plan_for_the_living(case, world)
    own = plan_for_the_living(case, world)
    follow_ups.cancel(follow_up=own, by=world.relawan, note="Sudah tidak perlu.", now=NOW)
    death = tell("died", hours_ago=1)
    tell("note", "Salah tekan, pasien stabil.", hours_ago=1, corrects=death)
    living.refresh_from_db(), own.refresh_from_db()
    assert now_of(case).died_at is None
    assert (living.state, own.state) == (FollowUpState.OPEN, FollowUpState.CANCELLED)
    assert living.remind_at is not None


def test_the_hour_of_death_can_be_put_right(tell, case):
    death = tell("died", hours_ago=5)
    tell("died", hours_ago=3, corrects=death)
    assert now_of(case).died_at == NOW - timedelta(hours=3)


# Plans by themselves


def test_a_case_is_never_left_without_a_plan_by_an_event(tell, case):
    tell("promised")
    plan = case.follow_ups.open().get()
    assert (plan.owner, plan.created_by) == (case.assignee, None)
    assert case.place.name in plan.title
    assert plan.due_at == NOW + timedelta(hours=24)
    assert now_of(case).next_due_at == plan.due_at


def test_what_a_person_plans_takes_the_place_of_it(tell, case, world):
    tell("promised")
    own = plan_for_the_living(case, world)
    assert list(case.follow_ups.open()) == [own]


def test_an_open_plan_is_enough(tell, case, world):
    own = plan_for_the_living(case, world)
    tell("promised")
    assert list(case.follow_ups.open()) == [own]


def test_told_with_what_is_done_and_when_to_look_again(tell, case, world):
    asked = plan_for_the_living(case, world)
    again = NOW + timedelta(hours=1)
    tell("promised", done=[asked], look_again_at=again, look_again_title="Tagih janji kamar")
    asked.refresh_from_db()
    plan = case.follow_ups.open().get()
    assert asked.state == FollowUpState.DONE
    assert (plan.title, plan.due_at, plan.kind) == ("Tagih janji kamar", again, FollowUpKind.ANSWER)


def test_nothing_is_kept_when_a_part_is_refused(tell, case, world):
    asked = plan_for_the_living(case, world)
    with pytest.raises(Refused):
        tell("refused", hours_ago=-2, done=[asked])
    asked.refresh_from_db()
    assert asked.state == FollowUpState.OPEN
    assert not case.events.filter(type__code="refused").exists()


# Reading


def test_system_lines_are_folded_but_their_words_are_not(tell, case, world):
    plan = plan_for_the_living(case, world)
    follow_ups.finish(follow_up=plan, by=world.relawan, note="Sudah dijadwalkan.", now=NOW)
    tell("refused", "Loket menolak.")
    codes = [line.shown.type.code for line in chronicle.of_case(case).lines]
    assert set(codes) == {"refused", "follow_up_done", "opened"}
    everything = chronicle.of_case(case, with_system=True).lines
    assert {"follow_up_set"} <= {line.shown.type.code for line in everything}
    folded = Case.objects.annotate(n=chronicle.count_system_lines()).get(pk=case.pk).n
    assert folded == len(everything) - len(codes)


def test_the_story_before_an_edit_stays_to_be_read(case, world):
    editing.edit(
        case=case, changes={"story": "Ternyata kartunya aktif."}, version=case.version, by=world.koordinator, now=NOW
    )
    line = chronicle.of_case(case).lines[0]
    assert line.shown.type.code == EventCode.EDITED
    assert line.before == "IGD meminta uang muka"


def test_days_are_those_of_the_place(tell, case):
    case.zone = "Asia/Jayapura"
    case.save()
    at = NOW.replace(hour=15, minute=30) - timedelta(days=2)  # 22.30 WIB, half past midnight in Jayapura
    tell("refused", hours_ago=(NOW - at).total_seconds() / 3600)
    assert (at + timedelta(days=1)).date() in [day.on for day in chronicle.of_case(case).days]


def test_pages_meet_without_a_gap_or_a_repeat(tell, case):
    for hours in range(1, 25):
        event = tell("called", str(hours), hours_ago=hours)
        if hours % 5 == 0:
            tell("called", f"{hours} betul", hours_ago=hours, corrects=event)
    seen, before = [], None
    for _page in range(20):
        page = chronicle.of_case(case, before=before, most=7)
        seen += [line.first.pk for line in page.lines]
        before = page.older
        if before is None:
            break
    assert len(seen) == len(set(seen)) == 25
    assert [line.shown.text for line in chronicle.of_case(case).lines][4] == "5 betul"


def test_whose_turn_since_when(tell, case):
    marked = Case.objects.annotate(since=timeline.turn_since())
    assert marked.get(pk=case.pk).since is None
    tell("promised", hours_ago=3)
    tell("called", hours_ago=1)
    assert marked.get(pk=case.pk).since == NOW - timedelta(hours=3)


def test_the_next_due_follows_the_earliest_plan(case, world):
    late = plan_for_the_living(case, world)
    early = FollowUp.objects.create(
        case=case, title="Telepon", due_at=NOW + timedelta(hours=1), zone=case.zone, created_at=NOW
    )
    timeline.refresh_due(case)
    assert now_of(case).next_due_at == early.due_at
    follow_ups.finish(follow_up=early, by=world.relawan, now=NOW)
    assert now_of(case).next_due_at == late.due_at
    follow_ups.finish(follow_up=late, by=world.relawan, now=NOW)
    assert now_of(case).next_due_at is None
