"""Tell what has come due: follow-ups to their owner, late ones to coordinators, offers nobody answered (ADR 12, HOUSE 4).

The row is the queue: ``remind_at`` is its next moment. Telling and moving on to the next moment are one transaction, and
the key of a message names the thing, its due moment, the reminder moment and the level, so however many do this at
once, and however often, nobody is told twice. What it costs depends on what is due, not on how much there is.
"""

import logging
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta

from django.db import DatabaseError, connection, transaction
from django.db.models import Case as Choice
from django.db.models import DateTimeField, Q, Value, When
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, CaseShare, FollowUp, HandOver
from cases.rules.codes import EventCode, FollowUpState, HandOverState
from cases.rules.reminders import ANSWER_WITHIN, Moment, Plan, answer_within
from cases.services import timeline
from cases.services.rights import hidden_people
from members.models import Message, User
from members.rules.roles import Permission
from members.services import coordinators
from members.services import messages as outbox
from members.services.messages import Note

logger = logging.getLogger(__name__)

BATCH = 100


@dataclass
class Reminded:
    """What one run did: follow-ups looked at, notes that were news, lines of escalation, offers alerted."""

    follow_ups: int = 0
    told: int = 0
    escalated: int = 0
    offers: int = 0
    stuck: int = 0

    def add(self, other: "Reminded") -> None:
        for name, value in asdict(other).items():
            setattr(self, name, getattr(self, name) + value)


@dataclass
class Audience:
    """Who hears of a follow-up: the owner (or who stands in), and above them level by level."""

    first: list[User]
    above: list[list[User]] = field(default_factory=list)
    #: Why somebody else stands in for the owner: "nobody", "inactive", "resting", "no_access"; empty when the owner hears.
    instead: str = ""

    def at(self, level: int) -> list[User]:
        if level == 0:
            return self.first
        return self.above[level - 1] if level <= len(self.above) else []


def remind_all(*, now: datetime) -> Reminded:
    """Tell everything that has come due, in batches, until nothing is left. Safe to run many times and in parallel."""
    done = Reminded()
    stuck: set[int] = set()
    while pks := _due(now, stuck):
        try:
            took = _remind(pks, now)
        except DatabaseError:
            raise
        except Exception:
            # One row that cannot be told must not silence the others.
            took = _one_by_one(pks, now, stuck)
        done.add(took)
        if not took.follow_ups and not took.stuck:
            break  # others hold what is left
    done.add(_alert_unanswered(now))
    return done


def _due(now: datetime, stuck: set[int]) -> list[int]:
    rows = FollowUp.objects.to_remind(now).exclude(pk__in=stuck)
    return list(rows.order_by("remind_at").values_list("pk", flat=True)[:BATCH])


def _one_by_one(pks: list[int], now: datetime, stuck: set[int]) -> Reminded:
    done = Reminded()
    for pk in pks:
        try:
            done.add(_remind([pk], now))
        except DatabaseError:
            raise
        except Exception:
            logger.exception("follow-up %s could not be told", pk)
            stuck.add(pk)
            done.stuck += 1
    return done


@transaction.atomic
def _remind(pks: list[int], now: datetime) -> Reminded:
    # The case first, as every other service locks it; what somebody is working on right now waits for the next beat.
    rows = list(
        FollowUp.objects.to_remind(now)
        .filter(pk__in=pks)
        .select_related("case__assignee", "owner")
        .select_for_update(
            of=("self", "case"), no_key=True, skip_locked=connection.features.has_select_for_update_skip_locked
        )
        .order_by("remind_at", "pk")
    )
    heard = _Audiences(rows, now)
    notes: list[Note] = []
    late: dict[str, tuple[Case, dict]] = {}
    coming: dict[int, datetime | None] = {}
    for row in rows:
        plan = Plan(row.case.urgency, row.due_at, row.due_is_day, row.zone)
        if row.snoozed_until and row.snoozed_until > now:
            coming[row.pk] = row.snoozed_until
            continue
        if not row.case.is_open or (row.for_the_living and row.case.died_at):
            coming[row.pk] = None
            continue
        following = plan.next_after(now)
        coming[row.pk] = following.at if following else None
        audience = heard.of(row)
        for moment in _moments(row, plan, now):
            people = audience.at(moment.level)
            notes += [_note(row, moment, person, audience, now) for person in people]
            if moment.level and people:
                late[_key(row, moment)] = (row.case, _line(row, moment, people))
    lines = _not_yet_written(late)
    told = outbox.post_all(notes, now=now)
    if lines:
        timeline.record_all(EventCode.ESCALATED, lines, now=now)
    _move_on(coming, now)
    return Reminded(follow_ups=len(rows), told=told, escalated=len(lines))


