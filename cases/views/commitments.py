"""Who promised what: of a case, one by one, and the register over everything a reader may open."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.http import Http404, HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise as LazyText
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST
from django.views.generic import FormView

from cases.forms.commitment import CommitmentForm, CompleteForm, Kind, MoveForm
from cases.forms.lists import CommitmentListForm
from cases.models import Case, Commitment
from cases.reports import commitments as report
from cases.rules.commitments import Move
from cases.rules.errors import CaseIsClosed, Refused
from cases.services import commitments
from cases.views.case_form import CaseFormPage, used_key
from cases.views.gate import log, of_case_or_404
from cases.views.registers import ListPage
from members.models import AccessLog, Body, Gathering, Organisation
from members.rules.roles import Permission
from members.services import gatherings, places
from members.views.gatherings import gathering_url

#: Offices offered while the name is typed.
MOST_OFFERED = 60
#: What each button says, its drawing, and what is told after it.
ACTS: dict[Move, tuple[LazyText, str, LazyText]] = {
    Move.KEEP: (pgettext_lazy("commitment", "Kept"), "check-lg", gettext_lazy("Noted as kept.")),
    Move.BREAK: (gettext_lazy("Not kept"), "x-lg", gettext_lazy("Noted as not kept. Plan what comes next.")),
    Move.WITHDRAW: (gettext_lazy("No longer stands"), "arrow-counterclockwise", gettext_lazy("Noted: it no longer stands.")),
    Move.MET: (gettext_lazy("The condition is met"), "calendar-event", gettext_lazy("Noted. From now on it has a date.")),
    Move.REVIEW: (gettext_lazy("Looked at it, it stands"), "arrow-repeat", gettext_lazy("Noted. The next look is planned.")),
    Move.GRANT: (gettext_lazy("They promise it"), "check-lg", gettext_lazy("Noted as promised.")),
    Move.REFUSE: (gettext_lazy("They refuse"), "slash-circle", gettext_lazy("Noted as refused.")),
}  # fmt: skip
#: How it may end, by button.
ENDS = {
    Move.KEEP: commitments.keep,
    Move.BREAK: commitments.break_,
    Move.WITHDRAW: commitments.withdraw,
    Move.REFUSE: commitments.refuse,
}


@dataclass(frozen=True)
class Button:
    """An act offered on the page of a commitment."""

    value: str
    label: LazyText
    icon: str


def buttons(moves: list[Move]) -> list[Button]:
    """The acts with their words, in the order of the rule."""
    return [Button(move.value, ACTS[move][0], ACTS[move][1]) for move in moves]


def offered_offices(user) -> list[str]:
    """Offices that have promised something before, to choose from while the name is typed."""
    rows = report.register(user).filter(body__isnull=False).order_by()
    return list(Body.objects.filter(pk__in=rows.values("body")).values_list("name", flat=True)[:MOST_OFFERED])


def write(form: CommitmentForm, *, by, now, case: Case | None = None, gathering: Gathering | None = None) -> Commitment:
    """What the form says, as a promise or a demand of a case or of a desk, perhaps from a meeting."""
    given = form.cleaned_data
    region = case.region if case else given["desk"].region
    act = commitments.demand if given["kind"] == Kind.DEMAND else commitments.promise
    return act(
        case=case,
        desk=given.get("desk"),
        body=places.find_or_create(given["office"], region=region) if given["office"] else None,
        said_at=form.at,
        said_on_day=form.on_day,
        terms=form.terms,
        proof=given.get("proof"),
        gathering=gathering,
        by=by,
        now=now,
        submit_key=given["submit_key"],
        **{name: given[name] for name in ("text", "party", "official", "official_role", "form", "where", "proof_note")},
    )


class CommitmentsOfCase(CaseFormPage):
    """What was promised on a case, what we ask for with the answers, what has ended; write one more."""

    form_class = CommitmentForm
    template_name = "cases/commitments.html"
    permission = Permission.CASE_VIEW
    shows_the_case = True
    anchor = "janji"

    def post(self, request, *args, **kwargs):
        self.permission = Permission.CASE_WORK
        self.case = self.find_case()
        return super().post(request, *args, **kwargs)

    def get_initial(self):
        return {"kind": Kind.DEMAND if self.request.GET.get("jenis") == Kind.DEMAND else Kind.PROMISE}

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "zone": self.case.zone, "now": self.now, "case": self.case}

    def get_context_data(self, **kwargs):
        may_work = Case.objects.permitted(self.request.user, Permission.CASE_WORK).filter(pk=self.case.pk).exists()
        return super().get_context_data(
            shown=report.of_case(self.case),
            may_work=may_work,
            offices=self._offices() if may_work else [],
            **{"is_closed_now": may_work and not self.case.is_open, **kwargs},
        )

    def _offices(self) -> list[str]:
        own = [str(self.case.place)] if self.case.place else []
        return list(dict.fromkeys([*own, *offered_offices(self.request.user)]))

    def save(self, form):
        commitment = write(form, by=self.request.user, now=self.now, case=self.case)
        messages.success(self.request, said_of(commitment))

    def get_success_url(self) -> str:
        return reverse("cases:case-commitments", args=[self.case.uuid])


def said_of(commitment: Commitment) -> str:
    """What the toast says after a commitment was written."""
    if commitment.number:
        return _("Demand %(n)d is noted.") % {"n": commitment.number}
    return _("The commitment is noted.")


class OneCommitment(FormView):
    """A page about one commitment; reading it and writing on it are two permissions."""

    reading = Permission.CASE_WORK

    def dispatch(self, request, *args, **kwargs):
        self.now = timezone.now()
        wanted = self.reading if request.method in {"GET", "HEAD"} else Permission.CASE_WORK
        rows = Commitment.objects.select_related(
            "body", "desk__region", "proof", "logged_by", "follow_up", "event__type", "gathering", "series"
        )
        self.row = of_case_or_404(request, rows, kwargs["uuid"], wanted)
        if self.row.case and request.method == "GET":
            log(request, AccessLog.Action.OPEN, uuid=self.row.case.uuid)
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def shown(self) -> report.Shown:
        return report.explain(self.row)

    def get_context_data(self, **kwargs):
        context = {"row": self.row, "case": self.row.case, "shown": self.shown, "back_url": self.back_url()}
        return super().get_context_data(**{**context, **kwargs})

    def form_valid(self, form):
        try:
            said = self.save(form)
        except Refused as refused:
            form.add_error(None, refused.message)
            context = self.get_context_data(form=form, is_closed_now=isinstance(refused, CaseIsClosed))
            return self.render_to_response(context, status=409)
        messages.success(self.request, said)
        return redirect("cases:commitment", self.row.uuid)


class CommitmentPage(OneCommitment):
    """One commitment: read it, and say what became of it."""

    form_class = MoveForm
    template_name = "cases/commitment.html"
    reading = Permission.CASE_VIEW

    def get_form_kwargs(self):
        given = {"zone": self.shown.zone, "now": self.now, "case": self.row.case}
        note = report.review_note(self.row, self.request.user) if self.shown.is_open else ""
        return {**super().get_form_kwargs(), **given, "initial": {"seen": self.row.next_review_on, "note": note}}

    def get_context_data(self, **kwargs):
        may_work = Commitment.objects.permitted(self.request.user, Permission.CASE_WORK).filter(pk=self.row.pk).exists()
        moves = buttons(self.shown.moves) if may_work else []
        meeting = self.row.gathering
        if meeting and not gatherings.seen_by(self.request.user).filter(pk=meeting.pk).exists():
            meeting = None
        return super().get_context_data(
            may_work=may_work,
            buttons=moves,
            meeting=meeting,
            events=report.events_of(self.row, self.now),
            may_begin=may_work and self.row.case is None and self.row.series is None and self.shown.is_open,
            **kwargs,
        )

    def back_url(self) -> str:
        if self.row.case:
            return reverse("cases:case-commitments", args=[self.row.case.uuid])
        return reverse("cases:commitments")

    def save(self, form) -> str:
        given = form.cleaned_data
        move = Move(given["act"])
        whose = {"commitment": self.row, "by": self.request.user, "now": self.now}
        if move == Move.MET:
            commitments.meet_condition(**whose, at=form.at)
        elif move == Move.REVIEW:
            commitments.review(**whose, note=given["note"], last_review_on=given["seen"])
        elif move == Move.GRANT:
            commitments.grant(**whose, terms=form.terms, note=given["note"], at=form.at, on_day=form.on_day)
        else:
            proof = {"proof_note": given["proof_note"], "proof": given.get("proof")}
            ENDS[move](**whose, at=form.at, on_day=form.on_day, note=given["note"], **proof)
        return ACTS[move][2]


@require_POST
def begin_series(request, uuid):
    """Make the series of events that was promised, and go on to fill in its first one."""
    row = of_case_or_404(request, Commitment.objects.all(), uuid, Permission.CASE_WORK)
    try:
        event = commitments.begin_series(commitment=row, by=request.user)
    except (Refused, ValidationError) as refused:
        said = refused.message if isinstance(refused, Refused) else " ".join(refused.messages)
        messages.error(request, said)
        return redirect("cases:commitment", uuid)
    messages.success(request, _("The series of events is made. Fill in the first one."))
    return redirect("members:gathering-edit", event.uuid)


class CommitmentComplete(OneCommitment):
    """Fill in what was not known yet."""

    form_class = CompleteForm
    template_name = "cases/commitment_complete.html"

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "row": self.row, "zone": self.shown.zone, "now": self.now}

    def back_url(self) -> str:
        return reverse("cases:commitment", args=[self.row.uuid])

    def save(self, form) -> str:
        given = {name: value for name, value in form.cleaned_data.items() if value and name not in {"on", "hour"}}
        if office := given.pop("office", ""):
            region = self.row.case.region if self.row.case else self.row.desk.region
            given["body"] = places.find_or_create(office, region=region)
        commitments.complete(
            commitment=self.row, by=self.request.user, now=self.now, said_at=form.at, said_on_day=form.on_day, **given
        )
        return _("Completed.")


# The register

#: What each chip is called, and what an empty list says.
CHIPS: dict[str, tuple[LazyText, LazyText]] = {
    "": (gettext_lazy("Open commitments"), gettext_lazy("Nothing is promised at the moment.")),
    "lewat": (gettext_lazy("Overdue"), gettext_lazy("No promise is overdue.")),
    "pekan-ini": (gettext_lazy("Due within a week"), gettext_lazy("Nothing comes due within a week.")),
    "tanpa-tanggal": (gettext_lazy("Without a date"), gettext_lazy("Every open promise has a date.")),
    "tinjau": (gettext_lazy("To look at again"), gettext_lazy("No standing promise waits for a look.")),
    "lengkapi": (gettext_lazy("To be completed"), gettext_lazy("Of every promise we know when it was said.")),
    "selesai": (gettext_lazy("Ended"), gettext_lazy("No promise has ended yet.")),
}


class Commitments(ListPage):
    """Every commitment a reader may open, as they chose to see it, and what became of them by office."""

    template_name = "cases/commitment_list.html"
    form_class = CommitmentListForm
    chips = CHIPS
    title = gettext_lazy("Commitments")
    file_name = "janji"
    related = ("body", "case", "desk__region")

    def lines(self, rows: list) -> list:
        return [report.explain(row) for row in rows]

    def get_context_data(self, **kwargs):
        user = self.request.user
        return super().get_context_data(
            office=self.form.office,
            meeting=gatherings.find_seen(user, str(self.form.chosen.get("acara", ""))),
            all_offices_url=self.address(kantor=""),
            offices=report.offices(self.form.permitted),
            beyond=report.offices_beyond(user),
            may_write=desks_of(user).exists(),
            **kwargs,
        )


def desks_of(user):
    """The desks to which somebody may write a commitment without a case."""
    reach = Organisation.objects.in_reach_of(user, Permission.CASE_WORK)
    return reach.filter(is_desk=True).select_related("region").order_by("name")


class CommitmentAdd(FormView):
    """A commitment without a case: from a meeting."""

    form_class = CommitmentForm
    template_name = "cases/commitment_add.html"

    def dispatch(self, request: HttpRequest, *args, **kwargs):
        self.now = timezone.now()
        self.desks = desks_of(request.user)
        if not self.desks.exists():
            raise Http404
        self.meeting = gatherings.find_seen(request.user, request.GET.get("acara", ""))
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self):
        asked = self.request.POST.get("desk", "")
        desk = next((one for one in self.desks if str(one.uuid) == asked), self.desks[0])
        return {**super().get_form_kwargs(), "zone": desk.zone, "now": self.now, "desks": self.desks}

    def get_initial(self):
        if self.meeting is None:
            return {}
        return {"on": self.meeting.held_on, "where": self.meeting.venue[:160]}

    def get_context_data(self, **kwargs):
        back_url = gathering_url(self.meeting) if self.meeting else reverse("cases:commitments")
        context = {"offices": offered_offices(self.request.user), "back_url": back_url, "meeting": self.meeting}
        return super().get_context_data(**context, **kwargs)

    def form_valid(self, form):
        try:
            self.row = write(form, by=self.request.user, now=self.now, gathering=self.meeting)
        except Refused as refused:
            return self.refused(form, refused)
        except IntegrityError as error:
            return self.refused(form, used_key(error))
        messages.success(self.request, said_of(self.row))
        return redirect("cases:commitment", self.row.uuid)

    def refused(self, form, refused: Refused):
        form.add_error(None, refused.message)
        return self.render_to_response(self.get_context_data(form=form), status=409)
