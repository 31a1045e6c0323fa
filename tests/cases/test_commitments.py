"""Who promised what: one line, one follow-up, told once, and its end; of a case and of a desk without one."""

import re
from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from cases.models import Case, Commitment, Outcome
from cases.reports import commitments as report
from cases.rules.codes import Actor, FollowUpKind
from cases.rules.commitments import Terms
from cases.rules.errors import CaseIsClosed, Refused
from cases.services import attachments, closing, commitments
from cases.tasks import remind
from members.models import Message
from members.services.wording import words_of
from tests.factories import make_body, make_case
from tests.pictures import phone_photo, upload

pytestmark = pytest.mark.django_db
WIB = ZoneInfo("Asia/Jakarta")


def url(name, row):
    return reverse(f"cases:{name}", args=[row.uuid])


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def in_days(days, **more):
    return Terms("date", due_at=timezone.now() + timedelta(days=days, **more))


@pytest.fixture
def promise(world, case):
    def promise(text="Kamar malam ini", *, on=case, act=commitments.promise, **given):
        given = {"body": world.place, "by": world.relawan, "said_at": timezone.now(), **given}
        return act(case=on, text=text, **given) if on else act(text=text, **given)

    return promise


@pytest.fixture
def of_desk(world):
    def of_desk(text="Sharing session untuk semua anggota", **given):
        given = {"desk": world.desk, "by": world.koordinator, "said_at": timezone.now(), **given}
        return commitments.promise(text=text, **given)

    return of_desk


def told(row):
    return Message.objects.filter(thing=commitments.thing_of(row), channel=Message.Channel.INBOX)


# Promised


def test_a_promise_is_a_fact_and_a_follow_up_to_the_carrier(case, world, promise):
    due_at = timezone.now() + timedelta(hours=20)
    row = promise(terms=Terms("date", due_at=due_at), official="Bu Rita", official_role="kepala ruang")
    assert (row.event.type.code, row.event.body, row.event.text) == ("promised", world.place, "Kamar malam ini")
    assert row.event.counterpart == "Bu Rita"
    assert (row.follow_up.owner, row.follow_up.due_at) == (world.relawan, due_at)
    assert row.follow_up.kind == FollowUpKind.ANSWER
    assert case.follow_ups.open().get() == row.follow_up  # the system has not planned one beside it
    case.refresh_from_db()
    assert (case.next_actor, case.next_due_at) == (Actor.BODY, due_at)


def test_a_promise_without_a_date_leaves_the_case_a_plan(case, promise):
    row = promise()
    assert row.follow_up is None and row.term == "none"
    assert case.follow_ups.open().get().created_by is None


def test_a_promise_told_when_it_is_already_late_is_asked_about_soon(case, world, promise):
    now = timezone.now()
    row = promise(said_at=now - timedelta(days=3), terms=Terms("date", due_at=now - timedelta(days=1)), now=now)
    assert row.due_at == now - timedelta(days=1)
    assert row.follow_up.due_at == now + timedelta(hours=24)  # an urgent case


def test_when_it_was_said_may_be_unknown(case, promise):
    row = promise(said_at=None)
    assert row.promised_at is None
    with translation.override("id"):
        assert "belum diketahui" in promise("Lain", said_at=None).event.text
    assert report.VIEWS["lengkapi"](Commitment.objects.all(), timezone.now()).earliest("pk") == row


def test_the_same_form_sent_twice_is_one_promise(case, promise):
    key = uuid4()
    assert promise(submit_key=key, terms=in_days(1)) == promise(submit_key=key, terms=in_days(1))
    assert case.commitments.count() == 1
    assert case.events.filter(type__code="promised").count() == 1 and case.follow_ups.open().count() == 1


@pytest.mark.parametrize(
    ("said", "due"), [(timedelta(hours=1), timedelta(days=1)), (-timedelta(days=1), -timedelta(days=2))]
)
def test_impossible_moments_are_refused_and_nothing_is_kept(case, promise, said, due):
    now = timezone.now()
    with pytest.raises(Refused):
        promise(said_at=now + said, terms=Terms("date", due_at=now + due), now=now)
    assert not case.commitments.exists() and not case.follow_ups.exists()


