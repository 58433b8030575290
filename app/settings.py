"""Every knob of the service, in one place, set by environment variables named SVAR_*."""

import json
import os
from functools import cache, cached_property
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

DEMO_SECRET = "svar-demo-secret-for-this-machine-only"  # noqa: S105 - refused outside demo mode
HOUSE = Path(__file__).resolve().parent.parent


Scope = Literal["orders", "responses", "results", "score", "instruments"]
"""What a registry's program may be allowed to do; app/security.py says it in words."""

Name = Annotated[str, Field(min_length=1, max_length=255)]


class Issuer(BaseModel):
    """Somebody else who issues tokens that are taken here, such as HelseID or Maskinporten.

    `issuer` and `audience` are what the token must say, `jwks` is where its public keys are. The
    claim with the organisation number is found by the path `orgnr_claim`. `scopes` says what each
    of theirs is worth here. `untyped` takes tokens without the type at+jwt, and `bound` only those
    that are bound to a key (DPoP).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: Name
    jwks: Annotated[str, Field(pattern=r"^https?://[^\s@#]+$")]
    audience: Name
    orgnr_claim: Annotated[tuple[Name, ...], Field(min_length=1)]
    scopes: Annotated[dict[Name, tuple[Scope, ...]], Field(min_length=1)]
    untyped: bool = False
    bound: bool = False


class Settings(BaseSettings):
    """How this service runs. Frozen: read once at start, the same until it stops.

    Raises pydantic's ValidationError, naming the field, for a setting that is out of range, for a
    default secret outside demo mode, and for demo mode on an address that others can reach.
    """

    model_config = SettingsConfigDict(
        env_prefix="SVAR_", frozen=True, extra="forbid", use_attribute_docstrings=True
    )

    demo: bool = False
    """Serve made-up registries, units and orders to try the service with; loopback only."""
    database_url: Annotated[str, Field(pattern=r"^(sqlite|postgresql\+psycopg)://")] = (
        f"sqlite:///{HOUSE / 'var' / 'svar.db'}"
    )
    """SQLAlchemy address of the database: sqlite:///path or postgresql+psycopg://..."""
    secret_key: SecretStr = SecretStr(DEMO_SECRET)
    """Signs cookies and tokens and keys the hash of links; at least 32 characters, kept secret."""
    host: str = "127.0.0.1"
    """Address that `svar serve` listens on."""
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    """Port that `svar serve` listens on."""
    public_url: Annotated[str, Field(pattern=r"^https?://[\w.:\[\]-]+$")] = "http://127.0.0.1:8000"
    """How the outside world reaches this service; patients' links start with it."""
    timezone: str = "Europe/Oslo"
    """Where a date without a time of day is read, and how times are shown to patients."""
    token_minutes: Annotated[int, Field(ge=0, le=1440)] = 60
    """How long a registry's bearer token lasts."""
    requests_per_minute: Annotated[int, Field(ge=1, le=1_000_000)] = 6000
    """How often a registry's program may ask, over time, of each worker process."""
    requests_at_once: Annotated[int, Field(ge=1, le=1_000_000)] = 1000
    """How many requests a program that has paused may send at once."""
    failures_per_minute: Annotated[int, Field(ge=1, le=10_000)] = 10
    """How many wrong credentials of a client are looked at from an address; of all, ten times."""
    issuers: Annotated[tuple[Issuer, ...], NoDecode] = ()
    """Whose tokens are taken besides our own, as a JSON list; docs/access.md has its fields."""
    visit_hours: Annotated[int, Field(ge=1, le=72)] = 12
    """How long a patient's visit lasts at most before the link must be opened again."""
    idle_minutes: Annotated[int, Field(ge=5, le=1440)] = 30
    """How long a patient's visit lasts while nothing is done; the page warns before it ends."""
    code_hours: Annotated[int, Field(ge=1, le=168)] = 12
    """How long a code for a clinic's tablet works."""
    shared_minutes: Annotated[int, Field(ge=1, le=60)] = 5
    """How long a visit lasts on a tablet that is handed round, while nothing is done."""
    order_days: Annotated[int, Field(ge=1, le=730)] = 30
    """How long an order stays open when the registry does not say."""
    body_kilobytes: Annotated[int, Field(ge=1, le=65536)] = 256
    """Largest request body that is read."""
    score_megabytes: Annotated[int, Field(ge=1, le=1024)] = 64
    """Largest body of answers to be scored by `POST /api/v1/score`; up to four are held at once."""
    order_megabytes: Annotated[int, Field(ge=1, le=1024)] = 16
    """Largest batch of `POST /api/v1/orders` as NDJSON; up to four are held at once."""
    import_megabytes: Annotated[int, Field(ge=1, le=1024)] = 32
    """Largest batch of `POST /api/v1/responses` as NDJSON; up to four batches are held at once."""
    two_people: bool = True
    """Whoever wrote an instrument, or handed it in, does not approve it: another reviewer does."""
    centre_contact: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]*$", max_length=200)] = ""
    """Where registries reach the PRO centre, such as an e-mail address; told where they need it."""
    oidc_issuer: Annotated[str, Field(pattern=r"^(https?://[^\s@#?]+)?$")] = ""
    """Whose OpenID Connect login lets the PRO centre's people in; docs/centre.md says how."""
    oidc_client_id: Annotated[str, Field(max_length=255)] = ""
    """By what id that issuer knows this service."""
    oidc_client_secret: SecretStr = SecretStr("")
    """The secret that goes with it."""
    oidc_label: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]*$", max_length=60)] = ""
    """What the issuer is called on the page where one logs in."""
    oidc_claim: Name = "email"
    """In which claim the issuer tells the address by which somebody is invited."""
    oidc_only: bool = False
    """Let the PRO centre's people in by that login alone, and take no passwords."""
    instruments: Path = HOUSE / "instruments"
    """Folder of the shipped instruments."""

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        if name not in _zones():
            raise ValueError(f"{name!r} is not a time zone; give a name such as Europe/Oslo")
        return name

    @field_validator("issuers", mode="before")
    @classmethod
    def _of_json(cls, given: Any) -> Any:
        try:
            return json.loads(given) if isinstance(given, str) else given
        except ValueError:
            raise ValueError("is not JSON; docs/access.md has an example") from None

    @model_validator(mode="after")
    def _issuers(self) -> Self:
        names = [one.issuer for one in self.issuers]
        if len(set(names)) < len(names):
            raise ValueError("SVAR_ISSUERS names an issuer twice; give each one entry.")
        if not self.demo and any(one.jwks.startswith("http:") for one in self.issuers):
            raise ValueError("SVAR_ISSUERS: jwks must begin with https://")
        return self

    @model_validator(mode="after")
    def _oidc(self) -> Self:
        secret = self.oidc_client_secret.get_secret_value()
        given = [bool(one) for one in (self.oidc_issuer, self.oidc_client_id, secret)]
        if any(given) != all(given):
            raise ValueError(
                "SVAR_OIDC_ISSUER, SVAR_OIDC_CLIENT_ID and SVAR_OIDC_CLIENT_SECRET belong "
                "together: set all three, or none."
            )
        if self.oidc_only and not self.oidc_issuer:
            raise ValueError(
                "SVAR_OIDC_ONLY lets nobody in without SVAR_OIDC_ISSUER: set that too."
            )
        there = urlsplit(self.oidc_issuer)
        if there.scheme == "http" and not (self.demo or _is_loopback(there.hostname or "")):
            raise ValueError("SVAR_OIDC_ISSUER must begin with https://")
        return self

    @model_validator(mode="after")
    def _known(self) -> Self:
        if unknown := sorted(_named() - set(type(self).model_fields)):
            names = ", ".join(f"SVAR_{name.upper()}" for name in unknown)
            raise ValueError(f"There is no setting {names}: docs/settings.md has those there are.")
        return self

    @model_validator(mode="after")
    def _secret(self) -> Self:
        secret = self.secret_key.get_secret_value()
        if not self.demo and secret == DEMO_SECRET:
            raise ValueError(
                "SVAR_SECRET_KEY is not set. Set it to a secret of your own, at least 32 "
                "characters (`openssl rand -base64 48` makes one), or try the service with "
                "`svar demo`."
            )
        if len(secret) < 32:
            raise ValueError("SVAR_SECRET_KEY is too short: at least 32 characters.")
        return self

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if self.demo and not _is_loopback(self.host):
            raise ValueError(
                f"SVAR_HOST is {self.host}, and demo mode serves this machine alone, because its "
                "secrets are known to everyone. Use 127.0.0.1, or turn SVAR_DEMO off."
            )
        if not _is_loopback(self.host) and _is_loopback(urlsplit(self.public_url).hostname or ""):
            raise ValueError(
                f"SVAR_PUBLIC_URL is {self.public_url}, which patients cannot reach. Set it to the "
                "address that they open, such as https://svar.example.org."
            )
        return self

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone that dates are read in."""
        return ZoneInfo(self.timezone)

    @property
    def secure(self) -> bool:
        """Whether patients come over https, so that cookies must not travel otherwise."""
        return self.public_url.startswith("https://")


@cache
def _zones() -> set[str]:
    return available_timezones()


def _named() -> set[str]:
    """Return the settings that the environment names, known or not."""
    names = (name.lower() for name in os.environ)
    return {name.removeprefix("svar_") for name in names if name.startswith("svar_")}


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
