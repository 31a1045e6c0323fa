"""Source 000: PP SPEE FSPMI and Jamkeswatch hold a training for women and young workers (S0.9–S0.14, S0.21).

From the making to the verified certificate, through the pages that people open.
"""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.models import Attendance, Certificate, Gathering
from members.rules.gatherings import Stage
from members.rules.roles import Role
from members.services import advocates
from tests.factories import make_organisation, make_user

pytestmark = pytest.mark.django_db

TITLE = "Pelatihan Advokasi Jamkeswatch Bidang Perempuan dan Pekerja Muda"
THEME = "Dari Serikat Pekerja untuk Masyarakat"


def sixty() -> list[str]:
    """Sixty names of people nobody knows, women and men, with the union of each."""
    firsts = ["Sri", "Dewi", "Agus", "Budi", "Rina", "Tono", "Yanti", "Joko", "Lina", "Hadi"]
    lasts = ["Wahyuni", "Santoso", "Lestari", "Prasetyo", "Utami", "Nugroho"]
    return [f"{first} {last}" for first in firsts for last in lasts]


@pytest.fixture
def union(catalogue):
    """Both trees: SPEE below FSPMI, Jamkeswatch beside it; a coordinator on either side and a volunteer."""
    cache.clear()

    class Union:
        fspmi = make_organisation(
            "Federasi Serikat Pekerja Metal Indonesia",
            abbreviation="FSPMI",
            kind="federation",
            line="union",
            is_desk=False,
        )
        spee = make_organisation(
            "Pimpinan Pusat SPEE FSPMI",
            abbreviation="PP SPEE FSPMI",
            parent=fspmi,
            kind="sector_union",
            line="union",
            is_desk=False,
        )
        jamkeswatch = make_organisation(
            "Jamkeswatch", abbreviation="Jamkeswatch", kind="advocacy_national", is_desk=False
        )
        desk = make_organisation("DPD Jamkeswatch Bekasi", parent=jamkeswatch)
        pipin = make_user("pipin", role=Role.COORDINATOR, at=spee, full_name="Pengurus Bidang Perempuan")
        heri = make_user("heri", role=Role.COORDINATOR, at=jamkeswatch, full_name="Koordinator Jamkeswatch")
        rina = make_user("rina", role=Role.ADVOCATE, at=desk, full_name="Rina Wulandari")
        stranger = make_user("jauh", role=Role.COORDINATOR, at=make_organisation("DPD Jauh"), full_name="Orang Jauh")

    return Union()


