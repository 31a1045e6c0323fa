"""The pulse of the periodic tasks: `/readyz` shows how old the last beat is."""

from datetime import datetime

from members.models import Tick


def stamp(name: str, *, now: datetime) -> None:
    """This task is running now."""
    Tick.objects.update_or_create(name=name, defaults={"ran_at": now})
