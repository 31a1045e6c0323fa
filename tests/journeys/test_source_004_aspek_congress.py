"""Source 004: ASPEK Indonesia prepares its congress, social security first on the agenda, 19 November 2025 (S4.1–S4.17)."""

import re
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.models import Resolution, Rule
from cases.services import clocks
from members.models import Gathering, Office, Organisation, Person, Sector, TrainingPlan, Vulnerability
from members.rules.roles import Role
from members.services import known, people
from tests.factories import make_body, make_case, make_user

pytestmark = pytest.mark.django_db


def url(name, *rows):
    return reverse(name, args=[row.uuid for row in rows])


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.fixture
def aspek(world):
    known.load()
    rows = {row.code: row for row in Organisation.objects.exclude(code=None)}
    return SimpleNamespace(
        top=rows["aspek-indonesia"],
        farkes=rows["aspek-farkes"],
        skkm=rows["skkm"],
        coordinator=make_user("aspek", role=Role.COORDINATOR, at=rows["aspek-indonesia"], full_name="Panitia Kongres"),
        leader=make_user("presiden", role=Role.LEADER, at=rows["aspek-indonesia"], full_name="Presiden ASPEK"),
        hengky=make_user("hengky", role=Role.ADVOCATE, at=rows["skkm"], full_name="Ketua SKKM"),
    )


def test_both_labels_find_it_and_its_union_of_a_hospital(aspek, as_user):
    """S4.1–S4.3: confederation or federation, its president, and a hospital that is an employer."""
    client = as_user(aspek.coordinator)
    for typed in ("Konfederasi ASPEK", "Federasi ASPEK", "FSP ASPEK"):
        assert url("members:organisation", aspek.top) in client.get(reverse("members:organisations"), {"q": typed}).text
    Office.objects.create(organisation=aspek.top, name="Muhammad Rusdi", title="Presiden")
    assert "Muhammad Rusdi" in client.get(url("members:organisation", aspek.top)).text
    assert set(aspek.skkm.body.kinds.values_list("code", flat=True)) == {"hospital", "employer"}
    assert aspek.skkm.name in client.get(url("members:body", aspek.skkm.body)).text


def test_two_offices_of_one_person(aspek, as_user):
    """S4.4: head of SKKM and deputy of the sector: what each opens comes together, and ends with each."""
    client = as_user(aspek.hengky)
    modules = reverse("members:gathering-add")
    assert client.get(modules).status_code == 404
    second = aspek.hengky.appointments.create(
        organisation=aspek.farkes, role=Role.COORDINATOR, from_on=timezone.localdate() - timedelta(days=1)
    )
    page = as_user(aspek.hengky).get(modules)
    assert page.status_code == 200
    second.until_on = timezone.localdate() - timedelta(days=1)
    second.save()
    assert as_user(aspek.hengky).get(modules).status_code == 404


def test_congress_with_its_invitation_resolutions_and_their_numbers(aspek, world, as_user):
    """S4.6, S4.8: invitations, who came, what was resolved, and how far it is now."""
    client = as_user(aspek.coordinator)
    sent = {
        "kind": "congress",
        "title": "Kongres ASPEK Indonesia",
        "organisers": "ASPEK Indonesia",
        "held_on": "2025-11-25",
    }
    assert client.post(reverse("members:gathering-add"), sent).status_code == 302
    congress = Gathering.objects.get()
    client.post(url("members:gathering-people", congress), {"pihak-names": "SKKM\nSektor Farkes ASPEK"})
    client.post(
        url("members:gathering-people", congress), {"undang-people": "Utusan Satu, SKKM", "undang-part": "peserta"}
    )
    row = congress.attendances.get()
    client.post(reverse("members:gathering-mark", args=[congress.uuid, row.uuid]), {"state": "present"})
    assert "1 dari 2 hadir" in text_of(client.get(url("members:gathering", congress)))

    add = reverse("cases:resolution-add") + f"?acara={congress.uuid}"
    assert add in client.get(url("members:gathering", congress)).text
    given = {
        "organisation": str(aspek.top.uuid),
        "text": "Posko jaminan sosial di setiap serikat",
        "indicator": "typed",
    }
    refused = client.post(add, given)
    assert "Sebutkan apa yang dihitung" in text_of(refused)
    assert client.post(add, {**given, "unit": "serikat", "target": "20"}).status_code == 302
    typed = Resolution.objects.get()
    assert typed.gathering == congress
    page = url("cases:resolution", typed)
    assert "belum tahu" in text_of(client.get(page)) or "–" in text_of(client.get(page))
    for day, number in (("01-01-2026", "9"), ("01-12-2025", "4")):
        value = {"value": number, "on_date": day, "source": "Laporan sekretariat"}
        assert client.post(page, value).status_code == 302
    shown = text_of(client.get(page))
    assert "9 dari 20 serikat" in shown, "the number of the newest day counts, whenever it was noted"
    assert "Laporan sekretariat" in shown
    assert as_user(world.outside_koordinator).get(page).status_code == 404
    # The leader reads and writes nothing.
    assert as_user(aspek.leader).get(page).status_code == 200
    assert as_user(aspek.leader).post(page, {"value": "1", "source": "x"}).status_code == 404


