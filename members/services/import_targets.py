"""What becomes of the rows of an import: people, officers, units and bodies made or filled in, and taken back again.

Nothing that stands is ever written over: of what is there already only the gaps are filled. What a row did is kept in its
``effect`` as keys and hashes, never as a value of anybody.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from django.db import models
from django.db.models import Q
from django.utils import timezone
from simple_history.utils import bulk_create_with_history

from members.models import (
    Affiliation,
    Body,
    BodyKind,
    Closure,
    Contact,
    Identifier,
    Import,
    ImportRow,
    Membership,
    Office,
    Organisation,
    OrganisationKind,
    Person,
    Region,
    User,
    keyed_hash,
)
from members.rules.importing import ImportKind, Problem, name_key, same_name
from members.rules.numbers import NumberKind
from members.rules.roles import Permission
from members.services import places, trees

NUMBERS = (NumberKind.NIK, NumberKind.KK, NumberKind.JKN, NumberKind.KPJ)
#: What is said of a person, and filled in where it is still empty.
PERSON_FIELDS = ("full_name", "gender", "born_on", "age_text", "region_id")
BODY_FIELDS = ("aliases", "region_id", "address", "phone", "hours", "source")
UNIT_FIELDS = ("abbreviation", "region_id", "sector", "body_id")
#: Besides these, what a finger-print covers.
BODY_PRINT = ("name", *BODY_FIELDS, "verified_on", "merged_into_id")
UNIT_PRINT = ("name", "parent_id", "kind_id", *UNIT_FIELDS)


@dataclass
class Found:
    """A row on its way: what it says, whom it was matched with, what is wrong, what it did."""

    values: dict
    row: ImportRow
    problems: list[Problem] = field(default_factory=list)
    person: Person | None = None
    #: Whether the person belongs to the part of the tree of whoever imports; of the others nothing is told or changed.
    is_ours: bool = False
    candidate: Person | None = None
    unit_id: int | None = None
    parent_key: str = ""

    @property
    def is_hard(self) -> bool:
        return any(problem.hard for problem in self.problems)

    def refuse(self, code: str, field: str = "", other: int = 0) -> None:
        self.problems.append(Problem(code, True, field, other))


def importable(user: User):
    """The organisations for which this user may bring in lists."""
    if user.is_superuser and user.is_active:
        return Organisation.objects.all()
    return Organisation.objects.in_reach_of(user, Permission.MEMBERS_IMPORT)


class Target:
    """What one kind of list is matched with and written to; caches what the rows of one run share."""

    def __init__(self, batch: Import, *, by: User):
        self.batch, self.by, self.today = batch, by, timezone.localdate()
        self._regions: dict[str, Region | None] = {}

    def key(self, values: dict) -> str:
        """What two rows of one file may not both be; "" for none."""
        raise NotImplementedError

    def match(self, found: Sequence[Found]) -> None:
        """Say of each row whom or what it means; problems are added to it."""
        raise NotImplementedError

    def write(self, found: Sequence[Found]) -> None:
        """Make and fill what the rows say, and note it in their effect. In the transaction of the caller."""
        raise NotImplementedError

    def people(self, keys: Iterable[int]) -> dict[int, Person]:
        """The people somebody was asked about, as far as they are still there."""
        return Person.objects.in_bulk(list(keys))

    def name_of(self, one: Found) -> str:
        """What other rows of the file call this one."""
        return _place_key(one.values.get("name", ""))

    # What rows share

    def region(self, text: str) -> Region | None:
        if text not in self._regions:
            self._regions[text] = places.find_region(text)
        return self._regions[text]

    def _read_region(self, one: Found) -> None:
        text = one.values.get("region", "")
        if text and self.region(text) is None:
            one.problems.append(Problem("no_region", False, "region"))

    @cached_property
    def reach(self) -> set[int]:
        return set(importable(self.by).values_list("pk", flat=True))

    @cached_property
    def units(self) -> dict[str, set[int]]:
        """The organisations below the chosen one, by every name they go by."""
        known: dict[str, set[int]] = defaultdict(set)
        below = Organisation.objects.below(self.batch.organisation).filter(merged_into__isnull=True, pk__in=self.reach)
        for pk, name, abbreviation, aliases in below.values_list("pk", "name", "abbreviation", "aliases"):
            for text in [name, abbreviation, *aliases.replace(";", ",").split(",")]:
                if key := _place_key(text):
                    known[key].add(pk)
        return known

    def _find_unit(self, one: Found, code: str = "unit") -> None:
        text = one.values.get(code, "")
        one.unit_id = self.batch.organisation_id
        if not text:
            return
        hits = self.units.get(_place_key(text), set())
        if len(hits) == 1:
            one.unit_id = next(iter(hits))
        else:
            one.refuse("many_units" if hits else "no_unit", code)


# --- People --------------------------------------------------------------------------------------------------------


class People(Target):
    """Members of an organisation, or of the units below it."""

    def key(self, values: dict) -> str:
        if nik := values.get("nik"):
            return f"nik|{nik}"
        if tell := values.get("born_on") or values.get("phone"):
            return f"name|{name_key(values.get('full_name', ''))}|{tell}"
        return ""

    def match(self, found: Sequence[Found]) -> None:
        for one in found:
            self._read_region(one)
            self._find_unit(one)
        self._match_people(found)

    def _match_people(self, found: Sequence[Found]) -> None:
        by_nik = self._by_hash(Identifier, [one.values["nik"] for one in found if one.values.get("nik")], kind="nik")
        phones = {phone for one in found for phone in one.values.get("phone", "").split()}
        by_phone = self._by_hash(Contact, phones)
        by_name: dict[tuple[str, str], list[Person]] = defaultdict(list)
        named = [one for one in found if len(one.values.get("born_on", "")) == 10 and one.values.get("full_name")]
        spellings = {spelling for one in named for spelling in _spellings(one.values["full_name"])}
        if spellings:
            for person in Person.objects.filter(full_name__in=spellings, born_on__isnull=False):
                if person.merged_into_id is None:  # asked here: nearly all are, and SQLite would begin with them
                    by_name[(name_key(person.full_name), person.born_on.isoformat())].append(person)
        everyone = [each for group in (by_nik, by_phone, by_name) for people in group.values() for each in people]
        ours = self._ours({person.pk for person in everyone})
        for one in found:
            self._match_one(one, by_nik, by_phone, by_name, ours)

    @staticmethod
    def _match_one(one: Found, by_nik, by_phone, by_name, ours: set[int]) -> None:
        name = one.values.get("full_name", "")
        same_nik = by_nik.get(one.values.get("nik"), [])
        fitting = [person for person in same_nik if same_name(person.full_name, name)]
        fitting.sort(key=lambda person: (person.pk not in ours, person.pk))
        if fitting:
            one.person, one.is_ours = fitting[0], fitting[0].pk in ours
            return
        if any(person.pk in ours for person in same_nik):
            one.refuse("nik_of_other", "nik")
            return
        likely = by_name.get((name_key(name), one.values.get("born_on", "")), [])
        for phone in one.values.get("phone", "").split():
            likely = likely + [person for person in by_phone.get(phone, []) if same_name(person.full_name, name)]
        one.candidate = min((person for person in likely if person.pk in ours), key=lambda each: each.pk, default=None)

    @staticmethod
    def _by_hash(model, numbers: Iterable[str], **kind) -> dict[str, list[Person]]:
        hashes = {keyed_hash(number): number for number in numbers}
        known: dict[str, list[Person]] = defaultdict(list)
        if hashes:
            rows = model.objects.filter(value_hash__in=list(hashes), **kind).select_related("person").defer("value")
            for row in rows:
                if row.person.merged_into_id is None:  # asked here: nearly all are, and SQLite would begin with them
                    known[hashes[row.value_hash]].append(row.person)
        return known

    def _ours(self, people: set[int]) -> set[int]:
        """Those who belong to the part of the tree of whoever imports: of the others this page must say nothing."""
        if not people:
            return set()
        own: set[int] = set()
        for model in (Membership, Office):
            rows = model.objects.filter(person__in=people).values_list("person", "organisation")
            own |= {person for person, organisation in rows if organisation in self.reach}
        return own

    def write(self, found: Sequence[Found]) -> None:
        self._write_people(found)
        self._join(found)

    def _write_people(self, found: Sequence[Found]) -> None:
        fresh = [one for one in found if one.person is None]
        for one in fresh:
            one.person = Person(**self._person_fields(one.values))
        Person.objects.bulk_create([one.person for one in fresh])
        for one in fresh:
            one.row.effect["made"] = {"person": [one.person.pk, print_of(one.person, PERSON_FIELDS)]}
        old = [one for one in found if one.is_ours]
        made = {id(one) for one in fresh}
        for one in old:
            self._fill(one)
        self._add_numbers([one for one in found if id(one) in made or one.is_ours], {one.person.pk for one in old})

    def _person_fields(self, values: dict) -> dict:
        born, region = values.get("born_on", ""), self.region(values.get("region", ""))
        is_day = len(born) == 10
        return {
            "full_name": values.get("full_name", ""),
            "gender": values.get("gender", ""),
            "born_on": date.fromisoformat(born) if is_day else None,
            "age_text": f"lahir {born}" if born and not is_day else "",
            "region_id": region.pk if region else None,
        }

    def _fill(self, one: Found) -> None:
        fill(one, "person", one.person, self._person_fields(one.values), also={"version": 1})

    def _add_numbers(self, found: Sequence[Found], old: set[int]) -> None:
        identifiers, contacts = [], []
        has = set(Identifier.objects.filter(person__in=old).values_list("person", "kind", "value_hash"))
        calls = set(Contact.objects.filter(person__in=old).values_list("person", "value_hash"))
        for one in found:
            pk = one.person.pk
            for kind in NUMBERS:
                if (number := one.values.get(kind)) and (key := (pk, str(kind), keyed_hash(number))) not in has:
                    has.add(key)
                    identifiers.append((one, Identifier(person_id=pk, kind=kind, value=number, value_hash=key[2])))
            for phone in one.values.get("phone", "").split():
                if (called := (pk, keyed_hash(phone))) not in calls:
                    calls.add(called)
                    contacts.append((one, Contact(person_id=pk, value=phone, value_hash=called[1])))
        for name, rows in (("identifier", identifiers), ("contact", contacts)):
            model: type[models.Model] = Identifier if name == "identifier" else Contact
            model.objects.bulk_create([row for _one, row in rows])
            for one, row in rows:
                one.row.effect.setdefault("added", {}).setdefault(name, []).append(row.pk)

    def _join(self, found: Sequence[Found]) -> None:
        """A membership for everybody, once; of one that is there already the gaps are filled."""
        rows = Membership.objects.filter(person__in=[one.person.pk for one in found], until_on__isnull=True)
        open_ones: dict[tuple[int, int | None], Membership] = {
            (row.person_id, row.organisation_id): row for row in rows
        }
        fresh = []
        for one in found:
            since = one.values.get("from_on", "")
            fields = {
                "number": one.values.get("member_number", ""),
                "from_on": date.fromisoformat(since) if since else None,
            }
            key = (one.person.pk, one.unit_id)
            if (there := open_ones.get(key)) is not None:
                if there.pk:
                    fill(one, "membership", there, fields)
                continue
            open_ones[key] = row = Membership(person_id=key[0], organisation_id=key[1], **fields)
            fresh.append((one, row))
        Membership.objects.bulk_create([row for _one, row in fresh])
        for one, row in fresh:
            one.row.effect.setdefault("made", {})["membership"] = [row.pk, print_of(row, MEMBERSHIP_FIELDS)]


MEMBERSHIP_FIELDS = ("person_id", "organisation_id", "number", "from_on", "until_on")


class Officers(People):
    """Who holds which office; with a number of theirs they are people too, else a name in an office."""

    def key(self, values: dict) -> str:
        parts = [
            name_key(values.get("full_name", "")),
            values.get("title", ""),
            values.get("unit", ""),
            values.get("field", ""),
        ]
        return "office|" + "|".join(part.lower() for part in [*parts, values.get("from_on", "")])

    def match(self, found: Sequence[Found]) -> None:
        for one in found:
            self._find_unit(one)
        self._match_people([one for one in found if self._is_person(one)])

    @staticmethod
    def _is_person(one: Found) -> bool:
        return any(one.values.get(code) for code in ("nik", "phone", "born_on"))

    def write(self, found: Sequence[Found]) -> None:
        self._write_people([one for one in found if self._is_person(one)])
        there = {
            (row.organisation_id, name_key(row.name), row.title.lower(), row.field.lower()): row
            for row in Office.objects.filter(organisation__in={one.unit_id for one in found}).on(self.today)
        }
        fresh = []
        for one in found:
            name, title, area = one.values["full_name"], one.values["title"], one.values.get("field", "")
            days = {key: date.fromisoformat(text) for key in ("from_on", "until_on") if (text := one.values.get(key))}
            if (row := there.get((one.unit_id, name_key(name), title.lower(), area.lower()))) is not None:
                fill(one, "office", row, {**days, "person_id": one.person.pk if one.person else None})
                continue
            fresh.append(
                (
                    one,
                    Office(organisation_id=one.unit_id, person=one.person, name=name, title=title, field=area, **days),
                )
            )
        make_with_history(Office, [row for _one, row in fresh], by=self.by)
        for one, row in fresh:
            one.row.effect.setdefault("made", {})["office"] = [row.pk, print_of(row, OFFICE_FIELDS)]


OFFICE_FIELDS = ("organisation_id", "person_id", "name", "title", "field", "from_on", "until_on")


# --- Bodies --------------------------------------------------------------------------------------------------------


class Bodies(Target):
    """Employers or facilities: found by name and region, never taken as verified."""

    def key(self, values: dict) -> str:
        return f"body|{_place_key(values.get('name', ''))}|{_place_key(values.get('region', ''))}"

    @cached_property
    def kinds(self) -> dict[str, BodyKind]:
        return {
            _place_key(text): kind
            for kind in BodyKind.objects.all()
            for text in (kind.code, kind.name, kind.name_en)
            if text
        }

    def match(self, found: Sequence[Found]) -> None:
        for one in found:
            self._read_region(one)
            if (text := one.values.get("kind")) and self._kind_of(text) is None:
                one.refuse("no_kind", "kind")
        names = [one.values.get("name", "") for one in found]
        known = self._known(names)
        for one in found:
            one.row.match = ImportRow.Match.EXACT if self._body(one, known) else ImportRow.Match.NONE

    def _kind_of(self, text: str) -> BodyKind | None:
        short = {
            "rs": "hospital",
            "rsud": "hospital",
            "rsu": "hospital",
            "faskes tingkat 1": "clinic",
            "pkm": "puskesmas",
        }
        key = _place_key(text)
        return self.kinds.get(key) or self.kinds.get(short.get(key, ""))

    def _guess_kind(self, name: str) -> BodyKind | None:
        if self.batch.kind == ImportKind.EMPLOYERS:
            return self.kinds.get("employer")
        words = set(_place_key(name).split())
        for code, signs in (
            ("puskesmas", {"puskesmas", "pkm"}),
            ("clinic", {"klinik"}),
            ("hospital", {"rs", "rsud", "rsu", "rsup", "rsia", "rumah", "rsi", "rst"}),
        ):
            if words & signs:
                return self.kinds.get(code)
        return None

    @cached_property
    def index(self) -> dict[str, set[int]]:
        """Every body by the keys of its names: "PT. Maju" and "PT MAJU" are one."""
        known: dict[str, set[int]] = defaultdict(set)
        for pk, name, aliases in Body.objects.values_list("pk", "name", "aliases").iterator():
            for text in [name, *aliases.replace(";", ",").split(",")]:
                if key := _place_key(text):
                    known[key].add(pk)
        return known

    def _known(self, names: Iterable[str]) -> dict[str, list[Body]]:
        """The bodies these names may mean, by key; a merged one leads on to the one it became."""
        keys = {_place_key(name) for name in names}
        pks = {pk for key in keys for pk in self.index.get(key, ())}
        bodies = Body.objects.select_related("merged_into").in_bulk(pks)
        known: dict[str, list[Body]] = defaultdict(list)
        for key in keys:
            for pk in sorted(self.index.get(key, ())):
                if pk in bodies:
                    known[key].append(bodies[pk].merged_into or bodies[pk])
        return known

    def _body(self, one: Found, known: dict[str, list[Body]]) -> Body | None:
        """The body of this name: in the same region, or where one of the two does not say."""
        region = self.region(one.values.get("region", ""))
        bodies = known.get(_place_key(one.values.get("name", "")), [])
        if region is None:
            return bodies[0] if len(bodies) == 1 else None
        exact = [body for body in bodies if body.region_id == region.pk]
        open_ones = [body for body in bodies if body.region_id is None]
        return next(iter(exact or open_ones), None)

    def write(self, found: Sequence[Found]) -> None:
        names = [one.values["name"] for one in found]
        known = self._known(names)
        fresh = []
        for one in found:
            fields = self._fields(one)
            if (body := self._body(one, known)) is not None and body.pk:
                fill(one, "body", body, fields)
            else:
                body = Body(name=one.values["name"], **fields)
                known[_place_key(body.name)].append(body)
                fresh.append((one, body))
            one.body = body  # type: ignore[attr-defined]
        make_with_history(Body, [body for _one, body in fresh], by=self.by)
        for _one, body in fresh:
            self.index[_place_key(body.name)].add(body.pk)
        links = []
        has = set(
            Body.kinds.through.objects.filter(body__in=[one.body.pk for one in found]).values_list("body", "bodykind")
        )
        for one in found:
            kind = self._kind_of(one.values["kind"]) if one.values.get("kind") else self._guess_kind(one.values["name"])
            if kind and (one.body.pk, kind.pk) not in has:
                has.add((one.body.pk, kind.pk))
                links.append(Body.kinds.through(body_id=one.body.pk, bodykind_id=kind.pk))
                one.row.effect["kind"] = [one.body.pk, kind.pk]
        Body.kinds.through.objects.bulk_create(links)
        for one, body in fresh:
            one.row.effect["made"] = {"body": [body.pk, print_of(body, BODY_PRINT)]}

    def _fields(self, one: Found) -> dict:
        region = self.region(one.values.get("region", ""))
        return {
            **{code: one.values.get(code, "") for code in ("aliases", "address", "phone", "hours", "source")},
            "region_id": region.pk if region else None,
        }


# --- Units ---------------------------------------------------------------------------------------------------------


class Units(Target):
    """Units below an organisation, parents before children; the shape of the tree is `trees.place`'s."""

    def key(self, values: dict) -> str:
        return f"unit|{_place_key(values.get('name', ''))}|{_place_key(values.get('parent', ''))}"

    @cached_property
    def kinds(self) -> dict[str, OrganisationKind]:
        return {
            _place_key(text): kind
            for kind in OrganisationKind.objects.order_by("-pk")
            for text in (kind.code, kind.name, kind.name_en, kind.name.split("(")[0])
            if _place_key(text)
        }

    def match(self, found: Sequence[Found]) -> None:
        for one in found:
            self._read_region(one)
            if (text := one.values.get("kind")) and _place_key(text) not in self.kinds:
                one.refuse("no_kind", "kind")
            if text := one.values.get("parent"):
                hits = self.units.get(_place_key(text), set())
                if len(hits) > 1:
                    one.refuse("many_units", "parent")
                elif not hits:
                    one.parent_key = _place_key(text)  # perhaps a row of this file
            one.row.match = ImportRow.Match.EXACT if self._unit(one) else ImportRow.Match.NONE

    def _parent_id(self, one: Found) -> int | None:
        text = one.values.get("parent", "")
        if not text:
            return self.batch.organisation_id
        hits = self.units.get(_place_key(text), set())
        return next(iter(hits)) if len(hits) == 1 else None

    def _unit(self, one: Found) -> int | None:
        parent, hits = self._parent_id(one), self.units.get(_place_key(one.values.get("name", "")), set())
        if parent is None or not hits:
            return None
        return Organisation.objects.filter(pk__in=hits, parent=parent).values_list("pk", flat=True).first()

    def write(self, found: Sequence[Found]) -> None:
        for one in found:
            self._write_one(one)

    def _write_one(self, one: Found) -> None:
        parent_id = self._parent_id(one)
        if parent_id is None:
            one.refuse("no_unit", "parent")
            return
        parent = Organisation.objects.get(pk=parent_id)
        region = self.region(one.values.get("region", ""))
        newest = Body.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        employer = places.find_or_create(one.values.get("employer", ""), region=region)
        if employer and employer.pk > newest:
            one.row.effect["made"] = {"body": [employer.pk, print_of(employer, BODY_PRINT)]}
        fields = {
            "abbreviation": one.values.get("abbreviation", ""),
            "sector": one.values.get("sector", ""),
            "region_id": region.pk if region else None,
            "body_id": employer.pk if employer else None,
        }
        if (pk := self._unit(one)) is not None:
            fill(one, "organisation", Organisation.objects.get(pk=pk), fields)
            return
        unit = Organisation(name=one.values["name"], kind=self._kind_for(one, parent), **fields)
        unit._history_user = self.by
        trees.place(unit, parent=parent)
        self.units[_place_key(unit.name)].add(unit.pk)
        self.reach.add(unit.pk)
        one.row.effect.setdefault("made", {})["organisation"] = [unit.pk, print_of(unit, UNIT_PRINT)]

    def _kind_for(self, one: Found, parent: Organisation) -> OrganisationKind:
        """The kind that was written, else the next lower one of the parent's line."""
        if text := one.values.get("kind"):
            return self.kinds[_place_key(text)]
        lower = OrganisationKind.objects.filter(line=parent.kind.line, rank__gt=parent.kind.rank).order_by("rank")
        return lower.first() or parent.kind


