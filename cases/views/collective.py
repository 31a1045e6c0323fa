"""A collective case: its sub-cases, a list of names, and what they come to."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView

from cases.forms.batch_letters import EACH, BatchLettersForm
from cases.forms.collective import AS_CASES, LinkForm, NamesForm
from cases.models import Case
from cases.reports import collective as report
from cases.rules.codes import CaseKind
from cases.rules.errors import Refused
from cases.rules.printing import PrintKind
from cases.services import batch_letters, collective, printouts, search
from cases.views.case_form import CaseFormPage, case_url, say_refused
from cases.views.gate import case_or_404, log
from cases.views.lists import row_of
from cases.views.printouts import ordered
from members.models import AccessLog
from members.rules.roles import Permission

PER_PAGE = 50


def collective_url(case: Case) -> str:
    return reverse("cases:collective", args=[case.uuid])


class Collective(TemplateView):
    """What a collective case is made of; for one that is none, what it could become, or what it is part of."""

    template_name = "cases/collective.html"

    def get(self, request, *args, **kwargs):
        self.case = case_or_404(request, kwargs["uuid"], Permission.CASE_VIEW)
        log(request, AccessLog.Action.OPEN, uuid=self.case.uuid)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        case, user = self.case, self.request.user
        may_work = Case.objects.permitted(user, Permission.CASE_WORK).filter(pk=case.pk).exists()
        is_collective = case.kind == CaseKind.COLLECTIVE
        rows = (
            report.sub_cases(case, user).for_rows().order_by("-created_at", "-pk")
            if is_collective
            else Case.objects.none()
        )
        page = Paginator(rows, PER_PAGE).get_page(self.request.GET.get("halaman"))
        parent = Case.objects.permitted(user, Permission.CASE_VIEW).filter(pk=case.parent_id).first()
        return super().get_context_data(
            case=case,
            may_work=may_work,
            is_collective=is_collective,
            parent=parent,
            page=page,
            rows=[row_of(row) for row in page.object_list],
            rollup=report.rollup(case, user) if is_collective else None,
            sanctions=report.sanctions(case) if is_collective else None,
            back_url=case_url(case),
            is_closed_now=not case.is_open,
            **kwargs,
        )


@require_POST
def set_kind(request: HttpRequest, uuid):
    """Make it collective, or one person's again."""
    case = case_or_404(request, uuid, Permission.CASE_WORK)
    kind = CaseKind.INDIVIDUAL if request.POST.get("jenis") == CaseKind.INDIVIDUAL else CaseKind.COLLECTIVE
    try:
        collective.set_kind(case=case, kind=kind, by=request.user)
        is_now = (
            _("This is a collective case now.") if kind == CaseKind.COLLECTIVE else _("This is one person's case now.")
        )
        messages.success(request, is_now)
    except Refused as refused:
        say_refused(request, refused)
    return redirect(collective_url(case))


@require_POST
def unlink(request: HttpRequest, uuid):
    """Take a sub-case out."""
    case = case_or_404(request, uuid, Permission.CASE_WORK)
    parent = Case.objects.permitted(request.user, Permission.CASE_VIEW).filter(pk=case.parent_id).first()
    collective.unlink(case=case, by=request.user)
    messages.success(request, _("Taken out: %(number)s stands by itself now.") % {"number": case.number})
    return redirect(collective_url(parent or case))


class OfCollective(CaseFormPage):
    """A form below the page of a collective case."""

    def back_url(self) -> str:
        return collective_url(self.case)

    def get_success_url(self) -> str:
        return collective_url(self.case)


class CollectiveLink(OfCollective):
    """Put a case that is there already under this one."""

    form_class = LinkForm
    template_name = "cases/collective_link.html"

    def save(self, form):
        found = search.find(self.request.user, form.cleaned_data["number"])
        pks = [row.pk for row in found.cases] if found.by_number else []
        cases = list(Case.objects.permitted(self.request.user, Permission.CASE_WORK).filter(pk__in=pks)[:2])
        if len(cases) != 1:
            raise Refused(_("There is no case of this number that you may work on. Check the number."))
        collective.link(parent=self.case, case=cases[0], by=self.request.user, now=self.now)
        messages.success(self.request, _("%(number)s is part of this case now.") % {"number": cases[0].number})


class CollectiveNames(OfCollective):
    """Paste a list; look at it once more; then everybody is added, or nobody."""

    form_class = NamesForm
    template_name = "cases/collective_names.html"

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "known": collective.known_names(self.case, self.request.user)}

    def form_valid(self, form):
        if "sure" not in self.request.POST:
            return self.render_to_response(self.get_context_data(form=form, preview=form.found))
        return super().form_valid(form)

    def save(self, form):
        given = form.cleaned_data
        if collective.was_sent(self.case, given["submit_key"]):
            return
        if not form.chosen:
            raise Refused(_("All of them seem to be there already. Tick below to add them all the same."))
        collective.add_people(
            parent=self.case,
            people=form.chosen,
            as_cases=given["how"] == AS_CASES,
            by=self.request.user,
            now=self.now,
            submit_key=given["submit_key"],
        )
        words = ngettext("%(count)d person added.", "%(count)d people added.", len(form.chosen))
        messages.success(self.request, words % {"count": len(form.chosen)})

    def refused(self, form, refused):
        form.add_error(None, refused.message)
        return self.render_to_response(self.get_context_data(form=form, preview=form.found), status=409)


class CollectiveLetters(OfCollective):
    """One text for many: written in one act, and printed as one file."""

    form_class = BatchLettersForm
    template_name = "cases/collective_letters.html"

    def get_form_kwargs(self):
        rows = report.sub_cases(self.case, self.request.user).open().filter(is_restricted=False)
        rows = rows & Case.objects.permitted(self.request.user, Permission.CASE_WORK)
        return {**super().get_form_kwargs(), "sub_cases": list(rows.order_by("number")[: batch_letters.MOST_LETTERS])}

    def form_valid(self, form):
        answer = super().form_valid(form)
        return ordered(self.row) if answer.status_code == 302 else answer

    def save(self, form):
        given = form.cleaned_data
        letters = batch_letters.write_all(
            parent=self.case,
            cases=form.chosen,
            each=given["how"] == EACH,
            kind=given["kind"],
            office=given["office"],
            subject=given["subject"],
            our_reference=given["our_reference"],
            text=given["text"],
            by=self.request.user,
            now=self.now,
            submit_key=given["submit_key"],
        )
        self.row = printouts.order(
            kind=PrintKind.LETTERS,
            by=self.request.user,
            params={"letters": [str(letter.uuid) for letter in letters]},
            submit_key=given["submit_key"],
            now=self.now,
        )
