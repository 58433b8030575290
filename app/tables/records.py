"""Finds where the records of a CSV text begin and end, and on which lines.

A line is what an editor counts, a record what stands between two line ends that are not inside
quotation marks. Quotation marks count as such only at a field's start, as other readers of CSV have
it: in `5" nail` there is none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.tables import blocks
from app.tables.batch import Places, Unreadable
from app.tables.blocks import Blocks

LF, CR, QUOTE = b'\n\r"'
Positions = NDArray[np.intp]
Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Records:
    """Whole records: their text, the first one's line, and where in the text lines end.

    `ends` are those of the line ends that end a record.
    """

    text: bytes
    line: int
    line_ends: Positions
    ends: Positions

    def until(self, stop: int) -> "Records":
        """Return the records that end before a position."""
        return Records(
            self.text[:stop],
            self.line,
            self.line_ends[self.line_ends < stop],
            self.ends[self.ends < stop],
        )

    def after(self, start: int) -> "Records":
        """Return the records that begin at a position or later."""
        passed = int(np.searchsorted(self.line_ends, start))
        return Records(
            self.text[start:],
            self.line + passed,
            self.line_ends[passed:] - start,
            self.ends[self.ends >= start] - start,
        )

    def places(self, *, blanks: bool) -> tuple[Places, Places]:
        """Return the lines where each record begins and ends; with the blank ones, or without."""
        starts = np.concatenate(([0], self.ends[:-1] + 1))[: len(self.ends)]
        if not blanks:
            raw = np.frombuffer(self.text, np.uint8)
            length = self.ends - starts
            blank = (length == 0) | ((length == 1) & (raw[starts] == CR))
            starts, ends = starts[~blank], self.ends[~blank]
        else:
            ends = self.ends
        first, last = (np.searchsorted(self.line_ends, some) + self.line for some in (starts, ends))
        return first, last


def cut(text: bytes, line: int, delimiter: str) -> Records:
    """Find the line ends and the record ends in a text that begins with a record."""
    raw = np.frombuffer(text, np.uint8)
    line_ends = _line_ends(raw)
    marks = _marks(raw, text, delimiter)
    outside = np.searchsorted(marks, line_ends) % 2 == 0
    return Records(text, line, line_ends, line_ends[outside])


def _line_ends(raw: Bytes) -> Positions:
    """Return where lines end: at each LF, and at each CR that no LF follows."""
    ends = raw == LF
    returns = raw == CR
    if returns.any():
        returns[:-1] &= ~ends[1:]
        ends |= returns
    return np.flatnonzero(ends)


def _marks(raw: Bytes, text: bytes, delimiter: str) -> Positions:
    """Return the quotation marks in turn: one that opens a quotation, one that closes it, …"""
    quotes = np.flatnonzero(raw == QUOTE)
    if _in_turn(raw, quotes, delimiter):
        return quotes
    sign = re.escape(delimiter.encode())
    quoted = re.compile(rb"(?:\A|(?<=[\n\r" + sign + rb']))"[^"]*(?:""[^"]*)*(?:"|\Z)')
    spans = [place for found in quoted.finditer(text) for place in (found.start(), found.end() - 1)]
    return np.array(spans, dtype=np.intp)


def _in_turn(raw: Bytes, quotes: Positions, delimiter: str) -> bool:
    """Say whether all marks open at a field's start and close at its end, as in a tidy file.

    Two marks in a row, which stand for one inside a quotation, close it and open it again.
    """
    edge = np.zeros(256, dtype=np.bool_)
    edge[[LF, CR, QUOTE, *delimiter.encode()]] = True
    opens, closes = quotes[::2], quotes[1::2]
    before = edge[raw[opens - 1]] | (opens == 0)
    after = edge[raw[np.minimum(closes + 1, len(raw) - 1)]]
    return bool(before.all() and after.all())


def whole_records(source: Blocks, delimiter: str, first: bytes) -> Iterator[Records | Unreadable]:
    """Yield the records of a file, some megabytes at a time; `first` is its first block.

    A line whose quotation does not end is yielded as Unreadable, and the reading goes on after it.
    Raises NotATable for a line that does not end.
    """
    more, rest, line = first, b"", 1
    while rest or more:
        text = rest + more
        found = cut(text, line, delimiter)
        size = int(found.ends[-1]) + 1 if found.ends.size else 0
        if size:
            yield found.until(size)
        left = found.after(size)
        rest, line = left.text, left.line
        if rest and (not more or len(rest) > blocks.LONGEST):
            if not left.line_ends.size:
                raise blocks.too_long(line)
            yield Unreadable(line, None, "a quotation mark is opened here and never closed")
            left = left.after(int(left.line_ends[0]) + 1)
            rest, line = left.text, left.line
        more = source.read()
