"""The papers of a case as they are read: list by list, each with who issues it and what may be done next."""

from dataclasses import dataclass

from django.utils.translation import get_language, pgettext_lazy

from cases.models import Case, CasePaper, Checklist, ChecklistItem
from cases.rules.papers import next_states
from cases.rules.registers import MISSING, PaperState
from cases.services import papers

#: The colour and the drawing of each state; the word stands beside it.
LOOKS = {
    PaperState.NEEDED: ("mendesak", "exclamation-circle"),
    PaperState.ASKED: ("jalan", "hourglass-split"),
    PaperState.RECEIVED: ("selesai", "check-lg"),
    PaperState.SUBMITTED: ("selesai", "send"),
    PaperState.RETURNED: ("selesai", "check-square-fill"),
    PaperState.UNNEEDED: ("biasa", "slash-circle"),
}
#: The same as short acts, for the buttons.
ACTS = {
    PaperState.NEEDED: PaperState.NEEDED.label,
    PaperState.ASKED: pgettext_lazy("paper, one tap", "Asked"),
    PaperState.RECEIVED: pgettext_lazy("paper, one tap", "Received"),
    PaperState.SUBMITTED: pgettext_lazy("paper, one tap", "Handed in"),
    PaperState.RETURNED: pgettext_lazy("paper, one tap", "Original back"),
    PaperState.UNNEEDED: PaperState.UNNEEDED.label,
}


@dataclass(frozen=True)
class Step:
    """One tap: the state it leads to."""

    state: str
    label: str


@dataclass(frozen=True)
class Shown:
    """One paper on one list; ``also_on`` names the list above on which the same paper stands."""

    paper: CasePaper
    when: str = ""
    also_on: str = ""

    @property
    def issuer(self) -> str:
        """Who issues it: as written on the case, in the reader's language where it is the catalogue's own word."""
        kind = self.paper.paper
        if kind and self.paper.issuer == kind.issuer:
            return kind.in_language("issuer")
        return self.paper.issuer

    @property
    def look(self) -> str:
        return LOOKS[PaperState(self.paper.state)][0]

    @property
    def icon(self) -> str:
        return LOOKS[PaperState(self.paper.state)][1]

    @property
    def steps(self) -> list[Step]:
        return [Step(state, str(ACTS[PaperState(state)])) for state in next_states(self.paper.state)]


@dataclass(frozen=True)
class List:
    """A checklist of the case, or (``checklist`` None) the papers added by hand."""

    checklist: Checklist | None
    rows: list[Shown]

    @property
    def missing(self) -> int:
        return sum(row.paper.state in MISSING for row in self.rows)


@dataclass(frozen=True)
class Papers:
    """Every list of a case, and how much of it is there."""

    lists: list[List]
    missing: int
    needed: int


def of_case(case: Case) -> Papers:
    """The lists in the order they were started; how many statements it takes does not depend on the papers."""
    found = list(case.casepapers.select_related("paper", "attachment", "follow_up").order_by("pk"))
    by_kind = {row.paper_id: row for row in found if row.paper_id}
    first = {row.checklist_id: row.pk for row in reversed(found)}
    checklists = list(papers.started(case).select_related("programme").prefetch_related("items__paper"))
    checklists.sort(key=lambda row: (first.get(row.pk, found[-1].pk + 1 if found else 0), row.position))
    lists: list[List] = []
    placed: dict[int, str] = {}
    for checklist in checklists:
        items = {item.paper_id: item for item in checklist.items.all()}
        rows = [by_kind[kind] for kind in items if kind in by_kind]
        rows += [row for row in found if row.checklist_id == checklist.pk and row.paper_id not in items]
        shown = [Shown(row, _when(items.get(row.paper_id or 0)), placed.get(row.pk, "")) for row in rows]
        placed |= {row.pk: checklist.label for row in rows if row.pk not in placed}
        lists.append(List(checklist, shown))
    if others := [Shown(row) for row in found if row.pk not in placed]:
        lists.append(List(None, others))
    counts = [row for row in found if row.state != PaperState.UNNEEDED]
    return Papers(lists, sum(row.state in MISSING for row in counts), len(counts))


def _when(item: ChecklistItem | None) -> str:
    """In which case only the paper is needed."""
    if item is None:
        return ""
    english = item.when_en if (get_language() or "id").startswith("en") else ""
    return english or item.when
