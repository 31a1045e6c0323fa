"""Where allauth asks us how accounts work here."""

import logging
import time

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.urls import reverse
from django.utils import translation

from members.models import cipher
from members.services import accounts

logger = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up is closed: people come in by invitation. Mails speak their reader's language and never fail a page."""

    def is_open_for_signup(self, request):
        return False

    def is_safe_url(self, url):
        try:
            return super().is_safe_url(url)
        except ValueError:  # "http://[" is no address at all
            return False

    def pre_authenticate(self, request, **credentials):
        """Wrong tries count per account and address, so that a stranger elsewhere locks nobody out (TRUST R3).

        All addresses together have a wider limit; it too ends within fifteen minutes.
        """
        super().pre_authenticate(request, **credentials)
        account = accounts.account_behind(_login_of(credentials))
        everywhere = ratelimit.consume(request, app="allauth.account", action="login_failed_everywhere", key=account)
        if not everywhere:
            self._rollback_login_failed_rl_usage()
            raise self.validation_error("too_many_login_attempts")
        self._login_failed_rl_usage.usage += everywhere.usage

    def _get_login_attempts_cache_key(self, request, **credentials):
        return f"{accounts.account_behind(_login_of(credentials))}@{ratelimit.get_ip(request)}"

    def login(self, request, user):
        super().login(request, user)
        request.session["signed_in_at"] = request.session["seen_at"] = request.session["proved_at"] = int(time.time())

    def is_reauthentication_required(self, *, app, **kwargs):
        """Signing in a moment ago is proof enough: nobody types the password twice within ten minutes."""
        request = context.request
        records = get_authentication_records(request, request.user)
        newest = max([request.session.get("proved_at", 0), *(record["at"] for record in records)])
        if 0 <= time.time() - newest < app_settings.REAUTHENTICATION_TIMEOUT:
            return False
        return super().is_reauthentication_required(app=app, **kwargs)

    def format_email_subject(self, subject):
        return f"Kawal: {subject}"

    def send_mail(self, template_prefix, email, context):
        user = context.get("user")
        with translation.override(getattr(user, "language", None) or translation.get_language()):
            try:
                super().send_mail(template_prefix, email, context)
            except OSError:
                logger.warning("A mail %s was not accepted.", template_prefix)

    def get_reset_password_from_key_url(self, key):
        """From SITE_URL, not from what the request says its host is."""
        uidb36, _dash, rest = key.partition("-")
        return settings.SITE_URL + reverse("account_reset_password_from_key", args=[uidb36, rest])


def _login_of(credentials: dict) -> str:
    return credentials.get("email") or credentials.get("username") or ""


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets of authenticator apps and the seed of the backup codes are cipher in the database (TRUST R43)."""

    def encrypt(self, text):
        return cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text):
        return cipher().decrypt(encrypted_text.encode()).decode()

    def _get_site_name(self):
        return "Kawal"
