"""What has a moment, as a calendar (RFC 5545)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from icalendar import Calendar, Event

from members.models import Gathering

#: How long something lasts of which only the beginning is known.
AN_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Entry:
    """One entry: days (the last one included), or moments with their zone; ``uid`` stays the same for ever."""

    uid: str
    summary: str
    starts: date | datetime
    ends: date | datetime
    url: str = ""
    place: str = ""
    is_cancelled: bool = False


def ics(entries: Iterable[Entry], *, now: datetime, name: str = "") -> str:
    """The entries as one calendar: whole days as days, moments in UTC."""
    book = Calendar()
    book.add("version", "2.0")
    book.add("prodid", "-//Kawal//ID")
    if name:
        book.add("x-wr-calname", name)
    for entry in entries:
        event = Event()
        event.add("uid", f"{entry.uid}@kawal")
        event.add("dtstamp", now.astimezone(UTC))
        event.add("dtstart", _in_utc(entry.starts))
        event.add("dtend", _in_utc(entry.ends) if isinstance(entry.ends, datetime) else entry.ends + timedelta(days=1))
        event.add("summary", " ".join(entry.summary.split()))
        if entry.url:
            event.add("url", entry.url)
        if entry.place:
            event.add("location", entry.place)
        if entry.is_cancelled:
            event.add("status", "CANCELLED")
        book.add_component(event)
    return book.to_ical().decode()


def _in_utc(value: date | datetime) -> date | datetime:
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def of_gathering(gathering: Gathering, *, summary: str = "", url: str = "") -> Entry:
    """The event; a whole day where no hour is known. Raises ValueError where the day is not known."""
    if gathering.held_on is None:
        raise ValueError("a gathering without a day is in no calendar")
    last: date = gathering.until_on or gathering.held_on
    starts: date | datetime = gathering.held_on
    ends: date | datetime = last
    if begins := gathering.moment(gathering.from_hour):
        last_hour = gathering.until_hour or (begins + AN_HOUR).time()
        starts = begins
        ends = max(begins.replace(hour=last_hour.hour, minute=last_hour.minute) + (last - gathering.held_on), begins)
    place = ", ".join(filter(None, [gathering.venue, gathering.region.name if gathering.region else ""]))
    return Entry(
        str(gathering.uuid), summary or gathering.title, starts, ends, url, place, is_cancelled=gathering.is_cancelled
    )
