"""Files that were sent: one spreadsheet, or JSON documents, told apart by what is in them."""

from collections.abc import Mapping

from app.exchange import sheets_in
from app.exchange.binder import Binder, Brought
from app.papers import Document, parse
from scoring import NotValid, Problem

XLSX = b"PK\x03\x04"


def read(files: Mapping[str, bytes]) -> Brought:
    """Return what the files say of one instrument; `files` holds their bytes by their names.

    Raises NotValid, naming the file and the place.
    """
    if len(files) == 1:
        ((name, data),) = files.items()
        if data.startswith(XLSX) or name.lower().endswith(".csv"):
            return sheets_in.bring(data)
    documents = [_document(name, data) for name, data in files.items()]
    wordings = tuple(one for one in documents if "language" in one)
    value_sets = tuple(one for one in documents if one.keys() & {"country", "coefficients"})
    definitions = [one for one in documents if one not in (*wordings, *value_sets)]
    if len(definitions) != 1:
        message = f"there are {len(definitions)} definitions; give one, with what belongs to it"
        raise NotValid([Problem("files", message)])
    return Brought(Binder(definitions[0], wordings, value_sets), ())


def _document(name: str, data: bytes) -> Document:
    try:
        document = parse(data)
    except NotValid as error:
        raise NotValid(
            Problem(f"{name}: {one.path}", one.message) for one in error.problems
        ) from None
    if "resourceType" in document:
        message = "is a FHIR resource, which is not read; give a spreadsheet or our JSON"
        raise NotValid([Problem(name, message)])
    return document
