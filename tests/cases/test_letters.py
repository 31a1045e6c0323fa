"""Letters: composed without names and without unread law, sent, answered, silent; printed; in reach and out of it."""

import json
import re
from datetime import UTC, datetime, timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from django.core.checks import Warning
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from cases import checks
from cases.models import Case, ContactChannel, EventType, Letter, ProblemType, Rule, Rung
from cases.reports import letters as report
from cases.rules.codes import EventCode, FollowUpKind, FollowUpState, PartyRole
from cases.rules.errors import CaseIsClosed, Refused
from cases.rules.letters import blanks, veil
from cases.rules.registers import LetterKind, LetterState, Reply
from cases.services import closing, facts, ladder, letters, parties
from members.models import AccessLog, Region
from members.reports import pdf
from tests.factories import make_body, make_case

pytestmark = pytest.mark.django_db


def url(name, row):
    return reverse(f"cases:{name}", args=[row.uuid])


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def with_type(case, code):
    kind = ProblemType.objects.get(code=code)
    Case.objects.filter(pk=case.pk).update(problem_type=kind)
    case.problem_types.add(kind)
    case.refresh_from_db()
    return case


def tell(case, code, text="", **given):
    return facts.tell(case=case, type=EventType.objects.get(code=code), by=case.assignee, text=text, **given)


@pytest.fixture
def refused(case):
    """The case of the world: Siti Rahmawati was turned away at the ER, with an illness told."""
    case.diagnosis = "Talasemia mayor"
    case.save()
    return with_type(case, "A01")


@pytest.fixture
def letter(refused, world):
    return letters.write(
        case=refused,
        kind=LetterKind.COMPLAINT,
        office="Dinas Kesehatan Kab. Sidoarjo",
        text="Kami mohon.",
        by=world.relawan,
    )


@pytest.fixture
def sent(letter, world):
    return letters.send(letter=letter, by=world.relawan, way="letter", at=timezone.now() - timedelta(days=3))


# What it says


def test_a_draft_tells_what_happened_day_by_day_without_names(refused):
    friday = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)  # 14.30 WIB
    tell(refused, "refused", "Kasir menolak Ibu Siti Rahmawati karena talasemia.", at=friday)
    tell(refused, "called", "Suami: 0812 3456 7890", at=friday + timedelta(days=1), counterpart="Pak Rahmawati")
    subject, text = letters.draft(refused, LetterKind.COMPLAINT, office="Dinas Kesehatan")
    assert subject == "Pengaduan: Ditolak IGD atau diminta uang muka"
    assert "mendampingi seorang pasien berinisial S.R. di RSUD Cempaka Raya" in text
    assert "Jumat, 20 November 2026\n- 14.30 Ditolak: Kasir menolak Ibu S.R. karena …." in text
    assert "Sabtu, 21 November 2026\n- 14.30" in text
    for secret in ("Siti", "Rahmawati", "alasemia", "0812", "7890"):
        assert secret not in text
    assert blanks(text) == 1  # until when they should answer


def test_a_draft_takes_the_corrected_words(refused):
    first = tell(refused, "refused", "Ditolak perawat.")
    facts.tell(case=refused, type=first.type, by=refused.assignee, text="Ditolak dokter jaga.", corrects=first)
    text = letters.draft(refused, LetterKind.COMPLAINT, office="x")[1]
    assert "Ditolak dokter jaga." in text and "Ditolak perawat." not in text


def test_an_undated_fact_stands_under_no_day(refused):
    tell(refused, "refused", "Lupa harinya.", details={"when_told": "waktu puasa"})
    assert "Hari belum diketahui\n- " in letters.draft(refused, LetterKind.COMPLAINT, office="x")[1]


def test_law_is_named_only_where_it_was_read(refused):
    def basis():
        return letters.draft(refused, LetterKind.COMPLAINT, office="x")[1]

    assert "UU 17/2023 pasal 174, 438" in basis()
    rule = Rule.objects.get(code="K01")
    for change in (
        {"confidence": "G"},
        {"confidence": "!"},
        {"confidence": "N", "legal_basis": ""},
        {"is_practice": True},
    ):
        Rule.objects.filter(pk=rule.pk).update(
            confidence="N", legal_basis="UU 17/2023 pasal 174, 438", is_practice=False
        )
        Rule.objects.filter(pk=rule.pk).update(**change)
        assert "174, 438" not in basis(), change
    # The type's own basis is read by the same measure.
    assert "UU 17/2023 pasal 174, 275, 438" in basis()
    ProblemType.objects.filter(code="A01").update(confidence="!")
    refused.refresh_from_db()
    assert "UU 17/2023" not in basis() and "Dasar:" not in basis()


