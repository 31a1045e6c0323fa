"""What the catalogue lacks: a walk over all of it that names every hole."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from cases.models import (
    Checklist,
    ContactChannel,
    EventType,
    Holiday,
    Ladder,
    LocalScheme,
    PaperType,
    Playbook,
    ProblemType,
    Programme,
    Route,
    Rule,
)
from cases.rules.codes import FollowUpKind
from cases.services.catalogue import LAW, is_sourced
from cases.services.law import as_rule
from members.models import BodyKind

STEPS_AT_LEAST = 4
#: Who may stand as the helper of a route besides a kind of office.
HELPERS = frozenset({"", "family", "union"})
#: Texts that no two problem types share.
OWN_TEXTS = ("first_step", "say", "evidence", "do_not_sign")
OWN_TEXTS_OF_A_STEP = ("say", "evidence")


def counts() -> dict[str, int]:
    """How many rows of each kind there are."""
    return {
        "programmes": Programme.objects.count(),
        "problem_types": ProblemType.objects.count(),
        "rules": Rule.objects.count(),
        "ladders": Ladder.objects.count(),
        "channels": ContactChannel.objects.count(),
        "document_checklists": Checklist.objects.count(),
        "event_types": EventType.objects.count(),
        "playbooks": Playbook.objects.count(),
        "holidays": Holiday.objects.count(),
    }


def holes() -> list[str]:
    """Every hole, one a line; an empty list is a whole catalogue."""
    playbooks = defaultdict(list)
    for playbook in Playbook.objects.prefetch_related("steps"):
        playbooks[playbook.problem_type_id].append(playbook)
    types = list(ProblemType.objects.prefetch_related("checklists__items"))
    return [
        *_unsourced(),
        *_uncountable(),
        *_unknown_codes(types),
        *_ladders(),
        *(hole for each in types for hole in _of_a_type(each, playbooks[each.pk])),
        *_repeated(types, playbooks),
    ]


def _unsourced() -> Iterator[str]:
    for table in LAW:
        if table.model is not Holiday:
            for row in table.model._default_manager.all():
                if not is_sourced({"source": row.source, "confidence": row.confidence}):
                    yield f"{table.file} {row.code}: neither source nor flag"


def _uncountable() -> Iterator[str]:
    for row in Rule.objects.all():
        try:
            found = as_rule(row)
        except (KeyError, TypeError, ValueError) as error:
            yield f"rules {row.code}: cannot be counted ({error})"
            continue
        if row.kind in {"span", "window", "chain"} and not found.spans:
            yield f"rules {row.code}: no span"
        if row.kind == "day_of_month" and not found.day:
            yield f"rules {row.code}: no day of the month"
        if row.kind == "none" and not found.reason:
            yield f"rules {row.code}: no moment, and no reason"


def _unknown_codes(types: list[ProblemType]) -> Iterator[str]:
    rules, ladders = _codes(Rule), _codes(Ladder)
    programmes, events = _codes(Programme), _codes(EventType)
    for each in types:
        yield from _missing(f"problem_types {each.code}", "rule", each.clocks, rules)
        yield from _missing(f"problem_types {each.code}", "ladder", each.ladder.split(","), ladders | {""})
        yield from _missing(f"problem_types {each.code}", "programme", each.programmes, programmes)
    for rule in Rule.objects.all():
        yield from _missing(
            f"rules {rule.code}", "event type", [*rule.started_by, *rule.stopped_by, *rule.cut_short_by], events
        )
        yield from _missing(f"rules {rule.code}", "programme", rule.programmes, programmes)
    papers, helpers = _codes(PaperType), _codes(BodyKind) | HELPERS
    for scheme in LocalScheme.objects.all():
        yield from _missing(f"local_schemes {scheme.code}", "paper", scheme.papers, papers)
    for route in Route.objects.all():
        yield from _missing(f"routes {route.code}", "helper", [route.helper], helpers)
    for playbook in Playbook.objects.prefetch_related("steps"):
        for step in playbook.steps.all():
            where = f"playbooks {playbook.code} step {step.position}"
            yield from _missing(where, "event type", [step.after_event], events | {""})
            yield from _missing(where, "kind of follow-up", [step.kind], {str(kind) for kind in FollowUpKind})


def _ladders() -> Iterator[str]:
    for ladder in Ladder.objects.prefetch_related("rungs"):
        if not ladder.rungs.all():
            yield f"ladders {ladder.code}: no rungs"


def _of_a_type(each: ProblemType, playbooks: list[Playbook]) -> Iterator[str]:
    where = f"problem_types {each.code}"
    if not each.ladder:
        yield f"{where}: no ladder"
    papers = any(checklist.items.all() for checklist in each.checklists.all())
    if not papers and not any(playbook.no_paper_reason for playbook in playbooks):
        yield f"{where}: no paper and no reason for none"
    if not playbooks:
        yield f"{where}: no playbook"
    for playbook in playbooks:
        steps = list(playbook.steps.all())
        if len(steps) < STEPS_AT_LEAST:
            yield f"playbooks {playbook.code}: {len(steps)} steps, at least {STEPS_AT_LEAST}"
        for field, what in (
            ("say", "sentence to say"),
            ("evidence", "evidence to ask for"),
            ("if_refused", "next rung"),
        ):
            if not any(getattr(step, field) for step in steps):
                yield f"playbooks {playbook.code}: no {what}"


def _repeated(types: list[ProblemType], playbooks: dict[int, list[Playbook]]) -> Iterator[str]:
    for field in OWN_TEXTS:
        for name in (field, f"{field}_en"):
            texts = [(each.code, getattr(each, name)) for each in types]
            yield from _twice(f"problem_types {name}", texts)
    for field in OWN_TEXTS_OF_A_STEP:
        for name in (field, f"{field}_en"):
            texts = [
                (each.code, getattr(step, name))
                for each in types
                for playbook in playbooks[each.pk]
                for step in playbook.steps.all()
            ]
            yield from _twice(f"playbooks {name}", texts)


def _twice(what: str, texts: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Texts that more than one problem type uses."""
    pairs = {(code, " ".join(text.split()).casefold()) for code, text in texts if text}
    used = Counter(text for _code, text in pairs)
    for text, times in used.items():
        if times > 1:
            codes = sorted(code for code, each in pairs if each == text)
            yield f"{what}: the same text in {', '.join(codes)}"


def _codes(model) -> set[str]:
    return set(model._default_manager.values_list("code", flat=True))


def _missing(where: str, what: str, codes: Iterable[str], known: set[str]) -> Iterator[str]:
    for code in codes:
        if code not in known:
            yield f"{where}: no {what} {code}"
