"""Source 003: PC FSP Kerah Biru–SPSI Jember drinks coffee with the regent, 20 June 2024 (S3.1–S3.17).

A standing promise of an office outlives its official; obstacles, proposals and programmes are watched until they end.
"""

import re
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.models import Commitment, Letter
from cases.services import commitments
from members.models import Body, Finding, Gathering, Message, Office, Organisation, Person, Proposal, Sector
from members.rules.roles import Role
from members.services import known, people
from tests.factories import make_case, make_organisation, make_user

pytestmark = pytest.mark.django_db


def url(name, *rows):
    return reverse(name, args=[row.uuid for row in rows])


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.fixture
def jember(world):
    known.load()
    Organisation.objects.filter(code="kerah-biru-jember").update(is_desk=True)
    branch = Organisation.objects.get(code="kerah-biru-jember")
    return SimpleNamespace(
        branch=branch,
        pemkab=Body.objects.get(code="pemkab-jember"),
        secretary=make_user("sekretaris", role=Role.COORDINATOR, at=branch, full_name="Sekretaris PC"),
        relawan=make_user("relawanjember", role=Role.ADVOCATE, at=branch, full_name="Relawan Jember"),
    )


def test_the_branch_its_registration_and_its_pokja(jember, as_user):
    """S3.1–S3.3, S3.5, S3.12: officers, decree, what the registration lacks, and a Pokja of fishers below."""
    jember.branch.board_terms.create(name="2023–2028", decree="SK 9/2023", from_on=date(2023, 5, 1))
    Office.objects.create(
        organisation=jember.branch, name="Eko Sugiarto", title="Sekretaris", is_spokesperson=True, contact="0331 1234"
    )
    make_organisation("Pokja Nelayan Puger", parent=jember.branch, kind="worker_group", line="union", is_desk=False)
    page = text_of(as_user(jember.secretary).get(url("members:organisation", jember.branch)))
    for said in ("Eko Sugiarto", "SK 9/2023", "Masih kurang:", "Suku Dinas Ketenagakerjaan", "Pokja Nelayan Puger"):
        assert said in page, said
    above = text_of(as_user(jember.secretary).get(url("members:organisation", jember.branch.parent)))
    assert "PC FSP Kerah Biru" in above or jember.branch.name in above


def test_coffee_with_the_regent(jember, as_user):
    """S3.4, S3.6–S3.8, S3.16: minutes may stay empty; the promise stands after the election and is reviewed."""
    client = as_user(jember.secretary)
    sent = {
        "kind": "informal",
        "title": "Ngopi Bareng Bupati Jember",
        "organisers": str(jember.branch),
        "held_on": "2024-06-20",
        "venue": "Aula Sevendream City, Jalan Slamet Riyadi",
    }
    answer = client.post(reverse("members:gathering-add"), sent)
    assert answer.status_code == 302, text_of(answer)[-1500:]
    meeting = Gathering.objects.get()
    guests = "Pemerintah Kabupaten Jember\nSerikat Tani\nKomunitas UMKM\nKerahbirunews"
    client.post(url("members:gathering-people", meeting), {"pihak-names": guests})
    assert meeting.parties.count() == 4
    assert meeting.parties.get(name__icontains="Pemerintah").body == jember.pemkab

    regent = Office.objects.create(body=jember.pemkab, name="Hendy Siswanto", title="Bupati")
    sent = {
        "kind": "janji",
        "desk": str(jember.branch.uuid),
        "text": "Mendukung penuh jaminan sosial pekerja informal",
        "office": jember.pemkab.name,
        "official": "Hendy Siswanto",
        "official_role": "Bupati",
        "on": "2024-06-20",
        "form": "oral",
        "term": "standing",
        "review_months": "3",
    }
    assert client.post(reverse("cases:commitment-add") + f"?acara={meeting.uuid}", sent).status_code == 302
    promise = Commitment.objects.get()
    assert promise.body == jember.pemkab

    # After the election: another regent, the same promise of the same office, with the name of who gave it.
    Office.objects.filter(pk=regent.pk).update(until_on=date(2025, 2, 19))
    Office.objects.create(body=jember.pemkab, name="Bupati Baru", title="Bupati", from_on=date(2025, 2, 20))
    page = text_of(client.get(url("members:body", jember.pemkab)))
    assert "Bupati Baru" in page
    shown = text_of(client.get(url("cases:commitment", promise)))
    assert ("Hendy Siswanto" in shown and "Janji tetap" in shown) or "Hendy Siswanto" in shown

    # Every three months the coordinators of the desk are told, once for each look.
    due = promise.next_review_on
    assert due is not None
    later = timezone.now() + timedelta(days=(due - timezone.localdate()).days)
    commitments.remind_due(now=later)
    commitments.remind_due(now=later + timedelta(minutes=5))
    told = Message.objects.filter(kind="commitment_due", channel="inbox", recipient=jember.secretary)
    assert told.count() == 1
    assert told.get().path == url("cases:commitment", promise)


