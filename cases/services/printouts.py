"""The life of a paper that a worker makes: ordered, claimed, made, taken out, deleted (issue 5 §7).

The row is the queue. Whoever claims it holds it for the length of a lease, which every step renews; killed anywhere, it
is made anew when the lease is over, and of two workers one is told that it has lost it.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_hex
from uuid import UUID, uuid4

from cryptography.fernet import InvalidToken
from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from cases.models import Case, Printout
from cases.rules.errors import Refused
from cases.rules.printing import KEPT, NEEDS, WORK, PrintKind, PrintState
from members.models import Organisation, User
from members.services import messages, vault
from members.services.messages import Note

#: Papers are for offices and meetings in Indonesia.
LANGUAGE = "id"
LEASE = timedelta(minutes=3)
TRIES = 3
#: More than these wait for nobody.
MOST_WAITING = 10
#: Cases asked in one statement when a file is taken out.
_CHUNK = 500


class Lost(Exception):
    """Somebody else holds the paper by now, or it was thrown away."""


class Fault(Exception):
    """It cannot be made; ``code`` says why."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Built:
    """A paper as its builder hands it over; ``shows`` are the cases (by id) that can be recognised in it."""

    data: bytes
    content_type: str
    extension: str
    shows: list[int] = field(default_factory=list)


#: Tells how far a builder is, and renews its hold. Raises Lost.
Step = Callable[[int, int], None]
Builder = Callable[[Printout, Step], Built]
Builders = Mapping[str, Builder]


# What a person does


@transaction.atomic
def order(
    *,
    kind: str,
    by: User,
    params: dict,
    organisation: Organisation | None = None,
    content: dict | None = None,
    submit_key: UUID | None = None,
    now: datetime | None = None,
) -> Printout:
    """Put a paper into the queue; a repeated ``submit_key`` gives back the first one. Raises Refused."""
    now = now or timezone.now()
    if submit_key and (first := Printout.objects.filter(submit_key=submit_key, ordered_by=by).first()):
        return first
    if organisation and not Organisation.objects.in_reach_of(by, NEEDS[PrintKind(kind)]).contains(organisation):
        raise Refused(_("Choose a unit that you look after."))
    if Printout.objects.filter(ordered_by=by, state__in=WORK).count() >= MOST_WAITING:
        raise Refused(_("Ten of your papers are still being made. Wait for them first."))
    row, made = Printout.objects.get_or_create(
        submit_key=submit_key or uuid4(),
        defaults={
            "kind": kind,
            "organisation": organisation,
            "params": params,
            "content": json.dumps(content, ensure_ascii=False) if content else "",
            "ordered_at": now,
            "ordered_by": by,
            "expires_at": now + KEPT,
        },
    )
    if not made and row.ordered_by_id != by.pk:
        raise Refused(_("This form was already sent. Open a new one."))
    return row


def mine(user: User, *, now: datetime):
    """The papers this user ordered that are not yet over."""
    return Printout.objects.filter(ordered_by=user, expires_at__gt=now).select_related("organisation")


def content_of(row: Printout) -> dict:
    """What was typed for it."""
    return json.loads(row.content) if row.content else {}


def may_open(row: Printout, user: User, *, now: datetime) -> bool:
    """Whether this user may take the file out now: they ordered it, and still hold what it needs on all it shows."""
    if row.ordered_by_id != user.pk or row.state != PrintState.DONE or row.expires_at <= now:
        return False
    permission = NEEDS[PrintKind(row.kind)]
    if row.organisation and not Organisation.objects.in_reach_of(user, permission).contains(row.organisation):
        return False
    permitted = Case.objects.permitted(user, permission)
    chunks = [row.shows[at : at + _CHUNK] for at in range(0, len(row.shows), _CHUNK)]
    return all(permitted.filter(pk__in=chunk).count() == len(chunk) for chunk in chunks)


