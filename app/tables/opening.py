"""Opens a file of answers, or one for scores, by what its name ends in."""

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Literal

import pyarrow as pa

from app.tables.batch import NotATable, Table
from app.tables.blocks import Blocks, Encoding
from app.tables.csv_table import CsvTable
from app.tables.ndjson_table import NdjsonTable
from app.tables.parquet_table import ParquetTable
from app.tables.writing import CsvWriter, NdjsonWriter, ParquetWriter, Writer

PIPE = Path("-")
"""Stands for standard input or output."""


Format = Literal["csv", "ndjson", "parquet"]
"""How a table is written down."""

ENDINGS: dict[str, Format] = {
    ".csv": "csv",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".parquet": "parquet",
}
WRITERS: dict[str, Callable[[BinaryIO, pa.Schema], Writer]] = {
    "csv": CsvWriter,
    "ndjson": NdjsonWriter,
    "parquet": ParquetWriter,
}


def format_of(path: Path) -> Format | None:
    """Return the format that a file's name ends in; None if it ends in no such."""
    return ENDINGS.get(path.suffix.lower())


@contextmanager
def open_table(
    path: Path, form: Format, delimiter: str | None = None, encoding: Encoding = "utf-8"
) -> Iterator[Table]:
    """Open a file of answers, or standard input for `-`.

    Raises NotATable for what is no such table, OSError for what cannot be read at all.
    """
    if path == PIPE:
        yield from _opened(sys.stdin.buffer, None, form, delimiter, encoding)
    else:
        with path.open("rb") as file:
            yield from _opened(file, path.stat().st_size, form, delimiter, encoding)


def _opened(
    file: BinaryIO, size: int | None, form: Format, delimiter: str | None, encoding: Encoding
) -> Iterator[Table]:
    if form != "parquet":
        yield text_table(file, size, form, delimiter, encoding)
    elif size is not None:
        yield ParquetTable(file)
    else:  # its end must be read first
        with tempfile.TemporaryFile() as copy:
            shutil.copyfileobj(file, copy)
            yield ParquetTable(copy)


def text_table(
    file: BinaryIO,
    size: int | None,
    form: Literal["csv", "ndjson"],
    delimiter: str | None = None,
    encoding: Encoding = "utf-8",
) -> Table:
    """Return the table in an open text file of so many bytes; raises NotATable if there is none."""
    source = Blocks(file, encoding, size)
    return CsvTable(source, delimiter) if form == "csv" else NdjsonTable(source)


@contextmanager
def open_writer(file: BinaryIO, form: Format, schema: pa.Schema) -> Iterator[Writer]:
    """Write a table to an open file; raises NotATable if the format cannot hold its columns."""
    if form != "parquet" and (held := [one.name for one in schema if "binary" in str(one.type)]):
        raise NotATable(f"has columns of bytes, which {form} cannot hold: {', '.join(held)}")
    try:
        writer = WRITERS[form](file, schema)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise NotATable(f"has a column that {form} cannot hold: {error}") from None
    try:
        yield writer
    finally:
        writer.close()
