"""Saved views of the list of cases: keep one, open one, change or forget one's own."""

from django.contrib import messages
from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.generic import FormView, TemplateView

from cases.forms.saved_views import LONGEST, SavedViewForm, query_of, shown_by
from cases.forms.search import CaseListForm
from cases.models import SavedView
from cases.rules.errors import Refused
from cases.services import saved_views
from cases.views.lists import CHIPS


def list_url(query: str) -> str:
    """The list as a view shows it."""
    url = reverse("cases:case-list")
    return f"{url}?{query}" if query else url


class SavedViews(TemplateView):
    """One's own and those shared with one's unit."""

    template_name = "cases/saved_views.html"

    def get_context_data(self, **kwargs):
        rows = SavedView.objects.for_user(self.request.user).select_related("owner", "organisation")
        return super().get_context_data(
            mine=[row for row in rows if row.owner_id == self.request.user.pk],
            shared=[row for row in rows if row.owner_id != self.request.user.pk],
            **kwargs,
        )


@require_safe
def open_view(request, uuid):
    """To the list, as the view shows it to the reader; the owner has seen it then."""
    view = get_object_or_404(SavedView.objects.for_user(request.user).select_related("owner"), uuid=uuid)
    if view.owner_id == request.user.pk:
        saved_views.looked_at(view=view, shows=shown_by, now=timezone.now())
    return redirect(list_url(view.query))


class _SavedViewForm(FormView):
    """What adding and changing share."""

    form_class = SavedViewForm
    template_name = "cases/saved_view_form.html"
    view: SavedView | None = None

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "units": saved_views.units_to_share_with(self.request.user)}

    def query(self) -> str:
        raise NotImplementedError

    def get_context_data(self, **kwargs):
        filters = CaseListForm(QueryDict(self.query()), user=self.request.user)
        return super().get_context_data(
            said=[CHIPS[filters.view][0], *(filters.said(name) for name in filters.on)],
            view=self.view,
            back_url=list_url(self.query()),
            **kwargs,
        )

    def form_valid(self, form):
        given = form.cleaned_data
        try:
            view = saved_views.save(
                by=self.request.user,
                name=given["name"],
                query=self.query(),
                organisation=form.organisation,
                has_alert=given["has_alert"],
                shows=shown_by,
                view=self.view,
                version=given["version"] or 0,
                submit_key=None if self.view else given["submit_key"],
            )
        except Refused as refused:
            form.add_error("name" if isinstance(refused, saved_views.NameTaken) else None, refused.message)
            return self.render_to_response(self.get_context_data(form=form), status=409)
        messages.success(self.request, _("The view is saved. It stands above the list."))
        return redirect(list_url(view.query))


class SavedViewAdd(_SavedViewForm):
    """Keep the list as it stands in the address."""

    def query(self) -> str:
        return query_of(CaseListForm(self.request.GET, user=self.request.user), self.request.GET)[:LONGEST]


class SavedViewEdit(_SavedViewForm):
    """One's own view: name, whom it is for, and whether it sounds."""

    def dispatch(self, request, *args, **kwargs):
        self.view = SavedView.objects.filter(uuid=kwargs["uuid"], owner_id=request.user.pk).first()
        if self.view is None:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def query(self) -> str:
        return self.view.query

    def get_initial(self):
        unit = self.view.organisation
        return {
            "name": self.view.name,
            "unit": str(unit.uuid) if unit else "",
            "has_alert": self.view.has_alert,
            "version": self.view.version,
        }


@require_POST
def delete(request, uuid):
    """Forget a view of one's own."""
    saved_views.delete(view=get_object_or_404(SavedView, uuid=uuid, owner=request.user))
    messages.success(request, _("The view is forgotten. The cases stay."))
    return redirect("cases:saved-views")
