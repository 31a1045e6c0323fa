"""The list of cases as a file: what one carries, or what a coordinator assigns."""

from dataclasses import replace
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import FormView

from cases.forms import made_lists
from cases.forms.exports import ExportForm
from cases.forms.search import CaseListForm
from cases.reports import case_table
from cases.reports.case_list import CAP, CappedCount
from cases.rules.errors import Refused
from cases.rules.printing import AT_ONCE
from cases.views.gate import log
from cases.views.lists import said, with_query
from cases.views.printouts import ordered
from members.models import AccessLog, User
from members.reports.tables import FILES, as_bytes
from members.rules.roles import PLEDGE_ROLES
from members.views.sessions import sign_in_again, signed_in_of_late


class CaseExport(FormView):
    """How many cases leave and what is shown of them; then one button for each kind of file."""

    form_class = ExportForm
    template_name = "cases/export.html"

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated and not PLEDGE_ROLES & set(request.user.live_roles):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def filters(self) -> CaseListForm:
        return CaseListForm(self.request.GET, user=self.request.user)

    def cases(self, picked: list):
        """The cases of the address, or those of them that were picked, as far as they may leave."""
        cases = self.filters.shown(timezone.now())
        if picked:
            cases = cases.filter(uuid__in=picked)
        return case_table.may_leave(cases, self.request.user)

    def get_context_data(self, **kwargs):
        form = kwargs.get("form") or self.get_form()
        picked = form.fields["kasus"].clean(self.request.POST.getlist("kasus"))
        leaving = self.cases(picked)
        count = CappedCount(leaving)
        shown = CappedCount(self.filters.shown(timezone.now()))
        found = User.objects.filter(pk=self.request.user.pk).values(n=count, of=shown).get()
        return super().get_context_data(
            **{**kwargs, "form": form},
            count=said(found["n"]),
            number=min(found["n"], CAP),
            stay=0 if picked or found["n"] > CAP or found["of"] > CAP else found["of"] - found["n"],
            picked=",".join(map(str, picked)),
            by_worker=AT_ONCE if found["n"] > CAP and made_lists.is_long(leaving) else 0,
            filters_said=[self.filters.said(name) for name in self.filters.on],
            back_url=with_query(reverse("cases:case-list"), self.request),
        )

    def post(self, request, *args, **kwargs):
        if request.POST.get("berkas") not in FILES:  # from the list, with cases ticked
            return self.render_to_response(self.get_context_data(form=self._opened()))
        return super().post(request, *args, **kwargs)

    def _opened(self) -> ExportForm:
        return ExportForm(initial=self.get_initial())

    def form_valid(self, form):
        if not signed_in_of_late(self.request):
            why = _("A list leaves only shortly after signing in. Sign in again, then take it.")
            return sign_in_again(self.request, self.request.get_full_path(), why)
        kind, user = self.request.POST["berkas"], self.request.user
        cases, columns = self.cases(form.cleaned_data["kasus"]), form.cleaned_data["kolom"]
        if made_lists.is_long(cases):
            return self._order(form, cases)
        table = case_table.table(cases, columns, order=self.filters.order, zone=user.zone)
        rows = list(table.rows)
        table = replace(table, rows=rows)
        log(self.request, AccessLog.Action.EXPORT, kind="cases", hits=len(rows))
        response = HttpResponse(as_bytes(table, kind), content_type=FILES[kind])
        response["Content-Disposition"] = f'attachment; filename="kasus-{timezone.localdate():%Y%m%d}.{kind}"'
        return response

    def _order(self, form, cases):
        try:
            row = made_lists.order(
                name=made_lists.CASES,
                query=urlsplit(with_query("", self.request)).query,
                file=self.request.POST["berkas"],
                rows=cases,
                by=self.request.user,
                columns=form.cleaned_data["kolom"],
                key=form.cleaned_data["submit_key"],
            )
        except Refused as refused:
            form.add_error(None, refused.message)
            return self.render_to_response(self.get_context_data(form=form), status=409)
        messages.info(self.request, _("The file is being made."))
        return ordered(row)
