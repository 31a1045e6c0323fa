"""Source 000: what PP SPEE, FSPMI and Jamkeswatch see of what is done below them, page by page (S0.1–S0.4, S0.7, S0.11, S0.15,
S0.19, S0.21, S0.22)."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, CasePartner, Event, EventType, Outcome, ProblemFamily, ProblemType
from cases.services import attempts
from members.models import Gathering, Membership, Organisation, Person, VolunteerProfile
from members.rules.roles import Role
from members.services import attendance, known
from tests.factories import make_body, make_case, make_organisation, make_user
from tests.members.test_admin import enter, inline  # noqa: F401 (a fixture)

pytestmark = pytest.mark.django_db
FIGURES = reverse("cases:figures")
BY = ("serikat", "wilayah")


@pytest.fixture
def fspmi(world):
    """PP SPEE below FSPMI with two plants of its own, and SPN beside them; a coordinator at each, a Sekjen on top."""
    known.load()
    rows = {row.code: row for row in Organisation.objects.exclude(code=None)}
    puk = make_organisation("PUK SPEE PT Elektronik", parent=rows["spee-fspmi"], kind="plant_unit", line="union")
    return SimpleNamespace(
        top=rows["fspmi"],
        spee=rows["spee-fspmi"],
        spn=rows["spn"],
        puk=puk,
        at_puk=make_user("puk", role=Role.COORDINATOR, at=puk, full_name="Pengurus PUK"),
        relawan=make_user("relawanpuk", role=Role.ADVOCATE, at=puk, full_name="Relawan PUK"),
        at_spee=make_user("spee", role=Role.COORDINATOR, at=rows["spee-fspmi"], full_name="Pengurus SPEE"),
        at_fspmi=make_user("fspmi", role=Role.COORDINATOR, at=rows["fspmi"], full_name="Pengurus FSPMI"),
        at_spn=make_user("spn", role=Role.COORDINATOR, at=rows["spn"], full_name="Pengurus SPN"),
        sekjen=make_user("sekjen", role=Role.LEADER, at=rows["fspmi"], full_name="Sekretaris Jenderal"),
    )


def tile(page, label):
    return next(each.cell.text for each in page.context["tiles"] if each.label == label)


def section(page, code):
    """The rows of a table of figures, as they are read."""
    found = next(each for each in page.context["sections"] if each.code == code)
    return [[cell.text for cell in row] for row in found.cells]


def trained(as_user, fspmi, *, days_ago=0, title="Pelatihan PUK"):
    """The plant holds a training, through its page, and its volunteer is there."""
    sent = {
        "kind": "training",
        "title": title,
        "organisers": fspmi.puk.name,
        "held_on": (timezone.localdate() - timedelta(days=days_ago)).isoformat(),
    }
    assert as_user(fspmi.at_puk).post(reverse("members:gathering-add"), sent).status_code == 302
    gathering = Gathering.objects.get(title=title)
    attendance.check_in_user(gathering=gathering, user=fspmi.relawan)
    return gathering


def test_cases_and_trainings_of_a_plant_roll_up_to_its_sector_union_and_to_the_federation(fspmi, as_user, enter):  # noqa: F811
    """S0.1: PP SPEE stands under FSPMI, dated; what its PUK does is counted and found at both, and nowhere beside."""
    case = make_case(desk=fspmi.puk, by=fspmi.relawan, assignee=fspmi.relawan)
    gathering = trained(as_user, fspmi)
    for user, count in [(fspmi.at_puk, 1), (fspmi.at_spee, 1), (fspmi.at_fspmi, 1), (fspmi.at_spn, 0)]:
        client = as_user(user)
        page = client.get(FIGURES)
        assert tile(page, "Kasus baru") == str(count), user
        assert (case.number in client.get(reverse("cases:case-list")).text) == bool(count), user
        assert client.get(reverse("cases:training")).context["practice"].trained == count, user
        assert (gathering.title in client.get(reverse("members:gatherings")).text) == bool(count), user
    # Dated: a plant that moves away in admin is counted where it stands now; the past still says where it stood.
    move = reverse("admin:members_organisation_move", args=[fspmi.puk.pk])
    on = timezone.localdate() - timedelta(days=1)
    answer = enter(fspmi_admin()).post(move, {"parent": fspmi.spn.pk, "on": on.isoformat(), "source": "surat"})
    assert answer.status_code == 302
    cache.clear()
    for user, count in [(fspmi.at_spee, 0), (fspmi.at_fspmi, 0), (fspmi.at_spn, 1)]:
        assert tile(as_user(user).get(FIGURES), "Kasus baru") == str(count), user
    page = reverse("members:organisation", args=[fspmi.puk.uuid])
    client = as_user(fspmi.at_spn)
    assert fspmi.spee.name in client.get(page, {"pada": (on - timedelta(days=9)).isoformat()}).text
    assert fspmi.spee.name not in client.get(page).text


def fspmi_admin():
    return make_user("sistem2", full_name="Admin", is_staff=True, is_superuser=True)


def test_the_sekjen_sees_totals_by_sector_union_and_by_city(fspmi, as_user):
    """S0.2: a federation node with its own figures; its leader reads totals and opens nobody."""
    other = make_organisation("PUK SPAI", parent=make_organisation(
        "PP SPAI FSPMI", parent=fspmi.top, kind="sector_union", line="union", is_desk=False
    ), kind="plant_unit", line="union", is_desk=False)  # fmt: skip
    city = Organisation.objects.get(code="kerah-biru-jember").region
    for at in range(12):
        case = make_case(desk=fspmi.puk, by=fspmi.relawan, patient="", region=city)
        person = Person.objects.create(full_name=f"Anggota {at}")
        case.parties.create(role="patient", person=person)
        Membership.objects.create(person=person, organisation=fspmi.puk if at < 7 else other)
    client = as_user(fspmi.at_fspmi)
    found = {by: dict(row[:2] for row in section(client.get(FIGURES, {"bagi": by}), "kelompok")) for by in BY}
    assert found["serikat"] == {"PP SPEE FSPMI": "7", "PP SPAI FSPMI": "5", "Jumlah": "12"}
    assert found["wilayah"] == {"Kabupaten Jember": "12", "Jumlah": "12"}
    client = as_user(fspmi.sekjen)
    page = client.get(FIGURES, {"bagi": "serikat"})
    assert {"PP SPEE FSPMI", "PP SPAI FSPMI"} <= {row[0] for row in section(page, "kelompok")}
    assert "Kabupaten Jember" in {row[0] for row in section(client.get(FIGURES, {"bagi": "wilayah"}), "kelompok")}
    assert tile(page, "Kasus baru") == "10+"
    assert client.get(reverse("cases:case-detail", args=[case.uuid])).status_code == 404
    assert "Anggota" not in page.text.split("<main")[1]


def test_an_officer_of_two_trees_has_what_both_give(world, as_user, enter):  # noqa: F811
    """S0.3: member of a plant and coordinator of a DPD: given in admin, both hold at the next request."""
    own = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan)
    there = make_case(desk=world.other_desk, by=world.outsider, assignee=world.outsider)
    page, other = (reverse("cases:case-detail", args=[case.uuid]) for case in (own, there))
    client = as_user(world.relawan)
    assert [client.get(each).status_code for each in (page, other)] == [200, 404]
    office = {"user": world.relawan.pk, "role": Role.COORDINATOR, "from_on": timezone.localdate().isoformat()}
    form = reverse("admin:members_organisation_change", args=[world.other_desk.pk])
    desk = world.other_desk
    given = {"name": desk.name, "kind": desk.kind_id, "is_desk": "on", "is_active": "on"}
    empty = ("affiliations", "offices", "board_terms", "registrations")
    sent = given | inline("appointments", [office]) | {k: v for each in empty for k, v in inline(each).items()}
    assert enter(world.admin_federasi).post(form, sent).status_code == 302
    client = as_user(world.relawan)
    assert [client.get(each).status_code for each in (page, other)] == [200, 200]


def test_referred_to_a_social_body_and_accepted(world, case, as_user):
    """S0.4: "dirujuk ke X, diterima pada …" on the page of the partners."""
    make_body("Baznas Karangsari", kind="social")
    client, page = as_user(world.relawan), reverse("cases:partners", args=[case.uuid])
    sent = {"name": "Baznas Karangsari", "state": "asked", "state_on": "2026-01-05", "task": "biaya ambulans"}
    assert client.post(page, sent).status_code == 302
    partner = CasePartner.objects.get(case=case)
    edit = reverse("cases:partner-edit", args=[partner.uuid])
    told = {"state": "accepted", "state_on": "2026-01-07", "task": "biaya ambulans"}
    assert client.post(edit, told).status_code == 302
    text = client.get(page).text
    for said in ("Baznas Karangsari", "dirujuk atau diminta", "5 Jan 2026", "diterima", "7 Jan 2026"):
        assert said in text, said


def test_women_and_young_workers_alone_and_of_her_own_organisation(fspmi, world, as_user):
    """S0.7: the figures of the department: women, or 35 and younger, of what is below her and of nobody else."""
    today = timezone.localdate()
    people = [("f", date(1980, 5, 1)), ("f", today - timedelta(days=25 * 365)), ("m", date(1975, 5, 1))]
    for gender, born in people:
        case = make_case(desk=fspmi.puk, by=fspmi.relawan, patient="")
        case.parties.create(role="patient", person=Person.objects.create(full_name="X", gender=gender, born_on=born))
    elsewhere = make_case(desk=world.desk, by=world.relawan, patient="")
    elsewhere.parties.create(role="patient", person=Person.objects.create(full_name="Y", gender="f"))
    fspmi.at_spee.appointments.update(title="Ketua Bidang Perempuan dan Pekerja Muda", until_on=today)
    client = as_user(fspmi.at_spee)
    found = [tile(client.get(FIGURES, {"sorot": look}), "Kasus baru") for look in ("", "perempuan", "muda")]
    assert found == ["3", "2", "1"]
    for user, gender in [(fspmi.relawan, "f"), (fspmi.at_puk, "m")]:
        VolunteerProfile.objects.create(user=user, gender=gender)
    cache.clear()
    rows = dict(row[:2] for row in section(client.get(FIGURES), "relawan"))
    assert rows["di antaranya perempuan"] == "1", rows


def test_from_training_to_a_first_case_and_to_a_closed_one(fspmi, as_user):
    """S0.11, S0.21: "trained, no first case in 30 days", by name; then who closed one within 90 days, in percent."""
    trained(as_user, fspmi, days_ago=120)
    training, name = reverse("cases:training"), fspmi.relawan.full_name
    page = as_user(fspmi.at_spee).get(training)
    assert name in page.text and page.context["practice"].share == 0
    case = make_case(desk=fspmi.puk, by=fspmi.relawan, assignee=fspmi.relawan)
    closed_at = timezone.now() - timedelta(days=60)
    outcome = Outcome.objects.get(code="rights_met")
    Case.objects.filter(pk=case.pk).update(status="closed", closed_at=closed_at, outcome=outcome)
    page = as_user(fspmi.at_spee).get(training)
    assert name not in page.text and "100%" in page.text


def test_who_was_helped_and_where_people_were_refused(fspmi, world, as_user):
    """S0.15, S0.19: the share outside the unions; refusals by facility and reason, time to a room and to money."""
    client, now = as_user(fspmi.at_fspmi), timezone.now()
    first = now - timedelta(days=3)
    cases = [
        make_case(desk=fspmi.puk, by=fspmi.relawan, assignee=fspmi.relawan, now=first, membership=membership)
        for membership in ("member", "family", "public", "public")
    ]
    hospital = make_body("RS Melati")
    for answer in ("full", "refused"):
        attempts.ask(case=cases[0], answer=answer, by=fspmi.relawan, body=hospital, at=first, now=now)
    for code, hours in [("got_room", 4), ("benefit_paid", 48)]:
        at = first + timedelta(hours=hours)
        kind = EventType.objects.get(code=code)
        Event.objects.create(case=cases[0], type=kind, happened_at=at, logged_at=at)
    page = client.get(FIGURES, {"periode": "tahun"})
    helped = {row[0]: row[1:] for row in section(page, "untuk")}
    assert helped["Dibantu: bukan anggota"] == ["2", "50%"], helped
    refused = {row[0]: row[1:] for row in section(page, "penolakan")}
    assert refused["RS Melati"][:3] == ["2", "1", "1"], refused
    times = {row[0]: row[1] for row in section(page, "waktu")}
    assert (times["Waktu sampai dapat kamar"], times["Waktu sampai dibayar"]) == ("4 jam", "2 hari")


def test_a_new_problem_is_added_without_a_programmer(world, case, as_user, enter):  # noqa: F811
    """S0.22: typed in admin, chosen on a case, counted."""
    family = ProblemFamily.objects.first()
    sent = {
        "code": "A77", "family": family.pk, "name": "Ruang tunggu terlalu lama", "plain": "Pasien menunggu berjam-jam",
        "severity": ProblemType.objects.first().severity, "position": 99, "words": "menunggu lama\r\nantre", "papers": "",
        "programmes": "JKN",
    }  # fmt: skip
    answer = enter(world.superuser).post(reverse("admin:cases_problemtype_add"), sent)
    assert answer.status_code == 302, answer.text
    added = ProblemType.objects.get(code="A77")
    client, edit = as_user(world.relawan), reverse("cases:case-edit", args=[case.uuid])
    page = client.get(edit)
    assert "Pasien menunggu berjam-jam" in page.text
    form = {name: value for name, value in page.context["form"].initial.items() if value not in (None, "", [], set())}
    told = {"title": case.title, "urgency": case.urgency, "story": case.story, "version": case.version}
    answer = client.post(edit, form | told | {"problem_type": added.pk})
    assert answer.status_code == 302, answer.text
    rows = section(as_user(world.koordinator).get(FIGURES, {"bagi": "jenis"}), "kelompok")
    assert ["Pasien menunggu berjam-jam", "1"] in [row[:2] for row in rows], rows