def test_a_closed_case_takes_no_new_promise(case, world, promise):
    closing.close(case=case, outcome=Outcome.objects.first(), by=world.relawan)
    for act in (commitments.promise, commitments.demand):
        with pytest.raises(CaseIsClosed):
            promise(act=act)
    assert not case.commitments.exists()


def test_numbers_of_people_leave_the_words(promise, of_desk):
    assert "0812" not in promise("Hubungi 081234567890").text
    assert "3515014107900001" not in of_desk("NIK 3515014107900001 diurus").text


def test_of_a_restricted_case_the_words_are_cipher(case, promise):
    Case.objects.filter(pk=case.pk).update(is_restricted=True, restriction="hiv")
    case.refresh_from_db()
    row = promise("Obat ARV disediakan")
    raw = Commitment.objects.extra(select={"raw": "text"}).values_list("raw", flat=True).get(pk=row.pk)
    assert "ARV" not in str(raw) and Commitment.objects.get(pk=row.pk).text == "Obat ARV disediakan"


# On a condition, standing


def test_a_condition_that_is_met_gives_it_a_date_and_a_follow_up(case, world, promise):
    row = promise("Membayar klaim", terms=Terms("condition", condition="berkas lengkap", span_days=7))
    assert row.due_at is None and row.follow_up is None
    met = timezone.now()
    row = commitments.meet_condition(commitment=row, by=world.relawan, now=met)
    day = met.astimezone(ZoneInfo(case.zone)).date() + timedelta(days=7)
    assert (row.due_at.astimezone(ZoneInfo(case.zone)).date(), row.due_is_day) == (day, True)
    assert row.follow_up.due_at == row.due_at and row.follow_up.due_is_day
    assert case.events.get(type__code="promise_condition_met").data == {"commitment": str(row.uuid)}
    again = commitments.meet_condition(commitment=row, by=world.relawan, now=met + timedelta(days=3))
    assert again.due_at == row.due_at
    assert case.events.filter(type__code="promise_condition_met").count() == 1


def test_a_standing_promise_is_looked_at_again_and_again(case, world, promise):
    now = datetime(2026, 11, 22, 10, 0, tzinfo=WIB)
    row = promise(said_at=now, terms=Terms("standing", review_months=3), official="Bupati lama", now=now)
    assert str(row.next_review_on) == "2027-02-22"
    first = row.follow_up
    then = datetime(2027, 2, 22, 15, 0, tzinfo=WIB)
    row = commitments.review(commitment=row, by=world.relawan, note="Masih dijalankan", now=then)
    assert str(row.next_review_on) == "2027-05-22"
    first.refresh_from_db()
    assert first.state == "done" and row.follow_up != first
    assert "Masih dijalankan" in case.events.get(type__code="note").text
    assert row.state == "open" and row.official == "Bupati lama"
    seen = datetime(2027, 2, 22).date()
    again = commitments.review(commitment=row, by=world.relawan, last_review_on=seen, now=then)
    assert again.next_review_on == row.next_review_on  # somebody has looked since


def test_only_a_standing_one_is_looked_at_again(world, promise):
    with pytest.raises(Refused):
        commitments.review(commitment=promise(), by=world.relawan)
    with pytest.raises(Refused):
        commitments.meet_condition(commitment=promise(), by=world.relawan)


# Demands


