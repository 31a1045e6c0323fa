"""The two promises of the pledge."""

from django import forms
from django.utils.translation import gettext_lazy as _


class PledgeForm(forms.Form):
    """Both have to be ticked; neither is ticked beforehand."""

    conduct = forms.BooleanField(
        label=_("I have read this and will act accordingly."),
        error_messages={"required": _("Tick this if you agree.")},
    )
    secrecy = forms.BooleanField(
        label=_("I keep people's stories to myself, also after I stop."),
        error_messages={"required": _("Tick this if you agree.")},
    )
