"""Forms about a person on a case: one name is enough, every number may be missing, nothing odd is refused."""

from collections.abc import Iterable

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.forms.merging import SeenField, seen_marks
from cases.models import CaseParty
from cases.rules.codes import PartyRole, Relation
from cases.rules.sharing import Draft
from cases.services.parties import Phone, kept_phone
from members.forms.layout import Act, Card, Fold
from members.forms.widgets import ChoiceChips, DigitsInput, PhoneInput
from members.models import Person
from members.rules.numbers import NumberKind, normalise, phone_e164, warnings_for
from members.rules.words import phone

#: The numbers a form asks for, in this order.
NUMBERS = (NumberKind.NIK, NumberKind.KK, NumberKind.JKN, NumberKind.KPJ)
NEW, ME = "baru", "saya"
#: More phones than this nobody has; what a form sends beyond is not read.
MOST_PHONES = 20


class NumberFields(forms.Form):
    """What both forms ask: age, sex and identity numbers."""

    age_text = forms.CharField(
        label=gettext_lazy("Age"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("As told, for example: 46 years."),
    )
    gender = forms.ChoiceField(
        label=gettext_lazy("Woman or man"), required=False, choices=Person.Gender.choices, widget=ChoiceChips
    )
    nik = forms.CharField(
        label=NumberKind.NIK.label,
        required=False,
        max_length=40,
        widget=DigitsInput,
        help_text=gettext_lazy("16 digits on the identity card. Spaces and dots are fine."),
    )
    kk = forms.CharField(label=NumberKind.KK.label, required=False, max_length=40, widget=DigitsInput)
    jkn = forms.CharField(
        label=NumberKind.JKN.label,
        required=False,
        max_length=40,
        widget=DigitsInput,
        help_text=gettext_lazy("13 digits on the JKN-KIS card."),
    )
    kpj = forms.CharField(
        label=NumberKind.KPJ.label, required=False, max_length=40, widget=forms.TextInput({"autocomplete": "off"})
    )

    @property
    def numbers(self) -> dict[str, str]:
        """What was typed, by kind of number."""
        return {kind.value: self.cleaned_data[kind.value] for kind in NUMBERS}

    def odd_numbers(self) -> list[str]:
        """What looks wrong with the numbers typed; they are kept all the same."""
        return [
            f"{kind.label}: {warning}"
            for kind in NUMBERS
            if normalise(self.cleaned_data[kind.value])
            for warning in warnings_for(kind, self.cleaned_data[kind.value])
        ]


def phone_field(**given) -> forms.CharField:
    return forms.CharField(required=False, max_length=25, widget=PhoneInput, **given)


def checked_phone(value: str) -> str:
    """The phone as typed; only words without any digit are sent back."""
    if value.strip() and not any(char.isdigit() for char in normalise(value)):
        raise forms.ValidationError(_("Write the digits of the number, or leave it empty."))
    return value


def odd_phone(value: str) -> str:
    """What looks wrong with a phone, or ""."""
    return _("The phone number looks incomplete. Example: 0812 3456 7890.") if value and not phone_e164(value) else ""


class PartyAddForm(NumberFields):
    """Somebody more on the case: a new person, somebody already there in another role, or the reader."""

    who = forms.ChoiceField(label=gettext_lazy("Who is it?"), widget=ChoiceChips, initial=NEW)
    role = forms.ChoiceField(label=gettext_lazy("Role on the case"), choices=PartyRole.choices, widget=ChoiceChips)
    relation = forms.ChoiceField(
        label=gettext_lazy("Relation to the patient"), required=False, choices=Relation.choices
    )
    full_name = forms.CharField(
        label=gettext_lazy("Name"),
        required=False,
        max_length=150,
        help_text=gettext_lazy("One name is enough. Not known yet? Leave it empty."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    phone = phone_field(label=gettext_lazy("Phone"), help_text=gettext_lazy("Example: 0812 3456 7890."))
    submit_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args, people: dict[str, str], cancel: str, **kwargs):
        """``people``: uuid of a party → how they are called on this page."""
        super().__init__(*args, **kwargs)
        same = [(uuid, _("Same as %(person)s") % {"person": name}) for uuid, name in people.items()]
        self.fields["who"].choices = [(NEW, _("Someone new")), *same, (ME, _("Myself"))]
        self.helper = FormHelper()
        self.helper.layout = Layout(
            Card(_("Who"), "who", "role", "relation"),
            Card(_("What is known"), "full_name", "phone", "age_text", "gender"),
            Fold(_("Identity numbers"), "nik", "kk", "jkn", "kpj"),
            Field("submit_key"),
            Act(_("Save person"), cancel=cancel),
        )

    def clean_phone(self):
        return checked_phone(self.cleaned_data["phone"])

    def odd(self) -> list[str]:
        """Warnings to show after saving."""
        return [*filter(None, [odd_phone(self.cleaned_data["phone"])]), *self.odd_numbers()]


def values_of(party: CaseParty, gone: Iterable[str] = ()) -> dict:
    """What the edit form changes, as it stands now; of identity numbers only the mask.

    ``gone``: keys of phones that a form was opened with and that somebody has removed since.
    """
    person = party.person
    values: dict = {
        "full_name": person.full_name,
        "role": party.role,
        "relation": party.relation,
        "age_text": person.age_text,
        "gender": person.gender,
    }
    for contact in person.contacts.order_by("pk"):
        values |= _phone_values(str(contact.pk), contact.value, not contact.is_safe, contact.note)
    for key in [*gone, NEW]:
        values |= {**_phone_values(key, "", False, ""), **values}
    kept = {row.kind: row.masked for row in person.identifiers.order_by("-pk")}
    return values | {kind.value: kept.get(kind, "") for kind in NUMBERS}


def _phone_values(key: str, value: str, is_unsafe: bool, note: str) -> dict:
    return {f"phone_{key}": value, f"unsafe_{key}": is_unsafe, f"note_{key}": note}


class PartyEditForm(NumberFields):
    """Change what is known of a person; their phones stand in rows, with an empty one for one more."""

    full_name = forms.CharField(
        label=gettext_lazy("Name"),
        required=False,
        max_length=150,
        help_text=gettext_lazy("One name is enough. Not known yet? Leave it empty."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    role = forms.ChoiceField(label=gettext_lazy("Role on the case"), choices=PartyRole.choices, widget=ChoiceChips)
    relation = forms.ChoiceField(
        label=gettext_lazy("Relation to the patient"), required=False, choices=Relation.choices
    )
    seen = SeenField()

    def __init__(self, *args, party: CaseParty, cancel: str, **kwargs):
        self.party = party
        self.contacts = {str(row.pk): row for row in party.person.contacts.order_by("pk")}
        super().__init__(*args, **kwargs)
        #: The rows of phones, by key: those kept, those removed by somebody since, and the empty one.
        self.keys = [*self.contacts, *self._gone(), NEW]
        now = values_of(party)
        shown = {name: phone(value) if name.startswith("phone_") else value for name, value in now.items()}
        self.initial = {**shown, **dict.fromkeys(NUMBERS, ""), "seen": seen_marks(now)}
        for at, key in enumerate(self.keys, 1):
            self._add_phone(key, at)
        for kind in NUMBERS:
            if now[kind]:
                self.fields[kind].help_text = _("Kept: %(number)s. Fill in only to replace it.") % {"number": now[kind]}
        self.helper = FormHelper()
        self.helper.layout = Layout(
            Card(_("Who"), "full_name", "role", "relation", "age_text", "gender"),
            Card(_("Phones"), *[f"{part}_{key}" for key in self.keys for part in ("phone", "unsafe", "note")]),
            Fold(_("Identity numbers"), *NUMBERS),
            Field("seen"),
            Act(_("Save changes"), cancel=cancel),
        )

    def clean(self):
        cleaned = super().clean()
        for key in self.keys:
            try:
                checked_phone(cleaned.get(f"phone_{key}", ""))
            except forms.ValidationError as error:
                self.add_error(f"phone_{key}", error)
        return cleaned

    def now(self, party: CaseParty) -> dict:
        """What stands there now, in the shape of `typed`."""
        return values_of(party, [key for key in self.keys if key not in self.contacts and key != NEW])

    def typed(self) -> dict:
        """What was typed, as it would be kept; phones that this form was not opened with are left out."""
        values = {
            name: " ".join(self.cleaned_data[name].split())
            for name in ("full_name", "role", "relation", "age_text", "gender")
        }
        for key in self.keys:
            if f"phone_{key}" in self.cleaned_data["seen"]:
                values |= _phone_values(
                    key,
                    kept_phone(self.cleaned_data[f"phone_{key}"]),
                    self.cleaned_data[f"unsafe_{key}"],
                    " ".join(self.cleaned_data[f"note_{key}"].split()),
                )
        return values | {kind: number for kind, value in self.numbers.items() if (number := normalise(value))}

    def phones(self, changes: dict, now: dict) -> list[Phone]:
        """The phones to save: each row of which something changed, the rest of it as it stands now."""
        rows = []
        for key in self.keys:
            names = _phone_values(key, "", False, "")
            if names.keys() & changes.keys():
                value, is_unsafe, note = (changes.get(name, now[name]) for name in names)
                pk = int(key) if key in self.contacts else None
                rows.append(Phone(value=value, pk=pk, is_safe=not is_unsafe, note=note))
        return rows

    def odd(self) -> list[str]:
        """Warnings to show after saving."""
        phones = [odd_phone(self.cleaned_data[f"phone_{key}"]) for key in self.keys]
        return [*dict.fromkeys(filter(None, phones)), *self.odd_numbers()]

    def _gone(self) -> list[str]:
        sent = [name.removeprefix("phone_") for name in self.data if name.startswith("phone_")]
        keys = [key for key in sent if key.isascii() and key.isdigit() and len(key) < 19]
        return [key for key in keys if key not in self.contacts][:MOST_PHONES]

    def _add_phone(self, key: str, at: int) -> None:
        is_new = key == NEW
        many = len(self.keys) > 2
        label = _("One more phone") if is_new else _("Phone %(at)d") % {"at": at} if many else _("Phone")
        self.fields[f"phone_{key}"] = phone_field(
            label=label, help_text=_("Example: 0812 3456 7890.") if is_new else _("Empty it to remove it.")
        )
        self.fields[f"unsafe_{key}"] = forms.BooleanField(label=_("Do not call this number (not safe)"), required=False)
        self.fields[f"note_{key}"] = forms.CharField(
            label=_("Note on this number"),
            required=False,
            max_length=120,
            help_text=_("For example: the neighbour's phone, after 17.00."),
        )


class SentForm(forms.Form):
    """Somebody says that a message went out."""

    kind = forms.ChoiceField(choices=Draft.choices)
    party = forms.UUIDField(required=False)
    submit_key = forms.UUIDField(required=False)
