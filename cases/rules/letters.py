"""What a letter says: composed from values, as a letter and as a WhatsApp text; and the content of a union's notice.

A text for WhatsApp is built from values that cannot hold an identity. A letter holds initials; a name is put above it
only when it is printed with names. Law stands in it only where the catalogue says that it was read.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.rules.registers import LetterKind
from cases.rules.sharing import secret_words

_BLANK = re.compile(r"\[isi [^\]]{1,40}\]")
#: Somebody's number, or what masking left of one.
_LONG_NUMBER = re.compile(r"\+?\d[\d .\-]{5,}\d|\*{3,}\d*|\d+\*{3,}\d*")


@dataclass(frozen=True)
class Earlier:
    """Something that was laid before an office already."""

    office: str
    day: str
    state: str
    reference: str = ""


@dataclass(frozen=True)
class Facts:
    """What a letter may be built from; everything is free of names already."""

    number: str
    desk: str
    office: str
    about: str = ""
    who: str = ""
    place: str = ""
    story: str = ""
    #: Day in words → lines of that day, oldest first; for WhatsApp only the kinds of events.
    days: Sequence[tuple[str, Sequence[str]]] = ()
    kinds_by_day: Sequence[tuple[str, Sequence[str]]] = ()
    earlier: Sequence[Earlier] = ()
    demands: Sequence[str] = ()
    law: Sequence[str] = ()
    late: Sequence[str] = ()


def veil(text: str, *, names: Sequence[str], diagnosis: str = "") -> str:
    """The text with names as initials, and the illness and long numbers left out."""
    for name in sorted(filter(None, names), key=len, reverse=True):
        letters = "".join(f"{word[0].upper()}." for word in name.split())
        text = re.sub(rf"\b{re.escape(name)}\b", letters, text, flags=re.IGNORECASE)
    for word in secret_words(names=names, diagnosis=""):
        text = re.sub(rf"\b{re.escape(word)}\b", f"{word[0].upper()}.", text, flags=re.IGNORECASE)
    for word in secret_words(names=[], diagnosis=diagnosis):
        text = re.sub(rf"\b{re.escape(word)}\b", "…", text, flags=re.IGNORECASE)
    return _LONG_NUMBER.sub("…", text)


def blanks(text: str) -> int:
    """How many places of a draft wait to be filled in."""
    return len(_BLANK.findall(text))


def subject(kind: str, facts: Facts) -> str:
    """What the letter is about, in one line."""
    texts = {
        LetterKind.REQUEST: _("Request: %(about)s"),
        LetterKind.SUMMONS: _("Somasi: %(about)s"),
        LetterKind.POLICE: _("Report to the police: %(about)s"),
        LetterKind.COURT: _("Chronology for the court: %(about)s"),
        LetterKind.OBSTACLE: _("Report of an obstacle: %(about)s"),
    }
    text = texts.get(LetterKind(kind), _("Complaint: %(about)s"))
    return (text % {"about": facts.about or _("service")})[:160]


def compose(kind: str, facts: Facts) -> str:
    """The body of a letter, from the greeting to the closing, in the language now active."""
    said = {"desk": facts.desk, "number": facts.number, "who": facts.who or _("a patient"), "place": facts.place}
    opening = _("We are from %(desk)s and accompany %(who)s at %(place)s (case %(number)s).")
    if not facts.place:
        opening = _("We are from %(desk)s and accompany %(who)s (case %(number)s).")
    parts = [_("With respect,"), f"{opening % said} {_purpose(kind, facts)}".strip()]
    if facts.story:
        parts.append(facts.story)
    if facts.days:
        parts.append("\n".join([_("What happened:"), *_by_day(facts.days)]))
    if facts.earlier:
        parts.append("\n".join([_("Laid before an office already:"), *map(_earlier, facts.earlier)]))
    if facts.late:
        parts.append("\n".join([_("Past its deadline:"), *(f"- {line}" for line in facts.late)]))
    if facts.demands:
        parts.append("\n".join([_("We ask:"), *(f"{at}. {text}" for at, text in enumerate(facts.demands, 1))]))
    if facts.law:
        parts.append("\n".join([_("Basis:"), *(f"- {line}" for line in facts.law)]))
    if closing := _closing(kind):
        parts.append(closing)
    parts.append(without_names())
    parts.append("\n".join([_("Yours respectfully,"), facts.desk]))
    return "\n\n".join(parts)


def without_names() -> str:
    """The sentence of a letter that stays behind when it is printed with the name."""
    return _("Names and data are handed to the officer in charge separately.")


def _purpose(kind: str, facts: Facts) -> str:
    about = {"about": facts.about}
    if kind == LetterKind.SUMMONS:
        return _("This letter is a somasi about: %(about)s.") % about if facts.about else _("This letter is a somasi.")
    if kind == LetterKind.POLICE:
        return _("We report what follows and ask for the receipt of the report.")
    if kind == LetterKind.COURT:
        return _("This is the chronology as it was noted day by day.")
    if kind == LetterKind.OBSTACLE:
        return _("We report an obstacle in the service, so that it is cleared at once.")
    if kind == LetterKind.REQUEST:
        return _("We ask for your help with: %(about)s.") % about if facts.about else _("We ask for your help.")
    return _("We complain about: %(about)s.") % about if facts.about else _("We lay this complaint before you.")


def _closing(kind: str) -> str:
    if kind == LetterKind.SUMMONS:
        return _("If it is not settled by [fill in the day], we go the ways that the law gives.")
    return ""


def whatsapp(kind: str, facts: Facts) -> str:
    """The same for WhatsApp: number, place, kinds of events by day, what is asked; nobody's name, words or number."""
    said = {"desk": facts.desk, "number": facts.number, "place": facts.place}
    opening = _("Good day, we are from %(desk)s, about case %(number)s at %(place)s.")
    if not facts.place:
        opening = _("Good day, we are from %(desk)s, about case %(number)s.")
    parts = [opening % said]
    if facts.about:
        parts.append(f"{LetterKind(kind).label}: {facts.about}.")
    if facts.kinds_by_day:
        parts.append(
            "\n".join([_("What happened:"), *(f"{day}: {', '.join(kinds)}" for day, kinds in facts.kinds_by_day)])
        )
    if facts.earlier:
        parts.append("\n".join([_("Laid before an office already:"), *map(_earlier, facts.earlier)]))
    if facts.demands:
        parts.append("\n".join([_("We ask:"), *(f"{at}. {text}" for at, text in enumerate(facts.demands, 1))]))
    parts.append(_("Names and data we tell the officer in charge directly, not in this chat. Thank you."))
    return "\n\n".join(parts)


