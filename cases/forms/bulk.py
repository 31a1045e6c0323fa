"""To whom, or which label: what an act on many cases asks."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cases.forms.assign import PersonField
from cases.forms.exports import PickedField
from cases.forms.texts import SubmitKey, one_line
from cases.models import Case
from cases.rules.tags import LONGEST, MOST, clean_label, labels_of
from members.forms.widgets import ChoiceChips
from members.models import User


class HandForm(SubmitKey):
    """Whom the cases go to, and why."""

    kasus = PickedField(required=False)
    to = PersonField()
    reason = one_line(200, label=gettext_lazy("Why?"), required=False)

    def __init__(self, *args, people: list[User], me: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["to"].offer(people, me=me)

    @property
    def chosen(self) -> User:
        return self.fields["to"].user(self.cleaned_data["to"])


class TagForm(SubmitKey):
    """One label for all of them; ``known`` are suggested."""

    kasus = PickedField(required=False)
    label = one_line(
        LONGEST,
        label=gettext_lazy("Label"),
        empty=gettext_lazy("Write a label."),
        help_text=gettext_lazy("A word or two about the matter, never a name. Example: cuci darah."),
    )

    def __init__(self, *args, known: list[str] | tuple = (), **kwargs):
        super().__init__(*args, **kwargs)
        self.known = known
        self.fields["label"].widget.attrs["list"] = "label-ada"

    def clean_label(self):
        label = clean_label(self.cleaned_data["label"])
        if not label:
            raise forms.ValidationError(_("Write a label of a few letters, without numbers of people."))
        return label


class UntagForm(SubmitKey):
    """Which of the labels these cases carry; ``labels`` says how many carry each."""

    kasus = PickedField(required=False)
    #: Whether they still carry it is for the service to say: sent twice, none does any more.
    label = forms.CharField(
        label=gettext_lazy("Which label?"),
        max_length=LONGEST,
        widget=ChoiceChips,
        error_messages={"required": gettext_lazy("Choose a label.")},
    )

    def __init__(self, *args, labels: dict[str, int], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["label"].widget.choices = [
            (label, ngettext("%(label)s (%(n)d case)", "%(label)s (%(n)d cases)", n) % {"label": label, "n": n})
            for label, n in labels.items()
        ]
        if len(labels) == 1:
            self.fields["label"].initial = next(iter(labels))


class CaseTagsForm(forms.Form):
    """All labels of one case, parted by commas."""

    labels = one_line(
        400,
        label=gettext_lazy("Labels"),
        required=False,
        help_text=gettext_lazy("Part them by commas. A word or two about the matter, never a name."),
    )

    def __init__(self, *args, case: Case, **kwargs):
        kwargs["initial"] = {"labels": ", ".join(case.tags.values_list("label", flat=True))}
        super().__init__(*args, **kwargs)

    def clean_labels(self):
        text = self.cleaned_data["labels"]
        labels = labels_of(text)
        wanted = [part for part in text.split(",") if part.strip()]
        if any(not clean_label(part) for part in wanted):
            raise forms.ValidationError(
                _("Keep each label under %(n)s letters, without numbers of people.") % {"n": LONGEST}
            )
        if len(labels) > MOST:
            raise forms.ValidationError(_("At most ten labels on a case. Take some away."))
        return labels
