"""Papers that go out: known cases in, the text of the PDF and the cells of the workbook out, and nobody's identity."""

import zipfile
from datetime import date, timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from pypdf import PdfReader

from cases.models import (
    Attachment,
    Case,
    CaseBar,
    CaseCount,
    Clock,
    Commitment,
    Consent,
    EventType,
    Letter,
    Outcome,
    Printout,
    ProblemType,
    Rule,
)
from cases.reports import recap
from cases.reports.figures import FIGURES
from cases.reports.papers_out import BUILDERS
from cases.rules.anonymity import Secrets, without_identity
from cases.rules.codes import CaseKind, PartyRole
from cases.rules.printing import PrintState
from cases.services import closing, collective, facts, parties, printouts
from members.models import AccessLog, Contact, Identifier, Person, Region
from members.reports import pdf
from tests.factories import make_body, make_case, make_organisation, make_user

pytestmark = pytest.mark.django_db

#: Words of names that are also words of a sentence or of a place; a person is not found by them.
PLAIN = {"orang", "admin", "sistem", "karangsari", "uji"}


def url(name, *args):
    return reverse(f"cases:{name}", args=args)


def tell(case, code, text="", **more):
    return facts.tell(case=case, type=EventType.objects.get(code=code), by=case.assignee, text=text, **more)


@pytest.fixture
def told(world):
    """Three cases at one hospital, whose stories name everybody; one has died; a fourth is restricted, a fifth hidden."""
    now = timezone.now()
    people = [
        ("Siti Rahmawati", "3515014107900001", "+6281234567890", "Suaminya Joko Prasetyo menelepon, HP 0812 3456 7890."),
        ("Bambang Sutrisno", "3515010101800002", "+6281298765432", "Bambang dari Desa Sukamaju RT 03/RW 05, NIK 3515010101800002."),
        ("Ni Luh Ayu", "3515015505850003", "+6281355512345", "Kakaknya Wayan Sudana bilang kamar penuh, Ayu menunggu."),
    ]  # fmt: skip
    cases = []
    kind = ProblemType.objects.get(code="A01")
    for name, nik, phone, story in people:
        case = make_case(
            desk=world.desk, by=world.relawan, assignee=world.relawan, place=world.place, patient=name, story=story,
            title="IGD menolak", problem_type=kind, diagnosis="Talasemia mayor", now=now - timedelta(days=3),
        )  # fmt: skip
        case.problem_types.add(kind)
        person = case.parties.get(role=PartyRole.PATIENT).person
        Identifier.objects.create(person=person, kind="nik", value=nik)
        Identifier.objects.create(person=person, kind="jkn", value=f"0001{nik[:9]}")
        Contact.objects.create(person=person, value=phone)
        parties.add(case=case, role=PartyRole.REPORTER, full_name="Wati Kusumawardani", by=world.relawan)
        tell(case, "refused", f"{name.split()[0]} ditolak, kata perawat Hendrawan. Uang muka Rp1.250.000 diminta.")
        tell(
            case,
            "note",
            f"Wati di Jl. Melati No. 12 menyimpan kartu 0001{nik[:9]}; {world.relawan.full_name} menemani.",
        )
        cases.append(case)
    closing.close(case=cases[0], outcome=Outcome.objects.get(code="rights_met"), by=world.relawan)
    Case.objects.filter(pk=cases[1].pk).update(died_at=now)
    secret = make_case(
        desk=world.desk, by=world.relawan, assignee=world.relawan, place=world.place, patient="Rahasia Dirgantara",
        problem_type=kind, is_restricted=True, restriction="hiv", title="Terbatas",
    )  # fmt: skip
    hidden = make_case(
        desk=world.desk, by=world.relawan, place=world.place, patient="Terhalang Purnomo", problem_type=kind
    )
    CaseBar.objects.create(case=hidden, organisation=world.desk, logged_at=now, logged_by=world.relawan)
    Commitment.objects.create(
        case=cases[0], desk=world.desk, body=world.place, text="Mengembalikan uang muka Siti Rahmawati", party="Direktur",
        official="Hartono Wibowo", official_role="Direktur", state="kept", promised_at=now - timedelta(days=2),
        ended_at=now - timedelta(days=1), logged_at=now - timedelta(days=2),
    )  # fmt: skip
    Commitment.objects.create(
        desk=world.desk, body=world.place, text="Petugas BPJS siaga malam", state="broken", ended_at=now, logged_at=now,
    )  # fmt: skip
    world.cases, world.secret, world.hidden = cases, secret, hidden
    return world


