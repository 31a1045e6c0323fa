from datetime import timedelta

import pytest
from django.utils import timezone

from cases.models import Case, ProblemType
from cases.reports import chronicle
from cases.rules.codes import EventCode
from cases.rules.errors import Stale
from cases.services import claims, editing, follow_ups
from tests.factories import make_body, make_region

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(microsecond=0)


@pytest.fixture
def edit(case, world):
    def edit(by=world.koordinator, version=None, problem_types=None, **changes):
        version = version or Case.objects.get(pk=case.pk).version
        return editing.edit(case=case, changes=changes, problem_types=problem_types, version=version, by=by, now=NOW)

    return edit


def test_only_what_differs_is_saved_and_told(edit, case):
    saved = edit(title="IGD meminta deposit", urgency=case.urgency)
    event = case.events.latest("pk")
    assert saved.title == "IGD meminta deposit"
    assert (event.type.code, event.data["fields"]) == (EventCode.EDITED, ["title"])
    assert edit(title="IGD meminta deposit").version == saved.version
    assert case.events.latest("pk") == event


def test_nobodys_words_are_overwritten(edit, case):
    before = case.story
    edit(story="Ternyata kartunya aktif.")
    assert case.events.latest("pk").data["story_before"] == before


def test_a_stale_version_is_refused_with_the_case_as_it_is(edit, case, world):
    version = case.version
    edit(title="Satu", version=version)
    with pytest.raises(Stale) as refusal:
        edit(title="Dua", version=version, by=world.relawan)
    assert refusal.value.current.title == "Satu"


def test_codes_and_names_are_told_before_and_after(edit, case):
    other = make_body("RSUD Bukit Lor")
    edit(urgency="emergency", place=other)
    data = case.events.latest("pk").data
    assert data["urgency"] == ["urgent", "emergency"]
    assert data["place"] == ["RSUD Cempaka Raya", "RSUD Bukit Lor"]
    details = [detail for line in chronicle.of_case(case, with_system=True).lines for detail in line.details]
    assert any("Mendesak → Darurat" in detail for detail in details)


def test_a_diagnosis_is_named_and_never_told(edit, case):
    edit(diagnosis="Gagal ginjal")
    event = case.events.latest("pk")
    assert event.data == {"fields": ["diagnosis"]}
    fresh = Case.objects.get(pk=case.pk)
    assert fresh.diagnosis == "Gagal ginjal"
    assert fresh.diagnosis_hash


def test_another_urgency_moves_the_reminders(edit, case, world):
    plan = follow_ups.schedule(
        case=case, title="Telepon", due_at=NOW + timedelta(days=10), owner=world.relawan, by=world.relawan, now=NOW
    )
    before = plan.remind_at
    edit(urgency="emergency")
    plan.refresh_from_db()
    assert plan.remind_at == plan.due_at - timedelta(hours=1) != before


def test_another_region_is_another_clock(edit, case):
    far = make_region("91.71", "Kota Jayapura", "Asia/Jayapura")
    assert edit(region=far).zone == "Asia/Jayapura"
    assert edit(region=None).zone == case.place.region.zone


def test_problem_types_are_told_together(edit, case):
    types = list(ProblemType.objects.all()[:2])
    edit(problem_types=types)
    assert set(case.problem_types.all()) == set(types)
    assert case.events.latest("pk").data["fields"] == ["problem_types"]


def test_numbers_leave_what_is_edited(edit, case):
    saved = edit(story="NIK pasien 3515114107800001 sudah dicek.", place_note="HP loket 081234567890")
    assert "3515114107800001" not in saved.story
    assert "081234567890" not in saved.place_note


def test_every_editable_field_is_one_of_the_case():
    for field in editing.FIELDS:
        assert Case._meta.get_field(field)


def test_versions_stand_under_one_topic(case, world):
    first = claims.add(case=case, topic="Jam tiba", text="21.26", source="Adik pasien", by=world.relawan, now=NOW)
    second = claims.add(case=case, topic=" jam  TIBA ", text="22.05", source="Loket", by=world.relawan2, now=NOW)
    assert first.topic == second.topic == "Jam tiba"
    assert case.events.filter(type__code=EventCode.CLAIM_ADDED).count() == 2


def test_numbers_leave_a_version(case, world):
    claim = claims.add(
        case=case, topic="Nomor", text="NIK 3515114107800001", source="Adik, 081234567890", by=world.relawan, now=NOW
    )
    assert "3515114107800001" not in claim.text
    assert "081234567890" not in claim.source
