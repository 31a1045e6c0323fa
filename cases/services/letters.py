"""Letters of a case: drafted from what the case knows, sent, answered, or silent; and the union's notice (art. 8A/48A).

A draft is no fact yet. Sending one and an answer to it are, and stand on the timeline.
"""

import json
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from cases.models import Attachment, Case, CaseParty, Clock, ContactChannel, Event, EventType, Letter, Obliged, Rung
from cases.rules import letters as rules
from cases.rules.codes import CaseKind, EventCode, FollowUpKind, FollowUpState, PartyRole
from cases.rules.due import FURTHEST_AHEAD
from cases.rules.errors import CaseIsClosed, Refused
from cases.rules.ladder import WAIT_HOURS
from cases.rules.letters import Addressee, Earlier, Facts, Notice, NoticeBasis, NoticeKind
from cases.rules.registers import LetterKind, LetterState, Reply
from cases.rules.sharing import secret_words, without_identity
from cases.services import clocks, facts, follow_ups, ladder, law, masking, playbooks, timeline
from cases.services.ladder import COMPLAINTS, SENT
from members.models import Body, User
from members.rules import words
from members.rules.numbers import NumberKind, mask_number

#: What letters are written in: the offices they go to are in Indonesia.
LANGUAGE = "id"
#: Whose duties a letter may hold up to them; those of the family and of us are not theirs.
_THEIRS = frozenset(Obliged.values) - {Obliged.FAMILY, Obliged.WORKER, Obliged.US, Obliged.NOBODY}
#: How much of a story and of a timeline a draft takes over.
_STORY, _LINES = 1500, 60
#: How soon to look again at a letter whose hours of waiting are already over.
_SOON = timedelta(hours=1)


# Drafts


def draft(
    case: Case, kind: str, *, office: str = "", rung: Rung | None = None, channel: ContactChannel | None = None
) -> tuple[str, str]:
    """Subject and body of a letter from what the case knows, to be read and changed by who sends it."""
    with translation.override(LANGUAGE):
        found = facts_of(case, kind, office=office, channel=channel)
        return rules.subject(kind, found), rules.compose(kind, found)


def whatsapp(
    case: Case, kind: str, *, office: str = "", rung: Rung | None = None, channel: ContactChannel | None = None
) -> str:
    """The same for WhatsApp, without anything that says who it is about."""
    with translation.override(LANGUAGE):
        return rules.whatsapp(kind, facts_of(case, kind, office=office, channel=channel))


def facts_of(case: Case, kind: str, *, office: str, channel: ContactChannel | None = None) -> Facts:
    """What a letter may say of this case, free of names, in the language now active."""
    names = list(case.parties.values_list("person__full_name", flat=True))
    secrets = secret_words(names=names, diagnosis=case.diagnosis)

    def veiled(text: str) -> str:
        return rules.veil(text, names=names, diagnosis=case.diagnosis)

    events = _told(case)
    about = case.problem_type.label if case.problem_type else veiled(case.title)
    is_dry = kind in {LetterKind.POLICE, LetterKind.COURT}
    return Facts(
        number=case.number,
        desk=str(case.desk),
        office=office,
        about="" if case.is_restricted else without_identity(about, secrets),
        who=_who(case),
        place=without_identity(case.place.name, secrets) if case.place else "",
        story=veiled(case.story)[:_STORY] if case.story != case.title else "",
        days=_by_day(events, case, lambda event: _line(event, case, veiled)),
        kinds_by_day=_by_day(events, case, lambda event: event.type.label),
        earlier=_earlier(case),
        demands=[] if is_dry else _demands(case, kind),
        law=law_for(case, channel=channel),
        late=_late(case),
    )


