"""One letter for many of a collective case: one to the office for all of them, or one for each, in one act."""

from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case, Letter
from cases.rules.errors import Refused
from cases.services import letters
from members.models import User

#: What stands for a sub-case in the words that are typed once.
NUMBER, WHO = "[nomor]", "[inisial]"
#: Letters of one act.
MOST_LETTERS = 300


@transaction.atomic
def write_all(
    *,
    parent: Case,
    cases: list[Case],
    each: bool,
    kind: str,
    office: str,
    text: str,
    by: User,
    subject: str = "",
    our_reference: str = "",
    now: datetime | None = None,
    submit_key: UUID | None = None,
) -> list[Letter]:
    """Drafts of one text: one on the collective case that lists them all, or one on every sub-case; all or nothing.

    A repeated ``submit_key`` gives back the first ones. Raises Refused, CaseIsClosed.
    """
    now = now or timezone.now()
    if not cases:
        raise Refused(_("Choose at least one sub-case."))
    if each and len(cases) > MOST_LETTERS:
        raise Refused(_("At most %(most)d letters at once.") % {"most": MOST_LETTERS})
    wanted = [(case, _for(case, text), _key(submit_key, case)) for case in cases]
    if not each:
        listed = "\n".join(_line(at, row) for at, row in enumerate(cases, 1))
        wanted = [(parent, "\n\n".join([_for(parent, text), _("It is about:"), listed]), submit_key)]
    return [
        letters.write(
            case=case,
            kind=kind,
            office=office,
            subject=subject,
            our_reference=our_reference,
            text=words,
            by=by,
            now=now,
            submit_key=key,
        )
        for case, words, key in wanted
    ]


def _key(submit_key: UUID | None, case: Case) -> UUID | None:
    return uuid5(submit_key, str(case.uuid)) if submit_key else None


def _for(case: Case, text: str) -> str:
    return text.replace(NUMBER, case.number).replace(WHO, case.initials or "–")


def _line(at: int, case: Case) -> str:
    return f"{at}. {case.number}{f' ({case.initials})' if case.initials else ''}"
