"""What a form showed when it was opened, so that two people may save it at once (TRUST R53)."""

import json

from django import forms

from cases.rules.merging import fingerprint


class SeenField(forms.CharField):
    """What stood on the page when it was opened, a mark for every field, so that only what was touched is saved."""

    widget = forms.HiddenInput

    def __init__(self, **kwargs):
        super().__init__(required=False, **kwargs)

    def to_python(self, value):
        try:
            seen = json.loads(value or "{}")
        except (ValueError, RecursionError):
            return {}
        return {str(key): str(mark) for key, mark in seen.items()} if isinstance(seen, dict) else {}


def seen_marks(values: dict) -> str:
    """What `SeenField` carries for these values."""
    return json.dumps({field: fingerprint(value) for field, value in values.items()})
