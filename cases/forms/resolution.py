"""What is typed of a resolution, and of a number that says how far it is."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.rules.indicators import Indicator
from members.forms.moments import DayField
from members.forms.registers import Unit
from members.forms.texts import SubmitKey, one_line
from members.forms.widgets import DigitsInput

_NUMBER = {
    "invalid": gettext_lazy("Write a number without dots or commas."),
    "required": gettext_lazy("Write a number without dots or commas."),
}


def _whole(label, **kwargs) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=0, max_value=2_000_000_000, widget=DigitsInput, error_messages=_NUMBER, **kwargs
    )


class ResolutionForm(SubmitKey):
    """What was resolved, and by what figure one sees how far it is."""

    organisation = Unit(label=gettext_lazy("Of which organisation?"))
    text = forms.CharField(
        max_length=500,
        label=gettext_lazy("What was resolved?"),
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": gettext_lazy("Write what was resolved.")},
    )
    indicator = forms.ChoiceField(
        label=gettext_lazy("How do we see how far it is?"), choices=Indicator, initial=Indicator.TYPED
    )
    unit = one_line(
        80,
        label=gettext_lazy("What is counted?"),
        required=False,
        help_text=gettext_lazy("For example: units that have a posko."),
    )
    target = _whole(gettext_lazy("Target"), required=False)
    target_on = DayField(label=gettext_lazy("Until"))

    def __init__(self, *args, units, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = units

    def clean(self):
        given = super().clean()
        if given.get("indicator") == Indicator.TYPED and not given.get("unit") and "unit" not in self.errors:
            self.add_error("unit", _("Say what is counted."))
        return given


class ValueForm(SubmitKey):
    """A number with its day and who says so."""

    value = _whole(gettext_lazy("How many now?"))
    on_date = DayField(label=gettext_lazy("As of"), help_text=gettext_lazy("Empty: today."))
    source = one_line(160, label=gettext_lazy("Who says so?"), empty=gettext_lazy("Say where the number comes from."))

    def clean_on_date(self):
        day = self.cleaned_data["on_date"] or timezone.localdate()
        if day > timezone.localdate():
            raise forms.ValidationError(_("This day is still to come."))
        return day
