"""Scoring runs: what a response is worth, numbered and kept as registries will be given it."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, bindparam, exists, or_, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

import scoring
from app import audit, catalogue, valuation, worth
from app.db import Database, insert_rows
from app.models import Correction, Registry, ScoringRun, cursor, now, table
from app.worth import Worth

BATCH = 200
"""Responses scored again in one transaction."""

_registry = table(Registry).c

_TAKE = (
    update(table(Registry))
    .where(_registry.id == bindparam("registry"))
    .values(next_seq=_registry.next_seq + bindparam("number"))
    .returning(_registry.next_seq, _registry.value_sets)
)


@dataclass(frozen=True, slots=True)
class Run:
    """A scoring to be made: of which response, by which definition.

    `facts` is the `response` part of the result document, answers included. What is withdrawn is
    not scored.
    """

    response_id: UUID
    facts: Mapping[str, Any]
    wording_sha256: str | None
    definition_sha256: str
    supersedes: str | None = None
    is_withdrawn: bool = False


def utc(at: datetime) -> str:
    """Return a time in UTC as result documents have it."""
    return f"{at.isoformat()[:19]}Z"


def append(session: Session, registry_id: str, runs: Sequence[Run]) -> range:
    """Score, append the results to the registry's feed, and return their numbers.

    The numbers come from the registry's row, whose lock is held until the transaction commits: a
    later number never becomes visible before an earlier one. So this is the last thing to do. The
    value sets that the registry has named come with them: from one number on, all runs have a set.
    """
    taken = {"registry": registry_id, "number": len(runs)}
    after, named = session.connection().execute(_TAKE, taken).one()
    found = _worth(session, runs, named)
    numbers, at = range(after - len(runs), after), utc(now())
    rows = [
        _row(registry_id, seq, run, one, at)
        for seq, run, one in zip(numbers, runs, found, strict=True)
    ]
    insert_rows(session, table(ScoringRun), rows)
    return numbers


def _worth(session: Session, runs: Sequence[Run], named: valuation.Named) -> list[Worth]:
    """Return what each is worth, in their order: those by one definition are scored together."""
    found: dict[int, Worth] = {}
    places: dict[str, list[int]] = {}
    for place, run in enumerate(runs):
        if run.is_withdrawn:
            definition = catalogue.definition(session, run.definition_sha256)
            found[place] = Worth(definition, None, None)
        else:
            places.setdefault(run.definition_sha256, []).append(place)
    for digest, mine in places.items():
        some = {str(runs[place].response_id): runs[place].facts["answers"] for place in mine}
        definition = catalogue.definition(session, digest)
        found |= zip(mine, worth.of(session, definition, named, some), strict=True)
    return [found[place] for place in range(len(runs))]


def _row(registry_id: str, seq: int, run: Run, found: Worth, at: str) -> dict[str, Any]:
    """Return the row of a run, with the document that registries are given."""
    status = "withdrawn" if run.is_withdrawn else found.status
    return {
        "registry_id": registry_id,
        "seq": seq,
        "response_id": run.response_id,
        "instrument": found.definition.instrument.id,
        "version": found.definition.instrument.version,
        "definition_sha256": found.definition.sha256,
        "scoring_version": scoring.VERSION,
        "value_sets_sha256": found.valued.added_sha256 if found.valued else "",
        "status": status,
        "document": _document(registry_id, seq, run, found, status, at),
    }


def _document(registry_id: str, seq: int, run: Run, found: Worth, status: str, at: str) -> str:
    answers = orjson.dumps(run.facts["answers"], option=orjson.OPT_SORT_KEYS)
    document = {
        "cursor": cursor(seq),
        "registry": registry_id,
        "response": run.facts,
        "scores": found.scores,
        "provenance": {
            "status": status,
            "definition_version": found.definition.instrument.version,
            "definition_sha256": found.definition.sha256,
            "value_sets": found.valued.used if found.valued else {},
            "wording_sha256": run.wording_sha256,
            "answers_sha256": hashlib.sha256(answers).hexdigest(),
            "scoring_version": scoring.VERSION,
            "scored_at": at,
            "supersedes": run.supersedes,
        },
    }
    return orjson.dumps(document).decode()


def hold(session: Session, registry_id: str) -> None:
    """Lock the registry's row until the transaction ends: nobody else appends meanwhile."""
    locked = select(Registry.id).where(Registry.id == registry_id).with_for_update()
    session.exec(locked).one()


def corrected(until: int | None = None) -> ColumnElement[bool]:
    """Return the condition that a run's response was amended or withdrawn, when the feed had come
    to this number, or by now.
    """
    of_it = exists().where(
        col(Correction.registry_id) == col(ScoringRun.registry_id),
        col(Correction.response_id) == col(ScoringRun.response_id),
    )
    return of_it if until is None else of_it.where(col(Correction.seq) <= until)


