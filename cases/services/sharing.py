"""The facts of a case that may leave the house, and the trace that a message was sent."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation

from cases.models import Case, CaseParty, Event
from cases.rules.codes import Actor, EventCode, Status, Urgency
from cases.rules.sharing import STEPS, Draft, Facts, compose, secret_words, without_identity
from cases.services import timeline
from members.models import User
from members.rules import words

#: Days of the timeline in a summary.
MOST_DAYS = 14
#: What a WhatsApp text is always written in: the people it goes to live in Indonesia.
LANGUAGE = "id"


def draft(case: Case, kind: str, *, names: list[str] | None = None) -> str:
    """A message about the case that says nothing of who it is about; ``names`` where the page has read them already."""
    with translation.override(LANGUAGE):
        return compose(kind, facts(case, kind, names))


def facts(case: Case, kind: str = Draft.SUMMARY, names: list[str] | None = None) -> Facts:
    """What a text of this kind may say, in the language now active: number, places, kinds of acts and moments."""
    people = case.parties.values_list("person__full_name", flat=True) if names is None else names
    secrets = secret_words(names=people, diagnosis=case.diagnosis)
    tells_more = kind in {Draft.SUMMARY, Draft.NUDGE}
    step = case.follow_ups.open().order_by("due_at").first() if tells_more else None
    return Facts(
        number=case.number,
        desk=str(case.desk),
        link=f"{settings.SITE_URL}/kasus/{case.uuid}/",
        place=without_identity(case.place.name, secrets) if case.place else "",
        urgency="" if case.urgency == Urgency.UNKNOWN else str(Urgency(case.urgency).label),
        turn=str(Actor(case.next_actor).label),
        step=str(STEPS[step.kind]) if step else "",
        due=_due(step) if step else "",
        days=_days(case) if tells_more else [],
        outcome=case.outcome.label if case.status == Status.CLOSED and case.outcome else "",
    )


@transaction.atomic
def sent(
    *,
    case: Case,
    kind: str,
    by: User,
    party: CaseParty | None = None,
    now: datetime | None = None,
    submit_key: UUID | None = None,
) -> Event:
    """Somebody says that they sent this message: a line on the timeline, without the text and without the number."""
    return timeline.record(
        case,
        EventCode.NUDGED if kind == Draft.NUDGE else EventCode.WHATSAPP_SENT,
        by=by,
        now=now or timezone.now(),
        data={"kind": kind, **({"party": str(party.uuid)} if party else {})},
        submit_key=submit_key,
    )


def _due(step) -> str:
    language = translation.get_language()
    if step.due_is_day:
        return words.day(step.due_at, step.zone, language)
    return words.moment(step.due_at, step.zone, language)


def _days(case: Case) -> list[tuple[str, list[str]]]:
    """The days on which something happened, oldest first, with the kinds of events and nothing of their words."""
    language = translation.get_language()
    rows = case.events.facts().filter(corrections__isnull=True).select_related("type").order_by("happened_at", "pk")
    days: dict[str, list[str]] = {}
    for event in rows:
        labels = days.setdefault(words.day(event.happened_at, case.zone, language), [])
        if event.type.label not in labels:
            labels.append(event.type.label)
    return list(days.items())[-MOST_DAYS:]