def test_demands_are_numbered_and_answered(case, world, promise):
    first, second, third = (promise(text, act=commitments.demand) for text in ("Satu", "Dua", "Tiga"))
    assert [row.number for row in (first, second, third)] == [1, 2, 3]
    assert case.events.filter(type__code="promise_asked").count() == 3
    first = commitments.grant(commitment=first, by=world.relawan, terms=in_days(2))
    assert (first.state, first.number, first.event.type.code) == ("open", 1, "promised")
    assert first.follow_up.due_at == first.due_at
    assert commitments.grant(commitment=first, by=world.relawan).event == first.event
    second = commitments.refuse(commitment=second, by=world.relawan, note="Hanya bila polisi meminta")
    assert (second.state, second.end_note) == ("refused", "Hanya bila polisi meminta")
    with pytest.raises(Refused):
        commitments.grant(commitment=second, by=world.relawan)
    other = promise("Lain", on=make_case(desk=world.desk, by=world.relawan), act=commitments.demand)
    assert other.number == 1


# How it ends


@pytest.mark.parametrize(("hours", "state"), [(1, "kept"), (30, "late")])
def test_kept_in_time_or_late(case, world, promise, hours, state):
    now = timezone.now()
    row = promise(terms=Terms("date", due_at=now + timedelta(days=1)), said_at=now, now=now)
    later = now + timedelta(hours=hours)
    row = commitments.keep(commitment=row, by=world.relawan, note="Dapat kamar", now=later)
    assert (row.state, row.ended_at, row.end_note) == (state, later, "Dapat kamar")
    row.follow_up.refresh_from_db()
    assert row.follow_up.state == "done"
    case.refresh_from_db()
    assert case.next_actor == "us"
    assert case.events.get(type__code="promise_ended").data == {"commitment": str(row.uuid), "state": state}
    assert commitments.keep(commitment=row, by=world.relawan).ended_at == later  # a second press changes nothing
    assert case.events.filter(type__code="promise_ended").count() == 1


def test_two_people_who_say_otherwise_the_first_counts(world, promise):
    row = commitments.break_(commitment=promise(), by=world.relawan)
    assert row.state == "broken"
    with pytest.raises(Refused):
        commitments.keep(commitment=row, by=world.koordinator)
    row.refresh_from_db()
    assert row.state == "broken"


def test_what_is_withdrawn_needs_no_follow_up(world, promise):
    row = commitments.withdraw(commitment=promise(terms=in_days(2)), by=world.relawan)
    row.follow_up.refresh_from_db()
    assert (row.state, row.follow_up.state) == ("withdrawn", "cancelled")


def test_it_cannot_be_kept_before_it_was_said(world, promise):
    now = timezone.now().replace(hour=5) - timedelta(days=1)  # at noon: an hour earlier is the same day
    row = promise(said_at=now - timedelta(days=2))
    for at in (now - timedelta(days=4), now + timedelta(days=1)):
        with pytest.raises(Refused):
            commitments.keep(commitment=row, by=world.relawan, at=at, now=now)
    assert commitments.keep(commitment=row, by=world.relawan, at=now - timedelta(days=2, hours=1), now=now).ended_at


def test_a_promise_ends_also_after_its_case(case, world, promise):
    row = promise(terms=in_days(3))
    closing.close(case=case, outcome=Outcome.objects.first(), by=world.relawan)
    assert commitments.keep(commitment=row, by=world.relawan).state == "kept"


# Completed later


def test_what_was_not_known_is_filled_in_and_the_timeline_is_corrected(case, world, promise):
    row = promise(said_at=None, body=None)
    said = timezone.now() - timedelta(days=4)
    row = commitments.complete(commitment=row, by=world.relawan, said_at=said, body=world.place, official="Bu Rita")
    assert (row.promised_at, row.body, row.official) == (said, world.place, "Bu Rita")
    correction = case.events.get(corrects=row.event)
    assert (correction.happened_at, correction.text) == (said, "Kamar malam ini")
    row = commitments.complete(commitment=row, by=world.relawan, said_at=timezone.now(), official="Orang lain")
    assert (row.promised_at, row.official) == (said, "Bu Rita")  # what stands there stays


# Without a case: the coordinators are told


