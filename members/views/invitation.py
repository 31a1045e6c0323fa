from allauth.account.utils import perform_login
from django.contrib import messages
from django.contrib.auth import authenticate
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.generic import FormView

from members.forms.invitation import AcceptForm
from members.services import invitations


@method_decorator(login_not_required, name="dispatch")
@method_decorator(sensitive_post_parameters(), name="dispatch")
class AcceptInvitation(FormView):
    """The door for somebody who was invited: an account of their own, then the pledge."""

    form_class = AcceptForm
    template_name = "members/invitation.html"

    def dispatch(self, request, *args, **kwargs):
        self.invitation = invitations.find(kwargs["token"])
        if self.invitation is None:
            return self._over()
        if request.user.is_authenticated:
            return render(request, "members/invitation_signed_in.html", {"invitation": self.invitation})
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "invitation": self.invitation}

    def get_context_data(self, **kwargs):
        return super().get_context_data(invitation=self.invitation, **kwargs)

    @sensitive_variables("given")
    def form_valid(self, form):
        given = form.cleaned_data
        try:
            invitations.accept(token=self.kwargs["token"], language=get_language(), **given)
        except ValidationError as refusal:
            if invitations.find(self.kwargs["token"]) is None:
                return self._over()
            form.add_error(None, refusal)
            return self.form_invalid(form)
        user = authenticate(self.request, username=given["username"], password=given["password"])
        messages.success(self.request, _("Welcome. Your account is ready."))
        return perform_login(self.request, user, redirect_url=reverse("members:pledge"))

    def _over(self):
        return render(self.request, "members/invitation_over.html", status=404)
