"""Writes results as CSV, Parquet or Arrow while they are read, some hundreds of rows at a time."""

from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import ipc

from app.columns import Column
from app.flat.rows import Rows
from app.tables import Pieces, open_writer

Documents = Iterable[list[str]]

BOM = b"\xef\xbb\xbf"
FORMULA = r"^([=+\-@\t\r])"
"""How a text begins that a spreadsheet would take for a formula."""


def csv(rows: Rows, found: Documents, *, bom: bool = False) -> Iterator[bytes]:
    """Yield a header and the rows: nothing where there is no value, and no text is a formula.

    With `bom` it begins with the mark by which Excel knows UTF-8.
    """
    texts = {one.name for one in rows.columns if one.type == "text" and _is_from_outside(one)}
    pieces = Pieces()
    pieces.write(BOM if bom else b"")
    with open_writer(pieces, "csv", rows.schema) as writer:
        yield pieces.taken()
        for documents in found:
            writer.write(_without_formulas(rows.table(documents), texts))
            yield pieces.taken()


def _is_from_outside(column: Column) -> bool:
    """Say whether somebody else wrote what stands there; all else are words and hashes of ours."""
    return column.part in ("response", "open_item") and not column.codes


def _without_formulas(table: pa.Table, texts: set[str]) -> pa.Table:
    """Return a table whose texts all begin so that a spreadsheet shows them as they are."""
    for place, name in enumerate(table.column_names):
        if name in texts:
            safe = pc.replace_substring_regex(table.column(place), FORMULA, r"'\1")
            table = table.set_column(place, table.schema.field(place), safe)
    return table


def parquet(rows: Rows, found: Documents) -> Iterator[bytes]:
    """Yield a Parquet file: its rows when there are enough for a group, its index at the end."""
    pieces = Pieces()
    with open_writer(pieces, "parquet", rows.schema) as writer:
        yield pieces.taken()
        for documents in found:
            writer.write(rows.table(documents))
            if piece := pieces.taken():
                yield piece
    yield pieces.taken()


def arrow(rows: Rows, found: Documents) -> Iterator[bytes]:
    """Yield an Arrow IPC stream."""
    pieces = Pieces()
    with ipc.new_stream(pieces, rows.schema) as writer:
        yield pieces.taken()
        for documents in found:
            writer.write_table(rows.table(documents))
            yield pieces.taken()
    yield pieces.taken()
