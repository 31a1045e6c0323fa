"""Who else helps on a case, as it is read: asked on a day, accepted on a day, each with its own task."""

from dataclasses import dataclass, field
from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cases.models import Case, CasePartner
from cases.models.case import hidden_from
from cases.rules.codes import EventCode, Status
from cases.rules.registers import PartnerState
from members.models import Organisation, User
from members.services import gatherings

#: Tasks shown on one page.
MOST = 100

#: The colour and the drawing of each state; the word stands beside it.
LOOKS = {
    PartnerState.ASKED: ("jalan", "hourglass-split"),
    PartnerState.ACCEPTED: ("selesai", "check-lg"),
    PartnerState.DECLINED: ("mendesak", "x-lg"),
    PartnerState.DONE: ("selesai", "check-square-fill"),
}


@dataclass(frozen=True)
class Step:
    """What was so from a day on; the day may be unknown."""

    label: str
    on: date | None


@dataclass(frozen=True)
class Shown:
    """One partner and the way it went."""

    partner: CasePartner
    steps: list[Step] = field(default_factory=list)

    @property
    def look(self) -> str:
        return LOOKS[PartnerState(self.partner.state)][0]

    @property
    def icon(self) -> str:
        return LOOKS[PartnerState(self.partner.state)][1]


def step_words(state: str) -> str:
    """How a state is said on the way: "referred", "accepted"."""
    return {
        PartnerState.ASKED: _("referred or asked"),
        PartnerState.ACCEPTED: _("accepted"),
        PartnerState.DECLINED: _("declined"),
        PartnerState.DONE: _("task done"),
    }[PartnerState(state)]


def of_case(case: Case) -> list[Shown]:
    """The partners in the order they were noted, in two statements."""
    told: dict[str, list[Step]] = {}
    events = case.events.filter(type__code=EventCode.PARTNER_ADDED).order_by("logged_at", "pk")
    for data in events.values_list("data", flat=True):
        on = date.fromisoformat(data["on"]) if data.get("on") else None
        told.setdefault(data["partner"], []).append(Step(step_words(data["state"]), on))
    rows = case.casepartners.select_related("organisation", "body", "logged_by").order_by("pk")
    return [Shown(row, told.get(str(row.uuid), [])) for row in rows]


def units_of(user: User) -> QuerySet[Organisation]:
    """The units whose tasks this user reads: those they look after."""
    return gatherings.run_organisations(user)


def asked_of(user: User) -> list[Shown]:
    """What was asked of those units, the newest first: each its own task, never a restricted or hidden case (S0.18)."""
    rows = CasePartner.objects.filter(organisation__in=units_of(user), case__is_restricted=False)
    rows = rows.exclude(case__in=hidden_from(user)).exclude(case__status=Status.CLOSED)
    rows = rows.select_related("organisation", "case__desk").order_by("-logged_at", "-pk")
    return [Shown(row) for row in rows[:MOST]]
