"""What is typed of an announcement, a proposal and a finding."""

from functools import reduce
from operator import or_

from django import forms
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.forms.moments import DayField
from members.forms.texts import SubmitKey, one_line
from members.forms.widgets import ChoiceChips, DigitsInput
from members.models import Finding, Organisation, Proposal
from members.rules.registers import ProposalState

_CHOOSE = {"required": gettext_lazy("Choose one."), "invalid_choice": gettext_lazy("Choose one from the list.")}
#: More organisations than this are not offered in one list.
MOST = 300


class Unit(forms.ModelChoiceField):
    """An organisation of the writer."""

    def __init__(self, **kwargs):
        super().__init__(
            Organisation.objects.none(), to_field_name="uuid", empty_label=None, error_messages=_CHOOSE, **kwargs
        )

    def label_from_instance(self, obj):
        return str(obj)


class AnnouncementForm(SubmitKey):
    """To whom, and what."""

    organisation = Unit(
        label=gettext_lazy("To everybody at and below"),
        help_text=gettext_lazy("They find it under Messages, and by e-mail if they want it."),
    )
    title = one_line(120, label=gettext_lazy("Title"))
    text = forms.CharField(
        max_length=4000,
        label=gettext_lazy("Announcement"),
        help_text=gettext_lazy("No names, numbers or illnesses of patients."),
        widget=forms.Textarea({"rows": 8}),
        error_messages={
            "required": gettext_lazy("Write what you want to say."),
            "max_length": gettext_lazy("Too long. Keep it under %(limit_value)d letters."),
        },
    )

    field_order = ["organisation", "title", "text"]

    def __init__(self, *args, units, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = units


class _RegisterForm(SubmitKey):
    """What both registers ask: whose it is, which office, when to look again, a note; a version when it is changed."""

    version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    organisation = Unit(label=gettext_lazy("Kept by"))
    office = one_line(
        160,
        label=gettext_lazy("Which office?"),
        required=False,
        help_text=gettext_lazy("For example: Pemkab Jember."),
    )
    next_check_on = DayField(label=gettext_lazy("Look again on"))
    note = one_line(300, label=gettext_lazy("Note"), required=False)

    def __init__(self, *args, units, row=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.row = row
        if row:
            del self.fields["organisation"]
        else:
            self.fields["organisation"].queryset = units
            del self.fields["version"]

    @property
    def told(self) -> dict:
        """What the services take."""
        return {name: value for name, value in self.cleaned_data.items() if name not in {"submit_key", "version"}}


class ProposalForm(_RegisterForm):
    """A programme laid before an office."""

    title = one_line(160, label=gettext_lazy("What is proposed?"))
    state = forms.ChoiceField(
        label=gettext_lazy("How far is it?"),
        choices=ProposalState,
        initial=ProposalState.DRAFT,
        widget=ChoiceChips,
        error_messages=_CHOOSE,
    )
    amount = forms.IntegerField(
        label=gettext_lazy("Rupiah asked for"),
        required=False,
        min_value=0,
        max_value=10**15,
        widget=DigitsInput,
        error_messages={"invalid": gettext_lazy("Write a number without dots or commas.")},
    )

    field_order = ["organisation", "title", "office", "state", "amount", "next_check_on", "note"]

    @staticmethod
    def initial_of(row: Proposal) -> dict:
        names = ("title", "state", "amount", "next_check_on", "note", "version")
        return {**{name: getattr(row, name) for name in names}, "office": str(row.body or "")}


class FindingForm(_RegisterForm):
    """What is wrong with a programme, and what shows it."""

    programme = one_line(
        160, label=gettext_lazy("Which programme of the government?"), help_text=gettext_lazy("For example: bansos.")
    )
    text = forms.CharField(
        max_length=500,
        label=gettext_lazy("What was found?"),
        widget=forms.Textarea({"rows": 3}),
        error_messages={
            "required": gettext_lazy("Write what was found."),
            "max_length": gettext_lazy("Too long. Keep it under %(limit_value)d letters."),
        },
    )
    evidence = one_line(
        300,
        label=gettext_lazy("What shows it?"),
        empty=gettext_lazy("Say what shows it: a photo, a letter, who counted."),
        help_text=gettext_lazy("For example: photo of the notice board, list of 12 names at the posko."),
    )
    found_on = DayField(label=gettext_lazy("Found on"))
    closed_on = DayField(label=gettext_lazy("Settled on"), help_text=gettext_lazy("Empty: still open."))

    field_order = [
        "organisation", "programme", "text", "evidence", "office", "found_on", "next_check_on", "closed_on", "note",
    ]  # fmt: skip

    def __init__(self, *args, row=None, **kwargs):
        super().__init__(*args, row=row, **kwargs)
        if row is None:
            self.fields["found_on"].initial = timezone.localdate
            del self.fields["closed_on"]

    @staticmethod
    def initial_of(row: Finding) -> dict:
        names = ("programme", "text", "evidence", "found_on", "next_check_on", "closed_on", "note", "version")
        return {**{name: getattr(row, name) for name in names}, "office": str(row.body or "")}

    def clean_found_on(self):
        day = self.cleaned_data["found_on"] or timezone.localdate()
        if day > timezone.localdate():
            raise forms.ValidationError(_("This day is still to come."))
        return day

    def clean(self):
        given = super().clean()
        found, closed = given.get("found_on"), given.get("closed_on")
        if found and closed and closed < found:
            self.add_error("closed_on", _("It was settled before it was found. Check the days."))
        return given


class RegisterFilter(forms.Form):
    """What a list of a register shows and in which order, on the page and in its file; nonsense leaves nothing out."""

    say_optional = False

    kata = forms.CharField(label=gettext_lazy("Words"), required=False, max_length=60)
    urut = forms.ChoiceField(
        label=gettext_lazy("Order"),
        required=False,
        choices=[
            ("", gettext_lazy("As usual")),
            ("baru", gettext_lazy("Newest first")),
            ("lama", gettext_lazy("Oldest first")),
            ("kantor", gettext_lazy("By office")),
        ],
    )

    def __init__(self, data, *, texts: tuple[str, ...], day: str):
        super().__init__(data)
        self._texts, self._day = texts, day
        self.is_valid()
        #: What is on, as it stands in the address.
        self.chosen = {name: value for name, value in self.cleaned_data.items() if value}

    def shown(self, rows: QuerySet) -> QuerySet:
        """These rows within the filter, in the order chosen."""
        for word in self.chosen.get("kata", "").split()[:6]:
            rows = rows.filter(reduce(or_, (Q(**{f"{name}__icontains": word}) for name in self._texts)))
        by_office = (F("body__name").asc(nulls_last=True), self._day, "pk")
        orders = {"baru": (f"-{self._day}", "-pk"), "lama": (self._day, "pk"), "kantor": by_office}
        order = orders.get(self.chosen.get("urut", ""))
        return rows.order_by(*order) if order else rows
