"""Who else helps on a case, with which task, since when; noting a partner opens the case to nobody."""

from django.contrib import messages
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from cases.forms.partner import PartnerEditForm, PartnerForm
from cases.models import Case, CasePartner
from cases.reports import partners as report
from cases.services import partners
from cases.views.case_form import CaseFormPage
from cases.views.gate import of_case_or_404
from cases.views.people import names_open
from members.rules.roles import Permission


def partners_url(case: Case) -> str:
    """The partners of a case."""
    return reverse("cases:partners", args=[case.uuid])


class Partners(CaseFormPage):
    """Reading needs the right to see the case; writing down, to work on it."""

    form_class = PartnerForm
    template_name = "cases/partners.html"
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
            partners=report.of_case(self.case),
            may_work=may_work and self.case.is_open,
            may_write=may_work and (self.case.is_open or self.request.method == "POST"),
            names_open=names_open(self.case, self.request.user, self.request),
            **kwargs,
        )

    def save(self, form):
        given = form.cleaned_data
        partners.add(
            case=self.case,
            organisation=form.organisation,
            body=form.body,
            name=given["name"],
            task=given["task"],
            contact=given["contact"],
            state=given["state"],
            state_on=given["state_on"],
            by=self.request.user,
            now=self.now,
            submit_key=given["submit_key"],
        )
        messages.success(self.request, _("Noted who helps."))

    def get_success_url(self) -> str:
        return partners_url(self.case)


class PartnerEdit(CaseFormPage):
    """What became of it, on which day."""

    form_class = PartnerEditForm
    template_name = "cases/partners_edit.html"

    def find_case(self) -> Case:
        rows = CasePartner.objects.select_related("organisation", "body")
        self.partner = of_case_or_404(self.request, rows, self.kwargs["uuid"], Permission.CASE_WORK)
        return self.partner.case

    @cached_property
    def names_open(self) -> bool:
        return names_open(self.case, self.request.user, self.request)

    def back_url(self) -> str:
        return partners_url(self.case)

    def get_initial(self):
        partner = self.partner
        return {"state": partner.state, "task": partner.task, "contact": partner.contact}

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "case": self.case, "now": self.now, "names_open": self.names_open}

    def get_context_data(self, **kwargs):
        return super().get_context_data(partner=self.partner, names_open=self.names_open, **kwargs)

    def save(self, form):
        given = form.cleaned_data
        same = given["state"] == self.partner.state
        partners.move(
            partner=self.partner,
            state=given["state"],
            state_on=given["state_on"] or (self.partner.state_on if same else None),
            task=given["task"],
            contact=given.get("contact", self.partner.contact),
            by=self.request.user,
            now=self.now,
        )
        messages.success(self.request, _("Saved."))

    def get_success_url(self) -> str:
        return partners_url(self.case)
