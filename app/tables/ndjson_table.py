"""Reads answers from NDJSON: a JSON object on each line."""

import json
from collections.abc import Collection, Iterator
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from app.tables import blocks
from app.tables.batch import Batch, NotATable, Unreadable
from app.tables.blocks import Blocks

Row = dict[str, Any]
Line = tuple[int, Row]
FITS = {pa.bool_(): (bool,), pa.int64(): (int,), pa.float64(): (int, float)}
WHOLE = {pa.int64(): range(-(2**63), 2**63), pa.float64(): range(-(2**53), 2**53 + 1)}
"""The whole numbers that a type holds exactly."""
SHOWN = 40
"""Characters of a value that are told."""


class NdjsonTable:
    """An NDJSON file, opened. Its columns are the names in its first lines (some megabytes).

    A name that comes later cannot become a column of the output any more: it is told, and left out.
    Raises NotATable for a file without any line that can be read.
    """

    place = "line"

    def __init__(self, source: Blocks) -> None:
        self._source = source
        self.total = source.total
        self._parts = _parts(source)
        self._first = next(self._parts, ([], []))
        lines, left_out = self._first
        if not lines:
            why = f"; line {left_out[0].place} {left_out[0].why}" if left_out else ""
            raise NotATable(f"has no line that is a JSON object{why}")
        rows = [row for _, row in lines]
        names = dict.fromkeys(name for row in rows for name in row)
        self.types = {name: _type([row.get(name) for row in rows]) for name in names}

    @property
    def done(self) -> int:
        """How many bytes have been read."""
        return self._source.done

    def batches(self, carried: Collection[str]) -> Iterator[Batch]:
        """Yield the rows; a column that is not carried as numbers if it holds nothing else."""
        yield self._batch(*self._first, carried)
        for lines, left_out in self._parts:
            yield self._batch(lines, left_out, carried)

    def _batch(
        self, lines: list[Line], left_out: list[Unreadable], carried: Collection[str]
    ) -> Batch:
        places = [place for place, _ in lines]
        columns, emptied = {}, list(self._later_names(lines))
        for name, kind in self.types.items():
            values = [row.get(name) for _, row in lines]
            if name not in carried:
                columns[name] = _answers(values)
                continue
            columns[name], failed = _carried(values, kind)
            emptied += [
                Unreadable(places[row], name, f"{_text(values[row])[:SHOWN]} does not fit: {kind}")
                for row in failed
            ]
        found = np.array(places, dtype=np.int64)
        return Batch(columns, found, tuple(left_out), tuple(sorted(emptied)))

    def _later_names(self, lines: list[Line]) -> Iterator[Unreadable]:
        for place, row in lines:
            for name in row.keys() - self.types.keys():
                yield Unreadable(place, name, "is not in the file's first lines, and is left out")


def _parts(source: Blocks) -> Iterator[tuple[list[Line], list[Unreadable]]]:
    """Yield what stands on some megabytes of lines; raises NotATable for one that does not end."""
    rest, line = b"", 1
    while more := source.read():
        *whole, rest = (rest + more).split(b"\n")
        if len(rest) > blocks.LONGEST:
            raise blocks.too_long(line + len(whole))
        if whole:
            yield _objects(whole, line)
        line += len(whole)


def _objects(texts: list[bytes], line: int) -> tuple[list[Line], list[Unreadable]]:
    lines, left_out = [], []
    for place, text in enumerate(texts, start=line):
        if not text.strip():
            continue
        try:
            lines.append((place, _object(text)))
        except (ValueError, RecursionError) as error:
            left_out.append(Unreadable(place, None, f"is not a JSON object: {error}"))
    return lines, left_out


def _object(text: bytes) -> Row:
    """Return the JSON object of a line; raises ValueError."""
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"{error.msg}, at character {error.colno}") from None
    if not isinstance(found, dict):
        raise ValueError(f"it is {text[:20].decode()!r}")  # noqa: TRY004 - as the parser does
    if text.count(b":") > len(found):
        json.loads(text, object_pairs_hook=once)
    return found


def once(pairs: list[tuple[str, Any]]) -> Row:
    """Return a JSON object whose names all differ; raises ValueError for any other."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("it has the same name twice")
    return found


def _type(values: list[Any]) -> pa.DataType:
    """Return the type of a column, from its first values; texts where they are mixed or nested."""
    kinds = {type(value) for value in values if value is not None}
    fits = (kind for kind, types in FITS.items() if kinds and kinds <= set(types))
    return next(fits, pa.string())


def _carried(values: list[Any], kind: pa.DataType) -> tuple[pa.Array, list[int]]:
    """Return values as a column of a type, and the rows whose value does not fit it."""
    if kind == pa.string():
        return pa.array([None if one is None else _text(one) for one in values], kind), []
    failed = [row for row, one in enumerate(values) if one is not None and not _fits(one, kind)]
    kept = list(values)
    for row in failed:
        kept[row] = None
    return pa.array(kept, kind), failed


def _fits(value: Any, kind: pa.DataType) -> bool:
    return type(value) in FITS[kind] and (type(value) is not int or value in WHOLE[kind])


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _answers(values: list[Any]) -> pa.Array:
    """Return answers as numbers, if that is what they all are, else as texts."""
    if {type(value) for value in values} <= {int, float, type(None)}:
        return pa.array(np.array(values, dtype=np.float64), from_pandas=True)
    return _carried(values, pa.string())[0]