def names_of_everybody():
    """Every name, its telling words, and every number of the data."""
    names = [*Person.objects.values_list("full_name", flat=True)]
    names += ["Joko", "Prasetyo", "Wayan", "Sudana", "Hendrawan", "Sukamaju", "Melati"]  # named in stories only
    words = {word for name in names for word in [name, *name.split()] if len(word) > 3 and word.lower() not in PLAIN}
    numbers = {row.value for row in Identifier.objects.all()} | {row.value for row in Contact.objects.all()}
    numbers |= {number.removeprefix("+62") for number in numbers}
    return words | numbers


def without_spaces(text):
    return text.replace(" ", "").replace("\n", "").replace("-", "").replace(".", "")


def no_identity(text, *extra):
    """Nobody of the data is named in this text, however the lines are broken."""
    flat, folded = without_spaces(text).lower(), text.lower()
    for what in names_of_everybody() | set(extra):
        found = without_spaces(what).lower() in flat if any(map(str.isdigit, what)) else what.lower() in folded
        assert not found, f"{what!r} stands in it"


def text_of(data):
    reader = PdfReader(BytesIO(data))
    told = "\n".join(page.extract_text() for page in reader.pages)
    meta = " ".join(str(value) for value in (reader.metadata or {}).values())
    xmp = reader.xmp_metadata
    return told, meta + (str(xmp.stream.get_data()) if xmp else "")


def made(user, row):
    """The paper as its worker makes it, and its file as the reader takes it out."""
    assert printouts.make(row, BUILDERS, now=timezone.now())
    row.refresh_from_db()
    assert row.state == PrintState.DONE, row.fault
    return printouts.fetch(row)


def label(code):
    with translation.override("id"):
        return str(FIGURES[code].label)


def span():
    today = timezone.localdate()
    return {"dari": (today - timedelta(days=30)).isoformat(), "sampai": today.isoformat()}


def order_dossier(me, world, audience, **more):
    address = reverse("cases:dossier")
    asked = {"lembaga": str(world.place.uuid), "pembaca": audience, "unit": str(world.desk.uuid), **span()}
    page = me.get(address, asked)
    assert page.status_code == 200, page.content
    text = page.content.decode()
    for case in world.cases:
        assert (str(case.uuid) in text) == (audience != "public" or case.pk in more.get("agreed", ()))
    assert str(world.secret.uuid) not in text and str(world.hidden.uuid) not in text
    answer = me.post(
        f"{address}?{'&'.join(f'{key}={value}' for key, value in asked.items())}",
        {
            "cases": [str(case.uuid) for case in world.cases if str(case.uuid) in text],
            "demands": "Siti Rahmawati dibebaskan dari uang muka sampai 1 Desember\nPetugas malam ditunjuk",
            "attendees": "Kartika Sari, koordinator\nYoga Pratama",
        },
    )
    row = Printout.objects.get()
    assert answer["Location"] == url("printout", row.uuid)
    return row


pango = pytest.mark.skipif(not pdf.is_available(), reason="no pango")


