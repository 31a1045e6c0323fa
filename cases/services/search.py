"""Search by hand: the number of a case, a number of a person, a name, or words of the story (ADR 1, 21, DECISIONS 25).

Nothing of what was typed is kept. Words ask the index of ``services.words``, each database in its own way: the hits, at
most ``COUNTED`` of them, come in one statement with how near they are; what the page shows of them in another.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import connection
from django.db.models import Exists, F, IntegerField, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import RawSQL

from cases.models import Case, CaseParty
from cases.rules import spelling
from cases.rules.spelling import INSIDE, SLIP, ways
from members.models import Contact, Identifier, User, keyed_hash
from members.rules.numbers import normalise, phone_e164
from members.rules.roles import Permission

#: Rows shown; who finds more should add a word.
MOST = 25
#: Hits counted; what is more is "1000+".
COUNTED = 1000
#: From this many digits on a text is a number of a person; below, of a case.
SHORTEST_NUMBER = 8
_MOST_WORDS = 6
_CASE_NUMBER = re.compile(r"^(?:kwl)?[\s.\-]*(?:(\d{2})[\s.\-]+)?0*(\d{1,6})$", re.IGNORECASE)
_CASE_NUMBER_IN_ONE = re.compile(r"^kwl(\d{2})(\d{5,6})$", re.IGNORECASE)
#: How a hit holds the words: all in names, each as the beginning of a word, or only inside of words.
_IN_NAMES, _AT_BEGINNING, _INSIDE = range(3)


@dataclass(frozen=True)
class Found:
    """The first cases found, how many there are (to ``COUNTED``), whether a number found them (which is logged as
    such), and whether they are only near what was typed."""

    cases: list[Case]
    by_number: bool = False
    is_near: bool = False
    total: int = 0

    @property
    def has_more(self) -> bool:
        return self.total > len(self.cases)

    @property
    def is_capped(self) -> bool:
        return self.total > COUNTED

    @property
    def counted(self) -> int:
        return min(self.total, COUNTED)


class _Hit(NamedTuple):
    pk: int
    closed_at: datetime | None
    last_event_at: datetime
    tier: int

    @property
    def order(self) -> tuple:
        """Names first, then open cases, then those where something happened last."""
        return self.tier, self.closed_at is not None, -self.last_event_at.timestamp()


def find(user: User, text: str) -> Found:
    """The cases this user may open that a text points at; a restricted case is found by its own number alone."""
    text = " ".join(text.replace("\x00", " ").split())[:100]  # PostgreSQL knows no NUL
    if not text:
        return Found([])
    cases = Case.objects.permitted(user, Permission.CASE_VIEW)
    number = _CASE_NUMBER.match(text) or _CASE_NUMBER_IN_ONE.match(text)
    if number and (rows := _rows(_numbered(cases, *number.groups()))):
        return Found(rows, by_number=True, total=len(rows))
    cases = cases.filter(is_restricted=False)
    if sum(char.isdigit() for char in normalise(text)) >= SHORTEST_NUMBER:
        rows = _rows(_of_people_with(cases, text))
        return Found(rows, by_number=True, total=len(rows))
    words = spelling.typed(text, _MOST_WORDS)
    if not words:
        return Found([])
    hits = sorted((_Hit(*row) for row in _with_words(cases, words)), key=lambda hit: hit.order)
    if hits:
        return Found(_in_order([hit.pk for hit in hits[:MOST]]), total=len(hits))
    near = _with_names_near(cases, words)
    return Found(_in_order(near[:MOST]), is_near=True, total=len(near))


def _rows(cases: QuerySet[Case]) -> list[Case]:
    """Open cases first, then those where something happened last."""
    rows = cases.for_rows().defer("story", "diagnosis", "outcome_note", "red_flags")
    return list(rows.order_by(F("closed_at").desc(nulls_first=True), "-last_event_at")[:MOST])


def _in_order(pks: list[int]) -> list[Case]:
    rows = Case.objects.filter(pk__in=pks).for_rows().defer("story", "diagnosis", "outcome_note", "red_flags")
    return sorted(rows, key=lambda case: pks.index(case.pk)) if pks else []


def _numbered(cases: QuerySet[Case], year: str | None, number: str) -> QuerySet[Case]:
    """Of one year, or of every year: asked for by name, so that the unique index answers."""
    years = [int(year)] if year else range(100)
    return cases.filter(number__in=[f"KWL-{each:02d}-{int(number):05d}" for each in years])


def _of_people_with(cases: QuerySet[Case], text: str) -> QuerySet[Case]:
    hashes = {keyed_hash(normalise(text)), keyed_hash(phone_e164(text))} - {""}
    people = Q(person__in=Identifier.objects.filter(value_hash__in=hashes).values("person"))
    people |= Q(person__in=Contact.objects.filter(value_hash__in=hashes).values("person"))
    return cases.filter(Exists(CaseParty.objects.filter(people, case=OuterRef("pk"))))


# The index. Words are folded: letters and digits alone, so that they mean nothing to the languages of the two indexes.


def _where(condition: str, values: list[str]) -> Q:
    return Q(pk__in=RawSQL(f"SELECT case_id FROM cases_casewords WHERE {condition}", values))  # noqa: S608, S611 (our own text)


def _with_words(cases: QuerySet[Case], words: list[str]) -> QuerySet:
    """Rows of ``_Hit``: cases in which every word stands somewhere, the newest of many."""
    if connection.vendor == "postgresql":
        return _with_words_postgresql(cases, words)
    return _with_words_sqlite(cases, words)


def _with_words_postgresql(cases: QuerySet[Case], words: list[str]) -> QuerySet:
    """Three steps in one statement; a later step runs only where those before it leave room.

    Beginnings of words by the stored tsvector (names weigh A), then pieces inside words by trigrams.
    """
    in_names, anywhere = _lexemes(words, ":*A"), _lexemes(words, ":*")
    matching = "vector @@ to_tsquery('simple', %s)"
    steps = [
        (_IN_NAMES, matching, [in_names]),
        (_AT_BEGINNING, f"{matching} AND NOT {matching}", [anywhere, in_names]),
    ]
    if any(len(word) >= INSIDE for word in words):
        inside = [_inside(word) for word in words]
        values = [value for _condition, some in inside for value in some]
        conditions = " AND ".join(condition for condition, _values in inside)
        steps.append((_INSIDE, f"{conditions} AND NOT {matching}", [*values, anywhere]))
    parts = [
        cases.filter(_where(condition, values))
        .order_by((F("pk") + 0).desc())  # "-pk" alone lets the planner walk every case backwards for a rare word
        .values_list("pk", "closed_at", "last_event_at", Value(tier, IntegerField()))[: COUNTED + 1]
        for tier, condition, values in steps
    ]
    return parts[0].union(*parts[1:], all=True)[: COUNTED + 1]


def _lexemes(words: list[str], mark: str) -> str:
    return " & ".join("(" + " | ".join(f"'{way}'{mark}" for way in ways(word)) + ")" for word in words)


def _inside(word: str) -> tuple[str, list[str]]:
    """A piece of a word by the trigram index; what is too short for that only as the beginning of one."""
    if len(word) < INSIDE:
        return "' ' || names || ' ' || words LIKE %s", [f"% {word}%"]
    some = [f"%{way}%" for way in ways(word)]
    return "(" + " OR ".join(["names || ' ' || words LIKE %s"] * len(some)) + ")", some


def _with_words_sqlite(cases: QuerySet[Case], words: list[str]) -> QuerySet:
    """Pieces of words by FTS5's trigrams; how each hit holds them is read from the words themselves."""
    long, short = [word for word in words if len(word) >= INSIDE], [word for word in words if len(word) < INSIDE]
    conditions, values = [], []
    if long:
        asked = " AND ".join("(" + " OR ".join(f'"{way}"' for way in ways(word)) + ")" for word in long)
        conditions.append("case_id IN (SELECT rowid FROM cases_casewords_fts WHERE cases_casewords_fts MATCH %s)")
        values.append(asked)
    for word in short:
        condition, some = _inside(word)
        conditions.append(condition)
        values += some
    in_names, names = _beginnings("' ' || names", words)
    anywhere, all_words = _beginnings("' ' || names || ' ' || words", words)
    tier = RawSQL(  # noqa: S611 (our own text)
        f"(SELECT CASE WHEN {in_names} THEN {_IN_NAMES} WHEN {anywhere} THEN {_AT_BEGINNING} ELSE {_INSIDE} END"  # noqa: S608 (our own text)
        ' FROM cases_casewords WHERE case_id = "cases_case"."id")',
        [*names, *all_words],
        IntegerField(),
    )
    rows = cases.filter(_where(" AND ".join(conditions), values)).order_by("-pk")
    return rows.values_list("pk", "closed_at", "last_event_at", tier)[: COUNTED + 1]


