"""Days and hours as people type them."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.forms.widgets import DayInput

DAYS = ["%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y", "%d %m %Y"]
HOURS = ["%H:%M", "%H.%M", "%H:%M:%S"]


class HourInput(forms.TimeInput):
    """An hour of the day, from the phone's own clock."""

    input_type = "time"

    def __init__(self, attrs=None):
        super().__init__({"class": "k-short", **(attrs or {})}, format="%H:%M")


class DayField(forms.DateField):
    """A day: typed as 22-11-2026, or picked."""

    widget = DayInput
    default_error_messages = {"invalid": gettext_lazy("This date does not exist. Example: 22-11-2026.")}

    def __init__(self, **kwargs):
        super().__init__(input_formats=DAYS, **{"required": False, **kwargs})

    def validate(self, value):
        """A year that calendars and clocks can still be counted with; what makes sense, the form says."""
        super().validate(value)
        if value and value.year < 1900:
            raise forms.ValidationError(_("This is very long ago. Check the year."))
        if value and value.year > 2200:
            raise forms.ValidationError(_("This is too far ahead. Check the year."))


class HourField(forms.TimeField):
    """An hour: typed as 14.30, or picked."""

    widget = HourInput
    default_error_messages = {"invalid": gettext_lazy("Write the hour like 14.30.")}

    def __init__(self, **kwargs):
        super().__init__(input_formats=HOURS, **{"required": False, **kwargs})
