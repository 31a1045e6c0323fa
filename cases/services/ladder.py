"""The ladders of a case as they stand today: every rung with its named office, what was laid before it, and which is next."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from cases.models import Case, Confidence, ContactChannel, Event, Ladder, Letter, Rung
from cases.rules import ladder as rules
from cases.rules.codes import EventCode, PartyRole
from cases.rules.ladder import Door, Next, Reach, Step, Try, Verdict
from cases.rules.registers import LetterKind, LetterState, Reply
from cases.services import law, timeline
from members.models import Body, Region

#: Facts that say an office was spoken to; those of the second set also are its answer.
ASKED = frozenset({"called", "visited", "facility_asked", "asked_payment", "refused", "answered", "promised"})
REPLIED = frozenset({"asked_payment", "refused", "answered", "promised"})
#: Facts that say something was sent, written without a letter of ours.
SENT = frozenset({"letter_sent", "complaint_sent"})
#: Facts and problems that mean harm.
HARM = frozenset({EventCode.DIED, "harmed", "accident"})
HARM_PROBLEMS = frozenset({"B05"})
#: The kind of body that employs.
EMPLOYER = "employer"
#: Kinds of letter that count as "already complained".
COMPLAINTS = frozenset({LetterKind.COMPLAINT, LetterKind.SUMMONS, LetterKind.OBSTACLE})


@dataclass(frozen=True)
class Office:
    """A named office, and whether somebody has checked that it is the right one."""

    name: str
    body: Body | None = None
    phone: str = ""
    is_verified: bool = False


@dataclass
class RungNow:
    """A rung of a case today."""

    rung: Rung
    verdict: Verdict
    office: Office
    channels: list[ContactChannel]
    letters: list[Letter] = field(default_factory=list)

    @property
    def key(self) -> str:
        """How addresses name this rung: "R1-4"."""
        return f"{self.rung.ladder.code}-{self.rung.position}"


@dataclass
class LadderNow:
    """A ladder of a case today."""

    ladder: Ladder
    rungs: list[RungNow]
    next: Next | None

    def at(self, verdict: Verdict | None) -> RungNow | None:
        return next((each for each in self.rungs if verdict and each.rung.position == verdict.step.position), None)

    @property
    def next_rung(self) -> RungNow | None:
        """The rung to act on today."""
        return self.at(self.next.rung) if self.next else None


def of_case(case: Case, *, now: datetime) -> list[LadderNow]:
    """The ladders of the main problem, in its order; none for a case without a problem type that has one."""
    codes = codes_of(case)
    if not codes:
        return []
    on = now.date()
    rows = Ladder.objects.filter(law.in_force(on), code__in=codes).prefetch_related("rungs__channels__body_kind")
    ladders = sorted(rows, key=lambda row: codes.index(row.code))
    letters = list(
        case.letters.exclude(state=LetterState.ENDED).select_related("rung__ladder", "body", "channel").order_by("pk")
    )
    region = region_of(case)
    offices = _Offices(case, region)
    events = list(
        timeline.effective(case.events.filter(type__code__in=ASKED | SENT | HARM)).select_related(
            "type", "body__merged_into"
        )
    )
    is_harmed = _is_harmed(case, events, letters)
    found = []
    for ladder in ladders:
        rungs = [_Found(rung, ladder, offices) for rung in ladder.rungs.all()]
        tries = [*_from_letters(letters, rungs), *_from_events(events, letters, rungs, case)]
        steps = [Step(each.rung.position, each.rung.name, each.rung.condition, each.rung.wait_hours) for each in rungs]
        verdicts = rules.look(steps, tries, now=now, zone=case.zone, is_harmed=is_harmed)
        now_rungs = []
        for each, verdict in zip(rungs, verdicts, strict=True):
            of_rung = [letter for letter in letters if letter.rung_id == each.rung.pk]
            now_rungs.append(RungNow(each.rung, verdict, each.office, each.channels, of_rung))
        found.append(LadderNow(ladder, now_rungs, rules.next_rung(verdicts)))
    return found


def codes_of(case: Case) -> list[str]:
    """The ladders of the case's main problem, the first one first."""
    kind = case.problem_type
    return [code.strip() for code in kind.ladder.split(",") if code.strip()] if kind else []


