"""Commands that bring an instrument in from a spreadsheet or JSON, and take it out again."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from app import shelf
from app.catalogue import shape
from app.cli.console import out, stop, tell
from app.cli.reviewing import SHIPPED, Folder
from app.errors import SvarError
from app.exchange import arrival, sheets_out
from scoring import NotValid, Wording

DRAFT = 3
"""The exit code when documents were written that are not yet fit to be published."""


def export(
    name: Annotated[str, typer.Argument(help="Such as rand-12/1.0, a good template")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write")],
    to: Annotated[Literal["xlsx"], typer.Option(help="The form to write it in")] = "xlsx",
    instruments: Folder = SHIPPED,
) -> None:
    """Write an instrument with all its wordings as a spreadsheet, which `import` reads again."""
    id_, _, version = name.partition("/")
    try:
        instrument = shelf.load(instruments, id_, version or None).instrument
        beside = (instruments / id_).glob(f"{instrument.version}.*.json")
        wordings = [shape(Wording, shelf.read(path)) for path in sorted(beside)]
        output.write_bytes(sheets_out.export(instrument, wordings))
    except SvarError as error:
        stop(error.detail)
    except NotValid as error:
        stop(str(error))
    except OSError as error:
        stop(f"{output}: {error.strerror}")
    out.print(f"{instrument.id} {instrument.version} as {to}: {output}", markup=False)


def bring(
    files: Annotated[list[Path], typer.Argument(help="An XLSX or CSV file, or JSON documents")],
    into: Annotated[Path, typer.Option(help="The folder of instruments to write to")],
    draft: Annotated[bool, typer.Option("--draft", help="Write it though it is not whole")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Replace what is there")] = False,
) -> None:
    """Bring an instrument in: check it as publishing would, and write its documents.

    Exit codes: 0 it is written and can be published; 1 nothing is written; 3 a draft is written,
    and what it lacks is told.
    """
    try:
        brought = arrival.bring(files)
        found = arrival.troubles(brought, into)
        for problem in found:
            word = "decide" if problem in brought.decisions else "mend"
            tell(f"{word}: {problem}")
        if found and not draft:
            stop(f"{len(found)} things to decide or mend; nothing is written (--draft writes it).")
        written = arrival.write(brought.binder, into, replace=replace)
    except NotValid as error:
        stop("\n".join(map(str, error.problems)))
    except OSError as error:
        stop(f"{error.filename}: {error.strerror}")
    for path in written:
        out.print(f"wrote {path}", markup=False)
    if found:
        raise typer.Exit(DRAFT)
