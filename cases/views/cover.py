"""The card and the payer of a case, the way to a working card without a case, and the calculators."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from cases.forms.cover import ArrearsForm, CheckForm, FineForm, LateForm, PayerForm, WayForm, WayHereForm
from cases.models import Case, CoverCheck, PayerDecision, Rule
from cases.reports import cover as report
from cases.reports.clocks import local_day
from cases.rules import payer
from cases.rules.errors import Refused
from cases.services import cover
from cases.views.case_form import CaseFormPage
from cases.views.gate import case_or_404
from members.rules.roles import Permission
from members.rules.zones import Zone


def _ways(form: WayForm, *, on) -> dict:
    """The ways that what was chosen leads to."""
    form.is_valid()
    given = form.cleaned_data
    segment, state = given.get("segmen"), given.get("keadaan")
    found = report.routes(segment=segment, state=state, on=on, helper=given.get("bantu", ""))
    hint = state.in_language("hint") if state else ""
    return {"ways": form, "segment": segment, "state": state, "state_hint": hint, "routes": found}


class CoverHere(TemplateView):
    """The way to a working card, to read without a case."""

    template_name = "cases/cover.html"

    def get_context_data(self, **kwargs):
        form = WayHereForm(self.request.GET)
        form.is_valid()
        on = form.cleaned_data.get("tanggal") or local_day(timezone.now(), Zone.WIB)
        return super().get_context_data(
            **_ways(form, on=on), schemes=report.schemes(form.cleaned_data.get("wilayah"), on), on=on, **kwargs
        )


class CoverOfCase(CaseFormPage):
    """What is believed of the card and what a check showed, side by side; then the way to a working card.

    Reading needs the right to see the case; writing down, to work on it.
    """

    form_class = CheckForm
    template_name = "cases/cover_case.html"
    shows_the_case = True

    def find_case(self) -> Case:
        is_reading = self.request.method in {"GET", "HEAD"}
        return case_or_404(
            self.request, self.kwargs["uuid"], Permission.CASE_VIEW if is_reading else Permission.CASE_WORK
        )

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "zone": self.case.zone, "now": self.now}

    def get_context_data(self, **kwargs):
        case, newest = self.case, cover.newest_check(self.case)
        asked = self.request.GET
        start = {
            "segmen": newest.segment.code if newest and newest.segment else "",
            "keadaan": newest.state.code if newest and newest.state else "",
        }
        form = WayForm(asked if "keadaan" in asked else start)
        rows = CoverCheck.objects.filter(case=case).select_related("segment", "state", "logged_by")
        on = cover.day_of(case)
        return super().get_context_data(
            believed=_of(rows, is_check=False),
            checked=_of(rows, is_check=True),
            schemes=report.schemes(case.region, on),
            on=on,
            may_work=case.is_open and _may_work(self.request.user, case),
            **_ways(form, on=local_day(self.now, case.zone)),
            **kwargs,
        )

    def get_success_url(self) -> str:
        return self.request.path

    def save(self, form):
        given = form.cleaned_data
        cover.record_check(
            case=self.case,
            is_check=given["is_check"] == "yes",
            by=self.request.user,
            segment=given["segment"],
            state=given["state"],
            class_of_right=given["class_of_right"],
            source=given["source"],
            note=given["note"],
            stated_at=form.at,
            now=self.now,
            submit_key=given["submit_key"],
        )
        messages.success(self.request, _("Noted."))


class PayerOfCase(CaseFormPage):
    """Who pays: from what is known to the payers in order; kept with its reason, the earlier ones stay."""

    form_class = PayerForm
    template_name = "cases/cover_payer.html"
    shows_the_case = True

    find_case = CoverOfCase.find_case

    def get_initial(self):
        newest = cover.newest_check(self.case)
        active = newest.state.is_active if newest and newest.state else None
        return PayerForm.initial_of(self.case, self.decisions().first(), jkn_active=active)

    def decisions(self) -> QuerySet[PayerDecision]:
        return PayerDecision.objects.filter(case=self.case).select_related("logged_by").order_by("-logged_at", "-pk")

    def get_context_data(self, **kwargs):
        rows = list(self.decisions())
        return super().get_context_data(
            history=[(row, payer.Payer(row.chosen).label) for row in rows],
            may_work=self.case.is_open and _may_work(self.request.user, self.case),
            **kwargs,
        )

    def form_valid(self, form):
        if self.request.POST.get("act") == "save":
            return super().form_valid(form)
        return self.render_to_response(self.get_context_data(form=form, **_decided(form)))

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form))

    def refused(self, form, refused: Refused):
        form.add_error("reason" if form.cleaned_data.get("chosen") else None, refused.message)
        context = self.get_context_data(form=form, is_closed_now=not self.case.is_open, **_decided(form))
        return self.render_to_response(context, status=409)

    def get_success_url(self) -> str:
        return self.request.path

    def save(self, form):
        given, known = form.cleaned_data, form.known
        cover.decide_payer(
            case=self.case,
            known=known,
            chosen=given["chosen"] or payer.decide(known).steps[0].payer,
            reason=given["reason"],
            by=self.request.user,
            now=self.now,
            submit_key=given["submit_key"],
        )
        messages.success(self.request, _("The payer is noted. Earlier decisions stay."))


def _decided(form: PayerForm) -> dict:
    decision = payer.decide(form.known)
    steps = [(step, payer.Payer(step.payer).label, step.confidence in {"L", "N"}) for step in decision.steps]
    return {
        "decision": decision,
        "steps": steps,
        "to_ask": report.questions(decision),
        "chosen": form.data.get("chosen"),
    }


class Calculators(TemplateView):
    """What can be worked out here."""

    template_name = "cases/cover_calculators.html"


class Calculator(TemplateView):
    """One calculator: typed in, worked out line by line. Nothing is kept."""

    template_name = "cases/cover_calculator.html"
    form_class: type

    def get_context_data(self, **kwargs):
        form = self.form_class(self.request.GET or None)
        sums = self.work_out(form.cleaned_data) if form.is_bound and form.is_valid() else []
        return super().get_context_data(form=form, sums=sums, title=self.title(), **kwargs)


class FineCalculator(Calculator):
    """The inpatient fine, by every term in force."""

    form_class = FineForm

    def title(self) -> str:
        return _("Inpatient fine")

    def work_out(self, given):
        segment = given["segmen"]
        self.extra_context = {"employer_pays": bool(segment and segment.employer_bears_fine)}
        return report.fines_of(
            cost=given["biaya"],
            months=given["bulan"],
            active_again_on=given["aktif"],
            admitted_on=given["masuk"],
            segment=segment,
        )


class ArrearsCalculator(Calculator):
    """What has to be paid before the card works."""

    form_class = ArrearsForm

    def title(self) -> str:
        return _("Arrears")

    def work_out(self, given):
        return [report.arrears_of(premium=given["iuran"], people=given["orang"], months=given["bulan"])]


class LateCalculator(Calculator):
    """JKK or JKM paid late: a part of it for every day."""

    form_class = LateForm

    def title(self) -> str:
        return _("JKK or JKM paid late")

    def work_out(self, given):
        rule = Rule.objects.filter(code=given["aturan"]).first()
        if rule is None:
            raise Http404
        today = local_day(timezone.now(), Zone.WIB)
        paid_on = given["dibayar"] or today
        return [
            report.late_of(
                rule=rule, nominal=given["nilai"], complete_on=given["lengkap"], paid_on=paid_on, zone=Zone.WIB
            )
        ]


def _of(rows: QuerySet[CoverCheck], *, is_check: bool) -> list[CoverCheck]:
    return [row for row in rows if row.is_check == is_check]


def _may_work(user, case: Case) -> bool:
    return Case.objects.permitted(user, Permission.CASE_WORK).filter(pk=case.pk).exists()
