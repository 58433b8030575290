"""Coming in by a login elsewhere, such as the hospital's own: sent there, and back with a code."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from app import security, staff
from app.access.openid import Attempt, Provider
from app.access.signed import NotSigned
from app.browser import came_from
from app.centre.entering import end_earlier, goal_of
from app.centre.pages import HOME, keep_session, log_in_page, to
from app.db import Database
from app.errors import NotAuthentic, NotFound, Unavailable
from app.models import now
from app.settings import Settings

router = APIRouter(
    prefix="/centre/oidc", default_response_class=HTMLResponse, include_in_schema=False
)

ATTEMPT = "svar_attempt"
"""Name of the cookie of an attempt, where pages are not served over https."""

LASTS = 600
"""Seconds that somebody may take to log in elsewhere."""

Text = Annotated[str, Query(max_length=4000)]


@router.get("")
def go(request: Request, goal: Text = "") -> Response:
    """Send the browser to the login elsewhere, with an attempt that is bound to it."""
    provider, settings = _provider(request)
    attempt = Attempt.new()
    try:
        answer = to(provider.address(attempt))
    except Unavailable:
        return log_in_page(request, 503, "login.elsewhere_away", goal=goal_of(goal))
    kept = security.sealed(settings, "attempt", [*attempt, goal_of(goal)])
    answer.set_cookie(
        _cookie(settings),
        kept,
        max_age=LASTS,
        path="/",
        secure=settings.secure,
        httponly=True,
        samesite="lax",
    )
    return answer


@router.get("/back")
def back(request: Request, code: Text = "", state: Text = "") -> Response:
    """Begin a session for whoever comes back as somebody who is invited, always a new one."""
    provider, settings = _provider(request)
    attempt, goal = _begun(request, settings)

    def show() -> str:
        if attempt is None or not code or not security.same(state, attempt.state):
            raise NotSigned("state: is of no attempt of this browser, or it was broken off")
        return provider.email(attempt, code, now().timestamp())

    database: Database = request.app.state.database
    try:
        token = staff.log_in_elsewhere(database, settings, came_from(request), show)
    except NotAuthentic:
        answer: Response = log_in_page(request, 401, "login.elsewhere_wrong", goal=goal)
    except Unavailable:
        answer = log_in_page(request, 503, "login.elsewhere_away", goal=goal)
    else:
        end_earlier(request)
        answer = to(goal)
        keep_session(answer, settings, token)
    answer.delete_cookie(_cookie(settings), secure=settings.secure, httponly=True, samesite="lax")
    return answer


def _provider(request: Request) -> tuple[Provider, Settings]:
    """Return the issuer of the settings; raises NotFound where there is none."""
    settings: Settings = request.app.state.settings
    if not settings.oidc_issuer:
        raise NotFound("There is no login elsewhere.")
    return request.app.state.provider, settings


def _begun(request: Request, settings: Settings) -> tuple[Attempt | None, str]:
    """Return the attempt that this browser began, if it did lately, and where it leads."""
    kept = request.cookies.get(_cookie(settings), "")
    found = security.unsealed(settings, "attempt", kept, LASTS)
    return (Attempt(*found[:3]), found[3]) if found else (None, HOME)


def _cookie(settings: Settings) -> str:
    """Return the name of the attempt's cookie; over https, one that no other site can set."""
    return f"__Host-{ATTEMPT}" if settings.secure else ATTEMPT
