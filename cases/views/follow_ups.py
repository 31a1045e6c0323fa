"""Set, finish, keep quiet about, change and cancel something to do."""

from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cases.forms.follow_up import CancelForm, FinishForm, FollowUpEditForm, FollowUpForm, SnoozeForm
from cases.forms.merging import seen_marks
from cases.models import Case, Event
from cases.rules.codes import EventCode, FollowUpKind, FollowUpState
from cases.rules.errors import Refused
from cases.services import follow_ups
from cases.views.case_form import CaseFormPage, case_url, say_refused
from cases.views.gate import follow_up_or_404
from cases.views.merging import MergingPage
from members.rules import words
from members.rules.roles import Permission

PLANS = "rencana"


def every_words(days: int | None) -> str:
    """ "setiap 14 hari"; nothing for what comes once."""
    return ngettext("every %(days)s day", "every %(days)s days", days) % {"days": days} if days else ""


def back_from(request, case: Case) -> str:
    """After a button: the page it stood on (home, a list), else the plans of the case."""
    came_from = request.META.get("HTTP_REFERER", "")
    if url_has_allowed_host_and_scheme(came_from, allowed_hosts={request.get_host()}):
        path = urlsplit(came_from).path
        if not path.startswith(("/tindak-lanjut/", f"/kasus/{case.uuid}/")):
            return came_from
    return case_url(case, PLANS)


class FollowUpAdd(CaseFormPage):
    """Plan something to do."""

    form_class = FollowUpForm
    template_name = "cases/follow_up_add.html"
    anchor = PLANS

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "case": self.case, "user": self.request.user, "now": self.now}

    def save(self, form):
        given = form.cleaned_data
        follow_ups.schedule(
            case=self.case,
            title=given["title"],
            due_at=form.due_at,
            due_is_day=form.due_is_day,
            owner=form.whose,
            kind=given["kind"],
            repeat_days=given["repeat_days"],
            by=self.request.user,
            now=self.now,
            submit_key=given["submit_key"],
        )
        messages.success(self.request, _("Planned. We remind whoever does it."))


class OfFollowUp(CaseFormPage):
    """A page about one thing to do."""

    anchor = PLANS

    def find_case(self) -> Case:
        self.follow_up = follow_up_or_404(self.request, self.kwargs["uuid"], self.permission)
        return self.follow_up.case

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "follow_up": self.follow_up, "now": self.now}

    def get_context_data(self, **kwargs):
        return super().get_context_data(follow_up=self.follow_up, **kwargs)


class FollowUpFinish(OfFollowUp):
    """Done. A bare POST (one tap) is enough; the page asks what came of it and what comes next."""

    form_class = FinishForm
    template_name = "cases/follow_up_finish.html"

    def save(self, form):
        given, user = form.cleaned_data, self.request.user
        with transaction.atomic():
            follow_ups.finish(follow_up=self.follow_up, by=user, note=given["note"], now=self.now)
            if given["title"]:
                follow_ups.schedule(
                    case=self.case,
                    title=given["title"],
                    due_at=form.due_at,
                    due_is_day=form.due_is_day,
                    owner=self.follow_up.owner or user,
                    by=user,
                    now=self.now,
                    submit_key=given["submit_key"],
                )
        words_ = _("Done: %(what)s") % {"what": self.follow_up.title}
        undo = reverse("cases:follow-up-undo", args=[self.follow_up.uuid])
        messages.success(self.request, words_, extra_tags=f"undo {undo}")

    def get_success_url(self):
        return back_from(self.request, self.case)


@require_POST
def undo(request, uuid):
    """Take a finish or a cancel back."""
    follow_up = follow_up_or_404(request, uuid, Permission.CASE_WORK)
    try:
        follow_ups.undo_finish(follow_up=follow_up, by=request.user)
        messages.success(request, _("Taken back: %(what)s is open again.") % {"what": follow_up.title})
    except Refused as refused:
        say_refused(request, refused)
    return redirect(back_from(request, follow_up.case))


