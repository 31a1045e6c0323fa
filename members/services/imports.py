"""The life of an import: a file taken in, its columns chosen, its rows looked at, taken over, and taken back.

The row of the import is the queue: a person puts it into a state in which a worker has something to do, whoever claims it
holds it for the length of a lease, and every chunk is one transaction that also renews the lease. Killed anywhere, it goes
on from the last chunk when the lease is over; two workers never do one row twice.
"""

import csv
import io
import json
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from secrets import token_hex
from uuid import UUID, uuid4

from cryptography.fernet import InvalidToken
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Count, F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from members.models import AccessLog, Import, ImportRow, Organisation, Tick, User, keyed_hash
from members.rules.importing import (
    FAULTS,
    Head,
    ImportKind,
    Problem,
    columns_of,
    find_head,
    guess,
    head_at,
    read_row,
    safe_cell,
    same_name,
    show,
    words_of,
)
from members.rules.sheets import BadSheet, Fault, Row, Table, open_table
from members.services import access, messages, vault
from members.services.import_targets import Found, Target, importable, take_back, target_of
from members.services.messages import Note

logger = logging.getLogger(__name__)

State, Mode, Likely = Import.State, Import.Mode, Import.Likely
RowState, Match, Decision = ImportRow.State, ImportRow.Match, ImportRow.Decision

#: Rows of one transaction.
CHUNK = 500
#: Up to this many rows the page that asks does the work itself; more are left to the worker.
AT_ONCE = 2_000
SMALL_FILE = 150 * 1024
LEASE = timedelta(minutes=3)
#: After this long a run pauses between two chunks: reminders wait for the same workers.
SLICE = timedelta(seconds=30)
#: A run that is all or nothing holds its import for as long as it may last, by rows.
ROWS_A_SECOND = 200
TRIES = 3
#: The file, what its rows say and the list of the refused ones are forgotten this long after the end.
KEPT = timedelta(days=7)
#: A file that nobody ever ran goes after as long.
HEAD_ROWS = 25


class Lost(Exception):
    """Somebody else holds the import by now; the chunk at hand is taken back."""


class Conflict(Exception):
    """A row of a run that is all or nothing turned out to be refused."""

    def __init__(self, found: Found):
        super().__init__(found.row.number)
        self.found = found


# --- What a person does --------------------------------------------------------------------------------------------


def mine(user: User):
    """The imports this user may see: those for organisations they may import for."""
    return Import.objects.filter(organisation__in=importable(user)).select_related("organisation", "created_by")


def start(
    *,
    kind: str,
    data: bytes,
    organisation: Organisation,
    by: User,
    submit_key: UUID | None = None,
    now: datetime | None = None,
) -> Import:
    """Take in a file; a repeated ``submit_key`` gives back the first one. Raises ValidationError; then nothing is kept."""
    now = now or timezone.now()
    if not importable(by).filter(pk=organisation.pk).exists():
        raise ValidationError(_("Choose an organisation for which you may bring in lists."))
    if submit_key and (first := Import.objects.filter(submit_key=submit_key, created_by=by).first()):
        return first
    try:
        table = open_table(data)
        sheet, head = _best_sheet(kind, table)
    except BadSheet as bad:
        raise ValidationError(FAULTS[bad.fault]) from None
    try:
        name = vault.keep(data)
    except vault.NoRoom:
        raise ValidationError(_("Storage is full. Tell the admin; what you typed is safe.")) from None
    fields = {
        "kind": kind,
        "organisation": organisation,
        "created_by": by,
        "created_at": now,
        "stored_name": name,
        "size": len(data),
        "sheet": sheet,
        "head_row": head.row,
        "headers": json.dumps(head.headers),
        "mapping": guess(kind, head.headers),
    }
    try:
        with transaction.atomic():
            batch, made = Import.objects.get_or_create(submit_key=submit_key or uuid4(), defaults=fields)
    except BaseException:
        vault.remove(name)
        raise
    if not made:
        vault.remove(name)
        if batch.created_by_id != by.pk:
            raise ValidationError(_("This form was already sent. Open a new one."))
    return batch


