"""What a paper is about: the unit, the period, the subject, who reads it; and what is typed for it."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.forms.choices import ChoiceRows, ManyRows, two_lines
from cases.forms.texts import SubmitKey
from cases.models import Case, ProblemFamily, ProblemType, Programme
from cases.reports.dossier import STORIES, Subject
from cases.rules.printing import NEEDS, Audience, PrintKind
from members.forms.widgets import ChoiceChips, DayInput
from members.models import Body, Organisation, Sector, User

#: More units or bodies than these are not a list to choose from.
MOST_UNITS, MOST_BODIES = 200, 300
#: The longest period of a paper.
LONGEST = timedelta(days=366 * 3)


def units_for(user: User, kind: str) -> list[Organisation]:
    """The units this user may order such a paper for; the one they serve at comes first."""
    reach = Organisation.objects.in_reach_of(user, NEEDS[PrintKind(kind)]).order_by("name")
    own = set(user.appointments.live().values_list("organisation", flat=True))
    return sorted(reach[:MOST_UNITS], key=lambda unit: unit.pk not in own)


class UnitForm(forms.Form):
    """For which unit, with everything below it. Its values stand in the address."""

    say_optional = False
    kind: str = ""

    unit = forms.ChoiceField(label=gettext_lazy("Unit"), required=False)

    def __init__(self, data=None, *, user: User, **kwargs):
        super().__init__(data, **kwargs)
        self.user = user
        self.units = {str(unit.uuid): unit for unit in units_for(user, self.kind)}
        self.fields["unit"].choices = [(key, str(unit)) for key, unit in self.units.items()]

    def clean_unit(self) -> Organisation:
        given = self.cleaned_data["unit"]
        unit = self.units.get(given) or next(iter(self.units.values()), None)
        if unit is None:
            raise forms.ValidationError(_("Choose a unit that you look after."))
        return unit


class SpanForm(UnitForm):
    """A unit, and from a day to a day."""

    dari = forms.DateField(
        label=gettext_lazy("From"), widget=DayInput, error_messages={"required": gettext_lazy("Choose the first day.")}
    )
    sampai = forms.DateField(
        label=gettext_lazy("Until"), widget=DayInput, error_messages={"required": gettext_lazy("Choose the last day.")}
    )

    def clean(self):
        given = super().clean()
        first, last = given.get("dari"), given.get("sampai")
        if first and last and first > last:
            self.add_error("sampai", _("The last day comes before the first one."))
        elif first and last and last - first > LONGEST:
            self.add_error("sampai", _("Choose three years at most."))
        return given


def last_quarter() -> dict[str, date]:
    """The three months until today, to begin with."""
    today = timezone.localdate()
    return {"dari": today - timedelta(days=90), "sampai": today}


class SubjectForm(SpanForm):
    """What a dossier is about, and for whom."""

    kind = PrintKind.DOSSIER

    lembaga = forms.ChoiceField(label=gettext_lazy("Institution or employer"), required=False)
    masalah = forms.ChoiceField(label=gettext_lazy("Problem"), required=False)
    pembaca = forms.ChoiceField(label=gettext_lazy("Who reads it?"), widget=ChoiceRows, choices=Audience.choices)

    field_order = ["lembaga", "masalah", "dari", "sampai", "unit", "pembaca"]

    def __init__(self, data=None, *, user: User, **kwargs):
        super().__init__(data, user=user, **kwargs)
        self.bodies = {str(body.uuid): body for body in _bodies(user)}
        names = [("", _("None in particular")), *((key, body.name) for key, body in self.bodies.items())]
        self.fields["lembaga"].choices = names
        self.kinds: dict[str, Any] = {}
        choices: list[Any] = [("", _("Every problem"))]
        types = list(ProblemType.objects.select_related("family").order_by("family__position", "position", "code"))
        for family in ProblemFamily.objects.all():
            self.kinds[f"f-{family.code}"] = family
            group = [(f"f-{family.code}", _("%(family)s: all") % {"family": family.label})]
            for row in types:
                if row.family_id == family.pk:
                    self.kinds[f"t-{row.code}"] = row
                    group.append((f"t-{row.code}", row.label))
            choices.append((family.label, group))
        self.fields["masalah"].choices = choices
        self.fields["pembaca"].choices = [
            (Audience.INTERNAL, two_lines(_("Ourselves"), _("With case numbers and initials; not to be handed out."))),
            (Audience.INSTITUTION, two_lines(_("The institution"), _("Without names, initials and case numbers."))),
            (
                Audience.PUBLIC,
                two_lines(_("The public"), _("Only stories with consent to publish; small groups are hidden.")),
            ),
        ]

    def clean(self):
        given = super().clean()
        if not given.get("lembaga") and not given.get("masalah") and not self.errors:
            self.add_error("lembaga", _("Choose an institution, a problem, or both."))
        return given

    @property
    def subject(self) -> Subject:
        chosen = self.kinds.get(self.cleaned_data.get("masalah", ""))
        return Subject(
            body=self.bodies.get(self.cleaned_data.get("lembaga", "")),
            family=chosen if isinstance(chosen, ProblemFamily) else None,
            type=chosen if isinstance(chosen, ProblemType) else None,
        )

    @property
    def params(self) -> dict:
        """The same as an order keeps it: ids, codes and days."""
        given, subject = self.cleaned_data, self.subject
        return {
            "body": str(subject.body.uuid) if subject.body else "",
            "family": subject.family.code if subject.family else "",
            "type": subject.type.code if subject.type else "",
            "from": given["dari"].isoformat(),
            "until": given["sampai"].isoformat(),
            "audience": given["pembaca"],
        }


def _bodies(user: User) -> list[Body]:
    """The bodies of the cases this user may open: where they are, who was asked, for whom the workers work."""
    cases = Case.objects.permitted(user, NEEDS[PrintKind.DOSSIER]).filter(is_restricted=False).order_by().values("pk")
    rows = Body.objects.filter(
        Q(pk__in=Case.objects.filter(pk__in=cases, place__isnull=False).values("place"))
        | Q(attempts__case__in=cases)
        | Q(commitments__case__in=cases)
        | Q(employments__person__parties__case__in=cases)
    )
    return list(Body.objects.filter(pk__in=rows.values("pk")).order_by("name")[:MOST_BODIES])


class DossierForm(SubmitKey):
    """Which stories are told whole, what is asked, and who goes."""

    cases = forms.MultipleChoiceField(label=gettext_lazy("Stories told whole"), required=False, widget=ManyRows)
    demands = forms.CharField(
        label=gettext_lazy("What we ask, one on each line"),
        required=False,
        max_length=6000,
        widget=forms.Textarea({"rows": 6, "autocomplete": "off"}),
        help_text=gettext_lazy("They are numbered in this order. Say who does what until when."),
    )
    attendees = forms.CharField(
        label=gettext_lazy("Who goes: name, post; one on each line"),
        required=False,
        max_length=3000,
        widget=forms.Textarea({"rows": 4, "autocomplete": "off"}),
    )

    def __init__(self, *args, proposed: list[Case], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["cases"].choices = [(str(case.uuid), _said(case)) for case in proposed]

    def clean_cases(self) -> list[str]:
        chosen = self.cleaned_data["cases"]
        if len(chosen) > STORIES:
            raise forms.ValidationError(_("Choose five stories at most."))
        return chosen


def _said(case: Case):
    about = case.problem_type.label if case.problem_type else case.title
    marks = [case.place.name if case.place else "", _("died") if case.died_at else ""]
    return two_lines(f"{case.number} · {case.initials or '–'}", " · ".join(filter(None, [about, *marks])))


class RecapForm(UnitForm):
    """A month of a unit."""

    kind = PrintKind.RECAP

    bulan = forms.ChoiceField(label=gettext_lazy("Month"))

    field_order = ["bulan", "unit"]

    def __init__(self, data=None, *, user: User, months: list[tuple[str, str]], **kwargs):
        super().__init__(data, user=user, **kwargs)
        self.fields["bulan"].choices = months


class PackForm(SpanForm):
    """A period, and by choice one programme or one sector."""

    kind = PrintKind.PACK

    program = forms.ChoiceField(label=gettext_lazy("Programme"), required=False)
    sektor = forms.ChoiceField(label=gettext_lazy("Sector"), required=False)
    bentuk = forms.ChoiceField(
        label=gettext_lazy("As what?"),
        widget=ChoiceChips,
        choices=[("xlsx", gettext_lazy("Workbook (Excel)")), ("pdf", gettext_lazy("One page (PDF)"))],
        initial="xlsx",
    )

    field_order = ["dari", "sampai", "program", "sektor", "unit", "bentuk"]

    def __init__(self, data=None, *, user: User, **kwargs):
        super().__init__(data, user=user, **kwargs)
        programmes = [(row.code, row.label) for row in Programme.objects.all()]
        self.fields["program"].choices = [("", _("Every programme")), *programmes]
        sectors = [(row.code, str(row)) for row in Sector.objects.all()]
        self.fields["sektor"].choices = [("", _("Every sector")), *sectors]


class OrderForm(SubmitKey):
    """Nothing but the order."""


class ReviewForm(SubmitKey):
    """Three cases for a case review."""

    say_optional = False

    cases = forms.MultipleChoiceField(
        label=gettext_lazy("Which three cases?"),
        widget=ManyRows,
        error_messages={"required": gettext_lazy("Choose three cases.")},
    )

    def __init__(self, *args, proposed: list[Case], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["cases"].choices = [(str(case.uuid), _said(case)) for case in proposed]

    def clean_cases(self) -> list[str]:
        chosen = self.cleaned_data["cases"]
        if len(chosen) != 3:
            raise forms.ValidationError(_("Choose three cases."))
        return chosen
