"""Organisations as trees, with their offices, and the rows they are described by."""

from typing import cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef, Q
from django.http import Http404
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from members.admin.base import KawalAdmin, KawalInline, KeysOnly, ReadOnlyAdmin, is_key
from members.admin.site import site
from members.forms.widgets import DayInput
from members.models import (
    Affiliation,
    Appointment,
    BoardTerm,
    Body,
    BodyKind,
    Office,
    Organisation,
    OrganisationKind,
    Region,
    Registration,
    Sector,
    User,
    Vulnerability,
)
from members.rules import terms
from members.services import administration, boards, merging, organisations, trees
from members.services.appointments import check_may_appoint


class AppointmentFormSet(forms.BaseInlineFormSet):
    """Offices may be given only where the admin runs things, and never to oneself."""

    by: User

    def clean(self):
        super().clean()
        for form in self.forms:
            if form.has_changed() and not form.errors and form.cleaned_data:
                self._check(form)

    def _check(self, form):
        given = form.cleaned_data
        user, organisation = given.get("user"), given.get("organisation")
        if isinstance(self.instance, Organisation):
            organisation = self.instance if self.instance.pk else organisation
        else:
            user = self.instance
        try:
            if organisation is not None and (organisation.pk or not isinstance(self.instance, Organisation)):
                check_may_appoint(user=user, organisation=organisation, by=self.by)
            elif user is not None and user.pk == self.by.pk:
                check_may_appoint(user=user, organisation=None, by=self.by)
        except ValidationError as refusal:
            form.add_error(None, refusal)


class AppointmentInline(KawalInline):
    """Who holds which office from when to when; it ends by itself, or when its last day is filled in."""

    model = Appointment
    formset = AppointmentFormSet
    fields = [("user", "role", "title"), ("from_on", "until_on", "region"), "looks_at"]
    autocomplete_fields = ["user", "region"]
    ordering = ["-from_on"]
    verbose_name_plural = gettext_lazy("Offices: who serves here")

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        formset.by = request.user  # type: ignore[attr-defined]
        return formset

    def get_queryset(self, request):
        reach = administration.organisations_of(request.user)
        return (
            super()
            .get_queryset(request)
            .filter(organisation__in=reach)
            .select_related("user", "organisation", "region")
        )


class AffiliationInline(KawalInline):
    """Under whom it stood, and since when. Moving writes here."""

    model = Affiliation
    fk_name = "organisation"
    editors = None
    may_add = False
    fields = [("parent", "from_on", "to_on", "source")]
    verbose_name_plural = gettext_lazy("Under whom it stood")


class BoardTermInline(KawalInline):
    """The periods of its board, each with its decree; the admins are told before the last one ends."""

    model = BoardTerm
    fields = [("name", "decree"), ("from_on", "until_on", "source")]
    verbose_name_plural = gettext_lazy("Board: terms and decrees")


class HolderInline(KawalInline):
    """Who holds which office; somebody new is a new row, so that old minutes keep their names."""

    model = Office
    fields = [("name", "title", "field"), ("from_on", "until_on"), ("is_spokesperson", "contact", "source")]
    verbose_name = gettext_lazy("office holder")
    verbose_name_plural = gettext_lazy("Office holders, past and present")


class RegistrationInline(KawalInline):
    """Where and when it was registered as a union."""

    model = Registration
    fields = [("number", "registered_on", "document"), ("office", "source")]
    autocomplete_fields = ["office"]
    verbose_name_plural = gettext_lazy("Registration at the manpower office")


class RegisteredFilter(admin.SimpleListFilter):
    """Units of the union line with no registration, or one that is not complete."""

    title = gettext_lazy("registered")
    parameter_name = "tercatat"

    def lookups(self, request, model_admin):
        return [("belum", _("Not registered")), ("kurang", _("Registration incomplete")), ("sudah", _("Registered"))]

    def queryset(self, request, queryset):
        rows = Registration.objects.filter(organisation=OuterRef("pk"))
        gaps = rows.filter(Q(number="") | Q(registered_on__isnull=True) | Q(office__isnull=True))
        match self.value():
            case "belum":
                union = queryset.filter(kind__line=OrganisationKind.Line.UNION, is_active=True)
                return union.exclude(kind__code__in=organisations.NEVER_REGISTERED).filter(~Exists(rows))
            case "kurang":
                return queryset.filter(Exists(gaps))
            case "sudah":
                return queryset.filter(Exists(rows))
        return queryset


