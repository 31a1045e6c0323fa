"""The letters of a collective case as one file: each on a page of its own, nobody named (issue 5 §6)."""

from django.utils.translation import gettext as _

from cases.models import Letter, Printout
from cases.reports.dossier import paper
from cases.rules.printing import NEEDS, PrintKind
from cases.services.letters import LANGUAGE
from cases.services.printouts import Built, Fault, Step
from members.rules import words

#: Rendered in one go; a step is told after each so many.
_STEP = 25


def build(row: Printout, step: Step) -> Built:
    """The letters that were ordered, in the order of their numbers."""
    rows = Letter.objects.permitted(row.ordered_by, NEEDS[PrintKind.LETTERS]).filter(
        uuid__in=row.params["letters"], case__is_restricted=False
    )
    letters = list(rows.select_related("case__desk", "logged_by").order_by("case__number", "pk"))
    if not letters:
        raise Fault("no_right")
    total = len(letters) // _STEP + 2
    sheets = []
    for at, letter in enumerate(letters):
        if at % _STEP == 0:
            step(at // _STEP, total)
        sheets.append(
            {
                "letter": letter,
                "number": letter.case.number,
                "desk": str(letter.case.desk),
                "today": words.long_day(letter.sent_at or row.ordered_at, letter.case.zone, LANGUAGE),
                "paragraphs": letter.text.replace("\r\n", "\n").split("\n\n"),
                "writer": letter.logged_by.full_name if letter.logged_by else "",
            }
        )
    step(total - 1, total)
    built = paper("pdf/letters.html", {"sheets": sheets, "number": _("Letters"), "desk": ""})
    return Built(built.data, built.content_type, built.extension, [letter.case_id for letter in letters])
