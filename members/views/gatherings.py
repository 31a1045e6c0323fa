"""Gatherings: the list, one of them, its making and changing, agenda, minutes, its series and its calendar file."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe
from django.views.generic import TemplateView

from members.forms.gatherings import AgendaForm, CertificateForm, GatheringForm, OutcomeForm
from members.models import AccessLog, Certificate, Gathering, GatheringSeries, Region, Topic
from members.reports import calendar, presence
from members.rules.gatherings import Presence
from members.services import gatherings
from members.views.gathering_photos import photos_context
from members.views.pages import ServicePage, gathering_or_404, log

PER_PAGE = 25


@dataclass(frozen=True)
class Chip:
    """One view of the list."""

    label: str | Promise
    url: str
    on: bool
    count: int | None = None


def gathering_url(gathering: Gathering) -> str:
    """The page of a gathering."""
    return reverse("members:gathering", args=[gathering.uuid])


class GatheringList(TemplateView):
    """What is coming, what was, and what waits to be completed; by topic."""

    template_name = "members/gatherings.html"

    def get_context_data(self, **kwargs):
        user, today = self.request.user, timezone.localdate()
        seen, run = gatherings.seen_by(user), gatherings.run_by(user)
        may_run = gatherings.run_organisations(user).exists()
        to_complete = gatherings.incomplete(run)
        past = Q(held_on__lt=today) & (Q(until_on__isnull=True) | Q(until_on__lt=today))
        view = self.request.GET.get("lihat", "")
        view = view if view in {"", "selesai", *(["lengkapi"] if may_run else [])} else ""
        rows = {
            "": seen.exclude(past).order_by("held_on", "pk"),
            "selesai": seen.filter(past),
            "lengkapi": to_complete,
        }[view]
        topic = self.request.GET.get("topik", "")
        topic = (
            Topic.objects.filter(pk=topic).first() if topic.isascii() and topic.isdigit() and len(topic) < 10 else None
        )
        if topic:
            rows = rows.filter(topics=topic)
        rows = rows.select_related("region", "series").prefetch_related("organisers")
        chips = [
            Chip(gettext_lazy("Coming"), self._url(topic=topic), view == ""),
            Chip(gettext_lazy("Over"), self._url("selesai", topic), view == "selesai"),
        ]
        if may_run:
            chips.append(
                Chip(
                    gettext_lazy("Complete later"),
                    self._url("lengkapi", topic),
                    view == "lengkapi",
                    to_complete.count(),
                )
            )
        topics = Topic.objects.filter(gatherings__in=seen.order_by()).distinct()[:20]
        return super().get_context_data(
            page_obj=Paginator(rows, PER_PAGE).get_page(self.request.GET.get("page")),
            chips=chips,
            topics=[Chip(row.name, self._url(view, None if row == topic else row), row == topic) for row in topics],
            view=view,
            topic=topic,
            may_run=may_run,
            **kwargs,
        )

    def _url(self, view: str = "", topic: Topic | None = None) -> str:
        query = {name: value for name, value in {"lihat": view, "topik": topic.pk if topic else ""}.items() if value}
        return f"{self.request.path}?{urlencode(query)}" if query else self.request.path


class GatheringPage(TemplateView):
    """One gathering: what and where for everybody it concerns; the numbers for those who look after it."""

    template_name = "members/gathering.html"

    def get_context_data(self, **kwargs):
        gathering = gathering_or_404(self.request, self.kwargs["uuid"])
        may_run = gatherings.may_run(gathering, self.request.user)
        mine = gathering.attendances.filter(user=self.request.user).first()
        if may_run:
            kwargs |= {
                "room": presence.of(gathering),
                "opinion": presence.opinion(gathering),
                "certificates": Certificate.objects.filter(attendance__gathering=gathering).count(),
                "without_certificate": gathering.attendances.filter(
                    state=Presence.PRESENT, certificate__isnull=True
                ).count(),
                "certificate_form": CertificateForm(),
            }
        return super().get_context_data(
            gathering=gathering,
            may_run=may_run,
            mine=mine,
            my_certificate=Certificate.objects.filter(attendance=mine).first() if mine else None,
            organisers=gathering.organisers.order_by("name"),
            agenda=gathering.agenda.all(),
            outputs=gathering.outputs.all(),
            carried_on=gatherings.carried_on(gathering),
            versions=gathering.module_versions.select_related("module").defer("text"),
            **photos_context(gathering, self.request.user),
            **kwargs,
        )


class GatheringAdd(ServicePage):
    """Write down a gathering, before or after it took place."""

    form_class = GatheringForm
    template_name = "members/gathering_form.html"

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated and not gatherings.run_organisations(request.user).exists():
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "by": self.request.user}

    def get_initial(self):
        return {"kind": self.request.GET.get("jenis", "")}

    def get_context_data(self, **kwargs):
        return super().get_context_data(back_url=reverse("members:gatherings"), **kwargs)

    def save(self, form):
        gathering = gatherings.hold(by=self.request.user, submit_key=form.cleaned_data["submit_key"], **form.told)
        messages.success(self.request, _("Saved."))
        return redirect(gathering_url(gathering))


class OfGathering(ServicePage):
    """A form about a gathering that its reader looks after."""

    def dispatch(self, request, *args, **kwargs):
        self.gathering = gathering_or_404(request, kwargs["uuid"], run=True)
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        back_url = gathering_url(self.gathering)
        return super().get_context_data(gathering=self.gathering, back_url=back_url, **kwargs)

    def get_success_url(self):
        return gathering_url(self.gathering)


class GatheringEdit(OfGathering):
    """Change what, when and where."""

    form_class = GatheringForm
    template_name = "members/gathering_form.html"

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "by": self.request.user, "gathering": self.gathering}

    def get_initial(self):
        return GatheringForm.initial_of(self.gathering)

    def save(self, form):
        gatherings.change(gathering=self.gathering, by=self.request.user, **form.told)
        messages.success(self.request, _("Saved."))


class Agenda(OfGathering):
    """The agenda: each point with who speaks and in what office that day."""

    form_class = AgendaForm
    template_name = "members/gathering_agenda.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(agenda=self.gathering.agenda.all(), **kwargs)

    def save(self, form):
        gatherings.add_point(gathering=self.gathering, **form.cleaned_data)
        messages.success(self.request, _("Added to the agenda."))

    def get_success_url(self):
        return reverse("members:gathering-agenda", args=[self.gathering.uuid])


@require_POST
def remove_point(request, uuid, pk):
    """Take a point off the agenda."""
    gathering = gathering_or_404(request, uuid, run=True)
    gathering.agenda.filter(pk=pk).delete()
    return redirect("members:gathering-agenda", uuid=uuid)


class Rundown(TemplateView):
    """The agenda on one sheet, to be printed or held up."""

    template_name = "members/gathering_rundown.html"

    def get_context_data(self, **kwargs):
        gathering = gathering_or_404(self.request, self.kwargs["uuid"])
        return super().get_context_data(
            gathering=gathering,
            agenda=gathering.agenda.all(),
            organisers=gathering.organisers.order_by("name"),
            **kwargs,
        )


class Outcome(OfGathering):
    """Write the minutes, and what came out of it."""

    form_class = OutcomeForm
    template_name = "members/gathering_outcome.html"

    def get_initial(self):
        outputs = "\n".join(row.text for row in self.gathering.outputs.all())
        return {"minutes": self.gathering.minutes, "outputs": outputs}

    def get_context_data(self, **kwargs):
        return super().get_context_data(carried_on=gatherings.carried_on(self.gathering), **kwargs)

    def save(self, form):
        gatherings.note_outcome(gathering=self.gathering, **form.cleaned_data)
        messages.success(self.request, _("Saved."))

    def get_success_url(self):
        return gathering_url(self.gathering) + "#hasil"


class Minutes(TemplateView):
    """The minutes on one page: who was there by organisation, what was said, what came out (S1.7)."""

    template_name = "members/gathering_minutes.html"

    def get_context_data(self, **kwargs):
        gathering = gathering_or_404(self.request, self.kwargs["uuid"], run=True)
        log(self.request, AccessLog.Action.PRINT, kind="gathering", uuid=gathering.uuid)
        people = gathering.attendances.filter(state=Presence.PRESENT).order_by("organisation_name", "name")
        return super().get_context_data(
            gathering=gathering,
            room=presence.of(gathering),
            people=people,
            agenda=gathering.agenda.all(),
            outputs=gathering.outputs.all(),
            photos=gathering.photos.all(),
            organisers=gathering.organisers.order_by("name"),
            **kwargs,
        )


class Series(TemplateView):
    """A working group: its meetings one after the other, and what each of them made (S2.2)."""

    template_name = "members/gathering_series.html"

    def get_context_data(self, **kwargs):
        seen = gatherings.seen_by(self.request.user).filter(series__uuid=self.kwargs["uuid"])
        rows = list(
            seen.select_related("region").prefetch_related("outputs", "module_versions__module").order_by("-number")
        )
        if not rows:
            raise Http404
        series = GatheringSeries.objects.select_related("organisation").get(uuid=self.kwargs["uuid"])
        reached = {row.region.parent_id or row.region_id for row in rows if row.region and row.held_on}
        return super().get_context_data(
            series=series,
            rows=rows,
            provinces=len(reached),
            all_provinces=Region.objects.filter(kind=Region.Kind.PROVINCE).count(),
            **kwargs,
        )


@require_safe
def calendar_file(request, uuid):
    """The gathering for the calendar of a phone."""
    gathering = gathering_or_404(request, uuid)
    if gathering.held_on is None:
        raise Http404
    response = HttpResponse(
        calendar.ics([calendar.of_gathering(gathering)], now=timezone.now()),
        content_type="text/calendar; charset=utf-8",
    )
    response["Content-Disposition"] = 'attachment; filename="acara.ics"'
    return response