def rung_of(case: Case, key: str, *, now: datetime) -> RungNow | None:
    """The rung an address names ("R1-4"), where it is one of this case's ladders."""
    for ladder in of_case(case, now=now):
        for each in ladder.rungs:
            if each.key == key:
                return each
    return None


def region_of(case: Case) -> Region | None:
    """The region offices are looked for in: that of the case, of its place, or of its desk."""
    place = case.place.region if case.place else None
    return case.region or place or case.desk.region


def employer_of(case: Case) -> Body | None:
    """Whom the worker works for, as far as the case knows: its place, the worker's employment, or where it happened."""
    place = case.place
    if place is not None and place.kinds.filter(code=EMPLOYER).exists():
        return place
    of_worker = Body.objects.filter(employments__person__parties__case=case)
    of_worker = of_worker.filter(employments__person__parties__role__in=[PartyRole.WORKER, PartyRole.PATIENT])
    if found := of_worker.order_by("-employments__from_on", "-employments__pk").first():
        return found
    event = (
        case.events.filter(body__kinds__code=EMPLOYER)
        .select_related("body__merged_into")
        .order_by("-happened_at", "-pk")
        .first()
    )
    return event.body.merged_into or event.body if event else None


def say(found: LadderNow, *, now: datetime, zone: str) -> str:
    """What to do on this ladder today, in one sentence."""
    here = found.next_rung
    if found.next is None or here is None:
        return ""
    below = found.at(found.next.after)
    return rules.headline(
        found.next, office=here.office.name, below=below.office.name if below else "", now=now, zone=zone
    )


class _Offices:
    """The offices of a case's region and province by kind, read once."""

    def __init__(self, case: Case, region: Region | None):
        self.case, self.region = case, region
        self.province = region if region is None or region.kind == Region.Kind.PROVINCE else region.parent
        self.of_place = {kind.code: kind for kind in case.place.kinds.all()} if case.place else {}
        here = [row.pk for row in (region, self.province) if row]
        rows = Body.objects.filter(merged_into=None, region__in=here) if here else Body.objects.none()
        rows = rows.filter(Q(kinds__is_facility=False)).distinct().prefetch_related("kinds")
        self.bodies = sorted(rows, key=lambda body: (body.region_id != here[0], body.verified_on is None, body.name))

    def find(self, door: Door, rung: Rung, channels: list[ContactChannel]) -> Office:
        """The named office of a rung: a body of its kind in regency then province, else a name said to be unchecked."""
        kind = next((row.body_kind for row in channels if row.body_kind), None)
        code = door.kind or (kind.code if kind else "")
        phone = channels[0].phone if channels else ""
        if door.reach == Reach.FACILITY:
            return self._at_facility(door, rung)
        if door.reach == Reach.NATION:
            is_read = bool(channels) and channels[0].confidence in {Confidence.LAW, Confidence.NEWS}
            return Office(door.name or rung.name, phone=phone, is_verified=is_read)
        body = employer_of(self.case) if door.reach == Reach.EMPLOYER else None
        if body is None and door.may_be_named:
            body = self._body(door, code)
        if body is not None:
            return Office(body.name, body, body.phone or phone, is_verified=body.verified_on is not None)
        if door.reach == Reach.EMPLOYER:
            return Office(_("Employer"))
        where = self.province if door.reach == Reach.PROVINCE else self.region
        name = door.name or (str(kind) if kind else rung.name)
        return Office(f"{name} {rules.short_region(where.name)}" if where else name, phone=phone)

    def _body(self, door: Door, kind: str) -> Body | None:
        place = self.case.place
        if place and kind in self.of_place:
            return place
        rows = [body for body in self.bodies if kind in {row.code for row in body.kinds.all()}]
        if door.reach == Reach.EMPLOYER:
            return None  # not just any employer of the region
        if door.reach == Reach.PROVINCE and self.province:
            rows = [body for body in rows if body.region_id == self.province.pk]
        return rows[0] if rows else None

    def _at_facility(self, door: Door, rung: Rung) -> Office:
        place = self.case.place
        name = door.name or rung.name
        is_facility = place is not None and (
            not self.of_place or any(kind.is_facility for kind in self.of_place.values())
        )
        if place is None or not is_facility:
            return Office(name)
        body = None if door.name else place
        return Office(f"{name}, {place.name}", body, place.phone, is_verified=True)  # where the patient is, it is


