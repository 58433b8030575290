"""GET /api/v1/orders: where each order stands, in the order in which they changed."""

import json
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlmodel import col
from starlette.testclient import TestClient

from app import course, ledger, orders
from app.db import Database
from app.models import Order, now
from tests.conftest import Party, path_of
from tests.flow import answer, answer_and_send, nothing_stored, refusal, send
from tests.tablet import types
from tests.test_registry_order_batch import LINES, batch
from tests.test_registry_order_change import patch

ORDERS = "/api/v1/orders"
KEYS = (
    "cursor id external_id case unit time_point instruments language opens closes status why "
    "ordered_at opened_at started_at completed_at expired_at cancelled_at"
)


def page(party: Party, **params: Any) -> dict[str, Any]:
    answered = party.get(ORDERS, params=params)
    assert answered.status_code == 200, answered.text
    found: dict[str, Any] = answered.json()
    return found


def entries(party: Party, **params: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page(party, **params)["orders"]
    return found


def lines(party: Party, **params: Any) -> list[dict[str, Any]]:
    answered = party.get(ORDERS, params=params, headers={"Accept": LINES["Content-Type"]})
    assert answered.headers["content-type"] == LINES["Content-Type"]
    return [json.loads(line) for line in answered.text.splitlines()]


def close(database: Database, order_id: str) -> None:
    """Let an order's window close, as time does."""
    past = now() - timedelta(seconds=1)
    with database.write() as session:
        order = orders.get(session, "hips", UUID(order_id))
        order.opens, order.closes = past - timedelta(days=1), past
        order.due = past if order.due else None
        session.add(order)


def test_an_order_stands_in_the_ledger_with_all_that_is_known_of_it(hips: Party) -> None:
    order = hips.order(external_id="x1", instruments=["rand-12", "rand-36"])
    (entry,) = entries(hips)
    assert list(entry) == KEYS.split()
    same = set(entry) & set(order) - {"link"}
    assert {name: entry[name] for name in same} == {name: order[name] for name in same}
    assert (entry["cursor"], entry["status"], entry["why"]) == ("0" * 19 + "1", "open", None)


def test_an_order_that_changes_comes_again_behind_the_others(
    hips: Party, client: TestClient, database: Database
) -> None:
    first, second = hips.order(), hips.order()
    seen = page(hips)
    assert [one["id"] for one in seen["orders"]] == [first["id"], second["id"]]

    def change(act: Callable[[], object]) -> str:
        nonlocal seen
        act()
        seen = page(hips, after=seen["next"])
        (entry,) = seen["orders"]
        assert entry["id"] == first["id"]
        assert page(hips, after=seen["next"])["orders"] == []
        status: str = entry["status"]
        return status

    link = path_of(first["link"])
    assert change(lambda: client.get(link)) == "open"
    assert change(lambda: answer(database, first["id"])) == "started"
    assert change(lambda: patch(hips, first["id"], closes="2040-06-01")) == "started"
    assert change(lambda: send(database, first["id"])) == "completed"
    assert [one["id"] for one in entries(hips)] == [second["id"], first["id"]]


def test_the_times_of_an_order_follow_each_other(
    hips: Party, client: TestClient, database: Database
) -> None:
    order = hips.order()
    client.get(path_of(order["link"]))
    answer_and_send(database, order["id"])
    (entry,) = entries(hips)
    times = [entry[f"{what}_at"] for what in ("ordered", "opened", "started", "completed")]
    assert None not in times
    assert times == sorted(times)
    assert entry["expired_at"] is entry["cancelled_at"] is entry["why"] is None


def test_the_first_time_a_link_is_opened_counts(hips: Party, client: TestClient) -> None:
    order = hips.order()
    link = path_of(order["link"])
    client.head(link)
    assert entries(hips)[0]["opened_at"] is None
    client.get(link)
    first = page(hips)
    client.get(link)
    assert first["orders"][0]["opened_at"] is not None
    assert page(hips, after=first["next"])["orders"] == []


def test_a_code_in_the_clinic_opens_an_order_too(hips: Party, client: TestClient) -> None:
    order = hips.order()
    code = hips.post(f"{ORDERS}/{order['id']}/code").json()["code"]
    assert types(client, code).status_code == 303
    assert entries(hips)[0]["opened_at"] is not None


def test_a_link_that_is_opened_too_late_was_never_opened(
    hips: Party, client: TestClient, database: Database
) -> None:
    order = hips.order()
    close(database, order["id"])
    client.get(path_of(order["link"]))
    assert entries(hips)[0]["why"] == "never opened"


def test_a_cancelled_order_says_why(hips: Party) -> None:
    order = hips.order()
    hips.post(f"{ORDERS}/{order['id']}/cancel", json={"reason": "operated elsewhere"})
    (entry,) = entries(hips)
    assert (entry["status"], entry["why"]) == ("cancelled", "operated elsewhere")
    assert entry["cancelled_at"] is not None


def opened(hips: Party, database: Database, order: dict[str, Any]) -> None:
    hips.http.get(path_of(order["link"]))


def started(hips: Party, database: Database, order: dict[str, Any]) -> None:
    answer(database, order["id"])


def untouched(hips: Party, database: Database, order: dict[str, Any]) -> None:
    pass


@pytest.mark.parametrize(
    ("act", "why"),
    [
        (untouched, "never opened"),
        (opened, "opened, not started"),
        (started, "started, not sent"),
    ],
)
def test_what_expires_comes_again_by_itself_and_says_how_far_the_patient_came(
    hips: Party, database: Database, act: Callable[..., None], why: str
) -> None:
    order = hips.order()
    act(hips, database, order)
    seen = page(hips)
    close(database, order["id"])
    after = page(hips, after=seen["next"])
    (entry,) = after["orders"]
    assert (entry["status"], entry["why"]) == ("expired", why)
    assert entry["expired_at"] == entry["closes"]
    assert page(hips, after=after["next"])["orders"] == []


def test_a_page_goes_on_where_the_last_one_ended(hips: Party) -> None:
    batch(hips, *(hips.order_body(external_id=f"x{n}") for n in range(7)))
    after, found = "", []
    while True:
        one = page(hips, after=after, limit=3)
        found += [entry["external_id"] for entry in one["orders"]]
        after = one["next"]
        if not one["more"]:
            break
    assert found == [f"x{n}" for n in range(7)]


def test_the_stream_holds_the_same_as_the_pages(
    hips: Party, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "CHUNK", 3)
    batch(hips, *(hips.order_body(external_id=f"x{n}") for n in range(7)))
    streamed = lines(hips)
    assert [one["external_id"] for one in streamed] == [f"x{n}" for n in range(7)]
    assert streamed == entries(hips)
    assert lines(hips, limit=4) == streamed[:4]
    assert lines(hips, after=streamed[4]["cursor"]) == streamed[5:]


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"status": "open"}, ["a"]),
        ({"status": "started"}, ["b"]),
        ({"status": "completed"}, ["c"]),
        ({"status": "cancelled"}, ["d"]),
        ({"status": "expired"}, ["e"]),
        ({"unit": "oslo-ortho"}, ["a", "b", "c", "d", "e"]),
        ({"unit": "nowhere"}, []),
        ({"time_point": "1y"}, ["b"]),
        ({"instrument": "rand-12"}, ["c"]),
        ({"external_id": "d"}, ["d"]),
        ({"external_id": "d", "status": "open"}, []),
    ],
)
def test_a_filter_leaves_the_others_out(
    hips: Party, database: Database, params: dict[str, str], found: list[str]
) -> None:
    more: dict[str, dict[str, Any]] = {"b": {"time_point": "1y"}, "c": {"instruments": ["rand-12"]}}
    made = {name: hips.order(external_id=name, **more.get(name, {}))["id"] for name in "abcde"}
    answer(database, made["b"])
    answer_and_send(database, made["c"])
    hips.post(f"{ORDERS}/{made['d']}/cancel")
    close(database, made["e"])
    assert sorted(one["external_id"] for one in entries(hips, **params)) == found
    assert sorted(one["external_id"] for one in lines(hips, **params)) == found


