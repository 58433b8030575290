"""Killed at any moment, `svar pull` goes on, and has every result once; so when the service is."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app import responses
from app.db import Database
from app.settings import HOUSE
from tests.conftest import CLIENT_SECRET
from tests.files import SVAR
from tests.pulled import files_in, parts_of, rows_of
from tests.sending import PATIENCE, Service, ready

pytestmark = pytest.mark.uncounted

SEEDS = (1, 20, 300)
RESULTS = 50
TABLE = "rand-12/1.0"


@pytest.fixture
def service(sqlite_url: str, tmp_path: Path) -> Iterator[Service]:
    """The service in a process of its own, with results that wait to be pulled."""
    database = Database(sqlite_url)
    for one in ready(database, "hips", RESULTS, ["rand-12"]):
        with database.write() as session:
            responses.submit(session, one.visit)
    database.close()
    running = Service(sqlite_url, tmp_path / "log")
    yield running
    running.kill()


BARE = """
import sys
from pathlib import Path
from app.pulling.asking import Service
from app.pulling.credentials import Secret
from app.pulling.pull import Wish, pull

folder, url, secret = sys.argv[1:]
wish = Wish(folder=Path(folder), form="csv", instruments=("rand-12",), rows=5)
pull(Service(url, "hips-test", Secret(secret), 1, print), wish, lambda _: None)
"""
"""What the command does, without the rest of `svar`, which takes long to begin."""


def start(service: Service, folder: Path) -> subprocess.Popen[bytes]:
    """Begin to pull, five results a file, so that there are many moments to be killed at."""
    url = f"http://127.0.0.1:{service.port}"
    words = [sys.executable, "-c", BARE, str(folder), url, CLIENT_SECRET]
    return subprocess.Popen(words, cwd=HOUSE, stderr=subprocess.PIPE)


def command(service: Service, folder: Path) -> subprocess.Popen[bytes]:
    """Begin the same as somebody does who types it."""
    url = f"http://127.0.0.1:{service.port}"
    asked = ("--client-id", "hips-test", "--instrument", "rand-12", "--rows", "5", "--tries", "1")
    return subprocess.Popen(
        [*SVAR, "pull", str(folder), "--url", url, "--format", "csv", *asked],
        cwd=HOUSE,
        env=os.environ | {"CLIENT_SECRET": CLIENT_SECRET},
        stderr=subprocess.PIPE,
    )


def wait_for(folder: Path, parts: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until so many files have come."""
    deadline = time.monotonic() + PATIENCE
    while len(list(folder.glob(f"{TABLE}/part-*"))) < parts and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.001)


def end(process: subprocess.Popen[bytes]) -> tuple[int, str]:
    """Return a pull's exit code, and what it said."""
    _, said = process.communicate(timeout=PATIENCE)
    return process.returncode, " ".join(said.decode().split())


def fed(service: Service) -> list[dict[str, str]]:
    """Return every result as the API answers it."""
    url = f"http://127.0.0.1:{service.port}"
    form = {"grant_type": "client_credentials"}
    with httpx.Client(base_url=url) as http:
        token = http.post("/oauth/token", data=form, auth=("hips-test", CLIENT_SECRET)).json()
        answer = http.get(
            "/api/v1/results?instrument=rand-12&format=csv",
            headers={"Authorization": f"Bearer {token['access_token']}"},
        )
    file = service.log.with_name("all.csv")
    file.write_bytes(answer.content)
    return rows_of([file])


def test_killed_at_any_moment_it_goes_on_and_has_every_result_once(
    service: Service, tmp_path: Path
) -> None:
    expected = fed(service)
    assert len({row["response_id"] for row in expected}) == RESULTS
    killed = 0
    for seed in SEEDS:
        chance, folder = random.Random(seed), tmp_path / str(seed)
        process = start(service, folder)
        wait_for(folder, chance.randint(1, 8), process)
        time.sleep(chance.uniform(0, 0.03))
        process.kill()
        killed += end(process)[0] == -9
        tear(folder)
        assert end(start(service, folder))[0] == 0
        assert rows_of(parts_of(folder, TABLE)) == expected
        assert rows_of([folder / TABLE / "latest.csv"]) == expected
        assert files_in(folder) == [
            f"{TABLE}/latest.csv",
            *(f"{TABLE}/part-{number:06}.csv" for number in range(1, RESULTS // 5 + 1)),
            "svar-pull.json",
            "svar-pull.lock",
        ]
    assert killed > 0


def tear(folder: Path) -> None:
    """Leave behind what a power cut may: half a file, and a part that the state does not know."""
    last = parts_of(folder, TABLE)[-1:]
    torn = last[0].read_bytes()[:700] if last else b""
    number = len(parts_of(folder, TABLE)) + 1
    (folder / TABLE / f".part-{number:06}.csv.tmp").write_bytes(torn)
    (folder / TABLE / f"part-{number:06}.csv").write_bytes(torn)
    (folder / ".svar-pull.json.tmp").write_bytes(b"{")


def test_a_service_that_is_killed_is_told_and_the_next_pull_goes_on(
    service: Service, sqlite_url: str, tmp_path: Path
) -> None:
    expected, folder = fed(service), tmp_path / "to"
    process = command(service, folder)
    wait_for(folder, 2, process)
    service.kill()
    code, said = end(process)
    assert code == 3
    assert said.startswith("127.0.0.1 cannot be reached (")
    assert said.endswith("What has come is whole, and the next run goes on from there.")
    before = rows_of(parts_of(folder, TABLE))
    assert before == expected[: len(before)] != expected
    again = Service(sqlite_url, tmp_path / "log")
    file = folder / "svar-pull.json"
    file.write_text(file.read_text().replace(f":{service.port}", f":{again.port}"))
    try:
        assert end(start(again, folder))[0] == 0
    finally:
        again.kill()
    assert rows_of(parts_of(folder, TABLE)) == expected
