"""What stands between signing in and a page: the end of a session, the account's language, and two duties."""

import time
from urllib.parse import urlsplit

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _

from members.rules.sessions import LOCK, SHORT, WARNING, limits_for
from members.services import accounts

#: A session is written once a minute, the list of devices every five, however many pages are opened.
MINUTE = 60
NOTED = 5 * 60

#: Pages that stay open while a second factor is still to be set up; besides them every ``mfa_…``.
WHILE_SETTING_UP = frozenset(
    {
        "account_logout",
        "account_reauthenticate",
        "account_change_password",
        "members:session",
        "set_language",
    }
)


def _local(url: str | None, request) -> str:
    """The path of an address of this site, or "" for any other."""
    if not url or not url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure()):
        return ""
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


class SignInMiddleware(LoginRequiredMiddleware):
    """Every page needs sign-in unless its view says otherwise; afterwards people return to the page they were on."""

    def get_login_url(self, view_func):
        return reverse(settings.LOGIN_URL)  # one door, for the admin too

    def handle_no_permission(self, request, view_func):
        if request.method in {"GET", "HEAD"}:
            return super().handle_no_permission(request, view_func)
        # The address of a POST may not be opened again: go back to the form it came from.
        back = _local(request.headers.get("Referer"), request) or "/"
        return redirect_to_login(back, self.get_login_url(view_func), self.get_redirect_field_name(view_func))


class SessionClockMiddleware:
    """Ends a session whose time is over, locks names on a resting phone, and speaks the account's language (ADR 17)."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.session_clock = None
        if not request.user.is_authenticated:
            return self.get_response(request)
        request.has_second_factor = SimpleLazyObject(lambda: accounts.has_second_factor(request.user))
        if self._keep(request):
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = request.user.language
        return self.get_response(request)

    def _keep(self, request) -> bool:
        """Whether the session goes on; marks it as used just now."""
        user, session, now = request.user, request.session, int(time.time())
        has_authority = user.must_use_second_factor
        limits = limits_for(
            has_authority=has_authority,
            second_factor_asked=settings.MFA_REQUIRED,
            has_second_factor=has_authority or not settings.MFA_REQUIRED or bool(request.has_second_factor),
        )
        signed_in_at = session.setdefault("signed_in_at", now)
        seen_at = session.setdefault("seen_at", now)
        if not limits.rest(now=now, signed_in_at=signed_in_at, seen_at=seen_at):
            self._end(request)
            return False
        self._lock_names(request, idle=now - seen_at, now=now)
        if not self._only_asks(request) and not 0 <= now - seen_at < MINUTE:
            session["seen_at"] = seen_at = now
            if not 0 <= now - session.get("noted_at", 0) < NOTED:
                session["noted_at"] = now
                accounts.seen(session.session_key, now=timezone.now())
        rest = limits.rest(now=now, signed_in_at=signed_in_at, seen_at=seen_at)
        request.session_clock = {
            "rest": rest if limits is SHORT else None,
            "warning": WARNING,
            "lock": LOCK if limits is not SHORT else None,
        }
        return True

    def _only_asks(self, request) -> bool:
        """The page asks how long the session lasts: that is no act of a person."""
        return request.method == "GET" and request.path == reverse("members:session")

    def _end(self, request) -> None:
        logout(request)
        messages.info(request, _("You were away for a while, so we signed you out. Sign in to go on."))

    def _lock_names(self, request, *, idle: int, now: int) -> None:
        session = request.session
        if session.get("identity_locked"):
            proofs = [row["at"] for row in get_authentication_records(request, request.user)]
            if any(at > session.get("locked_at", now) for at in proofs):
                session["identity_locked"] = False
        elif idle >= LOCK:
            session["identity_locked"] = True
            session["locked_at"] = now


class DutyMiddleware:
    """Before anything else: the second factor of whoever must hold one; before the first case: the pledge."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view_func, view_args, view_kwargs):
        user, match = request.user, request.resolver_match
        if not user.is_authenticated or not getattr(view_func, "login_required", True):
            return None
        name = match.view_name
        request.must_set_up = (
            settings.MFA_REQUIRED and user.must_use_second_factor and not bool(request.has_second_factor)
        )
        if request.must_set_up and not name.startswith("mfa_") and name not in WHILE_SETTING_UP:
            return redirect("mfa_index")
        if user.must_pledge and "cases" in match.namespaces:
            back = request.get_full_path()
            if request.method != "GET":
                back = _local(request.headers.get("Referer"), request) or "/"
            return redirect(f"{reverse('members:pledge')}?{urlencode({'next': back})}")
        return None
