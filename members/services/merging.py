"""Two records of one organisation, or of one body, become one, with nothing lost (PRACTICE A1: ask before merging).

What hangs on a record, and how it moves, is the same for both; what a body asks besides is in `body_merging`.
"""

from collections.abc import Iterable
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
    below = Organisation.objects.filter(parent=lost).count()
    rows = [Moved(str(_("Organisations below it")), below)] if below else []
    return rows + counted(lost, _relations())


def counted(lost: models.Model, relations: Iterable[models.ManyToOneRel]) -> list[Moved]:
    """How many rows hang on a record by these foreign keys, by table."""
    counts: dict[str, int] = {}
    for relation in relations:
        number = relation.related_model._base_manager.filter(**{relation.field.name: lost}).count()
        if number:
            name = str(capfirst(relation.related_model._meta.verbose_name_plural))
            counts[name] = counts.get(name, 0) + number
    return [Moved(name, number) for name, number in sorted(counts.items())]


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
        move_rows(relation, lost, kept)
    _join(lost, kept)
    kept.save()
    lost.is_active, lost.is_desk, lost.merged_into = False, False, kept
    lost.save()
    return kept


def _relations() -> list[models.ManyToOneRel]:
    """Every foreign key to an organisation, but for the shape of the trees."""
    return [
        relation
        for relation in relations_to(Organisation)
        if relation.related_model not in {Closure, Affiliation}
        and not (relation.related_model is Organisation and relation.field.name == "parent")
    ]


def relations_to(model: type[models.Model]) -> list[models.ManyToOneRel]:
    """Every foreign key to a table, but for rows of history and rows that are only ever added: they stay as told."""
    return [
        field
        for field in model._meta.get_fields(include_hidden=True)
        if isinstance(field, models.ManyToOneRel)
        and not hasattr(field.related_model, "instance_type")  # what was, stays as it was
        and not getattr(field.related_model, "only_added", False)
    ]


def move_rows(relation: models.ManyToOneRel, lost: models.Model, kept: models.Model) -> None:
    """Hang the rows of one foreign key on ``kept``. Raises ValidationError where both have a row that stands once."""
    name = relation.field.name
    rows = relation.related_model._base_manager.filter(**{name: lost})
    try:
        with transaction.atomic():
            if hasattr(relation.related_model, "history"):
                for row in rows:
                    setattr(row, name, kept)
                    row.save()
            else:
                _leave_out_double_links(relation, rows, kept)
                rows.update(**{name: kept})
    except IntegrityError as clash:
        table = relation.related_model._meta.verbose_name_plural
        raise ValidationError(
            _("Both have the same row of “%(table)s”. End one of them first.") % {"table": table}
        ) from clash


def _leave_out_double_links(relation: models.ManyToOneRel, rows: models.QuerySet, kept: models.Model) -> None:
    """A link between two tables says nothing but that it is there: what both have, one of them may drop."""
    through = relation.related_model
    if not through._meta.auto_created:
        return
    (other,) = (
        field.name
        for field in through._meta.fields
        if isinstance(field, models.ForeignKey) and field.name != relation.field.name
    )
    twice = through._base_manager.filter(**{relation.field.name: kept}).values(other)
    rows.filter(**{f"{other}__in": list(twice.values_list(other, flat=True))}).delete()


def names_of_both(kept_name: Iterable[str], texts: Iterable[str]) -> str:
    """The names in these texts, each once, without those that ``kept`` already bears as its own."""
    own = {name.lower() for name in kept_name}
    names = [each.strip() for text in texts for each in text.split(",")]
    return ", ".join(dict.fromkeys(each for each in names if each and each.lower() not in own))


def check_lengths(kept: models.Model, *names: str) -> None:
    """Raise ValidationError where texts of both together are longer than their field."""
    for name in names:
        field = kept._meta.get_field(name)
        if len(getattr(kept, name)) > (field.max_length or 0):
            raise ValidationError(
                _("“%(field)s” of both together is too long. Shorten it first.") % {"field": field.verbose_name}
            )


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
    kept.aliases = names_of_both(
        (kept.name, kept.abbreviation), (kept.aliases, lost.name, lost.abbreviation, lost.aliases)
    )
    kept.alias_note = "; ".join(dict.fromkeys(filter(None, [kept.alias_note, lost.alias_note])))
    kept.source = "; ".join(dict.fromkeys(filter(None, [kept.source, lost.source])))
    kept.is_desk = kept.is_desk or lost.is_desk
    kept.is_active = kept.is_active or lost.is_active
    check_lengths(kept, "aliases", "alias_note", "source")