def rescore(
    database: Database, instrument: str, version: str, who: str
) -> Iterator[tuple[int, int]]:
    """Score every response to an instrument's MAJOR version again; yield (done, all) as it goes.

    Appends a run that supersedes the newest one of each response, a batch at a time, and yields
    after each: whoever asks no further loses nothing, for every batch is kept by then. What was
    amended or withdrawn since counts no longer and is left as it is. Passes over what
    is already scored by this definition, the registry's value sets and this `scoring.VERSION`:
    stopped half way, it goes on where it was. Raises NotFound for an unknown version, at once.
    """
    with database.read() as session:
        target = catalogue.get(session, instrument, version)
        waiting = _all_waiting(session, target)
    return _by_batches(database, target, waiting, who)


def _by_batches(
    database: Database, target: catalogue.Published, waiting: list[tuple[str, list[int]]], who: str
) -> Iterator[tuple[int, int]]:
    """Do the work of `rescore`; the first batch that scores takes the PRO centre's line with it."""
    total, done, told = sum(len(seqs) for _, seqs in waiting), 0, False
    for registry, seqs in waiting:
        for start in range(0, len(seqs), BATCH):
            batch = seqs[start : start + BATCH]
            with database.write() as session:
                if _again(session, registry, batch, target.sha256, who) and not told:
                    name = f"{target.instrument.id}/{target.instrument.version}"
                    audit.append(session, audit.NO_REGISTRY, who, "responses.rescored", name)
                    told = True
            done += len(batch)
            yield done, total


def to_score_again(session: Session, instrument: str, version: str) -> int:
    """Return how many responses `rescore` would score; raises NotFound for an unknown version."""
    return sum(number for _, number in waiting_in(session, instrument, version))


def waiting_in(session: Session, instrument: str, version: str) -> list[tuple[str, int]]:
    """Return the name of each registry with responses that `rescore` would score, and how many.

    Raises NotFound for an unknown version.
    """
    target = catalogue.get(session, instrument, version)
    names = dict(session.exec(select(Registry.id, Registry.name)).all())
    return [(names[one], len(seqs)) for one, seqs in _all_waiting(session, target) if seqs]


def _all_waiting(session: Session, target: catalogue.Published) -> list[tuple[str, list[int]]]:
    registries = select(Registry.id, Registry.value_sets).order_by(Registry.id)
    return [
        (registry, _waiting(session, registry, target, named))
        for registry, named in session.exec(registries).all()
    ]


def _waiting(
    session: Session, registry_id: str, target: catalogue.Published, named: valuation.Named
) -> list[int]:
    """Return the newest runs of responses that count and would be scored otherwise now."""
    query = select(ScoringRun.seq, ScoringRun.version).where(
        ScoringRun.registry_id == registry_id,
        ScoringRun.instrument == target.instrument.id,
        ~_superseded(),
        ~corrected(),
        or_(
            col(ScoringRun.definition_sha256) != target.sha256,
            col(ScoringRun.scoring_version) != scoring.VERSION,
            col(ScoringRun.value_sets_sha256) != valuation.added_sha256(target, named),
            col(ScoringRun.status) == "not_scored",
        ),
    )
    major = target.instrument.version.split(".")[0]
    rows = session.exec(query.order_by(col(ScoringRun.seq)))
    return [seq for seq, version in rows if version.split(".")[0] == major]


def _again(session: Session, registry_id: str, seqs: Sequence[int], digest: str, who: str) -> int:
    """Score a batch again; return how many it still was to be done for.

    The registry's row is locked first: nobody else appends meanwhile.
    """
    hold(session, registry_id)
    runs: list[Run] = []
    for row in session.exec(_still_newest(registry_id, seqs)):
        before = orjson.loads(row.document)
        wording = before["provenance"]["wording_sha256"]
        runs.append(Run(row.response_id, before["response"], wording, digest, cursor(row.seq)))
    if runs:
        append(session, registry_id, runs)
        what = f"{len(runs)} runs to {digest}"
        audit.append(session, registry_id, who, "responses.rescored", what)
    return len(runs)


def _still_newest(registry_id: str, seqs: Sequence[int]) -> SelectOfScalar[ScoringRun]:
    """Leave out what another rescoring has superseded since this one looked."""
    query = select(ScoringRun).where(
        ScoringRun.registry_id == registry_id,
        col(ScoringRun.seq).in_(seqs),
        ~_superseded(),
        ~corrected(),
    )
    return query.order_by(col(ScoringRun.seq))


def _superseded() -> ColumnElement[bool]:
    """Return the condition that a response has been scored again since this run."""
    later = aliased(ScoringRun)
    return exists().where(
        col(later.registry_id) == col(ScoringRun.registry_id),
        col(later.response_id) == col(ScoringRun.response_id),
        col(later.seq) > col(ScoringRun.seq),
    )
