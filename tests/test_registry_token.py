"""POST /oauth/token: a registry's client exchanges its credentials for a token that expires."""

import base64
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from itsdangerous import TimestampSigner
from starlette.testclient import TestClient

from app import security
from app.db import Database
from app.models import Client, now
from app.security import SCOPES
from app.settings import Settings
from tests.conftest import CLIENT_SECRET, Party, fetch_token, holding, settings_for
from tests.flow import change_client, change_secret, nothing_stored, refusal
from tests.visits import a_visit

GRANT = {"grant_type": "client_credentials"}
FORM = {"client_id": "hips-test", "client_secret": CLIENT_SECRET}
RESULTS = "/api/v1/results"


def ask(client: TestClient, **more: Any) -> Any:
    return client.post("/oauth/token", data=GRANT | more.pop("form", {}), **more)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def basic(text: bytes) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(text).decode()}


def test_credentials_in_a_basic_header_give_a_token(client: TestClient) -> None:
    answer = ask(client, auth=("hips-test", CLIENT_SECRET))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == {
        "access_token": answer.json()["access_token"],
        "token_type": "Bearer",
        "expires_in": 3600,
        "scope": " ".join(SCOPES),
    }
    token = answer.json()["access_token"]
    assert client.get(RESULTS, headers=bearer(token)).status_code == 200


def test_credentials_in_form_fields_give_a_token(client: TestClient) -> None:
    answer = ask(client, form=FORM)
    assert answer.status_code == 200
    token = answer.json()["access_token"]
    assert client.get(RESULTS, headers=bearer(token)).status_code == 200


def test_the_header_is_form_decoded_as_the_standard_has_it(
    client: TestClient, database: Database
) -> None:
    change_secret(database, "hips-test", "sp ce:%+æ")
    encoded = b"hips%2Dtest:sp+ce%3A%25%2B%C3%A6"
    assert ask(client, headers=basic(encoded)).status_code == 200


def test_a_token_has_the_scopes_that_were_asked_for_and_no_others(client: TestClient) -> None:
    answer = ask(client, form=FORM | {"scope": "results"})
    assert answer.json()["scope"] == "results"
    headers = bearer(answer.json()["access_token"])
    assert client.get(RESULTS, headers=headers).status_code == 200
    refusal(client.get(f"/api/v1/orders/{uuid4()}", headers=headers), 403)


def test_a_scope_that_the_client_does_not_have_is_refused(
    client: TestClient, database: Database
) -> None:
    change_client(database, "hips-test", scopes=["results"])
    answer = ask(client, form=FORM | {"scope": "results orders admin"})
    assert refusal(answer, 400) == ["scope"]
    assert answer.json()["error"] == "invalid_scope"
    assert answer.json()["error_description"] == "not yours: admin orders"


def test_another_grant_is_refused(client: TestClient) -> None:
    answer = ask(client, form=FORM | {"grant_type": "password"})
    assert refusal(answer, 400) == ["grant_type"]
    assert answer.json()["error"] == "unsupported_grant_type"


def test_a_form_without_a_grant_is_refused(client: TestClient) -> None:
    assert refusal(client.post("/oauth/token", data=FORM), 422) == ["grant_type"]
    assert refusal(client.post("/oauth/token", json=GRANT | FORM), 422) == ["grant_type"]


@pytest.mark.parametrize(
    "form",
    [
        pytest.param(FORM | {"client_secret": "wrong"}, id="wrong secret"),
        pytest.param(FORM | {"client_secret": ""}, id="empty secret"),
        pytest.param(FORM | {"client_secret": "a" * 100_000}, id="long secret"),
        pytest.param(FORM | {"client_id": "knees"}, id="unknown client"),
        pytest.param(FORM | {"client_id": "hips-test\0"}, id="a NUL behind a known client"),
        pytest.param(FORM | {"client_id": "\0", "client_secret": "\0"}, id="NUL"),
        pytest.param({"client_id": "hips-test"}, id="no secret"),
        pytest.param({}, id="nothing"),
    ],
)
def test_what_is_not_a_clients_secret_gives_no_token(
    client: TestClient, form: dict[str, str]
) -> None:
    answer = ask(client, form=form)
    assert refusal(answer, 401) == ["client_secret"]
    assert answer.json()["error"] == "invalid_client"
    assert answer.headers["www-authenticate"] == "Basic"


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(b"Basic", id="nothing"),
        pytest.param(b"Basic !!!", id="not base64"),
        pytest.param(b"Basic \xff\xfe", id="not ASCII"),
        pytest.param(basic(b"\xff\xfe:\xff")["Authorization"].encode(), id="not UTF-8"),
        pytest.param(basic(b"hips-test")["Authorization"].encode(), id="no colon"),
        pytest.param(basic(b"a\0b:\0")["Authorization"].encode(), id="NUL"),
        pytest.param(basic(b"%00:%ff")["Authorization"].encode(), id="percent-encoded NUL"),
    ],
)
def test_a_header_that_is_no_credentials_gives_no_token(client: TestClient, header: bytes) -> None:
    answer = client.post("/oauth/token", data=GRANT, headers={b"Authorization": header})
    assert refusal(answer, 401) == ["client_secret"]