def test_what_the_family_must_do_is_held_up_to_nobody(case):
    with_type(case, "B06")  # K02 and K03 are the family's
    text = letters.draft(case, LetterKind.COMPLAINT, office="x")[1]
    assert Rule.objects.get(code="K02").is_verified and "Berkas SEP" not in text and "Jaminan daerah diurus" not in text


def test_a_rule_that_no_longer_holds_is_not_cited(refused):
    Rule.objects.filter(code="K01").update(effective_to=timezone.localdate() - timedelta(days=1))
    assert "174, 438" not in letters.draft(refused, LetterKind.COMPLAINT, office="x")[1].replace("174, 275, 438", "")


@pytest.mark.parametrize("code", ["A01", "A03", "B04", "C05", "D03", "E02", "E04", "F03", "F04", "F08"])
def test_no_letter_cites_general_knowledge(case, code):
    with_type(case, code)
    text = letters.draft(case, LetterKind.COMPLAINT, office="x")[1]
    cited = text.partition("Dasar:")[2]
    for rule in Rule.objects.filter(code__in=case.problem_type.clocks).exclude(legal_basis=""):
        if not rule.is_verified:
            assert rule.legal_basis not in text
    assert "perlu dicek" not in cited


def test_a_whatsapp_text_says_no_words_of_anybody(refused):
    tell(refused, "refused", "Kasir Budi menolak, minta Rp5 juta.", counterpart="Budi")
    text = letters.whatsapp(refused, LetterKind.COMPLAINT, office="Dinas Kesehatan")
    assert refused.number in text and "Ditolak" in text and "RSUD Cempaka Raya" in text
    for secret in ("Siti", "S.R.", "Budi", "Rp5", "alasemia"):
        assert secret not in text


def test_a_restricted_case_does_not_say_what_it_is_about(refused):
    Case.objects.filter(pk=refused.pk).update(is_restricted=True, restriction="hiv")
    refused.refresh_from_db()
    assert "IGD" not in letters.whatsapp(refused, LetterKind.COMPLAINT, office="x").partition("Yang terjadi")[0]
    assert letters.draft(refused, LetterKind.COMPLAINT, office="x")[0] == "Pengaduan: pelayanan"


@pytest.mark.parametrize("kind", [kind for kind in LetterKind if kind != LetterKind.NOTICE])
def test_every_kind_has_words_of_its_own(refused, kind):
    subject, text = letters.draft(refused, kind, office="Polres")
    others = {
        letters.draft(refused, each, office="Polres")[1] for each in LetterKind if each not in {kind, LetterKind.NOTICE}
    }
    assert subject and text not in others


def test_names_are_veiled_whole_and_in_parts():
    assert (
        veil("Bu SITI, anak siti rahmawati, di Sitinjau", names=["Siti Rahmawati"]) == "Bu S., anak S.R., di Sitinjau"
    )
    assert veil("NIK 3515014107900001, HP ********7890", names=[]) == "NIK …, HP …"


# Sent, answered, no longer needed


def test_a_draft_is_no_fact_yet(letter):
    assert letter.state == LetterState.DRAFT
    assert not letter.case.events.facts().exists()
    assert not letter.case.follow_ups.open().exists()


def test_sending_tells_it_and_awaits_the_answer(letter, world):
    now = timezone.now()
    done = letters.send(letter=letter, by=world.relawan, way="visit", their_reference="TT-7", now=now)
    event = letter.case.events.get(type__code=EventCode.COMPLAINT_SENT)
    assert (done.state, done.sent_at, done.their_reference) == (LetterState.SENT, now, "TT-7")
    assert (event.happened_at, event.counterpart) == (now, "Dinas Kesehatan Kab. Sidoarjo")
    assert (done.follow_up.kind, done.follow_up.due_at) == (FollowUpKind.ANSWER, now + timedelta(days=14))
    assert done.follow_up.owner == world.relawan
    letter.case.refresh_from_db()
    assert letter.case.next_actor == "body"
    # A second thumb changes nothing.
    letters.send(letter=letter, by=world.relawan)
    assert letter.case.events.filter(type__code=EventCode.COMPLAINT_SENT).count() == 1
    assert letter.case.follow_ups.open().count() == 1


