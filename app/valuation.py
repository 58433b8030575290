"""Value sets: published and frozen, named by registries, and put to work on their answers.

A registry names a set besides those of the definition, and its newest version is fixed by hash, as
an order fixes its definition: a corrected set gives no other scores until it is named again.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from sqlalchemy import update
from sqlmodel import Session, col, select

from app import audit, catalogue
from app.catalogue import Document, Published, canonical, sha256
from app.errors import Frozen, NotFound, Refused
from app.models import PublishedInstrument, PublishedValueSet, Registry, now, table
from scoring import Scorer, ValueSet, compile_instrument
from scoring.extend import with_value_sets

ALL = "all"
"""Stands for every value set of an instrument."""

Named = Mapping[str, str]
"""The value sets that a registry has named: `eq-5d-5l/uk-2026` → SHA-256 of its document."""


@dataclass(frozen=True, slots=True)
class Valued:
    """What a registry's answers are scored with: a definition, and the sets it named besides.

    `used` tells of every set behind the scores, the definition's own too: {id: {"sha256", "doi"}}.
    `added_sha256` stands for those that were added; it is empty when none were.
    """

    scorer: Scorer
    used: Mapping[str, Mapping[str, str | None]]
    added_sha256: str


def publish(session: Session, document: Document, by: str) -> ValueSet:
    """Publish a value set: check it, hash it, freeze it. The same one again changes nothing.

    Raises NotValid, or Frozen when this id and version is published with another content.
    """
    value_set, text = catalogue.check_value_set(document), canonical(document)
    if not is_published(session, value_set, text):
        _freeze(session, value_set, text, by)
    return value_set


def is_published(session: Session, value_set: ValueSet, text: str) -> bool:
    """Say whether a value set of this canonical text is published; raises Frozen if it cannot be.

    This id and version may be published with another content.
    """
    key = (value_set.instrument, value_set.id, value_set.version)
    there = session.get(PublishedValueSet, key)
    if there is not None and there.sha256 != sha256(text):
        raise Frozen(
            f"The value set {'/'.join(key)} is published with another content. "
            "Give the change a new version."
        )
    return there is not None


def _freeze(session: Session, value_set: ValueSet, text: str, by: str) -> None:
    row = PublishedValueSet(
        instrument=value_set.instrument,
        id=value_set.id,
        version=value_set.version,
        sha256=sha256(text),
        document=text,
        published_at=now(),
        published_by=by,
    )
    session.add(row)
    session.flush()
    name = f"{row.instrument}/{row.id}/{row.version}"
    audit.append(session, audit.NO_REGISTRY, by, "value_set.published", name)


def hashes(session: Session) -> set[str]:
    """Return the hash of every published value set."""
    return set(session.exec(select(PublishedValueSet.sha256)))


def row(
    session: Session, instrument_id: str, set_id: str, version: str | None = None
) -> PublishedValueSet:
    """Return a published value set, its newest version unless one is named.

    Raises NotFound, with the names that are most like it.
    """
    query = select(PublishedValueSet).where(
        PublishedValueSet.instrument == instrument_id, PublishedValueSet.id == set_id
    )
    rows = [one for one in session.exec(query) if version in (None, one.version)]
    if not rows:
        which = "/".join(part for part in (instrument_id, set_id, version) if part)
        raise NotFound(f"There is no value set {which}. {_near(session, which)}")
    return max(rows, key=lambda one: _number(one.version))


def _number(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def _near(session: Session, name: str) -> str:
    rows = session.exec(select(PublishedValueSet.instrument, PublishedValueSet.id).distinct())
    found = get_close_matches(name, sorted("/".join(one) for one in rows), n=5, cutoff=0.5)
    return f"Near to it: {', '.join(found)}." if found else "GET /api/v1/value-sets lists them."


def listed(session: Session, instrument_id: str | None) -> list[tuple[ValueSet, str]]:
    """Return every version of every value set, or of one instrument's sets, each with its hash.

    By instrument and id, the newest version first.
    """
    query = select(PublishedValueSet.sha256)
    if instrument_id is not None:
        query = query.where(PublishedValueSet.instrument == instrument_id)
    digests = session.exec(query).all()
    found = zip(of_hashes(session, digests), digests, strict=True)
    return sorted(found, key=lambda one: _place(one[0]))


def documents(session: Session, instrument_id: str) -> dict[str, Document]:
    """Return the newest version of each value set of an instrument, by `instrument/id`."""
    query = select(PublishedValueSet).where(PublishedValueSet.instrument == instrument_id)
    rows = sorted(session.exec(query), key=lambda one: _number(one.version))
    return {f"{row.instrument}/{row.id}": json.loads(row.document) for row in rows}


def _place(value_set: ValueSet) -> tuple[str, str, list[int]]:
    return value_set.instrument, value_set.id, [-part for part in _number(value_set.version)]


def of_hashes(session: Session, digests: Sequence[str]) -> list[ValueSet]:
    """Return the value sets of these hashes, in their order; from memory when read before."""
    if unread := [digest for digest in digests if digest not in _value_sets]:
        query = select(PublishedValueSet.sha256, PublishedValueSet.document)
        for digest, text in session.exec(query.where(col(PublishedValueSet.sha256).in_(unread))):
            _value_sets[digest] = ValueSet.model_validate_json(text)
    return [_value_sets[digest] for digest in digests]


def named_by(session: Session, registry_id: str, *, hold: bool = False) -> dict[str, str]:
    """Return the value sets that a registry has named, its row locked if they are to change.

    Raises NotFound for an unknown registry.
    """
    query = select(Registry.value_sets).where(Registry.id == registry_id)
    found = session.exec(query.with_for_update() if hold else query).first()
    if found is None:
        raise NotFound(f"There is no registry {registry_id}.")
    return dict(found)


def of_registry(session: Session, registry_id: str) -> list[tuple[ValueSet, str]]:
    """Return the value sets that a registry has named, each with the newest version there is.

    Raises NotFound for an unknown registry.
    """
    sets = of_hashes(
        session, [digest for _, digest in sorted(named_by(session, registry_id).items())]
    )
    return [(one, row(session, one.instrument, one.id).version) for one in sets]


def name(session: Session, registry_id: str, wanted: str, who: str) -> ValueSet:
    """Name a value set, such as `eq-5d-5l/uk-2026`: results then carry its index too.

    Its newest version is taken; what is named so already stays as it is. Raises NotFound for an
    unknown registry, and for an unknown set, with those that are near to it.
    """
    before = named_by(session, registry_id, hold=True)
    instrument_id, _, set_id = wanted.partition("/")
    found = row(session, instrument_id, set_id)
    if before.get(wanted) != found.sha256:
        _keep(session, registry_id, before | {wanted: found.sha256})
        audit.append(session, registry_id, who, "value_set.named", f"{wanted}/{found.version}")
    return of_hashes(session, [found.sha256])[0]


def unname(session: Session, registry_id: str, unwanted: str, who: str) -> None:
    """Take a value set back; the results that have its index keep it.

    Raises NotFound for an unknown registry, and for a set that it has not named.
    """
    before = named_by(session, registry_id, hold=True)
    if unwanted not in before:
        there = ", ".join(sorted(before)) or "none"
        raise NotFound(f"{registry_id} has not named {unwanted}; it has named: {there}.")
    left = {one: digest for one, digest in before.items() if one != unwanted}
    _keep(session, registry_id, left)
    audit.append(session, registry_id, who, "value_set.unnamed", unwanted)


def _keep(session: Session, registry_id: str, sets: Named) -> None:
    mine = table(Registry).c.id == registry_id
    session.connection().execute(update(table(Registry)).where(mine).values(value_sets=sets))


def valued(session: Session, definition: Published, named: Named) -> Valued:
    """Return what the answers of a registry are scored with; from memory when it was made before.

    Raises ValueError for an instrument that has no health state to be valued.
    """
    added = _added(definition, named)
    key = (definition.sha256, *added.values())
    if key not in _valued:
        _valued[key] = _value(session, definition, added)
    return _valued[key]


def chosen(session: Session, definition: Published, wanted: Sequence[str]) -> Valued:
    """Return what answers are scored with by these value sets besides the definition's own.

    Each is taken in its newest version; `all` is every one there is. What is made is not kept in
    memory, as there are more choices than could be. Raises Refused for a set that is not there.
    """
    if not wanted:
        return valued(session, definition, {})
    instrument_id = definition.instrument.id
    newest: dict[str, str] = {}
    for one, digest in listed(session, instrument_id):
        newest.setdefault(one.id, digest)
    ids = list(newest) if ALL in wanted else list(dict.fromkeys(wanted))
    if not newest or any(one not in newest for one in ids):
        raise Refused("value_set", _no_such(ids, newest, instrument_id))
    own = definition.instrument.value_sets
    return _value(session, definition, {one: newest[one] for one in ids if one not in own})


def _no_such(ids: Sequence[str], there: Mapping[str, str], instrument_id: str) -> str:
    if not there:
        return f"there are no value sets for {instrument_id}; leave it out"
    unknown = next(one for one in ids if one not in there)
    near = get_close_matches(unknown, there, n=5, cutoff=0.4)
    hint = f"near it: {', '.join(near)}" if near else "GET /api/v1/value-sets lists them"
    return f"{unknown} is no value set for {instrument_id}; {hint}"


def added_sha256(definition: Published, named: Named) -> str:
    """Return the hash that stands for the sets a registry adds to a definition; empty for none."""
    return _hash_of(_added(definition, named))


def _hash_of(added: Named) -> str:
    return sha256(canonical(dict(added))) if added else ""


def _added(definition: Published, named: Named) -> dict[str, str]:
    """Return the sets that the definition lacks of those named for its instrument, by id."""
    mine = f"{definition.instrument.id}/"
    ids = {one.removeprefix(mine): named[one] for one in sorted(named) if one.startswith(mine)}
    return {one: ids[one] for one in ids if one not in definition.instrument.value_sets}


def _value(session: Session, definition: Published, added: dict[str, str]) -> Valued:
    instrument, scorer = definition.instrument, definition.scorer
    sets = of_hashes(session, list(added.values()))
    if sets:
        instrument = with_value_sets(instrument, sets)
        scorer = compile_instrument(instrument)
    digests = _own(session, definition) | added
    used = {
        one.id: {"sha256": digests[one.id], "doi": one.doi}
        for one in instrument.value_sets.values()
    }
    return Valued(scorer, used, _hash_of(added))


def _own(session: Session, definition: Published) -> dict[str, str]:
    """Return the hash of each value set that is written into a definition, as if it stood alone."""
    query = select(PublishedInstrument.document)
    text = session.exec(query.where(PublishedInstrument.sha256 == definition.sha256)).one()
    sets: dict[str, Document] = json.loads(text)["value_sets"]
    return {one: sha256(canonical(document)) for one, document in sets.items()}


_value_sets: dict[str, ValueSet] = {}
_valued: dict[tuple[str, ...], Valued] = {}
"""What was read and made before, by hashes: what stands under a hash can never change."""
