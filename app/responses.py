"""The life of a questionnaire response: save a draft, send it, score it, score it again."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, update
from sqlmodel import Session, col, select

from app import audit, catalogue, orders, runs
from app.errors import Conflict, Refused
from app.models import (
    Draft,
    Order,
    PatientCase,
    QuestionnaireResponse,
    new_id,
    now,
)
from app.runs import Run, utc
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
    row = session.get_one(Draft, (order.registry_id, order.id))
    one = row.content.get(step.definition.instrument.id, {})
    answers, missing = dict(one.get("answers", {})), dict(one.get("missing", {}))
    answers.pop(name, None)
    missing.pop(name, None)
    if code is None:
        missing[name] = "skipped"
    else:
        answers[name] = code
    kept = {step.definition.instrument.id: {"answers": answers, "missing": missing}}
    row.content, row.updated_at = row.content | kept, now()
    session.flush()


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
    digests = [asked["definition_sha256"] for asked in claimed.instruments]
    made = [
        Run(one["id"], _facts(claimed, case, one), one["wording_sha256"], digest)
        for one, digest in zip(responses, digests, strict=True)
    ]
    runs.append(session, registry_id, made)
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
        "started_at": utc(response["started_at"]),
        "submitted_at": utc(response["submitted_at"]),
        "answers": response["answers"],
        "missing": response["missing"],
    }
