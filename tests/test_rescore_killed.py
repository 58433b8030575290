"""Killed at any moment, scoring again does nothing twice, and the next run goes on."""

import json
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from sqlmodel import col, select

from app import responses
from app.db import Database
from app.models import Registry, ScoringRun
from app.settings import HOUSE
from tests.sending import PATIENCE, ready
from tests.test_runs import publish, rescored

pytestmark = pytest.mark.uncounted

EACH = {"hips": 32, "knees": 12}
"""Responses of each registry."""
ROUNDS = (("1.1", 1), ("1.0", 20))
"""What all are scored by, one after the other, and when it is killed the first time."""
BARE = """
import sys
from app import runs
from app.db import Database

runs.BATCH = 4
database = Database(sys.argv[1])
for so_far in runs.rescore(database, "rand-12", sys.argv[2], "cli"):
    print(*so_far, flush=True)
"""
"""What `svar rescore` does, in smaller batches, so that there are more moments to be killed at."""


@pytest.fixture
def beside(database_url: str) -> Iterator[Database]:
    """The database as the test sees it, beside the process that is killed."""
    opened = Database(database_url)
    yield opened
    opened.close()


def start(url: str, version: str) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", BARE, url, version]
    return subprocess.Popen(words, cwd=HOUSE, stdout=subprocess.PIPE, text=True)


def kill_after(process: subprocess.Popen[str], batches: int, delay: float) -> int:
    """Kill a run soon after so many batches; return how many responses it said are done."""
    assert process.stdout is not None
    told = [process.stdout.readline() for _ in range(batches)]
    time.sleep(delay)
    process.kill()
    rest, _ = process.communicate(timeout=PATIENCE)
    return int((told + rest.splitlines())[-1].split()[0])


def feeds(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Return every registry's results, in the order of its feed, without gap.

    The rows are locked, so that a commit of the one that was killed has come to its end.
    """
    with database.write() as session:
        query = select(Registry.id, Registry.next_seq).with_for_update()
        following = dict(session.exec(query).all())
        runs = session.exec(select(ScoringRun).order_by(col(ScoringRun.seq))).all()
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in EACH}
    for run in runs:
        found[run.registry_id].append(json.loads(run.document))
        assert run.seq == len(found[run.registry_id])
    assert {name: len(some) + 1 for name, some in found.items()} == following
    return found


def test_killed_at_any_moment_scoring_again_goes_on_and_does_nothing_twice(
    database_url: str, beside: Database
) -> None:
    for registry, number in EACH.items():
        for one in ready(beside, registry, number, ["rand-12"]):
            with beside.write() as session:
                responses.submit(session, one.visit)
    publish(beside, rescored())
    before = feeds(beside)
    for times, (version, seed) in enumerate(ROUNDS, 2):
        chance = random.Random(seed)
        process = start(database_url, version)
        told = kill_after(process, chance.randint(1, 8), chance.uniform(0, 0.01))
        half = {name: newest_by(some, version) for name, some in feeds(beside).items()}
        assert sum(half.values()) - told in (0, 4)  # a batch may be kept and not yet told
        again, _ = start(database_url, version).communicate(timeout=PATIENCE)
        last = again.splitlines()[-1] if again else "0 0"
        assert last == " ".join([str(sum(EACH.values()) - sum(half.values()))] * 2)
        after = feeds(beside)
        for name, number in EACH.items():
            assert after[name][: len(before[name])] == before[name]
            each_supersedes_the_one_before(after[name], number, times)
        before = after


def newest_by(results: list[dict[str, Any]], version: str) -> int:
    """Return how many responses have their newest score by a version."""
    newest = {one["response"]["id"]: one["provenance"]["definition_version"] for one in results}
    return [*newest.values()].count(version)


def each_supersedes_the_one_before(results: list[dict[str, Any]], number: int, times: int) -> None:
    assert [*Counter(one["response"]["id"] for one in results).values()] == [times] * number
    last: dict[str, str | None] = {}
    for one in results:
        response = one["response"]["id"]
        assert one["provenance"]["supersedes"] == last.get(response)
        last[response] = one["cursor"]
