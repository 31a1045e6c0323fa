"""The papers a case needs: what is missing, list by list, and each moved on in one tap."""

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from cases.forms.paper import MoveForm, PaperEditForm, PaperForm, StartForm
from cases.models import Case, CasePaper, PaperType
from cases.reports import papers as report
from cases.rules.codes import FollowUpState
from cases.rules.errors import Refused, Stale
from cases.rules.registers import PaperState
from cases.services import papers
from cases.views.case_form import CaseFormPage, say_refused
from cases.views.gate import case_or_404, of_case_or_404
from cases.views.people import names_open
from members.rules.roles import Permission


def papers_url(case: Case, paper: CasePaper | None = None) -> str:
    """The papers of a case, at one of them."""
    return reverse("cases:case-papers", args=[case.uuid]) + (f"#{paper.uuid}" if paper else "")


class CasePapers(CaseFormPage):
    """Reading needs the right to see the case; adding, to work on it."""

    form_class = PaperForm
    template_name = "cases/papers.html"
    permission = Permission.CASE_VIEW
    shows_the_case = True
    added: CasePaper | None = None

    def post(self, request, *args, **kwargs):
        self.permission = Permission.CASE_WORK
        self.case = self.find_case()
        return super().post(request, *args, **kwargs)

    @cached_property
    def may_work(self) -> bool:
        return Case.objects.permitted(self.request.user, Permission.CASE_WORK).filter(pk=self.case.pk).exists()

    def get_context_data(self, **kwargs):
        kwargs.setdefault("is_closed_now", self.may_work and not self.case.is_open)
        may_add = self.may_work and self.case.is_open
        return super().get_context_data(
            papers=report.of_case(self.case),
            offer=papers.offer(self.case) if may_add else None,
            paper_names=PaperType.objects.values_list("name", flat=True) if self.may_work else [],
            may_work=may_add,
            may_write=may_add or (self.may_work and self.request.method == "POST"),
            names_open=names_open(self.case, self.request.user, self.request),
            **kwargs,
        )

    def save(self, form):
        given = form.cleaned_data
        self.added = papers.add(
            case=self.case,
            name=given["name"],
            issuer=given["issuer"],
            state=given["state"],
            by=self.request.user,
            now=self.now,
            submit_key=given["submit_key"],
        )
        if self.added.logged_at == self.now:
            messages.success(self.request, _("On the list now."))
        else:
            messages.info(self.request, _("This paper is on the list already."))

    def get_success_url(self) -> str:
        return papers_url(self.case, self.added)


@require_POST
def start(request, uuid):
    """Put the papers of a checklist on the case."""
    case = case_or_404(request, uuid, Permission.CASE_WORK)
    form = StartForm(request.POST)
    if not form.is_valid():
        messages.error(request, form.errors["checklist"][0])
        return redirect(papers_url(case))
    try:
        new = papers.start(case=case, checklist=form.cleaned_data["checklist"], by=request.user)
    except Refused as refused:
        say_refused(request, refused)
    else:
        said = ngettext("%(n)d paper added to the list.", "%(n)d papers added to the list.", len(new))
        messages.success(request, said % {"n": len(new)} if new else _("Every paper of it was on the list already."))
    return redirect(papers_url(case))


@require_POST
def move(request, uuid):
    """One tap further; the toast leads back."""
    paper = of_case_or_404(request, CasePaper.objects.all(), uuid, Permission.CASE_WORK)
    form = MoveForm(request.POST if "ke" in request.POST else request.GET)
    if not form.is_valid():
        messages.error(request, _("Choose where it stands."))
        return redirect(papers_url(paper.case, paper))
    before, state = paper.state, form.cleaned_data["ke"]
    try:
        moved = papers.move(paper=paper, state=state, seen=form.cleaned_data["dari"], by=request.user)
    except Refused as refused:
        say_refused(request, refused)
    else:
        said = _("%(paper)s: %(state)s.") % {"paper": moved, "state": moved.get_state_display()}
        back = f"{reverse('cases:paper-move', args=[paper.uuid])}?{urlencode({'ke': before, 'dari': state})}"
        messages.success(request, said, extra_tags=f"undo {back}" if before != state else "")
    return redirect(papers_url(paper.case, paper))


class PaperEdit(CaseFormPage):
    """Everything about one paper."""

    form_class = PaperEditForm
    template_name = "cases/papers_edit.html"

    def find_case(self) -> Case:
        rows = CasePaper.objects.select_related("paper", "attachment", "follow_up", "checklist")
        self.paper = of_case_or_404(self.request, rows, self.kwargs["uuid"], Permission.CASE_WORK)
        return self.paper.case

    @cached_property
    def names_open(self) -> bool:
        return names_open(self.case, self.request.user, self.request)

    def back_url(self) -> str:
        return papers_url(self.case, self.paper)

    def get_initial(self):
        paper = self.paper
        fields = ("state", "issuer", "holder", "reference", "note", "version")
        return {**{name: getattr(paper, name) for name in fields}, "attachment": paper.attachment}

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "paper": self.paper, "now": self.now, "names_open": self.names_open}

    def get_context_data(self, **kwargs):
        plan = self.paper.follow_up
        return super().get_context_data(
            shown=report.Shown(self.paper),
            names_open=self.names_open,
            plan=plan if plan and plan.state == FollowUpState.OPEN else None,
            **kwargs,
        )

    def save(self, form):
        given = form.cleaned_data
        try:
            papers.edit(
                paper=self.paper,
                state=given["state"],
                issuer=given["issuer"],
                holder=given.get("holder", self.paper.holder),
                reference=given.get("reference", self.paper.reference),
                note=given["note"],
                attachment=given.get("attachment", self.paper.attachment),
                ask_again_at=form.due_at,
                ask_again_is_day=form.due_is_day,
                version=given["version"],
                by=self.request.user,
                now=self.now,
            )
        except Stale as stale:
            form.data = form.data.copy()
            form.data["version"] = str(stale.current.version)
            said = {"state": PaperState(stale.current.state).label}
            raise Refused(
                _("Somebody has saved this paper in between: %(state)s. Look, and save once more.") % said
            ) from None
        messages.success(self.request, _("Saved."))

    def get_success_url(self) -> str:
        return papers_url(self.case, self.paper)
