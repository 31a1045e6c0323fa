"""A paper of a case: added by hand, started by a list, and what is known of it."""

from datetime import datetime

from django import forms
from django.utils.translation import gettext_lazy

from cases.forms.moments import PlanFields
from cases.forms.money import ProofField
from cases.forms.texts import SubmitKey, one_line
from cases.models import CasePaper, Checklist
from cases.rules.due import Quick
from cases.rules.registers import MISSING, PaperState
from members.forms.widgets import ChoiceChips

_LIST = {"invalid_choice": gettext_lazy("Choose one from the list.")}


class PaperForm(SubmitKey):
    """One paper by its name."""

    name = one_line(160, label=gettext_lazy("Which paper?"), empty=gettext_lazy("Write which paper."))
    issuer = one_line(160, label=gettext_lazy("Who issues it?"), required=False)
    state = forms.ChoiceField(
        label=gettext_lazy("Where does it stand?"),
        choices=PaperState.choices,
        required=False,
        initial=PaperState.NEEDED,
        widget=ChoiceChips,
        error_messages=_LIST,
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["list"] = "jenis-berkas"

    def clean_state(self):
        return self.cleaned_data["state"] or PaperState.NEEDED


class StartForm(forms.Form):
    """Which checklist to begin."""

    checklist = forms.ModelChoiceField(
        Checklist.objects.all(),
        to_field_name="code",
        label=gettext_lazy("Which list?"),
        error_messages={
            "required": gettext_lazy("Choose a list."),
            "invalid_choice": gettext_lazy("This list does not exist. Choose again."),
        },
    )


class MoveForm(forms.Form):
    """One tap: to which state, and which state the page showed."""

    ke = forms.ChoiceField(choices=PaperState.choices)
    dari = forms.ChoiceField(choices=PaperState.choices, required=False)


class PaperEditForm(PlanFields):
    """Where it stands, who holds the original, its number, its photo, and when to ask again.

    Who holds it and its number are asked where names are open; elsewhere they stay as they are.
    """

    among = (Quick.TOMORROW, Quick.THREE_DAYS, Quick.MONDAY)

    state = forms.ChoiceField(
        label=gettext_lazy("Where does it stand?"),
        choices=PaperState.choices,
        widget=ChoiceChips,
        error_messages={"required": gettext_lazy("Choose where it stands."), **_LIST},
    )
    issuer = one_line(160, label=gettext_lazy("Who issues it?"), required=False)
    holder = one_line(120, label=gettext_lazy("Who holds the original?"), required=False)
    reference = one_line(80, label=gettext_lazy("Number of the paper"), required=False)
    note = one_line(200, label=gettext_lazy("Note"), required=False)
    attachment = ProofField(label=gettext_lazy("Photo of it"))
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, paper: CasePaper, now: datetime, names_open: bool, **kwargs):
        super().__init__(*args, **kwargs)
        case = paper.case
        self.case, self.now, self.zone = case, now, case.zone
        self.offer_moments()
        self.fields["when"].label = gettext_lazy("Ask again when?")
        if case.attachments.exists():
            self.fields["attachment"].offer(case)
        else:
            del self.fields["attachment"]
        if not names_open:
            del self.fields["holder"], self.fields["reference"]

    def clean(self):
        given = super().clean()
        if given.get("state") in MISSING:
            self.read_moment(required=False)
        return given
