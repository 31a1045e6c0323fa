"""Close a case after a look at what that ends, and open it again."""

from django.contrib import messages
from django.utils.translation import gettext as _

from cases.forms.closing import CloseForm, ReopenForm
from cases.reports import chronicle
from cases.rules.errors import Refused, Stale
from cases.services import closing
from cases.views.case import open_offer, open_plans
from cases.views.case_form import CaseFormPage
from cases.views.gate import case_or_404
from members.rules.roles import Permission


class Close(CaseFormPage):
    """First the outcome, then the answers and what ends with the case, then the act (UX U39)."""

    form_class = CloseForm
    template_name = "cases/close.html"

    def dispatch(self, request, *args, **kwargs):
        self.step = request.POST.get("step", "")
        return super().dispatch(request, *args, **kwargs)

    def post(self, request, *args, **kwargs):
        if self.step == "change":
            form = self.get_form()
            form.is_valid()
            form.errors.clear()
            return self.render_to_response(self.get_context_data(form=form))
        return super().post(request, *args, **kwargs)

    def form_valid(self, form):
        if not self.case.is_open:
            return self.refused(form, Refused(_("This case is closed already.")))
        if self.step == "close":
            return super().form_valid(form)
        return self.check(form)

    def check(self, form, *, is_new: bool = False):
        """What was answered, and what ends with the case. ``is_new``: somebody wrote since the page was opened."""
        context = self.get_context_data(
            form=form,
            is_check=True,
            is_new=is_new,
            outcome=form.cleaned_data["outcome"],
            note=form.cleaned_data["note"],
            plans=open_plans(self.case),
            offer=open_offer(self.case),
            version=self.case.version,
            lately=chronicle.of_case(self.case, most=3).lines if is_new else [],
        )
        return self.render_to_response(context, status=409 if is_new else 200)

    def save(self, form):
        given = form.cleaned_data
        closing.close(
            case=self.case,
            outcome=given["outcome"],
            note=given["note"],
            version=given["version"],
            by=self.request.user,
            now=self.now,
        )
        messages.success(self.request, _("The case is closed. It can be opened again at any time."))

    def refused(self, form, refused):
        if isinstance(refused, Stale):
            self.case = case_or_404(self.request, self.case.uuid, self.permission)
            return self.check(form, is_new=True)
        return super().refused(form, refused)


class Reopen(CaseFormPage):
    """Open it again, with the reason."""

    form_class = ReopenForm
    template_name = "cases/reopen.html"
    permission = Permission.CASE_WORK

    def save(self, form):
        closing.reopen(case=self.case, reason=form.cleaned_data["reason"], by=self.request.user, now=self.now)
        messages.success(self.request, _("The case is open again. A look at it is planned."))
