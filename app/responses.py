"""The life of a questionnaire response: save a draft, send it, score it, score it again."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import delete, func, insert, or_, update
from sqlmodel import Session, col, select

import scoring
from app import audit, catalogue, orders
from app.db import Database
from app.errors import Conflict, Refused
from app.models import (
    Draft,
    Order,
    PatientCase,
    QuestionnaireResponse,
    Registry,
    ScoringRun,
    cursor,
    new_id,
    now,
)
from app.security import new_receipt
from scoring import Wording
from scoring.instrument import Choice, EqVas, Page

log = logging.getLogger("svar.responses")

Given = dict[str, dict[str, dict[str, Any]]]
"""A draft's content: {instrument: {"answers": {item: code}, "missing": {item: reason}}}."""

Kept = Any
"""A row of the named columns that a statement asked for."""

BATCH = 200


class Unfinished(Conflict):
    """Some questions are neither answered nor skipped; `step` is the first of them."""

    def __init__(self, step: int) -> None:
        super().__init__(f"Question {step} is neither answered nor skipped.")
        self.step = step


@dataclass(frozen=True, slots=True)
class Step:
    """One question of an order's way: an item, its page, and the wording that it is asked in."""

    number: int
    definition: catalogue.Published
    wording: Wording
    page: Page
    item: Choice | EqVas

    @property
    def codes(self) -> tuple[int, ...]:
        """The codes on offer, in their order."""
        return self.definition.instrument.codes(self.item)


def steps(session: Session, order: Order) -> list[Step]:
    """Return every question of an order, one after another, numbered from 1."""
    way: list[Step] = []
    for asked in order.instruments:
        definition = catalogue.definition(session, asked["definition_sha256"])
        wording = catalogue.wording_of(session, asked["wording_sha256"])
        for page in definition.instrument.pages:
            for name in page.items:
                item = definition.instrument.item(name)
                way.append(Step(len(way) + 1, definition, wording, page, item))
    return way


def draft(session: Session, order: Order) -> Given:
    """Return the answers so far; empty before the first."""
    row = session.get(Draft, (order.registry_id, order.id))
    return row.content if row else {}


def answer_to(given: Given, step: Step) -> int | None:
    """Return the code that was given to a question; None if it was skipped or not reached."""
    answers = given.get(step.definition.instrument.id, {}).get("answers", {})
    code: int | None = answers.get(step.item.id)
    return code


def is_done(given: Given, step: Step) -> bool:
    """Say whether a question is answered or skipped."""
    one = given.get(step.definition.instrument.id, {})
    return any(step.item.id in one.get(part, {}) for part in ("answers", "missing"))


def save(session: Session, order: Order, step: Step, code: int | None) -> None:
    """Keep one answer, or that the question was skipped (None); the order must be held.

    Raises Refused, naming the item, for a code that is not on offer.
    """
    name = step.item.id
    if code is not None and code not in step.codes:
        raise Refused(name, f"{code} is not one of its answers")
    given = draft(session, order)
    one = given.get(step.definition.instrument.id, {})
    answers, missing = dict(one.get("answers", {})), dict(one.get("missing", {}))
    answers.pop(name, None)
    missing.pop(name, None)
    if code is None:
        missing[name] = "skipped"
    else:
        answers[name] = code
    content = given | {step.definition.instrument.id: {"answers": answers, "missing": missing}}
    key = (col(Draft.registry_id) == order.registry_id, col(Draft.order_id) == order.id)
    values = {"content": content, "updated_at": now()}
    session.connection().execute(update(Draft).where(*key).values(**values))


def submit(session: Session, registry_id: str, order_id: UUID) -> str:
    """Send the draft: store its responses, score them, close the order; return the receipt number.

    One transaction: all of it is durable when the caller's transaction has committed, or none.
    Sent before: the same receipt, and nothing twice. Raises NotFound, Closed, or Unfinished.
    """
    at = now()
    claimed = _claim(session, registry_id, order_id, at)
    if claimed is None:
        return orders.receipt_or_closed(session, registry_id, order_id)
    responses = list(_responses(session, claimed, _take_draft(session, claimed), at))
    connection = session.connection()
    connection.execute(insert(QuestionnaireResponse), responses)
    audit.append(session, registry_id, "patient", "order.completed", str(order_id))
    case = _case(session, claimed)
    runs = [_Run(one["id"], _facts(claimed, case, one), one["wording_sha256"]) for one in responses]
    definitions = {a["instrument"]: a["definition_sha256"] for a in claimed.instruments}
    _append(session, registry_id, [(run, definitions[run.instrument]) for run in runs])
    return str(claimed.receipt)


def _claim(session: Session, registry_id: str, order_id: UUID, at: datetime) -> Kept | None:
    """Complete the order if it takes answers now: only one of several senders gets it."""
    mine = (
        col(Order.registry_id) == registry_id,
        col(Order.id) == order_id,
        col(Order.status) == "started",
        col(Order.closes) > at,
    )
    values = {"status": "completed", "completed_at": at, "receipt": new_receipt()}
    statement = update(Order).where(*mine).values(**values).returning(*_CLAIMED)
    return session.connection().execute(statement).first()


_CLAIMED = (
    col(Order.registry_id),
    col(Order.id),
    col(Order.case_id),
    col(Order.time_point),
    col(Order.instruments),
    col(Order.language),
    col(Order.started_at),
    col(Order.receipt),
)


def _take_draft(session: Session, order: Kept) -> Given:
    mine = (col(Draft.registry_id) == order.registry_id, col(Draft.order_id) == order.id)
    statement = delete(Draft).where(*mine).returning(col(Draft.content))
    content: Given = session.connection().execute(statement).scalar_one()
    return content


