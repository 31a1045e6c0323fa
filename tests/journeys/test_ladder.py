"""A hospital that does not answer: from rung to letter, sent, days of silence, the next rung, and at last an answer."""

import re
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from cases.models import Case, EventType, Letter, ProblemType
from cases.rules.codes import FollowUpKind, FollowUpState
from cases.rules.registers import LetterState
from cases.services import facts
from tests.factories import make_body

pytestmark = pytest.mark.django_db

#: Saturday 21 November 2026, 22.00 WIB.
START = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)


def url(name, row):
    return reverse(f"cases:{name}", args=[row.uuid])


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def pages_of(response):
    assert response["Content-Type"] == "application/pdf"
    reader = PdfReader(BytesIO(response.content))
    return reader, " ".join(" ".join(page.extract_text().split()) for page in reader.pages)


def sign_in(user):
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_from_the_ward_to_the_branch(world, case):
    Case.objects.filter(pk=case.pk).update(problem_type=ProblemType.objects.get(code="A03"), region=world.place.region)
    case.refresh_from_db()
    case.problem_types.add(case.problem_type)
    branch = make_body("BPJS Kesehatan Cabang Karangsari", kind="bpjs_kesehatan", region=world.place.region)
    with time_machine.travel(START, tick=False):
        rina = sign_in(world.relawan)
        # Nobody was asked: begin at the ward. The Ombudsman says what it wants first.
        page = text_of(rina.get(url("case-ladder", case)))
        assert "Belum ada yang ditanya. Mulai dari Ruang rawat atau IGD dan dokter (DPJP), RSUD Cempaka Raya." in page
        assert "meminta bukti sudah mengadu, paling lama dua tahun" in page
        assert "4. BPJS Kesehatan Cabang Karangsari" in page
        assert "5. Dinas Kesehatan Kab. Sidoarjo Belum diverifikasi" in page

        # The ward says no: that is a chip, and the management is next.
        facts.tell(
            case=case, type=EventType.objects.get(code="refused"), by=world.relawan,
            text="Petugas bilang kamar penuh untuk Siti Rahmawati.", at=START - timedelta(minutes=5),
        )  # fmt: skip
        page = text_of(rina.get(url("case-ladder", case)))
        assert "sudah menjawab, belum beres. Naik ke PIPP atau manajemen rumah sakit, RSUD Cempaka Raya" in page

        # A letter is drafted from what happened, with initials only.
        form = rina.get(url("letter-add", case) + "?anak=R1-2")
        initial = form.context["form"].initial
        assert initial["office"] == "PIPP atau manajemen rumah sakit, RSUD Cempaka Raya"
        assert "berinisial S.R." in initial["text"]
        assert "Ditolak: Petugas bilang kamar penuh untuk S.R." in initial["text"]
        assert "Rahmawati" not in initial["text"] and "Siti" not in initial["text"]
        assert "Dasar:" not in initial["text"]  # A03 and K04 rest on sources that disagree
        given = {**initial, "act": "sent", "our_reference": "014/ADV/XI/2026"}
        answer = rina.post(url("letter-add", case), given)
        letter = Letter.objects.get(case=case)
        assert answer["Location"] == url("letter-sent", letter)
        assert letter.state == LetterState.DRAFT and letter.body == world.place
        assert case.events.filter(type__code="complaint_sent").count() == 0

        # It goes out by hand; the fact stands on the timeline and the answer is awaited.
        rina.post(url("letter-sent", letter), {"way": "visit", "our_reference": "014/ADV/XI/2026"})
        letter.refresh_from_db()
        assert letter.state == LetterState.SENT and letter.sent_at == START
        assert case.events.filter(type__code="complaint_sent").count() == 1
        plan = letter.follow_up
        assert (plan.kind, plan.due_at) == (FollowUpKind.ANSWER, START + timedelta(hours=2))

    # Two hours are over: the branch is next, three days later the page says so in days.
    with time_machine.travel(START + timedelta(days=3), tick=False):
        rina = sign_in(world.relawan)
        page = text_of(rina.get(url("case-ladder", case)))
        assert "sudah 3 hari diam, naik ke Petugas BPJS SATU!, RSUD Cempaka Raya" in page
        # The Ombudsman knows of the letter, and that nothing proves it.
        assert "belum ada buktinya: isi nomor tiketnya" in page
        rina.post(url("letter-proof", letter), {"their_reference": "TT-77", "our_reference": "014/ADV/XI/2026"})
        page = text_of(rina.get(url("case-ladder", case)))
        assert "Bukti pengaduan ke PIPP atau manajemen rumah sakit, RSUD Cempaka Raya" in page

        # The letter to the branch names what was tried before.
        initial = rina.get(url("letter-add", case) + "?anak=R1-4").context["form"].initial
        assert "Sudah kami sampaikan sebelumnya:" in initial["text"]
        assert "nomor TT-77: belum dijawab." in initial["text"]
        rina.post(url("letter-add", case), {**initial, "act": "draft"})
        second = Letter.objects.get(case=case, rung__position=4)
        assert second.body == branch
        assert rina.get(url("letter-pdf", second)).status_code == 200
        reader, paper = pages_of(rina.get(url("letter-pdf", second)))
        assert "Kepada Yth. Pimpinan BPJS Kesehatan Cabang Karangsari" in paper
        assert "S.R." in paper and "Siti" not in paper
        assert reader.metadata.title == case.number
        assert "Siti Rahmawati" in pages_of(rina.get(url("letter-pdf", second) + "?nama=1"))[1]
        rina.post(url("letter-sent", second), {"way": "letter"})

    # Fourteen days of silence are a list.
    with time_machine.travel(START + timedelta(days=17, hours=1), tick=False):
        yoga = sign_in(world.koordinator)
        page = yoga.get(reverse("cases:letters") + "?lihat=diam")
        assert [row.letter for row in page.context["rows"]] == [letter, second]
        assert "17 hari tanpa jawaban" in text_of(page)
        stranger = sign_in(world.outsider)
        assert stranger.get(reverse("cases:letters")).context["rows"] == []

        # Then the hospital answers. Nobody is reminded any more, and there is nothing to climb for.
        rina = sign_in(world.relawan)
        rina.post(url("letter-answered", letter), {"reply": "solved", "answer": "Kamar 204 siap."})
        rina.post(url("letter-answered", second), {"reply": "solved", "answer": "Sudah dibantu."})
        letter.refresh_from_db()
        assert letter.state == LetterState.ANSWERED and letter.answer == "Kamar 204 siap."
        assert letter.follow_up.state == FollowUpState.DONE
        assert "BPJS Kesehatan Cabang Karangsari sudah membereskan" in text_of(rina.get(url("case-ladder", case)))
        assert yoga.get(reverse("cases:letters")).context["rows"] == []
        assert case.events.filter(type__code="answered").count() == 2
