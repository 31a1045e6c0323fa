"""The facts of a case, as they were told; two people may have the form open at once."""

from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.forms.merging import SeenField, seen_marks
from cases.forms.moments import DayField, HourField
from cases.forms.texts import SaidField, one_line
from cases.models import Case, ProblemType, Programme
from cases.rules.codes import Channel, Membership, Urgency, Whereabouts
from cases.rules.due import FURTHEST_BACK, told_moment
from cases.rules.registers import Restriction
from members.forms.widgets import ChoiceChips, MultipleChips, UrgencyChips
from members.models import Region
from members.rules import words


class _Grouped:
    """Choices in groups, by family."""

    def __init__(self, types):
        self.types = types

    def __iter__(self):
        families: dict = {}
        for row in self.types:
            families.setdefault(row.family, []).append((row.pk, row.chip))
        yield from ((family.label, rows) for family, rows in families.items())


class ProblemsField(forms.ModelMultipleChoiceField):
    """Several rows by their key; digits that no key has are refused before a database overflows on them."""

    def clean(self, value):
        if any(len(str(key)) > 18 for key in value or []):
            raise forms.ValidationError(_("Choose one from the list."))
        return super().clean(value)


def values_of(case: Case) -> dict:
    """What the form edits, as it stands now; places and regions by name, as they are typed."""
    return {
        "title": case.title,
        "story": case.story,
        "urgency": case.urgency,
        "problem_type": case.problem_type,
        "problem_types": set(case.problem_types.all()),
        "place": case.place.name if case.place else "",
        "place_note": case.place_note,
        "whereabouts": case.whereabouts,
        "region": case.region,
        "channel": case.channel,
        "membership": case.membership,
        "occurred_text": case.occurred_text,
        "occurred_at": case.occurred_at,
        "reported_at": case.reported_at,
        "programmes": set(case.programmes.all()),
        "diagnosis": case.diagnosis,
        "restriction": case.restriction or (Restriction.OTHER if case.is_restricted else Restriction.NONE),
    }


