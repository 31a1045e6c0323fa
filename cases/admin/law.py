"""The law in the admin: who edits a row, keeps it from the files; what changes a count, counts the open clocks again."""

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.admin.catalogue import LEGAL, CatalogueAdmin
from cases.models import (
    Checklist,
    ChecklistItem,
    Confidence,
    ContactChannel,
    FineTerm,
    Holiday,
    Ladder,
    LocalScheme,
    MembershipState,
    PaperType,
    Playbook,
    PlaybookStep,
    Programme,
    Route,
    RouteStep,
    Rule,
    Rung,
    Segment,
)
from cases.rules.clocks import RuleKind
from cases.services import clocks, law
from cases.services.catalogue import is_sourced
from members.admin.base import KawalAdmin, KawalInline
from members.admin.site import site

#: Fields that every row of the catalogue has and that stand at their own place on the page.
COMMON = frozenset({"id", "code", "name", "name_en", "position", "edited_at", *LEGAL[1]["fields"]})
VERIFIED = Q(confidence__in=[Confidence.LAW, Confidence.NEWS]) & ~Q(legal_basis="")


class Verified(admin.SimpleListFilter):
    """Whether a row may be cited as law."""

    title = gettext_lazy("verified")
    parameter_name = "verified"

    def lookups(self, request, model_admin):
        return [("no", _("Not verified yet")), ("yes", _("Verified"))]

    def queryset(self, request, queryset):
        if self.value() == "yes":
            return queryset.filter(VERIFIED)
        return queryset.exclude(VERIFIED) if self.value() == "no" else queryset


class InForce(admin.SimpleListFilter):
    """Whether a row holds today."""

    title = gettext_lazy("in force today")
    parameter_name = "in_force"

    def lookups(self, request, model_admin):
        return [("yes", _("In force today")), ("no", _("Not in force today"))]

    def queryset(self, request, queryset):
        held = law.in_force(timezone.localdate())
        if self.value() == "yes":
            return queryset.filter(held)
        return queryset.exclude(held) if self.value() == "no" else queryset


class LawForm(forms.ModelForm):
    """A row of law names its source, or wears a flag."""

    def clean(self):
        super().clean()
        values = self.cleaned_data
        if not is_sourced(values):
            self.add_error("source", _("Give a source, or choose a confidence that says it is not verified."))
        begins, ends = values.get("effective_from"), values.get("effective_to")
        if begins and ends and ends < begins:
            self.add_error("effective_to", _("The end is before the beginning."))
        return values


class RuleForm(LawForm):
    """A clock rule that the calculator can count."""

    def clean(self):
        values = super().clean()
        kind = values.get("kind")
        try:
            spans = law.as_rule(Rule(kind=kind or RuleKind.NONE, spans=values.get("spans") or [])).spans
        except (KeyError, TypeError, ValueError):
            self.add_error("spans", _("Write each span as an amount and a known unit."))
            return values
        if kind in {RuleKind.SPAN, RuleKind.WINDOW, RuleKind.CHAIN} and not spans:
            self.add_error("spans", _("This shape needs at least one span."))
        if kind == RuleKind.DAY_OF_MONTH and not 1 <= (values.get("day") or 0) <= 31:
            self.add_error("day", _("Give the day of the month, 1 to 31."))
        if kind == RuleKind.NONE and not values.get("reason"):
            self.add_error("reason", _("Say why there is no moment."))
        return values


class LawAdmin(CatalogueAdmin):
    """A row of law: what it says, then its basis and validity."""

    form = LawForm
    list_display = ["label", "code", "confidence", "verified", "in_force", "edited_here"]
    list_filter = ["confidence", Verified, InForce, "is_practice"]

    def get_fieldsets(self, request, obj=None):
        opts = self.model._meta
        own = [each.name for each in (*opts.local_fields, *opts.local_many_to_many) if each.name not in COMMON]
        return [(None, {"fields": ["code", "name", "name_en", *own, "position"]}), LEGAL]

    @admin.display(description=gettext_lazy("verified"), boolean=True)
    def verified(self, obj):
        return obj.is_verified


class StepInline(KawalInline):
    """The rows written inside a row of law, in their order; one empty line to add another."""

    editors = "system"
    extra = 1


class RungInline(StepInline):
    model = Rung


class ChecklistItemInline(StepInline):
    model = ChecklistItem
    autocomplete_fields = ["paper"]


class RouteStepInline(StepInline):
    model = RouteStep
    autocomplete_fields = ["channel", "papers", "rule"]


class PlaybookStepInline(StepInline):
    model = PlaybookStep
    autocomplete_fields = ["rules"]


site.register([Programme, Segment, MembershipState, FineTerm, PaperType], LawAdmin)


@admin.register(Rule, site=site)
class RuleAdmin(LawAdmin):
    """A clock rule: after a change the open clocks are counted again."""

    form = RuleForm
    autocomplete_fields = ["region"]
    list_display = ["code", "label", "kind", "obliged", "confidence", "verified", "in_force", "edited_here"]
    list_display_links = ["code", "label"]
    list_filter = ["kind", "obliged", *LawAdmin.list_filter]

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        clocks.recompute_open()


@admin.register(LocalScheme, site=site)
class LocalSchemeAdmin(LawAdmin):
    autocomplete_fields = ["region"]
    list_display = ["label", "region", "effective_from", "effective_to", "confidence", "in_force", "edited_here"]
    list_select_related = ["region"]


@admin.register(ContactChannel, site=site)
class ContactChannelAdmin(LawAdmin):
    formfield_overrides = {**LawAdmin.formfield_overrides, models.URLField: {"assume_scheme": "https"}}
    autocomplete_fields = ["rules"]


@admin.register(Ladder, site=site)
class LadderAdmin(LawAdmin):
    inlines = [RungInline]


@admin.register(Checklist, site=site)
class ChecklistAdmin(LawAdmin):
    autocomplete_fields = ["problem_types"]
    inlines = [ChecklistItemInline]
    list_filter = ["programme", *LawAdmin.list_filter]


@admin.register(Route, site=site)
class RouteAdmin(LawAdmin):
    inlines = [RouteStepInline]
    list_display = ["label", "segment", "state", "helper", "confidence", "verified", "in_force", "edited_here"]
    list_filter = ["state", "segment", *LawAdmin.list_filter]
    list_select_related = ["segment", "state"]


@admin.register(Playbook, site=site)
class PlaybookAdmin(LawAdmin):
    inlines = [PlaybookStepInline]
    list_display = ["label", "problem_type", "facility_level", "payer", "confidence", "in_force", "edited_here"]
    list_filter = ["problem_type__family", *LawAdmin.list_filter]
    list_select_related = ["problem_type"]


@admin.register(Holiday, site=site)
class HolidayAdmin(KawalAdmin):
    """A day off: after a change the open clocks are counted again."""

    editors = "system"
    list_display = ["day", "name", "kind", "region", "decree", "is_provisional"]
    list_filter = ["kind", "is_provisional"]
    list_select_related = ["region"]
    search_fields = ["name", "decree"]
    date_hierarchy = "day"
    autocomplete_fields = ["region"]
    ordering = ["-day"]

    def save_model(self, request, obj, form, change):
        obj.edited_at = timezone.now()
        super().save_model(request, obj, form, change)
        clocks.recompute_open()
