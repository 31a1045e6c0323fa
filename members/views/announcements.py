"""Announcements: those that were said to me or that I said, one of them, and saying one."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.generic import TemplateView

from members.forms.registers import MOST, AnnouncementForm
from members.services import announcements
from members.views.pages import ServicePage, or_404

PER_PAGE = 25


class Announcements(TemplateView):
    """The newest first."""

    template_name = "members/announcements.html"

    def get_context_data(self, **kwargs):
        rows = announcements.seen_by(self.request.user)
        return super().get_context_data(
            page_obj=Paginator(rows, PER_PAGE).get_page(self.request.GET.get("page")),
            may_add=announcements.organisations_of(self.request.user).exists(),
            **kwargs,
        )


class AnnouncementPage(TemplateView):
    """One of them; whoever may speak for its organisation sees how many have read it."""

    template_name = "members/announcement.html"

    def get_context_data(self, **kwargs):
        user = self.request.user
        row = or_404(self.request, announcements.seen_by(user), "announcement", self.kwargs["uuid"])
        may_count = announcements.organisations_of(user).filter(pk=row.organisation_id).exists()
        read = announcements.read_count(row) if may_count else None
        return super().get_context_data(row=row, read=read, may_count=may_count, **kwargs)


class AnnouncementAdd(ServicePage):
    """Say something to everybody below."""

    form_class = AnnouncementForm
    template_name = "members/announcement_form.html"

    def dispatch(self, request, *args, **kwargs):
        units = announcements.organisations_of(request.user).filter(is_active=True)
        if request.user.is_authenticated and not units.exists():
            raise Http404
        top = units.order_by("kind__rank", "name")[:MOST] if request.user.is_authenticated else units
        self.units = units.filter(pk__in=list(top.values_list("pk", flat=True))).order_by("kind__rank", "name")
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "units": self.units}

    def save(self, form):
        row = announcements.announce(by=self.request.user, **form.cleaned_data)
        said = ngettext("Told to one person.", "Told to %(n)d people.", row.reach) % {"n": row.reach}
        messages.success(self.request, said)
        return redirect(reverse("members:announcement", args=[row.uuid]))
