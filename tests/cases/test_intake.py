"""Opening a case: what comes of one sentence, and of everything that may be known."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from cases.models import Case, ProblemType
from cases.rules import triage
from cases.rules.errors import Refused
from cases.services.intake import Someone, open_case
from members.models import Body, Person, Region
from tests.factories import make_region

NIK = "3515014407880001"


def test_one_sentence_is_enough(world):
    now = timezone.now()
    case = open_case(by=world.relawan, desk=world.desk, story="Ibu ditolak di IGD.", now=now)
    assert case.number.startswith(f"KWL-{timezone.localtime(now):%y}-")
    assert case.title == "Ibu ditolak di IGD"
    assert (case.assignee, case.status, case.next_actor) == (world.relawan, "running", "us")
    assert case.zone == world.desk.zone
    first = case.follow_ups.get()
    assert (first.owner, first.kind, first.due_at) == (world.relawan, "call", now + timedelta(hours=24))
    assert case.next_due_at == first.due_at
    assert first.remind_at == now
    assert list(case.events.values_list("type__code", flat=True).order_by("pk")) == ["opened", "follow_up_set"]
    assert not case.parties.exists()


def test_an_emergency_with_a_problem_type_and_four_people(world, django_assert_max_num_queries):
    now = timezone.now()
    types = [ProblemType.objects.get(code="A01"), ProblemType.objects.get(code="D03")]
    people = [
        Someone("reporter", name="Siti Aminah", phone="0812 3456 7890", relation="spouse"),
        Someone("patient", name="Slamet Riyadi", age="56", numbers={"nik": "3515 0144 0788 0001"}),
        Someone("insured", same_as="reporter"),
        Someone("worker", same_as="reporter"),
    ]
    open_case(by=world.relawan, desk=world.desk, story="x", now=now)  # the counter of the year exists
    with django_assert_max_num_queries(15):
        case = open_case(
            by=world.relawan,
            desk=world.desk,
            story="Pak Slamet sesak, IGD minta deposit",
            urgency="emergency",
            problem_types=types,
            people=people,
            place=world.place,
            carry=True,
            now=now,
        )
    case = Case.objects.get(pk=case.pk)
    assert case.title == "Ditolak IGD atau diminta uang muka"
    assert case.problem_type == types[0] and set(case.problem_types.all()) == set(types)
    assert case.initials == "S.R."
    assert case.region == world.place.region
    plans = list(case.follow_ups.order_by("due_at"))
    assert [plan.kind for plan in plans] == ["act", "consent"]
    assert [plan.due_at - now for plan in plans] == [timedelta(hours=1), timedelta(hours=24)]
    assert plans[0].title.startswith("Minta pasien ditangani dulu")
    assert plans[1].for_the_living
    assert case.next_due_at == plans[0].due_at
    assert {party.role: party.person.full_name for party in case.parties.all()} == {
        "reporter": "Siti Aminah",
        "patient": "Slamet Riyadi",
        "insured": "Siti Aminah",
        "worker": "Siti Aminah",
    }
    assert len({party.person_id for party in case.parties.all()}) == 2
    assert Person.objects.with_number(NIK).get().full_name == "Slamet Riyadi"
    assert Person.objects.with_phone("+62812 3456 7890").get().full_name == "Siti Aminah"


def test_numbers_in_every_text_are_moved_to_people(world):
    case = open_case(
        by=world.relawan,
        desk=world.desk,
        story=f"NIK {NIK}, hubungi 0812 3456 7890",
        title=f"Pasien {NIK}",
        place_text="RS Baru 0812 3456 7891",
        place_note="tanya 0812 3456 7892",
        occurred_text="tadi, 0812 3456 7893",
        people=[Someone("patient", name=f"Budi {NIK}")],
    )
    stored = " ".join(
        [case.story, case.title, case.place.name, case.place_note, case.occurred_text]
        + [party.person.full_name for party in case.parties.all()]
    )
    assert NIK not in stored and "3456 789" not in stored
    assert Person.objects.with_number(NIK).get() == case.parties.get(role="patient").person
    assert case.parties.filter(role="other").count() == 4
    assert case.events.get(type__code="identity_kept")
    assert "351501******0001" in case.story


def test_numbers_may_be_thrown_away(world):
    case = open_case(by=world.relawan, desk=world.desk, story=f"NIK {NIK}", keep_numbers=False)
    assert case.story == "NIK 351501******0001"
    assert not case.parties.exists()


def test_a_story_with_a_number_makes_a_patient_not_known_yet(world):
    case = open_case(by=world.relawan, desk=world.desk, story=f"NIK {NIK}")
    assert case.parties.get().role == "patient"
    assert case.follow_ups.filter(kind="consent").exists()


def test_the_relawan_who_is_the_reporter_or_the_patient(world):
    case = open_case(
        by=world.relawan,
        desk=world.desk,
        story="Saya ditolak",
        people=[Someone("reporter", is_me=True), Someone("patient", is_me=True)],
    )
    assert {(party.role, party.user) for party in case.parties.all()} == {
        ("reporter", world.relawan),
        ("patient", world.relawan),
    }
    assert len({party.person_id for party in case.parties.all()}) == 1
    assert case.initials == "R.W."
    assert not case.follow_ups.filter(kind="consent").exists()


def test_the_initials_of_a_relawan_who_passes_it_on_stand_in_no_list(world):
    case = open_case(by=world.relawan, desk=world.desk, story="x", people=[Someone("reporter", is_me=True)])
    assert case.initials == ""


def test_a_coordinator_leaves_it_to_the_desk_unless_they_choose_themselves(world):
    case = open_case(by=world.koordinator, desk=world.desk, story="Kamar penuh")
    assert (case.assignee, case.status, case.follow_ups.get().owner) == (None, "new", None)
    mine = open_case(by=world.koordinator, desk=world.desk, story="Kamar penuh", carry=True)
    assert mine.assignee == world.koordinator
    left = open_case(by=world.relawan, desk=world.desk, story="Kamar penuh", carry=False)
    assert left.assignee is None


def test_red_flags_make_it_an_emergency(world):
    case = open_case(by=world.relawan, desk=world.desk, story="x", urgency="ordinary", red_flags=["breathing"])
    assert case.urgency == "emergency"
    assert case.red_flags == ["breathing"]


def test_the_zone_is_that_of_the_place(world):
    east = Region.objects.filter(zone="Asia/Jayapura").first() or make_region("94.71", "Kota Jayapura", "Asia/Jayapura")
    body = Body.objects.create(name="RS Timur", region=east)
    case = open_case(by=world.relawan, desk=world.desk, story="x", place=body)
    assert case.zone == case.follow_ups.get().zone == "Asia/Jayapura"


def test_a_place_in_free_words_is_found_again(world):
    first = open_case(by=world.relawan, desk=world.desk, story="x", place_text="RS Bunda  Kasih")
    again = open_case(by=world.relawan, desk=world.desk, story="y", place_text="rs. bunda kasih")
    known = open_case(by=world.relawan, desk=world.desk, story="z", place_text="rsud cempaka raya")
    assert first.place == again.place
    assert first.place.verified_on is None
    assert known.place == world.place


def test_an_empty_story_is_refused(world):
    with pytest.raises(Refused):
        open_case(by=world.relawan, desk=world.desk, story="  \n ")


def test_two_patients_are_refused(world):
    with pytest.raises(Refused):
        open_case(
            by=world.relawan,
            desk=world.desk,
            story="x",
            people=[Someone("patient", name="A"), Someone("patient", name="B")],
        )
    assert not Case.objects.exists()


def test_the_same_key_gives_the_first_case(world):
    key = uuid4()
    first = open_case(by=world.relawan, desk=world.desk, story="satu", submit_key=key)
    assert open_case(by=world.relawan, desk=world.desk, story="dua", submit_key=key) == first
    with pytest.raises(Refused):
        open_case(by=world.relawan2, desk=world.desk, story="tiga", submit_key=key)
    assert Case.objects.get().story == "satu"


@pytest.mark.django_db(transaction=True)
def test_the_same_key_twelve_times_at_once_makes_one_case(world):
    key = uuid4()

    def post(number):
        try:
            return open_case(by=world.relawan, desk=world.desk, story=f"coba {number}", submit_key=key, carry=True).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(post, range(12)))) == 1
    case = Case.objects.get()
    assert case.follow_ups.count() == 1
    assert case.events.count() == 2


@pytest.mark.django_db(transaction=True)
def test_many_cases_at_once_get_their_own_numbers(world):
    def post(number):
        try:
            return open_case(
                by=world.relawan, desk=world.desk, story=f"kasus {number}", submit_key=uuid4(), carry=True
            ).number
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        numbers = set(pool.map(post, range(18)))
    assert len(numbers) == 18
    assert sorted(int(number[-5:]) for number in numbers) == list(range(1, 19))


def test_titles():
    assert triage.title("Malam pak, mohon bantuan. Pak Slamet Riyadi sesak napas. Lalu …") == "Pak S.R. sesak napas"
    assert triage.title("Assalamualaikum bu. Kamar ICU penuh, bu") == "Kamar ICU penuh, bu"
    assert triage.title("Ibu saya ditolak") == "Ibu saya ditolak"
    assert triage.title("[21/11/26 23.41] Budi: Kamar penuh di RS. Tolong") == "Kamar penuh di RS"
    assert triage.title("21/11/26, 23.41 - Budi: Kamar penuh") == "Kamar penuh"
    assert len(triage.title("kata " * 100)) <= 140
    assert triage.title("???") == "???"


def test_guesses():
    words = {1: ["ditolak", "ditolak igd"], 2: ["kamar penuh"], 3: ["nonaktif"]}
    assert triage.guess_problems("Kamar penuh, katanya ditolak IGD", words) == [1, 2]
    assert triage.guess_problems("tidak ada", words) == []
    assert triage.guess_urgency("Bapak tidak sadar") == "emergency"
    assert triage.guess_urgency("masih di IGD") == "urgent"
    assert triage.guess_urgency("kartu belum jadi") == ""


def test_every_first_step_of_the_catalogue_fits_a_follow_up(catalogue):
    for row in ProblemType.objects.all():
        step = triage.first_step(row.first_step)
        assert 0 < len(step) <= 160, row.code