def test_the_training_from_invitation_to_certificate(union, as_user, catalogue):
    client = as_user(union.pipin)
    today = timezone.localdate()

    # Made by PP SPEE together with Jamkeswatch, with its theme (S0.12, S0.13).
    answer = client.post(
        reverse("members:gathering-add"),
        {
            "kind": "training",
            "title": TITLE,
            "theme": THEME,
            "organisers": "PP SPEE FSPMI\nJamkeswatch",
            "held_on": today.isoformat(),
            "from_hour": "09.00",
            "until_hour": "16.00",
            "venue": "Gedung DPP FSPMI",
            "topics": "jaminan kesehatan, perempuan, pekerja muda",
        },
    )
    assert answer.status_code == 302, answer.content.decode()[-4000:]
    gathering = Gathering.objects.get()
    page = reverse("members:gathering", args=[gathering.uuid])
    assert answer["Location"] == page

    # Both organisers have it on their list and run it; a coordinator elsewhere does not see it at all.
    for user, status in [(union.pipin, 200), (union.heri, 200), (union.stranger, 404)]:
        assert as_user(user).get(page).status_code == status
    assert TITLE in as_user(union.heri).get(reverse("members:gatherings")).text
    assert TITLE not in as_user(union.stranger).get(reverse("members:gatherings")).text

    # The agenda with speakers and their offices, printed as a rundown (S0.14).
    client = as_user(union.pipin)
    agenda = reverse("members:gathering-agenda", args=[gathering.uuid])
    for hour, what, who, office in [
        ("10.00", "Motivasi", "Sabilar Rosyad", "Sekretaris Jenderal FSPMI"),
        ("09.00", "Pembukaan", "Pipin Supinah", "Ketua Bidang Perempuan dan Pekerja Muda PP SPEE"),
        ("09.30", "Sambutan", "H. Abdul Bais", "Ketua Umum PP SPEE FSPMI"),
    ]:
        sent = {"from_hour": hour, "title": what, "speaker": who, "speaker_role": office}
        assert client.post(agenda, sent).status_code == 302
    rundown = client.get(reverse("members:gathering-rundown", args=[gathering.uuid])).text
    assert rundown.index("Pipin Supinah") < rundown.index("H. Abdul Bais") < rundown.index("Sabilar Rosyad")
    assert "Ketua Bidang Perempuan dan Pekerja Muda PP SPEE" in rundown
    assert THEME in rundown

    # Sixty are invited by pasting the list; the same paste again invites nobody twice, phones are not kept.
    people = reverse("members:gathering-people", args=[gathering.uuid])
    unions = ["SPEE Bekasi", "SPEE Karawang", "Jamkeswatch"]
    client.post(people, {"pihak-names": "FSPMI\nJamkeswatch\nSPN"})
    paste = "\n".join(f"{at}. {name}, {unions[at % 3]}, 0812 3456 {7000 + at}" for at, name in enumerate(sixty(), 1))
    for _again in range(2):
        assert client.post(people, {"undang-people": paste, "undang-part": "peserta"}).status_code == 302
    assert gathering.attendances.count() == 60
    assert "0812" not in client.get(people).text
    assert not Attendance.objects.filter(name__contains="0812").exists()

    # Volunteers have told once who they are; nobody is asked at the door (S0.10).
    advocates.tell_of_oneself(user=union.rina, gender="f", born_from=2000)

    # The door opens with a QR code; a signed-in volunteer comes in with one tap.
    door = reverse("members:gathering-door", args=[gathering.uuid])
    assert client.post(door, {"act": "open"}).status_code == 302
    shown = client.get(door).text
    assert "<svg" in shown
    assert 'class="k-qr"' in shown
    gathering.refresh_from_db()
    entrance = reverse("members:check-in", args=[gathering.uuid, gathering.door_secret])
    assert len(gathering.door_secret) >= 32
    assert entrance in shown
    as_user(union.rina).post(entrance, {"act": "me"})
    rina = gathering.attendances.get(user=union.rina)
    assert (rina.state, rina.gender, rina.is_young) == ("present", "f", True)
    assert rina.organisation_name == "DPD Jamkeswatch Bekasi"

    # The others type name and union, all behind one address, without an account; the list is shown to nobody.
    guest = Client()
    first = guest.get(entrance).text
    assert not any(name in first for name in sixty())
    for at, name in enumerate(sixty()[:58], 1):
        sent = {"name": name.upper(), "organisation": unions[at % 3], "gender": "f" if at % 2 else "m", "young": "1"}
        answer = guest.post(entrance, sent)
        assert answer.status_code == 302, (at, answer.content.decode()[-2000:])
    assert "Anda tercatat hadir" in guest.get(answer["Location"]).text
    guest.post(entrance, {"name": "Tamu Mendadak", "organisation": "SPN"})
    guest.post(entrance, {"name": "tamu  mendadak", "organisation": "SPN"})
    assert gathering.attendances.count() == 62
    assert gathering.attendances.present().count() == 60

    # Balance without typing, and which organisations are missing.
    shown = as_user(union.pipin).get(page).text
    assert "60 dari 62 orang hadir" in shown
    assert "30 perempuan (51%), 29 laki-laki" in shown
    assert "1 belum diketahui" in shown
    assert "2 dari 3 hadir" in shown
    assert "Belum hadir: <b>FSPMI</b>" in shown

    # What they thought, without names.
    opinion = reverse("members:feedback", args=[gathering.uuid, gathering.door_secret])
    assert guest.post(opinion, {"score": "5", "useful": "Simulasi di IGD"}).status_code == 302
    assert "5 dari 5, dari 1 jawaban" in as_user(union.pipin).get(page).text

    # Certificates for everybody present, in one act; anyone verifies one, and it says no more than it must.
    client = as_user(union.pipin)
    assert client.post(reverse("members:certificates-issue", args=[gathering.uuid]), {}).status_code == 302
    client.post(reverse("members:certificates-issue", args=[gathering.uuid]), {})
    assert Certificate.objects.count() == 60
    certificate = Certificate.objects.get(attendance=rina)
    checked = guest.get(reverse("members:certificate", args=[certificate.code]))
    assert checked.status_code == 200
    said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", checked.text))
    assert "Rina Wulandari" in said and TITLE in said and "Berlaku" in said
    assert "DPD Jamkeswatch Bekasi" not in said and "rina@" not in said
    paper = client.get(reverse("members:certificates-print", args=[gathering.uuid]))
    assert paper.status_code == 200
    assert paper["Content-Type"] in {"application/pdf", "text/html; charset=utf-8"}
    assert as_user(union.rina).get(reverse("members:certificate-mine", args=[gathering.uuid])).status_code == 200

    # Revoked: the number says so at once.
    assert as_user(union.pipin).post(reverse("members:certificate-revoke", args=[certificate.code])).status_code == 302
    checked = guest.get(reverse("members:certificate", args=[certificate.code])).text
    assert "Dicabut" in checked

    # The kader walks on: peserta → magang with a mentor (S0.11).
    volunteer = reverse("members:volunteer", args=[union.rina.uuid])
    mentor = make_user("mentor", role=Role.ADVOCATE, at=union.desk, full_name="Mentor Lama")
    client = as_user(union.heri)
    yesterday = timezone.localdate() - timedelta(days=1)
    advocates.set_stage(user=union.rina, stage=Stage.PARTICIPANT, by=union.heri, on=yesterday)
    answer = client.post(volunteer, {"act": "stage", "jalan-stage": "magang", "jalan-mentor": str(mentor.uuid)})
    assert answer.status_code == 302
    stages = list(union.rina.advocate_path.values_list("stage", "until_on", "mentor__username"))
    assert stages == [("magang", None, "mentor"), ("peserta", yesterday, None)]
    assert "Rina Wulandari" in client.get(reverse("members:volunteers") + "?tahap=magang").text
    assert "Rina Wulandari" not in client.get(reverse("members:volunteers") + "?tahap=aktif").text


def test_a_closed_door_lets_nobody_in(union, as_user):
    client = as_user(union.pipin)
    client.post(reverse("members:gathering-add"), {"kind": "training", "title": TITLE, "organisers": "PP SPEE FSPMI"})
    gathering = Gathering.objects.get()
    door = reverse("members:gathering-door", args=[gathering.uuid])
    client.post(door, {"act": "open"})
    gathering.refresh_from_db()
    old = reverse("members:check-in", args=[gathering.uuid, gathering.door_secret])
    client.post(door, {"act": "open"})
    guest = Client()
    assert guest.get(old).status_code == 404, "a new code ends the old one"
    gathering.refresh_from_db()
    entrance = reverse("members:check-in", args=[gathering.uuid, gathering.door_secret])
    assert guest.get(entrance).status_code == 200
    client.post(door, {"act": "close"})
    assert guest.post(entrance, {"name": "Siapa Saja"}).status_code == 404
    assert gathering.attendances.count() == 0
