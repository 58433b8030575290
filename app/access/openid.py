"""Letting people in by a login elsewhere (OpenID Connect): where it is, and whom it has shown.

The authorization code flow with PKCE: Authlib writes what is sent, and what comes back is read by
the same checks as any other signed text.
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.access import signed
from app.access.fetching import Declined, Form, KeySets, NotFetched, default_context, fetch, refused
from app.access.signed import Claims, NotSigned, Seconds, Words
from app.errors import Unavailable
from app.settings import Settings

log = logging.getLogger("svar.openid")

FRESH = 600
"""Seconds that serves what an issuer says of itself."""
PAUSE = 10
"""Seconds in which an issuer that did not answer is not asked anew."""
AT_ONCE = 4
"""How many may ask the issuer at a time; were it slow, the others should not wait for it."""

WELL_KNOWN = "/.well-known/openid-configuration"
SCOPE = "openid email profile"
AWAY = "The other login cannot be reached now. Try again."

Address = Annotated[str, Field(pattern=r"^https?://\S+$", max_length=2000)]


class Found(BaseModel):
    """What an issuer says of itself (OpenID Connect Discovery)."""

    model_config = ConfigDict(frozen=True)
    issuer: str
    authorization_endpoint: Address
    token_endpoint: Address
    jwks_uri: Address
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)

    @property
    def way(self) -> str:
        """How our secret is sent; in the body where that is taken, as every sign is safe there."""
        in_the_body = "client_secret_post"
        supported = self.token_endpoint_auth_methods_supported
        return in_the_body if in_the_body in supported else "client_secret_basic"


class Attempt(NamedTuple):
    """The secrets of one attempt to come in, which bind it to one browser."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> "Attempt":
        """Return new ones, of 256 bits each."""
        return cls(*(secrets.token_urlsafe(32) for _ in range(3)))


class IdClaims(Claims):
    """What an ID token must say."""

    model_config = ConfigDict(strict=True, frozen=True, extra="allow")
    iss: Words
    sub: Words
    aud: Words | list[Words]
    exp: Seconds
    iat: Seconds
    nbf: Seconds | None = None
    nonce: Words
    azp: Words | None = None
    email_verified: bool | None = None


