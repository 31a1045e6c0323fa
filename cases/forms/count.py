"""A dated count: what, how many, as of which day, by whose word."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.forms.moments import DayField, today
from cases.forms.texts import SubmitKey, one_line
from cases.models import Case, Programme
from cases.rules.registers import Counted
from cases.services.counts import MOST
from members.forms.widgets import ChoiceChips, DigitsInput

_LIST = {"invalid_choice": gettext_lazy("Choose one from the list.")}


class HowManyField(forms.IntegerField):
    """A whole number from nothing up: "8300", "8.300", "8 300"."""

    widget = DigitsInput({"class": "k-short k-n"})
    default_error_messages = {
        "required": gettext_lazy("Fill in how many."),
        "invalid": gettext_lazy("Write a whole number, like 244."),
        "min_value": gettext_lazy("Write 0 or more."),
        "max_value": gettext_lazy("This number is too large. Check it."),
    }

    def __init__(self, **kwargs):
        super().__init__(min_value=0, max_value=MOST, **kwargs)
        for validator in self.validators:
            validator.message = self.error_messages.get(validator.code, validator.message)

    def to_python(self, value):
        text = str(value or "").strip()
        groups = text.replace(",", ".").replace(" ", ".").split(".")
        if len(groups) > 1 and all(len(group) == 3 for group in groups[1:]) and 0 < len(groups[0]) < 4:
            text = "".join(groups)
        return super().to_python(text)


class CountForm(SubmitKey):
    """One count; what, how many and who says so must be said."""

    what = forms.ChoiceField(
        label=gettext_lazy("What is counted?"),
        choices=Counted.choices,
        widget=ChoiceChips,
        error_messages={"required": gettext_lazy("Choose what is counted."), **_LIST},
    )
    what_text = one_line(
        120,
        label=gettext_lazy("More exactly"),
        required=False,
        help_text=gettext_lazy("For example: contract workers of the second plant."),
    )
    number = HowManyField(label=gettext_lazy("How many?"))
    is_estimate = forms.BooleanField(label=gettext_lazy("It is only an estimate"), required=False)
    source = one_line(
        160,
        label=gettext_lazy("Who says so?"),
        empty=gettext_lazy("Say who says so."),
        help_text=gettext_lazy("For example: union branch, HRD, letter of the Dinas, newspaper."),
    )
    on_date = DayField(label=gettext_lazy("As of"), help_text=gettext_lazy("Leave empty where nobody knows it."))
    programme = forms.ModelChoiceField(
        Programme.objects.all(),
        to_field_name="code",
        required=False,
        label=gettext_lazy("Of which programme?"),
        error_messages=_LIST,
    )

    def __init__(self, *args, case: Case, now: datetime, **kwargs):
        super().__init__(*args, **kwargs)
        self.case, self.now = case, now
        self.fields["on_date"].widget.attrs["max"] = today(now, case.zone)
        self.fields["programme"].empty_label = _("Of none, or not known yet")

    def clean_on_date(self):
        day = self.cleaned_data["on_date"]
        if day and day > self.now.astimezone(ZoneInfo(self.case.zone)).date():
            raise forms.ValidationError(_("This day is still to come. A count holds on a day that was."))
        return day

    def clean(self):
        given = super().clean()
        if given.get("what") == Counted.OTHER and not given.get("what_text") and "what_text" not in self.errors:
            self.add_error("what_text", _("Say in words what is counted."))
        return given
