"""Is it logged already? What the reader may see is shown; of a case elsewhere the coordinators of both desks are told.

By a phone or identity number (keyed hash), by name, by place and day (ADR 16). A restricted case is never hinted at.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case, CaseParty, Event, EventType
from cases.rules import masking
from cases.rules.codes import EventCode, Status
from cases.rules.likeness import alike, appears_in
from cases.services import timeline
from cases.services.masking import clean
from cases.services.rights import hidden_people
from members.models import Body, Contact, Identifier, User, keyed_hash
from members.rules.names import initials
from members.rules.numbers import normalise, phone_e164
from members.rules.roles import Permission
from members.services import coordinators
from members.services import messages as outbox

#: A name or a place says something for so long; a number says it while the case is open, or was logged of late.
NAME_DAYS, SAME_DAY = timedelta(days=30), timedelta(hours=36)
#: Rows read for the names, and rows shown.
_MOST_READ, MOST_SHOWN = 1500, 4

#: Why a case is taken for the same, the strongest first.
NUMBER, NAME, PLACE = "number", "name", "place"


@dataclass(frozen=True)
class Hit:
    """A case that may be the same, and why."""

    case: Case
    why: str


@dataclass(frozen=True)
class Clues:
    """What is known of the people and the place of a report, from its fields and its story."""

    hashes: frozenset[str]
    names: tuple[str, ...]
    story: str
    place: int | None


def clues_of(
    *,
    story: str = "",
    phones: Iterable[str] = (),
    numbers: Iterable[str] = (),
    names: Iterable[str] = (),
    place: Body | None = None,
) -> Clues:
    """Gather what a report tells; numbers inside the story count too."""
    values = {phone_e164(phone) or normalise(phone) for phone in phones} | {normalise(number) for number in numbers}
    values |= {item.value for item in masking.find(story)}
    hashes = frozenset(keyed_hash(value) for value in values if len(value) >= 8)
    return Clues(hashes, tuple(name.strip() for name in names if name.strip()), story, place.pk if place else None)


def find(user: User, given: Clues, *, now: datetime | None = None, besides: Case | None = None) -> list[Hit]:
    """The cases this user may see that may be the same, the strongest reason first."""
    now = now or timezone.now()
    seen = Case.objects.permitted(user, Permission.CASE_VIEW).filter(_fresh_enough(now), is_restricted=False)
    if besides:
        seen = seen.exclude(pk=besides.pk)
    why: dict[int, str] = {}
    if given.hashes:
        why |= dict.fromkeys(seen.filter(pk__in=_with_hashes(given.hashes)).values_list("pk", flat=True), NUMBER)
    if given.names or len(given.story) > 20 or given.place:
        for pk, reason in _by_name_and_place(seen, given, now):
            why.setdefault(pk, reason)
    order = sorted(why, key=lambda pk: ([NUMBER, NAME, PLACE].index(why[pk]), -pk))[:MOST_SHOWN]
    rows = Case.objects.for_rows().in_bulk(order)
    return [Hit(rows[pk], why[pk]) for pk in order if pk in rows]


def _fresh_enough(now: datetime) -> Q:
    return ~Q(status=Status.CLOSED) | Q(created_at__gte=now - NAME_DAYS)


def _with_hashes(hashes: frozenset[str]) -> QuerySet:
    """The cases of the people with these numbers, by way of two indexes."""
    people = Contact.objects.filter(value_hash__in=hashes).order_by().values("person")
    known = Identifier.objects.filter(value_hash__in=hashes).order_by().values("person")
    return CaseParty.objects.filter(person__in=people.union(known)).order_by().values("case")


def _by_name_and_place(seen: QuerySet, given: Clues, now: datetime):
    """(case, reason) pairs among the cases of the last weeks, read once and compared here."""
    recent = (
        seen.filter(created_at__gte=now - NAME_DAYS)
        .order_by("-created_at")
        .values_list("pk", "place", "created_at", "initials")
    )
    cases = {pk: (place, at, short) for pk, place, at, short in recent[:_MOST_READ]}
    mine = {initials(name) for name in given.names} - {""}
    people = CaseParty.objects.filter(case__in=list(cases), user__isnull=True).exclude(person__full_name="")
    for pk, name in people.values_list("case", "person__full_name"):
        short, at = initials(name), cases[pk][1]
        same_day = len(short) > 2 and short in mine and now - at <= SAME_DAY
        if same_day or appears_in(name, given.story) or any(alike(name, other) for other in given.names):
            yield pk, NAME
    for pk, (place, at, short) in cases.items():
        if place and place == given.place and now - at <= SAME_DAY and (not short or not mine or short in mine):
            yield pk, PLACE


# --- Elsewhere --------------------------------------------------------------------------------------------------------


def tell_elsewhere(case: Case, given: Clues, *, by: User, now: datetime) -> list[Case]:
    """Tell the coordinators of both desks of a case that the one who logs may not see; numbers only, never who.

    Nobody is told when either case is restricted, and nobody of a unit either is hidden from. Returns the cases found.
    """
    if case.is_restricted:
        return []
    pks = _may_be_same(case, given, now)
    if not pks:
        return []
    rows = Case.objects.filter(_fresh_enough(now), pk__in=pks, is_restricted=False)
    found = list(rows.select_related("desk")[:MOST_SHOWN])
    if not found:
        return []
    permitted = Case.objects.permitted(by, Permission.CASE_VIEW)
    seen = set(permitted.filter(pk__in=[row.pk for row in found]).values_list("pk", flat=True))
    hidden = [row for row in found if row.pk not in seen]
    tiers = (
        coordinators.tiers({case.desk_id, *(row.desk_id for row in hidden)}, on=timezone.localdate(now))
        if hidden
        else {}
    )
    barred = hidden_people([case.pk, *(row.pk for row in hidden)], on=timezone.localdate(now)) if tiers else {}
    for row in hidden:
        may_not_know = barred.get(case.pk, set()) | barred.get(row.pk, set())
        for told, other in ((case, row), (row, case)):
            for user in next(iter(tiers.get(told.desk_id, [])), []):
                if user.pk in may_not_know:
                    continue
                outbox.post(
                    recipient=user,
                    kind="duplicate_elsewhere",
                    key=f"duplicate:{told.uuid}:{other.uuid}",
                    about=told.about,
                    thing=f"dup:{told.uuid}:{other.uuid}",
                    path=reverse("cases:case-detail", args=[told.uuid]),
                    data={"number": told.number, "other": other.number},
                    urgency=told.urgency,
                    now=now,
                )
    return hidden


def _may_be_same(case: Case, given: Clues, now: datetime) -> set[int]:
    """The other cases with a number of these people, or of this place, day and initials, in one statement."""
    asked = [_with_hashes(given.hashes).values_list("case")] if given.hashes else []
    if case.place_id and case.initials:
        today = Case.objects.filter(place=case.place_id, initials=case.initials, created_at__gte=now - SAME_DAY)
        asked.append(today.order_by().values_list("pk"))
    if not asked:
        return set()
    return {pk for (pk,) in asked[0].union(*asked[1:])} - {case.pk}


# --- Help -------------------------------------------------------------------------------------------------------------


@transaction.atomic
def offer_help(
    *,
    case: Case,
    by: User,
    text: str,
    keep_numbers: bool = True,
    now: datetime | None = None,
    submit_key: UUID | None = None,
) -> Event:
    """Leave what was told as a note on a case that is logged already, and tell who carries it (or the coordinators).

    A repeated ``submit_key`` gives back the first note. Raises Refused.
    """
    now = now or timezone.now()
    if submit_key and (first := Event.objects.filter(submit_key=submit_key, case=case).first()):
        return first
    words = clean(case, text.strip(), by, keep=keep_numbers, now=now)
    note = timeline.add_event(
        case=case,
        type=EventType.objects.get(code=EventCode.NOTE),
        by=by,
        text=_("%(who)s offers help; the same report reached them.") % {"who": by.full_name}
        + (f"\n{words}" if words else ""),
        now=now,
        submit_key=submit_key,
    )
    carriers = (
        [case.assignee]
        if case.assignee
        else next(iter(coordinators.tiers([case.desk_id], on=timezone.localdate(now)).get(case.desk_id, [])), [])
    )
    barred = hidden_people([case.pk], on=timezone.localdate(now)).get(case.pk, set()) if not case.assignee else set()
    for user in carriers:
        if user != by and user.pk not in barred:
            outbox.post(
                recipient=user,
                kind="help_offered",
                key=f"help:{note.uuid}",
                about=case.about,
                thing=f"help:{note.uuid}",
                path=reverse("cases:case-detail", args=[case.uuid]),
                data={"number": case.number},
                urgency=case.urgency,
                now=now,
            )
    return note


def same_story(case: Case) -> Clues:
    """The clues of a case that is stored, for the page that says what else there is."""
    parties: Sequence[CaseParty] = list(case.parties.filter(user__isnull=True).select_related("person"))
    people = [party.person_id for party in parties]
    hashes = frozenset(Contact.objects.filter(person__in=people).values_list("value_hash", flat=True)) | frozenset(
        Identifier.objects.filter(person__in=people).values_list("value_hash", flat=True)
    )
    names = tuple(dict.fromkeys(party.person.full_name for party in parties if party.person.full_name))
    return Clues(hashes, names, case.story, case.place_id)
