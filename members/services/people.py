"""People of the unions: who they are, where they are members, how they work and how they are covered (ADR 13)."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import groupby

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from members.models import (
    Contact,
    CoverageSurvey,
    CoverRow,
    Employment,
    Household,
    HouseholdMember,
    Identifier,
    Membership,
    Organisation,
    Person,
    PersonVulnerability,
    User,
    Vulnerability,
    keyed_hash,
)
from members.rules.cover import LAPSE_DAYS
from members.rules.numbers import NumberKind, normalise, phone_e164, warnings_for
from members.rules.roles import Permission
from members.services import coordinators, messages
from members.services.messages import Note


def organisations_of(user: User) -> QuerySet[Organisation]:
    """The organisations whose members this user sees and keeps."""
    return Organisation.objects.in_reach_of(user, Permission.MEMBERS_VIEW)


def seen_by(user: User) -> QuerySet[Person]:
    """The people who are, or were, members there; of merged records the one that stays. A case opens nobody here, and a membership opens no case.

    Of few organisations their members are taken; of many, each person is asked in turn, so that a page comes at once
    (tests/benchmarks/scope.py: a list of ids inside the question made SQLite build it anew for every person).
    """
    reach = Organisation.objects.narrowed_reach_of(user, Permission.MEMBERS_VIEW)
    if isinstance(reach, list):
        mine = Q(pk__in=Membership.objects.filter(organisation__in=reach).values("person"))
    else:
        here = Exists(reach.filter(pk=OuterRef("organisation")))
        mine = Q(Exists(Membership.objects.filter(here, person=OuterRef("pk"))))
    return Person.objects.filter(mine, merged_into__isnull=True)


def find(user: User, text: str) -> QuerySet[Person]:
    """Of the people this user sees those with this name, whole number or whole phone."""
    rows, text = seen_by(user), text.strip()
    if len(normalise(text)) >= 9 and any(letter.isdigit() for letter in text):
        by_number = rows.with_number(text)  # type: ignore[attr-defined]
        if by_number.exists():
            return by_number
        return rows.with_phone(text) if phone_e164(text) else by_number  # type: ignore[attr-defined]
    for word in text.split()[:5]:
        rows = rows.filter(full_name__icontains=word)
    return rows


@transaction.atomic
def save_identity(
    person: Person,
    *,
    numbers: Iterable[tuple[str, str]] = (),
    phone: str = "",
    phone_is_safe: bool = True,
    vulnerabilities: Iterable[Vulnerability] | None = None,
) -> list[str]:
    """Save a person with what was typed of their numbers and phone; what is known already stays one row.

    Returns what looks wrong with the numbers: it is said, and never stops anything (RULES 6.2).
    """
    person.version = (person.version or 0) + 1 if person.pk else 1
    person.save()
    warnings = []
    for kind, value in numbers:
        value = normalise(value)
        if not value:
            continue
        row = Identifier(person=person, kind=kind, value=value)
        if not person.identifiers.filter(kind=kind, value_hash=keyed_hash(value)).exists():
            row.save()
        warnings += [f"{NumberKind(kind).label}: {each}" for each in warnings_for(kind, value)]
    if phone.strip() and not Person.objects.with_phone(phone).filter(pk=person.pk).exists():
        Contact.objects.create(person=person, value=phone, is_safe=phone_is_safe)
    if vulnerabilities is not None:
        chosen = set(vulnerabilities)
        person.vulnerabilities.exclude(vulnerability__in=chosen).delete()
        have = set(person.vulnerabilities.values_list("vulnerability", flat=True))
        PersonVulnerability.objects.bulk_create(
            PersonVulnerability(person=person, vulnerability=row) for row in chosen if row.pk not in have
        )
    return warnings


@transaction.atomic
def join(*, person: Person, organisation: Organisation, by: User, **given) -> Membership:
    """Make a person a member. Raises ValidationError where they are one already, or it is not ``by``'s to say."""
    _check_reach(organisation, by)
    if not given.get("until_on") and person.memberships.filter(organisation=organisation, until_on=None).exists():
        raise ValidationError({"organisation": _("This person is a member there already.")})
    return Membership.objects.create(person=person, organisation=organisation, **given)


