"""The hearing dossier: what happened with one institution, employer or topic in a period, for who is to read it.

Numbers with the cases behind each, stories without names, exhibits, missed clocks, promises kept and broken, the law
that was read, demands, attendance (PRACTICE A7, S1.15). A restricted case is in no dossier.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cases.models import (
    Attachment,
    Attempt,
    Case,
    Clock,
    Commitment,
    Confidence,
    Event,
    Letter,
    Printout,
    ProblemFamily,
    ProblemType,
    Rule,
)
from cases.reports import anonymous, figures
from cases.reports import commitments as promises
from cases.reports.figures import FIGURES, OUTCOMES, Kind, Period
from cases.rules.anonymity import Secrets, without_identity, without_known
from cases.rules.codes import PartyRole
from cases.rules.disclosure import told, told_parts, told_sum
from cases.rules.printing import NEEDS, Audience, PrintKind
from cases.rules.registers import Answer, LetterState, Promise, Purpose
from cases.services import consents, law
from cases.services.printouts import Built, Fault, Step, content_of
from members.models import Body, Organisation, User
from members.reports import pdf
from members.rules import words
from members.services import places

#: Cases in the list behind the numbers, stories told whole, and stories proposed.
MOST_CASES, STORIES, PROPOSED = 300, 5, 10
#: Empty lines of the attendance sheet.
EMPTY_LINES = 8

#: What a dossier counts, in this order.
COUNTED = (
    "baru", "terbuka", "ditutup", "hak-terpenuhi", "diskresi", "tidak-diperoleh", "meninggal", "penolakan",
    "tenggat-terpenuhi", "tenggat-lewat", "janji-ditepati", "janji-terlambat", "janji-ingkar",
)  # fmt: skip
TIMED = ("lama-kamar", "lama-bayar", "lama-selesai")
SUMMED = ("rupiah-diklaim", "rupiah-kembali", "rupiah-hilang")

KEPT = {Promise.KEPT: "yes", Promise.LATE: "late", Promise.BROKEN: "no", Promise.REFUSED: "no"}


@dataclass(frozen=True)
class Subject:
    """What a dossier is about: a body (institution or employer), a family of problems or one problem."""

    body: Body | None = None
    family: ProblemFamily | None = None
    type: ProblemType | None = None

    @property
    def name(self) -> str:
        return str(self.body or self.type or self.family or "")

    def cases(self, cases: QuerySet[Case]) -> QuerySet[Case]:
        """Those of these cases it is about."""
        if self.body:
            bodies = Body.objects.filter(Q(pk=self.body.pk) | Q(parent=self.body)).values("pk")
            asked = Attempt.objects.filter(case=OuterRef("pk"), body__in=bodies)
            told = Event.objects.filter(case=OuterRef("pk"), body__in=places.with_merged(bodies))
            works = Q(person__employments__employer__in=bodies) | Q(person__employments__user_company__in=bodies)
            worker = Case.objects.filter(
                pk=OuterRef("pk"),
                parties__in=_workers().filter(works).values("pk"),
            )
            cases = cases.filter(Q(place__in=bodies) | Exists(asked) | Exists(told) | Exists(worker))
        if self.type:
            cases = cases.filter(Q(problem_type=self.type) | Q(pk__in=_tagged(Q(pk=self.type.pk))))
        elif self.family:
            cases = cases.filter(Q(problem_type__family=self.family) | Q(pk__in=_tagged(Q(family=self.family))))
        return cases


def _workers() -> QuerySet:
    parties = Case._meta.get_field("parties").related_model
    return parties.objects.filter(role__in=[PartyRole.WORKER, PartyRole.PATIENT])


def _tagged(kinds: Q) -> QuerySet:
    return Case.problem_types.through.objects.filter(problemtype__in=ProblemType.objects.filter(kinds)).values("case")


def _body(uuid: str) -> Body:
    """The body of an order; one that was merged since is the one it became."""
    body = Body.objects.select_related("merged_into").get(uuid=uuid)
    return body.merged_into or body


def subject_of(params: dict) -> Subject:
    """The subject that the parameters of an order name. Raises Fault where it is gone."""
    try:
        return Subject(
            body=_body(params["body"]) if params.get("body") else None,
            family=ProblemFamily.objects.get(code=params["family"]) if params.get("family") else None,
            type=ProblemType.objects.get(code=params["type"]) if params.get("type") else None,
        )
    except (Body.DoesNotExist, ProblemFamily.DoesNotExist, ProblemType.DoesNotExist):
        raise Fault("nothing") from None


def within(user: User, unit: Organisation, subject: Subject, period: Period) -> QuerySet[Case]:
    """The cases of a dossier: of this unit and below, that this user may open, open at some time of the period."""
    cases = Case.objects.permitted(user, NEEDS[PrintKind.DOSSIER]).filter(
        desk__in=Organisation.objects.below(unit).order_by().values("pk"), is_restricted=False
    )
    touched = Q(created_at__lt=period.until_at) & (Q(closed_at__isnull=True) | Q(closed_at__gte=period.from_at))
    died_or_closed_later = period.holds("died_at")
    return subject.cases(cases.filter(touched | died_or_closed_later))


def proposals(cases: QuerySet[Case], period: Period, audience: str) -> list[Case]:
    """Cases whose story says most: missed clocks first, then the dead, then the longest; for the public only consented."""
    missed = figures.FIGURES["tenggat-lewat"].rows(period).filter(case=OuterRef("pk"))  # type: ignore[misc]
    rows = (
        cases.annotate(is_missed=Exists(missed), told=Count("events", filter=Q(events__type__is_system=False)))
        .select_related("problem_type", "place", "outcome")
        .order_by("-is_missed", "-died_at", "-told", "-pk")
    )
    if audience == Audience.PUBLIC:
        candidates = list(rows[: PROPOSED * 20])
        agreed = consents.agreed(candidates, Purpose.PUBLISH)
        rows = [case for case in candidates if case.pk in agreed]
    return list(rows[:PROPOSED])


@dataclass
class Number:
    """A number with its definition and the running numbers of the cases behind it."""

    label: str
    value: Any
    definition: str
    refs: str = ""


@dataclass
class Listed:
    """A case in the list behind the numbers."""

    ref: int
    who: str
    day: str
    problem: str
    place: str
    state: str


@dataclass
class Missed:
    ref: str
    rule: str
    owes: str
    due: str
    ended: str
    basis: str


@dataclass
class Kept:
    who: str
    text: str
    said: str
    until: str
    kept: str  # yes, late, no or open
    ended: str
    proof: str


@dataclass
class Basis:
    basis: str
    label: str
    force: str
    sure: str
    checked: str


@dataclass
class Dossier:
    """Everything a dossier says, ready for its template."""

    subject: str
    unit: str
    first: date
    last: date
    made: str
    audience: str
    total: Any
    numbers: list[Number] = field(default_factory=list)
    times: list[Number] = field(default_factory=list)
    money: list[Number] = field(default_factory=list)
    reasons: list[tuple[str, Any]] = field(default_factory=list)
    cases: list[Listed] = field(default_factory=list)
    not_listed: int = 0
    stories: list[anonymous.Story] = field(default_factory=list)
    exhibits: list[tuple[str, str, str]] = field(default_factory=list)
    missed: list[Missed] = field(default_factory=list)
    promises: list[Kept] = field(default_factory=list)
    law: list[Basis] = field(default_factory=list)
    unread: int = 0
    demands: list[str] = field(default_factory=list)
    attendees: list[tuple[str, str]] = field(default_factory=list)
    empty: range = range(EMPTY_LINES)

    @property
    def is_internal(self) -> bool:
        return self.audience == Audience.INTERNAL

    @property
    def is_public(self) -> bool:
        return self.audience == Audience.PUBLIC


def build(row: Printout, step: Step) -> Built:
    """The dossier that was ordered, as PDF."""
    params, typed, user = row.params, content_of(row), row.ordered_by
    if row.organisation is None:
        raise Fault("nothing")
    zone = row.organisation.zone
    period = Period(date.fromisoformat(params["from"]), date.fromisoformat(params["until"]), zone, timezone.now())
    subject, audience = subject_of(params), params["audience"]
    cases = within(user, row.organisation, subject, period)
    step(1, 6)
    chosen = list(
        cases.filter(uuid__in=params.get("cases", [])).select_related("problem_type", "place", "outcome")[:STORIES]
    )
    if audience == Audience.PUBLIC:
        agreed = consents.agreed(chosen, Purpose.PUBLISH)
        chosen = [case for case in chosen if case.pk in agreed]
    listed = list(cases.select_related("problem_type", "place", "outcome").order_by("created_at", "pk"))
    if not listed:
        raise Fault("nothing")
    secrets = anonymous.secrets_of(listed)
    refs = {case.pk: at for at, case in enumerate(listed, 1)}
    found = Dossier(
        subject=subject.name,
        unit=str(row.organisation),
        first=period.first,
        last=period.last,
        made=words.day(timezone.now(), zone, get_language()),
        audience=audience,
        total=_count(len(listed), audience),
    )
    step(2, 6)
    _add_numbers(found, cases, period, refs)
    if not found.is_public:
        found.cases = [_listed(case, refs[case.pk], found) for case in listed[:MOST_CASES]]
        found.not_listed = max(len(listed) - MOST_CASES, 0)
    _add_reasons(found, cases, subject, period)
    step(3, 6)
    found.stories = [
        anonymous.story(case, secrets=secrets, audience=audience, ref="" if found.is_public else str(refs[case.pk]))
        for case in chosen
    ]
    found.exhibits = _exhibits(chosen, refs, secrets, found, zone)
    step(4, 6)
    if not found.is_public:
        found.missed = _missed(cases, period, refs)
    found.promises = _promises(user, row.organisation, subject, cases, period, secrets, found, chosen)
    found.law, found.unread = _law(listed, period)
    found.demands = [without_known(text, secrets) for text in typed.get("demands", [])]
    found.attendees = [_attendee(text) for text in typed.get("attendees", [])]
    step(5, 6)
    built = paper("pdf/dossier.html", {"dossier": found, "number": _("Hearing dossier"), "desk": found.unit})
    shows = [case.pk for case in listed[:MOST_CASES]] if not found.is_public else [case.pk for case in chosen]
    return Built(built.data, built.content_type, built.extension, [*shows, *(case.pk for case in chosen)])


def paper(template: str, *contexts: dict) -> Built:
    """A template as PDF, of several contexts the first that takes one page; else the page that the browser prints."""
    try:
        return Built(pdf.render_fitting(template, contexts), "application/pdf", "pdf")
    except pdf.NoPango:
        html = render_to_string(template, {**contexts[0], "on_screen": True})
        return Built(html.encode(), "text/html; charset=utf-8", "html")


def _count(number: int, audience: str) -> Any:
    return told(number) if audience == Audience.PUBLIC else number


def _add_numbers(found: Dossier, cases: QuerySet[Case], period: Period, refs: dict[int, int]) -> None:
    outcomes: dict[str, Any] = {}
    if found.is_public:  # the parts of a total that is told give no small part away
        counted = figures.counts(cases, period, ["ditutup", *OUTCOMES])
        parts = told_parts(counted["ditutup"], [counted[code] for code in OUTCOMES])
        outcomes = dict(zip(OUTCOMES, parts, strict=True))
    for code in COUNTED:
        figure = FIGURES[code]
        pks = list(figures.behind(code, cases, period).order_by().values_list("pk", flat=True))
        number = figures.rows(code, cases, period).rows if figure.kind == Kind.ROWS else len(pks)
        shown: Any = number
        if found.is_public:
            shown = told(len(pks)) if figure.kind == Kind.CASES or len(pks) < figures.SMALLEST else told(number)
            shown = outcomes.get(code, shown)
        behind = "" if found.is_public else ", ".join(str(at) for at in sorted(refs[pk] for pk in pks if pk in refs))
        found.numbers.append(Number(str(figure.label), shown, str(figure.definition), behind))
    for code in TIMED:
        took = figures.times(code, cases, period)
        if took.half is None or (found.is_public and took.cases < figures.SMALLEST):
            continue
        found.times.append(Number(str(FIGURES[code].label), words.span_words(took.half), str(FIGURES[code].definition)))
    for code in SUMMED:
        sum_ = figures.rupiah(code, cases, period)
        if not sum_.cases:
            continue
        told_ = told_sum(sum_.amount, cases=sum_.cases, largest=sum_.largest) if found.is_public else sum_.amount
        text = words.rupiah(told_, get_language()) if isinstance(told_, int) else str(told_)
        found.money.append(Number(str(FIGURES[code].label), text, str(FIGURES[code].definition)))


def _add_reasons(found: Dossier, cases: QuerySet[Case], subject: Subject, period: Period) -> None:
    """How facilities answered when they were asked, by answer."""
    rows = Attempt.objects.filter(period.holds("at"), case__in=cases.order_by().values("pk"))
    if subject.body:
        rows = rows.filter(body=subject.body)
    counted = rows.order_by().values("answer").annotate(n=Count("pk"))
    found.reasons = [
        (str(Answer(each["answer"]).label), _count(each["n"], found.audience))
        for each in sorted(counted, key=lambda each: -each["n"])
    ]


def _listed(case: Case, ref: int, found: Dossier) -> Listed:
    state = case.outcome.label if case.outcome else case.get_status_display()
    return Listed(
        ref=ref,
        who=f"{case.number} {case.initials}".strip() if found.is_internal else "",
        day=words.day(case.created_at, case.zone, get_language()),
        problem=case.problem_type.label if case.problem_type else "",
        place=case.place.name if case.place else "",
        state=f"{state} †" if case.died_at else state,
    )


def _exhibits(
    chosen: list[Case], refs: dict[int, int], secrets: Secrets, found: Dossier, zone: str
) -> list[tuple[str, str, str]]:
    """Letters that went out and papers that were kept of the cases told whole: number, what, of which case."""
    letters = Letter.objects.filter(
        case__in=chosen, sent_at__isnull=False, state__in=[LetterState.SENT, LetterState.ANSWERED]
    ).select_related("case")  # fmt: skip
    kept = Attachment.objects.filter(case__in=chosen).select_related("case")
    rows: list[tuple[int, str]] = []
    for letter in letters.order_by("sent_at"):
        number = f", {letter.our_reference}" if letter.our_reference and found.is_internal else ""
        day = anonymous.day_of(letter.sent_at or letter.logged_at, zone)
        rows.append((letter.case_id, f"{letter.get_kind_display()}, {day}{number}"))
    for paper_ in kept.order_by("uploaded_at"):
        title = f": {without_identity(paper_.title, secrets)}" if paper_.title and found.is_internal else ""
        rows.append(
            (paper_.case_id, f"{paper_.get_kind_display()}, {anonymous.day_of(paper_.uploaded_at, zone)}{title}")
        )
    if found.is_public:
        return []
    rows.sort(key=lambda each: refs[each[0]])
    return [(_("Exhibit %(n)d") % {"n": at}, text, str(refs[pk])) for at, (pk, text) in enumerate(rows, 1)]


def _missed(cases: QuerySet[Case], period: Period, refs: dict[int, int]) -> list[Missed]:
    rows = figures.rows_of("tenggat-lewat", cases, period).select_related("rule", "case").order_by("due_at", "pk")
    found = []
    for clock in rows[:MOST_CASES]:
        rule = clock.rule
        due = words.day(clock.due_at, clock.zone, get_language())
        ended = (
            _("met on %(day)s") % {"day": words.day(clock.ended_at, clock.zone, get_language())}
            if clock.state == Clock.State.STOPPED and clock.ended_at
            else _("not met yet")
        )
        basis = rule.legal_basis if _is_citable(rule) else _("not verified, not cited")
        found.append(
            Missed(str(refs.get(clock.case_id, "")), rule.label, clock.get_obliged_display(), due, ended, basis)
        )
    return found


def _is_citable(rule: Rule | ProblemType) -> bool:
    return rule.is_verified and not rule.is_practice


def _promises(
    user: User, unit: Organisation, subject: Subject, cases: QuerySet[Case], period: Period, secrets: Secrets,
    found: Dossier, chosen: list[Case],
) -> list[Kept]:  # fmt: skip
    """What was promised by then, with what became of it; a promise of a restricted case is left out."""
    below = Organisation.objects.below(unit).order_by().values("pk")
    rows = Commitment.objects.permitted(user, NEEDS[PrintKind.DOSSIER]).filter(
        desk__in=below, logged_at__lt=period.until_at
    )
    rows = rows.exclude(case__is_restricted=True).exclude(state=Promise.WITHDRAWN)
    about = Q(case__in=cases.order_by().values("pk"))
    if found.is_public:  # what was promised to somebody is part of their story
        about = Q(case__in=chosen)
    if subject.body:
        about &= Q(body__isnull=True) | Q(body=subject.body)
        about |= Q(case__isnull=True, body=subject.body)
    rows = rows.filter(about).filter(Q(ended_at__isnull=True) | Q(ended_at__gte=period.from_at - timedelta(days=365)))
    told_ = []
    for commitment in rows.select_related("body", "case", "desk__region").order_by("promised_at", "pk")[:100]:
        shown = promises.explain(commitment)
        who = str(commitment.body) if commitment.body else without_identity(commitment.party, secrets)
        official = ", ".join(filter(None, [commitment.official if found.is_internal else "", commitment.official_role]))
        told_.append(
            Kept(
                who=f"{who} ({official})" if official else who,
                text=without_identity(commitment.text, secrets),
                said=without_identity(shown.said, secrets),
                until=without_identity(shown.until, secrets),
                kept=KEPT.get(Promise(commitment.state), "open"),
                ended=shown.ended,
                proof=without_identity(commitment.proof_note, secrets) if found.is_internal else "",
            )
        )
    return told_


def _law(cases: list[Case], period: Period) -> tuple[list[Basis], int]:
    """The rules behind these cases that were read, with their days; and how many were not, which are not cited."""
    types = {case.problem_type for case in cases if case.problem_type}
    on = min(period.last, timezone.now().astimezone(ZoneInfo(period.zone)).date())
    rows: list[Rule | ProblemType] = [*types, *law.rules_for(list(types), on, None)]
    found, unread = {}, 0
    for each in rows:
        if not _is_citable(each):
            unread += 1
            continue
        key = (each.legal_basis, each.label)
        force = " – ".join(
            [
                words.day(each.effective_from, None, get_language()) if each.effective_from else "…",
                words.day(each.effective_to, None, get_language()) if each.effective_to else _("today"),
            ]
        )
        checked = words.day(each.verified_on, None, get_language()) if each.verified_on else ""
        found[key] = Basis(each.legal_basis, each.label, force, str(Confidence(each.confidence).label), checked)
    return sorted(found.values(), key=lambda each: (each.basis, each.label)), unread


def _attendee(text: str) -> tuple[str, str]:
    name, _comma, post = text.partition(",")
    return name.strip(), post.strip()


def asked_before(user: User, subject: Subject) -> list[Commitment]:
    """Demands laid before this body and not answered yet, by their number: they are proposed again."""
    if subject.body is None:
        return []
    rows = Commitment.objects.permitted(user, NEEDS[PrintKind.DOSSIER]).filter(body=subject.body, state=Promise.ASKED)
    return list(rows.exclude(case__is_restricted=True).order_by("number", "pk")[:10])


def typed(demands: str, attendees: str) -> dict:
    """What was typed, one a line, as an order keeps it."""
    return {
        "demands": [line.strip() for line in demands.splitlines() if line.strip()][:20],
        "attendees": [line.strip() for line in attendees.splitlines() if line.strip()][:40],
    }
