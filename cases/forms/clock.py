"""Start a clock by hand, let it stand still, say that it is not needed."""

from datetime import datetime

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.forms.moments import ToldFields
from cases.forms.texts import one_line
from cases.models import Case, Obliged, Rule
from cases.reports import clocks
from cases.rules.clocks import Unit

#: What is counted by the hour: the hour of the start decides.
_BY_THE_HOUR = frozenset({Unit.HOURS, Unit.WORKING_24H})


class ClockForm(ToldFields):
    """Which rule, and since when."""

    rule = forms.ModelChoiceField(
        Rule.objects.all(),
        to_field_name="code",
        label=gettext_lazy("Which deadline?"),
        error_messages={
            "required": gettext_lazy("Choose a deadline."),
            "invalid_choice": gettext_lazy("This deadline is not in the list. Choose again."),
        },
    )

    field_order = ["rule", "on", "hour"]

    def __init__(self, *args, case: Case, now: datetime, **kwargs):
        super().__init__(*args, **kwargs)
        self.case, self.now, self.zone = case, now, case.zone
        self.say_zone()
        own, others = clocks.rules_of(case, on=clocks.local_day(now, case.zone))
        field = self.fields["rule"]
        field.queryset = Rule.objects.filter(pk__in=[rule.pk for rule in [*own, *others]])
        groups = [(_("For the problem of this case"), own), (_("Other deadlines"), others)]
        field.choices = [
            ("", _("Choose one")),
            *((name, [(rule.code, _titled(rule)) for rule in rules]) for name, rules in groups if rules),
        ]

    def clean(self):
        given = super().clean()
        self.read_moment()
        rule = given.get("rule")
        by_the_hour = rule is not None and any(span.get("unit") in _BY_THE_HOUR for span in rule.spans)
        if by_the_hour and self.on_day and "hour" not in self.errors:
            self.add_error("hour", _("This one counts hours. Fill in the hour."))
        return given

    @property
    def started_at(self) -> datetime:
        return self.at or self.now


class PauseForm(ToldFields):
    """Why it stands still, because of whom, since when."""

    reason = one_line(
        200, label=gettext_lazy("Why does it stand still?"), empty=gettext_lazy("Say why the clock stands still.")
    )
    caused_by = forms.ChoiceField(
        label=gettext_lazy("Because of whom?"),
        choices=[("", gettext_lazy("Choose one")), *Obliged.choices],
        error_messages={
            "required": gettext_lazy("Choose because of whom."),
            "invalid_choice": gettext_lazy("Choose one from the list."),
        },
    )

    field_order = ["reason", "caused_by", "on", "hour"]

    def __init__(self, *args, zone: str, now: datetime, **kwargs):
        super().__init__(*args, **kwargs)
        self.zone, self.now = zone, now
        self.say_zone()

    def clean(self):
        given = super().clean()
        self.read_moment()
        return given


class WaiveForm(forms.Form):
    """Why it is not needed here."""

    reason = one_line(
        200, label=gettext_lazy("Why is it not needed?"), empty=gettext_lazy("Say why this clock is not needed.")
    )


def _titled(rule: Rule) -> str:
    return f"{rule.label} ({rule.get_obliged_display()})"
