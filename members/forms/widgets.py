"""Controls that Django does not draw our way. Each renders from `templates/widgets/`, whatever FORM_RENDERER says."""

from collections.abc import Mapping

from django import forms
from django.template import loader
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _


class _OwnTemplate:
    """Renders with the project's template engine."""

    def _render(self, template_name, context, renderer=None):
        return mark_safe(loader.render_to_string(template_name, context))  # noqa: S308 (a template escapes)


class _Chips(_OwnTemplate):
    """Answers as chips. `icons` and `states` say, by value, which drawing and which state colour an answer has."""

    template_name = "widgets/chips.html"
    css_class = ""

    def __init__(self, attrs=None, choices=(), *, icons: Mapping | None = None, states: Mapping | None = None):
        super().__init__(attrs, choices)
        self.icons = dict(icons or {})
        self.states = dict(states or {})

    def create_option(self, name, value, *args, **kwargs):
        option = super().create_option(name, value, *args, **kwargs)
        return {**option, "icon": self.icons.get(str(value), ""), "state": self.states.get(str(value), "")}


class ChoiceChips(_Chips, forms.RadioSelect):
    """One of up to seven answers."""


class MultipleChips(_Chips, forms.CheckboxSelectMultiple):
    """Any of up to seven answers."""


class UrgencyChips(ChoiceChips):
    """How urgent, with the shapes and the red of design §3."""

    def __init__(self, attrs=None, choices=()):
        super().__init__(
            attrs,
            choices,
            icons={
                "emergency": "exclamation-octagon-fill",
                "urgent": "exclamation-triangle-fill",
                "ordinary": "circle",
                "unknown": "question-circle",
            },
            states={"emergency": "darurat"},
        )


class PhoneInput(forms.TextInput):
    """A phone number of someone else: number keys, nothing filled in from the reader's own phone book."""

    input_type = "tel"

    def __init__(self, attrs=None):
        super().__init__(
            {"inputmode": "tel", "autocomplete": "off", "class": "k-n", "maxlength": "25", **(attrs or {})}
        )


class DigitsInput(forms.TextInput):
    """NIK, card numbers, money: number keys; spaces and dots are welcome."""

    def __init__(self, attrs=None):
        super().__init__({"inputmode": "numeric", "autocomplete": "off", "class": "k-n", **(attrs or {})})


class DayInput(forms.DateInput):
    """A day; shell.js writes its weekday beside it."""

    input_type = "date"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%Y-%m-%d")


class MomentInput(forms.DateTimeInput):
    """A day with its hour; shell.js writes its weekday beside it."""

    input_type = "datetime-local"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


class PhotoInput(_OwnTemplate, forms.FileInput):
    """A photo: the camera of the phone, drawn as one wide button."""

    template_name = "widgets/photo.html"
    css_class = "visually-hidden"

    def __init__(self, attrs=None, *, label="", camera: bool = True):
        super().__init__({"accept": "image/*", **({"capture": "environment"} if camera else {}), **(attrs or {})})
        self.label = label or _("Take a photo of a letter or card")

    def get_context(self, name, value, attrs):
        return {**super().get_context(name, value, attrs), "label": self.label}
