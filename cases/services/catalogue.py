"""Reference data: the readable files of cases/data/ become rows, and what an admin edited stays as it is."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from django.db import models, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from cases.models import (
    Checklist,
    ChecklistItem,
    Confidence,
    ContactChannel,
    EmergencyLine,
    EventType,
    FineTerm,
    Holiday,
    Ladder,
    LocalScheme,
    MembershipState,
    Outcome,
    PaperType,
    Playbook,
    PlaybookStep,
    ProblemFamily,
    ProblemType,
    Programme,
    RedFlag,
    Route,
    RouteStep,
    Rule,
    Rung,
    Segment,
)
from cases.services import clocks
from members.models import BodyKind, OrganisationKind, Region, Sector, Vulnerability
from members.services.regions import load_regions

DATA = Path(__file__).resolve().parent.parent / "data"

Model: TypeAlias = type[models.Model]

#: File, its model, and the field whose text stands for another row of the catalogue.
CATALOGUE: list[tuple[str, Model, dict[str, Model]]] = [
    ("families", ProblemFamily, {}),
    ("problem_types", ProblemType, {"family": ProblemFamily}),
    ("event_types", EventType, {}),
    ("outcomes", Outcome, {}),
    ("emergency_lines", EmergencyLine, {}),
    ("red_flags", RedFlag, {}),
]
#: Labels that a union makes its own: given once, never overwritten.
KINDS: list[tuple[str, Model]] = [
    ("organisation_kinds", OrganisationKind),
    ("body_kinds", BodyKind),
    ("sectors", Sector),
    ("vulnerabilities", Vulnerability),
]


@dataclass(frozen=True)
class Below:
    """Rows written inside another one: under which key, their model, the field back, and what tells them apart."""

    key: str
    model: Model
    parent: str
    by: str = "position"
    links: dict[str, Model] = field(default_factory=dict)
    many: dict[str, Model] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """A file, its model, the fields that name other rows by code (one or many), and the rows written inside."""

    file: str
    model: Model
    links: dict[str, Model] = field(default_factory=dict)
    many: dict[str, Model] = field(default_factory=dict)
    below: Below | None = None
    by: tuple[str, ...] = ("code",)


#: In the order in which one needs the other.
LAW: list[Table] = [
    Table("programmes", Programme),
    Table("segments", Segment),
    Table("membership_states", MembershipState),
    Table("rules", Rule, {"beside": Rule, "region": Region}),
    Table("fine_terms", FineTerm),
    Table("local_schemes", LocalScheme, {"region": Region, "rule": Rule}),
    Table("channels", ContactChannel, {"body_kind": BodyKind}, {"rules": Rule}),
    Table("ladders", Ladder, below=Below("rungs", Rung, "ladder", many={"channels": ContactChannel})),
    Table("paper_types", PaperType),
    Table(
        "checklists",
        Checklist,
        {"programme": Programme},
        {"problem_types": ProblemType},
        Below("items", ChecklistItem, "checklist", by="paper", links={"paper": PaperType}),
    ),
    Table(
        "routes",
        Route,
        {"segment": Segment, "state": MembershipState},
        below=Below(
            "steps", RouteStep, "route", links={"channel": ContactChannel, "rule": Rule}, many={"papers": PaperType}
        ),
    ),
    Table(
        "playbooks",
        Playbook,
        {"problem_type": ProblemType},
        below=Below("steps", PlaybookStep, "playbook", many={"rules": Rule}),
    ),
    Table("holidays", Holiday, {"region": Region}, by=("day", "region")),
]


def rows(name: str) -> list[dict]:
    """The rows of one data file in its order; of a folder of that name, the rows of its files."""
    files = [DATA / f"{name}.json", *sorted((DATA / name).glob("*.json"))]
    return [row for file in files if file.exists() for row in json.loads(file.read_text(encoding="utf-8"))]


@transaction.atomic
def load() -> dict[str, dict[str, int]]:
    """Load regions, kinds, the catalogue and the law, all or nothing; returns per table what was added, changed, left alone.

    A row that an admin edited (``edited_at``) is left alone with all that is written inside it, and so is a row that a
    newer file no longer holds: cases may stand on it. Where a rule or a day off changed, open clocks are counted again.
    Raises ValueError for a key that is no field, a code that is nowhere, or a row of law with neither source nor flag.
    """
    report = {"regions": load_regions()}
    for name, model in KINDS:
        report[name] = _load(Table(name, model), keep_existing=True)
    for name, model, links in CATALOGUE:
        report[name] = _load(Table(name, model, links))
    for table in LAW:
        report[table.file] = _load(table, sourced=table.model is not Holiday)
    if any(report[name][key] for name in ("rules", "holidays") for key in ("added", "changed")):
        clocks.recompute_open()
    return report


def is_sourced(values: dict) -> bool:
    """Whether a row of law names its source, or says by its flag that it has none worth the name."""
    return bool(values.get("source")) or values.get("confidence") in {Confidence.GENERAL, Confidence.DISPUTED}


def _load(table: Table, *, keep_existing: bool = False, sourced: bool = False) -> dict[str, int]:
    counts = {"added": 0, "changed": 0, "left_alone": 0}
    stored = _Stored(table)
    read = []
    for values in rows(table.file):
        where = f"{table.file}.json {values.get('code') or values.get('day')}"
        if sourced and not is_sourced(values):
            raise ValueError(_("%(row)s has neither a source nor a flag.") % {"row": where})
        read.append((stored.own(values, where), values, where))
    fresh = set()
    for own, _values, _where in read:
        if stored.key_of(own) not in stored.known:
            fresh.add(stored.add(own).pk)
            counts["added"] += 1
    # Only now are all rows of this table there, so that one may name another.
    for own, values, where in read:
        row = stored.known[stored.key_of(own)]
        wanted = _Wanted(own | stored.own_links(values, where), stored.many(values, where), stored.below(values, where))
        if not stored.differs(row, wanted):
            continue
        if row.pk not in fresh and (keep_existing or row.edited_at is not None):
            counts["left_alone"] += 1
            continue
        stored.write(row, wanted)
        counts["changed"] += row.pk not in fresh
    return counts


@dataclass(frozen=True)
class _Wanted:
    """What a row of the file asks for: its fields, its links to many, and the rows inside it by what tells them apart."""

    own: dict
    many: dict[str, set[int]]
    below: dict[object, "_Wanted"] = field(default_factory=dict)


class _Stored:
    """The rows of one table as the database holds them, and what it takes to bring them to the file."""

    def __init__(self, table: Table):
        self.table = table
        links = [name for name in table.by if name in table.links]
        stored = table.model._default_manager.select_related(*links)
        self.known = {tuple(getattr(row, name) for name in table.by): row for row in stored}
        inside = table.below
        named = [*table.links.values(), *table.many.values()]
        named += [*inside.links.values(), *inside.many.values()] if inside else []
        self.by_code = {
            model: {row.code: row for row in model._default_manager.all()} for model in set(named) - {table.model}
        }
        self.linked = _linked(table.model, table.many)
        self.inside: dict[int, dict[object, models.Model]] = {}
        if inside:
            self.linked_inside = _linked(inside.model, inside.many)
            for child in inside.model._default_manager.all():
                siblings = self.inside.setdefault(getattr(child, f"{inside.parent}_id"), {})
                siblings[getattr(child, inside.by)] = child

    def key_of(self, own: dict) -> tuple:
        return tuple(own.get(name) for name in self.table.by)

    def add(self, own: dict) -> models.Model:
        row = self.known[self.key_of(own)] = self.table.model._default_manager.create(**own)
        return row

    def own(self, values: dict, where: str) -> dict:
        """The fields of the row itself, without those that name a row of its own table."""
        table = self.table
        others = {*table.many, *([table.below.key] if table.below else [])}
        others |= {name for name, model in table.links.items() if model is table.model}
        return self._fields(table.model, table.links, values, others, where)

    def own_links(self, values: dict, where: str) -> dict:
        """The fields that name a row of the same table."""
        table = self.table
        names = [name for name, model in table.links.items() if model is table.model and values.get(name)]
        return {name: self._named(table.model, values[name], where) for name in names}

    def many(self, values: dict, where: str) -> dict[str, set[int]]:
        return self._many(self.table.many, values, where)

    def below(self, values: dict, where: str) -> dict[object, _Wanted]:
        """The rows written inside this one; without a position they stand in the order of the file."""
        inside = self.table.below
        found: dict[object, _Wanted] = {}
        for number, each in enumerate(values.get(inside.key, []) if inside else [], 1):
            place = f"{where} {inside.key} {number}"
            own = self._fields(inside.model, inside.links, {"position": number, **each}, {*inside.many}, place)
            found[own[inside.by]] = _Wanted(own, self._many(inside.many, each, place))
        return found

    def differs(self, row: models.Model, wanted: _Wanted) -> bool:
        if _differs(row, wanted, self.linked):
            return True
        stored = self.inside.get(row.pk, {})
        return set(stored) != set(wanted.below) or any(
            _differs(stored[key], each, self.linked_inside) for key, each in wanted.below.items()
        )

    def write(self, row: models.Model, wanted: _Wanted) -> None:
        if _differs(row, wanted, self.linked):
            _write(row, wanted)
        inside, stored = self.table.below, dict(self.inside.get(row.pk, {}))
        for key, each in wanted.below.items():
            child = stored.pop(key, None)
            if child is None or _differs(child, each, self.linked_inside):
                _write(child or inside.model(**{inside.parent: row}), each)
        for child in stored.values():
            _remove(child)

    def _fields(self, model: Model, links: dict[str, Model], values: dict, others: set[str], where: str) -> dict:
        fields = {each.name: each for each in model._meta.concrete_fields}
        if unknown := set(values) - set(fields) - others:
            raise ValueError(_("%(row)s: no such field %(fields)s.") % {"row": where, "fields": sorted(unknown)})
        return {
            name: self._named(links[name], value, where)
            if name in links and value is not None
            else fields[name].to_python(value)
            for name, value in values.items()
            if name not in others
        }

    def _many(self, many: dict[str, Model], values: dict, where: str) -> dict[str, set[int]]:
        return {
            name: {self._named(model, code, where).pk for code in values[name]}
            for name, model in many.items()
            if name in values
        }

    def _named(self, model: Model, code: str, where: str) -> models.Model:
        row = self.known.get((code,)) if model is self.table.model else self.by_code[model].get(code)
        if row is None:
            kind = model._meta.verbose_name
            raise ValueError(_("%(row)s: no %(kind)s “%(code)s”.") % {"row": where, "kind": kind, "code": code})
        return row


def _linked(model: Model, many: dict[str, Model]) -> dict[str, dict[int, set[int]]]:
    """Per many-to-many field, the primary keys each row is linked to."""
    found: dict[str, dict[int, set[int]]] = {}
    for name in many:
        relation = model._meta.get_field(name)
        pairs = relation.remote_field.through._default_manager.values_list(
            f"{relation.m2m_field_name()}_id", f"{relation.m2m_reverse_field_name()}_id"
        )
        found[name] = {}
        for one, other in pairs:
            found[name].setdefault(one, set()).add(other)
    return found


def _differs(row: models.Model, wanted: _Wanted, linked: dict[str, dict[int, set[int]]]) -> bool:
    return any(getattr(row, name) != value for name, value in wanted.own.items()) or any(
        pks != linked[name].get(row.pk, set()) for name, pks in wanted.many.items()
    )


def _write(row: models.Model, wanted: _Wanted) -> None:
    for name, value in wanted.own.items():
        setattr(row, name, value)
    row.save()
    for name, pks in wanted.many.items():
        getattr(row, name).set(pks)


def _remove(child: models.Model) -> None:
    """A row that the file no longer holds goes, unless a case stands on it."""
    try:
        with transaction.atomic():
            child.delete()
    except ProtectedError:
        return
