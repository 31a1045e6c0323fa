"""Kabar: told, opened, read; and mail that does not arrive."""

from datetime import timedelta

import pytest
from django.utils import timezone

from members.models import Message
from members.services import delivery
from members.services import messages as outbox
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def tell(user, key="a", *, path="/kasus/1/", kind="assigned", **fields):
    return outbox.post(recipient=user, kind=kind, key=key, data={"number": "KWL-26-00001"}, path=path, **fields)[0]


def page(as_user, user, url="/kabar/"):
    return as_user(user).get(url).content.decode()


def test_an_empty_inbox_teaches(as_user, world):
    text = page(as_user, world.relawan)
    assert "Belum ada kabar" in text
    assert "/saya/" in text


def test_news_stands_there_until_it_is_opened(as_user, world):
    row = tell(world.relawan)
    text = page(as_user, world.relawan)
    assert "KWL-26-00001: kasus ini sekarang milik Anda" in text
    assert "k-new" in text and "1 belum dibaca" in text
    answer = as_user(world.relawan).post(f"/kabar/{row.uuid}/buka/")
    assert (answer.status_code, answer.url) == (302, "/kasus/1/")
    row.refresh_from_db()
    assert row.read_at is not None
    assert "k-new" not in page(as_user, world.relawan)


def test_opening_again_keeps_the_first_moment(as_user, world):
    row = tell(world.relawan)
    then = timezone.now() - timedelta(days=1)
    Message.objects.filter(pk=row.pk).update(read_at=then)
    as_user(world.relawan).post(f"/kabar/{row.uuid}/buka/")
    row.refresh_from_db()
    assert row.read_at == then


def test_all_read_at_once(as_user, world):
    for key in "abc":
        tell(world.relawan, key)
    other = tell(world.relawan2)
    assert as_user(world.relawan).post("/kabar/dibaca/").status_code == 302
    assert not Message.objects.inbox_of(world.relawan).unread().exists()
    other.refresh_from_db()
    assert other.read_at is None


def test_what_another_was_told_is_not_there(as_user, world):
    row = tell(world.relawan2)
    assert "KWL-26-00001" not in page(as_user, world.relawan)
    assert as_user(world.relawan).post(f"/kabar/{row.uuid}/buka/").status_code == 404
    email = Message.objects.get(channel="email")
    assert as_user(world.relawan2).post(f"/kabar/{email.uuid}/buka/").status_code == 404


@pytest.mark.parametrize("path", ["", "https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"])
def test_a_message_leads_nowhere_else(as_user, world, path):
    row = tell(world.relawan, path=path)
    assert as_user(world.relawan).post(f"/kabar/{row.uuid}/buka/").url == "/kabar/"


def test_reading_is_an_act_and_not_an_address(as_user, world):
    row = tell(world.relawan)
    assert as_user(world.relawan).get(f"/kabar/{row.uuid}/buka/").status_code == 405
    assert as_user(world.relawan).get("/kabar/dibaca/").status_code == 405


def test_news_of_a_kind_without_words_of_its_own_does_not_break_the_page(as_user, world):
    tell(world.relawan, kind="invented")
    assert "KWL-26-00001: ada kabar" in page(as_user, world.relawan)


def test_words_are_shown_and_never_run(as_user, world):
    outbox.post(recipient=world.relawan, kind="assigned", key="x", data={"number": "<script>alert(1)</script>"})
    text = page(as_user, world.relawan)
    assert "<script>alert(1)" not in text and "&lt;script&gt;alert(1)" in text


def test_the_page_costs_the_same_for_one_and_for_thirty(as_user, world, django_assert_max_num_queries):
    for number in range(45):
        tell(world.relawan, f"key{number}")
    client = as_user(world.relawan)
    client.get("/kabar/")
    with django_assert_max_num_queries(10):
        text = client.get("/kabar/").content.decode()
    assert text.count("/buka/") == 30
    assert client.get("/kabar/?page=2").content.decode().count("/buka/") == 15


# Mail that does not arrive


@pytest.fixture
def refused(world):
    """A mail to the relawan that was refused for good, as the outbox leaves it."""
    tell(world.relawan)
    Message.objects.filter(recipient=world.relawan, channel="email").update(
        state=Message.State.FAILED, error="550 no such user"
    )
    delivery.tell_coordinators(world.relawan, now=timezone.now())


def test_coordinators_see_whose_mail_is_refused_and_why(as_user, world, refused):
    text = page(as_user, world.koordinator)
    assert "E-mail ke seorang relawan ditolak" in text
    assert "Rina Wulandari" in text and "relawan@example.org" in text
    assert "Alamat itu tidak dikenal di sana." in text


def test_nobody_else_sees_it(as_user, world, refused):
    for user in (world.relawan, world.relawan2, world.outside_koordinator, world.koordinator_atas, world.pimpinan):
        assert "surel-gagal" not in page(as_user, user)


def test_a_coordinator_whose_office_has_ended_sees_it_no_more(as_user, world, refused):
    world.koordinator.appointments.update(until_on=timezone.localdate() - timedelta(days=1))
    assert "relawan@example.org" not in page(as_user, world.koordinator)


def test_the_line_goes_when_a_mail_arrives_again(as_user, world, refused):
    tell(world.relawan, "later")
    Message.objects.filter(recipient=world.relawan, channel="email", key="later").update(
        state=Message.State.SENT, sent_at=timezone.now() + timedelta(minutes=1)
    )
    assert "relawan@example.org" not in page(as_user, world.koordinator)


def test_two_refused_mails_are_one_line(as_user, world, refused):
    tell(world.relawan, "b")
    Message.objects.filter(recipient=world.relawan, channel="email").update(
        state=Message.State.FAILED, error="552 over quota"
    )
    text = page(as_user, world.koordinator)
    assert text.count("relawan@example.org") == 1
    assert "(2×)" in text and "Server e-mail menolaknya." in text


def test_the_bell_counts_what_is_not_read(as_user):
    user = make_user()
    for number in range(3):
        tell(user, f"key{number}")
    assert '<span class="k-dot">3</span>' in page(as_user, user)