@pytest.mark.parametrize(
    "body",
    [b"grant_type=client_credentials&client_id=\xff\xfe&client_secret=%ff", b"\xff=\xfe"],
)
def test_a_form_that_is_not_utf_8_is_refused(client: TestClient, body: bytes) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = client.post("/oauth/token", content=body, headers=headers)
    assert answer.status_code in {401, 422}
    refusal(answer, answer.status_code)


def test_a_wrong_secret_and_an_unknown_client_look_the_same(client: TestClient) -> None:
    wrong = ask(client, form=FORM | {"client_secret": "wrong"})
    unknown = ask(client, form=FORM | {"client_id": "nobody"})
    assert wrong.json() == unknown.json()


def test_a_revoked_client_gets_no_token_and_its_tokens_stop(
    client: TestClient, database: Database, hips: Party
) -> None:
    assert hips.get(RESULTS).status_code == 200
    change_client(database, "hips-test", revoked_at=now())
    refusal(hips.get(RESULTS), 401)
    refusal(ask(client, form=FORM), 401)


def test_a_scope_taken_from_the_client_is_taken_from_its_tokens(
    database: Database, hips: Party
) -> None:
    change_client(database, "hips-test", scopes=["orders"])
    refusal(hips.get(RESULTS), 403)


def test_a_token_lasts_as_long_as_was_said(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = int(now().timestamp())
    hips = holding(client, "hips", fetch_token(client, "hips-test"))
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _: begun + 3590)
    assert hips.get(RESULTS).status_code == 200
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _: begun + 3610)
    answer = hips.get(RESULTS)
    refusal(answer, 401)
    assert answer.headers["www-authenticate"].startswith('Bearer error="invalid_token"')


@pytest.mark.parametrize("place", [0, 5, -1, -5])
def test_a_token_with_a_letter_changed_is_no_token(
    client: TestClient, hips: Party, place: int
) -> None:
    token = list(hips.headers["Authorization"].removeprefix("Bearer "))
    token[place] = "A" if token[place] != "A" else "Q"
    refusal(client.get(RESULTS, headers=bearer("".join(token))), 401)


def test_what_was_signed_with_another_key_or_for_another_purpose_is_no_token(
    client: TestClient, settings: Settings
) -> None:
    client_row = Client(registry_id="hips", id="hips-test", scopes=[], created_at=now())
    other = Settings(secret_key="another key of more than 32 characters")
    forged = security.issue_token(other, client_row, ["results"], "first")
    visit = security.sign_visit(settings, a_visit())
    for token in (forged, visit, "", "a", "a.b.c", "æøå"):
        headers = {b"Authorization": f"Bearer {token}".encode()}
        refusal(client.get(RESULTS, headers=headers), 401)


def test_a_token_of_a_client_that_never_was_is_no_token(
    client: TestClient, settings: Settings
) -> None:
    nobody = Client(registry_id="hips", id="gone", scopes=[], created_at=now())
    token = security.issue_token(settings, nobody, ["results"], "first")
    refusal(client.get(RESULTS, headers=bearer(token)), 401)


@pytest.mark.parametrize("header", [None, "", "Bearer", "Basic abc", "token"])
def test_no_token_is_told_how_to_send_one(client: TestClient, header: str | None) -> None:
    answer = client.get(RESULTS, headers={"Authorization": header} if header is not None else {})
    refusal(answer, 401)
    assert "token" in answer.json()["detail"]


def test_the_scheme_is_read_in_any_case(client: TestClient) -> None:
    token = fetch_token(client, "hips-test")
    assert client.get(RESULTS, headers={"Authorization": f"bearer {token}"}).status_code == 200


def test_a_token_is_bound_to_its_registry(hips: Party, knees: Party) -> None:
    order = hips.order()
    refusal(knees.get(f"/api/v1/orders/{order['id']}"), 404)
    assert hips.get(f"/api/v1/orders/{order['id']}").status_code == 200


def test_asking_for_a_token_stores_nothing(app: FastAPI, client: TestClient) -> None:
    with nothing_stored(app.state.database):
        ask(client, form=FORM)
        ask(client, form=FORM | {"client_secret": "wrong"})


def test_settings_say_how_long_a_token_lasts(sqlite_url: str) -> None:
    from app.main import create_app

    service = create_app(settings_for(sqlite_url, token_minutes=5))
    assert ask(TestClient(service), form=FORM).json()["expires_in"] == 300
    service.state.database.close()
