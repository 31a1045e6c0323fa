"""The quick log over HTTP: without a script, with one, and what it whispers."""

import re
import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.forms.quick_log import QuickLogForm
from cases.models import Case, Event, ProblemFamily, ProblemType
from members.models import AccessLog, Body, Message, Person
from members.rules.roles import Role
from tests.factories import make_case, make_organisation, make_user

NIK = "3515014407880001"
URL = "/catat/"


def post(client, **data):
    return client.post(URL, {"submit_key": uuid4(), "reporter_is": "unknown", **data})


def text_of(response):
    return re.sub(r"\s+", " ", response.content.decode())


# --- The form ---


def test_the_page_asks_one_thing_and_offers_the_rest(world, as_user):
    page = text_of(as_user(world.relawan).get(URL))
    assert "Apa yang terjadi?" in page
    assert "Nyawa terancam" in page
    assert page.count(" required") == 1
    assert "*" not in re.sub(r"<[^>]+>", " ", page)


def test_one_sentence_makes_a_case_and_shows_its_number(world, as_user):
    client = as_user(world.relawan)
    response = post(client, story="Ibu ditolak di IGD")
    case = Case.objects.get()
    assert response.status_code == 302
    assert response.url == reverse("cases:logged", args=[case.uuid])
    page = text_of(client.get(response.url))
    assert case.number in page
    assert "Anda yang memegang" in page
    assert "Masih kurang" in page
    assert "Ibu ditolak di IGD – Kawal" not in page


def test_a_script_is_told_where_to_go(world, as_user):
    response = as_user(world.relawan).post(
        URL, {"submit_key": uuid4(), "story": "x"}, headers={"Accept": "application/json"}
    )
    case = Case.objects.get()
    assert response.json() == {"url": reverse("cases:logged", args=[case.uuid]), "number": case.number}


def test_nothing_typed_is_lost_when_something_is_missing(world, as_user):
    page = text_of(
        post(
            as_user(world.relawan),
            reporter_is="family",
            reporter_name="Siti Aminah",
            reporter_phone="0812 34",
            urgency="emergency",
            problems=["A01", "D03"],
            red_flags=["breathing"],
            patient_name="Slamet",
        )
    )
    assert "Periksa lagi:" in page
    assert "Ada 2 hal yang perlu dibetulkan" in page
    assert 'href="#story"' in page and 'href="#reporter_phone"' in page
    assert page.count("Tulis apa yang terjadi. Satu kalimat cukup.") == 2
    assert page.count("Nomor telepon kurang angka. Contoh: 0812 3456 7890.") == 2
    for kept in (
        'value="Siti Aminah"',
        'value="0812 34"',
        'value="Slamet"',
        'value="A01" checked',
        'value="D03" checked',
    ):
        assert kept in page, kept
    assert 'value="breathing" checked' in page
    assert re.search(r'value="emergency"[^>]* checked', page)
    assert not Case.objects.exists()


@pytest.mark.parametrize("words", ["belum tahu", "-", "tidak ada", "  "])
def test_words_in_the_phone_field_mean_not_known(world, as_user, words):
    assert post(as_user(world.relawan), story="x", reporter_phone=words).status_code == 302


def test_the_first_chip_tapped_is_the_main_problem(world, as_user):
    post(as_user(world.relawan), story="x", problems=["A01", "D03"], problem_main="D03")
    case = Case.objects.get()
    assert case.problem_type.code == "D03"
    assert {row.code for row in case.problem_types.all()} == {"A01", "D03"}


def test_everything_that_may_be_known(world, as_user):
    response = post(
        as_user(world.relawan),
        story=f"Pak Slamet sesak. NIK {NIK}",
        urgency="urgent",
        place="RSUD Cempaka Raya",
        place_body=world.place.uuid,
        place_note="IGD bed 4",
        whereabouts="facility",
        problems=["A01"],
        reporter_is="family",
        reporter_relation="child",
        reporter_name="Dewi",
        reporter_phone="0812-0000-4417",
        patient_name="Slamet Riyadi",
        patient_age="56",
        patient_jkn="0001 2345 6789 1",
        insured_is="patient",
        worker_is="reporter",
        worker_kpj="05K12345678",
        other_name="Bu Ani",
        other_relation="officer",
        other_phone="0813 0000 1111",
        channel="call",
        membership="member",
        occurred_text="sejak magrib",
        occurred_on="2026-01-02",
        occurred_time="18:10",
        carry="desk",
    )
    assert response.status_code == 302, text_of(response)[:3000]
    case = Case.objects.get()
    assert case.place == world.place
    assert case.assignee is None
    assert timezone.localtime(case.occurred_at).strftime("%d.%m.%Y %H:%M") == "02.01.2026 18:10"
    people = {party.role: party for party in case.parties.select_related("person")}
    assert set(people) == {"reporter", "patient", "insured", "worker", "other"}
    assert people["reporter"].relation == "child"
    assert people["insured"].person == people["patient"].person
    assert people["worker"].person == people["reporter"].person
    kinds = {row.kind for row in people["patient"].person.identifiers.all()}
    assert kinds == {"nik", "jkn"}
    assert people["worker"].person.identifiers.get().kind == "kpj"


