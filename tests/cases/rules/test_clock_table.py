"""Every clock rule of RULES 2.3, counted by hand. Written before the calculator; the working stands beside each row.

Calendar of the rows (joint decrees, RULES 6.1): Thu 24 Dec 2026 joint leave, Fri 25 Dec 2026 Christmas, Fri 1 Jan 2027 New
Year. "office" is a five-day week that also rests on joint leave; "six" works on Saturdays; "private" works on joint leave.
A day that is due means its last minute, 23.59 at the place.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from cases.rules.clocks import Rule, RuleKind, Span, Unit, count
from cases.rules.workdays import DayOff, WorkCalendar

WIB, WITA, WIT = "Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"
DAYS_OFF = [
    DayOff(date(2026, 12, 24), "Cuti bersama Natal", is_joint_leave=True),
    DayOff(date(2026, 12, 25), "Natal"),
    DayOff(date(2027, 1, 1), "Tahun Baru"),
]
OFFICE = WorkCalendar.of(DAYS_OFF)
SIX = WorkCalendar.of(DAYS_OFF, week=6)
PRIVATE = WorkCalendar.of(DAYS_OFF, joint_leave_works=True)


def at(text: str, zone: str = WIB) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def span(amount: int, unit: Unit, **more) -> Rule:
    return Rule(kind=RuleKind.SPAN, spans=(Span(amount, unit),), **more)


HOURS, DAYS, WORKDAYS, DAYS24, MONTHS, YEARS = (
    Unit.HOURS,
    Unit.CALENDAR_DAYS,
    Unit.WORKING_DAYS,
    Unit.WORKING_24H,
    Unit.MONTHS,
    Unit.YEARS,
)

#: code, rule, start, calendar, zone, expected due; the comment is the count.
TABLE = [
    # K01 at once: due when it starts, whatever the hour.
    ("K01 night", Rule(kind=RuleKind.AT_ONCE), "2026-11-21 23:45", OFFICE, WIB, "2026-11-21 23:45"),
    # K02 3×24 h of working days. Mon 21.26: Tue 21.26 is 24, Wed 48, Thu 72.
    ("K02 monday night", span(3, DAYS24), "2026-11-23 21:26", OFFICE, WIB, "2026-11-26 21:26"),
    # Sat 21.26 does not run; Mon, Tue, Wed whole; 72 h are full at the end of Wed.
    ("K02 saturday night", span(3, DAYS24), "2026-11-21 21:26", OFFICE, WIB, "2026-11-25 23:59"),
    # Fri 20.00: 4 h on Fri, 24 Mon, 24 Tue = 52; 20 h remain: Wed 20.00.
    ("K02 friday night", span(3, DAYS24), "2026-11-20 20:00", OFFICE, WIB, "2026-11-25 20:00"),
    # Wed 23 Dec 20.00: 4 h; Thu joint leave, Fri Christmas, Sat, Sun rest; Mon 24, Tue 24 = 52; Wed 30 Dec 20.00.
    ("K02 before christmas", span(3, DAYS24), "2026-12-23 20:00", OFFICE, WIB, "2026-12-30 20:00"),
    # The same where joint leave is worked: 4 h Wed, 24 h Thu = 28; Fri, Sat, Sun rest; Mon 24 = 52; Tue 29 Dec 20.00.
    ("K02 joint leave worked", span(3, DAYS24), "2026-12-23 20:00", PRIVATE, WIB, "2026-12-29 20:00"),
    # Six-day week, Sat 10.00: 14 h Sat; Mon 24, Tue 24 = 62; 10 h remain: Wed 10.00.
    ("K02 six days", span(3, DAYS24), "2026-11-21 10:00", SIX, WIB, "2026-11-25 10:00"),
    # K03 3×24 h in calendar time: 72 hours, Saturday or not.
    ("K03 saturday", span(72, HOURS), "2026-11-21 21:26", OFFICE, WIB, "2026-11-24 21:26"),
    # K04 3 days: placed Fri 27 Nov; Sat 1, Sun 2, Mon 3.
    ("K04", span(3, DAYS), "2026-11-27 14:00", OFFICE, WIB, "2026-11-30 23:59"),
    # K05 45 days: 21 Nov has 9 left to 30 Nov; 31 in Dec = 40; 5 more: 5 Jan.
    ("K05", Rule(kind=RuleKind.WINDOW, spans=(Span(45, DAYS),)), "2026-11-21 09:00", OFFICE, WIB, "2027-01-05 23:59"),
    # K06 the 10th: from 21 Nov the next one is 10 Dec (a Thursday).
    ("K06", Rule(kind=RuleKind.DAY_OF_MONTH, day=10), "2026-11-21 09:00", OFFICE, WIB, "2026-12-10 23:59"),
    # On the 10th itself it is due that day.
    ("K06 on the day", Rule(kind=RuleKind.DAY_OF_MONTH, day=10), "2026-12-10 09:00", OFFICE, WIB, "2026-12-10 23:59"),
    # K07 the 28th, in February the 27th.
    ("K07", Rule(kind=RuleKind.DAY_OF_MONTH, day=28, february=27), "2026-11-21 09:00", OFFICE, WIB, "2026-11-28 23:59"),
    ("K07 february", Rule(kind=RuleKind.DAY_OF_MONTH, day=28, february=27), "2027-02-01 09:00", OFFICE, WIB, "2027-02-27 23:59"),
    ("K07 after it", Rule(kind=RuleKind.DAY_OF_MONTH, day=28, february=27), "2027-02-28 09:00", OFFICE, WIB, "2027-03-28 23:59"),
    # K08 28 days after birth: born 30 Nov: 28 Dec.
    ("K08", span(28, DAYS), "2026-11-30 03:10", OFFICE, WIB, "2026-12-28 23:59"),
    # K09 3 months: born 30 Nov: 30 Feb does not exist, so the last of February.
    ("K09 clamps", span(3, MONTHS), "2026-11-30 03:10", OFFICE, WIB, "2027-02-28 23:59"),
    # K10 6 months after PHK on 31 Aug: end of February.
    ("K10", span(6, MONTHS), "2026-08-31 09:00", OFFICE, WIB, "2027-02-28 23:59"),
    # K11 14 days: 21 Nov + 14 = 5 Dec, a Saturday: calendar days do not move.
    ("K11", span(14, DAYS), "2026-11-21 09:00", OFFICE, WIB, "2026-12-05 23:59"),
    # K12 90 days: 9 to 30 Nov, 31 Dec = 40, 31 Jan = 71, 19 more: 19 Feb.
    ("K12", span(90, DAYS), "2026-11-21 09:00", OFFICE, WIB, "2027-02-19 23:59"),
    # K13 2×24 h: 48 hours through a weekend and Christmas alike.
    ("K13 friday", span(48, HOURS), "2026-11-20 17:30", OFFICE, WIB, "2026-11-22 17:30"),
    ("K13 christmas", span(48, HOURS), "2026-12-24 06:00", OFFICE, WIB, "2026-12-26 06:00"),
    # In Papua the same hours, said in its own zone.
    ("K13 papua", span(48, HOURS), "2026-11-20 17:30", OFFICE, WIT, "2026-11-22 17:30"),
    # K14 2×24 h.
    ("K14", span(48, HOURS), "2026-11-23 08:00", OFFICE, WIB, "2026-11-25 08:00"),
    # K15 7 working days from Mon 21 Dec: Tue 1, Wed 2, (Thu, Fri, Sat, Sun rest) Mon 3, Tue 4, Wed 5, Thu 31 Dec 6,
    # (Fri 1 Jan, Sat, Sun rest) Mon 4 Jan 7.
    ("K15", span(7, WORKDAYS), "2026-12-21 10:00", OFFICE, WIB, "2027-01-04 23:59"),
    # Where joint leave is worked: Tue 1, Wed 2, Thu 24 Dec 3, Mon 4, Tue 5, Wed 6, Thu 31 Dec 7.
    ("K15 private", span(7, WORKDAYS), "2026-12-21 10:00", PRIVATE, WIB, "2026-12-31 23:59"),
    # K16 3 working days from Fri 20 Nov: Mon 1, Tue 2, Wed 3.
    ("K16", span(3, WORKDAYS), "2026-11-20 16:00", OFFICE, WIB, "2026-11-25 23:59"),
    # A start on Saturday counts like one on Friday: Mon 1, Tue 2, Wed 3.
    ("K16 saturday", span(3, WORKDAYS), "2026-11-21 16:00", OFFICE, WIB, "2026-11-25 23:59"),
    # Six-day week from Fri: Sat 1, Mon 2, Tue 3.
    ("K16 six days", span(3, WORKDAYS), "2026-11-20 16:00", SIX, WIB, "2026-11-24 23:59"),
    # K17 5 years; from 29 February the last of February.
    ("K17", span(5, YEARS), "2026-11-21 09:00", OFFICE, WIB, "2031-11-21 23:59"),
    ("K17 leap day", span(5, YEARS), "2024-02-29 09:00", OFFICE, WIB, "2029-02-28 23:59"),
    # K18 1 month after 31 January.
    ("K18 clamps", span(1, MONTHS), "2027-01-31 09:00", OFFICE, WIB, "2027-02-28 23:59"),
    ("K18 leap year", span(1, MONTHS), "2028-01-31 09:00", OFFICE, WIB, "2028-02-29 23:59"),
    # K19 5 working days from Mon 23 Nov: Tue, Wed, Thu, Fri, Mon 30.
    ("K19", span(5, WORKDAYS), "2026-11-23 09:00", OFFICE, WIB, "2026-11-30 23:59"),
    # K20 15 working days from Mon 23 Nov: 4 in that week, 5 to 4 Dec, 5 to 11 Dec, Mon 14 Dec is the 15th.
    ("K20", span(15, WORKDAYS), "2026-11-23 09:00", OFFICE, WIB, "2026-12-14 23:59"),
    # K21 6 months after 30 Nov: 30 May.
    ("K21", span(6, MONTHS), "2026-11-30 09:00", OFFICE, WIB, "2027-05-30 23:59"),
    # K22 7 days, nobody says which: calendar days end first (27 Nov), working days end 1 Dec; the safe one is the earlier.
    ("K22 safe", Rule(kind=RuleKind.SPAN, spans=(Span(7, DAYS), Span(7, WORKDAYS)), is_unclear=True), "2026-11-20 09:00", OFFICE, WIB, "2026-11-27 23:59"),
    # K23 monthly after a payment on 31 March: 30 April.
    ("K23", span(1, MONTHS), "2026-03-31 09:00", OFFICE, WIB, "2026-04-30 23:59"),
    # K24 the 15th of the next month: for November 15 Dec (Tue); for July 15 Aug 2026 is a Saturday: Mon 17 Aug is one
    # too (Independence Day is not in these rows), so it moves to Mon 17.
    ("K24", Rule(kind=RuleKind.DAY_OF_MONTH, day=15, months_later=1, moves=True), "2026-11-21 09:00", OFFICE, WIB, "2026-12-15 23:59"),
    ("K24 moves", Rule(kind=RuleKind.DAY_OF_MONTH, day=15, months_later=1, moves=True), "2026-07-03 09:00", OFFICE, WIB, "2026-08-17 23:59"),
    # K25 two warnings of 10 working days, then 30 days. Mon 2 Nov: first ends Mon 16, second Mon 30 Nov, fine 30 Dec.
    ("K25 chain", Rule(kind=RuleKind.CHAIN, spans=(Span(10, WORKDAYS), Span(10, WORKDAYS), Span(30, DAYS))), "2026-11-02 09:00", OFFICE, WIB, "2026-12-30 23:59"),
    # K27 5, 14 or 60 working days by the kind of complaint; 14 from Mon 23 Nov: 4 + 5 + 5 to Fri 11 Dec.
    ("K27 14", span(14, WORKDAYS), "2026-11-23 09:00", OFFICE, WIB, "2026-12-11 23:59"),
    # K28 14 days, unit unclear; calendar 7 Dec is before working 11 Dec.
    ("K28 safe", Rule(kind=RuleKind.SPAN, spans=(Span(14, DAYS), Span(14, WORKDAYS)), is_unclear=True), "2026-11-23 09:00", OFFICE, WIB, "2026-12-07 23:59"),
    # K29 two years.
    ("K29", span(2, YEARS), "2025-03-10 09:00", OFFICE, WIB, "2027-03-10 23:59"),
    # K30 30 then 14 days: 2 Nov, 2 Dec, 16 Dec.
    ("K30", Rule(kind=RuleKind.CHAIN, spans=(Span(30, DAYS), Span(14, DAYS))), "2026-11-02 09:00", OFFICE, WIB, "2026-12-16 23:59"),
    # K31 30 working days from Mon 2 Nov: four in the first week, then five a week: 9–13 is 9, 16–20 14, 23–27 19,
    # 30 Nov–4 Dec 24, 7–11 Dec 29, Mon 14 Dec 30.
    ("K31 first", span(30, WORKDAYS), "2026-11-02 09:00", OFFICE, WIB, "2026-12-14 23:59"),
    # K32, K33 72 hours, at night and over Christmas.
    ("K32", span(72, HOURS), "2026-12-24 23:30", OFFICE, WIB, "2026-12-27 23:30"),
    ("K33 sulawesi", span(72, HOURS), "2026-11-20 00:00", OFFICE, WITA, "2026-11-23 00:00"),
    # K34 6 months after 31 August.
    ("K34", span(6, MONTHS), "2026-08-31 22:00", OFFICE, WIB, "2027-02-28 23:59"),
    # K35 3 months from 9 February.
    ("K35", span(3, MONTHS), "2026-02-09 00:00", OFFICE, WIB, "2026-05-09 23:59"),
    # Midnight belongs to the day that begins: at 00.00 on Mon the day 0 is Mon, so one working day is Tue.
    ("midnight", span(1, WORKDAYS), "2026-11-23 00:00", OFFICE, WIB, "2026-11-24 23:59"),
    # 23.30 UTC+7 on Fri is already Sat in Papua: there the first working day after it is Mon, and the second Tue.
    ("zone of the place", span(2, WORKDAYS), "2026-11-21 01:30", OFFICE, WIT, "2026-11-24 23:59"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "start", "calendar", "zone", "due"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_counted_by_hand(rule, start, calendar, zone, due):
    assert count(rule, start=at(start, zone), calendar=calendar, zone=zone).due_at == at(due, zone)


def test_no_moment_says_why():
    """K26: withholding premiums is a crime with a penalty, not a deadline."""
    found = count(
        Rule(kind=RuleKind.NONE, reason="Ancaman pidana, bukan tenggat."),
        start=at("2026-11-21 09:00"),
        calendar=OFFICE,
        zone=WIB,
    )
    assert found.due_at is None
    assert found.reason == "Ancaman pidana, bukan tenggat."


def test_an_unclear_unit_shows_both_counts_and_holds_to_the_earlier():
    rule = Rule(kind=RuleKind.SPAN, spans=(Span(7, DAYS), Span(7, WORKDAYS)), is_unclear=True)
    found = count(rule, start=at("2026-11-20 09:00"), calendar=OFFICE, zone=WIB)
    assert [each.due_at for each in found.counts] == [at("2026-11-27 23:59"), at("2026-12-01 23:59")]


def test_a_chain_shows_each_stage():
    rule = Rule(kind=RuleKind.CHAIN, spans=(Span(10, WORKDAYS), Span(10, WORKDAYS), Span(30, DAYS)))
    found = count(rule, start=at("2026-11-02 09:00"), calendar=OFFICE, zone=WIB)
    assert [each.due_at for each in found.counts] == [
        at("2026-11-16 23:59"),
        at("2026-11-30 23:59"),
        at("2026-12-30 23:59"),
    ]


def test_what_was_skipped_is_named():
    found = count(span(1, WORKDAYS), start=at("2026-12-23 10:00"), calendar=OFFICE, zone=WIB)
    assert [(day.day.isoformat(), day.why) for day in found.counts[0].skipped] == [
        ("2026-12-24", "Cuti bersama Natal"),
        ("2026-12-25", "Natal"),
        ("2026-12-26", "weekend"),
        ("2026-12-27", "weekend"),
    ]
