"""POST /api/v1/orders with NDJSON: a batch, in which each line is its own order."""

import json
from typing import Any

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from app.db import Database
from app.models import AuditEvent, Order
from app.registry import batches
from tests.conftest import Party, path_of, settings_for
from tests.flow import nothing_stored, refusal

ORDERS = "/api/v1/orders"
LINES = {"Content-Type": "application/x-ndjson"}


def send(party: Party, *lines: Any, headers: dict[str, str] = LINES) -> Any:
    """Send lines, as they are or as JSON."""
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    return party.post(ORDERS, content=text.encode(), headers=headers)


def batch(party: Party, *lines: Any) -> list[dict[str, Any]]:
    answer = send(party, *lines)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == LINES["Content-Type"]
    return [json.loads(line) for line in answer.text.splitlines()]


def test_each_line_is_ordered_and_has_its_own_link(hips: Party, client: TestClient) -> None:
    made = batch(hips, *(hips.order_body(external_id=f"x{n}") for n in range(45)))
    assert [one["line"] for one in made] == list(range(1, 46))
    assert {one["status"] for one in made} == {201}
    assert [one["order"]["external_id"] for one in made] == [f"x{n}" for n in range(45)]
    links = {one["order"]["link"] for one in made}
    assert len(links) == 45
    assert client.get(path_of(links.pop())).status_code == 303


def test_an_order_of_a_batch_is_told_as_one_that_is_made_alone(hips: Party) -> None:
    (made,) = batch(hips, hips.order_body(external_id="x1"))
    alone = hips.get(f"{ORDERS}/{made['order']['id']}").json()
    assert made["order"] | {"link": None} == alone


def test_one_bad_line_stops_nothing_and_says_what_is_wrong_with_it(hips: Party) -> None:
    wrong: list[Any] = [
        "{",
        "[" * 100_000,
        "[]",
        hips.order_body(case={"id": "1", "unit": "nowhere"}),
        hips.order_body(language="NORSK", extra=1),
        hips.order_body(instruments=["eq-5d-5l"]),
        hips.order_body(external_id="x1", time_point="1y"),
    ]
    good = hips.order_body(external_id="x1")
    made = batch(hips, good, *wrong, hips.order_body(external_id="x2"))
    assert [one["status"] for one in made] == [201, 400, 400, 422, 422, 422, 422, 409, 201]
    named = [[e["field"] for e in one["problem"]["errors"]] for one in made if "problem" in one]
    assert named == [
        ["body"],
        ["body"],
        ["body"],
        ["case.unit"],
        ["language", "extra"],
        ["instruments.0"],
        ["external_id"],
    ]
    assert all(set(one) == {"line", "status", "problem"} for one in made if one["status"] > 201)
    assert all(one["problem"]["status"] == one["status"] for one in made if "problem" in one)


def test_a_batch_that_is_sent_again_orders_nothing_twice(hips: Party, database: Database) -> None:
    bodies = [hips.order_body(external_id=f"x{n}") for n in range(3)]
    first = batch(hips, *bodies)
    with nothing_stored(database):
        again = batch(hips, *bodies)
    assert {one["status"] for one in again} == {200}
    assert [one["order"] | {"link": None} for one in first] == [one["order"] for one in again]


def test_the_same_external_id_twice_in_a_batch_is_one_order(hips: Party) -> None:
    first, second = batch(hips, *2 * [hips.order_body(external_id="x1")])
    assert (first["status"], second["status"]) == (201, 200)
    assert first["order"]["id"] == second["order"]["id"]


def test_empty_lines_are_passed_over_and_counted(hips: Party) -> None:
    made = batch(hips, "", hips.order_body(), "  ", hips.order_body(), "", "")
    assert [one["line"] for one in made] == [2, 4]


@pytest.mark.parametrize("text", ["", "\n\n"])
def test_nothing_at_all_is_nothing(hips: Party, database: Database, text: str) -> None:
    with nothing_stored(database):
        assert batch(hips, text) == []


@pytest.mark.parametrize(
    "kind", ["application/ndjson", "application/jsonl; charset=utf-8", "Application/X-NDJSON"]
)
def test_lines_may_be_called_by_their_other_names(hips: Party, kind: str) -> None:
    answer = send(hips, hips.order_body(), headers={"Content-Type": kind})
    assert json.loads(answer.text)["status"] == 201


def test_a_batch_may_be_larger_than_a_body_otherwise(hips: Party) -> None:
    body = hips.order_body(external_id="x1", consent="x " * 499 + "x")
    assert len(json.dumps(body)) * 300 > 300_000
    made = batch(hips, *300 * [body])
    assert [one["status"] for one in made] == [201, *299 * [200]]


def test_a_batch_has_a_limit_of_its_own(
    hips: Party, client: TestClient, database: Database
) -> None:
    assert settings_for("sqlite://").order_megabytes == 16
    with nothing_stored(database):
        answer = send(hips, " " * (17 << 20))
    refusal(answer, 413)
    assert "16384 kilobytes" in answer.json()["detail"]


def test_each_chunk_is_kept_whatever_happens_to_the_next(
    hips: Party, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, calls = batches._made_of, iter(range(100))

    def breaks(*given: Any) -> Any:
        if next(calls) == batches.CHUNK + 1:
            raise MemoryError
        return made(*given)

    monkeypatch.setattr(batches, "_made_of", breaks)
    bodies = [hips.order_body(external_id=f"x{n}") for n in range(batches.CHUNK + 5)]
    answer = send(hips, *bodies)
    assert len(answer.text.splitlines()) == batches.CHUNK
    with database.read() as session:
        assert len(session.exec(select(Order)).all()) == batches.CHUNK


def test_the_audit_trail_has_a_line_for_each_order(hips: Party, database: Database) -> None:
    made = batch(hips, hips.order_body(), hips.order_body())
    with database.read() as session:
        lines = session.exec(select(AuditEvent).where(AuditEvent.what == "order.created")).all()
    assert {line.who for line in lines} == {"client:hips-test"}
    assert {line.record for line in lines} == {one["order"]["id"] for one in made}


def test_a_batch_orders_for_the_registry_that_sends_it(hips: Party, knees: Party) -> None:
    (ours,) = batch(hips, hips.order_body(external_id="x1"))
    foreign, theirs = batch(
        knees, hips.order_body(external_id="x1"), knees.order_body(external_id="x1")
    )
    assert (foreign["status"], theirs["status"]) == (422, 201)
    assert theirs["order"]["id"] != ours["order"]["id"]


def test_a_stranger_orders_nothing_in_batches(stranger: Party, database: Database) -> None:
    with nothing_stored(database):
        refusal(send(stranger, stranger.order_body()), 401)
