from django.http import Http404
from django.utils import timezone
from django.views.generic import TemplateView

from cases.reports import training
from members.rules.roles import Role


class TrainingFigures(TemplateView):
    """From training to practice: names for coordinators, numbers for leaders."""

    template_name = "cases/training.html"

    def get_context_data(self, **kwargs):
        roles = self.request.user.live_roles
        if not roles & {Role.LEADER, Role.COORDINATOR}:
            raise Http404
        practice = training.of(self.request.user, now=timezone.now(), hide_small=Role.COORDINATOR not in roles)
        return super().get_context_data(practice=practice, **kwargs)
