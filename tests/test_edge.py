"""What every request passes first: the size limit, safe headers, one line in the log."""

import asyncio
import logging
from collections.abc import Iterator
from traceback import format_exception
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from starlette.testclient import TestClient
from starlette.types import Message

from app import edge
from app.edge import HEADERS, BrokenOff, Edge, NoPaths
from app.main import create_app
from app.settings import Settings
from tests.conftest import HERE, Party, path_of, settings_for

PAGES = ["/healthz", "/openapi.json", "/nowhere", "/api/v1/nowhere", "/api/v1/results", "/form/"]


@pytest.fixture
def app(settings: Settings) -> Iterator[FastAPI]:
    """A service with doors of its own, for these tests add some that fail."""
    service = create_app(settings)
    yield service
    service.state.database.close()


def failing(app: FastAPI) -> None:
    """Give the service routes that nobody foresaw would fail."""

    def fails() -> None:
        raise RuntimeError("canary")

    app.add_api_route("/api/fails", fails)
    app.add_api_route("/fails", fails)


@pytest.mark.parametrize("path", [*PAGES, "/api/fails", "/fails"])
def test_every_answer_has_the_safe_headers(app: FastAPI, client: TestClient, path: str) -> None:
    failing(app)
    answer = client.get(path)
    assert answer.status_code != 405
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert "strict-transport-security" not in answer.headers


def test_a_header_that_is_there_already_is_not_said_twice(hips: Party) -> None:
    answer = hips.get("/api/v1/results")
    assert answer.headers.get_list("cache-control") == ["no-store"]


def test_over_https_the_browser_is_told_to_stay_there(sqlite_url: str) -> None:
    service = create_app(settings_for(sqlite_url, public_url="https://svar.example"))
    answer = TestClient(service).get("/healthz")
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    service.state.database.close()


def test_the_docs_may_run_their_own_script_and_nothing_else_may(client: TestClient) -> None:
    assert "'unsafe-inline'" in client.get("/docs").headers["content-security-policy"]
    for path in PAGES:
        assert "unsafe" not in client.get(path).headers["content-security-policy"]


def test_style_sheets_may_be_kept_by_the_browser(client: TestClient) -> None:
    answer = client.get("/static/patient.css")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=3600"


def test_a_failure_is_answered_and_logged_without_its_words(
    app: FastAPI, client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    failing(app)
    with caplog.at_level(logging.INFO):
        answer = client.get("/api/fails")
    assert answer.status_code == 500
    assert "canary" not in answer.text
    assert "GET failed" in caplog.text
    assert "RuntimeError" in caplog.text
    assert "GET /api/fails 500" in caplog.text


def test_an_answer_that_fails_half_way_is_broken_off_and_logged_without_its_words(
    app: FastAPI, caplog: pytest.LogCaptureFixture
) -> None:
    canary = "the answer was 7"

    def half() -> Any:
        yield b"one"
        raise LookupError(canary)

    app.add_api_route("/half", lambda: StreamingResponse(half()))
    with pytest.raises(BrokenOff) as caught:
        TestClient(app, HERE).get("/half")
    assert "LookupError" in caplog.text
    assert canary not in caplog.text
    assert canary not in "".join(format_exception(caught.value))


def post(app: FastAPI, *messages: Message, path: str = "/oauth/token") -> list[Message]:
    """Send a request as a server hands it on, message by message; return what is answered."""
    said: list[Message] = []
    waiting = list(messages)

    async def receive() -> Message:
        return waiting.pop(0) if waiting else await asyncio.sleep(60, {"type": "never"})

    async def send(message: Message) -> None:
        said.append(message)

    headers = [(b"content-type", b"application/x-www-form-urlencoded"), (b"host", b"127.0.0.1")]
    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "query_string": b"",
        "headers": headers,
    }
    asyncio.run(app(scope, receive, send))
    return said


def test_whoever_stops_sending_is_not_waited_for(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge, "BODY_SECONDS", 0.05)
    half: Message = {"type": "http.request", "body": b"grant_type=", "more_body": True}
    assert post(app, half)[0]["status"] == 408


def test_whoever_goes_away_is_not_answered(app: FastAPI, caplog: pytest.LogCaptureFixture) -> None:
    half: Message = {"type": "http.request", "body": b"csrf=", "more_body": True}
    with caplog.at_level(logging.INFO):
        said = post(app, half, {"type": "http.disconnect"}, path="/form/send")
    assert said == []
    assert "POST broken off by the client" in caplog.text


def test_a_body_within_the_limit_is_read(sqlite_url: str) -> None:
    service = create_app(settings_for(sqlite_url, body_kilobytes=1))
    http = TestClient(service)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    within = http.post("/oauth/token", content=b"a" * 1024, headers=headers)
    beyond = http.post("/oauth/token", content=b"a" * 1025, headers=headers)
    assert (within.status_code, beyond.status_code) == (422, 413)
    service.state.database.close()


def test_the_log_holds_the_routes_pattern_and_not_the_link(
    hips: Party, client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    path = path_of(hips.order()["link"])
    with caplog.at_level(logging.INFO, "svar.access"):
        client.get(path)
        client.get("/nowhere/secret")
        hips.get("/api/v1/orders/01234567-89ab-cdef-0123-456789abcdef")
    lines = [record.getMessage() for record in caplog.records if record.name == "svar.access"]
    assert [line.rsplit(" ", 2)[0] for line in lines] == [
        "GET /s/{token} 303",
        "GET (no route) 404",
        "GET /api/v1/orders/{order_id} 404",
    ]
    assert path not in caplog.text


def test_the_servers_own_access_lines_are_kept_out(app: FastAPI) -> None:
    access = logging.getLogger("uvicorn.access")
    record = access.makeRecord(access.name, logging.INFO, __file__, 1, "/s/token", (), None)
    assert any(isinstance(one, NoPaths) for one in access.filters)
    assert not access.filter(record)


def test_what_is_no_request_passes_untouched() -> None:
    seen: list[str] = []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    async def nothing() -> Message:
        raise AssertionError("nobody reads")

    async def sends(_: Message) -> None:
        raise AssertionError("nobody sends")

    around = Edge(inner, lambda *_: pytest.fail("nothing failed"))
    asyncio.run(around({"type": "lifespan"}, nothing, sends))
    assert seen == ["lifespan"]
