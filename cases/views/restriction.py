"""Who may open a case: restricted to people by name, hidden from a unit, and both taken back."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.forms.restriction import HideForm, LiftForm, RestrictForm
from cases.models import Case
from cases.rules.errors import Refused
from cases.services import bars, carrying, restriction, shares
from cases.views.case_form import CaseFormPage, say_refused
from cases.views.gate import case_or_404
from members.rules.roles import Permission


def held_case(request, uuid) -> Case:
    """The case, where this user carries it or assigns it: whoever may say who else opens it."""
    case = case_or_404(request, uuid, Permission.CASE_VIEW)
    if not restriction.may_restrict(request.user, case):
        raise Http404
    return case


class Restriction(CaseFormPage):
    """Named people only, and units that must not see it; each act is a button of its own on this page."""

    form_class = RestrictForm
    template_name = "cases/restriction.html"
    shows_the_case = True
    found = 0

    def find_case(self) -> Case:
        return held_case(self.request, self.kwargs["uuid"])

    def post(self, request, *args, **kwargs):
        acts = {"lift": self._lift, "hide": self._hide, "show": self._show}
        if act := acts.get(request.POST.get("act", "")):
            return act()
        if "search" not in request.POST:
            return super().post(request, *args, **kwargs)
        form = self.get_form()
        form.is_valid()
        form.errors.clear()
        return self.render_to_response(self.get_context_data(form=form, has_searched=True))

    # Named people

    def get_initial(self):
        return {"restriction": self.case.restriction}

    def get_form_kwargs(self):
        here = carrying.candidates(self.case, now=self.now)[: carrying.MOST]
        words = self.request.POST.get("words", "").strip()[:60]
        far = carrying.elsewhere(self.case, words, now=self.now)[:20] if words else []
        self.found = len(far)
        named = {self.case.assignee_id, self.request.user.pk}
        if self.case.is_restricted:
            named |= restriction.named_people(self.case, now=self.now).keys()
        people = [user for user in [*here, *far] if user.pk not in named]
        return {**super().get_form_kwargs(), "people": people}

    def get_context_data(self, **kwargs):
        kwargs.setdefault("lift_form", LiftForm(prefix="lift"))
        kwargs.setdefault("hide_form", self._hide_form())
        return super().get_context_data(
            found=self.found,
            named=[row for row in shares.live_shares(self.case, now=self.now) if row.user_id],
            bars=list(bars.open_bars(self.case)),
            proposals=bars.proposals(self.case),
            **kwargs,
        )

    def save(self, form):
        given = form.cleaned_data
        was = self.case.is_restricted
        restriction.restrict(
            case=self.case,
            reason=given["restriction"],
            people=form.chosen,
            note=given["note"],
            by=self.request.user,
            now=self.now,
        )
        messages.success(self.request, _("Saved.") if was else _("The case is restricted. Only named people open it."))

    def get_success_url(self):
        return reverse("cases:restriction", args=[self.case.uuid])

    def _lift(self):
        form = LiftForm(self.request.POST, prefix="lift")
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=self._fresh_form(), lift_form=form))
        restriction.lift(case=self.case, by=self.request.user, note=form.cleaned_data["note"], now=self.now)
        messages.success(self.request, _("The restriction is lifted."))
        return redirect(self.get_success_url())

    def _fresh_form(self) -> RestrictForm:
        kwargs = self.get_form_kwargs()
        return RestrictForm(people=kwargs["people"], initial=self.get_initial())

    # Units

    def _hide_form(self, data=None) -> HideForm:
        words = data.get("unit_words", "").strip()[:60] if data else ""
        units = list(shares.units_like(words)) if words else []
        units += [row for row in bars.proposals(self.case) if row not in units]
        return HideForm(data, units=units)

    def _hide(self):
        form = self._hide_form(self.request.POST)
        if "search" in self.request.POST or not form.is_valid():
            if "search" in self.request.POST:
                form.is_valid()
                form.errors.clear()
            return self.render_to_response(
                self.get_context_data(form=self._fresh_form(), hide_form=form, searches_unit=True)
            )
        given = form.cleaned_data
        try:
            bars.hide(
                case=self.case,
                organisation=form.chosen,
                reason=given["reason"],
                by=self.request.user,
                now=self.now,
                submit_key=given["submit_key"],
            )
        except Refused as refused:
            form.add_error(None, refused.message)
            context = self.get_context_data(form=self._fresh_form(), hide_form=form, searches_unit=True)
            return self.render_to_response(context, status=409)
        messages.success(self.request, _("Hidden from %(unit)s and everything below it.") % {"unit": form.chosen})
        return redirect(self.get_success_url())

    def _show(self):
        bar = next((row for row in bars.open_bars(self.case) if str(row.uuid) == self.request.POST.get("bar")), None)
        if bar is None:
            say_refused(self.request, Refused(_("It is no longer hidden from this unit.")))
        else:
            bars.show(bar=bar, by=self.request.user, now=self.now)
            messages.success(self.request, _("%(unit)s may see the case again.") % {"unit": bar.organisation})
        return redirect(self.get_success_url())
