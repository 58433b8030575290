"""The life of a questionnaire response: its draft is saved, question by question, and sent."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlmodel import Session

from app import audit, catalogue, orders, runs
from app.errors import Conflict, NotAuthentic, Refused
from app.models import (
    Draft,
    Order,
    PatientCase,
    QuestionnaireResponse,
    new_id,
    now,
    table,
)
from app.orders import Asked
from app.runs import Run, utc
from app.security import Visit, new_receipt
from scoring import Wording
from scoring.instrument import Choice, EqVas, Page

Given = dict[str, dict[str, dict[str, Any]]]
"""A draft's content: {instrument: {"answers": {item: code}, "missing": {item: reason}}}."""

Kept = Any
"""A row of the named columns that a statement asked for."""


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


def steps(session: Session, order: Order, asked: Asked | None = None) -> list[Step]:
    """Return every question of an order, one after another, numbered from 1.

    `asked` is what is asked when that is in other words than those ordered.
    """
    way: list[Step] = []
    for one in asked or order.instruments:
        definition = catalogue.definition(session, one["definition_sha256"])
        wording = catalogue.wording_of(session, one["wording_sha256"])
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


def submit(session: Session, visit: Visit, asked: Asked | None = None) -> str:
    """Send the draft: store its responses, score them, close the order; return the receipt number.

    `asked` is what the patient was asked when it was in other words than those ordered.
    One transaction: all of it is durable when the caller's transaction has committed, or none.
    Sent before: the same receipt, and nothing twice. Raises NotFound, Closed, Unfinished, or
    NotAuthentic when the visit's link has been replaced.
    """
    at, connection = now(), session.connection()
    registry_id, order_id = visit.registry_id, visit.order_id
    mine = {"registry": registry_id, "of": order_id}
    claimed = _claim(connection, mine, at)
    if claimed is None:
        return orders.receipt_or_closed(session, registry_id, order_id)
    if not visit.is_by_the_link_of(claimed):
        raise NotAuthentic("The link of this visit has been replaced.")
    given: Given = connection.execute(_TAKE_DRAFT, mine).scalar_one()
    asked = asked or claimed.instruments
    responses = list(_responses(session, claimed, asked, given, at))
    connection.execute(_INSERT, responses)
    audit.append(session, registry_id, "patient", "order.completed", str(order_id))
    digests = [one["definition_sha256"] for one in asked]
    made = [
        Run(one["id"], _facts(claimed, one), one["wording_sha256"], digest)
        for one, digest in zip(responses, digests, strict=True)
    ]
    runs.append(session, registry_id, made)
    return str(claimed.receipt)


def _claim(connection: Connection, mine: dict[str, Any], at: datetime) -> Kept | None:
    """Complete the order if it takes answers now: only one of several senders gets it."""
    return connection.execute(_CLAIM, {**mine, "at": at, "number": new_receipt()}).first()


_order, _draft, _case = table(Order).c, table(Draft).c, table(PatientCase).c

_ITS_CASE = (_case.registry_id == _order.registry_id, _case.id == _order.case_id)

_CLAIM = (
    update(table(Order))
    .where(
        _order.registry_id == bindparam("registry"),
        _order.id == bindparam("of"),
        _order.status == "started",
        _order.closes > bindparam("at"),
    )
    .values(status="completed", completed_at=bindparam("at"), receipt=bindparam("number"))
    .returning(
        _order.registry_id,
        _order.id,
        _order.case_id,
        _order.external_id,
        _order.time_point,
        _order.instruments,
        _order.language,
        _order.started_at,
        _order.receipt,
        _order.link_hash,
        select(_case.unit_id).where(*_ITS_CASE).scalar_subquery().label("unit_id"),
        select(_case.index_date).where(*_ITS_CASE).scalar_subquery().label("index_date"),
    )
)
_TAKE_DRAFT = (
    delete(table(Draft))
    .where(_draft.registry_id == bindparam("registry"), _draft.order_id == bindparam("of"))
    .returning(_draft.content)
)
_INSERT = insert(table(QuestionnaireResponse))
"""The statements of a submit, built once: building one costs more than running it."""


def _responses(
    session: Session, order: Kept, asked: Asked, given: Given, at: datetime
) -> Iterator[dict[str, Any]]:
    passed = 0
    for what in asked:
        definition = catalogue.definition(session, what["definition_sha256"])
        one = given.get(what["instrument"], {"answers": {}, "missing": {}})
        names = definition.asked
        for number, name in enumerate(names, passed + 1):
            if name not in one["answers"] and name not in one["missing"]:
                raise Unfinished(number)
        passed += len(names)
        answers, missing = _apart(definition, one)
        yield {
            "registry_id": order.registry_id,
            "id": new_id(),
            "order_id": order.id,
            "instrument": what["instrument"],
            "version": what["version"],
            "wording_sha256": what["wording_sha256"],
            "language": what.get("language", order.language),
            "answers": answers,
            "missing": missing,
            "mode": "web",
            "respondent": "self",
            "started_at": order.started_at,
            "submitted_at": at,
        }


def _apart(definition: catalogue.Published, one: dict[str, dict[str, Any]]) -> tuple[Any, Any]:
    """Set what the patient found not applicable apart: no answer, and yet not left unanswered."""
    answers, missing = one["answers"], one["missing"]
    aside = [name for name, codes in definition.not_applicable if answers.get(name) in codes]
    if not aside:
        return answers, missing
    kept = {name: code for name, code in answers.items() if name not in aside}
    return kept, missing | dict.fromkeys(aside, "not_applicable")


def _facts(order: Kept, response: Mapping[str, Any]) -> dict[str, Any]:
    """Return the `response` part of a result document."""
    return {
        "id": str(response["id"]),
        "order": str(order.id),
        "external_id": order.external_id,
        "case": order.case_id,
        "unit": order.unit_id,
        "time_point": order.time_point,
        "index_date": order.index_date.isoformat() if order.index_date else None,
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
