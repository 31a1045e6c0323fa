"""Gatherings: who runs and who sees one, making and changing it, its agenda, its parties and what came out of it."""

from datetime import date, time
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from members.models import (
    AgendaItem,
    Appointment,
    Body,
    Closure,
    Gathering,
    GatheringOutput,
    GatheringParty,
    GatheringSeries,
    Organisation,
    Topic,
    User,
)
from members.rules.gatherings import key_of
from members.rules.roles import Permission

#: More than this of one gathering is a mistake.
MOST_PARTIES = 200
MOST_POINTS = 100


def run_organisations(user: User) -> QuerySet[Organisation]:
    """The organisations whose gatherings, modules and volunteers this user looks after: as coordinator or admin."""
    if not user.is_authenticated or not user.is_active:
        return Organisation.objects.none()
    if user.is_superuser:
        return Organisation.objects.all()
    reach = Organisation.objects
    return reach.filter(
        Q(pk__in=reach.in_reach_of(user, Permission.CASE_ASSIGN).values("pk"))
        | Q(pk__in=reach.in_reach_of(user, Permission.ORGANISATION_ADMIN).values("pk"))
    )


def run_by(user: User) -> QuerySet[Gathering]:
    """The gatherings of which an organiser stands in this user's part of the tree."""
    mine = Gathering.organisers.through.objects.filter(organisation__in=run_organisations(user))
    return Gathering.objects.filter(pk__in=mine.values("gathering"))


def belonging_to(user: User) -> QuerySet[Gathering]:
    """Those, and what this user is invited to or what is organised by their own unit or one above it."""
    if not user.is_authenticated or not user.is_active:
        return Gathering.objects.none()
    offices = Appointment.objects.live().filter(user=user).order_by().values("organisation")
    above = Closure.objects.filter(descendant__in=offices).values("ancestor")
    own = Gathering.organisers.through.objects.filter(organisation__in=above)
    return Gathering.objects.filter(
        Q(pk__in=run_by(user).order_by().values("pk"))
        | Q(pk__in=own.values("gathering"))
        | Q(pk__in=user.attendances.order_by().values("gathering"))
    )


def seen_by(user: User) -> QuerySet[Gathering]:
    """Those, and the meetings an organisation of this user was asked to as a guest."""
    if not user.is_authenticated or not user.is_active:
        return Gathering.objects.none()
    return Gathering.objects.filter(
        Q(pk__in=belonging_to(user).order_by().values("pk"))
        | Q(pk__in=_shared_with(user).order_by().values("gathering"))
    )


def _shared_with(user: User) -> QuerySet[GatheringParty]:
    """Meetings to which an organisation was invited that this user runs or leads: seen, without its people (S1.14)."""
    leads = Organisation.objects.in_reach_of(user, Permission.FIGURES_VIEW)
    return GatheringParty.objects.filter(
        Q(organisation__in=run_organisations(user).values("pk")) | Q(organisation__in=leads.values("pk"))
    )


def find_seen(user: User, text: str) -> Gathering | None:
    """The gathering of this uuid, where this user sees it; None for anything else that was written there."""
    try:
        return seen_by(user).filter(uuid=UUID(text)).first()
    except ValueError:
        return None


def may_run(gathering: Gathering, user: User) -> bool:
    """Whether this user looks after this gathering."""
    return run_by(user).filter(pk=gathering.pk).exists()


def incomplete(gatherings: QuerySet[Gathering]) -> QuerySet[Gathering]:
    """What waits on the list "to complete": no day, or held and without a word of minutes."""
    today = timezone.localdate()
    return gatherings.filter(
        Q(held_on__isnull=True) | Q(held_on__lt=today, minutes="", outputs__isnull=True), is_cancelled=False
    ).distinct()


