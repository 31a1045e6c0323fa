"""One version of a question, with who says so."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.forms.moments import DayField
from cases.forms.texts import SubmitKey, one_line

#: What versions usually differ about; anything else may be typed.
TOPICS = (
    gettext_lazy("Hour of arrival"),
    gettext_lazy("Reason of the refusal"),
    gettext_lazy("Membership status"),
    gettext_lazy("Amount asked"),
    gettext_lazy("Cause of death"),
    gettext_lazy("Who spoke with whom"),
)


class ClaimForm(SubmitKey):
    """About what, what is said, by whom, and when."""

    topic = one_line(80, label=gettext_lazy("About what?"), empty=gettext_lazy("Say what it is about."))
    text = one_line(300, label=gettext_lazy("What is said?"), empty=gettext_lazy("Write what is said."))
    source = one_line(
        120,
        label=gettext_lazy("Who says so?"),
        empty=gettext_lazy("Say who says so."),
        help_text=gettext_lazy("For example: younger sister of the patient, ward nurse, letter of the hospital."),
    )
    stated_on = DayField(label=gettext_lazy("Said on"))

    field_order = ["topic", "text", "source", "stated_on"]

    def __init__(self, *args, topics: list[str], **kwargs):
        super().__init__(*args, **kwargs)
        self.topics = list(dict.fromkeys([*topics, *map(str, TOPICS)]))
        self.fields["topic"].widget.attrs["list"] = "pokok"

    def clean_stated_on(self):
        day = self.cleaned_data["stated_on"]
        if day and day > timezone.localdate():
            self.add_error("stated_on", _("This is still to come. Check day and hour."))
        return day