def _best_sheet(kind: str, table: Table) -> tuple[int, Head]:
    """The sheet whose headings say most."""
    best: tuple[int, int, Head] | None = None
    for at in range(min(len(table.sheets), 10)):
        head = find_head(kind, list(islice(table.rows(at), HEAD_ROWS)))
        score = len(guess(kind, head.headers))
        if head.headers and (best is None or score > best[0]):
            best = (score, at, head)
    if best is None:
        raise BadSheet(Fault.EMPTY)
    return best[1], best[2]


@dataclass
class Look:
    """The beginning of a file, for whoever chooses its columns."""

    sheets: list[str]
    head: Head
    rows: list[list[str]]


def look(batch: Import, *, sheet: int | None = None, head_row: int | None = None) -> Look:
    """The headings and the first rows below them; another sheet or heading row may be named. Raises ValidationError."""
    table = _table(batch)
    at = batch.sheet if sheet is None else sheet
    try:
        rows = list(islice(table.rows(at), HEAD_ROWS + 10))
    except BadSheet as bad:
        raise ValidationError(FAULTS[bad.fault]) from None
    if head_row:
        head = head_at(rows, head_row, batch.kind)
    elif at == batch.sheet:
        head = Head(batch.head_row, json.loads(batch.headers or "[]"))
    else:
        head = find_head(batch.kind, rows[:HEAD_ROWS])
    below = [[show(cell)[:40] for cell in cells] for number, cells in rows if number > head.row][:3]
    return Look(table.sheets, head, below)


@transaction.atomic
def choose_columns(
    *, batch: Import, mapping: dict[str, int], head: Head, by: User, sheet: int = 0, now: datetime | None = None
) -> Import:
    """Say which column is what, and have the rows read. Raises ValidationError once it is being taken over."""
    batch = _lock(batch)
    if batch.state not in {State.MAPPING, State.READY, State.FAILED} or not batch.stored_name or _has_effect(batch):
        raise ValidationError(_("This import goes on already. Look at it again."))
    missing = [str(column.label) for column in columns_of(batch.kind) if column.needed and column.code not in mapping]
    if missing:
        raise ValidationError(_("Say which column holds: %(names)s.") % {"names": ", ".join(missing)})
    if len(set(mapping.values())) < len(mapping):
        raise ValidationError(_("One column cannot be two things. Choose again."))
    batch.mapping, batch.sheet, batch.head_row = mapping, sheet, head.row
    batch.headers = json.dumps(head.headers)
    return _put(batch, State.CHECKING)


@transaction.atomic
def decide(*, batch: Import, decisions: dict[int, str], by: User) -> int:
    """Say of rows that may mean somebody already here whether they do; returns how many were changed."""
    batch = _lock(batch)
    if batch.state != State.READY:
        raise ValidationError(_("This import goes on already. Look at it again."))
    changed = 0
    for decision in (Decision.SAME, Decision.NEW):
        numbers = [number for number, chosen in decisions.items() if chosen == decision]
        rows = batch.rows.filter(number__in=numbers, match=Match.LIKELY).exclude(decision=decision)
        changed += rows.update(decision=decision)
    return changed


@transaction.atomic
def run(*, batch: Import, mode: str, likely: str = "", by: User, now: datetime | None = None) -> Import:
    """Have the rows taken over. A second press changes nothing. Raises ValidationError with what is still to be done."""
    batch = _lock(batch)
    if batch.state in {State.RUNNING, State.DONE}:
        return batch
    if batch.state != State.READY:
        raise ValidationError(_("This import goes on already. Look at it again."))
    if not importable(by).filter(pk=batch.organisation_id).exists():
        raise ValidationError(_("Choose an organisation for which you may bring in lists."))
    rows = batch.rows
    if not rows.filter(state=RowState.GOOD).exists():
        raise ValidationError(_("No row is in order. Mend the file and send it again."))
    if mode == Mode.ALL and (refused := rows.filter(state=RowState.REFUSED).count()):
        raise ValidationError(
            _("%(count)d rows are refused. Mend the file, or take only the rows in order.") % {"count": refused}
        )
    open_ones = rows.filter(state=RowState.GOOD, match=Match.LIKELY, decision=Decision.OPEN)
    if likely not in (Likely.SAME, Likely.NEW) and open_ones.exists():
        raise ValidationError(
            _("Some rows may mean somebody already here. Decide each one, or choose one answer for all.")
        )
    batch.mode, batch.likely, batch.run_by, batch.done = mode, likely, by, 0
    batch.total = rows.filter(state=RowState.GOOD).count()
    return _put(batch, State.RUNNING)


