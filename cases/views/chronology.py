"""The chronology of a case on paper: oldest first, with every typed fact, ready to print and to bring to a hearing."""

from django.views.generic import TemplateView

from cases.models import Case
from cases.reports import chronicle
from cases.views.case import topics_of
from cases.views.case_form import case_url
from cases.views.gate import case_or_404, log
from members.models import AccessLog
from members.rules.roles import Permission

#: No chronology on paper is longer.
MOST_LINES = 2000


class Chronology(TemplateView):
    """What people told, in the order in which it happened; no number of anybody; a name typed in a sentence stands as it was told."""

    template_name = "cases/chronology.html"
    case: Case

    def get(self, request, *args, **kwargs):
        self.case = case_or_404(request, kwargs["uuid"], Permission.CASE_VIEW)
        log(request, AccessLog.Action.OPEN, uuid=self.case.uuid)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        found = chronicle.of_case(self.case, most=MOST_LINES)
        days = [chronicle.Day(day.on, day.lines[::-1]) for day in reversed(found.days)]
        return super().get_context_data(
            case=self.case,
            days=days,
            topics=topics_of(self.case),
            may_name=self.case.assignee_id == self.request.user.pk,
            back_url=case_url(self.case),
            **kwargs,
        )
