"""The life of a questionnaire response: its draft is saved, question by question, and sent."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlmodel import Session

from app import answers, audit, catalogue, orders, runs
from app.errors import Conflict, NotAuthentic, Refused
from app.given import as_kept
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
from scoring.instrument import Page
from scoring.item import AnyItem

Given = dict[str, dict[str, dict[str, Any]]]
"""A draft's content: {instrument: {"answers", "missing", "at"}}, each by item.

`answers` holds values, `missing` reasons, `at` when each was given, in milliseconds since 1970.
"""

NOTHING: dict[str, dict[str, Any]] = {"answers": {}, "missing": {}, "at": {}}

Kept = Any
"""A row of the named columns that a statement asked for."""

RESPONDENTS = ("self", "helped", "proxy")
RELATIONS = ("partner", "parent", "child", "family", "friend", "health_worker", "other")
"""Who may answer: the patient, the patient with somebody's help, somebody else (and who)."""


class Unfinished(Conflict):
    """Something is neither answered nor skipped; `where` is the first of it on the way."""

    def __init__(self, where: str) -> None:
        super().__init__(f"{where} is neither answered nor skipped.")
        self.where = where


class Saved(NamedTuple):
    """What came of saving: an answer given later elsewhere is kept; others are at it too."""

    kept: bool
    elsewhere: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One question of an order's way: an item, its page, and the wording that it is asked in.

    `number` is its place on the whole way, from 1, whatever is left out.
    """

    number: int
    definition: catalogue.Published
    wording: Wording
    page: Page
    item: AnyItem

    @property
    def codes(self) -> tuple[int, ...]:
        """The codes on offer, in their order."""
        return self.definition.instrument.codes(self.item)

    @property
    def is_question(self) -> bool:
        """Whether there is anything to answer."""
        return self.item.id in self.definition.questions


def steps(session: Session, order: Order, asked: Asked | None = None) -> list[Step]:
    """Return all that an order asks, one thing after another, numbered from 1.

    `asked` is what is asked when that is in other words than those ordered.
    """
    way: list[Step] = []
    for one in asked or order.instruments:
        definition = catalogue.definition(session, one["definition_sha256"])
        wording = catalogue.wording_of(session, one["wording_sha256"])
        way += steps_of(definition, wording, len(way) + 1)
    return way


def steps_of(definition: catalogue.Published, wording: Wording, first: int = 1) -> list[Step]:
    """Return all that a questionnaire asks, in some wording, numbered from `first`."""
    pages = [page for page in definition.instrument.pages for _ in page.items]
    return [
        Step(number, definition, wording, page, item)
        for number, (page, item) in enumerate(zip(pages, definition.way, strict=True), first)
    ]


def shown(way: Sequence[Step], given: Given) -> list[Step]:
    """Return what is asked, now that these answers are given."""
    if not any(step.definition.is_conditional for step in way):
        return list(way)
    out = {
        (step.definition.instrument.id, name)
        for step in {step.definition.sha256: step for step in way}.values()
        for name in answers.left_out(step.definition.way, _part(given, step)["answers"])
    }
    return [step for step in way if (step.definition.instrument.id, step.item.id) not in out]


def draft(session: Session, order: Order) -> Draft | None:
    """Return what is saved so far; None before the patient has begun."""
    return session.get(Draft, (order.registry_id, order.id))


def _part(given: Given, step: Step) -> dict[str, dict[str, Any]]:
    return NOTHING | given.get(step.definition.instrument.id, {})


def answer_to(given: Given, step: Step) -> Any:
    """Return the value that was given to a question; None if it was skipped or not reached."""
    return _part(given, step)["answers"].get(step.item.id)


def is_done(given: Given, step: Step) -> bool:
    """Say whether a question is answered or skipped; a statement always is."""
    part, name = _part(given, step), step.item.id
    return not step.is_question or name in part["answers"] or name in part["missing"]


def save(
    session: Session,
    order: Order,
    step: Step,
    value: answers.Value | None,
    *,
    device: str | None = None,
    age: float = 0,
) -> Saved:
    """Keep one answer, or that the question was skipped (None); the order must be held.

    `age` is how many seconds ago it was given, on which `device`. Raises Refused, naming the item,
    for a value that is not an answer to it.
    """
    at = now()
    if value is not None:
        answers.check(step.definition.instrument, step.item, value, at.date())
    row, name = session.get_one(Draft, (order.registry_id, order.id)), step.item.id
    elsewhere = row.device is not None and row.device != device
    given_at = int((at.timestamp() - age) * 1000)
    part = {kind: dict(of) for kind, of in _part(row.content, step).items()}
    if elsewhere and part["at"].get(name, 0) > given_at:
        return Saved(kept=False, elsewhere=True)
    part["answers"].pop(name, None)
    part["missing"].pop(name, None)
    where, what = ("missing", "skipped") if value is None else ("answers", value)
    part[where][name], part["at"][name] = what, given_at
    row.content = row.content | {step.definition.instrument.id: part}
    row.device, row.updated_at = device, at
    session.flush()
    return Saved(kept=True, elsewhere=elsewhere)


def say_who(session: Session, order: Order, respondent: str, relation: str | None) -> None:
    """Keep who answers; the order must be held. Raises Refused for words that are not known."""
    check_who(respondent, relation)
    row = session.get_one(Draft, (order.registry_id, order.id))
    row.respondent, row.relation, row.updated_at = respondent, relation, now()
    session.flush()


def check_who(respondent: str, relation: str | None) -> None:
    """See that it is said who answered, and of a proxy who that is; raises Refused."""
    if respondent not in RESPONDENTS:
        raise Refused("respondent", f"choose one of {', '.join(RESPONDENTS)}")
    if respondent == "proxy" and relation not in RELATIONS:
        raise Refused("relation", f"choose one of {', '.join(RELATIONS)}")
    if respondent != "proxy" and relation is not None:
        raise Refused("relation", "goes with the respondent proxy; leave it out")


def who_answered(respondent: str, relation: str | None) -> dict[str, Any]:
    """Return how it is stored who answered."""
    return {
        "respondent": "proxy" if respondent == "proxy" else "self",
        "helped": respondent == "helped",
        "relation": relation,
    }


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
    taken = connection.execute(_TAKE_DRAFT, mine).one()
    asked = asked or claimed.instruments
    responses = list(_responses(session, claimed, asked, taken, at))
    connection.execute(_INSERT, responses)
    audit.append(session, registry_id, "patient", "order.completed", str(order_id))
    digests = [one["definition_sha256"] for one in asked]
    made = [
        Run(one["id"], facts(claimed, one), one["wording_sha256"], digest)
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
    .values(
        status="completed",
        completed_at=bindparam("at"),
        receipt=bindparam("number"),
        place=None,
        due=bindparam("at"),
    )
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
    .returning(_draft.content, _draft.respondent, _draft.relation)
)
_INSERT = insert(table(QuestionnaireResponse))
"""The statements of a submit, built once: building one costs more than running it."""


def _responses(
    session: Session, order: Kept, asked: Asked, taken: Kept, at: datetime
) -> Iterator[dict[str, Any]]:
    passed = 0
    for one in asked:
        definition = catalogue.definition(session, one["definition_sha256"])
        part = taken.content.get(one["instrument"], NOTHING)
        given, missing = _finished(definition, part, passed)
        passed += len(definition.way)
        yield {
            "registry_id": order.registry_id,
            "id": new_id(),
            "order_id": order.id,
            "case_id": order.case_id,
            "instrument": one["instrument"],
            "version": one["version"],
            "wording_sha256": one["wording_sha256"],
            "language": one.get("language", order.language),
            "answers": given,
            "missing": missing,
            "mode": "web",
            **who_answered(taken.respondent, taken.relation),
            "started_at": order.started_at,
            "submitted_at": at,
        }
    if taken.respondent is None:
        raise Unfinished("who")


def _finished(
    definition: catalogue.Published, part: Mapping[str, Any], passed: int
) -> tuple[Any, Any]:
    """Return the answers and the reasons of one questionnaire.

    What is left out because of other answers is not shown, whatever was answered to it before.
    Raises Unfinished, with the place of the first question that is neither answered nor skipped.
    """
    given, missing = as_kept(definition, part["answers"], part["missing"])
    for place, item in enumerate(definition.way, passed + 1):
        if item.id not in given and item.id not in missing and item.id in definition.questions:
            raise Unfinished(str(place))
    return given, missing


def facts(asked: Kept, response: Mapping[str, Any]) -> dict[str, Any]:
    """Return the `response` part of a result document.

    `asked` tells of what, as an order does: external_id, case_id, unit_id, time_point, index_date.
    """
    return {
        "id": str(response["id"]),
        "order": str(response["order_id"]) if response["order_id"] else None,
        "external_id": asked.external_id,
        "case": asked.case_id,
        "unit": asked.unit_id,
        "time_point": asked.time_point,
        "index_date": asked.index_date.isoformat() if asked.index_date else None,
        "instrument": response["instrument"],
        "version": response["version"],
        "language": response["language"],
        "mode": response["mode"],
        "respondent": response["respondent"],
        "helped": response["helped"],
        "relation": response["relation"],
        "started_at": utc(response["started_at"]),
        "submitted_at": utc(response["submitted_at"]),
        "answers": response["answers"],
        "missing": response["missing"],
        "amends": None,
        "reason": None,
    }
