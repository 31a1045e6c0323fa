"""The facilities asked for a case: one after the other, on one page."""

from datetime import timedelta

from django.contrib import messages
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.forms.attempt import CARRIED_ON, AttemptForm
from cases.models import Attempt, Case
from cases.reports import attempts as report
from cases.rules.registers import Answer
from cases.services import attempts
from cases.views.case_form import CaseFormPage
from cases.views.gate import log
from cases.views.people import whatsapp_link
from members.models import AccessLog, Body
from members.rules.roles import Permission
from members.services import places

#: So long the next form takes over unit, class and referral of the last call.
SAME_ROUND = timedelta(hours=12)
#: Facilities offered while the name is typed.
MOST_OFFERED = 60


class Attempts(CaseFormPage):
    """What was asked of whom; write the next one where one may write."""

    form_class = AttemptForm
    template_name = "cases/attempts.html"
    permission = Permission.CASE_VIEW
    shows_the_case = True
    earlier: Attempt | None = None

    def post(self, request, *args, **kwargs):
        self.permission = Permission.CASE_WORK
        self.case = self.find_case()
        return super().post(request, *args, **kwargs)

    def get_initial(self):
        last = self.case.attempts.filter(logged_by=self.request.user, logged_at__gt=self.now - SAME_ROUND)
        if (row := last.order_by("-pk").first()) is None:
            return {}
        return {name: getattr(row, name) for name in CARRIED_ON}

    def get_form_kwargs(self):
        goes_on = "lanjut" in self.request.GET and self.request.method == "GET"
        return {**super().get_form_kwargs(), "zone": self.case.zone, "now": self.now, "focus": goes_on}

    def get_context_data(self, **kwargs):
        may_work = Case.objects.permitted(self.request.user, Permission.CASE_WORK).filter(pk=self.case.pk).exists()
        days = report.of_case(self.case)
        return super().get_context_data(
            days=days,
            facilities=report.facilities_of(days),
            asked=self._asked(days) if may_work else [],
            offered=self._offered(days) if may_work else [],
            earlier=self.earlier,
            may_work=may_work,
            **self._text(days),
            **{"is_closed_now": may_work and not self.case.is_open, **kwargs},
        )

    def form_valid(self, form):
        given = form.cleaned_data
        self.body = places.find_or_create(given["facility"], region=self.case.region) if given["facility"] else None
        sent_before = given["submit_key"] and self.case.attempts.filter(submit_key=given["submit_key"]).exists()
        self.earlier = None if sent_before else attempts.asked_recently(self.case, self.body, now=self.now)
        if self.earlier and given["again"] != str(self.earlier.uuid):
            return self.render_to_response(self.get_context_data(form=form))
        return super().form_valid(form)

    def save(self, form):
        given = form.cleaned_data
        names = ("answer", "reason", "officer", "officer_role", "beds_free", "queue_place", *CARRIED_ON)
        attempt = attempts.ask(
            case=self.case,
            body=self.body,
            at=form.at,
            on_day=form.on_day,
            by=self.request.user,
            now=self.now,
            submit_key=given["submit_key"],
            **{name: given[name] for name in names},
        )
        words = _("Noted: %(facility)s, %(answer)s.") % {
            "facility": attempt.body or _("facility not known"),
            "answer": str(Answer(attempt.answer).label).lower(),
        }
        messages.success(self.request, words)

    def get_success_url(self) -> str:
        return reverse("cases:attempts", args=[self.case.uuid]) + "?lanjut=1"

    def _asked(self, days) -> list[Attempt]:
        """The last answer of each facility asked lately, for the hint while the name is typed."""
        since = self.now - attempts.RECENTLY
        rows = (row.attempt for day in days for row in day.rows)
        latest: dict[int, Attempt] = {}
        for row in rows:
            if row.body_id and row.at > since:
                latest.setdefault(row.body_id, row)
        return list(latest.values())

    def _offered(self, days) -> list[str]:
        """Names to choose from: facilities of the region and its province, and the place of the case."""
        rows = Body.objects.filter(merged_into__isnull=True, kinds__is_facility=True)
        if region := self.case.region:
            near = [region.pk, *([region.parent_id] if region.parent_id else [])]
            rows = rows.filter(region__in=near) | rows.filter(region__parent__in=near)
        names = list(rows.order_by("name").values_list("name", flat=True).distinct()[:MOST_OFFERED])
        known = [str(row.attempt.body) for day in days for row in day.rows if row.attempt.body]
        own = [str(self.case.place)] if self.case.place else []
        return list(dict.fromkeys([*own, *names, *known]))

    def _text(self, days) -> dict:
        """The text for a group, when it was asked for; that it was is noted."""
        if not days or "bagikan" not in self.request.GET or self.request.method != "GET":
            return {"text": ""}
        log(self.request, AccessLog.Action.EXPORT, uuid=self.case.uuid, reason="faskes")
        text = attempts.summary(self.case)
        return {"text": text, "link": whatsapp_link("", text)}
