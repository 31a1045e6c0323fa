"""Papers that a worker makes: mine, how far one is, and its file; nobody else's exist."""

from contextlib import suppress

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.generic import TemplateView
from kombu.exceptions import OperationalError

from cases.models import Printout
from cases.rules.printing import NEEDS, PrintKind, PrintState
from cases.services import printouts
from cases.tasks import make_papers
from cases.views.gate import log
from members.models import AccessLog, Organisation
from members.rules.roles import Permission
from members.views.sessions import sign_in_again, signed_in_of_late

PER_PAGE = 25
#: Seconds after which the page of a paper that is being made looks again, without any script.
LOOK_AGAIN = 4


def printout_url(row: Printout) -> str:
    """The page of a paper."""
    return reverse("cases:printout", args=[row.uuid])


def ordered(row: Printout):
    """The way on after an order: a worker is woken once it is written, and the page shows how far it is."""
    transaction.on_commit(_wake)
    return redirect(printout_url(row))


def _wake() -> None:
    # Where the broker is away, beat comes by within ten seconds.
    with suppress(OperationalError):
        make_papers.apply_async(retry=False, expires=60)


def printout_or_404(request: HttpRequest, uuid) -> Printout:
    """A paper this user ordered; those of others do not exist."""
    row = printouts.mine(request.user, now=timezone.now()).filter(uuid=uuid).first()
    if row is None:
        if Printout.objects.filter(uuid=uuid).exists():
            log(request, AccessLog.Action.REFUSED, kind="printout", uuid=uuid)
        raise Http404
    return row


class Printouts(TemplateView):
    """What was ordered and is not over yet, newest first; and what may be ordered."""

    template_name = "cases/printouts.html"

    def get_context_data(self, **kwargs):
        user = self.request.user
        rows = printouts.mine(user, now=timezone.now())
        page = Paginator(rows, PER_PAGE).get_page(self.request.GET.get("halaman"))
        return super().get_context_data(
            rows=page,
            previous_url=f"?halaman={page.previous_page_number()}" if page.has_previous() else "",
            next_url=f"?halaman={page.next_page_number()}" if page.has_next() else "",
            may=may_order(user),
            **kwargs,
        )


def may_order(user) -> dict[str, bool]:
    """Which kinds of paper this user may order somewhere."""
    held = {
        permission: Organisation.objects.in_reach_of(user, permission).exists()
        for permission in (Permission.CASE_VIEW, Permission.FIGURES_VIEW)
    }
    return {
        kind.value: held[NEEDS[kind]] for kind in (PrintKind.DOSSIER, PrintKind.RECAP, PrintKind.PACK, PrintKind.REVIEW)
    }


class PrintoutPage(TemplateView):
    """How far a paper is; once it is ready, its file."""

    template_name = "cases/printout.html"

    def get_context_data(self, **kwargs):
        row = printout_or_404(self.request, kwargs["uuid"])
        now = timezone.now()
        return super().get_context_data(
            row=row,
            look_again=LOOK_AGAIN,
            may_open=row.state == PrintState.DONE and printouts.may_open(row, self.request.user, now=now),
            fault=fault_words(row.fault),
            **kwargs,
        )


def fault_words(fault: str) -> str:
    """Why a paper was not made, as a sentence."""
    return {
        "": "",
        "tries": _("It failed three times. Tell the admin."),
        "no_right": _("You may no longer see what would stand in it."),
        "no_room": _("Storage is full. Tell the admin."),
        "too_many": _("There are more rows by now than one file may hold. Narrow the list with the filters."),
        "nothing": _("There is nothing to put into it. Choose another period."),
    }.get(fault, fault)


@require_safe
def download(request, uuid):
    """The file, for who ordered it and still may see everything in it; the export is logged."""
    row = printout_or_404(request, uuid)
    if not printouts.may_open(row, request.user, now=timezone.now()):
        log(request, AccessLog.Action.REFUSED, kind="printout", uuid=row.uuid)
        raise Http404
    if row.kind == PrintKind.LIST and not signed_in_of_late(request):
        why = _("A list leaves only shortly after signing in. Sign in again, then take it.")
        return sign_in_again(request, request.path, why)
    data = printouts.fetch(row)
    if data is None:
        raise Http404
    log(request, AccessLog.Action.EXPORT, kind="printout", uuid=row.uuid, reason=row.kind, hits=len(row.shows))
    response = HttpResponse(data, content_type=row.content_type)
    shown = "inline" if row.content_type.startswith(("application/pdf", "text/html")) else "attachment"
    response["Content-Disposition"] = f'{shown}; filename="{row.file_name}"'
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def throw_away(request, uuid):
    """Delete a paper before its seven days are over."""
    printouts.throw_away(row=printout_or_404(request, uuid))
    messages.success(request, _("Deleted."))
    return redirect("cases:printouts")
