"""Who opened a case, and when: for the coordinators of its desk."""

from django.core.paginator import Paginator
from django.utils.functional import Promise
from django.views.generic import TemplateView

from cases.reports import trail
from cases.views.gate import case_or_404
from cases.views.people import OTHER_REASONS, REASONS
from members.models import AccessLog
from members.rules.roles import Permission

PER_PAGE = 50


def said_reason(row: AccessLog) -> Promise | str:
    """The reason of a row in words: "letter" and "nik:letter" are the codes the reveal buttons leave."""
    return {**REASONS, **OTHER_REASONS}.get(row.reason.rpartition(":")[2], row.reason)


class AccessTrail(TemplateView):
    """Every opening of a case, newest first."""

    template_name = "cases/access_trail.html"

    def get_context_data(self, **kwargs):
        case = case_or_404(self.request, self.kwargs["uuid"], Permission.CASE_ASSIGN)
        page = Paginator(trail.rows(case), PER_PAGE).get_page(self.request.GET.get("page"))
        for row in page:
            row.said_reason = said_reason(row)
        return super().get_context_data(case=case, page_obj=page, trail=trail.over(case), **kwargs)