def test_the_coordinators_of_the_desk_are_told_the_day_before_when_late_and_weekly(world, of_desk):
    now = timezone.now()
    row = of_desk(terms=Terms("date", due_at=now + timedelta(days=5)), now=now, said_at=now)
    assert row.follow_up is None and row.event is None

    def tell(after):
        return commitments.remind_due(now=now + after)

    assert tell(timedelta(0)) == 0
    assert tell(timedelta(days=4)) == 1
    assert tell(timedelta(days=4, hours=5)) == 0  # the same telling
    assert [tell(timedelta(days=5 + 7 * week, minutes=1)) for week in range(7)] == [1, 1, 1, 1, 0, 0, 0]
    assert {message.recipient for message in told(row)} == {world.koordinator}
    with translation.override("id"):
        words = [words_of(message).title for message in told(row).order_by("pk")]
    assert words[:2] == ["Ada janji yang segera jatuh tempo", "Ada janji yang lewat waktu"]


def test_the_tick_tells_a_standing_one_on_its_day_and_nothing_once_it_ended(world, of_desk):
    now = timezone.now()
    row = of_desk(terms=Terms("standing", review_months=1), now=now - timedelta(days=40), said_at=None)
    remind()
    message = told(row).get()
    with translation.override("id"):
        assert words_of(message).title == "Janji tetap perlu ditinjau lagi"
    assert message.path == url("commitment", row)
    commitments.keep(commitment=row, by=world.koordinator)
    mail = Message.objects.filter(thing=commitments.thing_of(row), channel=Message.Channel.EMAIL)
    assert set(mail.values_list("state", flat=True)) <= {"cancelled", "skipped"}
    assert commitments.remind_due(now=now + timedelta(days=60)) == 0


def test_a_message_holds_no_word_of_it(of_desk):
    row = of_desk("Bu Siti dibantu", terms=in_days(0, hours=3))
    commitments.remind_due(now=timezone.now())
    message = told(row).get()
    assert "Siti" not in str(message.data) + message.key + message.path


def test_a_promise_of_a_closed_case_is_told_to_who_may_open_it(case, world, promise):
    row = promise(terms=in_days(2))
    assert commitments.remind_due(now=timezone.now() + timedelta(days=3)) == 0  # its follow-up reminds
    closing.close(case=case, outcome=Outcome.objects.first(), by=world.relawan)
    commitments.remind_due(now=timezone.now() + timedelta(days=3))
    assert [message.recipient for message in told(row)] == [world.koordinator]
    Case.objects.filter(pk=case.pk).update(is_restricted=True, restriction="hiv")
    commitments.remind_due(now=timezone.now() + timedelta(days=11))
    assert told(row).order_by("pk").last().recipient == world.relawan


# The pages


def test_noted_and_kept_through_the_pages_with_a_photo_as_proof(case, world, as_user):
    client = as_user(world.relawan)
    photo = attachments.add(case=case, upload=upload(phone_photo()), by=world.relawan, title="Kuitansi")
    today = timezone.localdate()
    sent = {
        "kind": "janji",
        "text": "Uang muka dikembalikan",
        "office": "RSUD Cempaka Raya",
        "official": "Bu Rita",
        "form": "oral",
        "on": (today - timedelta(days=6)).isoformat(),
        "due_on": (today + timedelta(days=1)).isoformat(),  # without its chip
    }
    assert client.post(url("case-commitments", case), sent).status_code == 302
    row = case.commitments.get()
    assert (row.body, row.term, row.due_is_day, row.promised_on_day) == (world.place, "date", True, True)
    page = client.get(url("commitment", row))
    assert "Kuitansi" in text_of(page) and "Bu Rita" in text_of(page)
    kept = {"act": "ditepati", "note": "Ditransfer", "proof": str(photo.uuid), "proof_note": "kuitansi 12"}
    assert client.post(url("commitment", row), kept).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.proof, row.proof_note) == ("kept", photo, "kuitansi 12")
    assert "Ditepati dalam 6 hari" in text_of(client.get(url("case-commitments", case)))
    assert client.post(url("commitment", row), {"act": "ingkar"}).status_code == 409


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Tulis apa yang dijanjikan atau dituntut."),
        ({"text": "Kamar", "term": "date"}, "Pilih tanggalnya."),
        ({"text": "Kamar", "term": "condition"}, "Tulis apa yang ditunggu."),
        ({"text": "Kamar", "term": "standing"}, "Tulis setiap berapa bulan ditinjau."),
        ({"text": "Kamar", "on": "2026-11-20", "due_on": "2026-11-19"}, "Jatuh temponya tidak bisa"),
        ({"text": "Kamar", "due_on": "31-02-2026"}, "Tanggal ini tidak ada"),
        ({"text": "Kamar", "span_days": "tujuh"}, "Tulis angka."),
        ({"text": "Kamar", "due_on": "2199-01-01"}, "Ini terlalu jauh."),
    ],
)
def test_bad_input_is_said_and_nothing_typed_is_lost(case, world, as_user, sent, said):
    sent = {"kind": "janji", "official": "Bu Rita", **sent}
    page = as_user(world.relawan).post(url("case-commitments", case), sent)
    assert page.status_code == 200 and not case.commitments.exists()
    assert said in text_of(page) and 'value="Bu Rita"' in page.content.decode()


