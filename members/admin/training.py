"""Gatherings, modules and what is planned, of the organisations an admin runs. Attendance is on the pages, not here."""

from django.contrib import admin
from django.utils.translation import gettext_lazy

from members.admin.base import KawalAdmin, KawalInline
from members.admin.site import site
from members.models import (
    AgendaItem,
    Gathering,
    GatheringOutput,
    GatheringSeries,
    Module,
    ModulePackage,
    ModuleVersion,
    PackagePart,
    Topic,
    TrainingPlan,
)
from members.services import administration


class AgendaInline(KawalInline):
    """The points of the agenda."""

    model = AgendaItem
    fields = [("from_hour", "until_hour"), "title", ("speaker", "speaker_role")]


class OutputInline(KawalInline):
    """What came out of it."""

    model = GatheringOutput
    fields = [("text", "is_finished")]


@admin.register(Gathering, site=site)
class GatheringAdmin(KawalAdmin):
    """Gatherings of which an organiser is run by this admin. They are made on their own pages."""

    may_add = False
    list_display = ["title", "kind", "held_on", "venue", "series", "number"]
    list_filter = ["kind", "is_cancelled"]
    date_hierarchy = "held_on"
    search_fields = ["title", "theme"]
    search_help_text = gettext_lazy("Title or theme")
    autocomplete_fields = ["region", "topics"]
    fields = [
        "kind",
        "title",
        "theme",
        ("held_on", "until_on"),
        ("from_hour", "until_hour"),
        ("venue", "region"),
        "topics",
        "sectors",
        "minutes",
        "is_cancelled",
    ]
    inlines = [AgendaInline, OutputInline]

    def scope(self, request, queryset):
        run = administration.organisations_of(request.user)
        mine = Gathering.organisers.through.objects.filter(organisation__in=run)
        return queryset.filter(pk__in=mine.values("gathering"))

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("series")


class OfOrganisation(KawalAdmin):
    """Rows that belong to an organisation this admin runs."""

    autocomplete_fields = ["organisation"]

    def scope(self, request, queryset):
        return queryset.filter(organisation__in=administration.organisations_of(request.user))

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("organisation")


@admin.register(GatheringSeries, site=site)
class GatheringSeriesAdmin(OfOrganisation):
    """Working groups that meet again and again."""

    list_display = ["name", "organisation", "aim"]
    search_fields = ["name"]
    fields = ["name", "organisation", "aim"]


class VersionInline(KawalInline):
    """The texts of a module; they are written and made final on their page."""

    model = ModuleVersion
    editors = None
    may_add = False
    fields = [("number", "state", "final_at"), "changes"]
    readonly_fields = ["number", "state", "final_at", "changes"]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("text")


@admin.register(Module, site=site)
class ModuleAdmin(OfOrganisation):
    """Modules with owner and target; overdue ones stand on the page of the modules."""

    list_display = ["title", "abbreviation", "organisation", "owner", "target_on", "is_retired"]
    list_filter = ["is_retired"]
    search_fields = ["title", "abbreviation"]
    search_help_text = gettext_lazy("Title or abbreviation")
    autocomplete_fields = ["organisation", "owner", "topics"]
    fields = [
        ("title", "abbreviation"),
        "summary",
        "organisation",
        ("owner", "target_on"),
        "topics",
        "sectors",
        "is_retired",
    ]
    inlines = [VersionInline]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("owner")


class PartInline(KawalInline):
    """What belongs into the package, in order; without a module it is shown as missing."""

    model = PackagePart
    can_delete = True
    fields = [("position", "title", "module")]

    def has_delete_permission(self, request, obj=None):
        return self.has_change_permission(request, obj)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "module":
            kwargs["queryset"] = Module.objects.filter(is_retired=False)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(ModulePackage, site=site)
class ModulePackageAdmin(OfOrganisation):
    """Packages of modules, such as Hak-Hak Dasar Pekerja."""

    list_display = ["title", "organisation", "summary"]
    search_fields = ["title"]
    fields = ["title", "organisation", "summary"]
    inlines = [PartInline]


@admin.register(TrainingPlan, site=site)
class TrainingPlanAdmin(OfOrganisation):
    """How many trainings are planned for a sector in a year; the figures set it against what was held."""

    list_display = ["organisation", "year", "sector", "planned"]
    list_filter = ["year"]
    fields = ["organisation", "year", "sector", "planned"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("sector")


@admin.register(Topic, site=site)
class TopicAdmin(KawalAdmin):
    """Topics; they are also made by typing them."""

    editors = "system"
    list_display = ["name"]
    search_fields = ["name"]
