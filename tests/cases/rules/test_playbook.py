"""Which playbook fits, and when a step is due."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from cases.rules.playbook import AT_ONCE, best, due


@dataclass
class Book:
    code: str
    facility_level: str = ""
    payer: str = ""


PLAIN, AT_PUSKESMAS, BY_REGION = Book("D02"), Book("D02-puskesmas", "puskesmas"), Book("D02-region", payer="region")
BOTH = Book("D02-both", "puskesmas", "region")
NOW = datetime(2026, 11, 20, 16, 45, tzinfo=UTC)


@pytest.mark.parametrize(
    ("levels", "payer", "expected"),
    [
        ((), "", PLAIN),
        (("hospital",), "jkn", PLAIN),
        (("puskesmas",), "", AT_PUSKESMAS),
        (("employer", "puskesmas"), "jkn", AT_PUSKESMAS),
        (("hospital",), "region", BY_REGION),
        (("puskesmas",), "region", BOTH),
    ],
)
def test_the_most_particular_one_that_holds(levels, payer, expected):
    for order in ([PLAIN, AT_PUSKESMAS, BY_REGION, BOTH], [BOTH, BY_REGION, AT_PUSKESMAS, PLAIN]):
        assert best(order, levels=levels, payer=payer) is expected


def test_one_for_another_place_is_no_playbook():
    assert best([AT_PUSKESMAS], levels={"hospital"}) is None
    assert best([]) is None


@pytest.mark.parametrize(
    ("began", "hours", "at", "waiting", "past"),
    [
        (timedelta(hours=-1), 4, NOW + timedelta(hours=3), False, False),
        (timedelta(hours=-1), 1, NOW + timedelta(hours=1), False, True),
        (timedelta(days=-9), 24, NOW + timedelta(days=1), False, True),
        (timedelta(0), 0, NOW + AT_ONCE, False, True),
        (None, 48, NOW + timedelta(days=2), True, False),
        (None, 0, NOW + AT_ONCE, True, False),
    ],
)
def test_a_step_is_due_after_its_event_and_from_now_where_that_has_passed(began, hours, at, waiting, past):
    moments = {} if began is None else {"letter_sent": NOW + began}
    found = due(moments, after_event="letter_sent", offset_hours=hours, now=NOW)
    assert (found.at, found.is_waiting, found.is_past) == (at, waiting, past)


def test_no_event_named_counts_from_the_logging():
    assert due({"opened": NOW}, after_event="", offset_hours=2, now=NOW).at == NOW + timedelta(hours=2)
