"""One act on many cases picked from the list: give, offer, label, take a label off; taken back within ten minutes where that can be.

What it costs in statements does not depend on how many cases there are. Every act carries a ``batch``, the key of its
form: sent twice it does nothing twice, and with it the act is found again to be taken back.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import models, transaction
from django.db.models import Count, F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.models import Case, CaseTag, Event, FollowUp, HandOver, TakenTag
from cases.rules.codes import EventCode, FollowUpState, HandOverState
from cases.rules.errors import Refused
from cases.rules.tags import clean_label
from cases.services import carrying, desk_moves, masking, timeline
from cases.services.rights import hidden_people
from members.models import User
from members.rules.roles import Permission
from members.services import messages as outbox

#: So many cases at most in one act.
MOST = desk_moves.MOST
#: So long an act can be taken back.
UNDO = timedelta(minutes=10)
#: Desks that one person has to reach to be on the list of whom to choose.
_MOST_DESKS = 10


class Act(models.TextChoices):
    """What can be done with the cases that were picked; the values stand in forms."""

    ASSIGN = "assign", gettext_lazy("Assign")
    OFFER = "offer", gettext_lazy("Hand over")
    TAG = "tag", gettext_lazy("Label")
    UNTAG = "untag", gettext_lazy("Take a label off")


NEEDS = {
    Act.ASSIGN: Permission.CASE_ASSIGN,
    Act.OFFER: Permission.CASE_WORK,
    Act.TAG: Permission.CASE_WORK,
    Act.UNTAG: Permission.CASE_WORK,
}


@dataclass
class Sorted:
    """Of the cases picked: which the act can be done on, and why not on each of the others the reader may see."""

    ready: list[Case] = field(default_factory=list)
    refused: list[tuple[Case, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Done:
    """How many cases the act was done on; why not on others."""

    count: int
    refused: list[tuple[Case, str]] = field(default_factory=list)


def sort_out(picked: Iterable[UUID], act: str, *, by: User, to: User | None = None) -> Sorted:
    """Which of the picked cases the act can be done on, with the reasons against it; five statements at most.

    What the reader may not even see is passed over without a word.
    """
    seen = Case.objects.permitted(by, Permission.CASE_VIEW).filter(uuid__in=list(picked)[:MOST])
    cases = list(seen.select_related("desk").defer("story", "diagnosis", "outcome_note").order_by("pk"))
    pks = [case.pk for case in cases]
    may = set(Case.objects.permitted(by, NEEDS[Act(act)]).filter(pk__in=pks).values_list("pk", flat=True))
    open_offers = HandOver.objects.filter(case__in=pks, state=HandOverState.OFFERED)
    offered = set(open_offers.values_list("case", flat=True)) if act == Act.OFFER else set()
    tagged = set(CaseTag.objects.filter(case__in=pks).values_list("case", flat=True)) if act == Act.UNTAG else set()
    hidden = hidden_people(pks, on=timezone.localdate()) if to and pks else {}
    found = Sorted()
    for case in cases:
        why = _why_not(case, act, is_mine=case.pk in may, is_offered=case.pk in offered, to=to, hidden=hidden)
        if not why and act == Act.UNTAG and case.pk not in tagged:
            why = _("carries no label")
        if why:
            found.refused.append((case, why))
        else:
            found.ready.append(case)
    return found


def _why_not(case: Case, act: str, *, is_mine: bool, is_offered: bool, to: User | None, hidden: dict) -> str:
    if not is_mine:
        return _("not yours to change")
    if act in {Act.TAG, Act.UNTAG}:
        return _("restricted: it carries no label") if case.is_restricted else ""
    if not case.is_open:
        return _("closed")
    if is_offered:
        return _("already offered to somebody")
    if to and case.assignee_id == to.pk:
        return _("carried by this person already")
    if to and to.pk in hidden.get(case.pk, ()):
        return _("hidden from the unit of this person")
    return ""


def people(cases: list[Case], *, now: datetime) -> list[User]:
    """Who may carry all of these cases: their office reaches every desk."""
    desks = {case.desk_id: case for case in cases}
    if not desks or len(desks) > _MOST_DESKS:
        return []
    first, *others = desks.values()
    users = carrying.candidates(first, now=now)
    for case in others:
        users = users.filter(pk__in=carrying.candidates(case, now=now).order_by().values("pk"))
    return list(users[: carrying.MOST])


@transaction.atomic
def hand(
    *, picked: Iterable[UUID], act: str, to: User, reason: str, by: User, batch: UUID, now: datetime | None = None
) -> Done:
    """Give the cases to somebody at once, or offer them. Raises Refused for somebody who carries none of these desks."""
    now = now or timezone.now()
    if done := desk_moves.done_before(batch, by, is_offer=act == Act.OFFER):
        return Done(done.cases)
    found = sort_out(picked, act, by=by, to=to)
    cases = _locked(found.ready)
    if not cases:
        return Done(0, found.refused)
    if to.pk not in {user.pk for user in people(cases, now=now)}:
        raise Refused(_("This person carries no cases. Choose someone else."))
    reason = masking.clean(cases[0], reason, by, keep=False, now=now)
    pairs = [(case, to) for case in cases]
    if act == Act.OFFER:
        desk_moves.offer(pairs, by=by, reason=reason, batch=batch, now=now)
    else:
        desk_moves.withdraw_offers(cases, by=by, now=now)
        desk_moves.give(pairs, by=by, reason=reason, batch=batch, now=now)
    return Done(len(cases), found.refused)


@transaction.atomic
def tag(*, picked: Iterable[UUID], label: str, by: User, batch: UUID, now: datetime | None = None) -> Done:
    """Put a label on the cases; where it stands already it stays as it is. Raises Refused for an empty one."""
    now = now or timezone.now()
    label = clean_label(label)
    if not label:
        raise Refused(_("Write a label of a few letters, without numbers of people."))
    if count := CaseTag.objects.filter(batch=batch, tagged_by=by).count():
        return Done(count)
    found = sort_out(picked, Act.TAG, by=by)
    rows = [CaseTag(case=case, label=label, tagged_at=now, tagged_by=by, batch=batch) for case in _locked(found.ready)]
    CaseTag.objects.bulk_create(rows, ignore_conflicts=True)
    return Done(len(rows), found.refused)


def labels_on(cases: list[Case]) -> dict[str, int]:
    """The labels that these cases carry, each with how many of them carry it."""
    found = CaseTag.objects.filter(case__in=cases).order_by("label").values_list("label").annotate(n=Count("pk"))
    return dict(found)


@transaction.atomic
def untag(*, picked: Iterable[UUID], label: str, by: User, batch: UUID, now: datetime | None = None) -> Done:
    """Take a label off the cases that carry it; others stay as they are. Raises Refused where none carries it."""
    now = now or timezone.now()
    if count := TakenTag.objects.filter(batch=batch, taken_by=by).count():
        return Done(count)
    TakenTag.objects.filter(taken_at__lt=now - UNDO).delete()
    found = sort_out(picked, Act.UNTAG, by=by)
    rows = CaseTag.objects.filter(case__in=_locked(found.ready), label=label)
    taken = [
        TakenTag(case_id=row.case_id, label=label, tagged_at=row.tagged_at, tagged_by_id=row.tagged_by_id,
                 taken_at=now, taken_by=by, batch=batch)
        for row in rows
    ]  # fmt: skip
    if not taken:
        raise Refused(_("None of these cases carries this label any more."))
    TakenTag.objects.bulk_create(taken)
    rows.delete()
    return Done(len(taken), found.refused)


def _locked(cases: list[Case]) -> list[Case]:
    """The rows as they are now, held; closed or restricted meanwhile they drop out."""
    before = {case.pk: case for case in cases}
    rows = Case.objects.select_for_update().filter(pk__in=list(before)).order_by("pk")
    return [
        row
        for row in rows
        if (row.is_restricted, row.is_open) == (before[row.pk].is_restricted, before[row.pk].is_open)
    ]


@transaction.atomic
def undo(*, batch: UUID, by: User, now: datetime | None = None) -> int:
    """Take an act of one's own back within ten minutes; returns on how many cases.

    A case given goes back to who had it, unless somebody else has it by now; an offer is withdrawn while it is open;
    a label comes off, and one taken off comes back. A second time nothing is left to take back.
    """
    now = now or timezone.now()
    return (
        _untag(batch, by, now)
        or _put_back(batch, by, now)
        or _take_offers_back(batch, by, now)
        or _give_back(batch, by, now)
    )


def _untag(batch: UUID, by: User, now: datetime) -> int:
    rows = CaseTag.objects.filter(batch=batch, tagged_by=by, tagged_at__gte=now - UNDO)
    count, _rows = rows.delete()
    return count


def _put_back(batch: UUID, by: User, now: datetime) -> int:
    rows = TakenTag.objects.filter(batch=batch, taken_by=by, taken_at__gte=now - UNDO, case__is_restricted=False)
    back = [
        CaseTag(case_id=row.case_id, label=row.label, tagged_at=row.tagged_at, tagged_by_id=row.tagged_by_id)
        for row in rows
    ]
    CaseTag.objects.bulk_create(back, ignore_conflicts=True)
    TakenTag.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(back)


def _events(batch: UUID, by: User, code: str, now: datetime) -> QuerySet[Event]:
    return Event.objects.filter(type__code=code, logged_by=by, data__batch=str(batch), logged_at__gte=now - UNDO)


def _take_offers_back(batch: UUID, by: User, now: datetime) -> int:
    if not _events(batch, by, EventCode.HANDOVER_OFFERED, now).exists():
        return 0
    offers = HandOver.objects.filter(batch=batch, state=HandOverState.OFFERED, offered_at__gte=now - UNDO)
    cases = list(
        Case.objects.select_for_update().filter(pk__in=list(offers.values_list("case", flat=True))).order_by("pk")
    )
    desk_moves.withdraw_offers(cases, by=by, now=now)
    outbox.cancel(thing=f"batch:{batch}")
    return len(cases)


def _give_back(batch: UUID, by: User, now: datetime) -> int:
    told = {event.case_id: event.data for event in _events(batch, by, EventCode.ASSIGNED, now)}
    if not told:
        return 0
    users = User.objects.in_bulk(
        {uuid for data in told.values() for uuid in (data["to"], data["before"]) if uuid}, field_name="uuid"
    )
    users = {str(uuid): user for uuid, user in users.items()}
    may = Case.objects.permitted(by, Permission.CASE_ASSIGN).open().filter(pk__in=told).values_list("pk", flat=True)
    cases = [
        case
        for case in Case.objects.select_for_update().filter(pk__in=list(may)).order_by("pk")
        if (to := users.get(told[case.pk]["to"])) and case.assignee_id == to.pk
    ]
    back = {case.pk: users.get(told[case.pk]["before"]) for case in cases}
    given = [(case, user) for case in cases if (user := back[case.pk])]
    desk_moves.take_along(given, *{user.pk: user for _case, user in given}.values())
    free = [case for case in cases if back[case.pk] is None]
    _release(free)
    timeline.record_all(EventCode.ASSIGNED, [(c, _turned(told[c.pk])) for c, _user in given], by=by, now=now)
    timeline.record_all(EventCode.RELEASED, [(c, _turned(told[c.pk])) for c in free], by=by, now=now)
    outbox.cancel(thing=f"batch:{batch}")
    return len(cases)


def _turned(data: dict) -> dict:
    return {"to": data["before"], "before": data["to"], "undone": True}


def _release(cases: list[Case]) -> None:
    """Back to the desk, with their plans."""
    pks = [case.pk for case in cases]
    for owner in {case.assignee_id for case in cases}:
        mine = [case.pk for case in cases if case.assignee_id == owner]
        FollowUp.objects.filter(case__in=mine, owner=owner, state=FollowUpState.OPEN).update(owner=None)
    Case.objects.filter(pk__in=pks).update(assignee=None, version=F("version") + 1)
