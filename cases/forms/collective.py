"""A sub-case that is there already, and a pasted list of names."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.forms.texts import SubmitKey, one_line
from cases.rules.collective import MOST_NAMES, Named, lines_of_table, read_names
from members.forms.widgets import ChoiceChips
from members.rules.importing import FAULTS
from members.rules.sheets import BadSheet, open_table

AS_CASES, AS_PEOPLE = "cases", "people"


class LinkForm(forms.Form):
    """Which case belongs here."""

    say_optional = False

    number = one_line(
        30,
        label=gettext_lazy("Number of the case"),
        empty=gettext_lazy("Write the number of the case."),
        help_text=gettext_lazy("For example: KWL-26-00417."),
    )


class NamesForm(SubmitKey):
    """Names, one a line; shown once more before anything is saved."""

    say_optional = False

    names = forms.CharField(
        label=gettext_lazy("Names, one on each line"),
        required=False,
        max_length=60_000,
        widget=forms.Textarea({"rows": 10, "autocomplete": "off"}),
        help_text=gettext_lazy("A phone or card number may stand behind a name. Copy the column of a sheet as it is."),
        error_messages={
            "max_length": gettext_lazy("The list is too long. Paste it in two goes."),
        },
    )
    file = forms.FileField(
        label=gettext_lazy("Or a file with the names"),
        required=False,
        help_text=gettext_lazy("Excel or CSV; the column that is headed with a name is taken."),
        widget=forms.FileInput({"accept": ".xlsx,.csv,.txt"}),
    )
    how = forms.ChoiceField(
        label=gettext_lazy("Put them down as"),
        choices=[
            (AS_CASES, gettext_lazy("A sub-case each")),
            (AS_PEOPLE, gettext_lazy("Affected people on this case")),
        ],
        initial=AS_CASES,
        widget=ChoiceChips,
        error_messages={"required": gettext_lazy("Choose one."), "invalid_choice": gettext_lazy("Choose one.")},
    )
    doubles = forms.BooleanField(label=gettext_lazy("Also those that seem to be there already"), required=False)

    def __init__(self, *args, known: list[str], **kwargs):
        super().__init__(*args, **kwargs)
        self.known = known
        self.found: list[Named] = []

    def clean(self):
        given = super().clean()
        text = given.get("names") or ""
        if upload := given.get("file"):
            try:
                text = "\n".join(filter(None, [text, "\n".join(lines_of_table(open_table(upload.read()).rows()))]))
            except BadSheet as bad:
                self.add_error("file", str(FAULTS[bad.fault]))
                return given
            self.data = self.data.copy()  # the look before saving shows the names, and sends them as text
            self.data["names"] = given["names"] = text
        if "names" in self.errors:
            return given
        self.found = read_names(text, self.known)
        if not text.strip():
            self.add_error("names", _("Paste at least one name."))
        elif not self.found:
            self.add_error("names", _("There is no name in the list."))
        elif len(self.found) > MOST_NAMES:
            self.add_error(
                "names", _("At most %(most)d names at once. Paste the rest afterwards.") % {"most": MOST_NAMES}
            )
        return given

    @property
    def chosen(self) -> list[Named]:
        """Whom to add: everybody, or without those who seem to be there already."""
        return [one for one in self.found if self.cleaned_data["doubles"] or not one.is_doubtful]
