"""Who is at the PRO centre's door: somebody who is logged in, and what their roles let them do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

from fastapi import Depends, Request
from sqlmodel import Session

from app import security, staff
from app.browser import SentFile, language_cookie, sent_with_files, this_page
from app.db import Database
from app.errors import NotPermitted, Refused, Unclear
from app.models import Person
from app.settings import Settings
from app.texts import CENTRE, preferred

Fields = Annotated[list[tuple[str, str]], Depends(sent_with_files)]


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody who is logged in, the request's transaction, and the form that was sent."""

    settings: Settings
    session: Session
    person: Person
    token: str
    language: str
    this_page: str
    fields: tuple[tuple[str, str], ...] = ()
    files: tuple[SentFile, ...] = ()

    @property
    def who(self) -> str:
        """How the audit trail names this person."""
        return f"staff:{self.person.email}"

    def values(self, name: str) -> list[str]:
        """Return what was filled in under a name, without what was left empty."""
        return [text.strip() for key, text in self.fields if key == name and text.strip()]

    def first(self, name: str) -> str:
        """Return the first thing that was filled in under a name, or nothing."""
        return next(iter(self.values(name)), "")

    def number(self, name: str) -> int:
        """Return a number that a hidden field holds; raises Refused for anything else."""
        text = self.first(name)
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise Refused(name, "is a number; send the page's own form")
        return int(text)

    @property
    def file(self) -> SentFile | None:
        """The file of a form that takes one; none where none was chosen; Unclear for more."""
        if len(self.files) > 1:
            raise Unclear("The form has more files than its page asks for.")
        return next(iter(self.files), None)


def token_of(request: Request) -> str:
    """Return the text of the session's cookie, or nothing."""
    return request.cookies.get(security.staff_cookie(request.app.state.settings), "")


def form_token(settings: Settings, token: str) -> str:
    """Return the hidden field that ties a page's form to the session it was made for."""
    return security.keyed(settings, "staff-form", token).hex()


def reading(*roles: str) -> Any:
    """Return the guard of a page that is read: a dependency that gives a Staff with such a role.

    Raises NotAuthentic without a session, NotPermitted without any of the roles.
    """
    return Depends(_reading(*roles), scope="function")


def writing(*roles: str) -> Any:
    """Return the guard of a form: besides, it must come from a page of the same session.

    The transaction is committed before the answer is sent (`scope="function"`).
    """
    return Depends(_writing(*roles), scope="function")


def asking(*roles: str) -> Any:
    """Return the guard of a form that only asks: as `writing`, but nothing can be changed.

    So may be guarded what writes in transactions of its own, as scoring again does.
    """
    return Depends(_asking(*roles), scope="function")


@cache
def _reading(*roles: str) -> Callable[..., Iterator[Staff]]:
    def guard(request: Request) -> Iterator[Staff]:
        database: Database = request.app.state.database
        staff.see(database, request.app.state.settings, token_of(request))
        with database.read() as session:
            yield _permitted(request, session, roles, [])

    return guard


@cache
def _writing(*roles: str) -> Callable[..., Iterator[Staff]]:
    def guard(request: Request, fields: Fields) -> Iterator[Staff]:
        database = _from_here(request, fields)
        with database.write() as session:
            yield _permitted(request, session, roles, fields)

    return guard


@cache
def _asking(*roles: str) -> Callable[..., Iterator[Staff]]:
    def guard(request: Request, fields: Fields) -> Iterator[Staff]:
        database = _from_here(request, fields)
        with database.read() as session:
            yield _permitted(request, session, roles, fields)

    return guard


def _from_here(request: Request, fields: list[tuple[str, str]]) -> Database:
    """See that a form comes from a page of the session, which is used by that."""
    database: Database = request.app.state.database
    settings, token = request.app.state.settings, token_of(request)
    staff.see(database, settings, token)
    sent = dict(fields).get("csrf", "")
    if not security.same(sent, form_token(settings, token)):
        raise NotPermitted("The form does not belong to this session.")
    return database


def _permitted(
    request: Request, session: Session, roles: tuple[str, ...], fields: list[tuple[str, str]]
) -> Staff:
    settings: Settings = request.app.state.settings
    token = token_of(request)
    person = staff.by_session(session, settings, token)
    if "reader" not in roles and not {*roles} & {*person.roles}:
        raise NotPermitted(f"This is for those with the role {' or '.join(roles)}.")
    there, language = this_page(request), language_for(request)
    sent = tuple(fields), tuple(getattr(request.state, "sent_files", ()))
    return Staff(settings, session, person, token, language, there, *sent)


def language_for(request: Request) -> str:
    """Return the language to speak: the one chosen, else the browser's."""
    chosen = request.cookies.get(language_cookie(request.app.state.settings))
    if chosen in CENTRE:
        return chosen
    return preferred(request.headers.get("accept-language", ""))


Reader = Annotated[Staff, reading("reader")]
Leaver = Annotated[Staff, writing("reader")]
Administrator = Annotated[Staff, reading("administrator")]
Administering = Annotated[Staff, writing("administrator")]
