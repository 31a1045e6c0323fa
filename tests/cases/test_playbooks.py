"""Playbooks: complete and not repeated as data; chosen, taken up and left out on a case; readable without one."""

import json
import re
from collections import Counter
from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation

from cases.models import Case, Event, EventType, FollowUp, Outcome, PayerDecision, Playbook, PlaybookStep, ProblemType
from cases.rules.codes import FollowUpKind, FollowUpState
from cases.rules.errors import CaseIsClosed, Refused
from cases.rules.payer import Payer
from cases.rules.playbook import AT_ONCE
from cases.services import closing, follow_ups, playbooks
from cases.services.catalogue import rows
from members.models import AccessLog
from tests.factories import make_body, make_case

BOOKS = {row["code"]: row for row in rows("playbooks")}
TYPES = {row["code"]: row for row in rows("problem_types")}
RULES = {row["code"]: row for row in rows("rules")}
EVENTS = {row["code"] for row in rows("event_types")}
KINDS = {row["code"] for row in rows("body_kinds")}
OF_BOOK, OF_STEP = ("name", "aim", "do_not_sign"), ("title", "say", "evidence", "if_refused")
LAW = re.compile(r"\b(pasal|art\.|UU \d|PP \d|Perpres|Perm\w+ \d|Law \d)", re.IGNORECASE)
#: Numbers that are names: telephone lines (RULES 4), safety (K3).
NAMES = re.compile(r"\b(165|175|K3)\b")


def texts():
    """Every text of every playbook: (code, place, field, text)."""
    for code, book in BOOKS.items():
        for field in OF_BOOK:
            yield from ((code, 0, name, book[name]) for name in (field, f"{field}_en") if book[name])
        for step in book["steps"]:
            for field in OF_STEP:
                yield from ((code, step["position"], name, step[name]) for name in (field, f"{field}_en"))


def plain(text):
    return re.sub(r"\W+", " ", text.lower()).strip()


def is_verified(row):
    return row["confidence"] in {"L", "N"} and bool(row["legal_basis"])


@pytest.mark.parametrize("code", sorted(TYPES))
def test_every_problem_type_has_a_playbook_of_its_own(code):
    book = BOOKS[code]
    assert book["problem_type"] == code
    assert (book["facility_level"], book["payer"]) == ("", "")


@pytest.mark.parametrize("code", sorted(BOOKS))
def test_a_playbook_is_whole(code):
    book = BOOKS[code]
    assert 4 <= len(book["steps"]) <= 6
    assert [step["position"] for step in book["steps"]] == list(range(1, len(book["steps"]) + 1))
    assert book["is_practice"] is True
    assert (book["confidence"], book["legal_basis"]) == ("", "")
    assert book["source"] == f"usulan praktik; RULES §3 {book['problem_type']}"
    assert book["facility_level"] in {"", *KINDS}
    assert book["payer"] in {"", *Payer.values}
    assert bool(book["do_not_sign"]) == bool(book["do_not_sign_en"])
    assert any(step["after_event"] == "opened" for step in book["steps"]) or code == "D09" or code == "F05"
    for step in book["steps"]:
        assert all(step[name] and step[f"{name}_en"] and step[name] != step[f"{name}_en"] for name in OF_STEP)
        assert len(step["title"].split()) <= 12, step["title"]
        assert step["after_event"] in EVENTS
        assert step["kind"] in FollowUpKind.values
        assert set(step["rules"]) <= set(RULES)
        assert len(step["say"].split()) <= 40, step["say"]


def test_no_text_is_said_twice_anywhere():
    said = Counter(plain(text) for _code, _place, _field, text in texts())
    assert not [text for text, times in said.items() if times > 1]
    of_types = {plain(row[name]) for row in TYPES.values() for name in ("first_step", "say", "evidence", "do_not_sign")}
    assert not said.keys() & (of_types - {""})


def test_a_number_stands_only_beside_a_rule_that_was_read():
    for code, place, field, text in texts():
        if not re.search(r"\d", NAMES.sub("", text)) or LAW.search(text):
            continue
        step = BOOKS[code]["steps"][place - 1]
        assert any(RULES[each]["confidence"] in {"L", "N"} for each in step["rules"]), (code, place, field, text)


def test_law_is_quoted_only_where_it_was_read():
    for code, place, field, text in texts():
        if not LAW.search(text):
            continue
        book = BOOKS[code]
        kept = [RULES[each] for each in book["steps"][place - 1]["rules"]] if place else []
        assert any(is_verified(row) for row in [*kept, TYPES[book["problem_type"]]]), (code, place, field, text)


def test_texts_fit_their_fields():
    for code, place, field, text in texts():
        model = PlaybookStep if place else Playbook
        longest = model._meta.get_field(field).max_length
        assert not longest or len(text) <= longest, (code, field)


def test_the_file_is_readable():
    raw = (settings.BASE_DIR / "cases/data/playbooks.json").read_text(encoding="utf-8")
    assert json.loads(raw)
    assert "\\u" not in raw


@pytest.fixture
def refused(case):
    """The case of the world, refused at the ER."""
    Case.objects.filter(pk=case.pk).update(problem_type=ProblemType.objects.get(code="A01"))
    case.refresh_from_db()
    return case


