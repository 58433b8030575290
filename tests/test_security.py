"""Who is asking: secrets are made and checked here."""

import re
from dataclasses import replace

import pytest
from itsdangerous import TimestampSigner

from app import security
from app.db import Database
from app.errors import NotAuthentic
from app.models import Client, now
from app.registry.guard import Caller
from app.security import Visit
from app.settings import Settings
from tests.conftest import CLIENT_SECRET, settings_for
from tests.visits import a_visit

HERE = settings_for("sqlite://")
ELSEWHERE = Settings(secret_key="another key of more than 32 characters")


def test_a_links_token_has_192_random_bits() -> None:
    tokens = {security.new_link_token() for _ in range(50)}
    assert len(tokens) == 50
    assert all(re.fullmatch(r"[\w-]{32}", token) for token in tokens)


def test_a_client_secret_has_256_random_bits() -> None:
    assert security.new_secret() != security.new_secret()
    assert len(security.new_secret()) == 43


def test_a_receipt_can_be_read_aloud() -> None:
    receipts = {security.new_receipt() for _ in range(50)}
    assert len(receipts) == 50
    for receipt in receipts:
        assert re.fullmatch("[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{4}", receipt)


def test_a_links_hash_needs_the_key() -> None:
    assert security.link_hash(HERE, "token") == security.link_hash(HERE, "token")
    assert security.link_hash(HERE, "token") != security.link_hash(ELSEWHERE, "token")
    assert security.link_hash(HERE, "token") != security.link_hash(HERE, "tokem")
    assert len(security.link_hash(HERE, "token")) == 32


def test_a_forms_token_belongs_to_one_visit() -> None:
    visit, other = a_visit(), a_visit()
    assert security.form_token(HERE, visit) == security.form_token(HERE, visit)
    assert security.form_token(HERE, visit) != security.form_token(HERE, other)
    assert security.form_token(HERE, visit) != security.form_token(ELSEWHERE, visit)


def test_two_texts_are_the_same_or_not() -> None:
    assert security.same("æ", "æ")
    assert not security.same("æ", "ø")


def test_a_visit_is_read_from_its_cookie() -> None:
    visit = a_visit()
    assert security.read_visit(HERE, security.sign_visit(HERE, visit)) == visit


def test_a_forged_cookie_is_no_visit() -> None:
    forged = security.sign_visit(ELSEWHERE, a_visit())
    row = Client(registry_id="hips", id="hips-test", scopes=[], created_at=now())
    bearer = security.issue_token(HERE, row, ["results"], "first")
    for cookie in (None, "", "a.b.c", "æ", forged, forged + "A", bearer):
        assert security.read_visit(HERE, cookie) is None


def signed(monkeypatch: pytest.MonkeyPatch, visit: Visit, seconds: int) -> str:
    """Return the cookie of a visit that was used so many seconds ago."""
    with monkeypatch.context() as then:
        at = int(now().timestamp()) - seconds
        then.setattr(TimestampSigner, "get_timestamp", lambda _: at)
        return security.sign_visit(HERE, visit)


def test_a_visit_runs_out_when_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    visit = a_visit()
    assert security.read_visit(HERE, signed(monkeypatch, visit, 30 * 60 - 10)) == visit
    assert security.read_visit(HERE, signed(monkeypatch, visit, 30 * 60 + 10)) is None


def test_a_visit_runs_out_after_half_a_day_whatever_is_done() -> None:
    visit = a_visit()
    late = replace(visit, began=visit.began - 12 * 3600 + 10)
    assert security.read_visit(HERE, security.sign_visit(HERE, late)) == late
    late = replace(visit, began=visit.began - 12 * 3600 - 10)
    assert security.read_visit(HERE, security.sign_visit(HERE, late)) is None


def test_a_client_is_known_by_its_secret(database: Database) -> None:
    with database.read() as session:
        client, credential = security.authenticate(session, "hips-test", CLIENT_SECRET)
    assert (client.registry_id, client.id, credential.id) == ("hips", "hips-test", "first")


@pytest.mark.parametrize("client_id", ["hips-test", "nobody", "", "hips-test\0"])
def test_a_client_is_not_known_by_another_secret(database: Database, client_id: str) -> None:
    with database.read() as session, pytest.raises(NotAuthentic):
        security.authenticate(session, client_id, "wrong")


def test_a_secret_is_kept_as_a_slow_hash() -> None:
    digest = security.hash_secret("secret")
    assert digest.startswith("$argon2id$")
    assert digest != security.hash_secret("secret")


def test_the_audit_trail_names_a_caller_by_its_client(database: Database) -> None:
    with database.read() as session:
        assert Caller("hips", "hips-test", session).who == "client:hips-test"
