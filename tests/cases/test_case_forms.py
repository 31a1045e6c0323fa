"""The forms of a case, as a phone without JavaScript sends them."""

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, EventType, Outcome, ProblemType
from cases.rules.codes import FollowUpState, HandOverState, Status
from cases.services import carrying, closing, editing, facts, follow_ups
from members.models import AccessLog, Body
from tests.factories import make_case

pytestmark = pytest.mark.django_db


def url(name, row, *args):
    return reverse(f"cases:{name}", args=[row.uuid, *args])


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def inputs(response):
    """What the form of a page would send if nothing were touched."""
    page = response.content.decode()
    page = page[page.index("<main") :]
    form = {}
    for tag in re.findall(r"<input [^>]*>", page):
        kept = dict(re.findall(r'([a-z_-]+)="([^"]*)"', tag))
        if kept.get("type") in {"radio", "checkbox"} and " checked" not in tag:
            continue
        if "name" in kept:
            form.setdefault(kept["name"], []).append(kept.get("value", "").replace("&quot;", '"'))
    for name, body in re.findall(r'<textarea [^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', page, re.DOTALL):
        form[name] = [body.strip()]
    for name, body in re.findall(r'<select [^>]*name="([^"]*)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', body)
        form[name] = [chosen[1] if chosen else ""]
    form.pop("csrfmiddlewaretoken", None)
    return form


@pytest.fixture
def plan(world, case):
    return follow_ups.schedule(
        case=case,
        title="Minta hasil triase",
        due_at=timezone.now() + timedelta(hours=3),
        owner=world.relawan,
        by=world.relawan,
    )


@pytest.fixture
def mine(as_user, world):
    return as_user(world.relawan)


# A fact


def test_a_chip_and_one_sentence(mine, case):
    key = uuid4()
    sent = {"type": "refused", "text": "Loket menolak.", "submit_key": key}
    for _tap in range(2):
        answer = mine.post(url("event-add", case, "baru"), sent)
        assert answer["Location"] == url("case-detail", case) + "#perjalanan"
    event = case.events.get(type__code="refused")
    assert event.text == "Loket menolak."
    page = mine.get(url("case-detail", case)).content.decode()
    assert url("event-correct", event) in page  # the toast's "Koreksi"


def test_no_sentence_is_fine_but_for_a_note(mine, case):
    mine.post(url("event-add", case, "refused"), {})
    assert case.events.filter(type__code="refused").exists()
    answer = mine.post(url("event-add", case, "note"), {})
    assert "Tulis apa yang perlu diingat." in text_of(answer)
    assert "<title>Periksa lagi:" in answer.content.decode()


def test_no_chip_chosen(mine, case):
    assert mine.post(url("event-add", case, "baru"), {"text": "Apa ya"}).status_code == 302
    assert mine.get(url("event-add", case, "baru")).status_code == 302
    assert "Pilih apa yang terjadi." in text_of(mine.get(url("case-detail", case)))


def test_no_such_chip(mine, case):
    assert mine.get(url("event-add", case, "assigned")).status_code == 404
    assert mine.post(url("event-add", case, "assigned"), {}).status_code == 404
    assert mine.get(url("event-add", case, "tidak-ada")).status_code == 404


