"""Who else helps: found by name, asked and accepted on a day, with a task each; and no door of the case opens by it."""

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from cases.models import Case, CasePartner, Outcome
from cases.reports import partners as report
from cases.rules.codes import EventCode
from cases.rules.errors import CaseIsClosed, Refused
from cases.services import closing, partners
from tests.factories import make_body, make_organisation

pytestmark = pytest.mark.django_db


def url(thing, name="partners"):
    return reverse(f"cases:{name}", args=[thing.uuid])


def text_of(response):
    page = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(page.replace("&#x27;", "'").split())


@pytest.fixture
def note(world, case):
    def note(**given):
        return partners.add(case=case, by=world.relawan, **{"name": "LBH Karangsari", **given})

    return note


def test_referred_on_a_day_and_accepted_on_a_day(note, case, world):
    """S0.4: a case shows "referred to X, accepted on …"."""
    partner = note(state="asked", state_on=date(2026, 1, 5))
    partners.move(partner=partner, state="accepted", state_on=date(2026, 1, 7), by=world.relawan)
    (shown,) = report.of_case(case)
    with translation.override("id"):
        assert [(str(step.label), step.on) for step in report.of_case(case)[0].steps] == [
            ("dirujuk atau diminta", date(2026, 1, 5)),
            ("diterima", date(2026, 1, 7)),
        ]
    assert (shown.partner.state, shown.partner.state_on) == ("accepted", date(2026, 1, 7))


def test_several_help_with_a_task_each(note, case, world):
    """S0.18: several partner organisations on one case, with a task each."""
    union = make_organisation("SPAI Karangsari", kind="union_plant")
    note(organisation=union, name="", task="surat ke perusahaan")
    note(body=make_body("Baznas Karangsari", kind="social"), name="", task="biaya ambulans")
    note(task="dampingi mediasi")
    assert [(str(each.partner), each.partner.task) for each in report.of_case(case)] == [
        ("SPAI Karangsari", "surat ke perusahaan"),
        ("Baznas Karangsari", "biaya ambulans"),
        ("LBH Karangsari", "dampingi mediasi"),
    ]


def test_a_partner_sees_nothing_of_the_case(note, case, world, as_user):
    note(organisation=world.other_desk, name="")
    client = as_user(world.outsider)
    assert client.get(url(case)).status_code == 404
    assert client.get(reverse("cases:case-detail", args=[case.uuid])).status_code == 404


def test_the_event_holds_ids_and_days_only(note, case):
    partner = note(state="asked", state_on=date(2026, 1, 5), task="hubungi Budi", contact="Pak Joko")
    event = case.events.latest("pk")
    assert (event.type.code, event.text) == (EventCode.PARTNER_ADDED, "")
    assert event.data == {"partner": str(partner.uuid), "state": "asked", "on": "2026-01-05"}


def test_the_same_once_more_tells_nothing(note, case, world):
    partner = note(state="asked")
    count = case.events.count()
    partners.move(partner=partner, state="asked", task="lain", by=world.relawan)
    assert case.events.count() == count
    assert case.casepartners.get().task == "lain"


def test_one_without_a_name_is_refused_by_us_and_by_the_table(note, case):
    with pytest.raises(Refused):
        note(name="  ")
    with pytest.raises(IntegrityError), transaction.atomic():
        CasePartner.objects.create(case=case, logged_at=timezone.now())


def test_a_day_to_come_is_refused(note, case, world):
    soon = timezone.localdate() + timedelta(days=2)
    with pytest.raises(Refused):
        note(state_on=soon)
    partner = note()
    with pytest.raises(Refused):
        partners.move(partner=partner, state="done", state_on=soon, by=world.relawan)
    partner.refresh_from_db()
    assert partner.state == "accepted"


def test_numbers_of_people_leave_the_texts(note, world):
    partner = note(name="Budi 081234567890", task="NIK 3515114107800001", contact="081234567890")
    assert "081234567890" not in partner.name + partner.contact
    moved = partners.move(partner=partner, state="done", task="WA 081234567890", by=world.relawan)
    assert "081234567890" not in moved.task
    assert "3515114107800001" not in partner.task


def test_a_restricted_case_seals_its_texts(note, case):
    Case.objects.filter(pk=case.pk).update(is_restricted=True)
    partner = note(task="antar ke VCT", contact="Pak Joko")
    with connection.cursor() as cursor:
        cursor.execute("SELECT task, contact FROM cases_casepartner WHERE id = %s", [partner.pk])
        task, contact = cursor.fetchone()
    assert "VCT" not in task
    assert "Joko" not in contact


def test_a_closed_case_takes_no_partner(note, case, world, as_user):
    partner = note()
    closing.close(case=case, outcome=Outcome.objects.first(), by=world.koordinator)
    with pytest.raises(CaseIsClosed):
        note()
    with pytest.raises(CaseIsClosed):
        partners.move(partner=partner, state="done", by=world.relawan)
    client = as_user(world.relawan)
    page = text_of(client.get(url(case)))
    assert "LBH Karangsari" in page
    assert "Simpan mitra ini" not in page
    page = client.post(url(case), {"name": "Serikat lain", "state": "asked"})
    assert page.status_code == 409
    assert "Serikat lain" in page.content.decode()
    page = client.post(url(partner, "partner-edit"), {"state": "done"})
    assert page.status_code == 409
    assert "Buka lagi dulu" in text_of(page)


# The page


