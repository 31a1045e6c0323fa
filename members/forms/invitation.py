"""What somebody fills in who was invited."""

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from members.forms.profile import clean_whatsapp
from members.forms.widgets import ChoiceChips, PhoneInput
from members.models import Invitation, User
from members.rules.zones import Zone


class AcceptForm(forms.Form):
    """Name, user name, password, number and zone; role, place and e-mail come from the invitation alone."""

    full_name = forms.CharField(
        label=_("Your name"), max_length=150, widget=forms.TextInput({"autocomplete": "name"}), strip=True
    )
    username = forms.CharField(
        label=_("User name"),
        max_length=60,
        help_text=_("For signing in. Letters, digits, dots; no spaces."),
        widget=forms.TextInput({"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=128,
        strip=False,
        help_text=_("At least 12 characters. Three words of your own are easy to keep."),
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )
    whatsapp = forms.CharField(
        label=_("WhatsApp number"),
        max_length=25,
        required=False,
        help_text=_("So that your coordinator can reach you. Example: 0812 3456 7890"),
        widget=PhoneInput({"autocomplete": "tel"}),
    )
    zone = forms.ChoiceField(label=_("Time zone"), choices=Zone.choices, widget=ChoiceChips())

    def __init__(self, *args, invitation: Invitation, **kwargs):
        self.invitation = invitation
        kwargs["initial"] = {"full_name": invitation.full_name, "zone": invitation.organisation.zone}
        super().__init__(*args, **kwargs)

    def clean_full_name(self):
        return " ".join(self.cleaned_data["full_name"].split())

    def clean_username(self):
        username = User.normalize_username(self.cleaned_data["username"].strip())
        field = User._meta.get_field("username")
        for validator in field.validators:
            try:
                validator(username)
            except forms.ValidationError:
                raise forms.ValidationError(_("Use only letters, digits, dots, dashes; no spaces.")) from None
        if "@" in username:
            raise forms.ValidationError(_("Use only letters, digits, dots, dashes; no spaces."))
        if User.objects.filter(username__iexact=username).exists():
            raise forms.ValidationError(_("This user name is taken. Choose another."))
        return username

    def clean_whatsapp(self):
        return clean_whatsapp(self.cleaned_data["whatsapp"])

    def clean(self):
        cleaned = super().clean()
        password = cleaned.get("password")
        if password:
            user = User(
                username=cleaned.get("username", ""),
                email=self.invitation.email,
                full_name=cleaned.get("full_name", ""),
            )
            try:
                validate_password(password, user)
            except forms.ValidationError as refusal:
                self.add_error("password", refusal)
        return cleaned
