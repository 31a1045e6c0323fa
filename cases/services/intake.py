"""Open a case: one transaction from a story to a number, people, a first follow-up and whose turn it is (HOUSE 4)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case, CaseParty, CaseShare, FollowUp, ProblemType
from cases.rules import masking, triage
from cases.rules.codes import (
    FOR_THE_LIVING,
    CaseKind,
    Channel,
    EventCode,
    FollowUpKind,
    Membership,
    PartyRole,
    Relation,
    Status,
    Urgency,
    Whereabouts,
)
from cases.rules.due import first_look
from cases.rules.errors import CaseIsClosed, Refused
from cases.rules.masking import NAMELESS, PHONE, Holder
from cases.rules.reminders import next_moment
from cases.services import duplicates, timeline, words
from cases.services.numbers import next_number
from members.models import Body, Contact, Identifier, Organisation, Person, Region, User, keyed_hash
from members.rules.names import initials
from members.rules.numbers import normalise, phone_e164
from members.rules.roles import Permission
from members.services import places

#: Consent is asked for within a day, never before helping (ADR 19).
CONSENT_WITHIN = timedelta(hours=24)
#: Whose initials stand in lists: the first of these that is known.
_INITIALS_OF = (PartyRole.PATIENT, PartyRole.WORKER, PartyRole.INSURED, PartyRole.REPORTER)


@dataclass(frozen=True)
class Someone:
    """Somebody the story speaks of, as far as is known: everything but the role may be empty.

    ``same_as`` names another role held by the same person; ``is_me`` is the one who logs. ``numbers`` maps a
    NumberKind to what was typed.
    """

    role: str
    name: str = ""
    phone: str = ""
    relation: str = Relation.UNKNOWN
    age: str = ""
    numbers: dict[str, str] = field(default_factory=dict)
    same_as: str = ""
    is_me: bool = False


def first_with_key(by: User, submit_key: UUID | None) -> Case | None:
    """The case that this user has already opened with this key, if any."""
    return Case.objects.filter(submit_key=submit_key, logged_by=by).first() if submit_key else None


def check_parent(parent: Case) -> None:
    """Whether a case may have sub-cases now. Raises Refused and CaseIsClosed."""
    if parent.parent_id or parent.kind != CaseKind.COLLECTIVE:
        raise Refused(_("Only a collective case has sub-cases."))
    if not parent.is_open:
        raise CaseIsClosed


def open_case(*, by: User, desk: Organisation, story: str, submit_key: UUID | None = None, **given) -> Case:
    """Open a case from what is known now; only the story is needed. See `_open` for what else may be given.

    A repeated ``submit_key`` of the same user gives back the first case, also when both arrive at once. Raises Refused
    for an empty story and for a key that somebody else has used.
    """
    if not story.strip():
        raise Refused(_("Write what happened. One sentence is enough."))
    try:
        with transaction.atomic():
            return _open(by=by, desk=desk, story=story, submit_key=submit_key, **given)
    except IntegrityError:
        if first := first_with_key(by, submit_key):
            return first
        if submit_key and Case.objects.filter(submit_key=submit_key).exists():
            raise Refused(_("This form was already sent. Open a new one.")) from None
        raise


def _open(
    *,
    by: User,
    desk: Organisation,
    story: str,
    submit_key: UUID | None,
    title: str = "",
    kind: str = CaseKind.INDIVIDUAL,
    parent: Case | None = None,
    urgency: str = Urgency.UNKNOWN,
    red_flags: Sequence[str] = (),
    problem_types: Sequence[ProblemType] = (),
    place: Body | None = None,
    place_text: str = "",
    place_note: str = "",
    whereabouts: str = Whereabouts.UNKNOWN,
    region: Region | None = None,
    channel: str = Channel.UNKNOWN,
    membership: str = Membership.UNKNOWN,
    occurred_text: str = "",
    occurred_at: datetime | None = None,
    diagnosis: str = "",
    people: Sequence[Someone] = (),
    carry: bool | None = None,
    keep_numbers: bool = True,
    is_restricted: bool = False,
    restriction: str = "",
    with_plans: bool = True,
    now: datetime | None = None,
) -> Case:
    """``problem_types``: the first is the main one. ``place_text`` finds or makes the place where none is given.

    ``carry``: who logs also carries (None: yes, unless they coordinate the desk). ``keep_numbers``: numbers of people
    in the texts move to the people of the case, else they are thrown away; either way the texts keep a mask.
    ``restriction`` (why) opens the case to named people alone from its first second: who carries it, else who logs it.
    ``parent``: the collective case it is part of. ``with_plans=False`` is for a sub-case whose parent asks after all.
    """
    now = now or timezone.now()
    if parent:
        parent = timeline.lock(parent)
        check_parent(parent)
    texts = _Texts()
    story = texts.clean(story.strip())
    place_text, place_note, occurred_text, title = map(texts.clean, (place_text, place_note, occurred_text, title))
    people = [Someone(**{**vars(one), "name": texts.clean(one.name), "age": texts.clean(one.age)}) for one in people]
    if place is None and place_text:
        place = places.find_or_create(place_text, region=region)
    if any(red_flags):
        urgency = Urgency.EMERGENCY
    if carry is None:
        carry = not Organisation.objects.in_reach_of(by, Permission.CASE_ASSIGN).filter(pk=desk.pk).exists()
    roles = _Roles(people, by)
    kept = roles.keep(texts.found) if keep_numbers else []
    main = problem_types[0] if problem_types else None
    region = region or (place.region if place else None)
    zone = region.zone if region else desk.zone
    case = Case(
        number=next_number(now),
        kind=kind,
        parent=parent,
        desk=desk,
        title=triage.title(title or story, problem="" if title or main is None else main.name, names=roles.names),
        story=story,
        urgency=urgency,
        red_flags=list(red_flags),
        problem_type=main,
        place=place,
        place_note=place_note[:160],
        whereabouts=whereabouts,
        region=region,
        zone=zone,
        channel=channel,
        membership=membership,
        occurred_text=occurred_text[:120],
        occurred_at=occurred_at,
        diagnosis=diagnosis,
        initials=roles.initials,
        is_restricted=is_restricted or bool(restriction),
        restriction=restriction,
        status=Status.RUNNING if carry else Status.NEW,
        assignee=by if carry else None,
        logged_by=by,
        created_at=now,
        last_event_at=now,
        submit_key=submit_key,
    )
    plans = []
    if with_plans:
        plans = _first_plans(case, main, subject_known=roles.subject_known, owner=by if carry else None, by=by, now=now)
        case.next_due_at = min(plan.due_at for plan in plans)
    case.save()
    case.problem_types.add(*problem_types)
    roles.save(case)
    FollowUp.objects.bulk_create(plans)
    words.begin(case, roles.all_names)
    lines: list[tuple[str, dict]] = [(EventCode.OPENED, {"channel": channel, "urgency": urgency})]
    lines += [(EventCode.FOLLOW_UP_SET, {"follow_up": str(plan.uuid), "title": plan.title}) for plan in plans]
    if case.is_restricted:
        lines.append((EventCode.RESTRICTED, {}))
        if not carry:
            CaseShare.objects.create(case=case, user=by, from_at=now, shared_by=by)
    if kept:
        lines.append((EventCode.IDENTITY_KEPT, {"kinds": kept}))
    timeline.begin(case, lines, by=by, now=now)
    if parent:
        timeline.record(parent, EventCode.SUB_CASE_ADDED, by=by, now=now, data={"case": str(case.uuid)})
    clues = duplicates.Clues(roles.hashes, tuple(roles.names), story, case.place_id)
    duplicates.tell_elsewhere(case, clues, by=by, now=now)
    return case


def _first_plans(
    case: Case, main: ProblemType | None, *, subject_known: bool, owner: User | None, by: User, now: datetime
) -> list[FollowUp]:
    """What to do now, and asking for consent where somebody's data is kept."""
    if main and main.first_step:
        title, kind = triage.first_step(main.in_language("first_step")), FollowUpKind.ACT
    elif case.urgency == Urgency.EMERGENCY:
        title, kind = _("Call the reporter and make sure the patient is being treated"), FollowUpKind.CALL
    else:
        title, kind = _("Call the reporter and ask how things are now"), FollowUpKind.CALL
    plans = [(title, kind, first_look(now, case.urgency))]
    if subject_known:
        plans.append((_("Ask the patient or the family for consent"), FollowUpKind.CONSENT, now + CONSENT_WITHIN))
    return [
        FollowUp(
            case=case,
            title=title,
            kind=kind,
            owner=owner,
            due_at=due_at,
            zone=case.zone,
            for_the_living=kind in FOR_THE_LIVING,
            created_at=now,
            created_by=by,
            remind_at=next_moment(
                urgency=case.urgency, due_at=due_at, due_is_day=False, zone=case.zone, after=None, now=now
            ),
        )
        for title, kind, due_at in plans
    ]


