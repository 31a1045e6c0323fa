"""The deadlines on the page of a case: started, paused and ended by hand, and each says why this date."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from cases.models import Clock, EventType, ProblemType, Rule
from cases.reports import clocks as report
from cases.services import clocks, facts
from tests.factories import make_case

pytestmark = pytest.mark.django_db
WIB = ZoneInfo("Asia/Jakarta")
CHRISTMAS_EVE = datetime(2026, 12, 23, 20, 0, tzinfo=WIB)


def url(thing, name="case-detail", *args):
    return reverse(f"cases:{name}", args=[thing.uuid, *args])


def text_of(response):
    page = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(page.replace("&#x27;", "'").split())


@pytest.fixture
def start(world, case):
    def start(code, *, at=None, on=case, **given):
        rule = Rule.objects.get(code=code)
        at = at or timezone.now() - timedelta(hours=1)
        return clocks.start_by_hand(case=on, rule=rule, by=world.relawan, started_at=at, **given)

    return start


def lines(clock, now):
    return {line.label: line for line in report.explain(clock, now=now).lines}


# Why this date


def test_the_papers_over_christmas_name_what_was_skipped(start):
    """Wednesday 23 December 20.00 + 3 working days: 24 (joint leave), 25 (Christmas) and the weekend do not count."""
    clock = start("K02", at=CHRISTMAS_EVE, now=CHRISTMAS_EVE)
    assert clock.due_at == datetime(2026, 12, 30, 20, 0, tzinfo=WIB)
    with translation.override("id"):
        told = lines(clock, CHRISTMAS_EVE)
    skipped = told["Dilewati"].text
    assert "Kam, 24 Des 2026: Cuti bersama Kelahiran Yesus Kristus" in skipped
    assert "Jum, 25 Des 2026: Kelahiran Yesus Kristus" in skipped
    assert "Sab, 26 Des 2026 – Min, 27 Des 2026: akhir pekan" in skipped
    assert told["Dihitung"].text == "3×24 jam, hanya hari kerja"
    assert told["Mulai"].text == "Rab, 23 Des 2026 20.00 WIB"
    assert told["Jatuh tempo"].text == "Rab, 30 Des 2026 20.00 WIB"
    assert told["Dasar"].text.startswith("Permenkes 28/2014, dicek")
    assert not told["Yakin?"].is_unsure


def test_the_rule_and_the_hospitals_paper_stand_together_and_the_earlier_one_is_held_to(world, case, start, as_user):
    start("K02", at=CHRISTMAS_EVE, now=CHRISTMAS_EVE)
    with translation.override("id"):
        shown = {each.clock.rule.code: each for each in report.of_case(case, now=CHRISTMAS_EVE)}
    ways = shown["K02"].reckonings
    assert [(way.due, way.is_safe) for way in ways] == [
        ("Rab, 30 Des 2026 20.00 WIB", False),
        ("Sab, 26 Des 2026 20.00 WIB", True),
    ]
    assert shown["K02H"].reckonings == ways
    assert "Permenkes 28/2014" in ways[0].label
    assert "tanpa dasar tertulis" in ways[1].label
    page = text_of(as_user(world.relawan).get(url(case)))
    assert "Pegang yang lebih awal." in page
    assert "Sab, 26 Des 2026 20.00 WIB" in page


def test_an_unclear_rule_is_counted_both_ways(start):
    clock = start("K22", at=datetime(2026, 12, 21, 9, 0, tzinfo=WIB), now=CHRISTMAS_EVE)
    with translation.override("id"):
        ways = report.explain(clock, now=CHRISTMAS_EVE).reckonings
    assert [(way.label, way.due, way.is_safe) for way in ways] == [
        ("7 hari kalender", "Sen, 28 Des 2026", True),
        ("7 hari kerja", "Sen, 4 Jan 2027", False),
    ]


def test_a_rule_without_a_moment_says_why(world, case, start, as_user):
    start("K26")
    page = text_of(as_user(world.relawan).get(url(case)))
    assert "Tidak ada saat jatuh tempo, karena: Ini ancaman pidana, bukan tenggat" in page
    assert "Belum diverifikasi" in page


def test_many_weekends_are_folded_to_a_number():
    days = [datetime(2026, 11, 7).date() + timedelta(days=7 * week + extra) for week in range(6) for extra in (0, 1)]
    with translation.override("id"):
        assert report.skipped_words((day, "weekend") for day in days) == [
            "6 akhir pekan (Sab, 7 Nov 2026 – Min, 13 Des 2026)"
        ]


def test_who_owes_is_said_for_both_sides(world, case, start, as_user):
    start("K02")
    start("K13")
    page = text_of(as_user(world.relawan).get(url(case)))
    assert "Di pihak kita: Keluarga atau pasien yang harus mengurus." in page
    assert "Kewajiban mereka: Pemberi kerja" in page


# By hand


def test_the_rules_of_the_problem_come_first(world, case, as_user):
    case.problem_types.add(ProblemType.objects.get(code="B06"))
    page = as_user(world.relawan).get(url(case, "clock-add")).content.decode()
    own, others = page.index("Untuk masalah kasus ini"), page.index("Tenggat lain")
    assert own < page.index('value="K02"') < others < page.index('value="K13"')


def test_starting_by_hand(world, case, as_user):
    there = (timezone.now() - timedelta(days=1)).astimezone(WIB).replace(hour=21, minute=30, second=0, microsecond=0)
    given = {"rule": "K13", "on": f"{there:%d-%m-%Y}", "hour": "21.30"}
    assert as_user(world.relawan).post(url(case, "clock-add"), given).status_code == 302
    assert case.clocks.get().started_at == there


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"rule": ""}, "Pilih tenggatnya."),
        ({"rule": "K99"}, "Tenggat ini tidak ada di daftar. Pilih lagi."),
        ({"rule": "K13", "on": "31-02-2026"}, "Tanggal ini tidak ada."),
        ({"rule": "K13", "on": "2026-03-02"}, "Tenggat ini dihitung dalam jam. Isi jamnya."),
        ({"rule": "K15", "on": "2099-03-02"}, "Periksa tanggal dan jamnya."),
    ],
)
def test_bad_input_is_said_beside_the_field_and_nothing_starts(world, case, as_user, given, said):
    page = as_user(world.relawan).post(url(case, "clock-add"), given)
    assert page.status_code == 200
    assert said in text_of(page)
    assert not case.clocks.exists()


def test_pause_resume_and_met(world, case, start, as_user):
    clock, client = start("K03"), as_user(world.relawan)
    page = client.post(url(clock, "clock-pause"), {"reason": " ", "caused_by": ""})
    assert "Pilih karena siapa." in text_of(page)
    client.post(url(clock, "clock-pause"), {"reason": "RS minta waktu", "caused_by": "facility"})
    assert "RS minta waktu" in text_of(client.get(url(case)))
    client.post(url(clock, "clock-resume"))
    clock.refresh_from_db()
    assert (clock.state, bool(clock.due_at)) == (Clock.State.RUNNING, True)
    client.post(url(clock, "clock-stop"))
    client.post(url(clock, "clock-stop"))
    clock.refresh_from_db()
    assert clock.state == Clock.State.STOPPED
    assert "1 tenggat sudah selesai" in text_of(client.get(url(case)))


def test_not_needed_wants_a_reason(world, case, start, as_user):
    clock, client = start("K03"), as_user(world.relawan)
    assert client.post(url(clock, "clock-waive"), {"reason": ""}).status_code == 200
    client.post(url(clock, "clock-waive"), {"reason": "Pasien dibiayai perusahaan"})
    clock.refresh_from_db()
    assert (clock.state, clock.end_note) == (Clock.State.WAIVED, "Pasien dibiayai perusahaan")


def test_what_is_not_yours_does_not_exist(world, case, start, as_user):
    clock, client = start("K03"), as_user(world.outsider)
    for name in ("clock-pause", "clock-waive"):
        assert client.get(url(clock, name)).status_code == 404
    for name in ("clock-resume", "clock-stop"):
        assert client.post(url(clock, name)).status_code == 404
    assert client.get(url(case, "clock-add")).status_code == 404
    assert client.get(url(case, "event-others")).status_code == 404


def test_clocks_cost_the_page_one_statement_however_many(world, case, start, as_user):
    client = as_user(world.relawan)

    def statements():
        with CaptureQueriesContext(connection) as found:
            client.get(url(case))
        return len(found)

    statements()
    start("K03")
    few = statements()
    for code in ("K02", "K13", "K15", "K22", "K26"):
        start(code)
    assert statements() == few


# What else happened


def test_the_other_events_are_offered_by_theme_and_move_clocks(world, as_user):
    case = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan)
    case.problem_types.add(ProblemType.objects.get(code="B06"))
    client = as_user(world.relawan)
    page = client.get(url(case, "event-others")).content.decode()
    assert page.index("Menggerakkan tenggat kasus ini") < page.index("/kejadian/admitted/") < page.index("Klaim")
    assert "/kejadian/refused/" not in page
    assert client.get(url(case, "event-add", "admitted")).status_code == 200
    assert client.get(url(case, "event-add", "clock_started")).status_code == 404
    client.post(url(case, "event-add", "admitted"), {"text": "Masuk IGD"})
    assert set(case.clocks.values_list("rule__code", flat=True)) >= {"K02", "K02H"}


def test_such_an_event_can_be_corrected(world, case, as_user):
    event = facts.tell(case=case, type=EventType.objects.get(code="admitted"), by=world.relawan, text="Masuk")
    client = as_user(world.relawan)
    assert 'value="admitted" selected' in client.get(url(event, "event-correct")).content.decode()
