"""Kabar: what this user was told, and what coordinators must know about mail that does not arrive."""

from uuid import UUID

from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST
from django.views.generic import ListView

from members.models import Message
from members.reports.undelivered import undelivered
from members.rules.roles import Role
from members.services.wording import words_of

PER_PAGE = 30
ICONS = {
    "follow_up_due": "hourglass-split",
    "follow_up_escalated": "alarm-fill",
    "assigned": "person-check",
    "handover_offered": "arrow-left-right",
    "handover_accepted": "arrow-left-right",
    "handover_declined": "arrow-left-right",
    "handover_unanswered": "arrow-left-right",
    "mail_failed": "envelope",
    "import_ended": "upload",
    "commitment_due": "calendar-event",
    "announcement": "megaphone",
    "board_ends": "clock",
    "cover_lapses": "clock",
    "somebody_left": "box-arrow-right",
    "nudge": "megaphone",
    "duplicate_elsewhere": "copy",
    "help_offered": "people",
    "case_shared": "people",
    "cases_moved": "arrow-left-right",
    "cases_offered": "arrow-left-right",
    "cases_taken": "arrow-left-right",
}


class Inbox(ListView):
    """Everything told on the screen, newest first."""

    template_name = "members/inbox.html"
    paginate_by = PER_PAGE

    def get_queryset(self):
        return Message.objects.inbox_of(self.request.user)

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        for row in context["page_obj"]:
            row.words = words_of(row)
            row.icon = ICONS.get(row.kind, "bell")
        if Role.COORDINATOR in self.request.user.live_roles:
            context["undelivered"] = undelivered(self.request.user, now=timezone.now())
        return context


@require_POST
def open_message(request, uuid: UUID):
    """Opening marks it read and leads to what it is about."""
    row = get_object_or_404(Message.objects.inbox_of(request.user), uuid=uuid)
    Message.objects.filter(pk=row.pk, read_at__isnull=True).update(read_at=timezone.now())
    own = row.path.startswith("/") and url_has_allowed_host_and_scheme(row.path, allowed_hosts=None)
    return redirect(row.path if own else reverse("members:inbox"))


@require_POST
def read_all(request):
    """Everything on the list counts as read."""
    Message.objects.inbox_of(request.user).unread().update(read_at=timezone.now())
    return redirect("members:inbox")
