"""The lists beside the list of cases: to do, deadlines, facilities asked, papers needed. Page and file from one form."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise as LazyText
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.generic import TemplateView

from cases.forms import lists as forms
from cases.forms import made_lists
from cases.forms.texts import SubmitKey
from cases.models import Attempt, Case, CasePaper, Clock, FollowUp
from cases.reports import attempts, lists
from cases.reports.papers import LOOKS
from cases.rules.codes import FollowUpState
from cases.rules.errors import Refused
from cases.rules.printing import AT_ONCE
from cases.rules.registers import Answer, PaperState
from cases.views.gate import log
from cases.views.lists import Chip, said
from cases.views.printouts import ordered
from members.models import AccessLog
from members.reports.tables import FILES, Table, as_bytes
from members.rules import words
from members.views.sessions import sign_in_again, signed_in_of_late

PER_PAGE = 25


@dataclass(frozen=True)
class Act:
    """The next act of a row, as one round button."""

    url: str
    icon: str
    label: str
    is_post: bool = False


@dataclass(frozen=True)
class Line:
    """A row of a list: what it says and where it leads."""

    url: str
    title: str
    number: str
    note: str = ""
    badges: list[tuple[str, str, str]] = field(default_factory=list)
    due: Any = None
    urgency: str = ""
    act: Act | None = None


def number_of(case: Case) -> str:
    """How a list names a case: its number and initials."""
    return " · ".join(filter(None, [case.number, case.initials]))


def as_file(table: Table, kind: str, name: str) -> HttpResponse:
    """A table as the file asked for."""
    response = HttpResponse(as_bytes(table, kind), content_type=FILES[kind])
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


class ListPage(TemplateView):
    """A list with chips, one form of filters, and the same rows as a file."""

    template_name = "cases/register.html"
    form_class: type[forms.ListForm]
    #: What each chip is called, and what an empty list of it says.
    chips: dict[str, tuple[LazyText, LazyText]]
    title: LazyText
    #: The name of the file, without its ending: never of anybody.
    file_name = ""
    #: What is fetched with a row of the page.
    related: tuple[str, ...]
    line_of: Callable[[Any, Any, datetime], Line]

    def get(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        self.now = timezone.now()
        wanted = request.GET.get("berkas", "")
        return self.file(wanted) if wanted in FILES else super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        """Have a worker make the file of a list too long to be made at once; a short one has its links."""
        self.now = timezone.now()
        kind, rows = request.POST.get("berkas", ""), self.form.shown()
        if kind not in FILES or not made_lists.is_long(rows):
            return redirect(self.address())
        if not signed_in_of_late(request):
            return self._sign_in_again(self.address())
        key = SubmitKey(request.POST)
        try:
            row = made_lists.order(
                name=self.file_name,
                query=urlsplit(self.address()).query,
                file=kind,
                rows=rows,
                by=request.user,
                key=key.cleaned_data["submit_key"] if key.is_valid() else None,
            )
        except Refused as refused:
            messages.error(request, refused.message)
            return redirect(self.address())
        messages.info(request, _("The file is being made."))
        return ordered(row)

    def _sign_in_again(self, back: str) -> HttpResponse:
        why = _("A list leaves only shortly after signing in. Sign in again, then take it.")
        return sign_in_again(self.request, back, why)

    @cached_property
    def form(self) -> forms.ListForm:
        return self.form_class(self.request.GET, user=self.request.user, now=self.now)

    @cached_property
    def number(self) -> int:
        given = self.request.GET.get("halaman", "")
        return max(int(given), 1) if given.isascii() and given.isdigit() and len(given) < 5 else 1

    def address(self, **changes) -> str:
        """This address with other filters; a change of anything but the page goes back to the first page."""
        known = {*self.form.fields, "halaman"}
        query = {name: value for name, value in self.request.GET.items() if name in known}
        if "halaman" not in changes:
            query.pop("halaman", None)
        query.update({name: str(value) for name, value in changes.items()})
        wanted = urlencode({name: value for name, value in query.items() if value})
        return f"{self.request.path}?{wanted}" if wanted else self.request.path

    def page(self) -> tuple[list, bool]:
        """The rows of this page, and whether another follows."""
        first = (self.number - 1) * PER_PAGE
        found = list(self.form.shown().select_related(*self.related)[first : first + PER_PAGE + 1])
        return found[:PER_PAGE], len(found) > PER_PAGE

    def get_context_data(self, **kwargs):
        form, counts = self.form, self.form.counts()
        rows, has_next = self.page()
        label, empty = self.chips[form.view]
        return super().get_context_data(
            title=self.title,
            heading=label,
            filters=form,
            chips=[
                Chip(said_[0], self.address(lihat=key), said(counts[key]), key == form.view)
                for key, said_ in self.chips.items()
            ],
            rows=self.lines(rows),
            empty_title=_("Nothing fits this filter") if form.filters else empty,
            clear_url=self.address(**dict.fromkeys(form.fields.keys() - {"lihat", "urut"}, "")),
            files=[(self.address(berkas=kind), kind.upper()) for kind in FILES] if rows else [],
            by_worker=AT_ONCE if counts[form.view] > forms.CAP and made_lists.is_long(form.shown()) else 0,
            submit_key=SubmitKey()["submit_key"],
            previous_url=self.address(halaman=self.number - 1) if self.number > 1 else "",
            next_url=self.address(halaman=self.number + 1) if has_next else "",
            page_number=self.number,
            **kwargs,
        )

    def lines(self, rows: list) -> list:
        return [self.line_of(row, self.now) for row in rows]

    def file(self, kind: str) -> HttpResponse:
        """The same rows as a file, for who signed in of late (TRUST R11); it leaves a row in the access log."""
        if not signed_in_of_late(self.request):
            return self._sign_in_again(self.address(berkas=kind))
        shown = self.form.shown()
        if made_lists.is_long(shown):  # the page has a form for it: what makes something is no link
            return redirect(self.address())
        table = lists.table(shown, by=self.request.user, now=self.now)
        rows = list(table.rows)
        table = replace(table, rows=rows)
        log(self.request, AccessLog.Action.EXPORT, kind=self.file_name, hits=len(rows))
        return as_file(table, kind, f"{self.file_name}-{self.now:%Y%m%d}")


class FollowUps(ListPage):
    """What is to be done: mine, or of everybody whose cases I may open."""

    form_class = forms.FollowUpListForm
    title = gettext_lazy("Follow-ups")
    file_name = "tindak-lanjut"
    related = ("case__place", "owner")
    chips = {
        "": (pgettext_lazy("follow-ups", "Open"), gettext_lazy("Nothing is planned.")),
        "lewat": (gettext_lazy("Past due"), gettext_lazy("Nothing is past due.")),
        "hari-ini": (gettext_lazy("Today"), gettext_lazy("Nothing is due today.")),
        "pekan-ini": (gettext_lazy("Within a week"), gettext_lazy("Nothing is due within a week.")),
        "selesai": (pgettext_lazy("follow-ups", "Ended"), gettext_lazy("Nothing has ended yet.")),
    }

    def line_of(self, row: FollowUp, now: datetime) -> Line:
        is_open = row.state == FollowUpState.OPEN
        who = row.owner.get_short_name() if row.owner else _("the desk")
        ended = words.day(row.ended_at, row.zone) if row.ended_at else ""
        act = None
        if is_open and row.owner_id == self.request.user.pk:
            act = Act(reverse("cases:follow-up-finish", args=[row.uuid]), "check-lg", _("Done"), is_post=True)
        elif is_open:
            act = Act(reverse("cases:follow-up-snooze", args=[row.uuid]), "clock-history", _("Postpone"))
        return Line(
            url=reverse("cases:case-detail", args=[row.case.uuid]),
            title=row.title,
            number=number_of(row.case),
            note=" · ".join(filter(None, [who, str(row.get_kind_display()), ended])),
            badges=[] if is_open else [("selesai", str(row.get_state_display()), "check-square-fill")],
            due=row if is_open else None,
            urgency=row.case.urgency,
            act=act,
        )


class Clocks(ListPage):
    """Deadlines over all cases."""

    form_class = forms.ClockListForm
    title = gettext_lazy("Deadlines")
    file_name = "tenggat"
    related = ("case__assignee", "rule")
    chips = {
        "": (gettext_lazy("At risk or missed"), gettext_lazy("No deadline presses.")),
        "lewat": (pgettext_lazy("clocks", "Missed"), gettext_lazy("No deadline was missed.")),
        "berjalan": (pgettext_lazy("clocks", "All that run"), gettext_lazy("No deadline runs.")),
        "selesai": (pgettext_lazy("clocks", "Ended"), gettext_lazy("No deadline has ended yet.")),
    }

    def line_of(self, row: Clock, now: datetime) -> Line:
        is_open = row.state in {Clock.State.RUNNING, Clock.State.PAUSED}
        who = row.case.assignee.get_short_name() if row.case.assignee else _("no relawan yet")
        badges = [] if row.state == Clock.State.RUNNING else [("biasa", str(row.get_state_display()), "pause")]
        return Line(
            url=reverse("cases:case-detail", args=[row.case.uuid]) + "#tenggat",
            title=str(row.rule),
            number=number_of(row.case),
            note=f"{row.get_obliged_display()} · {who}",
            badges=badges,
            due=row if is_open else None,
            urgency=row.case.urgency,
        )


class Attempts(ListPage):
    """Facilities that were asked, over all cases, and what each of them answers."""

    template_name = "cases/attempt_list.html"
    form_class = forms.AttemptListForm
    title = gettext_lazy("Facilities asked")
    file_name = "faskes-ditanya"
    related = ("case", "body", "event")
    chips = {
        "": (gettext_lazy("All answers"), gettext_lazy("No facility was asked yet.")),
        "ditolak": (gettext_lazy("Full or refused"), gettext_lazy("No facility turned anybody away.")),
        "diterima": (pgettext_lazy("attempts", "Accepted"), gettext_lazy("No facility accepted anybody yet.")),
        "menunggu": (gettext_lazy("No clear answer"), gettext_lazy("Every facility gave a clear answer.")),
    }

    def get_context_data(self, **kwargs):
        rows = self.form.rows().filter(pk__in=self.form.shown().order_by().values("pk"))
        return super().get_context_data(facilities=attempts.per_facility(rows)[:10], **kwargs)

    def line_of(self, row: Attempt, now: datetime) -> Line:
        shown, answer = attempts.shown(row), Answer(row.answer)
        say = words.day if shown.on_day else words.moment
        return Line(
            url=reverse("cases:attempts", args=[row.case.uuid]),
            title=str(row.body or _("facility not named")),
            number=number_of(row.case),
            note=" · ".join(filter(None, [say(row.at, row.case.zone), row.reason])),
            badges=[(shown.state, str(answer.label), shown.icon)],
        )


class Papers(ListPage):
    """Papers that are missing, over all open cases."""

    form_class = forms.PaperListForm
    title = gettext_lazy("Papers needed")
    file_name = "berkas-perlu"
    related = ("case__assignee", "paper")
    chips = {
        "": (pgettext_lazy("papers", "Missing"), gettext_lazy("No paper is missing.")),
        "perlu": (gettext_lazy("Not asked for yet"), gettext_lazy("Every missing paper was asked for.")),
        "diminta": (gettext_lazy("Asked for, not here yet"), gettext_lazy("No paper is waited for.")),
        "ada": (pgettext_lazy("papers", "Received"), gettext_lazy("No paper was received yet.")),
    }

    def line_of(self, row: CasePaper, now: datetime) -> Line:
        state, drawing = LOOKS[PaperState(row.state)]
        issuer = row.paper.in_language("issuer") if row.paper and row.issuer == row.paper.issuer else row.issuer
        who = row.case.assignee.get_short_name() if row.case.assignee else _("no relawan yet")
        return Line(
            url=reverse("cases:case-papers", args=[row.case.uuid]),
            title=str(row),
            number=number_of(row.case),
            note=" · ".join(filter(None, [issuer, who, words.ago(row.state_at, now)])),
            badges=[(state, str(row.get_state_display()), drawing)],
        )
