"""A case is offered, accepted, declined or taken back; until it is accepted the sender stays responsible."""

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cases.forms.handover import DeclineForm, HandOverForm
from cases.models import Case
from cases.rules.codes import HandOverState
from cases.rules.errors import Refused
from cases.services import carrying
from cases.views.case import open_plans
from cases.views.case_form import CaseFormPage, case_url, say_refused
from cases.views.gate import handover_or_404
from members.models import Organisation
from members.rules import words
from members.rules.roles import Permission


class HandOverOffer(CaseFormPage):
    """To whom, with which next step. People of other desks are found by a search in the same form."""

    form_class = HandOverForm
    template_name = "cases/handover_offer.html"

    def get_initial(self):
        plans = open_plans(self.case)
        return {"next_step": plans[0].title if plans else ""}

    def people(self) -> list:
        here = carrying.candidates(self.case, now=self.now)[: carrying.MOST]
        words_ = self.request.POST.get("words", "").strip()[:60]
        far = carrying.elsewhere(self.case, words_, now=self.now)[:20] if words_ else []
        self.found = len(far)
        return [user for user in [*here, *far] if user.pk != self.case.assignee_id]

    def get_form_kwargs(self):
        self.may_move_desk = (
            Case.objects.permitted(self.request.user, Permission.CASE_ASSIGN).filter(pk=self.case.pk).exists()
        )
        return {**super().get_form_kwargs(), "people": self.people(), "may_move_desk": self.may_move_desk}

    def get_context_data(self, **kwargs):
        phone = words.phone(self.request.user.whatsapp) if self.request.user.whatsapp else ""
        return super().get_context_data(my_phone=phone, **kwargs)

    def post(self, request, *args, **kwargs):
        if "search" not in request.POST:
            return super().post(request, *args, **kwargs)
        form = self.get_form()
        form.is_valid()
        form.errors.clear()
        return self.render_to_response(self.get_context_data(form=form, has_searched=True, found=self.found))

    def save(self, form):
        given, to = form.cleaned_data, form.chosen
        carrying.offer(
            case=self.case,
            to=to,
            next_step=given["next_step"],
            reason=given["reason"],
            to_desk=self.desk_of(to) if given.get("move_desk") else None,
            without_consent=given["without_consent"],
            by=self.request.user,
            now=self.now,
            submit_key=given["submit_key"],
        )
        text = _("Offered to %(name)s. Until they accept, the case stays with you.")
        messages.success(self.request, text % {"name": to.get_short_name()})

    @staticmethod
    def desk_of(user) -> Organisation | None:
        """The desk where somebody works; None where that is not one desk."""
        rows = user.appointments.live().filter(organisation__is_desk=True).select_related("organisation")
        desks = {row.organisation for row in rows}
        return desks.pop() if len(desks) == 1 else None


@require_POST
def accept(request, uuid):
    """Take over: from now on the case is mine."""
    handover = handover_or_404(request, uuid)
    try:
        carrying.accept(handover=handover, by=request.user)
        messages.success(request, _("The case is yours now. The next step stands below."))
    except Refused as refused:
        say_refused(request, refused)
        return redirect(_where_one_may_go(request, handover.case))
    return redirect(case_url(handover.case))


class HandOverDecline(CaseFormPage):
    """Say no, perhaps why; the sender stays responsible and is told."""

    form_class = DeclineForm
    template_name = "cases/handover_decline.html"

    def find_case(self) -> Case:
        self.handover = handover_or_404(self.request, self.kwargs["uuid"])
        return self.handover.case

    def get_context_data(self, **kwargs):
        return super().get_context_data(handover=self.handover, **kwargs)

    def save(self, form):
        carrying.decline(handover=self.handover, by=self.request.user, note=form.cleaned_data["note"], now=self.now)
        name = self.handover.from_user.get_short_name()
        messages.success(self.request, _("Declined. %(name)s stays responsible and is told.") % {"name": name})

    def get_success_url(self):
        return _where_one_may_go(self.request, self.case)


@require_POST
def withdraw(request, uuid):
    """Take an offer back: who made it, or a coordinator of the desk."""
    handover = handover_or_404(request, uuid)
    case = handover.case
    may_assign = Case.objects.permitted(request.user, Permission.CASE_ASSIGN).filter(pk=case.pk).exists()
    if handover.from_user != request.user and not may_assign:
        say_refused(request, Refused(_("Only who made the offer can take it back.")))
        return redirect(case_url(case))
    carrying.withdraw(handover=handover, by=request.user)
    if handover.state == HandOverState.WITHDRAWN:
        messages.success(request, _("The offer is taken back."))
    else:
        say_refused(request, Refused(_("This offer has already ended.")))
    return redirect(case_url(case))


def _where_one_may_go(request, case: Case) -> str:
    """The case where it may still be opened, else home."""
    may_open = Case.objects.permitted(request.user, Permission.CASE_VIEW).filter(pk=case.pk).exists()
    return case_url(case) if may_open else reverse("cases:home")
