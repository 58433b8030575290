"""What came in from files: put together, checked as publishing would, and written to a folder."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from app import shelf
from app.catalogue import check_wording, shape
from app.errors import Frozen
from app.exchange import sheets_in
from app.exchange.binder import Binder, Brought
from app.exchange.workbook import MOST_BYTES
from app.papers import Document, parse
from scoring import Instrument, NotValid, Problem

ID, VERSION = r"[a-z0-9]+(-[a-z0-9]+)*", r"[1-9][0-9]{0,3}\.(0|[1-9][0-9]{0,3})"
LANGUAGE = r"[a-z]{2,3}"


def bring(paths: Sequence[Path]) -> Brought:
    """Return what one spreadsheet, or some JSON files, say of one instrument.

    Raises NotValid, naming the file and the place; OSError.
    """
    if len(paths) == 1 and paths[0].suffix.lower() in (".xlsx", ".csv"):
        return sheets_in.bring(_bytes(paths[0]))
    documents = [_document(path) for path in paths]
    definitions = [one for one in documents if "language" not in one]
    if len(definitions) != 1:
        message = f"there are {len(definitions)} definitions; give one, with its wordings"
        raise NotValid([Problem("files", message)])
    wordings = tuple(one for one in documents if "language" in one)
    return Brought(Binder(definitions[0], wordings), ())


def _bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MOST_BYTES + 1)


def _document(path: Path) -> Document:
    try:
        document = parse(_bytes(path))
    except NotValid as error:
        raise NotValid(_in(path.name, error)) from None
    if "resourceType" in document:
        message = "is a FHIR resource, which is not read; give a spreadsheet or our JSON"
        raise NotValid([Problem(path.name, message)])
    return document


def _in(name: str, error: NotValid) -> Iterator[Problem]:
    yield from (Problem(f"{name}: {one.path}", one.message) for one in error.problems)


def troubles(brought: Brought, folder: Path) -> list[Problem]:
    """Return what must be decided, and all that publishing from a folder would refuse.

    Nothing is written.
    """
    definition, wordings, _ = brought.binder
    found = list(brought.decisions)
    path = folder / str(definition.get("id")) / f"{definition.get('version')}.json"
    try:
        shelf.check_definition(path, definition)
    except NotValid as error:
        found += _in("definition", error)
    except Frozen as error:
        found.append(Problem("definition", error.detail))
    for wording in wordings:
        found += _wrong_wording(wording, definition)
    return found


def _wrong_wording(wording: Document, definition: Document) -> Iterator[Problem]:
    try:
        check_wording(wording, shape(Instrument, definition))
    except NotValid as error:
        yield from _in(f"wording {wording.get('language')}", error)


def write(binder: Binder, folder: Path, *, replace: bool) -> list[Path]:
    """Write the documents below a folder, as `ID/VERSION.json` and beside it; return their paths.

    Raises NotValid for an id, version or language that can name no file, and, unless they may be
    replaced, for files that say something else. OSError.
    """
    definition = binder.definition
    name, version = (_name(definition, *one) for one in (("id", ID), ("version", VERSION)))
    files = {folder / name / f"{version}.json": definition}
    for wording in binder.wordings:
        language = _name(wording, "language", LANGUAGE)
        files[folder / name / f"{version}.{language}.json"] = wording
    for path, document in files.items():
        if not replace and path.exists() and shelf.read(path) != document:
            message = "is there with other content; raise the version, or replace it"
            raise NotValid([Problem(str(path), message)])
    (folder / name).mkdir(parents=True, exist_ok=True)
    for path, document in files.items():
        text = json.dumps(document, indent=2, ensure_ascii=False)
        path.write_text(f"{text}\n", encoding="utf-8")
    return list(files)


def _name(document: Document, field: str, pattern: str) -> str:
    given = document.get(field)
    if not isinstance(given, str) or len(given) > 40 or not re.fullmatch(pattern, given):
        raise NotValid([Problem(field, "is lacking or wrong; without it there is no file's name")])
    return given