@pango
def test_the_dossier_of_ourselves(told, as_user):
    row = order_dossier(as_user(told.koordinator), told, "internal")
    text, meta = text_of(made(told.koordinator, row))
    no_identity(text + meta + row.file_name)
    flat = " ".join(text.split())
    for part in (
        "RSUD Cempaka Raya", "Berkas audiensi", label("baru"), "S.R.", told.cases[0].number, "Hak terpenuhi",
        "Hartono Wibowo", "Ditepati", "Tidak ditepati", "Rp1.250.000", "Petugas malam ditunjuk", "Kartika Sari", "koordinator",
        "Dasar hukum", "Tanda tangan", "1 / ",
    ):  # fmt: skip
        assert part in flat, part
    assert told.secret.number not in text and told.hidden.number not in text
    assert "R.D." not in text and "T.P." not in text
    assert sorted(row.shows) == sorted(case.pk for case in told.cases)
    assert AccessLog.objects.filter(action="export", object_uuid=row.uuid).count() == 0
    assert as_user(told.koordinator).get(url("printout-file", row.uuid)).status_code == 200
    assert AccessLog.objects.get(action="export", object_uuid=row.uuid).hits == 3


@pango
def test_every_number_of_a_dossier_is_followed_by_its_cases(told, as_user):
    from cases.reports import dossier  # noqa: PLC0415

    seen = {}
    real = dossier.paper
    row = order_dossier(as_user(told.koordinator), told, "institution")
    try:
        dossier.paper = lambda template, context: seen.update(context) or real(template, context)
        made(told.koordinator, row)
    finally:
        dossier.paper = real
    found = seen["dossier"]
    by_label = {number.label: number for number in found.numbers}
    assert (by_label[label("baru")].value, by_label[label("baru")].refs) == (3, "1, 2, 3")
    assert (by_label[label("hak-terpenuhi")].value, by_label[label("hak-terpenuhi")].refs) == (1, "1")
    assert (by_label[label("meninggal")].value, by_label[label("meninggal")].refs) == (1, "2")
    assert (by_label[label("penolakan")].value, by_label[label("penolakan")].refs) == (3, "1, 2, 3")
    assert (by_label[label("janji-ditepati")].value, by_label[label("janji-ditepati")].refs) == (1, "1")


@pango
def test_the_institution_reads_no_initials_and_no_numbers_of_cases(told, as_user):
    row = order_dossier(as_user(told.koordinator), told, "institution")
    text, meta = text_of(made(told.koordinator, row))
    no_identity(text + meta, "Hartono", "Talasemia", *(case.number for case in told.cases))
    assert label("baru") in text and "S.R. " not in text.split("Apa yang terjadi")[0]
    assert "Direktur" in text


@pango
def test_the_public_reads_only_stories_with_consent_and_no_small_group(told, as_user, world):
    agreed = told.cases[0]
    Consent.objects.create(
        case=agreed, purpose="publish", is_given=True, stated_at=timezone.now(), logged_at=timezone.now(), logged_by=world.relawan
    )  # fmt: skip
    row = order_dossier(as_user(told.koordinator), told, "public", agreed={agreed.pk})
    text, meta = text_of(made(told.koordinator, row))
    no_identity(text + meta, "Hartono", "Talasemia", *(case.number for case in told.cases))
    assert "Hari ke-1" in text and "< 5" in text
    assert "Daftar hadir" not in text
    assert row.shows == [agreed.pk]


def test_the_law_of_a_dossier_was_read(told, as_user):
    from cases.reports.dossier import _is_citable, _law  # noqa: PLC0415
    from cases.reports.figures import month  # noqa: PLC0415

    period = month(timezone.now(), "Asia/Jakarta")
    found, unread = _law(told.cases, period)
    cited = {(each.basis, each.label) for each in found}
    for rule in Rule.objects.all():
        if not _is_citable(rule):
            assert (rule.legal_basis, rule.label) not in cited
    Rule.objects.update(confidence="G")
    ProblemType.objects.update(confidence="G")
    found, unread_now = _law(list(Case.objects.filter(pk__in=[case.pk for case in told.cases])), period)
    assert found == [] and unread_now >= unread


