"""One job: score a file of answers into a file of scores, or stop and leave nothing behind."""

import io
import json
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TextIO

import pyarrow as pa

from app import shelf
from app.offline.columns import NotScorable, read_maps
from app.offline.plan import Asked, make_plan
from app.offline.provenance import disputed, provenance
from app.offline.report import Report
from app.offline.run import Progress, score_table
from app.offline.tally import Tally
from app.tables import (
    PIPE,
    Encoding,
    Format,
    Writer,
    format_of,
    open_table,
    open_writer,
    replacing,
)
from scoring import Instrument, compile_instrument
from scoring.extend import with_value_sets
from scoring.instrument import NamedRule

EVERY = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is to be scored, and how; the words are those of `svar score --help`."""

    answers: Path
    folder: Path
    instrument: str
    output: Path = PIPE
    version: str | None = None
    value_sets: Sequence[str] = ()
    maps: Sequence[str] = ()
    absent: Sequence[str] = ()
    missing: Sequence[str] = ()
    rule: NamedRule | None = None
    answered: bool = False
    from_: Format | None = None
    to: Format | None = None
    delimiter: str | None = None
    encoding: Encoding = "utf-8"
    errors: Path | None = None
    provenance: Path | None = None
    strict: bool = False
    force: bool = False

    @property
    def name(self) -> str:
        """How the file of answers is called in what is told of it."""
        return "standard input" if self.answers == PIPE else self.answers.name

    def asked(self) -> Asked:
        """Return how the table is to be read and scored; raises NotScorable for a wrong map."""
        return Asked(
            maps=read_maps(self.maps),
            absent=self.absent,
            missing=self.missing,
            rule=self.rule,
            answered=self.answered,
        )


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a job: the rows, what was told of them, and where the scores come from."""

    tally: Tally
    unreadable: int
    instrument: Instrument
    origin: dict[str, Any]


def do(job: Job, say: Callable[[str], None], progress: Progress) -> Done:
    """Do a job; `say` is told what could not be read, and what one must know of the value sets.

    Raises NotScorable or NotATable when it cannot be done, Stopped for the first thing unreadable
    in a strict job, SvarError or NotValid for an instrument that is not there or not right, and
    OSError. The files to be written are then as they were.
    """
    published = shelf.load(job.folder, job.instrument, job.version)
    instrument = extended(job, published.instrument)
    sets = list(instrument.value_sets.values())
    origin = provenance(published, sets, job.rule)
    from_, to = format_as(job.answers, job.from_, "--from"), format_as(job.output, job.to, "--to")
    _see_outputs(job)
    with open_table(job.answers, from_, job.delimiter, job.encoding) as table:
        plan = make_plan(compile_instrument(instrument), table.types, job.asked())
        schema = plan.schema(table.types, origin, to)
        for line in disputed(sets):
            say(line)
        with _outputs(job, to, schema, origin) as (writer, every):
            report = Report(job.name, table.place, say, every, job.strict)
            tally = score_table(table, writer, schema, plan, report, progress)
            report.end()
    return Done(tally, report.found, instrument, origin)


def extended(job: Job, instrument: Instrument) -> Instrument:
    """Return the instrument with the value sets that were asked for besides its own."""
    if not job.value_sets:
        return instrument
    known = {
        value_set.id: value_set
        for value_set in shelf.all_value_sets(job.folder)
        if value_set.instrument == instrument.id
    }
    if not known:
        raise NotScorable(f"There are no value sets for {instrument.id}.")
    wanted = list(known) if EVERY in job.value_sets else job.value_sets
    for one in wanted:
        if one not in known:
            raise NotScorable(_no_such_set(one, list(known), instrument.id))
    return with_value_sets(instrument, [known[one] for one in wanted])


def _no_such_set(wanted: str, known: list[str], instrument: str) -> str:
    near = get_close_matches(wanted, known, n=5, cutoff=0.4)
    hint = f" Near it: {', '.join(near)}." if near else ""
    return (
        f"There is no value set {wanted} for {instrument}.{hint} "
        f"`svar value-sets --instrument {instrument}` lists all there are."
    )


def format_as(path: Path, given: Format | None, option: str) -> Format:
    """Return how a file is written down; raises NotScorable where nobody could know."""
    found = given or format_of(path)
    if found is None:
        raise NotScorable(f"Say with {option} whether {_shown(path)} is csv, ndjson or parquet.")
    if option == "--to" and path == PIPE and found == "parquet":
        raise NotScorable("Parquet is written to a file: name one with --output.")
    return found


def _shown(path: Path) -> str:
    return "the pipe" if path == PIPE else str(path)


def _see_outputs(job: Job) -> None:
    """See that each file to be written may be; raises NotScorable."""
    output = None if job.output == PIPE else job.output
    files = [path for path in (output, job.errors, job.provenance) if path is not None]
    for place, path in enumerate(files):
        if not path.parent.is_dir():
            raise NotScorable(f"There is no folder {path.parent}: make it first.")
        if path.resolve() in [job.answers.resolve(), *(one.resolve() for one in files[:place])]:
            raise NotScorable(f"{path} is named twice: give each output a file of its own.")
        if not path.exists():
            continue
        if not path.is_file() or not path.stat().st_mode & stat.S_IWUSR:
            raise NotScorable(f"{path} cannot be replaced: it is not a file, or read-only.")
        if not job.force:
            raise NotScorable(f"{path} exists already; --force replaces it.")


@contextmanager
def _outputs(
    job: Job, to: Format, schema: pa.Schema, origin: dict[str, Any]
) -> Iterator[tuple[Writer, TextIO | None]]:
    """Open the files to be written; they get their names when everything went well."""
    with ExitStack() as stack:
        pipe = nullcontext(sys.stdout.buffer)
        file = stack.enter_context(pipe if job.output == PIPE else replacing(job.output))
        every = None
        if job.errors is not None:
            errors = stack.enter_context(replacing(job.errors))
            every = io.TextIOWrapper(errors, encoding="utf-8", newline="")
            stack.callback(every.detach)
        if job.provenance is not None:
            text = json.dumps(origin, indent=2, ensure_ascii=False)
            stack.enter_context(replacing(job.provenance)).write(f"{text}\n".encode())
        with open_writer(file, to, schema) as writer:
            yield writer, every
