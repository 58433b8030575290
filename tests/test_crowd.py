"""More patients at once than the service has threads or connections: everyone is answered."""

from functools import partial
from pathlib import Path

import pytest

from app.db import Database
from tests.sending import Browser, Ready, Service, at_once, ready

pytestmark = pytest.mark.uncounted

PATIENTS = 120


def test_a_crowd_is_answered(database_url: str, tmp_path: Path) -> None:
    database = Database(database_url)
    patients = ready(database, "hips", PATIENTS)
    database.close()
    service = Service(database_url, tmp_path / "log")

    def answer(one: Ready) -> list[str]:
        with Browser(service.port) as browser:
            return [browser.post("/form/1", one, q1=code) for code in (1, 2, 3)]

    try:
        answers = at_once(*[partial(answer, one) for one in patients])
    finally:
        service.stop()
    assert answers == [["/form/2"] * 3] * PATIENTS
