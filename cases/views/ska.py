"""SKA: note a consultation or an outreach, see what was noted, and count it beside the cases."""

from django.contrib import messages
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import FormView

from cases.forms.ska import SkaForm
from cases.reports import ska as report
from cases.rules.errors import Refused
from cases.services import ska
from cases.views.case_form import used_key
from cases.views.gate import log
from cases.views.registers import as_file
from members.models import AccessLog, Organisation
from members.reports.tables import FILES
from members.rules.roles import Permission, Role
from members.views.sessions import sign_in_again, signed_in_of_late

#: Entries shown below the form.
SHOWN = 15


class Ska(FormView):
    """Three fields first, the last entries below, the counts by desk and month at the end."""

    form_class = SkaForm
    template_name = "cases/ska.html"
    sees = frozenset({Role.ADVOCATE, Role.COORDINATOR, Role.LEADER})

    def dispatch(self, request: HttpRequest, *args, **kwargs):
        if not request.user.live_roles & self.sees or (request.method == "POST" and not self.desks):
            raise Http404
        self.now = timezone.now()
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def desks(self) -> list[Organisation]:
        rows = Organisation.objects.in_reach_of(self.request.user, Permission.CASE_LOG)
        return list(rows.filter(is_desk=True, is_active=True).select_related("region").order_by("name")[:100])

    @cached_property
    def months(self) -> list[report.Line]:
        hide_small = Role.COORDINATOR not in self.request.user.live_roles
        return report.per_month(self.request.user, now=self.now, hide_small=hide_small)

    def get(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        wanted = request.GET.get("berkas", "")
        if wanted not in FILES:
            return super().get(request, *args, **kwargs)
        if not signed_in_of_late(request):
            why = _("A list leaves only shortly after signing in. Sign in again, then take it.")
            return sign_in_again(request, f"{request.path}?berkas={wanted}", why)
        log(request, AccessLog.Action.EXPORT, kind="ska", hits=len(self.months))
        return as_file(report.table(self.months, zone=request.user.zone), wanted, f"ska-{self.now:%Y%m%d}")

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "desks": self.desks}

    def get_context_data(self, **kwargs):
        entries = report.of_reader(self.request.user).select_related("desk", "logged_by", "case")
        return super().get_context_data(
            may_write=bool(self.desks),
            rows=list(entries.order_by("-on_day", "-pk")[:SHOWN]) if self.desks else [],
            many_desks=len(self.desks) > 1,
            months=self.months,
            files=[(f"?berkas={kind}", kind.upper()) for kind in FILES] if self.months else [],
            **kwargs,
        )

    def form_valid(self, form):
        given = form.cleaned_data
        try:
            ska.note(
                desk=form.desk_chosen,
                kind=given["kind"],
                topic=given["topic"],
                people=given["people"],
                by=self.request.user,
                now=self.now,
                submit_key=given["submit_key"],
            )
        except Refused as refused:
            return self.refused(form, refused)
        except IntegrityError as error:
            return self.refused(form, used_key(error))
        messages.success(self.request, _("Noted."))
        return redirect("cases:ska")

    def refused(self, form, refused: Refused):
        form.add_error(None, refused.message)
        return self.render_to_response(self.get_context_data(form=form), status=409)