@transaction.atomic
def undo(*, batch: Import, by: User, now: datetime | None = None) -> Import:
    """Have everything taken back that nobody has used or changed since. A second press changes nothing."""
    batch = _lock(batch)
    if batch.state in {State.UNDOING, State.UNDONE}:
        return batch
    if batch.state != State.DONE and not (batch.state == State.FAILED and _has_effect(batch)):
        raise ValidationError(_("Only an import that is done can be undone."))
    batch.done, batch.total = 0, batch.rows.filter(state=RowState.DONE).count()
    return _put(batch, State.UNDOING)


@transaction.atomic
def cancel(*, batch: Import, by: User, now: datetime | None = None) -> Import:
    """Throw a file away before anything of it was taken over; the file and what was read of it go at once."""
    batch = _lock(batch)
    if batch.state == State.CANCELLED:
        return batch
    if batch.state not in {State.MAPPING, State.CHECKING, State.READY, State.FAILED} or _has_effect(batch):
        raise ValidationError(_("This import was taken over already. You can undo it."))
    batch.claimed_by = ""
    _put(batch, State.CANCELLED)
    _forget(batch, now=now or timezone.now())
    return batch


def _lock(batch: Import) -> Import:
    return Import.objects.select_for_update().get(pk=batch.pk)


def _has_effect(batch: Import) -> bool:
    """Rows of it were taken over, though it may have stopped in the middle."""
    return batch.rows.filter(state__in=[RowState.DONE, RowState.KEPT]).exists()


def _put(batch: Import, state: str) -> Import:
    batch.state, batch.lease_until, batch.attempts, batch.fault = state, None, 0, ""
    batch.save()
    return batch


# --- What a page shows ---------------------------------------------------------------------------------------------


@dataclass
class Told:
    """A row with what it says and what is wrong with it, opened for somebody who may see it."""

    row: ImportRow
    cells: list[str]
    values: dict
    problems: list[dict]


def told(batch: Import, rows: list[ImportRow]) -> list[Told]:
    """Rows in words: each problem with the heading of its column and what stands there."""
    labels = {column.code: str(column.label) for column in columns_of(batch.kind)}
    found = []
    for row in rows:
        said = json.loads(row.payload) if row.payload else {"c": [], "v": {}}
        problems = []
        for code, hard, column, other in row.problems:
            at = batch.mapping.get(column)
            problems.append(
                {
                    "label": labels.get(column, ""),
                    "cell": said["c"][at] if at is not None and at < len(said["c"]) else "",
                    "words": words_of(Problem(code, hard, column, other)),
                    "hard": hard,
                }
            )
        found.append(Told(row, said["c"], said["v"], problems))
    return found


def counts(batch: Import) -> dict[str, int]:
    """How many rows are what; once they are forgotten, how many were."""
    if batch.cleared_at and batch.state not in {State.UNDOING, State.UNDONE}:
        return batch.counts
    rows = batch.rows
    by_state = dict(rows.values_list("state").annotate(count=Count("pk")).order_by())
    good = rows.exclude(state=RowState.REFUSED)
    by_match = dict(good.values_list("match").annotate(count=Count("pk")).order_by())
    return {
        "rows": sum(by_state.values()),
        "refused": by_state.get(RowState.REFUSED, 0),
        "good": by_state.get(RowState.GOOD, 0),
        "done": by_state.get(RowState.DONE, 0),
        "undone": by_state.get(RowState.UNDONE, 0),
        "kept": by_state.get(RowState.KEPT, 0),
        "warned": good.filter(has_warning=True).count(),
        "new": by_match.get(Match.NONE, 0),
        "exact": by_match.get(Match.EXACT, 0),
        "likely": by_match.get(Match.LIKELY, 0),
        "open": rows.filter(state=RowState.GOOD, match=Match.LIKELY, decision=Decision.OPEN).count(),
    }


