"""To whom a case is given or offered."""

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cases.forms.choices import ChoiceRows
from cases.rules.rest import NIGHTS_ENOUGH
from members.models import User

NOBODY = "nobody"


class PersonField(forms.ChoiceField):
    """One of the people who may carry the case, each with what they carry already."""

    widget = ChoiceRows

    def __init__(self, **kwargs):
        super().__init__(
            label=gettext_lazy("To whom?"),
            error_messages={
                "required": gettext_lazy("Choose to whom."),
                "invalid_choice": gettext_lazy("This person is not on the list. Choose again."),
            },
            **kwargs,
        )

    def offer(self, people: list[User], *, me: User | None = None, extra=()) -> None:
        self.people = {str(user.uuid): user for user in people}
        self.choices = [*((key, self.said_of(user, me)) for key, user in self.people.items()), *extra]

    @staticmethod
    def said_of(user: User, me: User | None):
        """A name with the load: "Yoga Pratama · 3 kasus, 1 lewat · istirahat"."""
        load = ngettext("%(n)s case", "%(n)s cases", user.carried) % {"n": user.carried}
        if user.overdue:
            load += ", " + _("%(n)s late") % {"n": user.overdue}
        if user.is_resting:
            load += " · " + _("is resting")
        elif getattr(user, "nights", 0) >= NIGHTS_ENOUGH:
            load += " · " + _("%(n)s nights in a row") % {"n": user.nights}
        name = _("%(name)s (you)") % {"name": user.full_name} if user == me else user.full_name
        return format_html('<b>{}</b> <span class="k-soft k-small k-n">{}</span>', name, load)

    def user(self, value: str) -> User | None:
        return self.people.get(value)


class AssignForm(forms.Form):
    """A coordinator gives the case; ``carried_by`` is who carried it when the page was opened."""

    to = PersonField()
    carried_by = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, people: list[User], me: User, is_carried: bool, **kwargs):
        super().__init__(*args, **kwargs)
        extra = [(NOBODY, _("Nobody: back to the desk"))] if is_carried else []
        self.fields["to"].offer(people, me=me, extra=extra)

    @property
    def chosen(self) -> User | None:
        """Who was chosen; None stands for nobody."""
        return self.fields["to"].user(self.cleaned_data["to"])
