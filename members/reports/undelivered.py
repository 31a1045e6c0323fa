"""E-mail that never arrives: for the coordinators who were told about it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Q

from members.models import Appointment, Message, Organisation, User
from members.rules.roles import Permission

SHOWN_FOR = timedelta(days=14)


@dataclass(frozen=True)
class Undelivered:
    """A user whose mail is refused, since when last, how many, and what the server said."""

    user: User
    at: datetime
    count: int
    error: str

    @property
    def is_address(self) -> bool:
        """Whether the address itself is at fault: unknown, closed or misspelt."""
        return self.error.startswith(("501", "550", "551", "553", "ValueError", "Unicode"))


def undelivered(coordinator: User, *, now: datetime) -> list[Undelivered]:
    """Users of their organisations whose last mail was refused for good; gone as soon as one arrives again."""
    notes = Message.objects.inbox_of(coordinator).filter(kind="mail_failed", sent_at__gte=now - SHOWN_FOR)
    told = {key.split(":")[1] for key in notes.values_list("key", flat=True)}
    if not told:
        return []
    reach = Organisation.objects.in_reach_of(coordinator, Permission.CASE_ASSIGN)
    mine = Appointment.objects.live().filter(organisation__in=reach).values("user")
    users = User.objects.filter(uuid__in=told, pk__in=mine).in_bulk()
    mails = Message.objects.filter(recipient__in=users, channel=Message.Channel.EMAIL)
    arrived = dict(mails.values_list("recipient").annotate(at=Max("sent_at", filter=Q(state=Message.State.SENT))))
    found: dict[int, Undelivered] = {}
    for row in mails.filter(state=Message.State.FAILED, not_before__gte=now - SHOWN_FOR).order_by("-not_before"):
        if arrived.get(row.recipient_id) and arrived[row.recipient_id] > row.not_before:
            continue
        last = found.get(row.recipient_id)
        found[row.recipient_id] = Undelivered(
            user=users[row.recipient_id],
            at=last.at if last else row.not_before,
            count=last.count + 1 if last else 1,
            error=last.error if last else row.error,
        )
    return list(found.values())
