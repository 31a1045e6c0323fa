"""Plans that come again, when a report reached us, and the programmes of a case."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from cases.models import Outcome, ProblemType, Programme
from cases.rules.codes import FollowUpKind
from cases.services import closing, follow_ups
from tests.cases.test_case_forms import inputs, text_of, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def mine(as_user, world):
    return as_user(world.relawan)


@pytest.fixture
def dialysis(mine, case):
    mine.post(
        url("follow-up-add", case), {"title": "Cuci darah", "when": "tomorrow", "kind": "care", "repeat_days": "3"}
    )
    return case.follow_ups.get(title="Cuci darah")


def test_done_it_comes_again_once(mine, case, dialysis):
    assert dialysis.repeat_days == 3
    assert "setiap 3 hari" in text_of(mine.get(url("case-detail", case)))
    for _tap in range(2):
        mine.post(url("follow-up-finish", dialysis))
    [following] = case.follow_ups.open().filter(title="Cuci darah")
    assert following.due_at == dialysis.due_at + timedelta(days=3)
    assert (following.kind, following.owner, following.repeat_days) == (FollowUpKind.CARE, dialysis.owner, 3)
    assert following.remind_at


def test_taken_back_the_next_one_goes_with_it(mine, case, dialysis):
    mine.post(url("follow-up-finish", dialysis))
    mine.post(url("follow-up-undo", dialysis))
    assert list(case.follow_ups.open().filter(title="Cuci darah")) == [dialysis]


def test_finished_late_it_comes_on_the_first_day_that_is_to_come(world, case, dialysis):
    later = dialysis.due_at + timedelta(days=7)
    follow_ups.finish(follow_up=dialysis, by=world.relawan, now=later)
    following = case.follow_ups.open().get(title="Cuci darah")
    assert following.due_at == dialysis.due_at + timedelta(days=9)


def test_a_closed_case_and_a_cancelled_row_plan_nothing(world, case, dialysis):
    follow_ups.cancel(follow_up=dialysis, by=world.relawan, note="Pindah RS.")
    assert not case.follow_ups.open().filter(title="Cuci darah").exists()
    again = follow_ups.schedule(
        case=case,
        title="Transfusi",
        due_at=timezone.now() + timedelta(days=1),
        owner=None,
        by=world.relawan,
        repeat_days=21,
    )
    closing.close(case=case, outcome=Outcome.objects.get(code="void"), by=world.koordinator, note="x")
    again.refresh_from_db()
    follow_ups.finish(follow_up=again, by=world.relawan)
    assert not case.follow_ups.open().exists()


def test_once_again_after_all(mine, case, dialysis):
    sent = inputs(mine.get(url("follow-up-edit", dialysis)))
    mine.post(url("follow-up-edit", dialysis), {**sent, "repeat_days": ""})
    dialysis.refresh_from_db()
    assert dialysis.repeat_days is None


@pytest.mark.parametrize("typed", ["0", "-3", "tiga", "367"])
def test_steps_nobody_means(mine, case, typed):
    answer = mine.post(url("follow-up-add", case), {"title": "Cuci darah", "when": "tomorrow", "repeat_days": typed})
    assert answer.status_code == 200 and inputs(answer)["title"] == ["Cuci darah"]
    assert not case.follow_ups.filter(title="Cuci darah").exists()


# The case itself


def edit(client, case, **given):
    sent = inputs(client.get(url("case-edit", case)))
    return client.post(url("case-edit", case), {**sent, **given})


def test_when_the_report_reached_us(mine, case):
    edit(mine, case, reported_on="16-08-2025", reported_hour="23.45")
    case.refresh_from_db()
    there = case.reported_at.astimezone(ZoneInfo(case.zone))
    assert f"{there:%Y-%m-%d %H:%M}" == "2025-08-16 23:45"
    assert "Sampai ke kami" in text_of(mine.get(url("case-detail", case)))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"reported_hour": "10.00"}, "Pilih tanggalnya."),
        ({"reported_on": "31-02-2025"}, "Tanggal ini tidak ada."),
        ({"reported_on": "01-01-2150"}, "Waktu ini belum terjadi."),
        (
            {
                "occurred_on": "02-05-2026", "occurred_hour": "10.00",
                "reported_on": "01-05-2026", "reported_hour": "10.00",
            },
            "Ini sebelum kejadiannya.",
        ),
    ],
)  # fmt: skip
def test_moments_that_cannot_be(mine, case, given, words):
    answer = edit(mine, case, **given)
    assert words in text_of(answer)
    case.refresh_from_db()
    assert case.reported_at is None


def test_several_programmes_and_two_people_at_the_form(as_user, world, case):
    client = as_user(world.relawan)
    rows = {row.code: row.pk for row in Programme.objects.all()}
    first = inputs(client.get(url("case-edit", case)))
    edit(as_user(world.koordinator), case, programmes=[rows["JKN"]])
    answer = as_user(world.relawan).post(url("case-edit", case), {**first, "programmes": [rows["JKK"], rows["JKM"]]})
    assert answer.status_code == 409  # both chose: each sees the other's
    page = text_of(answer)
    assert "Jaminan Kesehatan Nasional (JKN)" in page and "Jaminan Kematian (JKM)" in page
    assert {row.code for row in case.programmes.all()} == {"JKN"}


def test_what_the_problem_is_always_about_is_chosen_already(mine, case):
    kind = next(row for row in ProblemType.objects.all() if row.programmes == ["JKP"])
    type(case).objects.filter(pk=case.pk).update(problem_type=kind)
    page = mine.get(url("case-edit", case))
    assert inputs(page)["programmes"] == [str(Programme.objects.get(code="JKP").pk)]