@pango
def test_a_missed_clock_stands_in_it_and_an_unread_rule_is_not_cited(told, as_user):
    rule = Rule.objects.exclude(kind="none").first()
    Rule.objects.filter(pk=rule.pk).update(confidence="G", legal_basis="UU Karangan 1/1999")
    now = timezone.now()
    Clock.objects.create(
        case=told.cases[1], rule=rule, obliged="facility", started_at=now - timedelta(days=3), zone="Asia/Jakarta",
        due_at=now - timedelta(days=1), logged_at=now,
    )  # fmt: skip
    text, _meta = text_of(made(told.koordinator, order_dossier(as_user(told.koordinator), told, "institution")))
    flat = " ".join(text.split())
    assert " ".join(rule.name.split())[:20] in flat and "UU Karangan" not in flat
    assert "belum diverifikasi" in flat


def test_exhibits_are_numbered(told, as_user):
    now = timezone.now()
    Letter.objects.create(
        case=told.cases[0], office="BPJS", state="sent", sent_at=now, our_reference="015/ADV", logged_at=now
    )  # fmt: skip
    Attachment.objects.create(
        case=told.cases[1], kind="photo", stored_name="aa/x", content_type="image/jpeg", size=3, title="Kwitansi Bambang",
        uploaded_at=now, uploaded_by=told.relawan, sha256_received="0" * 64, sha256_stored="0" * 64,
    )  # fmt: skip
    text, _meta = text_of(made(told.koordinator, order_dossier(as_user(told.koordinator), told, "internal")))
    flat = " ".join(text.split())
    assert "Bukti 1" in flat and "Bukti 2" in flat and "015/ADV" in flat and "Kwitansi B." in flat


def test_nothing_to_tell(world, as_user):
    """An order whose cases are gone fails in words."""
    row = printouts.order(
        kind="dossier", by=world.koordinator, organisation=world.desk,
        params={"body": str(world.place.uuid), "from": "2020-01-01", "until": "2020-02-01", "audience": "internal"},
    )  # fmt: skip
    printouts.make(row, BUILDERS, now=timezone.now())
    row.refresh_from_db()
    assert (row.state, row.fault) == (PrintState.FAILED, "nothing")


def test_a_dossier_is_for_coordinators(world, as_user):
    for user in (world.relawan, world.pimpinan, world.admin_federasi, world.superuser):
        assert as_user(user).get(reverse("cases:dossier")).status_code == 404
    assert as_user(world.koordinator).get(reverse("cases:dossier")).status_code == 200


def test_the_address_is_checked(told, as_user):
    me = as_user(told.koordinator)
    page = me.get(reverse("cases:dossier"), {**span(), "pembaca": "internal"}).content.decode()
    assert "Periksa lagi" in page and "Pilih lembaga" in page
    page = me.get(
        reverse("cases:dossier"), {"dari": "2026-05-02", "sampai": "2026-05-01", "pembaca": "internal"}
    ).content.decode()
    assert "sebelum hari pertama" in page
    assert "Lanjut" in me.post(reverse("cases:dossier")).content.decode()
    assert not Printout.objects.exists()


# The month and the pack


@pango
def test_the_month_is_one_page_with_its_numbers(told, as_user):
    me = as_user(told.koordinator)
    month = f"{timezone.localdate():%Y-%m}"
    page = me.get(reverse("cases:recap"), {"bulan": month, "unit": str(told.desk.uuid)})
    assert "Buat berkas" in page.content.decode()
    me.post(f"{reverse('cases:recap')}?bulan={month}&unit={told.desk.uuid}")
    row = Printout.objects.get()
    data = made(told.koordinator, row)
    text, meta = text_of(data)
    no_identity(text + meta)
    assert len(PdfReader(BytesIO(data)).pages) == 1
    flat = " ".join(text.split())
    assert f"{label('baru')} {sum(case.created_at.month == timezone.localdate().month for case in told.cases)}" in flat
    for part in ("RSUD Cempaka Raya", label("penolakan"), told.desk.name, "Rina Wulandari"):
        assert part in flat, part