TARGETS: dict[str, type[Target]] = {
    ImportKind.MEMBERS: People,
    ImportKind.OFFICERS: Officers,
    ImportKind.UNITS: Units,
    ImportKind.EMPLOYERS: Bodies,
    ImportKind.FACILITIES: Bodies,
}


def target_of(batch: Import, *, by: User) -> Target:
    """What the rows of this import are matched with and written to."""
    return TARGETS[batch.kind](batch, by=by)


# --- Filling and finger-prints -------------------------------------------------------------------------------------


def fill(one: Found, name: str, row, fields: dict, *, also: dict | None = None) -> None:
    """Write what is still empty; what stands is left as it is. ``also`` is added to numbers of the row (its version)."""
    gaps = {key: value for key, value in fields.items() if value not in (None, "") and getattr(row, key) in (None, "")}
    if not gaps:
        return
    for key, value in gaps.items():
        setattr(row, key, value)
    for key, step in (also or {}).items():
        setattr(row, key, getattr(row, key) + step)
    row.save(update_fields=[*gaps, *(also or {})])
    one.row.effect.setdefault("filled", {})[name] = [row.pk, {key: hash_of(value) for key, value in gaps.items()}]


def hash_of(value) -> str:
    """A keyed hash of a value, to see later whether it is still the same."""
    return keyed_hash(f"value|{value}")[:24]


