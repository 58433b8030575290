"""From what stands in a column of somebody's file to an item's codes; what is none is found."""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from app.offline.columns import Columns, NotScorable
from app.tables import Batch
from scoring import Instrument
from scoring.item import Choice, Scale
from scoring.methods import Floats

Flags = NDArray[np.bool_]

NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]*|,00?)?")
"""How a code may be written: 3, and as statistics programs export it: 3.0, 3.00 or 3,00."""
SHOWN = 40
"""Characters of a cell that are told."""
NO_CODE = np.inf
"""Stands for a text that is no number."""


@dataclass(frozen=True, slots=True)
class Missing:
    """What stands for "no answer" in one item's column, besides nothing at all."""

    texts: frozenset[str] = frozenset()
    numbers: frozenset[float] = frozenset()

    def code(self, text: str) -> float:
        """Return the number that a text stands for; NaN for no answer, infinite for no number."""
        text = text.strip()
        if not text or text in self.texts:
            return np.nan
        if not NUMBER.fullmatch(text):
            return NO_CODE
        number = float(text.replace(",", "."))
        return np.nan if number in self.numbers else number

    def codes(self, column: pa.Array) -> Floats:
        """Return a column's codes [rows]; NaN for no answer, infinite for a text that is none."""
        if _is_text(column.type):
            return self._of_texts(column)
        codes: Floats = column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        if self.numbers:
            codes = np.where(np.isin(codes, list(self.numbers)), np.nan, codes)
        return codes

    def _of_texts(self, column: pa.Array) -> Floats:
        if column.type == pa.binary():
            quick = self._of_characters(column)
            if quick is not None:
                return quick
        coded = column.cast(pa.large_binary()).dictionary_encode()
        texts = [text.decode(errors="replace") for text in coded.dictionary.to_pylist()]
        table = np.array([*map(self.code, texts), np.nan])
        places: NDArray[np.intp] = coded.indices.fill_null(len(texts)).to_numpy()
        return table[places]

    def _of_characters(self, column: pa.Array) -> Floats | None:
        """Return the codes of texts that are at most one byte long, the usual case; else None.

        Arrow gives a null the length of an empty text.
        """
        _, ends, text = column.buffers()
        offsets = np.frombuffer(ends, np.int32)[column.offset :][: len(column) + 1]
        lengths = np.diff(offsets)
        if text is None or lengths.max(initial=0) > 1:
            return None
        codes = np.full(len(column), np.nan)
        codes[lengths == 1] = _of_bytes(self)[
            np.frombuffer(text, np.uint8)[offsets[0] : offsets[-1]]
        ]
        return codes


@cache
def _of_bytes(missing: Missing) -> Floats:
    """Return the codes of all texts that are one byte long."""
    return np.array([missing.code(chr(byte)) for byte in range(256)])


def _is_text(kind: pa.DataType) -> bool:
    return kind in (pa.string(), pa.large_string(), pa.binary())


def check_types(types: Mapping[str, pa.DataType], columns: Columns) -> None:
    """See that the items' columns hold numbers or texts; raises NotScorable, naming those not."""
    is_ = pa.types
    numbers = (is_.is_integer, is_.is_floating, is_.is_decimal, is_.is_null)
    for item, column in columns.items.items():
        kind = pa.null() if column is None else types[column]
        if not (_is_text(kind) or any(is_number(kind) for is_number in numbers)):
            raise NotScorable(f"Column {columns.shown(item)} has no answers: it holds {kind}")


def read_missing(given: Iterable[str], instrument: Instrument) -> dict[str, Missing]:
    """Return what means "no answer" in each item's column.

    `given` are texts or numbers, such as `9` or `NA`, for every item, or for one: `vas=999`. Raises
    NotScorable for a number that is an answer to an item.
    """
    texts: dict[str, set[str]] = {item.id: set() for item in instrument.items}
    for one in given:
        item, is_one_items, text = one.partition("=")
        if is_one_items and item in texts:
            texts[item].add(text.strip())
        else:
            for its in texts.values():
                its.add(one.strip())
    return {item.id: _missing(texts[item.id], item, instrument) for item in instrument.items}


def _missing(texts: Collection[str], item: Choice | Scale, instrument: Instrument) -> Missing:
    numbers = {float(text.replace(",", ".")) for text in texts if NUMBER.fullmatch(text)}
    if clash := sorted(numbers & {float(code) for code in instrument.codes(item)}):
        raise NotScorable(
            f"--missing {clash[0]:.10g}: {clash[0]:.10g} is an answer to {item.id}. Say for which "
            f"items it means no answer: --missing ITEM={clash[0]:.10g}, once for each.",
            "missing",
        )
    return Missing(frozenset(texts), frozenset(numbers))


def answers_in(batch: Batch, columns: Columns, missing: Mapping[str, Missing]) -> Floats:
    """Return the answers [rows, items], one item's codes after another in memory."""
    answers = np.full((len(columns.items), len(batch.places)), np.nan).T
    for place, (item, column) in enumerate(columns.items.items()):
        if column is not None:
            answers[:, place] = missing[item].codes(batch.columns[column])
    return answers


def why_wrong(cell: Any, item: Choice | Scale, instrument: Instrument) -> str:
    """Return what is wrong with a cell, and what would be right."""
    codes = sorted(instrument.codes(item))
    whole = len(codes) > 12 and codes == list(range(codes[0], codes[-1] + 1))
    offered = f"{codes[0]} to {codes[-1]}" if whole else ", ".join(map(str, codes))
    return f"{_shown(cell)} is not one of its codes ({offered})"


def _shown(cell: Any) -> str:
    text = cell.decode(errors="replace") if isinstance(cell, bytes) else cell
    if isinstance(text, str):
        cut = text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
        return json.dumps(cut, ensure_ascii=False)
    number = isinstance(text, int | float | Decimal) and not isinstance(text, bool)
    return f"{float(text):.10g}" if number else json.dumps(text, ensure_ascii=False)[:SHOWN]
