"""A case that opens for named people only: what it says is cipher, and it stands in no list of others (issue 3, 12).

Rows seal themselves as they are saved (`SealableTextField`); here are the two moments when every row of a case turns.
"""

from collections.abc import Iterable
from datetime import datetime

from django.apps import apps
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case, CaseShare, ClockPause
from cases.rules.codes import EventCode
from cases.rules.errors import Refused
from cases.rules.registers import Restriction
from cases.services import masking, tags, timeline, words
from members.models import Message, User, seal, sealable_fields, unseal
from members.rules.roles import Permission

#: Rows that belong to a case by way of another row.
_BY_WAY_OF: dict[type[models.Model], str] = {ClockPause: "clock__case"}
_BATCH = 100


def may_restrict(user: User, case: Case) -> bool:
    """Who carries the case, or assigns the cases of its desk and may open it."""
    if case.assignee_id == user.pk:
        return True
    return Case.objects.permitted(user, Permission.CASE_ASSIGN).filter(pk=case.pk).exists()


@transaction.atomic
def restrict(
    *,
    case: Case,
    reason: str,
    by: User,
    people: Iterable[User] = (),
    note: str = "",
    now: datetime | None = None,
) -> Case:
    """Close the case for all but who carries it, who restricts it, and ``people``; every text of it becomes cipher.

    On a restricted case it changes the reason and names further people. Raises Refused without a reason.
    """
    now = now or timezone.now()
    if reason not in Restriction.values or not reason:
        raise Refused(_("Say why the case is restricted."))
    case = timeline.lock(case)
    named = named_people(case, now=now)
    fresh = [user for user in dict.fromkeys([by, *people]) if user.pk not in named and user.pk != case.assignee_id]
    if case.is_restricted and case.restriction == reason and not fresh:
        return case
    note = masking.clean(case, note.strip(), by, now=now)
    case.is_restricted, case.restriction = True, reason
    _turn_rows(case)
    words.forget(case)
    tags.forget(case)
    CaseShare.objects.bulk_create(CaseShare(case=case, user=user, from_at=now, shared_by=by) for user in fresh)
    data = {"people": [str(user.uuid) for user in fresh]}
    timeline.record(case, EventCode.RESTRICTED, by=by, text=note, now=now, data=data)
    _call_off_messages(case)
    case.refresh_from_db()
    return case


@transaction.atomic
def lift(*, case: Case, by: User, note: str, now: datetime | None = None) -> Case:
    """Open the case again as every other; its words come back as they were. Raises Refused without a reason."""
    now = now or timezone.now()
    if not note.strip():
        raise Refused(_("Say why the restriction is lifted."))
    case = timeline.lock(case)
    if not case.is_restricted:
        return case
    note = masking.clean(case, note.strip(), by, now=now)
    case.is_restricted, case.restriction = False, Restriction.NONE
    _turn_rows(case)
    timeline.record(case, EventCode.UNRESTRICTED, by=by, text=note, now=now)
    words.refresh([case.pk])
    case.refresh_from_db()
    return case


def named_people(case: Case, *, now: datetime) -> dict[int, CaseShare]:
    """Who the case is open to by name, by user, with the share that says so."""
    rows = CaseShare.objects.live(now).filter(case=case, user__isnull=False).select_related("user", "shared_by")
    return {row.user_id: row for row in rows.order_by("-pk")}


def models_of_a_case() -> dict[type[models.Model], str]:
    """Every model with texts that are sealed, and the way from its rows to the case."""
    rows = [model for model in apps.get_app_config("cases").get_models() if model is not Case]
    return {model: _BY_WAY_OF.get(model, "case") for model in rows if sealable_fields(model)}


def _turn_rows(case: Case) -> None:
    """Write every row of the case anew, sealed or in clear as the case now is."""
    case.version += 1
    case.save()
    turn = seal if case.is_restricted else unseal
    for model, way in models_of_a_case().items():
        # Not the model's own manager: events refuse to be updated, and this changes how they are kept, not what they
        # say. The redaction of DECISIONS 8 and this are the only writers of an event that is there already.
        everything: models.QuerySet = models.QuerySet(model)
        rows = list(everything.filter(**{way: case}))
        for row in rows:
            turn(row)
        if rows:
            names = [field.attname for field in sealable_fields(model)]
            everything.bulk_update(rows, names, batch_size=_BATCH)


def _call_off_messages(case: Case) -> None:
    """What still waits for people who may no longer open the case is not sent."""
    waiting = Message.objects.filter(about=case.about, state=Message.State.WAITING)
    for user in User.objects.filter(pk__in=waiting.values("recipient")):
        if not Case.objects.permitted(user, Permission.CASE_VIEW).filter(pk=case.pk).exists():
            waiting.filter(recipient=user).update(state=Message.State.CANCELLED)
