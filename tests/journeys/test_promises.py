"""RC47, Manado, May 2022: a branch promises to carry a form to the employer, does so within six days, and it is shown."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from tests.factories import make_case, make_region

pytestmark = pytest.mark.django_db
WITA = ZoneInfo("Asia/Makassar")


def url(name, row):
    return reverse(f"cases:{name}", args=[row.uuid])


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_the_branch_kept_its_word_in_six_days(world, as_user):
    manado = make_region("71.71", "Kota Manado", "Asia/Makassar")
    case = make_case(
        desk=world.desk,
        by=world.relawan,
        assignee=world.relawan,
        title="JHT tidak bisa dicairkan, perusahaan menunggak",
        patient="Yopi Tangkudung",
        region=manado,
        urgency="ordinary",
    )
    case.zone = "Asia/Makassar"
    case.save()
    client = as_user(world.relawan)

    # The meeting of 13 May: by word of mouth, by the branch, without a date. Four years late in the program.
    sent = {
        "kind": "janji",
        "text": "Membawa formulir penonaktifan ke perusahaan",
        "office": "BPJS Ketenagakerjaan Manado",
        "official_role": "kepala bidang pelayanan",
        "form": "oral",
        "where": "kantor cabang Manado",
        "on": "13-05-2022",
        "proof_note": "didengar AJI Manado dan anggota DPRD",
    }
    assert client.post(url("case-commitments", case), sent).status_code == 302
    promise = case.commitments.get()
    assert promise.event.happened_at.astimezone(WITA).date() == datetime(2022, 5, 13).date()

    # The same day the relawan asks for what was not promised, and the branch refuses it.
    demand = {"kind": "tuntutan", "text": "Petugas loket diberi tahu Permenaker 4/2022", "on": "13-05-2022"}
    client.post(url("case-commitments", case), demand)
    page = text_of(client.get(url("case-commitments", case)))
    assert "Tuntutan 1" in page and "BPJS Ketenagakerjaan Manado" in page

    # 19 May: the officer went.
    kept = {"act": "ditepati", "on": "19-05-2022", "hour": "09.00", "note": "Hari itu juga dinonaktifkan"}
    assert client.post(url("commitment", promise), kept).status_code == 302
    assert "Ditepati dalam 6 hari" in text_of(client.get(url("commitment", promise)))
    promise.refresh_from_db()
    assert promise.ended_at == datetime(2022, 5, 19, 9, 0, tzinfo=WITA)

    # The coordinator, before a hearing, reads what became of the words of this office.
    page = text_of(as_user(world.koordinator).get(reverse("cases:commitments") + "?lihat=selesai"))
    assert "Ditepati dalam 6 hari" in page
    assert re.search(r"BPJS Ketenagakerjaan Manado 1 dari 1 ditepati", page)
    assert "Yopi" not in page
