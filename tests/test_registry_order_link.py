"""POST /api/v1/orders/{id}/link: a registry makes a new link for one that was lost."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import update
from sqlmodel import col, select
from starlette.testclient import TestClient

from app.db import Database
from app.models import AuditEvent, Order, now
from tests.conftest import Party, path_of
from tests.flow import answer, answer_and_send, nothing_stored, refusal


def link_path(order_id: object) -> str:
    return f"/api/v1/orders/{order_id}/link"


def test_the_new_link_opens_the_order_and_the_old_one_is_dead(
    hips: Party, client: TestClient
) -> None:
    order = hips.order()
    renewed = hips.post(link_path(order["id"]))
    assert renewed.status_code == 200
    assert renewed.json() == order | {"link": renewed.json()["link"]}
    assert client.get(path_of(order["link"])).status_code == 404
    assert client.get(path_of(renewed.json()["link"])).status_code == 303


def test_a_visit_by_the_old_link_ends(hips: Party, client: TestClient) -> None:
    order = hips.order()
    client.get(path_of(order["link"]))
    assert client.get("/form/").status_code == 200
    renewed = hips.post(link_path(order["id"])).json()
    assert client.get("/form/").status_code == 401
    client.get(path_of(renewed["link"]))
    assert client.get("/form/").status_code == 200


def test_the_answers_so_far_are_kept(hips: Party, database: Database) -> None:
    order = hips.order()
    answer(database, order["id"])
    with database.read() as session:
        lines = len(session.exec(select(AuditEvent)).all())
    renewed = hips.post(link_path(order["id"])).json()
    assert renewed["status"] == "started"
    with database.read() as session:
        found = session.exec(select(AuditEvent).order_by(col(AuditEvent.id))).all()
    assert [line.what for line in found[lines:]] == ["order.link_renewed"]


def test_an_order_that_was_sent_gets_no_new_link(hips: Party, database: Database) -> None:
    order = hips.order()
    answer_and_send(database, order["id"])
    with nothing_stored(database):
        refusal(hips.post(link_path(order["id"])), 409)


def test_an_order_that_was_cancelled_or_has_expired_gets_no_new_link(
    hips: Party, database: Database
) -> None:
    cancelled, expired = hips.order()["id"], hips.order()["id"]
    hips.post(f"/api/v1/orders/{cancelled}/cancel")
    with database.write() as session:
        past = {"opens": now() - timedelta(days=2), "closes": now() - timedelta(days=1)}
        session.connection().execute(update(Order).where(col(Order.id).is_not(None)).values(**past))
    details = [hips.post(link_path(id_)).json()["detail"] for id_ in (cancelled, expired)]
    assert details == ["The order is cancelled.", "The order is expired."]


def test_another_registrys_order_looks_exactly_as_one_that_is_not(
    hips: Party, knees: Party, client: TestClient
) -> None:
    order, unknown = hips.order(), str(uuid4())
    there, not_there = (knees.post(link_path(id_)) for id_ in (order["id"], unknown))
    refusal(there, 404)
    assert there.text.replace(order["id"], "") == not_there.text.replace(unknown, "")
    assert client.get(path_of(order["link"])).status_code == 303


@pytest.mark.parametrize("name", ["x", "%00"])
def test_what_is_no_id_is_refused(hips: Party, name: str) -> None:
    assert refusal(hips.post(link_path(name)), 422) == ["order_id"]


def test_a_stranger_gets_no_link(hips: Party, stranger: Party, client: TestClient) -> None:
    order = hips.order()
    refusal(stranger.post(link_path(order["id"])), 401)
    assert client.get(path_of(order["link"])).status_code == 303
