"""The instruments: publishing them, with every check, and finding them again.

A definition, a wording and a value set come in as JSON; what is published is the definition with
its value sets resolved into it, frozen under the SHA-256 of its canonical JSON.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError
from sqlalchemy import desc
from sqlmodel import Session, col, select

from app import answers, audit
from app.errors import Frozen, NotFound
from app.models import PublishedInstrument, PublishedWording, now
from scoring import Instrument, NotValid, Scorer, ValueSet, Wording, compile_instrument
from scoring.checks.rules import instrument_problems
from scoring.difference import difference
from scoring.item import AnyItem, Choice, Statement
from scoring.problem import shape_problems
from scoring.wording import wording_problems

Document = dict[str, Any]
Model = TypeVar("Model", bound=BaseModel)
ValueSets = Mapping[str, Document]
"""Value-set documents by `instrument/id`, such as `eq-5d-5l/no-2024`."""


KEPT_BACK = {"licensed": ("official", "unreviewed"), "unconfirmed": ("official",)}
"""Which wordings of an instrument are not for everyone to read, by the state of its licence."""

NEWEST = (desc(col(PublishedInstrument.major)), desc(col(PublishedInstrument.minor)))


class Published(NamedTuple):
    """A published definition, ready to ask and to score with.

    `way` is all that patients meet, in order; `questions` are those that can be answered.
    `is_conditional` says whether some are asked only after some answers. `offered` has each
    item that is answered by one code, with each of its codes.
    """

    instrument: Instrument
    scorer: Scorer
    sha256: str
    way: tuple[AnyItem, ...]
    questions: frozenset[str]
    is_conditional: bool
    offered: frozenset[tuple[str, int]]

    @property
    def not_applicable(self) -> list[tuple[str, tuple[int, ...]]]:
        """The items that offer "not applicable", each with the codes that say so."""
        choices = (item for item in self.instrument.items if isinstance(item, Choice))
        return [(item.id, item.not_applicable) for item in choices if item.not_applicable]


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
    scores = document.get("scores")
    names = {
        str(score.get("value_set"))
        for score in (scores if isinstance(scores, list) else [])
        if isinstance(score, dict) and score.get("method") == "value-set"
    }
    keys = {name: f"{document.get('id')}/{name}" for name in sorted(names)}
    found = {name: value_sets[key] for name, key in keys.items() if key in value_sets}
    return {**document, "value_sets": found}


def check(document: Document, value_sets: ValueSets) -> Instrument:
    """Return a definition as a model, its value sets resolved.

    Raises NotValid with every problem found: shape, meaning, range, and its own examples.
    """
    instrument = shape(Instrument, resolve(document, value_sets))
    if problems := instrument_problems(instrument):
        raise NotValid(problems)
    return instrument


def check_wording(document: Document, instrument: Instrument) -> Wording:
    """Return a wording as a model; raises NotValid with every problem found."""
    wording = shape(Wording, document)
    if problems := list(wording_problems(wording, instrument)):
        raise NotValid(problems)
    return wording


def check_value_set(document: Document) -> ValueSet:
    """Return a value set as a model; raises NotValid with every problem found."""
    return shape(ValueSet, document)


def shape(model: type[Model], document: Document) -> Model:
    """Return a document as a model, read from the very text that is hashed and stored.

    Raises NotValid with every problem found.
    """
    try:
        return model.model_validate_json(canonical(document))
    except ValidationError as error:
        raise NotValid(shape_problems(error, document)) from None


def publish(session: Session, document: Document, value_sets: ValueSets, by: str) -> Published:
    """Publish a definition: check it whole, hash it, freeze it. The same one again changes nothing.

    Raises NotValid when a check fails; Frozen when this id and version is published with another
    content, or when a new MINOR version asks something else than its MAJOR did.
    """
    instrument = check(document, value_sets)
    whole = resolve(document, value_sets)
    may_be(session, instrument, whole)
    if session.get(PublishedInstrument, (instrument.id, instrument.version)) is None:
        _freeze(session, instrument, canonical(whole), by)
    return _published(canonical(whole))


def may_be(session: Session, instrument: Instrument, whole: Document) -> None:
    """See that a definition, its value sets resolved, contradicts nothing that is published.

    Raises Frozen: this id and version is published with another content, or a new MINOR version
    asks something else than its MAJOR did.
    """
    there = session.get(PublishedInstrument, (instrument.id, instrument.version))
    if there is None:
        _same_items(session, instrument)
    elif there.sha256 != sha256(canonical(whole)):
        raise Frozen(
            f"{instrument.id} {instrument.version} is published with another content. "
            "Give the change a new version: MINOR if only the scoring changed, else MAJOR."
        )


def _freeze(session: Session, instrument: Instrument, text: str, by: str) -> None:
    major, minor = map(int, instrument.version.split("."))
    row = PublishedInstrument(
        id=instrument.id,
        version=instrument.version,
        major=major,
        minor=minor,
        sha256=sha256(text),
        document=text,
        status="published",
        published_at=now(),
        published_by=by,
    )
    session.add(row)
    session.flush()
    name = f"{instrument.id}/{instrument.version}"
    audit.append(session, audit.NO_REGISTRY, by, "instrument.published", name)


def _same_items(session: Session, instrument: Instrument) -> None:
    query = select(PublishedInstrument).where(
        PublishedInstrument.id == instrument.id,
        PublishedInstrument.major == major(instrument.version),
    )
    for row in session.exec(query):
        same_questions(_published(row.document).instrument, instrument)


def major(version: str) -> int:
    """Return the MAJOR of a version such as 2.1."""
    return int(version.split(".")[0])


def same_questions(before: Instrument, after: Instrument) -> None:
    """See that two MINOR versions of one MAJOR ask the same; raises Frozen if not."""
    differs = difference(before, after)
    if differs.asked:
        raise Frozen(
            f"{after.id} {after.version} asks something else than {before.version}: "
            f"{' '.join(change.sentence for change in differs.asked[:3])} "
            f"That is a new MAJOR version: {differs.needs}."
        )


def definition_row(session: Session, instrument_id: str, version: str) -> PublishedInstrument:
    """Return the row of a published definition; raises NotFound."""
    row = session.get(PublishedInstrument, (instrument_id, version))
    if row is None:
        raise NotFound(f"There is no instrument {instrument_id} version {version}.")
    return row


def get(session: Session, instrument_id: str, version: str) -> Published:
    """Return a published definition, withdrawn or not; raises NotFound."""
    return _published(definition_row(session, instrument_id, version).document)


def newest_minor(session: Session, instrument_id: str, version: str) -> str | None:
    """Return the newest version that asks what this one asks; None where all are withdrawn."""
    query = select(PublishedInstrument.version).where(
        PublishedInstrument.id == instrument_id,
        PublishedInstrument.major == major(version),
        PublishedInstrument.status == "published",
    )
    return session.exec(query.order_by(*NEWEST)).first()


def orderable(session: Session, instrument_id: str, version: str) -> Published:
    """Return a published definition that is not withdrawn; raises NotFound."""
    row = definition_row(session, instrument_id, version)
    if row.status != "published":
        raise NotFound(f"{instrument_id} version {version} is withdrawn.")
    return _published(row.document)


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


def latest(session: Session, instrument_id: str, language: str) -> Published:
    """Return the newest version that is not withdrawn and has a wording in a language.

    Where no version has one: the newest. Raises NotFound for an instrument that is unknown, or
    withdrawn in all its versions.
    """
    query = select(PublishedInstrument).where(
        PublishedInstrument.id == instrument_id, PublishedInstrument.status == "published"
    )
    rows = session.exec(query.order_by(*NEWEST)).all()
    if not rows:
        withdrawn = exists(session, instrument_id)
        told = f"Every version of {instrument_id} is withdrawn."
        raise NotFound(told if withdrawn else f"There is no instrument {instrument_id}.")
    worded = (row for row in rows if language in _languages(session, row))
    return _published(next(worded, rows[0]).document)


def _languages(session: Session, row: PublishedInstrument) -> set[str]:
    return {wording.language for wording in wordings(session, row.id, row.version)}


def wording_row(
    session: Session, instrument: str, version: str, language: str, revision: int | None = None
) -> PublishedWording:
    """Return a wording, its newest revision unless one is named; raises NotFound."""
    rows = [row for row in revisions(session, instrument, version) if row.language == language]
    for row in reversed(rows):
        if revision in (None, row.revision):
            return row
    which = language if revision is None else f"{language} of revision {revision}"
    raise NotFound(f"{instrument} {version} has no wording in {which}.")


def open_wording_row(
    session: Session, instrument: str, version: str, language: str, revision: int | None = None
) -> PublishedWording:
    """Return a wording that anyone may read; raises NotFound.

    The wording of a licensed instrument is for those who hold the licence; so is the official one
    of an instrument whose terms nobody has confirmed.
    """
    row = wording_row(session, instrument, version, language, revision)
    licence = get(session, instrument, version).instrument.licence
    if row.status in KEPT_BACK.get(licence.status, ()):
        raise NotFound(f"The wording of {instrument} is licensed by {licence.holder}.")
    return row


def revisions(session: Session, instrument: str, version: str) -> list[PublishedWording]:
    """Return every wording of a version, by language and revision."""
    query = select(PublishedWording).where(
        PublishedWording.instrument == instrument, PublishedWording.version == version
    )
    order = (col(PublishedWording.language), col(PublishedWording.revision))
    return list(session.exec(query.order_by(*order)))


def wordings(session: Session, instrument: str, version: str) -> list[PublishedWording]:
    """Return the newest revision of each of a version's wordings, by language."""
    return list({row.language: row for row in revisions(session, instrument, version)}.values())


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
    return ready(Instrument.model_validate_json(text), sha256(text))


def ready(instrument: Instrument, digest: str) -> Published:
    """Return a definition that breaks no rule, ready to ask and to score with."""
    way = instrument.in_order()
    questions = frozenset(item.id for item in way if not isinstance(item, Statement))
    scorer, conditional = compile_instrument(instrument), any(item.show_when for item in way)
    codes = answers.offered(instrument)
    return Published(instrument, scorer, digest, way, questions, conditional, codes)