def test_the_form_of_a_closed_case_keeps_what_was_typed(case, world, as_user):
    closing.close(case=case, outcome=Outcome.objects.first(), by=world.relawan)
    page = as_user(world.relawan).post(url("case-commitments", case), {"kind": "janji", "text": "Kamar malam ini"})
    assert page.status_code == 409 and "Kamar malam ini" in page.content.decode()


def test_the_page_completes_what_was_missing(case, world, as_user, promise):
    client, row = as_user(world.relawan), promise(said_at=None)
    assert "Lengkapi" in text_of(client.get(url("commitment", row)))
    page = client.post(url("commitment-complete", row), {})
    assert page.status_code == 200 and "Isi paling tidak satu." in text_of(page)
    sent = {"on": (timezone.localdate() - timedelta(days=2)).isoformat(), "where": "ruang rapat"}
    assert client.post(url("commitment-complete", row), sent).status_code == 302
    row.refresh_from_db()
    assert row.promised_on_day and row.where == "ruang rapat"


def test_a_paper_of_another_case_is_no_proof(case, world, as_user, promise):
    other = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan)
    photo = attachments.add(case=other, upload=upload(phone_photo()), by=world.relawan)
    attachments.add(case=case, upload=upload(phone_photo()), by=world.relawan)
    row = promise()
    page = as_user(world.relawan).post(url("commitment", row), {"act": "ditepati", "proof": str(photo.uuid)})
    row.refresh_from_db()
    assert page.status_code == 200 and row.state == "open"


def test_who_may_not_open_the_case_finds_nothing(world, as_user, promise, of_desk):
    mine, of_the_desk = promise(), of_desk()
    for user in (world.outsider, world.relawan2, world.pimpinan):
        client = as_user(user)
        assert client.get(url("commitment", mine)).status_code == 404
        assert client.post(url("commitment", of_the_desk), {"act": "ditepati"}).status_code == 404
        page = text_of(client.get(reverse("cases:commitments")))
        assert "Kamar malam ini" not in page and "Sharing session" not in page
    assert as_user(world.koordinator).get(url("commitment", of_the_desk)).status_code == 200
    assert as_user(world.relawan).get(reverse("cases:commitment-add")).status_code == 404


def test_a_coordinator_writes_one_from_a_meeting_without_a_date(world, as_user):
    client = as_user(world.koordinator)
    sent = {
        "kind": "janji",
        "desk": str(world.desk.uuid),
        "text": "Sharing session oleh presiden",
        "party": "Presiden Sarbumusi",
        "on": "",
    }
    assert client.post(reverse("cases:commitment-add"), sent).status_code == 302
    row = Commitment.objects.get()
    assert (row.case, row.desk, row.promised_at, row.term) == (None, world.desk, None, "none")
    page = text_of(client.get(reverse("cases:commitments") + "?lihat=lengkapi"))
    assert "Sharing session oleh presiden" in page and "lengkapi nanti" in page
    elsewhere = {**sent, "desk": str(world.other_desk.uuid)}
    assert client.post(reverse("cases:commitment-add"), elsewhere).status_code == 200
    assert Commitment.objects.count() == 1


