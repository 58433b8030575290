"""/centre/oidc: in by a login elsewhere, for those who are invited, and for nobody else."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app import staff
from app.access.openid import Provider
from app.db import Database
from app.settings import Settings
from tests.conftest import HERE
from tests.flow import nothing_stored
from tests.issuer import CLIENT, SECRET, Issuer, running
from tests.staffed import hidden, logs_in, somebody, trail

GO, BACK, KARI = "/centre/oidc", "/centre/oidc/back", "kari@example.org"


@pytest.fixture(scope="module")
def one_issuer() -> Iterator[Issuer]:
    with running() as made:
        yield made


Configure = Callable[..., None]


@pytest.fixture
def configure(app: FastAPI, settings: Settings) -> Configure:
    """Set the service up for an issuer."""

    def set_up(issuer: Issuer, **more: Any) -> None:
        there = {"oidc_issuer": issuer.url, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
        made = Settings(**settings.model_dump(exclude_unset=True) | there | more)
        app.state.settings, app.state.provider = made, Provider(made)

    return set_up


@pytest.fixture
def issuer(one_issuer: Issuer, configure: Configure) -> Issuer:
    """An issuer that does everything right, and that the service is set up for."""
    one_issuer.reset()
    configure(one_issuer)
    return one_issuer


def comes(client: TestClient, issuer: Issuer, goal: str = "", **other: str) -> Any:
    sent = client.get(GO, params={"goal": goal})
    assert sent.status_code == 303, sent.text
    return client.get(BACK, params=issuer.log_in(sent.headers["location"]) | other)


def is_in(client: TestClient) -> bool:
    return client.get("/centre/").status_code == 200


def test_somebody_who_is_invited_comes_in_where_they_wanted_to_go(
    client: TestClient, issuer: Issuer, database: Database
) -> None:
    somebody(database, "author", email=KARI)
    page = client.get("/centre/instruments/who-5")
    assert 'href="/centre/oidc?goal=/centre/instruments/who-5"' in page.text
    assert "Logg inn med kontoen" in page.text
    answer = comes(client, issuer, "/centre/instruments/who-5")
    assert (answer.status_code, answer.headers["location"]) == (303, "/centre/instruments/who-5")
    assert client.get("/centre/instruments/who-5").status_code == 200
    assert trail(database)[-1] == (f"staff:{KARI}", "staff.logged_in", KARI)
    assert "svar_attempt" not in client.cookies
    for cookie in answer.headers.get_list("set-cookie"):
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie


@pytest.mark.parametrize("goal", ["https://elsewhere.example", "//elsewhere.example", "/form/"])
def test_it_leads_to_pages_of_this_door_alone(
    client: TestClient, issuer: Issuer, database: Database, goal: str
) -> None:
    somebody(database, "reader", email=KARI)
    assert comes(client, issuer, goal).headers["location"] == "/centre/"


def test_every_login_begins_a_new_session_and_ends_the_one_before(
    client: TestClient, issuer: Issuer, database: Database
) -> None:
    somebody(database, "reader", email=KARI)
    logs_in(client, KARI)
    earlier = client.cookies["svar_staff"]
    comes(client, issuer)
    assert client.cookies["svar_staff"] != earlier
    client.cookies.set("svar_staff", earlier, domain="127.0.0.1", path="/")
    assert not is_in(client)


def test_nobody_else_comes_in_and_all_are_told_the_same(
    client: TestClient, issuer: Issuer, database: Database
) -> None:
    pages = [comes(client, issuer)]
    somebody(database, "reader", email=KARI)
    with database.write() as session:
        staff.revoke(session, KARI, "tests")
    pages.append(comes(client, issuer))
    issuer.wrong = {"email_verified": False}
    pages.append(comes(client, issuer))
    issuer.wrong = {"email": "kari\0@example.org"}
    pages.append(comes(client, issuer))
    assert [page.status_code for page in pages] == [401] * 4
    without = {page.text.replace(hidden(page.text)["csrf"], "") for page in pages}
    assert len(without) == 1
    assert "Du ble ikke sluppet inn" in without.pop()
    assert not is_in(client)
    refused = [record for _, what, record in trail(database) if what == "staff.login_failed"]
    assert refused == ["unknown address", KARI, "unknown address", "unknown address"]


@pytest.mark.parametrize("wrong", ["state", "cookie", "no cookie", "code"])
def test_an_attempt_is_bound_to_the_browser_that_began_it_and_can_be_broken_off(
    client: TestClient, issuer: Issuer, database: Database, wrong: str
) -> None:
    somebody(database, "reader", email=KARI)
    sent = client.get(GO)
    back = issuer.log_in(sent.headers["location"])
    if wrong in back:
        back[wrong] = "another" if wrong == "state" else ""
    elif wrong == "cookie":
        client.cookies.set("svar_attempt", "nonsense", domain="127.0.0.1", path="/")
    else:
        client.cookies.clear()
    assert client.get(BACK, params=back).status_code == 401
    assert "/token" not in issuer.asked
    assert not is_in(client)
    assert trail(database)[-1][1] == "staff.login_failed"


def test_when_the_issuer_is_away_one_is_told_so(
    client: TestClient, issuer: Issuer, configure: Configure, database: Database
) -> None:
    sent = client.get(GO)
    back = issuer.log_in(sent.headers["location"])
    issuer.reply = (500, b"")
    page = client.get(BACK, params=back)
    assert (page.status_code, "svarer ikke nå" in page.text) == (503, True)
    issuer.status = 500
    configure(issuer)
    with nothing_stored(database):
        page = client.get(GO, params={"goal": "/centre/audit"})
    assert (page.status_code, "svarer ikke nå" in page.text) == (503, True)
    assert 'name="goal" value="/centre/audit"' in page.text


def test_wrong_attempts_are_counted(client: TestClient, issuer: Issuer) -> None:
    assert issuer.url
    found = [client.get(BACK).status_code for _ in range(staff.TRIES_OF_ONE + 1)]
    assert found == [401] * staff.TRIES_OF_ONE + [429]


def test_where_it_is_the_only_way_no_password_is_taken(
    client: TestClient, issuer: Issuer, configure: Configure, database: Database, settings: Settings
) -> None:
    somebody(database, "reader", email=KARI)
    with database.write() as session:
        link = staff.link(session, settings, KARI, "tests").removeprefix(HERE)
    form = hidden(client.get("/centre/login").text)
    configure(issuer, oidc_only=True, oidc_label="Helse <Nord>")
    page = client.get("/centre/login").text
    assert "Logg inn med Helse &lt;Nord&gt;" in page
    assert "password" not in page
    with nothing_stored(database):
        assert client.post("/centre/login", data=form | {"email": KARI}).status_code == 403
        assert client.get(link).status_code == 403
        assert client.post(link, data=form).status_code == 403
    assert comes(client, issuer).status_code == 303


def test_without_an_issuer_there_is_no_such_way(client: TestClient) -> None:
    assert client.get(GO).status_code == 404
    assert client.get(BACK).status_code == 404
    assert GO not in client.get("/centre/login").text