def test_a_filter_that_finds_nothing_still_goes_on(hips: Party) -> None:
    hips.order()
    assert page(hips, unit="nowhere") == {"orders": [], "next": "0" * 19 + "1", "more": False}


@pytest.mark.parametrize(
    ("field", "params"),
    [
        ("after", {"after": "7"}),
        ("after", {"after": "9" * 20}),
        ("limit", {"limit": 0}),
        ("limit", {"limit": 10_001}),
        ("status", {"status": "lost"}),
        ("instrument", {"instrument": "sf-36"}),
        ("unit", {"unit": "\0"}),
        ("colour", {"colour": "red"}),
    ],
)
def test_a_wrong_parameter_is_named(hips: Party, field: str, params: dict[str, Any]) -> None:
    assert refusal(hips.get(ORDERS, params=params), 422) == [field]


def test_another_format_is_not_offered(hips: Party) -> None:
    refusal(hips.get(ORDERS, headers={"Accept": "text/html"}), 406)


def test_a_registry_sees_its_own_orders_only(hips: Party, knees: Party) -> None:
    ours, theirs = hips.order(external_id="x1"), knees.order(external_id="x1")
    assert [one["id"] for one in entries(hips)] == [ours["id"]]
    assert [one["id"] for one in lines(knees)] == [theirs["id"]]
    assert [one["id"] for one in entries(knees, external_id="x1")] == [theirs["id"]]