class Provider:
    """The issuer of the settings, as this process knows it."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._local = settings.oidc_issuer.startswith("http:")  # the settings let only our own
        self._clock = clock
        self._keys = KeySets(local=True, clock=clock)
        self._found: Found | None = None
        self._until = clock()
        self._turns = threading.BoundedSemaphore(AT_ONCE)

    def address(self, attempt: Attempt) -> str:
        """Return where the browser is sent to log in. Raises Unavailable."""
        found = self._discovered()
        client = self._client(found)
        address, _ = client.create_authorization_url(
            found.authorization_endpoint,
            state=attempt.state,
            code_verifier=attempt.verifier,
            nonce=attempt.nonce,
        )
        return str(address)

    def email(self, attempt: Attempt, code: str, at: float) -> str:
        """Return the address of whoever came back with a code, at `at` (seconds since 1970).

        Raises NotSigned, which says what is wrong, and Unavailable if the issuer cannot be reached.
        """
        found = self._discovered()
        there = signed.read(self._id_token(found, attempt, code), (None, "jwt"))
        if not self._keys.signed(found.jwks_uri, there):
            raise NotSigned("is not signed by the issuer")
        says = signed.claims_of(IdClaims, there)
        self._check(says, attempt)
        signed.in_time(at, says.exp, says.nbf, says.iat)
        return self._address_in(says)

    def _check(self, says: IdClaims, attempt: Attempt) -> None:
        """See that a token is the issuer's, for us, and for this attempt; raises NotSigned."""
        us = self._settings.oidc_client_id
        audience = [says.aud] if isinstance(says.aud, str) else says.aud
        if says.iss != self._settings.oidc_issuer:
            raise NotSigned("iss: is another issuer")
        if us not in audience or says.azp not in ((us,) if len(audience) > 1 else (us, None)):
            raise NotSigned("aud: it is meant for another service")
        if not secrets.compare_digest(says.nonce.encode(), attempt.nonce.encode()):
            raise NotSigned("nonce: is of another attempt")

    def _address_in(self, says: IdClaims) -> str:
        """Return the claim with the address; an e-mail must be verified. Raises NotSigned."""
        claim, more = self._settings.oidc_claim, says.model_extra or {}
        if claim == "email" and says.email_verified is not True:
            raise NotSigned("email_verified: is not true")
        found = more.get(claim)
        if not isinstance(found, str) or not found.isprintable():
            raise NotSigned(f"{claim}: is lacking")
        return found

    def _id_token(self, found: Found, attempt: Attempt, code: str) -> str:
        """Exchange a code for the ID token. Raises NotSigned for a code that is not taken."""
        from authlib.common.errors import AuthlibBaseError

        try:
            answer = self._client(found).fetch_token(
                found.token_endpoint,
                grant_type="authorization_code",
                code=code,
                code_verifier=attempt.verifier,
            )
        except (AuthlibBaseError, ValueError, TypeError):
            raise NotSigned("code: is not taken") from None
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise NotSigned("id_token: is lacking")
        return token

    def _client(self, found: Found) -> Any:
        from authlib.oauth2.client import OAuth2Client

        settings = self._settings
        return OAuth2Client(
            _Session(self._ask),
            settings.oidc_client_id,
            settings.oidc_client_secret.get_secret_value(),
            token_endpoint_auth_method=found.way,
            scope=SCOPE,
            redirect_uri=f"{settings.public_url}/centre/oidc/back",
            code_challenge_method="S256",
        )

    def _discovered(self) -> Found:
        """Return what the issuer says of itself, from memory while that is fresh."""
        if self._clock() >= self._until:
            self._until = self._clock() + PAUSE  # meanwhile, what was found before will do
            self._found = self._read(f"{self._settings.oidc_issuer.rstrip('/')}{WELL_KNOWN}")
            self._until = self._clock() + FRESH
        if self._found is None:
            raise Unavailable(AWAY)
        return self._found

    def _read(self, url: str) -> Found:
        try:
            found = Found.model_validate_json(self._ask(url))
        except ValidationError as error:
            raise self._away(f"{error.error_count()} fields of {url} are wrong") from None
        places = (found.authorization_endpoint, found.token_endpoint, found.jwks_uri)
        if any(refused(place, local=self._local) for place in places):
            raise self._away("an address of the issuer does not begin with https://")
        if found.issuer != self._settings.oidc_issuer:
            raise self._away("the issuer calls itself by another name than SVAR_OIDC_ISSUER")
        return found

    def _ask(self, url: str, form: Form | None = None) -> bytes:
        """Ask the issuer, which may be on a private network: an operator has named it."""
        if not self._turns.acquire(blocking=False):
            raise Unavailable(AWAY)
        try:
            return fetch(url, default_context(), local=True, form=form)
        except Declined as error:
            if form and 400 <= error.status < 500:
                raise NotSigned("code: is not taken") from None
            raise self._away(str(error)) from None
        except NotFetched as error:
            raise self._away(str(error)) from None
        finally:
            self._turns.release()

    def _away(self, why: str) -> Unavailable:
        log.warning("OpenID Connect issuer: %s", why)
        return Unavailable(AWAY)


class _Reply(NamedTuple):
    """An answer that came whole, as Authlib reads one."""

    content: bytes
    status_code: int = 200

    def json(self) -> Any:
        """Return what it says; raises ValueError."""
        return orjson.loads(self.content)

    def raise_for_status(self) -> None:
        """Authlib calls this for an answer that is no JSON object."""


class _Session:
    """What Authlib sends by: one form, within the limits of all that is fetched."""

    def __init__(self, ask: Callable[[str, Form], bytes]) -> None:
        self._ask = ask

    def post(self, url: str, data: Mapping[str, str], headers: Mapping[str, str], auth: Any) -> Any:
        """Send a form with our secret, and return the answer."""
        _, whole, body = auth.prepare("POST", url, dict(headers), urlencode(data))
        return _Reply(self._ask(url, Form(body, whole)))
