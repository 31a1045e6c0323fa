"""The developers' page: every component in every state, so that a new page is put together rather than drawn."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.contrib.staticfiles import finders
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from members.forms.layout import Act, Columns, Stack
from members.forms.widgets import (
    ChoiceChips,
    DayInput,
    DigitsInput,
    MultipleChips,
    PhoneInput,
    PhotoInput,
    UrgencyChips,
)
from members.rules.zones import Zone

#: A fixed night, so that two looks at this page show the same words.
NOW = datetime(2026, 11, 21, 23, 47, tzinfo=ZoneInfo(Zone.WIB))
STATES = ("darurat", "mendesak", "biasa", "lewat", "jalan", "selesai")


@lru_cache
def icons() -> list[str]:
    """The names of all drawings in the sprite."""
    sprite = Path(finders.find("icons/sprite.svg"))
    return re.findall(r'<symbol id="([^"]+)"', sprite.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Due:
    """Stands for a follow-up."""

    due_at: datetime
    due_day: bool = False
    zone: str = Zone.WIB


class SampleForm(forms.Form):
    """One field of each kind; the words are samples."""

    story = forms.CharField(
        label=_("What happened?"),
        help_text=_("One sentence is enough. You may paste a WhatsApp message."),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write what happened. One sentence is enough.")},
    )
    urgency = forms.ChoiceField(
        label=_("How serious?"),
        initial="unknown",
        widget=UrgencyChips,
        choices=[
            ("emergency", _("Life in danger")),
            ("urgent", _("Must be today")),
            ("ordinary", _("Can wait")),
            ("unknown", _("Not known")),
        ],
    )
    who = forms.ChoiceField(
        label=_("Who are you to the patient?"),
        required=False,
        widget=ChoiceChips,
        choices=[("self", _("Myself")), ("family", _("Family")), ("unknown", _("Not known"))],
    )
    papers = forms.MultipleChoiceField(
        label=_("Which papers are there?"),
        required=False,
        widget=MultipleChips,
        choices=[("ktp", _("KTP")), ("kk", _("KK")), ("jkn", _("JKN card"))],
    )
    phone = forms.RegexField(
        r"^[0-9 +]{9,}$",
        label=_("Reporter's phone"),
        widget=PhoneInput,
        required=False,
        error_messages={"invalid": _("The phone number is too short. Example: 0812 3456 7890.")},
    )
    nik = forms.CharField(label=_("NIK"), required=False, widget=DigitsInput, help_text=_("16 digits, on the KTP."))
    zone = forms.ChoiceField(label=_("time zone"), choices=Zone.choices)
    since = forms.DateField(label=_("Since when?"), required=False, widget=DayInput)
    photo = forms.FileField(label=_("Photo"), required=False, widget=PhotoInput)
    agreed = forms.BooleanField(label=_("The patient agrees that we help"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout(
            Columns(
                Stack("story", "urgency", "who", "papers"),
                Stack("phone", "nik", "zone", "since", "photo", "agreed", Act(_("Save case"))),
            )
        )


def components(request):
    """All components; `?tema=gelap` or `?tema=terang` shows one look whatever the account says, `?salah` the errors."""
    context = {
        "now": NOW,
        "states": STATES,
        "icons": icons(),
        "soon": Due(NOW + timedelta(minutes=88)),
        "monday": Due(NOW + timedelta(hours=32, minutes=13)),
        "late": Due(NOW - timedelta(days=2, hours=1)),
        "today": Due(NOW + timedelta(minutes=13), due_day=True),
        "sample": SampleForm({"phone": "0812 34", "urgency": "unknown", "zone": Zone.WIB})
        if "salah" in request.GET
        else SampleForm(initial={"since": NOW.date()}),
    }
    if look := {"gelap": "dark", "terang": "light"}.get(request.GET.get("tema", "")):
        context["theme"] = look
    return render(request, "members/components.html", context)
