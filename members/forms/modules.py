"""What is typed about a module and its texts."""

from django import forms
from django.utils.translation import gettext_lazy

from members.forms.gatherings import LinesField
from members.forms.texts import SubmitKey, one_line
from members.models import Gathering, Module
from members.services import gatherings


class VersionForm(SubmitKey):
    """A new draft."""

    text = LinesField(
        rows=16,
        max_length=100_000,
        label=gettext_lazy("Text"),
        help_text=gettext_lazy("Headings begin with #, points with -, **bold** stands between stars."),
    )
    changes = one_line(300, label=gettext_lazy("What changed?"), required=False)
    gathering = forms.ModelChoiceField(
        Gathering.objects.none(),
        label=gettext_lazy("Made at which meeting?"),
        required=False,
        to_field_name="uuid",
        empty_label=gettext_lazy("At none"),
        error_messages={"invalid_choice": gettext_lazy("Choose one from the list.")},
    )

    def __init__(self, *args, module: Module, by, **kwargs):
        super().__init__(*args, **kwargs)
        newest = gatherings.seen_by(by).filter(series__isnull=False).order_by("-held_on", "-pk")[:30]
        keep = [row.pk for row in newest]
        self.fields["gathering"].queryset = Gathering.objects.filter(pk__in=keep)
        if not keep:
            del self.fields["gathering"]


class ReviewForm(forms.Form):
    """Who looked at a draft, and what they said."""

    prefix = "telaah"
    reviewer = one_line(
        150, label=gettext_lazy("Who reviewed it?"), required=False, help_text=gettext_lazy("Empty: you.")
    )
    note = one_line(500, label=gettext_lazy("Remark"), required=False)