def print_of(row, fields: Iterable[str]) -> str:
    """The finger-print of a row as it was made."""
    return keyed_hash("row|" + json.dumps([str(getattr(row, name)) for name in fields]))[:24]


def make_with_history(model, rows: list, *, by: User) -> None:
    """Insert rows at once, each with the first line of its history."""
    if rows:
        bulk_create_with_history(rows, model, batch_size=500, default_user=by)


def _spellings(name: str) -> set[str]:
    return {name, name.upper(), name.title(), name.lower(), name.capitalize()}


def _place_key(text: str) -> str:
    """A name of a place or unit without what differs from list to list: "PT. Maju, Tbk" is "maju"."""
    words = "".join(char if char.isalnum() else " " for char in (text or "").lower()).split()
    short = [word for word in words if word not in {"pt", "cv", "tbk", "ud", "persero"}]
    return " ".join(short or words)


# --- Taking back ---------------------------------------------------------------------------------------------------

#: What a row may have made, in the order in which it is taken back, and the fields of its finger-print.
MADE: tuple[tuple[str, type[models.Model], tuple[str, ...]], ...] = (
    ("membership", Membership, MEMBERSHIP_FIELDS),
    ("office", Office, OFFICE_FIELDS),
    ("person", Person, PERSON_FIELDS),
    ("organisation", Organisation, UNIT_PRINT),
    ("body", Body, BODY_PRINT),
)
_FILLED: dict[str, type[models.Model]] = {name: model for name, model, _fields in MADE}


