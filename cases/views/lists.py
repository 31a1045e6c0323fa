"""The list of cases: chips with counts, filters in the address, twenty-five rows of work."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from cases.forms.search import CaseListForm
from cases.models import Case
from cases.reports import case_list, institution
from members.rules.roles import Role

#: What each chip says, and what an empty list of it teaches: title, then words.
CHIPS: dict[str, tuple[Promise, Promise, Promise]] = {
    "": (
        gettext_lazy("All open"),
        gettext_lazy("No open case"),
        gettext_lazy("When somebody calls, log it. One sentence is enough; the rest can follow."),
    ),
    "darurat": (
        gettext_lazy("Emergency"),
        gettext_lazy("No emergency"),
        gettext_lazy("A case stands here when life or limb is in danger and hours count."),
    ),
    "lewat": (
        gettext_lazy("Past due"),
        gettext_lazy("Nothing is past due"),
        gettext_lazy("A case comes here when its next act has passed its moment."),
    ),
    "hari-ini": (
        gettext_lazy("Today"),
        gettext_lazy("Nothing is due today"),
        gettext_lazy("What is due by midnight stands here, and what is already late."),
    ),
    "tanpa-relawan": (
        gettext_lazy("No relawan yet"),
        gettext_lazy("Every case has a relawan"),
        gettext_lazy("A new case nobody carries yet comes here, to be taken or assigned."),
    ),
    "diam": (
        gettext_lazy("Silent for 72 hours"),
        gettext_lazy("No case is silent"),
        gettext_lazy("A case comes here when nobody has noted anything for three days."),
    ),
    "ditawarkan": (
        gettext_lazy("Hand-overs not answered"),
        gettext_lazy("Every hand-over is answered"),
        gettext_lazy("A case stands here while it is offered to somebody who has neither taken nor declined it."),
    ),
    "saya": (
        gettext_lazy("Mine"),
        gettext_lazy("You carry no case"),
        gettext_lazy("Cases that you take, or that are handed to you, stand here."),
    ),
    "ditutup": (
        gettext_lazy("Closed"),
        gettext_lazy("No closed case"),
        gettext_lazy("Closed cases stay here with their outcome, and can be opened again."),
    ),
    "semua": (
        gettext_lazy("Open and closed"),
        gettext_lazy("No case yet"),
        gettext_lazy("When somebody calls, log it. One sentence is enough; the rest can follow."),
    ),
}


@dataclass
class Chip:
    """One view of the list with its count, "1000+" beyond the cap."""

    label: Promise
    url: str
    count: str
    on: bool


@dataclass
class FilterOn:
    """A filter that is on: what it says, and the address without it."""

    label: str
    url: str


@dataclass
class Due:
    """What a due pill reads."""

    due_at: datetime
    due_day: bool
    zone: str


@dataclass
class Row:
    """A case as a row of work: its next act, else what it is about."""

    case: Case
    title: str
    number: str
    due: Due | None
    place: str
    #: Who carries it; it stands alone where the place is a link.
    who: str
    #: The page of its place, for who may read it; "" where there is none.
    place_url: str


def row_of(case: Case, *, reads_places: bool = False) -> Row:
    """The row of a case, its place a link where the reader has its page; its follow-ups must have been fetched by `case_list.with_next_act` to name its next act."""
    act = next(iter(getattr(case, "next_acts", [])), None)
    who = case.assignee.get_short_name() if case.assignee else _("no relawan yet")
    who = who if case.is_open else ""
    due = Due(case.next_due_at, case.next_due_is_day, case.zone) if case.next_due_at and case.is_open else None
    return Row(
        case=case,
        title=act.title if act else case.title,
        number=" · ".join(filter(None, [case.number, case.initials])),
        due=due,
        place=" · ".join(filter(None, [who, case.place.name if case.place else ""])),
        who=who,
        place_url=reverse("cases:institution", args=[case.place.uuid]) if case.place and reads_places else "",
    )


class CaseList(TemplateView):
    """The cases a reader may open, as they chose to see them."""

    template_name = "cases/list.html"

    def get_context_data(self, **kwargs):
        user, now = self.request.user, timezone.now()
        form = CaseListForm(self.request.GET, user=user)
        view = form.view
        counts = case_list.counts(form.cases(), user, now=now)
        page = case_list.page(form.shown(now), self._page_number(), order=form.order)
        label, empty_title, empty_text = CHIPS[view]
        return super().get_context_data(
            filters=form,
            filters_on=[
                FilterOn(label=said_of(form, name, page.rows), url=address(self.request, **{name: ""}))
                for name in form.on
            ],
            chips=[
                Chip(words[0], address(self.request, lihat=key), said(counts[key]), key == view)
                for key, words in CHIPS.items()
            ],
            heading=label,
            saved=form.saved,
            save_url=with_query(reverse("cases:saved-view-add"), self.request),
            export_url=with_query(reverse("cases:case-export"), self.request),
            bulk_url=with_query(reverse("cases:bulk"), self.request),
            pick_url=with_query(self.request.path, self.request, pilih="1"),
            is_picking="pilih" in self.request.GET,
            may_assign=Role.COORDINATOR in user.live_roles,
            of_all=said(counts[view]),
            list_url=address(self.request),
            rows=[row_of(case, reads_places=bool(institution.READERS & user.live_roles)) for case in page.rows],
            page_number=page.number,
            previous_url=address(self.request, halaman=page.number - 1) if page.has_previous else "",
            next_url=address(self.request, halaman=page.number + 1) if page.has_next else "",
            clear_url=address(self.request, **dict.fromkeys(case_list.FILTERS, "")),
            empty_title=empty_title if not form.filters else _("Nothing fits this filter"),
            empty_text=empty_text if not form.filters else _("Take a filter away, or choose another chip."),
            **kwargs,
        )

    def _page_number(self) -> int:
        given = self.request.GET.get("halaman", "")
        return int(given) if given.isascii() and given.isdigit() and len(given) < 6 else 1


def said_of(form: CaseListForm, name: str, rows: list[Case]) -> str:
    """What the chip of a filter says. A relawan is named by the rows: of one out of reach there are none."""
    if name == "relawan" and rows and (carrier := rows[0].assignee):
        return carrier.full_name
    return form.said(name)


def said(count: int) -> str:
    """A count for a chip: "12", or "1000+" where counting stopped."""
    return f"{case_list.CAP}+" if count > case_list.CAP else str(count)


def with_query(path: str, request: HttpRequest, **changes) -> str:
    """Another page about the same list: its address with the filters of this one."""
    names = CaseListForm.base_fields
    query = {name: value for name, value in request.GET.items() if name in names and value}
    query.update({name: str(value) for name, value in changes.items()})
    return f"{path}?{urlencode(query)}" if query else path


def address(request: HttpRequest, **changes) -> str:
    """This address with other filters; a change of anything but the page goes back to the first page."""
    known = {*CaseListForm.base_fields, "halaman"}
    query = {name: value for name, value in request.GET.items() if name in known}
    if "halaman" not in changes:
        query.pop("halaman", None)
    query.update({name: str(value) for name, value in changes.items()})
    wanted = urlencode({name: value for name, value in query.items() if value and (name, value) != ("halaman", "1")})
    return f"{request.path}?{wanted}" if wanted else request.path