@pytest.mark.parametrize(
    ("kind", "code"),
    [("complaint", "complaint_sent"), ("summons", "complaint_sent"), ("obstacle", "complaint_sent"),
     ("request", "letter_sent"), ("police", "letter_sent"), ("court", "letter_sent"), ("notice", "letter_sent")],
)  # fmt: skip
def test_each_kind_is_told_as_what_it_is(refused, world, kind, code):
    row = letters.write(case=refused, kind=kind, office="Polres Sidoarjo", by=world.relawan)
    letters.send(letter=row, by=world.relawan)
    assert refused.events.facts().get().type.code == code


def test_the_rung_says_how_long_one_waits(refused, world):
    rung = Rung.objects.get(ladder__code="R1", position=4)
    row = letters.write(case=refused, kind="complaint", office="Kantor cabang", rung=rung, by=world.relawan)
    now = timezone.now()
    assert letters.send(letter=row, by=world.relawan, now=now).follow_up.due_at == now + timedelta(hours=24)


def test_a_letter_sent_long_ago_is_asked_about_soon(letter, world):
    now = timezone.now()
    done = letters.send(letter=letter, by=world.relawan, at=now - timedelta(days=40), now=now)
    assert done.follow_up.due_at == now + timedelta(hours=1)


def test_the_clock_of_the_channel_starts(refused, world):
    channel = ContactChannel.objects.get(code="CH16")
    row = letters.write(case=refused, kind="complaint", office="SP4N-LAPOR!", channel=channel, by=world.relawan)
    letters.send(letter=row, by=world.relawan)
    assert refused.clocks.get().rule.code == "K27"
    letters.answered(letter=row, by=world.relawan, reply=Reply.SOLVED)
    assert refused.clocks.get().state == "stopped"


def test_an_answer_ends_the_waiting(sent, world):
    now = timezone.now()
    done = letters.answered(letter=sent, by=world.relawan, reply=Reply.REFUSED, answer="Bukan urusan kami.", now=now)
    assert (done.state, done.answered_at, done.answer) == (LetterState.ANSWERED, now, "Bukan urusan kami.")
    assert done.follow_up.state == FollowUpState.DONE
    told = sent.case.events.get(type__code="answered")
    assert told.text == "Menolak · Bukan urusan kami." and told.counterpart == sent.office
    assert sent.case.events.get(type__code=EventCode.LETTER_ANSWERED).data == {"letter": str(sent.uuid)}
    letters.answered(letter=sent, by=world.relawan, reply=Reply.SOLVED)
    assert sent.case.events.filter(type__code="answered").count() == 1


def test_an_answer_of_the_day_alone_is_not_older_than_the_letter(letter, world):
    now = timezone.now().replace(hour=5, minute=0)
    letters.send(letter=letter, by=world.relawan, at=now - timedelta(hours=1), now=now)
    midnight = (now - timedelta(hours=6)).replace(minute=0)
    done = letters.answered(letter=letter, by=world.relawan, reply="solved", at=midnight, on_day=True, now=now)
    assert done.answered_at == done.sent_at


def test_what_cannot_be(letter, sent, world):
    by = world.relawan
    row = letters.write(case=letter.case, kind="complaint", office="Ombudsman", by=by)
    with pytest.raises(Refused, match="belum dikirim"):
        letters.answered(letter=row, by=by, reply="solved")
    with pytest.raises(Refused, match="belum tiba"):
        letters.send(letter=row, by=by, at=timezone.now() + timedelta(days=1))
    with pytest.raises(Refused, match="lebih dulu"):
        letters.answered(letter=sent, by=by, reply="solved", at=sent.sent_at - timedelta(days=1))
    with pytest.raises(Refused, match="sudah dikirim"):
        letters.edit(letter=sent, by=by, text="Lain.")
    with pytest.raises(Refused, match="kantor"):
        letters.write(case=letter.case, kind="complaint", office="  ", by=by)
    assert letters.end(letter=row, by=by, note="Sudah beres").state == LetterState.ENDED
    with pytest.raises(Refused, match="tidak diperlukan"):
        letters.send(letter=row, by=by)
    with pytest.raises(IntegrityError), transaction.atomic():
        Letter.objects.filter(pk=row.pk).update(state=LetterState.SENT)


