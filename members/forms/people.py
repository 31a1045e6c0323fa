"""What is typed about a member: who they are, where they belong, how they work, and how they are covered."""

import re

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.forms.moments import DayField
from members.forms.texts import one_line
from members.forms.widgets import ChoiceChips, DigitsInput, MultipleChips, PhoneInput
from members.models import HouseholdMember, Organisation, Person, Sector, Vulnerability
from members.rules import cover
from members.rules.numbers import NumberKind, phone_e164
from members.services import people, places

_CHOOSE = {"required": gettext_lazy("Choose one."), "invalid_choice": gettext_lazy("Choose one from the list.")}
_EMPTY = ("", gettext_lazy("Not known"))


def _number(label) -> forms.CharField:
    return forms.CharField(label=label, max_length=80, required=False, widget=DigitsInput({"maxlength": "80"}))


class _Whole(forms.IntegerField):
    """A whole number as people write it: "1.200", "Rp4.500.000", "4.500.000,00"."""

    widget = DigitsInput

    def to_python(self, value):
        if isinstance(value, str):
            value = re.sub(r"[,.]\d{1,2}$|[.,\s]|^\s*Rp", "", value.strip())
        return super().to_python(value)


class _Row(forms.ModelChoiceField):
    """One row of a short table, or none."""

    def __init__(self, queryset, **kwargs):
        super().__init__(queryset, empty_label=_EMPTY[1], error_messages=_CHOOSE, **{"required": False, **kwargs})


class Unit(forms.ModelChoiceField):
    """An organisation whose members the reader keeps."""

    def __init__(self, **kwargs):
        label = gettext_lazy("Organisation")
        super().__init__(Organisation.objects.none(), label=label, error_messages=_CHOOSE, **kwargs)

    def label_from_instance(self, obj):
        return obj.long_name


