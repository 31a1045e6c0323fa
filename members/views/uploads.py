"""What the pages of photos and papers share: sent one by one by a script or all at once by a form, handed out locked."""

from uuid import UUID, uuid4, uuid5

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import FormView

from members.forms.uploads import UploadForm

#: A stored paper is shown as it is and may do nothing: no script, no address, no frame.
PAPER_POLICY = "default-src 'none'; sandbox"


class UploadPage(FormView):
    """Add photos or papers. A script sends one file at a time and gets JSON; a plain form sends them all."""

    choose_first = gettext_lazy("Choose a photo or a PDF first.")

    @property
    def by_script(self) -> bool:
        return self.request.headers.get("Accept", "") == "application/json"

    def form_valid(self, form):
        uploads = [file for name in ("camera", "files") for file in self.request.FILES.getlist(name)]
        if not uploads:
            form.add_error(None, self.choose_first)
            return self.form_invalid(form)
        added, refusals = [], []
        for at, upload in enumerate(uploads):
            try:
                added.append(self.keep(form, upload, self._key(form, at)))
            except ValidationError as refusal:
                said = refusal.messages[0]
                refusals.append(f"{upload.name[:60]}: {said}" if len(uploads) > 1 else said)
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
        return self.form_invalid(form) if refusals else redirect(self.get_success_url())

    def form_invalid(self, form):
        if self.by_script:
            return self._json(form, [])
        # What was kept was kept under the old key; what is chosen next is something new.
        form.data = form.data.copy()
        form.data["submit_key"] = str(uuid4())
        return super().form_invalid(form)

    def keep(self, form: UploadForm, upload: UploadedFile, key: UUID | None):
        """Keep one file and give back its row. Raises ValidationError."""
        raise NotImplementedError

    def shown(self, row) -> str:
        """The new row as the list on the page shows it."""
        raise NotImplementedError

    @staticmethod
    def _key(form: UploadForm, at: int) -> UUID | None:
        key = form.cleaned_data["submit_key"]
        return uuid5(key, str(at)) if key and at else key

    def _json(self, form: UploadForm, added: list) -> JsonResponse:
        if not added:
            said = [str(message) for found in form.errors.values() for message in found]
            return JsonResponse({"error": " ".join(said)}, status=422)
        return JsonResponse({"html": self.shown(added[0])})


def file_or_404(read, row) -> bytes:
    """The bytes of a row; a file that is gone is a page that is not there."""
    try:
        return read(row)
    except FileNotFoundError:
        raise Http404 from None


def locked(data: bytes, content_type: str) -> HttpResponse:
    """A private file: never kept by a cache, never taken for anything else, never able to act."""
    response = HttpResponse(data, content_type=content_type)
    response["Content-Security-Policy"] = PAPER_POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