def law_for(case: Case, *, channel: ContactChannel | None = None) -> list[str]:
    """What a letter of this case may cite: rules in force, read in the law or an official page, that bind the others.

    A rule of general knowledge, one on which sources disagree, one without a written basis and our own practice are
    never cited (DECISIONS 22).
    """
    on = timezone.localdate()
    found: dict[str, str] = {}
    kind = case.problem_type
    if kind and kind.is_verified:
        found[kind.legal_basis] = kind.label
    types = [kind] if kind else []
    for rule in law.rules_for(types, on, case.region):
        if rule.is_verified and not rule.is_practice and rule.obliged in _THEIRS:
            found.setdefault(rule.legal_basis, rule.label)
    if channel and channel.is_verified and not channel.is_practice:
        found.setdefault(channel.legal_basis, channel.label)
    return [f"{basis} ({label})" for basis, label in found.items()]


def _told(case: Case) -> list[Event]:
    """The facts of a case as they now count, oldest first; letters of ours stand in a list of their own."""
    rows = timeline.effective(case.events.facts()).select_related("type", "body").order_by("happened_at", "pk")
    ours = set(case.letters.exclude(sent_at=None).values_list("sent_at", flat=True))
    return [row for row in rows if row.type.code not in SENT or row.happened_at not in ours][-_LINES:]


def _by_day(events: list[Event], case: Case, say) -> list[tuple[str, list[str]]]:
    days: dict[str, list[str]] = {}
    for event in events:
        undated = event.data.get("undated")
        day = _("Day not known") if undated else words.long_day(event.happened_at, case.zone, LANGUAGE)
        lines = days.setdefault(day, [])
        if (text := say(event)) and text not in lines:
            lines.append(text)
    return list(days.items())


def _line(event: Event, case: Case, veiled) -> str:
    hour = "" if event.happened_on_day else f"{words.hours(event.happened_at, case.zone, LANGUAGE)} "
    where = [event.body.name] if event.body and event.body_id != case.place_id else []
    where += [veiled(event.counterpart)] if event.counterpart else []
    said = f": {veiled(event.text)}" if event.text else ""
    at = f" ({', '.join(where)})" if where else ""
    return f"{hour}{event.type.label}{at}{said}"


def _who(case: Case) -> str:
    """ "seorang pasien berinisial D.W.", of a collective case a group."""
    if case.kind == CaseKind.COLLECTIVE:
        return _("a group of people")
    roles = set(case.parties.values_list("role", flat=True))
    is_worker = PartyRole.WORKER in roles and PartyRole.PATIENT not in roles
    who = _("a worker") if is_worker else _("a patient")
    if case.died_at:
        who = _("the family of a worker who has died") if is_worker else _("the family of a patient who has died")
    return (
        _("%(who)s with the initials %(initials)s") % {"who": who, "initials": case.initials} if case.initials else who
    )


def _earlier(case: Case) -> list[Earlier]:
    found = []
    for row in case.letters.filter(state__in=[LetterState.SENT, LetterState.ANSWERED]).order_by("sent_at"):
        state = _("answered") if row.state == LetterState.ANSWERED else _("not answered")
        if row.state == LetterState.ANSWERED and row.reply:
            state = _("answered, %(reply)s") % {"reply": str(Reply(row.reply).label).lower()}
        day = words.day(row.sent_at, case.zone, LANGUAGE) if row.sent_at else ""
        found.append(Earlier(row.office, day, state, row.their_reference or row.our_reference))
    return found


def _demands(case: Case, kind: str) -> list[str]:
    """What we want to reach by our playbook, and an answer in writing."""
    book = playbooks.choose(case)
    wanted = [book.in_language("aim")] if book and book.aim else []
    if kind == LetterKind.OBSTACLE:
        wanted.append(_("That the obstacle is cleared at once, and who sees to it."))
    wanted.append(_("An answer in writing, with name and post of the officer, by [fill in the day]."))
    return wanted


def _late(case: Case) -> list[str]:
    """Deadlines of theirs that have passed, where the rule was read; the others are not held up to anybody."""
    rows = case.clocks.filter(state=Clock.State.RUNNING, obliged__in=_THEIRS, due_at__lt=timezone.now())
    return [
        _("%(rule)s: was due on %(day)s (%(basis)s)")
        % {
            "rule": clock.rule.label,
            "day": words.day(clock.due_at, clock.zone, LANGUAGE) if clock.due_at else "",
            "basis": clock.rule.legal_basis,
        }
        for clock in rows.select_related("rule").order_by("due_at")
        if clock.rule.is_verified and not clock.rule.is_practice
    ]


