"""The service as it is put together: what it needs to start, and what it says of itself."""

import gc
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import event
from starlette.testclient import TestClient

from app import demo, main
from app.db import Database, migrate
from app.main import NotReady, create_app, from_environment
from app.settings import Settings
from tests.conftest import SECRET_KEY, Party, settings_for
from tests.flow import nothing_stored, refusal


@pytest.fixture
def app(settings: Settings) -> Iterator[FastAPI]:
    """A service with doors of its own, for these tests add some that fail."""
    service = create_app(settings)
    yield service
    service.state.database.close()


def test_a_database_without_tables_is_not_ready(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="svar migrate"):
        create_app(settings_for(f"sqlite:///{tmp_path / 'new.db'}"))


def test_the_demos_database_is_not_for_real_patients(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'demo.db'}"
    database = Database(url)
    migrate(database)
    with database.write() as session:
        demo._seed_registry(session, demo.HIPS._replace(value_sets=()))
    database.close()
    with pytest.raises(NotReady, match="secrets everyone knows"):
        create_app(settings_for(url))
    create_app(settings_for(url, demo=True)).state.database.close()


def test_the_service_is_up_when_its_database_is(client: TestClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_the_service_is_not_up_without_its_database(
    database: Database, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "engine", Database("sqlite:////nowhere/svar.db").engine)
    refusal(client.get("/healthz"), 503)
    assert client.get("/form/", headers={"Cookie": "svar_visit=x"}).status_code == 401


def test_an_unknown_address_of_the_api_is_a_problem(client: TestClient) -> None:
    for path in ("/api/v1/nothing", "/api/", "/oauth/nothing"):
        refusal(client.get(path), 404)


def test_a_method_that_is_not_there_is_a_problem_with_those_that_are(client: TestClient) -> None:
    answer = client.delete("/api/v1/orders")
    refusal(answer, 405)
    assert answer.headers["allow"] == "POST"


def test_an_unknown_address_elsewhere_is_a_page(client: TestClient) -> None:
    answer = client.get("/nothing")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


def test_what_nobody_foresaw_tells_nothing_and_is_logged(
    app: FastAPI, client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    canary = "the answer was 7"

    def fails() -> None:
        raise LookupError(canary)

    app.add_api_route("/api/fails", fails)
    with caplog.at_level(logging.DEBUG):
        answer = client.get("/api/fails")
    refusal(answer, 500)
    assert canary not in answer.text + caplog.text
    assert "LookupError" in caplog.text
    assert "in fails" in caplog.text


def test_started_and_stopped_it_lets_go_of_its_database(settings: Settings) -> None:
    service = create_app(settings)
    try:
        with TestClient(service) as http:
            assert http.get("/healthz").status_code == 200
            assert gc.get_freeze_count() > 0
            pool = service.state.database.engine.pool
        assert service.state.database.engine.pool is not pool
    finally:
        gc.unfreeze()


def test_the_environment_says_how_it_runs(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SVAR_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("SVAR_SECRET_KEY", SECRET_KEY)
    monkeypatch.setenv("SVAR_TOKEN_MINUTES", "7")
    service = from_environment()
    assert service.state.settings.token_minutes == 7
    service.state.database.close()


def test_machines_and_people_are_told_apart_by_address() -> None:
    assert all(path.startswith("/") for path in main.MACHINES)
    assert not "/form/".startswith(main.MACHINES)
    assert not "/s/token".startswith(main.MACHINES)


def test_what_fails_when_it_is_committed_is_not_called_done(
    database: Database, hips: Party
) -> None:
    def disk_full(_: object) -> None:
        raise OSError("no space left on device")

    with nothing_stored(database):
        event.listen(database.engine, "commit", disk_full)
        answer = hips.post("/api/v1/orders", json=hips.order_body())
        event.remove(database.engine, "commit", disk_full)
    refusal(answer, 500)
    assert "link" not in answer.json()
