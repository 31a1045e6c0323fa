"""Cases once carried: what the reader wrote there, and nothing later."""

from django.http import Http404
from django.views.generic import ListView, TemplateView

from cases.services import former
from cases.views.gate import log
from members.models import AccessLog


class FormerList(ListView):
    """The cases this reader once carried, by number alone."""

    template_name = "cases/former_list.html"
    paginate_by = 50

    def get_queryset(self):
        return former.cases_of(self.request.user).select_related("desk")


class FormerCase(TemplateView):
    """Only what the reader logged before they passed the case on."""

    template_name = "cases/former.html"

    def get_context_data(self, **kwargs):
        found = former.read(self.request.user, self.kwargs["uuid"])
        if found is None:
            raise Http404
        log(self.request, AccessLog.Action.OPEN, uuid=found.case.uuid)
        return super().get_context_data(former=found, case=found.case, **kwargs)