def test_an_indicator_of_ours_shows_its_present_value(aspek, world, as_user):
    """S4.8: the open cases below; a leader sees no group under five, and nobody what they may not."""
    Organisation.objects.filter(pk=aspek.skkm.pk).update(is_desk=True)
    desk = Organisation.objects.get(pk=aspek.skkm.pk)
    row = Resolution.objects.create(
        organisation=aspek.top, text="Tidak ada kasus terbuka", indicator="open_cases",
        created_at=timezone.now(), created_by=aspek.coordinator,
    )  # fmt: skip
    for _number in range(4):
        make_case(desk=desk, by=aspek.hengky, assignee=aspek.hengky)
    page = url("cases:resolution", row)
    assert as_user(aspek.coordinator).get(page).context["present"].value == 4
    seen = as_user(aspek.leader).get(page)
    assert seen.context["present"].is_small
    assert "&lt;5" in seen.text
    make_case(desk=desk, by=aspek.hengky, assignee=aspek.hengky)
    assert as_user(aspek.leader).get(page).context["present"].value == 5


def test_a_rule_shows_the_cases_that_hang_on_it(world, as_user):
    """S4.13: versions, and "4 kasus" of the six-month rule; restricted ones and those of others are not there."""
    rule = Rule.objects.get(code="K26")
    made = [make_case(desk=world.desk, by=world.relawan, assignee=world.relawan) for _number in range(4)]
    hidden = make_case(desk=world.desk, by=world.relawan2, assignee=world.relawan2)
    far = make_case(desk=world.other_desk, by=world.outsider, assignee=world.outsider)
    for case in [*made, hidden, far]:
        clocks.start_by_hand(case=case, rule=rule, started_at=timezone.now() - timedelta(days=1), by=case.assignee)
    type(hidden).objects.filter(pk=hidden.pk).update(is_restricted=True)
    page = reverse("cases:rule", args=[rule.code])
    shown = as_user(world.koordinator).get(page)
    assert "4 kasus terkait" in text_of(shown)
    assert {case.number for case in shown.context["cases"]} == {case.number for case in made}
    assert hidden.number not in shown.text and far.number not in shown.text
    assert "Siti Rahmawati" not in shown.text
    assert "4 kasus" in text_of(as_user(world.koordinator).get(reverse("cases:rules")))
    above = as_user(world.pimpinan).get(page)
    assert above.context["cases"] == []
    assert made[0].number not in above.text
    # What stood there before is kept with its moment.
    rule.legal_basis = "Permenaker 99/2026 pasal 1"
    rule.save()
    assert "Permenaker 99/2026 pasal 1" in text_of(as_user(world.relawan).get(page))
    assert len(as_user(world.relawan).get(page).context["versions"]) >= 1


def test_a_disease_of_work_with_its_exposure(world, case, as_user):
    """S4.12: what they were exposed to, for how long, with or without protection."""
    sent = {
        "text": "Dokter menyimpulkan penyakit akibat kerja",
        "d_work_kind": "radiografer",
        "d_exposure": "radiasi di ruang rontgen",
        "d_exposed_years": "11",
        "d_protected": "refused",
    }
    answer = as_user(world.relawan).post(reverse("cases:event-add", args=[case.uuid, "pak_diagnosed"]), sent)
    assert answer.status_code == 302, text_of(answer)[-1500:]
    event = case.events.filter(type__code="pak_diagnosed").get()
    assert event.details["exposure"] == "radiasi di ruang rontgen"
    assert event.details["exposed_years"] == 11
    assert "radiasi di ruang rontgen" in text_of(as_user(world.relawan).get(url("cases:timeline", case)))