@pytest.fixture
def full(world):
    """A month in which everything is many: places, problems, regencies, units, people who carry."""
    problems = list({each.family_id: each for each in ProblemType.objects.all()}.values())
    regions = list(Region.objects.exclude(parent=None)[:25])
    for at in range(25):
        who = make_user(at=world.desk, full_name=f"Pendamping Nomor {at:02d}")
        place = make_body(f"Rumah Sakit Umum Daerah Kabupaten Nomor {at:02d} dengan Nama yang Panjang Sekali")
        case = make_case(
            desk=world.desk, by=world.relawan, assignee=who, place=place, problem_type=problems[at % len(problems)]
        )
        unit = make_organisation(f"PUK Pabrik {at:02d}")
        case.parties.first().person.memberships.create(organisation=unit, from_on=date(2020, 1, 1))
        Case.objects.filter(pk=case.pk).update(region=regions[at])
    make_case(desk=world.desk, by=world.relawan)
    return world


@pango
@pytest.mark.parametrize("most", [recap.MOST_ROWS, 20])
def test_a_very_full_month_is_one_page_that_says_what_it_cut(full, as_user, monkeypatch, most):
    monkeypatch.setattr(recap, "MOST_ROWS", most)  # twenty rows of each list are two pages
    me, month = as_user(full.koordinator), f"{timezone.localdate():%Y-%m}"
    address = f"{reverse('cases:recap')}?bulan={month}&unit={full.desk.uuid}"
    me.post(address)
    data = made(full.koordinator, Printout.objects.get())
    assert len(PdfReader(BytesIO(data)).pages) == 1
    text = " ".join(text_of(data)[0].split())
    shown = sum(f"Pendamping Nomor {at:02d}" in text for at in range(25))
    assert 1 <= shown <= min(most, 15)
    assert f"dan {25 - shown} lagi" in text and "Tidak ada" in text
    screen = me.get(address).content.decode()
    for at in range(25):
        for name in (f"Pendamping Nomor {at:02d}", f"Kabupaten Nomor {at:02d}", f"PUK Pabrik {at:02d}"):
            assert name in screen, name
    assert " lagi</th>" not in screen


@pango
def test_a_very_full_pack_is_one_page_with_every_number(full, as_user):
    pack(as_user(full.koordinator), full, "pdf")
    data = made(full.koordinator, Printout.objects.get())
    assert len(PdfReader(BytesIO(data)).pages) == 1
    text = " ".join(text_of(data)[0].split())
    for code in ("baru", "meninggal", "penolakan", "janji-ingkar", "rupiah-hilang"):
        assert label(code) in text, code


@pango
def test_a_leader_reads_no_small_group_in_the_month(told, as_user):
    me = as_user(told.pimpinan)
    month = f"{timezone.localdate():%Y-%m}"
    me.post(f"{reverse('cases:recap')}?bulan={month}&unit={told.desk.uuid}")
    text, _meta = text_of(made(told.pimpinan, Printout.objects.get()))
    no_identity(text)
    assert "< 5" in text and "RSUD Cempaka Raya" not in text


def pack(me, world, form):
    me.post(
        f"{reverse('cases:pack')}?bentuk={form}&unit={world.desk.uuid}&dari={span()['dari']}&sampai={span()['sampai']}"
    )
    return Printout.objects.get()


