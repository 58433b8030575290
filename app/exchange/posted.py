"""Files that were sent: one spreadsheet, or JSON documents, told apart by what is in them."""

from collections.abc import Sequence

from app.exchange import sheets_in
from app.exchange.binder import Binder, Brought, File
from app.papers import Document, parse
from scoring import NotValid, Problem

MARK = b"\xef\xbb\xbf"
"""What some programs write before UTF-8."""


def read(files: Sequence[File]) -> Brought:
    """Return what files say of one instrument; raises NotValid, naming the file and the place."""
    if len(files) == 1:
        data = files[0].data
        if not data.removeprefix(MARK).lstrip().startswith((b"{", b"[")):
            return sheets_in.bring(data)
    documents = [_document(*file) for file in files]
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
