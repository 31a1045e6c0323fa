"""The library of rules, with the cases that hang on each; and the tasks that others have asked of one's unit."""

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.generic import TemplateView

from cases.models import Rule
from cases.reports import library, partners


class Rules(TemplateView):
    """Every clock rule that holds, or held, with its legal basis."""

    template_name = "cases/rules.html"

    def get_context_data(self, **kwargs):
        past = self.request.GET.get("lihat") == "lewat"
        lines = library.rules(self.request.user, today=timezone.localdate(), past=past)
        return super().get_context_data(lines=lines, past=past, now_in_force=not past, **kwargs)


class RulePage(TemplateView):
    """One rule: its words, since when, what it was before, and its cases."""

    template_name = "cases/rule.html"

    def get_context_data(self, **kwargs):
        user = self.request.user
        rule = get_object_or_404(Rule.objects.select_related("region"), code=self.kwargs["code"])
        return super().get_context_data(
            rule=rule,
            count=library.count_of(rule, user),
            cases=library.cases_of(rule, user),
            versions=library.versions_of(rule),
            **kwargs,
        )


class PartnerTasks(TemplateView):
    """What other desks have asked of the units this user runs: the task, and nothing else of the case (S0.18)."""

    template_name = "cases/partner_tasks.html"

    def get_context_data(self, **kwargs):
        if not partners.units_of(self.request.user).exists():
            raise Http404
        return super().get_context_data(rows=partners.asked_of(self.request.user), **kwargs)
