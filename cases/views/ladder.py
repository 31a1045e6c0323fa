"""The ladder of a case: every rung with its named office, whether it is open today and why, and where to go next."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from cases.models import Case, ContactChannel, Letter
from cases.reports import letters as report
from cases.rules import ladder as rules
from cases.rules.ladder import Do, Stand
from cases.services import ladder, letters
from cases.services.ladder import LadderNow, Office, RungNow
from cases.views.case_form import case_url
from cases.views.gate import case_or_404, log
from members.models import AccessLog
from members.rules import words
from members.rules.roles import Permission

#: State colour and drawing of a knot by how far one has come.
_KNOTS = {
    Stand.SOLVED: ("selesai", "check-square-fill"),
    Stand.ANSWERED: ("selesai", "check-lg"),
    Stand.SILENT: ("lewat", "alarm-fill"),
    Stand.WAITING: ("jalan", "hourglass-split"),
}


@dataclass
class ShownChannel:
    """A way to reach an office, in the reader's language."""

    name: str
    contact: str
    phone: str
    call_url: str
    url: str
    standard: str
    is_verified: bool


@dataclass
class ShownRung:
    """A rung on the page."""

    key: str
    number: int
    label: str
    office: Office
    act: str
    state: str
    icon: str
    said: str
    silence: str
    reason: str
    is_open: bool
    is_next: bool
    channels: list[ShownChannel]
    letters: list[Letter]


@dataclass
class ShownLadder:
    """A ladder on the page."""

    code: str
    name: str
    source: str
    is_practice: bool
    headline: str
    next: ShownRung | None
    may_act: bool
    rungs: list[ShownRung]


def shown(found: LadderNow, *, now: datetime, zone: str) -> ShownLadder:
    """A ladder in the words of the reader."""
    to_do = found.next
    acts = to_do is not None and to_do.do in {Do.START, Do.CLIMB}
    rungs = [_rung(each, now=now, zone=zone, is_next=acts and each is found.next_rung) for each in found.rungs]
    return ShownLadder(
        code=found.ladder.code,
        name=found.ladder.label,
        source=found.ladder.source,
        is_practice=found.ladder.is_practice,
        headline=ladder.say(found, now=now, zone=zone),
        next=next((each for each in rungs if each.is_next), None),
        may_act=acts,
        rungs=rungs,
    )


def _rung(found: RungNow, *, now: datetime, zone: str, is_next: bool) -> ShownRung:
    verdict, rung = found.verdict, found.rung
    state, icon = _KNOTS.get(verdict.stand, ("", "circle" if verdict.is_open else "lock"))
    if is_next:
        state, icon = "jalan", "chevron-right"
    english = (get_language() or "id").startswith("en")
    return ShownRung(
        key=found.key,
        number=rung.position,
        label=(english and rung.name_en) or rung.name,
        office=found.office,
        act=(english and rung.act_en) or rung.act,
        state=state,
        icon=icon,
        said=_stand(found, now=now, zone=zone),
        silence=_silence(found, now=now),
        reason=rules.reason(verdict, office=found.office.name, now=now, zone=zone),
        is_open=verdict.is_open,
        is_next=is_next,
        channels=[_channel(row) for row in found.channels],
        letters=found.letters,
    )


def _stand(found: RungNow, *, now: datetime, zone: str) -> str:
    last, language = found.verdict.last, get_language()
    if last is None:
        return ""
    asked = words.day(last.at, zone, language)
    if found.verdict.stand == Stand.SOLVED:
        return _("Asked %(day)s. Settled.") % {"day": asked}
    if found.verdict.stand == Stand.ANSWERED:
        return _("Asked %(day)s. Answered, not settled.") % {"day": asked}
    if found.verdict.stand == Stand.SILENT:
        return _("Asked %(day)s.") % {"day": asked}
    until = words.due_words(found.verdict.wait_until, now, zone, language) if found.verdict.wait_until else ""
    return _("Asked %(day)s. No answer yet; climb after: %(until)s.") % {"day": asked, "until": until}


def _silence(found: RungNow, *, now: datetime) -> str:
    """ "16 hari diam", where one has waited long enough."""
    last = found.verdict.last
    if last is None or found.verdict.stand != Stand.SILENT:
        return ""
    return _("Silent for %(span)s") % {"span": words.span_words(now - last.at, get_language())}


def _channel(row: ContactChannel) -> ShownChannel:
    digits = "".join(char for char in row.phone if char in "+0123456789")
    return ShownChannel(
        name=row.label,
        contact=row.in_language("contact"),
        phone=row.phone,
        call_url=f"tel:{digits}" if digits else "",
        url=row.url,
        standard=row.in_language("standard"),
        is_verified=row.confidence in {"L", "N"},
    )


class CaseLadder(TemplateView):
    """Whom to go to now, and who comes after."""

    template_name = "cases/ladder.html"

    def get_context_data(self, **kwargs):
        case = case_or_404(self.request, self.kwargs["uuid"], Permission.CASE_VIEW)
        log(self.request, AccessLog.Action.OPEN, uuid=case.uuid)
        now = timezone.now()
        ladders = [shown(found, now=now, zone=case.zone) for found in ladder.of_case(case, now=now)]
        may_work = Case.objects.permitted(self.request.user, Permission.CASE_WORK).filter(pk=case.pk).exists()
        return super().get_context_data(
            case=case,
            ladders=ladders,
            main=next((each.next for each in ladders if each.next), None),
            rows=report.of_case(case, now=now),
            may_work=may_work and case.is_open,
            may_set_type=may_work,
            offers_notice=letters.offers_notice(case),
            now=now,
            back_url=case_url(case),
            **kwargs,
        )
