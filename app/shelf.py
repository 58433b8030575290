"""The shelf: instruments as files in a folder, read, checked and published."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from sqlmodel import Session, select

from app import revisions, valuation
from app.catalogue import (
    Document,
    Published,
    canonical,
    check,
    check_value_set,
    check_wording,
    publish,
    ready,
    resolve,
    same_questions,
    sha256,
    shape,
)
from app.errors import Frozen, NotFound, SvarError
from app.models import PublishedInstrument, PublishedValueSet, PublishedWording
from app.papers import open_document
from scoring import Instrument, NotValid, Problem, ValueSet, Wording
from scoring.reference import Mcid, Norm

CENTRES = ("staff:", "cli")
"""How the names begin of those who publish for the PRO centre, by its pages and by command."""

Kind = Literal["norm", "mcid", "value set", "wording", "definition"]


class NotPublished(Exception):
    """A file that could not be published: which, and why."""

    def __init__(self, path: Path, why: Exception) -> None:
        super().__init__(f"{path}: {why}")
        self.path, self.why = path, why


def publish_folder(
    session: Session, folder: Path, by: str, left: list[str] | None = None
) -> list[str]:
    """Publish a folder: its value sets, definitions and wordings; return the definitions' names.

    What the PRO centre has published or withdrawn goes before the files: a withdrawn version stays
    so. A file that contradicts what the centre has published of its instrument is left out; why is
    added to `left`. Where `left` is not given, it counts as any other file that will not do.
    Raises NotPublished, naming the file.
    """
    sets = value_sets(folder)
    paths = sorted(folder.glob("*/[0-9]*.json"))
    definitions = [path for path in paths if "language" not in read(path)]
    if not definitions:
        raise NotPublished(folder, FileNotFoundError("there are no instruments in this folder"))
    _publish_value_sets(session, folder, by, left)
    without: set[str] = set()
    for path in definitions:
        with _left_out(session, path, left) as is_left:
            publish(session, read(path), sets, by)
        without |= {_version_of(one) for one in is_left}
    for path in paths:
        if path not in definitions and _version_of(path) not in without:
            with _left_out(session, path, left):
                revisions.publish(session, read(path), by)
    names = [_version_of(path) for path in definitions]
    return [name for name in names if name not in without]


def _version_of(path: Path) -> str:
    """Return the name of the version that a file is of: `rand-36/1.0` of its wordings too."""
    return f"{path.parent.name}/{'.'.join(path.stem.split('.')[:2])}"


@contextmanager
def _left_out(session: Session, path: Path, left: list[str] | None) -> Iterator[list[Path]]:
    """Pass over a file that contradicts what the centre published; give the path if it does.

    Raises NotPublished for any other that will not do.
    """
    found: list[Path] = []
    try:
        yield found
    except (NotValid, SvarError) as error:
        centres = isinstance(error, Frozen) and _is_the_centres(session, path.parent.name)
        if left is None or not centres:
            raise NotPublished(path, error) from error
        left.append(f"{path}: {error}")
        found.append(path)


def _is_the_centres(session: Session, instrument_id: str) -> bool:
    """Say whether the PRO centre, by page or command, has published anything of an instrument."""
    for model, name in (
        (PublishedInstrument, PublishedInstrument.id),
        (PublishedWording, PublishedWording.instrument),
        (PublishedValueSet, PublishedValueSet.instrument),
    ):
        rows = session.exec(select(model.published_by).where(name == instrument_id).distinct())
        if any(by.startswith(CENTRES) for by in rows):
            return True
    return False


def load(folder: Path, instrument_id: str, version: str | None = None) -> Published:
    """Return an instrument of a folder, its newest version unless one is named, checked whole.

    Raises NotFound, naming those there are; NotValid, as publishing would.
    """
    paths = [path for path in sorted(folder.glob("*/[0-9]*.json")) if path.stem.count(".") == 1]
    found = {path.stem: path for path in paths if path.parent.name == instrument_id}
    newest = max(found, key=lambda name: [int(part) for part in name.split(".")], default=None)
    path = found.get(version or newest or "")
    if path is None:
        there = ", ".join(f"{path.parent.name}/{path.stem}" for path in paths) or "none"
        wanted = f"{instrument_id}/{version}" if version else instrument_id
        raise NotFound(f"There is no instrument {wanted} in {folder}; there are: {there}.")
    document, sets = read(path), value_sets(folder)
    instrument = check(document, sets)
    digest = sha256(canonical(resolve(document, sets)))
    return ready(instrument, digest)


class ValueSetFiles(Mapping[str, Document]):
    """The value sets below a folder, by `instrument/id`; a file is read when it is asked for.

    There are many, and a definition names few. `beside` are sets that are in no file yet; they go
    before the files. Asking raises NotValid, naming the file, for one that is not right.
    """

    def __init__(self, folder: Path, beside: Mapping[str, Document] | None = None) -> None:
        paths = sorted(folder.glob("value-sets/*/*.json"))
        files = {f"{path.parent.name}/{path.stem}": path for path in paths}
        self._kept: dict[str, Path | Document] = {**files, **(beside or {})}

    def __getitem__(self, key: str) -> Document:
        path = self._kept[key]
        if isinstance(path, dict):
            return path
        try:
            return _value_set(path)[0]
        except NotValid as error:
            found = (Problem(f"{path}: {one.path}", one.message) for one in error.problems)
            raise NotValid(found) from None

    def __contains__(self, key: object) -> bool:
        return key in self._kept

    def __iter__(self) -> Iterator[str]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)


def value_sets(folder: Path) -> ValueSetFiles:
    """Return the value-set documents below `folder`/value-sets, by `instrument/id`."""
    return ValueSetFiles(folder)


def all_value_sets(folder: Path) -> list[ValueSet]:
    """Return every value set below `folder`/value-sets, checked, by instrument and id."""
    return [_value_set(path)[1] for path in sorted(folder.glob("value-sets/*/*.json"))]


def _value_set(path: Path) -> tuple[Document, ValueSet]:
    document = read(path)
    value_set = check_value_set(document)
    named = Path(value_set.instrument, f"{value_set.id}.json")
    if path.absolute().parts[-2:] != named.parts:
        raise NotValid([Problem("id", f"the file must be named {named}, or nothing finds it")])
    return document, value_set


def _publish_value_sets(
    session: Session, folder: Path, by: str, left: list[str] | None = None
) -> None:
    """Publish what is new: there are many, and what is published was checked when it was."""
    published = valuation.hashes(session)
    for path in sorted(folder.glob("value-sets/*/*.json")):
        with _left_out(session, path, left):
            if sha256(canonical(read(path))) not in published:
                valuation.publish(session, _value_set(path)[0], by)


def check_file(path: Path) -> str:
    """Check one file as publishing would; return what it is, in words.

    A definition finds its value sets and its other versions, and a wording its definition, in the
    folders beside them. Raises NotValid with every problem, Frozen for a MINOR version that asks
    something else, OSError for a file that cannot be read.
    """
    document = read(path)
    match kind(document):
        case "norm":
            norm = shape(Norm, document)
            return f"norm {norm.id} of {norm.instrument}, {len(norm.rows)} rows"
        case "mcid":
            mcid = shape(Mcid, document)
            return f"smallest important change {mcid.id} of {mcid.instrument}/{mcid.score}"
        case "value set":
            value_set = _value_set(path)[1]
            return f"value set {value_set.id}, {value_set.indices.size} health states"
        case "wording":
            beside = path.with_name(f"{shape(Wording, document).version}.json")
            wording = check_wording(document, shape(Instrument, read(beside)))
            return f"wording of {wording.instrument} {wording.version} in {wording.language}"
    return check_definition(path, document)


def kind(document: Document) -> Kind:
    """Return what a document is, by what stands in it."""
    if "rows" in document:
        return "norm"
    if "amount" in document:
        return "mcid"
    if document.keys() & {"coefficients", "values", "country"}:
        return "value set"
    return "wording" if "language" in document else "definition"


def check_definition(
    path: Path, document: Document, beside: Mapping[str, Document] | None = None
) -> str:
    """Check a definition as publishing would, if it stood at this path; return what it is.

    `beside` are value sets, by `instrument/id`, that would come with it. Raises NotValid with every
    problem, Frozen for a MINOR version that asks something else.
    """
    instrument = check(document, ValueSetFiles(path.parent.parent, beside))
    major = instrument.version.split(".")[0]
    for other in sorted(path.parent.glob(f"{major}.*.json")):
        before = read(other)
        if "language" not in before:
            same_questions(shape(Instrument, before), instrument)
    examples = f"{len(instrument.examples)} examples reproduced"
    return f"definition {instrument.id} {instrument.version}, {examples}"


def read(path: Path) -> Document:
    """Return a file's JSON object; raises NotValid, with the place, if it is none. OSError."""
    return open_document(path)
