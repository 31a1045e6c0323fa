"""To whom a case is opened, until when and why."""

from datetime import datetime

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.forms.choices import ChoiceRows, two_lines
from cases.forms.moments import DayField
from cases.forms.texts import SubmitKey, one_line
from cases.rules.due import end_of_day
from members.models import Organisation, User


class ShareForm(SubmitKey):
    """A person or a unit, found by name; the last day; the reason."""

    words = one_line(60, label=gettext_lazy("Name of the person or unit"), required=False)
    to = forms.ChoiceField(
        label=gettext_lazy("With whom?"),
        widget=ChoiceRows,
        error_messages={
            "required": gettext_lazy("Search a person or a unit, then choose."),
            "invalid_choice": gettext_lazy("Search a person or a unit, then choose."),
        },
    )
    until_on = DayField(label=gettext_lazy("Until which day?"), help_text=gettext_lazy("Empty: until you end it."))
    reason = one_line(200, label=gettext_lazy("What for?"), empty=gettext_lazy("Say why it is shared."))
    without_consent = forms.BooleanField(
        required=False, label=gettext_lazy("There is no consent yet and it cannot wait; the reason says why")
    )

    field_order = ["words", "to", "until_on", "reason", "without_consent"]

    def __init__(self, *args, people: list[User], units: list[Organisation], zone: str, now, **kwargs):
        super().__init__(*args, **kwargs)
        self.zone, self.now = zone, now
        self.targets: dict[str, User | Organisation] = {str(row.uuid): row for row in [*units, *people]}
        desks = {row.pk: ", ".join(str(office.organisation) for office in row.appointments.all()) for row in people}
        self.fields["to"].choices = [
            *((str(row.uuid), two_lines(str(row), _("Unit"))) for row in units),
            *((str(row.uuid), two_lines(row.full_name, desks[row.pk])) for row in people),
        ]

    @property
    def chosen(self) -> User | Organisation:
        return self.targets[self.cleaned_data["to"]]

    def clean_until_on(self):
        day = self.cleaned_data["until_on"]
        if day and end_of_day(day, self.zone) <= self.now:
            raise forms.ValidationError(_("This moment has passed. Choose a later one."))
        return day

    @property
    def until_at(self) -> datetime | None:
        day = self.cleaned_data["until_on"]
        return end_of_day(day, self.zone) if day else None
