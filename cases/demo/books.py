"""The steps of a story that go into the books of a case: facilities, promises, letters, papers, money, counts, partners."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from cases.demo.moments import moment
from cases.demo.union import Union, read
from cases.models import Case, Checklist, Commitment, Letter, Rung
from cases.rules.collective import Named
from cases.rules.commitments import Terms
from cases.rules.due import end_of_day
from cases.rules.registers import LetterKind, PaperState, PartnerState, Term
from cases.services import attempts, collective, commitments, consents, counts, letters, money, papers, partners, ska
from members.models import Body, User
from members.services import places

#: What stands on a promise or a demand in words, as it is told.
WORDS = ("party", "official_role", "where", "proof_note")


def terms_of(step: dict, *, now: datetime, zone: str) -> Terms:
    """Until when something is to be kept: "until" a moment (of which perhaps only the "day" counts), or every "months"."""
    if "months" in step:
        return Terms(term=Term.STANDING, review_months=step["months"])
    if "until" not in step:
        return Terms()
    due_at, is_day = moment(step["until"], now=now, zone=zone), step.get("day", False)
    if is_day:
        due_at = end_of_day(due_at.astimezone(ZoneInfo(zone)).date(), zone)
    return Terms(term=Term.DATE, due_at=due_at, due_is_day=is_day)


def tell_desks(union: Union, *, now: datetime) -> None:
    """What was promised to a desk and belongs to no case."""
    for row in read("desks"):
        desk = union.organisations[row["desk"]]
        at = moment(row["at"], now=now, zone=desk.zone)
        commitments.promise(
            desk=desk,
            text=row["text"],
            body=union.bodies[row["body"]] if "body" in row else None,
            form=row.get("form", ""),
            terms=terms_of(row, now=now, zone=desk.zone),
            said_at=at,
            by=union.users[row["by"]],
            now=at,
            **{name: row[name] for name in WORDS if name in row},
        )


def tell_ska(union: Union, *, now: datetime) -> None:
    """Consultations and outreach beside the cases."""
    for row in read("ska"):
        desk = union.organisations[row["desk"]]
        at = moment(row["at"], now=now, zone=desk.zone)
        ska.note(
            desk=desk, kind=row["kind"], topic=row["topic"], people=row["people"], by=union.users[row["by"]], now=at
        )


class Books:
    """One form of a book each, pressed at the moment of the step. What a later step speaks of again has a name ("as")."""

    union: Union
    case: Case
    zone: str
    now: datetime
    then: datetime

    def begin_books(self) -> None:
        """Nothing was promised and no letter written in a story that begins."""
        self.promises: dict[str, Commitment] = {}
        self.letters: dict[str, Letter] = {}

    def _body(self, step: dict) -> Body | None:
        """A body of the demo by its key, or a place typed freely."""
        if "body" in step:
            return self.union.bodies[step["body"]]
        return places.find_or_create(step.get("place", ""), region=self.case.region)

    def _day(self, step: dict, key: str = "on") -> date | None:
        if key not in step:
            return None
        return moment(step[key], now=self.now, zone=self.zone).astimezone(ZoneInfo(self.zone)).date()

    # --- Facilities asked ---

    def _ask(self, step: dict, *, by: User) -> None:
        names = ("way", "reason", "officer_role", "bed_class", "beds_free", "queue_place", "referral")
        attempts.ask(
            case=self.case,
            answer=step["answer"],
            body=self._body(step),
            by=by,
            now=self.then,
            **{name: step[name] for name in names if name in step},
        )

    # --- Promises and demands ---

    def _promise(self, step: dict, *, by: User) -> None:
        given = self._said(step) | {"said_at": self.then}
        self.promises[step.get("as", "")] = commitments.promise(by=by, now=self.then, **given)

    def _demand(self, step: dict, *, by: User) -> None:
        self.promises[step.get("as", "")] = commitments.demand(by=by, now=self.then, **self._said(step))

    def _said(self, step: dict) -> dict[str, Any]:
        terms = terms_of(step, now=self.now, zone=self.zone)
        given = {"case": self.case, "text": step["text"], "body": self._body(step), "form": step.get("form", "")}
        return given | {"terms": terms} | {name: step[name] for name in WORDS if name in step}

    def _grant(self, step: dict, *, by: User) -> None:
        terms = terms_of(step, now=self.now, zone=self.zone)
        commitments.grant(
            commitment=self.promises[step["which"]], terms=terms, note=step.get("note", ""), by=by, now=self.then
        )

    def _keep(self, step: dict, *, by: User) -> None:
        commitments.keep(commitment=self.promises[step["which"]], note=step["note"], by=by, now=self.then)

    def _break(self, step: dict, *, by: User) -> None:
        commitments.break_(commitment=self.promises[step["which"]], note=step["note"], by=by, now=self.then)

    def _refuse(self, step: dict, *, by: User) -> None:
        commitments.refuse(commitment=self.promises[step["which"]], note=step["note"], by=by, now=self.then)

    # --- Letters ---

    def _letter(self, step: dict, *, by: User) -> None:
        """Drafted, in its own words or as the case composes it, and sent at once."""
        rung = None
        if "rung" in step:
            ladder, position = step["rung"]
            rung = Rung.objects.get(ladder__code=ladder, position=position)
        kind = step.get("kind", LetterKind.COMPLAINT)
        subject, text = letters.draft(self.case, kind, office=step["office"], rung=rung)
        letter = letters.write(
            case=self.case,
            kind=kind,
            office=step["office"],
            subject=step.get("subject", subject),
            text=text,
            our_reference=step.get("our_reference", ""),
            rung=rung,
            body=self._body(step),
            by=by,
            now=self.then,
        )
        way, theirs = step.get("way", ""), step.get("their_reference", "")
        letters.send(letter=letter, way=way, their_reference=theirs, by=by, now=self.then)
        self.letters[step.get("as", "")] = letter

    def _reply(self, step: dict, *, by: User) -> None:
        letters.answered(
            letter=self.letters[step["which"]], reply=step["reply"], answer=step["answer"], by=by, now=self.then
        )

    # --- Papers ---

    def _checklist(self, step: dict, *, by: User) -> None:
        """Start a checklist and tap where its papers are; the ones not spoken of are still needed."""
        rows = papers.start(case=self.case, checklist=Checklist.objects.get(code=step["code"]), by=by, now=self.then)
        held = {row.paper.code: row for row in rows if row.paper}
        for state in PaperState:
            for code in step.get(state, []):
                papers.move(paper=held[code], state=state, by=by, now=self.then)

    # --- Money ---

    def _money(self, step: dict, *, by: User) -> None:
        money.add(
            case=self.case,
            kind=step["kind"],
            amount=step["amount"],
            on_date=self._day(step),
            payer=step.get("payer", ""),
            payee=step.get("payee", ""),
            note=step.get("note", ""),
            proof_note=step.get("proof_note", ""),
            body=self._body(step),
            by=by,
            now=self.then,
        )

    # --- Counts, partners, consent, people of a list ---

    def _count(self, step: dict, *, by: User) -> None:
        counts.add(
            case=self.case,
            what=step["what"],
            what_text=step.get("what_text", ""),
            number=step["number"],
            is_estimate=step.get("about", False),
            source=step["source"],
            on_date=self._day(step),
            by=by,
            now=self.then,
        )

    def _partner(self, step: dict, *, by: User) -> None:
        partners.add(
            case=self.case,
            organisation=self.union.organisations[step["organisation"]] if "organisation" in step else None,
            body=self.union.bodies[step["body"]] if "body" in step else None,
            name=step.get("name", ""),
            task=step["task"],
            state=step.get("state", PartnerState.ACCEPTED),
            state_on=self.then.astimezone(ZoneInfo(self.zone)).date(),
            by=by,
            now=self.then,
        )

    def _consent(self, step: dict, *, by: User) -> None:
        consents.state(
            case=self.case,
            answers=step["answers"],
            party=self.case.parties.filter(role=step["party"]).first(),
            form=step.get("form", ""),
            note=step.get("note", ""),
            by=by,
            now=self.then,
        )

    def _people(self, step: dict, *, by: User) -> None:
        people = [Named(name=name) for name in step["names"]]
        collective.add_people(parent=self.case, people=people, by=by, now=self.then)
