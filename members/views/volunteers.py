"""Volunteers: their own page with the card, what a coordinator writes of their path, and the public side of a card."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.generic import TemplateView

from members.forms.volunteers import (
    AboutMeForm,
    AnswerForm,
    CardForm,
    CardPhotoForm,
    CompetenceForm,
    MisuseForm,
    StageForm,
)
from members.models import AdvocatePath, Competence, Organisation, User, VolunteerCard
from members.reports import qr
from members.rules.gatherings import Stage
from members.services import advocates, gatherings, limits, uploads
from members.views.gatherings import Chip
from members.views.pages import ServicePage, address_of, or_404

PER_PAGE = 50
#: Reports from one address in an hour.
REPORTS, REPORT_SECONDS = 6, 3600


def card_address(card: VolunteerCard) -> str:
    """The address that the QR code of a card says."""
    return settings.SITE_URL + reverse("members:card", args=[card.code])


class MyVolunteering(ServicePage):
    """My path, my trainings, my card with its QR code, and what I tell of myself."""

    form_class = AboutMeForm
    template_name = "members/my_volunteering.html"

    def get_initial(self):
        profile = getattr(self.request.user, "volunteer_profile", None)
        return {"gender": profile.gender, "born_from": profile.born_from} if profile else {}

    def get_context_data(self, **kwargs):
        user = self.request.user
        card = _live_card(user)
        return super().get_context_data(
            path=user.advocate_path.select_related("mentor"),
            competences=user.competences.select_related("module"),
            attendances=user.attendances.present()
            .select_related("gathering", "certificate")
            .order_by("-gathering__held_on"),
            card=card,
            holds=bool(card and card.holds_on(timezone.localdate())),
            code=qr.svg(card_address(card), _("QR code of your card")) if card else "",
            **{"photo_form": CardPhotoForm(), **kwargs},
        )

    def save(self, form):
        advocates.tell_of_oneself(user=self.request.user, **form.cleaned_data)
        messages.success(self.request, _("Saved."))

    def get_success_url(self):
        return reverse("members:my-volunteering")


@require_POST
def set_photo(request):
    """The face on my card."""
    card = _live_card(request.user)
    if card is None:
        raise Http404
    form = CardPhotoForm(request.POST, request.FILES)
    try:
        if not form.is_valid():
            raise ValidationError(form.errors["photo"])
        raw = uploads.read(form.cleaned_data["photo"])
        advocates.set_photo(card=card, raw=raw, max_pixels=settings.MAX_PIXELS)
        messages.success(request, _("Saved."))
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    return redirect("members:my-volunteering")


def _live_card(user: User) -> VolunteerCard | None:
    return user.volunteer_cards.filter(revoked_at__isnull=True).select_related("organisation", "user").first()


# For coordinators


@dataclass(frozen=True)
class VolunteerRow:
    """A volunteer in the list."""

    user: User
    stage: AdvocatePath | None


class Volunteers(TemplateView):
    """The volunteers of one's part of the tree by stage; the pool of trainers."""

    template_name = "members/volunteers.html"

    def get_context_data(self, **kwargs):
        by = self.request.user
        if not gatherings.run_organisations(by).exists():
            raise Http404
        people = advocates.volunteers_of(by).order_by("full_name")
        view = self.request.GET.get("tahap", "")
        if view in Stage.values:
            stages = AdvocatePath.objects.filter(until_on__isnull=True, stage=view)
            people = people.filter(pk__in=stages.values("user"))
        elif view == "pelatih":
            people = people.filter(pk__in=Competence.objects.filter(skill=Competence.Skill.TRAINER).values("user"))
        else:
            view = ""
        page = Paginator(people, PER_PAGE).get_page(self.request.GET.get("page"))
        users = list(page.object_list)
        open_stages = AdvocatePath.objects.filter(user__in=users, until_on__isnull=True).select_related("mentor")
        by_user = {row.user_id: row for row in open_stages}
        here = self.request.path
        return super().get_context_data(
            page_obj=page,
            rows=[VolunteerRow(user, by_user.get(user.pk)) for user in users],
            chips=[
                Chip(_("All"), here, view == ""),
                *(Chip(label, f"{here}?tahap={value}", view == value) for value, label in Stage.choices),
                Chip(_("Trainers"), f"{here}?tahap=pelatih", view == "pelatih"),
            ],
            misuse=advocates.misuse_seen_by(by).filter(handled_at__isnull=True).count(),
            **kwargs,
        )


