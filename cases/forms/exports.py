"""Which columns leave, of which cases."""

from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.forms.texts import SubmitKey
from cases.reports.case_table import COLUMNS, USUAL
from members.forms.widgets import MultipleChips

#: More cases than this are not picked one by one, nor acted upon at once.
MOST_PICKED = 500


class PickedField(forms.Field):
    """The cases ticked on the list: their uuids, each in a field of its own or all in one."""

    widget = forms.MultipleHiddenInput

    def clean(self, value) -> list[UUID]:
        found: dict[UUID, None] = {}
        for text in ",".join(map(str, value or [])).split(","):
            try:
                found[UUID(text.strip())] = None
            except ValueError:
                continue
        return list(found)[:MOST_PICKED]


class ExportForm(SubmitKey):
    """The columns; without cases picked, all of the list leave."""

    kasus = PickedField(required=False)
    kolom = forms.MultipleChoiceField(
        label=_("What the file shows"),
        choices=[(name, column[0]) for name, column in COLUMNS.items()],
        initial=USUAL,
        widget=MultipleChips,
        error_messages={
            "required": _("Choose what the file shows."),
            "invalid_choice": _("Choose one from the list."),
        },
    )
