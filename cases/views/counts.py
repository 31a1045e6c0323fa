"""Dated counts of a case: every source side by side, and how it went."""

from django.contrib import messages
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.forms.count import CountForm
from cases.models import Case
from cases.reports import counts as report
from cases.services import counts
from cases.views.case_form import CaseFormPage
from members.rules.roles import Permission


class Counts(CaseFormPage):
    """Reading needs the right to see the case; writing down, to work on it."""

    form_class = CountForm
    template_name = "cases/counts.html"
    permission = Permission.CASE_VIEW
    shows_the_case = True

    def post(self, request, *args, **kwargs):
        self.permission = Permission.CASE_WORK
        self.case = self.find_case()
        return super().post(request, *args, **kwargs)

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "case": self.case, "now": self.now}

    def get_context_data(self, **kwargs):
        may_work = Case.objects.permitted(self.request.user, Permission.CASE_WORK).filter(pk=self.case.pk).exists()
        kwargs.setdefault("is_closed_now", may_work and not self.case.is_open)
        return super().get_context_data(
            groups=report.of_case(self.case),
            chart={"width": report.WIDTH, "height": report.HEIGHT, "floor": report.HEIGHT - report.ROOM},
            may_write=may_work and (self.case.is_open or self.request.method == "POST"),
            **kwargs,
        )

    def save(self, form):
        given = form.cleaned_data
        counts.add(
            case=self.case,
            what=given["what"],
            what_text=given["what_text"],
            number=given["number"],
            is_estimate=given["is_estimate"],
            source=given["source"],
            on_date=given["on_date"],
            programme=given["programme"],
            by=self.request.user,
            now=self.now,
            submit_key=given["submit_key"],
        )
        messages.success(self.request, _("Noted beside the other counts."))

    def get_success_url(self) -> str:
        return reverse("cases:counts", args=[self.case.uuid])
