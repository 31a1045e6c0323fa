"""Coverage surveys: workers against registered, by employer or sector, counts that disagree side by side."""

from itertools import groupby

from django.contrib import messages
from django.http import Http404
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from members.forms.people import SurveyForm
from members.models import CoverageSurvey
from members.rules.cover import Cover, disagree
from members.rules.roles import Role
from members.services import people
from members.views.pages import ServicePage

MOST = 500


def may_count(user) -> bool:
    """Who enters counts: coordinators, leaders and admins."""
    return user.is_superuser or bool(user.live_roles & {Role.COORDINATOR, Role.LEADER, Role.FEDERATION_ADMIN})


class Surveys(TemplateView):
    """Every count, grouped by what was counted."""

    template_name = "members/surveys.html"

    def get_context_data(self, **kwargs):
        programme = self.request.GET.get("program", "")
        rows = CoverageSurvey.objects.select_related("employer", "sector", "region")
        if programme in Cover.values:
            rows = rows.filter(programme=programme)
        rows = sorted(rows[:MOST], key=lambda row: (_name(row).lower(), row.programme))
        groups = []
        for (name, code), counts in groupby(rows, key=lambda row: (_name(row), row.programme)):
            counts = list(counts)
            groups.append(
                {"name": name, "programme": code, "rows": counts, "differ": disagree([row.share for row in counts])}
            )
        chips = [("", _("All")), *Cover.choices[:4], (Cover.JP, _("JP (pension)")), (Cover.JKP, "JKP")]
        return super().get_context_data(
            groups=groups, chips=chips, programme=programme, may_add=may_count(self.request.user), **kwargs
        )


def _name(row: CoverageSurvey) -> str:
    return str(row.employer or row.sector)


class SurveyAdd(ServicePage):
    """One count with its source."""

    form_class = SurveyForm
    template_name = "members/survey_form.html"
    success_url = reverse_lazy("members:surveys")

    def dispatch(self, request, *args, **kwargs):
        if not may_count(request.user):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def save(self, form):
        people.survey(by=self.request.user, **form.values)
        messages.success(self.request, _("Saved."))
