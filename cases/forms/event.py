"""What just happened: a chip, one sentence, and everything else may stay empty."""

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.forms.details import DetailFields
from cases.forms.moments import ToldFields
from cases.forms.texts import SaidField, SubmitKey, one_line
from cases.models import Case, Event, EventType, FollowUp
from cases.reports.event_types import by_theme
from cases.rules.codes import Actor, EventCode
from cases.rules.due import Quick, quick_choices, quick_moment
from members.forms.widgets import ChoiceChips, MultipleChips

#: Looking again in one tap; a day of one's own is a follow-up of its own.
_AGAIN = (Quick.HOUR, Quick.AFTERNOON, Quick.TOMORROW, Quick.MONDAY)


class EventForm(SubmitKey, DetailFields, ToldFields):
    """A fact of one type. ``type`` may be None while the page has not said which chip was tapped."""

    text = SaidField()
    counterpart = one_line(120, label=gettext_lazy("With whom"), required=False)
    where = one_line(200, label=gettext_lazy("Where"), required=False)
    done = forms.ModelMultipleChoiceField(
        FollowUp.objects.none(), required=False, to_field_name="uuid", label=gettext_lazy("Done with it"),
        widget=MultipleChips,
    )  # fmt: skip
    again = forms.ChoiceField(label=gettext_lazy("Look again when?"), required=False, widget=ChoiceChips)

    field_order = ["text", "on", "hour", "counterpart", "where", "done", "again"]

    def __init__(self, *args, case: Case, type: EventType, now, plans=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.case, self.type, self.now, self.zone = case, type, now, case.zone
        self.say_zone()
        self.offer_details(type.details)
        self.fields["text"].help_text = type.in_language("prompt")
        if case.place:
            self.fields["where"].help_text = _("Empty: %(place)s.") % {"place": case.place}
        if plans and not type.closes_living:
            self.fields["done"].queryset = FollowUp.objects.filter(pk__in=[plan.pk for plan in plans])
            self.fields["done"].label_from_instance = lambda follow_up: follow_up.title
        else:
            del self.fields["done"]
        if case.is_open and not type.closes_living:
            self.fields["again"].choices = [
                (quick.value, quick.label) for quick in quick_choices(now, self.zone, _AGAIN)
            ]
        else:
            del self.fields["again"]

    def clean(self):
        given = super().clean()
        self.read_moment()
        self.check_details()
        if self.type.code == EventCode.NOTE and not given.get("text") and "text" not in self.errors:
            self.add_error("text", _("Write what should be remembered."))
        return given

    @property
    def look_again_at(self):
        """When to look again, in one tap; None leaves it to the type of the event."""
        choice = self.cleaned_data.get("again")
        return quick_moment(choice, self.now, self.zone) if choice else None

    @property
    def look_again_title(self) -> str:
        """What the follow-up that was asked for is called."""
        place = self.cleaned_data["where"] or (str(self.case.place) if self.case.place else "")
        if self.type.next_actor == Actor.BODY and place:
            return _("Ask %(office)s again") % {"office": place[:120]}
        return _("Look again: %(what)s") % {"what": self.type.label}


class CorrectionForm(SubmitKey, DetailFields, ToldFields):
    """What it really was: the type, the sentence, the moment, the details; the first version stays readable."""

    type = forms.ModelChoiceField(
        EventType.objects.none(), to_field_name="code", label=gettext_lazy("What happened"), empty_label=None
    )
    text = SaidField()
    counterpart = one_line(120, label=gettext_lazy("With whom"), required=False)

    field_order = ["type", "text", "on", "hour", "counterpart"]

    def __init__(self, *args, event: Event, shown: Event, now, **kwargs):
        super().__init__(*args, **kwargs)
        self.event, self.shown, self.now, self.zone = event, shown, now, event.case.zone
        self.say_zone()
        self.offer_details(shown.type.details, shown.typed)
        self.fields["hour"].help_text = ""
        self.fields["on"].help_text = ""
        types = EventType.objects.filter(Q(is_system=False) | Q(pk=shown.type_id))
        self.fields["type"].queryset = types
        chips = [(row.code, row.label) for row in types if row.is_chip]
        others = by_theme([row for row in types if not row.is_chip])
        self.fields["type"].choices = [
            *chips,
            *((one.name, [(row.code, row.label) for row in one.types]) for one in others),
        ]

    def clean(self):
        given = super().clean()
        self.read_moment()
        self.check_details()
        return given

    def says_the_same(self) -> bool:
        """Whether nothing was changed; then there is nothing to correct."""
        given, shown = self.cleaned_data, self.shown
        said = (given["type"], given["text"], given["counterpart"], self.details)
        return said == (shown.type, shown.text, shown.counterpart, shown.typed) and (
            self.at is None
            or self.at.replace(second=0, microsecond=0) == shown.happened_at.replace(second=0, microsecond=0)
        )
