"""Reads answers from CSV: a header line, then a line for each person."""

import csv
import io
import re
from collections.abc import Collection, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from app.tables.batch import Batch, NotATable, Unreadable
from app.tables.blocks import Blocks, as_utf_8
from app.tables.records import Records, whole_records

DELIMITERS = (",", ";", "\t")
NOT_UTF_8 = "is not UTF-8; if the file is in Latin-1, say --encoding latin-1"


class CsvTable:
    """A CSV file, opened. Every column is text; an empty field is null, a quoted one is not.

    Raises NotATable for a file without a header, or whose header names a column twice.
    """

    place = "line"

    def __init__(self, source: Blocks, delimiter: str | None) -> None:
        self._source = source
        self.total = source.total
        first = source.read()
        self.delimiter = delimiter or _sniffed(first)
        self._records = whole_records(source, self.delimiter, first)
        self._first, self._names = self._header()
        self.types = dict.fromkeys(self._names, pa.string())
        self._as_bytes = arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(self._names, pa.binary()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        )

    @property
    def done(self) -> int:
        """How many bytes have been read."""
        return self._source.done

    def _header(self) -> tuple[Records, list[str]]:
        found = next(self._records, None)
        if found is None:
            raise NotATable("is empty: it has not even a header")
        if isinstance(found, Unreadable):
            raise NotATable("begins with a quotation mark that is never closed")
        start = int(found.ends[0]) + 1
        names = _names(found.text[:start], self.delimiter)
        return found.after(start), names

    def batches(self, carried: Collection[str]) -> Iterator[Batch]:
        """Yield the rows; `carried` as text, all other columns as bytes."""
        yield self._batch(self._first, carried)
        for found in self._records:
            if isinstance(found, Unreadable):
                yield self._nothing_but(found, carried)
            else:
                yield self._batch(found, carried)

    def _nothing_but(self, found: Unreadable, carried: Collection[str]) -> Batch:
        kinds = {name: pa.string() if name in carried else pa.binary() for name in self._names}
        columns = {name: pa.array([], kind) for name, kind in kinds.items()}
        return Batch(columns, np.array([], dtype=np.int64), left_out=(found,))

    def _batch(self, records: Records, carried: Collection[str]) -> Batch:
        utf_8 = _is_utf_8(records.text)
        table, wrong = self._parsed(records.text if utf_8 else as_utf_8(records.text))
        columns = {name: _whole(table.column(name)) for name in self._names}
        first, last = records.places(blanks=len(self._names) == 1)
        dropped = [row.number - 1 for row in wrong]
        left_out = [
            Unreadable(int(first[place]), None, self._fields(row, int(last[place] - first[place])))
            for row, place in zip(wrong, dropped, strict=True)
        ]
        places, emptied = np.delete(first, dropped), []
        for name in carried:
            if utf_8:
                columns[name] = columns[name].cast(pa.string())
            else:
                columns[name], rows = _as_written(columns[name])
                emptied += [Unreadable(int(places[row]), name, NOT_UTF_8) for row in rows]
        return Batch(columns, places, tuple(left_out), tuple(sorted(emptied)))

    def _parsed(self, text: bytes) -> tuple[pa.Table, list[Any]]:
        wrong: list[Any] = []

        def leave_out(row: Any) -> str:
            wrong.append(row)
            return "skip"

        if not text:
            return pa.table({name: pa.array([], pa.binary()) for name in self._names}), wrong
        table = arrow_csv.read_csv(
            pa.BufferReader(text),
            arrow_csv.ReadOptions(
                use_threads=False, block_size=len(text) + 1, column_names=self._names
            ),
            arrow_csv.ParseOptions(
                delimiter=self.delimiter,
                newlines_in_values=True,
                ignore_empty_lines=len(self._names) > 1,
                invalid_row_handler=leave_out,
            ),
            self._as_bytes,
        )
        return table, wrong

    def _fields(self, row: Any, more_lines: int) -> str:
        lines = f", and runs over {more_lines + 1} lines" if more_lines else ""
        return f"has {row.actual_columns} fields where the header has {row.expected_columns}{lines}"


def _sniffed(text: bytes) -> str:
    """Return the delimiter that stands most often in the header, outside quotation marks."""
    header = re.sub(rb'"[^"]*"', b"", text.lstrip(b"\r\n").splitlines()[0] if text.strip() else b"")
    return max(DELIMITERS, key=lambda sign: header.count(sign.encode()))


def _names(header: bytes, delimiter: str) -> list[str]:
    try:
        text = header.decode()
    except UnicodeDecodeError:
        raise NotATable(f"has a header that {NOT_UTF_8}") from None
    try:
        names = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise NotATable(f"has a header that cannot be read: {error}") from None
    if not names:
        raise NotATable("begins with an empty line where the header should be")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise NotATable(f"has a header that names a column twice: {', '.join(map(repr, twice))}")
    return names


def _is_utf_8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _whole(column: pa.ChunkedArray) -> pa.Array:
    (only,) = column.chunks  # one block was read, so there is but one
    return only


def _as_written(column: pa.Array) -> tuple[pa.Array, list[int]]:
    """Return a column that was read as Latin-1 as the UTF-8 it may be, and the rows where not."""
    texts: list[str | None] = []
    failed = []
    for row, cell in enumerate(column.to_pylist()):
        text = None if cell is None else cell.decode().encode("latin-1")
        if text is None or _is_utf_8(text):
            texts.append(None if text is None else text.decode())
        else:
            texts.append(None)
            failed.append(row)
    return pa.array(texts, pa.string()), failed
