"""A facility that was asked: which, what it answered, why; all else may stay empty."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.forms.moments import ToldFields
from cases.forms.texts import SubmitKey, one_line
from cases.reports.attempts import ICONS, STATES
from cases.rules.registers import Answer, BedClass, Referral, Way
from members.forms.widgets import ChoiceChips, DigitsInput

#: What stays the same from one call to the next.
CARRIED_ON = ("bed_class", "referral", "way")


class AttemptForm(SubmitKey, ToldFields):
    """One facility. ``again`` holds the attempt the reader has seen, when the same facility is asked once more."""

    facility = one_line(
        200,
        label=gettext_lazy("Which facility?"),
        required=False,
        help_text=gettext_lazy("Type the name. Empty: not known which."),
    )
    answer = forms.ChoiceField(
        label=gettext_lazy("What did it answer?"),
        choices=Answer,
        widget=ChoiceChips(
            icons={answer.value: icon for answer, icon in ICONS.items()},
            states={answer.value: state for answer, state in STATES.items()},
        ),
        error_messages={"required": gettext_lazy("Choose what it answered.")},
    )
    reason = one_line(300, label=gettext_lazy("The reason, in their words"), required=False)
    officer = one_line(120, label=gettext_lazy("Who answered"), required=False)
    officer_role = one_line(80, label=gettext_lazy("In what post"), required=False)
    bed_class = forms.ChoiceField(label=gettext_lazy("Class or unit"), choices=BedClass, required=False)
    beds_free = forms.IntegerField(
        label=gettext_lazy("Beds free"), required=False, min_value=0, max_value=5000, widget=DigitsInput
    )
    queue_place = forms.IntegerField(
        label=gettext_lazy("Place on the waiting list"), required=False, min_value=0, max_value=5000,
        widget=DigitsInput,
    )  # fmt: skip
    referral = forms.ChoiceField(label=gettext_lazy("Referral"), choices=Referral, required=False)
    way = forms.ChoiceField(label=gettext_lazy("How was it asked?"), choices=Way, required=False)
    again = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    field_order = ["facility", "answer", "reason", "on", "hour"]

    def __init__(self, *args, zone: str, now, focus: bool = False, **kwargs):
        super().__init__(*args, **kwargs)
        self.zone, self.now = zone, now
        self.say_zone()
        self.fields["facility"].widget.attrs["list"] = "faskes"
        if focus:
            self.fields["facility"].widget.attrs["autofocus"] = True
        for name in ("beds_free", "queue_place"):
            self.fields[name].error_messages["invalid"] = _("Write a number.")

    def clean(self):
        given = super().clean()
        self.read_moment()
        return given

    @property
    def says_more(self) -> bool:
        """Whether the folded part must be open: something was typed there, or is wrong there."""
        names = ("on", "hour", "officer", "officer_role", "beds_free", "queue_place")
        return any(self[name].value() for name in names) or any(self[name].errors for name in (*names, *CARRIED_ON))

    @property
    def carried_on(self) -> str:
        """What was taken over from the last call, to be read without unfolding it."""
        values = ((self.fields[name], self[name].value()) for name in CARRIED_ON)
        return " · ".join(str(dict(field.choices).get(value, "")) for field, value in values if value)
