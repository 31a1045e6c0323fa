"""What the one concerned agrees to."""

from django.contrib import messages
from django.utils.translation import gettext as _

from cases.forms.consent import ConsentForm
from cases.models import Consent
from cases.services import consents
from cases.views.case_form import CaseFormPage
from cases.views.people import names_open


class Consents(CaseFormPage):
    """Ask each purpose in words, keep every answer; the newest of a purpose holds."""

    form_class = ConsentForm
    template_name = "cases/consents.html"
    shows_the_case = True
    anchor = "data"

    def get_form_kwargs(self):
        return {
            **super().get_form_kwargs(),
            "case": self.case,
            "parties": list(self.case.parties.select_related("person")),
            "papers": list(self.case.attachments.order_by("-uploaded_at")),
            "shows_names": names_open(self.case, self.request.user, self.request),
            "now": self.now,
        }

    def get_context_data(self, **kwargs):
        rows = Consent.objects.filter(case=self.case).select_related("party__person", "proof", "logged_by")
        held = {row.pk for row in consents.standing(self.case).values()}
        return super().get_context_data(rows=list(rows[:30]), held=held, **kwargs)

    def save(self, form):
        given = form.cleaned_data
        consents.state(
            case=self.case,
            answers=given["answers"],
            party=form.chosen_party,
            form=given["form"],
            stated_at=given["stated_at"],
            note=given["note"],
            proof=form.chosen_proof,
            by=self.request.user,
            now=self.now,
            submit_key=given["submit_key"],
        )
        messages.success(self.request, _("The answers are noted."))
