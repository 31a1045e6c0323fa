"""Cases to learn from, on paper and without identity: three on one page for a case review, or one story with consent."""

from dataclasses import replace

from django.utils.translation import gettext as _

from cases.models import Case, Printout
from cases.reports import anonymous
from cases.reports.anonymous import Day, Story
from cases.reports.dossier import paper
from cases.rules.printing import NEEDS, Audience, PrintKind
from cases.services.printouts import Built, Fault, Step
from members.models import Organisation, User

#: What fits into a third of a page.
_LINES, _LETTERS, _WHOLE = 14, 150, 1250


def reviewable(user: User, unit: Organisation | None = None):
    """Cases that may be learnt from: those this user may open and that are not restricted, the ended ones first."""
    cases = Case.objects.permitted(user, NEEDS[PrintKind.REVIEW]).filter(is_restricted=False)
    if unit:
        cases = cases.filter(desk__in=Organisation.objects.below(unit).order_by().values("pk"))
    return cases.select_related("problem_type", "place", "outcome")


def build(row: Printout, step: Step) -> Built:
    """Three cases on one page: days counted, nobody and no place named."""
    cases = list(reviewable(row.ordered_by).filter(uuid__in=row.params["cases"])[:3])
    if len(cases) < 3:
        raise Fault("no_right")
    step(1, 2)
    secrets = anonymous.secrets_of(cases)
    stories = [
        _short(anonymous.story(case, secrets=secrets, audience=Audience.PUBLIC, ref=str(at)))
        for at, case in enumerate(cases, 1)
    ]
    desk = str(row.organisation) if row.organisation else ""
    built = paper("pdf/review.html", {"stories": stories, "number": _("Case review"), "desk": desk})
    return replace(built, shows=[case.pk for case in cases])


def _short(story: Story) -> Story:
    """What fits: the first and last lines, each cut, with a mark where something was left out."""
    lines = [(day.label, _cut(line)) for day in story.days for line in day.lines]
    if len(lines) > _LINES:
        lines = [*lines[: _LINES - 5], ("…", "…"), *lines[-4:]]
    while sum(len(line) + 12 for _day, line in lines) > _WHOLE and len(lines) > 3:
        lines.pop(len(lines) // 2)
    days: dict[str, list[str]] = {}
    for day, line in lines:
        days.setdefault(day, []).append(line)
    return replace(story, days=[Day(label, of_day) for label, of_day in days.items()])


def _cut(line: str) -> str:
    return line if len(line) <= _LETTERS else f"{line[:_LETTERS]}…"


def published(case: Case) -> Story:
    """A story to be published: days counted, nobody named. Who hands it out has asked for consent (S0.6)."""
    return anonymous.story(case, secrets=anonymous.secrets_of([case]), audience=Audience.PUBLIC)


def as_text(story: Story) -> str:
    """A story as plain text."""
    parts = [story.title]
    parts += ["\n".join([day.label, *(f"- {line}" for line in day.lines)]) for day in story.days]
    return "\n\n".join([*parts, story.ending]) + "\n"
