"""Beat on the monotonic clock.

Celery's own scheduler compares wall-clock moments: set the clock back two hours and it ticks again two hours later.
This one counts seconds that have really passed, so a clock set back (or forward) stops nothing.
"""

import time

from celery.beat import Scheduler


class MonotonicScheduler(Scheduler):
    """Runs every interval of the schedule in memory; the first run of each is at once.

    A missed interval is made up once, not once for every time it was missed. Only plain intervals are understood:
    what is due on a date lives in rows, never in the schedule.
    """

    max_interval = 5.0

    def __init__(self, *args, **kwargs):
        self.due_at: dict[str, float] = {}
        super().__init__(*args, **kwargs)

    def setup_schedule(self):
        super().setup_schedule()
        for entry in self.schedule.values():
            if not hasattr(entry.schedule, "seconds"):
                raise ValueError(f"Beat entry {entry.name!r} must be a number of seconds.")

    def install_default_entries(self, data):
        """No results are kept, so there is nothing to clean up."""

    def tick(self, **kwargs):
        """Send what is due; return the seconds until the next look."""
        for entry in list(self.schedule.values()):
            now = time.monotonic()
            if self.due_at.get(entry.name, now) > now:
                continue
            self.due_at[entry.name] = now + entry.schedule.seconds
            self.apply_entry(self.reserve(entry), producer=self.producer)
        wait = min(self.due_at.values(), default=float("inf")) - time.monotonic()
        return min(max(wait, 0.01), self.max_interval)
