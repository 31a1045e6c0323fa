"""Questions about where a case stands: what may be written, and which one act the page offers."""

from enum import StrEnum

from cases.rules.codes import EventCode

#: What may still be told of a closed case; for everything else it is opened again first.
TOLD_AFTER_CLOSING = frozenset({EventCode.NOTE, EventCode.DIED})


def may_be_told(*, is_open: bool, code: str, is_correction: bool = False) -> bool:
    """Whether a fact of this type may be written now."""
    return is_open or is_correction or code in TOLD_AFTER_CLOSING


class Act(StrEnum):
    """The one filled button of the case page."""

    ANSWER = "answer"
    TAKE = "take"
    ASSIGN = "assign"
    RESULT = "result"
    PLAN = "plan"
    REOPEN = "reopen"
    NONE = "none"


def main_act(
    *,
    is_open: bool,
    is_offered_to_me: bool,
    is_carried: bool,
    may_take: bool,
    may_assign: bool,
    may_work: bool,
    has_plan: bool,
) -> Act:
    """What this user should do first on this page."""
    if not is_open:
        return Act.REOPEN if may_work else Act.NONE
    if is_offered_to_me:
        return Act.ANSWER
    if not is_carried:
        if may_assign:
            return Act.ASSIGN
        if may_take:
            return Act.TAKE
    if may_work:
        return Act.RESULT if has_plan else Act.PLAN
    return Act.NONE
