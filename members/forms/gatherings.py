"""What is typed about a gathering, at its desk and at its door."""

import re

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.forms.moments import DayField, HourField
from members.forms.texts import SaidField, SubmitKey, one_line
from members.forms.widgets import ChoiceChips, MultipleChips
from members.models import Gathering, Organisation, Person, Sector, User
from members.rules.gatherings import GatheringKind, Part, read_invited
from members.services import gatherings, places

_CHOOSE = {"required": gettext_lazy("Choose one."), "invalid_choice": gettext_lazy("Choose one from the list.")}


def lines(text: str) -> list[str]:
    """The lines of a text that say something, without dots or dashes in front."""
    cleaned = (re.sub(r"^\s*(?:\d{1,3}[.)]|[-*•])\s+", "", line).strip() for line in text.splitlines())
    return [line for line in cleaned if line]


class LinesField(forms.CharField):
    """A few lines, one thing on each."""

    def __init__(self, *, rows: int = 3, **kwargs):
        kwargs.setdefault("max_length", 4000)
        super().__init__(
            widget=forms.Textarea({"rows": rows}),
            error_messages={
                "max_length": gettext_lazy("Too long. Keep it under %(limit_value)d letters."),
                "required": gettext_lazy("Fill this in."),
            },
            **kwargs,
        )


