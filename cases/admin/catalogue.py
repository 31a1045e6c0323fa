"""The catalogue in the admin. Nothing of a case is registered here, and nothing ever may be (TRUST R21)."""

from django import forms
from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.models import EmergencyLine, EventType, Outcome, ProblemFamily, ProblemType, RedFlag
from cases.rules.details import DETAILS, unknown
from members.admin.base import KawalAdmin
from members.admin.site import site

#: Lists of words that are written one a line.
LISTS = frozenset({"programmes", "clocks", "papers", "words", "started_by", "stopped_by", "cut_short_by"})


class LinesField(forms.CharField):
    """A list of texts, one a line."""

    widget = forms.Textarea({"rows": 5})

    def prepare_value(self, value):
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value):
        lines = [" ".join(line.split()) for line in (super().to_python(value) or "").splitlines()]
        return [line for line in lines if line]

    def has_changed(self, initial, data):
        return (initial or []) != self.to_python(data)


class DetailsField(LinesField):
    """Codes of typed facts, one a line; a code that nobody knows is sent back with those there are."""

    def validate(self, value):
        super().validate(value)
        if strange := unknown(value):
            raise forms.ValidationError(
                _("Unknown: %(codes)s. Known are: %(known)s.")
                % {"codes": ", ".join(strange), "known": ", ".join(DETAILS)}
            )


class CatalogueAdmin(KawalAdmin):
    """A row of the catalogue: system admins edit it, and `seed_reference` then leaves it alone."""

    editors = "system"
    list_display = ["label", "code", "position", "in_force", "edited_here"]
    search_fields = ["code", "name", "name_en"]
    ordering = ["position", "code"]
    exclude = ["edited_at"]

    def get_readonly_fields(self, request, obj=None):
        # Events and cases point at the code, and so does the program.
        return ["code"] if obj else []

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name in LISTS or db_field.name == "details":
            return (DetailsField if db_field.name == "details" else LinesField)(
                label=db_field.verbose_name,
                required=False,
                help_text=_("One a line."),
                widget=forms.Textarea({"rows": 5}),
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(self, request, obj, form, change):
        obj.edited_at = timezone.now()
        super().save_model(request, obj, form, change)

    @admin.display(description=gettext_lazy("name"), ordering="name")
    def label(self, obj):
        return obj.label

    @admin.display(description=gettext_lazy("in force"), boolean=True)
    def in_force(self, obj):
        today = timezone.localdate()
        begun = obj.effective_from is None or obj.effective_from <= today
        return begun and (obj.effective_to is None or obj.effective_to >= today)

    @admin.display(description=gettext_lazy("edited here"), boolean=True, ordering="edited_at")
    def edited_here(self, obj):
        return obj.edited_at is not None


LEGAL = (
    gettext_lazy("Basis and validity"),
    {
        "classes": ["collapse"],
        "fields": [
            "legal_basis",
            "source",
            "confidence",
            "verified_on",
            "is_practice",
            "effective_from",
            "effective_to",
        ],
    },
)


@admin.register(ProblemFamily, Outcome, RedFlag, EmergencyLine, site=site)
class SimpleCatalogueAdmin(CatalogueAdmin):
    def get_fieldsets(self, request, obj=None):
        own = [field.name for field in self.model._meta.local_fields]
        extra = [name for name in ("phone", "hint", "hint_en") if name in own]
        return [(None, {"fields": ["code", "name", "name_en", *extra, "position"]}), LEGAL]


@admin.register(ProblemType, site=site)
class ProblemTypeAdmin(CatalogueAdmin):
    list_display = ["code", "label", "family", "severity", "is_quick", "in_force", "edited_here"]
    list_display_links = ["code", "label"]
    list_filter = ["family", "severity", "is_quick"]
    search_fields = ["code", "name", "name_en", "plain"]
    fieldsets = [
        (
            None,
            {"fields": ["code", "family", "name", "name_en", "plain", "plain_en", "severity", "is_quick", "position"]},
        ),
        (
            gettext_lazy("What to do"),
            {
                "fields": [
                    "first_step",
                    "first_step_en",
                    "say",
                    "say_en",
                    "evidence",
                    "evidence_en",
                    "do_not_sign",
                    "do_not_sign_en",
                    "responsible",
                    "responsible_en",
                    "papers",
                ]
            },
        ),
        (gettext_lazy("How it is found"), {"fields": ["words", "programmes"]}),
        LEGAL,
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("family")


@admin.register(EventType, site=site)
class EventTypeAdmin(CatalogueAdmin):
    """The chips of the case page; what the program itself writes is shown but not bent."""

    list_display = ["label", "code", "tone", "next_actor", "is_chip", "is_system", "in_force", "edited_here"]
    list_filter = ["is_chip", "is_system", "tone"]
    fieldsets = [
        (
            None,
            {"fields": ["code", "name", "name_en", "prompt", "prompt_en", "tone", "is_chip", "position", "details"]},
        ),
        (gettext_lazy("What follows"), {"fields": ["next_actor", "next_due_hours", "is_system", "closes_living"]}),
        LEGAL,
    ]

    def get_readonly_fields(self, request, obj=None):
        fixed = ["is_system", "closes_living", *super().get_readonly_fields(request, obj)]
        return [*fixed, "is_chip", "next_actor", "next_due_hours"] if obj and obj.is_system else fixed
