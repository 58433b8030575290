"""The command that loads the official words of a questionnaire, which come with its licence."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from app import catalogue, revisions, shelf
from app.catalogue import shape
from app.cli import database
from app.cli.console import first_bytes, out, stop
from app.errors import SvarError
from app.exchange import labels
from app.exchange.labels import Said
from app.papers import MOST_BYTES, Document
from scoring import Instrument, NotValid, Wording

WHO = "cli"


def load(
    instrument: Annotated[str, typer.Option(help="Such as eq-5d-5l/1.0")],
    language: Annotated[str, typer.Option(help="Such as nb")],
    file: Annotated[
        Path | None, typer.Argument(help="The labels, XLSX or CSV; without it, a template is told")
    ] = None,
    source: Annotated[str, typer.Option(help="Whose words, and by which licence")] = "",
    version_note: Annotated[str, typer.Option(help="Which version of the official words")] = "",
    credit: Annotated[str, typer.Option(help="Credit line; the definition's if left out")] = "",
    into: Annotated[
        Path | None, typer.Option(help="A folder of instruments to write to, not the service")
    ] = None,
) -> None:
    """Load the official words of an instrument from the file of labels that comes with its licence.

    They are a new revision of its wording, and the placeholder is asked no more. Without a file, a
    template to fill in is written to standard output.
    """
    data = None if file is None else _read(file, source, version_note)
    said = Said(language, f"{source} – {version_note}", credit)
    id_, _, version = instrument.partition("/")
    try:
        if into is None:
            told = _in_service(id_, version, data, said)
        else:
            told = _in_folder(into, id_, version, data, said)
    except NotValid as error:
        stop("\n".join(map(str, error.problems)))
    except SvarError as error:
        stop(error.detail)
    except OSError as error:
        stop(f"{error.filename}: {error.strerror}")
    if told:
        out.print(told, markup=False)


def _read(file: Path, source: str, version_note: str) -> bytes:
    if not (source.strip() and version_note.strip()):
        stop("Whose words are they, and which version? Give --source and --version-note.")
    return first_bytes(file, MOST_BYTES)


def _in_service(id_: str, version: str, data: bytes | None, said: Said) -> str:
    with database.told() as session:
        instrument = catalogue.get(session, id_, version).instrument
        rows = catalogue.wordings(session, id_, version)
        there = [Wording.model_validate_json(row.document) for row in rows]
        document = _made(instrument, there, data, said)
        if document is None:
            return ""
        made = revisions.publish(session, document, WHO)
    return f"Published {id_} {version} in {made.language}, revision {made.revision}, official."


def _in_folder(folder: Path, id_: str, version: str, data: bytes | None, said: Said) -> str:
    instrument = shelf.load(folder, id_, version).instrument
    paths = sorted((folder / id_).glob(f"{version}.*.json"))
    there = [shape(Wording, shelf.read(path)) for path in paths]
    document = _made(instrument, there, data, said)
    if document is None:
        return ""
    catalogue.check_wording(document, instrument)
    path = folder / id_ / f"{version}.{said.language}.json"
    path.write_text(f"{json.dumps(document, indent=2, ensure_ascii=False)}\n", encoding="utf-8")
    return f"wrote {path}"


def _made(
    instrument: Instrument, there: list[Wording], data: bytes | None, said: Said
) -> Document | None:
    """Return the wording that the labels make; without any, write a template and return None."""
    if not there:
        stop(f"{instrument.id} {instrument.version} has no wording to take the places from.")
    like = next((one for one in there if one.language == said.language), there[0])
    if data is None:
        sys.stdout.write(labels.template(like).decode("utf-8-sig"))
        return None
    said = said._replace(credit=said.credit or instrument.licence.credit)
    return labels.wording(data, like, said)
