"""Consultations and outreach: written in seconds, and turned into a case when they grow."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from cases.models import Case, SkaEntry
from cases.rules import masking
from cases.rules.errors import Refused
from members.models import Organisation, User
from members.rules.roles import Permission


def may_log(user: User, desk: Organisation) -> bool:
    """Whether this user writes for this desk."""
    return Organisation.objects.in_reach_of(user, Permission.CASE_LOG).filter(pk=desk.pk, is_desk=True).exists()


@transaction.atomic
def note(
    *, desk: Organisation, kind: str, topic: str, people: int, by: User, now: datetime, submit_key: UUID | None = None
) -> SkaEntry:
    """Write a consultation or an outreach down; numbers of people in the topic are masked and kept nowhere.

    The same form sent twice makes one row. Raises Refused for a desk of others.
    """
    if not may_log(by, desk):
        raise Refused(_("You do not write for this desk. Choose another one."))
    if submit_key and (before := SkaEntry.objects.filter(submit_key=submit_key, logged_by=by).first()):
        return before
    return SkaEntry.objects.create(
        desk=desk,
        kind=kind,
        topic=masking.mask(topic)[:160],
        people=people,
        on_day=now.astimezone(ZoneInfo(desk.zone)).date(),
        logged_at=now,
        logged_by=by,
        submit_key=submit_key,
    )


def became(uuid: UUID | None, *, case: Case, by: User) -> None:
    """The consultation from which a case grew is told which one, once; a restricted case is pointed at by nothing."""
    if uuid and not case.is_restricted:
        rows = SkaEntry.objects.permitted(by, Permission.CASE_LOG).filter(uuid=uuid, case__isnull=True)
        rows.update(case=case)
