"""The log carries ids, never answers, secrets, tokens or links."""

import logging

import pytest
import uvicorn.config
from sqlmodel import select
from starlette.testclient import TestClient

from app import security
from app.db import Database
from app.models import Draft
from scoring import Scorer
from tests.conftest import CLIENT_SECRET, Party, fetch_token, holding, party, path_of
from tests.flow import answer
from tests.staffed import logs_in, somebody
from tests.tablet import code_for, types
from tests.walk import visit, walk

CASE = "canary-case-4711"
QUIETER = {"sqlalchemy": logging.INFO, "httpx2": logging.ERROR, "httpcore2": logging.ERROR}
"""SQLAlchemy quotes rows at DEBUG, which only its own name turns on; the others are the tests'."""


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Everything that any logger says, the server's and the database's among them."""
    names = [*logging.root.manager.loggerDict, *uvicorn.config.LOGGING_CONFIG["loggers"]]
    caplog.set_level(logging.DEBUG)
    for name in names:
        caplog.set_level(QUIETER.get(name.split(".")[0], logging.DEBUG), name)
    return caplog


def access_line(path: str) -> None:
    """Say what the server itself says of a request."""
    words = ("127.0.0.1:1", "GET", path, "1.1", 200)
    logging.getLogger("uvicorn.access").info('%s - "%s %s HTTP/%s" %d', *words)


def secrets_of(client: TestClient, hips: Party, link: str) -> dict[str, str]:
    """Return whatever must not be in the log, by what it is."""
    return {
        "client secret": CLIENT_SECRET,
        "bearer token": hips.headers["Authorization"].removeprefix("Bearer "),
        "link token": link.rsplit("/", 1)[1],
        "cookie": client.cookies[security.VISIT],
        "answers": '"q1":1',
        "answers in Python": "'q1': 1",
        "case": CASE,
    }


def test_a_whole_journey_leaves_no_secret_in_the_log(
    client: TestClient, log: pytest.LogCaptureFixture
) -> None:
    hips = holding(client, "hips", fetch_token(client, "hips-test"))
    order = hips.order(case={"id": CASE, "unit": "oslo-ortho"})
    answers = {f"q{number}": 1 for number in range(1, 37)}
    receipt = walk(client, path_of(order["link"]), answers)
    access_line(path_of(order["link"]))
    assert hips.results()[0]["response"]["answers"] == answers
    for what, secret in secrets_of(client, hips, order["link"]).items():
        assert secret not in log.text, what
    assert receipt
    for pattern in ("POST /oauth/token", "POST /api/v1/orders", "GET /s/{token}"):
        assert f"{pattern} " in log.text
    assert "POST /form/send 303" in log.text
    assert "GET /api/v1/results 200" in log.text


def test_what_is_refused_leaves_no_secret_in_the_log(
    client: TestClient, log: pytest.LogCaptureFixture
) -> None:
    canary = "canary-of-what-was-sent"
    hips = party(client, "hips")
    hips.post("/api/v1/orders", json=hips.order_body(language=canary, nonsense=canary))
    hips.post("/api/v1/orders", json=hips.order_body(external_id=canary, opens="1999-01-01"))
    client.post("/oauth/token", data={"grant_type": canary, "client_secret": canary})
    client.get(f"/s/{canary}")
    client.get(f"/{canary}", headers={"Authorization": f"Bearer {canary}", "Cookie": canary})
    client.get(f"/api/v1/orders/{canary}", headers=hips.headers)
    assert canary not in log.text
    assert log.text.count(" 4") >= 6


def test_a_code_is_not_in_the_log_when_it_is_typed(
    client: TestClient, log: pytest.LogCaptureFixture
) -> None:
    hips = party(client, "hips")
    code = code_for(hips, hips.order()["id"])
    client.get("/enter", params={"code": code})
    access_line(f"/enter?code={code}")
    for _ in range(2):
        types(client, code)
        client.cookies.clear()
    assert "POST /enter 303" in log.text
    assert "a code that does not work was tried" in log.text
    assert code not in log.text
    assert code.replace("-", "") not in log.text


def test_what_fails_leaves_no_answer_in_the_log(
    client: TestClient,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    log: pytest.LogCaptureFixture,
) -> None:
    hips = party(client, "hips")
    order = hips.order(instruments=["rand-12"])
    answer(database, order["id"])
    monkeypatch.setattr(Scorer, "score_one", lambda _, answers: answers[str(answers)])
    visit(client, path_of(order["link"]))
    monkeypatch.setattr(security, "same", lambda *_: True)
    assert client.post("/form/send", data={"csrf": "any"}).status_code == 303
    assert "could not be scored" in log.text
    assert "rand_1" not in log.text


def test_a_failure_of_the_database_leaves_no_answer_in_the_log(
    client: TestClient,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    log: pytest.LogCaptureFixture,
) -> None:
    hips = party(client, "hips")
    order = hips.order(instruments=["rand-12"])
    answer(database, order["id"])
    with database.write() as session:
        draft = session.exec(select(Draft)).one()
        draft.content = {"rand-12": {"answers": "rand_1 is canary", "missing": 7}}
    client.get(path_of(order["link"]))
    monkeypatch.setattr(security, "same", lambda *_: True)
    assert client.post("/form/send", data={"csrf": "any"}).status_code == 500
    assert "POST failed" in log.text
    assert "canary" not in log.text


def test_a_token_is_not_in_the_log_when_it_is_fetched(
    client: TestClient, log: pytest.LogCaptureFixture
) -> None:
    token = fetch_token(client, "hips-test")
    assert token not in log.text
    assert "POST /oauth/token 200" in log.text


def test_no_password_link_or_session_of_the_staff_is_in_the_log(
    client: TestClient, database: Database, log: pytest.LogCaptureFixture
) -> None:
    email = somebody(database, "reader", email="canary@example.org")
    logs_in(client, email, "canary of a wrong one")
    logs_in(client, email)
    client.get("/centre/invitation/canary-token")
    access_line("/centre/invitation/canary-token")
    assert "POST /centre/login 303" in log.text
    assert "GET /centre/invitation/{token} 404" in log.text
    assert "canary" not in log.text
    assert client.cookies[security.STAFF] not in log.text
