"""Commands for those who already hold data: score a file of answers."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from app.cli.console import err, stop, tell
from app.errors import SvarError
from app.settings import HOUSE
from scoring import NotValid

if TYPE_CHECKING:
    from app.offline.job import Done, Job
    from app.offline.run import Progress as Told

INSTRUMENTS = HOUSE / "instruments"
SOME_UNREADABLE = 3
"""Exit code when everything was done, but something in the file could not be read."""
BAR = (
    TextColumn("Scoring"),
    BarColumn(),
    TaskProgressColumn(),
    TextColumn("{task.fields[rows]:,} rows"),
    TimeRemainingColumn(),
)
Format = Literal["csv", "ndjson", "parquet"]


def _one_sign(given: str | None) -> str | None:
    sign = "\t" if given in ("\\t", "tab") else given
    if sign is not None and (len(sign) != 1 or not sign.isascii() or sign in '"\r\n'):
        raise typer.BadParameter("one ASCII character that is no quotation mark, or `tab`")
    return sign


InstrumentName = Annotated[str, typer.Argument(help="Such as rand-36, or rand-36/1.0")]
Answers = Annotated[Path, typer.Argument(help="CSV, NDJSON or Parquet; - for a pipe")]
Maps = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="COLUMN=ITEM|FILE",
        help="A column under another name than its item's; or a .csv or .json file of such",
    ),
]
Absent = Annotated[
    list[str] | None, typer.Option(metavar="ITEM", help="An item that was not asked")
]
Missing = Annotated[
    list[str] | None,
    typer.Option(
        metavar="VALUE|ITEM=VALUE",
        help="What means “no answer”, such as 9 or NA, besides an empty field",
    ),
]
Rule = Annotated[
    Literal["all", "half", "any"] | None,
    typer.Option(help="Answers that a scale must have, where its own rule may be replaced"),
]
Sets = Annotated[
    list[str] | None,
    typer.Option(metavar="ID|all", help="A value set to add an index by; see svar value-sets"),
]
Version = Annotated[
    str | None, typer.Option(help="The definition's version; the newest if left out")
]
Folder = Annotated[Path, typer.Option(help="Folder of definitions and value sets")]
From = Annotated[
    Format | None, typer.Option("--from", help="Read as; by the file's ending if left out")
]
Delimiter = Annotated[
    str | None,
    typer.Option(help="Between a CSV file's fields; found out if left out", callback=_one_sign),
]
Characters = Annotated[
    Literal["utf-8", "latin-1"], typer.Option(help="How the answers' characters are written")
]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="No bar and no summary; errors are still told")
]


def score(
    instrument: InstrumentName,
    answers: Answers,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="File for the scores; - for a pipe")
    ] = Path("-"),
    map_: Maps = None,
    absent: Absent = None,
    missing: Missing = None,
    missing_rule: Rule = None,
    value_set: Sets = None,
    answered: Annotated[
        bool, typer.Option("--answered", help="Also write how many items each score rests on")
    ] = False,
    version: Version = None,
    instruments: Folder = INSTRUMENTS,
    from_: From = None,
    to: Annotated[
        Format | None, typer.Option(help="Write as; by the ending, or csv for a pipe")
    ] = None,
    delimiter: Delimiter = None,
    encoding: Characters = "utf-8",
    errors: Annotated[
        Path | None, typer.Option(help="CSV file for everything that could not be read")
    ] = None,
    provenance: Annotated[
        Path | None, typer.Option(help="JSON file for where the scores come from")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Stop at the first thing that cannot be read")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace files that exist")] = False,
    quiet: Quiet = False,
) -> None:
    """Score a file of answers: item ids in, score ids out, every other column carried through.

    A row with an answer that cannot be read is told, and kept without scores; a row that cannot be
    read at all is told, and left out. Nothing is written under the output's name until all is done.

    Exit codes: 0 everything was read; 1 nothing was written (with --strict: something could not be
    read); 2 a wrong option; 3 scores were written, but something could not be read.
    """
    from app.offline.job import Job

    id_, its_version = named(instrument, version)
    job = Job(
        answers=answers,
        output=output,
        folder=instruments,
        instrument=id_,
        version=its_version,
        value_sets=value_set or (),
        maps=map_ or (),
        absent=absent or (),
        missing=missing or (),
        rule=missing_rule,
        answered=answered,
        from_=from_,
        to=to or ("csv" if str(output) == "-" else None),
        delimiter=delimiter,
        encoding=encoding,
        errors=errors,
        provenance=provenance,
        strict=strict,
        force=force,
    )
    done = _done_with_a_bar(job, quiet=quiet)
    if not quiet:
        _summarise(done)
    if done.unreadable:
        raise typer.Exit(SOME_UNREADABLE)


def _done_with_a_bar(job: "Job", *, quiet: bool) -> "Done":
    with Progress(*BAR, console=err, disable=quiet or not err.is_terminal) as bar:
        task = bar.add_task("score", total=None, rows=0)
        return _done(
            job,
            lambda table, tally: bar.update(
                task, completed=table.done, total=table.total, rows=tally.rows
            ),
        )


def named(instrument: str, version: str | None) -> tuple[str, str | None]:
    """Return an instrument's id and the version that is asked for, if any."""
    id_, _, its_version = instrument.partition("/")
    if version and its_version and version != its_version:
        raise typer.BadParameter(f"{instrument} and --version {version} differ")
    return id_, version or its_version or None


def _done(job: "Job", told: "Told") -> "Done":
    from app.offline.job import do

    with stopping(job):
        return do(job, tell, told)


@contextmanager
def stopping(job: "Job") -> Iterator[None]:
    """Stop, and say why, when a job cannot be done."""
    from app.offline.columns import NotScorable
    from app.offline.report import Stopped
    from app.tables import NotATable

    try:
        yield
    except NotATable as error:
        stop(f"{job.name} {error}")
    except (NotScorable, NotValid, Stopped) as error:
        stop(str(error))
    except SvarError as error:
        stop(error.detail)
    except BrokenPipeError:  # whoever reads the pipe has had enough: typer ends in peace
        raise
    except OSError as error:
        stop(f"{error.filename or job.name}: {error.strerror or error}")


def _summarise(done: "Done") -> None:
    for line in done.tally.told(done.instrument, done.origin["missing_rule"]):
        tell(line)
    origin = done.origin
    tell(
        f"By {origin['instrument']} {origin['version']}, definition {origin['definition_sha256']}, "
        f"scoring version {origin['scoring_version']}."
    )
    for used in origin["value_sets"]:
        tell(f"Value set {used['id']}: {used['citation']} {used['paper']}")