def step_of(code, position):
    return PlaybookStep.objects.get(playbook__code=code, position=position)


def test_the_playbook_follows_place_and_payer(world, refused):
    assert playbooks.choose(refused).code == "A01"
    refused.place = make_body("Puskesmas Wonokromo", "puskesmas")
    assert playbooks.choose(refused).code == "A01-puskesmas"
    full = ProblemType.objects.get(code="A03")
    assert playbooks.choose(refused, problem_type=full).code == "A03"
    PayerDecision.objects.create(case=refused, chosen=Payer.REGION, logged_at=timezone.now())
    assert playbooks.choose(refused, problem_type=full).code == "A03-region"


def test_a_case_without_a_problem_type_has_no_playbook(case):
    assert playbooks.choose(case) is None


def test_a_playbook_out_of_force_is_not_chosen(refused):
    yesterday = timezone.localdate() - timedelta(days=1)
    Playbook.objects.filter(code="A01").update(effective_to=yesterday)
    assert playbooks.choose(refused) is None


def test_taking_up_makes_one_follow_up_however_often(world, refused):
    now = timezone.now()
    step = step_of("A01", 2)
    first = playbooks.take_up(case=refused, step=step, by=world.relawan, now=now)
    assert (first.title, first.kind, first.owner) == (step.title, "call", world.relawan)
    assert first.due_at == now + AT_ONCE
    assert playbooks.take_up(case=refused, step=step, by=world.relawan, now=now) == first
    assert FollowUp.objects.filter(case=refused, title=step.title).count() == 1


def test_a_step_counts_from_the_event_it_waits_for(world, refused):
    now = timezone.now()
    step = step_of("A01", 5)
    waiting = playbooks.progress(refused, step.playbook, now=now).steps[4]
    assert waiting.due.is_waiting
    Event.objects.create(
        case=refused,
        type_id=_type("treated"),
        happened_at=now - timedelta(hours=4),
        logged_at=now,
        logged_by=world.relawan,
    )
    follow_up = playbooks.take_up(case=refused, step=step, by=world.relawan, now=now)
    assert follow_up.due_at == now + timedelta(hours=20)


def _type(code):
    return EventType.objects.get(code=code).pk


def test_a_cancelled_step_can_be_taken_up_anew_and_a_done_one_not(world, refused):
    step = step_of("A01", 1)
    first = playbooks.take_up(case=refused, step=step, by=world.relawan)
    follow_ups.cancel(follow_up=first, by=world.relawan, note="salah")
    assert playbooks.progress(refused, step.playbook).steps[0].is_free
    second = playbooks.take_up(case=refused, step=step, by=world.relawan)
    assert second != first
    follow_ups.finish(follow_up=second, by=world.relawan)
    assert playbooks.progress(refused, step.playbook).done == 1
    assert playbooks.take_up(case=refused, step=step, by=world.relawan).state == FollowUpState.DONE


def test_leaving_out_keeps_the_reason_in_the_timeline_once(world, refused):
    step = step_of("A01", 3)
    event = playbooks.skip(case=refused, step=step, reason="tidak diminta  uang", by=world.relawan)
    assert event.type.code == "note"
    assert "tidak diminta uang" in event.text
    assert playbooks.skip(case=refused, step=step, reason="lain", by=world.relawan) == event
    state = playbooks.progress(refused, step.playbook).steps[2]
    assert state.is_skipped
    assert state.reason == "tidak diminta uang"
    playbooks.take_up(case=refused, step=step, by=world.relawan)
    assert playbooks.progress(refused, step.playbook).steps[2].is_taken


def test_leaving_out_needs_a_reason_and_a_free_step(world, refused):
    step = step_of("A01", 1)
    with pytest.raises(Refused):
        playbooks.skip(case=refused, step=step, reason="  ", by=world.relawan)
    playbooks.take_up(case=refused, step=step, by=world.relawan)
    with pytest.raises(Refused):
        playbooks.skip(case=refused, step=step, reason="sudah", by=world.relawan)


def test_a_closed_case_takes_nothing_up(world, refused):
    closing.close(case=refused, outcome=Outcome.objects.get(code="rights_met"), note="", by=world.relawan)
    with pytest.raises(CaseIsClosed):
        playbooks.take_up(case=refused, step=step_of("A01", 1), by=world.relawan)
    with pytest.raises(CaseIsClosed):
        playbooks.skip(case=refused, step=step_of("A01", 1), reason="tutup", by=world.relawan)


def test_progress_takes_a_fixed_number_of_statements(world, refused, django_assert_num_queries):
    for position in (1, 2, 3):
        playbooks.take_up(case=refused, step=step_of("A01", position), by=world.relawan)
    book = Playbook.objects.get(code="A01")
    with django_assert_num_queries(5):
        playbooks.progress(refused, book)


# Pages


def test_from_home_to_a_playbook_in_two_taps(world, as_user):
    browser = as_user(world.relawan)
    assert reverse("cases:playbooks") in browser.get("/").content.decode()
    page = browser.get(reverse("cases:playbooks"))
    body = page.content.decode()
    assert all(reverse("cases:playbook", args=[code]) in body for code in BOOKS)
    assert reverse("cases:do-not-sign") in body
    assert len(page.content) <= 20_000


