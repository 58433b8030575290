"""Tells what could not be read in a file: the first of it on the screen, all of it in a file."""

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import TextIO

from app.tables import Unreadable

TOLD = 20
"""How many are told on the screen."""


class Stopped(Exception):
    """The first thing that could not be read, where nothing unreadable is to be borne."""


@dataclass(slots=True)
class Report:
    """Whatever could not be read in a file called `name`; `found` counts it.

    `say` is told the first ones; `every` gets all of them as CSV. Raises Stopped at the first one
    if `strict`.
    """

    name: str
    place: str
    say: Callable[[str], None]
    every: TextIO | None = None
    strict: bool = False
    found: int = 0

    def __post_init__(self) -> None:
        self._write((self.place, "column", "problem"))

    def take(self, unreadable: Iterable[Unreadable], number: int) -> None:
        """Take what was found in some rows, `number` of it in all."""
        room = max(0, TOLD - self.found)
        for told, one in enumerate(unreadable if self.every else islice(unreadable, room)):
            if self.strict:
                raise Stopped(self._told(one))
            if told < room:
                self.say(self._told(one))
            self._write((one.place, one.column or "", one.why))
        self.found += number

    def end(self) -> None:
        """Say how many were not told."""
        if self.found > TOLD:
            self.say(f"… and {self.found - TOLD:,} more")

    def _told(self, one: Unreadable) -> str:
        column = f", column {one.column}:" if one.column else ""
        return f"{self.name} {self.place} {one.place}{column} {one.why}"

    def _write(self, row: tuple[object, ...]) -> None:
        if self.every:
            csv.writer(self.every, lineterminator="\n").writerow(row)
