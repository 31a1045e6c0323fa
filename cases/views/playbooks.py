"""Playbooks: to read without a case, and on a case to take up or leave out, step by step."""

from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from cases.forms.playbook import SkipForm, StepForm
from cases.models import Case, EventType, Playbook, PlaybookStep, Rule
from cases.rules.codes import EventCode, FollowUpKind
from cases.rules.errors import Refused
from cases.rules.payer import Payer
from cases.services import playbooks
from cases.services.playbooks import StepState
from cases.views.gate import case_or_404, log
from members.models import AccessLog, BodyKind
from members.rules.roles import Permission

_TEXTS = ("title", "say", "evidence", "if_refused")
_DAY = 24
#: From so many hours on, days are said.
_IN_DAYS = 48


@dataclass
class ShownStep:
    """A step in the reader's language; with ``state`` on a case."""

    step: PlaybookStep
    title: str
    say: str
    evidence: str
    if_refused: str
    when: str
    kind: str
    rules: list[Rule]
    state: StepState | None = None
    reason_error: str = ""
    reason_typed: str = ""


def _in_language(row, name: str) -> str:
    english = getattr(row, f"{name}_en") if (get_language() or "id").startswith("en") else ""
    return english or getattr(row, name)


def when_words(after: str, hours: int, events: dict[str, str]) -> str:
    """When a step is to be done: "At once", "Within 2 hours", "3 days after: Letter sent"."""
    in_days = hours >= _IN_DAYS and hours % _DAY == 0
    n = hours // _DAY if in_days else hours
    if after in {"", EventCode.OPENED}:
        if not n:
            return _("At once")
        said = (
            ngettext("Within %(n)d day", "Within %(n)d days", n)
            if in_days
            else ngettext("Within %(n)d hour", "Within %(n)d hours", n)
        )
        return said % {"n": n}
    event = events.get(after, after)
    if not n:
        return _("At once after: %(event)s") % {"event": event}
    said = (
        ngettext("%(n)d day after: %(event)s", "%(n)d days after: %(event)s", n)
        if in_days
        else ngettext("%(n)d hour after: %(event)s", "%(n)d hours after: %(event)s", n)
    )
    return said % {"n": n, "event": event}


def shown(steps: list[PlaybookStep], states: list[StepState] | None = None) -> list[ShownStep]:
    """Steps ready for a page; the names of the events are read in one statement."""
    codes = {step.after_event for step in steps}
    events = {row.code: row.label for row in EventType.objects.filter(code__in=codes)}
    kinds = dict(FollowUpKind.choices)
    return [
        ShownStep(
            step=step,
            when=when_words(step.after_event, step.offset_hours, events),
            kind=kinds.get(step.kind, ""),
            rules=list(step.rules.all()),
            state=state,
            **{name: _in_language(step, name) for name in _TEXTS},
        )
        for step, state in zip(steps, states or [None] * len(steps), strict=True)
    ]


def families() -> list[tuple[str, list[Playbook]]]:
    """Every playbook in force, by family of problems, in order."""
    rows = playbooks.in_force().select_related("problem_type__family").order_by("position", "code")
    found: dict[str, list[Playbook]] = {}
    for row in rows:
        found.setdefault(row.problem_type.family.label, []).append(row)
    return list(found.items())


def said_of(playbook: Playbook) -> dict:
    """The texts of a playbook in the reader's language, and for whom it holds only."""
    only = []
    if playbook.facility_level:
        kind = BodyKind.objects.filter(code=playbook.facility_level).first()
        only.append(str(kind) if kind else playbook.facility_level)
    if playbook.payer:
        only.append(str(dict(Payer.choices).get(playbook.payer, playbook.payer)))
    return {"aim": playbook.in_language("aim"), "do_not_sign": playbook.in_language("do_not_sign"), "only": only}


def law_of(playbook: Playbook, steps: list[ShownStep]) -> list:
    """The rows whose law a playbook leans on, each once: the rules of its steps, and the problem type with a basis."""
    rows = {rule.code: rule for each in steps for rule in each.rules}
    kind = playbook.problem_type
    return [*([kind] if kind.legal_basis else []), *(rows[code] for code in sorted(rows))]


class PlaybookList(TemplateView):
    """Every playbook by family; to read with no case at hand."""

    template_name = "cases/playbook_list.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(families=families(), **kwargs)