@transaction.atomic
def hold(
    *,
    kind: str,
    title: str,
    organisers: list[Organisation],
    by: User,
    topics: list[str] | None = None,
    sectors: list | None = None,
    series: str = "",
    number: int | None = None,
    submit_key: UUID | None = None,
    **fields,
) -> Gathering:
    """Write down a gathering, in the series of this name; a repeated ``submit_key`` gives back the first.

    Raises ValidationError.
    """
    if submit_key and (first := Gathering.objects.filter(submit_key=submit_key, created_by=by).first()):
        return first
    _check_organisers(organisers, by)
    gathering = Gathering(kind=kind, title=title, number=number, created_by=by, submit_key=submit_key, **fields)
    gathering.series = _series_named(series, organisers, by)
    _save(gathering)
    gathering.organisers.set(organisers)
    gathering.topics.set(topics_named(topics or []))
    gathering.sectors.set(sectors or [])
    return gathering


@transaction.atomic
def change(
    *,
    gathering: Gathering,
    by: User,
    organisers: list[Organisation],
    topics: list[str] | None = None,
    sectors: list | None = None,
    series: str | None = None,
    **fields,
) -> Gathering:
    """Change what is written of a gathering; organisers outside the reach of ``by`` stay. Raises ValidationError."""
    held = Gathering.objects.select_for_update(of=["self"]).select_related("series").get(pk=gathering.pk)
    for name, value in fields.items():
        setattr(held, name, value)
    outside = held.organisers.exclude(pk__in=run_organisations(by).values("pk"))
    wanted = {row.pk: row for row in [*organisers, *outside]}
    _check_organisers(organisers, by)
    if series is not None and key_of(series) != key_of(held.series.name if held.series else ""):
        held.series = _series_named(series, list(wanted.values()), by)
    _save(held)
    held.organisers.set(wanted.values())
    if topics is not None:
        held.topics.set(topics_named(topics))
    if sectors is not None:
        held.sectors.set(sectors)
    return held


def _check_organisers(organisers: list[Organisation], by: User) -> None:
    """At least one organiser is one's own; a guest organiser may be any."""
    mine = set(run_organisations(by).filter(pk__in=[row.pk for row in organisers]).values_list("pk", flat=True))
    if not mine:
        raise ValidationError({"organisers": _("Choose at least one organisation that you look after.")})


def _save(gathering: Gathering) -> None:
    if gathering.series_id is None:
        gathering.number = None
    elif gathering.number is None:
        last = gathering.series.gatherings.exclude(pk=gathering.pk).order_by("-number").first()
        gathering.number = (last.number or 0) + 1 if last else 1
    if gathering.until_on and (gathering.held_on is None or gathering.until_on < gathering.held_on):
        raise ValidationError({"until_on": _("The last day is before the first.")})
    same_day = gathering.until_on in (None, gathering.held_on)
    if gathering.from_hour and gathering.until_hour and same_day and gathering.until_hour <= gathering.from_hour:
        raise ValidationError({"until_hour": _("It ends before it begins. Check the hours.")})
    try:
        with transaction.atomic():
            gathering.save()
    except IntegrityError as error:
        if "number" not in str(error):
            raise
        raise ValidationError({"number": _("The series has a meeting of this number already.")}) from None


def _series_named(name: str, organisers: list[Organisation], by: User) -> GatheringSeries | None:
    """The series of this name of one of the organisers, made where there is none; None for an empty name."""
    name = " ".join(name.split())[:120]
    if not name:
        return None
    known = GatheringSeries.objects.filter(organisation__in=organisers, name__iexact=name).order_by("pk").first()
    own = run_organisations(by).filter(pk__in=[row.pk for row in organisers]).first()
    return known or GatheringSeries.objects.create(organisation=own or organisers[0], name=name)


def topics_named(names: list[str]) -> list[Topic]:
    """Topics by name, upper and lower case alike; new ones are made."""
    found: dict[int, Topic] = {}
    for name in names[:12]:
        name = " ".join(name.split())[:60]
        if name:
            topic = Topic.objects.filter(name__iexact=name).first() or Topic.objects.create(name=name)
            found[topic.pk] = topic
    return list(found.values())


