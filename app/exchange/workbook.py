"""Spreadsheets as tables of texts: XLSX and CSV, read with suspicion, and XLSX written."""

import csv
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from scoring import NotValid, Problem

MOST_BYTES = 10_000_000
MOST_UNPACKED = 60_000_000
MOST_PARTS = 200
MOST_ROWS, MOST_COLUMNS = 10_000, 500
"""A questionnaire has some hundred rows; a sheet that reaches further would fill the memory."""

BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    NotImplementedError,
    RuntimeError,
    ValueError,
    EOFError,
    OSError,
)
"""What Python says of an archive that is damaged, locked, or packed in a way of its own."""

CELL = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Za-z]{1,9})(\d{1,9})"')
FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")

Cell = str | int | float
Table = tuple[Sequence[str], Sequence[Mapping[str, Cell | None]]]
"""Columns, and rows by column, to be written."""


class Row(NamedTuple):
    """A row that was read: its sheet, its number, and its texts by column; empty cells left out."""

    sheet: str
    number: int
    texts: dict[str, str]

    def place(self, column: str) -> str:
        """Return where a text stands: `items, row 4, column recode`."""
        return f"{self.sheet}, row {self.number}, column {column}"


Sheets = dict[str, list[Row]]


def read(data: bytes) -> Sheets:
    """Return the rows of a spreadsheet by sheet; a CSV file is the sheet `items`.

    Raises NotValid, naming the cell, for a formula; and for what is too large or not a spreadsheet.
    """
    if len(data) > MOST_BYTES:
        raise refused("document", f"has more than {MOST_BYTES // 1_000_000} MB")
    if not data.startswith(b"PK"):
        return {"items": _rows("items", _csv(data))}
    _suspect(data)
    import python_calamine

    try:
        book = python_calamine.load_workbook(io.BytesIO(data))
        return {
            name: _rows(name, book.get_sheet_by_name(name).to_python(skip_empty_area=False))
            for name in book.sheet_names
        }
    except (python_calamine.CalamineError, python_calamine.ZipError) as error:
        raise refused("document", f"is no XLSX file: {error}") from None


def refused(place: str, message: str) -> NotValid:
    """Return the refusal of one thing at its place."""
    return NotValid([Problem(place, message)])


def _csv(data: bytes) -> list[list[str]]:
    try:
        text = data.decode("utf-8-sig")
        heads = text.partition("\n")[0]
        delimiter = max(",;\t", key=heads.count)
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except UnicodeDecodeError:
        raise refused("document", "is neither XLSX nor CSV in UTF-8; save it as one") from None
    except csv.Error as error:
        raise refused("document", f"is no CSV file: {error}") from None


def _suspect(data: bytes) -> None:
    """See that a workbook is no bomb, holds no entities and no formulas, and ends somewhere."""
    with unpacking(data, "XLSX file") as packed:
        parts = packed.infolist()
        if len(parts) > MOST_PARTS or sum(one.file_size for one in parts) > MOST_UNPACKED:
            raise refused("document", "unpacks to more than a questionnaire needs")
        for part in parts:
            if part.filename.lower().endswith((".xml", ".rels")):
                _suspect_part(part.filename, packed.read(part))


@contextmanager
def unpacking(data: bytes, kind: str) -> Iterator[zipfile.ZipFile]:
    """Open a zip; raises NotValid for whatever turns out to be broken in it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            yield packed
    except NotValid:
        raise
    except BROKEN as error:
        raise refused("document", f"is no {kind}: {error}") from None


def _suspect_part(name: str, xml: bytes) -> None:
    if b"\0" in xml or b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
        raise refused(name, "declares entities, or is not UTF-8; save the workbook anew")
    if "worksheets/" not in name:
        return
    cells = list(CELL.finditer(xml))
    for cell in cells:
        column, row = cell.group(1), int(cell.group(2))
        if row > MOST_ROWS or _number(column) > MOST_COLUMNS:
            place = f"{name}, cell {column.decode()}{row}"
            raise refused(place, f"is beyond {MOST_ROWS} rows and {MOST_COLUMNS} columns")
    if formula := FORMULA.search(xml):
        before = [cell for cell in cells if cell.start() < formula.start()]
        where = b"".join(before[-1].groups()).decode() if before else "one"
        raise refused(f"{name}, cell {where}", "has a formula; put its value there instead")


def _number(column: bytes) -> int:
    number = 0
    for letter in column.upper():
        number = number * 26 + letter - 64
    return number


def _rows(sheet: str, lines: Sequence[Sequence[object]]) -> list[Row]:
    """Return the rows below the heads; raises NotValid for a formula, or a head that is twice."""
    if not lines:
        return []
    if len(lines) > MOST_ROWS or max(map(len, lines)) > MOST_COLUMNS:
        raise refused(sheet, f"is beyond {MOST_ROWS} rows and {MOST_COLUMNS} columns")
    heads = [_text(head) for head in lines[0]]
    for head in filter(None, heads):
        if heads.count(head) > 1:
            raise refused(f"{sheet}, row 1", f"the column {head} stands twice; keep one")
    return list(_filled(sheet, heads, lines[1:]))


def _filled(sheet: str, heads: list[str], lines: Sequence[Sequence[object]]) -> Iterator[Row]:
    for number, line in enumerate(lines, start=2):
        pairs = zip(heads, map(_text, line), strict=False)
        row = Row(sheet, number, {head: text for head, text in pairs if head and text})
        for column, text in row.texts.items():
            if text.startswith("="):
                message = "begins as a formula; put its value there instead"
                raise refused(row.place(column), message)
        if row.texts:
            yield row


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def write(tables: Mapping[str, Table]) -> bytes:
    """Return an XLSX workbook of tables by sheet. Texts are texts: no formulas, no links."""
    import xlsxwriter

    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        bold = book.add_format({"bold": True})
        for name, (columns, rows) in tables.items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 1)
            sheet.set_column(0, len(columns), 18, wrap)
            for place, column in enumerate(columns):
                sheet.write_string(0, place, column, bold)
                for number, row in enumerate(rows, start=1):
                    value = row.get(column)
                    if isinstance(value, str) or not _survives(value):
                        sheet.write_string(number, place, str(value))
                    elif value is not None:
                        sheet.write_number(number, place, value)
    return file.getvalue()


def _survives(value: Cell | None) -> bool:
    """Say whether a number is the same again after a spreadsheet kept 16 digits of it."""
    return value is None or float(f"{value:.16G}") == value
