"""What every answer carries, whatever view made it."""

from django.conf import settings
from django.http import HttpResponse, HttpResponseBadRequest, HttpResponseNotAllowed
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

METHODS = ["GET", "HEAD", "POST", "OPTIONS"]


class HeaderMiddleware:
    """Refuses what no page needs and sets the headers no page should forget.

    Outermost, so that refusals and error pages carry the headers too.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.refusal(request) or self.get_response(request)
        headers = response.headers
        headers.setdefault("Cache-Control", "no-store")
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Embedder-Policy", "require-corp")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        headers.setdefault("X-Robots-Tag", "noindex, nofollow")
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", settings.SECURE_REFERRER_POLICY)
        if request.method == "POST" and response.status_code == 302 and request.path == reverse("account_logout"):
            headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
        return response

    def refusal(self, request):
        """The answer to a request that no page should see, or None."""
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return HttpResponseBadRequest()
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal():
            return HttpResponseBadRequest()
        if int(length) > settings.MAX_REQUEST:
            return HttpResponse(
                _("The file is too large. Go back and choose a smaller one."), status=413, content_type="text/plain"
            )
        return None


class NulMiddleware:
    """Takes the NUL out of what was typed: no page needs it, and PostgreSQL stores and compares no text with it.

    After the check of the token, which reads the form first.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if request.method != "POST" or not any(
            "\x00" in text for pair in request.POST.lists() for text in _texts(pair)
        ):
            return
        clean = request.POST.copy()
        clean.clear()
        for name, values in request.POST.lists():
            clean.setlist(name.replace("\x00", ""), [value.replace("\x00", "") for value in values])
        clean._mutable = False
        request.POST = clean


def _texts(pair: tuple[str, list[str]]) -> list[str]:
    return [pair[0], *pair[1]]


class LanguageMiddleware:
    """Indonesian, unless this browser chose otherwise.

    The browser's own language is not asked: many phones in Indonesia speak English to people who do not.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, settings.LANGUAGE_CODE)
        if chosen not in dict(settings.LANGUAGES):
            chosen = settings.LANGUAGE_CODE
        with translation.override(chosen):
            request.LANGUAGE_CODE = chosen
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)  # the account may have its own
        return response