def test_when_where_and_with_whom(mine, case):
    yesterday = timezone.localdate() - timedelta(days=1)
    mine.post(
        url("event-add", case, "refused"),
        {"on": f"{yesterday:%d-%m-%Y}", "hour": "23.47", "where": "RS Harapan", "counterpart": "Bu Tini"},
    )
    event = case.events.get(type__code="refused")
    there = timezone.localtime(event.happened_at)
    assert (there.date(), there.hour, there.minute) == (yesterday, 23, 47)
    assert (event.body, event.counterpart) == (Body.objects.get(name="RS Harapan"), "Bu Tini")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"on": "31-02-2026"}, "Tanggal ini tidak ada."),
        ({"on": "besok"}, "Tanggal ini tidak ada."),
        ({"hour": "25.00"}, "Tulis jamnya seperti 14.30."),
        ({"on": "01-01-1900"}, "Ini sudah lama sekali. Periksa tahunnya."),
        ({"on": "0001-01-01", "hour": "00.00"}, "Ini sudah lama sekali."),
        ({"on": "01-01-2099"}, "Waktu ini belum terjadi."),
        ({"text": "a" * 4001}, "Terlalu panjang. Paling banyak 4000 huruf."),
    ],
)
def test_impossible_answers_are_said_kindly_and_nothing_is_lost(mine, case, given, words):
    answer = mine.post(url("event-add", case, "refused"), {"text": "Loket menolak.", **given})
    assert answer.status_code == 200
    assert words in text_of(answer)
    assert 'id="galat"' in answer.content.decode()
    assert next(iter(given.values()))[:50] in answer.content.decode()
    assert not case.events.filter(type__code="refused").exists()


def test_it_may_finish_what_was_planned_and_plan_to_look_again(mine, case, plan):
    page = mine.get(url("event-add", case, "promised")).content.decode()
    assert "Minta hasil triase" in page
    mine.post(url("event-add", case, "promised"), {"done": [str(plan.uuid)], "again": "tomorrow"})
    plan.refresh_from_db()
    assert plan.state == FollowUpState.DONE
    assert case.follow_ups.open().get().title == "Tanya lagi ke RSUD Cempaka Raya"


def test_a_plan_of_another_case_is_not_finished_here(mine, world, case, plan):
    other = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan)
    answer = mine.post(url("event-add", other, "promised"), {"done": [str(plan.uuid)]})
    assert answer.status_code in {200, 302}
    plan.refresh_from_db()
    assert plan.state == FollowUpState.OPEN


def test_death_is_asked_once_more_with_what_was_typed(mine, case):
    asked = mine.post(url("event-add", case, "baru"), {"type": "died", "text": "Di ICU, subuh."})
    assert asked.status_code == 200
    assert "Anda akan mencatat bahwa pasien meninggal." in text_of(asked)
    assert "Di ICU, subuh." in text_of(asked)
    assert Case.objects.get(pk=case.pk).died_at is None
    mine.post(url("event-add", case, "died"), {**inputs(asked)})
    assert Case.objects.get(pk=case.pk).died_at
    assert case.events.get(type__code="died").text == "Di ICU, subuh."


def test_a_closed_case_says_the_way_out(mine, world, case):
    page = mine.get(url("event-add", case, "refused"))
    closing.close(case=case, outcome=Outcome.objects.first(), by=world.koordinator)
    answer = mine.post(url("event-add", case, "refused"), {**inputs(page), "text": "Ditolak lagi."})
    assert answer.status_code == 409
    assert "Kasus ini sudah ditutup" in text_of(answer)
    assert url("reopen", case) in answer.content.decode()
    assert "Ditolak lagi." in answer.content.decode()


def test_a_correction_keeps_the_first_words(mine, world, case):
    event = facts.tell(case=case, type=EventType.objects.get(code="refused"), by=world.relawan, text="Loket menolak.")
    page = mine.get(url("event-correct", event))
    assert "Loket menolak." in text_of(page)
    answer = mine.post(url("event-correct", event), inputs(page))
    assert "Belum ada yang diubah." in text_of(answer)
    mine.post(url("event-correct", event), {**inputs(page), "text": "Satpam menolak."})
    shown = text_of(mine.get(url("case-detail", case)))
    assert "Satpam menolak." in shown and "Loket menolak." in shown and "Semula:" in shown


def test_system_lines_have_no_correction(mine, case):
    assert mine.get(url("event-correct", case.events.get(type__code="opened"))).status_code == 404


# Plans


def test_a_plan_in_one_tap(mine, world, case):
    page = mine.get(url("follow-up-add", case))
    sent = {**inputs(page), "title": "Telepon IGD", "when": "1h"}
    for _tap in range(2):
        assert mine.post(url("follow-up-add", case), sent).status_code == 302
    row = case.follow_ups.get()
    assert (row.title, row.owner, row.due_is_day) == ("Telepon IGD", world.relawan, False)