class FollowUpSnooze(OfFollowUp):
    """Keep quiet until a moment: one tap on the case page, or a moment of one's own."""

    form_class = SnoozeForm
    template_name = "cases/follow_up_snooze.html"

    def save(self, form):
        follow_up = follow_ups.snooze(follow_up=self.follow_up, until=form.due_at, by=self.request.user, now=self.now)
        until = words.moment(follow_up.snoozed_until, self.case.zone, get_language())
        messages.success(self.request, _("Quiet until %(until)s.") % {"until": until})


class FollowUpCancel(OfFollowUp):
    """No longer needed, with the reason."""

    form_class = CancelForm
    template_name = "cases/follow_up_cancel.html"

    def get_form_kwargs(self):
        kwargs = super().get_form_kwargs()
        del kwargs["follow_up"], kwargs["now"]
        return kwargs

    def save(self, form):
        follow_ups.cancel(follow_up=self.follow_up, by=self.request.user, note=form.cleaned_data["note"], now=self.now)
        undo_url = reverse("cases:follow-up-undo", args=[self.follow_up.uuid])
        text = _("Cancelled: %(what)s") % {"what": self.follow_up.title}
        messages.success(self.request, text, extra_tags=f"undo {undo_url}")


class FollowUpEdit(MergingPage, OfFollowUp):
    """Move it, give it to somebody, reword it."""

    form_class = FollowUpEditForm
    template_name = "cases/follow_up_edit.html"

    def get_initial(self):
        current = self.values_now()
        due_at, is_day = current["due"]
        there = due_at.astimezone(ZoneInfo(self.follow_up.zone))
        return {
            **current,
            "day": there.date(),
            "hour": None if is_day else there.time().replace(second=0, microsecond=0),
            "seen": seen_marks(current),
        }

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "user": self.request.user}

    def values_now(self):
        self.follow_up = follow_up_or_404(self.request, self.kwargs["uuid"], self.permission)
        row = self.follow_up
        return {
            "title": row.title,
            "due": (row.due_at, row.due_is_day),
            "owner": str(row.owner.uuid) if row.owner else "desk",
            "kind": row.kind,
            "repeat_days": row.repeat_days,
        }

    def typed(self, form):
        given = form.cleaned_data
        return {
            "title": given["title"],
            "due": (form.due_at, form.due_is_day),
            "owner": given["owner"],
            "kind": given["kind"],
            "repeat_days": given["repeat_days"],
        }

    def label(self, form, name):
        return _("By when?") if name == "due" else super().label(form, name)

    def said(self, name, value):
        if name == "due":
            at, is_day = value
            say = words.due_day if is_day else words.moment
            return say(at, self.case.zone, get_language())
        if name == "owner":
            return dict(self.get_form().fields["owner"].choices).get(value, "")
        if name == "repeat_days":
            return every_words(value) or _("once")
        return str(FollowUpKind(value).label) if name == "kind" else value

    def store(self, form, changes):
        row = self.follow_up
        due_at, due_is_day = changes.get("due", (row.due_at, row.due_is_day))
        follow_ups.move(
            follow_up=row,
            due_at=due_at,
            due_is_day=due_is_day,
            title=changes.get("title"),
            owner=form.whose if "owner" in changes else follow_ups.KEEP,
            kind=changes.get("kind"),
            repeat_days=changes.get("repeat_days", follow_ups.KEEP),
            version=row.version,
            by=self.request.user,
            now=self.now,
        )

    def last_saved(self) -> Event | None:
        rows = self.case.events.filter(type__code=EventCode.FOLLOW_UP_MOVED, data__follow_up=str(self.follow_up.uuid))
        return rows.select_related("logged_by").order_by("-pk").first()

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            is_open_plan=self.follow_up.state == FollowUpState.OPEN,
            told=self.case.events.filter(data__follow_up=str(self.follow_up.uuid))
            .select_related("type", "logged_by")
            .order_by("-pk")[:10],
            **kwargs,
        )
