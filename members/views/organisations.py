"""Organisations as anyone signed in may read them: names, place in the tree on a day, board, registration."""

from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.generic import TemplateView

from members.forms.organisations import OnDayForm, OrganisationSearch
from members.models import Membership, Organisation
from members.services import organisations, people, trees

PER_PAGE = 50


class Organisations(TemplateView):
    """Every union and advocacy unit, by any of its names."""

    template_name = "members/organisations.html"

    def get_context_data(self, **kwargs):
        form = OrganisationSearch(self.request.GET)
        rows = organisations.search(form.words)
        page = Paginator(rows, PER_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(form=form, page_obj=page, **kwargs)


class OrganisationPage(TemplateView):
    """One of them as it stood on a day: what changed since is not read back into the past."""

    template_name = "members/organisation.html"

    def get_context_data(self, **kwargs):
        row = get_object_or_404(
            Organisation.objects.select_related("kind", "region", "body", "merged_into"), uuid=self.kwargs["uuid"]
        )
        row = row.merged_into or row
        form = OnDayForm(self.request.GET)
        day = form.day or timezone.localdate()
        members = None
        if people.organisations_of(self.request.user).filter(pk=row.pk).exists():
            members = Membership.objects.on(day).filter(organisation__in=trees.below_on(row, day))
            members = members.values("person").distinct().count()
        return super().get_context_data(
            organisation=row,
            form=form,
            day=day,
            is_past=day < timezone.localdate(),
            above=trees.above_on(row, day),
            children=trees.children_on(row, day).select_related("kind").order_by("kind__rank", "name"),
            offices=row.offices.on(day),
            former=[each for each in row.offices.all() if each.until_on and each.until_on < day],
            terms=row.board_terms.all(),
            registrations=row.registrations.select_related("office"),
            members=members,
            **kwargs,
        )