def _by_day(days: Sequence[tuple[str, Sequence[str]]]) -> list[str]:
    return [line for day, lines in days for line in (day, *(f"- {text}" for text in lines))]


def _earlier(row: Earlier) -> str:
    number = _(", number %(number)s") % {"number": row.reference} if row.reference else ""
    return f"- {row.office}, {row.day}{number}: {row.state}."


# The union's own notice: Permenaker 1/2025 art. 8A (wage workers) and 48A (BPU), RULES 2.4


class NoticeKind(models.TextChoices):
    ACCIDENT = "accident", gettext_lazy("Suspected work accident")
    DISEASE = "disease", gettext_lazy("Suspected occupational disease")


class NoticeBasis(models.TextChoices):
    WAGE = "8A", gettext_lazy("Worker with a wage (art. 8A)")
    INFORMAL = "48A", gettext_lazy("Informal worker, BPU (art. 48A)")


class EmployerReport(models.TextChoices):
    """Whether the employer has reported; the union's notice never stands in for that report."""

    UNKNOWN = "", gettext_lazy("Not known")
    NO = "no", gettext_lazy("Not yet, as far as we know")
    YES = "yes", gettext_lazy("Yes, there is proof")


class Addressee(models.TextChoices):
    """To whom a notice may go."""

    EMPLOYER = "employer", gettext_lazy("Employer")
    BPJS_TK = "bpjs_tk", "BPJS Ketenagakerjaan"
    BPJS_KESEHATAN = "bpjs_kesehatan", "BPJS Kesehatan"
    LABOUR = "labour", gettext_lazy("Labour office of the province or ministry")


#: To whom art. 8A and art. 48A let the union write.
ADDRESSEES = {
    NoticeBasis.WAGE: (Addressee.EMPLOYER, Addressee.BPJS_TK, Addressee.BPJS_KESEHATAN, Addressee.LABOUR),
    NoticeBasis.INFORMAL: (Addressee.LABOUR, Addressee.BPJS_TK, Addressee.BPJS_KESEHATAN),
}


@dataclass(frozen=True)
class NoticeField:
    """A line of the notice; ``by_law`` where the article names it, else it helps who reads it."""

    key: str
    label: object
    by_law: bool = True


