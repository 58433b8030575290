"""`svar client`: secrets and keys are added, changed without a pause, and taken away at once."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from joserfc.jwk import ECKey, OKPKey
from sqlalchemy import update
from sqlmodel import col, select
from starlette.testclient import TestClient

from app import clients
from app.db import Database, _alembic, migrate
from app.errors import Refused
from app.models import AuditEvent, Client, Credential, now
from tests.conftest import CLIENT_SECRET, SECRET_KEY
from tests.files import svar
from tests.flow import nothing_stored, refusal
from tests.keys import form, key, key_set, public, says, shop, sign

HIPS = ("--registry", "hips")
ME = ("hips-test", *HIPS)
RESULTS = "/api/v1/results"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    monkeypatch.setenv("SVAR_DATABASE_URL", database_url)
    monkeypatch.setenv("SVAR_SECRET_KEY", SECRET_KEY)


def works(*words: object) -> str:
    result = svar("client", *words)
    assert result.exit_code == 0, result.output
    return result.stdout


def fails(*words: object) -> str:
    result = svar("client", *words)
    assert result.exit_code != 0, result.output
    return re.sub(r"[\s│]+", " ", result.stderr)


def part(said: str, name: str) -> str:
    found = re.search(rf"^{name}: (\S+)$", said, re.MULTILINE)
    assert found is not None, said
    return found[1]


def bearer(http: TestClient, secret: str) -> dict[str, str]:
    data = {"grant_type": "client_credentials"}
    answer = http.post("/oauth/token", data=data, auth=("hips-test", secret))
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def refused(http: TestClient, secret: str) -> None:
    data = {"grant_type": "client_credentials"}
    refusal(http.post("/oauth/token", data=data, auth=("hips-test", secret)), 401)


def by_key(http: TestClient, name: str) -> int:
    return http.post("/oauth/token", data=form(sign(key(name=name), says()))).status_code


def pem(folder: Path, one: Any) -> Path:
    path = folder / "public.pem"
    path.write_bytes(one.as_pem(private=False))
    return path


def test_a_secret_is_changed_without_a_pause(client: TestClient, database: Database) -> None:
    new = part(works("secret", "add", *ME), "client_secret")
    assert bearer(client, CLIENT_SECRET)
    assert bearer(client, new)
    with database.read() as session:
        old = session.get_one(Credential, ("hips", "hips-test", "first"))
    assert old.ends_at is not None
    assert timedelta(days=29) < old.ends_at - now() < timedelta(days=30)


def test_a_secret_that_is_removed_stops_at_once_with_its_tokens_and_no_other(
    client: TestClient,
) -> None:
    new = part(works("secret", "add", *ME), "client_secret")
    old_token, new_token = bearer(client, CLIENT_SECRET), bearer(client, new)
    said = works("secret", "remove", "hips-test", "first", *HIPS)
    assert "Removed the secret first of hips-test." in said
    refused(client, CLIENT_SECRET)
    refusal(client.get(RESULTS, headers=old_token), 401)
    assert client.get(RESULTS, headers=new_token).status_code == 200
    assert bearer(client, new)


def test_a_secret_that_has_ended_gives_no_token_and_those_it_gave_last_their_time(
    client: TestClient, database: Database
) -> None:
    token = bearer(client, CLIENT_SECRET)
    works("secret", "add", *ME, "--old-days", 0)
    refused(client, CLIENT_SECRET)
    assert client.get(RESULTS, headers=token).status_code == 200


def test_two_secrets_are_good_at_a_time(client: TestClient) -> None:
    works("secret", "add", *ME)
    assert "has two secrets that are good: remove one first" in fails("secret", "add", *ME)
    works("secret", "remove", "hips-test", "first", *HIPS)
    works("secret", "add", *ME)


def test_an_end_that_is_near_is_not_put_off(database: Database) -> None:
    soon = now() + timedelta(days=1)
    with database.write() as session:
        session.connection().execute(update(Credential).values(ends_at=soon))
    works("secret", "add", *ME)
    with database.read() as session:
        assert session.get_one(Credential, ("hips", "hips-test", "first")).ends_at == soon


def test_a_key_is_registered_from_pem_or_jwk_and_changed_without_a_pause(
    client: TestClient, tmp_path: Path
) -> None:
    first = part(works("key", "add", "hips-test", pem(tmp_path, key()), *HIPS), "key_id")
    assert first == key().thumbprint()
    jwk = tmp_path / "key.json"
    jwk.write_text(json.dumps(public(key(name="next"))))
    works("key", "add", "hips-test", jwk, *HIPS)
    assert [by_key(client, name) for name in ("mine", "next")] == [200, 200]
    works("key", "remove", "hips-test", first, *HIPS)
    assert [by_key(client, name) for name in ("mine", "next")] == [401, 200]


def test_a_key_of_rsa_is_registered_from_pem_too(client: TestClient, tmp_path: Path) -> None:
    works("key", "add", "hips-test", pem(tmp_path, key("RS256")), *HIPS)
    answer = client.post("/oauth/token", data=form(sign(key("RS256"), says(), "PS256")))
    assert answer.status_code == 200


def test_a_removed_keys_tokens_stop_at_once(client: TestClient, tmp_path: Path) -> None:
    made = part(works("key", "add", "hips-test", pem(tmp_path, key()), *HIPS), "key_id")
    token = client.post("/oauth/token", data=form(sign(key(), says()))).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert client.get(RESULTS, headers=headers).status_code == 200
    works("key", "remove", "hips-test", made, *HIPS)
    refusal(client.get(RESULTS, headers=headers), 401)


def test_a_keys_id_may_begin_with_a_hyphen() -> None:
    assert "has no key -Wx" in fails("key", "remove", "hips-test", "-Wx", *HIPS)


def test_the_address_of_keys_is_registered_and_shown() -> None:
    url = "https://hips.example/jwks"
    made = part(works("key", "add", "hips-test", "--url", url, *HIPS), "key_id")
    assert f"key_url {made} {url}: added " in works("show", *ME)


@pytest.mark.demo
def test_where_the_demo_runs_keys_may_be_on_this_machine(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with shop(key_set(key())) as keys:
        assert "must begin with https://" in fails("key", "add", "--url", keys.url, *ME)
        monkeypatch.setenv("SVAR_DEMO", "true")
        works("key", "add", "hips-test", "--url", keys.url, *HIPS)
        assert by_key(client, "mine") == 200


def test_a_client_may_have_a_key_and_no_secret(client: TestClient, tmp_path: Path) -> None:
    result = svar("client", "create", *HIPS, "--scope", "results", "--id", "hips-2", "--no-secret")
    assert result.stdout == "client_id: hips-2\n"
    assert "Next: svar client key add hips-2 public.pem --registry hips" in result.stderr
    works("key", "add", "hips-2", pem(tmp_path, key()), *HIPS)
    answer = client.post("/oauth/token", data=form(sign(key(), says("hips-2"))))
    assert answer.json()["scope"] == "results"


def test_a_client_is_shown_with_all_it_has_and_no_secret(client: TestClient) -> None:
    new = works("secret", "add", *ME)
    said = works("show", *ME)
    assert said.startswith("hips-test of hips: orders, responses, results, score, instruments; not")
    assert re.search(r"secret first: added [\d-]{10}, ends [\d-]{10} [\d:]{5} UTC\n", said)
    assert re.search(rf"secret {part(new, 'secret_id')}: added [\d-]{{10}}, no end\n", said)
    assert part(new, "client_secret") not in said
    assert "argon2" not in said
    works("revoke", *ME)
    assert "; revoked 2" in works("show", *ME)
    refused(client, CLIENT_SECRET)


def test_an_ended_secret_is_shown_as_ended(database: Database) -> None:
    works("secret", "add", *ME, "--old-days", 0)
    assert ", ended 2" in works("show", *ME)


def test_whoever_takes_the_last_one_away_is_told() -> None:
    result = svar("client", "secret", "remove", "hips-test", "first", *HIPS)
    assert result.exit_code == 0
    assert "has no credentials now" in result.stderr


def test_every_change_is_noted_in_the_audit_trail(database: Database, tmp_path: Path) -> None:
    secret = part(works("secret", "add", *ME), "secret_id")
    made = part(works("key", "add", "hips-test", pem(tmp_path, key()), *HIPS), "key_id")
    works("secret", "remove", "hips-test", "first", *HIPS)
    works("key", "remove", "hips-test", made, *HIPS)
    works("revoke", *ME)
    with database.read() as session:
        query = select(AuditEvent).where(AuditEvent.registry_id == "hips")
        lines = session.exec(query.order_by(col(AuditEvent.id))).all()
    assert [(line.who, line.what, line.record) for line in lines] == [
        ("cli", "client.secret_ends", "hips-test/first"),
        ("cli", "client.secret_added", f"hips-test/{secret}"),
        ("cli", "client.key_added", f"hips-test/{made}"),
        ("cli", "client.secret_removed", "hips-test/first"),
        ("cli", "client.key_removed", f"hips-test/{made}"),
        ("cli", "client.revoked", "hips-test"),
    ]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("show nobody --registry hips", "has no client nobody"),
        ("show hips-test --registry knees", "has no client hips-test"),
        ("secret add nobody --registry hips", "has no client nobody"),
        ("secret add hips-test --registry knees", "has no client hips-test"),
        ("secret add hips-test --registry hips --old-days 366", "--old-days"),
        ("secret remove hips-test second --registry hips", "has no secret second"),
        ("secret remove hips-test first --registry knees", "has no client hips-test"),
        ("key remove hips-test first --registry hips", "has no key first"),
        ("key add hips-test --registry hips", "Give either a file"),
        ("key add hips-test a.pem --url https://a.example --registry hips", "Give either a file"),
        ("key add hips-test gone.pem --registry hips", "FileNotFoundError"),
        ("key add hips-test --url http://a.example --registry hips", "must begin with https://"),
    ],
)
def test_what_cannot_be_done_is_told_and_nothing_is_stored(
    database: Database, command: str, said: str
) -> None:
    with nothing_stored(database):
        assert said in fails(*command.split())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (key().as_pem(private=True), "is a private key; keep that"),
        (json.dumps(key().as_dict(private=True)).encode(), "holds a private or secret part"),
        (b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "cannot be read"),
        (OKPKey.generate_key("Ed25519").as_pem(private=False), "cannot be read"),
        (ECKey.generate_key("P-521").as_pem(private=False), "crv: "),
        (b"ssh-ed25519 AAAA", "cannot be read"),
        (b"[]", "JSON: "),
        (b"", "cannot be read"),
    ],
)
def test_what_is_no_public_key_is_refused(
    database: Database, tmp_path: Path, text: bytes, said: str
) -> None:
    path = tmp_path / "key"
    path.write_bytes(text)
    with nothing_stored(database):
        assert said in fails("key", "add", "hips-test", path, *HIPS)


def test_the_same_key_is_registered_once(tmp_path: Path) -> None:
    path = pem(tmp_path, key())
    works("key", "add", "hips-test", path, *HIPS)
    assert "has this key already" in fails("key", "add", "hips-test", path, *HIPS)


def test_a_refused_key_names_its_field(database: Database) -> None:
    with database.write() as session:
        client = clients.get(session, "hips", "hips-test")
        with pytest.raises(Refused, match="key: JSON"):
            clients.add_key(session, client, "tests", timedelta(0), {})


def test_a_secret_from_before_there_were_several_still_works(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'before.db'}")
    with database.engine.begin() as connection:
        command.upgrade(_alembic(connection), "0003")
        connection.exec_driver_sql(
            "INSERT INTO registry (id, name, next_seq, created_at) "
            "VALUES ('hips', 'hips', 1, '2026-01-01')"
        )
        connection.exec_driver_sql(
            "INSERT INTO client (registry_id, id, secret_hash, scopes, created_at) "
            "VALUES ('hips', 'old', '$argon2id$', '[]', '2026-01-01')"
        )
    migrate(database)
    with database.read() as session:
        (one,) = session.exec(select(Credential))
        assert session.exec(select(Client.id)).all() == ["old"]
    assert (one.registry_id, one.client_id, one.id) == ("hips", "old", "first")
    assert (one.kind, one.content, one.ends_at) == ("secret", "$argon2id$", None)
    database.close()
