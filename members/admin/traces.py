"""What is only looked at: who opened what, and which messages did not arrive. Ids and numbers, never a case."""

from django.contrib import admin

from members.admin.base import ReadOnlyAdmin
from members.admin.site import site
from members.models import AccessLog, Message
from members.services import administration


@admin.register(AccessLog, site=site)
class AccessLogAdmin(ReadOnlyAdmin):
    """The append-only log, for system admins."""

    viewers = "system"
    list_display = ["at", "user", "action", "object_kind", "object_uuid", "reason", "address", "hits"]
    list_filter = ["action", "object_kind"]
    date_hierarchy = "at"
    search_fields = ["user__full_name", "user__username", "object_uuid"]
    ordering = ["-at"]
    show_full_result_count = False

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("user")


@admin.register(Message, site=site)
class MessageAdmin(ReadOnlyAdmin):
    """Mail that was refused or may not have arrived, of the people within reach."""

    list_display = ["created_at", "recipient", "channel", "state", "attempts", "error"]
    list_filter = ["state"]
    fields = ["recipient", "channel", "state", "attempts", "error", "created_at", "not_before", "sent_at"]
    ordering = ["-created_at"]

    def scope(self, request, queryset):
        lost = queryset.filter(state__in=[Message.State.FAILED, Message.State.UNSURE])
        return lost.filter(recipient__in=administration.users_of(request.user))

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("recipient")