def _responses(
    session: Session, order: Kept, given: Given, at: datetime
) -> Iterator[dict[str, Any]]:
    passed = 0
    for asked in order.instruments:
        definition = catalogue.definition(session, asked["definition_sha256"])
        one = given.get(asked["instrument"], {"answers": {}, "missing": {}})
        for number, name in enumerate(definition.asked, passed + 1):
            if name not in one["answers"] and name not in one["missing"]:
                raise Unfinished(number)
        passed += len(definition.asked)
        yield {
            "registry_id": order.registry_id,
            "id": new_id(),
            "order_id": order.id,
            "instrument": asked["instrument"],
            "version": asked["version"],
            "wording_sha256": asked["wording_sha256"],
            "language": order.language,
            "answers": one["answers"],
            "missing": one["missing"],
            "mode": "web",
            "respondent": "self",
            "started_at": order.started_at,
            "submitted_at": at,
        }


def _case(session: Session, order: Kept) -> Kept:
    mine = (
        col(PatientCase.registry_id) == order.registry_id,
        col(PatientCase.id) == order.case_id,
    )
    query = select(col(PatientCase.unit_id), col(PatientCase.index_date)).where(*mine)
    return session.connection().execute(query).one()


@dataclass(frozen=True, slots=True)
class _Run:
    """One scoring to be made: of which response, and what the result document says of it."""

    response_id: UUID
    facts: Mapping[str, Any]
    wording_sha256: str
    supersedes: str | None = None

    @property
    def instrument(self) -> str:
        return str(self.facts["instrument"])


def _facts(order: Kept, case: Kept, response: Mapping[str, Any]) -> dict[str, Any]:
    """Return the `response` part of a result document."""
    return {
        "id": str(response["id"]),
        "order": str(order.id),
        "case": order.case_id,
        "unit": case.unit_id,
        "time_point": order.time_point,
        "index_date": case.index_date.isoformat() if case.index_date else None,
        "instrument": response["instrument"],
        "version": response["version"],
        "language": response["language"],
        "mode": response["mode"],
        "respondent": response["respondent"],
        "started_at": _utc(response["started_at"]),
        "submitted_at": _utc(response["submitted_at"]),
        "answers": response["answers"],
        "missing": response["missing"],
    }


def _utc(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _append(session: Session, registry_id: str, runs: Sequence[tuple[_Run, str]]) -> None:
    """Score, and append the results to the registry's feed.

    The numbers come from the registry's row, whose lock is held until the transaction commits: a
    later number never becomes visible before an earlier one. So this is the last thing to do.
    """
    made = [_Made.of(session, run, digest) for run, digest in runs]
    statement = update(Registry).where(col(Registry.id) == registry_id)
    taken = statement.values(next_seq=col(Registry.next_seq) + len(made))
    after = session.connection().execute(taken.returning(col(Registry.next_seq))).scalar_one()
    rows = [
        {"registry_id": registry_id, "seq": seq} | one.row(registry_id, seq)
        for seq, one in enumerate(made, after - len(made))
    ]
    session.connection().execute(insert(ScoringRun), rows)


@dataclass(frozen=True, slots=True)
class _Made:
    """A scoring that has been made and has no number yet."""

    run: _Run
    definition: catalogue.Published
    scores: Mapping[str, Any] | None

    @classmethod
    def of(cls, session: Session, run: _Run, digest: str) -> "_Made":
        """Score one response. A failure keeps the answers and says `not_scored`."""
        definition = catalogue.definition(session, digest)
        try:
            scores = definition.scorer.score_one(run.facts["answers"])
        except Exception:  # whatever it is, the patient's answers must not be lost to it
            log.exception("response %s could not be scored", run.response_id)
            return cls(run, definition, None)
        return cls(run, definition, scores)

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
                "wording_sha256": self.run.wording_sha256,
                "answers_sha256": catalogue.sha256(answers.decode()),
                "scoring_version": scoring.VERSION,
                "scored_at": _utc(now()),
                "supersedes": self.run.supersedes,
            },
        }
        return orjson.dumps(document).decode()


def rescore(
    database: Database, instrument: str, version: str, progress: Callable[[int, int], None]
) -> int:
    """Score every response to an instrument's MAJOR version again; return how many were.

    Appends a run that supersedes the newest one of each response, in batches, and passes over what
    is already scored by this definition and this `scoring.VERSION`: stopped half way, it goes on
    where it was. `progress` is called with (done, all). Raises NotFound for an unknown version.
    """
    with database.read() as session:
        target = catalogue.get(session, instrument, version)
        waiting = [
            (registry, _waiting(session, registry, target))
            for registry in session.exec(select(Registry.id).order_by(Registry.id))
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


def _waiting(session: Session, registry_id: str, target: catalogue.Published) -> list[int]:
    """Return the newest run of each response that another definition or version has scored."""
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
            col(ScoringRun.status) == "not_scored",
        ),
    )
    major = target.instrument.version.split(".")[0]
    rows = session.exec(query.order_by(col(ScoringRun.seq)))
    return [seq for seq, version in rows if version.split(".")[0] == major]


def _again(session: Session, registry_id: str, seqs: Sequence[int], digest: str) -> None:
    query = select(ScoringRun).where(
        ScoringRun.registry_id == registry_id, col(ScoringRun.seq).in_(seqs)
    )
    runs = []
    for row in session.exec(query.order_by(col(ScoringRun.seq))):
        before = orjson.loads(row.document)
        wording = before["provenance"]["wording_sha256"]
        run = _Run(row.response_id, before["response"], wording, cursor(row.seq))
        runs.append((run, digest))
    _append(session, registry_id, runs)
    audit.append(session, registry_id, "cli", "responses.rescored", f"{len(runs)} runs to {digest}")
