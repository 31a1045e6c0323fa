"""Answers that need a second line: one under the other, each a whole row to tap."""

from django.utils.html import format_html

from members.forms.widgets import ChoiceChips, MultipleChips


class ChoiceRows(ChoiceChips):
    """One of a few answers, each on its own row with its explanation."""

    template_name = "cases/_choice_rows.html"


class ManyRows(MultipleChips):
    """Any of a few answers, each on its own row with its explanation."""

    template_name = "cases/_choice_rows.html"


def two_lines(first, second):
    """A label with a second, quieter line."""
    if not second:
        return first
    return format_html('<b>{}</b> <span class="k-soft k-small">{}</span>', first, second)
