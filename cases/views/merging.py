"""Two people save the same form: what only one of them touched is joined, for the rest each field is chosen once."""

import json
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from cases.models import Event
from cases.rules.errors import Refused, Stale
from cases.rules.merging import fingerprint, joined, marked, merge
from cases.views.case_form import CaseFormPage

MINE, THEIRS, BOTH = "mine", "theirs", "both"
#: How often somebody else may save between our reading and our writing.
_TRIES = 5


@dataclass
class Difference:
    """A field both sides changed, in words."""

    name: str
    label: str
    theirs: str
    mine: str
    chosen: str
    both: str = ""

    @property
    def theirs_marked(self) -> list[tuple[str, bool]]:
        return marked(self.theirs, self.mine)

    @property
    def mine_marked(self) -> list[tuple[str, bool]]:
        return marked(self.mine, self.theirs)


class MergingPage(CaseFormPage):
    """A form that carries marks (``seen``) of what it showed, so that only what was touched is saved.

    A page says what its row is: `values_now` reads it anew, `typed` gives the form in the same shape, `said` puts a
    value into words, `store` saves some fields and raises Stale when somebody was faster.
    """

    conflict_template_name = "cases/conflict.html"
    #: Texts of which both versions may be kept, joined into one.
    long_fields: tuple[str, ...] = ()

    def values_now(self) -> dict[str, Any]:
        raise NotImplementedError

    def typed(self, form) -> dict[str, Any]:
        raise NotImplementedError

    def said(self, name: str, value) -> str:
        raise NotImplementedError

    def label(self, form, name: str) -> str:
        return str(form.fields[name].label)

    def store(self, form, changes: dict[str, Any]) -> None:
        raise NotImplementedError

    def last_saved(self) -> Event | None:
        """Who saved last, to name the other side."""
        raise NotImplementedError

    def form_valid(self, form):
        typed, seen = self.typed(form), form.cleaned_data["seen"]
        asked = set(self.request.POST.getlist("asked"))
        for _attempt in range(_TRIES):
            current = self.values_now()
            merged = merge(seen, typed, current)
            picks = {name: self.request.POST.get(f"pick_{name}", "") for name in merged.ours}
            open_questions = [*merged.conflicts, *(name for name in merged.ours if name in asked and not picks[name])]
            if open_questions:
                return self.ask(form, list(dict.fromkeys(open_questions)), merged.ours, current, asked)
            try:
                self.store(form, self.decided(merged.ours, picks, current))
            except Stale:
                continue
            except Refused as refused:
                return self.refused(form, refused)
            joined = any(fingerprint(current[name]) != mark for name, mark in seen.items() if name in current)
            messages.success(
                self.request, _("Saved, together with what others changed meanwhile.") if joined else _("Saved.")
            )
            return redirect(self.get_success_url())
        return self.refused(form, Refused(_("Many people are saving this now. Try again.")))

    def decided(self, ours: dict[str, Any], picks: dict[str, str], current: dict[str, Any]) -> dict[str, Any]:
        """What to save, once every quarrel has its answer."""
        changes = {name: value for name, value in ours.items() if picks[name] != THEIRS}
        for name in self.long_fields:
            if name in changes and picks[name] == BOTH:
                changes[name] = joined(current[name], changes[name])
        return changes

    def ask(self, form, names: list[str], ours: dict[str, Any], current: dict[str, Any], asked: set[str]):
        """Both versions side by side; everything typed goes along, and of the fields shown now this counts as seen.

        The marks of the other fields stay those of the first opening: what was not touched then is not ours now.
        """
        differences = [
            Difference(
                name=name,
                label=self.label(form, name),
                theirs=self.said(name, current[name]),
                mine=self.said(name, ours[name]),
                chosen=self.request.POST.get(f"pick_{name}", ""),
                both=joined(current[name], ours[name]) if name in self.long_fields else "",
            )
            for name in names
        ]
        earlier = {
            name: self.request.POST[f"pick_{name}"]
            for name in asked - set(names)
            if f"pick_{name}" in self.request.POST
        }
        context = self.get_context_data(
            form=form,
            differences=differences,
            answered=earlier.items(),
            seen=json.dumps({**form.cleaned_data["seen"], **{name: fingerprint(current[name]) for name in names}}),
            is_unanswered=bool(set(names) & asked),
            saved_last=self.last_saved(),
        )
        return self.response_class(
            request=self.request,
            template=[self.conflict_template_name],
            context=context,
            using=self.template_engine,
            status=409,
        )
