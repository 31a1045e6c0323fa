"""A letter written once for many: to whom, the words, for which sub-cases, and as one or as many letters."""

from django import forms
from django.utils.translation import gettext_lazy

from cases.forms.choices import ChoiceRows, ManyRows, two_lines
from cases.forms.letter import KINDS, LetterForm
from cases.forms.texts import SubmitKey
from cases.models import Case
from cases.rules.registers import LetterKind
from members.forms.widgets import ChoiceChips

ONE, EACH = "one", "each"


class BatchLettersForm(SubmitKey):
    """The words are typed once; a number and initials are put in for each."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What kind of letter?"),
        choices=[(kind.value, kind.label) for kind in KINDS],
        initial=LetterKind.REQUEST,
        widget=ChoiceChips,
    )
    office = LetterForm.base_fields["office"]
    subject = LetterForm.base_fields["subject"]
    our_reference = LetterForm.base_fields["our_reference"]
    text = forms.CharField(
        max_length=20000,
        label=gettext_lazy("What the letter says"),
        widget=forms.Textarea({"rows": 12}),
        help_text=gettext_lazy("[nomor] becomes the case number, [inisial] the initials."),
        error_messages={"required": gettext_lazy("Write what the letter says.")},
    )
    how = forms.ChoiceField(
        label=gettext_lazy("How many letters?"),
        widget=ChoiceRows,
        choices=[
            (ONE, two_lines(gettext_lazy("One letter"), gettext_lazy("It lists all of them."))),
            (EACH, two_lines(gettext_lazy("One for each"), gettext_lazy("Each stands on its own sub-case."))),
        ],
        initial=ONE,
        error_messages={"required": gettext_lazy("Choose one.")},
    )
    cases = forms.MultipleChoiceField(
        label=gettext_lazy("For whom?"),
        widget=ManyRows,
        error_messages={"required": gettext_lazy("Choose at least one sub-case.")},
    )

    field_order = ["kind", "office", "subject", "our_reference", "text", "how", "cases"]

    def __init__(self, *args, sub_cases: list[Case], **kwargs):
        super().__init__(*args, **kwargs)
        self.rows = {str(case.uuid): case for case in sub_cases}
        self.fields["cases"].choices = [
            (key, f"{case.number} · {case.initials or '–'}") for key, case in self.rows.items()
        ]
        self.fields["cases"].initial = list(self.rows)

    @property
    def chosen(self) -> list[Case]:
        return [self.rows[key] for key in self.cleaned_data["cases"]]
