"""The union of the demo: bodies, both trees, people and their appointments, through the services."""

import json
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from members.models import PLEDGE_VERSION, Body, BodyKind, Organisation, OrganisationKind, Region, User
from members.rules.numbers import phone_e164
from members.services import trees
from members.services.appointments import appoint

DATA = Path(__file__).resolve().parent.parent / "data" / "demo"
#: The oldest story is forty days old; everybody was there before it.
IN_OFFICE = timedelta(days=400)


@dataclass
class Union:
    """What the stories refer to by key."""

    bodies: dict[str, Body] = field(default_factory=dict)
    organisations: dict[str, Organisation] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    logins: list[str] = field(default_factory=list)


def read(name: str):
    """One file of the demo."""
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


def build_union(*, password: str, now: datetime) -> Union:
    """Make the union; everybody signs in with the one demo password and has accepted the pledge."""
    plan = read("union")
    hashed = make_password(password)
    regions = {region.code: region for region in Region.objects.all()}
    union = Union()
    for row in plan["bodies"]:
        union.bodies[row["key"]] = _body(row, regions)
    for row in plan["organisations"]:
        union.organisations[row["key"]] = _organisation(row, union, regions)
    for row in plan["users"]:
        union.users[row["username"]] = _user(row, union, password=hashed, now=now)
        if row.get("demo"):
            union.logins.append(row["username"])
    return union


def _body(row: dict, regions: dict[str, Region]) -> Body:
    body = Body.objects.create(
        name=row["name"],
        region=regions[row["region"]],
        phone=row.get("phone", ""),
        hours=row.get("hours", ""),
        source="demo",
        verified_on=timezone.localdate(),
    )
    body.kinds.set(BodyKind.objects.filter(code__in=row["kinds"]))
    return body


def _organisation(row: dict, union: Union, regions: dict[str, Region]) -> Organisation:
    organisation = Organisation(
        name=row["name"],
        abbreviation=row["abbreviation"],
        kind=OrganisationKind.objects.get(code=row["kind"]),
        region=regions.get(row.get("region", "")),
        body=union.bodies.get(row.get("body", "")),
        sector=row.get("sector", ""),
        is_desk=row.get("is_desk", False),
        source="demo",
    )
    parent = union.organisations.get(row["parent"] or "")
    from_on = date.fromisoformat(row["from_on"]) if row["from_on"] else None
    return trees.place(organisation, parent=parent, from_on=from_on)


def _user(row: dict, union: Union, *, password: str, now: datetime) -> User:
    user = User(
        username=row["username"],
        email=f"{row['username']}@kawal.example",
        full_name=row["full_name"],
        whatsapp=phone_e164(row.get("whatsapp", "")),
        is_staff=row.get("superuser", False) or row.get("staff", False),
        is_superuser=row.get("superuser", False),
        is_resting=row.get("resting", False),
        wants_digest=row.get("digest", False),
        pledge_version=PLEDGE_VERSION,
        pledge_at=now,
    )
    if "zone" in row:
        user.zone = row["zone"]
    if "quiet" in row:
        user.quiet_from, user.quiet_until = (time.fromisoformat(text) for text in row["quiet"])
    user.password = password
    user.save()
    for role, key, title in row["appointments"]:
        appoint(
            user=user,
            role=role,
            organisation=union.organisations[key],
            title=title,
            from_on=timezone.localdate() - IN_OFFICE,
        )
    return user
