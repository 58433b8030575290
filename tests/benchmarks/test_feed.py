"""What the results feed delivers as NDJSON, beside what the database driver alone can deliver."""

import http.client
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import orjson
import psycopg
import pytest
from sqlalchemy import insert, select, update

from app import responses
from app.db import Database
from app.models import Registry, ScoringRun, cursor, table
from tests.benchmarks.cost import peak, restart_peak
from tests.benchmarks.pull import pull
from tests.conftest import CLIENT_SECRET
from tests.sending import PATIENCE, RECEIPT, Browser, Ready, Service, at_once, ready

FEW, MANY = 5_000, 60_000
"""Results in the feed of knees, and in that of hips."""
ROWS_A_SECOND = 20 * 2_240
OF_DRIVER = 1 / 3
"""The least part of the driver's own speed."""
GROWTH = 8.0
"""Megabytes by which the server's peak may be higher for many rows than for few."""
BESIDE = 1 / 2
"""The least part of the submits a second that is left while a registry pulls everything."""
SUBMITS = 600
CLIENTS = 4


@pytest.fixture
def filled(postgres_url: str) -> Iterator[Database]:
    """A database whose feeds are long."""
    database = Database(postgres_url)
    fill(database, "knees", FEW)
    fill(database, "hips", MANY)
    yield database
    database.close()


def fill(database: Database, registry: str, number: int) -> None:
    """Send one order, and repeat its result, under a number of its own each."""
    (one,) = ready(database, registry, 1)
    with database.write() as session:
        responses.submit(session, one.visit)
    rows = table(ScoringRun)
    with database.write() as session:
        connection = session.connection()
        found = connection.execute(select(rows).where(rows.c.registry_id == registry)).one()
        first = orjson.loads(found.document)
        for start in range(2, number + 1, 1_000):
            some = [
                {
                    **found._mapping,
                    "seq": seq,
                    "document": orjson.dumps(first | {"cursor": cursor(seq)}).decode(),
                }
                for seq in range(start, min(start + 1_000, number + 1))
            ]
            connection.execute(insert(rows), some)
        following = {"next_seq": number + 1}
        its = table(Registry).c.id == registry
        connection.execute(update(table(Registry)).where(its).values(following))


@pytest.fixture
def service(filled: Database, postgres_url: str, tmp_path: Path) -> Iterator[Service]:
    running = Service(postgres_url, tmp_path / "log")
    yield running
    running.stop()


def token(port: int, registry: str) -> str:
    form = {"grant_type": "client_credentials", "client_id": f"{registry}-test"}
    body = urlencode({**form, "client_secret": CLIENT_SECRET})
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/oauth/token", body, headers)
    found: str = orjson.loads(connection.getresponse().read())["access_token"]
    connection.close()
    return found


def fastest(act: Callable[[], int]) -> float:
    """Return the rows a second of the best of three times."""
    speeds = []
    for _ in range(3):
        begun = time.perf_counter()
        assert act() == MANY
        speeds.append(MANY / (time.perf_counter() - begun))
    return max(speeds)


def test_the_feed_is_fast_beside_the_driver_and_takes_no_more_memory_for_more(
    service: Service, postgres_url: str
) -> None:
    peaks = {}
    for registry, number in (("knees", FEW), ("hips", MANY)):
        pass_ = token(service.port, registry)
        restart_peak(service.process.pid)
        pulled = pull(service.port, pass_)
        assert pulled.lines == number
        peaks[registry] = peak(service.process.pid)
    size = pulled.size / MANY
    feed = fastest(lambda: pull(service.port, pass_).lines)
    driver = fastest(partial(read_with_driver, postgres_url))
    print(  # noqa: T201
        f"\nresults of {size:.0f} bytes{'rows a second':>18}"
        f"\ndriver alone        {driver:15,.0f}"
        f"\nfeed as NDJSON      {feed:15,.0f}   {feed / driver:.2f} of it (at least "
        f"{OF_DRIVER:.2f}); at least {ROWS_A_SECOND:,}"
        f"\nthe server's peak   {peaks['knees']:15.1f} MB after {FEW:,} rows, "
        f"{peaks['hips']:.1f} MB after {MANY:,} (at most {GROWTH:.0f} MB more)"
    )
    assert feed >= ROWS_A_SECOND
    assert feed >= OF_DRIVER * driver
    assert peaks["hips"] - peaks["knees"] <= GROWTH


def read_with_driver(url: str) -> int:
    """Read the same documents with the driver alone."""
    query = "SELECT document FROM scoring_run WHERE registry_id = 'hips' ORDER BY seq"
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        return len(connection.execute(query).fetchall())


def test_patients_can_send_while_a_registry_pulls_everything(
    service: Service, filled: Database
) -> None:
    orders = ready(filled, "knees", 2 * SUBMITS + 100)
    pass_ = token(service.port, "hips")
    submits_a_second(service, orders[2 * SUBMITS :])  # warms up
    quiet = submits_a_second(service, orders[:SUBMITS])
    puller = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.pull", str(service.port), pass_]
    )
    busy = submits_a_second(service, orders[SUBMITS : 2 * SUBMITS])
    assert puller.poll() is None
    puller.kill()
    puller.wait()
    print(  # noqa: T201
        f"\n{quiet:.0f} submits a second; {busy:.0f} while a registry pulls: "
        f"{busy / quiet:.2f} of it (at least {BESIDE:.2f})"
    )
    assert busy >= BESIDE * quiet


def submits_a_second(service: Service, orders: list[Ready]) -> float:
    """Send every order, from several clients at once."""

    def client(mine: list[Ready]) -> None:
        with Browser(service.port) as browser:
            for one in mine:
                assert browser.post("/form/send", one) == RECEIPT

    begun = time.perf_counter()
    at_once(*[partial(client, orders[place::CLIENTS]) for place in range(CLIENTS)])
    return len(orders) / (time.perf_counter() - begun)
