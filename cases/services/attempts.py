"""Facilities asked for a bed or a treatment, one after the other; and what may be told of it outside."""

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.models import Attempt, Case, EventType
from cases.rules.codes import EventCode, Urgency
from cases.rules.registers import Answer, BedClass
from cases.rules.sharing import secret_words, without_identity
from cases.services import facts, masking, timeline
from cases.services.sharing import LANGUAGE
from members.models import Body, User

#: How long an answer of a facility is worth waiting for before it is asked again.
RECENTLY = timedelta(hours=6)
#: A no that rules count as a refusal; every other answer is a facility that was asked.
_REFUSALS = frozenset({Answer.FULL, Answer.REFUSED})
REFUSED = "refused"
#: Facilities named in a text; a longer row is counted only.
MOST_NAMED = 20


@transaction.atomic
def ask(
    *,
    case: Case,
    answer: str,
    by: User,
    body: Body | None = None,
    at: datetime | None = None,
    on_day: bool = False,
    way: str = "",
    reason: str = "",
    officer: str = "",
    officer_role: str = "",
    bed_class: str = "",
    beds_free: int | None = None,
    queue_place: int | None = None,
    referral: str = "",
    now: datetime | None = None,
    submit_key: UUID | None = None,
) -> Attempt:
    """Write down that a facility was asked, with its answer, and the fact on the timeline that belongs to it.

    Full and refused are a refusal, so that whose turn it is and the clocks move as after any refusal; the other answers
    leave the turn with us. Raises what ``facts.tell`` raises; then nothing is kept.
    """
    now = now or timezone.now()
    case = timeline.lock(case)
    if submit_key and (first := Attempt.objects.filter(submit_key=submit_key, case=case).first()):
        return first
    attempt = Attempt(
        case=case,
        body=body,
        at=at or now,
        way=way,
        answer=answer,
        reason=masking.clean(case, reason, by, now=now)[:300],
        officer=masking.clean(case, officer, by, now=now)[:120],
        officer_role=masking.clean(case, officer_role, by, now=now)[:80],
        bed_class=bed_class,
        beds_free=beds_free,
        queue_place=queue_place,
        referral=referral,
        logged_at=now,
        logged_by=by,
        submit_key=submit_key,
    )
    code = REFUSED if answer in _REFUSALS else EventCode.FACILITY_ASKED
    attempt.event = facts.tell(
        case=case,
        type=EventType.objects.get(code=code),
        by=by,
        text=_sentence(attempt),
        at=at,
        on_day=on_day,
        body=body,
        counterpart=_counterpart(attempt),
        now=now,
    )
    attempt.save()
    return attempt


def asked_recently(case: Case, body: Body | None, *, now: datetime) -> Attempt | None:
    """The last time this facility was asked for this case, where that is only hours ago."""
    if body is None:
        return None
    rows = case.attempts.filter(body=body, at__gt=now - RECENTLY).select_related("body", "logged_by")
    return rows.order_by("-at", "-pk").first()


def summary(case: Case) -> str:
    """Which facilities were asked and what they answered, without a word of who it is about: safe for a group."""
    with translation.override(LANGUAGE):
        return _summary(case)


def _summary(case: Case) -> str:
    secrets = secret_words(names=case.parties.values_list("person__full_name", flat=True), diagnosis=case.diagnosis)
    rows = case.attempts.select_related("body").order_by("-at", "-pk")
    latest: dict[int | str, Attempt] = {}
    for row in rows:
        latest.setdefault(row.body_id or f"?{row.pk}", row)
    found = list(latest.values())
    head = [case.number, *([] if case.urgency == Urgency.UNKNOWN else [str(Urgency(case.urgency).label)])]
    lines = [" · ".join(head), "", _headline(found)]
    lines += [_line(row, case, secrets) for row in found[:MOST_NAMED]]
    if len(found) > MOST_NAMED:
        more = len(found) - MOST_NAMED
        lines.append(ngettext("and %(n)d more", "and %(n)d more", more) % {"n": more})
    return "\n".join([*lines, "", _("Names and papers are not sent here.")])


def _headline(found: list[Attempt]) -> str:
    answers = {row.answer for row in found}
    if answers == {Answer.FULL}:
        said = _("all full")
    elif Answer.ACCEPTED in answers:
        said = _("one accepts")
    else:
        said = _("none accepts yet")
    count = ngettext("%(n)d facility asked", "%(n)d facilities asked", len(found)) % {"n": len(found)}
    return f"{count}, {said}:"


def _line(row: Attempt, case: Case, secrets: frozenset[str]) -> str:
    name = (without_identity(row.body.name, secrets) if row.body else "") or _("a facility")
    answer = str(Answer(row.answer).label).lower()
    about = [answer, *([str(BedClass(row.bed_class).label)] if row.bed_class else [])]
    return f"- {name}: {', '.join(about)} ({row.at.astimezone(ZoneInfo(case.zone)):%d/%m %H.%M})"


def _sentence(attempt: Attempt) -> str:
    """What the timeline says of it: answer, class, beds and waiting list, then the reason in its own words."""
    said = [str(Answer(attempt.answer).label)]
    if attempt.bed_class:
        said.append(str(BedClass(attempt.bed_class).label))
    if attempt.beds_free is not None:
        said.append(_("beds free: %(n)d") % {"n": attempt.beds_free})
    if attempt.queue_place is not None:
        said.append(_("waiting list: %(n)d") % {"n": attempt.queue_place})
    sentence = ", ".join(said)
    return f"{sentence}. {attempt.reason}" if attempt.reason else f"{sentence}."


def _counterpart(attempt: Attempt) -> str:
    if attempt.officer and attempt.officer_role:
        return f"{attempt.officer} ({attempt.officer_role})"[:120]
    return (attempt.officer or attempt.officer_role)[:120]