def test_the_workbook_holds_floors_and_nobody_anywhere(told, as_user):
    for at in range(9):
        make_case(desk=told.desk, by=told.relawan, place=told.place, patient=f"Nama Tersendiri{at}")
    row = pack(as_user(told.koordinator), told, "xlsx")
    data = made(told.koordinator, row)
    with zipfile.ZipFile(BytesIO(data)) as parts:  # every part, the hidden ones too
        names = parts.namelist()
        whole = "\n".join(parts.read(name).decode("utf-8", "replace") for name in names)
    no_identity(whole + row.file_name + " ".join(names))
    assert not any("comment" in name for name in names)
    book = load_workbook(BytesIO(data))
    assert all(sheet.sheet_state == "visible" for sheet in book)
    cells = {str(each[0].value): each[1].value for each in book["Angka"].iter_rows(min_row=2) if each[0].value}
    assert cells[label("baru")] == "10+"  # twelve, one of them hidden from the unit; restricted ones count nowhere
    assert cells[label("meninggal")] == "< 5"
    assert cells[label("penolakan")] == "< 5"
    places = {each[0].value: each[1].value for each in book["Menurut tempat"].iter_rows(min_row=2) if each[1].value}
    assert places == {"RSUD Cempaka Raya": "10+"}


@pango
def test_the_pack_on_one_page(told, as_user):
    data = made(told.pimpinan, pack(as_user(told.pimpinan), told, "pdf"))
    text, meta = text_of(data)
    no_identity(text + meta)
    assert len(PdfReader(BytesIO(data)).pages) == 1 and "Paket data" in text


# One case


@pango
def test_the_chronology_without_names_and_with_them_for_who_carries(told, as_user):
    case = told.cases[0]
    me = as_user(told.relawan)
    text, meta = text_of(me.get(url("chronology-pdf", case.uuid)).content)
    no_identity(text + meta)
    assert case.number in text and "S. ditolak" in text
    named, meta = text_of(me.post(url("chronology-named", case.uuid)).content)
    assert "Siti Rahmawati" in named and "3515014107900001" not in named
    assert "Siti" not in meta
    reasons = AccessLog.objects.filter(action="print", object_uuid=case.uuid).values_list("reason", flat=True)
    assert sorted(reasons) == ["chronology:initials", "chronology:names"]
    coordinator = as_user(told.koordinator)
    assert coordinator.post(url("chronology-named", case.uuid)).status_code == 404
    assert "dengan nama" not in coordinator.get(url("chronology", case.uuid)).content.decode()


@pango
def test_a_story_is_closed_until_the_family_agrees(told, as_user):
    case, me = told.cases[0], as_user(told.relawan)
    assert "belum setuju" in me.get(url("story", case.uuid)).content.decode()
    for form in ("txt", "pdf"):
        assert me.get(url("story-file", case.uuid, form))["Location"] == url("story", case.uuid)

    def say(is_given):
        now = timezone.now()
        Consent.objects.create(
            case=case, purpose="publish", is_given=is_given, stated_at=now, logged_at=now, logged_by=told.relawan
        )

    say(True)
    page = me.get(url("story", case.uuid)).content.decode()
    assert "Hari ke-1" in page
    text = me.get(url("story-file", case.uuid, "txt"))
    no_identity(text.content.decode() + text["Content-Disposition"], case.number, "Talasemia")
    told_, meta = text_of(me.get(url("story-file", case.uuid, "pdf")).content)
    no_identity(told_ + meta, case.number, "Talasemia")
    assert AccessLog.objects.filter(action="export", reason="story:publish").count() == 2
    say(False)
    assert me.get(url("story-file", case.uuid, "txt")).status_code == 302


def test_a_restricted_story_stays_closed(told, as_user):
    case = told.secret
    Consent.objects.create(
        case=case, purpose="publish", is_given=True, stated_at=timezone.now(), logged_at=timezone.now(), logged_by=told.relawan
    )  # fmt: skip
    me = as_user(told.relawan)
    assert "terbatas" in me.get(url("story", case.uuid)).content.decode()
    assert me.get(url("story-file", case.uuid, "txt")).status_code == 302