@pytest.mark.parametrize("code", sorted(BOOKS))
def test_every_playbook_can_be_read_without_a_case(world, as_user, code):
    page = as_user(world.relawan).get(reverse("cases:playbook", args=[code]))
    body = page.content.decode()
    assert page.status_code == 200
    assert "Usulan praktik" in body
    assert "Jadikan tindak lanjut" not in body
    assert len(page.content) <= 20_000
    unverified = any(not is_verified(RULES[each]) for step in BOOKS[code]["steps"] for each in step["rules"])
    if unverified:
        assert "Belum diverifikasi" in body


def test_a_reader_of_english_reads_english(world, as_user):
    world.relawan.language = "en"
    world.relawan.save()
    body = as_user(world.relawan).get(reverse("cases:playbook", args=["A01"]), headers={"accept-language": "en"})
    with translation.override("en"):
        assert BOOKS["A01"]["steps"][0]["title_en"] in body.content.decode()


def test_the_card_of_the_night(world, as_user):
    page = as_user(world.relawan).get(reverse("cases:do-not-sign"))
    assert "Jangan tanda tangan dulu" in page.content.decode()
    assert len(page.content) <= 20_000


def test_an_unknown_playbook_is_a_404(world, as_user):
    assert as_user(world.relawan).get(reverse("cases:playbook", args=["Z99"])).status_code == 404


def test_nobody_reads_without_signing_in(client, world):
    for name, args in [("playbooks", []), ("do-not-sign", []), ("playbook", ["A01"])]:
        assert client.get(reverse(f"cases:{name}", args=args)).status_code == 302


def url(case):
    return reverse("cases:case-playbook", args=[case.uuid])


def test_on_a_case_a_step_is_taken_up_in_one_tap(world, refused, as_user):
    browser = as_user(world.relawan)
    assert url(refused) in browser.get(reverse("cases:case-detail", args=[refused.uuid])).content.decode()
    page = browser.get(url(refused))
    assert "Jadikan tindak lanjut" in page.content.decode()
    assert len(page.content) <= 20_000
    answer = browser.post(url(refused), {"act": "take", "playbook": "A01", "step": 2}, follow=True)
    assert answer.redirect_chain[0][0].endswith("?panduan=A01#langkah-2")
    assert "Jadi rencana:" in answer.content.decode()
    assert refused.follow_ups.filter(title=BOOKS["A01"]["steps"][1]["title"]).count() == 1
    assert AccessLog.objects.filter(user=world.relawan, action=AccessLog.Action.OPEN, object_uuid=refused.uuid).exists()


def test_leaving_out_without_a_reason_says_what_to_do_and_with_one_marks_the_step(world, refused, as_user):
    browser = as_user(world.relawan)
    empty = browser.post(url(refused), {"act": "skip", "playbook": "A01", "step": 3, "reason": " "})
    assert empty.status_code == 409
    assert "Tulis alasan langkah ini dilewati." in empty.content.decode()
    said = browser.post(url(refused), {"act": "skip", "playbook": "A01", "step": 3, "reason": "tak perlu"}, follow=True)
    assert "Dilewati" in said.content.decode()
    assert "tak perlu" in said.content.decode()


@pytest.mark.parametrize(
    "posted", [{}, {"playbook": "Z99", "step": 1}, {"playbook": "A01", "step": "x"}, {"playbook": "A01", "step": 99}]
)
def test_a_step_that_is_nowhere_is_a_404(world, refused, as_user, posted):
    assert as_user(world.relawan).post(url(refused), {"act": "take", **posted}).status_code == 404


def test_what_is_not_yours_is_a_404_and_a_reader_takes_nothing_up(world, refused, as_user):
    assert as_user(world.outsider).get(url(refused)).status_code == 404
    assert as_user(world.outsider).post(url(refused), {"act": "take", "playbook": "A01", "step": 1}).status_code == 404
    assert not refused.follow_ups.filter(title=BOOKS["A01"]["steps"][0]["title"]).exists()


def test_a_case_without_a_type_offers_all_playbooks(world, case, as_user):
    body = as_user(world.relawan).get(url(case)).content.decode()
    assert "?panduan=A01" in body
    assert "Masalahnya yang mana?" in body
    assert "Jadikan tindak lanjut" in as_user(world.relawan).get(url(case) + "?panduan=A01").content.decode()
    assert as_user(world.relawan).get(url(case) + "?panduan=Z99").status_code == 404


def test_the_other_problems_of_a_case_are_one_tap_away(world, refused, as_user):
    refused.problem_types.set(ProblemType.objects.filter(code__in=["A01", "B02"]))
    assert "?panduan=B02" in as_user(world.relawan).get(url(refused)).content.decode()


def test_a_restricted_case_stays_closed_to_others(world, refused, as_user):
    other = make_case(desk=world.desk, by=world.relawan, is_restricted=True)
    assert as_user(world.outsider).get(url(other)).status_code == 404
