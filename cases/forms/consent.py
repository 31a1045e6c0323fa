"""What somebody agrees to, or refuses: each purpose by itself, who said it, how and when."""

from datetime import datetime

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.forms.moments import DayField, HourField
from cases.forms.texts import SubmitKey, one_line
from cases.models import Attachment, Case, CaseParty
from cases.rules.due import told_moment
from cases.rules.registers import Form, Purpose
from members.forms.widgets import ChoiceChips

YES, NO = "yes", "no"
#: What each purpose means, in the words to ask it with.
ASKED = {
    Purpose.HELP: gettext_lazy("May we accompany you and keep your data?"),
    Purpose.SHARE: gettext_lazy("May we share the case with another unit or office?"),
    Purpose.PUBLISH: gettext_lazy("May the story be told in public, without the name?"),
    Purpose.NAME: gettext_lazy("May the name be told in public?"),
}


class ConsentForm(SubmitKey):
    """One answer for each purpose; what was not asked stays empty."""

    party = forms.ChoiceField(label=gettext_lazy("Who answers?"), required=False)
    form = forms.ChoiceField(
        label=gettext_lazy("How?"), required=False, choices=Form.choices, widget=ChoiceChips, initial=Form.ORAL
    )
    on = DayField(label=gettext_lazy("Day"))
    hour = HourField(label=gettext_lazy("Hour"))
    note = one_line(200, label=gettext_lazy("Note"), required=False)
    proof = forms.ChoiceField(label=gettext_lazy("Proof"), required=False)

    def __init__(
        self, *args, case: Case, parties: list[CaseParty], papers: list[Attachment], shows_names: bool, now, **kwargs
    ):
        super().__init__(*args, **kwargs)
        self.now, self.zone = now, case.zone
        self.parties = {str(row.uuid): row for row in parties}
        self.papers = {str(row.uuid): row for row in papers}
        for purpose, question in ASKED.items():
            self.fields[f"may_{purpose}"] = forms.ChoiceField(
                label=question,
                required=False,
                choices=[(YES, _("Yes")), (NO, _("No")), ("", _("Not asked"))],
                widget=ChoiceChips,
                initial="",
            )
        said = [(key, _who(row, shows_names)) for key, row in self.parties.items()]
        self.fields["party"].choices = [("", Form.UNKNOWN.label), *said]
        self.fields["proof"].choices = [("", _("None")), *((key, str(row)) for key, row in self.papers.items())]
        self.order_fields([*(f"may_{purpose}" for purpose in ASKED), "party", "form", "on", "hour", "note", "proof"])

    def questions(self):
        return [self[f"may_{purpose}"] for purpose in ASKED]

    def clean(self):
        given = super().clean()
        if self.errors:
            return given
        given["answers"] = {
            str(purpose): given[f"may_{purpose}"] == YES for purpose in ASKED if given.get(f"may_{purpose}")
        }
        if not given["answers"]:
            raise forms.ValidationError(_("Choose at least one answer."))
        given["stated_at"] = self._moment(given)
        return given

    def _moment(self, given) -> datetime | None:
        at, _on_day = told_moment(given.get("on"), given.get("hour"), now=self.now, zone=self.zone)
        if at and at > self.now:
            self.add_error("on", _("This is still to come. Check day and hour."))
        return at

    @property
    def chosen_party(self) -> CaseParty | None:
        return self.parties.get(self.cleaned_data["party"])

    @property
    def chosen_proof(self) -> Attachment | None:
        return self.papers.get(self.cleaned_data["proof"])


def _who(party: CaseParty, shows_names: bool) -> str:
    name = party.person.full_name if shows_names else party.person.initials
    return " · ".join(filter(None, [str(party.get_role_display()), name]))