# The register


def test_each_chip_shows_its_own(world, case, promise, of_desk):
    now = timezone.now()
    ago = now - timedelta(days=9)
    promise("lewat", said_at=ago, terms=Terms("date", due_at=now - timedelta(hours=1)))
    promise("pekan ini", terms=in_days(3))
    promise("nanti", terms=in_days(30))
    promise("tanpa tanggal", said_at=None)
    of_desk("tinjau", said_at=None, terms=Terms("standing", review_months=1), now=now - timedelta(days=45))
    commitments.keep(commitment=promise("selesai"), by=world.relawan)
    rows = report.register(world.koordinator)
    shown = {key: {row.text for row in view(rows, now)} for key, view in report.VIEWS.items()}
    assert shown == {
        "": {"lewat", "pekan ini", "nanti", "tanpa tanggal", "tinjau"},
        "lewat": {"lewat"},
        "pekan-ini": {"pekan ini"},
        "tanpa-tanggal": {"tanpa tanggal"},
        "tinjau": {"tinjau"},
        "lengkapi": {"tanpa tanggal", "tinjau"},
        "selesai": {"selesai"},
    }
    assert report.counts(rows, now) == {key: len(texts) for key, texts in shown.items()}


def test_the_register_by_office_and_its_rate(world, as_user, promise):
    other = make_body("BPJS Cabang Lor", kind="bpjs")
    now = timezone.now()
    for _at in range(2):
        commitments.keep(commitment=promise(), by=world.relawan)
    late = promise(said_at=now - timedelta(days=3), terms=Terms("date", due_at=now - timedelta(days=1)))
    commitments.keep(commitment=late, by=world.relawan)
    for _at in range(2):
        commitments.break_(commitment=promise(), by=world.relawan)
    commitments.withdraw(commitment=promise(), by=world.relawan)
    promise("Belum jatuh tempo")
    promise("Janji kantor lain", body=other)
    client = as_user(world.koordinator)
    page = text_of(client.get(reverse("cases:commitments")))
    assert "3 dari 5 ditepati" in page and "1 di antaranya terlambat, 2 tidak ditepati, 1 masih berjalan" in page
    narrowed = text_of(client.get(reverse("cases:commitments") + f"?kantor={world.place.uuid}"))
    assert "Belum jatuh tempo" in narrowed and "Janji kantor lain" not in narrowed
    strange = client.get(reverse("cases:commitments") + "?kantor=bukan-kantor&lihat=apa&page=9")
    assert strange.status_code == 200 and "Janji kantor lain" in text_of(strange)


def test_a_leader_sees_numbers_of_at_least_five_and_no_restricted_case(world, as_user, promise):
    secret = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, is_restricted=True)
    for _at in range(4):
        commitments.keep(commitment=promise(), by=world.relawan)
    commitments.break_(commitment=promise(on=secret), by=world.relawan)
    client = as_user(world.pimpinan)
    assert "RSUD Cempaka Raya" not in text_of(client.get(reverse("cases:commitments")))
    commitments.break_(commitment=promise(), by=world.relawan)
    page = text_of(client.get(reverse("cases:commitments")))
    assert "RSUD Cempaka Raya" in page and "4 dari 5 ditepati" in page and "Kamar malam ini" not in page


def test_many_rows_cost_no_more_than_few(world, as_user, promise, of_desk, django_assert_max_num_queries):
    client = as_user(world.koordinator)
    client.get(reverse("cases:commitments"))
    for _at in range(12):
        promise(terms=in_days(3))
        of_desk()
    with django_assert_max_num_queries(30):
        client.get(reverse("cases:commitments"))
