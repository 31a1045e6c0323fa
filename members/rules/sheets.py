"""Tables as people keep them, XLSX and CSV, read row by row: nothing is evaluated, nothing is unpacked without a limit.

A cell is text, a number, a day or moment, True/False, None, or a `Broken` that says why it has no value. Of a formula the
value that was last saved counts; the formula itself is never read.
"""

import codecs
import csv
import io
import warnings
import zipfile
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from openpyxl.reader.excel import ExcelReader
from openpyxl.worksheet._reader import WorkSheetParser
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS
from openpyxl.xml.functions import iterparse

#: Bytes of the file, bytes once unpacked (TRUST R27), parts inside it, rows, columns, letters of a cell.
MOST_BYTES = 20 * 1024 * 1024
MOST_UNPACKED = 100 * 1024 * 1024
MOST_PARTS = 500
MOST_ROWS = 200_000
MOST_COLUMNS = 100
LONGEST_CELL = 1000

_TAG = f"{{{SHEET_MAIN_NS}}}"
_FORMULA, _VALUE, _ROW, _DATA = f"{_TAG}f", f"{_TAG}v", f"{_TAG}row", f"{_TAG}sheetData"
_STRING, _TEXT, _PHONETIC = f"{_TAG}si", f"{_TAG}t", f"{_TAG}rPh"


class Fault(StrEnum):
    """Why a file cannot be read at all."""

    EMPTY = "empty"
    TOO_BIG = "too_big"
    TOO_BIG_UNPACKED = "too_big_unpacked"
    TOO_MANY_ROWS = "too_many_rows"
    TOO_MANY_COLUMNS = "too_many_columns"
    OLD_EXCEL = "old_excel"
    OPEN_DOCUMENT = "open_document"
    NOT_A_TABLE = "not_a_table"
    BROKEN = "broken"


class BadSheet(Exception):
    """The file is refused as a whole."""

    def __init__(self, fault: Fault):
        super().__init__(fault.value)
        self.fault = fault


class Broken(StrEnum):
    """Why a cell has no value."""

    FORMULA = "formula_without_value"
    ERROR = "error_cell"
    TOO_LONG = "too_long_cell"


Cell = str | int | float | bool | date | datetime | None
Row = tuple[int, list[Cell]]


@dataclass
class Table:
    """A file that can be read again and again; ``sheets`` are the names of its visible sheets ("" for CSV)."""

    sheets: list[str]
    _source: "_Workbook | _Text"

    def rows(self, sheet: int = 0) -> Iterator[Row]:
        """The rows that hold something, each with its number in the file. Raises BadSheet."""
        if not 0 <= sheet < len(self.sheets):
            raise BadSheet(Fault.NOT_A_TABLE)
        count = 0
        for number, cells in self._source.rows(sheet):
            while cells and cells[-1] in (None, ""):
                cells.pop()
            if not any(cell not in (None, "") for cell in cells):
                continue
            count += 1
            if count > MOST_ROWS + 20:
                raise BadSheet(Fault.TOO_MANY_ROWS)
            if len(cells) > MOST_COLUMNS:
                raise BadSheet(Fault.TOO_MANY_COLUMNS)
            yield number, [_bounded(cell) for cell in cells]


def open_table(data: bytes) -> Table:
    """The table in these bytes, whatever the file was called. Raises BadSheet."""
    if not data.strip(b"\x00 \r\n\t"):
        raise BadSheet(Fault.EMPTY)
    if len(data) > MOST_BYTES:
        raise BadSheet(Fault.TOO_BIG)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadSheet(Fault.OLD_EXCEL)
    if data.startswith(b"PK"):
        workbook = _Workbook(data)
        return Table([name for name, _sheet in workbook.sheets], workbook)
    return Table([""], _Text(data))


def _bounded(cell: Cell) -> Cell:
    if isinstance(cell, str) and not isinstance(cell, Broken):
        cell = cell.replace("\x00", "")
        return Broken.TOO_LONG if len(cell) > LONGEST_CELL else cell
    if isinstance(cell, datetime):
        return cell.date() if cell.time() == time.min else cell
    if isinstance(cell, time | timedelta):
        return str(cell)
    return cell


# --- XLSX ----------------------------------------------------------------------------------------------------------


class _Strings:
    """The shared texts of a workbook in one block of bytes: a list of a million texts would fill the memory."""

    def __init__(self) -> None:
        self.block, self.ends = bytearray(), array("Q", [0])

    def add(self, text: str) -> None:
        self.block += text.encode("utf-8", "replace")
        self.ends.append(len(self.block))

    def __getitem__(self, at: int) -> str:
        return self.block[self.ends[at] : self.ends[at + 1]].decode()


class _Reader(ExcelReader):
    """openpyxl's, with the texts kept small."""

    def read_strings(self):
        self.shared_strings = strings = _Strings()
        part = self.package.find(SHARED_STRINGS)
        if part is None:
            return
        with self.archive.open(part.PartName[1:]) as source:
            top = None
            for event, node in iterparse(source, events=("start", "end")):
                if top is None:
                    top = node
                elif event == "end" and node.tag == _STRING:
                    for phonetic in node.findall(_PHONETIC):
                        node.remove(phonetic)
                    strings.add("".join(text.text or "" for text in node.iter(_TEXT)))
                    top.clear()