def test_a_day_without_an_hour_is_kept_in_words(world, as_user):
    post(as_user(world.relawan), story="x", occurred_on="22-11-2025")
    case = Case.objects.get()
    assert case.occurred_at is None
    assert case.occurred_text == "Sab, 22 Nov 2025"


def test_a_moment_to_come_is_sent_back(world, as_user):
    tomorrow = timezone.localdate() + timedelta(days=2)
    page = text_of(post(as_user(world.relawan), story="x", occurred_on=tomorrow.isoformat(), occurred_time="10:00"))
    assert "Waktu ini belum terjadi. Pilih yang lebih awal." in page


def test_a_place_that_was_changed_after_the_choice_is_another_place(world, as_user):
    post(as_user(world.relawan), story="x", place="RS Lain", place_body=world.place.uuid)
    assert Case.objects.get().place.name == "RS Lain"


def test_a_city_typed_gives_the_zone(world, as_user):
    post(as_user(world.relawan), story="x", region="kota sorong", occurred_on="2026-01-02", occurred_time="18:00")
    case = Case.objects.get()
    assert (case.region.name, case.zone) == ("Kota Sorong", "Asia/Jayapura")
    assert case.place_note == ""
    assert case.occurred_at.hour == 9


def test_a_name_that_a_city_and_a_regency_share_is_their_province(world, as_user):
    post(as_user(world.relawan), story="x", region="Bekasi")
    case = Case.objects.get()
    assert (case.region.name, case.place_note) == ("Jawa Barat", "Bekasi")


def test_a_city_nobody_knows_is_kept_as_words(world, as_user):
    post(as_user(world.relawan), story="x", region="Kampung Entah")
    assert Case.objects.get().place_note == "Kampung Entah"


def test_numbers_thrown_away_on_the_page(world, as_user):
    post(as_user(world.relawan), story=f"NIK {NIK}", numbers="drop")
    assert not Person.objects.with_number(NIK).exists()
    assert NIK not in Case.objects.get().story


def test_a_form_written_by_somebody_else_is_not_saved(world, as_user):
    page = text_of(post(as_user(world.relawan), story="x", writer=world.relawan2.uuid))
    assert "Anda masuk sebagai orang lain." in page
    assert not Case.objects.exists()


def test_only_those_who_log_see_it(world, as_user):
    for user, status in ((world.koordinator, 200), (world.pimpinan, 404), (world.admin_federasi, 404)):
        assert as_user(user).get(URL).status_code == status
    assert post(as_user(world.pimpinan), story="x").status_code == 404


def test_somebody_of_two_desks_chooses_and_the_last_one_comes_first(world, as_user):
    user = make_user(role=Role.COORDINATOR, at=world.dpw)
    client = as_user(user)
    assert 'name="desk"' in text_of(client.get(URL))
    post(client, story="x", desk=world.other_desk.uuid)
    assert Case.objects.get().desk == world.other_desk
    form = QuickLogForm(user=user)
    assert form.fields["desk"].choices[0][0] == str(world.other_desk.uuid)
    page = text_of(post(client, story="x", desk=make_organisation("Posko asing").uuid))
    assert "Periksa lagi:" in page


def test_a_relawan_of_one_desk_is_asked_for_none(world, as_user):
    assert 'name="desk"' not in text_of(as_user(world.relawan).get(URL))


@pytest.mark.parametrize(
    "data",
    [
        {"story": "x" * 25_000},
        {"story": "\x00"},
        {"urgency": "besok", "story": "x"},
        {"problems": ["A01", "' OR 1=1"], "story": "x"},
        {"place_body": "bukan-uuid", "place": "RS", "story": "x"},
        {"submit_key": "salah", "story": "x"},
        {"occurred_on": "31-02-2026", "occurred_time": "25:99", "story": "x"},
        {"reporter_is": "raja", "story": "x"},
        {"patient_nik": "٣٥١٥", "reporter_phone": "🙂", "story": "x"},
        {"reporter_phone": "9" * 25, "story": "x"},
        {"region": "%%%", "place": "'; drop table", "story": "x"},
    ],
)
def test_hostile_input_is_no_error(world, as_user, data):
    assert post(as_user(world.relawan), **data).status_code in {200, 302}


# --- Size and speed ---


