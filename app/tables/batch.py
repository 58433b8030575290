"""A table of answers on its way through the house: some rows at a time, each with its place."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Places = NDArray[np.int64]


class NotATable(ValueError):
    """A file that cannot be read as a table at all, or a table that a format cannot hold."""


class Unreadable(NamedTuple):
    """One thing that could not be read: its place in the file, its column if any, and why."""

    place: int
    column: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a table: one array [rows] for each column, and each row's place in the file.

    `left_out` are rows that could not be kept, `emptied` cells that could not be carried through;
    both in the order of their places.
    """

    columns: Mapping[str, pa.Array]
    places: Places
    left_out: tuple[Unreadable, ...] = ()
    emptied: tuple[Unreadable, ...] = ()


class Table(Protocol):
    """A file of answers, opened: its columns are known, its rows are read as they are asked for.

    A place is counted from 1: a `line` of a text file, a `row` of another. `total` and `done` count
    in a unit of the table's own.
    """

    @property
    def place(self) -> str:
        """What a place is: a line or a row."""
        ...

    @property
    def types(self) -> Mapping[str, pa.DataType]:
        """The columns in the file's order, and what they hold."""
        ...

    @property
    def total(self) -> int | None:
        """How much there is to read; None if that is not known."""
        ...

    @property
    def done(self) -> int:
        """How much of `total` has been read."""
        ...

    def batches(self, carried: Collection[str]) -> Iterator[Batch]:
        """Yield the rows. Columns in `carried` have their type of `types`.

        All others hold answers: numbers, or texts (as UTF-8 or as bytes) that may stand for them.
        """
        ...
