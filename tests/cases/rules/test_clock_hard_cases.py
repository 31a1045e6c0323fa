"""Hard cases of the calculator, counted by hand on the days off of the joint decrees as they stand in cases/data/.

The count stands above each row. "office" rests on joint leave, "private" works on it, "six" works on Saturdays.
"""

import json
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings

from cases.rules.clocks import Pause, Rule, RuleKind, Span, Unit, count
from cases.rules.workdays import DayOff, WorkCalendar

WIB, WITA, WIT = "Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"
DECREED = [
    DayOff(date.fromisoformat(row["day"]), row["name"], is_joint_leave=row["kind"] == "joint_leave")
    for row in json.loads(Path(settings.BASE_DIR, "cases/data/holidays.json").read_text(encoding="utf-8"))
]
OFFICE = WorkCalendar.of(DECREED)
SIX = WorkCalendar.of(DECREED, week=6)
PRIVATE = WorkCalendar.of(DECREED, joint_leave_works=True)
DAYS24, WORKDAYS, HOURS, MONTHS = Unit.WORKING_24H, Unit.WORKING_DAYS, Unit.HOURS, Unit.MONTHS


def at(text: str, zone: str = WIB) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def span(amount: int, unit: Unit) -> Rule:
    return Rule(kind=RuleKind.SPAN, spans=(Span(amount, unit),))


#: name, rule, start, calendar, zone of the place, pauses, due there
TABLE = [
    # Saturday 05.00 does not run; Mon 30 Nov, Tue, Wed whole.
    ("saturday morning", span(3, DAYS24), at("2026-11-28 05:00"), OFFICE, WIB, (), "2026-12-02 23:59"),
    # Sunday 23.59: the minute does not count either.
    ("sunday, last minute", span(3, DAYS24), at("2026-11-29 23:59"), OFFICE, WIB, (), "2026-12-02 23:59"),
    # Tue 17 Mar 22.00: 2 h. Wed 18 joint leave, Thu 19 Nyepi, Fri 20 joint leave, Sat 21 and Sun 22 Idulfitri, Mon 23 and
    # Tue 24 joint leave. Wed 25: 26 h, Thu 26: 50 h, Fri 27 at 22.00: 72 h.
    ("before idulfitri", span(3, DAYS24), at("2026-03-17 22:00"), OFFICE, WIB, (), "2026-03-27 22:00"),
    # Where joint leave is worked: 2 h, Wed 18: 26 h, Thu 19 Nyepi, Fri 20: 50 h, Sat, Sun; Mon 23 at 22.00: 72 h.
    ("before idulfitri, private", span(3, DAYS24), at("2026-03-17 22:00"), PRIVATE, WIB, (), "2026-03-23 22:00"),
    # 22.30 in Jakarta on Wed 23 Dec is 00.30 in Jayapura on Thu 24 Dec, joint leave. Mon 28, Tue 29, Wed 30 whole.
    ("papua before christmas", span(3, DAYS24), at("2026-12-23 22:30"), OFFICE, WIT, (), "2026-12-30 23:59"),
    # 48 hours over New Year.
    ("makassar over new year", span(48, HOURS), at("2026-12-31 23:30", WITA), OFFICE, WITA, (), "2027-01-02 23:30"),
    # 29 August and six months: 29 February 2027 does not exist.
    ("six months to february", span(6, MONTHS), at("2026-08-29 10:00"), OFFICE, WIB, (), "2027-02-28 23:59"),
    # A Saturday that is worked: 2 h on Sat 26 Dec, Sun rests, Mon 26, Tue 50, Wed 30 at 22.00: 72.
    ("six-day week, saturday night", span(3, DAYS24), at("2026-12-26 22:00"), SIX, WIB, (), "2026-12-30 22:00"),
    # From Wed 23 Dec; 24 to 27 rest; Mon 28 ends in a pause; Tue 29 is 1, Wed 30 is 2, Thu 31 is 3.
    (
        "working days, paused on a monday", span(3, WORKDAYS), at("2026-12-23 09:00"), OFFICE, WIB,
        (("2026-12-28 10:00", "2026-12-29 10:00"),), "2026-12-31 23:59",
    ),
    # Wed 23 Dec 12.00 to 18.00: 6 h; paused over Christmas until Mon 28 at 06.00: 18 h more is 24; Tue 48; Wed 30 72.
    (
        "24-hour working days, paused over christmas", span(3, DAYS24), at("2026-12-23 12:00"), OFFICE, WIB,
        (("2026-12-23 18:00", "2026-12-28 06:00"),), "2026-12-30 23:59",
    ),
    # 72 h from Thu 26 Feb 12.00 is Sun 1 Mar 12.00; 2 h stand still after the start, and 6 h on Friday: 20.00.
    (
        "hours, a pause from before the start", span(72, HOURS), at("2026-02-26 12:00"), OFFICE, WIB,
        (("2026-02-26 10:00", "2026-02-26 14:00"), ("2026-02-27 10:00", "2026-02-27 16:00")), "2026-03-01 20:00",
    ),
    # Two pauses that overlap: 13.00 to 15.00 stands still once, two hours: 22.00 becomes 24.00.
    (
        "hours, two pauses that overlap", span(10, HOURS), at("2026-02-26 12:00"), OFFICE, WIB,
        (("2026-02-26 13:00", "2026-02-26 15:00"), ("2026-02-26 14:00", "2026-02-26 15:00")), "2026-02-27 00:00",
    ),
    # 31 Jan and a month: 28 Feb; the ends of 10 and 11 Feb were paused: two days more, 2 Mar.
    (
        "a month, paused two days", span(1, MONTHS), at("2027-01-31 09:00"), OFFICE, WIB,
        (("2027-02-10 09:00", "2027-02-12 09:00"),), "2027-03-02 23:59",
    ),
    # The premium of July is due on 15 August 2026, a Saturday; Mon 17 is Independence Day: Tue 18.
    (
        "a premium day on a holiday", Rule(kind=RuleKind.DAY_OF_MONTH, day=15, months_later=1, moves=True),
        at("2026-07-03 09:00"), OFFICE, WIB, (), "2026-08-18 23:59",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "start", "calendar", "zone", "pauses", "due"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_counted_by_hand(rule, start, calendar, zone, pauses, due):
    stood = [Pause(at(since), at(until)) for since, until in pauses]
    assert count(rule, start=start, calendar=calendar, zone=zone, pauses=stood).due_at == at(due, zone)


def test_while_it_stands_still_there_is_no_moment():
    found = count(
        span(3, DAYS24), start=at("2026-12-23 12:00"), calendar=OFFICE, zone=WIB, pauses=[Pause(at("2026-12-23 18:00"))]
    )
    assert found.due_at is None and found.reason == "paused"
