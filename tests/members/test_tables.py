"""Tables leave the house as files that no spreadsheet takes for a program."""

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some
from openpyxl import load_workbook

from members.reports.tables import HIDDEN, Column, Kind, Table, csv_lines, safe, xlsx

COLUMNS = [
    Column("Nama"),
    Column("Jumlah", Kind.NUMBER),
    Column("Rupiah", Kind.RUPIAH),
    Column("Bagian", Kind.PERCENT),
    Column("Lama", Kind.HOURS),
    Column("Hari", Kind.DAY),
    Column("Saat", Kind.MOMENT),
]
MOMENT = datetime(2026, 11, 27, 23, 45, tzinfo=UTC)
ROW = ["=HYPERLINK(1)", 3, 1_500_000, 0.25, timedelta(hours=2, minutes=30), date(2026, 11, 27), MOMENT]


def table(*rows, title="Kasus: per [tempat]", note="Kasus baru, November 2026"):
    return Table(title, COLUMNS, rows, note)


def read(lines) -> list[list[str]]:
    return list(csv.reader(io.StringIO("".join(lines).removeprefix("\ufeff")), delimiter=";"))


def test_a_csv_says_what_the_table_says():
    head, first = read(csv_lines(table(ROW)))
    assert head == ["Nama", "Jumlah", "Rupiah", "Bagian", "Lama", "Hari", "Saat"]
    assert first == ["'=HYPERLINK(1)", "3", "1500000", "25%", "2,5", "2026-11-27", "2026-11-28 06:45"]


def test_a_workbook_keeps_types_and_runs_nothing():
    book = load_workbook(io.BytesIO(xlsx([table(ROW), table([None, HIDDEN, *[None] * 5])])))
    first, second = book.worksheets
    assert [sheet.sheet_state for sheet in book.worksheets] == ["visible", "visible"]
    assert first.title != second.title and "[" not in first.title
    values = [cell.value for cell in first[2]]
    assert values == ["'=HYPERLINK(1)", 3, 1_500_000, 0.25, 2.5, datetime(2026, 11, 27), datetime(2026, 11, 28, 6, 45)]
    assert all(cell.data_type != "f" for row in first.iter_rows() for cell in row)
    assert first.cell(4, 1).value == "Kasus baru, November 2026"
    assert second["B2"].value == "< 5"


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1"])
def test_what_a_spreadsheet_would_run_is_quoted(text):
    assert safe(text).startswith("'")
    assert read(csv_lines(table([text, *[None] * 6])))[1][0].startswith("'")


@given(some.lists(some.text(max_size=40), min_size=1, max_size=5))
def test_any_text_leaves_every_row_as_wide(texts):
    rows = [[text, 1, 1, 1.0, None, None, None] for text in texts]
    found = read(csv_lines(table(*rows)))
    assert len(found) == len(texts) + 1 and {len(row) for row in found} == {len(COLUMNS)}
    assert not any(row[0].startswith(("=", "+", "-", "@")) for row in found[1:])
    book = load_workbook(io.BytesIO(xlsx([table(*rows)])))
    assert book.worksheets[0].max_row >= len(texts) + 1
