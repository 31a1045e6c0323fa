"""Modules: what is taught, the text that holds, and the way of a draft to it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView

from members.forms.modules import ReviewForm, VersionForm
from members.models import Competence, Module, ModuleVersion, Topic
from members.rules.gatherings import NEXT_STATES, VersionState
from members.rules.markdown import blocks
from members.services import modules
from members.views.gatherings import Chip
from members.views.pages import ServicePage, or_404


class ModuleList(TemplateView):
    """What is taught now, packages with what they lack, and for those who write: drafts and what is overdue."""

    template_name = "members/modules.html"

    def get_context_data(self, **kwargs):
        today = timezone.localdate()
        written = modules.written_by(self.request.user)
        topic = self.request.GET.get("topik", "")
        topic = (
            Topic.objects.filter(pk=topic).first() if topic.isascii() and topic.isdigit() and len(topic) < 10 else None
        )
        rows = Module.objects.with_current().filter(current_id__isnull=False, is_retired=False)
        if topic:
            rows = rows.filter(topics=topic)
        finals = ModuleVersion.objects.defer("text").in_bulk([row.current_id for row in rows])
        here = self.request.path
        return super().get_context_data(
            rows=[(row, finals[row.current_id]) for row in rows],
            packages=modules.packages(),
            overdue=written.overdue(today).select_related("owner").order_by("target_on"),
            drafts=ModuleVersion.objects.filter(module__in=written)
            .exclude(state=VersionState.FINAL)
            .select_related("module")
            .defer("text")
            .order_by("module__title", "-number"),
            empty=written.filter(versions__isnull=True, is_retired=False),
            topics=[
                Chip(row.name, here if row == topic else f"{here}?topik={row.pk}", row == topic)
                for row in Topic.objects.filter(modules__isnull=False).distinct()
            ],
            today=today,
            **kwargs,
        )


class ModulePage(TemplateView):
    """The text that holds, with its version and day, to be read on a phone."""

    template_name = "members/module.html"

    def get_context_data(self, **kwargs):
        module = Module.objects.select_related("organisation").filter(uuid=self.kwargs["uuid"]).first()
        may_write = module is not None and modules.written_by(self.request.user).filter(pk=module.pk).exists()
        version = modules.current(module) if module else None
        if module is None or ((version is None or module.is_retired) and not may_write):
            raise Http404
        trainers = Competence.objects.filter(module=module, skill=Competence.Skill.TRAINER, user__is_active=True)
        return super().get_context_data(
            module=module,
            version=version,
            blocks=blocks(version.text) if version else [],
            may_write=may_write,
            trainers=trainers.select_related("user").order_by("-level", "user__full_name") if may_write else [],
            **kwargs,
        )


class Versions(ServicePage):
    """Every text of a module: what changed, who reviewed it; a new draft below. For those who write it."""

    form_class = VersionForm
    template_name = "members/module_versions.html"

    def dispatch(self, request, *args, **kwargs):
        self.module = or_404(request, modules.written_by(request.user), "module", kwargs["uuid"])
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "module": self.module, "by": self.request.user}

    def get_initial(self):
        last = self.module.versions.first()
        return {"text": last.text if last else ""}

    def get_context_data(self, **kwargs):
        rows = self.module.versions.select_related("made_by", "gathering").prefetch_related("reviews").defer("text")
        return super().get_context_data(
            module=self.module,
            rows=[(row, sorted(NEXT_STATES[row.state])) for row in rows],
            review_form=ReviewForm(),
            back_url=reverse("members:module", args=[self.module.uuid]),
            **kwargs,
        )

    def save(self, form):
        version = modules.write(module=self.module, by=self.request.user, **form.cleaned_data)
        messages.success(self.request, _("Kept as a draft: version %(n)d.") % {"n": version.number})

    def get_success_url(self):
        return reverse("members:module-versions", args=[self.module.uuid])


class VersionPage(TemplateView):
    """One text as it is or was, whichever its state. For those who write the module."""

    template_name = "members/module_version.html"

    def get_context_data(self, **kwargs):
        version = _version_or_404(self.request, self.kwargs["uuid"])
        return super().get_context_data(
            version=version, module=version.module, blocks=blocks(version.text), reviews=version.reviews.all(), **kwargs
        )


def _version_or_404(request, uuid) -> ModuleVersion:
    rows = ModuleVersion.objects.filter(module__in=modules.written_by(request.user)).select_related("module")
    return or_404(request, rows, "module_version", uuid)


@require_POST
def move(request, uuid):
    """Draft → review → final, or a remark of a reviewer."""
    version = _version_or_404(request, uuid)
    try:
        if request.POST.get("act") == "review":
            form = ReviewForm(request.POST)
            if not form.is_valid():
                raise ValidationError([error for errors in form.errors.values() for error in errors])
            modules.review(version=version, by=request.user, **form.cleaned_data)
            messages.success(request, _("Review noted."))
        else:
            modules.move(version=version, to=request.POST.get("state", ""))
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    return redirect(f"{reverse('members:module-versions', args=[version.module.uuid])}#versi-{version.number}")
