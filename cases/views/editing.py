"""Change the facts of a case."""

from django.db import transaction
from django.utils.translation import gettext as _

from cases.forms.editing import EditForm, values_of
from cases.models import Event
from cases.rules.codes import Channel, EventCode, Membership, Urgency, Whereabouts
from cases.rules.registers import Restriction
from cases.services import editing, restriction
from cases.views.case import moment_or_day
from cases.views.gate import case_or_404
from cases.views.merging import MergingPage
from cases.views.people import names_open
from members.services import places

_CHOICES = {
    "restriction": Restriction,
    "urgency": Urgency,
    "whereabouts": Whereabouts,
    "channel": Channel,
    "membership": Membership,
}


class CaseEdit(MergingPage):
    """Every fact on one page; saved with somebody else's changes where they do not touch."""

    form_class = EditForm
    template_name = "cases/case_edit.html"
    long_fields = ("story",)
    anchor = "data"
    shows_the_case = True

    def get_form_kwargs(self):
        shows = names_open(self.case, self.request.user, self.request)
        may_restrict = restriction.may_restrict(self.request.user, self.case)
        kwargs = super().get_form_kwargs()
        kwargs.pop("initial")
        return {**kwargs, "case": self.case, "now": self.now, "shows_diagnosis": shows, "may_restrict": may_restrict}

    def values_now(self):
        self.case = case_or_404(self.request, self.kwargs["uuid"], self.permission)
        return values_of(self.case)

    def typed(self, form):
        return form.values

    def label(self, form, name):
        own = {"occurred_at": _("When"), "reported_at": _("When the report reached us")}
        return own.get(name) or super().label(form, name)

    def said(self, name, value):
        if name in _CHOICES:
            return str(_CHOICES[name](value).label)
        if name == "problem_types":
            return ", ".join(sorted(row.chip for row in value)) or _("empty")
        if name == "programmes":
            return ", ".join(sorted(row.label for row in value)) or _("empty")
        if name in {"occurred_at", "reported_at"} and value:
            return moment_or_day(value, self.case.zone)
        if hasattr(value, "chip"):
            return value.chip
        return str(value) if value else _("empty")

    @transaction.atomic
    def store(self, form, changes):
        changes = dict(changes)
        why = changes.pop("restriction", "")
        types, programmes = changes.pop("problem_types", None), changes.pop("programmes", None)
        if "place" in changes:
            region = changes.get("region") or self.case.region
            changes["place"] = places.find_or_create(changes["place"], region=region)
        self.case = editing.edit(
            case=self.case,
            changes=changes,
            problem_types=types,
            programmes=programmes,
            version=self.case.version,
            by=self.request.user,
            now=self.now,
        )
        if why:
            self.case = restriction.restrict(case=self.case, reason=why, by=self.request.user, now=self.now)

    def last_saved(self) -> Event | None:
        rows = self.case.events.filter(type__code=EventCode.EDITED).select_related("logged_by")
        return rows.order_by("-pk").first()
