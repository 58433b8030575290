"""Killed at any moment of an import, the service keeps what it acknowledged, and nothing twice."""

import http.client
import json
import random
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from app.db import Database
from app.models import AuditEvent, QuestionnaireResponse, Registry, ScoringRun
from tests.collected import LINES, RESPONSES, line
from tests.conftest import fetch_token
from tests.sending import PATIENCE, Service

pytestmark = pytest.mark.uncounted

NUMBER = 500
BODIES = [line(f"p{n}", case={"id": f"C{n}", "unit": "oslo-ortho"}) for n in range(NUMBER)]
SENT = "\n".join(map(json.dumps, BODIES)).encode()


def test_what_was_acknowledged_is_there_once_however_the_import_ends(
    client: TestClient, database: Database, database_url: str, tmp_path: Path
) -> None:
    token = fetch_token(client, "hips-test", "responses")
    lines = random.randrange(1, NUMBER // 2)
    print(f"killed after line {lines}")  # noqa: T201 - to repeat it
    service = Service(database_url, tmp_path / "log")
    told = send(service, token, stop_after=lines)
    assert {one["status"] for one in told} == {201}
    assert len(told) >= lines
    first = kept(database)
    assert first.items() >= ids_of(told).items()

    service = Service(database_url, tmp_path / "log")
    again = send(service, token)
    service.stop()
    assert kept(database) == ids_of(again)
    assert ids_of(again).items() >= first.items()
    outcomes = [one["response"]["outcome"] for one in again]
    assert outcomes == ["unchanged"] * len(first) + ["stored"] * (NUMBER - len(first))


def ids_of(told: list[dict[str, Any]]) -> dict[str, str]:
    return {one["response"]["external_id"]: one["response"]["id"] for one in told}


def send(service: Service, token: str, stop_after: int = NUMBER + 1) -> list[dict[str, Any]]:
    """Send everything; return what was said of each line until the service was killed."""
    link = http.client.HTTPConnection("127.0.0.1", service.port, timeout=PATIENCE)
    link.request("POST", RESPONSES, SENT, LINES | {"Authorization": f"Bearer {token}"})
    told: list[dict[str, Any]] = []
    with link.getresponse() as answer:
        assert answer.status == 200
        try:
            while text := answer.readline():
                told.append(json.loads(text))
                if len(told) == stop_after:
                    service.kill()
        except (http.client.IncompleteRead, OSError, ValueError):
            pass  # the line that was cut off was not told
    link.close()
    return told


def kept(database: Database) -> dict[str, str]:
    """Return the ids of what is stored, once it is seen that each is whole and stored once."""
    with database.read() as session:
        responses = session.exec(select(QuestionnaireResponse)).all()
        runs = session.exec(select(ScoringRun.seq, ScoringRun.response_id)).all()
        acts = session.exec(select(AuditEvent).where(AuditEvent.what == "response.imported")).all()
        following = session.exec(select(Registry.next_seq).where(Registry.id == "hips")).one()
    found = {str(one.external_id): str(one.id) for one in responses}
    assert len(found) == len(responses)
    assert sorted(str(one) for _, one in runs) == sorted(found.values())
    assert sorted(one.record for one in acts) == sorted(found.values())
    assert sorted(seq for seq, _ in runs) == list(range(1, following))
    return found
