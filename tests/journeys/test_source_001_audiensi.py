"""Source 001: DPP SP BPJS Ketenagakerjaan holds an audience with KSBSI, Sarbumusi and KSPN, 4 February 2025 (S1.1–S1.15).

From a meeting whose day was left blank to promises that are reviewed, and events that reach provinces.
"""

import re
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.models import Commitment
from members.models import Body, Gathering, Office, Organisation, Region
from members.rules.roles import Role
from members.services import known
from tests.factories import make_body, make_case, make_user

pytestmark = pytest.mark.django_db

SHARING = "Sharing session Presiden Sarbumusi dan KSBSI kepada seluruh anggota"


def url(name, *rows):
    return reverse(name, args=[row.uuid for row in rows])


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.fixture
def audience(world):
    """The organisations of the source, a coordinator of the host that keeps a desk, and one of a guest."""
    known.load()
    Organisation.objects.filter(code="sp-bpjstk").update(is_desk=True)
    rows = {row.code: row for row in Organisation.objects.exclude(code=None)}
    return SimpleNamespace(
        **{code.replace("-", "_"): row for code, row in rows.items()},
        host=make_user("host", role=Role.COORDINATOR, at=rows["sp-bpjstk"], full_name="Pengurus SP BPJSTK"),
        guest=make_user("guest", role=Role.COORDINATOR, at=rows["ksbsi"], full_name="Pengurus KSBSI"),
        stranger=make_user("asing", role=Role.COORDINATOR, at=rows["fspmi"], full_name="Pengurus FSPMI"),
    )


@pytest.fixture
def meeting(audience, as_user):
    """The audience as it is noted first: without its day."""
    sent = {
        "kind": "audience",
        "title": "Audiensi SP BPJS Ketenagakerjaan dengan konfederasi",
        "organisers": "DPP SP BPJS Ketenagakerjaan",
        "topics": "perlindungan sosial, program BPJS Ketenagakerjaan, isu strategis",
    }
    assert as_user(audience.host).post(reverse("members:gathering-add"), sent).status_code == 302
    return Gathering.objects.get()


def test_names_lead_to_one_record(audience, as_user):
    """S1.1–S1.4: inside its counterpart, under disputed names, and not taken for its doubles."""
    client = as_user(audience.host)
    assert audience.sp_bpjstk.name in client.get(url("members:body", audience.sp_bpjstk.body)).text
    assert "BPJS Ketenagakerjaan" in client.get(url("members:organisation", audience.sp_bpjstk)).text
    for typed in ("Sejahtera", "Seluruh Buruh"):
        page = client.get(reverse("members:organisations"), {"q": typed}).text
        assert page.count(f'href="{url("members:organisation", audience.ksbsi)}"') == 1, typed
    assert "bukan" in text_of(client.get(url("members:organisation", audience.spn))).lower()