class VolunteerPage(TemplateView):
    """One volunteer: path, mentor, what they are able to do, trainings and card. For their coordinators."""

    template_name = "members/volunteer.html"
    http_method_names = ["get", "head", "options", "post"]
    forms = ("stage_form", "competence_form", "card_form")

    def dispatch(self, request, *args, **kwargs):
        self.person = or_404(request, advocates.volunteers_of(request.user), "user", kwargs["uuid"])
        return super().dispatch(request, *args, **kwargs)

    def _forms(self, data=None) -> dict:
        by, person = self.request.user, self.person
        mentors = advocates.volunteers_of(by).exclude(pk=person.pk).order_by("full_name")
        stage = person.advocate_path.filter(until_on__isnull=True).first()
        initial = {"stage": stage.stage, "mentor": stage.mentor.uuid if stage.mentor else ""} if stage else {}
        offices = person.appointments.live().values("organisation")
        units = Organisation.objects.filter(pk__in=offices) & gatherings.run_organisations(by)
        return {
            "stage_form": StageForm(data, mentors=mentors, initial=initial),
            "competence_form": CompetenceForm(data, by=by),
            "card_form": CardForm(data, organisations=units.order_by("name")),
        }

    def get_context_data(self, **kwargs):
        person = self.person
        return super().get_context_data(
            person=person,
            is_me=person.pk == self.request.user.pk,
            path=person.advocate_path.select_related("mentor"),
            competences=person.competences.select_related("module"),
            attendances=person.attendances.present().select_related("gathering").order_by("-gathering__held_on"),
            card=_live_card(person),
            **{**self._forms(), **kwargs},
        )

    def post(self, request, *args, **kwargs):
        act = request.POST.get("act", "")
        if self.person.pk == request.user.pk:
            messages.error(request, _("Ask another coordinator: nobody writes their own path."))
        elif act == "revoke":
            if card := _live_card(self.person):
                advocates.revoke_card(card=card, by=request.user)
                messages.success(request, _("The card no longer counts."))
        elif f"{act}_form" in self.forms:
            return self._keep(act)
        return redirect("members:volunteer", uuid=self.person.uuid)

    def _keep(self, act: str):
        form = self._forms(self.request.POST)[f"{act}_form"]
        if form.is_valid():
            try:
                self._save(act, form.cleaned_data)
            except ValidationError as refusal:
                form.add_error(None, refusal.messages[0])
            else:
                messages.success(self.request, _("Saved."))
                return redirect("members:volunteer", uuid=self.person.uuid)
        return self.render_to_response(self.get_context_data(**{f"{act}_form": form, "form": form}))

    def _save(self, act: str, given: dict) -> None:
        by = self.request.user
        if act == "stage":
            advocates.set_stage(user=self.person, by=by, **given)
        elif act == "competence":
            advocates.give_competence(user=self.person, **given)
        else:
            advocates.issue_card(user=self.person, by=by, **given)


class MisuseReports(ServicePage):
    """What people outside told of cards of one's part of the tree."""

    form_class = AnswerForm
    template_name = "members/misuse_reports.html"

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated and not gatherings.run_organisations(request.user).exists():
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        rows = advocates.misuse_seen_by(self.request.user).select_related("card__organisation", "handled_by")
        return super().get_context_data(rows=rows[:100], **kwargs)

    def save(self, form):
        uuid = self.request.POST.get("report", "")
        report = next((row for row in advocates.misuse_seen_by(self.request.user) if str(row.uuid) == uuid), None)
        if report is None:
            raise ValidationError(_("Choose one from the list."))
        advocates.answer_misuse(report=report, by=self.request.user, **form.cleaned_data)
        messages.success(self.request, _("Saved."))

    def get_success_url(self):
        return reverse("members:misuse-reports")


# For anyone


@method_decorator([login_not_required, never_cache], name="dispatch")
class Card(ServicePage):
    """Whether a card holds: name, photo, unit, validity; and a form to report misuse. Never anything of a patient."""

    form_class = MisuseForm
    template_name = "members/card.html"

    def dispatch(self, request, *args, **kwargs):
        self.card = advocates.card_behind(kwargs["code"])
        if self.card is None:
            return render(request, "members/card.html", {"card": None}, status=404)
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        holds = self.card.holds_on(timezone.localdate())
        return super().get_context_data(card=self.card, holds=holds, is_told="terkirim" in self.request.GET, **kwargs)

    def save(self, form):
        if not limits.allow("misuse", address_of(self.request), limit=REPORTS, seconds=REPORT_SECONDS):
            raise ValidationError(_("Too many reports from here. Try again in an hour."))
        advocates.report_misuse(card=self.card, **form.cleaned_data)

    def get_success_url(self):
        return f"{reverse('members:card', args=[self.card.code])}?terkirim=1"


@require_safe
@login_not_required
def card_photo(request, code):
    """The face on a card that holds; of any other, nothing."""
    card = advocates.card_behind(code)
    if card is None or not card.holds_on(timezone.localdate()):
        raise Http404
    try:
        data = advocates.photo(card)
    except FileNotFoundError:
        raise Http404 from None
    response = HttpResponse(data, content_type="image/webp")
    response["Cache-Control"] = "private, max-age=300"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
