"""Who promised what, until when; and what became of it."""

from datetime import date, datetime

from django import forms
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.forms.moments import DayField, HourField, ToldFields, today
from cases.forms.texts import SubmitKey, one_line
from cases.models import Attachment, Case, Commitment
from cases.rules.commitments import Move, Terms, is_backwards
from cases.rules.due import FURTHEST_AHEAD, FURTHEST_BACK, due_moment
from cases.rules.registers import Form, Term
from members.forms.widgets import ChoiceChips, DigitsInput
from members.models import Organisation


class Kind(TextChoices):
    """Whether it was promised, or is asked for."""

    PROMISE = "janji", gettext_lazy("They promised it")
    DEMAND = "tuntutan", gettext_lazy("We ask for it")


class TermFields(forms.Form):
    """Until when it is to be kept. What was filled in says which term is meant, also without its chip."""

    term = forms.ChoiceField(
        label=gettext_lazy("Until when?"),
        choices=[
            (Term.DATE, gettext_lazy("On a date")),
            (Term.CONDITION, gettext_lazy("When a condition is met")),
            (Term.STANDING, gettext_lazy("Always, looked at again and again")),
            (Term.NONE, gettext_lazy("No date was named")),
        ],
        required=False,
        widget=ChoiceChips,
    )
    due_on = DayField(label=gettext_lazy("Due on"))
    due_hour = HourField(label=gettext_lazy("Due at (hour)"))
    condition = one_line(
        200,
        label=gettext_lazy("The condition"),
        required=False,
        help_text=gettext_lazy("For example: the file is complete."),
    )
    span_days = forms.IntegerField(
        label=gettext_lazy("Days after that"), required=False, min_value=0, max_value=1000, widget=DigitsInput
    )
    review_months = forms.IntegerField(
        label=gettext_lazy("Look again every so many months"), required=False, min_value=1, max_value=36,
        widget=DigitsInput,
    )  # fmt: skip

    zone: str
    now: datetime
    terms: Terms | None = None

    def say_numbers(self) -> None:
        for name in ("span_days", "review_months"):
            self.fields[name].error_messages["invalid"] = _("Write a number.")

    def read_terms(self) -> None:
        """Called by ``clean``: the terms that were meant, or kindly why not."""
        names = {"term", "due_on", "due_hour", "condition", "span_days", "review_months"}
        if self.errors.keys() & names:
            return
        given = self.cleaned_data
        term = given["term"] or self._meant(given)
        if term == Term.DATE:
            self._read_date(given)
        elif term == Term.CONDITION and not given["condition"]:
            self.add_error("condition", _("Write what it waits for."))
        elif term == Term.CONDITION:
            self.terms = Terms(term, condition=given["condition"], span_days=given["span_days"])
        elif term == Term.STANDING and not given["review_months"]:
            self.add_error("review_months", _("Say how often to look at it again."))
        elif term == Term.STANDING:
            self.terms = Terms(term, review_months=given["review_months"])
        else:
            self.terms = Terms()

    def _read_date(self, given: dict) -> None:
        if given["due_on"] is None:
            self.add_error("due_on", _("Choose the day."))
            return
        due_at, is_day = due_moment(given["due_on"], given["due_hour"], self.zone)
        if not -FURTHEST_BACK < due_at - self.now < FURTHEST_AHEAD:
            self.add_error("due_on", _("This is too far away. Check the year."))
            return
        self.terms = Terms(Term.DATE, due_at=due_at, due_is_day=is_day)

    @staticmethod
    def _meant(given: dict) -> str:
        if given["due_on"]:
            return Term.DATE
        if given["condition"]:
            return Term.CONDITION
        return Term.STANDING if given["review_months"] else Term.NONE