class PlaybookPage(TemplateView):
    """One playbook."""

    template_name = "cases/playbook.html"

    def get_context_data(self, **kwargs):
        rows = (
            playbooks.in_force()
            .select_related("problem_type")
            .prefetch_related(Prefetch("steps", PlaybookStep.objects.prefetch_related("rules")))
        )
        playbook = get_object_or_404(rows, code=self.kwargs["code"])
        steps = shown(list(playbook.steps.all()))
        others = playbooks.in_force().filter(problem_type=playbook.problem_type).exclude(pk=playbook.pk)
        return super().get_context_data(
            playbook=playbook,
            said=said_of(playbook),
            steps=steps,
            law=law_of(playbook, steps),
            others=list(others),
            **kwargs,
        )


class DoNotSign(TemplateView):
    """The card for the night: do not sign yet."""

    template_name = "cases/playbook_do_not_sign.html"


class CasePlaybook(TemplateView):
    """The playbook of a case. Reading needs the right to see the case; taking up and leaving out, to work on it."""

    template_name = "cases/playbook_case.html"
    failed: tuple[str, int, str] | None = None

    def get(self, request, *args, **kwargs):
        self.case = case_or_404(request, kwargs["uuid"], Permission.CASE_VIEW)
        log(request, AccessLog.Action.OPEN, uuid=self.case.uuid)
        return super().get(request, *args, **kwargs)

    def post(self, request, *args, **kwargs):
        self.case = case_or_404(request, kwargs["uuid"], Permission.CASE_WORK)
        is_skip = request.POST.get("act") == "skip"
        form = (SkipForm if is_skip else StepForm)(request.POST)
        form.is_valid()
        given = form.cleaned_data
        step = self._step(given.get("playbook", ""), given.get("step"))
        self.code = step.playbook.code
        try:
            if is_skip:
                playbooks.skip(case=self.case, step=step, reason=given.get("reason", ""), by=request.user)
                messages.success(request, _("Left out; the reason stands in the timeline."))
            else:
                playbooks.take_up(case=self.case, step=step, by=request.user)
                messages.success(request, _("Planned. We remind whoever does it."))
        except Refused as refused:
            said = form.errors.get("reason", [refused.message])[0] if is_skip else refused.message
            return self._refused(step, str(said))
        address = reverse("cases:case-playbook", args=[self.case.uuid])
        return redirect(f"{address}?panduan={self.code}#langkah-{step.position}")

    def _refused(self, step: PlaybookStep, said: str):
        self.failed = (said, step.position, self.request.POST.get("reason", ""))
        return self.render_to_response(self.get_context_data(**self.kwargs), status=409)

    def _step(self, code: str, position: int | None) -> PlaybookStep:
        steps = PlaybookStep.objects.filter(playbook__in=playbooks.in_force()).select_related("playbook")
        step = steps.filter(playbook__code=code, position=position or 0).first()
        if step is None:
            raise Http404
        return step

    def _playbook(self) -> Playbook | None:
        code = getattr(self, "code", "") or self.request.GET.get("panduan", "")
        if code:
            return get_object_or_404(playbooks.in_force().select_related("problem_type"), code=code[:40])
        return playbooks.choose(self.case)

    def get_context_data(self, **kwargs):
        playbook = self._playbook()
        may_work = Case.objects.permitted(self.request.user, Permission.CASE_WORK).filter(pk=self.case.pk).exists()
        context = super().get_context_data(case=self.case, playbook=playbook, **kwargs)
        context["may_work"] = may_work and self.case.is_open
        if playbook is None:
            return context | {"families": families()}
        progress = playbooks.progress(self.case, playbook, now=timezone.now())
        steps = shown([each.step for each in progress.steps], progress.steps)
        if self.failed:
            said, position, typed = self.failed
            for each in steps:
                if each.step.position == position:
                    each.reason_error, each.reason_typed = said, typed
        return context | {
            "said": said_of(playbook),
            "steps": steps,
            "progress": progress,
            "law": law_of(playbook, steps),
            "failed": bool(self.failed),
            "others": self._others(playbook),
        }

    def _others(self, playbook: Playbook) -> list[Playbook]:
        """The playbooks of the other problems of this case."""
        found = [playbooks.choose(self.case, problem_type=kind) for kind in self.case.problem_types.all()]
        return [each for each in found if each and each.pk != playbook.pk]
