from django.contrib import messages
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.generic import FormView

from members.forms.pledge import PledgeForm
from members.models import PLEDGE_VERSION
from members.services import accounts


class Pledge(FormView):
    """The code of conduct and pledge: accepted before the first case is seen, readable ever after."""

    form_class = PledgeForm
    template_name = "members/pledge.html"

    def get_context_data(self, **kwargs):
        user = self.request.user
        return super().get_context_data(
            version=PLEDGE_VERSION,
            accepted_at=user.pledge_at if user.pledge_version == PLEDGE_VERSION else None,
            next=self._next(),
            **kwargs,
        )

    def form_valid(self, form):
        if self.request.user.pledge_version != PLEDGE_VERSION:
            accounts.accept_pledge(user=self.request.user)
            messages.success(self.request, _("Thank you. Your pledge has been recorded."))
        return redirect(self._next() or "/")

    def _next(self) -> str:
        url = self.request.POST.get("next") or self.request.GET.get("next") or ""
        hosts = {self.request.get_host()}
        return url if url_has_allowed_host_and_scheme(url, hosts, require_https=self.request.is_secure()) else ""
