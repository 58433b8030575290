"""POST /api/v1/orders/{id}/cancel: a registry takes an order back."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import update
from sqlmodel import col, select
from starlette.testclient import TestClient

from app.db import Database
from app.models import AuditEvent, Draft, Order, now
from tests.conftest import Party, path_of
from tests.flow import answer, answer_and_send, nothing_stored, refusal


def cancel_path(order_id: object) -> str:
    return f"/api/v1/orders/{order_id}/cancel"


def test_an_open_order_is_cancelled_with_its_reason(hips: Party) -> None:
    order = hips.order()
    answered = hips.post(cancel_path(order["id"]), json={"reason": "operated elsewhere"})
    assert answered.status_code == 200
    assert answered.json()["status"] == "cancelled"
    assert answered.json()["cancel_reason"] == "operated elsewhere"
    assert answered.json()["cancelled_at"].endswith("Z")
    assert answered.json() == hips.get(f"/api/v1/orders/{order['id']}").json()


@pytest.mark.parametrize("more", [{}, {"json": {}}, {"json": None}])
def test_a_reason_may_be_left_out(hips: Party, more: dict[str, object]) -> None:
    answered = hips.post(cancel_path(hips.order()["id"]), **more)
    assert answered.json()["cancel_reason"] == "cancelled by the registry"


def test_an_order_that_was_begun_is_cancelled_and_its_draft_dropped(
    hips: Party, database: Database
) -> None:
    order = hips.order()
    answer(database, order["id"])
    assert hips.post(cancel_path(order["id"])).json()["status"] == "cancelled"
    with database.read() as session:
        assert session.exec(select(Draft)).first() is None


def test_cancelling_twice_changes_nothing(hips: Party, database: Database) -> None:
    order = hips.order()
    first = hips.post(cancel_path(order["id"]), json={"reason": "one"})
    with nothing_stored(database):
        second = hips.post(cancel_path(order["id"]), json={"reason": "two"})
    assert (second.status_code, second.json()) == (200, first.json())


def test_an_order_that_was_sent_is_not_cancelled(hips: Party, database: Database) -> None:
    order = hips.order()
    answer_and_send(database, order["id"])
    with nothing_stored(database):
        answered = hips.post(cancel_path(order["id"]))
    refusal(answered, 409)
    assert answered.json()["detail"] == "The order is completed."
    assert len(hips.results()) == 1


def test_an_order_that_has_expired_is_not_cancelled(hips: Party, database: Database) -> None:
    order = hips.order()
    with database.write() as session:
        past = {"opens": now() - timedelta(days=2), "closes": now() - timedelta(days=1)}
        session.connection().execute(update(Order).where(col(Order.id).is_not(None)).values(**past))
    answered = hips.post(cancel_path(order["id"]))
    refusal(answered, 409)
    assert answered.json()["detail"] == "The order is expired."


def test_the_patient_is_told_that_the_order_is_cancelled(hips: Party, client: TestClient) -> None:
    order = hips.order()
    hips.post(cancel_path(order["id"]))
    client.get(path_of(order["link"]))
    assert client.get("/form/").status_code == 410


def test_another_registrys_order_looks_exactly_as_one_that_is_not(
    hips: Party, knees: Party, database: Database
) -> None:
    foreign, unknown = hips.order()["id"], str(uuid4())
    with nothing_stored(database):
        there, not_there = (knees.post(cancel_path(id_)) for id_ in (foreign, unknown))
    refusal(there, 404)
    assert there.text.replace(foreign, "") == not_there.text.replace(unknown, "")
    assert hips.get(f"/api/v1/orders/{foreign}").json()["status"] == "open"


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("reason", {"reason": "a\0"}),
        ("reason", {"reason": ""}),
        ("reason", {"reason": "a" * 201}),
        ("reason", {"reason": 1}),
        ("why", {"why": "because"}),
        ("body", []),
    ],
)
def test_a_wrong_field_is_named_and_the_order_stays(hips: Party, field: str, body: object) -> None:
    order = hips.order()
    assert refusal(hips.post(cancel_path(order["id"]), json=body), 422) == [field]
    assert hips.get(f"/api/v1/orders/{order['id']}").json()["status"] == "open"


def test_a_body_that_is_not_json_is_refused(hips: Party) -> None:
    headers = {"Content-Type": "application/json"}
    answered = hips.post(cancel_path(hips.order()["id"]), content=b"{", headers=headers)
    assert refusal(answered, 400) == ["body"]


def test_the_audit_trail_says_who_cancelled(hips: Party, database: Database) -> None:
    order = hips.order()
    hips.post(cancel_path(order["id"]))
    with database.read() as session:
        lines = session.exec(select(AuditEvent).where(AuditEvent.what == "order.cancelled")).all()
    assert [(line.registry_id, line.who, line.record) for line in lines] == [
        ("hips", "client:hips-test", order["id"])
    ]


def test_a_stranger_cancels_nothing(hips: Party, stranger: Party) -> None:
    order = hips.order()
    refusal(stranger.post(cancel_path(order["id"])), 401)
    assert hips.get(f"/api/v1/orders/{order['id']}").json()["status"] == "open"
