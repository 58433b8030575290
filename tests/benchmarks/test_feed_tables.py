"""What the feed delivers as CSV and Parquet, beside what the database alone can, and as NDJSON."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import orjson
import psycopg
import pytest

from app.db import Database
from tests.benchmarks.cost import peak, restart_peak
from tests.benchmarks.pull import pull
from tests.benchmarks.test_feed import fill, token
from tests.sending import Service

FEW, MANY = 5_000, 60_000
"""Results of RAND-36 in the feed of knees, and in that of hips."""
OF_COPY = 1 / 2
"""The part of the speed of COPY that CSV is to have."""
OF_NDJSON = 4.0
"""The most that Parquet may take, in times of NDJSON."""
OF_READING = 3.0
"""The most that a table may take, in times of COPY and of parsing each document: it must do both.

NDJSON hands documents on as they are, and is not held to this.
"""
GROWTH = 200.0
"""Megabytes that streaming may take over what the idle server has."""


@pytest.fixture
def service(postgres_url: str, tmp_path: Path) -> Iterator[Service]:
    database = Database(postgres_url)
    fill(database, "knees", FEW)
    fill(database, "hips", MANY)
    database.close()
    running = Service(postgres_url, tmp_path / "log")
    yield running
    running.stop()


def seconds(act: Callable[[], int]) -> float:
    """Return the best of three times."""
    times = []
    for _ in range(3):
        begun = time.perf_counter()
        assert act() > 0
        times.append(time.perf_counter() - begun)
    return min(times)


def copied(url: str, *, parse: bool = False) -> int:
    """Read the documents by COPY, with the driver alone; return how many bytes or documents."""
    query = "COPY (SELECT document FROM scoring_run WHERE registry_id = 'hips' ORDER BY seq)"
    with (
        psycopg.connect(url.replace("+psycopg", "")) as connection,
        connection.cursor().copy(f"{query} TO STDOUT") as copy,
    ):
        if parse:
            return sum(bool(orjson.loads(document)) for (document,) in copy.rows())
        return sum(len(part) for part in copy)


def size(port: int, pass_: str, query: str) -> int:
    """Pull, and return how many bytes came."""
    return pull(port, pass_, query).size


def test_tables_are_fast_beside_what_they_are_made_of_and_hold_memory_flat(
    service: Service, postgres_url: str
) -> None:
    pass_ = {registry: token(service.port, registry) for registry in ("knees", "hips")}
    idle = peak(service.process.pid)
    took, grown = {}, {}
    for form in ("ndjson", "csv", "parquet", "arrow"):
        query = f"?instrument=rand-36&format={form}"
        pull(service.port, pass_["knees"], query)  # warms up
        restart_peak(service.process.pid)
        took[form] = seconds(partial(size, service.port, pass_["hips"], query))
        grown[form] = peak(service.process.pid) - idle
    copy = seconds(partial(copied, postgres_url))
    reading = seconds(partial(copied, postgres_url, parse=True))
    print(f"\nCOPY        {MANY / copy:10,.0f} rows a second; parsed {MANY / reading:,.0f}")  # noqa: T201
    for form, of in took.items():
        print(f"{form:12}{MANY / of:10,.0f}   {grown[form]:6.1f} MB over idle")  # noqa: T201
    slowest = max(took["csv"], took["parquet"], took["arrow"]) / reading
    print(  # noqa: T201
        f"CSV has {copy / took['csv']:.2f} of the speed of COPY; Parquet takes "
        f"{took['parquet'] / took['ndjson']:.1f} times NDJSON; the slowest table takes "
        f"{slowest:.1f} times COPY and parsing (at most {OF_READING:.0f})"
    )
    assert max(grown.values()) <= GROWTH
    assert slowest <= OF_READING
    assert took["csv"] * OF_COPY <= copy
    assert took["parquet"] <= OF_NDJSON * took["ndjson"]