def take_back(rows: Sequence[ImportRow]) -> dict[int, str]:
    """Undo what these rows did; of those that could not be undone whole, the reason ("used", "changed") by key."""
    kept: dict[int, str] = {}
    _remove_links(rows)
    for name, model, fields in MADE:
        _remove_made(rows, name, model, fields, kept)
    _remove_added(rows, kept)
    for row in rows:
        for name, (pk, hashes) in row.effect.get("filled", {}).items():
            _empty_again(row, _FILLED[name], pk, hashes, kept)
    return kept


def _remove_links(rows: Sequence[ImportRow]) -> None:
    for row in rows:
        if (link := row.effect.get("kind")) and "made" not in row.effect:
            Body.kinds.through.objects.filter(body=link[0], bodykind=link[1]).delete()


def _remove_made(rows, name: str, model, fields: tuple[str, ...], kept: dict[int, str]) -> None:
    made = {row.effect["made"][name][0]: row for row in rows if name in row.effect.get("made", {})}
    if not made:
        return
    there = {each.pk: each for each in model._base_manager.filter(pk__in=made)}
    own: dict[type[models.Model], set[int]] = defaultdict(set)
    for row in made.values():
        for part, keys in row.effect.get("added", {}).items():
            own[Identifier if part == "identifier" else Contact].update(keys)
    used = _used(model, list(there), own)
    gone = []
    for pk, each in there.items():
        row = made[pk]
        if pk in used:
            kept.setdefault(row.pk, "used")
        elif print_of(each, fields) != row.effect["made"][name][1] or getattr(each, "version", 1) != 1:
            kept.setdefault(row.pk, "changed")
        else:
            gone.append(pk)
    if name == "organisation":
        Closure.objects.filter(descendant__in=gone).delete()
        Affiliation.objects.filter(organisation__in=gone).delete()
    model._base_manager.filter(pk__in=gone).delete()


