"""Collective cases: one employer or cause, many people; sub-cases of their own, or names on the case itself."""

from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.models import Case, Event
from cases.rules.codes import CaseKind, EventCode, FollowUpKind, PartyRole
from cases.rules.collective import MOST_NAMES, Named
from cases.rules.due import first_look
from cases.rules.errors import CaseIsClosed, Refused
from cases.services import follow_ups, intake, parties, timeline
from cases.services.intake import Someone, check_parent
from members.models import User
from members.rules.roles import Permission


@transaction.atomic
def set_kind(*, case: Case, kind: str, by: User, now: datetime | None = None) -> Case:
    """Make a case collective, or one person's again. Raises Refused where something stands in the way, CaseIsClosed."""
    now = now or timezone.now()
    case = timeline.lock(case)
    if case.kind == kind:
        return case
    if not case.is_open:
        raise CaseIsClosed
    if kind == CaseKind.COLLECTIVE and case.parent_id:
        raise Refused(_("This case is part of a collective case itself."))
    if kind == CaseKind.INDIVIDUAL and case.sub_cases.exists():
        raise Refused(_("There are sub-cases. Take them out first."))
    before, case.kind = case.kind, kind
    case.version += 1
    case.save(update_fields=["kind", "version"])
    timeline.record(case, EventCode.EDITED, by=by, now=now, data={"fields": ["kind"], "kind": [before, kind]})
    return case


@transaction.atomic
def link(*, parent: Case, case: Case, by: User, now: datetime | None = None) -> Case:
    """Put a case that is there already under a collective one; once it is there, nothing changes.

    Raises Refused: a case under itself, one that has sub-cases, one that belongs to another, a parent that is none.
    """
    now = now or timezone.now()
    held = {row.pk: row for row in Case.objects.select_for_update().filter(pk__in=[parent.pk, case.pk]).order_by("pk")}
    parent, case = held[parent.pk], held[case.pk]
    if case.parent_id == parent.pk:
        return case
    check_parent(parent)
    if case.pk == parent.pk:
        raise Refused(_("A case is no part of itself."))
    if case.kind == CaseKind.COLLECTIVE or case.sub_cases.exists():
        raise Refused(_("A collective case cannot be part of another one."))
    if case.parent_id:
        raise Refused(_("This case is already part of another collective case. Take it out there first."))
    case.parent = parent
    case.version += 1
    case.save(update_fields=["parent", "version"])
    timeline.record(parent, EventCode.SUB_CASE_ADDED, by=by, now=now, data={"case": str(case.uuid)})
    timeline.record(case, EventCode.EDITED, by=by, now=now, data={"fields": ["parent"]})
    return case


@transaction.atomic
def unlink(*, case: Case, by: User, now: datetime | None = None) -> Case:
    """Take a sub-case out of its collective case; both stay as they are otherwise."""
    now = now or timezone.now()
    case = timeline.lock(case)
    parent = case.parent
    if parent is None:
        return case
    case.parent = None
    case.version += 1
    case.save(update_fields=["parent", "version"])
    for each in (case, parent):
        timeline.record(each, EventCode.EDITED, by=by, now=now, data={"fields": ["parent"], "case": str(case.uuid)})
    return case


def known_names(case: Case, user: User) -> list[str]:
    """The names on a collective case and on those of its sub-cases that this user may open: who would be there twice."""
    cases = Case.objects.permitted(user, Permission.CASE_VIEW).filter(parent=case)
    rows = cases.values_list("parties__person__full_name", flat=True)
    return [name for name in [*case.parties.values_list("person__full_name", flat=True), *rows] if name]


def was_sent(parent: Case, submit_key: UUID | None) -> bool:
    """Whether a list was already added with this key."""
    first = uuid5(submit_key, "0") if submit_key else None
    return first is not None and (
        Case.objects.filter(parent=parent, submit_key=first).exists()
        or Event.objects.filter(case=parent, submit_key=first).exists()
    )


@transaction.atomic
def add_people(
    *,
    parent: Case,
    people: list[Named],
    by: User,
    as_cases: bool = True,
    now: datetime | None = None,
    submit_key: UUID | None = None,
) -> list[Case]:
    """Everybody of a list, all or nothing: as sub-cases, or as affected people on the case itself.

    Sub-cases take over employer or facility, region, problem, channel and desk, and stand with the same relawan. They
    get no reminder of their own: one follow-up on the collective case asks after all of them, so that five hundred names
    are no five hundred messages. A repeated ``submit_key`` adds nobody twice. Raises Refused, CaseIsClosed.
    """
    now = now or timezone.now()
    parent = timeline.lock(parent)
    if not people:
        raise Refused(_("There is no name in the list."))
    if len(people) > MOST_NAMES:
        raise Refused(_("At most %(most)d names at once. Paste the rest afterwards.") % {"most": MOST_NAMES})
    keys = [uuid5(submit_key, str(at)) if submit_key else None for at in range(len(people))]
    if not as_cases:
        if not parent.is_open:
            raise CaseIsClosed
        for one, each_key in zip(people, keys, strict=True):
            parties.add(
                case=parent,
                role=PartyRole.AFFECTED,
                full_name=one.name,
                phone=one.phone,
                numbers=one.numbers,
                by=by,
                now=now,
                submit_key=each_key,
            )
        return []
    check_parent(parent)
    is_first_time = not was_sent(parent, submit_key)
    types = _problem_types(parent)
    cases = [
        intake.open_case(
            by=by,
            desk=parent.desk,
            parent=parent,
            story=_("Named in the list of %(number)s: %(title)s") % {"number": parent.number, "title": parent.title},
            title=parent.title,
            urgency=parent.urgency,
            problem_types=types,
            place=parent.place,
            region=parent.region,
            channel=parent.channel,
            membership=parent.membership,
            people=[Someone(PartyRole.WORKER, name=one.name, phone=one.phone, numbers=one.numbers)],
            carry=parent.assignee_id == by.pk,
            is_restricted=parent.is_restricted,
            restriction=parent.restriction,
            with_plans=False,
            now=now,
            submit_key=each_key,
        )
        for one, each_key in zip(people, keys, strict=True)
    ]
    if is_first_time:
        words = ngettext(
            "Ask how %(count)d person of the list is, and for consent",
            "Ask how the %(count)d people of the list are, and for consent",
            len(cases),
        )
        follow_ups.schedule(
            case=parent,
            title=words % {"count": len(cases)},
            due_at=first_look(now, parent.urgency),
            owner=parent.assignee,
            by=by,
            kind=FollowUpKind.CALL,
            now=now,
        )
    return cases


def _problem_types(case: Case) -> list:
    main = [case.problem_type] if case.problem_type else []
    return [*main, *(row for row in case.problem_types.all() if row not in main)]
