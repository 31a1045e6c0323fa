"""All open cases of one person move in one act; who receives them accepts them in one."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.generic import FormView, TemplateView

from cases.forms.desk_move import AT_ONCE, DeskMoveForm
from cases.rules.errors import Refused
from cases.services import desk_moves
from members.rules.roles import Role


class DeskMove(FormView):
    """Whose cases, to whom, why; then the count once more, and one button."""

    form_class = DeskMoveForm
    template_name = "cases/desk_move.html"

    def dispatch(self, request, *args, **kwargs):
        if Role.COORDINATOR not in request.user.live_roles:
            raise Http404
        self.now = timezone.now()
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self):
        carrier = self.request.GET.get("dari", "")
        return {"carrier": carrier} if carrier else {}

    def get_form_kwargs(self):
        user = self.request.user
        return {
            **super().get_form_kwargs(),
            "carriers": desk_moves.carriers(user),
            "people": desk_moves.receivers(user, now=self.now),
        }

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        gone = [row for row in context["form"].carriers.values() if row.is_gone]
        return {**context, "gone": gone, "gone_cases": sum(row.cases for row in gone)}

    def form_valid(self, form):
        carrier, given = form.chosen, form.cleaned_data
        if "confirm" not in self.request.POST:
            cases, left = desk_moves.to_move(self.request.user, carrier.user)
            context = self.get_context_data(
                form=form,
                carrier=carrier,
                count=cases.count(),
                left=left,
                is_at_once=given["how"] == AT_ONCE,
                receivers=form.receivers,
                batch=given["submit_key"] or uuid4(),
            )
            template = ["cases/desk_move_confirm.html"]
            return self.response_class(self.request, template, context, using=self.template_engine)
        try:
            moved = desk_moves.move(
                by=self.request.user,
                carrier=carrier.user,
                to=form.receivers,
                reason=given["reason"],
                at_once=given["how"] == AT_ONCE,
                batch=given["submit_key"] or uuid4(),
                now=self.now,
            )
        except Refused as refused:
            form.add_error(None, refused.message)
            return self.render_to_response(self.get_context_data(form=form), status=409)
        messages.success(self.request, _said(moved))
        return redirect("cases:desk-move")


class DeskMoveOffers(TemplateView):
    """The cases of one move that are offered to the reader: look at each, or accept them all."""

    template_name = "cases/desk_move_offers.html"

    def get_context_data(self, **kwargs):
        offers = list(desk_moves.offers_of(self.kwargs["batch"], self.request.user))
        if not offers:
            raise Http404
        return super().get_context_data(offers=offers, **kwargs)

    def post(self, request, batch: UUID):
        count = desk_moves.accept_all(batch=batch, by=request.user)
        if not count:
            raise Http404
        text = ngettext("%(n)s case is yours now.", "%(n)s cases are yours now.", count)
        messages.success(request, text % {"n": count})
        return redirect(reverse("cases:case-list") + "?lihat=saya")


def _said(moved: desk_moves.Moved) -> str:
    """What the move did, and how many stayed behind."""
    if moved.is_offer:
        text = ngettext("%(n)s case is offered.", "%(n)s cases are offered.", moved.cases)
    else:
        text = ngettext("%(n)s case has moved.", "%(n)s cases have moved.", moved.cases)
    said = text % {"n": moved.cases}
    if moved.left:
        left = ngettext("%(n)s case stays where it is.", "%(n)s cases stay where they are.", moved.left)
        said += " " + left % {"n": moved.left}
    return said