def test_a_plan_by_a_day_or_a_moment_and_for_the_coordinators(mine, case):
    day = timezone.localdate() + timedelta(days=3)
    add = url("follow-up-add", case)
    mine.post(add, {"title": "Surat", "day": f"{day:%d-%m-%Y}", "owner": "desk"})
    mine.post(add, {"title": "Telepon", "day": f"{day:%Y-%m-%d}", "hour": "09.30", "when": "1h"})
    by_day, by_hour = case.follow_ups.get(title="Surat"), case.follow_ups.get(title="Telepon")
    assert (by_day.owner, by_day.due_is_day) == (None, True)
    there = timezone.localtime(by_hour.due_at)
    assert (there.date(), there.hour, there.minute) == (day, 9, 30)  # typing a day took more work than the chip


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"title": "", "when": "1h"}, "Tulis apa yang harus dikerjakan."),
        ({"title": "Surat"}, "Pilih sampai kapan."),
        ({"title": "Surat", "hour": "09.00"}, "Pilih tanggalnya."),
        ({"title": "Surat", "day": "2020-01-01"}, "Waktu ini sudah lewat."),
        ({"title": "Surat", "day": "2099-01-01"}, "Ini terlalu jauh ke depan."),
        ({"title": "Surat", "day": "30-02-2027"}, "Tanggal ini tidak ada."),
        ({"title": "Surat", "when": "kapan-kapan"}, ""),
        ({"title": "s" * 161, "when": "1h"}, "Terlalu panjang."),
    ],
)
def test_a_plan_that_means_nothing_is_asked_again(mine, case, given, words):
    answer = mine.post(url("follow-up-add", case), given)
    assert answer.status_code == 200
    assert words in text_of(answer)
    assert not case.follow_ups.exists()


def test_done_in_one_tap_and_taken_back(mine, case, plan):
    done = mine.post(url("follow-up-finish", plan), HTTP_REFERER="http://testserver/")
    assert done["Location"] == "http://testserver/"  # back to the list it was pressed on
    undo = url("follow-up-undo", plan)
    assert f'action="{undo}"' in mine.get("/").content.decode()
    plan.refresh_from_db()
    assert plan.state == FollowUpState.DONE
    assert mine.post(undo)["Location"] == url("case-detail", case) + "#rencana"
    plan.refresh_from_db()
    assert plan.state == FollowUpState.OPEN
    assert mine.get(undo).status_code == 405


def test_done_never_leads_to_another_site(mine, case, plan):
    done = mine.post(url("follow-up-finish", plan), HTTP_REFERER="https://jahat.example/")
    assert done["Location"] == url("case-detail", case) + "#rencana"


def test_done_with_its_result_and_the_next_step(mine, case, plan):
    page = mine.get(url("follow-up-finish", plan))
    sent = {**inputs(page), "note": "Surat triase diterima.", "title": "Antar ke loket", "when": "tomorrow"}
    for _tap in range(2):
        mine.post(url("follow-up-finish", plan), sent)
    assert case.follow_ups.open().get().title == "Antar ke loket"
    assert "Surat triase diterima." in text_of(mine.get(url("case-detail", case)))


def test_a_next_step_without_a_moment_finishes_nothing(mine, plan):
    answer = mine.post(url("follow-up-finish", plan), {"title": "Antar ke loket"})
    assert "Pilih sampai kapan." in text_of(answer)
    plan.refresh_from_db()
    assert plan.state == FollowUpState.OPEN


def test_quiet_for_an_hour_or_until_a_day(mine, plan):
    mine.post(url("follow-up-snooze", plan), {"when": "1h"})
    plan.refresh_from_db()
    assert timedelta(minutes=59) < plan.snoozed_until - timezone.now() <= timedelta(hours=1)
    assert "Pilih sampai kapan." in text_of(mine.post(url("follow-up-snooze", plan), {}))


