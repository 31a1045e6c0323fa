"""Two records of one person: who they may be, made one by somebody, and taken back (issue 4, 3)."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from members.models import Contact, Identifier, ImportRow, Membership, Person, PersonMerge, User
from members.rules.importing import same_name
from members.services import people

#: What is taken over where the one who stays has nothing.
FILLED = ("full_name", "gender", "born_on", "age_text", "region")
_MOST = 10


def like(person: Person, by: User) -> list[Person]:
    """Other members whom ``by`` sees and who may be this person: one number or phone, or name and birth date."""
    others = people.seen_by(by).exclude(pk=person.pk)
    numbers = Identifier.objects.filter(person=OuterRef("pk"), value_hash__in=_hashes(person.identifiers))
    phones = Contact.objects.filter(person=OuterRef("pk"), value_hash__in=_hashes(person.contacts))
    sure = list(others.filter(Exists(numbers) | Exists(phones)).order_by("pk")[:_MOST])
    if not person.born_on:
        return sure
    born = others.filter(born_on=person.born_on).exclude(pk__in=[one.pk for one in sure]).order_by("pk")[:200]
    return (sure + [one for one in born if same_name(one.full_name, person.full_name)])[:_MOST]


def _hashes(rows) -> list[str]:
    return [each for each in rows.values_list("value_hash", flat=True) if each]


def check(*, lost: Person, kept: Person, by: User) -> None:
    """Raise ValidationError unless ``by`` keeps both, and the emptied record is nobody else's."""
    if lost.pk == kept.pk:
        raise ValidationError(_("Choose another person: this is the same record."))
    if lost.merged_into_id or kept.merged_into_id:
        raise ValidationError(_("One of the two has been merged already."))
    if people.seen_by(by).filter(pk__in=[lost.pk, kept.pk]).count() < 2:
        raise ValidationError(_("Choose a member whom you may see."))
    if lost.memberships.exclude(organisation__in=people.organisations_of(by)).exists():
        raise ValidationError(
            _("Another organisation keeps the record that would be emptied. Keep that one, or ask its coordinator.")
        )


@transaction.atomic
def merge(*, lost: Person, kept: Person, by: User, now: datetime | None = None) -> PersonMerge:
    """Make two records one: everything that hangs on ``lost`` moves to ``kept``, whose gaps are filled.

    What ``kept`` has already (the same number, the same place on a case) stays with the emptied record, which points on.
    Raises ValidationError.
    """
    now = now or timezone.now()
    lost, kept = _hold(lost, kept)
    check(lost=lost, kept=kept, by=by)
    note = PersonMerge(lost=lost, kept=kept, merged_at=now, merged_by=by)
    note.ended = _end_double_memberships(lost, kept, now)
    for label, model, name in _relations():
        if pks := _move(model, name, list(_rows(model, name, lost)), kept):
            note.moved[label] = pks
    for name in FILLED:
        if getattr(kept, name) in (None, "") and getattr(lost, name) not in (None, ""):
            setattr(kept, name, getattr(lost, name))
            note.filled.append(name)
    lost.merged_into = kept
    for person in (lost, kept):
        person.version += 1
        person.save()
    note.save()
    return note


@transaction.atomic
def undo(*, merge: PersonMerge, by: User, now: datetime | None = None) -> Person:
    """Part the two again: what moved goes back as far as it is still there; what was added since stays. Gives ``lost``.

    Raises ValidationError where it was undone, where a later merge stands on it, or where ``by`` does not keep the one.
    """
    now = now or timezone.now()
    merge = PersonMerge.objects.select_for_update().get(pk=merge.pk)
    if merge.undone_at:
        raise ValidationError(_("This was undone already."))
    lost, kept = _hold(merge.lost, merge.kept)
    if kept.merged_into_id:
        raise ValidationError(_("The person has been merged again since. Undo that first."))
    if not people.seen_by(by).filter(pk=kept.pk).exists():
        raise ValidationError(_("Choose a member whom you may see."))
    for label, model, name in _relations():
        pks = merge.moved.get(label, [])
        _move(model, name, list(_rows(model, name, kept).filter(pk__in=pks)), lost)
    for pk, until in merge.ended:
        Membership.objects.filter(pk=pk, until_on=until).update(until_on=None)
    for name in merge.filled:
        if getattr(kept, name) == getattr(lost, name):
            setattr(kept, name, Person._meta.get_field(name).get_default() if name != "region" else None)
    lost.merged_into = None
    for person in (lost, kept):
        person.version += 1
        person.save()
    merge.undone_at, merge.undone_by = now, by
    merge.save()
    return lost


def card(person: Person) -> dict:
    """What tells two records apart, for the page that shows them side by side."""
    return {
        "numbers": person.identifiers.order_by("kind", "pk"),
        "phones": person.contacts.order_by("pk"),
        "memberships": person.memberships.select_related("organisation"),
        "employments": person.employments.select_related("employer"),
        "covers": person.covers.count(),
    }


def of(person: Person) -> QuerySet[PersonMerge]:
    """The merges into this record that stand, the last one first."""
    return person.absorbed.filter(undone_at=None).select_related("lost", "merged_by")


def that_stays(uuid: UUID, *, by: User) -> Person | None:
    """The person a merged record leads on to, where ``by`` sees them; None for a record that stands for itself."""
    merged = Person.objects.filter(uuid=uuid, merged_into__isnull=False).first()
    return people.seen_by(by).filter(pk=merged.merged_into_id).first() if merged else None


def _hold(lost: Person, kept: Person) -> tuple[Person, Person]:
    """Both as they are now, held in one order until the end of the transaction."""
    rows = {row.pk: row for row in Person.objects.select_for_update().filter(pk__in=[lost.pk, kept.pk]).order_by("pk")}
    return rows[lost.pk], rows[kept.pk]


def _relations() -> Iterator[tuple[str, type[models.Model], str]]:
    """Every foreign key to a person, so that a new table is included without anybody thinking of it."""
    for relation in Person._meta.get_fields(include_hidden=True):
        if isinstance(relation, models.ManyToOneRel):
            model = relation.related_model
            if model in {Person, PersonMerge, ImportRow} or hasattr(model, "instance_type"):
                continue
            yield f"{model._meta.label_lower}.{relation.field.name}", model, relation.field.name


def _rows(model: type[models.Model], name: str, person: Person) -> QuerySet:
    # Not the model's own manager: some refuse to be updated, and this changes whose a row is, not what it says.
    everything: QuerySet = QuerySet(model)
    return everything.filter(**{name: person}).order_by("pk")


def _move(model: type[models.Model], name: str, rows: list, to: Person) -> list[int]:
    """Point rows at another person, one by one where they clash; what clashes stays. Returns the keys of what moved."""
    pks = [row.pk for row in rows]
    everything: QuerySet = QuerySet(model)
    try:
        with transaction.atomic():
            everything.filter(pk__in=pks).update(**{name: to})
        return pks
    except IntegrityError:
        if len(pks) == 1:
            return []
    return [pk for row in rows for pk in _move(model, name, [row], to)]


def _end_double_memberships(lost: Person, kept: Person, now: datetime) -> list[list]:
    """Where both are members of one organisation, the row of the emptied record ends and moves as the past."""
    today, ended = timezone.localdate(now), []
    twice = kept.memberships.filter(until_on=None).values("organisation")
    for row in lost.memberships.filter(until_on=None, organisation__in=twice):
        row.until_on = max(today, row.from_on or today)
        row.save(update_fields=["until_on"])
        ended.append([row.pk, row.until_on.isoformat()])
    return ended
