"""A letter: its text, that it went out, what came back, what proves it, and that it is no longer needed."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.forms.moments import ToldFields
from cases.forms.texts import SaidField, SubmitKey, one_line
from cases.models import Attachment, Case, Letter
from cases.rules.registers import LetterKind, Reply, Way
from members.forms.widgets import ChoiceChips

#: Kinds that are written as a letter; a notice has a page of its own.
KINDS = tuple(kind for kind in LetterKind if kind != LetterKind.NOTICE)


def _reference(label, help_text=""):
    return one_line(80, label=label, required=False, help_text=help_text)


class LetterForm(SubmitKey):
    """To whom, about what, and the words; all of it may be changed until it is sent."""

    kind = forms.ChoiceField(choices=[(kind.value, kind.label) for kind in KINDS], widget=forms.HiddenInput)
    rung = forms.CharField(required=False, max_length=50, widget=forms.HiddenInput)
    office = one_line(160, label=gettext_lazy("To which office?"), empty=gettext_lazy("Say to which office it goes."))
    subject = one_line(160, label=gettext_lazy("About"), required=False)
    our_reference = _reference(
        gettext_lazy("Our number"), gettext_lazy("The number of your own letter book, for example 015/ADV/XI/2026.")
    )
    text = forms.CharField(
        max_length=20000,
        label=gettext_lazy("What the letter says"),
        widget=forms.Textarea({"rows": 18}),
        error_messages={
            "required": gettext_lazy("Write what the letter says."),
            "max_length": gettext_lazy("Too long. Keep it under %(limit_value)d letters."),
        },
    )

    field_order = ["office", "subject", "our_reference", "text"]


class LetterEditForm(forms.Form):
    """The same of a draft, with the version that stood there when the page was opened."""

    version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    office = LetterForm.base_fields["office"]
    subject = LetterForm.base_fields["subject"]
    our_reference = LetterForm.base_fields["our_reference"]
    text = LetterForm.base_fields["text"]

    field_order = ["office", "subject", "our_reference", "text"]


class _Papers(forms.Form):
    """A paper of the case that proves it."""

    proof = forms.ModelChoiceField(
        Attachment.objects.none(),
        required=False,
        to_field_name="uuid",
        label=gettext_lazy("Receipt or screenshot"),
        empty_label=gettext_lazy("None yet"),
        help_text=gettext_lazy("A photo or paper of this case that shows it was received."),
    )

    def offer_papers(self, case: Case) -> None:
        rows = case.attachments.order_by("uploaded_at", "pk")
        numbers = {row.pk: number for number, row in enumerate(rows, 1)}
        self.fields["proof"].queryset = rows
        self.fields["proof"].label_from_instance = lambda row: (
            f"{numbers[row.pk]}. {row.title or row.get_kind_display()}"
        )


class SentForm(_Papers, ToldFields):
    """That it went out: when, how, under which numbers."""

    way = forms.ChoiceField(
        label=gettext_lazy("How?"),
        required=False,
        choices=[(way.value, way.label) for way in Way],
        widget=ChoiceChips,
        initial=Way.UNKNOWN,
    )
    our_reference = LetterForm.base_fields["our_reference"]
    their_reference = _reference(
        gettext_lazy("Their ticket or receipt number"),
        gettext_lazy("It is the proof that the Ombudsman and LAPOR! ask for."),
    )

    field_order = ["way", "on", "hour", "our_reference", "their_reference", "proof"]

    def __init__(self, *args, letter: Letter, now, **kwargs):
        super().__init__(*args, **kwargs)
        self.now, self.zone = now, letter.case.zone
        self.say_zone()
        self.offer_papers(letter.case)

    def clean(self):
        given = super().clean()
        self.read_moment()
        return given


class AnsweredForm(ToldFields):
    """What the office answered."""

    reply = forms.ChoiceField(
        label=gettext_lazy("What came of it?"),
        required=False,
        choices=[(reply.value, reply.label) for reply in Reply],
        widget=ChoiceChips,
        initial=Reply.UNKNOWN,
    )
    answer = SaidField(label=gettext_lazy("The answer"), help_text=gettext_lazy("In their words, and who said it."))
    their_reference = _reference(gettext_lazy("Number of their letter or ticket"))

    field_order = ["reply", "answer", "on", "hour", "their_reference"]

    def __init__(self, *args, letter: Letter, now, **kwargs):
        super().__init__(*args, **kwargs)
        self.now, self.zone = now, letter.case.zone
        self.say_zone()

    def clean(self):
        given = super().clean()
        self.read_moment()
        if not given.get("reply") and not given.get("answer") and not self.errors:
            self.add_error("answer", _("Write what they answered, or choose what came of it."))
        return given


class ProofForm(_Papers):
    """What shows that it was received; may come later than the letter."""

    our_reference = LetterForm.base_fields["our_reference"]
    their_reference = _reference(gettext_lazy("Their ticket or receipt number"))

    field_order = ["their_reference", "our_reference", "proof"]

    def __init__(self, *args, letter: Letter, **kwargs):
        super().__init__(*args, **kwargs)
        self.offer_papers(letter.case)


class EndForm(forms.Form):
    """Why nobody waits for it any more."""

    note = one_line(
        200, label=gettext_lazy("Why is it no longer needed?"), empty=gettext_lazy("Say why in a few words.")
    )
