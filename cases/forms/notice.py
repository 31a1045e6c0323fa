"""The union's notice of a suspected work accident or occupational disease: every line may stay empty, and says so."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.forms.moments import DayField, HourField, today
from cases.forms.texts import SaidField, SubmitKey, one_line
from cases.rules.letters import ADDRESSEES, Addressee, EmployerReport, NoticeBasis, NoticeKind
from members.forms.widgets import ChoiceChips, MultipleChips, PhoneInput
from members.rules import words


class NoticeForm(SubmitKey):
    """The minimum content of Permenaker 1/2025 art. 8A and 48A, and what helps who reads it."""

    version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    kind = forms.ChoiceField(
        label=gettext_lazy("What is suspected?"), choices=NoticeKind.choices, widget=ChoiceChips, required=False
    )
    basis = forms.ChoiceField(
        label=gettext_lazy("What kind of worker?"), choices=NoticeBasis.choices, widget=ChoiceChips, required=False
    )
    to = forms.MultipleChoiceField(
        label=gettext_lazy("To whom?"), choices=Addressee.choices, widget=MultipleChips, required=False
    )
    worker = one_line(150, label=gettext_lazy("Name of the worker"), required=False)
    number = one_line(40, label=gettext_lazy("Participant number or NIK"), required=False)
    employer = one_line(160, label=gettext_lazy("Employer or place of work"), required=False)
    on = DayField(label=gettext_lazy("Date of the accident"))
    hour = HourField(label=gettext_lazy("Hour of the accident"))
    where = one_line(200, label=gettext_lazy("Place of the accident"), required=False)
    cause = one_line(300, label=gettext_lazy("Cause of the accident"), required=False)
    chronology = SaidField(label=gettext_lazy("How it happened or began"))
    job = one_line(120, label=gettext_lazy("Kind of work"), required=False)
    years = one_line(40, label=gettext_lazy("Years worked in all"), required=False)
    years_last = one_line(40, label=gettext_lazy("Years in the last job"), required=False)
    exposure = one_line(200, label=gettext_lazy("Source of the exposure"), required=False)
    diagnosis = one_line(200, label=gettext_lazy("Clinical diagnosis"), required=False)
    facility = one_line(160, label=gettext_lazy("Where the worker is treated"), required=False)
    witnesses = one_line(300, label=gettext_lazy("Witnesses"), required=False)
    notifier = one_line(150, label=gettext_lazy("Name of the notifier or contact"), required=False)
    phone = forms.CharField(
        max_length=25,
        label=gettext_lazy("Phone of the notifier or contact"),
        required=False,
        widget=PhoneInput,
    )
    union = one_line(160, label=gettext_lazy("Union, group or family tie of the notifier"), required=False)
    reported = forms.ChoiceField(
        label=gettext_lazy("Has the employer reported it?"),
        choices=EmployerReport.choices,
        widget=ChoiceChips,
        required=False,
        help_text=gettext_lazy("This notice never stands in for the employer's own report."),
    )
    reported_proof = one_line(
        160,
        label=gettext_lazy("On what proof"),
        required=False,
        help_text=gettext_lazy("Number and date of the report."),
    )

    #: Every line may stay empty; the page says so once.
    say_optional = False

    def __init__(self, *args, now, zone: str, number_on_file: str = "", **kwargs):
        super().__init__(*args, **kwargs)
        self.now, self.zone = now, zone
        self.fields["on"].widget.attrs["max"] = today(now, zone)
        self.fields["hour"].help_text = _("Clock of the place (%(zone)s).") % {"zone": words.zone_label(zone)}
        if number_on_file:
            self.fields["number"].help_text = _(
                "Left empty, the number kept with the person is printed: %(number)s."
            ) % {"number": number_on_file}

    def clean_on(self):
        day = self.cleaned_data["on"]
        if day and day.isoformat() > today(self.now, self.zone):
            self.add_error("on", _("This is still to come. Check day and hour."))
        return day

    @property
    def content(self) -> dict:
        """What was filled in, as it is kept; nobody is written to who may not be under this article."""
        given = {key: value for key, value in self.cleaned_data.items() if key not in {"submit_key", "version"}}
        basis = NoticeBasis(given["basis"] or NoticeBasis.WAGE)
        return {
            **given,
            "kind": given["kind"] or NoticeKind.ACCIDENT.value,
            "basis": basis.value,
            "to": [each for each in given["to"] if each in ADDRESSEES[basis]],
            "on": given["on"].isoformat() if given["on"] else "",
            "hour": given["hour"].strftime("%H.%M") if given["hour"] else "",
        }
