"""Discovery: where a registry's program finds out by itself how to get a token (RFC 8414)."""

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict

from app.access.signed import ALGORITHMS, Algorithm
from app.security import SCOPES
from app.settings import Settings

router = APIRouter(tags=["access"])


class Metadata(BaseModel):
    """How tokens are had here."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "issuer": "https://svar.example.org",
                    "token_endpoint": "https://svar.example.org/oauth/token",
                    "scopes_supported": [*SCOPES],
                    "response_types_supported": [],
                    "grant_types_supported": ["client_credentials"],
                    "token_endpoint_auth_methods_supported": ["private_key_jwt"],
                    "token_endpoint_auth_signing_alg_values_supported": [*ALGORITHMS],
                    "service_documentation": "https://svar.example.org/docs",
                }
            ]
        }
    )

    issuer: str
    token_endpoint: str
    scopes_supported: list[str]
    response_types_supported: list[str]
    grant_types_supported: list[Literal["client_credentials"]]
    token_endpoint_auth_methods_supported: list[
        Literal["client_secret_basic", "client_secret_post", "private_key_jwt"]
    ]
    token_endpoint_auth_signing_alg_values_supported: list[Algorithm]
    service_documentation: str


@router.get("/.well-known/oauth-authorization-server")
def metadata(request: Request) -> Metadata:
    """Say how tokens are had here: where, for what, and by which signatures."""
    settings: Settings = request.app.state.settings
    here = settings.public_url
    return Metadata(
        issuer=here,
        token_endpoint=f"{here}/oauth/token",
        scopes_supported=[*SCOPES],
        response_types_supported=[],
        grant_types_supported=["client_credentials"],
        token_endpoint_auth_methods_supported=[
            "client_secret_basic",
            "client_secret_post",
            "private_key_jwt",
        ],
        token_endpoint_auth_signing_alg_values_supported=[*ALGORITHMS],
        service_documentation=f"{here}/docs",
    )
