"""Send what waits in the outbox (ADR 9, 10; TRUST A3).

``deliver_waiting`` claims rows in batches for the length of a lease and hands them over one by one. One commit a mail
says "the one before was accepted, this one is being given away": whenever a process dies, at most one mail is in doubt,
and that one goes out again after the lease under the same Message-ID.
"""

import logging
import os
import socket
import time
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import BooleanField, F, Min, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import Least
from django.utils import timezone

from members.models import Message, User
from members.rules.delivery import FURTHEST, LONGEST_WAIT, PATIENCE, message_id, one_line, wait_after
from members.services import coordinators, messages
from members.services.channels import Channel, Letter, Never, NotNow, Session, Unclear, Unreachable
from members.services.messages import Note

logger = logging.getLogger(__name__)

#: How many rows one claim takes.
BATCH = 40
#: Where the count of tries stops; the wait has long stopped growing.
MANY_TRIES = 1000
#: How long a database that went away in the middle of a run is waited for, in seconds.
DATABASE_PATIENCE = 20

#: How far the clocks of two machines may differ before one of them counts as wrong.
SLACK = timedelta(seconds=5)

State = Message.State
#: Rows somebody holds. Spelled out, for SQLite only finds the partial index `message_leased` by its very words.
HELD = RawSQL("members_message.state IN ('claimed', 'sending', 'unsure')", [], BooleanField())


@dataclass
class Delivered:
    """What one run did, in rows."""

    sent: int = 0
    mails: int = 0
    put_back: int = 0
    failed: int = 0
    unsure: int = 0
    skipped: int = 0

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


def deliver_waiting(*, now: datetime, seconds: float | None = None) -> Delivered:
    """Send what is due, oldest first, until nothing is left or ``seconds`` have passed. Any number may run at once."""
    total = Delivered()
    for channel in messages.OUTSIDE:
        run = _Run(channel, now, seconds)
        run.recover()
        run.work()
        for name, value in run.count.as_dict().items():
            setattr(total, name, getattr(total, name) + value)
    return total