@transaction.atomic
def add_point(
    *,
    gathering: Gathering,
    title: str,
    from_hour: time | None = None,
    until_hour: time | None = None,
    speaker: str = "",
    speaker_role: str = "",
    submit_key: UUID | None = None,
) -> AgendaItem:
    """Add a point to the agenda; a repeated key adds nothing."""
    if submit_key and (first := AgendaItem.objects.filter(submit_key=submit_key, gathering=gathering).first()):
        return first
    if gathering.agenda.count() >= MOST_POINTS:
        raise ValidationError(_("The agenda is full."))
    return AgendaItem.objects.create(
        gathering=gathering,
        title=title,
        from_hour=from_hour,
        until_hour=until_hour,
        speaker=speaker,
        speaker_role=speaker_role,
        submit_key=submit_key,
    )


@transaction.atomic
def invite_parties(*, gathering: Gathering, names: list[str]) -> int:
    """Invite organisations and bodies by name, abbreviation or other name; what nobody knows stands as it was typed.

    Returns how many are new.
    """
    known = {key_of(party.name) for party in gathering.parties.all()}
    organisations = set(gathering.parties.filter(organisation__isnull=False).values_list("organisation__pk", flat=True))
    before = len(known)
    for name in names:
        name = " ".join(name.split())[:200]
        if not name or key_of(name) in known or len(known) >= MOST_PARTIES:
            continue
        organisation = organisation_named(name)
        if organisation and organisation.pk in organisations:
            continue
        body = None if organisation else Body.objects.filter(name__iexact=name, merged_into__isnull=True).first()
        GatheringParty.objects.create(
            gathering=gathering,
            organisation=organisation,
            body=body,
            name=str(organisation) if organisation else name,
        )
        known.add(key_of(name))
        if organisation:
            organisations.add(organisation.pk)
    return len(known) - before


def organisation_named(text: str, *, among: QuerySet[Organisation] | None = None) -> Organisation | None:
    """The one living organisation that is called this; of several, the one ``among`` these; else None."""
    wanted = key_of(text)
    if not wanted:
        return None
    longest = max(wanted.split(), key=len)
    rows = Organisation.objects.filter(
        Q(name__icontains=longest) | Q(abbreviation__icontains=longest) | Q(aliases__icontains=longest), is_active=True
    )
    hits = [
        row
        for row in rows[:200]
        if wanted
        in {key_of(row.name), key_of(row.abbreviation), *map(key_of, row.aliases.replace(";", ",").split(","))}
    ]
    if len(hits) > 1 and among is not None:
        hits = list(among.filter(pk__in=[row.pk for row in hits]))
    return hits[0] if len(hits) == 1 else None


@transaction.atomic
def note_outcome(*, gathering: Gathering, minutes: str, outputs: list[str]) -> None:
    """Keep the minutes and what came out, one output a line; an output already known is not written twice."""
    held = Gathering.objects.select_for_update().get(pk=gathering.pk)
    held.minutes = minutes.strip()
    held.save()
    wanted = {key_of(line): " ".join(line.split())[:300] for line in outputs if line.strip()}
    for row in held.outputs.all():
        if wanted.pop(key_of(row.text), None) is None:
            row.delete()
    GatheringOutput.objects.bulk_create(GatheringOutput(gathering=held, text=text) for text in wanted.values())
    gathering.minutes = held.minutes


def carried_on(gathering: Gathering) -> list[GatheringOutput]:
    """What earlier meetings of the series made, the newest first."""
    if gathering.series_id is None or gathering.number is None:
        return []
    earlier = GatheringOutput.objects.filter(
        gathering__series=gathering.series_id, gathering__number__lt=gathering.number
    )
    return list(earlier.select_related("gathering").order_by("-gathering__number", "pk"))


def provinces_reached(series: GatheringSeries, *, today: date) -> int:
    """In how many provinces a meeting of the series has taken place."""
    held = series.gatherings.filter(held_on__lte=today, is_cancelled=False, region__isnull=False)
    return len({parent or own for parent, own in held.values_list("region__parent", "region")})


def is_over(gathering: Gathering, *, today: date) -> bool:
    """Whether its last day has passed."""
    last = gathering.until_on or gathering.held_on
    return last is not None and last < today