def test_a_name_that_fits_one_exactly_is_that_one(world, case, as_user):
    union = make_organisation("Serikat Pekerja Karangsari", abbreviation="SPK", kind="union_plant")
    as_user(world.relawan).post(url(case), {"name": " spk ", "state": "asked", "task": "surat"})
    partner = case.casepartners.get()
    assert (partner.organisation, partner.body, partner.name) == (union, None, "")


def test_a_name_that_fits_several_is_asked_for_once(world, case, as_user):
    union = make_organisation("SP Sinar Jaya Utama", kind="union_plant")
    office = make_body("RS Sinar Jaya")
    client = as_user(world.relawan)
    given = {"name": "sinar jaya", "state": "asked", "task": "surat", "submit_key": str(uuid4())}
    page = client.post(url(case), given)
    said = text_of(page)
    assert "Pilih yang dimaksud." in said
    assert "SP Sinar Jaya Utama serikat atau unit" in said
    assert "RS Sinar Jaya" in said
    assert not case.casepartners.exists()
    assert client.post(url(case), {**given, "which": f"body-{office.uuid}"}).status_code == 302
    assert case.casepartners.get().body == office
    client.post(url(case), {"name": "sinar jaya", "state": "asked", "which": f"organisation-{union.uuid}"})
    assert case.casepartners.latest("pk").organisation == union
    client.post(url(case), {"name": "Sinar Jaya", "state": "asked", "which": "nama"})
    assert case.casepartners.latest("pk").name == "Sinar Jaya"


def test_a_row_that_was_not_offered_cannot_be_chosen(world, case, as_user):
    make_body("RS Sinar Jaya")
    page = as_user(world.relawan).post(
        url(case), {"name": "sinar jaya", "state": "asked", "which": f"organisation-{world.desk.uuid}"}
    )
    assert "Pilih satu dari daftar." in text_of(page)
    assert not case.casepartners.exists()


def test_a_name_nobody_knows_stays_a_name(world, case, as_user):
    client = as_user(world.relawan)
    given = {"name": "Komunitas Donor Darah", "state": "accepted", "submit_key": str(uuid4())}
    for _ in range(2):
        client.post(url(case), given)
    assert case.casepartners.get().name == "Komunitas Donor Darah"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": ""}, "Tulis siapa yang membantu."),
        ({"state": ""}, "Pilih sudah sampai mana."),
        ({"state": "hilang"}, "Pilih satu dari daftar."),
        ({"state_on": "31-02-2026"}, "Tanggal ini tidak ada."),
        ({"state_on": "2199-01-01"}, "Hari ini belum tiba."),
    ],
)
def test_bad_input_is_said_and_nothing_typed_is_lost(world, case, as_user, given, said):
    page = as_user(world.relawan).post(
        url(case), {"name": "LBH Karangsari", "state": "asked", "task": "surat kuasa", **given}
    )
    assert page.status_code == 200
    assert said in text_of(page)
    assert "surat kuasa" in page.content.decode()
    assert not case.casepartners.exists()


def test_what_became_of_it_through_the_page(world, case, as_user, note):
    partner = note(state="asked", state_on=date(2026, 1, 5), contact="Pak Joko", task="surat")
    client = as_user(world.relawan)
    given = {"state": "accepted", "state_on": "07-01-2026", "task": "surat", "contact": "Pak Joko"}
    assert client.post(url(partner, "partner-edit"), given).status_code == 302
    page = text_of(client.get(url(case)))
    assert "dirujuk atau diminta Sen, 5 Jan 2026 · diterima Rab, 7 Jan 2026" in page
    assert "Dengan Pak Joko" in page


def test_a_task_reworded_keeps_the_day(world, case, as_user, note):
    partner = note(state="accepted", state_on=date(2026, 1, 5))
    count = case.events.count()
    as_user(world.relawan).post(url(partner, "partner-edit"), {"state": "accepted", "task": "ambulans"})
    partner.refresh_from_db()
    assert (partner.state_on, partner.task) == (date(2026, 1, 5), "ambulans")
    assert case.events.count() == count


def test_who_is_there_shows_where_names_are_open_and_is_kept_elsewhere(world, case, as_user, note):
    partner = note(contact="Pak Joko")
    client = as_user(world.koordinator)
    assert "Joko" not in text_of(client.get(url(case)))
    assert "Joko" not in client.get(url(partner, "partner-edit")).content.decode()
    client.post(url(partner, "partner-edit"), {"state": "done", "contact": "Orang lain"})
    partner.refresh_from_db()
    assert (partner.state, partner.contact) == ("done", "Pak Joko")


def test_what_is_not_yours_does_not_exist(world, case, as_user, note):
    partner, client = note(), as_user(world.outsider)
    assert client.get(url(case)).status_code == 404
    assert client.post(url(case), {"name": "x", "state": "asked"}).status_code == 404
    assert client.get(url(partner, "partner-edit")).status_code == 404
    assert client.post(url(partner, "partner-edit"), {"state": "done"}).status_code == 404
    assert case.casepartners.count() == 1


def test_the_page_costs_the_same_however_many_partners(world, case, note, as_user):
    client = as_user(world.relawan)

    def statements():
        with CaptureQueriesContext(connection) as found:
            client.get(url(case))
        return len(found)

    note()
    statements()
    few = statements()
    for number in range(5):
        note(organisation=make_organisation(f"SP {number}", kind="union_plant"))
    assert statements() == few