def test_vulnerable_members_are_found(world, as_user):
    """S4.14."""
    flag = Vulnerability.objects.get(code="hazard")
    for name, is_flagged in (("Perawat Satu", True), ("Kasir Dua", False)):
        person = Person.objects.create(full_name=name)
        people.join(person=person, organisation=world.desk, by=world.koordinator)
        if is_flagged:
            person.vulnerabilities.create(vulnerability=flag)
    found = text_of(as_user(world.koordinator).get(reverse("members:people"), {"rentan": "hazard"}))
    assert "P.S." in found and "K.D." not in found


def test_the_board_changes(aspek, world, as_user):
    """S4.5: the old board ends on its day, the new one begins; minutes and reports of then keep the old."""
    Office.objects.create(organisation=aspek.top, name="Presiden Lama", title="Presiden", until_on=date(2025, 11, 30))
    Office.objects.create(organisation=aspek.top, name="Presiden Baru", title="Presiden", from_on=date(2025, 12, 1))
    client = as_user(world.relawan)
    then = client.get(url("members:organisation", aspek.top), {"pada": "2025-11-19"})
    assert [row.name for row in then.context["offices"]] == ["Presiden Lama"]
    now = client.get(url("members:organisation", aspek.top))
    assert [row.name for row in now.context["offices"]] == ["Presiden Baru"]


def test_a_claim_with_its_papers_its_deadlines_and_its_branch(aspek, world, as_user):
    """S4.9: a JKK claim at a branch of BPJS Ketenagakerjaan: which paper is missing, what runs, where it stands."""
    branch = make_body("BPJS Ketenagakerjaan Cilegon", kind="bpjs_ketenagakerjaan")
    case = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, place=branch)
    client = as_user(world.relawan)
    page = url("cases:case-papers", case)
    assert client.post(url("cases:papers-start", case), {"checklist": "jkk_accident"}).status_code == 302
    paper = case.casepapers.get(paper__code="jkk_stage_one")
    before = client.get(page).context["papers"].missing
    moved = {"ke": "received", "dari": paper.state}
    assert client.post(url("cases:paper-move", paper), moved).status_code == 302
    found = client.get(page)
    assert found.context["papers"].missing == before - 1
    assert f"{before - 1} berkas" in text_of(found)
    clocks.start_by_hand(case=case, rule=Rule.objects.get(code="K10"), by=world.relawan, started_at=timezone.now())
    shown = text_of(client.get(url("cases:case-detail", case)))
    assert branch.name in shown and Rule.objects.get(code="K10").label in shown


def test_trainings_planned_beside_those_held(aspek, as_user):
    """S4.16: per sector, a bar of what was held of what was planned."""
    sector = Sector.objects.get(code="health")
    TrainingPlan.objects.create(organisation=aspek.top, year=timezone.localdate().year, sector=sector, planned=4)
    client = as_user(aspek.coordinator)
    sent = {
        "kind": "training", "title": "Pelatihan K3 RS", "organisers": "ASPEK Indonesia", "sectors": [sector.code],
        "held_on": timezone.localdate().isoformat(),
    }  # fmt: skip
    assert client.post(reverse("members:gathering-add"), sent).status_code == 302
    page = client.get(reverse("cases:training"))
    assert f"{sector.name} · ASPEK Indonesia" in text_of(page)
    assert "1 terlaksana dari 4 rencana" in text_of(page)


def test_a_case_against_the_own_hospital_is_hidden_from_its_unit(aspek, world, as_user):
    """S4.17: the officers of SKKM do not open a case against Krakatau Medika, whatever else they hold."""
    officer = make_user("skkm2", role=Role.COORDINATOR, at=aspek.skkm, full_name="Pengurus SKKM")
    officer.appointments.create(organisation=world.desk, role=Role.COORDINATOR, from_on=timezone.localdate())
    case = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan, place=aspek.skkm.body)
    page = url("cases:case-detail", case)
    assert as_user(officer).get(page).status_code == 200
    client = as_user(world.relawan)
    restriction = url("cases:restriction", case)
    assert "SKKM" in client.get(restriction).text, "the unit inside the hospital is proposed"
    sent = {"act": "hide", "unit": str(aspek.skkm.uuid), "reason": "Anggota bekerja di sana"}
    assert client.post(restriction, sent).status_code == 302
    client = as_user(officer)
    assert client.get(page).status_code == 404
    assert case.number not in client.get(reverse("cases:case-list")).text
    assert as_user(world.koordinator).get(page).status_code == 200