# Acts


@transaction.atomic
def write(
    *,
    case: Case,
    kind: str,
    office: str,
    by: User,
    subject: str = "",
    text: str = "",
    our_reference: str = "",
    rung: Rung | None = None,
    body: Body | None = None,
    channel: ContactChannel | None = None,
    content: dict | None = None,
    now: datetime | None = None,
    submit_key: UUID | None = None,
) -> Letter:
    """Keep a draft. Raises CaseIsClosed, and Refused without an office."""
    now = now or timezone.now()
    case = timeline.lock(case)
    if submit_key and (first := Letter.objects.filter(submit_key=submit_key, case=case).first()):
        return first
    if not case.is_open:
        raise CaseIsClosed
    office = " ".join(masking.clean(case, office, by, now=now).split())[:160]
    if not office:
        raise Refused(_("Say to which office it goes."))
    return Letter.objects.create(
        case=case,
        kind=kind,
        office=office,
        rung=rung,
        body=body,
        channel=channel,
        our_reference=" ".join(our_reference.split())[:80],
        subject=" ".join(masking.clean(case, subject, by, now=now).split())[:160],
        text=masking.clean(case, text, by, now=now),
        content=json.dumps(content, ensure_ascii=False) if content is not None else "",
        logged_at=now,
        logged_by=by,
        submit_key=submit_key,
    )


@transaction.atomic
def edit(
    *,
    letter: Letter,
    by: User,
    version: int | None = None,
    office: str | None = None,
    subject: str | None = None,
    text: str | None = None,
    our_reference: str | None = None,
    content: dict | None = None,
    now: datetime | None = None,
) -> Letter:
    """Change a draft. Raises CaseIsClosed, and Refused for one that was sent, or that somebody else has changed since."""
    now = now or timezone.now()
    case, letter = _locked(letter)
    if letter.state != LetterState.DRAFT:
        raise Refused(_("This letter has been sent: it stays as it went out."))
    if version is not None and version != letter.version:
        raise Refused(
            _("Somebody else has saved this letter meanwhile. Copy your words, open it again, and put them in.")
        )
    if office is not None:
        letter.office = " ".join(masking.clean(case, office, by, now=now).split())[:160] or letter.office
    if subject is not None:
        letter.subject = " ".join(masking.clean(case, subject, by, now=now).split())[:160]
    if text is not None:
        letter.text = masking.clean(case, text, by, now=now)
    if our_reference is not None:
        letter.our_reference = " ".join(our_reference.split())[:80]
    if content is not None:
        letter.content = json.dumps(content, ensure_ascii=False)
    return _save(letter)


