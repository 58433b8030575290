"""Whose script is asking: the guard of the routes by which the PRO centre keeps its library."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlmodel import Session

from app import tokens
from app.db import Database
from app.errors import NotAuthentic, NotPermitted
from app.models import Person
from app.registry.guard import keep_pace
from app.settings import Settings

_token = HTTPBearer(
    scheme_name="centre",
    bearerFormat="svar_centre_…",
    description="A token of one of the PRO centre's people, made under My tokens in the centre.",
    auto_error=False,
)
Shown = Annotated[HTTPAuthorizationCredentials | None, Depends(_token)]


@dataclass(frozen=True, slots=True)
class Script:
    """Somebody's script, which has that person's roles, and the transaction of its request."""

    settings: Settings
    session: Session
    person: Person

    @property
    def who(self) -> str:
        """How the audit trail names this person, as by the pages."""
        return f"staff:{self.person.email}"


def script(role: str, *, writes: bool = True) -> Any:
    """Return the guard of a script's route: a dependency that gives a Script with this role.

    The transaction is committed before the answer is sent (`scope="function"`). Raises NotAuthentic
    without a valid token, NotPermitted without the role, TooMany when it is asked too often.
    """
    return Depends(_guard(role, writes=writes), scope="function")


@cache
def _guard(role: str, *, writes: bool) -> Callable[..., Iterator[Script]]:
    def guard(request: Request, shown: Shown) -> Iterator[Script]:
        database: Database = request.app.state.database
        admit(request, shown)
        with database.write() if writes else database.read() as session:
            yield _permitted(request, session, shown, role)

    return guard


def admit(request: Request, shown: HTTPAuthorizationCredentials | None) -> None:
    """See whose token it is, before anything waits for it, and that it is not used too often."""
    database: Database = request.app.state.database
    with database.read() as session:
        email = _person(request, session, shown).email
    keep_pace(request, f"staff:{email}")


def _person(
    request: Request, session: Session, shown: HTTPAuthorizationCredentials | None
) -> Person:
    if shown is None:
        raise NotAuthentic("Send `Authorization: Bearer svar_centre_…`, a token of your own.")
    return tokens.by_token(session, request.app.state.settings, shown.credentials)


def _permitted(
    request: Request,
    session: Session,
    shown: HTTPAuthorizationCredentials | None,
    role: str,
) -> Script:
    person = _person(request, session, shown)
    if role not in ("reader", *person.roles):
        raise NotPermitted(f"This is for those with the role {role}.")
    return Script(request.app.state.settings, session, person)


async def brought_body(request: Request, shown: Shown) -> AsyncIterator[bytes]:
    """Give the bytes of a file that was sent, once it is known by whom; a few are held at a time.

    Raises NotAuthentic and TooMany, as the guard does.
    """
    await run_in_threadpool(admit, request, shown)
    async with request.app.state.files:
        yield await request.body()
