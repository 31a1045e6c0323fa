"""Moments written so that the demo looks alive whenever it is made.

``-2d4h``       two days and four hours before now
``now+3h``      three hours ahead
``then+15m``    fifteen minutes after the step before
``-1d@23:45``   yesterday at 23.45 on the clock of the place (``+1d@08:30``: tomorrow)
"""

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

SPAN = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?$")
CLOCK = re.compile(r"([+-])(\d+)d@(\d\d):(\d\d)$")


def span(text: str) -> timedelta:
    """ "2d4h30m" as a length of time. Raises ValueError."""
    found = SPAN.fullmatch(text)
    if not text or not found:
        raise ValueError(f"Not a span: {text!r}")
    days, hours, minutes = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes)


def moment(text: str, *, now: datetime, zone: str, then: datetime | None = None) -> datetime:
    """The moment a text of the story means; a step after another never lies ahead of now. Raises ValueError."""
    if clock := CLOCK.fullmatch(text):
        sign, days, hour, minute = clock.groups()
        day = now.astimezone(ZoneInfo(zone)).date() + timedelta(days=int(f"{sign}{days}"))
        return datetime.combine(day, time(int(hour), int(minute)), tzinfo=ZoneInfo(zone))
    if text.startswith("then+"):
        if then is None:
            raise ValueError("The first step of a story has nothing before it.")
        return min(then + span(text.removeprefix("then+")), now)
    if text.startswith("now+"):
        return now + span(text.removeprefix("now+"))
    if text.startswith("-"):
        return now - span(text.removeprefix("-"))
    raise ValueError(f"Not a moment: {text!r}")
