"""The files of cases/data/ are complete, honest about what is verified, and load without harm."""

import json
import re
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone, translation

from cases.models import Confidence, EmergencyLine, EventType, Outcome, ProblemFamily, ProblemType, RedFlag
from cases.rules.codes import Actor, EventCode, Urgency
from cases.rules.details import unknown
from cases.services.catalogue import CATALOGUE, KINDS, load, rows
from members.models import BodyKind, OrganisationKind

CODES = [
    *[f"A{n:02}" for n in range(1, 6)],
    *[f"B{n:02}" for n in range(1, 7)],
    *[f"C{n:02}" for n in range(1, 8)],
    *[f"D{n:02}" for n in range(1, 10)],
    *[f"E{n:02}" for n in range(1, 5)],
    *[f"F{n:02}" for n in range(1, 10)],
]
CLOCKS = {f"K{n:02}" for n in range(1, 36)}
PROGRAMMES = {"JKN", "JKK", "JKM", "JHT", "JP", "JKP", "LOCAL", "JR"}
SYSTEM = {
    "opened", "assigned", "taken", "released", "handover_offered", "handover_accepted", "handover_declined",
    "handover_withdrawn", "follow_up_set", "follow_up_done", "follow_up_moved", "follow_up_cancelled", "edited",
    "corrected", "party_added", "party_edited", "identity_kept", "attachment_added", "claim_added", "closed",
    "reopened", "whatsapp_sent", "nudged", "escalated", "restricted", "shared", "merged",
    "clock_started", "clock_paused", "clock_resumed", "clock_stopped", "clock_waived", "clock_moved",
    "unrestricted", "barred", "share_ended", "consent_stated", "letter_answered", "promise_asked", "promise_ended",
    "promise_condition_met", "money_noted", "paper_moved", "counted", "partner_added", "sub_case_added",
}  # fmt: skip
CHIPS = {
    "refused", "got_room", "referred", "letter_sent", "answered", "promised", "paid", "discharged", "died", "called",
    "visited", "membership_checked", "paper_received", "asked_payment", "treated", "note",
}  # fmt: skip
#: Facts that start or stop a clock, written by hand but not first on the page.
STARTERS = {
    "admitted", "placed_higher", "guarantee_issued", "reactivated", "registered", "born", "nik_issued",
    "referral_issued", "accident", "pak_diagnosed", "employer_reported", "doctor_concluded", "stage_two_reported",
    "claim_submitted", "claim_complete", "benefit_paid", "phk", "phk_reported", "resigned", "premium_paid",
    "rehab_signed", "violation_found", "inspected", "bipartite_requested", "complaint_sent", "data_requested",
    "breach_known", "facility_asked", "harmed",
}  # fmt: skip
#: What else happens in a case; written by hand, with the typed facts that belong to it.
TELLABLE = {
    "harmed",
    "message_received", "advice_given", "condition_changed", "routine_care", "transported", "held_back",
    "let_go", "signed_paper", "signature_cancelled", "birth_expected", "facility_closed", "office_visited",
    "deactivated", "premium_stopped", "arrears_told", "segment_moved", "reactivation_step", "fallback_scheme",
    "payer_refused", "claim_status_checked", "employment_told", "dispute_changed", "employer_told",
    "instalments_agreed", "severance_told", "meeting_held", "action_held", "mediation_held", "agreement_signed",
    "summoned", "examined", "sanction_given", "recommended", "authority_acted", "police_report", "summons_sent",
    "court_filed", "court_decided", "evidence_requested", "doctor_letter", "statement", "told_outside",
    "published", "campaign", "family_decided",
    "care_scheduled", "care_interrupted", "medicine_missing", "blood_needed", "security_left", "security_back",
    "wage_compared", "job_search_shown", "violence_told", "retaliation", "safe_place", "secret_told", "meeting_planned",
}  # fmt: skip
MANUAL = CHIPS | STARTERS | TELLABLE
TEXTS = ["name", "plain", "first_step", "say", "evidence", "do_not_sign", "responsible"]
TYPES = {row["code"]: row for row in rows("problem_types")}
SPRITE = set(re.findall(r'id="([^"]+)"', Path(settings.BASE_DIR, "static/icons/sprite.svg").read_text()))
LAW = re.compile(r"\b(pasal|UU \d|PP \d|Perpres|Perm\w+ \d|art\. \d)", re.IGNORECASE)