def test_no_longer_needed_calls_the_waiting_off(sent, world):
    letters.end(letter=sent, by=world.relawan, note="Sudah beres lewat telepon")
    sent.refresh_from_db()
    assert sent.state == LetterState.ENDED and sent.sent_at
    assert (sent.follow_up.state, sent.follow_up.end_note) == (FollowUpState.CANCELLED, "Sudah beres lewat telepon")


def test_a_closed_case_takes_nothing(sent, world):
    row = letters.write(case=sent.case, kind="complaint", office="Ombudsman", by=world.relawan)
    closing.close(case=sent.case, outcome=_outcome(), by=world.relawan)
    for act in (
        lambda: letters.write(case=sent.case, kind="complaint", office="x", by=world.relawan),
        lambda: letters.send(letter=row, by=world.relawan),
        lambda: letters.answered(letter=sent, by=world.relawan, reply="solved"),
    ):
        with pytest.raises(CaseIsClosed):
            act()
    # What proves it may still be noted.
    assert letters.keep_proof(letter=sent, by=world.relawan, their_reference="TT-9").their_reference == "TT-9"


def _outcome():
    from cases.models import Outcome  # noqa: PLC0415

    return Outcome.objects.first()


def test_numbers_of_people_leave_the_text_and_paper_numbers_stay(refused, world):
    row = letters.write(
        case=refused, kind="complaint", office="Dinas", text="NIK 3515014107900001 milik pasien.", by=world.relawan,
        our_reference="015/ADV/XI/2026",
    )  # fmt: skip
    assert "3515014107900001" not in row.text
    assert row.our_reference == "015/ADV/XI/2026"
    assert refused.parties.get().person.identifiers.filter(kind="nik").exists()


def test_one_form_makes_one_letter(refused, world):
    key = uuid4()
    made = [
        letters.write(case=refused, kind="complaint", office="Dinas", by=world.relawan, submit_key=key)
        for _ in range(2)
    ]
    assert made[0] == made[1] and Letter.objects.count() == 1


# Pages


def test_a_stale_draft_is_not_overwritten(letter, world, as_user):
    client = as_user(world.relawan)
    opened = client.get(url("letter", letter)).context["form"].initial
    letters.edit(letter=letter, by=world.koordinator, text="Kata koordinator.")
    answer = client.post(url("letter", letter), {**opened, "text": "Kata relawan."})
    assert answer.status_code == 409
    assert "disimpan orang lain" in text_of(answer) and "Kata relawan." in answer.content.decode()
    letter.refresh_from_db()
    assert letter.text == "Kata koordinator."


def test_bad_input_is_said_and_nothing_is_lost(refused, letter, world, as_user):
    client = as_user(world.relawan)
    page = client.post(url("letter-add", refused), {"kind": "complaint", "office": "", "text": "Kami mohon bantuan."})
    assert page.status_code == 200
    assert "Tulis ke kantor mana." in text_of(page) and "Kami mohon bantuan." in page.content.decode()
    page = client.post(url("letter-sent", letter), {"on": "31-02-2026", "their_reference": "TT-8"})
    assert "Tanggal ini tidak ada" in text_of(page) and 'value="TT-8"' in page.content.decode()
    page = client.post(url("letter-answered", letter), {})
    assert "Tulis jawabannya" in text_of(page)
    assert client.post(url("letter-answered", letter), {"reply": "solved"}).status_code == 409
    assert client.post(url("letter-add", refused), {"kind": "ufo", "office": "x", "text": "y"}).status_code == 200
    assert Letter.objects.count() == 1
    assert client.get(url("letter-add", refused) + "?anak=R9-99&jenis=ufo").status_code == 200


def test_a_typed_office_becomes_a_place_and_that_of_the_rung_is_kept(refused, world, as_user):
    office = make_body("Dinas Kesehatan Kabupaten Sidoarjo", kind="health_office", region=world.place.region)
    Case.objects.filter(pk=refused.pk).update(region=world.place.region)
    client = as_user(world.relawan)
    form = client.get(url("letter-add", refused) + "?anak=R1-5").context["form"]
    client.post(url("letter-add", refused), form.initial)
    client.post(url("letter-add", refused), {**form.initial, "office": "Puskesmas Waru"})
    first, second = Letter.objects.order_by("pk")
    assert (first.body, first.rung.position) == (office, 5)
    assert second.body.name == "Puskesmas Waru" and second.body.verified_on is None


