"""The instruments: publishing them, with every check, and finding them again.

A definition, a wording and a value set come in as JSON; what is published is the definition with
its value sets resolved into it, frozen under the SHA-256 of its canonical JSON.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError
from sqlalchemy import desc
from sqlmodel import Session, col, select

from app import audit
from app.errors import Frozen, NotFound
from app.models import PublishedInstrument, PublishedWording, now
from scoring import Instrument, NotValid, Problem, Scorer, ValueSet, Wording, compile_instrument
from scoring.problem import shape_problems
from scoring.rules import instrument_problems
from scoring.wording import wording_problems

Document = dict[str, Any]
Model = TypeVar("Model", bound=BaseModel)
ValueSets = Mapping[str, Document]
"""Value-set documents by `instrument/id`, such as `eq-5d-5l/no-2024`."""


NEWEST = (desc(col(PublishedInstrument.major)), desc(col(PublishedInstrument.minor)))


class Published(NamedTuple):
    """A published definition, ready to ask and to score with."""

    instrument: Instrument
    scorer: Scorer
    sha256: str

    @property
    def asked(self) -> tuple[str, ...]:
        """The ids of the items in the order in which patients meet them."""
        return tuple(name for page in self.instrument.pages for name in page.items)


def canonical(document: Document) -> str:
    """Return the JSON text that is hashed: sorted keys, no spaces, UTF-8 as it is.

    The same as Python's json.dumps(sort_keys=True, separators=(",", ":"), ensure_ascii=False).
    """
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sha256(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, as hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def resolve(document: Document, value_sets: ValueSets) -> Document:
    """Return a definition with the value sets that its scores name written into it."""
    names = {
        score.get("value_set")
        for score in document.get("scores", [])
        if isinstance(score, dict) and score.get("method") == "value-set"
    }
    keys = {name: f"{document.get('id')}/{name}" for name in sorted(map(str, names))}
    found = {name: value_sets[key] for name, key in keys.items() if key in value_sets}
    return {**document, "value_sets": found}


def check(document: Document, value_sets: ValueSets) -> Instrument:
    """Return a definition as a model, its value sets resolved.

    Raises NotValid with every problem found: shape, meaning, range, and its own examples.
    """
    instrument = _shape(Instrument, resolve(document, value_sets))
    if problems := instrument_problems(instrument):
        raise NotValid(problems)
    return instrument


def check_wording(document: Document, instrument: Instrument) -> Wording:
    """Return a wording as a model; raises NotValid with every problem found."""
    wording = _shape(Wording, document)
    if problems := list(wording_problems(wording, instrument)):
        raise NotValid(problems)
    return wording


def check_value_set(document: Document) -> ValueSet:
    """Return a value set as a model; raises NotValid with every problem found."""
    return _shape(ValueSet, document)


def _shape(model: type[Model], document: Document) -> Model:
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise NotValid(shape_problems(error)) from None


def publish(session: Session, document: Document, value_sets: ValueSets, by: str) -> Published:
    """Publish a definition: check it whole, hash it, freeze it. The same one again changes nothing.

    Raises NotValid when a check fails; Frozen when this id and version is published with another
    content, or when a new MINOR version asks something else than its MAJOR did.
    """
    instrument = check(document, value_sets)
    text = canonical(resolve(document, value_sets))
    digest = sha256(text)
    there = session.get(PublishedInstrument, (instrument.id, instrument.version))
    if there is None:
        _same_items(session, instrument)
        major, minor = map(int, instrument.version.split("."))
        row = PublishedInstrument(
            id=instrument.id,
            version=instrument.version,
            major=major,
            minor=minor,
            sha256=digest,
            document=text,
            status="published",
            published_at=now(),
            published_by=by,
        )
        session.add(row)
        session.flush()
        name = f"{instrument.id}/{instrument.version}"
        audit.append(session, audit.NO_REGISTRY, by, "instrument.published", name)
    elif there.sha256 != digest:
        raise Frozen(
            f"{instrument.id} {instrument.version} is published with another content. "
            "Give the change a new version: MINOR if only the scoring changed, else MAJOR."
        )
    return _published(text)


def _same_items(session: Session, instrument: Instrument) -> None:
    major = int(instrument.version.split(".")[0])
    query = select(PublishedInstrument).where(
        PublishedInstrument.id == instrument.id, PublishedInstrument.major == major
    )
    for row in session.exec(query):
        before = _published(row.document).instrument
        if _asked(before) != _asked(instrument):
            raise Frozen(
                f"{instrument.id} {instrument.version} asks something else than {row.version} "
                f"(items, option sets or pages differ). That is a new MAJOR version: {major + 1}.0."
            )


def _asked(instrument: Instrument) -> object:
    items = [item.model_dump(exclude={"recode"}) for item in instrument.items]
    return items, instrument.option_sets, instrument.pages


def publish_wording(session: Session, document: Document, by: str) -> Wording:
    """Publish a wording of a published definition. The same one again changes nothing.

    Raises NotValid, NotFound (no such definition), or Frozen (this revision has another content).
    """
    shaped = _shape(Wording, document)
    wording = check_wording(document, get(session, shaped.instrument, shaped.version).instrument)
    text = canonical(document)
    digest = sha256(text)
    key = (wording.instrument, wording.version, wording.language, wording.revision)
    there = session.get(PublishedWording, key)
    if there is None:
        row = PublishedWording(
            instrument=wording.instrument,
            version=wording.version,
            language=wording.language,
            revision=wording.revision,
            sha256=digest,
            document=text,
            status=wording.status,
            published_at=now(),
            published_by=by,
        )
        session.add(row)
        session.flush()
        name = "/".join(map(str, key))
        audit.append(session, audit.NO_REGISTRY, by, "wording.published", name)
    elif there.sha256 != digest:
        raise Frozen(
            f"{wording.instrument} {wording.version} in {wording.language} is published with "
            f"another content as revision {wording.revision}. Raise the revision."
        )
    return wording


def publish_folder(session: Session, folder: Path, by: str) -> list[str]:
    """Publish every definition and wording of a folder; return their `id/version` names."""
    value_sets = read_value_sets(folder)
    names = []
    for path in sorted(folder.glob("*/[0-9]*.json")):
        document = read_json(path)
        if "language" not in document:
            published = publish(session, document, value_sets, by)
            names.append(f"{published.instrument.id}/{published.instrument.version}")
    for path in sorted(folder.glob("*/[0-9]*.json")):
        document = read_json(path)
        if "language" in document:
            publish_wording(session, document, by)
    return names


def read_value_sets(folder: Path) -> dict[str, Document]:
    """Return the value-set documents below `folder`/value-sets, by `instrument/id`."""
    found = {}
    for path in sorted(folder.glob("value-sets/*/*.json")):
        document = read_json(path)
        value_set = check_value_set(document)
        found[f"{value_set.instrument}/{value_set.id}"] = document
    return found


def check_file(path: Path) -> str:
    """Check one file as publishing would; return what it is, in words.

    A definition finds its value sets, and a wording its definition, in the folders beside them.
    Raises NotValid with every problem, OSError for a file that cannot be read.
    """
    document = read_json(path)
    if "coefficients" in document:
        value_set = check_value_set(document)
        return f"value set {value_set.id}, {value_set.indices.size} health states"
    if "language" not in document:
        instrument = check(document, read_value_sets(path.parent.parent))
        return (
            f"definition {instrument.id} {instrument.version}, {len(instrument.examples)} examples"
        )
    beside = path.with_name(f"{document.get('version')}.json")
    instrument = check(read_json(beside), read_value_sets(path.parent.parent))
    wording = check_wording(document, instrument)
    return f"wording of {wording.instrument} {wording.version} in {wording.language}"


def read_json(path: Path) -> Document:
    """Return a file's JSON object; raises NotValid, with the line, if it is none."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise NotValid([Problem("document", f"is not JSON: {error}")]) from None
    if not isinstance(document, dict):
        raise NotValid([Problem("document", "must be a JSON object: { … }")])
    return document