def test_a_stranger_sees_no_orders(hips: Party, stranger: Party, database: Database) -> None:
    hips.order()
    with nothing_stored(database):
        refusal(stranger.get(ORDERS), 401)


def test_orders_from_before_the_ledger_stand_in_it(hips: Party, database: Database) -> None:
    hips.order()
    entries(hips)
    with database.write() as session:
        session.connection().execute(update(Order).where(col(Order.place) == 1).values(due=None))
    assert len(entries(hips)) == 1


def test_whoever_reads_while_others_change_misses_no_last_state(
    hips: Party, database: Database
) -> None:
    made = [one["order"]["id"] for one in batch(hips, *30 * [hips.order_body()])]
    wanted = ledger.Wanted("hips")

    def follow() -> dict[str, tuple[int, str]]:
        after, calm = 0, 0
        seen: dict[str, tuple[int, str]] = {}
        while calm < 2:
            calm = calm + 1 if all_done() else 0
            with database.write() as session:
                found = ledger.page(session, wanted, after, 7)
            for entry in found.entries:
                assert entry.place > after
                state = (entry.place, entry.status)
                assert seen.get(str(entry.id), (0, ""))[1] != entry.status
                seen[str(entry.id)] = state
            after = found.reached
            calm = 0 if found.more else calm
        return seen

    def all_done() -> bool:
        return all(one.done() for one in work)

    def cancel(order_id: str) -> None:
        with database.write() as session:
            of = UUID(order_id)
            course.cancel(session, "hips", of, "tests", "why")

    with ThreadPoolExecutor(6) as pool:
        work: list[Future[Any]] = [pool.submit(cancel, one) for one in made[:15]]
        work += [pool.submit(answer_and_send, database, one) for one in made[15:]]
        readers = [pool.submit(follow) for _ in range(2)]
        for one in work:
            one.result(60)
        found = [reader.result(60) for reader in readers]
    for seen in found:
        assert {one: seen[one][1] for one in made[:15]} == dict.fromkeys(made[:15], "cancelled")
        assert {one: seen[one][1] for one in made[15:]} == dict.fromkeys(made[15:], "completed")


def test_an_order_that_is_changing_just_now_is_listed_the_next_time(
    hips: Party, database: Database
) -> None:
    if database.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    busy, idle = hips.order(), hips.order()
    with database.write() as session:
        orders.hold(session, "hips", UUID(busy["id"]))
        assert [one["id"] for one in entries(hips)] == [idle["id"]]
    assert [one["id"] for one in entries(hips)] == [idle["id"], busy["id"]]
