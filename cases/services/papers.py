"""The papers a case needs: checklists started, papers added by hand, each moved on until the original is given back."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Attachment, Case, CasePaper, Checklist, PaperType
from cases.rules.codes import EventCode, FollowUpKind, FollowUpState
from cases.rules.errors import CaseIsClosed, Refused, Stale
from cases.rules.registers import MISSING, PaperState
from cases.services import follow_ups, masking, timeline
from cases.services.cover import day_of
from cases.services.law import in_force
from members.models import User


def missing(case: Case) -> list[CasePaper]:
    """The papers that are still needed or asked for, in the order of their lists: what the first screen shows."""
    return list(case.casepapers.filter(state__in=MISSING).select_related("paper").order_by("pk"))


def count_missing() -> Coalesce:
    """How many papers are missing, to be annotated on a case; it joins nothing, so other counts stay right."""
    rows = CasePaper.objects.filter(case=OuterRef("pk"), state__in=MISSING).order_by().values("case")
    return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n")), 0)


def started(case: Case) -> QuerySet[Checklist]:
    """The checklists this case works through: also one whose papers all stood on another list already."""
    told = case.events.filter(type__code=EventCode.PAPER_MOVED, data__has_key="checklist")
    codes = {data["checklist"] for data in told.values_list("data", flat=True)}  # read whole: it may be sealed
    return Checklist.objects.filter(Q(code__in=codes) | Q(pk__in=case.casepapers.values("checklist"))).distinct()


@dataclass(frozen=True)
class Offer:
    """The checklists that can be started: those that fit the case, and the rest."""

    fitting: list[Checklist]
    others: list[Checklist]


def offer(case: Case) -> Offer:
    """What holds on the day of the case and was not started: first by its problems, then by its programmes."""
    on = day_of(case)
    rows = Checklist.objects.filter(in_force(on)).exclude(pk__in=started(case).values("pk"))
    rows = list(rows.select_related("programme").prefetch_related("problem_types"))
    kinds = set(case.problem_types.values_list("pk", flat=True)) | {case.problem_type_id}
    programmes = set(case.programmes.values_list("pk", flat=True))

    def rank(row: Checklist) -> int:
        if any(kind.pk in kinds for kind in row.problem_types.all()):
            return 0
        return 1 if row.programme_id in programmes else 2

    ranked = sorted(rows, key=rank)
    return Offer([row for row in ranked if rank(row) < 2], [row for row in ranked if rank(row) == 2])


@transaction.atomic
def start(*, case: Case, checklist: Checklist, by: User, now: datetime | None = None) -> list[CasePaper]:
    """Put the papers of a checklist on the case, and give back the new ones; a paper of another list is shared.

    Starting it again adds nothing and tells nothing. Raises CaseIsClosed.
    """
    now = now or timezone.now()
    case = timeline.lock(case)
    if not case.is_open:
        raise CaseIsClosed
    was_started = started(case).filter(pk=checklist.pk).exists()
    known = set(case.casepapers.values_list("paper", flat=True))
    items = checklist.items.select_related("paper").order_by("position", "pk")
    new = [
        CasePaper(
            case=case,
            paper=item.paper,
            checklist=checklist,
            issuer=item.paper.issuer,
            state_at=now,
            logged_at=now,
            logged_by=by,
        )
        for item in items
        if item.paper_id not in known
    ]
    CasePaper.objects.bulk_create(new)
    if new or not was_started:
        data = {"checklist": checklist.code, "papers": len(new)}
        timeline.record(case, EventCode.PAPER_MOVED, by=by, now=now, data=data)
    return new


@transaction.atomic
def add(
    *,
    case: Case,
    name: str,
    by: User,
    issuer: str = "",
    state: str = PaperState.NEEDED,
    now: datetime | None = None,
    submit_key: UUID | None = None,
) -> CasePaper:
    """Put one paper on the case by its name; a name of the catalogue is that kind of paper.

    A paper that is there already is given back as it is. Raises CaseIsClosed.
    """
    now = now or timezone.now()
    case = timeline.lock(case)
    if submit_key and (first := CasePaper.objects.filter(submit_key=submit_key, case=case).first()):
        return first
    if not case.is_open:
        raise CaseIsClosed
    name = " ".join(masking.clean(case, name, by, now=now).split())[:160]
    kind = PaperType.objects.filter(Q(name__iexact=name) | Q(name_en__iexact=name)).first()
    same = Q(paper=kind) if kind else Q(paper=None, name__iexact=name)
    if known := case.casepapers.filter(same).first():
        return known
    issuer = masking.clean(case, issuer.strip(), by, now=now)[:160]
    paper = CasePaper(
        case=case,
        paper=kind,
        name="" if kind else name,
        issuer=issuer or (kind.issuer if kind else ""),
        state=state,
        state_at=now,
        logged_at=now,
        logged_by=by,
        submit_key=submit_key,
    )
    paper.save()
    _tell(paper, by=by, now=now)
    return paper


@transaction.atomic
def move(*, paper: CasePaper, state: str, by: User, seen: str = "", now: datetime | None = None) -> CasePaper:
    """Say where a paper is now; a second tap changes nothing.

    ``seen`` is where it stood on the page of the one who tapped: where somebody has moved it in between, nothing is
    overwritten. Raises CaseIsClosed, and Refused for that.
    """
    now = now or timezone.now()
    case = timeline.lock(paper.case)
    current = _again(paper)
    if current.state == state:
        return current
    if not case.is_open:
        raise CaseIsClosed
    if seen and seen != current.state:
        said = {"paper": str(current), "state": current.get_state_display()}
        raise Refused(_("Somebody has moved it in between: %(paper)s, %(state)s.") % said)
    _set_state(current, state, by=by, now=now)
    current.version += 1
    current.save(update_fields=["state", "state_at", "version"])
    return current


@transaction.atomic
def edit(
    *,
    paper: CasePaper,
    state: str,
    by: User,
    version: int,
    issuer: str = "",
    holder: str = "",
    reference: str = "",
    note: str = "",
    attachment: Attachment | None = None,
    ask_again_at: datetime | None = None,
    ask_again_is_day: bool = False,
    now: datetime | None = None,
) -> CasePaper:
    """Change what is known of a paper, and plan when to ask for it again.

    Raises CaseIsClosed, Stale (``current`` is the paper as it is now), and Refused for a photo of another case or a
    moment to ask that has passed.
    """
    now = now or timezone.now()
    case = timeline.lock(paper.case)
    current = _again(paper)
    if not case.is_open:
        raise CaseIsClosed
    if current.version != version:
        raise Stale(current)
    if attachment and attachment.case_id != case.pk:
        raise Refused(_("This paper belongs to another case."))
    given = {"issuer": (issuer, 160), "holder": (holder, 120), "reference": (reference, 80), "note": (note, 200)}
    for field, (text, limit) in given.items():
        setattr(current, field, masking.clean(case, text.strip(), by, now=now)[:limit])
    current.attachment = attachment
    if state != current.state:
        _set_state(current, state, by=by, now=now)
    if ask_again_at and current.state in MISSING:
        _plan(current, ask_again_at, ask_again_is_day, by=by, now=now)
    current.version += 1
    current.save()
    return current


def _again(paper: CasePaper) -> CasePaper:
    """The paper as it is now; the case is locked, so it stays so."""
    return CasePaper.objects.select_related("case", "paper", "follow_up").get(pk=paper.pk)


def _set_state(paper: CasePaper, state: str, *, by: User, now: datetime) -> None:
    """Another state, told on the timeline; what was planned to get the paper ends with it, or comes back with it."""
    before, since = paper.state, paper.state_at
    paper.state, paper.state_at = state, now
    plan = paper.follow_up
    if plan and plan.state == FollowUpState.OPEN and state not in MISSING:
        end = follow_ups.cancel if state == PaperState.UNNEEDED else follow_ups.finish
        end(follow_up=plan, by=by, now=now)
    elif plan and plan.ended_at == since and before not in MISSING and state in MISSING and plan.due_at > now:
        follow_ups.undo_finish(follow_up=plan, by=by, now=now)
    _tell(paper, by=by, now=now, before=before)


def _plan(paper: CasePaper, due_at: datetime, is_day: bool, *, by: User, now: datetime) -> None:
    """One follow-up a paper: moved while it is open, else a new one. Raises Refused for a moment that has passed."""
    plan = paper.follow_up
    if plan and plan.state == FollowUpState.OPEN:
        paper.follow_up = follow_ups.move(follow_up=plan, due_at=due_at, due_is_day=is_day, by=by, now=now)
        return
    paper.follow_up = follow_ups.schedule(
        case=paper.case,
        title=_("Get the paper: %(paper)s") % {"paper": paper},
        due_at=due_at,
        due_is_day=is_day,
        owner=paper.case.assignee or by,
        by=by,
        kind=FollowUpKind.PAPER,
        now=now,
    )


def _tell(paper: CasePaper, *, by: User, now: datetime, before: str = "") -> None:
    data = {"paper": str(paper.uuid), "from": before, "to": paper.state}
    timeline.record(paper.case, EventCode.PAPER_MOVED, by=by, now=now, data=data)
