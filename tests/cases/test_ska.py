"""SKA: three fields, masked, per desk; counted beside the cases; one tap from a case."""

import csv
import io
from datetime import timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from cases.models import Case, SkaEntry
from cases.rules.errors import Refused
from cases.services import ska
from members.models import AccessLog
from tests.factories import make_case

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def note(world, by=None, desk=None, **fields):
    given = {"kind": "consultation", "topic": "Kartu mati", "people": 1, "now": NOW} | fields
    return ska.note(desk=desk or world.desk, by=by or world.relawan, **given)


def test_three_fields_make_an_entry_once(world, as_user):
    client, key = as_user(world.relawan), str(uuid4())
    given = {"kind": "outreach", "topic": "Cara aktifkan kartu", "people": "40", "submit_key": key}
    for _again in range(2):
        assert client.post("/ska/", given).status_code == 302
    entry = SkaEntry.objects.get()
    assert (entry.kind, entry.topic, entry.people, entry.desk) == ("outreach", "Cara aktifkan kartu", 40, world.desk)
    assert entry.on_day == timezone.localdate(timezone=ZoneInfo(world.desk.zone))


def test_what_is_missing_is_said_beside_the_field_and_nothing_is_lost(world, as_user):
    page = as_user(world.relawan).post("/ska/", {"kind": "outreach", "topic": "", "people": "banyak"})
    assert "Tulis tentang apa" in page.text
    assert 'value="banyak"' in page.text
    assert not SkaEntry.objects.exists()


def test_numbers_of_people_are_masked(world):
    entry = note(world, topic="NIK 3515014107900001 belum aktif")
    assert "3515014107900001" not in entry.topic


def test_a_desk_of_others_is_refused(world, as_user):
    with pytest.raises(Refused):
        note(world, desk=world.other_desk)
    as_user(world.koordinator_atas).post(
        "/ska/", {"kind": "outreach", "topic": "Rapat", "people": "5", "desk": str(world.other_desk.uuid)}
    )
    assert SkaEntry.objects.get().desk == world.other_desk


def test_entries_are_seen_by_the_desk_and_above(world, as_user):
    note(world, topic="Denda rawat inap")
    for who, sees in (
        ("relawan2", True),
        ("koordinator", True),
        ("koordinator_atas", True),
        ("outsider", False),
        ("pimpinan", False),
    ):
        assert ("Denda rawat inap" in as_user(getattr(world, who)).get("/ska/").text) == sees, who
    assert as_user(world.admin_federasi).get("/ska/").status_code == 404


def test_counts_stand_beside_the_cases_and_small_ones_are_hidden_from_leaders(world, as_user):
    note(world)
    note(world, kind="outreach", people=40)
    make_case(desk=world.desk, by=world.relawan)
    make_case(desk=world.desk, by=world.relawan, is_restricted=True)
    [line] = as_user(world.koordinator).get("/ska/").context["months"]
    assert (line.outreach, line.reached, line.consultations, line.cases) == (1, 40, 1, 1)
    [line] = as_user(world.pimpinan).get("/ska/").context["months"]
    assert (line.consultations, str(line.cases)) == (1, "< 5")
    [line] = as_user(world.relawan).get("/ska/").context["months"]
    assert (line.consultations, line.cases) == (1, None)


def test_the_counts_leave_as_a_file(world, as_user):
    note(world, kind="outreach", people=40)
    answer = as_user(world.koordinator).get("/ska/?berkas=csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert rows[1][1:] == [str(world.desk), "1", "40", "0", "0"]
    assert AccessLog.objects.latest("pk").object_kind == "ska"


def test_a_consultation_becomes_a_case_in_one_tap(world, as_user):
    entry = note(world, topic="Ditolak IGD karena kartu mati")
    client = as_user(world.relawan)
    assert f"/catat/?ska={entry.uuid}" in client.get("/ska/").text
    form = client.get(f"/catat/?ska={entry.uuid}")
    assert form.context["form"]["story"].value() == entry.topic
    assert str(entry.uuid) in form.text
    given = {"submit_key": str(uuid4()), "story": entry.topic, "ska": str(entry.uuid), "reporter_is": "unknown"}
    assert client.post("/catat/", given).status_code == 302
    entry.refresh_from_db()
    assert entry.case == Case.objects.get()
    assert f"/catat/?ska={entry.uuid}" not in client.get("/ska/").text


def test_the_consultation_of_another_desk_fills_in_nothing(world, as_user):
    entry = note(world, topic="Kartu mati di Karangsari")
    assert not as_user(world.outsider).get(f"/catat/?ska={entry.uuid}").context["form"]["story"].value()


def test_the_page_costs_the_same_however_many(world, as_user, django_assert_max_num_queries):
    for days in range(12):
        note(world, now=NOW - timedelta(days=days * 15))
    client = as_user(world.koordinator)
    client.get("/ska/")
    with django_assert_max_num_queries(17):
        client.get("/ska/")
