"""Numbers of people leave every free text: they move to the identity fields, and the text keeps a mask (ADR 1)."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case
from cases.rules import masking as rules
from cases.rules.codes import EventCode, PartyRole
from cases.rules.masking import NAMELESS, PHONE, Found, Holder
from cases.services import parties, timeline
from members.models import Person, User


@transaction.atomic
def clean(case: Case, text: str, by: User, keep: bool = True, now: datetime | None = None) -> str:
    """The text with the numbers of people masked; they are kept with the people of the case, or thrown away.

    For every free text of a case: events, follow-ups, versions, notes. A text without numbers costs no query.
    """
    found = rules.find(text)
    if found and keep:
        keep_numbers(case, found, by=by, now=now)
    return rules.mask(text, found)


def keep_numbers(case: Case, found: list[Found], *, by: User, now: datetime | None = None) -> int:
    """Keep found numbers with the people of the case, each once; returns how many were new."""
    now = now or timezone.now()
    rows = case.parties.select_related("person").prefetch_related("person__identifiers", "person__contacts")
    people: dict[int, Person] = {}
    holders = []
    for party in rows:
        person = party.person
        numbers: dict[str, set[str]] = {PHONE: {contact.value for contact in person.contacts.all()}}
        for identifier in person.identifiers.all():
            numbers.setdefault(identifier.kind, set()).add(identifier.value)
        nameless = party.role == PartyRole.OTHER and not person.full_name
        holder = Holder(NAMELESS if nameless else party.role, party.user_id is not None, numbers)
        people[id(holder)] = person
        holders.append(holder)
    pairs = rules.share_out(found, holders, from_story=False)
    for item, holder in pairs:
        person = people.get(id(holder))
        if person is None:
            role = PartyRole.OTHER if holder.role == NAMELESS else holder.role
            person = people[id(holder)] = parties.add(case=case, role=role, by=by, now=now, silent=True).person
        if item.kind == PHONE:
            contact = parties.keep_phone(person, item.value)
            if contact and not contact.note:
                contact.note = _("from a note of the case")
                contact.save(update_fields=["note"])
        else:
            parties.keep_number(person, item.kind, item.value)
    if pairs:
        kinds = [str(item.kind) for item, holder in pairs]
        timeline.record(case, EventCode.IDENTITY_KEPT, by=by, now=now, data={"kinds": kinds})
    return len(pairs)
