"""How long a search by hand takes: `.venv/bin/python -m tests.benchmarks.search 100000`.

Synthetic cases of two hundred letters each, seen by a coordinator of all of them and by a relawan who carries a few. Prints
a JSON line per figure: the median of nine searches in ms, the CPU of this process (all of it on SQLite), the statements of one, and what the index takes to write.
DATABASE_URL chooses another database than a SQLite file of its own; the data stays there, so take one made for this.
"""
# ruff: noqa: E402

import json
import os
import random
import statistics
import sys
import tempfile
import time
from datetime import timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="kawal-bench-")

import django

django.setup()

from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.models import Case, CaseParty, CaseWords
from cases.rules.codes import PartyRole
from cases.services import words
from cases.services.search import find
from members.models import Person
from members.rules.names import initials
from members.rules.roles import Role
from tests.factories import make_organisation, make_user

FIRST = ["Siti", "Muhammad", "Agus", "Dewi", "Eko", "Rina", "Joko", "Sri", "Ahmad", "Nur", "Budi", "Wahyu"]
SYLLABLES = ["ra", "ma", "wa", "ti", "su", "har", "to", "yan", "di", "ning", "sih", "lan", "gun", "pra", "set", "yo"]
COMMON = [
    "rumah",
    "sakit",
    "pasien",
    "bpjs",
    "kartu",
    "ditolak",
    "menolak",
    "rujukan",
    "kamar",
    "penuh",
    "perusahaan",
    "upah",
    "iuran",
    "surat",
    "keluarga",
    "igd",
    "dokter",
    "obat",
    "klaim",
    "jkk",
    "jht",
    "nonaktif",
    "tagihan",
    "deposit",
    "bayar",
    "pekerja",
    "kontrak",
    "phk",
    "laporan",
    "dinas",
    "kantor",
    "cabang",
    "petugas",
    "antre",
    "minggu",
]
SEARCHES = {
    "name fragment": "rahmawati", "name and word": "siti deposit", "name spelled otherwise": "Mohamad", "slip": "wahyuu",
    "rare word": "kata4711x", "common word": "deposit", "piece of a common word": "tolak", "two common words": "rujukan kamar",
    "short word": "bp", "nothing": "zzzqqq",
}  # fmt: skip


def figure(name: str, value: float, unit: str, count: int) -> None:
    print(json.dumps({"name": name, "value": round(value, 2), "unit": unit, "n": count}), flush=True)


def fill(count: int, desk, coordinator, relawan) -> None:
    chance, now = random.Random(7), timezone.now()
    surnames = ["".join(chance.choices(SYLLABLES, k=3)).capitalize() for _at in range(3000)] + ["Rahmawati"] * 3
    for start in range(0, count, 5000):
        some = range(start, min(start + 5000, count))
        people = [Person(full_name=f"{chance.choice(FIRST)} {chance.choice(surnames)}") for _at in some]
        Person.objects.bulk_create(people, batch_size=1000)
        cases = []
        for at, person in zip(some, people, strict=True):
            story = " ".join([*chance.choices(COMMON, k=24), f"kata{chance.randrange(20_000)}x"])
            cases.append(
                Case(
                    desk=desk, title=story[:60], story=story, number=f"KWL-26-{at:07d}", logged_by=coordinator, zone=desk.zone,
                    assignee=relawan if at % max(count // 20, 1) == 0 else coordinator, status="running",
                    initials=initials(person.full_name), created_at=now, last_event_at=now - timedelta(minutes=at),
                )
            )  # fmt: skip
        Case.objects.bulk_create(cases, batch_size=1000)
        CaseParty.objects.bulk_create(
            [CaseParty(case=c, role=PartyRole.PATIENT, person=p) for c, p in zip(cases, people, strict=True)], batch_size=1000
        )  # fmt: skip


def main(count: int) -> None:
    call_command("migrate", verbosity=0)
    call_command("seed_reference", verbosity=0)
    desk = make_organisation("DPD Ukur")
    coordinator = make_user("koordinator-ukur", role=Role.COORDINATOR, at=desk)
    relawan = make_user("relawan-ukur", role=Role.ADVOCATE, at=desk)
    fill(count, desk, coordinator, relawan)
    started = time.monotonic()
    words.rebuild()
    figure("index", time.monotonic() - started, "s", count)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    for who, user in (("coordinator", coordinator), ("relawan", relawan)):
        for name, text in SEARCHES.items():
            took = []
            used = time.process_time()
            for _at in range(9):
                started = time.perf_counter()
                found = find(user, text)
                took.append((time.perf_counter() - started) * 1000)
            used = (time.process_time() - used) * 1000 / 9
            with CaptureQueriesContext(
                connection,
            ) as asked:
                find(user, text)
            figure(f"{who}: {name}", statistics.median(took), "ms", count)
            figure(f"{who}: {name}, this process alone", used, "ms of CPU", count)
            figure(f"{who}: {name}, found in {len(asked)} statements", found.total, "cases", count)
    case = Case.objects.filter(assignee=coordinator).first()
    started = time.perf_counter()
    words.add(case, "catatan baru tentang kamar dan rujukan")
    figure("one note more", (time.perf_counter() - started) * 1000, "ms", count)
    figure("rows of the index", CaseWords.objects.count(), "rows", count)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
