"""The admin at /kelola/: for whoever runs organisations today, by a live appointment or as system admin."""

from functools import update_wrapper

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

from members.services import administration

#: Addresses of Django's site that have a page of ours, or none here.
NOT_OURS = frozenset({"view_on_site"})
#: How the first page is laid out: a heading and its tables, by model name.
GROUPS = (
    (
        _("People and organisations"),
        ("Organisation", "User", "Invitation", "OrganisationKind", "Sector", "Vulnerability"),
    ),
    (_("Facilities and regions"), ("Body", "BodyKind", "Region")),
    (
        _("Gatherings and modules"),
        ("Gathering", "GatheringSeries", "Module", "ModulePackage", "TrainingPlan", "Topic"),
    ),
    (_("Catalogue of cases"), ("ProblemType", "ProblemFamily", "EventType", "Outcome", "EmergencyLine", "RedFlag")),
    (
        _("Law and practice"),
        (
            "Rule",
            "Holiday",
            "LocalScheme",
            "ContactChannel",
            "Ladder",
            "Playbook",
            "Route",
            "Checklist",
            "PaperType",
            "Programme",
            "Segment",
            "MembershipState",
            "FineTerm",
        ),
    ),
    (_("Traces"), ("AccessLog", "Message")),
)


class Autocomplete(AutocompleteJsonView):
    """Says of an organisation its whole name and parent, so that KSPN is not taken for SPN."""

    def serialize_result(self, obj, to_field_name):
        return super().serialize_result(obj, to_field_name) | {"text": getattr(obj, "long_name", str(obj))}


class KawalAdminSite(AdminSite):
    """What is not yours is a 404 here too; is_staff, groups and permissions of Django say nothing."""

    site_header = site_title = "Kawal"
    index_title = _("Organisations and accounts")
    final_catch_all_view = True

    def has_permission(self, request):
        return administration.may_administer(request.user)

    def admin_view(self, view, cacheable=False):
        inner = super().admin_view(view, cacheable)

        def guarded(request, *args, **kwargs):
            if request.user.is_authenticated and not self.has_permission(request):
                raise Http404
            try:
                return inner(request, *args, **kwargs)
            except PermissionDenied:
                raise Http404 from None

        return update_wrapper(guarded, inner)

    def autocomplete_view(self, request):
        return Autocomplete.as_view(admin_site=self)(request)

    def get_urls(self):
        return [url for url in super().get_urls() if getattr(url, "name", None) not in NOT_OURS]

    @method_decorator(login_not_required)
    def login(self, request, extra_context=None):
        if request.user.is_authenticated:
            raise Http404
        return redirect_to_login(request.GET.get("next", "/kelola/"), settings.LOGIN_URL)

    def logout(self, request, extra_context=None):
        return redirect("account_logout")

    def password_change(self, request, extra_context=None):
        return redirect("account_change_password")

    def password_change_done(self, request, extra_context=None):
        return redirect("members:profile")

    def get_app_list(self, request, app_label=None):
        apps = super().get_app_list(request, app_label)
        if app_label:
            return apps
        known = {model["object_name"]: model for app in apps for model in app["models"]}
        if "Message" in known:
            known["Message"]["name"] = _("Messages that did not arrive")
        groups = []
        for number, (name, models) in enumerate(GROUPS):
            found = [known[model] for model in models if model in known]
            if found:
                groups.append(
                    {
                        "name": name,
                        "app_label": f"group-{number}",
                        "app_url": "",
                        "has_module_perms": True,
                        "models": found,
                    }
                )
        return groups


site = KawalAdminSite(name="admin")
