"""Who is invited, who comes in at the door, and what stays written of it (S0.10, S0.12, S2.3)."""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from members.models import Attendance, Closure, Feedback, Gathering, GatheringParty, Organisation, Person, User
from members.rules.gatherings import MOST_INVITED, Invited, Part, Presence, is_young, key_of
from members.services import gatherings

#: How long a door stays open unless it is closed, and how many may come in by it.
DOOR_OPEN = timedelta(hours=12)
MOST_AT_THE_DOOR = 1500
MOST_FEEDBACK = 1500


def open_door(*, gathering: Gathering, now: datetime | None = None) -> Gathering:
    """Open the door with a fresh secret of 256 bits; an earlier QR code is dead."""
    gathering.door_secret = secrets.token_urlsafe(32)
    gathering.door_until = (now or timezone.now()) + DOOR_OPEN
    gathering.save(update_fields=["door_secret", "door_until"])
    return gathering


def close_door(*, gathering: Gathering) -> None:
    """The QR code stops working at once."""
    gathering.door_secret, gathering.door_until = "", None
    gathering.save(update_fields=["door_secret", "door_until"])


def behind_door(uuid: UUID, secret: str, *, now: datetime | None = None) -> Gathering | None:
    """The gathering whose open door this secret is."""
    gathering = Gathering.objects.select_related("region").filter(uuid=uuid, is_cancelled=False).first()
    if gathering is None or not gathering.door_secret or not constant_time_compare(secret, gathering.door_secret):
        return None
    return gathering if gathering.door_until and gathering.door_until > (now or timezone.now()) else None


@transaction.atomic
def invite(*, gathering: Gathering, people: list[Invited], part: str = Part.PARTICIPANT) -> int:
    """Put people on the list; who stands there already is not written twice. Returns how many are new."""
    _hold(gathering)
    rows = list(gathering.attendances.all())
    known = {(key_of(row.name), key_of(row.organisation_name)) for row in rows}
    names = {row_name for row_name, _organisation in known}
    if len(rows) + len(people) > MOST_INVITED:
        raise ValidationError(_("More than %(count)d people. Make a gathering of each day.") % {"count": MOST_INVITED})
    parties = _Parties(gathering)
    users = _users_named([each.name for each in people])
    taken = {row.user_id for row in rows}
    fresh = []
    for each in people:
        key = (key_of(each.name), key_of(each.organisation))
        if key in known or (not each.organisation and key[0] in names):
            continue
        known.add(key)
        names.add(key[0])
        row = Attendance(gathering=gathering, name=each.name, part=part)
        organisation = parties.settle(row, each.organisation)
        user = users.get(key[0])
        if user and user.pk not in taken and _serves(user, organisation):
            taken.add(user.pk)
            _as_user(row, user, parties)
        fresh.append(row)
    Attendance.objects.bulk_create(fresh)
    return len(fresh)


@transaction.atomic
def invite_organisations(*, gathering: Gathering, names: list[str]) -> int:
    """Invite organisations and offices; who stands on the list already and belongs to one of them now counts for it."""
    _hold(gathering)
    count = gatherings.invite_parties(gathering=gathering, names=names)
    parties = _Parties(gathering)
    for row in (
        gathering.attendances.filter(party__isnull=True).exclude(organisation_name="").select_related("organisation")
    ):
        row.party = parties.by_name.get(key_of(row.organisation_name)) or parties.of(row.organisation)
        if row.party:
            row.save(update_fields=["party"])
    return count


@transaction.atomic
def mark(*, attendance: Attendance, state: str, by: User, now: datetime | None = None) -> Attendance:
    """Write down that somebody said yes, is here, or is not."""
    row = Attendance.objects.select_for_update().get(pk=attendance.pk)
    if state not in Presence.values:
        raise ValidationError(_("Choose one from the list."))
    if state != Presence.PRESENT and hasattr(row, "certificate") and row.certificate.revoked_at is None:
        raise ValidationError(_("A certificate says that they were there. Revoke it first."))
    row.state = state
    is_here = state == Presence.PRESENT
    row.checked_in_at = (row.checked_in_at or now or timezone.now()) if is_here else None
    row.checked_in_by = by if is_here else None
    row.save()
    return row


@transaction.atomic
def check_in_user(*, gathering: Gathering, user: User, now: datetime | None = None) -> Attendance:
    """A signed-in user comes in, in one tap; again is the same as once."""
    _hold(gathering)
    rows = gathering.attendances
    row = rows.filter(user=user).first()
    if row is None:
        same = [each for each in rows.filter(user__isnull=True) if key_of(each.name) == key_of(user.full_name)]
        row = same[0] if len(same) == 1 else Attendance(gathering=gathering, name=user.full_name or user.username)
        _as_user(row, user, _Parties(gathering))
    return _come_in(row, by=user, now=now)


@transaction.atomic
def check_in_name(
    *,
    gathering: Gathering,
    name: str,
    organisation: str = "",
    gender: str = "",
    young: bool | None = None,
    now: datetime | None = None,
    submit_key: UUID | None = None,
) -> Attendance:
    """Somebody without an account comes in by name and union: the invited row of that name, else a new one.

    The same name and union twice is one person. Raises ValidationError when the room is fuller than any room.
    """
    _hold(gathering)
    if submit_key and (first := gathering.attendances.filter(submit_key=submit_key).first()):
        return first
    parties = _Parties(gathering)
    wanted = Attendance(gathering=gathering, name=name, submit_key=submit_key)
    parties.settle(wanted, organisation)
    row = _same(gathering, wanted)
    if row is None:
        if gathering.attendances.count() >= MOST_AT_THE_DOOR:
            raise ValidationError(_("The list is full. Ask the committee."))
        row = wanted
    elif not row.organisation_name:
        row.organisation, row.organisation_name, row.party = (
            wanted.organisation,
            wanted.organisation_name,
            wanted.party,
        )
    row.gender = row.gender or gender
    row.is_young = young if row.is_young is None else row.is_young
    return _come_in(row, by=None, now=now)


