"""What stands in the address of the pages of organisations."""

from django import forms
from django.utils.translation import gettext_lazy

from members.forms.moments import DayField


class OrganisationSearch(forms.Form):
    """One field; any name of an organisation."""

    say_optional = False

    q = forms.CharField(
        label=gettext_lazy("Name, abbreviation or another name"),
        required=False,
        max_length=80,
        widget=forms.TextInput({"type": "search", "autocomplete": "off", "enterkeyhint": "search"}),
    )

    @property
    def words(self) -> str:
        return self.cleaned_data.get("q", "") if self.is_valid() else ""


class OnDayForm(forms.Form):
    """The day the page tells about."""

    say_optional = False

    pada = DayField(label=gettext_lazy("As it stood on"))

    @property
    def day(self):
        """The day, where it makes sense."""
        return self.cleaned_data.get("pada") if self.is_valid() else None
