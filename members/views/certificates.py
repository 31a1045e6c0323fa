"""Certificates: made in one act, printed, verified by anyone, revoked."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.generic import TemplateView

from members.forms.gatherings import CertificateForm
from members.models import AccessLog, Certificate, Gathering
from members.reports import pdf, qr
from members.services import certificates
from members.views.gatherings import gathering_url
from members.views.pages import gathering_or_404, log


def verify_url(certificate: Certificate) -> str:
    """The address that its QR code says."""
    return settings.SITE_URL + reverse("members:certificate", args=[certificate.code])


@require_POST
def issue(request, uuid):
    """Certificates for everyone present who has none."""
    gathering = gathering_or_404(request, uuid, run=True)
    form = CertificateForm(request.POST)
    try:
        if not form.is_valid():
            raise ValidationError([error for errors in form.errors.values() for error in errors])
        count = certificates.issue(gathering=gathering, by=request.user, valid_until=form.cleaned_data["valid_until"])
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, ngettext("%(n)d certificate made.", "%(n)d certificates made.", count) % {"n": count})
    return redirect(f"{gathering_url(gathering)}#sertifikat")


class CertificateList(TemplateView):
    """The certificates of a training with their numbers, to be checked or revoked. For organisers."""

    template_name = "members/certificates.html"

    def get_context_data(self, **kwargs):
        gathering = gathering_or_404(self.request, self.kwargs["uuid"], run=True)
        log(self.request, AccessLog.Action.REVEAL, kind="gathering", uuid=gathering.uuid)
        rows = Certificate.objects.filter(attendance__gathering=gathering).select_related("attendance")
        return super().get_context_data(gathering=gathering, rows=rows, **kwargs)


@require_safe
def print_all(request, uuid):
    """The certificates of a training, a sheet each, as PDF; where none can be made, the page that the browser prints."""
    gathering = gathering_or_404(request, uuid, run=True)
    rows = Certificate.objects.filter(attendance__gathering=gathering, revoked_at__isnull=True)
    if not rows:
        raise Http404
    log(request, AccessLog.Action.EXPORT, kind="gathering", uuid=gathering.uuid, hits=len(rows))
    return _paper(request, gathering, rows)


@require_safe
def mine(request, uuid):
    """My own certificate of a training."""
    rows = Certificate.objects.filter(
        attendance__gathering__uuid=uuid, attendance__user=request.user, revoked_at__isnull=True
    ).select_related("attendance__gathering")
    if not rows:
        raise Http404
    return _paper(request, rows[0].attendance.gathering, rows)


def _paper(request, gathering: Gathering, rows) -> HttpResponse:
    with translation.override(settings.LANGUAGE_CODE):
        sheets = [
            {"certificate": row, "address": verify_url(row), "code": qr.svg(verify_url(row), _("QR code to verify"))}
            for row in rows
        ]
        context = {"gathering": gathering, "sheets": sheets}
        try:
            data = pdf.render("pdf/certificates.html", context)
        except pdf.NoPango:
            page = render_to_string("pdf/certificates.html", {**context, "on_screen": True}, request)
            response = HttpResponse(page)
        else:
            response = HttpResponse(data, content_type="application/pdf")
            response["Content-Disposition"] = 'inline; filename="sertifikat.pdf"'
    response["Cache-Control"] = "no-store"
    return response


@require_safe
@login_not_required
@never_cache
def verify(request, code):
    """Whether a certificate holds: name, training, day, validity; nothing else."""
    certificate = certificates.find(code)
    today = timezone.localdate()
    context = {
        "certificate": certificate,
        "holds": bool(certificate and certificates.holds(certificate, today=today)),
        "today": today,
    }
    return render(request, "members/certificate.html", context, status=200 if certificate else 404)


@require_POST
def revoke(request, code):
    """It no longer counts; its number still says so."""
    certificate = Certificate.objects.select_related("attendance__gathering").filter(code=code).first()
    if certificate is None:
        raise Http404
    gathering = gathering_or_404(request, certificate.attendance.gathering.uuid, run=True)
    certificates.revoke(certificate=certificate, by=request.user)
    messages.success(request, _("Revoked. Whoever checks the number sees that."))
    return redirect("members:certificates", uuid=gathering.uuid)
