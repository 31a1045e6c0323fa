"""What a way of reaching a user looks like. WhatsApp and web push come beside e-mail as one file each (ADR 9).

A channel says whether and when it may be used for somebody, and opens a session in which letters go out one by one:
``offer`` is everything that can still be taken back, ``hand_over`` is the step after which the other side may have it.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from members.models import Message, User


class NotNow(Exception):
    """This letter is refused for the moment."""


class Never(Exception):
    """This letter is refused for good."""


class Unreachable(Exception):
    """The other side is away: nothing can be sent now."""


class Unclear(Exception):
    """The line broke after the hand-over began: it may have been accepted, it may not."""


@dataclass(frozen=True)
class Turn:
    """When a message may go out, alone or in the summary of the morning."""

    at: datetime
    is_digest: bool = False


@dataclass
class Letter:
    """One thing handed over: a message alone, or the messages of one summary."""

    recipient: User
    rows: list[Message]
    message_id: str
    #: What the channel has made of it; thrown away when a row falls out at the last moment.
    content: bytes | None = field(default=None, repr=False)

    @property
    def pks(self) -> list[int]:
        return [row.pk for row in self.rows]

    @property
    def tries(self) -> int:
        return max(row.attempts for row in self.rows)


class Session(Protocol):
    """An open line to the other side."""

    def offer(self, letter: Letter) -> None:
        """Everything that can still be taken back. Raises NotNow, Never or Unreachable."""

    def withdraw(self) -> None:
        """Take back what was offered. Raises Unreachable."""

    def hand_over(self, letter: Letter) -> None:
        """Give it away. Raises NotNow, Never, Unreachable (surely not accepted) or Unclear."""

    def close(self) -> None:
        """End the line; never raises."""


class Channel(Protocol):
    """A way out of the house."""

    code: str

    def skip_reason(self, user: User) -> str:
        """Why this user is never reached this way (`Message.Skip`), or nothing."""

    def turn(self, user: User, urgency: str, now: datetime) -> Turn:
        """When a message of this urgency may reach this user."""

    def open(self) -> Session:
        """A line to the other side. Raises Unreachable."""
