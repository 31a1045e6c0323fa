"""The ladder by hand: every condition with its working, before the pages. Today is Sunday 22 November 2026, 10.00 WIB."""

from datetime import UTC, datetime, timedelta

import pytest

from cases.rules.ladder import Do, Stand, Step, Try, Why, look, next_rung, silent_days

WIB = "Asia/Jakarta"
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)

#: Ward, management (2 hours), branch (24 hours), Dinas (72 hours), Ombudsman, police: a short R1.
STEPS = [
    Step(1, "Ruang rawat", "", 1),
    Step(2, "Manajemen", "asked_below", 2),
    Step(4, "Kantor cabang", "", 24),
    Step(5, "Dinas", "asked_below", 72),
    Step(7, "Ombudsman", "prior_complaint", None),
    Step(9, "Polisi", "harm", None),
]


def ago(*, hours=0, days=0):
    return NOW - timedelta(hours=hours, days=days)


def wib(year, month, day, hour=10):
    return datetime(year, month, day, hour - 7, tzinfo=UTC)


def at(position, tries, **given):
    return next(each for each in look(STEPS, tries, now=NOW, zone=WIB, **given) if each.step.position == position)


@pytest.mark.parametrize(
    ("position", "tries", "is_open", "why", "opens_at"),
    [
        # "always": nothing has to have happened
        (1, [], True, Why.ALWAYS, None),
        (4, [], True, Why.ALWAYS, None),
        # "asked below": nobody was asked
        (2, [], False, Why.NOT_ASKED, None),
        # asked one hour below beside the ladder only: that is no rung
        (2, [Try(ago(hours=5))], False, Why.NOT_ASKED, None),
        # the ward was asked 30 minutes ago and waits an hour: 09.30 + 1 h = 10.30
        (2, [Try(NOW - timedelta(minutes=30), 1)], False, Why.STILL_WAITING, NOW + timedelta(minutes=30)),
        # asked 61 minutes ago: 08.59 + 1 h = 09.59, over
        (2, [Try(NOW - timedelta(minutes=61), 1)], True, Why.ASKED, None),
        # exactly one hour ago: 09.00 + 1 h = 10.00 = now, over
        (2, [Try(ago(hours=1), 1)], True, Why.ASKED, None),
        # asked 30 minutes ago and refused 20 minutes ago: answered, one need not wait
        (2, [Try(NOW - timedelta(minutes=30), 1, answered_at=NOW - timedelta(minutes=20))], True, Why.ASKED, None),
        # only a rung above was asked: does not open the one below
        (2, [Try(ago(days=30), 4)], False, Why.NOT_ASKED, None),
        # branch 3 h ago (24 h run until tomorrow 07.00), management 3 h ago (2 h, over): one silent rung is enough
        (5, [Try(ago(hours=3), 4), Try(ago(hours=3), 2)], True, Why.ASKED, None),
        # branch only: 07.00 + 24 h = tomorrow 07.00
        (5, [Try(ago(hours=3), 4)], False, Why.STILL_WAITING, NOW + timedelta(hours=21)),
        # Ombudsman: no complaint at all
        (7, [], False, Why.NO_COMPLAINT, None),
        # a request is no complaint
        (7, [Try(ago(days=20), 4, is_complaint=False, has_proof=True)], False, Why.NO_COMPLAINT, None),
        # a complaint without ticket, paper or answer
        (7, [Try(ago(days=20), 4)], False, Why.NO_PROOF, None),
        # with its ticket
        (7, [Try(ago(days=20), 4, has_proof=True)], True, Why.COMPLAINED, None),
        # beside the ladder, with proof: a complaint is a complaint
        (7, [Try(ago(days=20), has_proof=True)], True, Why.COMPLAINED, None),
        # a report to the Ombudsman itself, or above, is no *earlier* complaint
        (7, [Try(ago(days=20), 7, has_proof=True)], False, Why.NO_COMPLAINT, None),
        (7, [Try(ago(days=20), 9, has_proof=True)], False, Why.NO_COMPLAINT, None),
        # 22 November 2024 + 24 months = 22 November 2026 = today: the last day
        (7, [Try(wib(2024, 11, 22), 4, has_proof=True)], True, Why.COMPLAINED, None),
        # 21 November 2024 + 24 months = yesterday: too old
        (7, [Try(wib(2024, 11, 21), 4, has_proof=True)], False, Why.TOO_OLD, None),
        # the old one proved, a new one not: the one with proof is too old
        (7, [Try(wib(2024, 1, 5), 4, has_proof=True), Try(ago(days=3), 2)], False, Why.TOO_OLD, None),
        # an old one and a new one, both proved: the newest counts
        (7, [Try(wib(2024, 1, 5), 4, has_proof=True), Try(ago(days=3), 2, has_proof=True)], True, Why.COMPLAINED, None),
        # police: nobody harmed
        (9, [Try(ago(days=20), 4, has_proof=True)], False, Why.NO_HARM, None),
    ],
)
def test_conditions(position, tries, is_open, why, opens_at):
    found = at(position, tries)
    assert (found.is_open, found.why, found.opens_at) == (is_open, why, opens_at)


