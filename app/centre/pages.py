"""The PRO centre's pages: templates filled in, and the pages for what goes wrong."""

from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app import look, security
from app.browser import this_page
from app.centre.guard import Staff, form_token, language_for
from app.errors import SvarError, status_of
from app.settings import Settings
from app.staff import ROLES
from app.texts import CENTRE, texts_in

HOME = "/centre/"

_pages = Environment(
    loader=FileSystemLoader(Path(__file__).parent.parent / "templates" / "centre"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_pages.globals.update(address=look.address, languages=CENTRE, roles=tuple(ROLES))


def page(staff: Staff, template: str, status: int = 200, **more: Any) -> HTMLResponse:
    """Return a page for somebody who is logged in."""
    words = texts_in(staff.language, staff.settings.zone, "centre")
    more |= {"person": staff.person, "csrf": form_token(staff.settings, staff.token)}
    text = _pages.get_template(template).render(t=words, this_page=staff.this_page, **more)
    return HTMLResponse(text, status)


def open_page(
    request: Request, template: str, status: int = 200, *, back_to: str = HOME, **more: Any
) -> HTMLResponse:
    """Return a page for somebody who is not logged in; a language chosen on it leads `back_to`."""
    settings: Settings = request.app.state.settings
    words = texts_in(language_for(request), settings.zone, "centre")
    more |= {"csrf": security.enter_token(settings), "person": None}
    return HTMLResponse(
        _pages.get_template(template).render(t=words, this_page=back_to, **more), status
    )


def to(address: str) -> RedirectResponse:
    """Send the browser on, with a GET."""
    return RedirectResponse(address, 303)


def log_in_page(
    request: Request, status: int, wrong: str = "", email: str = "", goal: str = HOME
) -> HTMLResponse:
    """Return the page where one logs in; `goal` is where it leads."""
    settings: Settings = request.app.state.settings
    more = {"wrong": wrong, "email": email, "goal": goal, "label": settings.oidc_label}
    elsewhere, password = bool(settings.oidc_issuer), not settings.oidc_only
    return open_page(request, "login.html", status, elsewhere=elsewhere, password=password, **more)


def error_page(request: Request, error: Exception) -> Response:
    """Return a page that says what happened and what to do; who is not logged in may log in."""
    status = status_of(error)
    if status == 401:
        goal = this_page(request) if request.method == "GET" else HOME
        return log_in_page(request, 401, "login.needed", goal=goal)
    kind = str(status) if status in (403, 404, 409, 422, 429) else "other"
    fields = error.errors if isinstance(error, SvarError) and status in (409, 422) else ()
    detail = error.detail if isinstance(error, SvarError) and status in (409, 422) else ""
    answer = open_page(request, "error.html", status, kind=kind, detail=detail, fields=fields)
    answer.headers.update(getattr(error, "headers", None) or {})
    return answer


def keep_session(answer: Response, settings: Settings, token: str) -> None:
    """Give the browser the cookie by which somebody is known until it is closed."""
    answer.set_cookie(
        security.staff_cookie(settings),
        token,
        path="/",
        secure=settings.secure,
        httponly=True,
        samesite="lax",
    )


def end_session(answer: Response, settings: Settings) -> None:
    """Let the browser forget the session, and what it has kept of the pages."""
    answer.delete_cookie(
        security.staff_cookie(settings), secure=settings.secure, httponly=True, samesite="lax"
    )
    if settings.secure:
        answer.headers["Clear-Site-Data"] = '"cache"'
