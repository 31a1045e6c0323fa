"""Photos and papers as a browser sends them: several at once, each checked by the service."""

from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy


class UploadForm(forms.Form):
    """The part of an upload that is not a file; the files come as ``files`` and ``camera``."""

    title = forms.CharField(
        label=gettext_lazy("What is it?"),
        required=False,
        max_length=120,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    sha256 = forms.RegexField(r"^[0-9a-f]{64}$", required=False, widget=forms.HiddenInput)
    submit_key = forms.UUIDField(required=False, initial=uuid4, widget=forms.HiddenInput)

    #: An example below the title.
    title_hint = ""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["title"].help_text = self.title_hint


class PhotoForm(UploadForm):
    """A photo of a gathering."""

    title_hint = gettext_lazy("For example: signing the agreement, the room during the opening.")