@pango
def test_three_cases_on_one_page_to_learn_from(told, as_user):
    me = as_user(told.koordinator)
    page = me.get(reverse("cases:review")).content.decode()
    assert str(told.secret.uuid) not in page and str(told.hidden.uuid) not in page
    answer = me.post(reverse("cases:review"), {"cases": [str(told.cases[0].uuid)]})
    assert "Pilih tiga kasus" in answer.content.decode()
    me.post(reverse("cases:review"), {"cases": [str(case.uuid) for case in told.cases]})
    data = made(told.koordinator, Printout.objects.get())
    text, meta = text_of(data)
    no_identity(text + meta, "Cempaka", "Talasemia", *(case.number for case in told.cases))
    assert len(PdfReader(BytesIO(data)).pages) == 1 and "Hari ke-1" in text


# Many at once


@pytest.fixture
def parent(world):
    row = make_case(
        desk=world.desk, by=world.relawan, assignee=world.relawan, place=world.place, kind=CaseKind.COLLECTIVE,
        title="Iuran dihentikan pabrik", patient="",
    )  # fmt: skip
    with translation.override("id"):
        from cases.rules.collective import read_names  # noqa: PLC0415

        collective.add_people(
            parent=row, people=read_names("Slamet Riyadi\nDewi Lestari\nAgus Salim"), by=world.relawan
        )
    return row


def letters_of(me, parent, how, cases):
    return me.post(
        url("collective-letters", parent.uuid),
        {
            "kind": "request", "office": "BPJS Ketenagakerjaan", "subject": "Klaim JHT", "our_reference": "7/PUK",
            "text": "Mohon klaim [nomor] atas nama [inisial] diproses.", "how": how,
            "cases": [str(case.uuid) for case in cases], "submit_key": "6f9619ff-8b86-d011-b42d-00cf4fc964ff",
        },
    )  # fmt: skip


@pango
def test_one_letter_for_each_in_one_act_and_one_file(parent, world, as_user):
    me, cases = as_user(world.relawan), list(parent.sub_cases.order_by("number"))
    assert "Surat untuk banyak orang" in me.get(url("collective", parent.uuid)).content.decode()
    for _tap in range(2):
        answer = letters_of(me, parent, "each", cases)
        assert answer.status_code == 302
    assert Letter.objects.count() == 3 and Printout.objects.count() == 1
    data = made(world.relawan, Printout.objects.get())
    assert len(PdfReader(BytesIO(data)).pages) == 3
    text, meta = text_of(data)
    for case in cases:
        assert f"klaim {case.number} atas nama {case.initials}" in " ".join(text.split())
    no_identity(text + meta)


@pango
def test_one_letter_for_all(parent, world, as_user):
    cases = list(parent.sub_cases.order_by("number"))[:2]
    letters_of(as_user(world.relawan), parent, "one", cases)
    letter = Letter.objects.get()
    assert letter.case == parent and all(case.number in letter.text for case in cases)
    assert parent.sub_cases.order_by("number").last().number not in letter.text
    data = made(world.relawan, Printout.objects.get())
    assert len(PdfReader(BytesIO(data)).pages) == 1


def test_letters_only_for_sub_cases_one_may_work_on(parent, world, as_user):
    other = make_case(desk=world.other_desk, by=world.outsider, assignee=world.outsider, parent=parent)
    me = as_user(world.relawan)
    assert other.number not in me.get(url("collective-letters", parent.uuid)).content.decode()
    assert letters_of(me, parent, "each", [other]).status_code == 200
    assert not Letter.objects.exists()