class CommitmentForm(SubmitKey, ToldFields, TermFields):
    """What, who, until when; all but what was promised may be completed later."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Promised, or asked for?"),
        choices=Kind,
        initial=Kind.PROMISE,
        widget=ChoiceChips,
        error_messages={"required": gettext_lazy("Say whether it was promised.")},
    )
    desk = forms.ModelChoiceField(
        Organisation.objects.none(),
        to_field_name="uuid",
        label=gettext_lazy("To which desk?"),
        empty_label=None,
        error_messages={
            "required": gettext_lazy("Choose the desk."),
            "invalid_choice": gettext_lazy("Choose one from the list."),
        },
    )
    text = forms.CharField(
        max_length=500,
        label=gettext_lazy("What exactly?"),
        widget=forms.Textarea({"rows": 2}),
        error_messages={"required": gettext_lazy("Write what was promised or asked for.")},
    )
    office = one_line(
        160,
        label=gettext_lazy("Which office or company?"),
        required=False,
        help_text=gettext_lazy("For example: BPJS Ketenagakerjaan Manado."),
    )
    party = one_line(
        160,
        label=gettext_lazy("Which part of it, or who else?"),
        required=False,
        help_text=gettext_lazy("For example: claims section, the union's president."),
    )
    official = one_line(120, label=gettext_lazy("Name of the official"), required=False)
    official_role = one_line(120, label=gettext_lazy("In what post"), required=False)
    form = forms.ChoiceField(label=gettext_lazy("In what form?"), choices=Form, required=False)
    where = one_line(160, label=gettext_lazy("Where was it said?"), required=False)
    proof_note = one_line(
        300,
        label=gettext_lazy("What proves it?"),
        required=False,
        help_text=gettext_lazy("For example: minutes, a letter number, who heard it."),
    )
    proof = forms.ModelChoiceField(
        Attachment.objects.none(), to_field_name="uuid", required=False, label=gettext_lazy("Photo of the proof"),
        empty_label=gettext_lazy("No photo or paper chosen"),
        error_messages={"invalid_choice": gettext_lazy("This paper does not belong to the case. Choose again.")},
    )  # fmt: skip

    field_order = ["kind", "desk", "text", "office", "party", "term", "due_on", "on", "hour"]

    def __init__(self, *args, zone: str, now: datetime, case: Case | None = None, desks=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.zone, self.now = zone, now
        self.say_zone()
        self.say_numbers()
        self.fields["on"].label = _("Said on")
        self.fields["on"].help_text = _("Empty: not known yet, to be completed later.")
        self.fields["hour"].help_text = ""
        self.fields["office"].widget.attrs["list"] = "kantor"
        if not self.is_bound:
            self.initial.setdefault("on", date.fromisoformat(today(now, zone)))
        if desks is None:
            del self.fields["desk"]
        else:
            self.fields["desk"].queryset = desks
        offer_papers(self, case)

    def clean(self):
        given = super().clean()
        self.read_moment()
        self.read_terms()
        due_at = self.terms.due_at if self.terms else None
        if not self.errors and is_backwards(self.at, due_at, on_day=self.on_day, zone=self.zone):
            self.add_error("due_on", _("It cannot be due before it was said."))
        return given


class CompleteForm(ToldFields):
    """What was not known when it was written; only what is still missing is asked."""

    office = one_line(160, label=gettext_lazy("Which office or company?"), required=False)
    party = one_line(160, label=gettext_lazy("Which part of it, or who else?"), required=False)
    official = one_line(120, label=gettext_lazy("Name of the official"), required=False)
    official_role = one_line(120, label=gettext_lazy("In what post"), required=False)
    form = forms.ChoiceField(label=gettext_lazy("In what form?"), choices=Form, required=False)
    where = one_line(160, label=gettext_lazy("Where was it said?"), required=False)

    def __init__(self, *args, row: Commitment, zone: str, now: datetime, **kwargs):
        super().__init__(*args, **kwargs)
        self.zone, self.now = zone, now
        self.say_zone()
        self.fields["on"].label = _("Said on")
        self.fields["on"].help_text = self.fields["hour"].help_text = ""
        known = {"on": row.promised_at, "hour": row.promised_at, "office": row.body}
        names = ("party", "official", "official_role", "form", "where")
        for name, value in {**known, **{name: getattr(row, name) for name in names}}.items():
            if value:
                del self.fields[name]

    def clean(self):
        given = super().clean()
        if "on" in self.fields:
            self.read_moment()
        if not self.errors and not any(given.values()):
            raise forms.ValidationError(_("Fill in at least one of these."))
        return given


class MoveForm(ToldFields, TermFields):
    """What became of it: the button says what, the rest may stay empty."""

    act = forms.ChoiceField(
        choices=[(move.value, move.value) for move in Move],
        error_messages={
            "required": gettext_lazy("Choose what became of it."),
            "invalid_choice": gettext_lazy("Choose what became of it."),
        },
    )
    note = one_line(300, label=gettext_lazy("What happened, in one sentence"), required=False)
    proof_note = one_line(
        300,
        label=gettext_lazy("What proves it?"),
        required=False,
        help_text=gettext_lazy("For example: receipt number, letter, who saw it."),
    )
    proof = forms.ModelChoiceField(
        Attachment.objects.none(), to_field_name="uuid", required=False, label=gettext_lazy("Photo of the proof"),
        empty_label=gettext_lazy("No photo or paper chosen"),
        error_messages={"invalid_choice": gettext_lazy("This paper does not belong to the case. Choose again.")},
    )  # fmt: skip
    seen = forms.DateField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, zone: str, now: datetime, case: Case | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.zone, self.now = zone, now
        self.say_zone()
        self.say_numbers()
        self.fields["on"].label = _("When did it happen?")
        offer_papers(self, case)

    def clean(self):
        given = super().clean()
        self.read_moment()
        if given.get("act") == Move.GRANT:
            self.read_terms()
        return given


def offer_papers(form: forms.Form, case: Case | None) -> None:
    """The papers of the case to choose proof from; without any the question is not asked."""
    papers = case.attachments.order_by("-uploaded_at") if case else Attachment.objects.none()
    if not papers.exists():
        del form.fields["proof"]
        return
    form.fields["proof"].queryset = papers
    form.fields["proof"].label_from_instance = lambda paper: paper.title or paper.get_kind_display()
