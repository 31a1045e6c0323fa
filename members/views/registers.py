"""Registers of an organisation: proposals to an office, findings in a programme; a list, adding, one of them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from members.forms.registers import MOST, FindingForm, ProposalForm, RegisterFilter
from members.models import AccessLog, Finding, Gathering, Proposal
from members.reports.tables import FILES, Column, Kind, Table, as_bytes
from members.rules import registers as rules
from members.rules import words
from members.rules.registers import ProposalState
from members.services import gatherings, registers
from members.views.gatherings import Chip
from members.views.pages import ServicePage, log, or_404
from members.views.sessions import sign_in_again, signed_in_of_late

PER_PAGE = 25
#: A file of more rows is narrowed by the filter first; no union keeps so many.
MOST_ROWS = 10_000
LOOKS = {
    ProposalState.DRAFT: ("biasa", "pencil"),
    ProposalState.SUBMITTED: ("jalan", "hourglass-split"),
    ProposalState.REVIEWED: ("jalan", "hourglass-split"),
    ProposalState.FUNDED: ("selesai", "check-square-fill"),
    ProposalState.REFUSED: ("lewat", "slash-circle"),
    ProposalState.DONE: ("selesai", "check-square-fill"),
}


@dataclass(frozen=True)
class Line:
    """A row as the list shows it."""

    url: str
    title: str
    tone: str
    word: str
    icon: str
    lines: list[str] = field(default_factory=list)


def _day(day) -> str:
    return words.day(day, None, get_language())


def _common(row) -> list[str]:
    """Whose it is, which office, and when it is looked at again."""
    found = [" · ".join(filter(None, [str(row.body or ""), str(row.organisation)]))]
    if row.next_check_on:
        found.append(_("look again: %(day)s") % {"day": _day(row.next_check_on)})
    return found


#: Columns that every register ends with.
_COMMON: list[tuple[Column, Callable]] = [
    (Column(gettext_lazy("Office")), lambda row: str(row.body or "")),
    (Column(gettext_lazy("Unit")), lambda row: str(row.organisation)),
    (Column(gettext_lazy("Look again"), Kind.DAY), lambda row: row.next_check_on),
]


class Proposals:
    """What the pages of proposals share."""

    model, form_class, kind, file_name = Proposal, ProposalForm, "proposal", "usulan-program"
    title, add_word, change_word = gettext_lazy("Proposals"), gettext_lazy("Add a proposal"), gettext_lazy("Proposal")
    about = gettext_lazy("Programmes we lay before an office: submitted, reviewed, funded.")
    views = {"": gettext_lazy("Awaited"), "selesai": gettext_lazy("Answered")}
    texts, day = ("title", "body__name", "note"), "state_on"
    columns = [
        (Column(gettext_lazy("Title")), lambda row: row.title),
        (Column(gettext_lazy("Rupiah asked for"), Kind.RUPIAH), lambda row: row.amount),
        (Column(gettext_lazy("How it stands")), lambda row: row.get_state_display()),
        (Column(gettext_lazy("Since"), Kind.DAY), lambda row: row.state_on),
        (Column(gettext_lazy("Note")), lambda row: row.note),
    ]

    @staticmethod
    def choose(rows, view, today):
        awaited = {"state__in": rules.AWAITED}
        return rows.exclude(**awaited) if view == "selesai" else rows.filter(**awaited)

    @staticmethod
    def line(row, today) -> Line:
        tone, icon = LOOKS[ProposalState(row.state)]
        since = _("since %(day)s") % {"day": _day(row.state_on)}
        amount = words.rupiah(row.amount, get_language()) if row.amount else ""
        lines = [" · ".join(filter(None, [since, amount])), *_common(row)]
        return Line(Proposals.url(row), row.title, tone, row.get_state_display(), icon, lines)

    @staticmethod
    def url(row) -> str:
        return reverse("members:proposal", args=[row.uuid])

    @staticmethod
    def step(past) -> str:
        return " · ".join(filter(None, [past.get_state_display(), past.note]))


class Findings:
    """What the pages of findings share."""

    model, form_class, kind, file_name = Finding, FindingForm, "finding", "pantauan"
    title, add_word = gettext_lazy("Programmes we watch"), gettext_lazy("Add a finding")
    change_word = gettext_lazy("Finding")
    about = gettext_lazy("What is wrong with a programme of the government, what shows it, and when to look again.")
    views = {
        "": gettext_lazy("Open"),
        "lama": gettext_lazy("Open for more than 30 days"),
        "selesai": gettext_lazy("Settled"),
    }
    texts, day = ("programme", "text", "body__name"), "found_on"
    columns = [
        (Column(gettext_lazy("Programme")), lambda row: row.programme),
        (Column(gettext_lazy("What was found")), lambda row: row.text),
        (Column(gettext_lazy("What shows it")), lambda row: row.evidence),
        (Column(gettext_lazy("Found on"), Kind.DAY), lambda row: row.found_on),
        (Column(gettext_lazy("Settled on"), Kind.DAY), lambda row: row.closed_on),
    ]

    @staticmethod
    def choose(rows, view, today):
        if view == "selesai":
            return rows.filter(closed_on__isnull=False).order_by("-closed_on", "-pk")
        rows = rows.filter(closed_on__isnull=True)
        return rows.filter(found_on__lt=today - timedelta(days=rules.OLD_DAYS)) if view == "lama" else rows

    @staticmethod
    def line(row, today) -> Line:
        if row.closed_on:
            tone, icon, word = "selesai", "check-square-fill", _("settled %(day)s") % {"day": _day(row.closed_on)}
        else:
            days = rules.days_open(row.found_on, today=today)
            word = ngettext("open for %(n)d day", "open for %(n)d days", days) % {"n": days}
            is_old = rules.is_old(row.found_on, today=today)
            tone, icon = ("lewat", "alarm-fill") if is_old else ("jalan", "hourglass-split")
        return Line(Findings.url(row), row.programme, tone, word, icon, [row.text, *_common(row)])

    @staticmethod
    def url(row) -> str:
        return reverse("members:finding", args=[row.uuid])

    @staticmethod
    def step(past) -> str:
        state = _("settled %(day)s") % {"day": _day(past.closed_on)} if past.closed_on else _("open")
        return " · ".join(filter(None, [state, past.note]))


class _Gate:
    """Whoever neither keeps nor reads a register anywhere finds nothing here."""

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated and not registers.read_by(request.user).exists():
            raise Http404
        return super().dispatch(request, *args, **kwargs)


class RegisterList(_Gate, TemplateView):
    """The rows of a register, by how they stand; the page and its file from one form."""

    template_name = "members/registers.html"

    def get(self, request, *args, **kwargs):
        kind = request.GET.get("berkas", "")
        return self.file(kind) if kind in FILES else super().get(request, *args, **kwargs)

    @cached_property
    def filters(self) -> RegisterFilter:
        return RegisterFilter(self.request.GET, texts=self.texts, day=self.day)

    @cached_property
    def view(self) -> str:
        asked = self.request.GET.get("lihat", "")
        return asked if asked in self.views else ""

    def rows(self, view: str):
        seen = registers.seen_by(self.request.user, self.model)
        return self.filters.shown(self.choose(seen, view, timezone.localdate()))

    def address(self, view: str, **more: str) -> str:
        query = urlencode({**({"lihat": view} if view else {}), **self.filters.chosen, **more})
        return f"{self.request.path}?{query}" if query else self.request.path

    def file(self, kind: str):
        """What the page shows as a file, for who signed in of late (TRUST R11)."""
        if not signed_in_of_late(self.request):
            why = _("A list leaves only shortly after signing in. Sign in again, then take it.")
            return sign_in_again(self.request, self.address(self.view, berkas=kind), why)
        columns = [*self.columns, *_COMMON]
        rows = [[read(row) for _column, read in columns] for row in self.rows(self.view)[:MOST_ROWS]]
        log(self.request, AccessLog.Action.EXPORT, kind=self.kind, hits=len(rows))
        response = HttpResponse(
            as_bytes(Table(str(self.title), [column for column, _read in columns], rows), kind),
            content_type=FILES[kind],
        )
        name = f"{self.file_name}-{timezone.localdate():%Y%m%d}.{kind}"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    def get_context_data(self, **kwargs):
        user, today = self.request.user, timezone.localdate()
        page = Paginator(self.rows(self.view), PER_PAGE).get_page(self.request.GET.get("page"))
        chips = [
            Chip(label, self.address(key), key == self.view, self.rows(key).count())
            for key, label in self.views.items()
        ]
        return super().get_context_data(
            title=self.title,
            about=self.about,
            add_word=self.add_word,
            add_url=reverse(f"members:{self.kind}-add") if registers.kept_by(user).exists() else "",
            chips=chips,
            filters=self.filters,
            view=self.view,
            clear_url=f"{self.request.path}?lihat={self.view}" if self.view else self.request.path,
            files=[(self.address(self.view, berkas=kind), kind.upper()) for kind in FILES] if page.object_list else [],
            page_obj=page,
            lines=[self.line(row, today) for row in page],
            **kwargs,
        )


class RegisterAdd(_Gate, ServicePage):
    """Write one down, perhaps from a meeting."""

    template_name = "members/register_form.html"

    def dispatch(self, request, *args, **kwargs):
        self.units = registers.kept_by(request.user).filter(is_active=True)
        if request.user.is_authenticated and not self.units.exists():
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self):
        pks = list(self.units.order_by("kind__rank", "name").values_list("pk", flat=True)[:MOST])
        units = self.units.filter(pk__in=pks).order_by("kind__rank", "name")
        return {**super().get_form_kwargs(), "units": units}

    def get_context_data(self, **kwargs):
        back_url = reverse(f"members:{self.kind}s")
        return super().get_context_data(
            heading=self.add_word, crumb=self.title, about=self.about, back_url=back_url, **kwargs
        )

    def save(self, form):
        row = registers.add(
            self.model,
            by=self.request.user,
            gathering=asked_gathering(self.request),
            submit_key=form.cleaned_data["submit_key"],
            **form.told,
        )
        messages.success(self.request, _("Saved."))
        return redirect(self.url(row))


class RegisterEdit(_Gate, ServicePage):
    """One of them with what it was before; whoever keeps it changes it here."""

    template_name = "members/register_form.html"

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated:
            self.row = or_404(request, registers.seen_by(request.user, self.model), self.kind, kwargs["uuid"])
            self.may_change = registers.kept_by(request.user).filter(pk=self.row.organisation_id).exists()
            if request.method == "POST" and not self.may_change:
                raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "units": None, "row": self.row}

    def get_initial(self):
        return self.form_class.initial_of(self.row)

    def get_context_data(self, **kwargs):
        today = timezone.localdate()
        past = self.row.history.select_related("history_user").order_by("-history_date", "-history_id")[:50]
        return super().get_context_data(
            row=self.row,
            line=self.line(self.row, today),
            may_change=self.may_change,
            heading=self.change_word,
            crumb=self.title,
            back_url=reverse(f"members:{self.kind}s"),
            steps=[(each.history_date, each.history_user, self.step(each)) for each in past],
            **kwargs,
        )

    def save(self, form):
        registers.change(self.row, by=self.request.user, version=form.cleaned_data.get("version") or 0, **form.told)
        messages.success(self.request, _("Saved."))
        return redirect(self.url(self.row))

    def refused(self, form, refusal):
        self.row.refresh_from_db()
        form.data = form.data.copy()
        form.data["version"] = str(self.row.version)
        return super().refused(form, refusal)


def asked_gathering(request) -> Gathering | None:
    """The meeting named in the address, where this user sees it."""
    given = request.GET.get("acara", "")
    return gatherings.find_seen(request.user, given) if given else None


class ProposalList(Proposals, RegisterList):
    pass


class ProposalAdd(Proposals, RegisterAdd):
    pass


class ProposalPage(Proposals, RegisterEdit):
    pass


class FindingList(Findings, RegisterList):
    pass


class FindingAdd(Findings, RegisterAdd):
    pass


class FindingPage(Findings, RegisterEdit):
    pass
