"""The clocks of a case: started by hand, standing still, running again, met, not needed."""

from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cases.forms.clock import ClockForm, PauseForm, WaiveForm
from cases.models import Case
from cases.reports import clocks as report
from cases.rules.errors import Refused
from cases.services import clocks
from cases.views.case_form import CaseFormPage, case_url, say_refused
from cases.views.gate import clock_or_404
from members.rules.roles import Permission

ANCHOR = "tenggat"


def clocks_context(case: Case, *, now) -> dict:
    """What the card of the case page needs."""
    shown = report.of_case(case, now=now)
    return {
        "clocks_open": [each for each in shown if each.is_open],
        "clocks_ended": [each for each in shown if not each.is_open],
    }


class ClockAdd(CaseFormPage):
    """Start a clock that no event has started."""

    form_class = ClockForm
    template_name = "cases/clock_add.html"
    anchor = ANCHOR

    def get_initial(self):
        return {"rule": self.request.GET.get("aturan", "")[:40]}

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "case": self.case, "now": self.now}

    def save(self, form):
        rule = form.cleaned_data["rule"]
        clock = clocks.start_by_hand(
            case=self.case, rule=rule, by=self.request.user, started_at=form.started_at, now=self.now
        )
        if clock.logged_at == self.now:
            messages.success(self.request, _("The deadline runs."))
        else:
            messages.warning(self.request, _("This deadline runs already. Nothing was changed."))


class ClockPage(CaseFormPage):
    """A form about one clock."""

    anchor = ANCHOR

    def find_case(self) -> Case:
        self.clock = clock_or_404(self.request, self.kwargs["uuid"], Permission.CASE_WORK)
        return self.clock.case

    def back_url(self) -> str:
        return case_url(self.case, ANCHOR)

    def get_context_data(self, **kwargs):
        return super().get_context_data(shown=report.explain(self.clock, now=self.now), **kwargs)


class ClockPause(ClockPage):
    """Let it stand still."""

    form_class = PauseForm
    template_name = "cases/clock_pause.html"

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "zone": self.clock.zone, "now": self.now}

    def save(self, form):
        given = form.cleaned_data
        clocks.pause(
            clock=self.clock,
            reason=given["reason"],
            caused_by=given["caused_by"],
            by=self.request.user,
            since=form.at,
            now=self.now,
        )
        messages.success(self.request, _("The deadline stands still."))


class ClockWaive(ClockPage):
    """Say that it does not matter here."""

    form_class = WaiveForm
    template_name = "cases/clock_waive.html"

    def save(self, form):
        clocks.waive(clock=self.clock, reason=form.cleaned_data["reason"], by=self.request.user, now=self.now)
        messages.success(self.request, _("Not needed any more; the reason stands in the timeline."))


@require_POST
def resume(request: HttpRequest, uuid):
    """It runs again from now."""
    clock = clock_or_404(request, uuid, Permission.CASE_WORK)
    try:
        clocks.resume(clock=clock, by=request.user)
        messages.success(request, _("The deadline runs again."))
    except Refused as refused:
        say_refused(request, refused)
    return redirect(case_url(clock.case, ANCHOR))


@require_POST
def stop(request: HttpRequest, uuid):
    """What was owed has been done."""
    clock = clock_or_404(request, uuid, Permission.CASE_WORK)
    clocks.stop(clock=clock, by=request.user)
    messages.success(request, _("Met. The deadline has ended."))
    return redirect(case_url(clock.case, ANCHOR))