def test_harm_opens_the_last_rung():
    assert at(9, [], is_harmed=True).is_open
    assert at(9, [], is_harmed=True).why == Why.HARMED


def test_the_last_day_is_that_of_the_place():
    # 23.30 on 21 November 2024 in Jakarta is already 22 November in Jayapura.
    sent = datetime(2024, 11, 21, 16, 30, tzinfo=UTC)
    tries = [Try(sent, 4, has_proof=True)]
    there = look(STEPS, tries, now=NOW, zone="Asia/Jayapura")
    here = look(STEPS, tries, now=NOW, zone=WIB)
    assert [each.is_open for each in there if each.step.position == 7] == [True]
    assert [each.is_open for each in here if each.step.position == 7] == [False]


def test_a_complaint_of_29_february_lapses_on_the_28th():
    steps = [Step(7, "Ombudsman", "prior_complaint")]
    tries = [Try(wib(2024, 2, 29), has_proof=True)]
    assert look(steps, tries, now=wib(2026, 2, 28), zone=WIB)[0].is_open
    assert not look(steps, tries, now=wib(2026, 3, 1), zone=WIB)[0].is_open


def test_a_condition_nobody_knows_is_closed():
    assert look([Step(1, "?", "full_moon")], [], now=NOW, zone=WIB)[0].why == Why.UNKNOWN


@pytest.mark.parametrize(
    ("last", "stand"),
    [
        (None, Stand.UNTRIED),
        (Try(ago(hours=71), 5), Stand.WAITING),  # 72 hours at the Dinas
        (Try(ago(hours=72), 5), Stand.SILENT),
        (Try(ago(hours=100), 5, answered_at=ago(hours=1)), Stand.ANSWERED),
        (Try(ago(hours=100), 5, answered_at=ago(hours=1), is_solved=True), Stand.SOLVED),
    ],
)
def test_how_far_one_has_come(last, stand):
    assert at(5, [last] if last else []).stand == stand


def test_a_rung_that_names_no_hours_waits_fourteen_days():
    assert at(7, [Try(ago(days=13, hours=23), 7)]).stand == Stand.WAITING
    assert at(7, [Try(ago(days=14), 7)]).stand == Stand.SILENT
    assert at(7, [Try(ago(days=1), 7)]).wait_until == NOW + timedelta(days=13)


def test_the_newest_try_of_a_rung_counts():
    tries = [Try(ago(days=9), 5, answered_at=ago(days=8)), Try(ago(hours=1), 5)]
    assert at(5, tries).stand == Stand.WAITING


@pytest.mark.parametrize(
    ("tries", "do", "position"),
    [
        ([], Do.START, 1),
        # the ward was asked half an hour ago: wait its hour
        ([Try(NOW - timedelta(minutes=30), 1)], Do.WAIT, 1),
        # silent for two hours: management
        ([Try(ago(hours=2), 1)], Do.CLIMB, 2),
        # the ward said no at once: management
        ([Try(ago(hours=2), 1, answered_at=ago(hours=2))], Do.CLIMB, 2),
        # the branch was asked straight away and is silent for two days: the Dinas, not back to the ward
        ([Try(ago(days=2), 4)], Do.CLIMB, 5),
        # the Dinas is silent without proof of anything: the Ombudsman is closed, nobody was harmed: blocked, with why
        ([Try(ago(days=9), 5)], Do.BLOCKED, 7),
        # the Dinas is silent, its receipt is there
        ([Try(ago(days=9), 5, has_proof=True)], Do.CLIMB, 7),
        # settled
        ([Try(ago(days=9), 5, answered_at=ago(days=1), is_solved=True)], Do.DONE, 5),
        # at the very top
        ([Try(ago(days=20), 9)], Do.TOP, 9),
    ],
)
def test_next(tries, do, position):
    found = next_rung(look(STEPS, tries, now=NOW, zone=WIB))
    assert (found.do, found.rung.step.position) == (do, position)


def test_one_climbs_from_the_rung_that_is_silent():
    found = next_rung(look(STEPS, [Try(ago(days=3), 1)], now=NOW, zone=WIB))
    assert found.after.step.name == "Ruang rawat"
    assert found.after.silent_since == ago(days=3)


def test_a_ladder_without_rungs_leads_nowhere():
    assert next_rung([]) is None
    assert next_rung(look([Step(1, "Polisi", "harm")], [], now=NOW, zone=WIB)).do == Do.BLOCKED


def test_days_of_silence_are_those_of_the_calendar():
    assert silent_days(datetime(2026, 11, 21, 15, tzinfo=UTC), until=NOW, zone=WIB) == 1  # 22.00 yesterday
    assert silent_days(NOW, until=NOW, zone=WIB) == 0
    assert silent_days(NOW, until=NOW - timedelta(days=2), zone=WIB) == 0
