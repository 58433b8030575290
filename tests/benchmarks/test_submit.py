"""What the final submit costs: validate, score, store, audit and commit one RAND-36."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from pathlib import Path

import pytest

from app.db import Database
from tests.benchmarks.cost import Postgres, cpu_of
from tests.benchmarks.service import BARE
from tests.sending import RECEIPT, Browser, Ready, Service, at_once, ready

ROUNDS, SUBMITS = 5, 300
"""The round that cost the app least counts: what others do on the machine only adds to it."""
CLIENTS = 8
MOST = 2.0
"""Milliseconds of CPU that a submit may cost the app, and the database server, each."""
RATIO = 5.0
"""How many times the app's CPU of an endpoint that stores nothing a submit may cost it."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one request cost, in milliseconds, and how many were answered a second."""

    app: float
    server: float
    p50: float
    p99: float
    each_second: float


def measure(
    service: Service, path: str, sent: Sequence[Ready], leads_to: str, server: Callable[[], float]
) -> Cost:
    """Send every order's form from several clients at once."""

    def client(mine: Sequence[Ready]) -> list[float]:
        took = []
        with Browser(service.port) as browser:
            for one in mine:
                begun = time.perf_counter()
                assert browser.post(path, one) == leads_to
                took.append((time.perf_counter() - begun) * 1000)
        return took

    before, server_before, begun = cpu_of(service.process.pid), server(), time.perf_counter()
    shares = [sent[place::CLIENTS] for place in range(CLIENTS)]
    took = [one for part in at_once(*[partial(client, share) for share in shares]) for one in part]
    seconds = time.perf_counter() - begun
    assert len(took) == len(sent)
    return Cost(
        (cpu_of(service.process.pid) - before) / len(sent),
        (server() - server_before) / len(sent),
        statistics.median(took),
        statistics.quantiles(took, n=100)[98],
        len(sent) / seconds,
    )


@pytest.mark.parametrize("engine", ["postgresql", "sqlite"])
def test_a_submit_costs_little(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    url = request.getfixturevalue({"postgresql": "postgres_url", "sqlite": "sqlite_url"}[engine])
    database = Database(url)
    orders = ready(database, "hips", SUBMITS * (ROUNDS + 1))
    server = Postgres.behind(database).cpu if engine == "postgresql" else lambda: 0.0
    database.close()
    service = Service(url, tmp_path / "log", "tests.benchmarks.service:with_bare_endpoint")
    rounds = []
    try:
        for start in range(0, len(orders), SUBMITS):
            some = orders[start : start + SUBMITS]
            bare = measure(service, BARE, some * 2, BARE, server)
            rounds.append((bare, measure(service, "/form/send", some, RECEIPT, server)))
    finally:
        service.stop()
    nothing, submit = (min(costs, key=attrgetter("app")) for costs in zip(*rounds[1:], strict=True))
    tell(engine, nothing, submit)
    assert submit.app <= MOST
    assert submit.server <= MOST
    assert submit.app <= RATIO * nothing.app


def tell(engine: str, nothing: Cost, submit: Cost) -> None:
    """Print the figures as a table."""
    lines = [
        f"{engine:<16}{'app ms':>8}{'server ms':>11}{'p50 ms':>8}{'p99 ms':>8}{'a second':>10}"
    ]
    lines += [
        f"{name:<16}{one.app:10.2f}{one.server:10.2f}{one.p50:10.1f}{one.p99:10.1f}"
        f"{one.each_second:10.0f}"
        for name, one in (("stores nothing", nothing), ("final submit", submit))
    ]
    lines += [f"the app's CPU: {submit.app / nothing.app:.1f} times (at most {RATIO:.0f})"]
    print("", *lines, sep="\n")  # noqa: T201
