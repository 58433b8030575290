"""Spreadsheets as tables of texts: XLSX and CSV, read with suspicion, and XLSX written."""

import csv
import html
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import NamedTuple

from app.exchange.names import HELP, is_note
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
MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?\bref="([A-Za-z0-9:]{1,40})"')
SHEET = re.compile(r"<(?:\w+:)?(?:sheet|Relationship)\s[^>]*>")
ATTRIBUTE = re.compile(r'([\w:]+)\s*=\s*"([^"]*)"')

REMEDY = "save it as Excel workbook (.xlsx), or as CSV UTF-8"
FOREIGN = {
    b"word/document.xml": "a Word document (.docx)",
    b"ppt/presentation.xml": "a PowerPoint file (.pptx)",
    b"xl/workbook.bin": "a binary Excel workbook (.xlsb)",
    b"application/vnd.oasis.opendocument": "an OpenDocument file (.ods, .odt)",
}
"""What is in files that some take for a spreadsheet, and what they are."""

BEGINS = {
    b"\xd0\xcf\x11\xe0": "an old Excel file (.xls), or one with a password",
    b"%PDF": "a PDF",
    b"{\\rtf": "a text with formatting (.rtf)",
}

DAYS = ("earliest", "latest")
"""The columns in which a date stands for itself; elsewhere a spreadsheet made it of something."""

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

    Raises NotValid, naming each cell, for formulas, merged cells and dates that were made of
    something else; and for what is too large or not a spreadsheet.
    """
    sheets, faults = suspected(data)
    if faults:
        raise NotValid(faults)
    return sheets


def suspected(data: bytes) -> tuple[Sheets, list[Problem]]:
    """Return the rows of a spreadsheet, and the cells that `read` refuses it for.

    Raises NotValid for what is too large or not a spreadsheet.
    """
    if len(data) > MOST_BYTES:
        raise refused("document", f"has more than {MOST_BYTES // 1_000_000} MB")
    native(data)
    if not data.startswith(b"PK"):
        faults: list[Problem] = []
        return {"items": _rows("items", _csv(data), faults)}, faults
    faults = _suspect(data)
    return {name: _rows(name, lines, faults) for name, lines in _lines(data)}, faults


def _lines(data: bytes) -> Iterator[tuple[str, Sequence[Sequence[object]]]]:
    """Yield each sheet of a workbook that is no notes, with its lines."""
    import python_calamine

    try:
        book = python_calamine.load_workbook(io.BytesIO(data))
        for name in book.sheet_names:
            if not is_apart(name):
                sheet = book.get_sheet_by_name(name)
                yield name, sheet.to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, python_calamine.ZipError) as error:
        raise refused("document", f"is no XLSX file: {error}") from None


def native(data: bytes) -> None:
    """Raise NotValid, with what a file is and how to save it, for one of another program's."""
    for begins, what in BEGINS.items():
        if data.startswith(begins):
            raise refused("document", f"is {what}; {REMEDY}")
    if data.startswith(b"PK") and b"xl/workbook.xml" not in data:
        for part, what in FOREIGN.items():
            if part in data:
                raise refused("document", f"is {what}; {REMEDY}")


def is_apart(sheet: str) -> bool:
    """Say whether a sheet is passed over, whatever stands on it: notes, and the help."""
    return sheet == HELP or is_note(sheet)


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
        raise refused("document", f"is neither XLSX nor CSV in UTF-8; {REMEDY}") from None
    except csv.Error as error:
        raise refused("document", f"is no CSV file: {error}") from None


def _suspect(data: bytes) -> list[Problem]:
    """See that a workbook is no bomb, holds no entities, and ends somewhere.

    Return where it has formulas and merged cells.
    """
    with unpacking(data, "XLSX file") as packed:
        parts = packed.infolist()
        if len(parts) > MOST_PARTS or sum(one.file_size for one in parts) > MOST_UNPACKED:
            raise refused("document", "unpacks to more than a questionnaire needs")
        names = [part.filename for part in parts]
        texts = {name: packed.read(name) for name in names if _is_xml(name)}
    for name, xml in texts.items():
        if b"\0" in xml or b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
            raise refused(name, "declares entities, or is not UTF-8; save the workbook anew")
    called = _called(texts)
    found: list[Problem] = []
    for name, xml in texts.items():
        if "worksheets/" in name:
            found += _suspect_sheet(called.get(name.rpartition("/")[2], name), xml)
    return found


def _is_xml(name: str) -> bool:
    return name.lower().endswith((".xml", ".rels"))


