"""A registry that pulls while patients send gets every result, once, in the order of the cursor."""

import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from app import feed, responses
from app.db import Database
from tests.sending import PATIENCE, Ready, at_once, ready, still_waits

pytestmark = pytest.mark.uncounted

EACH = 30
"""Orders of each registry."""

Pull = Callable[[Database, str, str | None], list[str]]


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with no service in front of it."""
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def on_postgres(postgres_url: str) -> Iterator[Database]:
    """The same on PostgreSQL only: SQLite has one writer at a time, whatever we do."""
    opened = Database(postgres_url)
    yield opened
    opened.close()


def by_page(database: Database, registry: str, after: str | None = None) -> list[str]:
    with database.read() as session:
        return feed.page(session, feed.place(session, registry, after), EACH).documents


def by_stream(database: Database, registry: str, after: str | None = None) -> list[str]:
    with database.read() as session:
        at = feed.place(session, registry, after)
    return b"".join(feed.stream(database, at, None)).decode().splitlines()


def follow(
    database: Database, registry: str, pull: Pull, all_sent: threading.Event
) -> list[dict[str, Any]]:
    """Pull again and again behind the last cursor, and once more when everything is sent."""
    found: list[dict[str, Any]] = []
    last = False
    while not last:
        last = all_sent.is_set()
        after = found[-1]["cursor"] if found else None
        found += map(orjson.loads, pull(database, registry, after))
    return found


def submit(database: Database, one: Ready, hold: float = 0) -> None:
    """Send one order, and hold its transaction open for a while after its number is taken."""
    with database.write() as session:
        responses.submit(session, one.visit)
        threading.Event().wait(hold)


def submit_all(database: Database, orders: list[Ready], seed: int) -> None:
    chance = random.Random(seed)
    for one in orders:
        submit(database, one, chance.choice((0, 0, 0.002, 0.02)))


@pytest.mark.parametrize("pull", [by_page, by_stream])
def test_whoever_pulls_while_others_send_misses_nothing(database: Database, pull: Pull) -> None:
    orders = {name: ready(database, name, EACH) for name in ("hips", "knees")}
    senders = [
        partial(submit_all, database, some[place::4], place)
        for some in orders.values()
        for place in range(4)
    ]
    all_sent = threading.Event()
    with ThreadPoolExecutor() as pool:
        pullers = [pool.submit(follow, database, name, pull, all_sent) for name in orders]
        try:
            at_once(*senders)
        finally:
            all_sent.set()
        found = [puller.result(PATIENCE) for puller in pullers]
    for some, results in zip(orders.values(), found, strict=True):
        assert [int(one["cursor"]) for one in results] == list(range(1, EACH + 1))
        sent = {one["response"]["order"] for one in results}
        assert sent == {str(one.order_id) for one in some}


def test_a_later_result_waits_until_the_earlier_is_there(on_postgres: Database) -> None:
    first, second = ready(on_postgres, "hips", 2)
    with ThreadPoolExecutor() as pool:
        with on_postgres.write() as session:
            responses.submit(session, first.visit)
            later = pool.submit(submit, on_postgres, second)
            assert still_waits(later)
            assert by_page(on_postgres, "hips") == by_stream(on_postgres, "hips") == []
        later.result(PATIENCE)
    orders = [orjson.loads(one)["response"]["order"] for one in by_page(on_postgres, "hips")]
    assert orders == [str(first.order_id), str(second.order_id)]


def test_a_submit_that_fails_leaves_no_gap(on_postgres: Database) -> None:
    first, second = ready(on_postgres, "hips", 2)
    with ThreadPoolExecutor() as pool:
        with on_postgres.write() as session:
            responses.submit(session, first.visit)
            later = pool.submit(submit, on_postgres, second)
            assert still_waits(later)
            session.rollback()
        later.result(PATIENCE)
    (result,) = by_page(on_postgres, "hips")
    assert int(orjson.loads(result)["cursor"]) == 1


def test_registries_do_not_wait_for_each_other(on_postgres: Database) -> None:
    (hip,), (knee,) = ready(on_postgres, "hips", 1), ready(on_postgres, "knees", 1)
    with on_postgres.write() as held:
        responses.submit(held, hip.visit)
        with on_postgres.write() as session:
            session.connection().execute(text("SET LOCAL lock_timeout = '10s'"))  # not for ever
            responses.submit(session, knee.visit)
        assert len(by_page(on_postgres, "knees")) == 1
        assert by_page(on_postgres, "hips") == []
    assert len(by_page(on_postgres, "hips")) == 1
