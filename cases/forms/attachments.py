"""Photos and papers as a browser sends them: several at once, each checked by the service."""

from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _


class AttachmentForm(forms.Form):
    """The part of an upload that is not a file; the files come as ``files`` and ``camera``."""

    title = forms.CharField(
        label=_("What is it?"),
        required=False,
        max_length=120,
        help_text=_("For example: referral, bill, triage result."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    sha256 = forms.RegexField(r"^[0-9a-f]{64}$", required=False, widget=forms.HiddenInput)
    submit_key = forms.UUIDField(required=False, initial=uuid4, widget=forms.HiddenInput)
