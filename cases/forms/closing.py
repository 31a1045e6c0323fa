"""How a case ended, and why one is opened again."""

from django import forms
from django.utils.translation import gettext_lazy

from cases.forms.choices import ChoiceRows, two_lines
from cases.forms.texts import SaidField, one_line
from cases.models import Outcome


class OutcomeField(forms.ModelChoiceField):
    """One of the outcomes, each with the line that tells it from the others."""

    widget = ChoiceRows

    def label_from_instance(self, obj):
        return two_lines(obj.label, obj.in_language("hint"))


class CloseForm(forms.Form):
    """The outcome and a sentence; ``version`` is the case as the check page showed it."""

    outcome = OutcomeField(
        Outcome.objects.all(),
        to_field_name="code",
        empty_label=None,
        label=gettext_lazy("Outcome"),
        error_messages={"required": gettext_lazy("Choose how it ended.")},
    )
    note = SaidField(label=gettext_lazy("In one sentence"))
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)


class ReopenForm(forms.Form):
    """Why."""

    reason = one_line(
        200,
        label=gettext_lazy("Why is the case opened again?"),
        empty=gettext_lazy("Say why the case is opened again."),
    )
