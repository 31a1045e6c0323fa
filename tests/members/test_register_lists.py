"""The list of what we watch (obstacle reports) and of proposals: chips, words, order and file come from one form."""

import csv
import io
import re
import time
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from members.models import AccessLog, Finding, Proposal
from members.services import registers

pytestmark = pytest.mark.django_db
LIST = reverse("members:findings")


@pytest.fixture
def found(world):
    """Three open findings of the desk, one settled, one of another desk."""
    today = timezone.localdate()
    for programme, office, days in [
        ("Bansos PKH", "Dinas Sosial", 40), ("PBI dicoret", "Dinas Kesehatan", 3), ("=HYPERLINK(1)", "Bappeda", 10),
    ]:  # fmt: skip
        registers.add(
            Finding, organisation=world.desk, by=world.koordinator, office=office, programme=programme,
            text="Daftar tidak ditempel", evidence="Foto papan", found_on=today - timedelta(days=days),
        )  # fmt: skip
    registers.add(
        Finding, organisation=world.desk, by=world.koordinator, office="Dinas Sosial", programme="Bansos lama",
        text="Beras kurang", evidence="Timbangan", found_on=date(2026, 1, 2), closed_on=date(2026, 2, 2),
    )  # fmt: skip
    registers.add(
        Finding, organisation=world.other_desk, by=world.outside_koordinator, office="Dinas Sosial",
        programme="Punya posko lain", text="Bukan untuk kita", evidence="Foto", found_on=today,
    )  # fmt: skip


def on_page(client, **query):
    return re.findall(r"<h2><a [^>]*>([^<]*)</a></h2>", client.get(LIST, query).text)


def in_file(client, **query):
    answer = client.get(LIST, {**query, "berkas": "csv"})
    return [row[0] for row in list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))[1:]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["Bansos PKH", "=HYPERLINK(1)", "PBI dicoret"]),
        ({"urut": "baru"}, ["PBI dicoret", "=HYPERLINK(1)", "Bansos PKH"]),
        ({"urut": "kantor"}, ["=HYPERLINK(1)", "PBI dicoret", "Bansos PKH"]),
        ({"kata": "dinas"}, ["Bansos PKH", "PBI dicoret"]),
        ({"kata": "ditempel pbi"}, ["PBI dicoret"]),
        ({"lihat": "lama"}, ["Bansos PKH"]),
        ({"lihat": "selesai", "kata": "beras"}, ["Bansos lama"]),
        ({"kata": "tidak ada"}, []),
        ({"urut": "acak", "lihat": "mana", "kata": ""}, ["Bansos PKH", "=HYPERLINK(1)", "PBI dicoret"]),
    ],
)
def test_page_chip_and_file_agree(world, found, as_user, query, expected):
    client = as_user(world.koordinator)
    assert on_page(client, **query) == expected
    assert [name.removeprefix("'") for name in in_file(client, **query)] == expected
    chips = client.get(LIST, query).context["chips"]
    assert next(chip.count for chip in chips if chip.on) == len(expected)


def test_the_workbook_holds_days_and_no_formula_and_its_leaving_is_noted(world, found, as_user):
    client = as_user(world.koordinator)
    answer = client.get(LIST, {"berkas": "xlsx", "urut": "kantor"})
    assert re.fullmatch(r'attachment; filename="pantauan-\d{8}\.xlsx"', answer["Content-Disposition"])
    sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    assert any(str(cell) == "'=HYPERLINK(1)" for row in rows for cell in row)
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert "Punya posko lain" not in str(rows)
    assert AccessLog.objects.get(action="export", object_kind="finding").hits == 3


def test_long_after_signing_in_it_asks_again(world, found, as_user):
    client = as_user(world.koordinator)
    session = client.session
    session["signed_in_at"] = int(time.time()) - 3600
    session["account_authentication_methods"] = []
    session.save()
    answer = client.get(LIST, {"berkas": "csv", "lihat": "lama"})
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    assert not AccessLog.objects.filter(action="export").exists()


def test_proposals_leave_with_their_rupiah(world, as_user):
    registers.add(
        Proposal, organisation=world.desk, by=world.koordinator, office="Pemkab", title="Iuran BPU untuk nelayan",
        state="submitted", amount=25_000_000,
    )  # fmt: skip
    answer = as_user(world.koordinator).get(reverse("members:proposals"), {"berkas": "csv", "kata": "bpu"})
    (row,) = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    assert (row["Judul"], row["Rupiah yang diminta"], row["Kantor"]) == (
        "Iuran BPU untuk nelayan",
        "25000000",
        "Pemkab",
    )


def test_a_long_list_costs_no_more_statements(world, found, as_user, django_assert_max_num_queries):
    client = as_user(world.koordinator)
    client.get(LIST)
    with django_assert_max_num_queries(20):
        client.get(LIST, {"berkas": "csv"})
    for at in range(20):
        registers.add(
            Finding, organisation=world.desk, by=world.koordinator, office=f"Kantor {at}", programme=f"P{at}",
            text="x", evidence="y",
        )  # fmt: skip
    with django_assert_max_num_queries(20):
        client.get(LIST, {"berkas": "csv"})