def progress(batch: Import) -> int:
    """Rows done so far, also of a run whose transaction is still open."""
    return min(max(batch.done, cache.get(_progress_key(batch), 0)), batch.total)


def _progress_key(batch: Import) -> str:
    return f"import:{batch.uuid}:{batch.state}"


def refused_file(batch: Import, *, by: User, address: str = "") -> Iterator[bytes]:
    """The refused rows as they stood, with the reasons, as a CSV that no spreadsheet computes. The export is logged."""
    rows = batch.rows.filter(Q(state=RowState.REFUSED) | Q(state=RowState.KEPT)).order_by("number")
    access.record(AccessLog.Action.EXPORT, by=by, kind="import", uuid=batch.uuid, address=address, hits=rows.count())
    headers = json.loads(batch.headers or "[]")
    return _lines(batch, headers, rows)


def _lines(batch: Import, headers: list[str], rows) -> Iterator[bytes]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")

    def taken() -> bytes:
        text = buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
        return text.encode()

    width = len(headers)
    writer.writerow([*map(safe_cell, headers), _("Row"), _("Why it was refused")])
    yield b"\xef\xbb\xbf" + taken()
    for some in _chunks(rows.iterator(chunk_size=CHUNK)):
        for each in told(batch, some):
            cells = [*each.cells[:width], *[""] * (width - len(each.cells))]
            reasons = [f"{p['label']}: {p['words']}" if p["label"] else p["words"] for p in each.problems if p["hard"]]
            writer.writerow([*map(safe_cell, cells), str(each.row.number), safe_cell(" ".join(reasons))])
        yield taken()


def _chunks(rows: Iterator) -> Iterator[list]:
    while some := list(islice(rows, CHUNK)):
        yield some


# --- What a worker does --------------------------------------------------------------------------------------------


@dataclass
class Hold:
    """An import that is ours for the length of a lease."""

    batch: Import
    token: str
    clock: Callable[[], datetime]
    lease: timedelta
    #: From then on a run that can go on later gives others their turn.
    until: datetime

    def beat(self, **fields) -> None:
        """Renew the lease, together with whatever the transaction at hand does. Raises Lost."""
        held = Import.objects.filter(pk=self.batch.pk, state=self.batch.state, claimed_by=self.token)
        if not held.update(lease_until=self.clock() + self.lease, **fields):
            raise Lost

    @property
    def is_over(self) -> bool:
        return self.clock() >= self.until

    def pause(self) -> None:
        """Let whoever comes next go on."""
        Import.objects.filter(pk=self.batch.pk, claimed_by=self.token).update(lease_until=None, claimed_by="")

    def end(self, state: str, **fields) -> None:
        """Nothing more to do in this state."""
        self.beat(**fields)
        held = Import.objects.filter(pk=self.batch.pk, claimed_by=self.token)
        held.update(state=state, lease_until=None, claimed_by="", attempts=0)


def run_waiting(now: datetime, *, seconds: float = 25) -> int:
    """Work on the imports that wait, one after the other, until the time is up; returns how many were worked on."""
    started, ended = time.monotonic(), 0
    forget_old(now=now)
    while time.monotonic() - started < seconds:
        passed = timedelta(seconds=time.monotonic() - started)
        batch = Import.objects.waiting(now + passed).order_by("created_at").first()
        if batch is None:
            break
        if work_on(batch, now=now + passed):
            ended += 1
            _tell(batch, now=now + passed)
    return ended


def _tell(batch: Import, *, now: datetime) -> None:
    """Whoever asked for it has left the page: it stands in their inbox, once, that it is a person's turn again."""
    batch.refresh_from_db()
    if batch.is_working:
        return
    key = f"import:{batch.uuid}:{batch.state}:{batch.done}"
    note = Note(
        batch.run_by or batch.created_by, "import_ended", key, {"state": batch.state}, path=f"/impor/{batch.uuid}/"
    )
    messages.post_all([note], now=now, by_email=False)


