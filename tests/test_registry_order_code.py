"""POST /api/v1/orders/{id}/code: a registry makes a short code for the clinic's tablet."""

import re
import xml.etree.ElementTree as ET
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlmodel import col, select
from starlette.testclient import TestClient

from app.codes import drawn
from app.db import Database
from app.models import AuditEvent, EntryCode, now
from tests.conftest import HERE, Party
from tests.flow import answer_and_send, nothing_stored, refusal
from tests.tablet import code_for, code_path, has_visit, types
from tests.visits import change


def test_a_code_is_short_and_comes_with_its_page_and_picture(hips: Party) -> None:
    answer = hips.post(code_path(hips.order()["id"]))
    assert answer.status_code == 201
    made = answer.json()
    assert re.fullmatch("[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{4}", made["code"])
    assert made["url"] == f"{HERE}/enter?code={made['code']}"
    assert made["qr_svg"] == drawn(made["url"])
    assert set(made) == {"code", "expires_at", "url", "qr_svg"}
    hours = datetime.fromisoformat(made["expires_at"]) - now()
    assert timedelta(hours=11, minutes=59) < hours <= timedelta(hours=12)


def test_a_code_works_no_longer_than_its_order(hips: Party) -> None:
    order = hips.order(closes=(now() + timedelta(hours=1)).isoformat())
    made = hips.post(code_path(order["id"])).json()
    closes, expires = order["closes"], made["expires_at"]
    assert datetime.fromisoformat(expires) == datetime.fromisoformat(closes)


@pytest.mark.parametrize("accept", ["image/svg+xml", "Image/SVG+XML; q=0.9"])
def test_the_picture_alone_is_there_too(hips: Party, accept: str) -> None:
    answer = hips.post(code_path(hips.order()["id"]), headers={"Accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (201, "image/svg+xml")
    picture = ET.fromstring(answer.text)
    assert picture.tag == "{http://www.w3.org/2000/svg}svg"
    assert not list(picture.iter("{http://www.w3.org/2000/svg}script"))


def test_pictures_of_two_addresses_differ() -> None:
    one, other = (drawn(f"{HERE}/enter?code={code}") for code in ("2222-2222", "2222-2223"))
    assert one != other
    assert one == drawn(f"{HERE}/enter?code=2222-2222")


def test_the_code_is_kept_as_a_slow_hash_and_noted_in_the_audit_trail(
    hips: Party, database: Database
) -> None:
    order = hips.order()
    code = code_for(hips, order["id"])
    with database.read() as session:
        row = session.exec(select(EntryCode)).one()
        lines = [
            (one.who, one.what, one.record)
            for one in session.exec(select(AuditEvent).order_by(col(AuditEvent.id)))
        ]
    assert code.replace("-", "").encode() not in row.code_hash
    assert len(row.code_hash) == 32
    assert lines[-1] == ("client:hips-test", "order.code_made", order["id"])


def test_a_new_code_replaces_the_one_before(hips: Party, client: TestClient) -> None:
    order = hips.order()
    first, second = code_for(hips, order["id"]), code_for(hips, order["id"])
    assert types(client, first).status_code == 422
    assert types(client, second).status_code == 303


def test_a_used_code_can_be_replaced(hips: Party, client: TestClient) -> None:
    order = hips.order()
    for _ in range(2):
        client.cookies.clear()
        assert types(client, code_for(hips, order["id"])).status_code == 303
        assert has_visit(client)


def test_an_order_that_is_still_to_open_may_have_its_code_beforehand(
    hips: Party, client: TestClient, database: Database
) -> None:
    opens = (now() + timedelta(hours=1)).isoformat()
    order = hips.order(opens=opens)
    code = code_for(hips, order["id"])
    assert types(client, code).status_code == 422
    change(database, UUID(order["id"]), opens=now() - timedelta(minutes=1))
    assert types(client, code).status_code == 303


def test_an_order_that_takes_no_answers_gets_no_code(hips: Party, database: Database) -> None:
    sent, cancelled, expired = (hips.order()["id"] for _ in range(3))
    answer_and_send(database, sent)
    hips.post(f"/api/v1/orders/{cancelled}/cancel")
    past = {"opens": now() - timedelta(days=2), "closes": now() - timedelta(days=1)}
    change(database, UUID(expired), **past)
    with nothing_stored(database):
        details = [hips.post(code_path(one)).json()["detail"] for one in (sent, cancelled, expired)]
        refusal(hips.post(code_path(sent)), 409)
    words = ("completed", "cancelled", "expired")
    assert details == [f"The order is {word}." for word in words]


def test_another_registrys_order_looks_exactly_as_one_that_is_not(
    hips: Party, knees: Party, database: Database
) -> None:
    order, unknown = hips.order(), str(uuid4())
    with nothing_stored(database):
        there, not_there = (knees.post(code_path(id_)) for id_ in (order["id"], unknown))
    refusal(there, 404)
    assert there.text.replace(order["id"], "") == not_there.text.replace(unknown, "")


@pytest.mark.parametrize("name", ["x", "%00"])
def test_what_is_no_id_is_refused(hips: Party, name: str) -> None:
    assert refusal(hips.post(code_path(name)), 422) == ["order_id"]


def test_a_stranger_gets_no_code(hips: Party, stranger: Party, database: Database) -> None:
    order = hips.order()
    with nothing_stored(database):
        refusal(stranger.post(code_path(order["id"])), 401)
