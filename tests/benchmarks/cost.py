"""What work costs: the CPU time and the memory of the processes that do it, as Linux tells them."""

import os
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from app.db import Database

TICK = 1000 / os.sysconf("SC_CLK_TCK")
"""Milliseconds of one unit in /proc/<pid>/stat."""


def _stat(process: int | str) -> list[int]:
    """Return the fields of a process: [parent, …, utime, stime, cutime, cstime] at 1, 11 to 14."""
    _, _, fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")
    return [0, *map(int, fields.split()[1:])]


def cpu_of(process: int) -> float:
    """Return the milliseconds of CPU that a process has used, all its threads together."""
    fields = _stat(process)
    return (fields[11] + fields[12]) * TICK


def restart_peak(process: int) -> None:
    """Begin anew to note the most memory that a process has in use."""
    Path(f"/proc/{process}/clear_refs").write_text("5")


def peak(process: int) -> float:
    """Return the most megabytes of memory that a process had in use since."""
    status = Path(f"/proc/{process}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


@dataclass(frozen=True, slots=True)
class Postgres:
    """A PostgreSQL server: every process of it, those that have ended too."""

    postmaster: int

    @classmethod
    def behind(cls, database: Database) -> "Postgres":
        """Find the server of a database."""
        with database.read() as session:
            folder = session.connection().execute(text("SHOW data_directory")).scalar_one()
        return cls(int((Path(folder) / "postmaster.pid").read_text().split()[0]))

    def cpu(self) -> float:
        """Return the milliseconds of CPU that the whole server has used."""
        ticks = sum(_stat(self.postmaster)[11:15])
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                fields = _stat(entry.name)
            except (FileNotFoundError, ProcessLookupError):
                continue  # it ended meanwhile
            if fields[1] == self.postmaster:
                ticks += fields[11] + fields[12]
        return ticks * TICK
