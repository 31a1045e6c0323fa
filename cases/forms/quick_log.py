"""The quick log: what happened is enough, everything else may stay unknown (PRACTICE C1.1, TRUST U11)."""

from datetime import datetime
from functools import cached_property
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.models import Case, ProblemFamily, ProblemType, RedFlag
from cases.rules.codes import CaseKind, Channel, Membership, PartyRole, Relation, Urgency, Whereabouts
from cases.rules.due import FURTHEST_BACK
from cases.rules.registers import Restriction
from cases.services.intake import Someone
from members.forms.widgets import ChoiceChips, DayInput, DigitsInput, PhoneInput, PhotoInput, UrgencyChips
from members.models import Body, Organisation, Region, User
from members.rules import words
from members.rules.numbers import normalise, phone_e164
from members.rules.roles import Permission, Role
from members.services import places

#: A pasted chat is long; a book is not a story.
LONGEST_STORY = 20_000
#: More desks than this are not offered in one list: the ones used last come first.
MOST_DESKS = 60

ME, SOMEONE = "me", ""
#: Who reports, as the chips say it → relation to the patient.
REPORTERS = {
    "unknown": (_("Not known yet"), Relation.UNKNOWN),
    "me": (_("Myself"), Relation.ADVOCATE),
    "patient": (_("The patient"), Relation.SELF),
    "family": (_("Family"), Relation.RELATIVE),
    "neighbour": (_("Neighbour or friend"), Relation.NEIGHBOUR),
    "colleague": (_("Colleague"), Relation.COLLEAGUE),
    "officer": (_("Union officer"), Relation.OFFICER),
}
#: The finer words for family, in the fold.
FAMILY = [Relation.SPOUSE, Relation.PARENT, Relation.CHILD, Relation.SIBLING, Relation.RELATIVE]
#: Everyone else who may be called about a case.
OTHERS = [
    Relation.NEIGHBOUR,
    Relation.COLLEAGUE,
    Relation.OFFICER,
    Relation.ADVOCATE,
    Relation.FACILITY,
    Relation.OTHER,
]
#: Which numbers are asked of whom.
NUMBERS_OF = {"patient": ("nik", "jkn"), "insured": ("jkn",), "worker": ("kpj",)}


def _text(label, length: int, **kwargs) -> forms.CharField:
    widget = forms.TextInput(kwargs.pop("attrs", None))
    return forms.CharField(label=label, required=False, max_length=length, widget=widget, **kwargs)


def _phone(label, **kwargs) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=25, widget=PhoneInput, **kwargs)


def _digits(label, **kwargs) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=40, widget=DigitsInput, **kwargs)


def _relation(*choices: Relation) -> forms.ChoiceField:
    rows = [(row.value, row.label) for row in choices]
    return forms.ChoiceField(label=_("Relation to the patient"), required=False, choices=rows)


def _same(*roles: str) -> forms.ChoiceField:
    words_of = {
        SOMEONE: _("Somebody else, or not known yet"),
        "patient": _("Same as the patient"),
        "reporter": _("Same as the reporter"),
        "insured": _("Same as the insured person"),
        ME: _("Myself"),
    }
    return forms.ChoiceField(label=_("Who is it?"), required=False, choices=[(role, words_of[role]) for role in roles])


def parent_for(user: User | None, uuid: UUID | str | None) -> Case | None:
    """The collective case of this id, where this user may add a sub-case to it."""
    if user is None or not uuid:
        return None
    rows = Case.objects.permitted(user, Permission.CASE_WORK).open()
    return rows.filter(uuid=uuid, kind=CaseKind.COLLECTIVE).select_related("place", "region", "desk").first()


def taken_over(parent: Case) -> dict:
    """What a sub-case starts with: employer or facility, region, problem, channel and desk of the collective case."""
    types = [*filter(None, [parent.problem_type]), *parent.problem_types.exclude(pk=parent.problem_type_id)]
    return {
        "parent": parent.uuid,
        "place": parent.place.name if parent.place else "",
        "place_body": parent.place.uuid if parent.place else None,
        "region": parent.region.name if parent.region else "",
        "problems": [row.code for row in types],
        "problem_main": types[0].code if types else "",
        "channel": parent.channel,
        "membership": parent.membership,
        "desk": str(parent.desk.uuid),
    }


