"""The outbox: post and cancel (ADR 9, TRUST A3). The row is the queue; `services.delivery` sends what waits.

``post`` writes rows in the caller's transaction: the inbox has its row at once, e-mail waits for its turn.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from members.models import Message, User
from members.services.channels import Channel
from members.services.mail import Email

#: The ways out of the house. The inbox is not one: its row is the message.
OUTSIDE: tuple[Channel, ...] = (Email(),)
#: How many notes are written in one statement.
POST_BATCH = 200

State = Message.State


@dataclass(frozen=True)
class Note:
    """One thing to tell one user. ``key`` names the thing and the moment: the same key is never told twice.

    ``kind`` names templates/messages/<kind>.txt; ``data`` and ``path`` hold ids, numbers and moments, never identity.
    """

    recipient: User
    kind: str
    key: str
    data: dict = field(hash=False)
    path: str = ""
    thing: str = ""
    about: str = ""
    urgency: str = ""


def post(
    *,
    recipient: User,
    kind: str,
    key: str,
    data: dict,
    path: str = "",
    thing: str = "",
    about: str = "",
    urgency: str = "",
    now: datetime | None = None,
    by_email: bool = True,
) -> list[Message]:
    """Tell a user one thing once: in the inbox now, by e-mail when its turn comes. A repeated key tells nothing twice.

    Returns the rows of this key, the inbox first, whoever wrote them.
    """
    note = Note(recipient, kind, key, data, path, thing, about, urgency)
    post_all([note], now=now or timezone.now(), by_email=by_email)
    rows = Message.objects.filter(recipient=recipient, key=key)
    return sorted(rows, key=lambda row: row.channel != Message.Channel.INBOX)


@transaction.atomic
def post_all(notes: Iterable[Note], *, now: datetime, by_email: bool = True) -> int:
    """Post many notes in a few statements; returns how many were news to their reader."""
    unique = list({(note.recipient.pk, note.key): note for note in notes}.values())
    return sum(
        _post_some(unique[start : start + POST_BATCH], now=now, by_email=by_email)
        for start in range(0, len(unique), POST_BATCH)
    )


def _post_some(notes: list[Note], *, now: datetime, by_email: bool) -> int:
    known = Message.objects.filter(
        recipient__in={note.recipient.pk for note in notes}, key__in={note.key for note in notes}
    )
    known = {
        (row.recipient_id, row.key, row.channel): row for row in known.only("recipient", "key", "channel", "state")
    }
    news, fresh = 0, []
    for note in notes:
        if (note.recipient.pk, note.key, Message.Channel.INBOX) not in known:
            fresh.append(_row(note, Message.Channel.INBOX, state=State.SENT, not_before=now, sent_at=now))
            news += 1
        for channel in OUTSIDE if by_email else ():
            row = known.get((note.recipient.pk, note.key, channel.code))
            if row is None:
                fresh.append(_planned(note, channel, now))
            elif row.state == State.CANCELLED:  # called off, and needed again after all (an undo)
                Message.objects.filter(pk=row.pk, state=State.CANCELLED).update(state=State.WAITING, not_before=now)
    _supersede(fresh, now)
    # Somebody else may have written the same key a moment ago: the constraint keeps the first.
    Message.objects.bulk_create(fresh, ignore_conflicts=True)
    return news


def _planned(note: Note, channel: Channel, now: datetime) -> Message:
    reason = channel.skip_reason(note.recipient)
    if reason:
        return _row(note, channel.code, state=State.SKIPPED, not_before=now, skip_reason=reason)
    turn = channel.turn(note.recipient, note.urgency, now)
    return _row(note, channel.code, state=State.WAITING, not_before=turn.at, is_digest=turn.is_digest)


def _row(note: Note, channel: str, **extra) -> Message:
    return Message(
        recipient=note.recipient,
        channel=channel,
        key=note.key,
        kind=note.kind,
        data=note.data,
        path=note.path,
        thing=note.thing,
        about=note.about,
        urgency=note.urgency,
        **extra,
    )


def _supersede(fresh: list[Message], now: datetime) -> None:
    """What still waits for its hour gives way to the later message about the same thing."""
    later = {(row.recipient_id, row.channel, row.kind, row.thing) for row in fresh if row.thing}
    if not later:
        return
    waiting = Message.objects.filter(
        state=State.WAITING, thing__in={thing for *_, thing in later}, not_before__gt=now, attempts=0
    ).values_list("pk", "recipient", "channel", "kind", "thing")
    overtaken = [pk for pk, *what in waiting if tuple(what) in later]
    if overtaken:
        Message.objects.filter(pk__in=overtaken, state=State.WAITING).update(
            state=State.SKIPPED, skip_reason=Message.Skip.SUPERSEDED
        )


def cancel(*, thing: str = "", about: str = "", recipient: User | None = None) -> int:
    """Messages about a thing (or a whole case) are no longer needed; returns how many were called off.

    What waits, or is claimed but was never given away, does not go out. What the inbox shows of it stays, and no longer
    asks to be read.
    """
    if thing:
        return cancel_all(things=[thing], recipient=recipient)
    return cancel_all(abouts=[about], recipient=recipient)


def cancel_all(
    *, things: list[str] | None = None, abouts: list[str] | None = None, recipient: User | None = None
) -> int:
    """The same for many things, or many cases, in two statements."""
    rows = (
        Message.objects.filter(about__in=abouts or []) if things is None else Message.objects.filter(thing__in=things)
    )
    if recipient:
        rows = rows.filter(recipient=recipient)
    rows.filter(channel=Message.Channel.INBOX, read_at__isnull=True).update(read_at=timezone.now())
    return rows.filter(Q(state=State.WAITING) | Q(state=State.CLAIMED, message_id="")).update(state=State.CANCELLED)