def test_a_closed_rung_says_why_and_may_be_prepared(refused, world, as_user):
    page = text_of(as_user(world.relawan).get(url("letter-add", refused) + "?anak=R1-7"))
    assert "Hari ini belum terbuka." in page
    assert "meminta bukti sudah mengadu, paling lama dua tahun" in page


def test_the_list_keeps_to_the_reach_and_counts(sent, world, as_user):
    old = letters.write(case=sent.case, kind="obstacle", office="Bupati", by=world.relawan)
    letters.send(letter=old, by=world.relawan, at=timezone.now() - timedelta(days=14))
    letters.write(case=sent.case, kind="request", office="Baznas", by=world.relawan)
    page = as_user(world.koordinator).get(reverse("cases:letters"))
    assert [row.letter for row in page.context["rows"]] == [old, sent]
    assert [chip.count for chip in page.context["chips"]] == ["2", "1", "1", "1"]
    assert "Siti" not in text_of(page)
    page = as_user(world.koordinator).get(reverse("cases:letters") + "?lihat=diam&halaman=0")
    assert [row.days for row in page.context["rows"]] == [14]
    for stranger in (world.outsider, world.outside_koordinator, world.pimpinan, world.admin_federasi):
        assert as_user(stranger).get(reverse("cases:letters")).context["rows"] == []
    Case.objects.filter(pk=sent.case.pk).update(is_restricted=True)
    assert as_user(world.koordinator).get(reverse("cases:letters")).context["rows"] == []
    assert len(as_user(world.relawan).get(reverse("cases:letters")).context["rows"]) == 2


def test_the_list_costs_the_same_however_long(refused, world, as_user, django_assert_max_num_queries):
    for number in range(12):
        row = letters.write(case=refused, kind="complaint", office=f"Kantor {number}", by=world.relawan)
        Letter.objects.filter(pk=row.pk).update(state="sent", sent_at=timezone.now() - timedelta(days=number))
    client = as_user(world.koordinator)
    client.get(reverse("cases:letters"))
    with django_assert_max_num_queries(34):
        client.get(reverse("cases:letters"))


def test_a_restricted_case_s_letter_is_cipher(refused, world):
    Case.objects.filter(pk=refused.pk).update(is_restricted=True)
    refused.refresh_from_db()
    row = letters.write(case=refused, kind="complaint", office="Dinas", text="Rahasia benar.", by=world.relawan)
    assert Letter.objects.filter(text__contains="Rahasia").count() == 0
    assert Letter.objects.get(pk=row.pk).text == "Rahasia benar."


# Paper


def pdf_of(response):
    assert response.status_code == 200, response.status_code
    reader = PdfReader(BytesIO(response.content))
    return reader, " ".join(" ".join(page.extract_text().split()) for page in reader.pages)


def test_the_pdf_holds_initials_and_its_name_the_number_alone(refused, world, as_user):
    subject, text = letters.draft(refused, LetterKind.COMPLAINT, office="x")
    row = letters.write(
        case=refused, kind="complaint", office="Dinas Kesehatan", subject=subject, text=text, by=world.relawan
    )
    client = as_user(world.relawan)
    answer = client.get(url("letter-pdf", row))
    reader, said = pdf_of(answer)
    assert answer["Content-Disposition"] == f'inline; filename="{refused.number}.pdf"'
    assert answer["Cache-Control"] == "no-store"
    assert reader.metadata.title == refused.number
    assert reader.metadata.author is None
    assert "berinisial S.R." in said and "Siti" not in said
    assert "serahkan terpisah" in said
    named = pdf_of(client.get(url("letter-pdf", row) + "?nama=1"))[1]
    assert "Siti Rahmawati" in named and "serahkan terpisah" not in named
    rows = AccessLog.objects.filter(action=AccessLog.Action.EXPORT, object_uuid=refused.uuid).order_by("pk")
    assert list(rows.values_list("reason", flat=True)) == ["letter:initials", "letter:names"]


