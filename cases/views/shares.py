"""A case opened to a person or a unit, with consent or with a reason, and closed again."""

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cases.forms.share import ShareForm
from cases.models import Case
from cases.services import consents, shares
from cases.views.case_form import CaseFormPage
from cases.views.gate import share_or_404
from cases.views.restriction import held_case


class Share(CaseFormPage):
    """With whom the case is shared, and a form to share it; who is found stands in the same form."""

    form_class = ShareForm
    template_name = "cases/share.html"
    shows_the_case = True
    found = 0

    def find_case(self) -> Case:
        return held_case(self.request, self.kwargs["uuid"])

    def get_form_kwargs(self):
        words = self.request.POST.get("words", "").strip()[:60]
        people = list(shares.people_like(words)) if words else []
        units = list(shares.units_like(words)) if words and not self.case.is_restricted else []
        self.found = len(people) + len(units)
        people = [user for user in people if user.pk not in {self.case.assignee_id, self.request.user.pk}]
        return {**super().get_form_kwargs(), "people": people, "units": units, "zone": self.case.zone, "now": self.now}

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            rows=shares.live_shares(self.case, now=self.now),
            has_consent=consents.is_live(self.case),
            found=self.found,
            **kwargs,
        )

    def post(self, request, *args, **kwargs):
        if "search" not in request.POST:
            return super().post(request, *args, **kwargs)
        form = self.get_form()
        form.is_valid()
        form.errors.clear()
        return self.render_to_response(self.get_context_data(form=form, has_searched=True))

    def save(self, form):
        given = form.cleaned_data
        shares.share(
            case=self.case,
            to=form.chosen,
            until_at=form.until_at,
            reason=given["reason"],
            without_consent=given["without_consent"],
            by=self.request.user,
            now=self.now,
        )
        messages.success(self.request, _("Shared with %(who)s.") % {"who": form.chosen})

    def get_success_url(self):
        return reverse("cases:share", args=[self.case.uuid])


@require_POST
def end(request, uuid):
    """Close the case again for who it was shared with: by whoever shares it, or by that person."""
    row = share_or_404(request, uuid)
    shares.end(share=row, by=request.user)
    messages.success(request, _("No longer shared with %(who)s.") % {"who": row.user or row.organisation})
    if row.user_id == request.user.pk:
        return redirect("cases:home")
    page = "cases:restriction" if request.POST.get("from") == "restriction" else "cases:share"
    return redirect(page, uuid=row.case.uuid)