def test_the_meeting_from_an_unknown_day_to_minutes_on_one_page(audience, meeting, as_user):
    """S1.3, S1.6–S1.8, S1.11, S1.12."""
    client = as_user(audience.host)
    later = reverse("members:gatherings") + "?lihat=lengkapi"
    assert meeting.title in client.get(later).text

    people = url("members:gathering-people", meeting)
    client.post(people, {"pihak-names": "KSBSI\nSarbumusi\nKSPN\nKementerian Ketenagakerjaan"})
    assert set(meeting.parties.filter(organisation__isnull=False).values_list("organisation__code", flat=True)) == {
        "ksbsi", "sarbumusi", "kspn",
    }  # fmt: skip
    paste = "Ani Rahma, KSBSI\nBeni Hakim, Sarbumusi\nCici Paramida, KSPN"
    client.post(people, {"undang-people": paste, "undang-part": "peserta"})
    for row in meeting.attendances.all():
        client.post(reverse("members:gathering-mark", args=[meeting.uuid, row.uuid]), {"state": "present"})

    old = Office.objects.create(organisation=audience.sp_bpjstk, name="Ketua Lama", title="Ketua Umum")
    agenda = {"title": "Sambutan", "speaker": "Ketua Lama", "speaker_role": "Ketua Umum DPP SP BPJSTK"}
    client.post(url("members:gathering-agenda", meeting), agenda)
    Office.objects.filter(pk=old.pk).update(until_on=date(2025, 6, 30))

    sent = {
        "kind": "audience",
        "title": meeting.title,
        "organisers": "DPP SP BPJS Ketenagakerjaan",
        "held_on": "2025-02-04",
        "topics": "perlindungan sosial, isu strategis",
    }
    client.post(url("members:gathering-edit", meeting), sent)
    client.post(url("members:gathering-outcome", meeting), {"minutes": "Sinergi disepakati.", "outputs": ""})
    assert meeting.title not in client.get(later).text

    page = client.get(url("members:gathering-minutes", meeting))
    minutes = text_of(page)
    for said in ("Ani Rahma", "KSBSI (1)", "Sarbumusi (1)", "3 dari 4 hadir", "Sinergi disepakati.", "Ketua Lama"):
        assert said in minutes, said
    assert "Ketua Umum DPP SP BPJSTK" in minutes, "an old president stays in old minutes"
    assert "Kementerian Ketenagakerjaan" in minutes

    topic = meeting.topics.get(name="isu strategis")
    shown = client.get(reverse("members:gatherings"), {"lihat": "selesai", "topik": topic.pk}).text
    assert meeting.title in shown


def test_commitments_come_from_the_meeting_and_stand_in_its_minutes(audience, meeting, as_user):
    """S1.9: text, party, due or none; overdue by party; in the register of the engine and in the minutes."""
    client = as_user(audience.host)
    page = client.get(url("members:gathering", meeting)).text
    add = reverse("cases:commitment-add") + f"?acara={meeting.uuid}"
    assert add in page
    desk = str(audience.sp_bpjstk.uuid)
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    told = {"kind": "janji", "desk": desk, "on": "2025-02-04", "term": "date"}
    sent = {**told, "text": "Kirim daftar narahubung", "party": "Sarbumusi", "due_on": yesterday}
    assert client.post(add, sent).status_code == 302
    sent = {"kind": "janji", "desk": desk, "text": SHARING, "party": "KSBSI dan Sarbumusi", "term": "none"}
    assert client.post(add, sent).status_code == 302
    assert set(meeting.commitments.values_list("text", flat=True)) == {"Kirim daftar narahubung", SHARING}

    late = client.get(reverse("cases:commitments"), {"lihat": "lewat", "acara": str(meeting.uuid)}).text
    assert "Kirim daftar narahubung" in late and "Sarbumusi" in late and SHARING not in late
    assert f"KSBSI dan Sarbumusi: {SHARING}" in client.get(url("members:gathering", meeting)).text
    assert SHARING in client.get(url("members:gathering-minutes", meeting)).text


def test_a_promised_event_counts_the_provinces_it_reaches(audience, meeting, as_user):
    """S1.10: "2 dari 38 provinsi"."""
    client = as_user(audience.host)
    promise = Commitment.objects.create(
        desk=audience.sp_bpjstk, text=SHARING, gathering=meeting, logged_at=timezone.now(), logged_by=audience.host
    )
    begin = url("cases:commitment-series", promise)
    assert begin in client.get(url("cases:commitment", promise)).text
    first = client.post(begin)["Location"]
    assert client.post(begin)["Location"] == first, "a second tap makes no second series"
    promise.refresh_from_db()
    assert promise.series is not None
    series = promise.series
    assert "0 dari 38 provinsi" in text_of(client.get(url("cases:commitment", promise)))

    names = ["Kota Bekasi", "Kabupaten Jember", "Kota Bandung"]
    for at, city in enumerate(names):
        sent = {
            "kind": "sharing",
            "title": f"{SHARING} {at}"[:200],
            "organisers": "DPP SP BPJS Ketenagakerjaan",
            "held_on": "2025-03-0" + str(at + 1),
            "region": city,
            "series": series.name,
        }
        answer = client.post(reverse("members:gathering-add"), sent)
        assert answer.status_code == 302, text_of(answer)[-1500:]
    assert Region.objects.filter(kind="province").count() == 38
    shown = text_of(client.get(url("cases:commitment", promise)))
    assert "2 dari 38 provinsi terjangkau" in shown
    assert "2 dari 38" in text_of(client.get(url("members:gathering-series", series)))


