"""GET /.well-known/oauth-authorization-server: how tokens are had, for programs to read."""

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.registry.discovery import Metadata
from app.security import SCOPES
from tests.conftest import CLIENT_SECRET, HERE, Party
from tests.flow import refusal

WHERE = "/.well-known/oauth-authorization-server"


def test_it_says_how_tokens_are_had(client: TestClient) -> None:
    assert client.get(WHERE).json() == {
        "issuer": HERE,
        "token_endpoint": f"{HERE}/oauth/token",
        "scopes_supported": [*SCOPES],
        "response_types_supported": [],
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": [
            "client_secret_basic",
            "client_secret_post",
            "private_key_jwt",
        ],
        "token_endpoint_auth_signing_alg_values_supported": [
            "ES256",
            "ES384",
            "RS256",
            "RS384",
            "PS256",
        ],
        "service_documentation": f"{HERE}/docs",
    }


def test_it_says_the_same_to_everyone(
    client: TestClient, hips: Party, knees: Party, stranger: Party
) -> None:
    said = {party.get(WHERE).text for party in (hips, knees, stranger)}
    assert len(said) == 1


def test_a_token_is_had_where_it_says(client: TestClient) -> None:
    found = client.get(WHERE).json()
    data = {"grant_type": found["grant_types_supported"][0]}
    answer = client.post(found["token_endpoint"], data=data, auth=("hips-test", CLIENT_SECRET))
    assert answer.status_code == 200


def test_what_is_not_there_is_told_to_a_program(client: TestClient) -> None:
    refusal(client.get("/.well-known/openid-configuration"), 404)


@pytest.mark.demo
def test_its_example_is_one(app: FastAPI) -> None:
    (example,) = app.openapi()["components"]["schemas"]["Metadata"]["examples"]
    assert Metadata(**example).issuer == "https://svar.example.org"
