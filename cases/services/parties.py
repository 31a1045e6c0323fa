"""People on a case: add, change, and keep the numbers that were found in a text."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case, CaseParty, Event
from cases.rules.codes import EventCode, PartyRole, Relation
from cases.rules.errors import Refused, Stale
from cases.services import timeline, words
from members.models import Contact, Identifier, Person, User, keyed_hash
from members.rules.numbers import normalise, phone_e164

#: A case has at most one of each of these.
SINGLE_ROLES = frozenset({PartyRole.PATIENT, PartyRole.INSURED, PartyRole.WORKER})


@dataclass(frozen=True)
class Phone:
    """A phone as a form gives it back: ``pk`` of the row it changes (none: a new one); no digits remove it."""

    value: str
    pk: int | None = None
    is_safe: bool = True
    note: str = ""


@transaction.atomic
def add(
    *,
    case: Case,
    role: str,
    by: User,
    full_name: str = "",
    phone: str = "",
    relation: str = Relation.UNKNOWN,
    person: Person | None = None,
    user: User | None = None,
    age_text: str = "",
    gender: str = "",
    numbers: dict[str, str] | None = None,
    now: datetime | None = None,
    silent: bool = False,
    submit_key: UUID | None = None,
) -> CaseParty:
    """Put a person in a role on the case: somebody already there (``person``), or a new one with what is known.

    ``numbers`` maps a NumberKind to what was typed. ``silent`` leaves the timeline alone (the case is being opened).
    Raises Refused where the role is taken by somebody else.
    """
    now = now or timezone.now()
    if not silent:
        case = timeline.lock(case)
        if submit_key and (first := _added_by(case, submit_key)):
            return first
    _check_role(case, role, person)
    person = person or Person.objects.create(full_name=_plain(full_name), age_text=_plain(age_text), gender=gender)
    party, fresh = CaseParty.objects.get_or_create(
        case=case, role=role, person=person, defaults={"relation": relation, "user": user}
    )
    keep_phone(person, phone)
    for kind, value in (numbers or {}).items():
        keep_number(person, kind, value)
    refresh_initials(case)
    words.add_name(case, person.full_name)
    if fresh and not silent:
        timeline.record(
            case,
            EventCode.PARTY_ADDED,
            by=by,
            now=now,
            data={"party": str(party.uuid), "role": role},
            submit_key=submit_key,
        )
        bump(case)
    return party


@transaction.atomic
def edit(
    *,
    party: CaseParty,
    by: User,
    version: int,
    changes: dict[str, str],
    phones: list[Phone],
    numbers: dict[str, str],
    now: datetime | None = None,
) -> CaseParty:
    """Save what differs: ``changes`` of the person or of their place on the case, their phones, and numbers typed anew.

    A number typed anew takes the place of the one kept of its kind; "" leaves it. ``version`` is what the form was
    opened with. Raises Stale with the person as they are now, and Refused where a new role is taken.
    """
    case = timeline.lock(party.case)
    person = Person.objects.select_for_update().get(pk=party.person_id)
    party = CaseParty.objects.select_related("case").get(pk=party.pk)
    if person.version != version:
        raise Stale(person)
    if "role" in changes and changes["role"] != party.role:
        _check_role(case, changes["role"], person)
    changed = [
        *_set(person, {name: _plain(changes[name]) for name in ("full_name", "age_text", "gender") if name in changes}),
        *_set(party, {name: changes[name] for name in ("relation", "role") if name in changes}),
        *(["phone"] if _set_phones(person, phones) else []),
        *[kind for kind, value in numbers.items() if _set_number(person, kind, value)],
    ]
    if not changed:
        return party
    person.version += 1
    person.save()
    party.save()
    others = Case.objects.filter(parties__person=person).distinct()
    for other in others:
        refresh_initials(other)
    words.refresh([other.pk for other in others])
    timeline.record(case, EventCode.PARTY_EDITED, by=by, now=now, data={"party": str(party.uuid), "fields": changed})
    bump(case)
    return party


def keep_phone(person: Person, phone: str) -> Contact | None:
    """Keep a phone of a person once; what holds no digit keeps nothing."""
    value = kept_phone(phone)
    if not value:
        return None
    known = next((row for row in person.contacts.all() if row.value == value), None)
    return known or Contact.objects.create(person=person, value=value)


def keep_number(person: Person, kind: str, value: str) -> Identifier | None:
    """Keep an identity number of a person once; "" keeps nothing."""
    value = normalise(value)
    if not value:
        return None
    known = next((row for row in person.identifiers.all() if row.kind == kind and row.value == value), None)
    return known or Identifier.objects.create(person=person, kind=kind, value=value)


def _added_by(case: Case, submit_key: UUID) -> CaseParty | None:
    event = Event.objects.filter(case=case, submit_key=submit_key).first()
    if event is None:
        return None
    return CaseParty.objects.filter(case=case, uuid=event.data.get("party")).first()


def _check_role(case: Case, role: str, person: Person | None) -> None:
    if role not in SINGLE_ROLES:
        return
    holder = case.parties.filter(role=role).first()
    if holder and (person is None or holder.person_id != person.pk):
        raise Refused(
            _("This case already has someone as %(role)s. Change that person instead.")
            % {"role": PartyRole(role).label.lower()}
        )


def _plain(text: str) -> str:
    return " ".join(text.split())


def kept_phone(phone: str) -> str:
    """A phone as it is kept: E.164 where it can be read as one, else its digits and letters; "" without a digit."""
    value = phone_e164(phone) or normalise(phone)
    return value if any(char.isdigit() for char in value) else ""


def _set(row, values: dict[str, Any]) -> list[str]:
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    return changed


def _set_phones(person: Person, phones: list[Phone]) -> bool:
    known = {row.pk: row for row in person.contacts.all()}
    seen: set[str] = set()
    changed = False
    for phone in phones:
        value, row = kept_phone(phone.value), known.get(phone.pk or 0)
        if not value or value in seen:
            if row:
                row.delete()
                changed = True
            continue
        seen.add(value)
        wanted = {"value": value, "is_safe": phone.is_safe, "note": _plain(phone.note)[:120]}
        row = row or next((old for old in known.values() if old.value == value), None)
        if row is None:
            Contact.objects.create(person=person, **wanted)
            changed = True
        elif _set(row, wanted):
            # Another row of this person may hold the number already: it gives way.
            person.contacts.exclude(pk=row.pk).filter(value_hash=keyed_hash(value)).delete()
            row.save()
            changed = True
    return changed


def _set_number(person: Person, kind: str, value: str) -> bool:
    value = normalise(value)
    rows = [row for row in person.identifiers.order_by("pk") if row.kind == kind]
    if not value or any(row.value == value for row in rows):
        return False
    if rows:
        rows[0].value = value
        rows[0].save()
    else:
        Identifier.objects.create(person=person, kind=kind, value=value)
    return True


def refresh_initials(case: Case) -> None:
    """The initials that every list shows: the patient's, else the worker's, the insured's, the reporter's.

    A relawan who passes on what others told is not what the case is about: their initials stand in no list.
    """
    order = [PartyRole.PATIENT, PartyRole.WORKER, PartyRole.INSURED, PartyRole.REPORTER]
    rows = case.parties.exclude(role=PartyRole.REPORTER, user__isnull=False).select_related("person")
    found = {party.role: party.person.initials for party in rows}
    initials = next((found[role] for role in order if found.get(role)), "")
    Case.objects.filter(pk=case.pk).update(initials=initials)
    case.initials = initials


def bump(case: Case) -> None:
    """Say that the case has changed, so that a form opened before it is told."""
    Case.objects.filter(pk=case.pk).update(version=F("version") + 1)