@transaction.atomic
def send(
    *,
    letter: Letter,
    by: User,
    at: datetime | None = None,
    on_day: bool = False,
    way: str = "",
    our_reference: str = "",
    their_reference: str = "",
    proof: Attachment | None = None,
    now: datetime | None = None,
) -> Letter:
    """Somebody says that it went out: the fact is told, its clocks start, and somebody asks again if it stays silent.

    A second tap changes nothing. Raises CaseIsClosed, and Refused for a letter that is no longer needed or a moment to
    come.
    """
    now = now or timezone.now()
    case, letter = _locked(letter)
    if letter.state in {LetterState.SENT, LetterState.ANSWERED}:
        return letter
    if letter.state == LetterState.ENDED:
        raise Refused(_("This letter is no longer needed. Write a new one."))
    if not case.is_open:
        raise CaseIsClosed
    at = at or now
    if at > now:
        raise Refused(_("This moment is still to come. For plans, use a follow-up."))
    letter.state, letter.sent_at, letter.way = LetterState.SENT, at, way
    letter.our_reference = " ".join(our_reference.split())[:80] or letter.our_reference
    letter.their_reference = " ".join(their_reference.split())[:80] or letter.their_reference
    letter.proof = _paper(case, proof) or letter.proof
    wait = letter.rung.wait_hours if letter.rung and letter.rung.wait_hours else WAIT_HOURS
    letter.follow_up = follow_ups.schedule(
        case=case,
        title=_("Ask %(office)s for the answer") % {"office": letter.office[:120]},
        due_at=min(max(at + timedelta(hours=wait), now + _SOON), now + FURTHEST_AHEAD),
        owner=case.assignee or by,
        by=by,
        kind=FollowUpKind.ANSWER,
        now=now,
    )
    is_complaint = letter.kind in COMPLAINTS
    event = facts.tell(
        case=case,
        type=EventType.objects.get(code=EventCode.COMPLAINT_SENT if is_complaint else "letter_sent"),
        by=by,
        text="" if letter.kind == LetterKind.COMPLAINT else str(LetterKind(letter.kind).label),
        at=at,
        on_day=on_day,
        body=letter.body,
        counterpart=letter.office[:120],
        details={"reference": reference} if (reference := letter.their_reference or letter.our_reference) else {},
        now=now,
    )
    _start_clocks_of(letter, case, event, by=by, now=now)
    return _save(letter)


@transaction.atomic
def answered(
    *,
    letter: Letter,
    by: User,
    reply: str = "",
    answer: str = "",
    at: datetime | None = None,
    on_day: bool = False,
    their_reference: str = "",
    now: datetime | None = None,
) -> Letter:
    """The office has answered: the fact is told and nobody is reminded of it any more. A second tap changes nothing.

    Raises CaseIsClosed, and Refused for a letter that was not sent or an answer older than the letter.
    """
    now = now or timezone.now()
    case, letter = _locked(letter)
    if letter.state == LetterState.ANSWERED:
        return letter
    if letter.state != LetterState.SENT or letter.sent_at is None:
        raise Refused(_("This letter has not been sent yet."))
    if not case.is_open:
        raise CaseIsClosed
    at = at or now
    there = ZoneInfo(case.zone)
    if on_day and at.astimezone(there).date() == letter.sent_at.astimezone(there).date():
        at = max(at, letter.sent_at)  # of the day alone: not before it was sent
    if at < letter.sent_at:
        raise Refused(_("An answer cannot be older than the letter. Check the day."))
    letter.state, letter.answered_at, letter.reply = LetterState.ANSWERED, at, reply
    letter.answer = masking.clean(case, answer, by, now=now)
    letter.their_reference = " ".join(their_reference.split())[:80] or letter.their_reference
    plan = letter.follow_up
    facts.tell(
        case=case,
        type=EventType.objects.get(code="answered"),
        by=by,
        text=" · ".join(filter(None, [str(Reply(reply).label) if reply else "", answer])),
        at=at,
        on_day=on_day,
        body=letter.body,
        counterpart=letter.office[:120],
        done=[plan] if plan and plan.state == FollowUpState.OPEN else [],
        now=now,
    )
    timeline.record(case, EventCode.LETTER_ANSWERED, by=by, now=now, data={"letter": str(letter.uuid)})
    return _save(letter)


@transaction.atomic
def keep_proof(
    *,
    letter: Letter,
    by: User,
    our_reference: str | None = None,
    their_reference: str | None = None,
    proof: Attachment | None = None,
    now: datetime | None = None,
) -> Letter:
    """Note what shows that it was received: their ticket or receipt number, a paper of the case. Also after closing."""
    case, letter = _locked(letter)
    if our_reference is not None:
        letter.our_reference = " ".join(our_reference.split())[:80]
    if their_reference is not None:
        letter.their_reference = " ".join(their_reference.split())[:80]
    letter.proof = _paper(case, proof)
    return _save(letter)