def definition_row(session: Session, instrument_id: str, version: str) -> PublishedInstrument:
    """Return the row of a published definition; raises NotFound."""
    row = session.get(PublishedInstrument, (instrument_id, version))
    if row is None:
        raise NotFound(f"There is no instrument {instrument_id} version {version}.")
    return row


def get(session: Session, instrument_id: str, version: str) -> Published:
    """Return a published definition; raises NotFound."""
    return _published(definition_row(session, instrument_id, version).document)


def versions(session: Session, instrument_id: str | None) -> list[tuple[Published, str]]:
    """Return every version, or those of one instrument, newest first, each with its status.

    Raises NotFound when an instrument is named and there is none.
    """
    query = select(PublishedInstrument).order_by(col(PublishedInstrument.id), *NEWEST)
    if instrument_id is not None:
        query = query.where(PublishedInstrument.id == instrument_id)
    found = [(_published(row.document), row.status) for row in session.exec(query)]
    if instrument_id is not None and not found:
        raise NotFound(f"There is no instrument {instrument_id}.")
    return found


def exists(session: Session, instrument_id: str) -> bool:
    """Say whether any version of an instrument is published."""
    query = select(PublishedInstrument.id).where(PublishedInstrument.id == instrument_id)
    return session.exec(query).first() is not None


