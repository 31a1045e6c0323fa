"""A step of a playbook is taken up, or left out with a reason."""

from django import forms
from django.utils.translation import gettext_lazy

from cases.forms.texts import one_line


class StepForm(forms.Form):
    """Which step of which playbook."""

    playbook = forms.SlugField()
    step = forms.IntegerField(min_value=1)


class SkipForm(StepForm):
    """Leave a step out."""

    reason = one_line(
        160, label=gettext_lazy("Why is it left out?"), empty=gettext_lazy("Say why this step is left out.")
    )
