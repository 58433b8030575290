"""GET /api/v1/orders/{id}: a registry looks up an order."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import update
from sqlmodel import col

from app.db import Database
from app.models import Order, now
from tests.conftest import Party
from tests.flow import answer, answer_and_send, nothing_stored, refusal

ORDERS = "/api/v1/orders"


def test_an_order_is_told_as_it_was_made_but_for_its_link(hips: Party) -> None:
    order = hips.order(external_id="x1")
    found = hips.get(f"{ORDERS}/{order['id']}")
    assert found.status_code == 200
    assert found.json() == order | {"link": None}


def test_an_order_that_was_begun_says_so(hips: Party, database: Database) -> None:
    order = hips.order()
    answer(database, order["id"])
    found = hips.get(f"{ORDERS}/{order['id']}").json()
    assert found["status"] == "started"
    assert found["started_at"].endswith("Z")
    assert found["completed_at"] is found["receipt"] is None


def test_an_order_that_was_sent_has_its_receipt(hips: Party, database: Database) -> None:
    order = hips.order()
    receipt = answer_and_send(database, order["id"])
    found = hips.get(f"{ORDERS}/{order['id']}").json()
    assert (found["status"], found["receipt"]) == ("completed", receipt)
    assert found["completed_at"].endswith("Z")


def test_an_order_whose_window_has_closed_has_expired(hips: Party, database: Database) -> None:
    order = hips.order()
    with database.write() as session:
        past = {"opens": now() - timedelta(days=2), "closes": now() - timedelta(days=1)}
        session.connection().execute(update(Order).where(col(Order.id).is_not(None)).values(**past))
    assert hips.get(f"{ORDERS}/{order['id']}").json()["status"] == "expired"


def test_another_registrys_order_looks_exactly_as_one_that_is_not(
    hips: Party, knees: Party
) -> None:
    foreign, unknown = hips.order()["id"], str(uuid4())
    there, not_there = (knees.get(f"{ORDERS}/{id_}") for id_ in (foreign, unknown))
    refusal(there, 404)
    assert there.text.replace(foreign, "") == not_there.text.replace(unknown, "")
    for one in (there, not_there):
        del one.headers["ratelimit"]  # how many requests are left at that moment
    assert there.headers == not_there.headers


@pytest.mark.parametrize("name", ["x", "1", "%00", "%F0%9F%98%80", "0" * 33, "a" * 5000])
def test_what_is_no_id_is_refused(hips: Party, name: str) -> None:
    assert refusal(hips.get(f"{ORDERS}/{name}"), 422) == ["order_id"]


def test_looking_stores_nothing(hips: Party, database: Database) -> None:
    order = hips.order()
    with nothing_stored(database):
        hips.get(f"{ORDERS}/{order['id']}")


def test_a_stranger_sees_nothing(hips: Party, stranger: Party) -> None:
    refusal(stranger.get(f"{ORDERS}/{hips.order()['id']}"), 401)
