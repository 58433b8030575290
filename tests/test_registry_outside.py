"""Tokens that others issue: taken when the settings name the issuer, for what they are worth."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from sqlalchemy import update
from sqlmodel import col, select
from starlette.testclient import TestClient

from app.access import outside
from app.db import Database
from app.main import create_app
from app.models import AuditEvent, Registry
from app.settings import Issuer, Settings
from tests.conftest import HERE, Party, fetch_token, settings_for
from tests.flow import nothing_stored, refusal
from tests.keys import Shop, hashed, key, key_set, public, seconds, shop, sign

ORGNR = {"hips": "991825827", "knees": "983974724"}
ORDERS, RESULTS = "/api/v1/orders", "/api/v1/results"
HELSEID, MASKINPORTEN = "https://helseid.test", "https://maskinporten.test/"
PARENT = "helseid://claims/client/claims/orgnr_parent"


@pytest.fixture
def issuer() -> Iterator[Shop]:
    """An issuer that the tests run: it publishes a key, and signs with it."""
    with shop(key_set(key("ES256", "issuer"), key("RS256", "issuer"))) as made:
        yield made


@pytest.fixture
def settings(database_url: str, issuer: Shop) -> Settings:
    helseid = Issuer(
        issuer=HELSEID,
        jwks=issuer.url,
        audience="nhn:svar",
        orgnr_claim=(PARENT,),
        scopes={"nhn:svar/results": ("results",), "nhn:svar/orders": ("orders", "results")},
    )
    maskinporten = Issuer(
        issuer=MASKINPORTEN,
        jwks=issuer.url,
        audience="https://svar.test",
        orgnr_claim=("consumer", "ID"),
        scopes={"svar:results": ("results",)},
        untyped=True,
    )
    bound = helseid.model_copy(update={"issuer": f"{HELSEID}/bound", "bound": True})
    return settings_for(database_url, demo=True, issuers=(helseid, maskinporten, bound))


@pytest.fixture(autouse=True)
def organisations(database: Database) -> None:
    for registry, orgnr in ORGNR.items():
        belongs(database, registry, orgnr)


def belongs(database: Database, registry: str, orgnr: str) -> None:
    with database.write() as session:
        statement = update(Registry).where(col(Registry.id) == registry).values(orgnr=orgnr)
        assert session.connection().execute(statement).rowcount == 1


def says(**more: Any) -> dict[str, Any]:
    there: dict[str, Any] = {
        "iss": HELSEID,
        "aud": "nhn:svar",
        "client_id": "a-program",
        PARENT: ORGNR["hips"],
    }
    there |= {"scope": ["nhn:svar/orders"], "iat": seconds(), "exp": seconds() + 600}
    return there | more


def token(alg: str = "ES256", typ: str | None = "at+jwt", **more: Any) -> str:
    return sign(key(alg, "issuer"), says(**more), alg, typ=typ)


def sent(client: TestClient, text: str, path: str = RESULTS) -> Any:
    return client.get(path, headers={"Authorization": f"Bearer {text}"})


def party(client: TestClient, registry: str) -> Party:
    headers = {"Authorization": f"Bearer {token(**{PARENT: ORGNR[registry]})}"}
    return Party(client, registry, "oslo-ortho", headers)


def test_an_organisations_token_stands_for_its_registry(client: TestClient, knees: Party) -> None:
    me, other = party(client, "hips"), party(client, "knees")
    order = me.order()
    assert me.get(f"{ORDERS}/{order['id']}").status_code == 200
    refusal(other.get(f"{ORDERS}/{order['id']}"), 404)
    refusal(knees.get(f"{ORDERS}/{order['id']}"), 404)


def test_the_audit_trail_names_the_program_with_its_issuer(
    client: TestClient, database: Database
) -> None:
    party(client, "hips").order()
    with database.read() as session:
        lines = select(AuditEvent.who).where(AuditEvent.registry_id == "hips")
        assert session.exec(lines).all() == [f"client:{HELSEID}#a-program"]


def test_scopes_are_worth_what_the_settings_say(client: TestClient) -> None:
    only_results = token(scope="nhn:svar/results openid")
    assert sent(client, only_results).status_code == 200
    refusal(sent(client, only_results, f"{ORDERS}/{uuid4()}"), 403)
    for scope in (["results"], [], "", None):
        refusal(sent(client, token(scope=scope)), 403)


def test_maskinportens_tokens_have_no_type_and_a_prefix_before_the_number(
    client: TestClient,
) -> None:
    consumer = {"authority": "iso6523-actorid-upis", "ID": f"0192:{ORGNR['hips']}"}
    more = {"iss": MASKINPORTEN, "aud": "https://svar.test", "scope": "svar:results"}
    for typ in (None, "JWT", "at+jwt"):
        text = token("RS256", typ, consumer=consumer, **more)
        assert sent(client, text).status_code == 200
    for wrong in ({"ID": "0192:12345678"}, {"ID": 991825827}, {}, "0192:991825827", None):
        answer = sent(client, token("RS256", None, consumer=wrong, **more))
        assert "consumer.ID: is no organisation number" in challenge(answer)


def challenge(answer: Any, scheme: str = "Bearer", error: str = "invalid_token") -> str:
    refusal(answer, 401)
    said: str = answer.headers["www-authenticate"]
    assert said.startswith(f'{scheme} error="{error}", error_description="')
    return said


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"iss": "https://other.test"}, "iss: is no issuer"),
        ({"iss": None}, "iss: "),
        ({"aud": "nhn:other"}, "aud: it is meant for another service"),
        ({"aud": None}, "aud: "),
        ({"exp": None}, "exp: "),
        ({"exp": 1}, "exp: has passed"),
        ({"nbf": 9e9}, "nbf: is in the future"),
        ({"iat": 9e9}, "iat: is in the future"),
        ({"client_id": None}, "client_id: is lacking"),
        ({"client_id": "a\0b"}, "client_id: "),
        ({PARENT: "99182582"}, "is no organisation number"),
        ({PARENT: "９９１８２５８２７"}, "is no organisation number"),
        ({PARENT: None}, "is no organisation number"),
        ({"scope": 7}, "scope"),
        ({"cnf": "key"}, "cnf: "),
        ({"iss": f"{HELSEID}/bound"}, "cnf: must be bound to a key"),
        ({"typ": None}, "typ: must be at+jwt"),
        ({"typ": "JWT"}, "typ: must be at+jwt"),
        ({"typ": "id+jwt"}, "typ: is not what is wanted"),
    ],
)
def test_what_a_token_says_wrongly_is_named(
    client: TestClient, database: Database, more: dict[str, Any], said: str
) -> None:
    with nothing_stored(database):
        assert said in challenge(sent(client, token(**more)))


def test_a_token_may_be_meant_for_several_services_and_name_its_sub(client: TestClient) -> None:
    text = token(aud=["nhn:other", "nhn:svar"], client_id=None, sub="a-program")
    assert sent(client, text).status_code == 200


def test_a_token_that_its_issuer_did_not_sign_is_refused(client: TestClient) -> None:
    forged = sign(key(name="forger"), says(), typ="at+jwt")
    assert "is not signed by its issuer" in challenge(sent(client, forged))
    head, body, _ = token().split(".")
    assert "is not signed by its issuer" in challenge(sent(client, f"{head}.{body}."))
    assert "alg: is none of" in challenge(sent(client, f"eyJhbGciOiJub25lIn0.{body}."))


def test_an_issuers_new_key_is_found_without_a_restart(
    app: FastAPI, client: TestClient, issuer: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sent(client, token()).status_code == 200
    issuer.body = key_set(key(name="issuers-new"))
    text = sign(key(name="issuers-new"), says(), typ="at+jwt")
    challenge(sent(client, text))  # half a minute between two looks
    app.state.key_sets._copies[issuer.url].tried -= 31
    app.state.key_sets._copies[issuer.url].fetched -= 31
    assert sent(client, text).status_code == 200
    assert issuer.asked == 2


def test_an_organisation_of_no_registry_or_of_two_may_do_nothing(
    client: TestClient, database: Database
) -> None:
    refusal(sent(client, token(**{PARENT: "123456789"})), 403)
    belongs(database, "knees", ORGNR["hips"])
    answer = sent(client, token())
    refusal(answer, 403)
    assert "stands for no one registry" in answer.json()["detail"]


def test_our_own_tokens_work_beside_the_others(client: TestClient) -> None:
    assert sent(client, fetch_token(client, "hips-test")).status_code == 200


def test_without_issuers_no_token_from_elsewhere_is_looked_at(
    database_url: str, issuer: Shop
) -> None:
    service = create_app(settings_for(database_url))
    answer = sent(TestClient(service, HERE), token())
    assert "not valid or has expired" in challenge(answer)
    assert issuer.asked == 0
    service.state.database.close()


def proof(text: str, alg: str = "ES256", header: Any = None, **more: Any) -> str:
    """Return a DPoP proof for a GET of the results with a token."""
    there = {"htm": "GET", "htu": f"{HERE}{RESULTS}", "iat": seconds(), "jti": str(uuid4())}
    there |= {"ath": hashed(text)} | more
    head = {"typ": "dpop+jwt", "jwk": public(key(alg, "bound"))} | (header or {})
    return sign(key(alg, "bound"), there, alg, **head)


def bound(alg: str = "ES256", **more: Any) -> str:
    return token(cnf={"jkt": key(alg, "bound").thumbprint()}, **more)


def show(client: TestClient, text: str, *proofs: str, scheme: str = "DPoP", path: str = "") -> Any:
    headers = [("Authorization", f"{scheme} {text}"), *(("DPoP", one) for one in proofs)]
    return client.get(RESULTS + path, headers=headers)


@pytest.mark.parametrize("alg", ["ES256", "ES384", "RS256", "PS256"])
def test_a_bound_token_is_taken_with_a_proof_of_its_key(client: TestClient, alg: str) -> None:
    text = bound(alg, iss=f"{HELSEID}/bound")
    assert show(client, text, proof(text, alg)).status_code == 200


def test_a_proof_may_be_of_any_spelling_of_the_address(client: TestClient) -> None:
    text = bound()
    for htu in (f"HTTP://127.0.0.1:8000{RESULTS}?limit=1#x", f"{HERE}/api/v1/result%73"):
        assert show(client, text, proof(text, htu=htu), path="?limit=1").status_code == 200


def test_a_proof_of_a_post_is_good_for_that_post(client: TestClient, database: Database) -> None:
    text = bound()
    shown = proof(text, htm="POST", htu=f"{HERE}{ORDERS}")
    me = Party(client, "hips", "oslo-ortho", {"Authorization": f"DPoP {text}", "DPoP": shown})
    assert me.order()["status"] == "open"
    with nothing_stored(database):
        assert "was used before" in challenge(
            me.post(ORDERS, json=me.order_body()), "DPoP", "invalid_dpop_proof"
        )


def test_a_proof_is_good_once_for_every_worker(client: TestClient, settings: Settings) -> None:
    other = create_app(settings)
    text = bound()
    shown = proof(text)
    assert show(client, text, shown).status_code == 200
    for http in (client, TestClient(other, HERE)):
        said = challenge(show(http, text, shown), "DPoP", "invalid_dpop_proof")
        assert "was used before" in said
    other.state.database.close()


def test_a_bound_token_is_worth_nothing_without_its_key(client: TestClient) -> None:
    text = bound()
    assert "cnf: send it as DPoP" in challenge(sent(client, text))
    assert "cnf: send it as DPoP" in challenge(show(client, token(), proof(token())))
    for proofs in ([], [proof(text), proof(text)]):
        said = challenge(show(client, text, *proofs), "DPoP", "invalid_dpop_proof")
        assert "Send one DPoP header" in said
        assert said.endswith('algs="ES256 ES384 RS256 RS384 PS256"')


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"htm": "POST"}, "htm, htu: are not"),
        ({"htu": f"{HERE}{ORDERS}"}, "htm, htu: are not"),
        ({"htu": f"https://127.0.0.1:8000{RESULTS}"}, "htm, htu: are not"),
        ({"htu": f"http://127.0.0.1{RESULTS}"}, "htm, htu: are not"),
        ({"htu": f"http://localhost:8000{RESULTS}"}, "htm, htu: are not"),
        ({"htu": RESULTS}, "htu: is not an address"),
        ({"htu": "http://[x"}, "htu: is not an address"),
        ({"htu": f"http://a:99999{RESULTS}"}, "htu: is not an address"),
        ({"iat": 1}, "iat: is more than 60 seconds ago"),
        ({"iat": 9e9}, "iat: is in the future"),
        ({"iat": None}, "iat: "),
        ({"jti": None}, "jti: "),
        ({"ath": None}, "ath: "),
        ({"ath": hashed("another")}, "ath: is not the hash"),
        ({"header": {"typ": "JWT"}}, "typ: "),
        ({"header": {"jwk": None}}, "jwk: "),
        ({"header": {"jwk": public(key(name="thief"))}}, "is not signed by the key"),
        ({"header": {"jwk": {"kty": "oct", "k": "AAAA"}}}, "jwk: holds a private or secret part"),
        ({"header": {"jwk": key(name="bound").as_dict(private=True)}}, "jwk: holds a private"),
    ],
)
def test_a_proof_of_another_request_token_or_key_is_refused(
    client: TestClient, database: Database, more: dict[str, Any], said: str
) -> None:
    text = bound()
    with nothing_stored(database):
        answer = show(client, text, proof(text, **more))
    assert said in challenge(answer, "DPoP", "invalid_dpop_proof")


def test_a_proof_signed_by_another_key_is_refused(client: TestClient) -> None:
    text = bound()
    head, body, _ = proof(text).split(".")
    _, _, signature = proof(text).split(".")
    answer = show(client, text, f"{head}.{body}.{signature}")
    assert "is not signed by the key" in challenge(answer, "DPoP", "invalid_dpop_proof")


def test_a_proof_of_an_unknown_organisation_stores_nothing(
    client: TestClient, database: Database
) -> None:
    text = bound(**{PARENT: "123456789"})
    with nothing_stored(database):
        refusal(show(client, text, proof(text)), 403)


def test_tokens_are_told_apart_by_their_beginning(client: TestClient) -> None:
    assert outside.is_one(token())
    assert not outside.is_one(fetch_token(client, "hips-test"))


def test_the_settings_can_be_given_as_json(settings: Settings) -> None:
    text = json.dumps([one.model_dump() for one in settings.issuers])
    assert settings_for("sqlite://", demo=True, issuers=text).issuers == settings.issuers
