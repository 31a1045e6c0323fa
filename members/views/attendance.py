"""The people of a gathering: invited, at the door with the QR code, present; and what they thought."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView

from members.forms.gatherings import CheckInForm, FeedbackForm, InviteForm, PartiesForm
from members.models import AccessLog, Attendance
from members.reports import presence, qr
from members.rules.gatherings import Presence
from members.services import attendance, limits
from members.views.pages import ServicePage, address_of, gathering_or_404, log

#: One hall is one address of the net: sixty people come in within ten minutes, twice over.
KNOCKS, KNOCK_SECONDS = 150, 600


def people_url(gathering) -> str:
    """The people of a gathering."""
    return reverse("members:gathering-people", args=[gathering.uuid])


class People(TemplateView):
    """Everybody on the list, by organisation; inviting organisations and people by paste. For organisers alone."""

    template_name = "members/gathering_people.html"
    http_method_names = ["get", "head", "options", "post"]

    def dispatch(self, request, *args, **kwargs):
        self.gathering = gathering_or_404(request, kwargs["uuid"], run=True)
        if request.method == "GET":
            log(request, AccessLog.Action.REVEAL, kind="gathering", uuid=self.gathering.uuid)
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        rows = self.gathering.attendances.select_related("party").order_by("party__name", "organisation_name", "name")
        return super().get_context_data(
            gathering=self.gathering,
            rows=rows,
            room=presence.of(self.gathering),
            states=[Presence.PRESENT, Presence.CONFIRMED, Presence.ABSENT],
            **{"parties_form": PartiesForm(), "invite_form": InviteForm(), **kwargs},
        )

    def post(self, request, *args, **kwargs):
        if "pihak-names" in request.POST:
            return self._invite_parties(PartiesForm(request.POST))
        return self._invite_people(InviteForm(request.POST))

    def _invite_parties(self, form):
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(parties_form=form))
        count = attendance.invite_organisations(gathering=self.gathering, names=form.cleaned_data["names"])
        messages.success(
            self.request, ngettext("%(n)d organisation invited.", "%(n)d organisations invited.", count) % {"n": count}
        )
        return redirect(people_url(self.gathering))

    def _invite_people(self, form):
        if form.is_valid():
            try:
                count = attendance.invite(gathering=self.gathering, **form.cleaned_data)
            except ValidationError as refusal:
                form.add_error("people", refusal)
            else:
                words = ngettext("%(n)d person put on the list.", "%(n)d people put on the list.", count)
                messages.success(self.request, words % {"n": count})
                return redirect(people_url(self.gathering))
        return self.render_to_response(self.get_context_data(invite_form=form))


@require_POST
def mark(request, uuid, person):
    """Said yes, is here, or is not."""
    gathering = gathering_or_404(request, uuid, run=True)
    row = Attendance.objects.filter(gathering=gathering, uuid=person).first()
    if row is not None:
        try:
            attendance.mark(attendance=row, state=request.POST.get("state", ""), by=request.user)
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
    return redirect(f"{people_url(gathering)}#orang-{person}")


class Door(TemplateView):
    """The QR code at the door, large; opened, closed and renewed here."""

    template_name = "members/gathering_door.html"
    http_method_names = ["get", "head", "options", "post"]

    def dispatch(self, request, *args, **kwargs):
        self.gathering = gathering_or_404(request, kwargs["uuid"], run=True)
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        gathering, now = self.gathering, timezone.now()
        is_open = bool(gathering.door_secret and gathering.door_until and gathering.door_until > now)
        if is_open:
            address = settings.SITE_URL + reverse("members:check-in", args=[gathering.uuid, gathering.door_secret])
            opinion = settings.SITE_URL + reverse("members:feedback", args=[gathering.uuid, gathering.door_secret])
            kwargs |= {
                "address": address,
                "code": qr.svg(address, _("QR code to come in")),
                "opinion_address": opinion,
                "opinion_code": qr.svg(opinion, _("QR code for your opinion")),
            }
        present = gathering.attendances.present().count()
        return super().get_context_data(gathering=gathering, is_open=is_open, present=present, **kwargs)

    def post(self, request, *args, **kwargs):
        act = request.POST.get("act", "")
        if act == "open":
            attendance.open_door(gathering=self.gathering)
        elif act == "close":
            attendance.close_door(gathering=self.gathering)
        return redirect("members:gathering-door", uuid=self.gathering.uuid)


class BehindTheDoor(ServicePage):
    """What the QR code opens, for anyone who stands there. Nothing of the list is shown."""

    def dispatch(self, request, *args, **kwargs):
        self.gathering = attendance.behind_door(kwargs["uuid"], kwargs["secret"])
        if self.gathering is None:
            return render(request, "members/door_closed.html", status=404)
        if request.method == "POST" and not self._may_knock():
            return render(request, "members/door_busy.html", {"gathering": self.gathering}, status=429)
        response = super().dispatch(request, *args, **kwargs)
        response["Referrer-Policy"] = "same-origin"
        return response

    def _may_knock(self) -> bool:
        door = f"{self.request.resolver_match.url_name}:{self.gathering.pk}"
        return limits.allow(door, address_of(self.request), limit=KNOCKS, seconds=KNOCK_SECONDS)

    def here(self, **query) -> str:
        """The same address, with what has just been done."""
        return self.request.path + ("?" + "&".join(f"{key}={value}" for key, value in query.items()) if query else "")

    def get_context_data(self, **kwargs):
        args = [self.gathering.uuid, self.kwargs["secret"]]
        return super().get_context_data(
            gathering=self.gathering,
            is_done="selesai" in self.request.GET and self.request.method == "GET",
            door_url=reverse("members:check-in", args=args),
            opinion_url=reverse("members:feedback", args=args),
            **kwargs,
        )


@method_decorator([login_not_required, never_cache], name="dispatch")
class CheckIn(BehindTheDoor):
    """Come in: one tap for who is signed in, name and union for everybody else."""

    form_class = CheckInForm
    template_name = "members/check_in.html"

    def get_context_data(self, **kwargs):
        user = self.request.user
        mine = self.gathering.attendances.filter(user=user).first() if user.is_authenticated else None
        return super().get_context_data(
            mine=mine,
            is_in=bool(mine and mine.state == Presence.PRESENT),
            as_other="lain" in self.request.GET,
            **kwargs,
        )

    def post(self, request, *args, **kwargs):
        if request.user.is_authenticated and request.POST.get("act") == "me":
            attendance.check_in_user(gathering=self.gathering, user=request.user)
            return redirect(self.here(selesai=1))
        return super().post(request, *args, **kwargs)

    def save(self, form):
        attendance.check_in_name(gathering=self.gathering, **form.cleaned_data)
        return redirect(self.here(selesai=1))


@method_decorator([login_not_required, never_cache], name="dispatch")
class FeedbackPage(BehindTheDoor):
    """What people thought, without a name."""

    form_class = FeedbackForm
    template_name = "members/feedback.html"

    def save(self, form):
        attendance.give_feedback(gathering=self.gathering, **form.cleaned_data)
        return redirect(self.here(selesai=1))
