"""Terms of boards: what is told, when, and to whom (PRACTICE S4.5)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from members.models import BoardTerm, Message, Office, Registration
from members.rules.roles import Role
from members.rules.terms import BOARD_DAYS, told_at
from members.services import boards
from tests.factories import make_body, make_user

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("left", "moment"),
    [(91, None), (90, 90), (31, 90), (30, 30), (8, 30), (7, 7), (1, 7), (0, 0), (-1, 0), (-60, 0), (-61, None)],
)
def test_the_latest_moment_that_has_come(left, moment):
    assert told_at(TODAY + timedelta(days=left), TODAY) == moment
    assert moment is None or moment in BOARD_DAYS


@pytest.fixture
def ends_soon(world):
    return BoardTerm.objects.create(
        organisation=world.desk, name="2021–2026", decree="SK 12/2021", until_on=TODAY + timedelta(days=20)
    )


def told():
    return Message.objects.filter(kind="board_ends", channel="inbox")


class TestReminder:
    def test_the_nearest_admin_is_told_once_a_moment(self, world, ends_soon):
        near = make_user("admin_dekat", role=Role.FEDERATION_ADMIN, at=world.desk)
        boards.remind(now=NOW)
        boards.remind(now=NOW + timedelta(hours=1))
        assert [row.recipient for row in told()] == [near]
        boards.remind(now=NOW + timedelta(days=14))
        assert told().count() == 2
        boards.remind(now=NOW + timedelta(days=20))
        assert told().count() == 3

    def test_without_an_admin_of_its_own_the_one_above_is_told(self, world, ends_soon):
        boards.remind(now=NOW)
        assert [row.recipient for row in told()] == [world.admin_federasi]
        assert str(world.desk) in str(told().get().data)

    def test_without_any_the_system_admins(self, world, ends_soon):
        world.admin_federasi.appointments.all().delete()
        boards.remind(now=NOW)
        assert [row.recipient for row in told()] == [world.superuser]

    def test_not_when_the_next_board_is_there(self, world, ends_soon):
        later = ends_soon.until_on + timedelta(days=1)
        BoardTerm.objects.create(organisation=world.desk, name="2026–2031", from_on=later)
        assert boards.remind(now=NOW) == 0

    def test_a_moved_end_is_told_anew(self, world, ends_soon):
        boards.remind(now=NOW)
        ends_soon.until_on += timedelta(days=5)
        ends_soon.save()
        boards.remind(now=NOW)
        assert told().count() == 2

    def test_the_words(self, as_user, world, ends_soon):
        boards.remind(now=NOW)
        text = as_user(world.admin_federasi).get("/kabar/").text
        assert "DPD Karangsari: masa bakti pengurus berakhir Sab, 12 Des 2026" in text


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "Eko", "title": "Sekretaris"},
        {"name": "", "title": "Sekretaris", "at": "organisation"},
        {"name": "Eko", "title": "Sekretaris", "at": "both"},
        {"name": "E", "title": "S", "at": "organisation", "from_on": date(2026, 1, 2), "until_on": date(2026, 1, 1)},
    ],
)
def test_an_office_has_a_holder_and_one_place_and_ends_after_it_begins(world, fields):
    at = fields.pop("at", "")
    if at:
        fields["organisation"] = world.desk
    if at == "both":
        fields["body"] = world.place
    with pytest.raises(IntegrityError), transaction.atomic():
        Office.objects.create(**fields)


def test_a_regent_leaves_and_stays_in_what_was(world):
    pemkab = make_body("Pemkab Contoh", kind="local_government")
    old = Office.objects.create(body=pemkab, name="Bupati Lama", title="Bupati", until_on=date(2025, 2, 19))
    new = Office.objects.create(body=pemkab, name="Bupati Baru", title="Bupati", from_on=date(2025, 2, 20))
    assert list(pemkab.offices.on(date(2024, 6, 20))) == [old]
    assert list(pemkab.offices.on(date(2026, 1, 1))) == [new]


def test_a_registration_says_what_is_missing(world):
    row = Registration.objects.create(organisation=world.desk, number="560/12/2020")
    assert len(row.gaps) == 3
    row.registered_on, row.office, row.document = TODAY, world.place, "BA-1"
    assert row.gaps == []