class QuickLogForm(forms.Form):
    """What a relawan knows at 23.45. ``given`` turns it into what `intake.open_case` takes."""

    submit_key = forms.UUIDField(widget=forms.HiddenInput)
    writer = forms.UUIDField(widget=forms.HiddenInput, required=False)
    parent = forms.UUIDField(widget=forms.HiddenInput, required=False)
    ska = forms.UUIDField(widget=forms.HiddenInput, required=False)
    story = forms.CharField(
        label=_("What happened?"),
        max_length=LONGEST_STORY,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("One sentence is enough. You may paste a WhatsApp message."),
        error_messages={
            "required": _("Write what happened. One sentence is enough."),
            "max_length": _("The story is too long. Keep the most important part."),
        },
    )
    numbers = forms.ChoiceField(
        label=_("Identity numbers in the story"),
        required=False,
        choices=[("keep", _("Move to the person's data")), ("drop", _("Throw away"))],
        initial="keep",
        widget=ChoiceChips,
        help_text=_("NIK, card and phone numbers do not stay in the story. Moved numbers are encrypted."),
    )
    urgency = forms.ChoiceField(
        label=_("How serious is it?"),
        required=False,
        choices=[
            (Urgency.EMERGENCY, _("Life in danger")),
            (Urgency.URGENT, _("Must be today")),
            (Urgency.ORDINARY, _("Can wait")),
            (Urgency.UNKNOWN, _("Not known yet")),
        ],
        widget=UrgencyChips,
    )
    red_flags = forms.MultipleChoiceField(label=_("Signs of danger"), required=False)
    place = _text(_("Where now?"), 200, attrs={"placeholder": _("Name of the hospital, clinic or office")})
    place_body = forms.UUIDField(required=False, widget=forms.HiddenInput)
    place_note = _text(_("Ward or desk"), 160)
    region = _text(_("City or regency"), 120, help_text=_("Where the place is not known by name."))
    whereabouts = forms.ChoiceField(
        label=_("The patient is"), required=False, choices=Whereabouts.choices, widget=ChoiceChips
    )
    problems = forms.MultipleChoiceField(label=_("What is the problem?"), required=False)
    problem_main = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    reporter_is = forms.ChoiceField(
        label=_("Who reports?"),
        required=False,
        choices=[(key, label) for key, (label, relation) in REPORTERS.items()],
        widget=ChoiceChips,
    )
    reporter_name = _text(_("Name of the reporter"), 150)
    reporter_phone = _phone(_("Phone of the reporter"))
    reporter_relation = forms.ChoiceField(
        label=_("Family: which?"),
        required=False,
        choices=[("", _("Not known yet")), *((row.value, row.label) for row in FAMILY)],
    )
    photo = forms.FileField(
        label=_("Photo"), required=False, widget=PhotoInput, help_text=_("A letter, a card, a bill. One is enough.")
    )

    patient_is = _same(SOMEONE, "reporter", ME)
    patient_name = _text(_("Name"), 150)
    patient_age = _text(_("Age, as told"), 40)
    patient_phone = _phone(_("Phone"))
    patient_nik = _digits(_("NIK (16 digits)"))
    patient_jkn = _digits(_("JKN or KIS card (13 digits)"))
    insured_is = _same(SOMEONE, "patient", "reporter", ME)
    insured_name = _text(_("Name"), 150)
    insured_relation = _relation(Relation.UNKNOWN, Relation.SELF, *FAMILY)
    insured_phone = _phone(_("Phone"))
    insured_jkn = _digits(_("JKN or KIS card (13 digits)"))
    worker_is = _same(SOMEONE, "patient", "reporter", "insured", ME)
    worker_name = _text(_("Name"), 150)
    worker_relation = _relation(Relation.UNKNOWN, Relation.SELF, *FAMILY)
    worker_phone = _phone(_("Phone"))
    worker_kpj = _text(_("KPJ (11 characters)"), 40)
    other_name = _text(_("Name"), 150)
    other_phone = _phone(_("Phone"))
    other_relation = _relation(Relation.UNKNOWN, *FAMILY, *OTHERS)

    channel = forms.ChoiceField(label=_("How it came"), required=False, choices=Channel.choices)
    membership = forms.ChoiceField(label=_("Union member?"), required=False, choices=Membership.choices)
    occurred_text = _text(_("When, as told"), 120, help_text=_("For example: since sunset, three days ago."))
    occurred_on = forms.DateField(
        label=_("Date"),
        required=False,
        widget=DayInput,
        input_formats=["%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y", "%d %m %Y"],
        error_messages={"invalid": _("Write the date like 22-11-2026.")},
    )
    occurred_time = forms.TimeField(
        label=pgettext_lazy("of the day", "Hour"),
        required=False,
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        input_formats=["%H:%M", "%H.%M", "%H:%M:%S"],
        error_messages={"invalid": _("Write the hour like 21.30.")},
    )
    restriction = forms.ChoiceField(
        label=_("Restricted case?"),
        required=False,
        choices=Restriction.choices,
        help_text=_("Only you and the people you name open it."),
    )
    desk = forms.ChoiceField(label=_("Desk (posko)"), required=False)
    carry = forms.ChoiceField(
        label=_("Who carries it?"),
        required=False,
        choices=[("me", _("I do")), ("desk", _("Nobody yet, the desk decides"))],
        widget=ChoiceChips,
    )

    def __init__(self, data=None, files=None, *, user: User | None = None, **kwargs):
        """``user=None`` makes the empty form that the phone keeps for when there is no signal."""
        self.user = user
        usual = {"submit_key": uuid4, "reporter_is": "unknown", "carry": self._usual_carrier}
        kwargs.setdefault("auto_id", "%s")
        kwargs["initial"] = {**usual, "writer": user.uuid if user else None, **kwargs.get("initial", {})}
        super().__init__(data, files, **kwargs)
        # Callables: a form that is sent reads only the rows it needs.
        self.fields["red_flags"].choices = lambda: [(row.code, row.label) for row in self.flags]
        self.fields["problems"].choices = lambda: [(row.code, row.chip) for row in self.problem_rows]
        if len(self.desks) > 1:
            self.fields["desk"].choices = [(str(desk.uuid), str(desk)) for desk in self.desks]
        else:
            del self.fields["desk"]
        if user is None:
            del self.fields["carry"]

    # --- What can be chosen ---

    @cached_property
    def desks(self) -> list[Organisation]:
        """The desks where this user may log, the one used last first."""
        if self.user is None:
            return []
        rows = Organisation.objects.in_reach_of(self.user, Permission.CASE_LOG).filter(is_desk=True, is_active=True)
        desks = list(rows.select_related("region")[: MOST_DESKS * 10])
        if len(desks) > 1:
            latest = Case.objects.filter(logged_by=self.user).order_by("-pk").values_list("desk", flat=True)[:20]
            used = list(dict.fromkeys(latest))
            desks.sort(key=lambda desk: (used.index(desk.pk) if desk.pk in used else len(used), str(desk)))
        return desks[:MOST_DESKS]

    @cached_property
    def problem_rows(self) -> list[ProblemType]:
        """The problem types in force today, family by family."""
        today = timezone.localdate()
        rows = ProblemType.objects.select_related("family").order_by("family__position", "position", "code")
        return [row for row in rows if row.effective_to is None or row.effective_to >= today]

    @cached_property
    def flags(self) -> list[RedFlag]:
        return list(RedFlag.objects.all())

    def quick_problems(self) -> list[ProblemType]:
        """The chips that are seen at once."""
        return [row for row in self.problem_rows if row.is_quick]

    def other_problems(self) -> list[tuple[ProblemFamily, list[ProblemType]]]:
        """All the others, family by family."""
        families: dict[int, tuple[ProblemFamily, list[ProblemType]]] = {}
        for row in self.problem_rows:
            if not row.is_quick:
                families.setdefault(row.family_id, (row.family, []))[1].append(row)
        return list(families.values())

    def _usual_carrier(self) -> str:
        return "desk" if self.user and Role.COORDINATOR in self.user.live_roles else "me"

    # --- What is checked ---

    def clean_parent(self):
        uuid = self.cleaned_data["parent"]
        if uuid and parent_for(self.user, uuid) is None:
            raise forms.ValidationError(_("The collective case cannot take a sub-case now. Open it and look."))
        return uuid

    def clean_writer(self):
        writer = self.cleaned_data["writer"]
        if writer and self.user and writer != self.user.uuid:
            raise forms.ValidationError(_("You are signed in as somebody else. Copy the text and sign in again."))
        return writer

    def clean(self):
        cleaned = super().clean()
        for name in [name for name in self.fields if name.endswith("_phone")]:
            self._check_phone(name)
        if self.user is not None and not self.desks:
            self.add_error(None, _("You have no desk to log for. Ask your coordinator."))
        at = self.occurred_at
        if at and at > timezone.now():
            self.add_error("occurred_on", _("This moment is still to come. Choose an earlier one."))
        elif at and timezone.now() - at > FURTHEST_BACK:
            self.add_error("occurred_on", _("This is very long ago. Check the year."))
        return cleaned

    def _check_phone(self, name: str) -> None:
        """Words such as "belum tahu" are no phone; digits too few to call are sent back."""
        value = self.cleaned_data.get(name, "")
        digits = normalise(value)
        if not any(char.isdigit() for char in digits):
            self.cleaned_data[name] = ""
        elif not phone_e164(value) or len(digits) < 8:
            self.add_error(name, _("The phone number lacks digits. Example: 0812 3456 7890."))

    # --- What it says ---

    def given(self) -> dict:
        """What `intake.open_case` takes, apart from ``by`` and the moment."""
        data = self.cleaned_data
        region, region_note = self.chosen_region
        note = ", ".join(filter(None, [data["place_note"], region_note]))
        return {
            "desk": self.chosen_desk,
            "parent": self.chosen_parent,
            "submit_key": data["submit_key"],
            "story": data["story"],
            "urgency": data["urgency"] or Urgency.UNKNOWN,
            "red_flags": data["red_flags"],
            "problem_types": self._problems(),
            "place": self.chosen_body,
            "place_text": data["place"],
            "place_note": note,
            "whereabouts": data["whereabouts"],
            "region": region,
            "channel": data["channel"],
            "membership": data["membership"],
            "occurred_text": self._occurred_text(),
            "occurred_at": self.occurred_at,
            "people": self.people(),
            "carry": {"me": True, "desk": False}.get(data.get("carry", "")),
            "keep_numbers": data["numbers"] != "drop",
            "restriction": data["restriction"],
        }

    @cached_property
    def chosen_parent(self) -> Case | None:
        """The collective case that this one is to be part of."""
        return parent_for(self.user, self.cleaned_data.get("parent"))

    @property
    def chosen_desk(self) -> Organisation | None:
        chosen = self.cleaned_data.get("desk")
        return next((desk for desk in self.desks if str(desk.uuid) == chosen), None) or next(iter(self.desks), None)

    @property
    def zone(self) -> ZoneInfo:
        """Where the hours that were typed are meant: at the place, else at the desk."""
        region = self.chosen_region[0]
        body = self.chosen_body
        if region is None and body is not None:
            region = body.region
        return ZoneInfo(region.zone if region else self.chosen_desk.zone if self.chosen_desk else settings.TIME_ZONE)

    @property
    def occurred_at(self) -> datetime | None:
        """The moment, where both day and hour are known."""
        day, hour = self.cleaned_data.get("occurred_on"), self.cleaned_data.get("occurred_time")
        return datetime.combine(day, hour, tzinfo=self.zone) if day and hour else None

    def _occurred_text(self) -> str:
        """What was said about when; a day without an hour, or an hour without a day, is kept in words."""
        data = self.cleaned_data
        said = [data["occurred_text"]]
        if self.occurred_at is None:
            if data["occurred_on"]:
                said.append(words.day(data["occurred_on"], language=translation.get_language()))
            if data["occurred_time"]:
                said.append(f"{data['occurred_time']:%H.%M}")
        return ", ".join(filter(None, said))[:120]

    def _problems(self) -> list[ProblemType]:
        """What was chosen, the main one first."""
        codes, main = self.cleaned_data["problems"], self.cleaned_data["problem_main"]
        if not codes:
            return []
        codes = sorted(codes, key=lambda code: (code != main, codes.index(code)))
        rows = {row.code: row for row in self.problem_rows}
        return [rows[code] for code in codes]

    @cached_property
    def chosen_body(self) -> Body | None:
        """The place chosen from the list, while its name still stands in the field."""
        return places.by_uuid(str(self.cleaned_data.get("place_body") or ""), self.cleaned_data.get("place", ""))

    @cached_property
    def chosen_region(self) -> tuple[Region | None, str]:
        """The region that was typed, else the words themselves for the note of the place."""
        text = self.cleaned_data.get("region", "")
        region = places.find_region(text) if text else None
        return region, "" if region and places.is_named(region, text) else text

    def people(self) -> list[Someone]:
        """Whoever is known at all, in any of the roles."""
        data = self.cleaned_data
        reporter = data["reporter_is"] or "unknown"
        found: list[Someone] = []
        same_patient = data["patient_is"]
        relation = REPORTERS[reporter][1]
        if reporter == "family" and data["reporter_relation"]:
            relation = data["reporter_relation"]
        known = bool(data["reporter_name"] or data["reporter_phone"])
        if reporter == "me":
            found.append(Someone(PartyRole.REPORTER, relation=relation, is_me=True))
        elif known or reporter != "unknown":
            found.append(
                Someone(PartyRole.REPORTER, name=data["reporter_name"], phone=data["reporter_phone"], relation=relation)
            )
        if reporter == "patient" and not same_patient:
            same_patient = "reporter"
        roles = {one.role for one in found}
        for role in (PartyRole.PATIENT, PartyRole.INSURED, PartyRole.WORKER, PartyRole.OTHER):
            same = same_patient if role == PartyRole.PATIENT else data.get(f"{role}_is", "")
            someone = self._someone(role, same if same == ME or same in roles else "", data)
            if someone:
                found.append(someone)
                roles.add(role)
        return found

    def _someone(self, role: str, same: str, data: dict) -> Someone | None:
        numbers = {
            kind: data[f"{role}_{kind}"] for kind in NUMBERS_OF.get(role, ()) if normalise(data[f"{role}_{kind}"])
        }
        name, phone = data[f"{role}_name"], data[f"{role}_phone"]
        age = data.get(f"{role}_age", "")
        if not (same or name or phone or age or numbers):
            return None
        return Someone(
            role,
            name=name,
            phone=phone,
            relation=data.get(f"{role}_relation", ""),
            age=age,
            numbers=numbers,
            same_as="" if same == ME else same,
            is_me=same == ME,
        )

    def folds_to_open(self) -> set[str]:
        """Which folded parts hold an error or an answer, so that they stand open when the form is drawn again."""
        prefixes = {"flags": ("red_flags",), "patient": ("patient_",), "others": ("insured_", "worker_", "other_")}
        prefixes["more"] = (
            "occurred_",
            "channel",
            "membership",
            "desk",
            "carry",
            "region",
            "place_note",
            "restriction",
        )
        names = {name for name in self.fields if self.errors.get(name) or (self.data.get(name) and self.is_bound)}
        names -= {"carry", "desk"} - set(self.errors)
        return {fold for fold, starts in prefixes.items() if any(name.startswith(starts) for name in names)}
