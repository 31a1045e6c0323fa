"""What the fault tests do inside Kawal, as a process of its own: `build` a small union, `feed` follow-ups.

`python -m tests.faults.drive build` prints what the harness needs as JSON.
`python -m tests.faults.drive feed COUNT RATE FILE` plans COUNT follow-ups, RATE a second, each due for a reminder at
once, and writes one line to FILE for every one the database has confirmed. A database that is away is waited for.
"""

import json
import os

# ruff: noqa: E402
import sys
import time
import uuid
from datetime import timedelta
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.faults.settings")
django.setup()

from django.core.management import call_command
from django.db import DatabaseError, InterfaceError, connection
from django.test import Client
from django.utils import timezone

from cases.models import Case
from cases.rules.codes import Urgency
from cases.services import catalogue, follow_ups
from members.models import User
from tests.factories import World, make_case

CASES = 20
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def build() -> None:
    call_command("migrate", verbosity=0, interactive=False)
    catalogue.load()
    world = World()
    cases = [
        make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, urgency=Urgency.URGENT)
        for _ in range(CASES)
    ]
    client = Client()
    client.force_login(world.relawan, backend=BACKEND)
    print(json.dumps({"cases": [str(case.uuid) for case in cases], "session": client.cookies["sesi"].value}))


def feed(count: int, rate: float, path: Path) -> None:
    cases = list(Case.objects.order_by("pk"))
    relawan = User.objects.get(username="relawan")
    started = time.monotonic()
    with path.open("a", buffering=1) as log:
        for number in range(count):
            key = uuid.uuid4()
            while True:
                try:
                    follow_up = follow_ups.schedule(
                        case=cases[number % len(cases)],
                        title=f"Uji {number}",
                        due_at=timezone.now() + timedelta(hours=20),
                        owner=relawan,
                        by=relawan,
                        submit_key=key,
                    )
                    break
                except (DatabaseError, InterfaceError):
                    connection.close()
                    time.sleep(0.2)
            log.write(f"{follow_up.uuid}\n")
            time.sleep(max(0, (number + 1) / rate - (time.monotonic() - started)) if rate else 0)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["build"]:
            build()
        case ["feed", count, rate, path]:
            feed(int(count), float(rate), Path(path))
        case _:
            sys.exit("drive build | feed COUNT RATE FILE")
