"""Scoring runs: what a response is worth, numbered and kept as registries will be given it."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import bindparam, exists, func, insert, or_, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

import scoring
from app import audit, catalogue, valuation
from app.db import Database
from app.errors import whence
from app.models import Registry, ScoringRun, cursor, now, table

log = logging.getLogger("svar.runs")

BATCH = 200
"""Responses scored again in one transaction."""

_registry = table(Registry).c

_TAKE = (
    update(table(Registry))
    .where(_registry.id == bindparam("registry"))
    .values(next_seq=_registry.next_seq + bindparam("number"))
    .returning(_registry.next_seq, _registry.value_sets)
)
_INSERT = insert(table(ScoringRun))


@dataclass(frozen=True, slots=True)
class Run:
    """A scoring to be made: of which response, by which definition.

    `facts` is the `response` part of the result document, answers included.
    """

    response_id: UUID
    facts: Mapping[str, Any]
    wording_sha256: str
    definition_sha256: str
    supersedes: str | None = None


def utc(at: datetime) -> str:
    """Return a time as result documents have it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def append(session: Session, registry_id: str, runs: Sequence[Run]) -> None:
    """Score, and append the results to the registry's feed.

    The numbers come from the registry's row, whose lock is held until the transaction commits: a
    later number never becomes visible before an earlier one. So this is the last thing to do. The
    value sets that the registry has named come with them: from one number on, all runs have a set.
    """
    connection = session.connection()
    taken = {"registry": registry_id, "number": len(runs)}
    after, named = connection.execute(_TAKE, taken).one()
    rows = [
        {"registry_id": registry_id, "seq": seq}
        | _Made.of(session, run, named).row(registry_id, seq)
        for seq, run in enumerate(runs, after - len(runs))
    ]
    connection.execute(_INSERT, rows)


@dataclass(frozen=True, slots=True)
class _Made:
    """A scoring that has been made and has no number yet."""

    run: Run
    definition: catalogue.Published
    valued: valuation.Valued | None
    scores: Mapping[str, Any] | None

    @classmethod
    def of(cls, session: Session, run: Run, named: valuation.Named) -> "_Made":
        """Score one response. A failure keeps the answers and says `not_scored`."""
        definition = catalogue.definition(session, run.definition_sha256)
        try:
            valued = valuation.valued(session, definition, named)
            scores = valued.scorer.score_one(definition.codes_in(run.facts["answers"]))
        except Exception as error:  # noqa: BLE001 - answers must not be lost to whatever it is
            reason = whence(error)  # without the message, which would quote an answer
            log.error("response %s could not be scored: %s", run.response_id, reason)  # noqa: TRY400
            return cls(run, definition, None, None)
        return cls(run, definition, valued, scores)

    @property
    def status(self) -> str:
        return "not_scored" if self.scores is None else "scored"

    def row(self, registry_id: str, seq: int) -> dict[str, Any]:
        """Return the row of this run, with the document that registries are given."""
        return {
            "response_id": self.run.response_id,
            "instrument": self.definition.instrument.id,
            "version": self.definition.instrument.version,
            "definition_sha256": self.definition.sha256,
            "scoring_version": scoring.VERSION,
            "value_sets_sha256": self.valued.added_sha256 if self.valued else "",
            "status": self.status,
            "document": self._document(registry_id, seq),
        }

    def _document(self, registry_id: str, seq: int) -> str:
        answers = orjson.dumps(self.run.facts["answers"], option=orjson.OPT_SORT_KEYS)
        document = {
            "cursor": cursor(seq),
            "registry": registry_id,
            "response": self.run.facts,
            "scores": self.scores,
            "provenance": {
                "status": self.status,
                "definition_version": self.definition.instrument.version,
                "definition_sha256": self.definition.sha256,
                "value_sets": self.valued.used if self.valued else {},
                "wording_sha256": self.run.wording_sha256,
                "answers_sha256": catalogue.sha256(answers.decode()),
                "scoring_version": scoring.VERSION,
                "scored_at": utc(now()),
                "supersedes": self.run.supersedes,
            },
        }
        return orjson.dumps(document).decode()


def rescore(
    database: Database, instrument: str, version: str, progress: Callable[[int, int], None]
) -> int:
    """Score every response to an instrument's MAJOR version again; return how many were.

    Appends a run that supersedes the newest one of each response, in batches, and passes over what
    is already scored by this definition, the registry's value sets and this `scoring.VERSION`:
    stopped half way, it goes on where it was. `progress` is called with (done, all). Raises
    NotFound for an unknown version.
    """
    with database.read() as session:
        target = catalogue.get(session, instrument, version)
        registries = select(Registry.id, Registry.value_sets).order_by(Registry.id)
        waiting = [
            (registry, _waiting(session, registry, target, named))
            for registry, named in session.exec(registries)
        ]
    total, done = sum(len(seqs) for _, seqs in waiting), 0
    for registry, seqs in waiting:
        for start in range(0, len(seqs), BATCH):
            batch = seqs[start : start + BATCH]
            with database.write() as session:
                _again(session, registry, batch, target.sha256)
            done += len(batch)
            progress(done, total)
    return done


def _waiting(
    session: Session, registry_id: str, target: catalogue.Published, named: valuation.Named
) -> list[int]:
    """Return the newest run of each response that was scored otherwise than it would be now."""
    newest = (
        select(func.max(ScoringRun.seq))
        .where(ScoringRun.registry_id == registry_id, ScoringRun.instrument == target.instrument.id)
        .group_by(col(ScoringRun.response_id))
    )
    query = select(ScoringRun.seq, ScoringRun.version).where(
        ScoringRun.registry_id == registry_id,
        col(ScoringRun.seq).in_(newest),
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


def _again(session: Session, registry_id: str, seqs: Sequence[int], digest: str) -> None:
    """Score a batch again. The registry's row is locked first: nobody else appends meanwhile."""
    locked = select(Registry.id).where(Registry.id == registry_id).with_for_update()
    session.exec(locked).one()
    runs: list[Run] = []
    for row in session.exec(_still_newest(registry_id, seqs)):
        before = orjson.loads(row.document)
        wording = before["provenance"]["wording_sha256"]
        runs.append(Run(row.response_id, before["response"], wording, digest, cursor(row.seq)))
    if runs:
        append(session, registry_id, runs)
        what = f"{len(runs)} runs to {digest}"
        audit.append(session, registry_id, "cli", "responses.rescored", what)


def _still_newest(registry_id: str, seqs: Sequence[int]) -> SelectOfScalar[ScoringRun]:
    """Leave out what another rescoring has superseded since this one looked."""
    later = aliased(ScoringRun)
    superseded = exists().where(
        col(later.registry_id) == registry_id,
        col(later.response_id) == col(ScoringRun.response_id),
        col(later.seq) > col(ScoringRun.seq),
    )
    query = select(ScoringRun).where(
        ScoringRun.registry_id == registry_id, col(ScoringRun.seq).in_(seqs), ~superseded
    )
    return query.order_by(col(ScoringRun.seq))
