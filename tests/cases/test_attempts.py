"""Facilities asked: four in a row, seen by both who call, told outside without a name, and counted by facility."""

import re
from datetime import timedelta
from urllib.parse import unquote
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from cases.models import Attempt, Case, Outcome
from cases.reports import attempts as report
from cases.rules.codes import Actor
from cases.rules.errors import CaseIsClosed
from cases.services import attempts, closing
from members.models import AccessLog, Body
from tests.factories import make_body, make_case

pytestmark = pytest.mark.django_db


def url(case):
    return reverse("cases:attempts", args=[case.uuid])


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.fixture
def ask(world, case):
    def ask(name="RSUD Cempaka Raya", answer="full", *, by=world.relawan, on=case, **given):
        body = Body.objects.filter(name=name).first() or make_body(name)
        return attempts.ask(case=on, body=body, answer=answer, by=by, **given)

    return ask


# The service


def test_an_attempt_is_a_row_and_a_fact(case, world, ask):
    attempt = ask(reason="ICU penuh", officer="Bu Wati", officer_role="perawat IGD", bed_class="icu", beds_free=0)
    event = attempt.event
    assert (event.type.code, event.body, event.counterpart) == ("refused", attempt.body, "Bu Wati (perawat IGD)")
    assert event.happened_at == attempt.at
    with translation.override("id"):
        assert event.text.endswith("ICU penuh") and "ICU" in event.text
    case.refresh_from_db()
    assert (case.next_actor, case.last_event_at) == (Actor.US, event.logged_at)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("full", "refused"),
        ("refused", "refused"),
        ("accepted", "facility_asked"),
        ("waiting", "facility_asked"),
        ("condition", "facility_asked"),
        ("referred", "facility_asked"),
        ("no_answer", "facility_asked"),
    ],
)
def test_only_a_no_counts_as_a_refusal_and_the_turn_stays_ours(case, ask, answer, code):
    assert ask(answer=answer).event.type.code == code
    case.refresh_from_db()
    assert case.next_actor == Actor.US


def test_the_same_form_sent_twice_is_one_attempt(case, ask):
    key = uuid4()
    assert ask(submit_key=key) == ask(submit_key=key)
    assert case.attempts.count() == 1
    assert case.events.filter(type__code="refused").count() == 1


def test_a_number_of_somebody_leaves_the_reason(ask):
    assert "0812" not in ask(reason="Hubungi 081234567890 saja").reason


def test_of_a_restricted_case_the_words_are_cipher(case, ask):
    Case.objects.filter(pk=case.pk).update(is_restricted=True, restriction="hiv")
    case.refresh_from_db()
    attempt = ask(reason="Menolak karena statusnya", on=case)
    raw = Attempt.objects.filter(pk=attempt.pk).extra(select={"raw": "reason"}).values_list("raw", flat=True).get()
    assert "statusnya" not in str(raw)
    assert Attempt.objects.get(pk=attempt.pk).reason == "Menolak karena statusnya"


def test_nothing_is_kept_of_a_closed_case(case, world, ask):
    closing.close(case=case, outcome=Outcome.objects.first(), by=world.relawan)
    with pytest.raises(CaseIsClosed):
        ask()
    assert not case.attempts.exists()


# The page


def test_four_facilities_in_a_row(case, world, as_user):
    client = as_user(world.relawan)
    names = ["RSUD Cempaka Raya", "RS Melati", "RS Kenanga", "RSU Bukit Lor"]
    for at, name in enumerate(names):
        page = client.get(url(case) + ("?lanjut=1" if at else ""))
        assert ("autofocus" in page.content.decode()) == bool(at)
        chosen = re.search(r'<option value="icu"( selected)?', page.content.decode())
        assert bool(chosen[1]) == bool(at)  # the second form knows the unit of the first
        sent = {"facility": name, "answer": "full", "reason": "Penuh", "bed_class": "icu", "referral": "emergency"}
        answer = client.post(url(case), sent)
        assert answer.status_code == 302 and answer.headers["Location"].endswith("?lanjut=1")
    assert [row.body.name for row in case.attempts.order_by("pk")] == names
    page = text_of(client.get(url(case)))
    assert "4 faskes ditanya" in page and "Rina" in page
    assert Body.objects.filter(name="RSUD Cempaka Raya").count() == 1  # the known one, not a new one


def test_what_is_missing_is_said_and_what_was_typed_stays(case, world, as_user):
    answer = as_user(world.relawan).post(url(case), {"facility": "RS Melati", "beds_free": "banyak", "hour": "25.99"})
    page = answer.content.decode()
    assert answer.status_code == 200 and not case.attempts.exists()
    assert "Pilih apa jawabannya." in page and "Tulis angka." in page
    assert 'value="RS Melati"' in page and 'value="banyak"' in page