def test_a_name_is_printed_only_for_who_has_opened_it(letter, world, as_user):
    client = as_user(world.koordinator)
    assert client.get(url("letter-pdf", letter)).status_code == 200
    answer = client.get(url("letter-pdf", letter) + "?nama=1")
    assert answer.status_code == 302 and answer["Location"].endswith("#orang")
    client.post(url("reveal", letter.case))
    assert client.get(url("letter-pdf", letter) + "?nama=1").status_code == 200


def test_without_pango_the_page_prints(letter, world, as_user, monkeypatch):
    def nothing():
        raise pdf.NoPango("libpango")

    monkeypatch.setattr(pdf, "_weasyprint", nothing)
    answer = as_user(world.relawan).get(url("letter-pdf", letter))
    assert answer["Content-Type"].startswith("text/html")
    assert "Mesin ini belum bisa membuat PDF" in text_of(answer) and "Kami mohon." in text_of(answer)
    assert "<style" not in answer.content.decode() and "style=" not in answer.content.decode()


def test_the_system_check_says_what_is_missing(monkeypatch):
    assert checks.pango_is_here(None) == []
    monkeypatch.setattr(checks, "_loads", lambda name: False)
    monkeypatch.setattr(checks.ctypes.util, "find_library", lambda name: None)
    assert [type(each) for each in checks.pango_is_here(None)] == [Warning]


@pytest.mark.parametrize(
    "address",
    ["file:///etc/passwd", "http://127.0.0.1:6379/", "https://example.org/a.png", f"{pdf.BASE_URL}/etc/passwd",
     f"{pdf.BASE_URL}/static/../manage.py", f"{pdf.BASE_URL}/static/%2e%2e/manage.py", f"{pdf.BASE_URL}/static/tidak-ada.css"],
)  # fmt: skip
def test_a_pdf_reads_our_static_files_and_nothing_else(address):
    with pytest.raises(Exception):  # noqa: B017 (which one depends on how far the finder looks)
        pdf.static_file(address)
    assert pdf.static_file(f"{pdf.BASE_URL}/static/css/paper.css").name.startswith("paper")


def test_a_pdf_of_a_hostile_text_fetches_nothing(letter, world, as_user):
    letters.edit(letter=letter, by=world.relawan, text='<img src="file:///etc/passwd"><script>alert(1)</script>')
    _reader, said = pdf_of(as_user(world.relawan).get(url("letter-pdf", letter)))
    assert '<img src="file:///etc/passwd">' in said  # as words


def test_the_text_is_plain(letter, world, as_user):
    answer = as_user(world.relawan).get(url("letter-text", letter))
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["Content-Disposition"] == f'attachment; filename="{letter.case.number}.txt"'
    assert answer.content.decode() == "Kami mohon."


# The union's notice


@pytest.fixture
def accident(world):
    """A worker hurt on the way to work, told with day, hour and place."""
    case = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, place=world.place, patient="")
    parties.add(case=case, role=PartyRole.WORKER, by=world.relawan, full_name="Joko Santoso", silent=True)
    with_type(case, "E02")
    Case.objects.filter(pk=case.pk).update(region=Region.objects.get(code="35.15"))
    case.refresh_from_db()
    tell(case, "accident", "Ditabrak truk di gerbang pabrik.", at=datetime(2026, 11, 20, 0, 15, tzinfo=UTC))
    return case


@pytest.mark.parametrize(
    ("code", "offered"), [("E02", True), ("E03", True), ("E04", True), ("F09", True), ("A01", False)]
)
def test_a_notice_is_offered_where_the_employer_must_report(case, world, as_user, code, offered):
    with_type(case, code)
    assert letters.offers_notice(case) is offered
    assert ("Buat pemberitahuan" in text_of(as_user(world.relawan).get(url("case-ladder", case)))) is offered


def test_a_notice_is_filled_in_from_the_case_and_says_what_is_missing(accident, world, as_user):
    page = as_user(world.relawan).get(url("notice", accident))
    given = page.context["form"].initial
    assert (given["worker"], given["on"], given["hour"]) == ("Joko Santoso", "2026-11-20", "07:15")
    assert given["chronology"] == "Ditabrak truk di gerbang pabrik."
    assert (given["notifier"], given["union"], given["facility"]) == (
        "Rina Wulandari",
        "DPD Karangsari",
        "RSUD Cempaka Raya",
    )
    assert given["reported"] == "" and given["cause"] == ""
    assert [key for key, _label in page.context["gaps"]] == ["number", "where", "cause"]
    assert "3 isian wajib masih kurang" in text_of(page)


