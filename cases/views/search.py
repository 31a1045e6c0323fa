"""Search by hand: a POST that leaves no trace in the address; what was typed is kept nowhere (ADR 15)."""

from django.shortcuts import redirect
from django.views.generic import FormView

from cases.forms.search import SearchForm
from cases.services import search
from cases.views.gate import log
from cases.views.lists import row_of
from members.models import AccessLog


class Search(FormView):
    """One field from every page; one case found by its number opens at once."""

    form_class = SearchForm
    template_name = "cases/search.html"

    def form_valid(self, form):
        text = form.cleaned_data["q"].strip()
        if not text:
            return self.render_to_response(self.get_context_data(form=form))
        found = search.find(self.request.user, text)
        log(self.request, AccessLog.Action.SEARCH, kind="", hits=len(found.cases))
        if found.by_number and len(found.cases) == 1 and found.cases[0].number.lower() == text.lower():
            return redirect("cases:case-detail", found.cases[0].uuid)
        rows = [row_of(case) for case in found.cases]
        return self.render_to_response(self.get_context_data(form=form, found=found, rows=rows, searched=True))
