"""Writes scores to CSV, Parquet or NDJSON, some rows at a time."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

import orjson
import pyarrow as pa
from pyarrow import csv as arrow_csv
from pyarrow import parquet

GROUP = 1 << 16
"""Rows that a Parquet file keeps together at least, the last ones excepted."""


class Writer(Protocol):
    """Writes a table piece by piece; `close` ends it, and leaves the file open."""

    def write(self, rows: pa.Table) -> None:
        """Write some rows."""
        ...

    def close(self) -> None:
        """Write whatever still waits, and what belongs at the end."""
        ...


class CsvWriter:
    """Commas, a header, nothing where there is no value; texts in quotation marks."""

    def __init__(self, file: BinaryIO, schema: pa.Schema) -> None:
        self._writer = arrow_csv.CSVWriter(file, schema)

    def write(self, rows: pa.Table) -> None:
        """Write some rows."""
        self._writer.write_table(rows)

    def close(self) -> None:
        """End the table."""
        self._writer.close()


class ParquetWriter:
    """Parquet, with the schema's metadata."""

    def __init__(self, file: BinaryIO, schema: pa.Schema) -> None:
        self._writer = parquet.ParquetWriter(file, schema)
        self._schema, self._waiting, self._rows = schema, list[pa.Table](), 0

    def write(self, rows: pa.Table) -> None:
        """Write some rows, once there are enough of them."""
        self._waiting.append(rows)
        self._rows += rows.num_rows
        if self._rows >= GROUP:
            self._flush()

    def close(self) -> None:
        """Write the rest."""
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if self._rows:
            self._writer.write_table(pa.concat_tables(self._waiting))
        self._waiting, self._rows = [], 0


class NdjsonWriter:
    """A JSON object on each line; null where there is no value."""

    def __init__(self, file: BinaryIO, schema: pa.Schema) -> None:
        self._file, self._names = file, schema.names

    def write(self, rows: pa.Table) -> None:
        """Write some rows."""
        columns = [column.to_pylist() for column in rows.columns]
        lines = (
            orjson.dumps(dict(zip(self._names, row, strict=True)), default=str)
            for row in zip(*columns, strict=True)
        )
        self._file.writelines(line + b"\n" for line in lines)

    def close(self) -> None:
        """Nothing waits."""


class Pieces(io.BytesIO):
    """A file whose content is taken out piece by piece as it is written."""

    def taken(self) -> bytes:
        """Return what was written since the last time."""
        piece = self.getvalue()
        self.seek(0)
        self.truncate()
        return piece


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a file for writing that is called `path` only once everything went well.

    Until then it stands beside it as `.<name>.<process>.part`; an error removes it again.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with part.open("xb") as file:
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
            part.replace(path)
        except BaseException:
            part.unlink()
            raise
