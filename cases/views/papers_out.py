"""Papers that go out: the hearing dossier, the month, the data pack, a case review; a chronology and a story of one case."""

from datetime import date

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone, translation
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.generic import FormView, TemplateView

from cases.forms.papers_out import (
    DossierForm,
    OrderForm,
    PackForm,
    RecapForm,
    ReviewForm,
    SubjectForm,
    last_quarter,
    units_for,
)
from cases.models import Case
from cases.reports import anonymous, dossier, recap, review
from cases.reports.figures import Period
from cases.rules.errors import Refused
from cases.rules.printing import Audience, PrintKind
from cases.rules.registers import Purpose
from cases.services import consents, printouts
from cases.views.case_form import case_url
from cases.views.gate import case_or_404, log
from cases.views.people import names_open
from cases.views.printouts import ordered
from members.models import AccessLog
from members.rules import words
from members.rules.roles import Permission

#: Cases offered for a review.
MOST_OFFERED = 40


class OrderPage(FormView):
    """A paper is described in the address, and ordered by a form below it. For whoever may order one somewhere."""

    form_class = OrderForm
    kind: str = ""
    asks: type = SubjectForm
    #: The field that says the address was filled in.
    sign = "dari"

    def dispatch(self, request, *args, **kwargs):
        if not units_for(request.user, self.kind):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def asked(self):
        """What the address says; unbound while it says nothing."""
        data = self.request.GET if self.sign in self.request.GET else None
        return self.ask(data)

    def ask(self, data):
        return self.asks(data, user=self.request.user, initial=self.initial_of())

    def initial_of(self) -> dict:
        return last_quarter()

    @cached_property
    def is_asked(self) -> bool:
        return self.asked.is_bound and self.asked.is_valid()

    def get_context_data(self, **kwargs):
        if not self.is_asked:  # what the address says is the form of this page, and its faults are the page's
            kwargs["form"] = self.asked
        return super().get_context_data(asked=self.asked, is_asked=self.is_asked, **kwargs)

    def post(self, request, *args, **kwargs):
        if not self.is_asked:
            return self.render_to_response(self.get_context_data())
        return super().post(request, *args, **kwargs)

    def form_valid(self, form):
        try:
            row = printouts.order(
                kind=self.kind,
                by=self.request.user,
                organisation=self.unit,
                params=self.params(form),
                content=self.content(form),
                submit_key=form.cleaned_data["submit_key"],
            )
        except Refused as refused:
            form.add_error(None, refused.message)
            return self.render_to_response(self.get_context_data(form=form), status=409)
        return ordered(row)

    @property
    def unit(self):
        return self.asked.cleaned_data["unit"]

    def params(self, form) -> dict:
        raise NotImplementedError

    def content(self, form) -> dict:
        return {}


class Dossier(OrderPage):
    """What it is about and who reads it; then the stories, the demands and who goes."""

    template_name = "cases/dossier.html"
    kind = PrintKind.DOSSIER
    form_class = DossierForm

    def initial_of(self) -> dict:
        return {**last_quarter(), "pembaca": Audience.INTERNAL}

    @cached_property
    def period(self) -> Period:
        given = self.asked.cleaned_data
        return Period(given["dari"], given["sampai"], self.unit.zone, timezone.now())

    @cached_property
    def cases(self):
        return dossier.within(self.request.user, self.unit, self.asked.subject, self.period)

    @cached_property
    def proposed(self) -> list[Case]:
        if not self.is_asked:
            return []
        return dossier.proposals(self.cases, self.period, self.asked.cleaned_data["pembaca"])

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "proposed": self.proposed}

    def get_initial(self):
        if not self.is_asked:
            return {}
        before = dossier.asked_before(self.request.user, self.asked.subject)
        return {
            "cases": [str(case.uuid) for case in self.proposed[: dossier.STORIES]],
            "demands": "\n".join(row.text for row in before),
        }

    def get_context_data(self, **kwargs):
        count = self.cases.count() if self.is_asked else None
        return super().get_context_data(count=count, is_public=self.is_public, **kwargs)

    @property
    def is_public(self) -> bool:
        return self.is_asked and self.asked.cleaned_data["pembaca"] == Audience.PUBLIC

    def params(self, form) -> dict:
        return {**self.asked.params, "cases": form.cleaned_data["cases"]}

    def content(self, form) -> dict:
        return dossier.typed(form.cleaned_data["demands"], form.cleaned_data["attendees"])


class Said(OrderPage):
    """What the address says, read once more before it is ordered."""

    def get_context_data(self, **kwargs):
        said = [(self.asked[name].label, self.word(name)) for name in self.asked.fields] if self.is_asked else []
        return super().get_context_data(said=[pair for pair in said if pair[1]], **kwargs)

    def word(self, name: str) -> str:
        """One answer in words."""
        given = self.asked.cleaned_data[name]
        if isinstance(given, date):
            return words.day(given)
        return str(dict(getattr(self.asked.fields[name], "choices", ())).get(given, given))


