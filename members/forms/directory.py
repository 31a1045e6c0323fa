"""What is typed in the directory: its filters, and a proposed fix."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.forms.texts import SubmitKey, one_line
from members.forms.widgets import PhoneInput
from members.models import Body, BodyFix
from members.services import directory


class DirectoryFilter(forms.Form):
    """What stands in the address of the directory; what makes no sense is left out."""

    say_optional = False

    q = forms.CharField(
        label=gettext_lazy("Name"),
        required=False,
        max_length=80,
        widget=forms.TextInput({"type": "search", "autocomplete": "off", "enterkeyhint": "search"}),
    )
    jenis = forms.ChoiceField(label=gettext_lazy("Kind"), required=False)
    provinsi = forms.ChoiceField(label=gettext_lazy("Province"), required=False)

    def __init__(self, data):
        super().__init__(data)
        first = [("", _("All"))]
        self.fields["jenis"].choices = [*first, *directory.kinds_used().values_list("code", "name")]
        self.fields["provinsi"].choices = [*first, *directory.provinces_used().values_list("code", "name")]
        self.is_valid()

    def bodies(self):
        given = self.cleaned_data
        return directory.find(given.get("q", ""), kind=given.get("jenis", ""), province=given.get("provinsi", ""))


class FixForm(SubmitKey):
    """What should stand in the directory, and how one knows."""

    say_optional = False

    name = one_line(200, label=gettext_lazy("Name"))
    address = one_line(300, label=gettext_lazy("Address"), required=False)
    phone = forms.CharField(
        label=gettext_lazy("Public phone"), max_length=40, required=False, widget=PhoneInput({"maxlength": "40"})
    )
    email = forms.EmailField(label=gettext_lazy("Public e-mail"), required=False)
    website = one_line(120, label=gettext_lazy("Website"), required=False)
    hours = one_line(120, label=gettext_lazy("Opening hours"), required=False)
    why = one_line(
        300,
        label=gettext_lazy("How do you know?"),
        help_text=gettext_lazy("For example: I was there on Monday, or the sign at the door."),
    )

    def __init__(self, *args, body: Body, **kwargs):
        super().__init__(*args, initial={name: getattr(body, name) for name in BodyFix.FIELDS}, **kwargs)