@transaction.atomic
def end(*, letter: Letter, by: User, note: str = "", now: datetime | None = None) -> Letter:
    """It is no longer needed: nobody waits for its answer. A second tap changes nothing; an answered one stays as it is."""
    now = now or timezone.now()
    _case, letter = _locked(letter)
    if letter.state == LetterState.ENDED:
        return letter
    if letter.state == LetterState.ANSWERED:
        raise Refused(_("This letter has been answered already."))
    letter.state = LetterState.ENDED
    if letter.follow_up and letter.follow_up.state == FollowUpState.OPEN:
        follow_ups.cancel(follow_up=letter.follow_up, by=by, note=note or _("The letter is no longer needed."), now=now)
    return _save(letter)


def _locked(letter: Letter) -> tuple[Case, Letter]:
    case = timeline.lock(letter.case)
    rows = Letter.objects.select_for_update(of=("self",)).select_related(
        "rung", "channel", "body", "follow_up", "proof"
    )
    found = rows.get(pk=letter.pk)
    found.case = case
    return case, found


def _save(letter: Letter) -> Letter:
    letter.version += 1
    letter.save()
    Case.objects.filter(pk=letter.case_id).update(version=F("version") + 1)
    return letter


def _paper(case: Case, proof: Attachment | None) -> Attachment | None:
    if proof is not None and proof.case_id != case.pk:
        raise Refused(_("Choose a paper of this case."))
    return proof


def _start_clocks_of(letter: Letter, case: Case, event: Event, *, by: User, now: datetime) -> None:
    """The published time of answer of the channel it went through, besides what the problem itself starts."""
    if letter.channel is None:
        return
    on = event.happened_at.astimezone(ZoneInfo(case.zone)).date()
    for rule in letter.channel.rules.filter(law.in_force(on)):
        if event.type.code in rule.started_by:
            clocks.start(case=case, rule=rule, by=by, started_at=event.happened_at, event=event, now=now)


# The union's notice


def offers_notice(case: Case) -> bool:
    """Whether this case is one of which the union may give notice by itself (Permenaker 1/2025 art. 8A, 48A)."""
    return any(rules.wants_notice(kind.clocks) for kind in case.problem_types.all()) or (
        case.problem_type is not None and rules.wants_notice(case.problem_type.clocks)
    )


def content_of(letter: Letter) -> dict:
    """What a notice says."""
    return json.loads(letter.content) if letter.content else {}


def prefill(case: Case, *, by: User) -> dict:
    """A notice as far as the case knows it; what it does not know stays empty, and nothing is guessed.

    The number of the worker is not copied: it is read from the person when the notice is printed (`printed`).
    """
    code = case.problem_type.code if case.problem_type else ""
    worker = _worker(case)
    accident = timeline.effective(case.events.filter(type__code="accident")).select_related("body").first()
    illness = timeline.effective(case.events.filter(type__code="pak_diagnosed")).first()
    is_disease = code == "E04" or (illness is not None and accident is None)
    reported = timeline.effective(case.events.filter(type__code="employer_reported")).order_by("happened_at").first()
    known = accident if not is_disease else illness
    at = known.happened_at if known else case.occurred_at
    there = ZoneInfo(case.zone)
    day = at.astimezone(there).date().isoformat() if at else ""
    hour = at.astimezone(there).strftime("%H.%M") if at and known and not known.happened_on_day else ""
    employer = ladder.employer_of(case)
    employment = worker.person.employments.exclude(job="").order_by("-from_on", "-pk").first() if worker else None
    is_facility = case.place is not None and case.place.kinds.filter(is_facility=True).exists()
    basis = NoticeBasis.INFORMAL if code == "F09" else NoticeBasis.WAGE
    return {
        "kind": NoticeKind.DISEASE if is_disease else NoticeKind.ACCIDENT,
        "basis": basis,
        "to": [each.value for each in rules.ADDRESSEES[basis]],
        "worker": worker.person.full_name if worker else "",
        "number": "",
        "employer": employer.name if employer else "",
        "on": "" if is_disease else day,
        "hour": "" if is_disease else hour,
        "where": accident.body.name if accident and accident.body else case.place_note,
        "cause": "",
        "chronology": (known.text if known and known.text else "") or case.story,
        "job": employment.job if employment and is_disease else "",
        "years": "",
        "years_last": "",
        "exposure": "",
        "diagnosis": case.diagnosis if is_disease else "",
        "facility": case.place.name if case.place and is_facility else "",
        "witnesses": "",
        "notifier": by.full_name,
        "phone": words.phone(by.whatsapp) if by.whatsapp else "",
        "union": str(case.desk),
        "reported": "yes" if reported else "",
        "reported_proof": words.day(reported.happened_at, case.zone, LANGUAGE) if reported else "",
    }


