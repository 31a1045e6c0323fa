"""Resolutions of a congress with what their indicator says now: the list, adding, one of them."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from cases.forms.resolution import ResolutionForm, ValueForm
from cases.models import Resolution
from cases.reports import resolutions as report
from cases.rules.indicators import Indicator
from cases.services import resolutions
from members.forms.registers import MOST
from members.services import registers
from members.views.gatherings import gathering_url
from members.views.pages import ServicePage, or_404
from members.views.registers import asked_gathering

PER_PAGE = 25


@dataclass(frozen=True)
class Line:
    """A resolution with its value now."""

    row: Resolution
    present: report.Present


class _Gate:
    """Whoever neither keeps nor reads a register anywhere finds nothing here."""

    def dispatch(self, request, *args, **kwargs):
        if not registers.read_by(request.user).exists():
            raise Http404
        return super().dispatch(request, *args, **kwargs)


class Resolutions(_Gate, TemplateView):
    """Those that are under way first."""

    template_name = "cases/resolutions.html"

    def get_context_data(self, **kwargs):
        user, now = self.request.user, timezone.now()
        page = Paginator(resolutions.seen_by(user), PER_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            page_obj=page,
            lines=[Line(row, report.present(row, user, now=now)) for row in page],
            may_add=registers.kept_by(user).exists(),
            **kwargs,
        )


class ResolutionAdd(_Gate, ServicePage):
    """Write one down, perhaps from a congress."""

    form_class = ResolutionForm
    template_name = "cases/resolution_form.html"

    def dispatch(self, request, *args, **kwargs):
        units = registers.kept_by(request.user).filter(is_active=True)
        if not units.exists():
            raise Http404
        pks = list(units.order_by("kind__rank", "name").values_list("pk", flat=True)[:MOST])
        self.units = units.filter(pk__in=pks).order_by("kind__rank", "name")
        self.meeting = asked_gathering(request)
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "units": self.units}

    def get_context_data(self, **kwargs):
        back_url = gathering_url(self.meeting) if self.meeting else reverse("cases:resolutions")
        return super().get_context_data(back_url=back_url, meeting=self.meeting, **kwargs)

    def save(self, form):
        row = resolutions.add(by=self.request.user, gathering=self.meeting, **form.cleaned_data)
        messages.success(self.request, _("Saved."))
        return redirect("cases:resolution", row.uuid)


class ResolutionPage(_Gate, ServicePage):
    """One resolution: its value now, the numbers before, and noting another."""

    form_class = ValueForm
    template_name = "cases/resolution.html"

    def dispatch(self, request, *args, **kwargs):
        self.row = or_404(request, resolutions.seen_by(request.user), "resolution", kwargs["uuid"])
        self.may_write = registers.kept_by(request.user).filter(pk=self.row.organisation_id).exists()
        if request.method == "POST" and not self.may_write:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def post(self, request, *args, **kwargs):
        if request.POST.get("act") == "end":
            resolutions.end(resolution=self.row)
            messages.success(request, _("Noted as carried out."))
            return redirect("cases:resolution", self.row.uuid)
        return super().post(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        is_typed = self.row.indicator == Indicator.TYPED
        return super().get_context_data(
            row=self.row,
            present=report.present(self.row, self.request.user, now=timezone.now()),
            is_typed=is_typed,
            values=self.row.values.select_related("noted_by")[:50] if is_typed else [],
            may_write=self.may_write,
            **kwargs,
        )

    def save(self, form):
        resolutions.note_value(resolution=self.row, by=self.request.user, **form.cleaned_data)
        messages.success(self.request, _("Saved."))
        return redirect("cases:resolution", self.row.uuid)
