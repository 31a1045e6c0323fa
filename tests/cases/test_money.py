"""The ledger of a case: lines that add up, with proof or flagged, taken back and never rubbed out."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from cases.models import MoneyLine, Outcome
from cases.reports import money as report
from cases.rules.codes import EventCode
from cases.rules.errors import CaseIsClosed, Refused
from cases.rules.registers import MoneyKind
from cases.services import attachments, closing, money
from tests.factories import make_case
from tests.pictures import phone_photo, upload

pytestmark = pytest.mark.django_db


def url(thing, name="money"):
    return reverse(f"cases:{name}", args=[thing.uuid])


def text_of(response):
    page = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(page.replace("&#x27;", "'").split())


@pytest.fixture
def note(world, case):
    def note(kind, amount, *, on=case, **given):
        return money.add(case=on, kind=kind, amount=amount, by=world.relawan, **given)

    return note


@pytest.fixture
def photo(world, case):
    return attachments.add(case=case, upload=upload(phone_photo()), by=world.relawan, title="Kuitansi kasir")


def close(case, world):
    closing.close(case=case, outcome=Outcome.objects.first(), by=world.koordinator)
    case.refresh_from_db()


# What a line keeps


def test_the_story_of_bill_instalment_and_donation_adds_up(note, case):
    """RC31: a bill of 7.369.000, 3.500.000 paid as a deposit, some 12.300.000 of donations."""
    note("bill", 7_369_000)
    note("deposit_paid", 3_500_000)
    note("donation_in", 12_300_000, note="sekitar")
    note("donation_out", 3_869_000)
    found = report.of_case(case)
    assert [line.left for line in found.lines] == [7_369_000, 3_869_000, None, 0]
    assert found.balance.left == 0
    assert found.balance.donations_left == 8_431_000


def test_a_line_stands_where_its_day_is(note, case):
    today = timezone.localdate()
    note("paid", 40, on_date=today - timedelta(days=1))
    note("bill", 100, on_date=today - timedelta(days=9))
    note("fine", 5)
    assert [(line.row.kind, line.left) for line in report.of_case(case).lines] == [
        ("bill", 100),
        ("paid", 60),
        ("fine", 65),
    ]


def test_the_event_holds_ids_and_no_words(note, case):
    line = note("paid", 250_000, payer="Budi Santoso", note="kamar", proof_note="KW-17")
    event = case.events.latest("pk")
    assert event.type.code == EventCode.MONEY_NOTED
    assert event.data == {"line": str(line.uuid), "kind": "paid", "amount": 250_000}
    assert event.text == ""


def test_numbers_of_people_leave_the_texts(note):
    line = note("paid", 1, payer="Budi 081234567890", note="NIK 3515114107800001", payee="Loket", proof_note="A-1")
    assert "081234567890" not in line.payer
    assert "3515114107800001" not in line.note
    assert (line.payee, line.proof_note) == ("Loket", "A-1")


def test_a_restricted_case_seals_its_texts(note, case):
    type(case).objects.filter(pk=case.pk).update(is_restricted=True)
    line = note("paid", 1, payer="Budi", note="obat ARV")
    with connection.cursor() as cursor:
        cursor.execute("SELECT payer, note FROM cases_moneyline WHERE id = %s", [line.pk])
        payer, said = cursor.fetchone()
    assert "Budi" not in payer
    assert "ARV" not in said
    line.refresh_from_db()
    assert (line.payer, line.note) == ("Budi", "obat ARV")


def test_a_proof_of_another_case_is_refused(note, photo, world):
    other = make_case(desk=world.desk, by=world.relawan, assignee=world.relawan)
    with pytest.raises(Refused, match="kasus lain"), translation.override("id"):
        note("paid", 1, on=other, proof=photo)
    assert not other.moneylines.exists()


def test_a_day_to_come_is_refused_and_nothing_is_kept(note, case):
    with pytest.raises(Refused):
        note("paid", 1, on_date=timezone.localdate() + timedelta(days=2))
    assert not case.moneylines.exists()


def test_an_amount_of_nothing_breaks_the_promise_of_the_table(world, case):
    with pytest.raises(IntegrityError), transaction.atomic():
        MoneyLine.objects.create(case=case, kind="paid", amount=0, logged_at=timezone.now())


# Taken back


def test_a_mistake_is_taken_back_by_a_second_line(note, case, world):
    line = note("bill", 5_000_000)
    back = money.take_back(line=line, by=world.relawan)
    assert (back.signed, back.takes_back, back.kind) == (-5_000_000, line, "bill")
    assert case.moneylines.count() == 2
    found = report.of_case(case)
    assert found.balance.owed == 0
    assert [each.taken_back for each in found.lines] == [True, False]
    assert case.events.latest("pk").data["takes_back"] == str(line.uuid)


def test_taking_back_twice_takes_back_once(note, case, world):
    line = note("bill", 5_000_000)
    assert money.take_back(line=line, by=world.relawan) == money.take_back(line=line, by=world.koordinator)
    assert case.moneylines.count() == 2
    assert case.events.filter(type__code=EventCode.MONEY_NOTED).count() == 2


def test_what_takes_back_cannot_be_taken_back(note, world):
    back = money.take_back(line=note("bill", 10), by=world.relawan)
    with pytest.raises(Refused):
        money.take_back(line=back, by=world.relawan)


def test_a_closed_case_takes_no_money(note, case, world):
    line = note("bill", 10)
    close(case, world)
    with pytest.raises(CaseIsClosed):
        note("paid", 10)
    with pytest.raises(CaseIsClosed):
        money.take_back(line=line, by=world.relawan)
    assert case.moneylines.count() == 1


# The page


def test_an_amount_is_typed_as_it_is_said_and_read_back(world, case, as_user):
    client = as_user(world.relawan)
    given = {"kind": "bill", "amount": "1,5 jt", "note": "rawat inap", "office": "RSUD Cempaka Raya"}
    page = text_of(client.post(url(case), given, follow=True))
    assert "Tercatat: Tagihan Rp1.500.000." in page
    line = case.moneylines.get()
    assert (line.amount, line.on_date, line.body) == (1_500_000, None, world.place)
    assert "Hari belum diketahui · RSUD Cempaka Raya · sisa tagihan: Rp1.500.000" in page
    assert "Belum ada bukti" in page


def test_the_balance_stands_in_words(note, world, case, as_user):
    for kind, amount in (("bill", 10), ("covered", 4), ("donation_in", 7), ("donation_out", 2), ("collateral", 9)):
        note(kind, amount)
    note("refundable", 3)
    page = text_of(as_user(world.relawan).get(url(case)))
    assert "Tagihan Rp10 Sudah dibayar atau ditanggung Rp6 Sisa tagihan Rp4" in page
    assert "Ditahan sebagai jaminan (tidak dihitung) Rp9" in page
    assert "Donasi masuk Rp7 Donasi keluar Rp2 Sisa donasi Rp5" in page
    assert "Harus dikembalikan Rp3 Belum kembali Rp3" in page
    assert "Relawan tidak menerima bayaran" in page


def test_an_empty_ledger_says_no_sum_and_still_that_nobody_is_paid(world, case, as_user):
    page = text_of(as_user(world.relawan).get(url(case)))
    assert "Relawan tidak menerima bayaran" in page
    assert "Sisa tagihan" not in page


def test_every_kind_can_be_chosen():
    assert sorted(kind for _label, kinds in report.GROUPS for kind in kinds) == sorted(MoneyKind)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "Pilih jenisnya."),
        ({"kind": "suap", "amount": "1jt"}, "Pilih satu dari daftar."),
        ({"kind": "bill"}, "Tulis jumlahnya."),
        ({"kind": "bill", "amount": "banyak"}, "Contoh: 1,5 jt atau 500rb."),
        ({"kind": "bill", "amount": "0"}, "Contoh: 1,5 jt atau 500rb."),
        ({"kind": "bill", "amount": "1jt", "on_date": "31-02-2026"}, "Tanggal ini tidak ada."),
        ({"kind": "bill", "amount": "1jt", "on_date": "2199-01-01"}, "Hari ini belum tiba."),
        ({"kind": "bill", "amount": "1jt", "proof_note": "A1", "no_proof": "on"}, "Hapus centangnya"),
    ],
)
def test_bad_input_is_said_and_nothing_typed_is_lost(world, case, as_user, given, said):
    page = as_user(world.relawan).post(url(case), {**given, "payee": "Kasir loket 3"})
    assert page.status_code == 200
    assert said in text_of(page)
    assert "Kasir loket 3" in page.content.decode()
    assert not case.moneylines.exists()


def test_a_repeated_form_counts_once(world, case, as_user):
    given = {"kind": "bill", "amount": "1jt", "submit_key": str(uuid4())}
    for _ in range(2):
        assert as_user(world.relawan).post(url(case), given).status_code == 302
    assert case.moneylines.count() == 1
    assert case.events.filter(type__code=EventCode.MONEY_NOTED).count() == 1


def test_a_photo_of_the_case_is_the_proof_and_no_other(world, case, as_user, photo):
    client = as_user(world.relawan)
    assert "1. Kuitansi kasir" in text_of(client.get(url(case)))
    client.post(url(case), {"kind": "paid", "amount": "1jt", "proof": str(photo.uuid)})
    assert case.moneylines.get().proof == photo
    assert "Bukti: Kuitansi kasir" in text_of(client.get(url(case)))
    page = client.post(url(case), {"kind": "paid", "amount": "2jt", "proof": str(uuid4())})
    assert "Berkas ini bukan milik kasus ini." in text_of(page)


def test_no_proof_is_a_fact_of_its_own(world, case, as_user, note):
    note("paid", 10)
    note("paid", 20, proof_note="KW-17")
    client = as_user(world.relawan)
    client.post(url(case), {"kind": "paid", "amount": "30rb", "no_proof": "on"})
    page = text_of(client.get(url(case)))
    assert "2 baris tanpa bukti" in page
    assert page.count("Belum ada bukti") == 1
    assert "Kuitansi: KW-17" in page


def test_the_button_takes_back(world, case, as_user, note):
    line = note("bill", 10)
    page = text_of(as_user(world.relawan).post(url(line, "money-take-back"), follow=True))
    assert "Ditarik dengan baris kedua." in page
    assert "Ditarik: Tagihan" in page


def test_a_closed_case_can_be_read_and_says_why_nothing_is_added(world, case, as_user, note):
    note("bill", 10)
    close(case, world)
    client = as_user(world.relawan)
    page = text_of(client.get(url(case)))
    assert "Simpan baris ini" not in page
    assert "Kasus ini sudah ditutup. Buka lagi untuk mencatat." in page
    page = client.post(url(case), {"kind": "bill", "amount": "1jt", "note": "ruang rawat"})
    assert page.status_code == 409
    assert "ruang rawat" in page.content.decode()
    assert "Buka lagi dulu" in text_of(page)
    assert case.moneylines.count() == 1


# Who may see what


def test_from_whom_and_to_whom_shows_where_names_are_open(world, case, as_user, note):
    note("paid", 10, payer="Budi Santoso", payee="Kasir Ani")
    assert "Dari Budi Santoso · Kepada Kasir Ani" in text_of(as_user(world.relawan).get(url(case)))
    page = text_of(as_user(world.koordinator).get(url(case)))
    assert "Budi" not in page
    assert "Dari siapa dan kepada siapa tampil setelah nama dibuka." in page


def test_what_is_not_yours_does_not_exist(world, case, as_user, note):
    line, client = note("bill", 10), as_user(world.outsider)
    assert client.get(url(case)).status_code == 404
    assert client.post(url(case), {"kind": "bill", "amount": "1jt"}).status_code == 404
    assert client.post(url(line, "money-take-back")).status_code == 404
    assert case.moneylines.count() == 1


def test_the_text_to_share_says_sums_and_no_identity(world, case, as_user, note):
    on = timezone.localdate() - timedelta(days=2)
    note("bill", 7_369_000, on_date=on, payer="Siti Rahmawati", note="operasi Siti", body=world.place, proof_note="KW1")
    wrong = note("paid", 999)
    money.take_back(line=wrong, by=world.relawan)
    text = report.share_text(case, report.of_case(case), now=timezone.now())
    assert case.number in text
    assert "Tagihan Rp7.369.000 (ada bukti)" in text
    assert "Sisa tagihan: Rp7.369.000" in text
    assert "Relawan tidak menerima bayaran" in text
    assert "Siti" not in text
    assert "999" not in text
    assert text.splitlines()[2] in as_user(world.relawan).get(url(case)).content.decode()


def test_the_ledger_costs_the_page_the_same_however_long(world, case, as_user, note):
    client = as_user(world.relawan)

    def statements():
        with CaptureQueriesContext(connection) as found:
            client.get(url(case))
        return len(found)

    note("bill", 10)
    statements()
    few = statements()
    for amount in range(1, 9):
        note("paid", amount)
    assert statements() == few
