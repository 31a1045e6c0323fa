"""Texts as people type them, and the key that makes a form count once."""

from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy

_EMPTY = gettext_lazy("Fill this in.")
_TOO_LONG = gettext_lazy("Too long. Keep it under %(limit_value)d letters.")


class SubmitKey(forms.Form):
    """A form that makes one thing however often it is sent (TRUST R54)."""

    submit_key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["submit_key"].initial = uuid4


class SaidField(forms.CharField):
    """One sentence that may stay empty, in a field that takes a few."""

    def __init__(self, **kwargs):
        kwargs.setdefault("max_length", 4000)
        kwargs.setdefault("label", gettext_lazy("In one sentence"))
        super().__init__(
            widget=forms.Textarea({"rows": 3}), required=False, error_messages={"max_length": _TOO_LONG}, **kwargs
        )


def one_line(limit: int, *, empty=_EMPTY, **kwargs) -> forms.CharField:
    """A short text without line breaks; ``empty`` says what to do where it must be filled in."""
    return forms.CharField(
        max_length=limit,
        error_messages={"max_length": _TOO_LONG, "required": empty},
        widget=forms.TextInput({"autocomplete": "off"}),
        **kwargs,
    )
