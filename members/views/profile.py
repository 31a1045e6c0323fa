from allauth.account.decorators import reauthentication_required
from allauth.decorators import rate_limit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse, reverse_lazy
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import i18n
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from django.views.generic import FormView, TemplateView, UpdateView

from members.forms.profile import EmailForm, ProfileForm
from members.models import User
from members.services import accounts


def remember_language(response, language: str):
    """The pages before sign-in speak this language from now on, too."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,
    )
    return response


@login_not_required
def set_language(request):
    """Switch the language of this browser and, when signed in, of the account."""
    language = request.POST.get("language")
    if request.method == "POST" and request.user.is_authenticated and language in User.Language.values:
        User.objects.filter(pk=request.user.pk).update(language=language)
    return i18n.set_language(request)


@require_POST
def rest(request):
    """One tap: I rest, give me no new cases; or I am back."""
    wants = request.POST.get("rest") == "1"
    if wants == request.user.is_resting:
        return redirect("cases:home")
    request.user.is_resting = wants
    request.user.save(update_fields=["is_resting"])
    if wants:
        messages.success(request, _("Rest well. You get no new cases, and reminders go to your coordinator."))
    else:
        messages.success(request, _("Welcome back. You are offered new cases again."))
    return redirect("cases:home")


class Profile(UpdateView):
    """My account: what I may change, and the way to password, protection, devices and sign-out."""

    form_class = ProfileForm
    template_name = "members/profile.html"
    success_url = reverse_lazy("members:profile")

    def get_object(self, queryset=None):
        # A copy: the page's frame keeps showing what is stored while the form shows what was typed.
        return User.objects.get(pk=self.request.user.pk)

    def get_context_data(self, **kwargs):
        appointments = self.request.user.appointments.live().select_related("organisation", "region")
        return super().get_context_data(
            appointments=appointments, has_second_factor=accounts.has_second_factor(self.request.user), **kwargs
        )

    def form_valid(self, form):
        user = form.save()
        with translation.override(user.language):
            messages.success(self.request, _("Saved."))
        return remember_language(redirect(self.success_url), user.language)


@method_decorator(rate_limit(action="manage_email"), name="dispatch")
@method_decorator(sensitive_post_parameters("email"), name="dispatch")
@method_decorator(reauthentication_required(), name="dispatch")
class ChangeEmail(FormView):
    """Ask for another address: whoever sits at an unlocked phone must prove who they are first."""

    form_class = EmailForm
    template_name = "members/profile_email.html"
    success_url = reverse_lazy("members:profile")

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "user": self.request.user}

    def form_valid(self, form):
        user, email = self.request.user, form.cleaned_data["email"]
        token = accounts.email_token(user=user, email=email)
        link = settings.SITE_URL + reverse("members:email-confirm", args=[token])
        text = render_to_string("emails/new_address.txt", {"link": link, "user": user})
        try:
            send_mail(f"Kawal: {_('confirm your new address')}", text, None, [email])
        except OSError:
            form.add_error(None, _("The mail could not be sent just now. Try again later."))
            return self.form_invalid(form)
        messages.success(self.request, _("Open the link in the mail we sent to the new address."))
        return super().form_valid(form)


class ConfirmEmail(TemplateView):
    """The link that was sent to the new address; the change itself is a tap, so that no mail scanner makes it."""

    template_name = "members/profile_email_confirm.html"

    def dispatch(self, request, *args, **kwargs):
        self.email = accounts.email_of_token(kwargs["token"], user=request.user)
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        return super().get_context_data(email=self.email, **kwargs)

    def post(self, request, *args, **kwargs):
        if self.email is None:
            return self.get(request, *args, **kwargs)
        before = request.user.email
        try:
            accounts.change_email(user=request.user, email=self.email)
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
            return redirect("members:profile")
        self._tell_old_address(before)
        messages.success(request, _("Your address has been changed."))
        return redirect("members:profile")

    def _tell_old_address(self, before: str) -> None:
        if before:
            text = render_to_string("emails/address_changed.txt", {"user": self.request.user})
            send_mail(f"Kawal: {_('your address was changed')}", text, None, [before], fail_silently=True)
