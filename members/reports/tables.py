"""A table of a report, and how it leaves the house: on a page, as CSV, as a workbook.

Every list, figure and data pack is a `Table` first, so that page and file cannot disagree.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from members.rules.zones import Zone

#: A spreadsheet reads a text that begins like this as a formula (TRUST R26).
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
#: Characters that XML of a workbook cannot hold.
_NOT_IN_XML = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 65534, 65535])
_WIDEST, _LONGEST = 60, 32_000
#: The files a table leaves as, by their ending.
FILES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class Kind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    NUMBER = "number"
    RUPIAH = "rupiah"
    PERCENT = "percent"  # a share between 0 and 1
    HOURS = "hours"  # a timedelta; a file holds hours with one decimal
    DAY = "day"
    MOMENT = "moment"


_FORMATS = {Kind.RUPIAH: '"Rp"#,##0', Kind.PERCENT: "0%", Kind.HOURS: "0.0", Kind.DAY: "yyyy-mm-dd"}


@dataclass(frozen=True)
class Column:
    """One column: what stands above it and what it holds."""

    label: str | Promise
    kind: Kind = Kind.TEXT


@dataclass(frozen=True)
class Table:
    """Rows under columns, with a title and a note that says what is counted, over which time and for whom.

    A cell is None where nothing is known, and `HIDDEN` where a group is too small to be shown. ``links`` holds, for each
    row and column, the address of the list behind a number, or "" (pages only, never a file).
    """

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]
    note: str = ""
    zone: str = Zone.WIB
    links: Sequence[Sequence[str]] = field(default=())


class Hidden:
    """A number that is not shown, because it could point at a person. It says "< 5" wherever it is printed."""

    def __str__(self) -> str:
        return "< 5"


HIDDEN = Hidden()


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula, and that fits into a cell."""
    text = text.translate(_NOT_IN_XML)[:_LONGEST]
    return f"'{text}" if text.startswith(_DANGEROUS) else text


def csv_lines(table: Table) -> Iterator[str]:
    """The table as Indonesian spreadsheets read it: semicolons, RFC 4180 quotes, a BOM first, every row as wide."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    writer.writerow([safe(str(column.label)) for column in table.columns])
    yield "\ufeff" + buffer.getvalue()
    for row in table.rows:
        buffer.seek(0)
        buffer.truncate()
        writer.writerow([_text(cell, column, table.zone) for cell, column in zip(row, table.columns, strict=True)])
        yield buffer.getvalue()


def as_bytes(table: Table, kind: str) -> bytes:
    """A table as a file of `FILES`; its rows are read one after the other."""
    if kind == "xlsx":
        return xlsx([table])
    buffer = io.BytesIO()
    for line in csv_lines(table):
        buffer.write(line.encode())
    return buffer.getvalue()


def xlsx(tables: Sequence[Table]) -> bytes:
    """A workbook with a sheet for each table: numbers and days as such, texts never as formulas, nothing hidden."""
    book = Workbook(write_only=True)
    book.properties.creator = "Kawal"
    names: set[str] = set()
    for table in tables:
        sheet = book.create_sheet(_sheet_name(table.title, names))
        for number, column in enumerate(table.columns, 1):
            wide = {Kind.TEXT: 28, Kind.MOMENT: 18}.get(column.kind, 14)
            sheet.column_dimensions[get_column_letter(number)].width = min(
                max(wide, len(str(column.label)) + 2), _WIDEST
            )
        sheet.freeze_panes = "A2"
        sheet.append([_cell(sheet, safe(str(column.label)), bold=True) for column in table.columns])
        for row in table.rows:
            sheet.append(
                [_typed(sheet, cell, column, table.zone) for cell, column in zip(row, table.columns, strict=True)]
            )
        if table.note:
            sheet.append([])
            sheet.append([_cell(sheet, safe(table.note))])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _text(value: Any, column: Column, zone: str) -> str:
    match value:
        case None:
            return ""
        case timedelta():
            return f"{value.total_seconds() / 3600:.1f}".replace(".", ",")
        case float() if column.kind == Kind.PERCENT:
            return f"{value:.0%}"
        case float():
            return f"{value:.1f}".replace(".", ",")
        case datetime():
            return f"{value.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
        case date():
            return f"{value:%Y-%m-%d}"
        case int():
            return str(value)
    return safe(str(value))


def _typed(sheet, value: Any, column: Column, zone: str) -> Any:
    match value:
        case None:
            return None
        case timedelta():
            return _cell(sheet, round(value.total_seconds() / 3600, 1), _FORMATS[Kind.HOURS])
        case datetime():
            return _cell(sheet, value.astimezone(ZoneInfo(zone)).replace(tzinfo=None), "yyyy-mm-dd hh:mm")
        case date():
            return _cell(sheet, value, _FORMATS[Kind.DAY])
        case bool():
            return _cell(sheet, str(value))
        case int() | float():
            return _cell(sheet, value, _FORMATS.get(column.kind, ""))
    return _cell(sheet, safe(str(value)))


def _cell(sheet, value: Any, number_format: str = "", *, bold: bool = False) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"  # never a formula, whatever it begins with
    if number_format:
        cell.number_format = number_format
    if bold:
        cell.font = Font(bold=True)
    return cell


def _sheet_name(title: str, taken: set[str]) -> str:
    """At most 31 letters, none that Excel refuses, no name twice."""
    clean = "".join(char for char in title.translate(_NOT_IN_XML) if char not in "[]:*?/\\'")[:28].strip() or "Tabel"
    name, number = clean, 1
    while name.lower() in taken:
        number += 1
        name = f"{clean[:26]} {number}"
    taken.add(name.lower())
    return name
