"""Which playbook fits a case, and when a step of it is due: pure, over codes and moments."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

#: A step that is to be done at once, or whose moment has passed, still leaves this much time.
AT_ONCE = timedelta(minutes=30)


class Fitting(Protocol):
    """What is asked of a playbook: its problem type, and where it holds only."""

    code: str
    facility_level: str
    payer: str


F = TypeVar("F", bound=Fitting)


def best(playbooks: Iterable[F], *, levels: Collection[str] = (), payer: str = "") -> F | None:
    """The most particular playbook of one problem type that holds here; the facility counts before the payer.

    ``levels`` are the kinds of the place (a body may be of several); a playbook for another level or payer never fits.
    """
    fitting = [
        each
        for each in playbooks
        if (not each.facility_level or each.facility_level in levels) and (not each.payer or each.payer == payer)
    ]
    return min(fitting, key=lambda each: (not each.facility_level, not each.payer, each.code), default=None)


@dataclass(frozen=True)
class Due:
    """When a step is due. ``is_waiting``: what it counts from has not happened yet; ``is_past``: its moment has gone."""

    at: datetime
    is_waiting: bool = False
    is_past: bool = False


def due(moments: Mapping[str, datetime], *, after_event: str, offset_hours: int, now: datetime) -> Due:
    """The event's moment and so many hours; from now where that has passed, or where nothing of the kind has happened.

    ``moments`` holds the last moment of every event type of the case.
    """
    offset = timedelta(hours=offset_hours)
    from_now = now + max(offset, AT_ONCE)
    began = moments.get(after_event or "opened")
    if began is None:
        return Due(from_now, is_waiting=True)
    if began + offset <= now:
        return Due(from_now, is_past=True)
    return Due(began + offset)
