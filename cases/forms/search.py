"""What stands in the address of the list of cases, and what is typed to search (never in an address)."""

from datetime import datetime
from uuid import UUID

from django import forms
from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cases.models import Case, CaseTag, Outcome, ProblemFamily, ProblemType, Programme, SavedView
from cases.reports import case_list, figures
from cases.reports.breakdowns import LOOKS, Dimension, group_of, label_of, looked_at, within
from cases.reports.figures import FIGURES, Period
from cases.rules.codes import Membership, Urgency
from members.forms.widgets import DayInput
from members.models import Body, Organisation, Region, User
from members.rules import words
from members.rules.roles import Permission, Role
from members.services import places

#: More desks, places of one name, or labels than this are not a list to choose from.
MOST_DESKS, MOST_BODIES, MOST_LABELS = 100, 50, 100


class BodyField(forms.CharField):
    """A facility, office or employer: by its name as typed, or by its uuid where another page links here."""

    def __init__(self, **kwargs):
        super().__init__(required=False, max_length=120, strip=True, **kwargs)
        self.named = ""

    def clean(self, value) -> list[Body]:
        text = " ".join(super().clean(value).split())
        if not text:
            return []
        if uuid := _uuid(text):
            rows = list(Body.objects.filter(uuid=uuid).select_related("merged_into"))
            found = [row.merged_into or row for row in rows]
        else:
            found = list(Body.objects.filter(name__iexact=text, merged_into__isnull=True)[:MOST_BODIES])
            found = found or list(places.search(text)[:MOST_BODIES])
        if not found:
            raise forms.ValidationError(_("We know no place of this name. Check the spelling."))
        self.named = found[0].name if uuid or len(found) == 1 else text
        return found

    def prepare_value(self, value):
        return self.named or value


class RegionField(forms.CharField):
    """A province, regency or city by its name, or by its code where another page links here."""

    def __init__(self, **kwargs):
        super().__init__(required=False, max_length=120, **kwargs)
        self.named = ""

    def clean(self, value) -> Region | None:
        text = super().clean(value)
        if not text:
            return None
        found = Region.objects.filter(code=text).first() if text[0].isdigit() else places.find_region(text)
        if found is None:
            raise forms.ValidationError(_("No regency or city has this name. Check the spelling."))
        self.named = found.name
        return found

    def prepare_value(self, value):
        return self.named or value


class UnitField(forms.UUIDField):
    """A unit of the tree; its desks and those below it are meant."""

    def clean(self, value) -> Organisation | None:
        uuid = super().clean(value)
        return Organisation.objects.filter(uuid=uuid).only("uuid", "name", "abbreviation").first() if uuid else None


class GroupField(forms.CharField):
    """A group of a breakdown (`reports.breakdowns`): "faskes:UUID"."""

    def clean(self, value) -> tuple[Dimension, str] | None:
        text = super().clean(value)
        return group_of(text) if text else None


