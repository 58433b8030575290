"""What came in from files: put together, checked as publishing would, and written to a folder."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from app import shelf
from app.catalogue import check_value_set, check_wording, shape
from app.errors import Frozen
from app.exchange import fhir_in, parcel, sheets_in
from app.exchange.binder import Binder, Brought, File, within
from app.exchange.places import definition_place, places
from app.exchange.workbook import MOST_BYTES, native, refused
from app.papers import Document, parse
from scoring import Instrument, NotValid, Problem

APART = {"norm": "a norm", "mcid": "an MCID"}
"""What stands beside instruments in a folder, for reading scores, and is published by no one."""

Named = tuple[str, Document]
"""A document and the file that it came in."""


def bring(paths: Sequence[Path]) -> Brought:
    """Return what some files say of one instrument, as `read` does; OSError."""
    return read([File(path.name, _bytes(path)) for path in paths])


def _bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MOST_BYTES + 1)


def read(files: Sequence[File]) -> Brought:
    """Return what some files say of one instrument; what each is, is seen by what is in it.

    One spreadsheet (XLSX, CSV), or documents of JSON: ours or FHIR's, also packed in a zip. Raises
    NotValid, naming the file and the place.
    """
    documents: list[Named] = []
    for file in files:
        try:
            found = _found(file)
        except NotValid as error:
            raise within(file.name, error) from None
        if isinstance(found, Brought) and len(files) == 1:
            return found
        if isinstance(found, Brought):
            raise refused(file.name, "is a spreadsheet, which holds all; give it alone")
        documents += found
    if any("resourceType" in document for _, document in documents):
        return _of_fhir(documents)
    return Brought(_bound(documents), ())


def _found(file: File) -> Brought | list[Named]:
    """Return the documents of a file, or all that a spreadsheet says."""
    if len(file.data) > MOST_BYTES:
        raise refused("document", f"has more than {MOST_BYTES // 1_000_000} MB")
    native(file.data)
    begins = file.data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if file.data.startswith(b"PK"):
        members = parcel.opened(file)
        if members is None:
            return sheets_in.bring(file.data)
        return [(f"{file.name}: {one.name}", _member(one)) for one in members]
    if begins in (b"{", b"["):
        return [(file.name, parse(file.data))]
    if begins == b"<":
        raise refused("document", "is XML; give FHIR as JSON, and what else it is as XLSX or CSV")
    return sheets_in.bring(file.data)


def _member(one: File) -> Document:
    try:
        return parse(one.data)
    except NotValid as error:
        raise within(one.name, error) from None


def _of_fhir(documents: Sequence[Named]) -> Brought:
    """Return what FHIR's resources say; a refusal names the file where there is but one."""
    for name, document in documents:
        if "resourceType" not in document:
            raise refused(name, "is no FHIR resource, as others are; give the one or the other")
    try:
        return fhir_in.bring([document for _, document in documents])
    except NotValid as error:
        names = ", ".join(name for name, _ in documents)
        raise within(names, error) from None


def _bound(documents: Iterable[Named]) -> Binder:
    """Return documents of ours as one binder; raises NotValid for what is too many or no part."""
    found: dict[str, list[Document]] = {"definition": [], "wording": [], "value set": []}
    for name, document in documents:
        kind = shelf.kind(document)
        if kind in APART:
            place = f"{kind}s/INSTRUMENT/ID.json"
            message = f"is {APART[kind]}, no part of an instrument; put it at {place} yourself"
            raise refused(name, message)
        if not document:
            raise refused(name, "is empty")
        found[kind].append(document)
    if not any(found.values()):
        raise refused("files", "there is no document; give a definition, wordings or value sets")
    definitions = found["definition"]
    if len(definitions) > 1:
        message = f"there are {len(definitions)} definitions; give one, with its wordings"
        raise refused("files", message)
    definition = definitions[0] if definitions else {}
    return Binder(definition, tuple(found["wording"]), tuple(found["value set"]))


def troubles(brought: Brought, folder: Path) -> list[Problem]:
    """Return what must be decided, and all that publishing from a folder would refuse.

    Wordings that came without their definition are checked against the folder's. Nothing is
    written. Raises OSError.
    """
    definition, wordings, sets = brought.binder
    found = list(brought.decisions)
    for one in sets:
        with _noted(found, f"value set {one.get('id')}"):
            check_value_set(one)
    if definition:
        beside = {f"{one.get('instrument')}/{one.get('id')}": one for one in sets}
        with _noted(found, "definition"):
            shelf.check_definition(_path(definition, folder), definition, beside)
    for wording in wordings:
        with _noted(found, f"wording {wording.get('language')}"):
            check_wording(wording, _shaped(definition or _definition_of(wording, folder)))
    return found


@contextmanager
def _noted(found: list[Problem], name: str) -> Iterator[None]:
    """Add what a check refuses to what was found."""
    try:
        yield
    except NotValid as error:
        found += within(name, error).problems
    except Frozen as error:
        found.append(Problem(name, error.detail))


def _path(definition: Document, folder: Path) -> Path:
    """Return where a definition is to stand; one whose id names no place is refused by its id."""
    try:
        return folder / definition_place(definition, "id")
    except NotValid:
        return folder / "nowhere" / "nowhere.json"


def _definition_of(wording: Document, folder: Path) -> Document:
    path = folder / definition_place(wording, "instrument")
    if not path.exists():
        message = f"there is no {path}; bring the definition in first, or with its wording"
        raise refused("instrument", message)
    return shelf.read(path)


def _shaped(definition: Document) -> Instrument:
    """Return a definition as a model; what is wrong with it is not told again of each wording."""
    try:
        return shape(Instrument, definition)
    except NotValid:
        raise refused("document", "is checked as soon as its definition is right") from None


def write(binder: Binder, folder: Path, *, replace: bool) -> list[Path]:
    """Write the documents below a folder, each at its place; return their paths.

    Raises NotValid for an id, version or language that can name no file, and, unless they may be
    replaced, for files that say something else. OSError.
    """
    files = {folder / place: document for place, document in places(binder).items()}
    for path, document in files.items():
        if not replace and path.exists() and shelf.read(path) != document:
            message = "is there with other content; raise the version, or replace it"
            raise NotValid([Problem(str(path), message)])
    for path, document in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(parcel.text(document), encoding="utf-8")
    return list(files)
