"""POST /oauth/token with a key: a client signs who it is, and nobody else can (RFC 7523)."""

import base64
import hmac
import json
import logging
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from joserfc import jws
from joserfc.jwk import ECKey
from sqlmodel import col, delete, select
from starlette.testclient import TestClient

from app.access.signed import ALGORITHMS
from app.db import Database
from app.main import create_app
from app.models import Credential, UsedOnce, now
from app.settings import Settings
from tests.conftest import CLIENT_SECRET, HERE, Party
from tests.flow import change_client, nothing_stored, refusal
from tests.keys import GRANT, KINDS, form, key, key_set, public, register, says, seconds, shop, sign

RESULTS = "/api/v1/results"
NOT_KNOWN = "The client is not known, or has no such key, or the signature is wrong."


@pytest.fixture(autouse=True)
def registered(database: Database) -> None:
    """The client's public key, as `svar client key add` registers it."""
    register(database, json.dumps(public(key())))


def ask(client: TestClient, assertion: str, **more: str) -> Any:
    return client.post("/oauth/token", data=form(assertion, **more))


def refused(answer: Any) -> str:
    assert refusal(answer, 401) == ["client_assertion"]
    assert answer.json()["error"] == "invalid_client"
    said: str = answer.json()["error_description"]
    return said


@pytest.mark.parametrize("alg", KINDS)
def test_what_is_signed_with_the_clients_key_gives_a_token(
    client: TestClient, database: Database, alg: str
) -> None:
    register(database, json.dumps(public(key(alg, "other"))))
    answer = ask(client, sign(key(alg, "other"), says(), alg), scope="results")
    assert answer.status_code == 200, answer.text
    assert answer.json()["scope"] == "results"
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    assert client.get(RESULTS, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "more",
    [
        {"aud": f"{HERE}/oauth/token"},
        {"aud": [HERE]},
        {"aud": [HERE, f"{HERE}/oauth/token"]},
        {"iat": None},
        {"nbf": 0},
        {"exp": lambda: seconds() + 290.5},
    ],
)
def test_what_may_be_said_in_more_than_one_way_may(
    client: TestClient, more: dict[str, Any]
) -> None:
    given = {name: value() if callable(value) else value for name, value in more.items()}
    assert ask(client, sign(key(), says(**given))).status_code == 200


@pytest.mark.parametrize("typ", [None, "JWT", "jwt", "client-authentication+jwt"])
def test_its_type_may_be_left_out(client: TestClient, typ: str | None) -> None:
    assert ask(client, sign(key(), says(), typ=typ)).status_code == 200


def test_the_client_id_may_stand_beside_it_if_it_is_the_same(client: TestClient) -> None:
    assert ask(client, sign(key(), says()), client_id="hips-test").status_code == 200
    said = refused(ask(client, sign(key(), says()), client_id="knees-test"))
    assert said == "iss: is not the client_id that was sent beside it"


def later(more: int) -> Any:
    return lambda: seconds() + more


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"sub": "knees-test"}, "sub: must be the same as iss"),
        ({"iss": "knees-test"}, "sub: must be the same as iss"),
        ({"iss": None}, "iss: "),
        ({"iss": 7}, "iss: "),
        ({"iss": "\0", "sub": "\0"}, "iss: "),
        ({"iss": "a" * 61, "sub": "a" * 61}, "iss: "),
        ({"aud": "https://other.example"}, f"aud: must be {HERE} alone"),
        ({"aud": [HERE, "https://other.example"]}, "aud: must be"),
        ({"aud": []}, "aud: must be"),
        ({"aud": None}, "aud: "),
        ({"exp": None}, "exp: "),
        ({"exp": "soon"}, "exp: "),
        ({"exp": 1e300}, "exp: "),
        ({"exp": 10**400}, "holds no JSON object"),
        ({"exp": later(0)}, "exp: has passed"),
        ({"exp": later(332)}, "exp: is more than 300 seconds ahead"),
        ({"iat": later(40)}, "iat: is in the future"),
        ({"nbf": later(40)}, "nbf: is in the future"),
        ({"jti": None}, "jti: "),
        ({"jti": ""}, "jti: "),
        ({"jti": "a" * 256}, "jti: "),
    ],
)
def test_what_it_must_say_and_does_not_is_named(
    client: TestClient, database: Database, more: dict[str, Any], said: str
) -> None:
    given = {name: value() if callable(value) else value for name, value in more.items()}
    text = sign(key(), says(**given))
    with nothing_stored(database):
        found = refused(ask(client, text))
    assert found.startswith(said)


