"""What is typed about volunteers: by themselves, by their coordinator, and by people who saw a card misused."""

from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.forms.moments import DayField
from members.forms.texts import SaidField, SubmitKey, one_line
from members.forms.widgets import ChoiceChips, PhotoInput
from members.models import Competence, Module, Organisation, Person, User
from members.rules.gatherings import Stage
from members.services import modules

_CHOOSE = {
    "required": gettext_lazy("Choose one."),
    "invalid_choice": gettext_lazy("Choose one from the list."),
}
OLDEST, YOUNGEST = 1940, 2010


class AboutMeForm(forms.Form):
    """Gender and the years one was born in; both may stay empty."""

    gender = forms.ChoiceField(
        label=gettext_lazy("You are"),
        choices=[
            ("f", Person.Gender.FEMALE.label),
            ("m", Person.Gender.MALE.label),
            ("", gettext_lazy("Rather not say")),
        ],
        required=False,
        widget=ChoiceChips,
        error_messages=_CHOOSE,
    )
    born_from = forms.TypedChoiceField(
        label=gettext_lazy("Born in"),
        choices=[("", gettext_lazy("Rather not say"))]
        + [(year, f"{year}–{year + 4}") for year in range(YOUNGEST, OLDEST - 1, -5)],
        coerce=int,
        empty_value=None,
        required=False,
        error_messages=_CHOOSE,
    )


class CardPhotoForm(forms.Form):
    """The face on the card."""

    prefix = "foto"
    photo = forms.FileField(
        label=gettext_lazy("Photo for the card"),
        widget=PhotoInput(label=gettext_lazy("Take a photo of your face")),
        error_messages={
            "required": gettext_lazy("Choose a photo first."),
            "empty": gettext_lazy("This file is empty. Choose it again."),
        },
    )


class StageForm(forms.Form):
    """The stage of a volunteer and who walks along."""

    prefix = "jalan"
    stage = forms.ChoiceField(label=gettext_lazy("Stage"), choices=Stage, widget=ChoiceChips, error_messages=_CHOOSE)
    mentor = forms.ModelChoiceField(
        User.objects.none(),
        label=gettext_lazy("Mentor"),
        required=False,
        to_field_name="uuid",
        empty_label=gettext_lazy("None yet"),
        error_messages=_CHOOSE,
    )
    note = one_line(200, label=gettext_lazy("Note"), required=False)

    def __init__(self, *args, mentors, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["mentor"].queryset = mentors


class CompetenceForm(forms.Form):
    """What somebody is able to do."""

    prefix = "mampu"
    skill = forms.ChoiceField(
        label=gettext_lazy("Skill"), choices=Competence.Skill, widget=ChoiceChips, error_messages=_CHOOSE
    )
    level = forms.TypedChoiceField(
        label=gettext_lazy("Level"), choices=Competence.Level, coerce=int, widget=ChoiceChips, error_messages=_CHOOSE
    )
    module = forms.ModelChoiceField(
        Module.objects.none(),
        label=gettext_lazy("May teach"),
        required=False,
        to_field_name="uuid",
        empty_label=gettext_lazy("No single module"),
        error_messages=_CHOOSE,
    )
    note = one_line(
        200, label=gettext_lazy("Note"), required=False, help_text=gettext_lazy("For example: alumni TTM III DTDA.")
    )

    def __init__(self, *args, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["module"].queryset = modules.written_by(by).filter(is_retired=False)


class CardForm(forms.Form):
    """A card for a volunteer."""

    prefix = "kartu"
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), label=gettext_lazy("Unit"), to_field_name="uuid", error_messages=_CHOOSE
    )
    valid_until = DayField(label=gettext_lazy("Valid until"), required=True)

    def __init__(self, *args, organisations, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = organisations
        self.fields["organisation"].initial = next((row.uuid for row in organisations[:1]), None)
        self.fields["valid_until"].initial = timezone.localdate() + timedelta(days=365)


class MisuseForm(SubmitKey):
    """Somebody outside tells that a name or card was misused."""

    text = SaidField(
        label=gettext_lazy("What happened?"),
        max_length=2000,
        help_text=gettext_lazy("Where, when, and what was asked of you. No names of patients, please."),
    )
    contact = one_line(150, label=gettext_lazy("How can we reach you?"), required=False)

    def clean_text(self):
        if not self.cleaned_data["text"].strip():
            raise forms.ValidationError(_("Write what happened. One sentence is enough."))
        return self.cleaned_data["text"]


class AnswerForm(forms.Form):
    """What was done about a report."""

    answer = one_line(300, label=gettext_lazy("What was done?"))
