"""A file of results as it came: how many rows it has, and where in the feed the last one stands."""

import csv
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from app.pulling.state import Format

CURSOR = re.compile("[0-9]{20}", re.ASCII)


class Garbled(ValueError):
    """The file is no whole table of results: whatever carried it has cut or changed it."""


def measured(file: Path, form: Format) -> tuple[int, str]:
    """Return a file's number of rows, and its last cursor; nothing of a file without rows.

    Raises Garbled for a file that is cut, or no table of results.
    """
    try:
        rows, last = _of_parquet(file) if form == "parquet" else _of_csv(file)
    except (pa.ArrowException, csv.Error, UnicodeDecodeError, OSError) as error:
        raise Garbled(str(error)) from None
    if rows and not CURSOR.fullmatch(last):
        raise Garbled("its last row has no cursor")
    return rows, last


def _of_parquet(file: Path) -> tuple[int, str]:
    with parquet.ParquetFile(file) as table:
        name = _cursor(table.schema_arrow.names)
        column = table.read([name]).column(name)
        return len(column), str(column[-1]) if len(column) else ""


def _of_csv(file: Path) -> tuple[int, str]:
    _must_end(file)
    with file.open(encoding="utf-8", newline="") as text:
        lines = csv.reader(text, strict=True)
        header = next(lines)
        place = header.index(_cursor(header))
        number, last = 0, ""
        for number, row in enumerate(_whole(lines, len(header)), 1):  # noqa: B007 - the last counts
            last = row[place]
        return number, last


def _whole(lines: Iterator[list[str]], fields: int) -> Iterator[list[str]]:
    for row in lines:
        if len(row) != fields:
            raise Garbled(f"it has a row of {len(row)} fields, and not {fields}")
        yield row


def _must_end(file: Path) -> None:
    with file.open("rb") as content:
        content.seek(-1, os.SEEK_END)  # of an empty file: an OSError
        if content.read() != b"\n":
            raise Garbled("its last line has no end")


def _cursor(names: Sequence[str]) -> str:
    """Return the column of cursors: another name than ours only where an item has that."""
    found = [name for name in ("svar_cursor", "cursor") if name in names]
    if not found:
        raise Garbled("it has no column of cursors")
    return found[0]
