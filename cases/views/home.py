from django.http import Http404
from django.utils import timezone
from django.views.generic import TemplateView

from cases.reports import board, work
from cases.views.figures import at_home
from members.rules.roles import Role


class Home(TemplateView):
    """What must I do today: the board for a coordinator, the work for a relawan, figures for a leader."""

    def get_template_names(self):
        return [f"cases/home_{self.kind}.html"]

    @property
    def kind(self) -> str:
        roles = self.request.user.live_roles
        if Role.COORDINATOR in roles:
            return "board"
        if Role.ADVOCATE in roles:
            return "work"
        return "figures" if Role.LEADER in roles else "plain"

    def get_context_data(self, **kwargs):
        user, now = self.request.user, timezone.now()
        if self.kind == "board":
            kwargs["board"] = board.of_coordinator(user, now=now)
            kwargs["desks"] = user.appointments.live().filter(role=Role.COORDINATOR).select_related("organisation")
        elif self.kind == "work":
            kwargs["work"] = work.of_user(user, now=now)
        elif self.kind == "figures":
            kwargs |= at_home(self.request)
        return super().get_context_data(**kwargs)


class MyWork(TemplateView):
    """A coordinator's own cases; what a relawan sees at home."""

    template_name = "cases/home_work.html"

    def get_context_data(self, **kwargs):
        if not self.request.user.live_roles & {Role.ADVOCATE, Role.COORDINATOR}:
            raise Http404
        return super().get_context_data(work=work.of_user(self.request.user, now=timezone.now()), **kwargs)


class More(TemplateView):
    """Everything the bottom bar has no room for."""

    template_name = "cases/more.html"