@transaction.atomic
def give_feedback(
    *,
    gathering: Gathering,
    score: int,
    useful: str = "",
    missing: str = "",
    now: datetime | None = None,
    submit_key: UUID | None = None,
) -> Feedback:
    """Keep what somebody thought, without a name; a repeated key is the first one."""
    if submit_key and (first := Feedback.objects.filter(submit_key=submit_key, gathering=gathering).first()):
        return first
    if gathering.feedback.count() >= MOST_FEEDBACK:
        raise ValidationError(_("The list is full. Ask the committee."))
    return Feedback.objects.create(
        gathering=gathering,
        score=score,
        useful=useful,
        missing=missing,
        at=now or timezone.now(),
        submit_key=submit_key,
    )


def _hold(gathering: Gathering) -> None:
    """One at a time at the door of one gathering: two phones that send one name make one row."""
    Gathering.objects.select_for_update().only("pk").get(pk=gathering.pk)


def _come_in(row: Attendance, *, by: User | None, now: datetime | None) -> Attendance:
    if row.state != Presence.PRESENT or row.checked_in_at is None:
        row.state, row.checked_in_at = Presence.PRESENT, now or timezone.now()
        row.checked_in_by, row.by_door = by, True
    row.save()
    return row


def _same(gathering: Gathering, wanted: Attendance) -> Attendance | None:
    """The row of the list that a typed name means: the same name, and no other union."""
    named = [row for row in gathering.attendances.all() if key_of(row.name) == key_of(wanted.name)]
    union = key_of(wanted.organisation_name)
    fit = [
        row
        for row in named
        if not union
        or not row.organisation_name
        or key_of(row.organisation_name) == union
        or (row.party_id and row.party_id == wanted.party_id)
    ]
    exact = [row for row in fit if key_of(row.organisation_name) == union]
    return (exact or fit)[0] if len(exact or fit) >= 1 and (exact or len(fit) == 1) else None


def _as_user(row: Attendance, user: User, parties: "_Parties") -> None:
    """What is known of a user goes onto the row as it is today."""
    row.user = user
    profile = getattr(user, "volunteer_profile", None)
    if profile:
        year = (row.gathering.held_on or timezone.localdate()).year
        row.gender = row.gender or profile.gender
        row.is_young = is_young(profile.born_from, year) if row.is_young is None else row.is_young
    if not row.organisation_name:
        offices = [each.organisation for each in user.appointments.live().select_related("organisation")]
        with_party = [each for each in offices if parties.of(each)]
        if best := next(iter([*with_party, *offices]), None):
            row.organisation, row.organisation_name, row.party = best, str(best), parties.of(best)


def of_person(row: Attendance, person: Person) -> None:
    """What is known of a person of our books goes onto the row as it is today."""
    row.person, row.name = person, person.full_name
    row.gender = person.gender
    if person.born_on:
        row.is_young = is_young(person.born_on.year, (row.gathering.held_on or timezone.localdate()).year)


def _users_named(names: list[str]) -> dict[str, User]:
    """Active users whose full name is one of these and nobody else's."""
    wanted = {key_of(name) for name in names}
    found: dict[str, list[User]] = {}
    for user in User.objects.filter(is_active=True, full_name__in=names).select_related("volunteer_profile"):
        if key_of(user.full_name) in wanted:
            found.setdefault(key_of(user.full_name), []).append(user)
    return {key: users[0] for key, users in found.items() if len(users) == 1}


def _serves(user: User, organisation: Organisation | None) -> bool:
    """Whether a user named with an organisation holds an office there, above or below; without one, the name is enough."""
    if organisation is None:
        return True
    offices = user.appointments.live().values("organisation")
    return (
        Closure.objects.filter(ancestor=organisation, descendant__in=offices).exists()
        or Closure.objects.filter(descendant=organisation, ancestor__in=offices).exists()
    )


class _Parties:
    """The invited organisations of one gathering, asked for once."""

    def __init__(self, gathering: Gathering):
        self.rows = list(gathering.parties.select_related("organisation"))
        self.by_organisation = {row.organisation_id: row for row in self.rows if row.organisation_id}
        self.by_name = {key_of(row.name): row for row in self.rows}
        self.known: dict[str, Organisation | None] = {}
        self.above: dict[int, GatheringParty | None] = {}

    def of(self, organisation: Organisation | None) -> GatheringParty | None:
        """The invited organisation that this one is, or stands under today."""
        if organisation is None:
            return None
        if organisation.pk not in self.above:
            chain = Closure.objects.filter(descendant=organisation, ancestor__in=self.by_organisation).order_by("depth")
            nearest = chain.values_list("ancestor", flat=True).first()
            self.above[organisation.pk] = self.by_organisation[nearest] if nearest else None
        return self.above[organisation.pk]

    def settle(self, row: Attendance, text: str) -> Organisation | None:
        """Write the typed union onto a row, with the organisation and the invited party it means."""
        text = " ".join(text.split())[:200]
        if not text:
            return None
        key = key_of(text)
        party = self.by_name.get(key)
        if key not in self.known:
            self.known[key] = party.organisation if party else gatherings.organisation_named(text)
        organisation = self.known[key]
        row.organisation, row.organisation_name = organisation, text
        row.party = party or self.of(organisation)
        return organisation