def test_a_moment_to_come_is_refused(case, world, as_user):
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    answer = as_user(world.relawan).post(url(case), {"facility": "RS Melati", "answer": "full", "on": tomorrow})
    assert answer.status_code == 200 and not case.attempts.exists()


def test_a_facility_nobody_knows_by_name(case, world, as_user):
    as_user(world.relawan).post(url(case), {"answer": "refused"})
    attempt = case.attempts.get()
    assert attempt.body is None
    assert "Faskes tidak diketahui" in text_of(as_user(world.relawan).get(url(case)))


def test_the_second_caller_is_told_who_asked_before(case, world, as_user, ask):
    earlier = ask(by=world.koordinator, at=timezone.now() - timedelta(minutes=20))
    client = as_user(world.relawan)
    sent = {"facility": "rsud  cempaka raya", "answer": "full", "reason": "Masih penuh", "submit_key": str(uuid4())}
    page = client.post(url(case), sent)
    assert page.status_code == 200 and case.attempts.count() == 1
    said = text_of(page)
    assert "RSUD Cempaka Raya sudah ditanya 20 menit lalu oleh Kartika" in said
    assert 'value="Masih penuh"' in page.content.decode()
    again = {**sent, "again": str(earlier.uuid)}
    assert client.post(url(case), again).status_code == 302
    assert client.post(url(case), again).status_code == 302  # the same form once more: nothing new
    assert case.attempts.count() == 2


def test_an_answer_of_yesterday_does_not_hold_anybody_up(case, world, as_user, ask):
    ask(at=timezone.now() - timedelta(hours=20))
    sent = {"facility": "RSUD Cempaka Raya", "answer": "accepted"}
    assert as_user(world.relawan).post(url(case), sent).status_code == 302
    assert case.attempts.count() == 2


def test_who_may_not_write_reads_and_who_may_not_read_gets_nothing(world, as_user, ask):
    free = make_case(desk=world.desk, by=world.koordinator, title="Belum ada relawan")
    ask(on=free, by=world.koordinator)
    page = as_user(world.relawan).get(url(free))
    assert page.status_code == 200 and 'name="facility"' not in page.content.decode()
    assert as_user(world.relawan).post(url(free), {"answer": "full"}).status_code == 404
    assert as_user(world.outsider).get(url(free)).status_code == 404
    assert free.attempts.count() == 1


def test_a_closed_case_says_how_to_go_on(case, world, as_user):
    closing.close(case=case, outcome=Outcome.objects.first(), by=world.relawan)
    answer = as_user(world.relawan).post(url(case), {"facility": "RS Melati", "answer": "full"})
    assert answer.status_code == 409 and "RS Melati" in answer.content.decode()
    assert not case.attempts.exists()


# What may be told outside


def test_the_text_for_a_group_names_facilities_and_nobody(case, world, as_user, ask):
    ask("RSUD Cempaka Raya", reason="Siti Rahmawati tidak diterima", officer="Bu Wati", bed_class="icu")
    ask("RS Melati")
    ask("Klinik Rahmawati")  # a place that repeats a word of the name
    page = as_user(world.relawan).get(url(case) + "?bagikan=1")
    text = attempts.summary(case)
    assert "3 faskes ditanya, semua penuh:" in text and "RSUD Cempaka Raya: " in text and "ICU" in text
    for secret in ("Siti", "Rahmawati", "Wati"):
        assert secret not in text
    assert text.splitlines()[2] in unquote(page.content.decode())
    assert AccessLog.objects.filter(action=AccessLog.Action.EXPORT, reason="faskes").count() == 1


def test_the_last_answer_of_a_facility_counts(case, ask):
    now = timezone.now()
    ask("RSUD Cempaka Raya", "full", at=now - timedelta(hours=8))
    ask("RSUD Cempaka Raya", "accepted", at=now - timedelta(minutes=5))
    assert "1 faskes ditanya, ada yang menerima:" in attempts.summary(case)
    ask("RSUD Cempaka Raya", "waiting", at=now)
    assert "belum ada yang menerima" in attempts.summary(case)


# Over many cases


def test_answers_are_counted_by_facility_without_restricted_cases(world, case, ask):
    other = make_case(desk=world.desk, by=world.relawan, title="Kasus kedua")
    secret = make_case(desk=world.desk, by=world.relawan, title="Kasus rahasia", is_restricted=True)
    ask("RS Melati", "full")
    ask("RS Melati", "refused", on=other)
    ask("RS Melati", "accepted", on=secret)
    ask("RS Kenanga", "accepted")
    rows = report.per_facility(report.within_figures_of(world.pimpinan))
    assert [(row.name, row.asked, row.cases, row.turned_away) for row in rows] == [
        ("RS Melati", 2, 2, 2),
        ("RS Kenanga", 1, 1, 0),
    ]
    assert not report.per_facility(report.within_figures_of(world.relawan))