@transaction.atomic
def leave(*, membership: Membership, on: date, by: User) -> None:
    """End a membership after its last day. Raises ValidationError."""
    _check_reach(membership.organisation, by)
    if membership.from_on and on < membership.from_on:
        raise ValidationError(_("The last day lies before the first."))
    membership.until_on = on
    membership.save(update_fields=["until_on"])


def _check_reach(organisation: Organisation, by: User) -> None:
    if not organisations_of(by).filter(pk=organisation.pk).exists():
        raise ValidationError({"organisation": _("Choose an organisation that you run.")})


@transaction.atomic
def note_work(*, person: Person, **given) -> Employment:
    """Keep a work of a person beside the earlier ones."""
    return Employment.objects.create(person=person, **given)


@transaction.atomic
def note_cover(*, person: Person, by: User, **given) -> CoverRow:
    """Keep what a check of the cover showed: always a new row, the earlier ones are its history."""
    return CoverRow.objects.create(person=person, logged_by=by, **given)


@transaction.atomic
def put_in_household(*, person: Person, number: str, relation: str, from_on: date | None = None) -> HouseholdMember:
    """Put a person on a family card, known or new; where they stood on another one until now, that ends."""
    today = timezone.localdate()
    found = Household.objects.filter(number_hash=keyed_hash(normalise(number))).first() if number.strip() else None
    household = found or Household.objects.create(number=number, region=person.region)
    here = person.households.filter(household=household, until_on=None).first()
    if here:
        here.relation = relation or here.relation
        here.save(update_fields=["relation"])
        return here
    last = (from_on or today) - timedelta(days=1)
    for row in person.households.filter(until_on=None):
        row.until_on = max(last, row.from_on) if row.from_on else last
        row.save(update_fields=["until_on"])
    return HouseholdMember.objects.create(person=person, household=household, relation=relation, from_on=from_on)


def lapsing(user: User, *, today: date, days: int = LAPSE_DAYS) -> QuerySet[CoverRow]:
    """Whose own payments run out within so many days, or ran out as long ago, among the people of this user."""
    rows = _last_rows().paid_until_within(today - timedelta(days=days), today + timedelta(days=days))
    return rows.filter(person__in=seen_by(user)).select_related("person").order_by("paid_until", "pk")


def _last_rows():
    return CoverRow.objects.filter(pk__in=CoverRow.objects.latest().values("pk"))


def remind_lapses(*, now: datetime) -> int:
    """Tell the nearest coordinators which of their members pay until when; a number, never a name. Nothing twice."""
    today = timezone.localdate(now)
    soon = _last_rows().paid_until_within(today, today + timedelta(days=LAPSE_DAYS))
    rows = sorted(
        Membership.objects.on(today)
        .filter(person__covers__in=soon)
        .values_list("organisation", "person__covers__paid_until", "person")
        .filter(person__covers__in=soon)
        .distinct()
    )
    near = coordinators.tiers({organisation for organisation, *_rest in rows}, on=today)
    units = Organisation.objects.in_bulk(list(near))
    notes = []
    for (pk, until), members in groupby(rows, key=lambda row: row[:2]):
        count = len({person for *_rest, person in members})
        for user in near.get(pk, [[]])[0]:
            thing = f"lapse:{units[pk].uuid}:{until}"
            data = {"organisation": str(units[pk]), "count": count, "until_at": until.isoformat()}
            notes.append(Note(user, "cover_lapses", thing, data, path=reverse("members:cover-lapses"), thing=thing))
    return messages.post_all(notes, now=now)


@transaction.atomic
def survey(*, by: User, **given) -> CoverageSurvey:
    """Keep a count of workers and registered; an earlier count that says otherwise stays beside it."""
    if not (given.get("employer") or given.get("sector")):
        raise ValidationError({"employer": _("Say which employer or which sector was counted.")})
    return CoverageSurvey.objects.create(logged_by=by, **given)
