"""Tell what just happened, and put right what was told."""

from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from cases.forms.event import CorrectionForm, EventForm
from cases.models import Case, Event, EventType
from cases.reports import chronicle, event_types
from cases.rules.codes import EventCode
from cases.rules.errors import Refused
from cases.rules.status import may_be_told
from cases.services import facts
from cases.views.case import chips_of, open_plans
from cases.views.case_form import CaseFormPage, case_url
from cases.views.gate import case_or_404, event_or_404
from members.models import Body
from members.rules.roles import Permission
from members.services import places

#: In place of a code: the chip comes with the form.
ANY = "baru"


class EventAdd(CaseFormPage):
    """One fact. The case page posts here too, with the chip that was tapped; a death is asked once more."""

    form_class = EventForm
    template_name = "cases/event_add.html"
    anchor = "perjalanan"

    def dispatch(self, request, *args, **kwargs):
        self.type = self.find_type(request.POST.get("type") or kwargs.get("code", ""))
        return super().dispatch(request, *args, **kwargs)

    @staticmethod
    def find_type(code: str) -> EventType | None:
        return EventType.objects.filter(code=code, is_system=False).first()

    def get(self, request, *args, **kwargs):
        if self.type is None:
            if kwargs["code"] == ANY:
                return redirect(f"{self.back_url()}#baru")
            raise Http404
        return super().get(request, *args, **kwargs)

    def post(self, request, *args, **kwargs):
        if self.type is None:
            if kwargs["code"] == ANY:
                messages.error(request, _("Choose what happened."))
                return redirect(f"{self.back_url()}#baru")
            raise Http404
        if "rincian" in request.POST:  # from the case page, to write more than one sentence
            return self.get(request, *args, **kwargs)
        return super().post(request, *args, **kwargs)

    def get_initial(self):
        return {name: self.request.POST[name] for name in ("text", "on", "hour") if name in self.request.POST}

    def get_form(self, form_class=None):
        if "rincian" in self.request.POST:
            kwargs = {**self.get_form_kwargs(), "data": None, "files": None}
            return self.get_form_class()(**kwargs)
        return super().get_form(form_class)

    def get_form_kwargs(self):
        plans = open_plans(self.case)
        return {**super().get_form_kwargs(), "case": self.case, "type": self.type, "now": self.now, "plans": plans}

    def get_context_data(self, **kwargs):
        is_open_to_it = may_be_told(is_open=self.case.is_open, code=self.type.code)
        living = self.case.follow_ups.open().filter(for_the_living=True) if self.type.closes_living else []
        others = [row for row in chips_of(self.case) if row != self.type]
        return super().get_context_data(
            **{
                "type": self.type,
                "others": others,
                "living": living,
                "is_closed_now": not is_open_to_it,
                **kwargs,
            }
        )

    def form_valid(self, form):
        if self.type.closes_living and "sure" not in self.request.POST:
            return self.render_to_response(self.get_context_data(form=form))
        return super().form_valid(form)

    def save(self, form):
        given = form.cleaned_data
        self.event = facts.tell(
            case=self.case,
            type=self.type,
            by=self.request.user,
            text=given["text"],
            at=form.at,
            on_day=form.on_day,
            body=self.place(given["where"]),
            counterpart=given["counterpart"],
            done=list(given.get("done", [])),
            look_again_at=form.look_again_at,
            look_again_title=form.look_again_title,
            details=form.details,
            now=self.now,
            submit_key=given["submit_key"],
        )
        say_told(self.request, self.event)

    def place(self, text: str) -> Body | None:
        return places.find_or_create(text, region=self.case.region) if text else None


def say_told(request, event: Event) -> None:
    """What was noted, with the way to put it right: a fact is never undone, it is corrected."""
    words = _("Noted: %(what)s.") % {"what": event.type.label}
    correct = reverse("cases:event-correct", args=[event.uuid])
    messages.success(request, format_html('{} <a href="{}">{}</a>', words, correct, _("Correct it")))


class OtherEvents(TemplateView):
    """What may have happened besides the chips: a list by theme, each a page to write it; looked for by words."""

    template_name = "cases/event_others.html"

    def get_context_data(self, **kwargs):
        case = case_or_404(self.request, self.kwargs["uuid"], Permission.CASE_WORK)
        words = self.request.GET.get("cari", "").strip()[:60]
        return super().get_context_data(
            case=case,
            words=words,
            groups=event_types.other_events(case, words),
            is_closed_now=not case.is_open,
            back_url=case_url(case),
            **kwargs,
        )


class EventCorrect(CaseFormPage):
    """Say what it really was; what was told first stays to be read."""

    form_class = CorrectionForm
    template_name = "cases/event_correct.html"
    shows_the_case = True
    anchor = "perjalanan"

    def find_case(self) -> Case:
        self.event = event_or_404(self.request, self.kwargs["uuid"], Permission.CASE_WORK)
        if self.event.type.is_system:
            raise Http404
        self.event = self.event.corrects or self.event
        self.shown = self.event.corrections.select_related("type").order_by("pk").last() or self.event
        return self.event.case

    def get_initial(self):
        there = self.shown.happened_at.astimezone(ZoneInfo(self.case.zone))
        return {
            "type": self.shown.type.code,
            "text": self.shown.text,
            "counterpart": self.shown.counterpart,
            "on": there.date(),
            "hour": None if self.shown.happened_on_day else there.time(),
        }

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "event": self.event, "shown": self.shown, "now": self.now}

    def get_context_data(self, **kwargs):
        rows = chronicle.typed_of(self.shown)
        return super().get_context_data(event=self.event, shown=self.shown, shown_details=rows, **kwargs)

    def save(self, form):
        given = form.cleaned_data
        if form.says_the_same():
            raise Refused(_("Nothing was changed. Change what was wrong."))
        self.corrected = facts.tell(
            case=self.case,
            type=given["type"],
            by=self.request.user,
            text=given["text"],
            at=form.at,
            on_day=form.on_day,
            body=self.shown.body,
            counterpart=given["counterpart"],
            corrects=self.event,
            details=form.details,
            now=self.now,
            submit_key=given["submit_key"],
        )
        taken_back = self.shown.type.code == EventCode.DIED and self.corrected.type.code != EventCode.DIED
        words = _("Corrected. What ended with the death is open again.") if taken_back else _("Corrected.")
        messages.success(self.request, words)
