"""Pulls a registry's results into a folder: what is new, table after table, part after part.

A table is an instrument with the version that gave the scores, and has a folder of its own. What
becomes of a response later on (it is scored again, say) is a later row: parts are only added. Which
result of each response counts now is the service's own answer, in a file beside the parts.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from app.pulling.asking import Params, Service
from app.pulling.folder import Folder, begun, opened
from app.pulling.pages import measured
from app.pulling.state import Format
from app.pulling.stops import NotLetIn

PART = 50_000
"""Results in a file, at most, unless somebody says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be pulled, and where to; no instruments are all of them."""

    folder: Path
    form: Format
    instruments: Sequence[str] = ()
    rows: int = PART
    latest: bool = True
    check: bool = False


@dataclass(slots=True)
class Progress:
    """How far a pull has come: which table of how many, and what came of each."""

    tables: int = 0
    done: int = 0
    table: str = ""
    bytes: int = 0
    parts: int = 0
    rows: Counter[str] = field(default_factory=Counter)


Told = Callable[[Progress], None]


def pull(service: Service, wish: Wish, told: Told) -> Progress:
    """Bring a folder up to date, and return what came; `told` is given how far it has come.

    Raises Stopped, and leaves the folder with everything that had come whole.
    """
    new = begun(service.url, service.client_id, wish.form)
    with closing(service), opened(wish.folder, new) as folder:
        if wish.check:
            folder.check()
        return _Pull(service, wish, folder, told).done()


class _Pull:
    def __init__(self, service: Service, wish: Wish, folder: Folder, told: Told) -> None:
        self.service, self.wish, self.folder, self.told = service, wish, folder, told
        self.progress = Progress()

    def done(self) -> Progress:
        tables = sorted({*self._published(), *self._known()})
        self.progress.tables = len(tables)
        for self.progress.table in tables:
            while self._part(self.progress.table):
                pass
            self.progress.done += 1
        for table in self._known():
            self._latest(table)
        self.told(self.progress)
        return self.progress

    def _published(self) -> Iterator[str]:
        """Yield the tables that there are at the service, if they are wanted."""
        listed = self.service.document("/api/v1/instruments")["instruments"]
        there = {one["id"] for one in listed}
        if unknown := sorted(set(self.wish.instruments) - there):
            raise NotLetIn(
                f"There is no instrument {', '.join(unknown)}. There are: "
                f"{', '.join(sorted(there))}."
            )
        for one in listed:
            if self._wanted(one["id"]):
                yield f"{one['id']}/{one['version']}"

    def _known(self) -> list[str]:
        """Return the tables of the folder, if they are wanted."""
        return sorted(t for t in self.folder.state.tables if self._wanted(t.partition("/")[0]))

    def _wanted(self, instrument: str) -> bool:
        return not self.wish.instruments or instrument in self.wish.instruments

    def _part(self, table: str) -> bool:
        """Add a table's next part, if there is more; say whether there may be more still."""
        name = self.folder.next_name(table)
        file = self.folder.temporary(table, name)
        asked = {"after": self.folder.cursor(table), "limit": self.wish.rows}
        rows, last = self._written("/api/v1/results", table, asked, file)
        if not rows:
            file.unlink()
            return False
        self.folder.add(table, name, rows, last)
        self.progress.rows[table] += rows
        self.progress.parts += 1
        return rows == self.wish.rows

    def _latest(self, table: str) -> None:
        """Have the service tell the newest result of each response, if that may be another now."""
        if not self.wish.latest:
            self.folder.drop_latest(table)
        elif self.folder.wants_latest(table):
            self.progress.table = table
            file = self.folder.temporary(table, self.folder.latest)
            self._written("/api/v1/results/latest", table, {}, file)
            self.folder.replace_latest(table)

    def _written(self, path: str, table: str, asked: Params, file: Path) -> tuple[int, str]:
        instrument, _, version = table.partition("/")
        form = self.wish.form
        asked |= {"instrument": instrument, "version": version, "format": form}
        return self.service.download(
            path, asked, file, lambda there: measured(there, form), self._so_far
        )

    def _so_far(self, size: int) -> None:
        self.progress.bytes = size
        self.told(self.progress)