def test_all_forty_codes_are_there_once_and_in_their_family():
    listed = [row["code"] for row in rows("problem_types")]
    assert listed == CODES
    assert all(row["family"] == row["code"][0] for row in TYPES.values())
    assert [row["position"] for row in TYPES.values()] == sorted(row["position"] for row in TYPES.values())


@pytest.mark.parametrize("code", CODES)
def test_a_type_says_what_to_do_what_to_say_and_what_to_ask_for(code):
    row = TYPES[code]
    for field in ("name", "plain", "first_step", "say", "evidence", "responsible"):
        assert row[field], field
        assert row[f"{field}_en"], f"{field}_en"
        assert row[field] != row[f"{field}_en"] or field in {"name", "plain", "responsible"}
    assert bool(row["do_not_sign"]) == bool(row["do_not_sign_en"])
    assert len(re.findall(r"[^\s/:]+", row["plain"])) <= 5
    assert set(row["programmes"]) <= PROGRAMMES and row["programmes"]
    assert row["severity"] in {Urgency.EMERGENCY, Urgency.URGENT, Urgency.ORDINARY}
    assert set(row["clocks"]) <= CLOCKS
    assert set(row["ladder"].split(",")) <= {f"R{n}" for n in range(1, 7)}
    assert row["papers"]
    assert len(row["words"]) >= 3
    assert all(re.fullmatch(r"[a-z0-9]+( [a-z0-9]+)*", word) for word in row["words"])  # as triage reads a story
    assert row["is_practice"] is True
    assert row["source"].startswith("RULES §3")


@pytest.mark.parametrize("field", [*TEXTS, *[f"{field}_en" for field in TEXTS]])
def test_no_text_is_repeated_across_types(field):
    if field.startswith("responsible"):
        return  # many things are the hospital's to do
    texts = [row[field] for row in TYPES.values() if row[field]]
    assert len(texts) == len(set(texts))


def test_first_chips_of_the_quick_log_are_few():
    assert 5 <= sum(row["is_quick"] for row in TYPES.values()) <= 8


@pytest.mark.parametrize("name", [name for name, _, _ in CATALOGUE])
def test_confidence_is_a_known_tag_and_a_tag_has_a_source(name):
    for row in rows(name):
        assert row.get("confidence", "") in {"", *Confidence.values}, row["code"]
        assert row["source"], row["code"]
        if row.get("legal_basis"):
            assert row["confidence"], row["code"]


@pytest.mark.parametrize("code", CODES)
def test_what_is_not_verified_says_so_and_is_never_spoken_as_law(code):
    """A sentence to say cites an article only where the article was read."""
    row = ProblemType(**{k: v for k, v in TYPES[code].items() if k != "family"})
    assert row.is_verified == (row.confidence in {"L", "N"} and bool(row.legal_basis))
    if LAW.search(row.say) or LAW.search(row.first_step):
        assert row.is_verified, code
    if row.confidence in {Confidence.GENERAL, Confidence.DISPUTED}:
        assert not row.is_verified


def test_the_events_the_code_writes_are_all_there():
    events = {row["code"]: row for row in rows("event_types")}
    assert {code for code, row in events.items() if row["is_system"]} == SYSTEM
    assert {code for code, row in events.items() if not row["is_system"]} == MANUAL
    assert {value for key, value in vars(EventCode).items() if key.isupper()} <= set(events)
    for code, row in events.items():
        assert row["is_chip"] == (code in CHIPS)
        assert row["icon"] in SPRITE, code
        assert row["next_actor"] in {"", *Actor.values}
        assert row["closes_living"] == (code == "died")
        assert set(row["next_due_hours"]) in (set(), {"emergency", "urgent", "ordinary"})
        assert bool(row["prompt"]) == (code in MANUAL)
        assert row["tone"] in EventType.Tone.values
        assert not unknown(row.get("details", [])), code
        assert len(row.get("details", [])) == len(set(row.get("details", []))), code
        assert bool(row.get("details")) == (code in MANUAL and code != "note"), code
    assert events["died"]["tone"] == "death"


