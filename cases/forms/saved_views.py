"""The name of a view, with whom it is shared, and whether its owner wants to hear of it."""

from datetime import datetime
from urllib.parse import urlencode

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.forms.search import MOST_DESKS, CaseListForm
from cases.forms.texts import SubmitKey, one_line
from cases.models import Case, SavedView
from cases.rules.masking import find
from members.models import Organisation

LONGEST = 600


def query_of(filters: CaseListForm, given: QueryDict) -> str:
    """What of an address is kept: the filters that make sense, as they stand in it."""
    return urlencode({name: given[name] for name in filters.chosen if given.get(name)})


def shown_by(view: SavedView, now: datetime) -> QuerySet[Case]:
    """The cases a view shows its owner now."""
    return CaseListForm(QueryDict(view.query), user=view.owner).shown(now)


class SavedViewForm(SubmitKey):
    """``units`` are those the reader may share with; without any it stays one's own."""

    name = one_line(60, label=gettext_lazy("Name of the view"), empty=gettext_lazy("Give the view a name."))
    unit = forms.ChoiceField(label=gettext_lazy("For whom?"), required=False)
    has_alert = forms.BooleanField(
        label=gettext_lazy("Tell me when it gains cases, at most once a day"), required=False
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    field_order = ["name", "unit", "has_alert"]

    def __init__(self, *args, units: QuerySet[Organisation], **kwargs):
        super().__init__(*args, **kwargs)
        self.units = {str(unit.uuid): unit for unit in units[:MOST_DESKS]}
        if self.units:
            self.fields["unit"].choices = [
                ("", _("Only me")),
                *((key, _("%(unit)s and below") % {"unit": unit}) for key, unit in self.units.items()),
            ]
        else:
            del self.fields["unit"]

    def clean_name(self):
        name = " ".join(self.cleaned_data["name"].split())
        if find(name):
            raise forms.ValidationError(_("Leave numbers of people out of the name."))
        return name

    @property
    def organisation(self) -> Organisation | None:
        return self.units.get(self.cleaned_data.get("unit", ""))