def work_at_once(batch: Import, *, now: datetime) -> None:
    """Do what is small while the page waits; the rest is the worker's."""
    if (batch.state == State.CHECKING and batch.size <= SMALL_FILE) or (
        batch.state in {State.RUNNING, State.UNDOING} and batch.total <= AT_ONCE
    ):
        work_on(batch, now=now)


def work_on(batch: Import, *, now: datetime) -> bool:
    """Claim an import and do what its state asks for; False where somebody else has it."""
    started, token = time.monotonic(), token_hex(16)

    def clock() -> datetime:
        return now + timedelta(seconds=time.monotonic() - started)

    lease = LEASE
    if batch.state == State.RUNNING and batch.mode == Mode.ALL:
        lease += timedelta(seconds=batch.total / ROWS_A_SECOND)
    taken = Import.objects.waiting(now).filter(pk=batch.pk, state=batch.state)
    if not taken.update(lease_until=now + lease, claimed_by=token, attempts=F("attempts") + 1):
        return False
    batch.refresh_from_db()
    hold = Hold(batch, token, clock, lease, now + SLICE)
    try:
        if batch.attempts > TRIES:
            hold.end(State.FAILED, fault="tries")
        else:
            {State.CHECKING: _check, State.RUNNING: _run, State.UNDOING: _undo}[State(batch.state)](hold)
    except Lost:
        return False
    except BadSheet as bad:
        hold.end(State.FAILED, fault=bad.fault.value)
    except (FileNotFoundError, InvalidToken):
        hold.end(State.FAILED, fault="gone")
    return True


def _table(batch: Import) -> Table:
    return open_table(vault.fetch(batch.stored_name))


def _rows_below_head(batch: Import) -> Iterator[Row]:
    """The rows of the list; a heading that is printed again on every page is left out."""
    headers = json.loads(batch.headers or "[]")
    for number, cells in _table(batch).rows(batch.sheet):
        if number > batch.head_row and [show(cell) for cell in cells] != headers[: len(cells)]:
            yield number, cells


# Reading


def _check(hold: Hold) -> None:
    batch = hold.batch
    with transaction.atomic():
        hold.beat(done=0, total=0, counts={})
        batch.rows.all().delete()
    target, today, count = target_of(batch, by=batch.created_by), timezone.localdate(hold.clock()), 0
    for some in _chunks(_rows_below_head(batch)):
        found = []
        for number, cells in some:
            values, problems = read_row(batch.kind, batch.mapping, cells, today=today)
            payload = json.dumps({"v": values, "c": [show(cell) for cell in cells]}, ensure_ascii=False)
            key = target.key(values)
            row = ImportRow(batch=batch, number=number, payload=payload, key_hash=keyed_hash(key) if key else "")
            found.append(Found(values, row, problems))
        target.match([one for one in found if not one.is_hard])
        for one in found:
            _settle(one)
            if one.person is not None and one.is_ours:
                one.row.match = Match.EXACT
            elif one.candidate is not None:
                one.row.match, one.row.candidate = Match.LIKELY, one.candidate
        count += len(found)
        with transaction.atomic():
            hold.beat(done=count, total=count)
            ImportRow.objects.bulk_create([one.row for one in found])
    with transaction.atomic():
        hold.beat()
        _refuse_twins(batch)
        if batch.kind == ImportKind.UNITS:
            _set_levels(batch, target)
        hold.end(State.READY)


def _settle(one: Found) -> None:
    one.row.problems = [problem.packed() for problem in one.problems]
    one.row.has_warning = any(not problem.hard for problem in one.problems)
    if one.is_hard:
        one.row.state = RowState.REFUSED


def _refuse_twins(batch: Import) -> None:
    """Of rows that say the same the first one counts; of two people with one NIK neither does (PRACTICE D08)."""
    good = batch.rows.filter(state=RowState.GOOD)
    twice = good.exclude(key_hash="").values("key_hash").annotate(count=Count("pk")).filter(count__gt=1)
    hashes = twice.order_by("key_hash").values_list("key_hash", flat=True)
    for some in _chunks(iter(list(hashes))):
        groups: dict[str, list[ImportRow]] = defaultdict(list)
        for row in good.filter(key_hash__in=some).order_by("number"):
            groups[row.key_hash].append(row)
        refused = []
        for rows in groups.values():
            names = [json.loads(row.payload)["v"].get("full_name", "") for row in rows]
            if all(same_name(names[0], name) for name in names):
                twins = [(row, "same_row", "", rows[0].number) for row in rows[1:]]
            else:
                twins = [(row, "same_nik", "nik", rows[1 if at == 0 else 0].number) for at, row in enumerate(rows)]
            for row, code, column, other in twins:
                row.problems = [*row.problems, Problem(code, True, column, other).packed()]
                row.state = RowState.REFUSED
                refused.append(row)
        ImportRow.objects.bulk_update(refused, ["problems", "state"], batch_size=CHUNK)