def test_outcomes_lines_and_questions():
    assert [row["code"] for row in rows("outcomes")] == [
        "rights_met", "discretion", "not_obtained", "referred_out", "void",
    ]  # fmt: skip
    assert [row["name"] for row in rows("outcomes")] == [
        "Hak terpenuhi", "Diskresi", "Tidak diperoleh", "Dirujuk", "Batal",
    ]  # fmt: skip
    assert {row["phone"]: row["confidence"] for row in rows("emergency_lines")} == {"119": "G", "165": "N", "175": "N"}
    questions = rows("red_flags")
    assert 5 <= len(questions) <= 7
    assert sum(row["legal_basis"] == "Permenkes 47/2018 pasal 3" for row in questions) == 5
    assert all(row["name"].endswith("?") and row["name_en"].endswith("?") for row in questions)
    assert {row["is_practice"] for row in questions if not row["legal_basis"]} == {True}


@pytest.mark.parametrize("name", [*[name for name, _, _ in CATALOGUE], *[name for name, _ in KINDS]])
def test_files_are_readable_and_fit_their_fields(name):
    model = dict([(n, m) for n, m, _ in CATALOGUE] + KINDS)[name]
    codes = [row["code"] for row in rows(name)]
    assert len(codes) == len(set(codes))
    for row in rows(name):
        assert row["name_en"], row["code"]
        for field, value in row.items():
            longest = getattr(model._meta.get_field(field), "max_length", None)
            if isinstance(value, str) and longest:
                assert len(value) <= longest, (row["code"], field)


@pytest.mark.django_db
def test_loading_twice_adds_once(bare):
    first = load()
    assert first["problem_types"] == {"added": 40, "changed": 0, "left_alone": 0}
    assert first["regions"] == {"added": 552, "changed": 0}
    assert {name: counts["added"] for name, counts in load().items()} == dict.fromkeys(first, 0)
    assert ProblemFamily.objects.count() == 6
    assert ProblemType.objects.get(code="A01").family.code == "A"
    assert EventType.objects.count() == len(SYSTEM | MANUAL)
    assert (Outcome.objects.count(), EmergencyLine.objects.count(), RedFlag.objects.count()) == (5, 3, 7)
    assert (OrganisationKind.objects.count(), BodyKind.objects.count()) == (12, 16)


@pytest.mark.django_db
def test_a_row_edited_in_admin_is_left_alone_and_another_follows_the_file():
    load()
    ProblemType.objects.filter(code="A03").update(say="Kalimat dari koordinator.", edited_at=timezone.now())
    ProblemType.objects.filter(code="A04").update(say="Kalimat lama.")
    OrganisationKind.objects.filter(code="branch").update(name="Konsulat Cabang")
    report = load()
    assert report["problem_types"] == {"added": 0, "changed": 1, "left_alone": 1}
    assert report["organisation_kinds"] == {"added": 0, "changed": 0, "left_alone": 1}
    assert ProblemType.objects.get(code="A03").say == "Kalimat dari koordinator."
    assert ProblemType.objects.get(code="A04").say == TYPES["A04"]["say"]
    assert OrganisationKind.objects.get(code="branch").name == "Konsulat Cabang"


@pytest.mark.django_db
def test_a_slip_in_a_file_is_not_swallowed_and_loads_nothing(bare, monkeypatch):
    monkeypatch.setattr("cases.services.catalogue.rows", lambda name: [{**row, "colour": "red"} for row in rows(name)])
    with pytest.raises(ValueError, match="colour"):
        load()
    assert not ProblemType.objects.exists()
    assert not OrganisationKind.objects.exists()


@pytest.mark.django_db
def test_the_command_reports_counts_as_json(bare):
    out = StringIO()
    call_command("seed_reference", stdout=out)
    assert json.loads(out.getvalue())["event_types"]["added"] == len(SYSTEM | MANUAL)


@pytest.mark.django_db
def test_words_follow_the_readers_language():
    load()
    row = ProblemType.objects.get(code="A03")
    with translation.override("id"):
        assert row.chip == "Kamar penuh, tertahan di IGD"
    with translation.override("en"):
        assert row.chip == "Ward full, stuck in ER"
