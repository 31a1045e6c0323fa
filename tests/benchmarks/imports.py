"""How fast a list is brought in, and how much memory that takes: `.venv/bin/python -m tests.benchmarks.imports 50000 xlsx`.

Prints a JSON line per figure: reading and matching, taking over, undoing, and the highest resident memory after each step.
Every row has a NIK, a phone and a birth date, so all of them are encrypted, hashed and matched; a tenth is there already.
DATABASE_URL chooses another database than a SQLite file of its own; the data is thrown away.
"""
# ruff: noqa: E402

import csv
import io
import json
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="kawal-bench-")

import django

django.setup()

from django.core.management import call_command
from django.utils import timezone
from openpyxl import Workbook

from members.models import ImportRow, Membership, Person
from members.services import imports
from members.services.regions import load_regions
from tests.factories import make_organisation, make_user

NAMES = ["Budi", "Siti", "Agus", "Dewi", "Eko", "Rina", "Joko", "Sri"]
HEADERS = ["No", "Nama Lengkap", "NIK", "No. HP", "Tgl Lahir", "L/P", "Kab/Kota", "No KTA"]


def rows(count: int, start: int = 0):
    for at in range(start, start + count):
        day, month, year = at % 28 + 1, at % 12 + 1, 60 + at % 40
        nik = f"351501{day:02}{month:02}{year % 100:02}{at // 28 % 9999 + 1:04}"
        name = f"{NAMES[at % 8]} {_word(at)} {_word(at * 7 + 3)}"
        yield [at + 1, name, f"{nik[:-6]}{at:06}"[:16] if at else nik, f"08{12_000_000_00 + at}",
               f"{day:02}/{month:02}/19{year:02}" if year < 100 else "01/01/2000", "LP"[at % 2], "Sidoarjo", f"KTA-{at:07}"]  # fmt: skip


def _word(number: int) -> str:
    return "".join("aiueorsntk"[int(digit)] for digit in str(number * 7919 % 1_000_003)).capitalize()


def as_file(count: int, form: str, start: int = 0) -> bytes:
    if form == "csv":
        text = io.StringIO()
        csv.writer(text, delimiter=";").writerows([HEADERS, *rows(count, start)])
        return text.getvalue().encode()
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Anggota")
    sheet.append(HEADERS)
    for row in rows(count, start):
        sheet.append(row)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def memory() -> int:
    """The highest resident memory since the last call, in MB."""
    status = Path("/proc/self/status").read_text()
    Path("/proc/self/clear_refs").write_text("5")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) // 1024


def figure(name: str, value: float, unit: str, count: int) -> None:
    print(json.dumps({"name": name, "value": round(value, 2), "unit": unit, "n": count}), flush=True)


def work(batch) -> float:
    started = time.process_time()
    while True:
        batch.refresh_from_db()
        if not batch.is_working:
            return time.process_time() - started
        imports.work_on(batch, now=timezone.now())


def main(count: int, form: str) -> None:
    call_command("migrate", verbosity=0)
    load_regions()
    union = make_organisation("Serikat Uji", kind="federation", line="union", is_desk=False)
    admin = make_user("bench", is_superuser=True, is_staff=True)
    some = bring(as_file(count // 10, "csv"), union, admin)
    work(some)
    data = as_file(count, form)
    figure("file", len(data) / 1024**2, "MB", count)
    memory()
    figure("memory before", memory(), "MB", count)
    started, used = time.monotonic(), time.process_time()
    batch = imports.start(kind="members", data=data, organisation=union, by=admin)
    imports.choose_columns(batch=batch, mapping=batch.mapping, head=imports.look(batch).head, by=admin)
    figure("take in", time.monotonic() - started, "s", count)
    del data
    figure("read and match", work(batch), "s of CPU", count)
    figure("memory after reading", memory(), "MB", count)
    batch.refresh_from_db()
    figure("refused", imports.counts(batch)["refused"], "rows", count)
    imports.run(batch=batch, mode="good", likely="same", by=admin)
    figure("take over", work(batch), "s of CPU", count)
    figure("memory after taking over", memory(), "MB", count)
    figure("people", Person.objects.count(), "rows", count)
    batch.refresh_from_db()
    imports.undo(batch=batch, by=admin)
    figure("undo", work(batch), "s of CPU", count)
    figure("memory after undoing", memory(), "MB", count)
    figure("people left", Person.objects.count(), "rows", count)
    figure("memberships left", Membership.objects.count(), "rows", count)
    figure("rows kept", ImportRow.objects.filter(batch=batch, state="kept").count(), "rows", count)
    figure("all", time.process_time() - used, "s of CPU", count)
    figure("all", time.monotonic() - started, "s", count)


def bring(data: bytes, union, admin):
    batch = imports.start(kind="members", data=data, organisation=union, by=admin)
    imports.choose_columns(batch=batch, mapping=batch.mapping, head=imports.look(batch).head, by=admin)
    work(batch)
    batch.refresh_from_db()
    return imports.run(batch=batch, mode="good", likely="new", by=admin)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000, sys.argv[2] if len(sys.argv) > 2 else "xlsx")
