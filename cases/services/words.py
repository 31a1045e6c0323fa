"""By which names and words a case is found: written with the case, nothing of a restricted one (ADR 21)."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Left

from cases.models import Case, CaseParty, CaseWords, Event
from cases.rules.spelling import LONGEST, names_of, words_of
from members.models import Body, Person

_BATCH = 500
#: Renamed people and places that one wake-up looks at.
_MOST = 200


def begin(case: Case, names: Sequence[str]) -> None:
    """The row of a case that has just been opened, in one statement, from what is in hand."""
    if not case.is_restricted:
        CaseWords.objects.create(case=case, names=names_of(list(names), case.initials), words=words_of(_texts(case)))


def add(case: Case, text: str) -> None:
    """What somebody wrote on a case can be found too. One statement; a restricted case has no row to add to."""
    if (more := words_of([text])) and not case.is_restricted:
        longer = Left(Concat(F("words"), Value(" " + more)), LONGEST)
        CaseWords.objects.filter(case=case).update(words=longer)


def add_name(case: Case, name: str) -> None:
    """Somebody more on a case, and the initials it has since. One statement; a restricted case has no row to add to."""
    if (more := names_of([name], case.initials)) and not case.is_restricted:
        CaseWords.objects.filter(case=case).update(names=Left(Concat(F("names"), Value(" " + more)), LONGEST))


def refresh(cases: Iterable[int]) -> None:
    """Write the rows of these cases anew from what they say now; a restricted case loses its row."""
    pks = list(cases)
    rows = list(Case.objects.filter(pk__in=pks, is_restricted=False).select_related("place"))
    open_to_search = [case.pk for case in rows]
    names: dict[int, list[str]] = {pk: [] for pk in open_to_search}
    texts: dict[int, list[str]] = {case.pk: _texts(case) for case in rows}
    people = CaseParty.objects.filter(case__in=open_to_search).order_by("pk")
    for pk, name in people.values_list("case", "person__full_name"):
        names[pk].append(name)
    facts = Event.objects.facts().filter(case__in=open_to_search).exclude(text="").order_by("pk")
    for pk, text in facts.values_list("case", "text"):
        texts[pk].append(text)
    fresh = [
        CaseWords(case_id=case.pk, names=names_of(names[case.pk], case.initials), words=words_of(texts[case.pk]))
        for case in rows
    ]
    CaseWords.objects.bulk_create(
        fresh, update_conflicts=True, unique_fields=["case"], update_fields=["names", "words"], batch_size=_BATCH
    )
    if len(fresh) < len(pks):
        CaseWords.objects.filter(case__in=set(pks) - set(open_to_search)).delete()


def forget(case: Case) -> None:
    """Nothing of the words of this case is left in the index, nor in the pages of it that wait to be overwritten."""
    gone, _tables = CaseWords.objects.filter(case=case).delete()
    if gone and connection.vendor == "sqlite":
        # FTS5 only marks what is deleted, until its parts are merged.
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO cases_casewords_fts(cases_casewords_fts) VALUES ('optimize')")


def refresh_renamed(*, now: datetime) -> int:
    """Cases whose people or place have another name since: members rename them and know no case. Returns how many.

    The column is the queue: what is renamed again in between stays in it.
    """
    people = dict(Person.objects.filter(renamed_at__lte=now).values_list("pk", "renamed_at")[:_MOST])
    places = dict(Body.objects.filter(renamed_at__lte=now).values_list("pk", "renamed_at")[:_MOST])
    if not people and not places:
        return 0
    cases = set(CaseParty.objects.filter(person__in=list(people)).values_list("case", flat=True))
    cases |= set(Case.objects.filter(place__in=list(places)).values_list("pk", flat=True))
    _refresh_all(sorted(cases))
    for model, rows in ((Person, people), (Body, places)):
        for moment in set(rows.values()):
            pks = [pk for pk, at in rows.items() if at == moment]
            model.objects.filter(pk__in=pks, renamed_at=moment).update(renamed_at=None)
    return len(cases)


def rebuild() -> int:
    """Every row anew, in batches that hold nothing for long; rows of cases that became restricted go."""
    CaseWords.objects.filter(case__is_restricted=True).delete()
    pks = list(Case.objects.filter(is_restricted=False).order_by("pk").values_list("pk", flat=True))
    _refresh_all(pks)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO cases_casewords_fts(cases_casewords_fts) VALUES ('rebuild')")
    return len(pks)


def _refresh_all(pks: Sequence[int]) -> None:
    for start in range(0, len(pks), _BATCH):
        with transaction.atomic():
            refresh(pks[start : start + _BATCH])


def _texts(case: Case) -> list[str]:
    """The free words of a case itself, the short ones first: a long story may be cut."""
    place = [case.place.name, case.place.aliases] if case.place else []
    return [case.title, *place, case.place_note, case.occurred_text, case.story]
