"""Photos and papers of a case."""

from django.utils.translation import gettext_lazy as _

from members.forms.uploads import UploadForm


class AttachmentForm(UploadForm):
    """A photo or a PDF of a case."""

    title_hint = _("For example: referral, bill, triage result.")
