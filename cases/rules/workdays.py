"""Which days an office works: weekends, national holidays and, by calendar, joint leave (RULES 6.1)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

WEEKEND = "weekend"
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class DayOff:
    """A holiday or joint-leave day of a decree."""

    day: date
    name: str
    is_joint_leave: bool = False


@dataclass(frozen=True)
class WorkCalendar:
    """The working week of an office (5 or 6 days, from Monday) and its days off with their names."""

    days_off: dict[date, str] = field(default_factory=dict)
    week: int = 5

    @classmethod
    def of(cls, days: Iterable[DayOff], *, week: int = 5, joint_leave_works: bool = False) -> "WorkCalendar":
        """A calendar from rows; joint leave is worked only where ``joint_leave_works`` says so.

        Raises ValueError for a week of neither five nor six days.
        """
        if week not in {5, 6}:
            raise ValueError("A working week has five or six days.")
        return cls({each.day: each.name for each in days if not (joint_leave_works and each.is_joint_leave)}, week)

    def why_off(self, day: date) -> str:
        """Why nobody works on this day: the holiday's name or "weekend"; "" for a working day."""
        if day in self.days_off:
            return self.days_off[day]
        return WEEKEND if day.weekday() >= self.week else ""

    def works(self, day: date) -> bool:
        return not self.why_off(day)

    def next_workday(self, day: date) -> date:
        """The day itself when it is worked, else the next one that is."""
        while not self.works(day):
            day += ONE_DAY
        return day

    def workdays_after(self, day: date) -> Iterator[date]:
        """The working days after a day, one by one, without end."""
        while True:
            day = self.next_workday(day + ONE_DAY)
            yield day
