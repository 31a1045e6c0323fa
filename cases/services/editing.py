"""Change the facts of a case; two people editing at once lose nothing (TRUST R53)."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from cases.models import Case
from cases.rules.codes import EventCode
from cases.rules.errors import Stale
from cases.services import masking, timeline, words
from members.models import User

#: What may be edited, in the order of the page.
FIELDS = (
    "title",
    "story",
    "urgency",
    "problem_type",
    "place",
    "place_note",
    "whereabouts",
    "region",
    "channel",
    "membership",
    "occurred_text",
    "occurred_at",
    "reported_at",
    "diagnosis",
)
#: What is several: edited as a set of rows.
MANY = ("problem_types", "programmes")
#: Typed freely: the numbers of people leave these before they are kept.
_FREE_TEXT = ("title", "story", "place_note", "occurred_text")
#: What a case is found by (services.words).
_SEARCHED = frozenset({*_FREE_TEXT, "place"})
#: What the event of an edit may repeat in clear, before and after; other fields are only named.
_CLEAR = frozenset({"urgency", "whereabouts", "channel", "membership", "place", "region", "problem_type"})
#: Words that stay readable as they were told; the event keeps them.
_TOLD = frozenset({"title", "story"})


@transaction.atomic
def edit(
    *,
    case: Case,
    changes: dict,
    version: int,
    by: User,
    problem_types=None,
    programmes=None,
    now: datetime | None = None,
) -> Case:
    """Save the fields of ``changes`` that differ; ``version`` is what the form was opened with.

    ``problem_types`` and ``programmes`` are whole sets of rows; None leaves them as they are.

    Raises Stale, with the case as it is now, when anybody has saved in between. The words of the story and the title
    before an edit stay in the event: nobody's words are overwritten (PRACTICE C5.9). Another urgency moves the
    reminders of what is planned.
    """
    now = now or timezone.now()
    current = timeline.lock(case)
    if current.version != version:
        raise Stale(current)
    changes = dict(changes)
    for field in _FREE_TEXT:
        if changes.get(field):
            changes[field] = masking.clean(current, changes[field], by, now=now)
    changed = [field for field in FIELDS if field in changes and getattr(current, field) != changes[field]]
    wanted = {"problem_types": problem_types, "programmes": programmes}
    many = {
        name: set(rows)
        for name, rows in wanted.items()
        if rows is not None and set(rows) != set(getattr(current, name).all())
    }
    if not changed and not many:
        return current
    data: dict[str, Any] = {"fields": [*changed, *many]}
    if "programmes" in many:
        data["programmes"] = [_codes(current.programmes.all()), _codes(many["programmes"])]
    for field in changed:
        before = getattr(current, field)
        if field in _CLEAR:
            data[field] = [_word(before), _word(changes[field])]
        elif field in _TOLD:
            data[f"{field}_before"] = before
        setattr(current, field, changes[field])
    if {"place", "region"} & set(changed):
        current.zone = _zone_of(current)
    current.version += 1
    current.save()
    for name, rows in many.items():
        getattr(current, name).set(rows)
    timeline.record(current, EventCode.EDITED, by=by, now=now, data=data)
    if _SEARCHED & set(changed):
        words.refresh([current.pk])
    if "urgency" in changed:
        for follow_up in current.follow_ups.open():
            follow_up.remind_at = timeline.remind_at(follow_up, current.urgency, now)
            follow_up.save(update_fields=["remind_at"])
    return current


def _codes(rows) -> str:
    return ", ".join(sorted(row.code for row in rows))


def _word(value: Any) -> str:
    """A value as the event keeps it: a code as it is, a row by its name."""
    if value is None:
        return ""
    return value.name if hasattr(value, "pk") else str(value)


def _zone_of(case: Case) -> str:
    """The zone of the place: of its region, else of the facility's, else of the desk's."""
    region = case.region or (case.place.region if case.place else None)
    return region.zone if region else case.desk.zone
