"""People: their accounts, offices and invitations. No password is ever set or seen here (TRUST R9)."""

from datetime import timedelta

from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q
from django.http import Http404
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from members.admin.base import KawalAdmin
from members.admin.organisations import AppointmentInline
from members.admin.site import site
from members.forms.widgets import DayInput
from members.models import PLEDGE_VERSION, AccessLog, Appointment, Invitation, User
from members.rules.roles import Role
from members.rules.words import moment
from members.services import access, accounts, administration, invitations, offboarding


class OffboardForm(forms.Form):
    """The last day, and whether the account is closed as well."""

    last_day = forms.DateField(
        label=gettext_lazy("Last day"),
        widget=DayInput,
        help_text=gettext_lazy("Yesterday: it is over from now on."),
    )
    close_account = forms.BooleanField(
        label=gettext_lazy("Close the account as well"),
        required=False,
        initial=True,
        help_text=gettext_lazy("Only where this person serves nowhere else. It can be opened again."),
    )


class OfficeInline(AppointmentInline):
    """The offices of this person that lie in the administrator's reach."""

    fields = [("role", "organisation", "title"), ("from_on", "until_on", "region")]
    autocomplete_fields = ["organisation", "region"]
    fk_name = "user"
    verbose_name_plural = gettext_lazy("Offices: where this person serves")


class RoleFilter(admin.SimpleListFilter):
    """By a role held today."""

    title = gettext_lazy("role today")
    parameter_name = "peran"

    def lookups(self, request, model_admin):
        return [*Role.choices, ("none", _("No role today"))]

    def queryset(self, request, queryset):
        held = Appointment.objects.live().filter(user=OuterRef("pk"))
        if self.value() == "none":
            return queryset.filter(~Exists(held))
        return queryset.filter(Exists(held.filter(role=self.value()))) if self.value() in Role.values else queryset


#: The acts on an account: address, service, and the words of the page that asks first.
ACTS = {
    "tutup": (
        accounts.deactivate,
        gettext_lazy("Close the account"),
        gettext_lazy("This person is signed out everywhere at once and cannot sign in. You can open it again."),
        gettext_lazy("The account is closed."),
    ),
    "buka": (
        accounts.reactivate,
        gettext_lazy("Open the account again"),
        gettext_lazy("This person can sign in again, with the offices that still run."),
        gettext_lazy("The account is open again."),
    ),
    "lepas-pengaman": (
        accounts.reset_second_factor,
        gettext_lazy("Reset the second factor"),
        gettext_lazy(
            "For a lost phone. First make sure, by voice, that it is really this person. "
            "Keys and codes are taken away, all devices signed out."
        ),
        gettext_lazy("Done. At the next sign-in a new factor is set up."),
    ),
    "jadikan-admin-sistem": (
        accounts.make_system_admin,
        gettext_lazy("Make system admin"),
        gettext_lazy("This person then runs every organisation and account, and reads the access log. No case opens."),
        gettext_lazy("Done. This person is a system admin now."),
    ),
    "cabut-admin-sistem": (
        accounts.unmake_system_admin,
        gettext_lazy("No longer system admin"),
        gettext_lazy("This person keeps only the offices of the list below."),
        gettext_lazy("Done. This person is no system admin any more."),
    ),
}


def acts_on(user: User, admin_user: User) -> list[str]:
    """Which of the acts make sense on this account, for this administrator."""
    if not administration.answers_for(admin_user, user):
        return []
    possible = {
        "tutup": user.is_active,
        "buka": not user.is_active,
        "lepas-pengaman": accounts.has_second_factor(user),
        "jadikan-admin-sistem": admin_user.is_superuser and user.is_active and not user.is_superuser,
        "cabut-admin-sistem": admin_user.is_superuser and user.is_superuser,
    }
    return [act for act, is_possible in possible.items() if is_possible]


