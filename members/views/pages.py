"""What the pages of gatherings, modules and volunteers share: their gates, and refusals shown beside what was typed."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest
from django.shortcuts import redirect
from django.views.generic import FormView

from members.models import AccessLog, Gathering
from members.services import access, gatherings


def log(request: HttpRequest, action: str, *, kind: str, uuid: UUID | None = None, **extra) -> None:
    """One row of the access log for this request."""
    access.record(action, by=request.user, kind=kind, uuid=uuid, address=address_of(request), **extra)


def address_of(request: HttpRequest) -> str:
    """Where a request comes from."""
    return request.META.get("REMOTE_ADDR", "")


def or_404(request: HttpRequest, rows, kind: str, uuid: UUID, **where):
    """The row among these; what is not yours is a 404, and the try leaves a line (TRUST R14, R47)."""
    found = rows.filter(uuid=uuid, **where).first()
    if found is None:
        if rows.model.objects.filter(uuid=uuid).exists():
            log(request, AccessLog.Action.REFUSED, kind=kind, uuid=uuid)
        raise Http404
    return found


def gathering_or_404(request: HttpRequest, uuid: UUID, *, run: bool = False) -> Gathering:
    """The gathering, where this user sees it (or, with ``run``, looks after it)."""
    rows = gatherings.run_by(request.user) if run else gatherings.seen_by(request.user)
    return or_404(request, rows.select_related("region", "series"), "gathering", uuid)


class ServicePage(FormView):
    """A form whose service may refuse: then it comes again with the reason at its field, and everything typed."""

    def form_valid(self, form):
        try:
            done = self.save(form)
        except ValidationError as refusal:
            return self.refused(form, refusal)
        return done or redirect(self.get_success_url())

    def refused(self, form, refusal: ValidationError):
        """The reasons at the fields they name, the others on top."""
        if hasattr(refusal, "error_dict"):
            for name, errors in refusal.error_dict.items():
                for error in errors:
                    form.add_error(name if name in form.fields else None, error)
        else:
            form.add_error(None, refusal)
        return self.form_invalid(form)

    def save(self, form):
        raise NotImplementedError
