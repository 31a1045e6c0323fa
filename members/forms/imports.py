"""A file with a list, what its columns mean, and how its rows are taken over."""

import re

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.forms.texts import SubmitKey, one_line
from members.forms.widgets import ChoiceChips
from members.models import Import, Organisation
from members.rules.importing import ImportKind, columns_of
from members.services.import_targets import importable
from members.services.imports import Look

#: Up to this many organisations stand in a list to choose from; more are found by their name.
MOST_CHOICES = 60
_CHOOSE = {"required": gettext_lazy("Choose one."), "invalid_choice": gettext_lazy("Choose one from the list.")}


class ImportForm(SubmitKey):
    """What the file lists, for whom, and the file."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What is in the list?"), choices=ImportKind, widget=ChoiceChips, error_messages=_CHOOSE
    )
    organisation = one_line(200, label=gettext_lazy("For which organisation?"))
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("An Excel file (.xlsx) or .csv, up to 20 MB and 200,000 rows."),
        widget=forms.FileInput({"accept": ".xlsx,.csv,text/csv,text/plain"}),
        error_messages={
            "required": gettext_lazy("Choose a file."),
            "empty": gettext_lazy("This file is empty. Choose it again."),
            "invalid": gettext_lazy("Choose a file."),
        },
    )

    field_order = ["kind", "organisation", "file", "submit_key"]

    def __init__(self, *args, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.reach = importable(by).filter(is_active=True, merged_into__isnull=True)
        few = list(self.reach.select_related("parent").order_by("name")[: MOST_CHOICES + 1])
        if len(few) <= MOST_CHOICES:
            self.fields["organisation"] = forms.ModelChoiceField(
                self.reach,
                to_field_name="uuid",
                label=gettext_lazy("For which organisation?"),
                empty_label=None if len(few) == 1 else _("Choose one"),
                error_messages=_CHOOSE,
            )
            self.fields["organisation"].label_from_instance = lambda row: row.long_name
        else:
            self.fields["organisation"].help_text = _("Its name or abbreviation.")
        self.order_fields(self.field_order)

    def clean_organisation(self):
        given = self.cleaned_data["organisation"]
        if isinstance(given, Organisation):
            return given
        exact = list(self.reach.filter(name__iexact=given)[:2]) or list(
            self.reach.filter(abbreviation__iexact=given)[:2]
        )
        if len(exact) != 1:
            raise forms.ValidationError(
                _("Several organisations have this name. Write it in full.")
                if exact
                else _("No organisation of yours has this name.")
            )
        return exact[0]

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > settings.MAX_IMPORT:
            raise forms.ValidationError(_("This file is over 20 MB. Split it into several files."))
        return file


class ColumnsForm(forms.Form):
    """For each thing we can keep, the column of the file that holds it."""

    say_optional = False

    def __init__(self, *args, batch: Import, look: Look, **kwargs):
        super().__init__(*args, **kwargs)
        self.batch = batch
        if len(look.sheets) > 1:
            self.fields["sheet"] = forms.TypedChoiceField(
                label=_("Sheet"), coerce=int, choices=list(enumerate(look.sheets)), error_messages=_CHOOSE
            )
        self.fields["head_row"] = forms.IntegerField(
            label=_("The headings stand in row"),
            min_value=1,
            max_value=1000,
            widget=forms.NumberInput({"class": "k-n", "inputmode": "numeric"}),
            error_messages={
                "required": _("Write the number of the row."),
                "invalid": _("Write the number of the row."),
                "min_value": _("Write the number of the row."),
                "max_value": _("Write the number of the row."),
            },
        )
        columns = [("", _("not in this file")), *((str(at), self._name(at, look)) for at in range(self._width(look)))]
        self.column_codes = []
        for column in columns_of(batch.kind):
            self.column_codes.append(column.code)
            self.fields[f"kolom_{column.code}"] = forms.TypedChoiceField(
                label=column.label,
                choices=columns,
                coerce=int,
                empty_value=None,
                required=column.needed,
                error_messages={**_CHOOSE, "required": _("Say which column holds this.")},
            )

    @staticmethod
    def _width(look: Look) -> int:
        return min(max(map(len, [look.head.headers, *look.rows]), default=0), 100)

    @staticmethod
    def _name(at: int, look: Look) -> str:
        """ "C: No. HP": the letter of the column as the spreadsheet shows it, and its heading."""
        letter = (chr(64 + at // 26) if at >= 26 else "") + chr(65 + at % 26)
        header = look.head.headers[at] if at < len(look.head.headers) else ""
        return f"{letter}: {header or _('without a heading')}"

    @property
    def columns(self):
        """The fields of the columns, as the page shows them."""
        return [self[f"kolom_{code}"] for code in self.column_codes]

    @property
    def mapping(self) -> dict[str, int]:
        chosen = {code: self.cleaned_data.get(f"kolom_{code}") for code in self.column_codes}
        return {code: at for code, at in chosen.items() if at is not None}

    def clean(self):
        given = super().clean()
        taken: dict[int, str] = {}
        for code in self.column_codes:
            at = given.get(f"kolom_{code}")
            if at is not None and at in taken:
                self.add_error(f"kolom_{code}", _("This column is chosen twice."))
            elif at is not None:
                taken[at] = code
        return given


class RunForm(forms.Form):
    """All or nothing, or the rows in order; and what becomes of rows that may mean somebody already here."""

    mode = forms.ChoiceField(
        label=gettext_lazy("What is taken over?"), choices=Import.Mode, widget=ChoiceChips, error_messages=_CHOOSE
    )
    likely = forms.ChoiceField(
        label=gettext_lazy("Rows that nobody has decided"),
        choices=Import.Likely,
        widget=ChoiceChips,
        required=False,
        error_messages=_CHOOSE,
    )

    def __init__(self, *args, open_rows: int, refused: int, **kwargs):
        super().__init__(*args, **kwargs)
        if not open_rows:
            del self.fields["likely"]
        if not self.is_bound:
            self.initial["mode"] = Import.Mode.GOOD if refused else Import.Mode.ALL


def decisions_in(data) -> dict[int, str]:
    """What was chosen for single rows: the number of the row and the answer."""
    found = {}
    for name, value in data.items():
        if (match := re.fullmatch(r"baris-(\d{1,9})", name)) and value in ("same", "new"):
            found[int(match[1])] = value
    return found
