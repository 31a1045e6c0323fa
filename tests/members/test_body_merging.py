"""Two records of one place become one through the page of the directory; nothing is lost."""

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.models import Attempt, Event
from cases.reports.case_list import of_employer
from cases.rules.codes import EventCode
from cases.services import timeline
from members.models import Body, BodyFix, BodyKind, Employment, Gathering, GatheringParty, Office, Person
from members.services import body_merging, places
from tests.factories import make_body, make_case, make_organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def twin(world):
    """The place of the world, typed a second time by somebody in a hurry, with everything that may hang on a place."""
    now = timezone.now()
    twin = Body.objects.create(name="RS Cempaka Raya", aliases="RSCR", phone="(031) 555 01", source="telepon")
    twin.kinds.add(BodyKind.objects.get(code="employer"), *world.place.kinds.all())
    earlier = Body.objects.create(name="RS Tjempaka", merged_into=twin)
    case = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, place=twin)
    attempt = Attempt.objects.create(case=case, body=twin, at=now, logged_at=now, logged_by=world.relawan)
    told = timeline.record(case, EventCode.NOTE, by=world.relawan, text="Di loket", body=twin, now=now)
    union = make_organisation("SP RS", body=twin)
    office = Office.objects.create(body=twin, name="dr. Rini", title="Direktur")
    work = Employment.objects.create(person=Person.objects.create(full_name="Budi"), kind="tetap", employer=twin)
    gathering = Gathering.objects.create(kind="audience", title="Audiensi")
    party = GatheringParty.objects.create(gathering=gathering, body=twin, name="RS Cempaka Raya")
    fix = BodyFix.objects.create(
        body=twin, values={"hours": "24 jam"}, why="papan", proposed_by=world.relawan, proposed_at=now
    )
    branch = Body.objects.create(name="Klinik Cempaka", parent=twin)
    return {
        "twin": twin, "earlier": earlier, "case": case, "told": told, "union": union,
        "moved": [(case, "place"), (attempt, "body"), (union, "body"), (office, "body"), (work, "employer"),
                  (party, "body"), (fix, "body"), (branch, "parent"), (earlier, "merged_into")],
    }  # fmt: skip


def page(body):
    return reverse("members:body-merge", args=[body.uuid])


def test_chosen_seen_and_made_one(world, twin, as_user):
    client, lost = as_user(world.koordinator), twin["twin"]
    assert page(lost) in client.get(reverse("members:body", args=[lost.uuid])).text
    assert f"?ke={world.place.uuid}" in client.get(page(lost)).text, "offered by its name"
    assert f"?ke={world.place.uuid}" in client.get(page(lost), {"q": "cempaka"}).text
    asked = client.get(page(lost), {"ke": str(world.place.uuid)}).text
    assert "RSCR" in asked and "Jadikan satu" in asked and "telepon" in asked
    assert not Body.objects.filter(pk=lost.pk).exclude(merged_into=None).exists(), "to look changes nothing"
    answer = client.post(page(lost), {"ke": str(world.place.uuid)})
    assert answer["Location"] == reverse("members:body", args=[world.place.uuid])

    kept = Body.objects.get(pk=world.place.pk)
    for row, name in twin["moved"]:
        row.refresh_from_db()
        assert getattr(row, name) == kept, (row, name)
    assert (kept.aliases, kept.phone) == ("RS Cempaka Raya, RSCR", "(031) 555 01")
    assert "telepon" in kept.source
    assert kept.kinds.filter(code="employer").exists() and kept.kinds.count() == 2
    lost.refresh_from_db()
    assert lost.merged_into == kept and lost.history.count() >= 1
    assert kept.history.first().history_user == world.koordinator

    # What lists bodies leaves it out, what opens it follows.
    listed = client.get(reverse("members:directory"), {"q": "cempaka"}).text
    assert reverse("members:body", args=[kept.uuid]) in listed
    assert reverse("members:body", args=[lost.uuid]) not in listed
    for old in (lost, twin["earlier"]):
        assert kept.name in client.get(reverse("members:body", args=[old.uuid])).text
    assert client.get(page(lost))["Location"] == reverse("members:body", args=[kept.uuid])
    assert client.post(page(lost), {"ke": str(kept.uuid)}).status_code == 302, "a second tap does nothing more"
    assert places.find_or_create("rs cempaka raya") == kept


def test_a_fact_keeps_the_record_it_was_told_of_and_is_found_by_either(world, twin):
    other = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan)
    timeline.record(other, EventCode.NOTE, by=world.relawan, text="Di kantor", body=twin["twin"], now=timezone.now())
    body_merging.merge(lost=twin["twin"], kept=world.place, by=world.koordinator)
    assert Event.objects.get(pk=twin["told"].pk).body == twin["twin"]
    found = of_employer(type(other).objects.all(), [world.place])
    assert set(found) == {other, twin["case"]}


def test_the_admin_leaves_it_out_and_follows(world, twin, as_user):
    body_merging.merge(lost=twin["twin"], kept=world.place, by=world.koordinator)
    client = as_user(world.superuser)
    listed = client.get(reverse("admin:members_body_changelist")).text
    assert f"/{world.place.pk}/change/" in listed and f"/{twin['twin'].pk}/change/" not in listed
    opened = client.get(reverse("admin:members_body_change", args=[twin["twin"].pk]))
    assert opened["Location"] == reverse("admin:members_body_change", args=[world.place.pk])
    assert client.get(reverse("admin:members_body_history", args=[twin["twin"].pk])).status_code == 200
    asked = {"term": "cempaka", "app_label": "members", "model_name": "organisation", "field_name": "body"}
    offered = [int(row["id"]) for row in client.get(reverse("admin:autocomplete"), asked).json()["results"]]
    assert world.place.pk in offered and twin["twin"].pk not in offered


def test_what_cannot_be_one_is_refused_in_words_and_nothing_moves(world, twin, as_user):
    client, lost = as_user(world.koordinator), twin["twin"]
    office = Body.objects.create(name="Poli RS Cempaka", parent=world.place)
    for one, other, said in [
        (office, world.place, "bukan satu"),
        (world.place, office, "bukan satu"),
        (lost, lost, "kartu yang sama"),
    ]:
        assert said in client.post(page(one), {"ke": str(other.uuid)}).text
    Body.objects.filter(pk=world.place.pk).update(aliases="x" * 299)
    assert "terlalu panjang" in client.post(page(lost), {"ke": str(world.place.uuid)}).text
    assert client.post(page(lost), {"ke": "bukan-uuid"}).status_code == 200
    twin["case"].refresh_from_db()
    assert twin["case"].place == lost
    assert not Body.objects.filter(pk__in=[lost.pk, office.pk, world.place.pk]).exclude(merged_into=None).exists()


def test_a_coordinator_leaves_a_checked_record_and_an_admin_may_merge_it(world, twin, as_user):
    checked = make_body("RS Cempaka Lama", verified_on=timezone.localdate())
    assert "sudah diperiksa" in as_user(world.koordinator).post(page(checked), {"ke": str(twin["twin"].uuid)}).text
    assert as_user(world.relawan).get(page(checked)).status_code == 404
    answer = as_user(world.admin_federasi).post(page(checked), {"ke": str(twin["twin"].uuid)})
    assert answer.status_code == 302
    checked.refresh_from_db()
    assert checked.merged_into == twin["twin"]
