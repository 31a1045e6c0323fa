"""The one place that changes the shape of a tree: parent, closure and affiliation move together (ADR 4)."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models import Affiliation, Closure, Organisation


@transaction.atomic
def place(
    organisation: Organisation, *, parent: Organisation | None = None, from_on: date | None = None
) -> Organisation:
    """Save a new organisation under its parent with its closure rows and its first affiliation."""
    _hold_the_trees()
    organisation.parent = parent
    organisation.save()
    Closure.objects.create(ancestor=organisation, descendant=organisation, depth=0)
    if parent:
        _link(organisation, parent)
        Affiliation.objects.create(organisation=organisation, parent=parent, from_on=from_on)
    return organisation


@transaction.atomic
def move(
    organisation: Organisation, *, parent: Organisation | None, on: date | None = None, source: str = ""
) -> Organisation:
    """Move an organisation with its whole subtree; the old affiliation ends the day before ``on`` (today).

    Raises ValidationError when the new parent stands inside the subtree that moves, when ``on`` is still to come, or
    when it lies before the affiliation that it ends.
    """
    today = timezone.localdate()
    on = on or today
    if on > today:
        raise ValidationError(_("Choose today or an earlier day."))
    _hold_the_trees()
    organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
    if parent and Closure.objects.filter(ancestor=organisation, descendant=parent).exists():
        raise ValidationError(_("An organisation cannot stand under itself or under its own part."))
    if organisation.parent_id == (parent.pk if parent else None):
        return organisation
    _end_affiliation(organisation, on)
    inside = list(Closure.objects.filter(ancestor=organisation).values_list("descendant", flat=True))
    Closure.objects.filter(descendant__in=inside).exclude(ancestor__in=inside).delete()
    organisation.parent = parent
    organisation.save()
    if parent:
        _link(organisation, parent)
        Affiliation.objects.create(organisation=organisation, parent=parent, from_on=on, source=source)
    return organisation


def parent_on(organisation: Organisation, day: date) -> Organisation | None:
    """Who was the parent on a day; an affiliation whose beginning is not known counts from ever."""
    affiliation = _on(day).filter(organisation=organisation).select_related("parent").first()
    return affiliation.parent if affiliation else None


def children_on(organisation: Organisation, day: date) -> QuerySet[Organisation]:
    """What stood right under an organisation on a day."""
    return Organisation.objects.filter(affiliations__in=_on(day).filter(parent=organisation)).distinct()


def above_on(organisation: Organisation, day: date) -> list[Organisation]:
    """The chain from an organisation up to its root as it stood on a day, nearest first."""
    chain: list[Organisation] = []
    here = parent_on(organisation, day)
    while here is not None and here not in chain:
        chain.append(here)
        here = parent_on(here, day)
    return chain


def below_on(organisation: Organisation, day: date, *, itself: bool = True) -> set[int]:
    """The ids of the subtree of an organisation as it stood on a day: a report about the past reads this."""
    found, level = {organisation.pk}, {organisation.pk}
    while level:
        level = set(_on(day).filter(parent__in=level).values_list("organisation", flat=True)) - found
        found |= level
    return found if itself else found - {organisation.pk}


def _on(day: date) -> QuerySet[Affiliation]:
    return Affiliation.objects.filter(
        Q(from_on__isnull=True) | Q(from_on__lte=day), Q(to_on__isnull=True) | Q(to_on__gte=day)
    )


def _hold_the_trees() -> None:
    """Let one change of shape pass at a time: two moves that cross could close a ring that neither of them sees."""
    list(
        Organisation.objects.select_for_update().filter(parent__isnull=True).order_by("pk").values_list("pk", flat=True)
    )


def _end_affiliation(organisation: Organisation, on: date) -> None:
    old = Affiliation.objects.filter(organisation=organisation, to_on__isnull=True).first()
    if old is None:
        return
    if old.from_on and old.from_on > on:
        raise ValidationError(_("The present affiliation began later than this day."))
    if old.from_on == on:
        old.delete()
        return
    old.to_on = on - timedelta(days=1)
    old.save()


def _link(organisation: Organisation, parent: Organisation) -> None:
    above = Closure.objects.filter(descendant=parent).values_list("ancestor", "depth")
    below = list(Closure.objects.filter(ancestor=organisation).values_list("descendant", "depth"))
    Closure.objects.bulk_create(
        Closure(ancestor_id=ancestor, descendant_id=descendant, depth=up + down + 1)
        for ancestor, up in above
        for descendant, down in below
    )


@transaction.atomic
def absorb(lost: Organisation, *, kept: Organisation) -> None:
    """Put everything that stands under ``lost`` under ``kept``, as if it had stood there all along; ``lost`` is left bare.

    Both records are of one organisation, so every past affiliation of either reads on under ``kept``. Raises
    ValidationError where the two contradict each other: one above the other, or under different parents.
    """
    _hold_the_trees()
    lost = Organisation.objects.select_for_update().get(pk=lost.pk)
    kept = Organisation.objects.select_for_update().get(pk=kept.pk)
    check_may_absorb(lost, kept=kept)
    for child in Organisation.objects.filter(parent=lost):
        inside = list(Closure.objects.filter(ancestor=child).values_list("descendant", flat=True))
        Closure.objects.filter(descendant__in=inside).exclude(ancestor__in=inside).delete()
        child.parent = kept
        child.save()
        _link(child, kept)
    Affiliation.objects.filter(parent=lost).update(parent=kept)
    _join_affiliations(lost, kept)
    Closure.objects.filter(descendant=lost).exclude(ancestor=lost).delete()
    Organisation.objects.filter(pk=lost.pk).update(parent=None)


def check_may_absorb(lost: Organisation, *, kept: Organisation) -> None:
    """Raise ValidationError where two records cannot be of one organisation as they stand now."""
    if lost.pk == kept.pk:
        raise ValidationError(_("Choose another organisation."))
    if kept.merged_into_id or lost.merged_into_id:
        raise ValidationError(_("One of the two has been merged already."))
    pair = [lost.pk, kept.pk]
    if (
        Closure.objects.filter(ancestor__in=pair, descendant__in=pair, depth__gt=0).exists()
        or Affiliation.objects.filter(organisation__in=pair, parent__in=pair).exists()
    ):
        raise ValidationError(_("One of the two stands, or stood, under the other: they are not one."))
    if lost.parent_id and lost.parent_id != kept.parent_id:
        raise ValidationError(_("They stand under different parents. Move one of them first, then merge."))


def _join_affiliations(lost: Organisation, kept: Organisation) -> None:
    twice = Affiliation.objects.filter(organisation=lost, to_on__isnull=True).first()
    open_one = Affiliation.objects.filter(organisation=kept, to_on__isnull=True).first()
    if twice and open_one:
        known = [day for day in (twice.from_on, open_one.from_on) if day]
        open_one.from_on = min(known, default=None)
        open_one.source = "; ".join(dict.fromkeys(filter(None, [open_one.source, twice.source])))[:300]
        open_one.save()
        twice.delete()
    Affiliation.objects.filter(organisation=lost).update(organisation=kept)