def test_the_page_stays_small_with_forty_problem_types(world, as_user):
    families = list(ProblemFamily.objects.all())
    while ProblemType.objects.count() < 40:
        ProblemType.objects.create(
            code=f"X{ProblemType.objects.count()}", family=families[0], plain="Masalah baru sekali"
        )
    page = as_user(world.relawan).get(URL, headers={"Accept-Encoding": "gzip"})
    assert len(page.content) < 10_000
    assert len(as_user(world.relawan).get(URL).content) < 34_000


def test_the_post_needs_few_statements(world, as_user):
    client = as_user(world.relawan)
    post(client, story="yang pertama")  # the counter of the year exists
    with CaptureQueriesContext(connection) as queries:
        response = post(
            client,
            story="Pak S.R. sesak, IGD minta deposit",
            urgency="emergency",
            problems=["A01"],
            reporter_phone="0812 0000 4417",
            carry="me",
        )
    assert response.status_code == 302
    said = "\n".join(query["sql"][:110] for query in queries)
    assert len(queries) <= 18, said


# --- Twice ---


def test_sent_twice_is_one_case_and_the_same_page(world, as_user):
    client, key = as_user(world.relawan), uuid4()
    first = post(client, story="x", submit_key=key)
    second = post(client, story="x lagi", submit_key=key)
    assert first.url == second.url
    assert Case.objects.count() == 1
    assert "Perubahan Anda belum ikut; ubah di halaman kasus." in text_of(client.get(second.url))


@pytest.mark.django_db(transaction=True)
def test_sent_twice_at_once_is_one_case(world):
    key, urls, start = uuid4(), [], threading.Barrier(4)

    def tap():
        client = Client()
        client.force_login(world.relawan, backend="allauth.account.auth_backends.AuthenticationBackend")
        start.wait()
        urls.append(post(client, story="x", submit_key=key, problems=["A01"]).url)
        connection.close()

    taps = [threading.Thread(target=tap) for _ in range(4)]
    for one in taps:
        one.start()
    for one in taps:
        one.join()
    assert len(urls) == 4 and len(set(urls)) == 1
    assert Case.objects.count() == 1
    assert Event.objects.filter(type__code="opened").count() == 1


# --- The photo ---


def test_a_photo_that_cannot_be_read_never_costs_the_case(world, as_user):
    client = as_user(world.relawan)
    response = post(client, story="x", photo=SimpleUploadedFile("a.jpg", b"bukan foto", content_type="image/jpeg"))
    assert response.status_code == 302
    assert Case.objects.get().attachments.count() == 0
    assert "Fotonya belum tersimpan." in text_of(client.get(response.url))


# --- After saving ---


def test_an_emergency_says_whom_to_call_without_a_script(world, as_user):
    client = as_user(world.relawan)
    page = text_of(client.get(post(client, story="x", red_flags=["breathing"]).url))
    assert "Telepon dulu, catat kemudian" in page
    assert 'href="tel:119"' in page
    assert f'href="tel:{world.koordinator.whatsapp}"' in page


def test_left_to_the_desk_the_page_says_who_is_reminded(world, as_user):
    client = as_user(world.relawan)
    page = text_of(client.get(post(client, story="x", carry="desk").url))
    assert "Belum ada relawan. Koordinator DPD Karangsari yang diingatkan." in page


def test_a_guess_is_offered_and_taken_only_by_a_tap(world, as_user):
    client = as_user(world.relawan)
    url = post(client, story="Kamar penuh, pasien tertahan di IGD").url
    case = Case.objects.get()
    assert case.problem_type is None and case.urgency == "unknown"
    page = text_of(client.get(url))
    assert "Mungkin" in page and 'name="problem" value="A03"' in page and 'name="urgency" value="urgent"' in page
    client.post(url, {"problem": "A03"})
    client.post(url, {"urgency": "urgent"})
    case.refresh_from_db()
    assert case.problem_type.code == "A03" and case.urgency == "urgent"
    assert [row.code for row in case.problem_types.all()] == ["A03"]
    assert "Mungkin" not in text_of(client.get(url))
    assert client.post(url, {"problem": "ZZZ"}).status_code == 404


def test_the_message_to_share_names_nobody(world, as_user):
    client = as_user(world.relawan)
    url = post(
        client, story="Pak Slamet Riyadi sesak", patient_name="Slamet Riyadi", reporter_phone="0812 0000 4417"
    ).url
    page = text_of(client.get(url))
    message = re.search(r'id="bagikan-teks">(.*?)</p>', page)[1]
    assert Case.objects.get().number in message
    for secret in ("Slamet", "4417", "sesak"):
        assert secret not in message


def test_saved_is_a_404_for_others(world, as_user):
    url = post(as_user(world.relawan), story="x").url
    assert as_user(world.outsider).get(url).status_code == 404
    assert AccessLog.objects.filter(user=world.outsider, action="refused").exists()


# --- While one types ---


