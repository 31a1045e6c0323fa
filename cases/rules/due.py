"""When a thing to do is due: a moment, or the end of a day at the place."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.rules.codes import Urgency

#: How soon somebody should look again, in hours, when nothing else says so (RULES 3: product suggestion, not law).
LOOK_AGAIN_HOURS = {Urgency.EMERGENCY: 1, Urgency.URGENT: 24, Urgency.ORDINARY: 72, Urgency.UNKNOWN: 24}
#: The hours that "this afternoon" and "in the morning" mean.
AFTERNOON, MORNING = time(16), time(8)
#: What nobody means: a year typed wrong.
FURTHEST_BACK, FURTHEST_AHEAD = timedelta(days=20 * 365), timedelta(days=5 * 365)


class Quick(models.TextChoices):
    """A due moment in one tap."""

    HOUR = "1h", _("In 1 hour")
    AFTERNOON = "afternoon", _("This afternoon")
    TOMORROW = "tomorrow", _("Tomorrow morning")
    THREE_DAYS = "3d", _("In 3 days")
    MONDAY = "monday", _("Monday morning")


#: What is offered for a plan, and for keeping quiet about one.
FOR_A_PLAN = (Quick.HOUR, Quick.AFTERNOON, Quick.TOMORROW, Quick.MONDAY)
FOR_A_SNOOZE = (Quick.HOUR, Quick.TOMORROW, Quick.THREE_DAYS)


def quick_choices(now: datetime, zone: str, among: tuple[Quick, ...] = FOR_A_PLAN) -> list[Quick]:
    """The one-tap moments that make sense now at the place: no afternoon in the evening, no Monday on Sunday."""
    there = now.astimezone(ZoneInfo(zone))
    closed = set()
    if there.time() >= time(AFTERNOON.hour - 1):
        closed.add(Quick.AFTERNOON)
    if there.weekday() == 6:
        closed.add(Quick.MONDAY)
    return [choice for choice in among if choice not in closed]


def quick_moment(choice: str, now: datetime, zone: str) -> datetime:
    """The moment a one-tap choice means, in the zone of the place. Raises ValueError for no such choice."""
    there = now.astimezone(ZoneInfo(zone))
    if choice == Quick.HOUR:
        return now + timedelta(hours=1)
    if choice == Quick.AFTERNOON:
        return datetime.combine(there.date(), AFTERNOON, tzinfo=ZoneInfo(zone))
    days = {Quick.TOMORROW: 1, Quick.THREE_DAYS: 3, Quick.MONDAY: 7 - there.weekday()}[Quick(choice)]
    return datetime.combine(there.date() + timedelta(days=days), MORNING, tzinfo=ZoneInfo(zone))


def end_of_day(day: date, zone: str) -> datetime:
    """The last minute of a day at a place, as an aware moment."""
    return datetime.combine(day, time(23, 59), tzinfo=ZoneInfo(zone))


def due_moment(day: date, hour: time | None, zone: str) -> tuple[datetime, bool]:
    """What a day and perhaps an hour mean for a plan: the moment, and whether the whole day is meant."""
    if hour is None:
        return end_of_day(day, zone), True
    return datetime.combine(day, hour, tzinfo=ZoneInfo(zone)), False


def told_moment(day: date | None, hour: time | None, *, now: datetime, zone: str) -> tuple[datetime | None, bool]:
    """What a day and an hour, either of which may be missing, mean for a fact: the moment, and whether it is a mere day.

    Nothing typed means now (None). An hour without a day is the last time the clock of the place showed it: 23.47 told
    ten minutes after midnight is yesterday's. A day without an hour stands at noon, or now when noon is still to come.
    """
    there = now.astimezone(ZoneInfo(zone))
    if hour is None:
        if day is None:
            return None, False
        noon = datetime.combine(day, time(12), tzinfo=ZoneInfo(zone))
        return min(noon, there) if day <= there.date() else noon, True
    at = datetime.combine(day or there.date(), hour, tzinfo=ZoneInfo(zone))
    return (at - timedelta(days=1) if day is None and at > now else at), False


def first_look(now: datetime, urgency: str) -> datetime:
    """When the first follow-up of a new case is due."""
    return now + timedelta(hours=LOOK_AGAIN_HOURS[Urgency(urgency)])


def due_after_event(now: datetime, urgency: str, hours_by_urgency: dict) -> datetime | None:
    """When the next act is due after an event whose type says how many hours; None when it says nothing.

    Where the type does not know the urgency ("not known yet"), the case is looked at as an urgent one.
    """
    hours_by_urgency = hours_by_urgency or {}
    hours = hours_by_urgency.get(urgency, hours_by_urgency.get(Urgency.URGENT))
    if hours is None and hours_by_urgency:
        hours = max(hours_by_urgency.values())
    return now + timedelta(hours=hours) if hours else None
