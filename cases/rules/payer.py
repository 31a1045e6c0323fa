"""Who pays: a pure decision over what is known (RULES 1.9). It may change in mid-case, as soon as a fact does."""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Payer(models.TextChoices):
    """Who may have to pay for the care."""

    JASA_RAHARJA = "jasa_raharja", "Jasa Raharja"
    JKK = "jkk", _("JKK (BPJS Ketenagakerjaan)")
    JKN = "jkn", _("JKN (BPJS Kesehatan)")
    REGION = "region", _("Local scheme")
    SELF = "self", _("The family itself")


class Accident(models.TextChoices):
    """What happened, as far as it decides who pays."""

    UNKNOWN = "", _("Not known yet")
    NONE = "none", _("No accident")
    TRAFFIC_SEVERAL = "traffic_several", _("Traffic, two or more vehicles")
    TRAFFIC_SINGLE = "traffic_single", _("Traffic, one vehicle alone")
    WORK = "work", _("At work, or suspected to be")
    OCCUPATIONAL_DISEASE = "disease", _("Illness from work, or suspected")
    VIOLENCE_OR_SELF = "violence", pgettext_lazy("accident", "Violence, self-harm or a risky hobby")


@dataclass(frozen=True)
class Facts:
    """What is known; None is not known. ``for_work``: on duty, or on the way to or from work."""

    is_emergency: bool = False
    accident: str = Accident.UNKNOWN
    for_work: bool = False
    in_public_transport: bool = False
    found_not_work: bool = False
    has_police_report: bool = False
    jkn_active: bool | None = None
    has_local_scheme: bool = True


@dataclass(frozen=True)
class Step:
    """One payer in the order of asking, with the reason, its source in RULES and the confidence tag."""

    payer: str
    why: str
    source: str
    confidence: str


@dataclass(frozen=True)
class Decision:
    """The payers in order, what still has to be asked, and whether treatment comes before the question."""

    steps: tuple[Step, ...]
    to_ask: tuple[str, ...]
    treat_first: bool


def decide(facts: Facts) -> Decision:
    """Who pays first, and who then."""
    steps: list[Step] = []
    traffic = facts.accident in {Accident.TRAFFIC_SEVERAL, Accident.TRAFFIC_SINGLE}
    if facts.accident == Accident.TRAFFIC_SEVERAL:
        steps.append(
            Step(
                Payer.JASA_RAHARJA,
                _("Several vehicles: Jasa Raharja pays first, up to its limit."),
                "RULES 1.9 (S73, S74)",
                "N",
            )
        )
    elif facts.accident == Accident.TRAFFIC_SINGLE and facts.in_public_transport:
        steps.append(
            Step(
                Payer.JASA_RAHARJA,
                _("Passengers of public transport are covered by Jasa Raharja."),
                "RULES 1.9 (S75, S76)",
                "N",
            )
        )
    if _belongs_to_work(facts):
        steps.append(Step(Payer.JKK, *_why_jkk(facts)))
    else:
        steps += _health_cover(facts)
    return Decision(tuple(steps), tuple(_to_ask(facts, traffic=traffic)), facts.is_emergency)


def _belongs_to_work(facts: Facts) -> bool:
    at_work = facts.accident in {Accident.WORK, Accident.OCCUPATIONAL_DISEASE}
    on_duty = facts.for_work and facts.accident not in {Accident.UNKNOWN, Accident.NONE}
    return (at_work or on_duty) and not facts.found_not_work


def _why_jkk(facts: Facts) -> tuple[str, str, str]:
    if facts.accident in {Accident.WORK, Accident.OCCUPATIONAL_DISEASE}:
        return _("JKK guarantees care from the suspicion until the conclusion."), "RULES 1.9 (S78)", "N"
    return _("On duty or on the way to or from work: JKK, not JKN."), "RULES 1.9 (S73)", "N"


def _health_cover(facts: Facts) -> list[Step]:
    if facts.jkn_active is False:
        self_pay = Step(Payer.SELF, _("Nobody else is left; ask for relief in writing."), "RULES 1.4", "G")
        if not facts.has_local_scheme:
            return [self_pay]
        region = Step(
            Payer.REGION, _("JKN is not active: ask the local scheme while the card is mended."), "RULES 1.6", "N"
        )
        return [region, self_pay]
    why = _("Care outside work belongs to JKN.")
    if facts.accident == Accident.TRAFFIC_SINGLE:
        why = _("One vehicle alone: JKN pays, with a letter of the police.")
    steps = [Step(Payer.JKN, why, "RULES 1.9 (S73)", "N")]
    if facts.accident == Accident.VIOLENCE_OR_SELF:
        excluded = _("JKN may exclude it (article 52): look it up, and ask LPSK or the region.")
        steps.append(Step(Payer.REGION, excluded, "RULES 1.9", "G"))
    return steps


def _to_ask(facts: Facts, *, traffic: bool) -> list[str]:
    asked = []
    if facts.accident == Accident.UNKNOWN:
        asked.append("accident")
    if traffic and not facts.has_police_report:
        asked.append("police_report")
    if facts.jkn_active is None and not _belongs_to_work(facts):
        asked.append("jkn_active")
    return asked