class GatheringForm(SubmitKey):
    """What, when, where, by whom; only kind, title and organiser must be known."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What is it?"), choices=GatheringKind, widget=ChoiceChips, error_messages=_CHOOSE
    )
    title = one_line(200, label=gettext_lazy("Title"))
    theme = one_line(200, label=gettext_lazy("Theme"), required=False)
    organisers = LinesField(
        label=gettext_lazy("Organised by"),
        help_text=gettext_lazy("One organisation a line, by its name or abbreviation. At least one of yours."),
    )
    held_on = DayField(label=gettext_lazy("Day"), help_text=gettext_lazy("Not known yet? Leave it empty."))
    until_on = DayField(label=gettext_lazy("Last day"), help_text=gettext_lazy("Only where it takes several days."))
    from_hour = HourField(label=gettext_lazy("From hour"))
    until_hour = HourField(label=gettext_lazy("Until hour"))
    venue = one_line(200, label=gettext_lazy("Venue"), required=False)
    region = one_line(120, label=gettext_lazy("City or regency"), required=False)
    series = one_line(
        120,
        label=gettext_lazy("Series"),
        required=False,
        help_text=gettext_lazy("A group that meets again and again, like KSPI Production Group."),
    )
    number = forms.IntegerField(
        label=gettext_lazy("Which meeting of the series?"),
        required=False,
        min_value=1,
        max_value=999,
        help_text=gettext_lazy("Empty: the next one."),
    )
    topics = one_line(
        300, label=gettext_lazy("Topics"), required=False, help_text=gettext_lazy("With a comma between them.")
    )
    sectors = forms.ModelMultipleChoiceField(
        Sector.objects.all(),
        label=gettext_lazy("Sectors"),
        required=False,
        to_field_name="code",
        widget=MultipleChips,
    )
    is_cancelled = forms.BooleanField(label=gettext_lazy("It does not take place"), required=False)

    def __init__(self, *args, by: User, gathering: Gathering | None = None, **kwargs):
        self.by, self.gathering = by, gathering
        super().__init__(*args, **kwargs)
        if gathering is None:
            del self.fields["is_cancelled"]
            office = by.appointments.live().select_related("organisation").first()
            self.fields["organisers"].initial = str(office.organisation) if office else ""
        if not Sector.objects.exists():
            del self.fields["sectors"]

    @staticmethod
    def initial_of(gathering: Gathering) -> dict:
        """What stands in the form of a gathering that is changed."""
        same = ("kind", "title", "theme", "held_on", "until_on", "from_hour", "until_hour", "venue", "number")
        return {
            **{name: getattr(gathering, name) for name in same},
            "is_cancelled": gathering.is_cancelled,
            "region": gathering.region.name if gathering.region else "",
            "series": gathering.series.name if gathering.series else "",
            "organisers": "\n".join(str(row) for row in gathering.organisers.order_by("name")),
            "topics": ", ".join(row.name for row in gathering.topics.all()),
            "sectors": [row.code for row in gathering.sectors.all()],
        }

    def clean_organisers(self) -> list[Organisation]:
        mine, found, unknown = gatherings.run_organisations(self.by), [], []
        known = {str(row): row for row in self.gathering.organisers.all()} if self.gathering else {}
        for name in lines(self.cleaned_data["organisers"])[:20]:
            row = known.get(name) or gatherings.organisation_named(name, among=mine)
            found.append(row) if row else unknown.append(name[:60])
        if unknown:
            raise forms.ValidationError(
                _("We do not know: %(names)s. Write the full name or the abbreviation.") % {"names": ", ".join(unknown)}
            )
        return found

    def clean_region(self):
        name = self.cleaned_data["region"]
        region = places.find_region(name) if name else None
        if name and region is None:
            raise forms.ValidationError(_("We do not know this city. Example: Kota Bekasi."))
        return region

    @property
    def told(self) -> dict:
        """What the services take."""
        given = {name: value for name, value in self.cleaned_data.items() if name != "submit_key"}
        given["topics"] = given["topics"].split(",")
        given["sectors"] = list(given.get("sectors") or [])
        if not given["series"]:
            given["number"] = None
        return given


class AgendaForm(SubmitKey):
    """One point of the agenda."""

    title = one_line(200, label=gettext_lazy("What"))
    from_hour = HourField(label=gettext_lazy("From hour"))
    until_hour = HourField(label=gettext_lazy("Until hour"))
    speaker = one_line(150, label=gettext_lazy("Who speaks"), required=False)
    speaker_role = one_line(
        150,
        label=gettext_lazy("In what office"),
        required=False,
        help_text=gettext_lazy("As it is that day; it stays so when the office changes hands."),
    )


class PartiesForm(forms.Form):
    """Which organisations and offices are asked to come."""

    prefix = "pihak"
    names = LinesField(label=gettext_lazy("Organisations and offices invited"), help_text=gettext_lazy("One a line."))

    def clean_names(self):
        return lines(self.cleaned_data["names"])


class InviteForm(forms.Form):
    """A pasted list of people."""

    prefix = "undang"
    people = LinesField(
        rows=6,
        max_length=60_000,
        label=gettext_lazy("Paste the list"),
        help_text=gettext_lazy(
            "One person a line: name, union. From WhatsApp or a spreadsheet; phone numbers are not kept."
        ),
    )
    part = forms.ChoiceField(
        label=gettext_lazy("They come as"),
        choices=Part,
        initial=Part.PARTICIPANT,
        widget=ChoiceChips,
        error_messages=_CHOOSE,
    )

    def clean_people(self):
        found = read_invited(self.cleaned_data["people"])
        if not found:
            raise forms.ValidationError(_("No name found. Write one person a line."))
        return found


class OutcomeForm(forms.Form):
    """Minutes and outputs."""

    minutes = SaidField(label=gettext_lazy("Minutes"), max_length=20_000)
    outputs = LinesField(
        label=gettext_lazy("What came out of it"),
        required=False,
        help_text=gettext_lazy("One a line. The next meeting of the series sees it."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["minutes"].widget.attrs["rows"] = 12

    def clean_outputs(self):
        return lines(self.cleaned_data["outputs"])


class CheckInForm(SubmitKey):
    """At the door, without an account: a name is enough."""

    name = one_line(150, label=gettext_lazy("Your name"), empty=gettext_lazy("Write your name."))
    organisation = one_line(200, label=gettext_lazy("Your union or office"), required=False)
    gender = forms.ChoiceField(
        label=gettext_lazy("You are"),
        choices=[
            ("f", Person.Gender.FEMALE.label),
            ("m", Person.Gender.MALE.label),
            ("", gettext_lazy("Rather not say")),
        ],
        required=False,
        widget=ChoiceChips,
        error_messages=_CHOOSE,
    )
    young = forms.ChoiceField(
        label=gettext_lazy("Your age"),
        choices=[
            ("1", gettext_lazy("35 or younger")),
            ("0", gettext_lazy("Older than 35")),
            ("", gettext_lazy("Rather not say")),
        ],
        required=False,
        widget=ChoiceChips,
        error_messages=_CHOOSE,
    )

    def clean_name(self):
        name = " ".join(self.cleaned_data["name"].split())
        if not any(char.isalpha() for char in name):
            raise forms.ValidationError(_("Write your name."))
        return name

    def clean_young(self):
        return {"1": True, "0": False}.get(self.cleaned_data["young"])


class FeedbackForm(SubmitKey):
    """What it was worth; nobody is named."""

    score = forms.TypedChoiceField(
        label=gettext_lazy("How useful was it?"),
        choices=[(5, gettext_lazy("Very")), (4, gettext_lazy("Useful")), (3, gettext_lazy("Fair")),
                 (2, gettext_lazy("Little")), (1, gettext_lazy("Not at all"))],
        coerce=int,
        widget=ChoiceChips,
        error_messages=_CHOOSE,
    )  # fmt: skip
    useful = SaidField(label=gettext_lazy("What helped most?"), max_length=1000)
    missing = SaidField(label=gettext_lazy("What was missing?"), max_length=1000)


class CertificateForm(forms.Form):
    """Certificates for everybody present."""

    prefix = "sertifikat"
    valid_until = DayField(label=gettext_lazy("Valid until"), help_text=gettext_lazy("Empty: without end."))

    def clean_valid_until(self):
        day = self.cleaned_data["valid_until"]
        if day and day < timezone.localdate():
            raise forms.ValidationError(_("This day has passed."))
        return day
