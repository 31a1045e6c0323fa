"""My calendar: the secret address under which a phone fetches what is due."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView

from members.models import CalendarFeed
from members.services import calendars

#: Where the new secret waits for the page that shows it, once.
_FRESH = "calendar_secret"


@method_decorator(never_cache, name="dispatch")
class MyCalendar(TemplateView):
    """Make the address, renew it, revoke it."""

    template_name = "members/calendar.html"

    def get_context_data(self, **kwargs):
        secret = self.request.session.pop(_FRESH, "")
        return super().get_context_data(
            feed=CalendarFeed.objects.filter(user=self.request.user).first(),
            address=calendars.address_of(secret) if secret else "",
            has_office=bool(self.request.user.live_roles),
            **kwargs,
        )

    def post(self, request, *args, **kwargs):
        if request.POST.get("act") == "renew":
            request.session[_FRESH] = calendars.renew(request.user, now=timezone.now())
            messages.success(request, _("The address is made. Copy it now: it is shown once."))
        elif request.POST.get("act") == "revoke" and calendars.revoke(request.user):
            messages.success(request, _("The address is dead. No calendar gets anything more."))
        return redirect("members:calendar")
