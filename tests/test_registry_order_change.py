"""PATCH /api/v1/orders/{id}: another window or language, while the order takes answers."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import update
from sqlmodel import col, select
from starlette.testclient import TestClient

from app.db import Database
from app.models import AuditEvent, Order, now
from tests.conftest import Party, path_of
from tests.flow import answer, answer_and_send, nothing_stored, refusal, send


def patch(party: Party, order_id: object, **body: Any) -> Any:
    return party.http.patch(f"/api/v1/orders/{order_id}", headers=party.headers, json=body)


def test_the_window_is_changed(hips: Party) -> None:
    order = hips.order()
    changed = patch(hips, order["id"], opens="2040-06-01", closes="2040-06-30")
    assert changed.status_code == 200
    assert changed.json()["opens"] == "2040-05-31T22:00:00Z"
    assert changed.json()["closes"] == "2040-06-30T21:59:59.999999Z"
    assert hips.get(f"/api/v1/orders/{order['id']}").json() == changed.json()


def test_what_is_left_out_stays(hips: Party) -> None:
    order = hips.order(external_id="x1")
    changed = patch(hips, order["id"], closes="2040-06-30").json()
    assert changed | {"closes": order["closes"], "link": order["link"]} == order


def test_the_language_is_changed_and_the_version_stays(hips: Party, database: Database) -> None:
    order = hips.order(instruments=["rand-12", "rand-36"], language="nb")
    changed = patch(hips, order["id"], language="en").json()
    assert (changed["language"], changed["instruments"]) == ("en", order["instruments"])
    answer_and_send(database, order["id"])
    assert {one["response"]["language"] for one in hips.results()} == {"en"}
    english = hips.get("/api/v1/instruments/rand-12/1.0/wording/en").headers["etag"]
    (result,) = hips.results(instrument="rand-12")
    assert result["provenance"]["wording_sha256"] == english.strip('"')


def test_the_link_and_the_answers_so_far_stay(
    hips: Party, client: TestClient, database: Database
) -> None:
    order = hips.order()
    answer(database, order["id"])
    patch(hips, order["id"], language="en", closes="2040-06-30")
    client.get(path_of(order["link"]))
    assert client.get("/form/").status_code == 200
    send(database, order["id"])
    assert len(hips.results()) == 1


def test_what_is_so_already_changes_nothing(hips: Party, database: Database) -> None:
    order = hips.order()
    first = hips.get("/api/v1/orders").json()
    with nothing_stored(database):
        same = patch(hips, order["id"], **{name: order[name] for name in ("opens", "closes")})
        assert patch(hips, order["id"], language="nb").json() == same.json()
        assert patch(hips, order["id"]).json() == same.json() == order | {"link": None}
    assert hips.get(f"/api/v1/orders?after={first['next']}").json()["orders"] == []


def test_the_audit_trail_says_what_was_changed(hips: Party, database: Database) -> None:
    order = hips.order()
    patch(hips, order["id"], language="en", closes="2040-06-30")
    with database.read() as session:
        changed = col(AuditEvent.what).in_(["order.window_changed", "order.language_changed"])
        lines = session.exec(select(AuditEvent).where(changed)).all()
    assert {(line.who, line.record) for line in lines} == {("client:hips-test", order["id"])}
    assert len(lines) == 2


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("closes", {"closes": "2020-06-30"}),
        ("closes", {"opens": "2041-01-01", "closes": "2040-06-30"}),
        ("opens", {"opens": "yesterday"}),
        ("language", {"language": "fi"}),
        ("language", {"language": "NORSK"}),
        ("time_point", {"time_point": "1y"}),
    ],
)
def test_a_wrong_field_is_named_and_the_order_stays(
    hips: Party, field: str, body: dict[str, Any]
) -> None:
    order = hips.order()
    assert refusal(patch(hips, order["id"], **body), 422) == [field]
    assert hips.get(f"/api/v1/orders/{order['id']}").json() == order | {"link": None}


def test_a_window_that_has_begun_keeps_its_beginning(hips: Party, database: Database) -> None:
    order = hips.order()
    answer(database, order["id"])
    assert refusal(patch(hips, order["id"], opens="2040-06-01", closes="2040-07-01"), 422) == [
        "opens"
    ]
    assert patch(hips, order["id"], closes="2040-07-01").status_code == 200


def test_a_consent_is_not_left_in_another_language(hips: Party) -> None:
    order = hips.order(consent="Jeg samtykker.")
    refused = patch(hips, order["id"], language="en")
    assert refusal(refused, 422) == ["language"]
    assert "order again" in refused.json()["detail"]


@pytest.mark.demo
def test_a_placeholder_may_be_chosen_in_demo_mode(hips: Party) -> None:
    order = hips.order(instruments=["eq-5d-5l"])
    assert patch(hips, order["id"], language="en").json()["language"] == "en"


def test_an_order_that_takes_no_answers_any_more_is_not_changed(
    hips: Party, database: Database
) -> None:
    sent, cancelled, expired = (hips.order()["id"] for _ in range(3))
    answer_and_send(database, sent)
    hips.post(f"/api/v1/orders/{cancelled}/cancel")
    with database.write() as session:
        past = {"opens": now() - timedelta(days=2), "closes": now() - timedelta(days=1)}
        of = update(Order).where(col(Order.status) == "open").values(**past)
        session.connection().execute(of)
    for order, word in ((sent, "completed"), (cancelled, "cancelled"), (expired, "expired")):
        with nothing_stored(database):
            answered = patch(hips, order, closes="2040-06-30")
        refusal(answered, 409)
        assert answered.json()["detail"] == f"The order is {word}."


def test_another_registrys_order_looks_exactly_as_one_that_is_not(
    hips: Party, knees: Party
) -> None:
    foreign, unknown = hips.order()["id"], str(uuid4())
    there, not_there = (patch(knees, one, language="en") for one in (foreign, unknown))
    refusal(there, 404)
    assert there.text.replace(foreign, "") == not_there.text.replace(unknown, "")
    assert hips.get(f"/api/v1/orders/{foreign}").json()["language"] == "nb"


def test_a_stranger_changes_nothing(hips: Party, stranger: Party) -> None:
    order = hips.order()
    refusal(patch(stranger, order["id"], language="en"), 401)
