"""The hand-over pack of an officer who leaves, for the coordinators of their part of the tree."""

from django.http import Http404
from django.utils import timezone
from django.views.generic import TemplateView

from cases.reports import handover_pack
from cases.views.gate import log
from members.models import AccessLog
from members.rules.roles import Role


class HandOverPacks(TemplateView):
    """Whose offices ended of late, or end soon."""

    template_name = "cases/handover_packs.html"

    def dispatch(self, request, *args, **kwargs):
        if Role.COORDINATOR not in request.user.live_roles:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        rows = handover_pack.people(self.request.user, now=timezone.now())
        return super().get_context_data(rows=rows, today=timezone.localdate(), **kwargs)


class HandOverPack(TemplateView):
    """One person's pack, to be printed or read out at the hand-over."""

    template_name = "cases/handover_pack.html"

    def get_context_data(self, **kwargs):
        person = handover_pack.person(self.request.user, self.kwargs["uuid"])
        if person is None:
            raise Http404
        log(self.request, AccessLog.Action.PRINT, kind="user", uuid=person.uuid)
        now = timezone.now()
        pack = handover_pack.of(person, by=self.request.user, now=now)
        return super().get_context_data(pack=pack, now=now, today=timezone.localdate(now), **kwargs)