def _moments(row: FollowUp, plan: Plan, now: datetime) -> list[Moment]:
    """What this row has to tell now: of each level the latest moment missed; after a snooze its end."""
    until = row.snoozed_until
    snoozed = until is not None and row.remind_at is not None and row.remind_at <= until
    found = plan.due_now(since=None if snoozed else row.remind_at, now=now)
    if snoozed and until:
        end = Moment(until, is_late=until >= row.due_at)
        own = [moment for moment in found if moment.level == 0 and moment.at > end.at]
        return [*(own or [end]), *(moment for moment in found if moment.level)]
    return found or plan.due_now(since=None, now=now)


def _key(row: FollowUp, moment: Moment) -> str:
    return f"{row.thing}@{_utc(row.due_at)}:{_utc(moment.at)}:{moment.level}"


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _note(row: FollowUp, moment: Moment, person: User, audience: Audience, now: datetime) -> Note:
    return Note(
        recipient=person,
        kind="follow_up_escalated" if moment.level else "follow_up_due",
        key=_key(row, moment),
        data={
            "number": row.case.number,
            "due_at": row.due_at.isoformat(),
            "due_is_day": row.due_is_day,
            "zone": row.zone,
            "moment_at": moment.at.isoformat(),
            "level": moment.level,
            "is_late": now - row.due_at >= timedelta(minutes=1),
            "instead": audience.instead,
        },
        path=reverse("cases:case-detail", args=[row.case.uuid]),
        thing=row.thing,
        about=row.case.about,
        urgency=row.case.urgency,
    )


def _line(row: FollowUp, moment: Moment, people: Iterable[User]) -> dict:
    return {
        "follow_up": str(row.uuid),
        "title": row.title,
        "level": moment.level,
        "to": [str(person.uuid) for person in people],
    }


def _not_yet_written(late: dict[str, tuple[Case, dict]]) -> list[tuple[Case, dict]]:
    """One line on the timeline for each follow-up, due moment and level: none again for what went up before."""
    if not late:
        return []
    things = {key.partition("@")[0] for key in late}
    before = Message.objects.filter(thing__in=things, kind="follow_up_escalated").values_list("key", flat=True)
    return [late[key] for key in late.keys() - set(before)]


def _move_on(coming: dict[int, datetime | None], now: datetime) -> None:
    """Every row to its next moment, if nobody has moved it meanwhile; else all of this is undone and tried again."""
    if not coming:
        return
    # Not FollowUp.save(): the condition is what keeps two workers from moving one row.
    moments = Choice(*(When(pk=pk, then=Value(at)) for pk, at in coming.items()), output_field=DateTimeField())
    if connection.features.requires_casted_case_in_updates:
        moments = Cast(moments, DateTimeField())
    rows = FollowUp.objects.filter(pk__in=coming, state=FollowUpState.OPEN, remind_at__lte=now)
    changed = rows.update(remind_at=moments)
    if changed != len(coming):
        raise RuntimeError("a follow-up was changed while it was being told")


