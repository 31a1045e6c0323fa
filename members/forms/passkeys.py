"""Passkeys: the forms of allauth, with an answer of the device that may be anything."""

from allauth.mfa.webauthn.forms import AddWebAuthnForm, LoginWebAuthnForm, ReauthenticateWebAuthnForm
from django import forms

from members.forms.json import JSONField


class CredentialField(JSONField):
    """What the browser's key store said: an object, good for one try."""

    def __init__(self):
        super().__init__(required=True, widget=forms.HiddenInput)

    def prepare_value(self, value):
        return ""

    def to_python(self, value):
        found = super().to_python(value)
        if found is not None and not isinstance(found, dict):
            self._refuse()
        return found


class AddPasskeyForm(AddWebAuthnForm):
    """Keep a new passkey."""

    credential = CredentialField()


class LoginPasskeyForm(LoginWebAuthnForm):
    """Sign in with a passkey."""

    credential = CredentialField()


class ReauthenticatePasskeyForm(ReauthenticateWebAuthnForm):
    """Prove with a passkey that it is still you."""

    credential = CredentialField()
