"""The page of a case: whose turn, until when, what now; then everything that is known."""

from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.core.cache import cache
from django.db.models import Exists, OuterRef
from django.http import Http404
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from cases.models import Case, Claim, Clock, EventType, FollowUp, HandOver
from cases.reports import books, chronicle
from cases.rules.codes import Actor, EventCode, HandOverState
from cases.rules.letters import wants_notice
from cases.rules.status import TOLD_AFTER_CLOSING, Act, main_act
from cases.services import bars, rights, timeline
from cases.services.rights import Rights
from cases.views.attachments import attachments_context
from cases.views.clocks import clocks_context
from cases.views.gate import case_or_404, log
from cases.views.people import names_open, people_context
from members.models import AccessLog
from members.rules import words
from members.rules.roles import Permission


@dataclass
class Turn:
    """Whose turn it is, for the rope: our end and the other end by name."""

    ours: bool
    us: str
    them: str
    since: datetime | None = None


@dataclass
class Topic:
    """Versions of one question."""

    name: str
    versions: list

    @property
    def differs(self) -> bool:
        """Whether anybody says something else."""
        return len({" ".join(row.text.lower().split()) for row in self.versions}) > 1


def turn_of(case: Case, since=None) -> Turn:
    them = {Actor.FAMILY: _("the family")}.get(case.next_actor, "")
    if not them:
        them = case.next_actor_name or (str(case.place) if case.place else "") or _("the office")
    us = case.assignee.get_short_name() if case.assignee else ""
    return Turn(ours=case.next_actor == Actor.US, us=us, them=them, since=since)


def topics_of(case: Case) -> list[Topic]:
    """The versions by topic; those that differ first."""
    topics: dict[str, Topic] = {}
    for row in case.claims.select_related("logged_by").order_by("pk"):
        topics.setdefault(row.topic, Topic(row.topic, [])).versions.append(row)
    return sorted(topics.values(), key=lambda topic: not topic.differs)


def open_plans(case: Case) -> list[FollowUp]:
    return list(case.follow_ups.open().select_related("owner").order_by("due_at", "pk"))


def open_offer(case: Case) -> HandOver | None:
    rows = case.handovers.filter(state=HandOverState.OFFERED)
    return rows.select_related("from_user", "to_user", "to_desk").first()


def _all_chips() -> list[EventType]:
    return list(EventType.objects.filter(is_chip=True, is_system=False))


def chips_of(case: Case) -> list[EventType]:
    """What may be told now: everything on an open case, little on a closed one; the catalogue is read once a minute."""
    chips = cache.get_or_set("cases:chips", _all_chips, 60)
    if not case.is_open:
        chips = [chip for chip in chips if chip.code in TOLD_AFTER_CLOSING]
    if case.died_at:
        chips = [chip for chip in chips if chip.code != EventCode.DIED]
    for chip in chips:
        chip.hint = chip.in_language("prompt")
    return chips


def sentences_of(case: Case) -> dict[str, str]:
    """What the catalogue says to do, to say and not to sign for the main problem, in the reader's language."""
    kind = case.problem_type
    names = ("first_step", "say", "do_not_sign", "evidence")
    return {name: kind.in_language(name) for name in names} if kind else {}


def moment_or_day(at: datetime, zone: str) -> str:
    """A moment in words; midnight sharp stands for a day whose hour nobody said."""
    language = get_language()
    is_day = at.astimezone(ZoneInfo(zone)).time() == time(0)
    return words.day(at, zone, language) if is_day else words.moment(at, zone, language)


class CaseDetail(TemplateView):
    """One opening is one row of the access log; how many statements it takes does not depend on the case."""

    template_name = "cases/case_detail.html"

    def get(self, request, *args, **kwargs):
        found = rights.case_of(
            request.user,
            kwargs["uuid"],
            system_lines=chronicle.count_system_lines(),
            turn_since=timeline.turn_since(),
            has_offer=Exists(HandOver.objects.filter(case=OuterRef("pk"), state=HandOverState.OFFERED)),
            has_claims=Exists(Claim.objects.filter(case=OuterRef("pk"))),
            has_clocks=Exists(Clock.objects.filter(case=OuterRef("pk"))),
            has_programmes=Exists(Case.programmes.through.objects.filter(case=OuterRef("pk"))),
            may_hide=bars.may_propose(),
            **books.marks(timezone.now()),
        )
        if found is None:
            case_or_404(request, kwargs["uuid"], Permission.CASE_VIEW)
            raise Http404
        self.case, self.rights = found
        shows_names = names_open(self.case, request.user, request)
        action = AccessLog.Action.OPEN_IDENTITY if shows_names else AccessLog.Action.OPEN
        log(request, action, uuid=self.case.uuid)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        user, case = self.request.user, self.case
        plans = open_plans(case)
        offer = open_offer(case) if case.has_offer else None
        topics = topics_of(case) if case.has_claims else []
        types = list(case.problem_types.all())
        return super().get_context_data(
            case=case,
            rights=self.rights,
            plans=plans,
            offer=offer,
            is_offered_to_me=offer is not None and offer.to_user_id == user.pk,
            may_withdraw=offer is not None and (offer.from_user_id == user.pk or self.rights.assign),
            main_act=self._main_act(plans, offer),
            turn=turn_of(case, case.turn_since),
            chips=chips_of(case) if self.rights.work else [],
            chronicle=chronicle.of_case(case),
            topics=topics,
            books=books.of_case(case),
            differing=[topic for topic in topics if topic.differs],
            types=types,
            offers_notice=self.rights.work and any(wants_notice(kind.clocks) for kind in types),
            sentences=sentences_of(case),
            occurred=moment_or_day(case.occurred_at, case.zone) if case.occurred_at else "",
            zone_word=words.zone_label(case.zone),
            submit_key=uuid4(),
            **(clocks_context(case, now=timezone.now()) if case.has_clocks else {}),
            **people_context(case, user, self.request, self.rights),
            **attachments_context(case, user, self.request, may_add=self.rights.work),
            **kwargs,
        )

    def _main_act(self, plans: list[FollowUp], offer: HandOver | None) -> Act:
        return main_act(
            is_open=self.case.is_open,
            is_offered_to_me=offer is not None and offer.to_user_id == self.request.user.pk,
            is_carried=self.case.assignee_id is not None,
            may_take=self.rights.take,
            may_assign=self.rights.assign,
            may_work=self.rights.work,
            has_plan=bool(plans),
        )


class Timeline(TemplateView):
    """The whole timeline, a page at a time, with the lines of the system where they are asked for."""

    template_name = "cases/timeline.html"
    most = 60

    def get(self, request, *args, **kwargs):
        self.case = case_or_404(request, kwargs["uuid"], Permission.CASE_VIEW)
        log(request, AccessLog.Action.OPEN, uuid=self.case.uuid)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        with_system = self.request.GET.get("sistem") == "1"
        before = uuid_or_none(self.request.GET.get("sebelum", ""))
        return super().get_context_data(
            case=self.case,
            with_system=with_system,
            is_first_page=before is None,
            told_only=not with_system,
            chronicle=chronicle.of_case(self.case, before=before, most=self.most, with_system=with_system),
            rights=Rights(view=True, work=self._may_work(), assign=False, take=False),
            **kwargs,
        )

    def _may_work(self) -> bool:
        return Case.objects.permitted(self.request.user, Permission.CASE_WORK).filter(pk=self.case.pk).exists()


def uuid_or_none(text: str) -> UUID | None:
    """The id in an address, where it is one."""
    try:
        return UUID(text)
    except ValueError:
        return None