class PersonForm(forms.Form):
    """Who it is; everything but a name may wait."""

    full_name = one_line(150, label=gettext_lazy("Name"))
    gender = forms.ChoiceField(
        label=gettext_lazy("Gender"), choices=Person.Gender.choices, required=False, widget=ChoiceChips
    )
    born_on = DayField(label=gettext_lazy("Born on"))
    region = one_line(120, label=gettext_lazy("City or regency"), required=False)
    phone = forms.CharField(label=gettext_lazy("Phone"), max_length=25, required=False, widget=PhoneInput)
    phone_is_safe = forms.BooleanField(
        label=gettext_lazy("Safe to call: nobody else answers or listens"), required=False, initial=True
    )
    nik = _number(gettext_lazy("NIK"))
    jkn = _number(gettext_lazy("JKN card number"))
    kpj = _number(gettext_lazy("KPJ (BPJS Ketenagakerjaan)"))
    vulnerabilities = forms.ModelMultipleChoiceField(
        Vulnerability.objects.all(), label=gettext_lazy("Vulnerable because"), required=False, widget=MultipleChips
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kpj"].help_text = _("Several cards: put a comma between them.")

    def clean_born_on(self):
        day = self.cleaned_data["born_on"]
        if day and day > timezone.localdate():
            raise forms.ValidationError(_("This day is still to come."))
        return day

    def clean_region(self):
        text = self.cleaned_data["region"]
        found = places.find_region(text) if text else None
        if text and found is None:
            raise forms.ValidationError(_("No city or regency has this name. Leave it empty if you are not sure."))
        return found

    def clean_phone(self):
        phone = self.cleaned_data["phone"].strip()
        if phone and not phone_e164(phone):
            raise forms.ValidationError(_("Write the number like 0812 3456 7890."))
        return phone

    @property
    def numbers(self) -> list[tuple[str, str]]:
        """The numbers that were typed, each with its kind; of KPJ there may be several."""
        given = self.cleaned_data
        cards = [(NumberKind.KPJ, each) for each in re.split(r"[,;\n]", given["kpj"])]
        return [(NumberKind.NIK, given["nik"]), (NumberKind.JKN, given["jkn"]), *cards]


class MembershipForm(forms.Form):
    """Of what somebody is a member, and since when."""

    organisation = Unit()
    number = one_line(60, label=gettext_lazy("Membership number"), required=False)
    from_on = DayField(label=gettext_lazy("Member since"))
    until_on = DayField(label=gettext_lazy("Until (last day)"))

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        rows = people.organisations_of(user).filter(is_active=True).select_related("parent").order_by("name")
        self.fields["organisation"].queryset = rows

    def clean(self):
        return _in_order(self, super().clean() or {})


class NewPersonForm(PersonForm, MembershipForm):
    """A person with the membership that brings them here."""

    until_on = None
    field_order = ["full_name", "organisation", "number", "from_on"]


class WorkForm(forms.Form):
    """How and for whom somebody works."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Kind of work"),
        choices=[(value, label) for value, label in cover.WorkKind.choices if value],
        widget=ChoiceChips,
        required=False,
    )
    employer = one_line(200, label=gettext_lazy("Employer"), required=False)
    user_company = one_line(
        200,
        label=gettext_lazy("User company"),
        required=False,
        help_text=gettext_lazy("Outsourced: where the work is really done."),
    )
    sector = _Row(Sector.objects.all(), label=gettext_lazy("Sector"))
    job = one_line(120, label=gettext_lazy("Job"), required=False)
    from_on = DayField(label=gettext_lazy("From"))
    until_on = DayField(label=gettext_lazy("Until (last day)"))

    def clean(self):
        given = _in_order(self, super().clean() or {})
        if not self.errors and not any(given.get(name) for name in ("kind", "employer", "sector", "job")):
            raise forms.ValidationError(_("Say at least one thing about the work."))
        return given

    @property
    def values(self) -> dict:
        """What the service keeps: names typed freely are bodies."""
        given = dict(self.cleaned_data)
        for name in ("employer", "user_company"):
            given[name] = places.find_or_create(given[name])
        return given


class CoverForm(forms.Form):
    """What a check showed of one programme; empty is not known."""

    programme = forms.ChoiceField(
        label=gettext_lazy("Programme"), choices=cover.Cover, widget=ChoiceChips, error_messages=_CHOOSE
    )
    state = forms.ChoiceField(label=gettext_lazy("State"), choices=cover.CoverState, initial="TIDAK_DIKETAHUI")
    segment = forms.ChoiceField(label=gettext_lazy("Segment"), choices=[_EMPTY, *cover.Segment.choices], required=False)
    class_of_right = one_line(10, label=gettext_lazy("Class"), required=False)
    facility = one_line(200, label=gettext_lazy("First facility (FKTP)"), required=False)
    employer = one_line(200, label=gettext_lazy("Employer"), required=False)
    reported_wage = _Whole(label=gettext_lazy("Wage reported to BPJS"), min_value=0, max_value=10**11, required=False)
    real_wage = _Whole(label=gettext_lazy("Real wage"), min_value=0, max_value=10**11, required=False)
    paid_until = DayField(
        label=gettext_lazy("Paid until"),
        help_text=gettext_lazy("Who pays alone (BPU, mandiri): a reminder comes before."),
    )
    agent = one_line(120, label=gettext_lazy("Agent (Perisai)"), required=False)
    checked_on = DayField(label=gettext_lazy("Checked on"))
    checked_how = forms.ChoiceField(
        label=gettext_lazy("Checked how"), choices=cover.Checked, required=False, widget=ChoiceChips
    )
    note = one_line(300, label=gettext_lazy("Note"), required=False)

    def clean_checked_on(self):
        day = self.cleaned_data["checked_on"] or timezone.localdate()
        if day > timezone.localdate():
            raise forms.ValidationError(_("This day is still to come."))
        return day

    @property
    def values(self) -> dict:
        given = dict(self.cleaned_data)
        for name in ("employer", "facility"):
            given[name] = places.find_or_create(given[name])
        return given


class HouseholdForm(forms.Form):
    """On which family card somebody stands, and as what."""

    number = _number(gettext_lazy("Family card number (KK)"))
    relation = forms.ChoiceField(
        label=gettext_lazy("Relation"),
        choices=[(value, label) for value, label in HouseholdMember.Relation.choices if value],
        required=False,
        widget=ChoiceChips,
    )
    from_on = DayField(label=gettext_lazy("Since"))


class SurveyForm(forms.Form):
    """A count of workers and of those registered; both a number and its source are needed."""

    employer = one_line(200, label=gettext_lazy("Employer"), required=False)
    sector = _Row(Sector.objects.all(), label=gettext_lazy("Sector"))
    region = one_line(120, label=gettext_lazy("City or regency"), required=False)
    programme = forms.ChoiceField(
        label=gettext_lazy("Programme"), choices=cover.Cover, widget=ChoiceChips, error_messages=_CHOOSE
    )
    workers = _Whole(label=gettext_lazy("Workers"), min_value=1, max_value=10**7)
    registered = _Whole(label=gettext_lazy("Of them registered"), min_value=0, max_value=10**7)
    counted_on = DayField(label=gettext_lazy("Counted on"), required=True)
    source = one_line(
        300,
        label=gettext_lazy("Who counted, or where it stands"),
        help_text=gettext_lazy("For example: payroll of March, letter of BPJSTK, the PUK itself."),
    )

    clean_region = PersonForm.clean_region

    def clean_counted_on(self):
        day = self.cleaned_data["counted_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("This day is still to come."))
        return day

    def clean(self):
        given = super().clean() or {}
        if not given.get("employer") and not given.get("sector"):
            self.add_error("employer", _("Say which employer or which sector was counted."))
        return given

    @property
    def values(self) -> dict:
        given = dict(self.cleaned_data)
        given["employer"] = places.find_or_create(given["employer"], region=given["region"])
        return given


def _in_order(form: forms.Form, given: dict) -> dict:
    if given.get("from_on") and given.get("until_on") and given["until_on"] < given["from_on"]:
        form.add_error("until_on", _("The last day lies before the first."))
    return given


class PeopleFilter(forms.Form):
    """The filters of the list; what makes no sense is left out."""

    say_optional = False

    unit = forms.UUIDField(required=False, widget=forms.HiddenInput)
    kerja = forms.ChoiceField(
        label=gettext_lazy("Kind of work"),
        required=False,
        choices=[("", gettext_lazy("All")), *cover.WorkKind.choices[:-1]],
    )
    sektor = forms.ChoiceField(label=gettext_lazy("Sector"), required=False)
    rentan = forms.ChoiceField(label=gettext_lazy("Vulnerable because"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        first = [("", _("All"))]
        self.fields["sektor"].choices = first + list(Sector.objects.values_list("code", "name"))
        self.fields["rentan"].choices = first + list(Vulnerability.objects.values_list("code", "name"))
        self.is_valid()

    def apply(self, rows):
        chosen = {name: value for name, value in self.cleaned_data.items() if value}
        if "unit" in chosen:
            rows = rows.filter(memberships__organisation__uuid=chosen["unit"])
        if "kerja" in chosen:
            rows = rows.filter(employments__kind=chosen["kerja"])
        if "sektor" in chosen:
            rows = rows.filter(employments__sector__code=chosen["sektor"])
        if "rentan" in chosen:
            rows = rows.filter(vulnerabilities__vulnerability__code=chosen["rentan"])
        return rows.distinct() if chosen else rows
