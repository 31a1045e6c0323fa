"""Why somebody was reminded, or was not: for the one who carries the case and for its coordinators."""

from django.utils import timezone
from django.views.generic import TemplateView

from cases.reports import reminding
from cases.views.gate import case_or_404, log
from members.models import AccessLog
from members.rules.roles import Permission


class WhyReminded(TemplateView):
    """Each follow-up with its reminder moments: who was told, by what, and why somebody was not."""

    template_name = "cases/why_reminded.html"

    def get_context_data(self, **kwargs):
        case = case_or_404(self.request, self.kwargs["uuid"], Permission.CASE_WORK)
        log(self.request, AccessLog.Action.OPEN, uuid=case.uuid)
        return super().get_context_data(case=case, items=reminding.of_case(case, now=timezone.now()), **kwargs)