def test_the_gaps_are_printed_and_the_employer_is_not_said_to_have_reported(accident, world, as_user):
    client = as_user(world.relawan)
    given = {k: v for k, v in client.get(url("notice", accident)).context["form"].initial.items() if v is not None}
    answer = client.post(url("notice", accident), {**given, "act": "pdf"})
    letter = Letter.objects.get()
    assert answer["Location"] == url("letter-pdf", letter)
    reader, said = pdf_of(client.get(answer["Location"]))
    assert reader.metadata.title == accident.number
    assert "Joko Santoso" in said
    assert said.count("BELUM DIISI") == 4  # number, place, cause, and the employer among the addressees
    assert "3 isian yang diminta pasalnya belum diisi" in said
    assert "Jumat, 20 November 2026" in said and "07.15 WIB" in said
    assert "Permenaker 1/2025 pasal 8A" in said
    assert "Kami tidak mengetahui apakah pemberi kerja sudah melapor." in said
    assert "tidak membebaskan pemberi kerja dari kewajiban melapor" in said
    assert "2×24 jam (Permenaker 1/2025 pasal 8(1)–(2c))" in said
    Rule.objects.filter(code="K13").update(confidence="G")
    assert "2×24" not in pdf_of(client.get(answer["Location"]))[1]


def test_a_whole_notice_has_no_gap_and_the_number_comes_from_the_person(accident, world, as_user):
    parties.keep_number(accident.parties.get().person, "nik", "3515014107900001")
    client = as_user(world.relawan)
    page = client.get(url("notice", accident))
    assert "3515014107900001" not in page.content.decode()
    given = {k: v for k, v in page.context["form"].initial.items() if v is not None}
    given |= {"where": "Gerbang PT Maju", "cause": "Truk mundur", "employer": "PT Maju", "act": "text"}
    answer = client.post(url("notice", accident), given)
    text = client.get(answer["Location"]).content.decode()
    assert "BELUM DIISI" not in text
    assert "NIK 3515014107900001" in text and "Tempat kecelakaan: Gerbang PT Maju" in text
    assert "- Pimpinan PT Maju\n- BPJS Ketenagakerjaan Kab. Sidoarjo\n- BPJS Kesehatan Kab. Sidoarjo\n" in text
    assert "Dinas Tenaga Kerja Provinsi Jawa Timur" in text
    # In the column it is cipher, and the form changes the draft that is there.
    letter = Letter.objects.get()
    with pytest.raises(ValueError, match="Expecting value"):
        json.loads(Letter.objects.filter(pk=letter.pk).extra(select={"raw": "content"}).values_list("raw")[0][0])
    assert letters.content_of(letter)["cause"] == "Truk mundur"
    client.post(
        url("notice", accident), {**given, "letter": str(letter.uuid), "version": letter.version, "act": "save"}
    )
    assert Letter.objects.count() == 1


def test_a_disease_asks_for_what_a_disease_needs(case, world, as_user):
    with_type(case, "E04")
    page = as_user(world.relawan).get(url("notice", case))
    wanted = [key for key, _label in page.context["gaps"]]
    assert wanted == ["number", "job", "years", "years_last", "exposure", "diagnosis"]


def test_an_informal_worker_has_no_employer_to_write_to(case, world):
    with_type(case, "F09")
    content = letters.prefill(case, by=world.relawan)
    assert content["basis"] == "48A" and "employer" not in content["to"]
    row = letters.printed(case, content, now=timezone.now())
    assert row.basis == "Permenaker 1/2025 pasal 48A" and row.duty == ""


def test_only_a_report_that_was_told_is_named(accident, world):
    tell(accident, "employer_reported", "Lapor ke BPJS TK.", at=datetime(2026, 11, 21, 3, 0, tzinfo=UTC))
    content = letters.prefill(accident, by=world.relawan)
    assert letters.printed(accident, content, now=timezone.now()).employer_report == (
        "Pemberi kerja dikatakan sudah melapor: Sab, 21 Nov 2026."
    )


