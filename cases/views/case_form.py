"""What every form about a case shares: the gate, the moment of the request, and refusals shown beside what was typed."""

from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import FormView

from cases.models import Case
from cases.rules.errors import CaseIsClosed, Refused
from cases.views.gate import case_or_404, log
from members.models import AccessLog
from members.rules.roles import Permission


def case_url(case: Case, anchor: str = "") -> str:
    """The page of a case."""
    return reverse("cases:case-detail", args=[case.uuid]) + (f"#{anchor}" if anchor else "")


class CaseFormPage(FormView):
    """A form about one case. `save` does it and may raise Refused, which is shown with everything typed still there."""

    permission = Permission.CASE_WORK
    #: Pages that show what the case says leave a row of the access log when they are opened.
    shows_the_case = False
    anchor = ""

    def dispatch(self, request, *args, **kwargs):
        self.now = timezone.now()
        self.case = self.find_case()
        if self.shows_the_case and request.method == "GET":
            log(request, AccessLog.Action.OPEN, uuid=self.case.uuid)
        return super().dispatch(request, *args, **kwargs)

    def find_case(self) -> Case:
        return case_or_404(self.request, self.kwargs["uuid"], self.permission)

    def get_context_data(self, **kwargs):
        return super().get_context_data(case=self.case, back_url=self.back_url(), **kwargs)

    def back_url(self) -> str:
        return case_url(self.case)

    def form_valid(self, form):
        try:
            self.save(form)
        except Refused as refused:
            return self.refused(form, refused)
        except IntegrityError as error:
            return self.refused(form, used_key(error))
        return redirect(self.get_success_url())

    def save(self, form) -> None:
        raise NotImplementedError

    def refused(self, form, refused: Refused):
        """The form again, with the reason on top and, for a closed case, the way out."""
        form.add_error(None, refused.message)
        context = self.get_context_data(form=form, is_closed_now=isinstance(refused, CaseIsClosed))
        return self.render_to_response(context, status=409)

    def get_success_url(self) -> str:
        return case_url(self.case, self.anchor)


def used_key(error: IntegrityError) -> Refused:
    """What to say where the key of this form has already made something on another case; other errors go on."""
    if "submit_key" not in str(error):
        raise error
    return Refused(_("This form was already sent. Open a new one."))


def say_refused(request: HttpRequest, refused: Refused) -> None:
    """A button that could not do its act says why on the next page."""
    messages.error(request, refused.message)
