"""Writes results as an SPSS or Stata file, which can only be made as a whole."""

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyreadstat

from app.columns import Column
from app.flat.rows import Rows

MOST = 50_000
"""Results that such a file is made of, because all of them are in memory at a time."""
PIECE = 1 << 20
"""Bytes sent at a time."""

SPSS_WORDS = frozenset(
    ["all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"]
)
"""What SPSS keeps for itself, in capitals or not."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A program's file: what writes it, and how many bytes its labels may have."""

    program: str
    write: Any
    label: int
    value: int


KINDS = {
    "sav": Kind("SPSS", pyreadstat.write_sav, 255, 120),
    "dta": Kind("Stata", pyreadstat.write_dta, 80, 32_000),
}


def check(rows: Rows, kind: Kind) -> None:
    """See that a program can have columns of these names; raises ValueError where not."""
    kept = SPSS_WORDS.intersection(rows.schema.names) if kind.program == "SPSS" else ()
    if kept:
        raise ValueError(f"it has reserved the name {', '.join(sorted(kept))}")
    with tempfile.TemporaryDirectory() as folder:
        try:
            _write(rows.schema.empty_table(), rows.columns, kind, Path(folder) / "none")
        except pyreadstat.ReadstatError as error:
            raise ValueError(str(error)) from None


def made(rows: Rows, found: Iterable[list[str]], kind: Kind) -> Iterator[bytes]:
    """Yield the file piece by piece, once all results are read."""
    tables = [rows.table(documents) for documents in found] or [rows.schema.empty_table()]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "results"
        _write(pa.concat_tables(tables), rows.columns, kind, path)
        tables.clear()
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                yield piece


def _write(table: pa.Table, columns: Iterable[Column], kind: Kind, path: Path) -> None:
    told = list(columns)
    labels = {one.name: _cut(one.label, kind.label) for one in told}
    values = {one.name: found for one in told if (found := _values(one, kind))}
    frame = pl.DataFrame(_plain(table))
    kind.write(frame, str(path), column_labels=labels, variable_value_labels=values)


def _plain(table: pa.Table) -> pa.Table:
    """Return a table without zones, which these files do not know: its times are in UTC."""
    plain = pa.timestamp("us")
    for place, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            column = table.column(place).cast(plain)
            table = table.set_column(place, field.with_type(plain), column)
    return table


def _values(column: Column, kind: Kind) -> dict[int, str]:
    if column.type == "yes_no":
        return {0: "no", 1: "yes"}
    if column.type not in ("code", "whole_number"):
        return {}
    return {int(code): _cut(text, kind.value) for code, text in column.codes.items() if text}


def _cut(text: str, longest: int) -> str:
    """Return a label of so many bytes at most, its end cut off where it is longer."""
    return text.encode()[:longest].decode(errors="ignore")