def fetch(row: Printout) -> bytes | None:
    """The file; None where it is gone."""
    try:
        return vault.fetch(row.stored_name)
    except (FileNotFoundError, InvalidToken):
        return None


@transaction.atomic
def throw_away(*, row: Printout) -> None:
    """Delete a paper and its file at once; whoever makes it right now finds that it is gone."""
    row = Printout.objects.select_for_update().get(pk=row.pk)
    name = row.stored_name
    row.delete()
    if name:
        transaction.on_commit(lambda: vault.remove(name))


# What a worker does


def run_waiting(builders: Builders, *, now: datetime, seconds: float = 25) -> int:
    """Make the papers that wait, oldest first, until the time is up; returns how many were worked on."""
    started, worked = time.monotonic(), 0
    while (passed := time.monotonic() - started) < seconds:
        at = now + timedelta(seconds=passed)
        row = Printout.objects.waiting(at).order_by("ordered_at", "pk").first()
        if row is None:
            break
        worked += make(row, builders, now=at)
    return worked


def make(row: Printout, builders: Builders, *, now: datetime, tells: bool = True) -> bool:
    """Claim a paper and make it; False where somebody else has it. Who ordered it is told once, in the inbox."""
    started, token = time.monotonic(), token_hex(16)

    def clock() -> datetime:
        return now + timedelta(seconds=time.monotonic() - started)

    taken = Printout.objects.waiting(now).filter(pk=row.pk).update(
        state=PrintState.RUNNING, lease_until=now + LEASE, claimed_by=token, attempts=F("attempts") + 1, done=0, total=0
    )  # fmt: skip
    if not taken:
        return False
    row = Printout.objects.select_related("organisation", "ordered_by").get(pk=row.pk)
    held = Printout.objects.filter(pk=row.pk, state=PrintState.RUNNING, claimed_by=token)

    def step(done: int, total: int) -> None:
        if not held.update(done=min(done, total), total=total, lease_until=clock() + LEASE):
            raise Lost

    try:
        if row.attempts > TRIES:
            raise Fault("tries")
        if not row.ordered_by.is_active:
            raise Fault("no_right")
        with translation.override(LANGUAGE):
            built = builders[row.kind](row, step)
        _keep(row, built, held, at=clock())
    except Lost:
        return False
    except Fault as fault:
        held.update(state=PrintState.FAILED, fault=fault.code, finished_at=clock(), lease_until=None, claimed_by="")
    if tells:
        _tell(row, now=clock())
    return True


def _keep(row: Printout, built: Built, held, *, at: datetime) -> None:
    """The file first, then the row that knows it; a file that no row knows is removed, by us or by the sweep."""
    try:
        name = vault.keep(built.data)
    except vault.NoRoom:
        raise Fault("no_room") from None
    fields = {
        "state": PrintState.DONE,
        "done": F("total"),
        "stored_name": name,
        "content_type": built.content_type,
        "extension": built.extension,
        "size": len(built.data),
        "shows": sorted(set(built.shows)),
        "finished_at": at,
        "expires_at": at + KEPT,
        "lease_until": None,
        "claimed_by": "",
        "fault": "",
    }
    if not held.update(**fields):
        vault.remove(name)
        raise Lost


def _tell(row: Printout, *, now: datetime) -> None:
    state = Printout.objects.filter(pk=row.pk).values_list("state", flat=True).first()
    if state is None:
        return
    note = Note(
        row.ordered_by,
        "printout_ended",
        f"printout:{row.uuid}:{state}",
        {"state": state, "kind": row.kind},
        path=f"/berkas-cetak/{row.uuid}/",
    )
    messages.post_all([note], now=now, by_email=False)


def forget_old(*, now: datetime, most: int = 200) -> int:
    """Delete what is over its seven days, from the table and from disk; returns how many."""
    rows = list(Printout.objects.over(now).order_by("expires_at")[:most])
    for row in rows:
        throw_away(row=row)
    return len(rows)