def _set_levels(batch: Import, target: Target) -> None:
    """Parents before children: a unit may stand below another one of the same file."""
    found = [Found(json.loads(row.payload)["v"], row) for row in batch.rows.filter(state=RowState.GOOD)]
    target.match(found)
    by_name: dict[str, list[Found]] = defaultdict(list)
    for one in found:
        by_name[target.name_of(one)].append(one)
    changed = []
    for one in found:
        seen, here = [one], one
        while here.parent_key:
            above = by_name.get(here.parent_key, [])
            if len(above) != 1:
                one.refuse("many_units" if above else "no_unit", "parent")
                break
            here = above[0]
            if here in seen:
                one.refuse("ring", "parent")
                break
            seen.append(here)
        one.row.level = len(seen) - 1
        changed.append(one)
    _refuse_below_refused(changed, by_name)
    for one in changed:
        if one.is_hard:
            one.row.problems = [*one.row.problems, *(p.packed() for p in one.problems if p.hard)]
            one.row.state = RowState.REFUSED
    ImportRow.objects.bulk_update([one.row for one in changed], ["level", "problems", "state"], batch_size=CHUNK)


def _refuse_below_refused(found: list[Found], by_name: dict[str, list[Found]]) -> None:
    for one in sorted(found, key=lambda each: each.row.level):
        if one.parent_key and not one.is_hard and by_name[one.parent_key][0].is_hard:
            one.refuse("no_unit", "parent")


# Taking over


def _run(hold: Hold) -> None:
    batch = hold.batch
    if batch.run_by is None or not importable(batch.run_by).filter(pk=batch.organisation_id).exists():
        hold.end(State.FAILED, fault="no_right")
        return
    try:
        if batch.mode == Mode.ALL:
            with transaction.atomic():
                _take_over(hold)
        else:
            _take_over(hold)
    except Conflict as conflict:
        one = conflict.found
        with transaction.atomic():
            hold.beat(done=0)
            ImportRow.objects.filter(pk=one.row.pk).update(
                state=RowState.REFUSED, problems=[problem.packed() for problem in one.problems]
            )
            hold.end(State.READY, fault="conflict")


def _take_over(hold: Hold) -> None:
    batch = hold.batch
    target = target_of(batch, by=batch.run_by or batch.created_by)
    done = batch.done
    while True:
        with transaction.atomic():
            hold.beat()
            _one_at_a_time(hold.clock())
            rows = list(batch.rows.filter(state=RowState.GOOD).order_by("level", "number")[:CHUNK])
            if not rows:
                hold.end(State.DONE, finished_at=hold.clock(), done=done)
                return
            _take_chunk(batch, target, rows)
            done += len(rows)
            hold.beat(done=done, attempts=0)
        cache.set(_progress_key(batch), done, 3600)
        if hold.is_over and batch.mode == Mode.GOOD:
            hold.pause()
            return


def _one_at_a_time(now: datetime) -> None:
    """Two imports that run at once would each find a person not there yet, and make them twice."""
    Tick.objects.get_or_create(name="import", defaults={"ran_at": now})
    Tick.objects.select_for_update().get(name="import")