class _Texts:
    """Masks one text after the other and remembers what was found."""

    def __init__(self):
        self.found: list[masking.Found] = []

    def clean(self, text: str) -> str:
        found = masking.find(text)
        self.found += found
        return masking.mask(text, found)


class _Roles:
    """The people of a case that is being opened: one patient, insured and worker at most; `same_as` shares a person."""

    def __init__(self, people: Sequence[Someone], by: User):
        self.by = by
        self.entries: list[tuple[Someone | None, Holder]] = []
        seen = set()
        for one in people:
            if one.role in seen and one.role in {PartyRole.PATIENT, PartyRole.INSURED, PartyRole.WORKER}:
                raise Refused(_("A case has one patient, one insured person and one worker."))
            seen.add(one.role)
            numbers = {kind: {normalise(value)} for kind, value in one.numbers.items() if normalise(value)}
            if phone := phone_e164(one.phone) or normalise(one.phone):
                numbers[PHONE] = {phone}
            nameless = one.role == PartyRole.OTHER and not one.name
            self.entries.append((one, Holder(NAMELESS if nameless else one.role, one.is_me, numbers)))

    def keep(self, found: list[masking.Found]) -> list[str]:
        """Share found numbers out among the people; returns their kinds."""
        holders = [holder for one, holder in self.entries if not (one and one.same_as)]
        pairs = masking.share_out(found, holders, from_story=True)
        known = {id(holder) for one, holder in self.entries}
        self.entries += [(None, holder) for holder in holders if id(holder) not in known]
        return [str(item.kind) for item, holder in pairs]

    def _name(self, one: Someone | None) -> str:
        if one is None:
            return ""
        if one.is_me:
            return self.by.full_name
        if one.same_as:
            others = (other for other in self._given if other.role == one.same_as and not other.same_as)
            return next(map(self._name, others), one.name)
        return " ".join(one.name.split())[:150]

    @property
    def _given(self) -> list[Someone]:
        return [one for one, holder in self.entries if one]

    @property
    def names(self) -> list[str]:
        return [name for one in self._given if not one.is_me and (name := self._name(one))]

    @property
    def all_names(self) -> list[str]:
        """As ``names``, with who logs where they are one of the people."""
        return [name for one in self._given if (name := self._name(one))]

    @property
    def hashes(self) -> frozenset[str]:
        """The keyed hashes of every number of the people, by which another desk may know them."""
        values = {value for one, holder in self.entries for kind in holder.numbers.values() for value in kind}
        return frozenset(keyed_hash(value) for value in values)

    @property
    def initials(self) -> str:
        for role in _INITIALS_OF:
            for one in self._given:
                passes_on = one.is_me and role == PartyRole.REPORTER
                if one.role == role and not passes_on and (name := initials(self._name(one))):
                    return name
        return ""

    @property
    def subject_known(self) -> bool:
        """Whether we hold data of a patient, insured or worker other than the one who logs."""
        for one, holder in self.entries:
            if holder.role not in {PartyRole.PATIENT, PartyRole.INSURED, PartyRole.WORKER} or holder.is_user:
                continue
            if holder.numbers or self._name(one):
                return True
        return False

    def save(self, case: Case) -> None:
        """Persons, numbers and roles in one statement each."""
        persons: dict[int, Person] = {}
        by_role: dict[str, Person] = {}
        me = None
        for one, holder in self.entries:
            if one and one.same_as:
                continue
            if one and one.is_me:
                me = person = me or Person(full_name=self._name(one))
            else:
                person = Person(full_name=self._name(one), age_text=one.age[:40] if one else "")
            persons[id(holder)] = by_role[holder.role] = person
        for one, holder in self.entries:
            if one and one.same_as:
                person = by_role.get(one.same_as) or Person(full_name=self._name(one), age_text=one.age[:40])
                persons[id(holder)] = person
        everyone = list({id(person): person for person in persons.values()}.values())
        if not everyone:
            return
        Person.objects.bulk_create(everyone)
        contacts, identifiers = {}, {}
        for one, holder in self.entries:
            person = persons[id(holder)]
            note = _("from the story") if one is None else ""
            for kind, values in holder.numbers.items():
                for value in values:
                    if kind == PHONE:
                        contacts[person.pk, value] = Contact(
                            person=person, value=value, value_hash=keyed_hash(value), note=note
                        )
                    else:
                        identifiers[person.pk, kind, value] = Identifier(
                            person=person, kind=kind, value=value, value_hash=keyed_hash(value)
                        )
        if contacts:
            Contact.objects.bulk_create(contacts.values())
        if identifiers:
            Identifier.objects.bulk_create(identifiers.values())
        rows = {}
        for one, holder in self.entries:
            role = PartyRole.OTHER if holder.role == NAMELESS else holder.role
            person = persons[id(holder)]
            relation = one.relation if one else ""
            if role == PartyRole.PATIENT and not relation:
                relation = Relation.SELF
            rows[role, person.pk] = CaseParty(
                case=case, role=role, person=person, relation=relation, user=self.by if one and one.is_me else None
            )
        CaseParty.objects.bulk_create(rows.values())
