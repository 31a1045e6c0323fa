"""Give a case to somebody, or take one nobody carries."""

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cases.forms.assign import AssignForm
from cases.models import Case
from cases.reports import rest
from cases.rules.errors import Refused, Stale
from cases.services import carrying
from cases.views.case_form import CaseFormPage, case_url, say_refused
from cases.views.gate import case_or_404
from members.rules.roles import Permission


class Assign(CaseFormPage):
    """The relawan of the desk with what they carry; who rests stands last."""

    form_class = AssignForm
    template_name = "cases/assign.html"
    permission = Permission.CASE_ASSIGN

    def get_initial(self):
        return {"carried_by": str(self.case.assignee.uuid) if self.case.assignee else ""}

    def get_form_kwargs(self):
        people = list(carrying.candidates(self.case, now=self.now)[: carrying.MOST])
        rest.note_nights(people, now=self.now)
        return {
            **super().get_form_kwargs(),
            "people": [user for user in people if user.pk != self.case.assignee_id],
            "me": self.request.user,
            "is_carried": self.case.assignee is not None,
        }

    def save(self, form):
        shown = form.cleaned_data["carried_by"]
        now_with = str(self.case.assignee.uuid) if self.case.assignee else ""
        try:
            if shown != now_with and "again" not in self.request.POST:
                raise Stale(self.case)
            carrying.assign(
                case=self.case, to=form.chosen, by=self.request.user, instead_of=self.case.assignee, now=self.now
            )
        except Stale as stale:
            self.case = case_or_404(self.request, self.case.uuid, self.permission)
            raise Refused(self._who_was_faster()) from stale
        messages.success(self.request, self._said(form.chosen))

    def _who_was_faster(self) -> str:
        if self.case.assignee is None:
            return _("Meanwhile nobody carries the case. Save once more to give it.")
        name = self.case.assignee.get_short_name()
        return _("Meanwhile %(name)s carries the case. Save once more to change that.") % {"name": name}

    def refused(self, form, refused):
        form.data = form.data.copy()
        form.data["carried_by"] = str(self.case.assignee.uuid) if self.case.assignee else ""
        return super().refused(form, refused)

    @staticmethod
    def _said(to) -> str:
        if to is None:
            return _("The case is back at the desk.")
        return _("%(name)s carries the case now.") % {"name": to.get_short_name()}


@require_POST
def take(request, uuid):
    """Carry a case nobody carries."""
    case = case_or_404(request, uuid, Permission.CASE_VIEW)
    may_take = Case.objects.permitted(request.user, Permission.CASE_TAKE).filter(pk=case.pk).exists()
    if not may_take and case.assignee != request.user:
        words = _("Someone else already carries this case.") if case.assignee else _("You cannot take this case.")
        say_refused(request, Refused(words))
        return redirect(case_url(case))
    try:
        carrying.take(case=case, by=request.user)
        messages.success(request, _("The case is yours now. The next step stands below."))
    except Refused as refused:
        say_refused(request, refused)
        may_open = Case.objects.permitted(request.user, Permission.CASE_VIEW).filter(pk=case.pk).exists()
        return redirect(case_url(case) if may_open else reverse("cases:home"))
    return redirect(case_url(case))