def _remove_added(rows: Sequence[ImportRow], kept: dict[int, str]) -> None:
    """Numbers added to people who were there before; of a person who was made and is kept, they stay with them."""
    for name, model in (("identifier", Identifier), ("contact", Contact)):
        keys = [
            key
            for row in rows
            if row.pk not in kept and "person" not in row.effect.get("made", {})
            for key in row.effect.get("added", {}).get(name, [])
        ]
        if keys:
            model.objects.filter(pk__in=keys).delete()


def _empty_again(row: ImportRow, model, pk: int, hashes: dict, kept: dict[int, str]) -> None:
    each = model._base_manager.filter(pk=pk).first()
    if each is None:
        return
    same = [key for key, value in hashes.items() if hash_of(getattr(each, key)) == value]
    if len(same) < len(hashes):
        kept.setdefault(row.pk, "changed")
    for key in same:
        empty = model._meta.get_field(key.removesuffix("_id") if key.endswith("_id") else key)
        setattr(each, key, None if empty.null else "")
    if same:
        if hasattr(each, "version"):
            each.version += 1
            same.append("version")
        each.save(update_fields=same)


def _used(model, pks: list[int], own: dict[type[models.Model], set[int]]) -> set[int]:
    """Which of these rows something else points at by now, besides what the import itself has made."""
    used: set[int] = set()
    for relation in model._meta.get_fields(include_hidden=True):
        if not (relation.auto_created and not relation.concrete and (relation.one_to_many or relation.one_to_one)):
            continue
        other, name = relation.related_model, relation.field.name
        if other in (ImportRow, Body.kinds.through) or hasattr(other, "instance_type"):
            continue
        rows = other._base_manager.filter(Q(**{f"{name}__in": pks}))
        if (other, name) in ((Closure, "descendant"), (Affiliation, "organisation")):
            continue  # its own place in the tree
        if other is Closure:
            rows = rows.exclude(ancestor=models.F("descendant"))
        used |= {at for at, pk in rows.values_list(name, "pk") if pk not in own.get(other, ())}
    return used
