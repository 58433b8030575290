"""What becomes of a response after it was stored: it is amended by another, or withdrawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import or_
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from app import audit, catalogue, given, runs
from app.errors import Conflict, FieldError, NotFound
from app.models import (
    Correction,
    Order,
    QuestionnaireResponse,
    ScoringRun,
    cursor,
    new_id,
    now,
)
from app.runs import Run


class Kept(NamedTuple):
    """A response as it is stored, and what became of it. `facts` are those it was told with."""

    row: QuestionnaireResponse
    facts: Mapping[str, Any]
    correction: Correction | None


@dataclass(frozen=True, slots=True)
class Amendment:
    """What a response should have said, and why."""

    answers: Mapping[str, Any]
    missing: Mapping[str, str]
    reason: str


def get(session: Session, registry_id: str, response_id: UUID) -> Kept:
    """Return a registry's response; raises NotFound for an unknown one and another registry's."""
    row = session.get(QuestionnaireResponse, (registry_id, response_id))
    if row is None:
        raise NotFound(f"There is no response {response_id}.")
    first = session.exec(_runs_of(row).order_by(col(ScoringRun.seq)).limit(1)).one()
    correction = session.get(Correction, (registry_id, response_id))
    return Kept(row, orjson.loads(first.document)["response"], correction)


def by_external_id(session: Session, registry_id: str, external_id: str) -> list[Kept]:
    """Return the responses that a registry knows by an id of its own, or by that of their order."""
    ordered = select(Order.id).where(
        Order.registry_id == registry_id, Order.external_id == external_id
    )
    query = select(QuestionnaireResponse.id).where(
        QuestionnaireResponse.registry_id == registry_id,
        or_(
            col(QuestionnaireResponse.external_id) == external_id,
            col(QuestionnaireResponse.order_id).in_(ordered),
        ),
    )
    ids = session.exec(query.order_by(col(QuestionnaireResponse.id)))
    return [get(session, registry_id, one) for one in ids]


def amend(session: Session, registry_id: str, response_id: UUID, who: str, wish: Amendment) -> Kept:
    """Store a response that takes the place of another, and score it; the other one stays.

    It is of the same case, time point and questions, by the same person at the same time. Raises
    NotFound, Conflict when the response counts no longer, or Refused, naming the items.
    """
    before = _held(session, registry_id, response_id)
    _must_count(before)
    at, old, newest = now(), before.row, _newest(session, before.row)
    asked = catalogue.get(session, old.instrument, old.version)
    answers, missing = given.read(asked, wish.answers, wish.missing, at.date())
    changed = {"id": new_id(), "answers": answers, "missing": missing, "supersedes": old.id}
    row = QuestionnaireResponse(**old.model_dump() | changed | {"sent_sha256": None})
    session.add(row)
    session.flush()
    told = {"answers": answers, "missing": missing, "amends": str(old.id), "reason": wish.reason}
    facts = {**before.facts, "id": str(row.id), **told}
    scored_by, last = newest.definition_sha256, cursor(newest.seq)
    run = Run(row.id, facts, old.wording_sha256, scored_by, last)
    _correct(session, before, run, wish.reason, at, amended_by=row.id)
    audit.append(session, registry_id, who, "response.amended", f"{old.id} by {row.id}")
    return Kept(row, facts, None)


def withdraw(session: Session, registry_id: str, response_id: UUID, who: str, reason: str) -> Kept:
    """Take a response back: it stays, and counts no longer. Twice is as once.

    The feed tells of it in a result without answers and scores. Raises NotFound, or Conflict when
    another response has taken its place.
    """
    before = _held(session, registry_id, response_id)
    if before.correction is not None and before.correction.kind == "withdrawn":
        return before
    _must_count(before)
    newest = _newest(session, before.row)
    nothing: dict[str, Any] = {"answers": {}, "missing": {}}
    wording, last = before.row.wording_sha256, cursor(newest.seq)
    facts = {**before.facts, **nothing, "reason": reason}
    run = Run(response_id, facts, wording, newest.definition_sha256, last, is_withdrawn=True)
    correction = _correct(session, before, run, reason, now())
    audit.append(session, registry_id, who, "response.withdrawn", str(response_id))
    return before._replace(correction=correction)


def _held(session: Session, registry_id: str, response_id: UUID) -> Kept:
    """Return a response while nobody else scores, amends or withdraws it."""
    runs.hold(session, registry_id)
    return get(session, registry_id, response_id)


def _must_count(kept: Kept) -> None:
    match kept.correction:
        case Correction(kind="withdrawn"):
            message = (
                f"{kept.row.id} is withdrawn; import the answers anew, under another external_id"
            )
            raise Conflict(f"The response {message}.", FieldError("response_id", message))
        case Correction(amended_by=other):
            message = f"{kept.row.id} is amended by {other}; send the request for that one"
            raise Conflict(f"The response {message}.", FieldError("response_id", message))


def _correct(
    session: Session,
    before: Kept,
    run: Run,
    reason: str,
    at: datetime,
    amended_by: UUID | None = None,
) -> Correction:
    (seq,) = runs.append(session, before.row.registry_id, [run])
    correction = Correction(
        registry_id=before.row.registry_id,
        response_id=before.row.id,
        kind="amended" if amended_by else "withdrawn",
        amended_by=amended_by,
        reason=reason,
        seq=seq,
        at=at,
    )
    session.add(correction)
    session.flush()
    return correction


def _newest(session: Session, row: QuestionnaireResponse) -> ScoringRun:
    return session.exec(_runs_of(row).order_by(col(ScoringRun.seq).desc()).limit(1)).one()


def _runs_of(row: QuestionnaireResponse) -> SelectOfScalar[ScoringRun]:
    return select(ScoringRun).where(
        ScoringRun.registry_id == row.registry_id, ScoringRun.response_id == row.id
    )
