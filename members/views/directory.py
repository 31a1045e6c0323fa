"""The directory: facilities and offices with their contacts, and the fixes that people propose."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView

from members.forms.directory import DirectoryFilter, FixForm
from members.models import Body, BodyFix
from members.services import body_merging, directory, places
from members.views.pages import ServicePage

PER_PAGE = 30


def body_or_404(uuid) -> Body:
    """The body; a merged one is the one it became."""
    body = get_object_or_404(Body.objects.select_related("region__parent", "parent", "merged_into"), uuid=uuid)
    return body.merged_into or body


class Directory(TemplateView):
    """Search by name, kind and province."""

    template_name = "members/directory.html"

    def get_context_data(self, **kwargs):
        form = DirectoryFilter(self.request.GET)
        page = Paginator(form.bodies(), PER_PAGE).get_page(self.request.GET.get("page"))
        decides = directory.may_decide(self.request.user)
        waiting = directory.waiting().count() if decides else 0
        return super().get_context_data(form=form, page_obj=page, decides=decides, waiting=waiting, **kwargs)


class BodyPage(TemplateView):
    """One facility or office: contacts, hours, who heads it, and the unions inside it."""

    template_name = "members/body.html"

    def get_context_data(self, **kwargs):
        body, today = body_or_404(self.kwargs["uuid"]), timezone.localdate()
        return super().get_context_data(
            body=body,
            kinds=body.kinds.all(),
            officials=body.offices.on(today),
            former=[row for row in body.offices.all() if row.until_on and row.until_on < today],
            unions=body.unions.filter(is_active=True).select_related("kind", "parent"),
            branches=body.branches.filter(merged_into=None),
            fixes=body.fixes.filter(proposed_by=self.request.user)[:5],
            may_merge=directory.may_decide(self.request.user),
            **kwargs,
        )


class FixAdd(ServicePage):
    """Propose what should stand there; a coordinator decides."""

    form_class = FixForm
    template_name = "members/body_fix.html"

    def dispatch(self, request, *args, **kwargs):
        self.body = body_or_404(kwargs["uuid"])
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self):
        given = super().get_form_kwargs()
        given.pop("initial")
        return {**given, "body": self.body}

    def get_context_data(self, **kwargs):
        return super().get_context_data(body=self.body, **kwargs)

    def get_success_url(self):
        return reverse("members:body", args=[self.body.uuid])

    def save(self, form):
        given = dict(form.cleaned_data)
        why, key = given.pop("why"), given.pop("submit_key")
        directory.propose(body=self.body, values=given, why=why, by=self.request.user, submit_key=key)
        messages.success(self.request, _("Thank you. A coordinator looks at it."))


class BodyMerge(TemplateView):
    """Two records of one place: choose the other one, see both side by side and what moves, make them one."""

    template_name = "members/body_merge.html"

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated:
            if not directory.may_decide(request.user):
                raise Http404
            self.body = get_object_or_404(Body.objects.select_related("region", "merged_into"), uuid=kwargs["uuid"])
            if self.body.merged_into:
                return redirect("members:body", self.body.merged_into.uuid)
        return super().dispatch(request, *args, **kwargs)

    def post(self, request, *args, **kwargs):
        kept = self._chosen(request.POST.get("ke", ""))
        refusal = ""
        if kept is not None:
            try:
                body_merging.merge(lost=self.body, kept=kept, by=request.user)
            except ValidationError as said:
                refusal = said.messages[0]
            else:
                messages.success(request, _("The two are one now; nothing was lost."))
                return redirect("members:body", kept.uuid)
        return self.render_to_response(self.get_context_data(kept=kept, refusal=refusal))

    def get_context_data(self, **kwargs):
        kept = kwargs.pop("kept", None) or self._chosen(self.request.GET.get("ke", ""))
        refusal = kwargs.pop("refusal", "")
        if kept is None:
            text = self.request.GET.get("q", "")[:80].strip()
            found = places.search(text).exclude(pk=self.body.pk).select_related("region")[:PER_PAGE] if text else []
            return super().get_context_data(
                body=self.body, text=text, found=found, alike=body_merging.alike(self.body), **kwargs
            )
        if not refusal:
            try:
                body_merging.check(lost=self.body, kept=kept, by=self.request.user)
            except ValidationError as said:
                refusal = said.messages[0]
        return super().get_context_data(
            body=self.body, kept=kept, refusal=refusal, moves=body_merging.what_moves(self.body), **kwargs
        )

    def _chosen(self, text: str) -> Body | None:
        try:
            return body_or_404(UUID(text)) if text else None
        except ValueError:
            return None


class Fixes(TemplateView):
    """What waits for a decision: what stands now beside what is proposed."""

    template_name = "members/body_fixes.html"

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated and not directory.may_decide(request.user):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        rows = list(directory.waiting()[:50])
        for row in rows:
            row.changes = [
                (Body._meta.get_field(name).verbose_name, getattr(row.body, name), value)
                for name, value in row.values.items()
            ]
        return super().get_context_data(rows=rows, **kwargs)


@require_POST
def fix_decide(request, uuid):
    """Accept or decline one."""
    if not directory.may_decide(request.user):
        raise Http404
    fix = get_object_or_404(BodyFix, uuid=uuid)
    accept = request.POST.get("act") == "accept"
    try:
        directory.decide(fix=fix, accept=accept, by=request.user, answer=request.POST.get("answer", ""))
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, _("The directory says so now.") if accept else _("Declined."))
    return redirect("members:body-fixes")