def latest(session: Session, instrument_id: str) -> Published:
    """Return the newest version of a definition that is not withdrawn; raises NotFound."""
    query = select(PublishedInstrument).where(
        PublishedInstrument.id == instrument_id, PublishedInstrument.status == "published"
    )
    row = session.exec(query.order_by(*NEWEST)).first()
    if row is None:
        raise NotFound(f"There is no instrument {instrument_id}.")
    return _published(row.document)


def wording_row(session: Session, instrument: str, version: str, language: str) -> PublishedWording:
    """Return the newest revision of a wording; raises NotFound."""
    query = select(PublishedWording).where(
        PublishedWording.instrument == instrument,
        PublishedWording.version == version,
        PublishedWording.language == language,
    )
    row = session.exec(query.order_by(desc(col(PublishedWording.revision)))).first()
    if row is None:
        raise NotFound(f"{instrument} {version} has no wording in {language}.")
    return row


def open_wording_row(
    session: Session, instrument: str, version: str, language: str
) -> PublishedWording:
    """Return the newest revision of a wording that anyone may read; raises NotFound.

    The official wording of a licensed instrument is for those who hold the licence.
    """
    row = wording_row(session, instrument, version, language)
    licence = get(session, instrument, version).instrument.licence
    if licence.status == "licensed" and row.status != "placeholder":
        raise NotFound(f"The wording of {instrument} is licensed by {licence.holder}.")
    return row


def wordings(session: Session, instrument: str, version: str) -> list[PublishedWording]:
    """Return the newest revision of each of a version's wordings, by language."""
    query = select(PublishedWording).where(
        PublishedWording.instrument == instrument, PublishedWording.version == version
    )
    rows = session.exec(query.order_by(col(PublishedWording.revision)))
    newest = {row.language: row for row in rows}
    return [newest[language] for language in sorted(newest)]


def definition(session: Session, digest: str) -> Published:
    """Return the definition of this hash; from memory when it was read before."""
    if digest not in _definitions:
        query = select(PublishedInstrument.document).where(PublishedInstrument.sha256 == digest)
        _definitions[digest] = _published(session.exec(query).one())
    return _definitions[digest]


def wording_of(session: Session, digest: str) -> Wording:
    """Return the wording of this hash; from memory when it was read before."""
    if digest not in _wordings:
        query = select(PublishedWording.document).where(PublishedWording.sha256 == digest)
        _wordings[digest] = Wording.model_validate_json(session.exec(query).one())
    return _wordings[digest]


_definitions: dict[str, Published] = {}
_wordings: dict[str, Wording] = {}
"""What was read before, by hash: what stands under a hash can never change."""


@lru_cache(maxsize=256)
def _published(text: str) -> Published:
    instrument = Instrument.model_validate_json(text)
    return Published(instrument, compile_instrument(instrument), sha256(text))
