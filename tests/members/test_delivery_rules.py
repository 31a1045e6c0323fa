"""Quiet hours, the summary at seven and the wait after a refusal."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members.rules.delivery import (
    LONGEST_WAIT,
    after_quiet,
    digest_at,
    in_quiet_hours,
    message_id,
    one_line,
    wait_after,
)

WIB, WITA, WIT = "Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"


def at(words, zone=WIB):
    return datetime.fromisoformat(words).replace(tzinfo=ZoneInfo(zone))


NIGHT = {"quiet_from": time(21), "quiet_until": time(6)}
NOON = {"quiet_from": time(12), "quiet_until": time(13)}


@pytest.mark.parametrize(
    ("moment", "zone", "quiet", "expected"),
    [
        ("2026-11-21 20:59", WIB, NIGHT, "2026-11-21 20:59"),
        ("2026-11-21 21:00", WIB, NIGHT, "2026-11-22 06:00"),
        ("2026-11-22 00:00", WIB, NIGHT, "2026-11-22 06:00"),
        ("2026-11-22 05:59", WIT, NIGHT, "2026-11-22 06:00"),
        ("2026-11-22 06:00", WITA, NIGHT, "2026-11-22 06:00"),
        ("2028-02-28 23:30", WIB, NIGHT, "2028-02-29 06:00"),
        ("2026-11-21 12:30", WIB, NOON, "2026-11-21 13:00"),
        ("2026-11-21 13:00", WIB, NOON, "2026-11-21 13:00"),
        ("2026-11-21 12:30", WIB, {"quiet_from": time(12), "quiet_until": time(12)}, "2026-11-21 12:30"),
        ("2026-11-21 12:30", WIB, {"quiet_from": None, "quiet_until": time(6)}, "2026-11-21 12:30"),
    ],
)
def test_quiet_hours_are_those_of_the_reader(moment, zone, quiet, expected):
    assert after_quiet(at(moment, zone), urgency="urgent", zone=zone, **quiet) == at(expected, zone)


def test_the_zone_decides_whether_it_is_quiet():
    moment = at("2026-11-21 20:30", WIB)  # 22.30 in Jayapura
    assert after_quiet(moment, urgency="ordinary", zone=WIB, **NIGHT) == moment
    assert after_quiet(moment, urgency="ordinary", zone=WIT, **NIGHT) == at("2026-11-22 06:00", WIT)


def test_an_emergency_knows_no_quiet_hours():
    moment = at("2026-11-22 02:00")
    assert after_quiet(moment, urgency="emergency", zone=WIB, **NIGHT) == moment


@pytest.mark.parametrize(
    ("moment", "quiet", "expected"),
    [
        ("2026-11-21 06:59", NIGHT, "2026-11-21 07:00"),
        ("2026-11-21 07:00", NIGHT, "2026-11-21 07:00"),
        ("2026-11-21 07:01", NIGHT, "2026-11-22 07:00"),
        ("2026-11-21 23:59", {"quiet_from": time(22), "quiet_until": time(8)}, "2026-11-22 08:00"),
        ("2026-12-31 12:00", {"quiet_from": None, "quiet_until": None}, "2027-01-01 07:00"),
    ],
)
def test_the_summary_goes_out_at_seven_or_after_a_longer_night(moment, quiet, expected):
    assert digest_at(at(moment), zone=WIB, **quiet) == at(expected)


def test_the_wait_doubles_and_never_passes_five_minutes():
    assert [wait_after(tries).total_seconds() for tries in range(8)] == [30, 30, 60, 120, 240, 300, 300, 300]
    assert wait_after(100_000) == LONGEST_WAIT


def test_a_message_id_is_the_same_on_every_try_and_differs_between_readers():
    first = message_id("user-1", "follow_up:1", host="kawal.example.org")
    assert first == message_id("user-1", "follow_up:1", host="kawal.example.org")
    assert first != message_id("user-2", "follow_up:1", host="kawal.example.org")
    assert first.startswith("<") and first.endswith("@kawal.example.org>")


@given(st.text())
def test_nothing_breaks_out_of_a_header(words):
    line = one_line(words)
    assert len(line.splitlines()) <= 1
    assert line.isprintable()


moments = st.datetimes(min_value=datetime(2025, 1, 1), max_value=datetime(2030, 1, 1), timezones=st.just(ZoneInfo(WIB)))


@given(moments, st.times(), st.times(), st.sampled_from([WIB, WITA, WIT]))
def test_after_quiet_is_never_quiet_never_earlier_and_at_most_a_day_later(moment, quiet_from, quiet_until, zone):
    found = after_quiet(moment, urgency="", zone=zone, quiet_from=quiet_from, quiet_until=quiet_until)
    assert moment <= found <= moment + timedelta(days=1)
    assert not in_quiet_hours(found, zone=zone, quiet_from=quiet_from, quiet_until=quiet_until)
