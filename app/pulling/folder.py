"""A folder of pulled results: at any moment whole files, and a state that knows all of them.

Everything is written under a temporary name, made durable, and renamed: first a part, then the
state that tells of it. What a kill in between leaves is a part that no state knows, and is removed.
"""

import hashlib
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from app.pulling import state
from app.pulling.state import Format, Part, State
from app.pulling.stops import AtWork, FolderBroken

LOCK = "svar-pull.lock"
TEMPORARY = ".tmp"
OURS = re.compile(
    r"[a-z0-9-]+/[0-9]+\.[0-9]+/(part-[0-9]{6}\.(?P<form>\w+)|\.(part-[0-9]{6}|latest)\.\w+\.tmp)"
)
"""Files that a pull makes and the state may not know; anything else in the folder is left alone."""


@contextmanager
def opened(path: Path, new: State) -> Iterator["Folder"]:
    """Open a folder for one pull at a time, as its state has it, or begin it with `new`.

    Raises AtWork, or FolderBroken for one that is another's or cannot be used.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)  # answers of patients will lie there
        with FileLock(path / LOCK, timeout=0):  # ends with the process
            yield Folder.resumed(path, new)
    except Timeout:
        raise AtWork(f"Another pull is at work in {path}.") from None
    except OSError as error:
        where = error.filename or path
        raise FolderBroken(f"{where}: {error.strerror or error}") from None


@dataclass
class Folder:
    """A folder that this process alone works in."""

    path: Path
    state: State

    @classmethod
    def resumed(cls, path: Path, new: State) -> "Folder":
        """Return a folder as the last pull left it, without what that had not finished."""
        file = path / state.NAME
        if file.exists():
            made = cls(path, state.read(file.read_bytes()))
            made._must_be_of(new)
        else:
            made = cls(path, new)
            made._must_be_empty()
            made._remember(new)  # before the first part: so parts without a state are a loss
        for unfinished in [*made._unknown()]:
            unfinished.unlink()
        made._must_be_whole()
        return made

    def temporary(self, table: str, name: str) -> Path:
        """Return where a file of a table is written until it is whole."""
        folder = self.path / table
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f".{name}{TEMPORARY}"

    def next_name(self, table: str) -> str:
        """Return the name of a table's next part."""
        kept = self.state.tables.get(table)
        return f"part-{len(kept.parts) + 1 if kept else 1:06}.{self.state.format}"

    def cursor(self, table: str) -> str:
        """Return how far a table has come; nothing if it has no parts yet."""
        kept = self.state.tables.get(table)
        return kept.cursor if kept else ""

    def add(self, table: str, name: str, rows: int, cursor: str) -> None:
        """Keep the next part, which is written under its temporary name, and remember it."""
        file = self.temporary(table, name)
        part = Part(name=name, rows=rows, bytes=file.stat().st_size, sha256=sha256(file))
        _rename(file, file.with_name(name))
        self._remember(self.state.grown(table, part, cursor))

    def wants_latest(self, table: str) -> bool:
        """Say whether a table's newest results may be others than those in the file of them."""
        there = (self.path / table / self.latest).exists()
        reached = self.state.reached(table.partition("/")[0])
        return not there or self.state.tables[table].latest != reached

    def replace_latest(self, table: str) -> None:
        """Put the file of newest results, written under its temporary name, in its place."""
        _rename(self.temporary(table, self.latest), self.path / table / self.latest)
        self._note_latest(table, self.state.reached(table.partition("/")[0]))

    def drop_latest(self, table: str) -> None:
        """Remove the file of newest results, which would no longer tell them."""
        (self.path / table / self.latest).unlink(missing_ok=True)
        if self.state.tables[table].latest is not None:
            self._note_latest(table, None)

    def check(self) -> None:
        """Read every part again. Raises FolderBroken for one that is not what was pulled."""
        for file, part in self._parts():
            if sha256(file) != part.sha256:
                raise _changed(file)

    @property
    def latest(self) -> str:
        """The name of a file of newest results."""
        return f"latest.{self.state.format}"

    def _note_latest(self, table: str, cursor: str | None) -> None:
        kept = self.state.tables[table].model_copy(update={"latest": cursor})
        self._remember(self.state.having(table, kept))

    def _remember(self, new: State) -> None:
        file = self.path / f".{state.NAME}{TEMPORARY}"
        with file.open("wb") as out:
            out.write(new.written())
            make_durable(out.fileno())
        _rename(file, self.path / state.NAME)
        self.state = new

    def _parts(self) -> Iterator[tuple[Path, Part]]:
        for table, kept in self.state.tables.items():
            for part in kept.parts:
                yield self.path / table / part.name, part

    def _unknown(self) -> Iterator[Path]:
        """Yield what a pull has made and the state does not know."""
        known = {file for file, _ in self._parts()}
        for file in self.path.glob("*/*/*"):
            ours = OURS.fullmatch(file.relative_to(self.path).as_posix())
            if ours and ours["form"] in (None, self.state.format) and file not in known:
                yield file

    def _must_be_empty(self) -> None:
        if found := next(self._unknown(), None):
            raise FolderBroken(
                f"{found} is there, and no {state.NAME} that tells of it. "
                "Put that back, or pull into a new folder."
            )

    def _must_be_of(self, new: State) -> None:
        for name in ("url", "client_id", "format"):
            was, asked = getattr(self.state, name), getattr(new, name)
            if was != asked:
                raise FolderBroken(
                    f"{self.path} holds results of {name} {was}, not {asked}: pull into a folder "
                    f"of its own. (Only if they are the same, change {name} in {state.NAME}.)"
                )

    def _must_be_whole(self) -> None:
        for file, part in self._parts():
            if not file.exists() or file.stat().st_size != part.bytes:
                raise _changed(file)


def _changed(file: Path) -> FolderBroken:
    return FolderBroken(
        f"{file} is missing or not as it was pulled. Put it back, or pull into a new folder."
    )


def make_durable(file: int) -> None:
    """Wait until what was written to an open file, or renamed in an open folder, is on the disk."""
    os.fsync(file)


def _rename(file: Path, name: Path) -> None:
    file.replace(name)
    if sys.platform == "win32":
        return  # where a folder cannot be waited for
    folder = os.open(name.parent, os.O_RDONLY)
    try:
        make_durable(folder)
    finally:
        os.close(folder)


def sha256(file: Path) -> str:
    """Return the hash of a file."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def begun(url: str, client_id: str, form: Format) -> State:
    """Return the state of a folder that has nothing yet."""
    return State(url=url, client_id=client_id, format=form)