@pytest.mark.parametrize("text", ["a", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "W10.e30.AA", "æ"])
def test_what_cannot_be_read_is_refused(client: TestClient, text: str) -> None:
    assert refused(ask(client, text))


def test_there_is_no_signature_that_needs_no_key(client: TestClient) -> None:
    head, body, _ = sign(key(), says()).split(".")
    none = "eyJhbGciOiJub25lIn0"
    assert refused(ask(client, f"{none}.{body}.")).startswith("alg: is none of ES256")
    assert refused(ask(client, f"{head}.{body}.")) == NOT_KNOWN


def test_a_public_key_is_no_secret_to_sign_with(client: TestClient) -> None:
    head, body, _ = sign(key(), says()).split(".")
    head = base64.urlsafe_b64encode(b'{"alg":"HS256"}').rstrip(b"=").decode()
    for secret in (json.dumps(public(key())).encode(), key().as_pem(private=False)):
        digest = hmac.digest(secret, f"{head}.{body}".encode(), "sha256")
        text = f"{head}.{body}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"
        assert refused(ask(client, text)).startswith("alg: is none of")


def test_the_payload_must_be_a_json_object(client: TestClient) -> None:
    for payload, said in ((b"[]", "JSON: "), (b"no", "holds no JSON object"), (b"NaN", "holds no")):
        text = jws.serialize_compact({"alg": "ES256"}, payload, key(), algorithms=["ES256"])
        assert refused(ask(client, text)).startswith(said)


@pytest.mark.parametrize(
    "header",
    [{"typ": "at+jwt"}, {"crit": ["b64"], "b64": False}, {"crit": ["new"], "new": 1}, {"kid": 7}],
)
def test_a_header_that_is_not_understood_is_refused(
    client: TestClient, header: dict[str, Any]
) -> None:
    head = json.dumps({"alg": "ES256"} | header).encode()
    _, body, signature = sign(key(), says()).split(".")
    first = base64.urlsafe_b64encode(head).rstrip(b"=").decode()
    assert refused(ask(client, f"{first}.{body}.{signature}"))


def test_a_wrong_key_an_unknown_client_and_a_revoked_one_look_the_same(
    client: TestClient, database: Database
) -> None:
    wrong = ask(client, sign(key(name="wrong"), says()))
    others = ask(client, sign(key(), says("knees-test")))
    unknown = ask(client, sign(key(), says("nobody")))
    change_client(database, "hips-test", revoked_at=now())
    revoked = ask(client, sign(key(), says()))
    assert {refused(one) for one in (wrong, others, unknown, revoked)} == {NOT_KNOWN}


def test_a_key_is_found_by_its_name_if_one_is_given(client: TestClient) -> None:
    assert ask(client, sign(key(), says(), kid=key().kid)).status_code == 200
    assert refused(ask(client, sign(key(), says(), kid="another"))) == NOT_KNOWN


def test_a_key_that_has_ended_is_no_key(client: TestClient, database: Database) -> None:
    for name, days, status in (("old", -1, 401), ("new", 1, 200)):
        ends = now() + timedelta(days=days)
        register(database, json.dumps(public(key(name=name))), ends_at=ends)
        assert ask(client, sign(key(name=name), says())).status_code == status


def test_an_assertion_is_good_once_for_every_worker(
    client: TestClient, settings: Settings, database: Database
) -> None:
    other = create_app(settings)
    text = sign(key(), says())
    assert ask(client, text).status_code == 200
    for http in (client, TestClient(other, HERE)):
        assert refused(ask(http, text)) == "jti: was used before; make a new one for each request"
    other.state.database.close()


def test_the_same_jti_of_another_client_is_another(client: TestClient, database: Database) -> None:
    register(database, json.dumps(public(key(name="k"))), client_id="knees-test")
    assert ask(client, sign(key(), says(jti="1"))).status_code == 200
    assert ask(client, sign(key(name="k"), says("knees-test", jti="1"))).status_code == 200