class _Audiences:
    """Who hears of each follow-up of a batch: coordinators are looked up once for all desks."""

    def __init__(self, rows: list[FollowUp], now: datetime):
        self.now = now
        self.tiers = coordinators.tiers({row.case.desk_id for row in rows}, on=timezone.localdate(now))
        self.named = self._named_on([row.case for row in rows if row.case.is_restricted])
        self.hidden = hidden_people({row.case_id for row in rows}, on=timezone.localdate(now))

    def of(self, row: FollowUp) -> Audience:
        tiers = self._may_know(row.case, self.tiers.get(row.case.desk_id, []))
        instead = self._absent(row)
        if not instead:
            above = [[one for one in tier if one != row.owner] for tier in tiers]
            return Audience([row.owner], [tier for tier in above if tier])  # type: ignore[list-item]
        if tiers:
            return Audience(tiers[0], tiers[1:], instead)
        last = [one for one in (row.case.assignee, row.owner) if one and one.is_active]
        return Audience(last[:1], [], instead)

    def _absent(self, row: FollowUp) -> str:
        if row.owner is None:
            return "nobody"
        if not row.owner.is_active:
            return "inactive"
        if row.owner.is_resting:
            return "resting"
        if row.owner_id != row.case.assignee_id:
            mine = Case.objects.filter(pk=row.case_id).permitted(row.owner, Permission.CASE_VIEW)
            return "" if mine.exists() else "no_access"
        return ""

    def _may_know(self, case: Case, tiers: list[list[User]]) -> list[list[User]]:
        """Of a restricted case, the coordinators who are named on it; without any, the number alone goes up as usual."""
        hidden = self.hidden.get(case.pk)
        if hidden:  # a unit that must not see the case hears nothing of it either
            tiers = [tier for tier in ([one for one in tier if one.pk not in hidden] for tier in tiers) if tier]
        if not case.is_restricted:
            return tiers
        named = self.named.get(case.pk, set()) | {case.assignee_id}
        known = [[one for one in tier if one.pk in named] for tier in tiers]
        return [tier for tier in known if tier] or tiers

    def _named_on(self, cases: list[Case]) -> dict[int, set[int]]:
        found: dict[int, set[int]] = {}
        if cases:
            shares = CaseShare.objects.filter(case__in=cases, user__isnull=False, from_at__lte=self.now).filter(
                Q(until_at__isnull=True) | Q(until_at__gt=self.now)
            )
            for case, user in shares.values_list("case", "user"):
                found.setdefault(case, set()).add(user)
        return found


def audience_of(follow_up: FollowUp, *, now: datetime) -> Audience:
    """Who would hear of this follow-up right now, and why not its owner."""
    return _Audiences([follow_up], now).of(follow_up)


def _alert_unanswered(now: datetime) -> Reminded:
    """Offers of hand-over that wait too long are told to the coordinators of the desk, once."""
    done = Reminded()
    offers = HandOver.objects.filter(
        state=HandOverState.OFFERED, alerted_at__isnull=True, offered_at__lte=now - min(ANSWER_WITHIN.values())
    ).select_related("case", "to_user")
    for offer in offers:
        if now - offer.offered_at < answer_within(offer.case.urgency):
            continue
        with transaction.atomic():
            changed = HandOver.objects.filter(pk=offer.pk, state=HandOverState.OFFERED, alerted_at__isnull=True).update(
                alerted_at=now
            )
            if changed:
                done.told += outbox.post_all(_alerts(offer, now), now=now)
                done.offers += 1
    return done


def _alerts(offer: HandOver, now: datetime) -> list[Note]:
    tiers = coordinators.tiers({offer.case.desk_id}, on=timezone.localdate(now)).get(offer.case.desk_id, [])
    hidden = hidden_people([offer.case_id], on=timezone.localdate(now)).get(offer.case_id, set())
    others = ([one for one in tier if one != offer.to_user and one.pk not in hidden] for tier in tiers)
    return [
        Note(
            recipient=one,
            kind="handover_unanswered",
            key=f"handover_unanswered:{offer.batch or offer.uuid}",  # a whole desk is told of once
            data={"number": offer.case.number, "offered_at": offer.offered_at.isoformat(), "zone": offer.case.zone},
            path=reverse("cases:case-detail", args=[offer.case.uuid]),
            thing=f"handover:{offer.uuid}",
            about=offer.case.about,
            urgency=offer.case.urgency,
        )
        for one in next(filter(None, others), [])
    ]