def test_cancelled_only_with_a_reason(mine, plan):
    assert "Tulis alasannya" in text_of(mine.post(url("follow-up-cancel", plan), {"note": " "}))
    mine.post(url("follow-up-cancel", plan), {"note": "Sudah dijemput."})
    plan.refresh_from_db()
    assert (plan.state, plan.end_note) == (FollowUpState.CANCELLED, "Sudah dijemput.")


def test_a_plan_is_moved_by_a_chip_or_a_day(mine, plan):
    page = mine.get(url("follow-up-edit", plan))
    mine.post(url("follow-up-edit", plan), {**inputs(page), "when": "tomorrow"})
    plan.refresh_from_db()
    assert timezone.localtime(plan.due_at).hour == 8
    page = mine.get(url("follow-up-edit", plan))
    mine.post(url("follow-up-edit", plan), {**inputs(page), "title": "Minta triase tertulis", "hour": ""})
    plan.refresh_from_db()
    assert (plan.title, plan.due_is_day) == ("Minta triase tertulis", True)


def test_an_ended_plan_can_be_opened_again(mine, world, plan):
    follow_ups.finish(follow_up=plan, by=world.relawan, note="Sudah.")
    page = mine.get(url("follow-up-edit", plan)).content.decode()
    assert "Buka lagi rencana ini" in page and 'name="title"' not in page


# Two people


def test_a_plan_moved_by_two_is_asked_once(mine, world, case, plan):
    page = mine.get(url("follow-up-edit", plan))
    follow_ups.move(
        follow_up=plan, due_at=plan.due_at, title="Minta triase ke dr. F", owner=world.relawan2, by=world.koordinator
    )
    sent = {**inputs(page), "title": "Minta triase di IGD", "when": "tomorrow"}
    asked = mine.post(url("follow-up-edit", plan), sent)
    assert asked.status_code == 409
    said = text_of(asked)
    assert "Minta triase ke dr. F" in said and "Minta triase di IGD" in said
    assert "Tugas siapa?" not in said  # only they touched it
    mine.post(url("follow-up-edit", plan), {**inputs(asked), "pick_title": "mine"})
    plan.refresh_from_db()
    assert (plan.title, plan.owner) == ("Minta triase di IGD", world.relawan2)
    assert timezone.localtime(plan.due_at).hour == 8


@pytest.fixture
def opened(mine, case):
    """The edit form as the relawan has it open."""
    return inputs(mine.get(url("case-edit", case)))


def by_coordinator(case, world, **changes):
    fresh = Case.objects.get(pk=case.pk)
    editing.edit(case=fresh, changes=changes, version=fresh.version, by=world.koordinator)


def test_nothing_touched_nothing_saved(mine, case, opened):
    before = case.events.count()
    assert mine.post(url("case-edit", case), opened).status_code == 302
    assert case.events.count() == before


def test_every_field_is_saved(mine, world, case, opened):
    types = list(ProblemType.objects.all()[:3])
    day = date.today() - timedelta(days=4)
    mine.post(
        url("case-edit", case),
        {
            **opened,
            "title": "IGD meminta deposit",
            "story": "Baris satu.\r\nBaris dua.",
            "urgency": "emergency",
            "problem_type": types[0].pk,
            "problem_types": [row.pk for row in types],
            "place": "RS Harapan Baru",
            "place_note": "Lantai 2",
            "whereabouts": "facility",
            "region": "Kota Surabaya",
            "channel": "call",
            "membership": "member",
            "occurred_text": "Rabu sore",
            "occurred_on": f"{day:%d-%m-%Y}",
            "occurred_hour": "16.30",
            "diagnosis": "Sesak napas",
        },
    )
    saved = Case.objects.get(pk=case.pk)
    assert (saved.title, saved.urgency, saved.place.name) == ("IGD meminta deposit", "emergency", "RS Harapan Baru")
    assert (saved.region.name, saved.channel, saved.membership) == ("Kota Surabaya", "call", "member")
    assert (saved.problem_type, set(saved.problem_types.all())) == (types[0], set(types))
    assert timezone.localtime(saved.occurred_at).strftime("%H.%M") == "16.30"
    assert (saved.occurred_text, saved.diagnosis, saved.whereabouts) == ("Rabu sore", "Sesak napas", "facility")
    shown = text_of(mine.get(url("case-detail", case)))
    assert "Rabu sore" in shown and "Sesak napas" in shown and "Lantai 2" in shown
    assert "Ubah" in shown