def test_names_come_from_a_file(parent, world, as_user):
    from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: PLC0415
    from openpyxl import Workbook  # noqa: PLC0415

    book = Workbook()
    for cells in (
        ["Daftar PHK"],
        ["No", "Nama", "NIK"],
        [1, "Sri Wahyuni", "3515014107900001"],
        [2, "Slamet Riyadi", None],
    ):
        book.active.append(cells)
    buffer = BytesIO()
    book.save(buffer)
    me = as_user(world.relawan)
    page = me.post(
        url("collective-names", parent.uuid),
        {"names": "", "how": "cases", "file": SimpleUploadedFile("daftar.xlsx", buffer.getvalue())},
    ).content.decode()
    assert "Sri Wahyuni" in page and "sudah ada" in page and "Daftar PHK" not in page
    assert not Person.objects.filter(full_name="Sri Wahyuni").exists()
    me.post(
        url("collective-names", parent.uuid),
        {"names": "Sri Wahyuni\t3515014107900001\nSlamet Riyadi", "how": "cases", "sure": "1"},
    )
    person = Person.objects.get(full_name="Sri Wahyuni")
    assert person.identifiers.get().value == "3515014107900001"
    assert Person.objects.filter(full_name="Slamet Riyadi").count() == 1
    page = me.post(
        url("collective-names", parent.uuid), {"how": "cases", "file": SimpleUploadedFile("x.xlsx", b"PK\x03\x04rusak")}
    ).content.decode()
    assert "Periksa lagi" in page


def test_the_sanctions_of_the_employer_and_counts_side_by_side(parent, world, as_user):
    now = timezone.now()
    for number, source in ((244, "Serikat"), (290, "Disnaker")):
        CaseCount.objects.create(case=parent, what="laid_off", number=number, source=source, logged_at=now)
    page = as_user(world.relawan).get(url("collective", parent.uuid)).content.decode()
    assert "Sanksi untuk perusahaan" in page and "10 hari kerja" in page
    assert "244" in page and "290" in page and "Disnaker" in page


# The veil


@given(
    name=st.sampled_from(["Siti Rahmawati", "Ni Luh Ayu", "Bambang", "Maria Goretti Da Silva"]),
    before=st.sampled_from(["", "Kemarin ", "kata ibu ", "NIK 3515014107900001 ", "(", "“"]),
    after=st.sampled_from(["", " datang", ".", ", 0812 3456 7890", ")", "’s"]),
    shape=st.sampled_from([str, str.upper, str.lower, str.title]),
)
def test_a_known_name_never_stays(name, before, after, shape):
    text = without_identity(f"{before}{shape(name)}{after} di RSUD", Secrets.of([name]))
    for word in name.split():
        if len(word) > 2:
            assert word.lower() not in text.lower()
    assert not any(len(part) > 5 and part.isdigit() for part in text.replace("-", " ").split())
    assert text.endswith("di RSUD")


@pytest.mark.parametrize(
    ("told", "left"),
    [
        ("Suaminya Joko Prasetyo menelepon", "Suaminya J.P. menelepon"),
        ("istrinya bernama wati dari desa sukamaju", "istrinya bernama W. dari [alamat]"),
        ("tinggal di Jl. Melati No. 12 RT 03/RW 05", "tinggal di [alamat]"),
        ("Diminta uang muka Rp1.250.000 pada 22-11-2026", "Diminta uang muka Rp1.250.000 pada 22-11-2026"),
        ("hubungi siti@mail.com atau 021-7890123", "hubungi … atau …"),
        ("Pasien BPJS ditolak pukul 23.05", "Pasien BPJS ditolak pukul 23.05"),
        ("kartu 0001234567890 dan 3515 0141 0790 0001", "kartu … dan …"),
        ("Rahma menangis", "R. menangis"),
        ("Ni menunggu di sini.", "N. menunggu di sini."),
        ("Kata perawat Hendrawan. Lalu pulang", "Kata perawat H. Lalu pulang"),
        ("petugas ditunjuk dan namanya diumumkan", "petugas ditunjuk dan namanya diumumkan"),
    ],
)
def test_what_goes_and_what_stays(told, left):
    assert without_identity(told, Secrets.of(["Siti Rahmawati", "Ni Luh Ayu"])) == left
