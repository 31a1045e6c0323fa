"""One case with everything this user may do on it, in one statement: the page of a case asks all of it at once.

It answers as `CaseQuerySet.permitted` does, which asks one permission of many cases; a test compares the two over every
kind of user and case.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.utils import timezone

from cases.models import Case, CaseBar, CaseShare, HandOver
from cases.models.case import hidden_from
from cases.rules.codes import HandOverState, Status
from members.models import Appointment, Organisation, User
from members.rules.roles import Permission


@dataclass(frozen=True)
class Rights:
    """What one user may do on one case."""

    view: bool
    work: bool
    assign: bool
    take: bool


def with_rights(user: User) -> QuerySet[Case]:
    """Every case, marked with how it is within the reach of this user; for `rights_on` alone."""
    now = timezone.now()
    live = CaseShare.objects.live(now).filter(case=OuterRef("pk"))
    units = Organisation.objects.in_reach_of(user, Permission.CASE_VIEW)
    marks = {
        f"in_{permission}": Exists(Organisation.objects.in_reach_of(user, permission).filter(pk=OuterRef("desk")))
        for permission in (
            Permission.CASE_VIEW,
            Permission.CASE_WORK,
            Permission.CASE_ASSIGN,
            Permission.CASE_TAKE,
        )
    }
    return Case.objects.annotate(
        is_mine=ExpressionWrapper(Q(assignee=user), output_field=BooleanField()),
        is_shared_with_me=Exists(live.filter(user=user)),
        is_shared_with_my_unit=Exists(live.filter(organisation__in=units)),
        is_hidden_from_me=ExpressionWrapper(Q(pk__in=hidden_from(user)), output_field=BooleanField()),
        is_offered_to_me=Exists(
            HandOver.objects.filter(case=OuterRef("pk"), to_user=user, state=HandOverState.OFFERED)
        ),
        **marks,
    )


def rights_on(case: Case) -> Rights:
    """What the user of `with_rights` may do on a case that came from it."""
    is_plain = not case.is_restricted and not case.is_hidden_from_me
    is_offered = case.is_offered_to_me and not case.is_hidden_from_me
    is_named = case.is_mine or case.is_shared_with_me or (is_plain and case.is_shared_with_my_unit)
    is_free = is_plain and case.in_case_take and case.assignee_id is None and case.status != Status.CLOSED
    return Rights(
        view=is_named or is_offered or is_free or (is_plain and case.in_case_view),
        work=is_named or (is_plain and case.in_case_work),
        assign=case.in_case_assign and (is_plain or is_named),
        take=is_free,
    )


def case_of(user: User, uuid: UUID, **marks) -> tuple[Case, Rights] | None:
    """The case with all a page shows of it, and the rights; None where this user may not open it.

    ``marks`` are further expressions to read in the same statement.
    """
    if not user.is_authenticated or not user.is_active:
        return None
    case = (
        with_rights(user)
        .annotate(**marks)
        .select_related("assignee", "desk", "place", "region", "problem_type", "outcome", "logged_by", "parent")
        .filter(uuid=uuid)
        .first()
    )
    if case is None or not (rights := rights_on(case)).view:
        return None
    return case, rights


# Units that must not see a case (S4.17)


def is_hidden_from(case: Case, user: User) -> bool:
    """Whether a unit of this user stands before the case; naming them opens it all the same."""
    return Case.objects.filter(pk=case.pk, pk__in=hidden_from(user)).exists()


def people_of(organisation: Organisation, *, on: date) -> set[int]:
    """Who holds an office at a unit or below on a day, by id."""
    below = Organisation.objects.below(organisation).order_by().values("pk")
    return set(Appointment.objects.live(on).filter(organisation__in=below).values_list("user", flat=True))


def hidden_people(cases: Iterable[int], *, on: date) -> dict[int, set[int]]:
    """For each case (by id) that is hidden from a unit, the people of that unit, by id; one statement for all."""
    rows = (
        CaseBar.objects.filter(
            Q(organisation__descendants__descendant__appointments__until_on__isnull=True)
            | Q(organisation__descendants__descendant__appointments__until_on__gte=on),
            case__in=list(cases),
            ended_at__isnull=True,
            organisation__descendants__descendant__appointments__from_on__lte=on,
        )
        .order_by()
        .values_list("case", "organisation__descendants__descendant__appointments__user")
    )
    found: dict[int, set[int]] = {}
    for case, user in rows:
        found.setdefault(case, set()).add(user)
    return found
