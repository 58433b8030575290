"""What the tests of the patient's pages have in common: a visit, and a look behind it."""

from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import update
from sqlmodel import col
from starlette.testclient import TestClient

from app import orders, responses
from app.db import Database
from app.models import Order, now
from app.security import Visit
from tests.walk import PageReader, submit, visit

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


def csrf(client: TestClient) -> dict[str, str]:
    """Return the hidden field of the page that is open."""
    form = visit(client, "/form/").form
    assert form is not None
    return form.hidden
