import time
from urllib.parse import quote

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods
from django.views.generic import TemplateView

from members.rules.devices import device_name, is_handheld
from members.services import accounts


class Sessions(TemplateView):
    """My devices: where I am signed in, and signing out the ones I no longer hold."""

    template_name = "members/sessions.html"

    def get_context_data(self, **kwargs):
        here = self.request.session.session_key
        devices = [
            {
                "pk": session.pk,
                "name": device_name(session.user_agent),
                "icon": "phone" if is_handheld(session.user_agent) else "laptop",
                "address": session.ip,
                "since": session.created_at,
                "seen": session.last_seen_at,
                "is_here": session.session_key == here,
            }
            for session in accounts.sessions_of(self.request.user)
        ]
        return super().get_context_data(devices=devices, others=sum(not row["is_here"] for row in devices), **kwargs)

    def post(self, request, *args, **kwargs):
        one = request.POST.get("session", "")
        only = int(one) if one.isdecimal() and len(one) < 19 else None
        if one and only is None:
            return redirect("members:sessions")
        ended = accounts.end_sessions(request.user, but=request.session.session_key, only=only)
        text = ngettext("%(count)d device is signed out.", "%(count)d devices are signed out.", ended)
        messages.success(request, text % {"count": ended})
        return redirect("members:sessions")


@login_not_required
@require_http_methods(["GET", "POST"])
def session(request):
    """How many seconds the session still lasts; a POST says that somebody is there and makes it last on."""
    clock = request.session_clock or {}
    return JsonResponse({"rest": clock.get("rest") if request.user.is_authenticated else 0})


def signed_in_of_late(request: HttpRequest) -> bool:
    """Whether the reader proved who they are within ten minutes, by signing in or by doing it again (TRUST R11)."""
    proofs = [row["at"] for row in get_authentication_records(request, request.user)]
    last = max([request.session.get("signed_in_at", 0), *proofs])
    return 0 <= time.time() - last < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def sign_in_again(request: HttpRequest, back: str, why: str = ""):
    """Names are locked, or a number asks for it: to the page that unlocks them, and back."""
    messages.warning(request, why or _("Names are locked. Sign in again first."))
    return redirect(f"{reverse('account_reauthenticate')}?next={quote(back)}")