def _take_chunk(batch: Import, target: Target, rows: list[ImportRow]) -> None:
    found = [Found(json.loads(row.payload)["v"], row) for row in rows]
    candidates = {one.row.candidate_id: None for one in found if one.row.candidate_id}
    if candidates:
        candidates = dict.fromkeys(candidates) | target.people(candidates)
    for level in sorted({one.row.level for one in found}):
        some = [one for one in found if one.row.level == level]
        target.match(some)
        for one in some:
            one.row.effect = {}
            _apply_decision(batch, one, candidates)
        target.write([one for one in some if not one.is_hard])
    for one in found:
        if one.is_hard:
            if batch.mode == Mode.ALL:
                raise Conflict(one)
            _settle(one)
    ImportRow.objects.bulk_update([one.row for one in found if one.is_hard], ["problems", "has_warning"])
    batch.rows.filter(pk__in=[row.pk for row in rows]).update(state=RowState.DONE)
    batch.rows.filter(pk__in=[one.row.pk for one in found if one.is_hard]).update(state=RowState.REFUSED)
    _note_effects([one.row for one in found if one.row.effect])


def _note_effects(rows: list[ImportRow]) -> None:
    """One plain statement for all: `bulk_update` spends longer on its CASE than the rest of a chunk takes."""
    effect, key = (connection.ops.quote_name(name) for name in ("effect", "id"))
    table = connection.ops.quote_name(ImportRow._meta.db_table)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {table} SET {effect} = %s WHERE {key} = %s",  # noqa: S608 (names of our own)
            [(json.dumps(row.effect), row.pk) for row in rows],
        )


def _apply_decision(batch: Import, one: Found, candidates: dict) -> None:
    """Somebody was asked about this row, or about all such rows; what nobody was asked about is not taken over."""
    if one.person is not None or one.is_hard:
        return
    decision = one.row.decision or batch.likely
    if one.row.match == Match.LIKELY and decision == Decision.SAME:
        one.person = candidates.get(one.row.candidate_id)
        one.is_ours = one.person is not None
    elif one.candidate is not None and one.row.match != Match.LIKELY:
        one.refuse("appeared")


# Taking back


def _undo(hold: Hold) -> None:
    batch, done = hold.batch, hold.batch.done
    # A tree is taken down leaf by leaf; people and bodies do not stand on each other.
    size = 1 if batch.kind == ImportKind.UNITS else CHUNK
    while True:
        with transaction.atomic():
            hold.beat()
            _one_at_a_time(hold.clock())
            rows = list(batch.rows.filter(state=RowState.DONE).order_by("-level", "-number")[:size])
            if not rows:
                hold.end(State.UNDONE, finished_at=hold.clock(), done=done)
                return
            kept = take_back(rows)
            gone = [row.pk for row in rows if row.pk not in kept]
            batch.rows.filter(pk__in=gone).update(state=RowState.UNDONE)
            for row in rows:
                if row.pk in kept:
                    row.state = RowState.KEPT
                    row.problems = [*row.problems, [f"undo_{kept[row.pk]}", True, "", 0]]
            ImportRow.objects.bulk_update(
                [row for row in rows if row.pk in kept], ["state", "problems"], batch_size=CHUNK
            )
            done += len(rows)
            hold.beat(done=done, attempts=0)
        if hold.is_over:
            hold.pause()
            return


# --- Forgetting ----------------------------------------------------------------------------------------------------


def forget_old(*, now: datetime) -> int:
    """Forget files and rows a week after the end, or after a week in which nobody went on with them."""
    over = Import.objects.filter(cleared_at__isnull=True).exclude(state__in=Import.WORK)
    over = over.filter(Q(finished_at__lte=now - KEPT) | Q(finished_at__isnull=True, created_at__lte=now - KEPT))
    count = 0
    for batch in over[:50]:
        with transaction.atomic():
            batch = _lock(batch)
            if batch.is_working or batch.cleared_at:
                continue
            if batch.state in {State.MAPPING, State.READY}:
                batch.state = State.CANCELLED
            _forget(batch, now=now)
            count += 1
    return count


def _forget(batch: Import, *, now: datetime) -> None:
    """The file, the words of its rows and the rows that did nothing; what an undo needs holds no words."""
    batch.counts = counts(batch)
    name, batch.stored_name, batch.headers, batch.cleared_at = batch.stored_name, "", "", now
    batch.save()
    batch.rows.exclude(state__in=[RowState.DONE, RowState.KEPT]).delete()
    batch.rows.update(payload="")
    if name:
        transaction.on_commit(lambda: vault.remove(name))
