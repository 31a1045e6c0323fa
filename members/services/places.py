"""Bodies found, or made, from what somebody typed (ADR 3)."""

import re

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from members.models import Body, Region


def search(words: str) -> QuerySet[Body]:
    """Bodies whose name or other name holds every word, treating places and verified ones first."""
    rows = Body.objects.filter(merged_into__isnull=True)
    for word in words.split()[:6]:
        rows = rows.filter(Q(name__icontains=word) | Q(aliases__icontains=word))
    return rows.order_by("name")


def with_merged(bodies: QuerySet | list[Body]) -> QuerySet[Body]:
    """These bodies and the records that became one with them: facts keep the record they were told of."""
    keys = bodies if isinstance(bodies, QuerySet) else [body.pk for body in bodies]
    return Body.objects.filter(Q(pk__in=keys) | Q(merged_into__in=keys))


def find_or_create(text: str, *, region: Region | None = None) -> Body | None:
    """The body of this name (or other name), else a new one that nobody has verified; None for an empty text.

    Upper and lower case, dots and double spaces make no other body. A merged body leads on to the one it became. A name
    that two regions have is taken from ``region``.
    """
    name = " ".join(text.split())[:200]
    if not name:
        return None
    wanted = _key(name)
    longest = max(wanted.split(), key=len, default=name)
    candidates = Body.objects.filter(Q(name__icontains=longest) | Q(aliases__icontains=longest))
    hits = [
        body
        for body in candidates.select_related("merged_into__region", "region")
        if wanted in {_key(body.name), *(_key(alias) for alias in re.split(r"[,;]", body.aliases) if alias.strip())}
    ]
    if hits:
        best = next((body for body in hits if region and body.region_id == region.pk), hits[0])
        return best.merged_into or best
    return Body.objects.create(name=name, region=region)


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", name.lower()).strip()


def search_regions(words: str) -> QuerySet[Region]:
    """Cities and regencies whose name, or whose province's name, holds every word."""
    rows = Region.objects.exclude(kind=Region.Kind.PROVINCE)
    for word in words.split()[:6]:
        rows = rows.filter(Q(name__icontains=word) | Q(parent__name__icontains=word))
    return rows.select_related("parent").order_by("name")


def find_region(text: str) -> Region | None:
    """The region of this name; None where nothing has it, or places in several provinces.

    "Bekasi" alone may be the city or the regency: then their province, which is true of both.
    """
    wanted = _bare(text)
    if not wanted:
        return None
    longest = max(wanted.split(), key=len)
    rows = Region.objects.filter(name__icontains=longest).select_related("parent")
    rows = [row for row in rows if _bare(row.name) == wanted]
    exact = [row for row in rows if _key(row.name) == _key(text).replace("kab ", "kabupaten ")]
    if len(exact) == 1 or len(rows) == 1:
        return (exact or rows)[0]
    parents = {row.parent for row in rows}
    return parents.pop() if len(parents) == 1 else None


def is_named(region: Region, text: str) -> bool:
    """Whether a text names this region itself (and not a place inside it)."""
    return _bare(region.name) == _bare(text)


def _bare(name: str) -> str:
    """A region's name without what kind it is: "Kab. Bekasi" and "Kabupaten Bekasi" are "bekasi"."""
    return re.sub(r"^(?:kabupaten|kab|kota|provinsi|prov) (?:administrasi |adm )?", "", _key(name))


def by_uuid(uuid: str, name: str) -> Body | None:
    """The body chosen from a list, while its name is still the one that stands in the field."""
    try:
        body = Body.objects.select_related("region", "merged_into__region").filter(uuid=uuid).first() if uuid else None
    except ValidationError:
        return None
    if body is None or _key(body.name) != _key(name):
        return None
    return body.merged_into or body