class BoardFilter(admin.SimpleListFilter):
    """Boards whose term ends soon, has ended, or is not known."""

    title = gettext_lazy("board")
    parameter_name = "pengurus"

    def lookups(self, request, model_admin):
        return [("segera", _("Ends within 90 days")), ("lewat", _("Term is over")), ("kosong", _("No term known"))]

    def queryset(self, request, queryset):
        today = timezone.localdate()
        all_terms = BoardTerm.objects.filter(organisation=OuterRef("pk"))
        match self.value():
            case "segera":
                soon = boards.ending(today=today, days=terms.BOARD_DAYS[0])
                return queryset.filter(pk__in=soon.filter(until_on__gte=today).values("organisation"))
            case "lewat":
                return queryset.filter(Exists(all_terms), ~Exists(all_terms.on(today)))
            case "kosong":
                return queryset.filter(~Exists(all_terms))
        return queryset


class ProvinceFilter(admin.SimpleListFilter):
    """By province, counting its regencies and cities."""

    title = gettext_lazy("province")
    parameter_name = "provinsi"

    def lookups(self, request, model_admin):
        used = model_admin.get_queryset(request).exclude(region=None).order_by().values("region")
        provinces = Region.objects.filter(kind=Region.Kind.PROVINCE)
        provinces = provinces.filter(Q(pk__in=used) | Q(children__in=used)).distinct()
        return provinces.order_by("name").values_list("code", "name")

    def queryset(self, request, queryset):
        if not self.value():
            return queryset
        return queryset.filter(Q(region__code=self.value()) | Q(region__parent__code=self.value()))


class TreePaginator(Paginator):
    """The rows in the order of the tree, each with its ``level`` below the highest one that is shown."""

    def __init__(self, queryset, per_page, *args, **kwargs):
        rows = list(queryset)
        shown = {row.pk: row for row in rows}
        children: dict[int | None, list] = {}
        for row in rows:
            children.setdefault(row.parent_id if row.parent_id in shown else None, []).append(row)
        ordered, waiting = [], [(row, 0) for row in reversed(children.get(None, []))]
        while waiting:
            row, row.level = waiting.pop()
            ordered.append(row)
            waiting += [(child, row.level + 1) for child in reversed(children.get(row.pk, []))]
        super().__init__(ordered, per_page, *args, **kwargs)


class TreeChangeList(ChangeList):
    """Takes the rows from the paginator even when they fit on one page."""

    def get_results(self, request):
        super().get_results(request)
        if isinstance(self.paginator, TreePaginator) and self.result_list:
            self.result_list = self.paginator.page(self.page_num).object_list


