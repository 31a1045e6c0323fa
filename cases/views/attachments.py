"""Photos and papers of a case: added one by one or several at once, shown small, handed out after the permission check."""

from dataclasses import dataclass
from uuid import UUID, uuid4, uuid5

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe
from django.views.generic import FormView

from cases.forms.attachments import AttachmentForm
from cases.models import Attachment, Case
from cases.rules.errors import Refused
from cases.services import attachments
from cases.views.gate import attachment_or_404, case_or_404, log
from cases.views.people import names_open, sign_in_again
from members.models import AccessLog, User
from members.rules.roles import Permission

#: A stored paper is shown as it is and may do nothing: no script, no address, no frame.
PAPER_POLICY = "default-src 'none'; sandbox"


@dataclass
class Paper:
    """A paper on the page; its thumbnail only where names are open, for a card or a letter shows them."""

    attachment: Attachment
    at: int
    has_thumbnail: bool


def attachments_context(case: Case, user: User, request: HttpRequest, *, may_add: bool = True) -> dict:
    """What `cases/_attachments.html` needs."""
    is_open = names_open(case, user, request)
    rows = list(case.attachments.order_by("uploaded_at", "pk"))
    return {
        "papers": [Paper(row, at, is_open and row.kind == Attachment.Kind.PHOTO) for at, row in enumerate(rows, 1)],
        "may_add_papers": may_add,
        "papers_full": len(rows) >= attachments.MOST_PER_CASE,
        "paper_key": uuid4(),
    }


def papers_url(case: Case) -> str:
    """The papers on the page of a case."""
    return f"{reverse('cases:case-detail', args=[case.uuid])}#berkas"


class AttachmentAdd(FormView):
    """Add photos and papers. A script sends one file at a time and gets JSON; a plain form sends them all."""

    form_class = AttachmentForm
    template_name = "cases/attachment_add.html"

    def dispatch(self, request, *args, **kwargs):
        self.case = case_or_404(request, kwargs["uuid"], Permission.CASE_WORK)
        return super().dispatch(request, *args, **kwargs)

    @property
    def by_script(self) -> bool:
        return self.request.headers.get("Accept", "") == "application/json"

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            case=self.case,
            **attachments_context(self.case, self.request.user, self.request),
            **kwargs,
        )

    def form_valid(self, form):
        uploads = [file for name in ("camera", "files") for file in self.request.FILES.getlist(name)]
        if not uploads:
            form.add_error(None, _("Choose a photo or a PDF first."))
            return self.form_invalid(form)
        added, refusals = [], []
        for at, upload in enumerate(uploads):
            try:
                added.append(self._add(form, upload, self._key(form, at)))
            except Refused as refusal:
                refusals.append(f"{upload.name[:60]}: {refusal.message}" if len(uploads) > 1 else refusal.message)
        for refusal in refusals:
            form.add_error(None, refusal)
        if self.by_script:
            return self._json(form, added)
        if added:
            messages.success(
                self.request,
                ngettext("%(count)d photo or paper kept.", "%(count)d photos or papers kept.", len(added))
                % {"count": len(added)},
            )
        return self.form_invalid(form) if refusals else redirect(papers_url(self.case))

    def form_invalid(self, form):
        if self.by_script:
            return self._json(form, [])
        # What was kept was kept under the old key; what is chosen next is something new.
        form.data = form.data.copy()
        form.data["submit_key"] = str(uuid4())
        return super().form_invalid(form)

    def _add(self, form: AttachmentForm, upload: UploadedFile, key: UUID | None) -> Attachment:
        return attachments.add(
            case=self.case,
            upload=upload,
            by=self.request.user,
            title=form.cleaned_data["title"],
            sha256_phone=form.cleaned_data["sha256"],
            submit_key=key,
        )

    @staticmethod
    def _key(form: AttachmentForm, at: int) -> UUID | None:
        key = form.cleaned_data["submit_key"]
        return uuid5(key, str(at)) if key and at else key

    def _json(self, form: AttachmentForm, added: list[Attachment]) -> JsonResponse:
        if not added:
            said = [str(message) for found in form.errors.values() for message in found]
            return JsonResponse({"error": " ".join(said)}, status=422)
        context = attachments_context(self.case, self.request.user, self.request)
        papers = [paper for paper in context["papers"] if paper.attachment in added]
        return JsonResponse({"html": render_to_string("cases/_paper.html", {"paper": papers[0]}, self.request)})


@require_safe
def attachment(request, uuid):
    """Hand out a paper: our own re-encoded photo to look at, anything else as a download. The opening is logged."""
    row = attachment_or_404(request, uuid, Permission.CASE_VIEW)
    if request.session.get("identity_locked"):
        return sign_in_again(request, request.path)
    data = _content(attachments.content, row)
    log(request, AccessLog.Action.DOWNLOAD, kind="attachment", uuid=row.uuid)
    response = _paper(data, row.content_type)
    number = row.case.attachments.filter(pk__lte=row.pk).count()
    is_photo = row.kind == Attachment.Kind.PHOTO
    name = f"{row.case.number}-{number}.{'jpg' if is_photo else 'pdf'}"
    response["Content-Disposition"] = f'{"inline" if is_photo else "attachment"}; filename="{name}"'
    return response


@require_safe
def thumbnail(request, uuid):
    """The small picture of a photo, where names are open to this user."""
    row = attachment_or_404(request, uuid, Permission.CASE_VIEW)
    if row.kind != Attachment.Kind.PHOTO or not names_open(row.case, request.user, request):
        raise Http404
    return _paper(_content(attachments.thumbnail, row), "image/webp")


def _content(read, row: Attachment) -> bytes:
    try:
        return read(row)
    except FileNotFoundError:
        raise Http404 from None


def _paper(data: bytes, content_type: str) -> HttpResponse:
    response = HttpResponse(data, content_type=content_type)
    response["Content-Security-Policy"] = PAPER_POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
