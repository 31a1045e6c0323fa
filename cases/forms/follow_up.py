"""Plans: what to do, by when, and whose it is."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.forms.cover import how_many
from cases.forms.merging import SeenField
from cases.forms.moments import PlanFields
from cases.forms.texts import SaidField, SubmitKey, one_line
from cases.models import Case, FollowUp
from cases.rules.codes import FollowUpKind
from cases.rules.due import FOR_A_SNOOZE
from members.forms.widgets import ChoiceChips
from members.models import User

#: The owner that is nobody by name: the coordinators of the desk.
DESK = "desk"


class OwnerField(forms.ChoiceField):
    """Whose: me, who carries the case, whoever has it now, or the coordinators of the desk."""

    def __init__(self, **kwargs):
        super().__init__(label=gettext_lazy("Whose task?"), widget=ChoiceChips, **kwargs)

    def offer(self, *, me: User, case: Case, now_with: FollowUp | None = None) -> None:
        people: dict[str, User] = {}
        for user in (me, case.assignee, now_with.owner if now_with else None):
            if user:
                people.setdefault(str(user.uuid), user)
        self.people = people
        self.choices = [
            *((key, _("Mine") if user == me else user.get_short_name()) for key, user in people.items()),
            (DESK, _("Coordinator of the desk")),
        ]

    def to_python(self, value):
        return super().to_python(value) or DESK

    def owner(self, value: str) -> User | None:
        """The user behind an answer; None stands for the coordinators."""
        return self.people.get(value)


def _repeat() -> forms.IntegerField:
    """Every so many days; empty is once."""
    return how_many(
        366,
        required=False,
        label=gettext_lazy("Again every so many days"),
        help_text=gettext_lazy("For dialysis or a transfusion: done, it comes again. Empty: once."),
    )


class FollowUpForm(SubmitKey, PlanFields):
    """Set something to do."""

    say_optional = False

    title = one_line(160, label=gettext_lazy("What has to be done?"), empty=gettext_lazy("Write what has to be done."))
    owner = OwnerField(required=False)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), required=False, choices=FollowUpKind.choices)
    repeat_days = _repeat()

    field_order = ["title", "when", "day", "hour", "owner", "kind", "repeat_days"]

    def __init__(self, *args, case: Case, user: User, now, **kwargs):
        super().__init__(*args, **kwargs)
        self.case, self.now, self.zone = case, now, case.zone
        self.offer_moments()
        self.fields["owner"].offer(me=user, case=case)
        self.initial.setdefault("owner", str((case.assignee or user).uuid))
        self.initial.setdefault("kind", FollowUpKind.ACT)

    def clean(self):
        given = super().clean()
        self.read_moment()
        return given

    def clean_kind(self):
        return self.cleaned_data["kind"] or FollowUpKind.ACT

    @property
    def whose(self) -> User | None:
        return self.fields["owner"].owner(self.cleaned_data["owner"])


class FollowUpEditForm(PlanFields):
    """Move, give away or reword something to do; ``seen`` is what stood there when the page was opened."""

    say_optional = False

    title = one_line(160, label=gettext_lazy("What has to be done?"), empty=gettext_lazy("Write what has to be done."))
    owner = OwnerField(required=False)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), required=False, choices=FollowUpKind.choices)
    repeat_days = _repeat()
    seen = SeenField()

    field_order = ["title", "when", "day", "hour", "owner", "kind", "repeat_days"]

    def __init__(self, *args, follow_up: FollowUp, user: User, now, **kwargs):
        super().__init__(*args, **kwargs)
        self.follow_up, self.now, self.zone = follow_up, now, follow_up.zone
        self.offer_moments()
        self.fields["owner"].offer(me=user, case=follow_up.case, now_with=follow_up)

    def clean(self):
        given = super().clean()
        self.read_moment(past_is_fine=True)
        return given

    def clean_kind(self):
        return self.cleaned_data["kind"] or self.follow_up.kind

    @property
    def whose(self) -> User | None:
        return self.fields["owner"].owner(self.cleaned_data["owner"])


class FinishForm(SubmitKey, PlanFields):
    """What came of it, and what comes next; both may stay empty."""

    note = SaidField(max_length=200, label=gettext_lazy("What came of it?"))
    title = one_line(160, label=gettext_lazy("And then?"), required=False)

    field_order = ["note", "title", "when", "day", "hour"]

    def __init__(self, *args, follow_up: FollowUp, now, **kwargs):
        super().__init__(*args, **kwargs)
        self.follow_up, self.now, self.zone = follow_up, now, follow_up.zone
        self.offer_moments()
        self.fields["title"].help_text = _("The next step, if there is one.")

    def clean(self):
        given = super().clean()
        self.read_moment(required=bool(given.get("title")))
        if self.due_at and not given.get("title") and "title" not in self.errors:
            self.add_error("title", _("Write what comes next."))
        return given


class SnoozeForm(PlanFields):
    """Keep quiet until a moment."""

    say_optional = False

    among = FOR_A_SNOOZE

    field_order = ["when", "day", "hour"]

    def __init__(self, *args, follow_up: FollowUp, now, **kwargs):
        super().__init__(*args, **kwargs)
        self.follow_up, self.now, self.zone = follow_up, now, follow_up.zone
        self.offer_moments()
        self.fields["when"].label = _("Remind me again when?")

    def clean(self):
        given = super().clean()
        self.read_moment()
        return given


class CancelForm(forms.Form):
    """Why it is no longer needed."""

    note = one_line(
        200, label=gettext_lazy("Why is it no longer needed?"), empty=gettext_lazy("Say why in a few words.")
    )
