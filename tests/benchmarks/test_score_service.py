"""What scoring over HTTP takes beside `svar score`, and what it leaves for others."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.csv as arrow_csv
import pytest

from app.db import Database
from app.offline.job import Job, do
from app.settings import HOUSE
from tests.benchmarks.cost import cpu_of, peak, restart_peak
from tests.benchmarks.send import send
from tests.benchmarks.test_feed import SUBMITS, submits_a_second, token
from tests.benchmarks.test_offline import people
from tests.sending import Service, ready

ROWS = 100_000
ROUNDS = 3
AT_MOST = 3.0
"""Times of `svar score`'s own."""
BESIDE = 1 / 3
"""The least part of the submits a second that is left while a registry has files scored."""


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    file = tmp_path / "answers.csv"
    arrow_csv.write_csv(people(ROWS), file)
    return file


@pytest.fixture
def service(postgres_url: str, tmp_path: Path) -> Iterator[Service]:
    running = Service(postgres_url, tmp_path / "log")
    yield running
    running.stop()


def quickest(act: Callable[[], object]) -> float:
    """Return the seconds of the best of some times."""
    seconds = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        act()
        seconds.append(time.perf_counter() - begun)
    return min(seconds)


def test_scoring_over_http_is_fast_beside_the_command(service: Service, answers: Path) -> None:
    scores = answers.with_name("scores.csv")
    folder = HOUSE / "instruments"
    job = Job(answers=answers, output=scores, folder=folder, instrument="rand-36", force=True)
    pass_ = token(service.port, "hips")
    process = service.process.pid
    restart_peak(process)
    before = peak(process)
    assert send(service.port, pass_, answers) == by_command(job)
    used = cpu_of(process)
    sent = quickest(lambda: send(service.port, pass_, answers))
    used = (cpu_of(process) - used) / ROUNDS / 1000
    alone = quickest(lambda: by_command(job))
    print(  # noqa: T201
        f"\n{ROWS:,} rows of RAND-36, {answers.stat().st_size / 1e6:.1f} MB of CSV"
        f"\nsvar score          {alone:6.2f} s"
        f"\nover HTTP           {sent:6.2f} s ({used:.2f} s of the service's CPU)"
        f"\n{sent / alone:.2f} times; at most {AT_MOST:.2f}"
        f"\nthe service's peak  {peak(process):6.1f} MB, {before:.1f} MB before"
    )
    assert sent <= AT_MOST * alone


def by_command(job: Job) -> bytes:
    """Do what `svar score` does, and return what it wrote."""
    done = do(job, print, lambda *_: None)
    assert done.tally.scored == ROWS
    return job.output.read_bytes()


def test_patients_can_send_while_a_registry_has_files_scored(
    service: Service, postgres_url: str, answers: Path
) -> None:
    database = Database(postgres_url)
    orders = ready(database, "knees", 2 * SUBMITS + 100)
    database.close()
    pass_ = token(service.port, "hips")
    submits_a_second(service, orders[2 * SUBMITS :])  # warms up
    quiet = submits_a_second(service, orders[:SUBMITS])
    sender = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.send", str(service.port), pass_, str(answers)]
    )
    busy = submits_a_second(service, orders[SUBMITS : 2 * SUBMITS])
    assert sender.poll() is None
    sender.kill()
    sender.wait()
    print(  # noqa: T201
        f"\n{quiet:.0f} submits a second; {busy:.0f} while files are scored: "
        f"{busy / quiet:.2f} of it (at least {BESIDE:.2f})"
    )
    assert busy >= BESIDE * quiet
