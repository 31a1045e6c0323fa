"""JSON that somebody else wrote: what Python or a database cannot hold is refused, not a broken page."""

import json

from django import forms
from django.forms.fields import InvalidJSONInput


def is_plain(value) -> bool:
    """Whether a value can be kept and shown: no NaN, no half of an emoji, no NUL."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        text.encode()
    except (ValueError, RecursionError):
        return False
    return "\\u0000" not in text


class JSONField(forms.JSONField):
    """Django's, which breaks on endless nests and numbers (they raise something other than JSONDecodeError)."""

    def to_python(self, value):
        try:
            found = super().to_python(value)
        except (ValueError, RecursionError):
            self._refuse()
        if not is_plain(found):
            self._refuse()
        return found

    def bound_data(self, data, initial):
        try:
            found = super().bound_data(data, initial)
        except (ValueError, RecursionError):
            return InvalidJSONInput(data)
        return found if is_plain(found) else InvalidJSONInput(data)

    def has_changed(self, initial, data):
        try:
            return super().has_changed(initial, data)
        except (ValueError, RecursionError):
            return True

    def _refuse(self):
        raise forms.ValidationError(self.error_messages["invalid"], code="invalid", params={"value": ""}) from None
