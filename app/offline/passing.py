"""Scores a table that somebody sends: all of it, or none.

Every row is read before the first score goes out. A score that is null because an answer could not
be read would look like one that is null for want of answers, so a table with anything unreadable in
it is refused whole, and all of that is told.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO, Literal

import pyarrow as pa

from app.offline.plan import Asked, Plan, make_plan
from app.offline.run import look_through, scored
from app.tables import Encoding, Pieces, Table, Unreadable, open_writer, text_table
from scoring import Scorer

MOST_TOLD = 100
"""How many unreadable things are told."""

TextFormat = Literal["csv", "ndjson"]
Source = tuple[BinaryIO, int, TextFormat, Encoding]


@dataclass(slots=True)
class Found:
    """What could not be read: the first of it, and how many in all."""

    first: list[Unreadable] = field(default_factory=list)
    number: int = 0

    def take(self, unreadable: Iterable[Unreadable], number: int) -> None:
        """Take what was found in some rows, `number` of it in all."""
        self.first += islice(unreadable, MOST_TOLD - len(self.first))
        self.number += number


class Unread(ValueError):
    """Something in a table could not be read; nothing was scored."""

    def __init__(self, found: Found, place: str) -> None:
        super().__init__(f"{found.number} things in the table cannot be read")
        self.found, self.place = found, place


@dataclass(frozen=True, slots=True)
class Readable:
    """A table of so many rows, every one of which was read and can be scored."""

    rows: int
    _source: Source
    _plan: Plan
    _schema: pa.Schema

    def scores(self) -> Iterator[bytes]:
        """Yield the scores in the table's own format, some rows at a time, in their order."""
        _, _, form, _ = self._source
        pieces = Pieces()
        with open_writer(pieces, form, self._schema) as writer:
            for some in scored(_table(self._source), self._schema, self._plan, Found()):
                writer.write(some.rows)
                yield pieces.taken()
        yield pieces.taken()


def read_whole(
    file: BinaryIO, size: int, form: TextFormat, encoding: Encoding, scorer: Scorer, asked: Asked
) -> Readable:
    """Read a table of `size` bytes from its first row to its last, and score nothing yet.

    Raises NotATable for what is none, NotScorable for one that cannot be scored as it was asked,
    Unread when anything in it cannot be read.
    """
    source = (file, size, form, encoding)
    table = _table(source)
    plan = make_plan(scorer, table.types, asked)
    schema = plan.schema(table.types, {}, form)
    found = Found()
    rows = look_through(table, plan, found)
    if found.number:
        raise Unread(found, table.place)
    return Readable(rows, source, plan, schema)


def _table(source: Source) -> Table:
    file, size, form, encoding = source
    file.seek(0)
    return text_table(file, size, form, encoding=encoding)