class CaseListForm(forms.Form):
    """The filters of the list; what does not make sense in an address is left out, and a field says so where it shows.

    `figures`, saved views, exports and acts on many cases read the same address through this form.
    """

    say_optional = False

    lihat = forms.ChoiceField(required=False, choices=[(key, key) for key in case_list.VIEWS], widget=forms.HiddenInput)
    posko = forms.ChoiceField(label=_("Desk"), required=False)
    urgensi = forms.ChoiceField(label=_("How urgent"), required=False, choices=[("", _("All")), *Urgency.choices])
    masalah = forms.ChoiceField(label=_("Kind of problem"), required=False)
    jenis = forms.ChoiceField(label=_("Problem"), required=False)
    program = forms.ChoiceField(label=_("Programme"), required=False)
    tempat = BodyField(label=_("Facility or office"), help_text=_("Name, or part of it."))
    perusahaan = BodyField(label=_("Employer"), help_text=_("Name, or part of it."))
    wilayah = RegionField(label=_("Region"), help_text=_("Province, regency or city."))
    anggota = forms.ChoiceField(
        label=_("Union member?"),
        required=False,
        choices=[
            ("", _("All")),
            *[(value or case_list.UNKNOWN_MEMBERSHIP, label) for value, label in Membership.choices],
        ],
    )
    dari = forms.DateField(label=_("Logged from"), required=False, widget=DayInput)
    sampai = forms.DateField(label=_("Logged until"), required=False, widget=DayInput)
    hasil = forms.ChoiceField(label=_("Outcome"), required=False)
    label = forms.ChoiceField(label=_("Label"), required=False)
    kertas = forms.ChoiceField(
        label=_("Papers"), required=False, choices=[("", _("All")), ("kurang", _("Papers missing"))]
    )
    relawan = forms.UUIDField(required=False, widget=forms.HiddenInput)
    organisasi = UnitField(required=False, widget=forms.HiddenInput)
    #: The cases behind a figure: ``dari`` and ``sampai`` are then its period, not the days of logging.
    angka = forms.ChoiceField(
        required=False, choices=[(code, each.label) for code, each in FIGURES.items()], widget=forms.HiddenInput
    )
    kelompok = GroupField(required=False, max_length=80, widget=forms.HiddenInput)
    sorot = forms.ChoiceField(required=False, choices=list(LOOKS.items()), widget=forms.HiddenInput)
    urut = forms.ChoiceField(
        label=_("Order"),
        required=False,
        choices=[
            ("", _("Due first")),
            ("urgensi", _("Most urgent first")),
            ("baru", _("Newest first")),
            ("diam", _("Longest silent first")),
        ],
    )

    #: The filters that stand in front; the others open under "more filters".
    FRONT = ("posko", "urgensi", "masalah")
    MORE = (
        "jenis",
        "program",
        "tempat",
        "perusahaan",
        "wilayah",
        "anggota",
        "dari",
        "sampai",
        "hasil",
        "label",
        "kertas",
    )

    def __init__(self, data, *, user: User):
        super().__init__(data)
        self.user = user
        self._permitted = Case.objects.permitted(user, Permission.CASE_VIEW)  # asked once: it reads the reach
        self.desks = list(
            Organisation.objects.in_reach_of(user, Permission.CASE_VIEW)
            .filter(is_desk=True)
            .order_by("name")
            .only("uuid", "name", "abbreviation")[:MOST_DESKS]
        )
        self.fields["posko"].choices = [("", _("All")), *[(str(desk.uuid), str(desk)) for desk in self.desks]]
        catalogue = _catalogue(self._permitted, SavedView.objects.for_user(user))
        #: The saved views of the reader: (uuid, name).
        self.saved = catalogue.pop("tampilan")
        for name, choices in catalogue.items():
            self.fields[name].choices = [("", _("All")), *choices]
        self.is_valid()

    @property
    def chosen(self) -> dict:
        """What was chosen and makes sense."""
        return {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def view(self) -> str:
        """The chip: the one chosen; an outcome is only of closed cases."""
        return self.chosen.get("lihat") or (
            "semua" if "angka" in self.chosen else "ditutup" if "hasil" in self.chosen else ""
        )

    @property
    def order(self) -> str:
        """The order chosen; closed cases have no due, so those closed last come first."""
        return self.chosen.get("urut") or ("selesai" if self.view == "ditutup" else "")

    @property
    def filters(self) -> int:
        """How many filters are on, besides the chip and the order."""
        return len(self.on)

    @property
    def on(self) -> list[str]:
        """The names of the filters that are on."""
        return [name for name in case_list.FILTERS if name in self.chosen]

    @property
    def opens_more(self) -> bool:
        """Whether one of the further filters is on, or has something to say."""
        return any(name in self.chosen or name in self.errors for name in self.MORE)

    def front(self) -> list[forms.BoundField]:
        """The fields in front, the order last; one desk is no choice."""
        names = self.FRONT if len(self.desks) > 1 else self.FRONT[1:]
        return [self[name] for name in (*names, "urut")]

    def more(self) -> list[forms.BoundField]:
        """The further fields; labels only where there are any."""
        return [self[name] for name in self.MORE if name != "label" or len(self.fields["label"].choices) > 1]

    def said(self, name: str) -> str:
        """What a filter that is on says: the words of its choice."""
        value, field = self.chosen[name], self.fields[name]
        if name in {"tempat", "perusahaan", "wilayah"}:
            return field.named
        if name == "kelompok":
            return f"{value[0].label}: {label_of(*value)}"
        if name in {"dari", "sampai"} and "angka" in self.chosen:
            label = _("From") if name == "dari" else _("Until")
            return f"{label} {words.day(value, language=get_language() or 'id')}"
        if name in {"dari", "sampai"}:
            return f"{field.label} {words.day(value, language=get_language() or 'id')}"
        if name == "organisasi":
            return str(value)
        if name == "relawan":
            return str(_("One relawan"))
        labels = dict(_flat(field.choices))
        return str(labels.get(value, value))

    def cases(self) -> QuerySet[Case]:
        """The cases of the reader within the filters; the chip is not yet counted in."""
        if "angka" in self.chosen:
            return self._behind(self.chosen["angka"])
        return case_list.narrowed(self._permitted, self.chosen, zone=self.user.zone)

    def period(self, now: datetime) -> Period:
        """The days of a figure; where none are named, the month of now."""
        month = figures.month(now, self.user.zone)
        first, last = self.chosen.get("dari") or month.first, self.chosen.get("sampai") or month.last
        return figures.days(first, last, self.user.zone, now)

    def _behind(self, code: str) -> QuerySet[Case]:
        """The cases behind a figure: those the reader may both count and open; a relawan counts what they may open."""
        period = self.period(timezone.now())
        cases = self._permitted
        if {Role.COORDINATOR, Role.LEADER} & self.user.live_roles:
            counted = Case.objects.permitted(self.user, Permission.FIGURES_VIEW)
            cases = cases.filter(pk__in=counted.order_by().values("pk"))
        chosen = {name: value for name, value in self.chosen.items() if name not in {"dari", "sampai"}}
        cases = case_list.narrowed(cases, chosen, zone=self.user.zone)
        if "kelompok" in chosen:
            cases = cases.filter(within(code, period, *chosen["kelompok"]))
        return looked_at(figures.behind(code, cases, period), chosen.get("sorot", ""), period.last)

    def shown(self, now: datetime) -> QuerySet[Case]:
        """The cases of the chip within the filters."""
        return case_list.VIEWS[self.view](self.cases(), self.user, now)


def _catalogue(permitted: QuerySet[Case], saved: QuerySet[SavedView]) -> dict[str, list]:
    """The choices that are rows, by field, in one statement: problems, programmes, outcomes, the labels in use, views."""
    plain = ("code", "name", "name_en", "position")
    family = Value("")
    rows = (
        ProblemFamily.objects.order_by()
        .values_list(Value("masalah"), *plain, family)
        .union(
            ProblemType.objects.order_by().values_list(
                Value("jenis"), "code", "plain", "plain_en", "position", "family__code"
            ),
            Programme.objects.order_by().values_list(Value("program"), *plain, family),
            Outcome.objects.order_by().values_list(Value("hasil"), *plain, family),
            CaseTag.objects.filter(case__in=permitted)
            .order_by()
            .values_list(Value("label"), "label", "label", Value(""), Value(0), family),
            saved.order_by().values_list(
                Value("tampilan"), Cast("uuid", CharField()), "name", Value(""), Value(0), family
            ),
        )
    )
    english = (get_language() or "id").startswith("en")
    found: dict[str, list] = {"masalah": [], "jenis": [], "program": [], "hasil": [], "label": [], "tampilan": []}
    families: dict[str, list] = {}
    for kind, code, name, name_en, _position, of in sorted(rows, key=lambda row: (row[4], row[1])):
        word = name_en if english and name_en else name
        (families.setdefault(of, []) if kind == "jenis" else found[kind]).append((code, word))
    found["jenis"] = [(word, families[code]) for code, word in found["masalah"] if code in families]
    found["label"] = found["label"][:MOST_LABELS]
    found["tampilan"] = sorted(((UUID(code), word) for code, word in found["tampilan"]), key=lambda row: row[1])
    return found


def _flat(choices) -> list[tuple[str, str]]:
    """Choices without their groups."""
    return [pair for key, word in choices for pair in (word if isinstance(word, list | tuple) else [(key, word)])]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


class SearchForm(forms.Form):
    """One field; anything may be typed."""

    say_optional = False

    q = forms.CharField(
        label=_("What do you look for?"),
        required=False,
        max_length=100,
        widget=forms.TextInput({"type": "search", "autocomplete": "off", "enterkeyhint": "search"}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.is_bound:  # with results on the page the keyboard of a phone would cover them
            self.fields["q"].widget.attrs["autofocus"] = True
