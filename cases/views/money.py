"""The ledger of a case: read it, add a line, take one back, copy it without names."""

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cases.forms.money import MoneyForm
from cases.models import Case, MoneyLine
from cases.reports import money as report
from cases.rules.errors import Refused
from cases.services import money
from cases.views.case_form import CaseFormPage, say_refused
from cases.views.gate import of_case_or_404
from cases.views.people import names_open
from members.rules import words
from members.rules.roles import Permission
from members.services import places


def money_url(case: Case) -> str:
    """The ledger of a case."""
    return reverse("cases:money", args=[case.uuid])


class Money(CaseFormPage):
    """Reading needs the right to see the case; writing, to work on it. Who paid whom stands where names are open."""

    form_class = MoneyForm
    template_name = "cases/money.html"
    permission = Permission.CASE_VIEW
    shows_the_case = True

    def post(self, request, *args, **kwargs):
        self.permission = Permission.CASE_WORK
        self.case = self.find_case()
        return super().post(request, *args, **kwargs)

    @cached_property
    def ledger(self) -> report.Ledger:
        return report.of_case(self.case)

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "case": self.case, "now": self.now}

    def get_context_data(self, **kwargs):
        may_work = Case.objects.permitted(self.request.user, Permission.CASE_WORK).filter(pk=self.case.pk).exists()
        kwargs.setdefault("is_closed_now", may_work and not self.case.is_open)
        return super().get_context_data(
            ledger=self.ledger,
            sums=report.sums(self.ledger.balance),
            no_fee=report.no_fee(),
            share_text=report.share_text(self.case, self.ledger, now=self.now) if self.ledger.lines else "",
            may_work=may_work and self.case.is_open,
            may_write=may_work and (self.case.is_open or self.request.method == "POST"),
            names_open=names_open(self.case, self.request.user, self.request),
            **kwargs,
        )

    def save(self, form):
        given = form.cleaned_data
        line = money.add(
            case=self.case,
            kind=given["kind"],
            amount=given["amount"],
            on_date=given["on_date"],
            payer=given["payer"],
            payee=given["payee"],
            body=places.find_or_create(given["office"], region=self.case.region),
            note=given["note"],
            proof=given.get("proof"),
            proof_note=form.proof_said,
            by=self.request.user,
            now=self.now,
            submit_key=given["submit_key"],
        )
        said = {"kind": line.get_kind_display(), "amount": words.rupiah(line.amount, get_language())}
        messages.success(self.request, _("Noted: %(kind)s %(amount)s.") % said)

    def get_success_url(self) -> str:
        return money_url(self.case)


@require_POST
def take_back(request, uuid):
    """A second line that takes this one back; both stay to be read."""
    line = of_case_or_404(request, MoneyLine.objects.all(), uuid, Permission.CASE_WORK)
    try:
        money.take_back(line=line, by=request.user)
        messages.success(request, _("Taken back by a second line. Both stay to be read."))
    except Refused as refused:
        say_refused(request, refused)
    return redirect(money_url(line.case))