class _Found:
    """A rung with its channels and its office."""

    def __init__(self, rung: Rung, ladder: Ladder, offices: _Offices):
        rung.ladder = ladder
        self.rung = rung
        rows = {row.code: row for row in rung.channels.all()}
        programmes = offices.case.problem_type.programmes if offices.case.problem_type else []
        order = rules.in_order(list(rows), programmes)
        self.channels = [rows[code] for code in order]
        self.office = offices.find(rules.door_of(ladder.code, rung.position, order), rung, self.channels)


def _from_letters(letters: Iterable[Letter], rungs: list[_Found]) -> list[Try]:
    found = []
    for letter in letters:
        if letter.sent_at is None:
            continue
        found.append(
            Try(
                at=letter.sent_at,
                position=_position_of_letter(letter, rungs),
                office=letter.office,
                answered_at=letter.answered_at,
                is_solved=letter.reply == Reply.SOLVED,
                is_complaint=letter.kind in COMPLAINTS,
                has_proof=has_proof(letter),
            )
        )
    return found


def has_proof(letter: Letter) -> bool:
    """Whether it can be shown that this letter was received: their number, a paper kept, or their answer in words."""
    return bool(letter.their_reference or letter.proof_id or (letter.answered_at and letter.answer))


def _position_of_letter(letter: Letter, rungs: list[_Found]) -> int | None:
    if letter.rung_id and (own := next((each for each in rungs if each.rung.pk == letter.rung_id), None)):
        return own.rung.position
    for each in reversed(rungs):
        if letter.body_id and each.office.body and each.office.body.pk == letter.body_id:
            return each.rung.position
        if letter.channel_id and letter.channel_id in {row.pk for row in each.channels}:
            return each.rung.position
    return None


def _from_events(events: Iterable[Event], letters: Iterable[Letter], rungs: list[_Found], case: Case) -> list[Try]:
    """Offices spoken to without a letter of ours; what was written for a letter is counted with it."""
    ours = {moment for letter in letters for moment in (letter.sent_at, letter.answered_at) if moment}
    found = []
    for event in events:
        code = event.type.code
        if event.happened_at in ours or code not in ASKED | SENT:
            continue
        body = event.body.merged_into or event.body if event.body else case.place
        at = [each for each in rungs if body and each.office.body and each.office.body.pk == body.pk]
        if not at and code not in SENT:
            continue
        # What is said goes to the first who is there; what is sent goes to whom they answer to.
        position = (at[-1] if code in SENT else at[0]).rung.position if at else None
        found.append(
            Try(
                at=event.happened_at,
                position=position,
                office=body.name if body else event.counterpart,
                answered_at=event.happened_at if code in REPLIED else None,
                is_complaint=code == EventCode.COMPLAINT_SENT,
            )
        )
    return found


def _is_harmed(case: Case, events: Iterable[Event], letters: Iterable[Letter]) -> bool:
    if case.died_at or (case.problem_type and case.problem_type.code in HARM_PROBLEMS):
        return True
    return any(event.type.code in HARM for event in events) or any(row.kind == LetterKind.POLICE for row in letters)
