"""Who may open a case: restricted to named people, hidden from a unit."""

from django import forms
from django.utils.translation import gettext_lazy

from cases.forms.assign import PersonField
from cases.forms.choices import ChoiceRows, ManyRows
from cases.forms.texts import SubmitKey, one_line
from cases.rules.registers import Restriction
from members.forms.widgets import ChoiceChips
from members.models import Organisation, User


class PeopleField(forms.MultipleChoiceField):
    """Any of the people who may carry the case; more are found by name."""

    widget = ManyRows

    def __init__(self, **kwargs):
        wrong = gettext_lazy("This person is not on the list. Choose again.")
        super().__init__(required=False, error_messages={"invalid_choice": wrong}, **kwargs)

    def offer(self, people: list[User]) -> None:
        self.people = {str(user.uuid): user for user in people}
        self.choices = [(key, PersonField.said_of(user, None)) for key, user in self.people.items()]

    def users(self, values: list[str]) -> list[User]:
        return [self.people[value] for value in values]


class RestrictForm(forms.Form):
    """Why, and who besides the one who carries it."""

    restriction = forms.ChoiceField(
        label=gettext_lazy("Why is it restricted?"),
        choices=[choice for choice in Restriction.choices if choice[0]],
        widget=ChoiceChips,
        error_messages={"required": gettext_lazy("Say why the case is restricted.")},
    )
    people = PeopleField(label=gettext_lazy("Who else may open it?"))
    words = one_line(60, label=gettext_lazy("Someone of another desk"), required=False)
    note = one_line(200, label=gettext_lazy("Note"), required=False)

    def __init__(self, *args, people: list[User], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["people"].offer(people)
        self.fields["words"].help_text = gettext_lazy("Type a name or a desk, then search.")

    @property
    def chosen(self) -> list[User]:
        return self.fields["people"].users(self.cleaned_data["people"])


class LiftForm(forms.Form):
    """Why the restriction is no longer needed."""

    note = one_line(
        200,
        label=gettext_lazy("Why is the restriction lifted?"),
        empty=gettext_lazy("Say why the restriction is lifted."),
    )


class UnitField(forms.ChoiceField):
    """One of the units found by name."""

    def __init__(self, **kwargs):
        kwargs.setdefault(
            "error_messages",
            {
                "required": gettext_lazy("Search the unit by name, then choose it."),
                "invalid_choice": gettext_lazy("Search the unit by name, then choose it."),
            },
        )
        super().__init__(**kwargs)

    def offer(self, units: list[Organisation]) -> None:
        self.units = {str(unit.uuid): unit for unit in units}
        self.choices = [(key, str(unit)) for key, unit in self.units.items()]


class HideForm(SubmitKey):
    """From which unit, and why."""

    unit_words = one_line(60, label=gettext_lazy("Name of the unit"), required=False)
    unit = UnitField(label=gettext_lazy("Which unit?"), widget=ChoiceRows)
    reason = one_line(200, label=gettext_lazy("Why?"), required=False)

    field_order = ["unit_words", "unit", "reason"]

    def __init__(self, *args, units: list[Organisation], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["unit"].offer(units)

    @property
    def chosen(self) -> Organisation:
        return self.fields["unit"].units[self.cleaned_data["unit"]]
