"""What stands in the address of the page of figures: the period, how to divide, and the filters of the list of cases."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from cases.forms.search import CaseListForm
from cases.models import Case
from cases.reports import case_list, figures
from cases.reports.breakdowns import CHOOSABLE, DIMENSIONS, LOOKS, looked_at
from cases.reports.figure_page import FILTERS_BEYOND, Reader
from cases.reports.figures import Period
from members.forms.widgets import DayInput
from members.models import Organisation
from members.rules.roles import Permission

MOST_UNITS = 200
PERIODS = {
    "bulan": (_("This month"), figures.month),
    "30": (_("30 days"), figures.thirty_days),
    "triwulan": (_("This quarter"), figures.quarter),
    "tahun": (_("This year"), figures.year),
}
#: The filters of the list that make sense over a period.
OF_THE_LIST = (
    "organisasi",
    "posko",
    "wilayah",
    "program",
    "masalah",
    "jenis",
    "tempat",
    "perusahaan",
    "anggota",
    "label",
)


class FiguresForm(forms.Form):
    """Period, division and filters; who may not open the cases has whole months and the coarse filters only."""

    say_optional = False

    periode = forms.ChoiceField(
        required=False, choices=[(key, label) for key, (label, _made) in PERIODS.items()], widget=forms.HiddenInput
    )
    dari = forms.DateField(label=_("From"), required=False, widget=DayInput)
    sampai = forms.DateField(label=_("Until"), required=False, widget=DayInput)
    bagi = forms.ChoiceField(label=_("Divide by"), required=False)
    organisasi = forms.ChoiceField(label=_("Unit and everything below it"), required=False)
    sorot = forms.ChoiceField(
        label=_("Look at"),
        required=False,
        choices=[("", _("Everybody")), *LOOKS.items()],
    )

    def __init__(self, data, *, reader: Reader, now: datetime):
        super().__init__(data)
        self.reader, self.now = reader, now
        self.zone = reader.user.zone
        self.fields["bagi"].choices = [(code, DIMENSIONS[code].label) for code in CHOOSABLE]
        units = Organisation.objects.in_reach_of(reader.user, Permission.FIGURES_VIEW).order_by("name")
        self.units = list(units.only("uuid", "name", "abbreviation")[:MOST_UNITS])
        self.fields["organisasi"].choices = [("", _("All")), *[(str(unit.uuid), str(unit)) for unit in self.units]]
        self.list = CaseListForm(data, user=reader.user)
        self.is_valid()

    @property
    def chosen(self) -> dict:
        return {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def dimension(self) -> str:
        return self.chosen.get("bagi") or "masalah"

    @property
    def named_period(self) -> str:
        """Which chip is on; "" for days that were typed."""
        if "dari" in self.chosen or "sampai" in self.chosen:
            return ""
        name = self.chosen.get("periode") or "bulan"
        return "bulan" if name == "30" and not self.reader.opens else name

    @property
    def period(self) -> Period:
        """The period chosen; whole months for who may not open the cases."""
        if name := self.named_period:
            return PERIODS[name][1](self.now, self.zone)
        today = figures.thirty_days(self.now, self.zone).last
        last = self.chosen.get("sampai") or today
        first = self.chosen.get("dari") or last.replace(day=1)
        found = figures.days(first, last, self.zone, self.now)
        return found if self.reader.opens else found.months

    @property
    def filters(self) -> dict:
        """The filters that count for this reader, by name."""
        found = {name: value for name, value in self.list.chosen.items() if name in OF_THE_LIST}
        if "sorot" in self.chosen:
            found["sorot"] = self.chosen["sorot"]
        return {name: value for name, value in found.items() if self.reader.opens or name in FILTERS_BEYOND}

    @property
    def key(self) -> str:
        """The filters as one text, the same for the same filters."""
        return repr(sorted((name, str(self.data.get(name, ""))) for name in self.filters))

    def address(self) -> dict[str, str]:
        """The filters as they stand in an address."""
        return {name: self.data[name] for name in self.filters}

    def cases(self) -> QuerySet[Case]:
        """The cases the figures are of."""
        cases = case_list.narrowed(self.reader.cases, self.filters, zone=self.zone)
        return looked_at(cases, self.filters.get("sorot", ""), self.period.last)

    def shown_fields(self) -> list[forms.BoundField]:
        """The fields of the page, in order."""
        own = [self["dari"], self["sampai"], self["organisasi"], self["bagi"], self["sorot"]]
        names = (
            ("masalah", "program", "wilayah", "tempat", "perusahaan")
            if self.reader.opens
            else ("masalah", "program", "wilayah")
        )
        return [*own, *(self.list[name] for name in names)]


class PeopleForm(forms.Form):
    """Which of those who carry, and on which day; what makes no sense is everybody, today."""

    hitung = forms.ChoiceField(
        required=False,
        choices=[
            ("semua", _("Relawan and coordinators")),
            ("perempuan", _("of whom women")),
            ("muda", _("of whom 35 or younger")),
            ("belum-tahu", _("of whom neither is known")),
        ],
    )
    pada = forms.DateField(required=False)

    def __init__(self, data, *, now: datetime, zone: str):
        super().__init__(data)
        self.is_valid()
        day = self.cleaned_data.get("pada") or now.astimezone(ZoneInfo(zone)).date()
        self.period = figures.days(day, day, zone, now)
        self._word = self.cleaned_data.get("hitung") or "semua"

    @property
    def meant(self) -> Q:
        """Who is meant."""
        return figures.people(self.period)[self._word]

    @property
    def said(self) -> str:
        """The number they stand behind, in words."""
        return str(dict(self.fields["hitung"].choices)[self._word])
