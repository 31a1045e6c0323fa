"""The typed facts of an event as fields: all optional, in the order in which the type of the event names them."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.forms.cover import RupiahField
from cases.forms.moments import DayField, HourField
from cases.forms.texts import one_line
from cases.models import MembershipState, Programme, Segment
from cases.rules.details import DETAILS, DUE_ON, EVERY_DAYS, WHEN_TOLD, Detail, Kind, read, stored
from members.forms.widgets import MomentInput
from members.rules import words

#: Before the code, so that no detail is taken for another field of the form.
PREFIX = "d_"
_NOT_KNOWN = gettext_lazy("Not known yet")
_LIST = {"invalid_choice": gettext_lazy("Choose one from the list.")}
_CATALOGUE: dict[str, type[Programme] | type[Segment] | type[MembershipState]] = {
    Kind.PROGRAMME: Programme,
    Kind.SEGMENT: Segment,
    Kind.STATE: MembershipState,
}
_MOMENTS = ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%d-%m-%Y %H.%M", "%d-%m-%Y %H:%M")


class PlaceMomentField(forms.Field):
    """A day and an hour by the clock of the place."""

    widget = MomentInput
    zone = "Asia/Jakarta"

    def to_python(self, value):
        text = (value or "").strip()
        if not text:
            return None
        for shape in _MOMENTS:
            try:
                at = datetime.strptime(text, shape)
            except ValueError:
                continue
            if not 1900 <= at.year <= 2200:
                break
            return at.replace(tzinfo=ZoneInfo(self.zone))
        raise forms.ValidationError(_("This day or hour does not exist. Example: 22-11-2026 14.30."))


class LinkField(forms.URLField):
    """An address on the web; without "https://" it gets it."""

    default_error_messages = {"invalid": gettext_lazy("Write the link like https://example.org/petition.")}

    def __init__(self, **kwargs):
        super().__init__(assume_scheme="https", **kwargs)


def _number(most: int, **kwargs) -> forms.IntegerField:
    return forms.IntegerField(
        min_value=0,
        max_value=most,
        widget=forms.NumberInput({"class": "k-short k-n", "inputmode": "numeric"}),
        error_messages={
            "invalid": gettext_lazy("Write a whole number, like 4."),
            "min_value": gettext_lazy("Write 0 or more."),
            "max_value": gettext_lazy("Write at most %(limit_value)s."),
        },
        **kwargs,
    )


def field_of(detail: Detail, zone: str) -> forms.Field:
    """The field in which a detail is written; empty is always fine."""
    given = {"label": detail.label, "help_text": detail.hint, "required": False}
    if detail.kind == Kind.CHOICE and detail.choices:
        choices = [("", _NOT_KNOWN), *((value, label) for value, label in detail.choices.choices if value)]
        return forms.ChoiceField(choices=choices, error_messages=_LIST, **given)
    if detail.kind in _CATALOGUE:
        rows = _CATALOGUE[detail.kind].objects.all()
        field = forms.ModelChoiceField(rows, to_field_name="code", error_messages=_LIST, **given)
        field.empty_label = _NOT_KNOWN
        return field
    if detail.kind == Kind.NUMBER:
        return _number(detail.most, **given)
    if detail.kind == Kind.MONEY:
        return RupiahField(**given)
    if detail.kind == Kind.DAY:
        return DayField(**given)
    if detail.kind == Kind.HOUR:
        return HourField(**given)
    if detail.kind == Kind.MOMENT:
        field = PlaceMomentField(**given)
        field.zone = zone
        return field
    if detail.kind == Kind.URL:
        return LinkField(max_length=detail.most, **given)
    return one_line(detail.most, **given)


class DetailFields(forms.Form):
    """Adds a field for each detail of a type, and one for when it was where no day is known."""

    zone: str
    now: datetime
    #: The details on offer; the page draws them folded together.
    codes: tuple[str, ...] = ()

    def offer_details(self, codes: Iterable[str], kept: Mapping[str, object] | None = None) -> None:
        """Add the fields of these codes, filled with what is kept; a code nobody knows is passed over."""
        kept = kept or {}
        self.codes = tuple(dict.fromkeys(code for code in [*codes, *kept] if code in DETAILS and code != WHEN_TOLD))
        for code in (*self.codes, WHEN_TOLD):
            self.fields[PREFIX + code] = field_of(DETAILS[code], self.zone)
            if code in kept:
                self.initial[PREFIX + code] = self._shown(code, kept[code])
        if DUE_ON in self.codes:
            self.fields[PREFIX + DUE_ON].widget.attrs["min"] = self._today().isoformat()

    def _today(self) -> date:
        return self.now.astimezone(ZoneInfo(self.zone)).date()

    def _shown(self, code: str, value: object) -> object:
        found = read(code, value)
        if isinstance(found, datetime):
            return found.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)
        return words.rupiah(value) if DETAILS[code].kind == Kind.MONEY and isinstance(value, int) else found

    @property
    def when_told(self):
        return self[PREFIX + WHEN_TOLD]

    @property
    def detail_fields(self) -> list:
        return [self[PREFIX + code] for code in self.codes]

    @property
    def has_details(self) -> bool:
        """Whether any of them is filled in or refused: then they stand open."""
        return any(field.errors or field.value() not in (None, "") for field in self.detail_fields)

    @property
    def details(self) -> dict[str, str | int]:
        """What was typed, by code, as it is kept; what stayed empty is left out."""
        given = {code: self.cleaned_data.get(PREFIX + code) for code in (*self.codes, WHEN_TOLD)}
        return {
            code: value.code if hasattr(value, "pk") else stored(value)
            for code, value in given.items()
            if value not in (None, "")
        }

    def check_details(self) -> None:
        """Called by ``clean``: what cannot both be true is said beside the later one."""
        since, until = self.cleaned_data.get(f"{PREFIX}since"), self.cleaned_data.get(f"{PREFIX}until")
        if since and until and until < since:
            self.add_error(f"{PREFIX}until", _("This is before the first day. Check both."))
        every = self.cleaned_data.get(PREFIX + EVERY_DAYS)
        if every == 0:
            self.add_error(PREFIX + EVERY_DAYS, _("Write 1 or more."))
        read_at = self.cleaned_data.get(f"{PREFIX}read_at")
        if read_at and read_at > self.now:
            self.add_error(f"{PREFIX}read_at", _("This is still to come. Check day and hour."))
        due_on = self.cleaned_data.get(PREFIX + DUE_ON)
        if due_on and (due_on - self._today()).days > 5 * 365:
            self.add_error(PREFIX + DUE_ON, _("This is too far ahead. Check the year."))