def test_a_notice_opens_for_who_may_see_names(accident, world, as_user):
    client = as_user(world.koordinator)
    answer = client.get(url("notice", accident))
    assert answer.status_code == 302 and answer["Location"].endswith("#orang")
    assert client.post(url("notice", accident), {"worker": "x"}).status_code == 302
    assert not Letter.objects.exists()
    row = letters.write(case=accident, kind="notice", office="BPJS", content={"kind": "accident"}, by=world.relawan)
    assert client.get(url("letter-pdf", row)).status_code == 302
    assert client.get(url("letter-text", row)).status_code == 302
    page = client.get(url("letter", row))
    assert page.status_code == 200 and "Joko" not in text_of(page)


def test_a_sent_notice_stays_as_it_went_out(accident, world, as_user):
    row = letters.write(
        case=accident, kind="notice", office="BPJS", content={"kind": "accident", "cause": "Truk"}, by=world.relawan
    )
    letters.send(letter=row, by=world.relawan)
    client = as_user(world.relawan)
    assert "tetap seperti itu" in text_of(client.get(url("notice", accident) + f"?surat={row.uuid}"))
    answer = client.post(url("notice", accident), {"letter": str(row.uuid), "cause": "Lain"})
    assert answer.status_code == 409
    assert letters.content_of(Letter.objects.get(pk=row.pk))["cause"] == "Truk"


def test_bad_input_on_a_notice(accident, world, as_user):
    client = as_user(world.relawan)
    page = client.post(url("notice", accident), {"on": "22-11-2199", "cause": "Truk mundur", "kind": "ufo"})
    assert page.status_code == 200
    assert "masih akan datang" in text_of(page) or "masih nanti" in text_of(page) or "Periksa" in text_of(page)
    assert 'value="Truk mundur"' in page.content.decode()
    assert not Letter.objects.exists()


# Offices


def test_every_rung_has_a_named_office(case, world, django_assert_max_num_queries):
    Case.objects.filter(pk=case.pk).update(region=Region.objects.get(code="14.05"))
    for code in ProblemType.objects.values_list("code", flat=True):
        with_type(case, code)
        found = ladder.of_case(case, now=timezone.now())
        assert found and all(each.office.name for one in found for each in one.rungs), code
    with_type(case, "C05")
    with django_assert_max_num_queries(14):
        ladder.of_case(Case.objects.for_rows().get(pk=case.pk), now=timezone.now())


def test_an_office_is_that_of_the_region_then_of_the_province(case):
    pelalawan = Region.objects.get(code="14.05")
    Case.objects.filter(pk=case.pk).update(region=pelalawan)
    with_type(case, "A03")

    def office(position):
        case.refresh_from_db()
        return ladder.rung_of(case, f"R1-{position}", now=timezone.now()).office

    assert office(5).name == "Dinas Kesehatan Kab. Pelalawan"
    assert not office(5).is_verified
    make_body("Dinas Kesehatan Provinsi Riau", kind="health_office", region=pelalawan.parent)
    assert office(5).name == "Dinas Kesehatan Provinsi Riau"
    made = make_body(
        "Dinas Kesehatan Pelalawan", kind="health_office", region=pelalawan, verified_on=timezone.localdate()
    )
    assert (office(5).body, office(5).is_verified) == (made, True)
    assert office(4).name == "Kantor cabang BPJS Kesehatan Kab. Pelalawan"
    assert office(7).name == "Ombudsman RI Perwakilan Riau"
    assert office(6).name == "SP4N-LAPOR!"
    assert office(1).name == "Ruang rawat atau IGD dan dokter (DPJP), RSUD Cempaka Raya"


def test_the_employer_is_whom_the_worker_works_for(accident, world):
    def employer():
        return ladder.rung_of(accident, "R4-1", now=timezone.now()).office

    make_body("PT Bukan Siapa-siapa", kind="employer", region=accident.region)
    assert (employer().name, employer().body) == ("Pemberi kerja", None)
    made = make_body("PT Maju", kind="employer", region=accident.region)
    tell(accident, "visited", "Bertemu HRD.", body=made)
    assert employer().body == made
    other = make_body("PT Sejati", kind="employer", region=accident.region)
    accident.parties.get(role="worker").person.employments.create(employer=other)
    assert employer().body == other
    assert letters.prefill(accident, by=world.relawan)["employer"] == "PT Sejati"


def test_report_counts_days(sent):
    assert report.row_of(sent, now=timezone.now()).days == 3
