"""Finding organisations by any of their names, and those that are easily taken for each other."""

import re

from django.db.models import Q, QuerySet

from members.models import Organisation
from members.rules.lookalikes import Named, alike

#: Kinds that no manpower office registers by themselves: parts and meetings of unions.
NEVER_REGISTERED = ("department", "working_group", "region_board")


def look_alikes(*, name: str, abbreviation: str = "", pk: int | None = None) -> list[Organisation]:
    """Organisations anywhere whose names a reader might take for these, the nearest first."""
    rows = Organisation.objects.filter(merged_into=None).values_list("pk", "name", "abbreviation", "aliases")
    typed = Named(pk or 0, name, abbreviation)
    if not abbreviation and " " not in name.strip():
        typed = Named(pk or 0, name, name)
    keys = alike(typed, (Named(*row) for row in rows))
    found = Organisation.objects.select_related("parent").in_bulk(keys)
    return [found[key] for key in keys]


def search(words: str) -> QuerySet[Organisation]:
    """Organisations of which a name, abbreviation or other name holds every word, merged ones left out."""
    rows = Organisation.objects.filter(merged_into=None, is_active=True)
    for word in re.findall(r"\w+", words)[:8]:
        rows = rows.filter(Q(name__icontains=word) | Q(abbreviation__icontains=word) | Q(aliases__icontains=word))
    return rows.select_related("kind", "parent", "region").order_by("kind__line", "kind__rank", "name")