class _Run:
    """One run of one channel: claim, hand over, settle."""

    def __init__(self, channel: Channel, now: datetime, seconds: float | None):
        self.channel = channel
        self.started_at, self.started = now, time.monotonic()
        self.seconds = seconds
        self.lease = timedelta(seconds=settings.MESSAGE_LEASE)
        self.rows = Message.objects.filter(channel=channel.code)
        self.count = Delivered()
        self.token = f"{socket.gethostname()[:30]}:{os.getpid()}:{uuid.uuid4().hex[:12]}"
        self.has_claimed = False
        self.session: Session | None = None
        #: Accepted by the other side, not yet committed as sent.
        self.accepted: Letter | None = None

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self.started

    @property
    def now(self) -> datetime:
        """The moment the run began plus the seconds that have really passed, whatever the clock does meanwhile."""
        return self.started_at + timedelta(seconds=self.elapsed)

    def time_is_up(self) -> bool:
        return self.seconds is not None and self.elapsed >= self.seconds

    # Recovery

    def recover(self) -> None:
        """Bring back what a dead process held, and what a clock that was ahead has put out of reach."""
        now = self.now
        held = self.rows.filter(HELD)
        too_far = held.filter(lease_until__gt=now + self.lease + SLACK)
        if too_far.exists():
            too_far.update(lease_until=now + self.lease)
        expired = held.filter(lease_until__lte=now)
        if expired.exists():
            expired.filter(state=State.CLAIMED).update(state=State.WAITING, lease_until=None, claimed_by="")
            expired.filter(state=State.SENDING).update(state=State.UNSURE)
        frozen = self.rows.filter(state=State.WAITING, not_before__gt=now).filter(
            Q(not_before__lte=F("created_at"))  # was meant for at once
            | Q(attempts__gt=0, not_before__gt=now + LONGEST_WAIT + SLACK)
            | Q(not_before__gt=now + FURTHEST + SLACK)
        )
        if frozen.exists():
            frozen.update(not_before=now)

    # The walk

    def work(self) -> None:
        try:
            while not self.time_is_up():
                letters = self._claim()
                if letters is None or not self._send_all(letters):
                    break
        finally:
            if self.accepted:
                self._settle()
            if self.session:
                self.session.close()

    def _claim(self) -> list[Letter] | None:
        """Take the oldest due rows for the length of a lease; None when nothing is due."""
        now = self.now
        waiting = self.rows.filter(state=State.WAITING, not_before__lte=now)
        unsure = self.rows.filter(HELD, state=State.UNSURE, lease_until__lte=now)
        # Idle beats only read: SQLite would otherwise lock the whole database for nothing.
        if not self.has_claimed and not waiting.exists() and not unsure.exists():
            return None
        with transaction.atomic():
            pks = [*self._take(unsure, "lease_until"), *self._take(waiting, "not_before")][:BATCH]
            if not pks:  # nothing is left, or others are at it
                return None
            pks += self._rest_of_digests(pks, waiting, unsure)
            self.rows.filter(pk__in=pks).filter(
                Q(state=State.WAITING, not_before__lte=now) | Q(state=State.UNSURE, lease_until__lte=now)
            ).update(
                state=State.CLAIMED,
                claimed_by=self.token,
                lease_until=now + self.lease,
                attempts=Least(F("attempts") + 1, MANY_TRIES),
            )
            mine = self._mine(pks).filter(state=State.CLAIMED).select_related("recipient")
            rows = list(mine.order_by("not_before", "pk"))
        self.has_claimed = True
        return self._letters(self._still_fit(rows))

    @staticmethod
    def _take(rows: QuerySet, order: str) -> list[int]:
        # Of a summary only its first row is taken here, the others follow it: two workers never share one.
        digests = rows.filter(is_digest=True).order_by().values("recipient", "message_id")
        firsts = digests.annotate(first=Min("pk")).values_list("first", flat=True)[:BATCH]
        rows = rows.filter(Q(is_digest=False) | Q(pk__in=list(firsts)))
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True)
        return list(rows.order_by(order, "pk").values_list("pk", flat=True)[:BATCH])

    def _rest_of_digests(self, pks: list[int], waiting: QuerySet, unsure: QuerySet) -> list[int]:
        """A summary goes out whole: the other due rows of its reader, or those it went out with before."""
        digests = self.rows.filter(pk__in=pks, is_digest=True)
        more: set[int] = set()
        for recipient, known_id in set(digests.values_list("recipient", "message_id")):
            same = {"recipient": recipient, "message_id": known_id, "is_digest": True}
            for rows in (waiting, unsure):
                more.update(rows.filter(**same).values_list("pk", flat=True))
        return sorted(more - set(pks))

    def _still_fit(self, rows: list[Message]) -> list[Message]:
        """Without those whose reader has left, wants no mail any more, or has come into quiet hours meanwhile."""
        fit = []
        for row in rows:
            reason = self.channel.skip_reason(row.recipient)
            at = self.channel.turn(row.recipient, row.urgency, self.now).at
            if reason:
                self._mine([row.pk]).update(state=State.SKIPPED, skip_reason=reason)
                self.count.skipped += 1
            elif at > self.now and not row.is_digest and not row.recipient.wants_digest:
                self._mine([row.pk]).update(
                    state=State.WAITING, not_before=at, attempts=0, lease_until=None, claimed_by=""
                )
            else:
                fit.append(row)
        return fit

    def _letters(self, rows: list[Message]) -> list[Letter]:
        """One letter a row, and one for all the rows of a summary."""
        letters: dict[object, Letter] = {}
        for row in rows:
            key = (row.recipient_id, row.message_id) if row.is_digest else row.pk
            if key in letters:
                letters[key].rows.append(row)
            else:
                letters[key] = Letter(recipient=row.recipient, rows=[row], message_id=row.message_id)
        for letter in letters.values():
            letter.rows.sort(key=lambda row: row.pk)
            letter.message_id = letter.message_id or message_id(
                str(letter.recipient.uuid),
                self.channel.code,
                *(row.key for row in letter.rows),
                host=settings.SITE_HOST,
            )
        return list(letters.values())

    def _send_all(self, letters: list[Letter]) -> bool:
        """Hand the letters over one by one; False when the other side is away."""
        claimed = self.elapsed
        for number, letter in enumerate(letters):
            rest = letters[number:]
            if self.time_is_up() or self.elapsed - claimed > settings.MESSAGE_LEASE / 2:
                self._release(rest)
                return not self.time_is_up()
            try:
                self._send(letter)
            except Unreachable as problem:
                logger.warning("%s is away: %s", self.channel.code, type(problem.__cause__ or problem).__name__)
                self._put_back(rest, str(problem))
                return False
            except (OperationalError, InterfaceError):
                raise
            except (ValueError, UnicodeError) as problem:
                self._fail(letter, f"{type(problem).__name__}: {problem}")
            except Exception as problem:
                # A fault of ours, in a template for one: the others go out, this one is tried again.
                logger.exception("a message could not be written: %s", letter.rows[0].kind)
                self._put_back([letter], f"{type(problem).__name__}: {problem}")
        return True

    def _send(self, letter: Letter) -> None:
        """Offer, commit, hand over. Raises Unreachable."""
        try:
            self._offer(letter)
            if not self._about_to_send(letter):
                self.session.withdraw()
                return
            self.session.hand_over(letter)
        except NotNow as refusal:
            self._refused(letter, str(refusal))
        except Never as refusal:
            self._fail(letter, str(refusal))
        except Unclear as doubt:
            self._doubt(letter, str(doubt))
        else:
            self.accepted = letter

    def _offer(self, letter: Letter) -> None:
        """Offer on the open line; a line that was closed meanwhile is opened again, once."""
        fresh = self.session is None
        if fresh:
            self.session = self.channel.open()
        try:
            self.session.offer(letter)
        except Unreachable:
            self.session.close()
            self.session = None
            if fresh:
                raise
            self.session = self.channel.open()
            self.session.offer(letter)

    # What is written down. Each is one commit, which also settles the letter accepted before.

    def _mine(self, pks: list[int]) -> QuerySet:
        return self.rows.filter(pk__in=pks, claimed_by=self.token)

    def _settle(self, work: Callable[[], int] = lambda: 0) -> int:
        """Commit ``work`` together with "the one before was accepted"; wait a little for a database that is away."""
        deadline = time.monotonic() + DATABASE_PATIENCE
        while True:
            try:
                with transaction.atomic():
                    if self.accepted:
                        self._mine(self.accepted.pks).filter(state__in=[State.SENDING, State.UNSURE]).update(
                            state=State.SENT, sent_at=self.now, lease_until=None, error=""
                        )
                    result = work()
                break
            except (OperationalError, InterfaceError):
                if connection.in_atomic_block or time.monotonic() > deadline:
                    raise
                connection.close()
                time.sleep(0.3)
        if self.accepted:
            self.count.sent += len(self.accepted.rows)
            self.count.mails += 1
            self.accepted = None
        return result

    def _about_to_send(self, letter: Letter) -> bool:
        """From here on the letter may have been accepted. False when it was called off or taken over meanwhile."""
        changed = self._settle(
            lambda: (
                self._mine(letter.pks)
                .filter(state__in=[State.CLAIMED, State.SENDING])
                .update(state=State.SENDING, message_id=letter.message_id, lease_until=self.now + self.lease)
            )
        )
        if 0 < changed < len(letter.rows):  # a row of a summary was called off: the others go without it
            still = set(self._mine(letter.pks).filter(state=State.SENDING).values_list("pk", flat=True))
            letter.rows = [row for row in letter.rows if row.pk in still]
            letter.content = None
        return changed > 0

    def _release(self, letters: list[Letter]) -> None:
        """Give back what there was no time for, as if it had not been claimed."""
        pks = [pk for letter in letters for pk in letter.pks]
        self._settle(
            lambda: (
                self._mine(pks)
                .filter(state=State.CLAIMED)
                .update(state=State.WAITING, lease_until=None, claimed_by="", attempts=F("attempts") - 1)
            )
        )

    def _put_back(self, letters: list[Letter], problem: str) -> None:
        """Try again later: sooner at first, at least every five minutes."""

        def work() -> int:
            for letter in letters:
                self._mine(letter.pks).filter(state__in=[State.CLAIMED, State.SENDING]).update(
                    state=State.WAITING,
                    not_before=self.now + wait_after(letter.tries),
                    lease_until=None,
                    claimed_by="",
                    error=one_line(problem)[:300],
                )
            return 0

        self._settle(work)
        self.count.put_back += sum(len(letter.rows) for letter in letters)

    def _refused(self, letter: Letter, problem: str) -> None:
        """The mailbox says not now: wait, but not for ever."""
        if self.now - letter.rows[0].created_at > PATIENCE:
            self._fail(letter, problem)
        else:
            self._put_back([letter], problem)

    def _doubt(self, letter: Letter, problem: str) -> None:
        """The line broke: after the lease it goes out again under the same Message-ID."""
        if self.session:
            self.session.close()
            self.session = None
        self._settle(
            lambda: (
                self._mine(letter.pks)
                .filter(state=State.SENDING)
                .update(state=State.UNSURE, lease_until=self.now + self.lease, error=one_line(problem)[:300])
            )
        )
        self.count.unsure += len(letter.rows)

    def _fail(self, letter: Letter, problem: str) -> None:
        """Refused for good: the coordinators of the reader's organisations hear of it, once a day a reader."""

        def work() -> int:
            failed = (
                self._mine(letter.pks)
                .filter(state__in=[State.CLAIMED, State.SENDING])
                .update(state=State.FAILED, lease_until=None, error=one_line(problem)[:300])
            )
            if failed:
                tell_coordinators(letter.recipient, now=self.now)
            return failed

        self.count.failed += self._settle(work)


def tell_coordinators(user: User, *, now: datetime) -> None:
    """In the inbox only: a mail about mail that fails would help nobody."""
    today = timezone.localdate(now)
    organisations = list(user.appointments.live(today).values_list("organisation", flat=True))
    responsible: dict[int, User] = {}
    for levels in coordinators.tiers(organisations, on=today).values():
        others = ([one for one in level if one != user] for level in levels)
        responsible.update({one.pk: one for one in next(filter(None, others), [])})
    key = f"mail_failed:{user.uuid}:{today:%Y-%m-%d}"
    notes = [Note(one, "mail_failed", key, {}, path="/kabar/#surel-gagal") for one in responsible.values()]
    messages.post_all(notes, now=now, by_email=False)
