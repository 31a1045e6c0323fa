"""What scoping costs in a big union: `.venv/bin/python -m tests.benchmarks.scope 15000 1000000`.

A tree of so many organisations (confederation, federations, provinces, branches, plant units) and so many members. Asks, as
an admin of all, of a federation, of a branch and of one plant unit, what every page asks first: which organisations, how many
people, the first fifty by name, one of them by id, and somebody by name. Prints a JSON line per figure, the median of five.
DATABASE_URL chooses another database than a SQLite file of its own; the data stays there, so take one made for this.
"""
# ruff: noqa: E402

import json
import os
import statistics
import sys
import tempfile
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="kawal-bench-")

import django

django.setup()

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from members.models import Closure, Membership, Organisation, OrganisationKind, Person
from members.rules.roles import Permission, Role
from members.services import people, trees
from tests.factories import make_user

FIRST = ["Siti", "Budi", "Agus", "Dewi", "Eko", "Rina", "Joko", "Sri"]
#: Of a hundred organisations so many stand on each level; the rest are plant units.
LEVELS = (1, 12, 300, 3000)


def figure(name: str, value: float, unit: str, count: int) -> None:
    print(json.dumps({"name": name, "value": round(value, 2), "unit": unit, "n": count}), flush=True)


def tree(count: int) -> list[Organisation]:
    """Level by level; each one stands under one of the level above, in turn."""
    kind = OrganisationKind.objects.get_or_create(code="bench", defaults={"name": "Ukur", "line": "union"})[0]
    sizes = [min(size, count) for size in LEVELS]
    sizes.append(max(count - sum(sizes), 1))
    above: list[Organisation | None] = [None]
    chains: dict[int, list[int]] = {}
    made, links = [], []
    for level, size in enumerate(sizes):
        rows = [Organisation(name=f"Unit {level}-{at}", kind=kind, parent=above[at % len(above)]) for at in range(size)]
        Organisation.objects.bulk_create(rows, batch_size=1000)
        for row in rows:
            chains[row.pk] = [row.pk, *chains.get(row.parent_id, [])]
            links += [
                Closure(ancestor_id=pk, descendant_id=row.pk, depth=depth) for depth, pk in enumerate(chains[row.pk])
            ]
        made += rows
        above = rows
    Closure.objects.bulk_create(links, batch_size=2000)
    return made


def fill(count: int, units: list[Organisation]) -> None:
    for start in range(0, count, 20_000):
        rows = [Person(full_name=f"{FIRST[at % 8]} {_word(at)} {_word(at * 7 + 3)}") for at in range(start, min(start + 20_000, count))]  # fmt: skip
        Person.objects.bulk_create(rows, batch_size=2000)
        Membership.objects.bulk_create(
            [Membership(person=row, organisation=units[(start + at) % len(units)]) for at, row in enumerate(rows)],
            batch_size=2000,
        )


def _word(number: int) -> str:
    return "".join("aiueorsntk"[int(digit)] for digit in str(number * 7919 % 1_000_003)).capitalize()


def timed(ask, times: int = 5) -> tuple[float, object]:
    took, answer = [], None
    for _at in range(times):
        started = time.perf_counter()
        answer = ask()
        took.append((time.perf_counter() - started) * 1000)
    return statistics.median(took), answer


def main(organisations: int, members: int) -> None:
    call_command("migrate", verbosity=0)
    started = time.monotonic()
    units = tree(organisations)
    figure("tree", time.monotonic() - started, "s", len(units))
    started = time.monotonic()
    fill(members, units[-(len(units) - sum(LEVELS)) :] if len(units) > sum(LEVELS) else units)
    figure("people", time.monotonic() - started, "s", members)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    places = {
        "all": units[0],
        "federation": units[1],
        "branch": units[LEVELS[0] + LEVELS[1] + LEVELS[2]],
        "unit": units[-1],
    }
    for name, at in places.items():
        user = make_user(f"admin-{name}-{timezone.now().timestamp()}", role=Role.FEDERATION_ADMIN, at=at)
        reach = Organisation.objects.in_reach_of(user, Permission.MEMBERS_VIEW)
        took, count = timed(reach.count)
        figure(f"{name}: organisations in reach ({count})", took, "ms", len(units))
        seen = people.seen_by(user)
        took, count = timed(seen.count, 3)
        figure(f"{name}: people counted ({count})", took, "ms", members)
        took, rows = timed(lambda seen=seen: list(seen.order_by("full_name", "pk")[:50]), 3)
        figure(f"{name}: first page of people", took, "ms", members)
        one = rows[-1].uuid
        took, _row = timed(lambda seen=seen, one=one: seen.get(uuid=one))
        figure(f"{name}: one person", took, "ms", members)
        took, found = timed(lambda user=user: list(people.find(user, "Siti Auri").order_by("full_name", "pk")[:50]), 3)
        figure(f"{name}: by name ({len(found)} shown)", took, "ms", members)
    branch, other = units[LEVELS[0] + LEVELS[1]], units[2]
    started = time.perf_counter()
    moved = Closure.objects.filter(ancestor=branch).count()
    trees.move(branch, parent=other)
    figure(f"move a province with its subtree of {moved}", (time.perf_counter() - started) * 1000, "ms", len(units))


if __name__ == "__main__":
    main(*(int(each) for each in (sys.argv[1:3] if len(sys.argv) > 2 else (15_000, 1_000_000))))
