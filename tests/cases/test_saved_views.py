"""Views of the list that people keep, share and hear of."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from cases.forms.saved_views import shown_by
from cases.models import Case, SavedView
from cases.services import saved_views
from cases.tasks import tell_views
from members.models import Appointment, Message
from tests.factories import make_case

LIST, ADD = reverse("cases:case-list"), reverse("cases:saved-view-add")


def keep(client, query="?lihat=darurat", **data):
    return client.post(ADD + query, {"name": "Darurat kita", **data})


def test_a_view_is_kept_opened_changed_and_forgotten(world, as_user, case):
    client = as_user(world.relawan)
    answer = keep(client, "?lihat=darurat&urut=baru&csrf=x&posko=x")
    assert answer.url == f"{LIST}?lihat=darurat&urut=baru"
    view = SavedView.objects.get()
    assert view.organisation is None
    assert "Darurat kita" in client.get(LIST).content.decode()
    assert client.get(reverse("cases:saved-view", args=[view.uuid])).url == f"{LIST}?lihat=darurat&urut=baru"
    edit = reverse("cases:saved-view-edit", args=[view.uuid])
    client.post(edit, {"name": "Yang gawat", "version": 1})
    view.refresh_from_db()
    assert (view.name, view.version) == ("Yang gawat", 2)
    stale = client.post(edit, {"name": "Lain", "version": 1})
    assert stale.status_code == 409
    assert 'value="Lain"' in stale.content.decode()
    client.post(reverse("cases:saved-view-delete", args=[view.uuid]))
    assert not SavedView.objects.exists()


def test_a_name_once_and_without_numbers(world, as_user):
    client = as_user(world.relawan)
    keep(client)
    again = keep(client)
    assert again.status_code == 409
    assert "sudah punya tampilan" in again.content.decode()
    assert "Jangan tulis nomor orang" in keep(client, name="NIK 3515014107850002").content.decode()
    assert SavedView.objects.count() == 1
    view = SavedView.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        SavedView.objects.create(owner=view.owner, name=view.name, created_at=timezone.now())


def test_a_form_sent_twice_keeps_one(world, as_user):
    client, key = as_user(world.relawan), "5f0c7f0a-6f0e-4a3e-9b1f-0b1c2d3e4f5a"
    for _time in range(2):
        assert keep(client, submit_key=key).status_code == 302
    assert SavedView.objects.count() == 1


def test_a_coordinator_shares_with_their_unit(world, as_user, case):
    unit = str(world.desk.uuid)
    assert keep(as_user(world.koordinator), unit=unit).status_code == 302
    view = SavedView.objects.get()
    url = reverse("cases:saved-view", args=[view.uuid])
    assert "Darurat kita" in as_user(world.relawan).get(LIST).content.decode()
    assert as_user(world.relawan).get(url).status_code == 302
    assert as_user(world.relawan).post(reverse("cases:saved-view-delete", args=[view.uuid])).status_code == 404
    assert as_user(world.outsider).get(url).status_code == 404
    assert "Darurat kita" not in as_user(world.outsider).get(LIST).content.decode()
    Appointment.objects.filter(user=world.relawan).update(until_on=timezone.localdate() - timedelta(days=1))
    assert as_user(world.relawan).get(url).status_code == 404


def test_a_relawan_shares_with_nobody_and_a_coordinator_not_beyond_reach(world, as_user):
    keep(as_user(world.relawan), unit=str(world.desk.uuid))
    assert SavedView.objects.get().organisation is None
    assert keep(as_user(world.koordinator), unit=str(world.other_desk.uuid)).status_code == 200
    assert SavedView.objects.count() == 1


class TestAlerts:
    @pytest.fixture
    def view(self, world):
        now = timezone.now()
        make_case(desk=world.desk, by=world.relawan, title="Ada dulu")
        return saved_views.save(
            by=world.koordinator, name="Siti Rahmawati", query="", has_alert=True, shows=shown_by, now=now
        )

    def tell(self, days):
        return saved_views.tell_gains(shows=shown_by, now=timezone.now() + timedelta(days=days))

    def test_what_came_since_is_told_once_without_a_word_of_anybody(self, world, view):
        assert self.tell(2) == 0
        case = make_case(desk=world.desk, by=world.relawan, title="Baru")
        make_case(desk=world.other_desk, by=world.outsider, title="Bukan urusan")
        assert self.tell(2) == 0  # looked at today already
        assert self.tell(4) == 1
        assert self.tell(4) == 0
        assert self.tell(6) == 0
        rows = Message.objects.filter(kind="saved_views_gained")
        assert {row.channel for row in rows} == {"inbox", "email"}
        row = rows.first()
        assert row.recipient == world.koordinator
        assert row.data == {"count": 1, "views": 1}
        assert "Siti" not in f"{row.data}{row.path}{row.key}{row.about}{row.thing}"
        assert str(case.uuid) not in f"{row.data}{row.path}{row.key}{row.about}{row.thing}"
        assert row.path == f"/kasus/tampilan/{view.uuid}/"

    def test_what_was_looked_at_is_no_news(self, world, view, as_user):
        make_case(desk=world.desk, by=world.relawan, title="Baru")
        as_user(world.koordinator).get(reverse("cases:saved-view", args=[view.uuid]))
        assert self.tell(2) == 0

    def test_only_what_the_owner_may_see_then(self, world, view):
        hidden = make_case(desk=world.desk, by=world.relawan, title="Rahasia")
        Case.objects.filter(pk=hidden.pk).update(is_restricted=True)
        assert self.tell(2) == 0
        make_case(desk=world.desk, by=world.relawan, title="Baru")
        Appointment.objects.filter(user=world.koordinator).update(until_on=timezone.localdate() - timedelta(days=1))
        assert self.tell(4) == 0

    def test_the_task_looks(self, world, view):
        SavedView.objects.update(checked_at=None)
        make_case(desk=world.desk, by=world.relawan, title="Baru")
        tell_views()
        assert Message.objects.filter(kind="saved_views_gained", channel="inbox").count() == 1
