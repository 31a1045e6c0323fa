"""WhatsApp: a text without identity, the link that opens it, and the line that says it was sent."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView

from cases.forms.people import SentForm
from cases.models import Case
from cases.rules.sharing import Draft
from cases.services import sharing
from cases.views.gate import case_or_404, log
from cases.views.people import names_open, reachable, whatsapp_link
from members.models import AccessLog
from members.rules.numbers import phone_e164
from members.rules.roles import Permission

#: The messages a relawan chooses from on the compose page.
KINDS = (Draft.PAPERS, Draft.NEWS, Draft.DESK)


class WhatsApp(FormView):
    """Choose a text and to whom, open it in WhatsApp, come back and say that it was sent."""

    form_class = SentForm
    template_name = "cases/whatsapp.html"
    permission = Permission.CASE_WORK

    def dispatch(self, request, *args, **kwargs):
        self.case = case_or_404(request, kwargs["uuid"], self.permission)
        self.names_open = names_open(self.case, request.user, request)
        if request.method == "GET" and self.names_open:
            log(request, AccessLog.Action.OPEN_IDENTITY, uuid=self.case.uuid)
        return super().dispatch(request, *args, **kwargs)

    @property
    def kind(self) -> str:
        asked = self.request.GET.get("jenis", "")
        return asked if asked in KINDS else Draft.PAPERS

    def get_context_data(self, **kwargs):
        text = sharing.draft(self.case, self.kind)
        people = reachable(self.case, self.request.user) if self.names_open and self.kind != Draft.DESK else []
        asked = (self.request.GET.get("orang", ""), self.request.GET.get("ke", "1"))
        chosen = next((one for one in people if (str(one.party.uuid), str(one.at)) == asked), None)
        number = chosen.number if chosen else self._number_of_place()
        return super().get_context_data(
            case=self.case,
            kind=self.kind,
            kinds=[(kind.value, kind.label) for kind in KINDS],
            text=text,
            people=people,
            chosen=chosen,
            names_open=self.names_open,
            number=number,
            link=whatsapp_link(number, text),
            submit_key=uuid4(),
            **kwargs,
        )

    def form_valid(self, form):
        party = self.case.parties.filter(uuid=form.cleaned_data["party"]).first()
        sharing.sent(
            case=self.case,
            kind=form.cleaned_data["kind"],
            by=self.request.user,
            party=party,
            submit_key=form.cleaned_data["submit_key"],
        )
        messages.success(self.request, _("Noted on the timeline."))
        return redirect("cases:case-detail", self.case.uuid)

    def form_invalid(self, form):
        messages.error(self.request, _("Choose the message again."))
        return redirect("cases:whatsapp", self.case.uuid)

    def _number_of_place(self) -> str:
        """The number of the facility where it can be one of WhatsApp: a mobile one."""
        if self.kind != Draft.DESK or not self.case.place:
            return ""
        number = phone_e164(self.case.place.phone)
        return number if number.startswith("+628") else ""


class Nudge(TemplateView):
    """A coordinator reminds the relawan by WhatsApp, in one tap, and says that it was sent."""

    template_name = "cases/nudge.html"

    def get_context_data(self, **kwargs):
        case = case_or_404(self.request, self.kwargs["uuid"], Permission.CASE_ASSIGN)
        text = sharing.draft(case, Draft.NUDGE)
        number = phone_e164(case.assignee.whatsapp) if case.assignee else ""
        return super().get_context_data(
            case=case, text=text, number=number, link=whatsapp_link(number, text), submit_key=uuid4(), **kwargs
        )

    def post(self, request, uuid: UUID):
        case = case_or_404(request, uuid, Permission.CASE_ASSIGN)
        form = SentForm({**request.POST.dict(), "kind": Draft.NUDGE})
        key = form.cleaned_data["submit_key"] if form.is_valid() else None
        sharing.sent(case=case, kind=Draft.NUDGE, by=request.user, submit_key=key)
        messages.success(request, _("Noted on the timeline."))
        return redirect("cases:case-detail", case.uuid)


class ShareText(TemplateView):
    """What may be told about a case in any group: no name, no words of anybody."""

    template_name = "cases/share_text.html"

    def get_context_data(self, **kwargs):
        case = case_or_404(self.request, self.kwargs["uuid"], Permission.CASE_VIEW)
        log(self.request, AccessLog.Action.EXPORT, uuid=case.uuid, reason=Draft.SUMMARY)
        text = sharing.draft(case, Draft.SUMMARY)
        may_work = Case.objects.filter(pk=case.pk).permitted(self.request.user, Permission.CASE_WORK).exists()
        return super().get_context_data(
            case=case, text=text, link=whatsapp_link("", text), may_work=may_work, submit_key=uuid4(), **kwargs
        )
