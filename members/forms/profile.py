"""What a user may change about themselves; nothing else of the account can be reached by these forms."""

from django import forms
from django.utils.translation import gettext_lazy as _

from members.forms.widgets import ChoiceChips, PhoneInput
from members.models import User
from members.rules import words
from members.rules.numbers import phone_e164


def clean_whatsapp(value: str) -> str:
    """A phone number in E.164, or ""; raises ValidationError for what is none."""
    if not value.strip():
        return ""
    number = phone_e164(value)
    if not number:
        raise forms.ValidationError(_("Write the number like 0812 3456 7890."))
    return number


class HourInput(forms.TimeInput):
    """An hour of the day, with the phone's own picker."""

    input_type = "time"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%H:%M")


class ProfileForm(forms.ModelForm):
    """Name, number, place of the clock, look, and how we may reach them."""

    say_optional = False  # the page says it where it helps

    class Meta:
        model = User
        fields = [
            "full_name",
            "whatsapp",
            "zone",
            "language",
            "theme",
            "quiet_from",
            "quiet_until",
            "wants_email",
            "wants_digest",
            "is_resting",
            "shortcuts",
        ]
        labels = {
            "full_name": _("Name"),
            "whatsapp": _("WhatsApp number (may be empty)"),
            "theme": _("Light or dark"),
            "quiet_from": _("Quiet from"),
            "quiet_until": _("Quiet until"),
            "wants_email": _("Send messages by e-mail too"),
            "wants_digest": _("One summary at 07.00 instead of single messages"),
            "is_resting": _("I am resting: give me no new cases"),
            "shortcuts": _("Keyboard shortcuts"),
        }
        help_texts = {
            "zone": _("Where you usually are."),
            "wants_digest": "",
        }
        widgets = {
            "full_name": forms.TextInput({"autocomplete": "name"}),
            "whatsapp": PhoneInput({"autocomplete": "tel"}),
            "zone": ChoiceChips(),
            "language": ChoiceChips(),
            "theme": ChoiceChips(icons={"": "phone", "light": "sun", "dark": "moon"}),
            "quiet_from": HourInput(),
            "quiet_until": HourInput(),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["whatsapp"] = words.phone(self.instance.whatsapp)

    def clean_full_name(self):
        return " ".join(self.cleaned_data["full_name"].split())

    def clean_whatsapp(self):
        return clean_whatsapp(self.cleaned_data["whatsapp"])

    def clean(self):
        cleaned = super().clean()
        hours = [cleaned.get("quiet_from"), cleaned.get("quiet_until")]
        if not self.errors and (hours[0] is None) != (hours[1] is None):
            empty = "quiet_from" if hours[0] is None else "quiet_until"
            self.add_error(empty, _("Fill in both hours, or neither."))
        return cleaned


class EmailForm(forms.Form):
    """A new address; it counts once the link sent there was opened."""

    email = forms.EmailField(
        label=_("New e-mail"),
        max_length=254,
        help_text=_("We send a link there. Until you open it, the old address stays."),
        widget=forms.EmailInput({"autocomplete": "email"}),
    )

    def __init__(self, *args, user: User, **kwargs):
        self.user = user
        super().__init__(*args, **kwargs)

    def clean_email(self):
        email = User.objects.normalize_email(self.cleaned_data["email"])
        if email.lower() == self.user.email.lower():
            raise forms.ValidationError(_("This is your address already."))
        return email
