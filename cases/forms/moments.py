"""Days and hours as people type them, and due moments in one tap."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.rules.due import (
    FOR_A_PLAN,
    FURTHEST_AHEAD,
    FURTHEST_BACK,
    due_moment,
    quick_choices,
    quick_moment,
    told_moment,
)
from members.forms.moments import DAYS, HOURS, DayField, HourField, HourInput
from members.forms.widgets import ChoiceChips
from members.rules import words

__all__ = ["DAYS", "HOURS", "DayField", "HourField", "HourInput", "PlanFields", "ToldFields", "today"]


def today(now: datetime, zone: str) -> str:
    """The day at the place, as a calendar field wants it."""
    return now.astimezone(ZoneInfo(zone)).date().isoformat()


class ToldFields(forms.Form):
    """When it happened: nothing typed means now. ``at`` and ``on_day`` are what was meant."""

    on = DayField(label=gettext_lazy("Day"), help_text=gettext_lazy("Leave empty for today."))
    hour = HourField(label=gettext_lazy("Hour"))

    zone: str
    now: datetime
    at: datetime | None = None
    on_day = False

    def say_zone(self) -> None:
        """The hour is that of the place, by name; the calendar ends today."""
        self.fields["on"].widget.attrs["max"] = today(self.now, self.zone)
        self.fields["hour"].help_text = _("Clock of the place (%(zone)s). Empty: now.") % {
            "zone": words.zone_label(self.zone)
        }

    def read_moment(self) -> None:
        """Called by ``clean``: turns the two fields into the moment, or says kindly why not."""
        if self.errors.keys() & {"on", "hour"}:
            return
        day, hour = self.cleaned_data.get("on"), self.cleaned_data.get("hour")
        try:
            self.at, self.on_day = told_moment(day, hour, now=self.now, zone=self.zone)
        except OverflowError:
            self.at = None
        if day and (self.at is None or self.now - self.at > FURTHEST_BACK):
            self.add_error("on", _("This is very long ago. Check the year."))
        elif self.at and self.at > self.now:
            self.add_error("on" if day else "hour", _("This is still to come. Check day and hour."))


class PlanFields(forms.Form):
    """When something is due: one tap, or a day with or without an hour. ``due_at`` and ``due_is_day`` are what was meant."""

    when = forms.ChoiceField(label=gettext_lazy("By when?"), required=False, widget=ChoiceChips)
    day = DayField(label=gettext_lazy("Day"))
    hour = HourField(label=gettext_lazy("Hour"))

    among = FOR_A_PLAN
    zone: str
    now: datetime
    due_at: datetime | None = None
    due_is_day = False

    def offer_moments(self) -> None:
        """The one-tap choices of this hour, and whose clock it is; the calendar begins today."""
        self.fields["day"].widget.attrs["min"] = today(self.now, self.zone)
        choices = quick_choices(self.now, self.zone, self.among)
        self.fields["when"].choices = [(choice.value, choice.label) for choice in choices]
        self.fields["hour"].help_text = _("Clock of the place (%(zone)s). Empty: by the end of the day.") % {
            "zone": words.zone_label(self.zone)
        }

    def read_moment(self, *, required: bool = True, past_is_fine: bool = False) -> None:
        """Called by ``clean``: what was touched counts; a day typed beside a chip took more work, so it wins."""
        if self.errors.keys() & {"when", "day", "hour"}:
            return
        choice, day, hour = (self.cleaned_data.get(name) for name in ("when", "day", "hour"))
        if choice and not {"day", "hour"} & set(self.changed_data):
            self.due_at = quick_moment(choice, self.now, self.zone)
            return
        if day is None:
            if hour is not None:
                self.add_error("day", _("Choose the day."))
            elif required:
                self.add_error("when", _("Choose by when."))
            return
        self.due_at, self.due_is_day = due_moment(day, hour, self.zone)
        if self.due_at - self.now > FURTHEST_AHEAD:
            self.add_error("day", _("This is too far ahead. Check the year."))
        elif self.due_at <= self.now and not past_is_fine:
            self.add_error("day", _("This moment has passed. Choose a later one."))
