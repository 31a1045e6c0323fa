"""Whose cases move, to whom, how and why."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cases.forms.choices import ChoiceRows, two_lines
from cases.forms.restriction import PeopleField
from cases.forms.texts import SubmitKey, one_line
from cases.services.desk_moves import Carrier
from members.models import User

AT_ONCE, OFFER = "at-once", "offer"


class DeskMoveForm(SubmitKey):
    """All open cases of one person go to one or several others."""

    carrier = forms.ChoiceField(
        label=gettext_lazy("Whose cases?"),
        widget=ChoiceRows,
        error_messages={"required": gettext_lazy("Choose whose cases move.")},
    )
    to = PeopleField(label=gettext_lazy("To whom? Several share them evenly."))
    how = forms.ChoiceField(label=gettext_lazy("How?"), widget=ChoiceRows)
    reason = one_line(200, label=gettext_lazy("Why?"), empty=gettext_lazy("Say why the cases move."))

    field_order = ["carrier", "to", "how", "reason"]

    def __init__(self, *args, carriers: list[Carrier], people: list[User], **kwargs):
        super().__init__(*args, **kwargs)
        self.carriers = {str(row.user.uuid): row for row in carriers}
        self.fields["carrier"].choices = [(key, _said_of(row)) for key, row in self.carriers.items()]
        self.fields["to"].offer(people)
        self.fields["to"].required = True
        self.fields["to"].error_messages["required"] = _("Choose to whom.")
        self.fields["how"].choices = [
            (OFFER, two_lines(_("Offer"), _("Each receiver accepts. Until then the cases stay where they are."))),
            (AT_ONCE, two_lines(_("At once"), _("The cases are theirs as soon as you confirm."))),
        ]
        self.fields["how"].initial = OFFER

    def clean(self):
        given = super().clean()
        if given.get("carrier") and given["carrier"] in (given.get("to") or []):
            self.add_error("to", _("Choose somebody else: these are the cases of this person."))
        return given

    @property
    def chosen(self) -> Carrier:
        return self.carriers[self.cleaned_data["carrier"]]

    @property
    def receivers(self) -> list[User]:
        return self.fields["to"].users(self.cleaned_data["to"])


def _said_of(row: Carrier):
    count = ngettext("%(n)s case", "%(n)s cases", row.cases) % {"n": row.cases}
    return two_lines(row.user.full_name, f"{count} · {_('is gone')}" if row.is_gone else count)
