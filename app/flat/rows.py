"""Lays result documents out as rows: one value for each column of the codebook, or none."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

import orjson
import pyarrow as pa

from app.columns import Column, Kind

UTC = pa.timestamp("s", "UTC")
TYPES: Mapping[Kind, pa.DataType] = {
    "text": pa.string(),
    "codes": pa.string(),
    "code": pa.int64(),
    "whole_number": pa.int64(),
    "number": pa.float64(),
    "yes_no": pa.bool_(),
    "date": pa.date32(),
    "time": UTC,
}
NOTHING: Mapping[str, Any] = {}

Row = Mapping[str, Any]


class Rows:
    """The layout of one instrument's results.

    `as_text` leaves days and times as the documents have them, such as 2026-11-01T09:06:40Z.
    """

    def __init__(
        self, columns: Sequence[Column], about: Mapping[str, str], *, as_text: bool = False
    ) -> None:
        self.columns = columns
        self._parts = [
            (path, list(some)) for path, some in groupby(columns, lambda one: one.path[:-1])
        ]
        dates = {"date": pa.string(), "time": pa.string()} if as_text else {}
        self._types = {one.name: dates.get(one.type, TYPES[one.type]) for one in columns}
        self.schema = pa.schema(
            [pa.field(one.name, self._types[one.name], metadata=_told(one)) for one in columns],
            metadata=dict(about),
        )

    def table(self, documents: Iterable[str]) -> pa.Table:
        """Return some result documents as rows, in their order."""
        read = [orjson.loads(document) for document in documents]
        made: list[pa.Array] = []
        for path, columns in self._parts:
            parents = [_under(row, path) for row in read]
            for column in columns:
                name = column.path[-1]
                values = [row.get(name) for row in parents]
                made.append(self._array(column, values))
        return pa.table(made, schema=self.schema)

    def _array(self, column: Column, values: list[Any]) -> pa.Array:
        change = _CHANGED.get(column.name if column.path == MISSING else column.type)
        if change is not None:
            values = [None if value is None else change(value) for value in values]
        kind = self._types[column.name]
        if column.type in ("date", "time"):
            return pa.array(values, pa.string()).cast(kind)
        return pa.array(values, kind)


MISSING = ("response", "missing")


def _codes(value: Any) -> str:
    return " ".join(map(str, value))


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


_CHANGED: Mapping[str, Callable[[Any], str]] = {"codes": _codes, "missing": _json}


def _under(row: Row, path: Sequence[str]) -> Row:
    """Return what stands under a path; nothing where a result has no such part, or null for it."""
    for name in path:
        row = row.get(name) or NOTHING
    return row


def _told(column: Column) -> dict[str, str]:
    """Return what a file may say of a column beside its name."""
    told = {"label": column.label}
    if column.codes:
        codes = {str(code): text for code, text in column.codes.items()}
        told["codes"] = _json(codes)
    return told
