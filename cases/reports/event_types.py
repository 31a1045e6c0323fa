"""What may have happened besides the chips: kinds of events by theme, and found by words."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from cases.models import Case, EventType
from cases.reports.clocks import moving_codes


@dataclass(frozen=True)
class Group:
    """Kinds of events under one heading."""

    name: str
    types: list[EventType]


def _themes() -> dict[str, list[str]]:
    return {
        _("Care and papers"): [
            "admitted", "placed_higher", "guarantee_issued", "referral_issued", "facility_asked", "condition_changed",
            "routine_care", "transported", "held_back", "let_go", "signed_paper", "signature_cancelled", "doctor_letter",
            "birth_expected", "born", "facility_closed", "family_decided", "harmed", "care_scheduled", "care_interrupted",
            "medicine_missing", "blood_needed", "security_left", "security_back", "secret_told",
        ],
        _("Report and advice"): ["message_received", "advice_given", "office_visited", "told_outside"],
        _("Card and premium"): [
            "reactivated", "reactivation_step", "deactivated", "premium_stopped", "arrears_told", "premium_paid",
            "segment_moved", "registered", "nik_issued", "rehab_signed", "payer_refused", "fallback_scheme",
        ],
        _("Claim"): ["claim_submitted", "claim_complete", "claim_status_checked", "benefit_paid", "job_search_shown"],
        _("Accident and illness from work"): [
            "accident", "pak_diagnosed", "employer_reported", "doctor_concluded", "stage_two_reported",
        ],
        _("Work and layoff"): [
            "employment_told", "dispute_changed", "phk", "phk_reported", "resigned", "severance_told",
            "instalments_agreed", "employer_told", "bipartite_requested", "agreement_signed", "wage_compared",
        ],
        _("Violence at work"): ["violence_told", "retaliation", "safe_place"],
        _("Meeting, action, news"): [
            "meeting_planned", "meeting_held", "action_held", "mediation_held", "statement", "published", "campaign",
        ],
        _("Complaint, inspection, law"): [
            "complaint_sent", "evidence_requested", "summoned", "inspected", "examined", "violation_found",
            "sanction_given", "recommended", "authority_acted", "police_report", "summons_sent", "court_filed",
            "court_decided",
        ],
    }  # fmt: skip


def by_theme(rows: list[EventType]) -> list[Group]:
    """Kinds of events under the headings people look for them; what no heading names comes last."""
    left = {row.code: row for row in rows}
    found = [
        Group(name, types)
        for name, codes in _themes().items()
        if (types := [left.pop(code) for code in codes if code in left])
    ]
    return [*found, Group(_("Others"), list(left.values()))] if left else found


def other_events(case: Case, words: str = "") -> list[Group]:
    """What may have happened besides the chips; first what moves a clock of this case. ``words`` look for one of them."""
    rows = list(EventType.objects.filter(is_chip=False, is_system=False))
    if sought := words.lower().split():
        return by_theme([row for row in rows if all(word in _text_of(row) for word in sought)])
    touched = moving_codes(case)
    first = [row for row in rows if row.code in touched]
    rest = by_theme([row for row in rows if row.code not in touched])
    return [Group(_("Moves a deadline of this case"), first), *rest] if first else rest


def _text_of(row: EventType) -> str:
    return " ".join([row.name, row.name_en, row.prompt, row.prompt_en]).lower()
