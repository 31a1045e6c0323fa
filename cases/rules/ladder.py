"""Which rung of a ladder is open today, which one is next, and why (RULES 3, 4; K29). The hours of waiting are our own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cases.rules.clocks import add_months
from members.rules import words

#: Hours of silence after which one climbs where a rung names none: "no reply in 14 days" (PRACTICE S3.10).
WAIT_HOURS = 14 * 24
#: How old an earlier complaint may be for the Ombudsman (K29; UU 37/2008 art. 24), in months.
OLDEST_COMPLAINT = 24


class Condition(StrEnum):
    """What must hold before a rung is offered."""

    NONE = ""
    ASKED_BELOW = "asked_below"
    PRIOR_COMPLAINT = "prior_complaint"
    HARM = "harm"


class Stand(StrEnum):
    """How far one has come with a rung."""

    UNTRIED = "untried"
    WAITING = "waiting"
    SILENT = "silent"
    ANSWERED = "answered"
    SOLVED = "solved"


class Why(StrEnum):
    """Why a rung is open, or not yet."""

    ALWAYS = "always"
    ASKED = "asked"
    NOT_ASKED = "not_asked"
    STILL_WAITING = "still_waiting"
    COMPLAINED = "complained"
    NO_COMPLAINT = "no_complaint"
    NO_PROOF = "no_proof"
    TOO_OLD = "too_old"
    HARMED = "harmed"
    NO_HARM = "no_harm"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Step:
    """A rung as a value."""

    position: int
    name: str
    condition: str = ""
    wait_hours: int | None = None


@dataclass(frozen=True)
class Try:
    """Something laid before an office: at a rung, or beside the ladder where ``position`` is None.

    ``has_proof`` is a receipt or ticket number, a paper kept, or the answer itself.
    """

    at: datetime
    position: int | None = None
    office: str = ""
    answered_at: datetime | None = None
    is_solved: bool = False
    is_complaint: bool = True
    has_proof: bool = False


@dataclass(frozen=True)
class Verdict:
    """A rung today: how far one has come with it, whether it is open, why, and from when it will be."""

    step: Step
    stand: Stand
    is_open: bool
    why: Why
    last: Try | None = None
    silent_since: datetime | None = None
    wait_until: datetime | None = None
    #: The try the reason speaks of: the letter that is still waited for, or the complaint without proof.
    about: Try | None = None
    opens_at: datetime | None = None


class Do(StrEnum):
    """What to do on the ladder today."""

    START = "start"
    WAIT = "wait"
    CLIMB = "climb"
    BLOCKED = "blocked"
    DONE = "done"
    TOP = "top"


@dataclass(frozen=True)
class Next:
    """The act, the rung it is about, and the rung one comes from."""

    do: Do
    rung: Verdict
    after: Verdict | None = None


def look(
    steps: Sequence[Step], tries: Sequence[Try], *, now: datetime, zone: str, is_harmed: bool = False
) -> list[Verdict]:
    """Every rung of a ladder as it stands at this moment; ``zone`` says when a day is over at the place."""
    waits = {step.position: step.wait_hours or WAIT_HOURS for step in steps}
    found = []
    for step in sorted(steps, key=lambda each: each.position):
        last = max((each for each in tries if each.position == step.position), key=lambda each: each.at, default=None)
        is_open, why, about, opens_at = _condition(step, tries, waits, now=now, zone=zone, is_harmed=is_harmed)
        until = wait_over(last, waits[step.position]) if last else None
        found.append(
            Verdict(
                step=step,
                stand=_stand(last, until, now),
                is_open=is_open,
                why=why,
                last=last,
                silent_since=last.at if last and last.answered_at is None else None,
                wait_until=until if last and last.answered_at is None else None,
                about=about,
                opens_at=opens_at,
            )
        )
    return found


def next_rung(verdicts: Sequence[Verdict]) -> Next | None:
    """Where to go now: begin, wait, climb, or nothing more to climb. None for a ladder without rungs.

    From the highest rung that was tried: while its hours run one waits, answered it is done, and when it stayed silent
    or said no, the first rung above that is open is next. One that is not open yet is named with its reason only when
    nothing else is left.
    """
    if not verdicts:
        return None
    tried = [each for each in verdicts if each.stand != Stand.UNTRIED]
    if not tried:
        first = next((each for each in verdicts if each.is_open), None)
        return Next(Do.START, first) if first else Next(Do.BLOCKED, verdicts[0])
    top = tried[-1]
    if top.stand == Stand.SOLVED:
        return Next(Do.DONE, top)
    if top.stand == Stand.WAITING:
        return Next(Do.WAIT, top)
    above = [each for each in verdicts if each.step.position > top.step.position]
    for each in above:
        if each.is_open:
            return Next(Do.CLIMB, each, top)
    return Next(Do.BLOCKED, above[0], top) if above else Next(Do.TOP, top)


def wait_over(last: Try, wait_hours: int | None) -> datetime:
    """When one may climb after a try that nobody answers."""
    return last.at + timedelta(hours=wait_hours or WAIT_HOURS)


def silent_days(sent_at: datetime, *, until: datetime, zone: str) -> int:
    """Days of silence by the calendar of the place: sent yesterday evening is one day this morning."""
    there = ZoneInfo(zone)
    return max((until.astimezone(there).date() - sent_at.astimezone(there).date()).days, 0)


def _stand(last: Try | None, until: datetime | None, now: datetime) -> Stand:
    if last is None or until is None:
        return Stand.UNTRIED
    if last.answered_at is not None:
        return Stand.SOLVED if last.is_solved else Stand.ANSWERED
    return Stand.SILENT if until <= now else Stand.WAITING


def _condition(
    step: Step, tries: Sequence[Try], waits: dict[int, int], *, now: datetime, zone: str, is_harmed: bool
) -> tuple[bool, Why, Try | None, datetime | None]:
    if step.condition == Condition.NONE:
        return True, Why.ALWAYS, None, None
    if step.condition == Condition.HARM:
        return is_harmed, Why.HARMED if is_harmed else Why.NO_HARM, None, None
    if step.condition == Condition.ASKED_BELOW:
        return _asked_below(step, tries, waits, now)
    if step.condition == Condition.PRIOR_COMPLAINT:
        return _complained(step, tries, now, zone)
    return False, Why.UNKNOWN, None, None


def _asked_below(step: Step, tries: Sequence[Try], waits: dict[int, int], now: datetime):
    """A rung below was asked, and it said no or stayed silent as long as one waits there."""
    below = [each for each in tries if each.position is not None and each.position < step.position]
    if not below:
        return False, Why.NOT_ASKED, None, None
    ends = [(each, each.answered_at or wait_over(each, waits.get(each.position or 0))) for each in below]
    over = [(each, at) for each, at in ends if at <= now]
    if over:
        return True, Why.ASKED, max(over, key=lambda pair: pair[0].at)[0], None
    waited_for, opens_at = min(ends, key=lambda pair: pair[1])
    return False, Why.STILL_WAITING, waited_for, opens_at


def _complained(step: Step, tries: Sequence[Try], now: datetime, zone: str):
    """An earlier complaint elsewhere, with proof, at most two years old (UU 37/2008 art. 24; K29)."""
    earlier = [each for each in tries if each.is_complaint and (each.position is None or each.position < step.position)]
    if not earlier:
        return False, Why.NO_COMPLAINT, None, None
    proved = [each for each in earlier if each.has_proof]
    if not proved:
        return False, Why.NO_PROOF, max(earlier, key=lambda each: each.at), None
    newest = max(proved, key=lambda each: each.at)
    there = ZoneInfo(zone)
    lapses_on = add_months(newest.at.astimezone(there).date(), OLDEST_COMPLAINT)
    if now.astimezone(there).date() > lapses_on:
        return False, Why.TOO_OLD, newest, None
    return True, Why.COMPLAINED, newest, None


# Doors: how far an office reaches, and what it is called where nobody has named one yet


class Reach(StrEnum):
    """The place an office is looked for in."""

    FACILITY = "facility"
    EMPLOYER = "employer"
    REGENCY = "regency"
    PROVINCE = "province"
    NATION = "nation"


@dataclass(frozen=True)
class Door:
    """What kind of office stands behind a channel; ``name`` is a proper name, with the region put behind it."""

    reach: Reach
    name: str = ""
    #: Whether an office of the channel's kind may be put in its place; not for a village, a hotline or an app.
    may_be_named: bool = True
    #: The kind of office, where it is not that of the channel.
    kind: str = ""


#: By channel (RULES 4); a channel that an admin adds is looked for in the regency, under the name of its kind.
DOORS: dict[str, Door] = {
    "CH01": Door(Reach.FACILITY),
    "CH02": Door(Reach.FACILITY, "Petugas BPJS SATU!", may_be_named=False),
    "CH03": Door(Reach.NATION, "Care Center BPJS Kesehatan 165", may_be_named=False),
    "CH04": Door(Reach.NATION, "PANDAWA BPJS Kesehatan", may_be_named=False),
    "CH05": Door(Reach.NATION, "Mobile JKN", may_be_named=False),
    "CH06": Door(Reach.REGENCY, "Kantor cabang BPJS Kesehatan"),
    "CH07": Door(Reach.NATION, "Layanan BPJS Ketenagakerjaan 175", may_be_named=False),
    "CH08": Door(Reach.REGENCY, "Kantor cabang BPJS Ketenagakerjaan"),
    "CH09": Door(Reach.PROVINCE, "Pengawas ketenagakerjaan"),
    "CH10": Door(Reach.REGENCY, "Dinas Tenaga Kerja"),
    "CH11": Door(Reach.NATION, "Lapor Menaker", may_be_named=False),
    "CH12": Door(Reach.REGENCY, "Dinas Sosial"),
    "CH13": Door(Reach.NATION, "Kementerian Sosial", may_be_named=False),
    "CH14": Door(Reach.REGENCY, "Dinas Kesehatan"),
    "CH15": Door(Reach.NATION, "Kementerian Kesehatan", may_be_named=False),
    "CH16": Door(Reach.NATION, "SP4N-LAPOR!", may_be_named=False),
    "CH17": Door(Reach.PROVINCE, "Ombudsman RI Perwakilan"),
    "CH18": Door(Reach.NATION, "Dewan Jaminan Sosial Nasional (DJSN)", may_be_named=False),
    "CH19": Door(Reach.REGENCY, "DPRD"),
    "CH20": Door(Reach.REGENCY, "Kepolisian"),
    "CH21": Door(Reach.REGENCY, "Dinas Dukcapil", may_be_named=False),
    "CH22": Door(Reach.NATION, "KPAI, Komnas HAM, LPSK", may_be_named=False),
    "CH24": Door(Reach.REGENCY, "Pengadilan Hubungan Industrial"),
    "CH25": Door(Reach.REGENCY, "Baznas"),
}
#: Rungs whose office differs from what their channel says: (ladder, position).
RUNG_DOORS: dict[tuple[str, int], Door] = {
    ("R1", 8): Door(Reach.NATION, "Kementerian Kesehatan", may_be_named=False),
    ("R1", 9): Door(Reach.REGENCY, "Kepolisian", kind="police"),
    ("R3", 1): Door(Reach.REGENCY, "Operator SIKS-NG desa atau kelurahan,", may_be_named=False),
    ("R5", 3): Door(Reach.PROVINCE, "Kantor wilayah BPJS Ketenagakerjaan", may_be_named=False),
    ("R6", 2): Door(Reach.NATION, "Hotline Dukcapil", may_be_named=False),
    ("R4", 1): Door(Reach.EMPLOYER, kind="employer"),
}


#: Programmes of work; where a problem touches one, BPJS Ketenagakerjaan goes before BPJS Kesehatan, else behind it.
WORK = frozenset({"JKK", "JKM", "JHT", "JP", "JKP"})


def in_order(channels: Sequence[str], programmes: Sequence[str]) -> list[str]:
    """The channels of a rung: an office one can go to before hotlines and apps, the insurer concerned first."""
    other = "CH06" if WORK & set(programmes) else "CH08"

    def key(code: str):
        door = DOORS.get(code)
        return door is not None and door.reach == Reach.NATION, code == other, code

    return sorted(channels, key=key)


def door_of(ladder: str, position: int, channels: Sequence[str]) -> Door:
    """The door of a rung: its own, else that of its first channel (`in_order`)."""
    own = RUNG_DOORS.get((ladder, position))
    return own or DOORS.get(channels[0] if channels else "", Door(Reach.REGENCY))


def short_region(name: str) -> str:
    """ "Kab. Pelalawan" for "Kabupaten Pelalawan"."""
    return name.replace("Kabupaten ", "Kab. ", 1) if name.startswith("Kabupaten ") else name


# Words


def reason(verdict: Verdict, *, office: str, now: datetime, zone: str) -> str:
    """Why a rung is open or not yet, in the language now active; "" where there is nothing to say."""
    language = get_language()
    about, said = verdict.about, {"office": office}
    if about is not None:
        said |= {"below": about.office or _("the office"), "day": words.day(about.at, zone, language)}
        said["span"] = words.span_words(now - about.at, language)
    if verdict.opens_at is not None:
        said["when"] = words.due_words(verdict.opens_at, now, zone, language)
    texts = {
        Why.ASKED: _("%(below)s has been silent for %(span)s."),
        Why.NOT_ASKED: _("First ask a rung below."),
        Why.STILL_WAITING: _("Opens if %(below)s stays silent: %(when)s."),
        Why.COMPLAINED: _("The proof of the complaint to %(below)s (%(day)s) is there."),
        Why.NO_COMPLAINT: _("%(office)s asks for proof of an earlier complaint, at most two years old."),
        Why.NO_PROOF: _(
            "%(office)s asks for proof of an earlier complaint. That to %(below)s (%(day)s) has none yet: note its "
            "ticket number, add the receipt, or write down the answer."
        ),
        Why.TOO_OLD: _(
            "%(office)s asks for proof of an earlier complaint, at most two years old. That to %(below)s is of %(day)s: "
            "complain there again first."
        ),
        Why.HARMED: _("Somebody was harmed, held or has died."),
        Why.NO_HARM: _("Only where somebody was harmed, held or has died. Note that on the case first."),
        Why.UNKNOWN: _("Its condition is not known. Ask your coordinator."),
    }
    if verdict.why == Why.ASKED and about is not None and about.answered_at is not None:
        return _("%(below)s has answered, and it is not settled.") % said
    return texts[verdict.why] % said if verdict.why in texts else ""


def headline(step: Next, *, office: str, below: str = "", now: datetime, zone: str) -> str:
    """What to do on the ladder today, in one sentence: "Dinas Kesehatan: 3 days of silence. Climb to the Ombudsman."."""
    language, after = get_language(), step.after
    said = {"office": office, "below": below}
    if step.do == Do.START:
        return _("Nobody has been asked yet. Begin with %(office)s.") % said
    if step.do == Do.WAIT and step.rung.wait_until:
        said["when"] = words.due_words(step.rung.wait_until, now, zone, language, relative=True)
        return _("%(office)s has been asked. Climb if it is still silent: %(when)s.") % said
    if step.do == Do.DONE:
        return _("%(office)s has settled it. There is nothing to climb.") % said
    if after is not None and after.silent_since is not None:
        said["span"] = words.span_words(now - after.silent_since, language)
        if step.do == Do.CLIMB:
            return _("%(below)s: already %(span)s of silence. Climb to %(office)s.") % said
        return _("%(below)s: already %(span)s of silence. The next rung is not open yet.") % said
    if after is not None and step.do == Do.CLIMB:
        return _("%(below)s has answered, and it is not settled. Climb to %(office)s.") % said
    if step.do == Do.TOP:
        return _("%(office)s is the last rung of this ladder.") % said
    return _("The next rung is not open yet.")
