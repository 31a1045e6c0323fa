"""The directory of facilities and offices: finding one, proposing a fix, deciding it."""

from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models import Body, BodyFix, BodyKind, Region, User
from members.rules.roles import Role
from members.services import places


def find(words: str = "", *, kind: str = "", province: str = "") -> QuerySet[Body]:
    """Bodies by words of their name, by kind and by province; those somebody has checked come first."""
    rows = places.search(words)
    if kind:
        rows = rows.filter(kinds__code=kind)
    if province:
        rows = rows.filter(Q(region__code=province) | Q(region__parent__code=province))
    return rows.select_related("region").prefetch_related("kinds").distinct().order_by("name", "pk")


def kinds_used() -> QuerySet[BodyKind]:
    """The kinds of which the directory has a body."""
    return BodyKind.objects.filter(bodies__merged_into=None).exclude(bodies=None).distinct().order_by("name")


def provinces_used() -> QuerySet[Region]:
    """The provinces in which the directory has a body."""
    used = Body.objects.filter(merged_into=None).exclude(region=None).values("region")
    provinces = Region.objects.filter(Q(pk__in=used) | Q(children__in=used), kind=Region.Kind.PROVINCE)
    return provinces.distinct().order_by("name")


def may_decide(user: User) -> bool:
    """Who accepts or declines what others propose."""
    return user.is_superuser or bool(user.live_roles & {Role.COORDINATOR, Role.FEDERATION_ADMIN})


@transaction.atomic
def propose(
    *,
    body: Body,
    values: dict[str, str],
    why: str,
    by: User,
    submit_key: UUID | None = None,
    now: datetime | None = None,
) -> BodyFix:
    """Keep a proposed fix: only what differs from the directory. A repeated key gives back the first row.

    Raises ValidationError where nothing differs: then the directory is right already.
    """
    if submit_key and (first := BodyFix.objects.filter(submit_key=submit_key, proposed_by=by).first()):
        return first
    fresh = {
        name: value.strip()
        for name, value in values.items()
        if name in BodyFix.FIELDS and value.strip() != getattr(body, name)
    }
    if "name" in fresh and not fresh["name"]:
        raise ValidationError({"name": _("A body has a name.")})
    if not fresh:
        raise ValidationError(_("This is what the directory says already."))
    return BodyFix.objects.create(
        body=body, values=fresh, why=why, proposed_by=by, proposed_at=now or timezone.now(), submit_key=submit_key
    )


@transaction.atomic
def decide(*, fix: BodyFix, accept: bool, by: User, answer: str = "", now: datetime | None = None) -> BodyFix:
    """Accept a fix (the body then says so, verified today, with its history) or decline it; decided is decided.

    Raises ValidationError where somebody may not decide, or has already.
    """
    now = now or timezone.now()
    fix = BodyFix.objects.select_for_update().select_related("body").get(pk=fix.pk)
    if not may_decide(by):
        raise ValidationError(_("Ask a coordinator to decide this."))
    if fix.state != BodyFix.State.WAITING:
        raise ValidationError(_("This was decided already."))
    if accept:
        body = Body.objects.select_for_update().get(pk=fix.body_id)
        for name, value in fix.values.items():
            if name == "name" and body.name not in body.aliases:
                body.aliases = ", ".join(filter(None, [body.aliases, body.name]))[:300]
            setattr(body, name, value)
        body.verified_on = timezone.localdate(now)
        body.source = fix.why[:300]
        body.full_clean(exclude=["kinds"])
        body.save()
    fix.state = BodyFix.State.ACCEPTED if accept else BodyFix.State.DECLINED
    fix.answer, fix.decided_by, fix.decided_at = answer.strip()[:300], by, now
    fix.save()
    return fix


def waiting() -> QuerySet[BodyFix]:
    """What waits for a decision, the oldest first."""
    rows = BodyFix.objects.filter(state=BodyFix.State.WAITING).order_by("proposed_at")
    return rows.select_related("body", "proposed_by")
