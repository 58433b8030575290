"""What the tests of the patient's pages have in common: a visit, and a look behind it."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import update
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from app import orders, responses, security
from app.db import Database
from app.models import Correction, Order, QuestionnaireResponse, Registry, ScoringRun, new_id, now
from app.security import Visit
from app.settings import Settings
from tests.flow import answer
from tests.walk import PageReader, submit, visit, walk

OSLO = ZoneInfo("Europe/Oslo")
ALL_OF_RAND_12 = {
    "rand_1": 2,
    "rand_2a": 3,
    "rand_2b": 2,
    "rand_3a": 1,
    "rand_3b": 2,
    "rand_4a": 2,
    "rand_4b": 2,
    "rand_5": 1,
    "rand_6a": 3,
    "rand_6b": 4,
    "rand_6c": 5,
    "rand_7": 5,
}


def order_in(database: Database, order_id: UUID) -> Order:
    with database.read() as session:
        return orders.get(session, "hips", order_id)


def draft_in(database: Database, order_id: UUID) -> Any:
    """Return the answers and what is missing of a draft, without when they were given."""
    with database.read() as session:
        row = responses.draft(session, orders.get(session, "hips", order_id))
    content = row.content if row else {}
    return {
        name: {kind: part[kind] for kind in ("answers", "missing")}
        for name, part in content.items()
    }


def change(database: Database, order_id: UUID, **values: Any) -> None:
    """Change an order behind the service's back, as time or a registry does."""
    with database.write() as session:
        session.connection().execute(update(Order).where(col(Order.id) == order_id).values(values))


def a_visit() -> Visit:
    """A visit to an order that never was."""
    return Visit("hips", uuid4(), "a-link", "a-device", shared=False, began=int(now().timestamp()))


def begin(client: TestClient, link: str) -> PageReader:
    return submit(client, visit(client, link), {})


def come_to_send(client: TestClient, order_id: UUID, link: str, **answers: Any) -> str:
    """Answer every question behind the pages, open the link, look over and send; the receipt."""
    app: Any = client.app
    answer(app.state.database, order_id, **answers)
    return walk(client, link, {})


def csrf(client: TestClient) -> dict[str, str]:
    """Return the hidden field of the page that is open."""
    form = visit(client, "/form/").form
    assert form is not None
    return form.hidden


def change_registry(database: Database, registry_id: str, **values: Any) -> None:
    """Change a registry behind the service's back, as an operator does."""
    with database.write() as session:
        statement = update(Registry).where(col(Registry.id) == registry_id).values(values)
        assert session.connection().execute(statement).rowcount == 1


def come_as(client: TestClient, settings: Settings, order: Order, **changed: Any) -> None:
    """Come with the cookie of a visit that began before the order was sent."""
    known = replace(Visit.of(order), began=int(order.ordered_at.timestamp()))
    cookie = security.sign_visit(settings, replace(known, **changed))
    client.cookies.set(security.VISIT, cookie, domain="127.0.0.1", path="/")


def supersede(database: Database, order_id: UUID, **values: Any) -> None:
    """Store a response that supersedes an order's only one, with the same result."""
    with database.write() as session:
        of_order = QuestionnaireResponse.order_id == order_id
        first = session.exec(select(QuestionnaireResponse).where(of_order)).one()
        later = {"id": new_id(), "supersedes": first.id} | values
        session.add(QuestionnaireResponse(**first.model_dump() | later))
        session.flush()
        of_response = ScoringRun.response_id == first.id
        run = session.exec(select(ScoringRun).where(of_response)).one()
        later_run = _run_of(session, later["id"])
        session.add(ScoringRun(**run.model_dump() | later_run))
        correction: dict[str, Any] = {
            "registry_id": "hips",
            "response_id": first.id,
            "kind": "amended",
            "amended_by": later["id"],
            "reason": "typed in wrongly",
            "seq": later_run["seq"],
            "at": now(),
        }
        session.add(Correction(**correction))


def score_again(database: Database, order_id: UUID, scores: dict[str, float] | None) -> None:
    """Store a newer run of an order's only response, whose scores are these; None: not scored."""
    with database.write() as session:
        response = select(QuestionnaireResponse.id).where(
            QuestionnaireResponse.order_id == order_id
        )
        of_response = col(ScoringRun.response_id).in_(response)
        run = session.exec(select(ScoringRun).where(of_response)).one()
        document = orjson.loads(run.document)
        changed = {name: {"value": value} for name, value in (scores or {}).items()}
        document["scores"] = None if scores is None else document["scores"] | changed
        later = _run_of(session, run.response_id) | {"document": orjson.dumps(document).decode()}
        session.add(ScoringRun(**run.model_dump() | later))


def _run_of(session: Session, response_id: UUID) -> dict[str, Any]:
    registry = session.get_one(Registry, "hips")
    registry.next_seq += 1
    return {"response_id": response_id, "seq": registry.next_seq - 1}