def _beginnings(text: str, words: list[str]) -> tuple[str, list[str]]:
    """Whether every word begins a word of a text."""
    each = ["(" + " OR ".join([f"{text} LIKE %s"] * len(ways(word))) + ")" for word in words]
    return " AND ".join(each), [f"% {way}%" for word in words for way in ways(word)]


def _with_names_near(cases: QuerySet[Case], words: list[str]) -> list[int]:
    """Cases with a name spelled nearly so, the nearest first: only long words, for a short one is near to everything."""
    words = [word for word in words if len(word) >= SLIP]
    if not words:
        return []
    if connection.vendor == "postgresql":
        any_way = ["(" + " OR ".join(["names %%> %s"] * len(ways(word))) + ")" for word in words]
        condition, values = " AND ".join(any_way), [way for word in words for way in ways(word)]
    else:
        pieces = [sorted({way[at : at + INSIDE] for way in ways(word) for at in range(len(way) - 2)}) for word in words]
        asked = " AND ".join("(" + " OR ".join(f'"{piece}"' for piece in some) + ")" for some in pieces)
        condition = "case_id IN (SELECT rowid FROM cases_casewords_fts WHERE cases_casewords_fts MATCH %s)"
        values = [f"{{names}} : ({asked})"]
    rows = cases.filter(_where(condition, values)).order_by("-pk").values_list("pk", "words__names")[: COUNTED + 1]
    near = [(spelling.nearness(words, names), pk) for pk, names in rows]
    return [pk for nearness, pk in sorted(near, reverse=True) if nearness]