def test_the_diagnosis_is_asked_only_where_names_are_open(as_user, world, case):
    editing.edit(case=case, changes={"diagnosis": "Gagal ginjal"}, version=case.version, by=world.relawan)
    client = as_user(world.koordinator)
    for name in ("case-edit", "case-detail"):
        assert "Gagal ginjal" not in client.get(url(name, case)).content.decode()
    page = inputs(client.get(url("case-edit", case)))
    client.post(url("case-edit", case), {**page, "title": "Judul baru", "diagnosis": "lain"})
    assert Case.objects.get(pk=case.pk).diagnosis == "Gagal ginjal"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"title": " "}, "Tulis inti masalahnya dalam satu baris."),
        ({"story": ""}, "Tulis apa yang terjadi. Satu kalimat cukup."),
        ({"region": "Negeri Awan"}, "Nama kabupaten atau kota ini tidak ditemukan."),
        ({"region": "Kabupaten Be"}, "Tulis lengkap:"),
        ({"occurred_on": "31-02-2026"}, "Tanggal ini tidak ada."),
        ({"occurred_on": "2099-01-01"}, "Waktu ini belum terjadi."),
        ({"occurred_hour": "14.30", "occurred_on": ""}, "Pilih tanggalnya."),
    ],
)
def test_what_cannot_be_is_asked_again(mine, case, opened, given, words):
    answer = mine.post(url("case-edit", case), {**opened, "place_note": "Lantai 9", **given})
    assert answer.status_code == 200
    assert words in text_of(answer)
    assert "Lantai 9" in answer.content.decode()


def test_what_the_other_did_not_touch_is_joined_without_asking(mine, world, case, opened):
    by_coordinator(case, world, urgency="emergency", place_note="Lantai 1")
    answer = mine.post(url("case-edit", case), {**opened, "title": "IGD meminta deposit"})
    assert answer.status_code == 302
    saved = Case.objects.get(pk=case.pk)
    assert (saved.title, saved.urgency, saved.place_note) == ("IGD meminta deposit", "emergency", "Lantai 1")
    assert "bersama perubahan orang lain" in text_of(mine.get(url("case-detail", case)))


def test_a_fact_told_meanwhile_is_no_quarrel(mine, world, case, opened):
    facts.tell(case=case, type=EventType.objects.get(code="refused"), by=world.koordinator, text="Menolak.")
    assert mine.post(url("case-edit", case), {**opened, "title": "IGD meminta deposit"}).status_code == 302


@pytest.mark.parametrize(("pick", "kept"), [("mine", "Punya saya"), ("theirs", "Punya koordinator")])
def test_what_both_changed_is_chosen_by_one_tap(mine, world, case, opened, pick, kept):
    by_coordinator(case, world, title="Punya koordinator", urgency="emergency")
    asked = mine.post(url("case-edit", case), {**opened, "title": "Punya saya", "place_note": "Lantai 2"})
    assert asked.status_code == 409
    said = text_of(asked)
    assert "Punya saya" in said and "Punya koordinator" in said and "Kartika" in said
    assert asked.content.decode().count("<fieldset") == 1  # only the field that both changed
    mine.post(url("case-edit", case), {**inputs(asked), "pick_title": pick})
    saved = Case.objects.get(pk=case.pk)
    assert (saved.title, saved.place_note, saved.urgency) == (kept, "Lantai 2", "emergency")


