"""Coming in and going out: address and password, the link that lets somebody in first, log out."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from app import security, staff
from app.browser import came_from, is_address
from app.centre.guard import Fields, Leaver, token_of
from app.centre.pages import HOME, end_session, keep_session, log_in_page, open_page, to
from app.db import Database
from app.errors import NotAuthentic, NotPermitted, Refused
from app.models import Person

router = APIRouter(prefix="/centre", default_response_class=HTMLResponse, include_in_schema=False)


@router.get("/login")
def ask(request: Request) -> Response:
    """Ask for address and password."""
    return log_in_page(request, 200)


@router.post("/login")
def log_in(request: Request, fields: Fields) -> Response:
    """Begin a session, always a new one, or say that address or password is wrong."""
    settings, sent = request.app.state.settings, dict(fields)
    _takes_passwords(request)
    email, goal = sent.get("email", ""), goal_of(sent.get("goal", ""))
    if not security.is_enter_token(settings, sent.get("csrf", "")):
        return log_in_page(request, 403, "login.stale", email, goal)
    database: Database = request.app.state.database
    try:
        _, token = staff.log_in(
            database, settings, came_from(request), email, sent.get("password", "")
        )
    except NotAuthentic:
        return log_in_page(request, 401, "login.wrong", email, goal)
    end_earlier(request)
    answer = to(goal)
    keep_session(answer, settings, token)
    return answer


def goal_of(text: str) -> str:
    """Return where somebody wants to go, if it is a page of this door; else the library."""
    return text if text.startswith(HOME) and is_address(text) else HOME


def _takes_passwords(request: Request) -> None:
    """Raise NotPermitted where people come in by a login elsewhere alone."""
    if request.app.state.settings.oidc_only:
        raise NotPermitted("Passwords are not taken here.")


def end_earlier(request: Request) -> None:
    """End the session that this browser had before, if it had one."""
    database: Database = request.app.state.database
    try:
        with database.write() as session:
            staff.log_out(session, request.app.state.settings, token_of(request))
    except NotAuthentic:
        return


@router.post("/logout")
def log_out(here: Leaver) -> Response:
    """End the session, and leave nothing of it in the browser."""
    staff.log_out(here.session, here.settings, here.token)
    answer = to("/centre/login")
    end_session(answer, here.settings)
    return answer


@router.get("/invitation/{token}")
def invited(request: Request, token: str) -> Response:
    """Ask somebody who has a link for the password they want; to look does not use it."""
    _takes_passwords(request)
    database: Database = request.app.state.database
    with database.read() as session:
        person = staff.by_link(session, request.app.state.settings, token)
        return _ask_password(request, person)


@router.post("/invitation/{token}")
def choose(request: Request, token: str, fields: Fields) -> Response:
    """Keep the password of somebody who has a link, which is used by that."""
    settings, sent = request.app.state.settings, dict(fields)
    _takes_passwords(request)
    database: Database = request.app.state.database
    password, again = sent.get("password", ""), sent.get("again", "")
    with database.write() as session:
        person = staff.by_link(session, settings, token)
        if not security.is_enter_token(settings, sent.get("csrf", "")):
            return _ask_password(request, person, "login.stale", 403)
        if password != again:
            return _ask_password(request, person, "password.differ", 422)
        try:
            staff.choose_password(session, settings, token, password)
        except Refused:
            return _ask_password(request, person, "password.short", 422)
        cookie = staff.begin(session, settings, person.email)
    answer = to(HOME)
    keep_session(answer, settings, cookie)
    return answer


def _ask_password(
    request: Request, person: Person, wrong: str = "", status: int = 200
) -> HTMLResponse:
    more = {"wrong": wrong, "email": person.email, "name": person.name, "least": staff.LEAST}
    return open_page(request, "password.html", status, back_to=request.url.path, **more)
