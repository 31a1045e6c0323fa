"""Announcements: who may speak for whom, one message to everybody below, and how many have read it (PRACTICE S0.9)."""

from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from members.models import Announcement, Appointment, Message, Organisation, User
from members.rules.roles import Permission
from members.services import messages
from members.services.messages import Note


def organisations_of(user: User) -> QuerySet[Organisation]:
    """The organisations for which this user may speak to everybody below."""
    return Organisation.objects.in_reach_of(user, Permission.ANNOUNCE)


def thing_of(announcement: Announcement) -> str:
    """How messages name it."""
    return f"announcement:{announcement.uuid}"


def seen_by(user: User) -> QuerySet[Announcement]:
    """What was said to this user, and what was said for organisations this user may speak for."""
    told = Message.objects.inbox_of(user).filter(kind="announcement").order_by().values_list("thing", flat=True)
    uuids = [thing.removeprefix("announcement:") for thing in told]
    rows = Announcement.objects.filter(Q(uuid__in=uuids) | Q(organisation__in=organisations_of(user)))
    return rows.select_related("organisation", "sent_by")


def read_count(announcement: Announcement) -> int:
    """How many have opened it in their inbox."""
    return Message.objects.filter(
        thing=thing_of(announcement), channel=Message.Channel.INBOX, read_at__isnull=False
    ).count()


def listeners(organisation: Organisation) -> QuerySet[Appointment]:
    """The live appointments at an organisation and everywhere below it, of people whose account is open."""
    below = Organisation.objects.below(organisation)
    return Appointment.objects.live().filter(organisation__in=below, user__is_active=True)


@transaction.atomic
def announce(
    *,
    organisation: Organisation,
    title: str,
    text: str,
    by: User,
    now: datetime | None = None,
    submit_key: UUID | None = None,
) -> Announcement:
    """Say something to everybody who serves at an organisation or below: inbox now, e-mail in its turn.

    How many people and units it reaches is kept as it was that day. A repeated key says nothing twice. Raises
    ValidationError where ``by`` may not speak for it, or nobody would hear.
    """
    now = now or timezone.now()
    if submit_key and (first := Announcement.objects.filter(submit_key=submit_key, sent_by=by).first()):
        return first
    if not organisations_of(by).filter(pk=organisation.pk).exists():
        raise ValidationError({"organisation": _("Choose an organisation for which you may speak.")})
    heard = listeners(organisation).exclude(user=by).order_by()
    people = User.objects.filter(pk__in=heard.values("user"))
    reach = people.count()
    if not reach:
        raise ValidationError({"organisation": _("Nobody serves there yet, so nobody would hear it.")})
    try:
        with transaction.atomic():
            row = Announcement.objects.create(
                organisation=organisation,
                title=title,
                text=text,
                reach=reach,
                units=heard.values("organisation").distinct().count(),
                sent_at=now,
                sent_by=by,
                submit_key=submit_key,
            )
    except IntegrityError:
        raise ValidationError(_("This form was sent already. Open the list to see it.")) from None
    path = reverse("members:announcement", args=[row.uuid])
    notes = [
        Note(person, "announcement", thing_of(row), {"organisation": str(organisation)}, path=path, thing=thing_of(row))
        for person in people
    ]
    messages.post_all(notes, now=now)
    return row