def test_of_two_stories_both_may_stay(mine, world, case, opened):
    by_coordinator(case, world, story="Kata koordinator.")
    asked = mine.post(url("case-edit", case), {**opened, "story": "Kata saya."})
    mine.post(url("case-edit", case), {**inputs(asked), "pick_story": "both"})
    assert Case.objects.get(pk=case.pk).story == "Kata koordinator. Kata saya."


def test_without_a_choice_it_is_asked_again(mine, world, case, opened):
    by_coordinator(case, world, title="Punya koordinator")
    asked = mine.post(url("case-edit", case), {**opened, "title": "Punya saya"})
    again = mine.post(url("case-edit", case), inputs(asked))
    assert again.status_code == 409
    assert "Pilih satu untuk: Dalam satu baris" in text_of(again)
    mine.post(url("case-edit", case), {**inputs(again), "pick_title": "mine"})
    assert Case.objects.get(pk=case.pk).title == "Punya saya"


def test_saved_a_third_time_meanwhile_it_is_asked_once_more(mine, world, case, opened):
    by_coordinator(case, world, title="Pertama")
    asked = mine.post(url("case-edit", case), {**opened, "title": "Punya saya"})
    by_coordinator(case, world, title="Kedua")
    again = mine.post(url("case-edit", case), {**inputs(asked), "pick_title": "mine"})
    assert again.status_code == 409
    assert "Kedua" in text_of(again)
    assert Case.objects.get(pk=case.pk).title == "Kedua"


def test_extra_fields_change_nothing(mine, case, opened):
    mine.post(
        url("case-edit", case),
        {**opened, "assignee": "1", "status": "closed", "desk": "1", "version": "99", "is_restricted": "on"},
    )
    saved = Case.objects.get(pk=case.pk)
    assert (saved.status, saved.desk, saved.is_restricted) == (case.status, case.desk, False)


# Giving and closing


def test_assigned_with_the_load_in_sight(as_user, world, case):
    world.koordinator.is_resting = True
    world.koordinator.save()
    client = as_user(world.koordinator)
    page = client.get(url("assign", case))
    said = text_of(page)
    assert "Yoga Pratama 0 kasus" in said and "sedang istirahat" in said
    client.post(url("assign", case), {**inputs(page), "to": str(world.relawan2.uuid)})
    assert Case.objects.get(pk=case.pk).assignee == world.relawan2


def test_given_by_somebody_else_meanwhile(as_user, world, case):
    client = as_user(world.koordinator)
    page = client.get(url("assign", case))
    carrying.assign(case=case, to=world.relawan2, by=world.koordinator_atas)
    sent = {**inputs(page), "to": str(world.koordinator.uuid)}
    asked = client.post(url("assign", case), sent)
    assert asked.status_code == 409
    assert "Yoga" in text_of(asked)
    client.post(url("assign", case), {**inputs(asked), "to": str(world.koordinator.uuid)})
    assert Case.objects.get(pk=case.pk).assignee == world.koordinator


def test_back_to_nobody(as_user, world, case):
    client = as_user(world.koordinator)
    page = client.get(url("assign", case))
    client.post(url("assign", case), {**inputs(page), "to": "nobody"})
    assert Case.objects.get(pk=case.pk).assignee is None


def test_a_relawan_assigns_nobody(mine, case):
    assert mine.get(url("assign", case)).status_code == 404


def test_somebody_of_another_desk_is_found_and_offered_the_case(mine, world, case):
    page = mine.get(url("handover-offer", case))
    assert "Tono" not in text_of(page)
    found = mine.post(url("handover-offer", case), {**inputs(page), "words": "tono", "search": "1", "next_step": ""})
    assert found.status_code == 200
    assert "Tono Kusuma" in text_of(found)
    assert 'id="galat"' not in found.content.decode()
    assert 'name="move_desk"' not in found.content.decode()  # that is for the coordinator
    sent = {**inputs(found), "to": str(world.outsider.uuid), "next_step": "Telepon IGD"}
    refused = mine.post(url("handover-offer", case), sent)  # outside the unit only with consent, or with a reason
    assert refused.status_code == 409
    assert "persetujuan" in text_of(refused)
    mine.post(url("handover-offer", case), {**sent, "without_consent": "on", "reason": "Malam ini juga"})
    assert case.handovers.get().to_user == world.outsider


