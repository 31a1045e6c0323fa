"""Two records that are one person: seen side by side, made one by whoever decides it, and parted again."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView

from members.models import AccessLog
from members.services import people, twins
from members.views.pages import log
from members.views.people import MembersGate, person_or_404

_MOST = 20


class PersonMergePage(MembersGate, TemplateView):
    """Who may be the same; one of them chosen, both cards stand side by side, and somebody says which one stays."""

    template_name = "members/person_merge.html"

    def dispatch(self, request, *args, **kwargs):
        self.found, self.searched = [], False
        return super().dispatch(request, *args, **kwargs)

    def post(self, request, *args, **kwargs):
        person = person_or_404(request, kwargs["uuid"])
        other = self._other(request.POST.get("dengan", ""))
        if other is None:
            text = request.POST.get("q", "")[:100].strip()
            rows = people.find(request.user, text).exclude(pk=person.pk) if text else []
            self.found, self.searched = list(rows[:_MOST]), bool(text)
            log(request, AccessLog.Action.SEARCH, kind="person", hits=len(self.found))
            return self.render_to_response(self.get_context_data())
        pair = {str(one.uuid): one for one in (person, other)}
        kept = pair.pop(request.POST.get("tinggal", ""), None)
        try:
            if kept is None:
                raise ValidationError(_("Choose which record stays."))
            if request.POST.get("versi") != _versions(person, other):
                raise ValidationError(_("Somebody has changed one of the two meanwhile. Look again."))
            (lost,) = pair.values()
            twins.merge(lost=lost, kept=kept, by=request.user)
        except ValidationError as refusal:
            return self.render_to_response(self.get_context_data(other=other, refusal=refusal.messages[0]))
        messages.success(request, _("The two are one person now. It can be undone on this page."))
        return redirect("members:person", kept.uuid)

    def get_context_data(self, **kwargs):
        person = person_or_404(self.request, self.kwargs["uuid"])
        other = kwargs.pop("other", None) or self._other(self.request.GET.get("dengan", ""))
        if other is None or other == person:
            return super().get_context_data(
                person=person, likely=twins.like(person, self.request.user), found=self.found, searched=self.searched, **kwargs
            )  # fmt: skip
        for one in (person, other):
            log(self.request, AccessLog.Action.OPEN_IDENTITY, kind="person", uuid=one.uuid)
        pair = [{"person": one, **twins.card(one)} for one in (person, other)]
        versions = _versions(person, other)
        return super().get_context_data(person=person, other=other, pair=pair, versions=versions, **kwargs)

    def _other(self, text: str):
        try:
            uuid = UUID(text)
        except ValueError:
            return None
        return person_or_404(self.request, uuid)


def _versions(person, other) -> str:
    return f"{person.version}-{other.version}"


@require_POST
def part(request, uuid, merge):
    """Undo a merge into this person."""
    person = person_or_404(request, uuid)
    row = twins.of(person).filter(uuid=merge).first()
    if row is None:
        raise Http404
    try:
        twins.undo(merge=row, by=request.user)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, _("They are two people again."))
    return redirect("members:person", uuid)
