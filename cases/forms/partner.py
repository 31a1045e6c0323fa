"""Who else helps: found among the organisations and offices we know, or by its own name."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.forms.choices import ChoiceRows, two_lines
from cases.forms.moments import DayField, today
from cases.forms.texts import SubmitKey, one_line
from cases.models import Case
from cases.rules.registers import PartnerState
from cases.services import partners
from members.forms.widgets import ChoiceChips
from members.models import Body, Organisation

_LIST = {"invalid_choice": gettext_lazy("Choose one from the list.")}
#: The answer "none of these": the name as it was typed.
FREE = "nama"
#: More that fit a name are not offered; another word narrows them.
_MOST = 6


class StateFields(forms.Form):
    """What became of it, on which day, the task and who is there."""

    task = one_line(200, label=gettext_lazy("Which task?"), required=False)
    contact = one_line(120, label=gettext_lazy("With whom there?"), required=False)
    state = forms.ChoiceField(
        label=gettext_lazy("Where does it stand?"),
        choices=PartnerState.choices,
        widget=ChoiceChips,
        error_messages={"required": gettext_lazy("Choose where it stands."), **_LIST},
    )
    state_on = DayField(
        label=gettext_lazy("Since which day?"), help_text=gettext_lazy("Leave empty where nobody knows it.")
    )

    case: Case
    now: datetime

    def clean_state_on(self):
        day = self.cleaned_data["state_on"]
        if day and day > self.now.astimezone(ZoneInfo(self.case.zone)).date():
            raise forms.ValidationError(_("This day is still to come. For what is to be done, use a follow-up."))
        return day

    def stop_today(self) -> None:
        """The calendar ends today."""
        self.fields["state_on"].widget.attrs["max"] = today(self.now, self.case.zone)


class PartnerForm(SubmitKey, StateFields):
    """Who helps. A name that fits one exactly is that one; one that fits several is asked for once."""

    name = one_line(160, label=gettext_lazy("Who helps?"), empty=gettext_lazy("Write who helps."))
    which = forms.ChoiceField(
        label=gettext_lazy("Which one is meant?"), required=False, widget=ChoiceRows, error_messages=_LIST
    )

    field_order = ["name", "which", "task", "contact", "state", "state_on"]

    def __init__(self, *args, case: Case, now: datetime, **kwargs):
        super().__init__(*args, **kwargs)
        self.case, self.now = case, now
        self.organisation: Organisation | None = None
        self.body: Body | None = None
        self.stop_today()
        self.found = self._find(" ".join((self.data.get("name") or "").split())) if self.is_bound else {}
        if self.found:
            self.fields["which"].choices = [
                *((key, self._said(row)) for key, row in self.found.items()),
                (FREE, _("None of these: keep the name as I wrote it")),
            ]
        else:
            del self.fields["which"]

    @staticmethod
    def _find(name: str) -> dict[str, Organisation | Body]:
        """What the name may mean, by the value of its row; empty where nothing fits."""
        if len(name) < 2:
            return {}
        unions = partners.search(name).select_related("region")[:_MOST]
        offices = partners.search_bodies(name).select_related("region")[:_MOST]
        return {f"{type(row).__name__.lower()}-{row.uuid}": row for row in [*unions, *offices]}

    @staticmethod
    def _said(row: Organisation | Body):
        kind = _("union or unit") if isinstance(row, Organisation) else _("facility or office")
        return two_lines(str(row), f"{kind}, {row.region}" if row.region else kind)

    def clean(self):
        given = super().clean()
        name, which = given.get("name"), given.get("which")
        if self.errors.keys() & {"name", "which"} or not self.found:
            return given
        if not which:
            exact = [key for key, row in self.found.items() if name.lower() in _names(row)]
            if len(exact) != 1:
                self.add_error("which", _("Choose which one is meant."))
                return given
            which = exact[0]
        row = self.found.get(which)
        if isinstance(row, Organisation):
            self.organisation = row
        elif row is not None:
            self.body = row
        return given


class PartnerEditForm(StateFields):
    """What became of one that was noted before."""

    field_order = ["state", "state_on", "task", "contact"]

    def __init__(self, *args, case: Case, now: datetime, names_open: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.case, self.now = case, now
        self.stop_today()
        if not names_open:
            del self.fields["contact"]


def _names(row: Organisation | Body) -> set[str]:
    """Every name of a row in lower case."""
    others = [getattr(row, "abbreviation", ""), *row.aliases.replace(";", ",").split(",")]
    return {each.strip().lower() for each in [row.name, *others] if each.strip()}