def test_a_coordinator_may_move_the_desk_with_it(as_user, world, case):
    client = as_user(world.koordinator)
    sent = {
        "words": "tono",
        "to": str(world.outsider.uuid),
        "next_step": "Telepon IGD",
        "move_desk": "on",
        "without_consent": "on",
        "reason": "Pasien pindah kota",
    }
    client.post(url("handover-offer", case), sent)
    assert case.handovers.get().to_desk == world.other_desk


def test_an_offer_without_a_name_or_a_step(mine, case):
    said = text_of(mine.post(url("handover-offer", case), {}))
    assert "Pilih orangnya." in said and "Tulis langkah berikutnya untuk penerima." in said


def test_only_sender_and_coordinator_take_an_offer_back(as_user, world, case):
    offer = carrying.offer(case=case, to=world.relawan2, next_step="Telepon", by=world.relawan)
    as_user(world.relawan2).post(url("handover-withdraw", offer))
    offer.refresh_from_db()
    assert offer.state == HandOverState.OFFERED
    as_user(world.koordinator).post(url("handover-withdraw", offer))
    offer.refresh_from_db()
    assert offer.state == HandOverState.WITHDRAWN


def test_an_offer_of_a_case_one_may_not_see_does_not_exist(as_user, world, case):
    offer = carrying.offer(case=case, to=world.relawan2, next_step="Telepon", by=world.relawan)
    client = as_user(world.outsider)
    for name in ("handover-accept", "handover-decline", "handover-withdraw"):
        assert client.post(url(name, offer)).status_code == 404


def test_somebody_was_faster(as_user, world):
    case = make_case(desk=world.desk, by=world.koordinator)
    client = as_user(world.koordinator)
    carrying.take(case=case, by=world.relawan)
    answer = client.post(url("take", case), follow=True)
    assert "Kasus ini sudah dipegang orang lain." in text_of(answer)


def test_check_before_closing(mine, world, case, plan):
    outcome = Outcome.objects.get(code="rights_met")
    assert "Pilih bagaimana akhirnya." in text_of(mine.post(url("close", case), {"step": "check"}))
    check = mine.post(url("close", case), {"step": "check", "outcome": outcome.code, "note": "Dirawat."})
    said = text_of(check)
    assert "Sudah benar?" in said and "Hak terpenuhi" in said and "Dirawat." in said and plan.title in said
    assert Case.objects.get(pk=case.pk).is_open
    change = mine.post(url("close", case), {**inputs(check), "step": "change"})
    assert inputs(change)["outcome"] == [outcome.code]
    assert "Dirawat." in change.content.decode()
    mine.post(url("close", case), {**inputs(check), "step": "close"})
    assert Case.objects.get(pk=case.pk).outcome == outcome


def test_what_was_written_meanwhile_is_shown_before_closing(mine, world, case):
    check = mine.post(url("close", case), {"step": "check", "outcome": "rights_met"})
    facts.tell(case=case, type=EventType.objects.get(code="refused"), by=world.koordinator, text="Ditolak lagi!")
    asked = mine.post(url("close", case), {**inputs(check), "step": "close"})
    assert asked.status_code == 409
    assert "Ditolak lagi!" in text_of(asked)
    mine.post(url("close", case), {**inputs(asked), "step": "close"})
    assert Case.objects.get(pk=case.pk).status == Status.CLOSED


def test_closed_already(mine, world, case):
    check = mine.post(url("close", case), {"step": "check", "outcome": "rights_met"})
    closing.close(case=case, outcome=Outcome.objects.get(code="void"), by=world.koordinator)
    answer = mine.post(url("close", case), {**inputs(check), "step": "close"})
    assert "Kasus ini sudah ditutup." in text_of(answer)
    assert Case.objects.get(pk=case.pk).outcome.code == "void"


