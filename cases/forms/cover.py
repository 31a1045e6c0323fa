"""The card, the payer and the calculators: amounts as people say them, and a kind word beside what cannot be read."""

from datetime import datetime

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.forms.moments import DayField, ToldFields
from cases.forms.texts import SubmitKey, one_line
from cases.models import Case, LocalScheme, MembershipState, PayerDecision, Route, Segment
from cases.reports.cover import helper_words
from cases.rules import payer, rupiah
from members.forms.widgets import ChoiceChips
from members.models import Region

_LIST = {"invalid_choice": gettext_lazy("Choose one from the list.")}
_YES_NO = [("", gettext_lazy("Not known yet")), ("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))]


class RupiahField(forms.Field):
    """An amount: "1,5 jt", "500rb", "Rp1.250.000"."""

    default_error_messages = {
        "required": gettext_lazy("Write the amount. Example: 1,5 jt."),
        "not_money": gettext_lazy("This amount cannot be read. Example: 1,5 jt or 500rb."),
    }

    widget = forms.TextInput({"autocomplete": "off", "class": "k-n", "maxlength": 40})

    def to_python(self, value):
        text = (value or "").strip()
        if not text:
            return None
        try:
            return rupiah.parse(text)
        except rupiah.NotMoney:
            raise forms.ValidationError(self.error_messages["not_money"], code="not_money") from None


def how_many(most: int, **kwargs) -> forms.IntegerField:
    """A whole number from 1, with what to write where it is none."""
    said = gettext_lazy("Write a whole number, 1 to %(limit_value)s.")
    return forms.IntegerField(
        min_value=1,
        max_value=most,
        widget=forms.NumberInput({"class": "k-short k-n", "inputmode": "numeric"}),
        error_messages={
            "required": gettext_lazy("Fill in how many."),
            "invalid": gettext_lazy("Write a whole number, like 4."),
            "min_value": gettext_lazy("Write 1 or more."),
            "max_value": said,
        },
        **kwargs,
    )


class WayForm(forms.Form):
    """Which card, why it does not work, who helps: the way to a working card."""

    segmen = forms.ModelChoiceField(
        Segment.objects.none(),
        to_field_name="code",
        required=False,
        label=gettext_lazy("Segment"),
        error_messages=_LIST,
    )
    keadaan = forms.ModelChoiceField(
        MembershipState.objects.none(),
        to_field_name="code",
        required=False,
        label=gettext_lazy("State of the card"),
        error_messages=_LIST,
    )
    bantu = forms.ChoiceField(required=False, label=gettext_lazy("Who helps?"), error_messages=_LIST)

    say_optional = False

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _open_lists(self.fields["segmen"], self.fields["keadaan"])
        helpers = Route.objects.exclude(helper="").order_by("helper").values_list("helper", flat=True).distinct()
        self.fields["bantu"].choices = [("", _("Anybody")), *((code, helper_words(code)) for code in helpers)]


class WayHereForm(WayForm):
    """The same without a case: the region and the day are asked for, because schemes hold on dates."""

    wilayah = forms.ModelChoiceField(
        Region.objects.none(),
        to_field_name="code",
        required=False,
        label=gettext_lazy("Local scheme of"),
        error_messages=_LIST,
    )
    tanggal = DayField(label=gettext_lazy("On which day?"), help_text=gettext_lazy("Empty: today."))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["wilayah"]
        field.queryset = Region.objects.filter(pk__in=LocalScheme.objects.values("region")).order_by("name")
        field.empty_label = _("Not asked")


class CheckForm(SubmitKey, ToldFields):
    """What is said of the card, by whom, when."""

    is_check = forms.ChoiceField(
        label=gettext_lazy("Believed or checked?"),
        choices=[("yes", gettext_lazy("Checked")), ("no", gettext_lazy("Only believed"))],
        widget=ChoiceChips,
        error_messages={"required": gettext_lazy("Choose: believed or checked."), **_LIST},
    )
    state = forms.ModelChoiceField(
        MembershipState.objects.none(),
        to_field_name="code",
        required=False,
        label=gettext_lazy("State of the card"),
        error_messages=_LIST,
    )
    segment = forms.ModelChoiceField(
        Segment.objects.none(),
        to_field_name="code",
        required=False,
        label=gettext_lazy("Segment"),
        error_messages=_LIST,
    )
    class_of_right = forms.ChoiceField(
        required=False,
        label=gettext_lazy("Class of right"),
        choices=[("", gettext_lazy("Not known yet")), ("1", "1"), ("2", "2"), ("3", "3"), ("KRIS", "KRIS")],
        error_messages=_LIST,
    )
    source = one_line(160, label=gettext_lazy("Who says so, or where was it looked up?"), required=False)
    note = one_line(300, label=gettext_lazy("Note"), required=False)

    field_order = ["is_check", "state", "segment", "class_of_right", "source", "on", "hour", "note"]

    def __init__(self, *args, zone: str, now: datetime, **kwargs):
        super().__init__(*args, **kwargs)
        self.zone, self.now = zone, now
        self.say_zone()
        self.fields["source"].help_text = _("Mobile JKN, 165, PANDAWA, the counter, the family …")
        _open_lists(self.fields["segment"], self.fields["state"])

    def clean(self):
        given = super().clean()
        self.read_moment()
        if not self.errors and not (given.get("state") or given.get("segment") or given.get("note")):
            self.add_error("state", _("Choose a segment or a state, or write a note."))
        return given


class PayerForm(SubmitKey):
    """What is known; and, once that is decided, who pays."""

    accident = forms.ChoiceField(
        label=gettext_lazy("What happened?"), required=False, choices=payer.Accident.choices, error_messages=_LIST
    )
    is_emergency = forms.BooleanField(label=gettext_lazy("It is an emergency"), required=False)
    for_work = forms.BooleanField(label=gettext_lazy("On duty, or on the way to or from work"), required=False)
    in_public_transport = forms.BooleanField(label=gettext_lazy("As a passenger of public transport"), required=False)
    found_not_work = forms.BooleanField(
        label=gettext_lazy("It was concluded in writing that work is not the cause"), required=False
    )
    has_police_report = forms.BooleanField(label=gettext_lazy("There is a police report"), required=False)
    jkn_active = forms.ChoiceField(
        label=gettext_lazy("Is the JKN card active?"),
        required=False,
        choices=_YES_NO,
        widget=ChoiceChips,
        error_messages=_LIST,
    )
    no_local_scheme = forms.BooleanField(label=gettext_lazy("The region has no scheme that holds"), required=False)
    chosen = forms.ChoiceField(
        label=gettext_lazy("Who pays?"), required=False, choices=payer.Payer.choices, error_messages=_LIST
    )
    reason = one_line(300, label=gettext_lazy("Why?"), required=False)

    say_optional = False

    @property
    def known(self) -> payer.Facts:
        given = self.cleaned_data
        return payer.Facts(
            is_emergency=given["is_emergency"],
            accident=given.get("accident", ""),
            for_work=given["for_work"],
            in_public_transport=given["in_public_transport"],
            found_not_work=given["found_not_work"],
            has_police_report=given["has_police_report"],
            jkn_active={"yes": True, "no": False}.get(given.get("jkn_active", "")),
            has_local_scheme=not given["no_local_scheme"],
        )

    @staticmethod
    def initial_of(case: Case, last: PayerDecision | None, *, jkn_active: bool | None) -> dict:
        """What the form starts with: the facts of the last decision, with what the newest check of the card says."""
        known = dict(last.facts) if last else {"is_emergency": case.urgency == "emergency"}
        active = known.get("jkn_active") if jkn_active is None else jkn_active
        known["jkn_active"] = "" if active is None else "yes" if active else "no"
        known["no_local_scheme"] = not known.pop("has_local_scheme", True)
        return known


class FineForm(forms.Form):
    """The inpatient fine."""

    say_optional = False

    biaya = RupiahField(
        label=gettext_lazy("Estimated cost of the stay (INA-CBG of the first diagnosis)"),
        help_text=gettext_lazy("Ask the hospital or BPJS. Example: 5 jt."),
    )
    bulan = how_many(600, label=gettext_lazy("Months in arrears"))
    aktif = DayField(
        label=gettext_lazy("Active again on"),
        required=True,
        error_messages={"required": gettext_lazy("Fill in the day the card was active again.")},
    )
    masuk = DayField(
        label=gettext_lazy("Admitted on"),
        required=True,
        error_messages={"required": gettext_lazy("Fill in the day of admission.")},
    )
    segmen = forms.ModelChoiceField(
        Segment.objects.none(),
        to_field_name="code",
        required=False,
        label=gettext_lazy("Segment"),
        error_messages=_LIST,
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _open_lists(self.fields["segmen"])


class ArrearsForm(forms.Form):
    """What has to be paid before the card works."""

    say_optional = False

    iuran = RupiahField(label=gettext_lazy("Premium a month for one person"))
    orang = how_many(30, label=gettext_lazy("People on the family card"))
    bulan = how_many(600, label=gettext_lazy("Months in arrears"))


class LateForm(forms.Form):
    """A benefit that is paid late."""

    say_optional = False

    aturan = forms.ChoiceField(
        label=gettext_lazy("Which benefit?"),
        choices=[("K15", "JKK"), ("K16", "JKM")],
        widget=ChoiceChips,
        error_messages={"required": gettext_lazy("Choose JKK or JKM."), **_LIST},
    )
    nilai = RupiahField(label=gettext_lazy("Amount of the benefit"))
    lengkap = DayField(
        label=gettext_lazy("File complete on"),
        required=True,
        error_messages={"required": gettext_lazy("Fill in the day the file was complete.")},
    )
    dibayar = DayField(label=gettext_lazy("Paid on"), help_text=gettext_lazy("Empty: not yet, count until today."))

    def clean(self):
        given = super().clean()
        complete, paid = given.get("lengkap"), given.get("dibayar")
        if complete and paid and paid < complete:
            self.add_error("dibayar", _("This is before the file was complete. Check the day."))
        return given


def _open_lists(*fields) -> None:
    """The lists of the catalogue, with a first line for what is not known."""
    for field in fields:
        field.queryset = (Segment if field.queryset.model is Segment else MembershipState).objects.all()
        field.empty_label = _("Not known yet")
