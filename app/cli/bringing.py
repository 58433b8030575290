"""Commands that bring an instrument in from a spreadsheet, JSON or FHIR, and take it out again."""

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from app.catalogue import shape
from app.cli.console import out, stop, tell
from app.cli.reviewing import SHIPPED, Folder
from app.errors import SvarError
from app.exchange import arrival, fhir_out, parcel, sheets_out
from app.exchange.binder import Binder, Brought
from app.exchange.places import gathered, places
from scoring import Instrument, NotValid, Wording

Form = Literal["xlsx", "zip", "json", "fhir", "helsenorge"]

HERE = "http://127.0.0.1:8000"

DRAFT = 3
"""The exit code when documents were written that are not yet fit to be published."""


def export(
    name: Annotated[str, typer.Argument(help="Such as rand-12/1.0, a good template")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The file or folder to write")],
    to: Annotated[Form, typer.Option(help="The form to write it in")] = "xlsx",
    language: Annotated[str, typer.Option(help="Of a FHIR Questionnaire's texts")] = "nb",
    base: Annotated[str, typer.Option(help="Your service's address, for FHIR")] = HERE,
    instruments: Folder = SHIPPED,
) -> None:
    """Write an instrument with all its wordings as a spreadsheet, which `import` reads again.

    As `zip`: its documents, with the value sets that it names; as `json`: the same, in a folder.
    As `fhir`: a Questionnaire in one language; as `helsenorge`: a Bundle of one in each.
    """
    id_, _, version = name.partition("/")
    try:
        binder = gathered(instruments, id_, version or None)
        _put(to, binder, language, base, output)
    except SvarError as error:
        stop(error.detail)
    except NotValid as error:
        stop(str(error))
    except OSError as error:
        stop(f"{output}: {error.strerror}")
    said = binder.definition
    out.print(f"{said['id']} {said['version']} as {to}: {output}", markup=False)


def _put(to: Form, binder: Binder, language: str, base: str, output: Path) -> None:
    if to == "json":
        arrival.write(binder, output, replace=False)
    else:
        output.write_bytes(_as(to, binder, language, base))


def _as(to: Form, binder: Binder, language: str, base: str) -> bytes:
    """Return the bytes of a file of some form."""
    if to == "zip":
        return parcel.packed(places(binder))
    instrument = shape(Instrument, binder.definition)
    wordings = [shape(Wording, one) for one in binder.wordings]
    if to == "xlsx":
        return sheets_out.export(instrument, wordings)
    if to == "helsenorge":
        resource = fhir_out.bundle(instrument, wordings, base)
    else:
        worded = [one for one in wordings if one.language == language]
        if not worded:
            stop(f"{instrument.id} {instrument.version} has no wording in {language}.")
        resource = fhir_out.questionnaire(instrument, worded[0], base)
    return json.dumps(resource, indent=2, ensure_ascii=False).encode()


def bring(
    files: Annotated[list[Path], typer.Argument(help="XLSX, CSV, JSON (ours or FHIR's) or zip")],
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
        found = _told(brought, into)
        if found and not draft:
            stop(f"{found} things to decide or mend; nothing is written (--draft writes it).")
        written = arrival.write(brought.binder, into, replace=replace)
    except NotValid as error:
        stop("\n".join(map(str, error.problems)))
    except OSError as error:
        stop(f"{error.filename}: {error.strerror}")
    for path in written:
        out.print(f"wrote {path}", markup=False)
    if found:
        raise typer.Exit(DRAFT)


def _told(brought: Brought, into: Path) -> int:
    """Tell what is to be decided and mended; return how much it is."""
    found = arrival.troubles(brought, into)
    for problem in found:
        tell(f"{'decide' if problem in brought.decisions else 'mend'}: {problem}")
    return len(found)
