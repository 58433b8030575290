"""A feed of a million results: its end is as near as its beginning, in memory that stays small."""

import http.client
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from app.db import Database
from app.models import cursor
from tests.benchmarks.cost import peak, restart_peak
from tests.benchmarks.pull import pull
from tests.benchmarks.test_feed import fill, token
from tests.sending import PATIENCE, Service

MANY = 1_000_000
"""Results of RAND-36 in the feed of hips."""
GROWTH = 200.0
"""Megabytes that streaming may take over what the idle server has."""
LAST_OF_FIRST = 1.5
"""The most that the last page may take, in times of the first."""
PAGE, ROUNDS = 100, 30

REPEAT = """
INSERT INTO scoring_run (
  registry_id, seq, response_id, instrument, version, definition_sha256, scoring_version,
  value_sets_sha256, status, document
)
SELECT registry_id, n, response_id, instrument, version, definition_sha256, scoring_version,
  value_sets_sha256, status, replace(document, lpad('1', 20, '0'), lpad(n::text, 20, '0'))
FROM scoring_run, generate_series(2, :many) AS n WHERE registry_id = 'hips' AND seq = 1
"""


@pytest.fixture
def service(postgres_url: str, tmp_path: Path) -> Iterator[Service]:
    database = Database(postgres_url)
    fill(database, "hips", 1)
    with database.write() as session:
        connection = session.connection()
        connection.execute(text(REPEAT), {"many": MANY})
        connection.execute(text("UPDATE registry SET next_seq = :n"), {"n": MANY + 1})
    with database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))
    database.close()
    running = Service(postgres_url, tmp_path / "log")
    yield running
    running.stop()


def page_time(port: int, pass_: str, after: int) -> float:
    """Return how long a page takes, in milliseconds: the median of several."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    headers = {"Authorization": f"Bearer {pass_}"}
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        path = f"/api/v1/results?limit={PAGE}&after={cursor(after)}"
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        times.append((time.perf_counter() - begun) * 1000)
        assert answer.status == 200
        assert body.count(b'"response":') == PAGE
    connection.close()
    return statistics.median(times)


def test_a_million_results_are_read_as_a_few_are(service: Service) -> None:
    pass_ = token(service.port, "hips")
    first, last = (page_time(service.port, pass_, after) for after in (0, MANY - PAGE))
    print(f"\nfirst page {first:.1f} ms, last {last:.1f} (at most {LAST_OF_FIRST} times)")  # noqa: T201
    idle, grown = peak(service.process.pid), {}
    for form in ("ndjson", "csv", "parquet", "arrow"):
        restart_peak(service.process.pid)
        pulled = pull(service.port, pass_, f"?instrument=rand-36&format={form}")
        assert pulled.size > MANY
        grown[form] = peak(service.process.pid) - idle
        print(f"{form:10}{grown[form]:8.1f} MB over idle (at most {GROWTH:.0f})")  # noqa: T201
    assert last <= LAST_OF_FIRST * first
    assert max(grown.values()) <= GROWTH