def test_a_forged_assertion_does_not_use_up_a_jti(client: TestClient) -> None:
    assert refused(ask(client, sign(key(name="wrong"), says(jti="1")))) == NOT_KNOWN
    assert ask(client, sign(key(), says(jti="1"))).status_code == 200


def test_what_was_used_is_forgotten_when_it_would_have_expired(
    client: TestClient, database: Database
) -> None:
    with database.write() as session:
        past = now() - timedelta(seconds=1)
        for number in range(3):
            session.add(UsedOnce(registry_id="knees", digest=bytes([number]), expires_at=past))
    assert ask(client, sign(key(), says())).status_code == 200
    with database.read() as session:
        (left,) = session.exec(select(UsedOnce))
    assert (left.registry_id, len(left.digest)) == ("hips", 32)
    assert now() + timedelta(seconds=60) < left.expires_at < now() + timedelta(seconds=120)


@pytest.mark.parametrize(
    ("more", "field", "error"),
    [
        ({"client_secret": CLIENT_SECRET}, "client_assertion", "invalid_request"),
        ({"client_assertion_type": "jwt"}, "client_assertion_type", "invalid_request"),
        ({"scope": "admin"}, "scope", "invalid_scope"),
    ],
)
def test_a_request_that_contradicts_itself_is_refused(
    client: TestClient, more: dict[str, str], field: str, error: str
) -> None:
    answer = ask(client, sign(key(), says()), **more)
    assert refusal(answer, 400) == [field]
    assert answer.json()["error"] == error


def test_a_header_and_a_secret_beside_it_are_one_too_many(client: TestClient) -> None:
    data = GRANT | {"client_id": "hips-test", "client_secret": CLIENT_SECRET}
    answer = client.post("/oauth/token", data=data, auth=("hips-test", CLIENT_SECRET))
    assert refusal(answer, 400) == ["client_secret"]


def test_a_client_with_a_key_alone_has_no_secret_to_guess(
    client: TestClient, database: Database
) -> None:
    with database.write() as session:
        session.exec(delete(Credential).where(col(Credential.kind) == "secret"))
    data = GRANT | {"client_id": "hips-test", "client_secret": CLIENT_SECRET}
    assert refusal(client.post("/oauth/token", data=data), 401) == ["client_secret"]
    assert ask(client, sign(key(), says())).status_code == 200


@pytest.mark.demo
def test_the_keys_may_be_where_the_client_publishes_them(
    client: TestClient, app: FastAPI, database: Database
) -> None:
    new = key(name="published")
    with shop(key_set(new)) as keys:
        register(database, keys.url, "key_url")
        assert ask(client, sign(new, says())).status_code == 200
        assert ask(client, sign(new, says())).status_code == 200
        assert keys.asked == 1
        assert refused(ask(client, sign(key(name="wrong"), says()))) == NOT_KNOWN


@pytest.mark.demo
def test_keys_that_cannot_be_fetched_are_not_the_clients_fault(
    client: TestClient, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with shop() as keys:
        keys.status = 404
        register(database, keys.url, "key_url")
        with caplog.at_level(logging.WARNING):
            answer = ask(client, sign(key(name="published"), says()))
    refusal(answer, 503)
    assert answer.headers["retry-after"] == "5"
    assert "Keys of 127.0.0.1 not fetched: status 404" in caplog.text


def test_its_token_is_bound_to_the_registry(client: TestClient, knees: Party) -> None:
    token = ask(client, sign(key(), says())).json()["access_token"]
    me = Party(client, "hips", "oslo-ortho", {"Authorization": f"Bearer {token}"})
    order = me.order()
    refusal(knees.get(f"/api/v1/orders/{order['id']}"), 404)


def test_an_assertion_is_never_in_the_log(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    text = sign(key(), says(jti="canary-jti"))
    with caplog.at_level(logging.DEBUG):
        assert ask(client, text).status_code == 200
        refused(ask(client, text))
    assert text not in caplog.text
    assert "canary-jti" not in caplog.text


def test_every_kind_of_key_is_tried() -> None:
    assert tuple(KINDS) == ALGORITHMS
    assert isinstance(key(), ECKey)