def number_on_file(case: Case) -> str:
    """The participant number or NIK kept with the worker: KPJ first, then NIK, then the JKN number."""
    worker = _worker(case)
    if worker is None:
        return ""
    kept = {row.kind: row.value for row in worker.person.identifiers.all()}
    return next((f"{NumberKind(kind).label} {kept[kind]}" for kind in ("kpj", "nik", "jkn") if kind in kept), "")


def masked_number(case: Case) -> str:
    """The same number as it may stand on a page: masked."""
    kind, _space, number = number_on_file(case).rpartition(" ")
    return f"{kind} {mask_number(number)}" if number else ""


def offices_of(case: Case, content: dict) -> list[str]:
    """To whom the notice goes, by name where an office is known in this region."""
    region = ladder.region_of(case)
    province = region.parent if region and region.parent else region
    at = f" {ladder.rules.short_region(region.name)}" if region else ""
    employer = str(content.get("employer") or "").strip()
    names = {
        Addressee.EMPLOYER: _("The management of %(employer)s") % {"employer": employer}
        if employer
        else _("The management of the employer (NOT FILLED IN)"),
        Addressee.BPJS_TK: f"BPJS Ketenagakerjaan{at}",
        Addressee.BPJS_KESEHATAN: f"BPJS Kesehatan{at}",
        Addressee.LABOUR: _("Labour office of the province%(where)s")
        % {"where": f" {province.name}" if province else ""},
    }
    return [names[Addressee(each)] for each in content.get("to", []) if each in Addressee.values]


def printed(case: Case, content: dict, *, now: datetime) -> Notice:
    """The notice as it is printed, in Indonesian; the number comes from the person where none was typed."""
    with translation.override(LANGUAGE):
        filled = {**content, "number": content.get("number") or number_on_file(case)}
        if on := filled.get("on"):
            filled["on"] = words.long_day(datetime.fromisoformat(on).date(), language=LANGUAGE)
        if filled.get("hour"):
            filled["hour"] = f"{filled['hour']} {words.zone_label(case.zone)}"
        return rules.notice(
            filled,
            to=offices_of(case, content),
            desk=str(case.desk),
            number=case.number,
            today=words.long_day(now, case.zone, LANGUAGE),
            duty=_duty(content, now=now),
        )


def still_missing(case: Case, content: dict) -> list[rules.NoticeField]:
    """What the article asks for and neither the notice nor the person's own data say."""
    return rules.missing({**content, "number": content.get("number") or number_on_file(case)})


def _duty(content: dict, *, now: datetime) -> str:
    """The employer's own duty to report, only while the rule that says so is in force and was read (K13)."""
    if content.get("basis") == NoticeBasis.INFORMAL:
        return ""
    rule = law.Rule.objects.filter(law.in_force(now.date()), code="K13").first()
    if rule is None or not rule.is_verified:
        return ""
    return _("The employer reports within 2×24 hours (%(basis)s).") % {"basis": rule.legal_basis}


def _worker(case: Case) -> CaseParty | None:
    rows = {row.role: row for row in case.parties.select_related("person").prefetch_related("person__identifiers")}
    return next((rows[role] for role in (PartyRole.WORKER, PartyRole.PATIENT, PartyRole.INSURED) if role in rows), None)