_WORKER = (
    NoticeField("worker", gettext_lazy("Name of the worker"), by_law=False),
    NoticeField("number", gettext_lazy("Participant number or NIK")),
    NoticeField("employer", gettext_lazy("Employer or place of work"), by_law=False),
)
_NOTIFIER = (
    NoticeField("notifier", gettext_lazy("Name of the notifier or contact")),
    NoticeField("phone", gettext_lazy("Phone of the notifier or contact")),
    NoticeField("union", gettext_lazy("Union, group or family tie of the notifier"), by_law=False),
)
_MORE = (
    NoticeField("facility", gettext_lazy("Where the worker is treated"), by_law=False),
    NoticeField("witnesses", gettext_lazy("Witnesses"), by_law=False),
)
_ACCIDENT = (
    NoticeField("on", gettext_lazy("Date of the accident")),
    NoticeField("hour", gettext_lazy("Hour of the accident")),
    NoticeField("where", gettext_lazy("Place of the accident")),
    NoticeField("cause", gettext_lazy("Cause of the accident")),
    NoticeField("chronology", gettext_lazy("How it happened")),
)
_DISEASE = (
    NoticeField("job", gettext_lazy("Kind of work")),
    NoticeField("years", gettext_lazy("Years worked in all")),
    NoticeField("years_last", gettext_lazy("Years in the last job")),
    NoticeField("exposure", gettext_lazy("Source of the exposure")),
    NoticeField("diagnosis", gettext_lazy("Clinical diagnosis")),
    NoticeField("chronology", gettext_lazy("How it began"), by_law=False),
)


def notice_fields(kind: str) -> tuple[NoticeField, ...]:
    """The lines of a notice in order: whose, what happened, who tells it."""
    about = _DISEASE if kind == NoticeKind.DISEASE else _ACCIDENT
    return (*_WORKER, *about, *_MORE, *_NOTIFIER)


def missing(content: Mapping[str, object]) -> list[NoticeField]:
    """What the article asks for and the notice does not say yet."""
    return [
        each
        for each in notice_fields(str(content.get("kind", "")))
        if each.by_law and not str(content.get(each.key) or "").strip()
    ]


def wants_notice(codes_of_clocks: Sequence[str]) -> bool:
    """Whether a problem is one the union may give notice of: where the employer's first report runs (K13)."""
    return "K13" in codes_of_clocks


@dataclass(frozen=True)
class NoticeLine:
    """A line as it is printed; an empty one is marked, never left out."""

    label: str
    text: str
    is_missing: bool


@dataclass(frozen=True)
class Notice:
    """A notice as it is printed and as plain text."""

    title: str
    basis: str
    to: Sequence[str]
    lines: Sequence[NoticeLine]
    employer_report: str
    desk: str
    number: str
    today: str
    gaps: int = 0
    duty: str = ""
    body: Sequence[str] = field(default_factory=tuple)


def notice(
    content: Mapping[str, object], *, to: Sequence[str], desk: str, number: str, today: str, duty: str = ""
) -> Notice:
    """A notice from what was filled in, in the language now active. ``duty`` is the employer's own, where it was read."""
    kind = NoticeKind(str(content.get("kind") or NoticeKind.ACCIDENT))
    basis = NoticeBasis(str(content.get("basis") or NoticeBasis.WAGE))
    empty = {each.key for each in missing(content)}
    lines = []
    for each in notice_fields(kind):
        text = str(content.get(each.key) or "").strip()
        if text or each.key in empty:
            lines.append(NoticeLine(str(each.label), text or _("NOT FILLED IN"), not text))
    reported = str(content.get("reported") or "")
    proof = str(content.get("reported_proof") or "").strip()
    said = {
        EmployerReport.NO: _("As far as we know the employer has not reported yet."),
        EmployerReport.YES: _("The employer is said to have reported: %(proof)s.")
        % {"proof": proof or _("proof not seen")},
    }.get(reported, _("Whether the employer has reported is not known to us."))
    opening = _(
        "By this letter we notify a suspicion under Permenaker 1/2025 art. %(article)s. It is a suspicion: whether it is "
        "so is for those in charge to conclude."
    ) % {"article": basis.value}
    release = _("This notice does not release the employer from the duty to report.")
    return Notice(
        title=_("Notice: %(kind)s") % {"kind": kind.label.lower()},
        basis=_("Permenaker 1/2025 art. %(article)s") % {"article": basis.value},
        to=to,
        lines=lines,
        employer_report=said,
        desk=desk,
        number=number,
        today=today,
        gaps=len(empty),
        duty=duty,
        body=(opening, f"{release} {duty}".strip()),
    )


def notice_text(row: Notice) -> str:
    """The notice as plain text, for e-mail or a web form."""
    parts = [
        row.title.upper(),
        "\n".join([_("To:"), *(f"- {name}" for name in row.to)]),
        f"{row.today} · {_('Number')}: {row.number}",
        row.body[0],
        "\n".join(f"{line.label}: {line.text}" for line in row.lines),
        row.employer_report,
        row.body[1],
        "\n".join([_("Yours respectfully,"), row.desk]),
    ]
    return "\n\n".join(parts)
