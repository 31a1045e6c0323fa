"""Photos and papers of a case: added one by one or several at once, shown small, handed out after the permission check."""

from dataclasses import dataclass
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from cases.forms.attachments import AttachmentForm
from cases.models import Attachment, Case
from cases.rules.errors import Refused
from cases.services import attachments
from cases.views.gate import attachment_or_404, case_or_404, log
from cases.views.people import names_open
from members.models import AccessLog, User
from members.rules.roles import Permission
from members.views.sessions import sign_in_again
from members.views.uploads import UploadPage, file_or_404, locked


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


class AttachmentAdd(UploadPage):
    """Add photos and papers to a case."""

    form_class = AttachmentForm
    template_name = "cases/attachment_add.html"

    def dispatch(self, request, *args, **kwargs):
        self.case = case_or_404(request, kwargs["uuid"], Permission.CASE_WORK)
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            case=self.case,
            **attachments_context(self.case, self.request.user, self.request),
            **kwargs,
        )

    def get_success_url(self):
        return papers_url(self.case)

    def keep(self, form, upload, key):
        try:
            return attachments.add(
                case=self.case,
                upload=upload,
                by=self.request.user,
                title=form.cleaned_data["title"],
                sha256_phone=form.cleaned_data["sha256"],
                submit_key=key,
            )
        except Refused as refusal:
            raise ValidationError(refusal.message) from None

    def shown(self, row):
        papers = attachments_context(self.case, self.request.user, self.request)["papers"]
        paper = next(each for each in papers if each.attachment == row)
        return render_to_string("cases/_paper.html", {"paper": paper}, self.request)


@require_safe
def attachment(request, uuid):
    """Hand out a paper: our own re-encoded photo to look at, anything else as a download. The opening is logged."""
    row = attachment_or_404(request, uuid, Permission.CASE_VIEW)
    if request.session.get("identity_locked"):
        return sign_in_again(request, request.path)
    data = file_or_404(attachments.content, row)
    log(request, AccessLog.Action.DOWNLOAD, kind="attachment", uuid=row.uuid)
    response = locked(data, row.content_type)
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
    return locked(file_or_404(attachments.thumbnail, row), "image/webp")