class EditForm(forms.Form):
    """What may be set right. ``diagnosis`` is asked only where names are open."""

    title = one_line(140, label=gettext_lazy("In one line"), empty=gettext_lazy("Write what it is about, in one line."))
    story = forms.CharField(
        label=gettext_lazy("What happened"),
        max_length=20_000,
        widget=forms.Textarea({"rows": 8}),
        error_messages={"required": gettext_lazy("Write what happened. One sentence is enough.")},
    )
    urgency = forms.ChoiceField(label=gettext_lazy("How urgent?"), choices=Urgency.choices, widget=UrgencyChips)
    problem_type = forms.ModelChoiceField(
        ProblemType.objects.none(),
        required=False,
        label=gettext_lazy("Main problem"),
        empty_label=Urgency.UNKNOWN.label,
    )
    problem_types = ProblemsField(
        ProblemType.objects.none(), required=False, label=gettext_lazy("Other problems"), widget=MultipleChips
    )
    place = one_line(200, label=gettext_lazy("Facility or office"), required=False)
    place_note = one_line(160, label=gettext_lazy("Where exactly"), required=False)
    whereabouts = forms.ChoiceField(
        label=gettext_lazy("Where is the patient now?"), required=False, choices=Whereabouts.choices, widget=ChoiceChips
    )
    region = one_line(120, label=gettext_lazy("Regency or city"), required=False)
    channel = forms.ChoiceField(
        label=gettext_lazy("How it came"), required=False, choices=Channel.choices, widget=ChoiceChips
    )
    membership = forms.ChoiceField(
        label=gettext_lazy("Union member?"), required=False, choices=Membership.choices, widget=ChoiceChips
    )
    occurred_text = one_line(120, label=gettext_lazy("When, as told"), required=False)
    occurred_on = DayField(label=gettext_lazy("Day"))
    occurred_hour = HourField(label=gettext_lazy("Hour"))
    reported_on = DayField(
        label=gettext_lazy("Day the report reached us"),
        help_text=gettext_lazy("Where it was written down later than it came in."),
    )
    reported_hour = HourField(label=gettext_lazy("Hour"))
    programmes = ProblemsField(
        Programme.objects.none(), required=False, label=gettext_lazy("Programmes"), widget=MultipleChips
    )
    diagnosis = SaidField(label=gettext_lazy("Diagnosis, as told"), max_length=500)
    restriction = forms.ChoiceField(
        label=gettext_lazy("Restricted case?"),
        required=False,
        choices=Restriction.choices,
        help_text=gettext_lazy("Only who carries it and the people you name open it."),
    )
    seen = SeenField()

    def __init__(self, *args, case: Case, now, shows_diagnosis: bool, may_restrict: bool = False, **kwargs):
        self.case, self.now, self.zone = case, now, case.zone
        current = values_of(case)
        kwargs["initial"] = {
            **current,
            "region": case.region.name if case.region else "",
            "problem_types": [row.pk for row in current["problem_types"]],
            "programmes": [row.pk for row in current["programmes"] or self._usual_programmes()],
            **self._day_and_hour("occurred"),
            **self._day_and_hour("reported"),
            "seen": seen_marks(current),
        }
        super().__init__(*args, **kwargs)
        if not shows_diagnosis:
            del self.fields["diagnosis"]
        if not may_restrict:
            del self.fields["restriction"]
        elif case.is_restricted:  # lifting asks why, on the page of its own
            self.fields["restriction"].choices = [choice for choice in Restriction.choices if choice[0]]
        types = ProblemType.objects.select_related("family").order_by("family__position", "position")
        for name in ("problem_type", "problem_types"):
            field = self.fields[name]
            field.queryset = types
            field.label_from_instance = lambda row: row.chip
        grouped = list(_Grouped(types))
        self.fields["problem_type"].choices = [("", Urgency.UNKNOWN.label), *grouped]
        self.fields["problem_types"].choices = grouped
        self.fields["programmes"].queryset = Programme.objects.all()
        self.fields["programmes"].label_from_instance = lambda row: row.label
        self.fields["region"].widget.attrs["list"] = "daerah"
        for name in ("occurred_hour", "reported_hour"):
            self.fields[name].help_text = _("Clock of the place (%(zone)s).") % {"zone": words.zone_label(self.zone)}

    def _usual_programmes(self) -> list[Programme]:
        """What the main problem is always about, where nobody has chosen yet."""
        codes = self.case.problem_type.programmes if self.case.problem_type else []
        return list(Programme.objects.filter(code__in=codes)) if len(codes) == 1 else []

    def _day_and_hour(self, name: str) -> dict:
        """What the two fields of a moment start with; midnight sharp stands for a day whose hour nobody said."""
        at = getattr(self.case, f"{name}_at")
        there = at.astimezone(ZoneInfo(self.zone)) if at else None
        has_hour = there is not None and (there.hour, there.minute) != (0, 0)
        return {f"{name}_on": there and there.date(), f"{name}_hour": there.time() if there and has_hour else None}

    def clean_region(self):
        text = self.cleaned_data["region"]
        if not text:
            return None
        found = list(Region.objects.filter(name__iexact=text)) or list(Region.objects.filter(name__icontains=text)[:6])
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(region.name for region in found[:4])
            raise forms.ValidationError(_("Write it in full: %(names)s.") % {"names": names})
        raise forms.ValidationError(_("No regency or city has this name. Check the spelling."))

    def clean(self):
        given = super().clean()
        for name in ("occurred", "reported"):
            self._read_moment(given, name)
        if (
            (occurred := given.get("occurred_at"))
            and (reported := given.get("reported_at"))
            and reported < occurred
            and given.get("occurred_hour")
            and given.get("reported_hour")
        ):
            self.add_error("reported_on", _("This is before it happened. Check both."))
        return given

    def _read_moment(self, given: dict, name: str) -> None:
        """Turn a day and an hour into ``name_at``, or say kindly why not."""
        if self.errors.keys() & {f"{name}_on", f"{name}_hour"}:
            return
        day, hour = given.get(f"{name}_on"), given.get(f"{name}_hour")
        given[f"{name}_at"] = None
        if hour and not day:
            self.add_error(f"{name}_on", _("Choose the day."))
        elif day:
            at, _on_day = told_moment(day, hour, now=self.now, zone=self.zone)
            given[f"{name}_at"] = at = at.replace(hour=0, minute=0, second=0, microsecond=0) if hour is None else at
            if at > self.now:
                self.add_error(f"{name}_on", _("This is still to come. Check day and hour."))
            elif self.now - at > FURTHEST_BACK:
                self.add_error(f"{name}_on", _("This is very long ago. Check the year."))

    @property
    def values(self) -> dict:
        """What was typed, in the shape of `values_of`."""
        given = dict(self.cleaned_data)
        for name in ("seen", "occurred_on", "occurred_hour", "reported_on", "reported_hour"):
            given.pop(name, None)
        for name in ("problem_types", "programmes"):
            given[name] = set(given[name])
        return given

    def region_names(self) -> list[str]:
        """What the field for the region suggests: the regencies and cities of the same province."""
        near = self.case.region or self.case.desk.region
        if near is None:
            return []
        parent = near.parent_id or near.pk
        return list(Region.objects.filter(parent=parent).values_list("name", flat=True))
