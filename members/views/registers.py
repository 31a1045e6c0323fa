"""Registers of an organisation: proposals to an office, findings in a programme; a list, adding, one of them."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from members.forms.registers import MOST, FindingForm, ProposalForm
from members.models import Finding, Gathering, Proposal
from members.rules import registers as rules
from members.rules import words
from members.rules.registers import ProposalState
from members.services import gatherings, registers
from members.views.gatherings import Chip
from members.views.pages import ServicePage, or_404

PER_PAGE = 25
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


class Proposals:
    """What the pages of proposals share."""

    model, form_class, kind = Proposal, ProposalForm, "proposal"
    title, add_word, change_word = gettext_lazy("Proposals"), gettext_lazy("Add a proposal"), gettext_lazy("Proposal")
    about = gettext_lazy("Programmes we lay before an office: submitted, reviewed, funded.")
    views = {"": gettext_lazy("Awaited"), "selesai": gettext_lazy("Answered")}

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

    model, form_class, kind = Finding, FindingForm, "finding"
    title, add_word = gettext_lazy("Programmes we watch"), gettext_lazy("Add a finding")
    change_word = gettext_lazy("Finding")
    about = gettext_lazy("What is wrong with a programme of the government, what shows it, and when to look again.")
    views = {
        "": gettext_lazy("Open"),
        "lama": gettext_lazy("Open for more than 30 days"),
        "selesai": gettext_lazy("Settled"),
    }

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
    """The rows of a register, by how they stand."""

    template_name = "members/registers.html"

    def get_context_data(self, **kwargs):
        user, today = self.request.user, timezone.localdate()
        view = self.request.GET.get("lihat", "")
        view = view if view in self.views else ""
        seen = registers.seen_by(user, self.model)
        rows = self.choose(seen, view, today)
        page = Paginator(rows, PER_PAGE).get_page(self.request.GET.get("page"))
        path = self.request.path
        chips = [
            Chip(label, f"{path}?lihat={key}" if key else path, key == view, self.choose(seen, key, today).count())
            for key, label in self.views.items()
        ]
        return super().get_context_data(
            title=self.title,
            about=self.about,
            add_word=self.add_word,
            add_url=reverse(f"members:{self.kind}-add") if registers.kept_by(user).exists() else "",
            chips=chips,
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