def test_an_obstacle_is_reported_and_silent_after_fourteen_days(jember, as_user):
    """S3.10: from the case, sent, ageing, on the list of obstacles and on that of no reply in 14 days."""
    case = make_case(desk=jember.branch, by=jember.relawan, assignee=jember.relawan, title="Surat miskin ditolak")
    client = as_user(jember.relawan)
    sent = {
        "kind": "obstacle",
        "office": "Pemerintah Kabupaten Jember",
        "subject": "Kendala birokrasi",
        "text": "Kelurahan menolak surat keterangan.",
    }
    assert client.post(url("cases:letter-add", case), sent).status_code == 302
    letter = Letter.objects.get()
    listed = reverse("cases:letters")
    assert "Pemerintah Kabupaten Jember" not in text_of(client.get(listed, {"lihat": "kendala"}))
    ago = timezone.localtime() - timedelta(days=15)
    answer = client.post(url("cases:letter-sent", letter), {"way": "letter", "on": f"{ago:%Y-%m-%d}", "hour": "10.00"})
    assert answer.status_code == 302, text_of(answer)[-1500:]
    assert case.follow_ups.filter(state="open").exists(), "somebody is reminded of the answer"
    for view in ("kendala", "diam"):
        page = text_of(as_user(jember.secretary).get(listed, {"lihat": view}))
        assert "15 hari tanpa jawaban" in page, view
    client = as_user(jember.relawan)
    today = timezone.localdate()
    answered = {"on": today.isoformat(), "reply": "solved", "answer": "Camat memanggil lurah"}
    assert client.post(url("cases:letter-answered", letter), answered).status_code == 302
    assert "tanpa jawaban" not in text_of(client.get(listed, {"lihat": "kendala"}))


def test_a_proposal_is_submitted_reviewed_and_funded(jember, world, as_user):
    """S3.11."""
    client = as_user(jember.secretary)
    sent = {
        "organisation": str(jember.branch.uuid),
        "title": "Iuran BPU 200 nelayan Puger",
        "office": jember.pemkab.name,
        "state": "submitted",
        "amount": "40320000",
    }
    answer = client.post(reverse("members:proposal-add"), sent)
    assert answer.status_code == 302, text_of(answer)[-1500:]
    row = Proposal.objects.get()
    assert row.body == jember.pemkab
    page = url("members:proposal", row)
    for version, state in enumerate(("reviewed", "funded"), 1):
        moved = {**sent, "state": state, "note": f"tahap {state}", "version": version}
        assert client.post(page, moved).status_code == 302
    way = text_of(client.get(page))
    assert way.index("Didanai") < way.rindex("Sedang ditelaah") < way.rindex("Diajukan")
    assert "Iuran BPU" in text_of(client.get(reverse("members:proposals"), {"lihat": "selesai"}))
    assert "Iuran BPU" not in text_of(client.get(reverse("members:proposals")))

    # Who had the old page open is told, loses nothing, and saves by sending it again.
    stale = client.post(page, {**sent, "state": "done", "note": "dari layar lama", "version": 1})
    assert stale.status_code == 200
    assert "Orang lain baru saja menyimpannya" in text_of(stale)
    assert "dari layar lama" in stale.text
    row.refresh_from_db()
    assert row.state == "funded"
    # Not beyond reach.
    assert as_user(world.outside_koordinator).get(page).status_code == 404
    assert as_user(jember.relawan).get(reverse("members:proposals")).status_code == 404