def test_opened_again_with_a_reason(mine, world, case):
    closing.close(case=case, outcome=Outcome.objects.first(), by=world.relawan)
    assert "dibuka lagi" in text_of(mine.post(url("reopen", case), {})).split("Periksa lagi")[1]
    mine.post(url("reopen", case), {"reason": "Ditagih lagi."})
    assert Case.objects.get(pk=case.pk).is_open


# Versions


def test_versions_side_by_side(mine, world, case):
    key = str(uuid4())
    for text, source in (("21.26", "Adik pasien"), ("22.05", "Loket IGD")):
        mine.post(url("claims", case), {"topic": "Jam tiba", "text": text, "source": source})
    for _tap in range(2):
        mine.post(url("claims", case), {"topic": "Uang", "text": "3 juta", "source": "Adik", "submit_key": key})
    page = mine.get(url("claims", case))
    said = text_of(page)
    assert said.index("Jam tiba") < said.index("3 juta")  # those that differ stand first
    assert "Versinya berbeda" in said and case.claims.count() == 3
    more = mine.get(url("claims", case) + f"?pokok={case.claims.first().uuid}")
    assert 'value="Jam tiba"' in more.content.decode()


def test_a_version_needs_its_source(mine, case):
    answer = mine.post(url("claims", case), {"topic": "Jam tiba", "text": "21.26"})
    assert "Tulis siapa yang berkata begitu." in text_of(answer)
    tomorrow = timezone.localdate() + timedelta(days=2)
    late = {"topic": "Jam tiba", "text": "21.26", "source": "Adik", "stated_on": f"{tomorrow}"}
    assert "Waktu ini belum terjadi." in text_of(mine.post(url("claims", case), late))
    assert not case.claims.exists()


def test_who_may_only_look_reads_versions_and_adds_none(as_user, world, case):
    carrying.offer(
        case=case,
        to=world.outsider,
        without_consent=True,
        reason="Malam ini juga",
        next_step="Telepon",
        by=world.relawan,
    )
    client = as_user(world.outsider)
    assert 'name="topic"' not in client.get(url("claims", case)).content.decode()
    sent = {"topic": "Jam tiba", "text": "21.26", "source": "Adik"}
    assert client.post(url("claims", case), sent).status_code == 404


# Gates


@pytest.fixture
def pages(case, plan):
    of_case = [
        "event-add",
        "follow-up-add",
        "case-edit",
        "handover-offer",
        "close",
        "reopen",
        "claims",
        "timeline",
    ]
    addresses = [url(name, case, *(["refused"] if name == "event-add" else [])) for name in of_case]
    of_plan = ["edit", "finish", "snooze", "cancel"]
    return addresses + [url(f"follow-up-{name}", plan) for name in of_plan]


@pytest.mark.parametrize("who", ["outsider", "pimpinan", "admin_federasi", "superuser", "outside_koordinator"])
def test_nothing_of_it_exists_for_others(as_user, world, pages, who):
    client = as_user(getattr(world, who))
    for address in pages:
        assert client.get(address).status_code == 404, address
        assert client.post(address, {"title": "x", "when": "1h"}).status_code in {404, 405}, address


def test_who_may_only_look_writes_nothing(as_user, world, case, pages):
    carrying.offer(
        case=case,
        to=world.outsider,
        without_consent=True,
        reason="Malam ini juga",
        next_step="Telepon",
        by=world.relawan,
    )
    client = as_user(world.outsider)
    for address in pages:
        if address in {url("claims", case), url("timeline", case)}:
            continue
        assert client.get(address).status_code == 404, address
        assert client.post(address, {"title": "x", "when": "1h"}).status_code == 404, address


def test_pages_that_show_the_case_leave_a_row(mine, case, pages):
    shown = {url("case-edit", case), url("claims", case), url("timeline", case)}
    for address in pages:
        before = AccessLog.objects.count()
        assert mine.get(address).status_code == 200, address
        assert AccessLog.objects.count() - before == (1 if address in shown else 0), address