def _called(texts: Mapping[str, bytes]) -> dict[str, str]:
    """Return what the sheets are called, by the names of their files."""
    links = _attributes(texts.get("xl/_rels/workbook.xml.rels", b""))
    files = {one.get("Id", ""): one.get("Target", "").rpartition("/")[2] for one in links}
    book = _attributes(texts.get("xl/workbook.xml", b""))
    return {files.get(one.get("r:id", ""), ""): html.unescape(one.get("name", "")) for one in book}


def _attributes(xml: bytes) -> list[dict[str, str]]:
    """Return what is said of each sheet, or of each file that a workbook links to."""
    text = xml.decode(errors="replace")
    return [dict(ATTRIBUTE.findall(one)) for one in SHEET.findall(text)]


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


def _suspect_sheet(name: str, xml: bytes) -> Iterator[Problem]:
    """Yield where a sheet has formulas and merged cells; raises NotValid for one without end."""
    cells = list(CELL.finditer(xml))
    for cell in cells:
        column, row = cell.group(1), int(cell.group(2))
        if row > MOST_ROWS or _number(column) > MOST_COLUMNS:
            place = f"{name}, cell {column.decode()}{row}"
            raise refused(place, f"is beyond {MOST_ROWS} rows and {MOST_COLUMNS} columns")
    if is_apart(name):
        return
    if formula := FORMULA.search(xml):
        before = [cell for cell in cells if cell.start() < formula.start()]
        where = b"".join(before[-1].groups()).decode() if before else "one"
        yield Problem(f"{name}, cell {where}", "has a formula; put its value there instead")
    for merged in MERGED.finditer(xml):
        message = "are merged into one; unmerge them, and write in each what it says"
        yield Problem(f"{name}, cells {merged.group(1).decode()}", message)


def _number(column: bytes) -> int:
    number = 0
    for letter in column.upper():
        number = number * 26 + letter - 64
    return number


def _rows(sheet: str, lines: Sequence[Sequence[object]], faults: list[Problem]) -> list[Row]:
    """Return the rows below the heads; adds to the faults what cannot be read in a cell.

    Raises NotValid for a sheet that is too large.
    """
    if not lines:
        return []
    if len(lines) > MOST_ROWS or max(map(len, lines)) > MOST_COLUMNS:
        raise refused(sheet, f"is beyond {MOST_ROWS} rows and {MOST_COLUMNS} columns")
    heads = [_text(head) for head in lines[0]]
    twice = [head for head in dict.fromkeys(filter(None, heads)) if heads.count(head) > 1]
    faults += [
        Problem(f"{sheet}, row 1", f"the column {head} stands twice; keep one") for head in twice
    ]
    return list(_filled(sheet, heads, lines[1:], faults))


def _filled(
    sheet: str, heads: list[str], lines: Sequence[Sequence[object]], faults: list[Problem]
) -> Iterator[Row]:
    for number, line in enumerate(lines, start=2):
        cells = {head: cell for head, cell in zip(heads, line, strict=False) if head}
        texts = {head: text for head, cell in cells.items() if (text := _text(cell))}
        row = Row(sheet, number, texts)
        for head, text in texts.items():
            if why := None if is_note(head) else _made_of(cells[head], text, head):
                faults.append(Problem(row.place(head), why))
        if texts:
            yield row


def _made_of(cell: object, text: str, column: str) -> str | None:
    """Say what a spreadsheet made of what was typed, where it is not that any more."""
    if text.startswith("="):
        return "begins as a formula; put its value there instead"
    if isinstance(cell, date) and column not in DAYS:
        made = f"is {text}: the spreadsheet made a date of it"
        return f"{made}; format the cell as text, and type it anew"
    return None


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value.date() if isinstance(value, datetime) else value).strip()


class Choices(NamedTuple):
    """The words that some cells of a column take, which are chosen from a list there."""

    sheet: str
    column: int
    first: int
    last: int
    words: Sequence[str]


def write(tables: Mapping[str, Table], choices: Sequence[Choices] = ()) -> bytes:
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
        for sheet_of, place, first, last, words in choices:
            listed = {"validate": "list", "source": list(words)}
            sheet = book.get_worksheet_by_name(sheet_of)
            sheet.data_validation(first, place, last, place, listed)
    return file.getvalue()


def _survives(value: Cell | None) -> bool:
    """Say whether a number is the same again after a spreadsheet kept 16 digits of it."""
    return value is None or float(f"{value:.16G}") == value