class MoveForm(forms.Form):
    """Where an organisation goes, and since when."""

    parent = forms.ModelChoiceField(Organisation.objects.none(), label=gettext_lazy("New parent"), required=False)
    on = forms.DateField(label=gettext_lazy("Since"), widget=DayInput, initial=timezone.localdate)
    source = forms.CharField(
        label=gettext_lazy("Decided where"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("The decree or meeting, if you know it."),
    )

    def __init__(self, *args, organisation, by, **kwargs):
        super().__init__(*args, **kwargs)
        field = cast(forms.ModelChoiceField, self.fields["parent"])
        inside = Organisation.objects.below(organisation)
        field.queryset = administration.organisations_of(by).filter(is_active=True).exclude(pk__in=inside)
        field.widget = AutocompleteSelect(Organisation._meta.get_field("parent"), site)
        field.widget.choices = field.choices
        field.widget.value_from_datadict = KeysOnly(field.widget)
        field.required = not by.is_superuser
        if by.is_superuser:
            field.help_text = _("Empty: it stands on its own.")


class MergeForm(forms.Form):
    """Into which record this one goes."""

    into = forms.ModelChoiceField(Organisation.objects.none(), label=gettext_lazy("It is the same as"))

    def __init__(self, *args, organisation, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.organisation, self.by = organisation, by
        field = cast(forms.ModelChoiceField, self.fields["into"])
        field.queryset = administration.organisations_of(by).filter(merged_into=None).exclude(pk=organisation.pk)
        field.widget = AutocompleteSelect(Organisation._meta.get_field("parent"), site)
        field.widget.choices = field.choices
        field.widget.value_from_datadict = KeysOnly(field.widget)
        field.help_text = _("This record stays; its names and everything that hangs on the other one come to it.")

    def clean_into(self):
        into = self.cleaned_data["into"]
        merging.check(lost=self.organisation, kept=into, by=self.by)
        return into


class OrganisationForm(forms.ModelForm):
    """Names that look alike are shown before a new one is saved (PRACTICE S1.4)."""

    is_another = forms.BooleanField(label=gettext_lazy("I checked: it is none of these"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["is_another"].widget = forms.HiddenInput()

    def clean(self):
        cleaned = super().clean() or {}
        if not {"name", "abbreviation"} & set(self.changed_data) or not cleaned.get("name"):
            return cleaned
        alike = organisations.look_alikes(
            name=cleaned["name"], abbreviation=cleaned.get("abbreviation", ""), pk=self.instance.pk
        )
        if alike:
            self.fields["is_another"].widget = forms.CheckboxInput()
            if not cleaned.get("is_another"):
                words = [_("Is it one of these? Then do not add it again."), *(row.long_name for row in alike)]
                self.add_error("is_another", words)
        return cleaned


@admin.register(Organisation, site=site)
class OrganisationAdmin(KawalAdmin):
    """The union line and the advocacy line, as far down as this administrator reaches."""

    asks_again = True
    form = OrganisationForm
    list_display = ["name_in_tree", "kind", "place", "desk", "serving", "board_until"]
    actions = ["switch_off_chosen", "switch_on_chosen", "merge_chosen"]
    list_filter = [
        RegisteredFilter,
        BoardFilter,
        ("kind__line", admin.ChoicesFieldListFilter),
        ("kind", admin.RelatedOnlyFieldListFilter),
        ProvinceFilter,
        "is_desk",
        "is_active",
    ]
    search_fields = ["name", "abbreviation", "aliases"]
    search_help_text = gettext_lazy("Name, abbreviation or another name")
    autocomplete_fields = ["parent", "region", "body"]
    inlines = [BoardTermInline, HolderInline, RegistrationInline, AppointmentInline, AffiliationInline]
    ordering = ["kind__line", "kind__rank", "name"]
    change_form_template = "admin/members/organisation/change_form.html"

    def scope(self, request, queryset):
        return queryset.filter(pk__in=administration.organisations_of(request.user).values("pk"))

    def get_queryset(self, request):
        today = timezone.localdate()
        live = Q(appointments__from_on__lte=today) & (
            Q(appointments__until_on__isnull=True) | Q(appointments__until_on__gte=today)
        )
        counted = Count("appointments__user", filter=live, distinct=True)
        rows = super().get_queryset(request).select_related("kind", "region", "parent").prefetch_related("board_terms")
        return rows.annotate(people=counted)

    def get_changelist(self, request, **kwargs):
        return TreeChangeList

    def get_paginator(self, request, queryset, per_page, *args, **kwargs):
        in_list = request.resolver_match and request.resolver_match.url_name == "members_organisation_changelist"
        if in_list and not request.GET.get("o"):
            return TreePaginator(queryset, per_page, *args, **kwargs)
        return super().get_paginator(request, queryset, per_page, *args, **kwargs)

    def get_fieldsets(self, request, obj=None):
        names = ["name", "abbreviation", "aliases", "alias_note", "is_another"]
        place = ["kind", "region", "sector", "body"] if obj else ["kind", "parent", "region", "sector", "body"]
        return [
            (None, {"fields": names}),
            (_("Place"), {"fields": place}),
            (_("Work"), {"fields": ["is_desk", "is_active"]}),
            (_("Source"), {"fields": ["source"]}),
        ]

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change, **kwargs)
        if obj is None and "parent" in form.base_fields:
            # Only a system admin starts a new tree.
            form.base_fields["parent"].required = not request.user.is_superuser
        return form

    def get_inlines(self, request, obj):
        return self.inlines if obj else []

    def save_model(self, request, obj, form, change):
        if change:
            obj.save()
        else:
            trees.place(obj, parent=form.cleaned_data.get("parent"))

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("<path:object_id>/pindah/", view(self.move_view), name="members_organisation_move"),
            path("<path:object_id>/gabung/", view(self.merge_view), name="members_organisation_merge"),
            *super().get_urls(),
        ]

    def get_actions(self, request):
        return {name: row for name, row in super().get_actions(request).items() if name != "delete_selected"}

    def merge_view(self, request, object_id):
        """Two records of one organisation: choose, see what moves, then make them one."""
        lost = self.get_object_or_404(request, object_id)
        if not self.has_change_permission(request, lost) or lost.merged_into_id:
            raise Http404
        back = reverse("admin:members_organisation_change", args=[lost.pk])
        given = request.POST or ({"into": request.GET["ke"]} if is_key(request.GET.get("ke", "")) else None)
        form = MergeForm(given, organisation=lost, by=request.user)
        into = form.cleaned_data["into"] if form.is_bound and form.is_valid() else None
        if request.method == "POST" and into and "sure" in request.POST:
            self.ask_again(request)
            try:
                merging.merge(lost=lost, kept=into, by=request.user)
            except ValidationError as refusal:
                form.add_error(None, refusal)
            else:
                self.log_change(request, lost, f"merged into {into.pk}")
                self.log_change(request, into, f"merged with {lost.pk}")
                messages.success(request, _("The two are one now; nothing was lost."))
                return redirect("admin:members_organisation_change", into.pk)
        title = _("Merge %(name)s") % {"name": lost}
        return self.page(
            request, "admin/merge.html", title, lost, form=form, into=into, back=back,
            moves=merging.what_moves(lost) if into else [],
        )  # fmt: skip

    @admin.action(description=gettext_lazy("Merge two chosen"), permissions=["change"])
    def merge_chosen(self, request, queryset):
        chosen = list(queryset.order_by("pk")[:3])
        if len(chosen) != 2:
            messages.warning(request, _("Choose two."))
            return None
        kept, lost = chosen
        address = reverse("admin:members_organisation_merge", args=[lost.pk])
        return redirect(f"{address}?ke={kept.pk}")

    @admin.action(description=gettext_lazy("Switch off the chosen"), permissions=["change"])
    def switch_off_chosen(self, request, queryset):
        text = _("They can no longer be chosen. What belongs to them stays.")
        return self._switch(request, queryset.filter(is_active=True), False, _("Switch off"), text)

    @admin.action(description=gettext_lazy("Switch the chosen on again"), permissions=["change"])
    def switch_on_chosen(self, request, queryset):
        rows = queryset.filter(is_active=False, merged_into=None)
        return self._switch(request, rows, True, _("Switch on"), _("They can be chosen again."))

    def _switch(self, request, queryset, on, act, text):
        rows = list(queryset)
        if not rows:
            messages.warning(request, _("There is nothing to change."))
            return None
        if "sure" not in request.POST:
            return self.confirm_chosen(request, rows, act=act, text=text)
        self.ask_again(request)
        for row in rows:
            row.is_active = on
            row.save(update_fields=["is_active"])
            self.log_change(request, row, "switched on" if on else "switched off")
        done = ngettext("%(count)d organisation changed.", "%(count)d organisations changed.", len(rows))
        messages.success(request, done % {"count": len(rows)})
        return None

    def move_view(self, request, object_id):
        """Move with the whole subtree; the affiliation that ends stays in the history."""
        organisation = self.get_object_or_404(request, object_id)
        if not self.has_change_permission(request, organisation):
            raise Http404
        back = reverse("admin:members_organisation_change", args=[organisation.pk])
        form = MoveForm(request.POST or None, organisation=organisation, by=request.user)
        if request.method == "POST":
            self.ask_again(request)
            if form.is_valid():
                try:
                    self._move(request, organisation, form.cleaned_data)
                except ValidationError as refusal:
                    form.add_error(None, refusal)
                else:
                    return redirect(back)
        title = _("Move %(name)s") % {"name": organisation}
        return self.page(request, "admin/move.html", title, organisation, form=form, back=back)

    def _move(self, request, organisation, given):
        parent = given["parent"]
        trees.move(organisation, parent=parent, on=given["on"], source=given["source"])
        self.log_change(request, organisation, f"moved under {parent}" if parent else "moved out on its own")
        messages.success(request, _("%(name)s has moved, with everything below it.") % {"name": organisation})

    @admin.display(description=gettext_lazy("name"), ordering="name")
    def name_in_tree(self, obj):
        level = getattr(obj, "level", 0)
        words = f"{obj.name} ({obj.abbreviation})" if obj.abbreviation else obj.name
        if not obj.is_active:
            words = f"{words} · {_('merged') if obj.merged_into_id else _('switched off')}"
        return format_html('<span class="k-level-{}">{}</span>', min(level, 8), words)

    @admin.display(description=gettext_lazy("region"), ordering="region__name")
    def place(self, obj):
        return obj.region

    @admin.display(description=gettext_lazy("desk"), ordering="is_desk")
    def desk(self, obj):
        return _("desk") if obj.is_desk else ""

    @admin.display(description=gettext_lazy("board until"))
    def board_until(self, obj):
        days = [row.until_on for row in obj.board_terms.all() if row.until_on]
        return max(days) if days else None

    @admin.display(description=gettext_lazy("people"), ordering="people")
    def serving(self, obj):
        return obj.people


@admin.register(OrganisationKind, site=site)
class OrganisationKindAdmin(KawalAdmin):
    editors = "system"
    list_display = ["name", "line", "rank", "code"]
    list_filter = ["line"]
    search_fields = ["name", "name_en", "code"]


@admin.register(BodyKind, site=site)
class BodyKindAdmin(KawalAdmin):
    editors = "system"
    list_display = ["name", "is_facility", "code"]
    search_fields = ["name", "name_en", "code"]


@admin.register(Sector, site=site)
class SectorAdmin(KawalAdmin):
    editors = "system"
    list_display = ["name", "is_informal", "code"]
    search_fields = ["name", "name_en", "code"]


@admin.register(Vulnerability, site=site)
class VulnerabilityAdmin(KawalAdmin):
    editors = "system"
    list_display = ["name", "code"]
    search_fields = ["name", "name_en", "code"]


class CheckedFilter(admin.SimpleListFilter):
    """Places typed in a hurry wait for somebody to check them."""

    title = gettext_lazy("checked")
    parameter_name = "diperiksa"

    def lookups(self, request, model_admin):
        return [("belum", _("Not checked yet")), ("sudah", _("Checked"))]

    def queryset(self, request, queryset):
        match self.value():
            case "belum":
                return queryset.filter(verified_on__isnull=True)
            case "sudah":
                return queryset.filter(verified_on__isnull=False)
        return queryset


@admin.register(Body, site=site)
class BodyAdmin(KawalAdmin):
    """Hospitals, employers and offices: one list for all, whoever added the row."""

    inlines = [HolderInline]

    list_display = ["name", "what", "region", "phone", "verified_on"]
    list_filter = [("kinds", admin.RelatedOnlyFieldListFilter), CheckedFilter, ProvinceFilter]
    search_fields = ["name", "aliases"]
    autocomplete_fields = ["region", "parent"]
    fields = [
        *("name", "aliases", "kinds", "region", "parent"),
        *("address", "phone", "email", "website", "hours", "source", "verified_on"),
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("region").prefetch_related("kinds")

    def get_search_results(self, request, queryset, search_term):
        """The list and every choice leave out what was merged."""
        return super().get_search_results(request, queryset.filter(merged_into=None), search_term)

    def change_view(self, request, object_id, *args, **kwargs):
        """The record; a merged one is the one it became, its history stays where it is."""
        obj = self.get_object(request, unquote(object_id))
        if obj and obj.merged_into_id and self.has_view_permission(request, obj):
            return redirect("admin:members_body_change", obj.merged_into_id)
        return super().change_view(request, object_id, *args, **kwargs)

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        kwargs["widget"] = forms.CheckboxSelectMultiple
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    @admin.display(description=gettext_lazy("kinds"))
    def what(self, obj):
        return ", ".join(kind.name for kind in obj.kinds.all())


@admin.register(Region, site=site)
class RegionAdmin(ReadOnlyAdmin):
    list_display = ["name", "kind", "parent", "zone", "code"]
    list_filter = ["kind", "zone"]
    search_fields = ["name", "code"]
    ordering = ["name"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("parent")