@admin.register(User, site=site)
class UserAdmin(KawalAdmin):
    """Accounts within reach. A new one comes from an invitation."""

    asks_again = True
    may_add = False
    list_display = ["full_name", "username", "roles_today", "last_seen", "protected", "pledged", "is_active"]
    list_filter = [RoleFilter, "is_active", "is_resting"]
    search_fields = ["full_name", "username", "email"]
    search_help_text = gettext_lazy("Name, user name or e-mail")
    ordering = ["full_name"]
    inlines = [OfficeInline]
    actions = ["deactivate_chosen"]
    change_form_template = "admin/members/user/change_form.html"
    change_list_template = "admin/members/user/change_list.html"

    def scope(self, request, queryset):
        return queryset.filter(pk__in=administration.users_of(request.user).values("pk"))

    def get_queryset(self, request):
        factor = Authenticator.objects.filter(
            user=OuterRef("pk"), type__in=[Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
        )
        return super().get_queryset(request).annotate(has_factor=Exists(factor)).prefetch_related("appointments")

    def get_fieldsets(self, request, obj=None):
        return [
            (None, {"fields": ["full_name", "username", "email", "whatsapp"]}),
            (_("Work"), {"fields": ["zone", "is_resting"]}),
            (_("Account"), {"fields": ["is_active", "protected", "pledged", "last_login", "date_joined"]}),
        ]

    def get_readonly_fields(self, request, obj=None):
        fixed = ["username", "whatsapp", "is_active", "protected", "pledged", "last_login", "date_joined"]
        # Whoever moves an account to another mailbox can take it over: the owner does it, or a system admin.
        return fixed if request.user.is_superuser and obj and obj.pk != request.user.pk else ["email", *fixed]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        user = self.get_object_or_404(request, object_id)
        if request.method == "GET":
            self._log(request, user, "looked at")
        acts = acts_on(user, request.user)
        links = [(reverse("admin:members_user_act", args=[user.pk, act]), ACTS[act][1]) for act in acts]
        if offboarding.may_leave(user, by=request.user):
            links.insert(0, (reverse("admin:members_user_leave", args=[user.pk]), _("This person stops")))
        extra = {"acts": links}
        return super().change_view(request, object_id, form_url, {**extra, **(extra_context or {})})

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if "email" in form.changed_data:
            accounts.forget_former_addresses(obj)
            accounts.end_sessions(obj)
        self._log(request, obj, "changed")

    def get_urls(self):
        act = path(
            "<int:object_id>/akun/<slug:act>/", self.admin_site.admin_view(self.act_view), name="members_user_act"
        )
        leave = path(
            "<int:object_id>/berhenti/", self.admin_site.admin_view(self.leave_view), name="members_user_leave"
        )
        return [act, leave, *super().get_urls()]

    def leave_view(self, request, object_id):
        """Somebody stops: offices, devices, account and the word to the coordinators, on one page."""
        user = self.get_object_or_404(request, object_id)
        if not offboarding.may_leave(user, by=request.user):
            raise Http404
        back = reverse("admin:members_user_change", args=[user.pk])
        initial = {"last_day": timezone.localdate() - timedelta(days=1)}
        form = OffboardForm(request.POST or None, initial=initial)
        if request.method == "POST":
            self.ask_again(request)
            if form.is_valid() and self._leave(request, user, form):
                return redirect(back)
        return self.page(
            request, "admin/offboard.html", _("%(name)s stops") % {"name": user}, user, form=form, back=back,
            offices=offboarding.offices_of(user, by=request.user),
            coordinates=Role.COORDINATOR in request.user.live_roles,
        )  # fmt: skip

    def _leave(self, request, user, form) -> bool:
        try:
            left = offboarding.leave(
                user=user, by=request.user, address=request.META["REMOTE_ADDR"], **form.cleaned_data
            )
        except ValidationError as refusal:
            form.add_error(None, refusal)
            return False
        self.log_change(request, user, "left")
        done = ngettext("%(count)d office has ended.", "%(count)d offices have ended.", left.offices)
        messages.success(request, done % {"count": left.offices})
        if form.cleaned_data["close_account"] and not left.is_closed:
            messages.warning(request, _("The account stays open: this person also serves elsewhere."))
        if not left.told:
            messages.warning(request, _("No coordinator was found to move the cases. Appoint one."))
        return True

    def act_view(self, request, object_id, act):
        """Ask once, then close or open the account, or reset its second factor."""
        user = self.get_object_or_404(request, object_id)
        if act not in acts_on(user, request.user):
            raise Http404
        service, title, text, done = ACTS[act]
        back = reverse("admin:members_user_change", args=[user.pk])
        if request.method == "POST":
            self.ask_again(request)
            service(user=user, by=request.user, address=request.META["REMOTE_ADDR"])
            self.log_change(request, user, str(title))
            messages.success(request, done)
            return redirect(back)
        return self.page(request, "admin/confirm.html", title, user, text=text, act=title, back=back)

    @admin.action(description=gettext_lazy("Close the chosen accounts"), permissions=["change"])
    def deactivate_chosen(self, request, queryset):
        users = list(queryset.filter(is_active=True))
        if users and "sure" not in request.POST:
            act, text = ACTS["tutup"][1:3]
            return self.confirm_chosen(request, users, act=act, text=text)
        self.ask_again(request)
        closed, refused = 0, 0
        for user in users:
            try:
                accounts.deactivate(user=user, by=request.user, address=request.META["REMOTE_ADDR"])
            except ValidationError:
                refused += 1
            else:
                self.log_change(request, user, "Close the account")
                closed += 1
        if closed:
            text = ngettext("%(count)d account is closed.", "%(count)d accounts are closed.", closed)
            messages.success(request, text % {"count": closed})
        if refused:
            text = ngettext(
                "%(count)d account is not yours to close.", "%(count)d accounts are not yours to close.", refused
            )
            messages.warning(request, text % {"count": refused})
        return None

    def get_actions(self, request):
        return {name: row for name, row in super().get_actions(request).items() if name != "delete_selected"}

    def _log(self, request, user, reason):
        access.record(
            AccessLog.Action.ADMIN_VIEW, by=request.user, kind="user", uuid=user.uuid, reason=reason,
            address=request.META["REMOTE_ADDR"],
        )  # fmt: skip

    @admin.display(description=gettext_lazy("roles today"))
    def roles_today(self, obj):
        today = timezone.localdate()
        live = {
            row.get_role_display()
            for row in obj.appointments.all()
            if row.from_on <= today and (row.until_on is None or row.until_on >= today)
        }
        return ", ".join(sorted(live)) or "–"

    @admin.display(description=gettext_lazy("last signed in"), ordering="last_login")
    def last_seen(self, obj):
        return timezone.localdate(obj.last_login) if obj.last_login else "–"

    @admin.display(description=gettext_lazy("second factor"), boolean=True)
    def protected(self, obj):
        return obj.has_factor

    @admin.display(description=gettext_lazy("pledge"), boolean=True)
    def pledged(self, obj):
        return obj.pledge_version == PLEDGE_VERSION


class StateFilter(admin.SimpleListFilter):
    """Waiting, accepted or over."""

    title = gettext_lazy("state")
    parameter_name = "keadaan"

    def lookups(self, request, model_admin):
        return [("open", _("Waiting")), ("accepted", _("Accepted")), ("over", _("Over"))]

    def queryset(self, request, queryset):
        now = timezone.now()
        conditions = {
            "open": Q(accepted_at__isnull=True, expires_at__gt=now),
            "accepted": Q(accepted_at__isnull=False),
            "over": Q(accepted_at__isnull=True, expires_at__lte=now),
        }
        return queryset.filter(conditions.get(self.value() or "", Q()))


class InvitationForm(forms.ModelForm):
    """Refuses what the service would refuse, beside the form."""

    by: User

    def clean(self):
        cleaned = super().clean() or {}
        if not self.errors and "organisation" in cleaned:
            try:
                invitations.check(email=cleaned["email"], organisation=cleaned["organisation"], by=self.by)
            except ValidationError as refusal:
                self.add_error(None, refusal)
        return cleaned


@admin.register(Invitation, site=site)
class InvitationAdmin(KawalAdmin):
    """Who was invited to which office; the link is mailed, and shown once for WhatsApp."""

    asks_again = True
    form = InvitationForm
    list_display = ["email", "full_name", "role", "organisation", "state", "invited_by", "invited_at"]
    list_filter = [StateFilter, "role"]
    search_fields = ["email", "full_name"]
    autocomplete_fields = ["organisation"]
    given = ("full_name", "email", "role", "organisation", "until_on")
    change_form_template = "admin/members/invitation/change_form.html"

    def scope(self, request, queryset):
        return queryset.filter(organisation__in=administration.organisations_of(request.user))

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("organisation__region", "invited_by")

    def has_change_permission(self, request, obj=None):
        return obj is None and super().has_change_permission(request)

    def get_fields(self, request, obj=None):
        more = ["state", "invited_by", "invited_at", "expires_at", "accepted_at"] if obj else []
        return [*self.given, *more]

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change, **kwargs)
        form.by = request.user  # type: ignore[attr-defined]
        return form

    def save_model(self, request, obj, form, change):
        given = {name: form.cleaned_data[name] for name in self.given}
        made, token = invitations.invite(by=request.user, **given)
        obj.pk, obj.uuid = made.pk, made.uuid
        self._keep_link(request, made, token)

    def response_add(self, request, obj, post_url_continue=None):
        return redirect("admin:members_invitation_link", obj.pk)

    def _keep_link(self, request, invitation, token):
        sent = invitations.send(invitation, token)
        request.session["invitation_link"] = {"pk": invitation.pk, "link": invitations.link(token), "sent": sent}

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("<int:object_id>/tautan/", view(self.link_view), name="members_invitation_link"),
            path("<int:object_id>/kirim-ulang/", view(self.renew_view), name="members_invitation_renew"),
            path("<int:object_id>/tarik/", view(self.withdraw_view), name="members_invitation_withdraw"),
            *super().get_urls(),
        ]

    def link_view(self, request, object_id):
        """The link, once: a second look shows that it is gone."""
        invitation = self.get_object_or_404(request, object_id)
        kept = request.session.pop("invitation_link", None)
        if not kept or kept["pk"] != invitation.pk:
            return redirect("admin:members_invitation_change", invitation.pk)
        return self.page(request, "admin/invitation_link.html", _("Invitation made"), invitation, **kept)

    def renew_view(self, request, object_id):
        invitation = self._open(request, object_id)
        if request.method != "POST":
            return redirect("admin:members_invitation_change", invitation.pk)
        self.ask_again(request)
        try:
            token = invitations.renew(invitation=invitation, by=request.user)
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
            return redirect("admin:members_invitation_change", invitation.pk)
        self._keep_link(request, invitation, token)
        self.log_change(request, invitation, "new link")
        return redirect("admin:members_invitation_link", invitation.pk)

    def withdraw_view(self, request, object_id):
        invitation = self._open(request, object_id)
        if request.method == "POST":
            invitations.withdraw(invitation=invitation)
            self.log_change(request, invitation, "withdrawn")
            messages.success(request, _("The link no longer works."))
        return redirect("admin:members_invitation_change", invitation.pk)

    def _open(self, request, object_id):
        invitation = self.get_object_or_404(request, object_id)
        if invitation.accepted_at or not super().has_change_permission(request):
            raise Http404
        return invitation

    @admin.display(description=gettext_lazy("invited at"), ordering="created_at")
    def invited_at(self, obj):
        return moment(obj.created_at, obj.organisation.zone)

    @admin.display(description=gettext_lazy("state"))
    def state(self, obj):
        if obj.accepted_at:
            return _("Accepted")
        return _("Waiting") if obj.expires_at > timezone.now() else _("Over")