def test_findings_open_for_more_than_thirty_days(jember, as_user):
    """S3.15: finding, evidence, next check; what is open too long stands on a list of its own."""
    client = as_user(jember.secretary)
    today = timezone.localdate()
    for days, programme in ((31, "Bansos PKH"), (30, "BLT desa")):
        sent = {
            "organisation": str(jember.branch.uuid),
            "programme": programme,
            "text": "Nelayan tidak masuk daftar",
            "evidence": "Foto papan pengumuman desa",
            "found_on": (today - timedelta(days=days)).isoformat(),
            "next_check_on": (today + timedelta(days=7)).isoformat(),
        }
        assert client.post(reverse("members:finding-add"), sent).status_code == 302
    old = text_of(client.get(reverse("members:findings"), {"lihat": "lama"}))
    assert "Bansos PKH" in old and "terbuka 31 hari" in old and "BLT desa" not in old
    row = Finding.objects.get(programme="Bansos PKH")
    sent |= {"programme": "Bansos PKH", "found_on": row.found_on.isoformat(), "version": row.version}
    wrong = client.post(url("members:finding", row), {**sent, "closed_on": "2020-01-01"})
    assert wrong.status_code == 200
    assert "Selesai sebelum ditemukan" in text_of(wrong)
    assert client.post(url("members:finding", row), {**sent, "closed_on": today.isoformat()}).status_code == 302
    assert "Bansos PKH" not in text_of(client.get(reverse("members:findings"), {"lihat": "lama"}))
    empty = client.post(reverse("members:finding-add"), {**sent, "evidence": ""})
    assert "Sebutkan buktinya" in text_of(empty)
    assert Finding.objects.count() == 2


def test_coverage_by_sector(jember, as_user):
    """S3.14: the sectors the regency names, and a count for one of them."""
    names = set(Sector.objects.values_list("code", flat=True))
    assert {"tourism", "village", "food", "umkm", "fishers", "infrastructure"} <= names
    client = as_user(jember.secretary)
    sent = {
        "sector": str(Sector.objects.get(code="fishers").pk),
        "programme": "JKK",
        "workers": "1200",
        "registered": "300",
        "counted_on": "01-10-2025",
        "source": "Dinas Perikanan",
    }
    answer = client.post(reverse("members:survey-add"), sent)
    assert answer.status_code == 302, text_of(answer)[-1500:]
    page = text_of(client.get(reverse("members:surveys")))
    assert "Nelayan" in page and "25%" in page


def test_who_lapses_within_seven_days(jember, as_user):
    """S3.13: the register of those who pay for themselves: who has paid until within a week, agent, nobody else."""
    pokja = make_organisation("Pokja Nelayan Puger", parent=jember.branch, kind="worker_group", line="union")
    today = timezone.localdate()
    for name, days in [("Ali Akbar", 3), ("Budi Darma", 40)]:
        person = Person.objects.create(full_name=name)
        people.join(person=person, organisation=pokja, by=jember.secretary)
        people.note_cover(
            person=person, by=jember.secretary, programme="JKK", segment="BPU", agent="Perisai Ani",
            paid_until=today + timedelta(days=days),
        )  # fmt: skip
    page = text_of(as_user(jember.secretary).get(reverse("members:cover-lapses")))
    assert "A.A." in page and "Perisai Ani" in page and "B.D." not in page
    assert as_user(jember.relawan).get(reverse("members:cover-lapses")).status_code == 404


def test_accident_and_sickness_together(jember, as_user):
    """S3.17: one case, one patient, two routes and their two lists of papers; what both need is asked for once."""
    case = make_case(desk=jember.branch, by=jember.relawan, assignee=jember.relawan)
    client = as_user(jember.relawan)
    for code in ("jkk_accident", "local_cover"):
        assert client.post(url("cases:papers-start", case), {"checklist": code}).status_code == 302
    page = client.get(url("cases:case-papers", case))
    lists = page.context["papers"].lists
    assert [each.checklist.code for each in lists] == ["jkk_accident", "local_cover"]
    for each in lists:
        assert each.checklist.label in page.text
    assert any(row.also_on for row in lists[1].rows)
    assert case.parties.count() == 1
