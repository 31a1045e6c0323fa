"""Texts that leave the house by WhatsApp: the number, the place, the kind of act; never who it is about (TRUST R46).

They are built from values that cannot hold an identity: free text (title, story, names of follow-ups, notes) never
comes in, and a place that repeats a word of a name or of the diagnosis is left out.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.rules.codes import FollowUpKind


class Draft(models.TextChoices):
    """What a message is for; the values stand in addresses."""

    PAPERS = "kertas", gettext_lazy("Ask the family for papers")
    NEWS = "kabar", gettext_lazy("Ask how it is going")
    DESK = "loket", gettext_lazy("To the desk of the facility")
    SUMMARY = "ringkasan", gettext_lazy("Summary without names")
    NUDGE = "ingatkan", gettext_lazy("Remind the relawan")


#: What is to be done, said without saying to whom: a follow-up's own title may hold a name.
STEPS = {
    FollowUpKind.ACT: gettext_lazy("one thing to do"),
    FollowUpKind.CALL: gettext_lazy("a call"),
    FollowUpKind.MESSAGE: gettext_lazy("a message to send"),
    FollowUpKind.LETTER: gettext_lazy("a letter"),
    FollowUpKind.PAPER: gettext_lazy("a paper to get"),
    FollowUpKind.VISIT: gettext_lazy("a visit"),
    FollowUpKind.CARE: gettext_lazy("an appointment"),
    FollowUpKind.CONSENT: gettext_lazy("the consent"),
    FollowUpKind.ANSWER: gettext_lazy("an answer we wait for"),
}


@dataclass(frozen=True)
class Facts:
    """What a text may be built from; every value is already free of identity."""

    number: str
    desk: str
    link: str
    place: str = ""
    urgency: str = ""
    turn: str = ""
    step: str = ""
    due: str = ""
    days: list[tuple[str, list[str]]] = field(default_factory=list)
    outcome: str = ""


#: Words of a diagnosis that also stand in the name of every hospital.
_COMMON = frozenset({"rumah", "sakit", "klinik", "umum", "daerah", "pusat", "ibu", "anak"})
_WORD = re.compile(r"\w+")
_LONG_NUMBER = re.compile(r"\d[\d .\-]{5,}\d")


def secret_words(*, names: Iterable[str], diagnosis: str) -> frozenset[str]:
    """The words, in lower case, that a text leaving the house must not repeat."""
    return _words(" ".join(names)) | (_words(diagnosis) - _COMMON)


def without_identity(text: str, secrets: frozenset[str]) -> str:
    """The text, or "" where it repeats a word of a name or of a diagnosis, or holds a number of somebody."""
    return "" if _LONG_NUMBER.search(text) or _words(text) & secrets else text


def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in _WORD.findall(text.lower()) if len(word) > 2)


def compose(kind: str, facts: Facts) -> str:
    """The draft of a message, in the language now active."""
    build = {
        Draft.PAPERS: _papers,
        Draft.NEWS: _news,
        Draft.DESK: _desk,
        Draft.SUMMARY: _summary,
        Draft.NUDGE: _nudge,
    }[Draft(kind)]
    return build(facts)


def _about(facts: Facts) -> str:
    if facts.place:
        return _("case %(number)s at %(place)s") % {"number": facts.number, "place": facts.place}
    return _("case %(number)s") % {"number": facts.number}


def _papers(facts: Facts) -> str:
    return _(
        "Good day, we are from %(desk)s, about %(case)s.\n\n"
        "Please send us photos of the papers you have: family card, insurance card, referral, bill or letter from the "
        "facility. One photo for each paper, with all four corners in sight.\n\n"
        "Send them only to this number, not to a group. A paper that is missing is no problem; tell us which. "
        "Thank you."
    ) % {"desk": facts.desk, "case": _about(facts)}


def _news(facts: Facts) -> str:
    return _(
        "Good day, we are from %(desk)s, about %(case)s.\n\n"
        "How is it going now, and what did the officers last say? Please answer here, or tell us when we may call. "
        "Thank you."
    ) % {"desk": facts.desk, "case": _about(facts)}


def _desk(facts: Facts) -> str:
    return _(
        "Good day, we are from %(desk)s and accompany a family, %(case)s.\n\n"
        "Who is the officer we may speak with, and at what number? We will tell who it is about by phone, so that the "
        "data stay safe. Thank you for your help."
    ) % {"desk": facts.desk, "case": _about(facts)}


def _nudge(facts: Facts) -> str:
    lines = [_("Good day. Please look at %(case)s.") % {"case": _about(facts)}]
    if facts.step:
        lines.append(_("Waiting for you: %(step)s.") % {"step": facts.step})
    if facts.due:
        lines.append(_("Due: %(due)s.") % {"due": facts.due})
    lines.append(_("If you cannot, say so here and we will find someone else. Sign in to read it:"))
    return "\n".join([*lines, facts.link])


def _summary(facts: Facts) -> str:
    head = [facts.number]
    head += [value for value in (facts.urgency, facts.place, facts.desk) if value]
    lines = [" · ".join(head), ""]
    lines += [f"{day}: {', '.join(labels)}" for day, labels in facts.days]
    if facts.days:
        lines.append("")
    if facts.outcome:
        lines.append(_("Closed: %(outcome)s.") % {"outcome": facts.outcome})
    elif facts.turn:
        lines.append(f"{facts.turn}.")
    if facts.step:
        lines.append(_("Next: %(step)s.") % {"step": facts.step})
    if facts.due:
        lines.append(_("Due: %(due)s.") % {"due": facts.due})
    lines += ["", _("Names and papers are not sent here. Sign in to read them:"), facts.link]
    return "\n".join(lines)
