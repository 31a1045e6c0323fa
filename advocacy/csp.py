"""Where browsers report what the Content-Security-Policy stopped."""

import json
import logging

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.http.request import RawPostDataException
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

logger = logging.getLogger(__name__)

LONGEST = 8192


@login_not_required
@csrf_exempt
@require_POST
def report(request):
    """Log which directive stopped something on which page; addresses lose their query, the rest is dropped."""
    if int(request.META.get("CONTENT_LENGTH") or 0) <= LONGEST:
        try:
            told = json.loads(request.body)["csp-report"]
            words = [_word(told.get(name)) for name in ("effective-directive", "blocked-uri", "document-uri")]
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, RawPostDataException):
            return HttpResponse(status=204)
        logger.warning("CSP stopped %s from %s on %s", *words)
    return HttpResponse(status=204)


def _word(value) -> str:
    return str(value or "-").partition("?")[0].replace("\n", " ")[:200]
