"""Offering a case to somebody, with the next step; and the answer."""

from django import forms
from django.utils.translation import gettext_lazy

from cases.forms.assign import PersonField
from cases.forms.texts import SubmitKey, one_line
from members.models import User


class HandOverForm(SubmitKey):
    """To whom, what has to be done next, and why. ``words`` finds people of other desks."""

    to = PersonField()
    words = one_line(60, label=gettext_lazy("Someone of another desk"), required=False)
    next_step = one_line(
        200,
        label=gettext_lazy("What has to be done next?"),
        empty=gettext_lazy("Write the next step for whoever takes over."),
    )
    reason = one_line(200, label=gettext_lazy("Why do you hand over?"), required=False)
    move_desk = forms.BooleanField(required=False, label=gettext_lazy("Move the case to that desk too"))
    without_consent = forms.BooleanField(
        required=False, label=gettext_lazy("There is no consent yet and it cannot wait; I say why below")
    )

    field_order = ["to", "words", "next_step", "reason", "move_desk", "without_consent"]

    def __init__(self, *args, people: list[User], may_move_desk: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["to"].offer(people)
        self.fields["words"].help_text = gettext_lazy("Type a name or a desk, then search.")
        if not may_move_desk:
            del self.fields["move_desk"]

    @property
    def chosen(self) -> User | None:
        return self.fields["to"].user(self.cleaned_data["to"])


class DeclineForm(forms.Form):
    """Why not; may stay empty."""

    note = one_line(200, label=gettext_lazy("Why not?"), required=False)
