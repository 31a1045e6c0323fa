"""Organisations that the source documents name, given once: what an admin made of them since is left alone."""

import json
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from django.db import transaction
from django.db.models import Q

from members.models import Affiliation, Body, BodyKind, Organisation, OrganisationKind, Region, Registration
from members.services import trees

FILE = Path(__file__).resolve().parent.parent / "data" / "organisations.json"


@dataclass
class _Loaded:
    """The rows of the file as they stand in the database, by code."""

    bodies: dict[str, Body] = field(default_factory=dict)
    organisations: dict[str, Organisation] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=lambda: {"added": 0, "left_alone": 0})


@transaction.atomic
def load() -> dict[str, int]:
    """Add what is not there yet; a row that is there, by its code or by its name, is not touched.

    None of them carries cases: a desk is made by an admin. Raises KeyError for a code that is nowhere.
    """
    plan = json.loads(FILE.read_text(encoding="utf-8"))
    loaded = _Loaded()
    for row in plan["bodies"]:
        _body(row, loaded)
    for row in plan["organisations"]:
        _organisation(row, loaded)
    for row in plan["organisations"]:
        _past(row, loaded)
    return loaded.counts


def _known(model, row: dict, loaded: _Loaded):
    """The row that is there already, by code or, typed by somebody before, by name; a merged one leads on."""
    found = model.objects.filter(code=row["code"]).first()
    if found is None:
        found = model.objects.filter(Q(name__iexact=row["name"]), code=None).first()
        if found is not None:
            model.objects.filter(pk=found.pk).update(code=row["code"])
    while found is not None and found.merged_into_id:
        found = found.merged_into
    loaded.counts["added" if found is None else "left_alone"] += 1
    return found


def _region(row: dict) -> Region | None:
    return Region.objects.get(code=row["region"]) if "region" in row else None


def _body(row: dict, loaded: _Loaded) -> None:
    body = _known(Body, row, loaded)
    if body is None:
        parent = loaded.bodies[row["parent"]] if "parent" in row else None
        given = {name: row[name] for name in ("code", "name", "aliases", "source") if name in row}
        body = Body.objects.create(**given, region=_region(row), parent=parent)
        body.kinds.set(BodyKind.objects.filter(code__in=row["kinds"]))
    loaded.bodies[row["code"]] = body


def _organisation(row: dict, loaded: _Loaded) -> None:
    found = _known(Organisation, row, loaded)
    if found is None:
        names = ("code", "name", "abbreviation", "aliases", "alias_note", "sector", "source")
        found = Organisation(
            **{name: row[name] for name in names if name in row},
            kind=OrganisationKind.objects.get(code=row["kind"]),
            region=_region(row),
            body=loaded.bodies[row["body"]] if "body" in row else None,
        )
        parent = loaded.organisations[row["parent"]] if "parent" in row else None
        trees.place(found, parent=parent)
        Affiliation.objects.filter(organisation=found).update(source=row["source"])
        if "registered_at" in row:
            office = loaded.bodies[row["registered_at"]]
            Registration.objects.create(organisation=found, office=office, source=row["source"])
    loaded.organisations[row["code"]] = found


def _past(row: dict, loaded: _Loaded) -> None:
    """Parents of the past, while nothing at all is known of where it stood."""
    organisation = loaded.organisations[row["code"]]
    if organisation.affiliations.exists():
        return
    for each in row.get("past", []):
        Affiliation.objects.create(
            organisation=organisation,
            parent=loaded.organisations[each["parent"]],
            from_on=date.fromisoformat(each["from_on"]) if each["from_on"] else None,
            to_on=date.fromisoformat(each["to_on"]),
            source=each["source"],
        )
