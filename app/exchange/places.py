"""Where each document of an instrument stands in a folder of instruments."""

import re
from pathlib import Path

from app import shelf
from app.exchange.binder import Binder
from app.exchange.workbook import refused
from app.papers import Document

ID, VERSION = r"[a-z0-9]+(-[a-z0-9]+)*", r"[1-9][0-9]{0,3}\.(0|[1-9][0-9]{0,3})"
LANGUAGE = r"[a-z]{2,3}"


def places(binder: Binder) -> dict[str, Document]:
    """Return each document by its path: `rand-12/1.0.json`, `value-sets/eq-5d-5l/no-2024.json`.

    Raises NotValid for an id, version or language that can name no file.
    """
    found: dict[str, Document] = {}
    if binder.definition:
        found[definition_place(binder.definition, "id")] = binder.definition
    for wording in binder.wordings:
        start = definition_place(wording, "instrument").removesuffix("json")
        found[f"{start}{_name(wording, 'language', LANGUAGE)}.json"] = wording
    for one in binder.value_sets:
        found[f"value-sets/{_name(one, 'instrument', ID)}/{_name(one, 'id', ID)}.json"] = one
    return found


def definition_place(document: Document, named: str) -> str:
    """Return the path of a definition that a field of a document names, with its version.

    Raises NotValid as `places` does.
    """
    return f"{_name(document, named, ID)}/{_name(document, 'version', VERSION)}.json"


def _name(document: Document, field: str, pattern: str) -> str:
    given = document.get(field)
    if not isinstance(given, str) or len(given) > 40 or not re.fullmatch(pattern, given):
        raise refused(field, "is lacking or wrong; without it there is no file's name")
    return given


def gathered(folder: Path, instrument_id: str, version: str | None) -> Binder:
    """Return an instrument of a folder as its files say it, with the value sets that it names.

    The newest version unless one is named. Raises NotFound; NotValid, as publishing would; OSError.
    """
    instrument = shelf.load(folder, instrument_id, version).instrument
    path = folder / instrument.id / f"{instrument.version}.json"
    wordings = sorted(path.parent.glob(f"{path.stem}.*.json"))
    sets = shelf.value_sets(folder)
    return Binder(
        shelf.read(path),
        tuple(shelf.read(one) for one in wordings),
        tuple(sets[f"{instrument.id}/{name}"] for name in instrument.value_sets),
    )