class Recap(Said):
    """The month of a unit, for its meeting."""

    template_name = "cases/recap.html"
    kind = PrintKind.RECAP
    sign = "bulan"

    def ask(self, data):
        months = [(key, recap.month_name(first)) for key, first in recap.months(timezone.now(), self.request.user.zone)]
        return RecapForm(data, user=self.request.user, months=months)

    def params(self, form) -> dict:
        return {"month": self.asked.cleaned_data["bulan"]}

    def get_context_data(self, **kwargs):
        """With the month whole: the one page may have to cut its lists."""
        if self.is_asked:
            kwargs["page"] = recap.of_month(self.request.user, self.unit, self.asked.cleaned_data["bulan"])
        return super().get_context_data(**kwargs)


class Pack(Said):
    """Numbers of a period without names."""

    template_name = "cases/pack.html"
    kind = PrintKind.PACK
    asks = PackForm

    def params(self, form) -> dict:
        given = self.asked.cleaned_data
        return {
            "from": given["dari"].isoformat(),
            "until": given["sampai"].isoformat(),
            "programme": given["program"],
            "sector": given["sektor"],
            "format": given["bentuk"],
        }


class Review(OrderPage):
    """Three cases to learn from."""

    template_name = "cases/review.html"
    kind = PrintKind.REVIEW
    form_class = ReviewForm

    @cached_property
    def asked(self):
        return OrderForm({})

    @cached_property
    def is_asked(self) -> bool:
        return True

    @cached_property
    def unit(self):
        return units_for(self.request.user, self.kind)[0]

    def get_form_kwargs(self):
        rows = review.reviewable(self.request.user).order_by("-closed_at", "-last_event_at")[:MOST_OFFERED]
        return {**super().get_form_kwargs(), "proposed": list(rows)}

    def params(self, form) -> dict:
        return {"cases": form.cleaned_data["cases"]}


# One case


@require_safe
def chronology(request, uuid):
    """The chronology of a case as PDF, nobody named."""
    case = case_or_404(request, uuid, Permission.CASE_VIEW)
    log(request, AccessLog.Action.PRINT, uuid=case.uuid, reason="chronology:initials")
    with translation.override(printouts.LANGUAGE):
        story = anonymous.story(case, secrets=anonymous.secrets_of([case], diagnosis=False))
        return _file(case, story, note=_("Without names. Read it before you hand it out."))


@require_POST
def chronology_named(request, uuid):
    """The same with names: for who carries the case, on purpose, with the reason in the log."""
    case = case_or_404(request, uuid, Permission.CASE_WORK)
    if case.assignee_id != request.user.pk or not names_open(case, request.user, request):
        log(request, AccessLog.Action.REFUSED, uuid=case.uuid, reason="chronology:names")
        raise Http404
    log(request, AccessLog.Action.PRINT, uuid=case.uuid, reason="chronology:names")
    with translation.override(printouts.LANGUAGE):
        people = list(case.parties.select_related("person"))
        story = anonymous.story(case, secrets=None)
        return _file(case, story, people=people, note=_("With names: only for the office it is meant for."))


class Story(TemplateView):
    """The story of a case to be published; closed until the family has agreed (S0.6)."""

    template_name = "cases/story.html"

    def get_context_data(self, **kwargs):
        case = case_or_404(self.request, kwargs["uuid"], Permission.CASE_WORK)
        may = not case.is_restricted and consents.is_live(case, Purpose.PUBLISH)
        log(self.request, AccessLog.Action.OPEN, uuid=case.uuid)
        with translation.override(printouts.LANGUAGE):
            told = review.published(case) if may else None
        return super().get_context_data(case=case, may=may, story=told, back_url=case_url(case), **kwargs)


@require_safe
def story_file(request, uuid, form):
    """The story as text or PDF; the export is logged."""
    case = case_or_404(request, uuid, Permission.CASE_WORK)
    if case.is_restricted or not consents.is_live(case, Purpose.PUBLISH):
        return redirect("cases:story", uuid=case.uuid)
    log(request, AccessLog.Action.EXPORT, uuid=case.uuid, reason="story:publish")
    with translation.override(printouts.LANGUAGE):
        story = review.published(case)
        if form == "pdf":
            return _file(None, story, note=_("Told with the consent of the family, without names."))
    response = HttpResponse(review.as_text(story), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="cerita.txt"'
    response["Cache-Control"] = "no-store"
    return response


def _file(case: Case | None, story: anonymous.Story, *, note: str, people=()) -> HttpResponse:
    name = case.number if case else "cerita"
    built = dossier.paper(
        "pdf/story.html",
        {
            "story": story,
            "people": people,
            "note": note,
            "shows_place": case is not None,
            "number": case.number if case else _("Story"),
            "desk": str(case.desk) if case else "",
        },
    )
    response = HttpResponse(built.data, content_type=built.content_type)
    if built.extension == "pdf":
        response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    response["Cache-Control"] = "no-store"
    return response
