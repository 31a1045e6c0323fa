"""Log lines hold no numbers of people, and one record is one line (TRUST R45)."""

import logging
import sys

import pytest

from advocacy.logs import LineFormatter, masked


@pytest.mark.parametrize(
    "number",
    [
        "3515081203870001",
        "3515 0812 0387 0001",
        "3515.0812.0387.0001",
        "0001234567890",
        "081234567890",
        "0812-3456-7890",
        "0812 3456 7890",
        "+62 812-3456-7890",
        "+6281234567890",
        "6281234567890",
        "(0812) 3456 7890",
    ],
)
def test_numbers_of_people_are_masked(number):
    line = masked(f"cannot save {number}, sorry")
    assert not any(part in line for part in ("0001", "3456", "7890", "0387"))
    assert line.startswith("cannot save") or "(" in number
    assert line.endswith("sorry")


@pytest.mark.parametrize(
    "text",
    [
        "KWL-26-00417",
        "/kasus/5f0c7f0a-6f0e-4a3e-9b1f-0b1c2d3e4f5a/",
        "took 0.123456 s",
        "2026-11-21T23:45:00",
        "Message 12345 failed after 3 tries",
        "port 8000",
    ],
)
def test_what_belongs_to_nobody_stays(text):
    assert masked(text) == text


def test_a_traceback_is_one_masked_line(settings):
    try:
        raise ValueError("no such card 0001234567890\nsecond line")
    except ValueError:
        wrong = sys.exc_info()
    record = logging.LogRecord("cases", logging.ERROR, __file__, 1, "failed for %s", ("0812 3456 7890",), wrong)
    line = LineFormatter().format(record)
    assert "\n" not in line
    assert "0812" not in line
    assert "0001234567890" not in line
    assert "ERROR cases: failed for [masked]" in line
    assert "ValueError" in line


def test_no_mail_carries_an_error_report(settings):
    assert settings.ADMINS == []
    assert not any("AdminEmailHandler" in str(handler) for handler in settings.LOGGING["handlers"].values())