def test_a_standing_promise_is_reviewed_with_the_numbers_of_each_desk(world, as_user):
    """S1.13: the quarterly review opens filled in; what the reader may not see, and what is restricted, is not counted."""
    office = make_body("BPJS Ketenagakerjaan Manado", kind="bpjs_ketenagakerjaan")
    for restricted in (False, False, True):
        made = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, place=office)
        type(made).objects.filter(pk=made.pk).update(is_restricted=restricted)
    make_case(desk=world.other_desk, by=world.outsider, assignee=world.outsider, place=office)
    client = as_user(world.koordinator)
    sent = {
        "kind": "janji",
        "desk": str(world.desk.uuid),
        "text": "Terus berkoordinasi, akses lebih mudah",
        "office": office.name,
        "term": "standing",
        "review_months": "3",
    }
    assert client.post(reverse("cases:commitment-add"), sent).status_code == 302
    promise = Commitment.objects.get()
    page = client.get(url("cases:commitment", promise))
    assert page.context["form"]["note"].value() == "2 kasus terbuka menyangkut kantor ini: DPD Karangsari 2"
    before = promise.next_review_on
    answer = {"act": "tinjau", "note": page.context["form"]["note"].value(), "seen": str(before)}
    assert client.post(url("cases:commitment", promise), answer).status_code == 302
    promise.refresh_from_db()
    assert promise.next_review_on > before
    assert "2 kasus terbuka" in promise.proof_note


def test_a_guest_sees_the_meeting_and_no_person_of_it_nor_a_case(audience, meeting, world, case, as_user):
    """S1.14: KSBSI sees the meeting, not the patients of others."""
    client = as_user(audience.host)
    client.post(url("members:gathering-people", meeting), {"pihak-names": "KSBSI"})
    client.post(
        url("members:gathering-people", meeting),
        {"undang-people": "Budi Tamu, SP BPJSTK", "undang-part": "peserta"},
    )
    guest = as_user(audience.guest)
    page = guest.get(url("members:gathering", meeting))
    assert page.status_code == 200
    assert meeting.title in guest.get(reverse("members:gatherings")).text
    assert "Budi Tamu" not in page.text
    for closed in ("gathering-people", "gathering-minutes", "gathering-edit", "gathering-door"):
        assert guest.get(url(f"members:{closed}", meeting)).status_code == 404, closed
    assert guest.get(url("cases:case-detail", case)).status_code == 404
    assert as_user(audience.stranger).get(url("members:gathering", meeting)).status_code == 404


def test_a_claim_is_tied_to_a_branch(world, as_user):
    """S1.5: head office, branch, and the claim at the branch."""
    known.load()
    head = Body.objects.get(code="bpjs-ketenagakerjaan")
    branch = make_body("BPJS Ketenagakerjaan Cabang Rawamangun", kind="bpjs_ketenagakerjaan", parent=head)
    case = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, place=branch, title="Klaim JKM lambat")
    client = as_user(world.relawan)
    assert branch.name in client.get(url("members:body", head)).text
    assert branch.name in client.get(url("cases:case-detail", case)).text


def test_who_is_in_no_directory_stands_as_typed(audience, meeting, as_user):
    """S1.6: who is in no directory stands as it was typed."""
    client = as_user(audience.host)
    client.post(url("members:gathering-people", meeting), {"pihak-names": "Pihak pemerintah"})
    party = meeting.parties.get()
    assert (party.name, party.organisation, party.body) == ("Pihak pemerintah", None, None)
