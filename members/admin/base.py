"""What every page of the admin shares: the reach of its reader, 404 for the rest, history, and no inline script."""

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django import forms
from django.contrib import admin
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.paginator import Paginator
from django.db import models
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from members.forms.json import JSONField
from members.forms.profile import HourInput
from members.forms.widgets import DayInput
from members.models import Body, Organisation, User
from members.services import administration

#: Which rows of these tables an administrator may choose.
CHOICES = {
    Organisation: lambda admin_user: administration.organisations_of(admin_user).filter(is_active=True),
    Body: lambda _admin_user: Body.objects.filter(merged_into=None),
    User: lambda admin_user: administration.users_of(admin_user).filter(is_active=True),
}
#: Of these fields the history says that they changed, not what they were.
UNTOLD = frozenset({"whatsapp", "pledge_version", "pledge_at"})
#: Scripts that write a slug from a name, half of what Django's admin weighs.
PREPOPULATING = ("urlify.js", "prepopulate.js", "xregexp.js", "xregexp.min.js")


#: More than this is not looked for: databases break on endless patterns.
LONGEST_SEARCH = 100


def is_key(text: str) -> bool:
    """Whether a text may be the key of a row."""
    return text.isascii() and text.isdigit() and len(text) < 19


class KeysOnly:
    """Reads what a choice of rows sends and leaves out what can be no key: Django's widgets look it up unchecked."""

    def __init__(self, widget):
        self.read = widget.value_from_datadict

    def __call__(self, data, files, name):
        value = self.read(data, files, name)
        if isinstance(value, list):
            return [key for key in value if is_key(key)]
        return value if value and is_key(value) else None


class Reach(BaseModelAdmin):
    """Permissions from live appointments: ``viewers`` and ``editors`` are "admins", "system" (superusers) or None."""

    viewers: str | None = "admins"
    editors: str | None = "admins"
    may_add = True
    formfield_overrides = {
        models.DateField: {"widget": DayInput},
        models.TimeField: {"widget": HourInput},
        models.JSONField: {"form_class": JSONField},
    }

    def _is(self, kind, request) -> bool:
        if kind is None or not administration.may_administer(request.user):
            return False
        return kind == "admins" or request.user.is_superuser

    def has_view_permission(self, request, obj=None):
        return self._is(self.viewers, request)

    def has_change_permission(self, request, obj=None):
        return self._is(self.editors, request)

    def has_add_permission(self, request, obj=None):
        return self.may_add and self._is(self.editors, request)

    def has_delete_permission(self, request, obj=None):
        return False  # nothing is thrown away: it is switched off, ended or withdrawn

    def has_module_permission(self, request):
        return self._is(self.viewers, request)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        choices = CHOICES.get(db_field.remote_field.model)
        if choices and "queryset" not in kwargs:
            kwargs["queryset"] = choices(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        # No pop-up windows: a related row is made on its own page.
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        if isinstance(field, forms.ModelChoiceField):
            field.widget.value_from_datadict = KeysOnly(field.widget)
        return field


class KawalAdmin(Reach, admin.ModelAdmin):
    """A table in the admin. ``asks_again`` wants a proof of the last ten minutes before anything is saved (R11)."""

    list_per_page = 50
    list_max_show_all = 0
    save_on_top = False
    actions: list | None = None
    show_facets = admin.ShowFacets.NEVER
    empty_value_display = "–"
    asks_again = False

    @property
    def media(self):
        """Django's own, without the scripts that write one field from another: no form here has such a pair."""
        return forms.Media(js=[script for script in super().media._js if not script.endswith(PREPOPULATING)])

    def scope(self, request, queryset):
        """The rows this administrator reaches."""
        return queryset

    def get_queryset(self, request):
        return self.scope(request, super().get_queryset(request))

    def _get_obj_does_not_exist_redirect(self, request, opts, object_id):
        raise Http404

    def get_object_or_404(self, request, object_id):
        obj = self.get_object(request, unquote(str(object_id)))
        if obj is None:
            raise Http404
        return obj

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        if request.method == "POST":
            self.ask_again(request)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def changelist_view(self, request, extra_context=None):
        if not all(map(is_key, request.POST.getlist("_selected_action"))):
            raise Http404
        title = capfirst(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def get_search_results(self, request, queryset, search_term):
        return super().get_search_results(request, queryset, search_term[:LONGEST_SEARCH])

    def render_change_form(self, request, context, *args, **kwargs):
        context["has_history"] = hasattr(self.model, "history")
        if context.get("original"):
            context["title"], context["subtitle"] = str(context["original"]), None
        return super().render_change_form(request, context, *args, **kwargs)

    def ask_again(self, request):
        """Before a change of roles or access: the password or factor, unless it was shown a moment ago."""
        if self.asks_again:
            raise_if_reauthentication_required(request, app="members.admin")

    def page(self, request, template, title, obj, **context):
        """A page of our own inside the admin's frame."""
        context |= {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": obj,
            "title": title,
            "module_name": capfirst(self.opts.verbose_name_plural),
            "media": self.media,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, template, context)

    def confirm_chosen(self, request, rows, *, act, text):
        """Ask once before an act on chosen rows; the answer comes back to the same act with ``sure``."""
        context = {
            "rows": rows,
            "act": act,
            "text": text,
            "action": request.POST.get("action", ""),
            "back": reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"),
        }
        return self.page(request, "admin/confirm_chosen.html", act, None, **context)

    def history_view(self, request, object_id, extra_context=None):
        """Who changed what and when; read-only, and only of what this administrator reaches."""
        obj = self.get_object_or_404(request, object_id)
        if not self.has_view_permission(request, obj) or not hasattr(self.model, "history"):
            raise Http404
        rows = obj.history.select_related("history_user").order_by("-history_date", "-history_id")
        page = Paginator(rows, 50).get_page(request.GET.get("p"))
        return self.page(
            request, "admin/history.html", _("History: %(name)s") % {"name": obj}, obj, page_obj=page,
            rows=[(row, _changes(row, self.opts)) for row in page],
        )  # fmt: skip


def _changes(row, opts) -> list[dict]:
    """What differs from the row before, in words."""
    before = row.prev_record
    if before is None:
        return []
    found = []
    for change in row.diff_against(before, foreign_keys_are_objs=False).changes:
        field = opts.get_field(change.field)
        told = change.field not in UNTOLD
        found.append(
            {
                "field": capfirst(field.verbose_name),
                "told": told,
                "old": _words(field, change.old) if told else "",
                "new": _words(field, change.new) if told else "",
            }
        )
    return found


def _words(field, value) -> str:
    if value in (None, "", [], {}):
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if field.is_relation and not field.many_to_many:
        row = field.remote_field.model._base_manager.filter(pk=value).first()
        return str(row or value)
    return str(dict(field.flatchoices).get(value, value))[:200]


class ReadOnlyAdmin(KawalAdmin):
    """A table that is only looked at."""

    editors = None
    may_add = False


class KawalInline(Reach, admin.StackedInline):
    """Rows of another table on the page of this one."""

    #: Rows that one page takes at most, whatever number a request claims; beyond it the page says so.
    most = 500
    extra = 0
    can_delete = False
    show_change_link = False

    def get_formset(self, request, obj=None, **kwargs):
        return super().get_formset(request, obj, max_num=self.most, absolute_max=self.most, **kwargs)
