"""S4.5 and C3.3: when an officer leaves, one sheet says what moved, what stands, what comes and what access ended."""

from datetime import timedelta
from uuid import uuid4

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.models import Commitment
from members.services import gatherings
from tests.factories import make_case
from tests.members.test_admin_organisations import enter  # noqa: F401 (a fixture)

PACKS = reverse("cases:handover-packs")


def pack_of(user):
    return reverse("cases:handover-pack", args=[user.uuid])


def promise(desk, text, **given):
    return Commitment.objects.create(
        desk=desk, text=text, party="Bupati", term="standing", review_months=3, logged_at=timezone.now(), **given
    )


def test_an_officer_leaves_and_the_pack_says_what_comes_after(enter, world):  # noqa: F811
    today = timezone.localdate()
    moved = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan)
    hidden = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, is_restricted=True)
    promise(world.desk, "Dukungan penuh untuk nelayan")
    promise(world.other_desk, "Janji posko lain")
    said = {"organisers": [world.desk], "by": world.koordinator, "kind": "audience"}
    gatherings.hold(title="Audiensi Dinas", held_on=today + timedelta(days=5), **said)
    gatherings.hold(title="Audiensi lama", held_on=today - timedelta(days=5), **said)

    # The admin ends the office on one page; the coordinator moves the cases; then the sheet is printed.
    leave = reverse("admin:members_user_leave", args=[world.relawan.pk])
    enter(world.admin_federasi).post(leave, {"last_day": today - timedelta(days=1), "close_account": "on"})
    client = enter(world.koordinator)
    page = client.get(pack_of(world.relawan)).text
    assert "masih atas namanya" in page and moved.number in page
    client.post(
        reverse("cases:desk-move"),
        {"carrier": str(world.relawan.uuid), "to": [str(world.relawan2.uuid)], "how": "at-once",
         "reason": "Kongres", "submit_key": str(uuid4()), "confirm": "1"},
    )  # fmt: skip
    moved.refresh_from_db()
    assert moved.assignee == world.relawan2
    assert world.relawan.full_name in client.get(PACKS).text
    page = client.get(pack_of(world.relawan)).text
    assert "masih atas namanya" not in page
    sheet = page[page.index('id="pindah"') :]
    assert moved.number in sheet and world.relawan2.full_name in sheet
    assert hidden.number not in page and "Siti Rahmawati" not in page
    assert "Dukungan penuh untuk nelayan" in page and "Janji posko lain" not in page
    assert "Audiensi Dinas" in page and "Audiensi lama" not in page
    assert "Akun sudah ditutup." in page and "Masuk di 0 perangkat." in page and "berakhir" in page


def test_it_is_for_the_coordinators_of_the_place(world, as_user):
    assert as_user(world.koordinator).get(pack_of(world.relawan)).status_code == 200
    for user in (world.relawan2, world.outside_koordinator, world.pimpinan, world.admin_federasi):
        assert as_user(user).get(pack_of(world.relawan)).status_code == 404


def test_more_cases_ask_no_more_of_the_database(world, as_user):
    client = as_user(world.koordinator)

    def cost():
        client.get(pack_of(world.relawan))
        with CaptureQueriesContext(connection) as asked:
            client.get(pack_of(world.relawan))
        return len(asked)

    make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, place=world.place)
    promise(world.desk, "Satu")
    few = cost()
    for at in range(4):
        make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, place=world.place)
        promise(world.desk, f"Janji {at}")
    assert cost() <= few
