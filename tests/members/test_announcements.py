"""Announcements to everybody below (PRACTICE S0.9), and volunteers based in a neighbourhood (S0.20)."""

from uuid import uuid4

import pytest
from django.urls import reverse

from members.models import Announcement, Message
from members.rules.roles import Role
from members.services import announcements
from tests.factories import make_organisation, make_user

pytestmark = pytest.mark.django_db
ADD = "members:announcement-add"


def sent(world, **more):
    return {"organisation": str(world.dpn.uuid), "title": "Rapat akbar", "text": "Sabtu pukul 09.00", **more}


def page_of(row):
    return reverse("members:announcement", args=[row.uuid])


def test_it_reaches_everybody_below_once_and_is_counted(world, as_user):
    key = str(uuid4())
    leader = as_user(world.pimpinan)
    for _again in range(2):
        assert leader.post(reverse(ADD), sent(world, submit_key=key)).status_code == 302
    row = Announcement.objects.get()
    told = Message.objects.filter(kind="announcement", channel="inbox")
    everybody = {
        world.relawan, world.relawan2, world.koordinator, world.koordinator_atas, world.admin_federasi, world.outsider,
        world.outside_koordinator,
    }  # fmt: skip
    assert {message.recipient for message in told} == everybody, "every DPD below, and not the speaker"
    assert (row.reach, told.count()) == (7, 7)
    assert row.units == 3
    assert Message.objects.filter(kind="announcement", channel="email").count() == 7
    # No word of it stands in a message: an inbox and a mail say who speaks, the page says what.
    assert "Rapat akbar" not in str(list(told.values_list("data", flat=True)))

    client = as_user(world.relawan)
    message = told.get(recipient=world.relawan)
    assert "Pengumuman dari DPN Uji" in client.get(reverse("members:inbox")).text
    opened = client.post(reverse("members:message-open", args=[message.uuid]))
    assert opened["Location"] == page_of(row)
    shown = client.get(page_of(row)).text
    assert "Sabtu pukul 09.00" in shown
    assert "sudah membaca" not in shown
    assert "1 dari 7 sudah membaca" in as_user(world.pimpinan).get(page_of(row)).text


def test_who_may_speak_and_for_whom(world, as_user):
    assert as_user(world.relawan).get(reverse(ADD)).status_code == 404
    client = as_user(world.koordinator)
    assert client.get(reverse(ADD)).status_code == 200
    answer = client.post(reverse(ADD), sent(world))
    assert answer.status_code == 200, "a coordinator of a desk does not speak for the DPN"
    assert "Sabtu pukul 09.00" in answer.text
    empty = client.post(reverse(ADD), sent(world, organisation=str(world.desk.uuid), text=""))
    assert "Tulis apa yang ingin disampaikan" in empty.text
    assert not Announcement.objects.exists()


def test_who_was_not_told_finds_nothing(world, as_user):
    row = announcements.announce(organisation=world.desk, title="Piket", text="Senin", by=world.koordinator)
    assert as_user(world.relawan).get(page_of(row)).status_code == 200
    for stranger in (world.outsider, world.outside_koordinator):
        assert as_user(stranger).get(page_of(row)).status_code == 404
        assert "Piket" not in as_user(stranger).get(reverse("members:announcements")).text


def test_a_volunteer_of_an_rw_is_accepted(world, as_user):
    """S0.20: not every volunteer comes from a plant: the base is a neighbourhood, and they log like any other."""
    rw = make_organisation("Posko RW 07 Kelurahan Cakung", parent=world.dpw)
    warga = make_user("warga", role=Role.ADVOCATE, at=rw, full_name="Warga Peduli")
    client = as_user(warga)
    answer = client.post(reverse("cases:quick-log"), {"story": "Tetangga ditolak IGD", "submit_key": str(uuid4())})
    assert answer.status_code == 302, answer.text[-1500:]
    case = rw.cases.get()
    assert case.assignee == warga
    assert not case.parties.filter(person__memberships__isnull=False).exists()
