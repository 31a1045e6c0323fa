"""A line of the ledger: what, how much, when, from whom to whom, and the proof."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.forms.cover import RupiahField
from cases.forms.moments import DayField, today
from cases.forms.texts import SubmitKey, one_line
from cases.models import Attachment, Case
from cases.reports.money import GROUPS
from cases.services.money import NO_PROOF
from members.forms.widgets import ChoiceChips
from members.rules import words


class ProofField(forms.ModelChoiceField):
    """One of the photos and papers of the case, by its place in the list and what it is."""

    def __init__(self, **kwargs):
        super().__init__(
            Attachment.objects.none(),
            required=False,
            to_field_name="uuid",
            error_messages={"invalid_choice": gettext_lazy("This paper does not belong to the case. Choose again.")},
            **kwargs,
        )

    def offer(self, case: Case) -> None:
        """The papers of this case, oldest first, numbered as on its page."""
        self.queryset = case.attachments.order_by("uploaded_at", "pk")
        self.numbers = {row.pk: at for at, row in enumerate(self.queryset, 1)}
        self.empty_label = _("No photo or paper chosen")

    def label_from_instance(self, row: Attachment) -> str:
        return f"{self.numbers.get(row.pk, '')}. {row} ({words.day(row.uploaded_at, row.case.zone)})"


class MoneyForm(SubmitKey):
    """One line; only what it is and how much must be said."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What is it?"),
        widget=ChoiceChips,
        error_messages={
            "required": gettext_lazy("Choose what it is."),
            "invalid_choice": gettext_lazy("Choose one from the list."),
        },
    )
    amount = RupiahField(label=gettext_lazy("How much?"), help_text=gettext_lazy("As you say it: 1,5 jt or 500rb."))
    note = one_line(200, label=gettext_lazy("What for?"), required=False)
    on_date = DayField(label=gettext_lazy("Day"), help_text=gettext_lazy("Leave empty where nobody knows it."))
    payer = one_line(120, label=gettext_lazy("From whom?"), required=False)
    payee = one_line(120, label=gettext_lazy("To whom?"), required=False)
    office = one_line(200, label=gettext_lazy("Which facility or office?"), required=False)
    proof = ProofField(label=gettext_lazy("Photo of the proof"))
    proof_note = one_line(120, label=gettext_lazy("Number of the receipt"), required=False)
    no_proof = forms.BooleanField(label=gettext_lazy("There is no proof"), required=False)

    def __init__(self, *args, case: Case, now: datetime, **kwargs):
        super().__init__(*args, **kwargs)
        self.case, self.now = case, now
        self.fields["kind"].choices = [(label, [(kind.value, kind.label) for kind in kinds]) for label, kinds in GROUPS]
        self.fields["on_date"].widget.attrs["max"] = today(now, case.zone)
        if case.attachments.exists():
            self.fields["proof"].offer(case)
        else:
            del self.fields["proof"]

    def clean_on_date(self):
        day = self.cleaned_data["on_date"]
        if day and day > self.now.astimezone(ZoneInfo(self.case.zone)).date():
            raise forms.ValidationError(_("This day is still to come. Note money when it moves."))
        return day

    def clean(self):
        given = super().clean()
        if given.get("no_proof") and (given.get("proof") or given.get("proof_note")):
            self.add_error("no_proof", _("Take the tick away, or empty the proof above."))
        return given

    @property
    def proof_said(self) -> str:
        """The number of the receipt, or that there is none."""
        return NO_PROOF if self.cleaned_data["no_proof"] else self.cleaned_data["proof_note"]