class _Cells(WorkSheetParser):
    """openpyxl's reading of a cell, with formulas that have no value told apart from empty cells."""

    def rows(self):
        data = None
        for event, element in iterparse(self.source, events=("start", "end")):
            if event == "start":
                data = element if element.tag == _DATA else data
            elif element.tag == _ROW:
                yield self.parse_row(element)
                if data is not None:
                    data.clear()

    def parse_cell(self, element):
        cell = super().parse_cell(element)
        if cell["data_type"] == "e":
            cell["value"] = Broken.ERROR
        elif cell["value"] is None and element.find(_FORMULA) is not None:
            cell["value"] = Broken.FORMULA
        return cell


class _Workbook:
    def __init__(self, data: bytes):
        _check_archive(data)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of styles and extensions that we do not read
                reader = _Reader(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
                reader.read()
        except MemoryError:
            raise
        except Exception as problem:  # a library of XML and dates meets a file of anybody
            raise BadSheet(Fault.BROKEN) from problem
        self.book, self.strings = reader.wb, reader.shared_strings
        sheets = [sheet for sheet in self.book.worksheets if hasattr(sheet, "_get_source")]
        shown = [sheet for sheet in sheets if sheet.sheet_state == "visible"]
        self.sheets = [(sheet.title, sheet) for sheet in shown or sheets]
        if not self.sheets:
            raise BadSheet(Fault.NOT_A_TABLE)

    def rows(self, at: int) -> Iterator[Row]:
        try:
            with warnings.catch_warnings(), self.sheets[at][1]._get_source() as source:
                warnings.simplefilter("ignore")
                parser = _Cells(
                    source,
                    self.strings,
                    data_only=True,
                    epoch=self.book.epoch,
                    date_formats=self.book._date_formats,
                    timedelta_formats=self.book._timedelta_formats,
                )
                for number, found in parser.rows():
                    cells: list[Cell] = []
                    for cell in found:
                        if cell["column"] > MOST_COLUMNS:
                            if cell["value"] not in (None, ""):
                                raise BadSheet(Fault.TOO_MANY_COLUMNS)
                            continue
                        cells += [None] * (cell["column"] - len(cells))
                        cells[cell["column"] - 1] = cell["value"]
                    yield number, cells
        except (BadSheet, MemoryError):
            raise
        except Exception as problem:
            raise BadSheet(Fault.BROKEN) from problem


def _check_archive(data: bytes) -> None:
    """Refuse what unpacks to too much, or speaks of entities, before anything is opened."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        parts = archive.infolist()
        if any(part.filename == "mimetype" for part in parts):
            raise BadSheet(Fault.OPEN_DOCUMENT)
        if not any(part.filename == "[Content_Types].xml" for part in parts):
            raise BadSheet(Fault.NOT_A_TABLE)
        # What a part says of its size is what can be read of it: zipfile stops there.
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
            raise BadSheet(Fault.TOO_BIG_UNPACKED)
        for part in parts:
            if part.flag_bits & 1:
                raise BadSheet(Fault.OLD_EXCEL)  # under a password
            if part.filename.lower().endswith((".xml", ".rels", ".vml")):
                with archive.open(part) as file:
                    head = file.read(4096)
                if (
                    b"<!DOCTYPE" in head
                    or b"<!ENTITY" in head
                    or head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
                ):
                    raise BadSheet(Fault.BROKEN)
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, ValueError, zipfile.zlib.error) as problem:
        raise BadSheet(Fault.BROKEN) from problem


# --- CSV -----------------------------------------------------------------------------------------------------------


class _Text:
    def __init__(self, data: bytes):
        self.data, self.encoding = data, _encoding(data)
        head = self._open().read(64 * 1024)
        if sum(char < " " and char not in "\t\r\n\f" for char in head) > len(head) // 100 + 1:
            raise BadSheet(Fault.NOT_A_TABLE)
        lines = head.splitlines()[:30]
        self.has_mark = bool(lines) and lines[0].lower().startswith("sep=") and len(lines[0]) == 5
        self.delimiter = lines[0][4] if self.has_mark else _delimiter(lines)

    def _open(self) -> io.TextIOWrapper:
        return io.TextIOWrapper(io.BytesIO(self.data), self.encoding, errors="replace", newline="")

    def rows(self, at: int) -> Iterator[Row]:
        reader = csv.reader((line.replace("\x00", "") for line in self._open()), delimiter=self.delimiter)
        number = 0
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as problem:
                raise BadSheet(Fault.BROKEN) from problem
            number += 1
            if self.has_mark and number == 1:
                continue
            yield number, [cell.strip() or None for cell in cells]


def _encoding(data: bytes) -> str:
    if data.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _delimiter(lines: list[str]) -> str:
    """The sign that cuts most lines into the same number of pieces."""

    def score(sign: str) -> tuple[int, int]:
        try:
            counts = [len(row) for row in csv.reader(lines, delimiter=sign) if row]
        except csv.Error:
            return 0, 0
        usual = max(set(counts), key=counts.count, default=1)
        return (counts.count(usual), usual) if usual > 1 else (0, 0)

    return max(";,\t|", key=lambda sign: (score(sign)[1] > 1, *score(sign)))
