"""The patient's door when it stays shut, and what its pages then say."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError
from starlette.requests import Request
from starlette.testclient import TestClient

from app import patient, security
from app.db import Database
from app.errors import SvarError
from app.models import Draft, now
from app.settings import Settings
from tests.conftest import PlaceOrder
from tests.flow import counts, nothing_stored
from tests.visits import OSLO, a_visit, begin, change, csrf, draft_in
from tests.walk import submit, visit

PAGES = ["/form/", "/form/1", "/form/1/skip", "/form/check"]
SENT = ["/form/receipt", "/form/copy", "/form/result"]
FORMS = ["/form/", "/form/1", "/form/1/skip", "/form/send"]


@pytest.mark.parametrize("cookie", [None, "nonsense", "WyJoaXBzIl0.x.y"])
def test_without_a_visit_every_page_says_to_open_the_link(
    client: TestClient, cookie: str | None
) -> None:
    if cookie:
        client.cookies.set(security.VISIT, cookie)
    for answer in [*map(client.get, PAGES + SENT), *map(client.post, FORMS)]:
        assert answer.status_code == 401
        assert "Åpne lenken din på nytt" in answer.text


def test_a_visit_runs_out(
    client: TestClient, place_order: PlaceOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, link = place_order()
    visit(client, link)
    later = now().timestamp() + 13 * 3600
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: later)
    assert client.get("/form/").status_code == 401


@pytest.mark.parametrize("token", ["", "nonsense", "æøå", "0" * 64])
@pytest.mark.parametrize("path", FORMS)
def test_a_form_without_the_visits_own_mark_is_refused(
    client: TestClient, place_order: PlaceOrder, database: Database, path: str, token: str
) -> None:
    _, link = place_order(["rand-12"])
    begin(client, link)
    with nothing_stored(database):
        answer = client.post(path, data={"csrf": token, "rand_1": "1"})
    assert answer.status_code == 403
    assert "Åpne lenken din på nytt" in answer.text


def test_two_orders_in_one_browser_are_never_mixed(
    client: TestClient, place_order: PlaceOrder, database: Database
) -> None:
    first_id, first = place_order(["rand-12"], language="nb")
    second_id, second = place_order(
        ["rand-12"], language="en", case={"id": "B", "unit": "oslo-ortho"}
    )
    left_open = begin(client, first)
    begin(client, second)
    assert left_open.form is not None
    answer = client.post("/form/1", data=left_open.form.filled({"rand_1": 1}))
    assert answer.status_code == 403
    assert "Open your link again" in answer.text
    assert draft_in(database, first_id) == draft_in(database, second_id) == {}


def test_an_order_that_is_gone_is_not_found(
    client: TestClient, settings: Settings, app: FastAPI
) -> None:
    gone = a_visit()
    client.cookies.set(security.VISIT, security.sign_visit(settings, gone))
    token = security.form_token(settings, gone)
    assert client.get("/form/").status_code == 404
    assert client.post("/form/1", data={"csrf": token}).status_code == 404
    assert client.post("/form/send", data={"csrf": token}).status_code == 404


NEW_YEAR = datetime(2030, 1, 1, 8, 5, tzinfo=OSLO)
CLOSED: dict[str, tuple[dict[str, Any], int, str]] = {
    "expired": ({"closes": now() - timedelta(minutes=1)}, 410, "Fristen for å svare er ute"),
    "cancelled": ({"status": "cancelled", "cancelled_at": now()}, 410, "Du trenger ikke å svare"),
    "not open yet": (
        {"opens": NEW_YEAR, "closes": NEW_YEAR + timedelta(days=1)},
        403,
        "Du kan svare fra 1.\u00a0januar 2030 kl.\u00a008.05",
    ),
}


@pytest.mark.parametrize(("values", "status", "words"), CLOSED.values(), ids=CLOSED.keys())
def test_an_order_that_takes_no_answers_says_so_and_what_to_do(
    client: TestClient,
    place_order: PlaceOrder,
    database: Database,
    values: dict[str, Any],
    status: int,
    words: str,
) -> None:
    order_id, link = place_order(["rand-12"])
    visit(client, link)
    hidden = csrf(client)
    change(database, order_id, **({"opens": now() - timedelta(days=2)} | values))
    assert client.get(link).status_code == 303
    pages = [client.get(path) for path in PAGES]
    with nothing_stored(database):
        pages += [client.post(path, data=hidden | {"rand_1": "1"}) for path in FORMS]
    for page in pages:
        assert page.status_code == status
        assert words in page.text
        assert "<form" not in page.text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_a_method_that_no_page_uses_is_refused_with_a_page(client: TestClient, method: str) -> None:
    answer = client.request(method, "/form/1")
    assert answer.status_code == 405
    assert "allow" in answer.headers
    assert "Vi kan ikke vise siden" in answer.text


def asking(app: FastAPI, cookie: str = "") -> Request:
    headers = [(b"cookie", f"{security.VISIT}={cookie}".encode())]
    return Request({"type": "http", "app": app, "headers": headers, "method": "GET", "path": "/"})


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (SvarError("?"), 500),
        (RuntimeError("a secret of the house"), 500),
        (RequestValidationError([]), 422),
    ],
)
def test_any_error_has_a_page_that_tells_no_secret(
    app: FastAPI, error: Exception, status: int
) -> None:
    page = patient.error_page(asking(app), error)
    assert page.status_code == status
    assert "secret" not in bytes(page.body).decode()


def test_an_error_page_needs_no_database(
    app: FastAPI, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down() -> None:
        raise OperationalError("", None, Exception())

    monkeypatch.setattr(app.state.database, "read", down)
    cookie = security.sign_visit(settings, a_visit())
    page = patient.error_page(asking(app, cookie), RuntimeError())
    assert page.status_code == 500
    assert "Noe gikk galt hos oss" in bytes(page.body).decode()


def test_pages_are_not_kept_and_tell_no_one_where_they_were(
    client: TestClient, place_order: PlaceOrder
) -> None:
    _, link = place_order()
    answers = [client.get(link), client.get("/form/"), client.get("/form/1"), client.get("/s/no")]
    for answer in answers:
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_pages_load_nothing_from_elsewhere_and_have_no_style_or_script_inside(
    client: TestClient, place_order: PlaceOrder
) -> None:
    _, link = place_order(["rand-12"])
    begin(client, link)
    for path in ("/form/", "/form/1", "/form/1/skip", "/nonsense"):
        text = client.get(path).text
        assert "http" not in text.replace("http-equiv", "")
        assert " style=" not in text
        assert "<style" not in text
        assert not re.search(r"<script(?! src=\"/look/)", text)
        loaded = re.findall(r'(?:src|href)="(/look/[^"]+)"', text)
        assert loaded
        for address in loaded:
            assert client.get(address).status_code == 200


def test_no_page_names_the_case_or_the_unit_and_only_the_welcome_names_the_registry(
    client: TestClient, place_order: PlaceOrder
) -> None:
    _, link = place_order(["rand-12"])
    begin(client, link)
    for path in ("/form/", "/form/1", "/form/1/skip"):
        text = client.get(path).text
        assert ("hips" in text) == (path == "/form/")
        for word in ("oslo-ortho", "MCE-1017"):
            assert word not in text


def test_a_draft_is_kept_when_time_runs_out(
    client: TestClient, place_order: PlaceOrder, database: Database
) -> None:
    order_id, link = place_order(["rand-12"])
    submit(client, begin(client, link), {"rand_1": 3})
    change(database, order_id, opens=now() - timedelta(days=2), closes=now() - timedelta(days=1))
    assert client.get("/form/2").status_code == 410
    with database.read() as session:
        assert session.get(Draft, ("hips", order_id)) is not None
    assert counts(database)["questionnaire_response"] == 0
