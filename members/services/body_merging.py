"""Two records of one facility, employer or office become one, with nothing lost (ADR 3)."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from members.models import Body, BodyFix, Office, Organisation, User
from members.services import administration, directory, merging

#: Fields that are filled from the other record where they are empty.
FILLED = ("region", "parent", "address", "phone", "email", "website", "hours")
#: What of a body everybody may see, and so may be counted before a merge.
OPEN = (Body, BodyFix, Office, Organisation)
_MOST, _LEVELS = 20, 20


def alike(body: Body) -> QuerySet[Body]:
    """Bodies that share the longest word of its name, and a kind where both have one: those that may be the same."""
    word = max(body.name.split(), key=len, default=body.name)
    rows = Body.objects.filter(Q(name__icontains=word) | Q(aliases__icontains=word), merged_into=None)
    if kinds := list(body.kinds.all()):
        rows = rows.filter(Q(kinds__in=kinds) | Q(kinds=None)).distinct()
    return rows.exclude(pk=body.pk).select_related("region").order_by("name", "pk")[:_MOST]


def check(*, lost: Body, kept: Body, by: User) -> None:
    """Raise ValidationError unless ``by`` may make these two one, and they can be one.

    A coordinator clears up what people typed; a record that somebody has checked, or that we gave, is for an admin.
    """
    if not directory.may_decide(by):
        raise ValidationError(_("Ask a coordinator to decide this."))
    if lost.pk == kept.pk:
        raise ValidationError(_("Choose another body: this is the same record."))
    if lost.merged_into_id or kept.merged_into_id:
        raise ValidationError(_("One of the two has been merged already."))
    if (lost.verified_on or lost.code) and not administration.may_administer(by):
        raise ValidationError(_("This record was checked. Keep it and merge the other one into it, or ask an admin."))
    if kept.pk in _above(lost) or lost.pk in _above(kept):
        raise ValidationError(_("One of the two belongs to the other: they are not one."))


def _above(body: Body) -> list[int]:
    """What a body belongs to, and that in turn."""
    found: list[int] = []
    above = body.parent_id
    while above and above not in found and len(found) < _LEVELS:
        found.append(above)
        above = Body.objects.values_list("parent", flat=True).get(pk=above)
    return found


def what_moves(lost: Body) -> list[merging.Moved]:
    """What of the directory would move with a record; what hangs on cases and members is not counted for anybody."""
    return merging.counted(lost, [row for row in merging.relations_to(Body) if row.related_model in OPEN])


@transaction.atomic
def merge(*, lost: Body, kept: Body, by: User) -> Body:
    """Make ``lost`` and ``kept`` one: all that hangs on ``lost`` moves, its names become other names of ``kept``.

    The emptied record stays and points on, as do those merged into it before; facts of cases keep the record they were
    told of, and are found by either. Raises ValidationError; then nothing has moved.
    """
    rows = {row.pk: row for row in Body.objects.select_for_update().filter(pk__in=[lost.pk, kept.pk]).order_by("pk")}
    lost, kept = rows[lost.pk], rows[kept.pk]
    check(lost=lost, kept=kept, by=by)
    for relation in merging.relations_to(Body):
        merging.move_rows(relation, lost, kept)
    _join(lost, kept)
    kept.save()
    lost.merged_into = kept
    lost.save()
    return kept


def _join(lost: Body, kept: Body) -> None:
    """Names and source of both; what ``kept`` does not know it takes over."""
    for name in FILLED:
        if not getattr(kept, name):
            setattr(kept, name, getattr(lost, name))
    kept.aliases = merging.names_of_both((kept.name,), (kept.aliases, lost.name, lost.aliases))
    kept.source = "; ".join(dict.fromkeys(filter(None, [kept.source, lost.source])))
    merging.check_lengths(kept, "aliases", "source")
