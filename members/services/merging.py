"""Two records of one organisation become one, with nothing lost (PRACTICE A1: ask before merging)."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from members.models import Affiliation, Closure, Membership, Organisation, User
from members.services import administration, trees

#: Text fields that are filled from the other record where they are empty.
FILLED = ("abbreviation", "sector", "region", "body")


@dataclass(frozen=True)
class Moved:
    """How many rows of a table hang on a record."""

    name: str
    count: int


def what_moves(lost: Organisation) -> list[Moved]:
    """What hangs on a record and would move with it: for the page that asks first."""
    counts: dict[str, int] = {}
    for relation in _relations():
        number = relation.related_model._base_manager.filter(**{relation.field.name: lost}).count()
        if number:
            name = str(capfirst(relation.related_model._meta.verbose_name_plural))
            counts[name] = counts.get(name, 0) + number
    below = Organisation.objects.filter(parent=lost).count()
    rows = [Moved(str(_("Organisations below it")), below)] if below else []
    return rows + [Moved(name, number) for name, number in sorted(counts.items())]


def check(*, lost: Organisation, kept: Organisation, by: User) -> None:
    """Raise ValidationError unless ``by`` runs both and the two can be one organisation."""
    reach = administration.organisations_of(by)
    if reach.filter(pk__in=[lost.pk, kept.pk]).count() < len({lost.pk, kept.pk}):
        raise ValidationError(_("Choose an organisation that you run."))
    trees.check_may_absorb(lost, kept=kept)


@transaction.atomic
def merge(*, lost: Organisation, kept: Organisation, by: User) -> Organisation:
    """Make ``lost`` and ``kept`` one: all that hangs on ``lost`` moves, its names become other names of ``kept``.

    The emptied record stays, switched off, and points on; its history stays with it. Raises ValidationError.
    """
    check(lost=lost, kept=kept, by=by)
    trees.absorb(lost, kept=kept)
    lost, kept = Organisation.objects.get(pk=lost.pk), Organisation.objects.get(pk=kept.pk)
    _end_double_memberships(lost, kept)
    for relation in _relations():
        _move_rows(relation, lost, kept)
    _join(lost, kept)
    kept.save()
    lost.is_active, lost.is_desk, lost.merged_into = False, False, kept
    lost.save()
    return kept


def _relations() -> list[models.ManyToOneRel]:
    """Every foreign key to an organisation, but for the shape of the trees and the rows of history."""
    return [
        field
        for field in Organisation._meta.get_fields(include_hidden=True)
        if isinstance(field, models.ManyToOneRel)
        and field.related_model not in {Closure, Affiliation}
        and not hasattr(field.related_model, "instance_type")  # what was, stays as it was
        and not (field.related_model is Organisation and field.field.name == "parent")
    ]


def _move_rows(relation: models.ManyToOneRel, lost: Organisation, kept: Organisation) -> None:
    name = relation.field.name
    rows = relation.related_model._base_manager.filter(**{name: lost})
    try:
        with transaction.atomic():
            if hasattr(relation.related_model, "history"):
                for row in rows:
                    setattr(row, name, kept)
                    row.save()
            else:
                rows.update(**{name: kept})
    except IntegrityError as clash:
        table = relation.related_model._meta.verbose_name_plural
        raise ValidationError(
            _("Both have the same row of “%(table)s”. End one of them first.") % {"table": table}
        ) from clash


def _end_double_memberships(lost: Organisation, kept: Organisation) -> None:
    """Who is a member by both records keeps both rows; the one of the emptied record is ended."""
    today = timezone.localdate()
    twice = Membership.objects.filter(organisation=kept, until_on__isnull=True).values("person")
    for row in Membership.objects.filter(organisation=lost, until_on__isnull=True, person__in=twice):
        row.until_on = max(today, row.from_on or today)
        row.save()


def _join(lost: Organisation, kept: Organisation) -> None:
    """Names, note and source of both; what ``kept`` does not know it takes over."""
    for name in FILLED:
        if not getattr(kept, name):
            setattr(kept, name, getattr(lost, name))
    own = {kept.name.lower(), kept.abbreviation.lower()}
    names = [
        each.strip() for text in (kept.aliases, lost.name, lost.abbreviation, lost.aliases) for each in text.split(",")
    ]
    kept.aliases = ", ".join(dict.fromkeys(each for each in names if each and each.lower() not in own))
    kept.alias_note = "; ".join(dict.fromkeys(filter(None, [kept.alias_note, lost.alias_note])))
    kept.source = "; ".join(dict.fromkeys(filter(None, [kept.source, lost.source])))
    kept.is_desk = kept.is_desk or lost.is_desk
    kept.is_active = kept.is_active or lost.is_active
    for name in ("aliases", "alias_note", "source"):
        if len(getattr(kept, name)) > (kept._meta.get_field(name).max_length or 0):
            field = kept._meta.get_field(name).verbose_name
            raise ValidationError(_("“%(field)s” of both together is too long. Shorten it first.") % {"field": field})
