"""Source 002: KSPI Production Group, series 1 and 2, makes the FOA module for the package Hak-Hak Dasar Pekerja (S2.2–S2.16)."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.urls import reverse
from django.utils import timezone

from members.models import Competence, Gathering, Module, ModulePackage, PackagePart
from members.rules.roles import Role
from members.services import advocates
from tests.factories import make_organisation, make_user

pytestmark = pytest.mark.django_db

FEDERATIONS = ["FSPMI", "FSP FARKES REF", "FSP ASPEK Indonesia", "SBPI", "SPN", "FSP KEP", "FPTHSI", "FSP PAR REF"]
DRAFT = "# Kebebasan Berserikat\n\n- Konvensi ILO 87\n- Konvensi ILO 98"
FINAL = "# Kebebasan Berserikat (FOA)\n\nSetiap pekerja **berhak** membentuk serikat.\n\n- Konvensi ILO 87\n<script>x</script>"


@pytest.fixture
def kspi(catalogue):
    def make(name, abbreviation, **where):
        return make_organisation(name, abbreviation=abbreviation, line="union", is_desk=False, **where)

    top = make("Konfederasi Serikat Pekerja Indonesia", "KSPI", kind="confederation")
    federations = {name: make(f"Federasi {name}", name, parent=top, kind="federation") for name in FEDERATIONS}
    return SimpleNamespace(
        top=top,
        federations=federations,
        coordinator=make_user("kspi", role=Role.COORDINATOR, at=top, full_name="Bidang Pendidikan KSPI"),
        trainer=make_user("pelatih", role=Role.ADVOCATE, at=federations["SPN"], full_name="Alumni TTM"),
        cadre=make_user("kader", role=Role.ADVOCATE, at=federations["FSPMI"], full_name="Kader Muda"),
    )


def hold(client, number, day):
    answer = client.post(
        reverse("members:gathering-add"),
        {
            "kind": "meeting",
            "title": f"Pertemuan Seri {number}: Modul Kebebasan Berserikat",
            "organisers": "KSPI",
            "held_on": day,
            "from_hour": "09.00",
            "until_hour": "16.00",
            "venue": "Gedung DPP FSPMI, Lantai 3, Jl. Raya Pondok Gede No. 11",
            "series": "KSPI Production Group",
        },
    )
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    return Gathering.objects.get(held_on=day)


def test_two_series_one_module_and_a_package(kspi, as_user):
    client = as_user(kspi.coordinator)
    first = hold(client, 1, "2025-09-15")
    second = hold(client, 2, "2025-09-29")
    assert (first.number, second.number) == (1, 2)
    assert first.series == second.series

    # Series 1 made the first draft; series 2 sees it as brought along (S2.7), and so does the page of the group (S2.2).
    outcome = reverse("members:gathering-outcome", args=[first.uuid])
    client.post(outcome, {"minutes": "Draf awal disepakati.", "outputs": "Draf awal modul FOA"})
    shown = client.get(reverse("members:gathering", args=[second.uuid])).text
    assert "Dibawa dari pertemuan sebelumnya" in shown
    assert "Draf awal modul FOA" in shown
    group = client.get(reverse("members:gathering-series", args=[second.series.uuid])).text
    assert group.index("Pertemuan Seri 2") < group.index("Pertemuan Seri 1")
    assert "Draf awal modul FOA" in group

    # Eight federations are invited, six are there, the two missing ones are named (S2.3).
    people = reverse("members:gathering-people", args=[second.uuid])
    client.post(people, {"pihak-names": "\n".join(FEDERATIONS)})
    names = ["Ani", "Beni", "Citra", "Dodi", "Eka", "Fajar"]
    paste = "\n".join(f"{name}\t{union}" for name, union in zip(names, FEDERATIONS[:6], strict=True))
    client.post(people, {"undang-people": paste, "undang-part": "peserta"})
    for row in second.attendances.all():
        client.post(reverse("members:gathering-mark", args=[second.uuid, row.uuid]), {"state": "present"})
    shown = client.get(reverse("members:gathering", args=[second.uuid])).text
    assert "6 dari 8 hadir" in shown
    assert "FPTHSI, FSP PAR REF" in shown
    minutes = client.get(reverse("members:gathering-minutes", args=[second.uuid])).text
    assert "Ani" in minutes and "6 dari 8 hadir" in minutes

    # It stays so when a federation leaves KSPI later: what was written of that day is what was.
    row = second.attendances.get(name="Citra")
    assert (row.organisation_name, row.party.name) == ("FSP ASPEK Indonesia", "FSP ASPEK Indonesia")

    # Its hours are in the calendar of a phone (S2.8): 09.00 WIB is 02.00 UTC.
    calendar = client.get(reverse("members:gathering-calendar", args=[second.uuid])).content.decode()
    assert "DTSTART:20250929T020000Z" in calendar
    assert "DTEND:20250929T090000Z" in calendar

    # The module: a draft, overdue while nothing is final, with its owner (S2.12).
    module = Module.objects.create(
        title="Kebebasan Berserikat",
        abbreviation="FOA",
        organisation=kspi.top,
        owner=kspi.coordinator,
        target_on=timezone.localdate() - timedelta(days=3),
    )
    package = ModulePackage.objects.create(title="Hak-Hak Dasar Pekerja", organisation=kspi.top)
    PackagePart.objects.create(package=package, position=1, title="Kebebasan Berserikat", module=module)
    PackagePart.objects.create(package=package, position=2, title="Perundingan Bersama")
    versions = reverse("members:module-versions", args=[module.uuid])
    assert client.post(versions, {"text": DRAFT, "gathering": str(first.uuid)}).status_code == 302
    shelf = client.get(reverse("members:modules")).text
    assert "Lewat target final" in shelf and "Bidang Pendidikan KSPI" in shelf
    assert "2 modul belum ada" in shelf

    # A cadre sees nothing of drafts.
    page = reverse("members:module", args=[module.uuid])
    assert as_user(kspi.cadre).get(page).status_code == 404
    assert as_user(kspi.cadre).get(versions).status_code == 404

    # Reviewed at series 2 by the alumni trainers, then final; nothing becomes final unseen (S2.9).
    client = as_user(kspi.coordinator)
    client.post(versions, {"text": FINAL, "changes": "Contoh kasus ditambah", "gathering": str(second.uuid)})
    version = module.versions.get(number=2)
    move = reverse("members:module-version-move", args=[version.uuid])
    client.post(move, {"state": "review"})
    client.post(move, {"state": "final"})
    version.refresh_from_db()
    assert version.state == "review"
    client.post(move, {"act": "review", "telaah-reviewer": "Alumni TTM III DTDA", "telaah-note": "Siap dipakai"})
    client.post(move, {"state": "final"})
    version.refresh_from_db()
    assert version.state == "final"

    # Only the text that holds is read in the field, with version and day; the old one is kept (S2.13).
    shown = as_user(kspi.cadre).get(page).text
    assert "versi 2, " in shown
    assert "<b>berhak</b>" in shown
    assert "<script>x" not in shown and "&lt;script&gt;" in shown
    history = as_user(kspi.coordinator).get(versions).text
    assert "Versi 1" in history and "Alumni TTM III DTDA: Siap dipakai" in history
    shelf = as_user(kspi.cadre).get(reverse("members:modules")).text
    assert "1 modul belum ada" in shelf and "Perundingan Bersama" in shelf
    assert "Lewat target final" not in as_user(kspi.coordinator).get(reverse("members:modules")).text

    # A skilled trainer of this module may write the next version; the level opens it, nothing else (S2.6).
    assert as_user(kspi.trainer).get(versions).status_code == 404
    advocates.give_competence(user=kspi.trainer, skill=Competence.Skill.TRAINER, level=1, module=module)
    assert as_user(kspi.trainer).get(versions).status_code == 404
    advocates.give_competence(
        user=kspi.trainer, skill=Competence.Skill.TRAINER, level=2, module=module, note="TTM III DTDA"
    )
    assert as_user(kspi.trainer).get(versions).status_code == 200
    assert "Alumni TTM" in as_user(kspi.coordinator).get(reverse("members:volunteers") + "?tahap=pelatih").text


def test_a_meeting_without_a_day_waits_to_be_completed(kspi, as_user):
    """S1.8: an audience whose day was left blank is kept, and stands on the list."""
    client = as_user(kspi.coordinator)
    client.post(reverse("members:gathering-add"), {"kind": "audience", "title": "Audiensi DJSN", "organisers": "KSPI"})
    gathering = Gathering.objects.get()
    later = reverse("members:gatherings") + "?lihat=lengkapi"
    assert "Audiensi DJSN" in client.get(later).text
    sent = {"kind": "audience", "title": "Audiensi DJSN", "organisers": "KSPI", "held_on": date(2025, 9, 1).isoformat()}
    client.post(reverse("members:gathering-edit", args=[gathering.uuid]), sent)
    client.post(reverse("members:gathering-outcome", args=[gathering.uuid]), {"minutes": "Disepakati.", "outputs": ""})
    assert "Audiensi DJSN" not in client.get(later).text
    assert "Audiensi DJSN" in client.get(reverse("members:gatherings") + "?lihat=selesai").text