def similar(client, **data):
    return text_of(client.post(reverse("cases:duplicates"), {"story": "", **data}))


def test_a_phone_that_is_known_shows_the_case(world, as_user):
    case = make_case(desk=world.desk, by=world.koordinator, assignee=world.koordinator, phone="0812 0000 4417")
    page = similar(as_user(world.koordinator), reporter_phone="+62 812-0000-4417")
    assert case.number in page and "S.R." in page and "Telepon atau nomor sama" in page
    assert "Siti" not in page
    assert AccessLog.objects.get(action="search").hits == 1


def test_what_the_reader_may_not_see_is_not_hinted_at(world, as_user):
    make_case(desk=world.other_desk, by=world.outsider, assignee=world.outsider, phone="0812 0000 4417")
    assert similar(as_user(world.relawan), reporter_phone="0812 0000 4417").strip() == ""


def test_the_numbers_of_the_story_are_shown_masked_with_whose_they_are(world, as_user):
    page = similar(as_user(world.relawan), story=f"NIK {NIK} dan 0812 0000 4417", reporter_is="family")
    assert "NIK 351501" in page and NIK not in page
    assert "Pasien" in page and "Pelapor" in page
    assert "4417 → Pelapor" in page


def test_hints_and_places_are_for_those_who_log(world, as_user):
    client = as_user(world.pimpinan)
    assert client.post(reverse("cases:duplicates"), {"story": "x"}).status_code == 404
    assert client.post(reverse("cases:places"), {"q": "RS"}).status_code == 404
    assert client.get(reverse("cases:places")).status_code in {404, 405}


def test_places_are_suggested_by_any_word_and_merged_ones_are_not(world, as_user):
    Body.objects.create(name="RS Cempaka Lama", merged_into=world.place)
    client = as_user(world.relawan)
    page = text_of(client.post(reverse("cases:places"), {"q": "raya cemp"}))
    assert "RSUD Cempaka Raya" in page and str(world.place.uuid) in page
    assert "Lama" not in text_of(client.post(reverse("cases:places"), {"q": "cempaka"}))
    assert "Kabupaten Sidoarjo" in text_of(client.post(reverse("cases:places"), {"q": "sidoarjo", "kind": "region"}))


def test_help_becomes_a_note_and_tells_the_carrier(world, as_user):
    case = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan)
    client = as_user(world.koordinator)
    key = uuid4()
    data = {"story": f"Ibunya pingsan, NIK {NIK}", "reporter_phone": "0812 0000 4417", "submit_key": key}
    response = client.post(reverse("cases:help-offer", args=[case.uuid]), data, headers={"Accept": "application/json"})
    client.post(reverse("cases:help-offer", args=[case.uuid]), data)
    assert response.json()["url"] == reverse("cases:case-detail", args=[case.uuid])
    note = case.events.get(type__code="note")
    assert "Ibunya pingsan" in note.text and NIK not in note.text and "4417" not in note.text.replace("****4417", "")
    told = Message.objects.get(recipient=world.relawan, channel="inbox", kind="help_offered")
    assert told.data == {"number": case.number}
    assert Case.objects.count() == 1


def test_help_on_a_case_out_of_reach_is_a_404(world, as_user):
    case = make_case(desk=world.other_desk, by=world.outsider, assignee=world.outsider)
    assert as_user(world.relawan).post(reverse("cases:help-offer", args=[case.uuid]), {"story": "x"}).status_code == 404


# --- Without signal ---


def test_the_worker_names_what_it_keeps_and_nothing_of_anybody(world, as_user, client):
    make_case(desk=world.desk, by=world.relawan)
    for who in (client, as_user(world.relawan)):
        worker = who.get("/sw.js")
        assert worker["Content-Type"].startswith("text/javascript")
        assert worker["Service-Worker-Allowed"] == "/"
        assert worker["Cache-Control"] == "no-store"
        for page in (worker, who.get("/catat/kosong/"), who.get("/luring/")):
            text = text_of(page)
            assert page.status_code == 200
            for secret in (
                world.relawan.full_name,
                str(world.relawan.uuid),
                "DPD Karangsari",
                world.koordinator.whatsapp,
            ):
                assert secret not in text
            assert "csrfmiddlewaretoken" not in text


def test_the_worker_is_replaced_when_the_catalogue_changes(world, client):
    before = client.get("/sw.js").content
    assert client.get("/sw.js").content == before
    cache.clear()
    ProblemType.objects.filter(code="A01").update(plain="Ditolak sekali")
    assert client.get("/sw.js").content != before


def test_a_fresh_token_needs_a_session(world, as_user, client):
    assert client.get("/catat/kunci/").status_code == 302
    told = as_user(world.relawan).get("/catat/kunci/").json()
    assert told["user"] == str(world.relawan.uuid) and len(told["token"]) > 30
