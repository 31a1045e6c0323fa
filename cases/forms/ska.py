"""SKA in three fields: what kind, about what, how many people."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.forms.texts import SubmitKey, one_line
from cases.rules.ska import MOST_PEOPLE, SkaKind
from members.forms.widgets import ChoiceChips, DigitsInput
from members.models import Organisation


class SkaForm(SubmitKey):
    """Under twenty seconds on a phone; the day is today."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What was it?"),
        choices=SkaKind,
        initial=SkaKind.CONSULTATION,
        widget=ChoiceChips,
        error_messages={"required": gettext_lazy("Choose what it was.")},
    )
    topic = one_line(
        160,
        label=gettext_lazy("About what?"),
        empty=gettext_lazy("Write what it was about."),
        help_text=gettext_lazy("No names. For example: card of a laid-off worker."),
    )
    people = forms.IntegerField(
        label=gettext_lazy("How many people?"),
        min_value=1,
        max_value=MOST_PEOPLE,
        initial=1,
        widget=DigitsInput({"class": "k-short k-n"}),
    )
    desk = forms.ModelChoiceField(
        Organisation.objects.none(),
        to_field_name="uuid",
        label=gettext_lazy("For which desk?"),
        empty_label=None,
        error_messages={"invalid_choice": gettext_lazy("Choose one from the list.")},
    )

    def __init__(self, *args, desks: list[Organisation], **kwargs):
        super().__init__(*args, **kwargs)
        self.desks = desks
        self.fields["desk"].queryset = Organisation.objects.filter(pk__in=[desk.pk for desk in desks]).order_by("name")
        if len(desks) < 2:
            del self.fields["desk"]
        messages = self.fields["people"].error_messages
        messages["required"] = messages["invalid"] = _("Write a number.")

    @property
    def desk_chosen(self) -> Organisation:
        return self.cleaned_data.get("desk") or self.desks[0]
